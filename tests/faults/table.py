"""The faults of a campaign: a literal table of what is done, and how it is healed again.

Each row is an action that begins a fault when it is entered and heals it when it is left. Which member or road it
strikes is drawn from the dice of the campaign, so that a seed repeats it.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from faults.daemon import Deed
from faults.network import Road, Side, Weather
from faults.stage import HUB, NODES, Stage, wait_until_dead

Act = Callable[[Stage, random.Random], AbstractAsyncContextManager[str]]
"""Begins a fault, says of whom, and heals it."""

_MOMENTS: Final = ("before-commit", "after-commit", "after-sign")
_NODE_WRITES: Final = ("submit", "receive", "settle-custody", "settle-receipt")
_RELAY_WRITES: Final = ("custody", "receipt", "forget")
POINTS: Final = tuple(
    (member, f"{moment}:{write}")
    for members, writes in ((NODES, _NODE_WRITES), ((HUB,), _RELAY_WRITES))
    for member in members
    for write in writes
    for moment in _MOMENTS
)
"""Every point at which a member writes to its store."""

_PATIENCE_SECONDS: Final = 8.0


@asynccontextmanager
async def kill_anywhere(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A member is gone at any moment, as by a power cut."""
    member = dice.choice(stage.members)
    stage.kill(member)
    yield member
    await stage.start(member)


@asynccontextmanager
async def kill_at_a_write(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A member is gone at a point of its writing; if nothing is written there in time, anywhere."""
    member, point = dice.choice(POINTS)
    async with kill_at(member, point, dice.randint(1, 3))(stage, dice) as whom:
        yield whom


def kill_at(member: str, point: str, count: int = 1) -> Act:
    """Return the act that ends `member` when it passes `point` for the count-th time."""

    @asynccontextmanager
    async def kill(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
        stage.arm(member, point, count, Deed.KILL)
        fell = await wait_until_dead(stage.processes[member], _PATIENCE_SECONDS)
        stage.disarm(member)
        stage.kill(member)
        yield f"{member} at {point}" if fell else f"{member} anywhere"
        await stage.start(member)

    return kill


@asynccontextmanager
async def kill_two(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """Two members are gone at once."""
    members = dice.sample(stage.members, 2)
    for member in members:
        stage.kill(member)
    yield " and ".join(members)
    await asyncio.gather(*map(stage.start, members))


@asynccontextmanager
async def stop_and_continue(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A member stands still, with all its connections open (SIGSTOP), and goes on (SIGCONT)."""
    member = dice.choice(stage.members)
    stage.signal(member, signal.SIGSTOP)
    yield member
    stage.signal(member, signal.SIGCONT)


@asynccontextmanager
async def partition(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A road carries nothing, either way."""
    async with cut(_any_road(stage, dice).name)(stage, dice) as whom:
        yield whom


def cut(name: str) -> Act:
    """Return the act that cuts a road."""

    @asynccontextmanager
    async def cut_and_mend(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
        road = stage.roads.by_name[name]
        road.cut()
        yield name
        road.mend()

    return cut_and_mend


@asynccontextmanager
async def partition_one_way(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A road carries one way only."""
    road, side = _any_road(stage, dice), dice.choice(list(Side))
    road.cut(side)
    yield f"{road.name} {side}"
    road.mend()


@asynccontextmanager
async def partition_all(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """Nobody reaches anybody."""
    for road in stage.roads.by_name.values():
        road.cut()
    yield "all roads"
    stage.roads.mend()


@asynccontextmanager
async def reset_connections(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """All connections of a road end at once."""
    road = _any_road(stage, dice)
    road.reset()
    yield road.name


@asynccontextmanager
async def half_open(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """The far end of a road's connections is gone, and nobody told the near end."""
    road = _any_road(stage, dice)
    road.go_deaf()
    yield road.name
    road.mend()


@asynccontextmanager
async def slow_road(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A thin and long line."""
    road = _any_road(stage, dice)
    road.weather = Weather(delay_seconds=0.4, bytes_per_second=32_000)
    yield road.name
    road.mend()


@asynccontextmanager
async def lossy_road(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A line that loses packets, and now and then the connection."""
    road = _any_road(stage, dice)
    road.weather = Weather(pause_share=0.2, reset_share=0.02)
    yield road.name
    road.mend()


@asynccontextmanager
async def slow_disk(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A commit takes seconds."""
    member = dice.choice(stage.members)
    stage.arm(member, "before-commit", 1, Deed.STALL, seconds=dice.uniform(1, 4))
    yield member
    stage.disarm(member)


@asynccontextmanager
async def failing_commit(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A commit fails: an error of the disk before it, or one of which nobody knows whether it was before or after."""
    member, moment = dice.choice(stage.members), dice.choice(_MOMENTS[:2])
    stage.arm(member, moment, 1, Deed.FAIL)
    yield f"{member} {moment}"
    stage.disarm(member)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row: its name, how often it is to happen in half an hour at least, and for how many seconds."""

    name: str
    at_least: int
    seconds: tuple[float, float]
    act: Act


FAULTS: Final = (
    Fault("kill", 40, (0.0, 1.0), kill_anywhere),
    Fault("kill at a write", 50, (0.0, 1.0), kill_at_a_write),
    Fault("kill two", 5, (0.0, 2.0), kill_two),
    Fault("stop and continue", 5, (1.0, 6.0), stop_and_continue),
    Fault("partition", 5, (2.0, 8.0), partition),
    Fault("partition one way", 5, (2.0, 8.0), partition_one_way),
    Fault("partition of all", 5, (2.0, 6.0), partition_all),
    Fault("connections reset", 5, (0.0, 0.5), reset_connections),
    Fault("half-open connections", 5, (2.0, 5.0), half_open),
    Fault("slow road", 5, (3.0, 8.0), slow_road),
    Fault("lossy road", 5, (3.0, 8.0), lossy_road),
    Fault("slow disk", 5, (1.0, 4.0), slow_disk),
    Fault("failing commit", 5, (1.0, 2.0), failing_commit),
)
"""All that a campaign does."""


def _any_road(stage: Stage, dice: random.Random) -> Road:
    return stage.roads.by_name[dice.choice(sorted(stage.roads.by_name))]

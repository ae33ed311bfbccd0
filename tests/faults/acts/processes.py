"""Processes that die, stand still, or come to harm in the middle of a commit."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from faults.act import Act
from faults.daemon import Deed
from faults.stage import HUB, NODES, Stage, wait_until_dead

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
"""The writes on the way of mail at each of their moments; `tests/acceptance/test_kill_points.py` has others."""

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


def kill_at(member: str, point: str, count: int = 1, *, patience_seconds: float = _PATIENCE_SECONDS) -> Act:
    """Return the act that ends `member` when it passes `point` for the count-th time; anywhere if it does not."""

    @asynccontextmanager
    async def kill(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
        stage.arm(member, point, count, Deed.KILL)
        fell = await wait_until_dead(stage.processes[member], patience_seconds)
        stage.disarm(member)
        if fell:
            stage.history.note(member, "killed")
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

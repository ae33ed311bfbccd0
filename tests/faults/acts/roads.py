"""Roads that are cut, slow or lossy, or whose connections end."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faults.act import Act
from faults.network import Road, Side, Weather
from faults.stage import Stage


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


def _any_road(stage: Stage, dice: random.Random) -> Road:
    return stage.roads.by_name[dice.choice(sorted(stage.roads.by_name))]

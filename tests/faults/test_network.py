"""Roads carry what they should, and hinder what they are told to hinder; nothing is turned round or invented."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest

from faults.network import Road, Roads, Side, Weather


@pytest.fixture
async def road() -> AsyncIterator[Road]:
    """A road to somebody who says everything again."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(1000):
                writer.write(piece)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with Roads(seed=1) as roads:
        yield await roads.open("a>b", ("127.0.0.1", server.sockets[0].getsockname()[1]))
        for caller in Caller.open:
            caller.writer.transport.abort()
    server.close()
    await asyncio.sleep(0.02)  # for what was ended to be gone
    Caller.open.clear()


class Caller:
    """Who dials."""

    open: ClassVar[list[Caller]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.open.append(self)

    @classmethod
    async def dial(cls, road: Road) -> Caller:
        return cls(*await asyncio.open_connection("127.0.0.1", road.port))

    async def say(self, words: bytes) -> bytes:
        self.writer.write(words)
        return await self.reader.readexactly(len(words))


async def test_a_fair_road_carries_both_ways(road: Road) -> None:
    """Byte for byte, and it counts them."""
    caller = await Caller.dial(road)
    words = bytes(range(256)) * 400
    assert await caller.say(words) == words
    assert road.carried == {Side.UP: len(words), Side.DOWN: len(words)}


@pytest.mark.parametrize("sides", [(), (Side.UP,), (Side.DOWN,)])
async def test_what_a_cut_road_held_up_goes_on_when_it_is_mended(road: Road, sides: tuple[Side, ...]) -> None:
    """As TCP does: nothing is lost, the connection stays."""
    caller = await Caller.dial(road)
    assert await caller.say(b"before") == b"before"
    road.cut(*sides)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.say(b"between"), 0.1)
    road.mend()
    assert await caller.reader.readexactly(7) == b"between"


async def test_nobody_gets_through_on_a_cut_road(road: Road) -> None:
    """A new connection waits as long as an old one."""
    road.cut()
    caller = await Caller.dial(road)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.say(b"hello"), 0.1)
    road.mend()
    assert await caller.reader.readexactly(5) == b"hello"


async def test_a_reset_ends_the_connection(road: Road) -> None:
    """Both ends hear it."""
    caller = await Caller.dial(road)
    await caller.say(b"x")
    assert road.reset() == 1
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(caller.reader.readexactly(1), 60)


async def test_a_half_open_connection_says_nothing_until_it_is_mended(road: Road) -> None:
    """The near end cannot tell."""
    caller = await Caller.dial(road)
    await caller.say(b"x")
    assert road.go_deaf() == 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.say(b"anybody?"), 0.1)
    road.mend()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(caller.reader.readexactly(1), 60)


async def test_a_slow_road_takes_its_time(road: Road) -> None:
    """Delay there and back, and so many bytes a second."""
    road.weather = Weather(delay_seconds=0.05, bytes_per_second=20_000)
    caller = await Caller.dial(road)
    began = time.monotonic()
    await caller.say(bytes(1000))
    assert time.monotonic() - began >= 2 * (0.05 + 1000 / 20_000)


async def test_a_lossy_road_pauses_or_ends_but_never_changes_a_byte(road: Road) -> None:
    """What arrives of a connection is the beginning of what was said."""
    road.weather = Weather(reset_share=0.5)
    for _ in range(20):
        caller = await Caller.dial(road)
        caller.writer.write(b"abcdef")
        try:
            assert await asyncio.wait_for(caller.reader.readexactly(6), 60) == b"abcdef"
        except (ConnectionError, asyncio.IncompleteReadError):
            return
    pytest.fail("no connection ended")

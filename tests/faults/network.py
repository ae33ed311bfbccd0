"""The roads of a campaign: a TCP proxy on each, which can be slow, lossy, cut, deaf on one side, or gone.

    async with Roads() as roads:
        road = await roads.open("xaa>hub", ("127.0.0.1", 7443))      # listens on road.port
        road.weather = Weather(delay_seconds=0.4, bytes_per_second=8_000)
        road.cut(Side.UP)        # what the caller says no longer arrives; what it hears still does
        road.mend()

The kernel here cannot delay or drop packets (no netem), and TCP hides a lost packet as a pause: so a loss is a pause
of a retransmission here, or the end of the connection. Bytes of one connection are never turned round: a road
that does so is a crooked relay, not a network.
"""

from __future__ import annotations

import asyncio
import enum
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

_PIECE: Final = 16 * 1024
_LEAST_PIECE: Final = 512
_UNDER_WAY: Final = 64
_RETRANSMISSION_SECONDS: Final = 0.3


class Side(enum.StrEnum):
    """A direction of a road: from who dials, or to it."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Weather:
    """How a road is.

    Args:
        delay_seconds: until a byte arrives, in each direction; a connection begins with one exchange, as TCP's does.
        bytes_per_second: at most, in each direction of a connection; None: as fast as it goes.
        pause_share: share of pieces that wait for a retransmission.
        reset_share: share of pieces with which the connection ends.
    """

    delay_seconds: float = 0.0
    bytes_per_second: int | None = None
    pause_share: float = 0.0
    reset_share: float = 0.0


FAIR: Final = Weather()


class Road:
    """One way to one listener. Used on the event loop."""

    def __init__(self, name: str, target: tuple[str, int], dice: random.Random) -> None:
        self.name = name
        self.weather = FAIR
        self.carried: dict[Side, int] = dict.fromkeys(Side, 0)
        self._target = target
        self._dice = dice
        self._open = {side: asyncio.Event() for side in Side}
        self._connections: set[asyncio.Task[None]] = set()
        self._deaf: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.mend()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def listen(self) -> None:
        """Take callers from now on."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)

    def cut(self, *sides: Side) -> None:
        """Carry nothing any more in these directions, or in both; connections stay, as in a partition."""
        for side in sides or tuple(Side):
            self._open[side].clear()

    def mend(self) -> None:
        """Carry again, in fair weather; what was held up goes on."""
        self.weather = FAIR
        for gate in self._open.values():
            gate.set()
        for writer in self._deaf:
            writer.close()
        self._deaf.clear()

    def reset(self) -> int:
        """End all connections at once; return how many there were."""
        ended = list(self._connections)
        for task in ended:
            task.cancel()
        return len(ended)

    def go_deaf(self) -> int:
        """End all connections towards the listener, and tell the callers nothing: half open until mended."""
        ended = list(self._connections)
        for task in ended:
            task.cancel("half-open")
        return len(ended)

    async def close(self) -> None:
        """Take no more callers, and end all connections."""
        assert self._server is not None
        self._server.close()
        self.mend()
        self.reset()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        far: asyncio.StreamWriter | None = None
        half_open = False
        try:
            await self._open[Side.UP].wait()
            await asyncio.sleep(2 * self.weather.delay_seconds)
            far_reader, far = await asyncio.open_connection(*self._target)
            await self._carry_both(reader, far, far_reader, writer)
        except asyncio.CancelledError as why:
            half_open = "half-open" in why.args
        except OSError:
            pass  # nobody listens there, or one of the two is gone: the other hears it by the end below
        finally:
            self._connections.discard(task)
            self._hang_up(far, writer, half_open=half_open)

    async def _carry_both(
        self,
        reader: asyncio.StreamReader,
        far: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        ways = [
            *self._carry(reader, far, Side.UP),
            *self._carry(far_reader, writer, Side.DOWN),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: Side
    ) -> tuple[asyncio.Task[None], asyncio.Task[None]]:
        """Carry one direction: a piece leaves when the line is free, and others leave before it arrives."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_UNDER_WAY)
        return (
            asyncio.create_task(self._send(reader, under_way)),
            asyncio.create_task(self._bring(under_way, writer, side)),
        )

    async def _send(
        self, reader: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        while piece := await reader.read(self._piece_bytes()):
            await self._hinder(len(piece))
            await under_way.put((_now() + self.weather.delay_seconds, piece))
        await under_way.join()

    async def _bring(
        self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, side: Side
    ) -> None:
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(max(0.0, due - _now()))
            await self._open[side].wait()
            self.carried[side] += len(piece)
            writer.write(piece)
            await writer.drain()
            under_way.task_done()

    def _piece_bytes(self) -> int:
        rate = self.weather.bytes_per_second
        return min(_PIECE, max(_LEAST_PIECE, rate // 10)) if rate else _PIECE

    async def _hinder(self, size: int) -> None:
        weather = self.weather
        wait = size / weather.bytes_per_second if weather.bytes_per_second else 0.0
        if self._dice.random() < weather.pause_share:
            wait += _RETRANSMISSION_SECONDS
        if wait:
            await asyncio.sleep(wait)
        if self._dice.random() < weather.reset_share:
            raise ConnectionResetError

    def _hang_up(
        self, far: asyncio.StreamWriter | None, writer: asyncio.StreamWriter, *, half_open: bool
    ) -> None:
        for one in (far, None if half_open else writer):
            if one is not None:
                with suppress(OSError, RuntimeError):
                    one.transport.abort()
        if half_open:
            self._deaf.add(writer)


class Roads:
    """All roads of a campaign, by name."""

    def __init__(self, seed: int = 0) -> None:
        self._dice = random.Random(seed)
        self._roads: dict[str, Road] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for road in self._roads.values():
            await road.close()

    @property
    def by_name(self) -> Mapping[str, Road]:
        """The roads."""
        return self._roads

    async def open(self, name: str, target: tuple[str, int]) -> Road:
        """Return a new road to `target`."""
        road = self._roads[name] = Road(name, target, self._dice)
        await road.listen()
        return road

    def mend(self) -> None:
        """Mend all of them."""
        for road in self._roads.values():
            road.mend()


def _now() -> float:
    return asyncio.get_running_loop().time()

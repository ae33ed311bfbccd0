"""Goes over a log in the store, a little each hour, so that a flipped bit is found before an auditor finds it.

A tile is 256 hashes. One of the lowest level is compared with the entries that it is made from, one above with the
tiles below it, and when all were looked at, the root over them with the signed head. Nothing of it is remembered from
when it was written: everything is read from the disk. What is found is told (log line, metric, status) and the daemon
goes on: mail is not worse for it, and what others hold of the log proves which side of a damage is the right one.

    inspection = Inspection(store.log, random.randrange)
    inspection.show(meter)
    await inspection.run()

Where it begins is drawn by lot, so that a daemon that is often started anew sees all of it too. Logs of earlier epochs
are not looked at here; `tracepost log verify` reads those that are served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from tracepost.protocol.evidence import BlockHashes, Prover, leaf_hash
from tracepost.protocol.evidence.merkle import node_hash
from tracepost.serving.own_head import ShownHead
from tracepost.serving.telemetry import Meter

_log = structlog.get_logger()

EVERY_S: Final = 3600.0
ROUND_IN: Final = 168
"""All of it is looked at in so many times at most: a week."""

_UNREADABLE: Final = "unreadable"
_DOUBTED_AT_ONCE: Final = 64
_FIRST_S: Final = 60.0
_WIDTH: Final = 256
_HASH: Final = 32


class ReadableLog(Protocol):
    """A log whose parts are read from the store each time; blocking."""

    @property
    def head(self) -> ShownHead:
        """The newest head."""

    def read_block(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile, as far as the head goes."""

    def read_entries(self, first: int, count: int) -> bytes:
        """Return a bundle of leaf data (C2SP tlog-tiles); nothing, if they are not all there."""


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile by its level and its place in it."""

    level: int
    index: int


class Inspection:
    """One per process. `look` blocks; the rest is for the event loop."""

    def __init__(self, log: ReadableLog, draw: Callable[[int], int]) -> None:
        """Use `draw` for a number below another one."""
        self._log = log
        self._draw = draw
        self._next: int | None = None
        self._unread: set[Tile] = set()
        self.damaged: dict[Tile, str] = {}
        self.looked_at = 0

    def show(self, meter: Meter) -> None:
        """Put what was found on the metrics page."""
        found = meter.gauge("log_tiles_damaged", "Tiles of our log whose content on the disk does not fit.")
        found.set_function(lambda: float(len(self.damaged)))
        looked = meter.gauge("log_tiles_inspected", "Tiles of our log that were read again since the start.")
        looked.set_function(lambda: float(self.looked_at))

    async def run(self) -> None:
        """Look at some of the log each hour until cancelled."""
        await asyncio.sleep(_FIRST_S)
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """Look at the next share of the log."""
        size = self._log.head.size
        tiles = list(_tiles(size))
        if not tiles:
            return
        first = self._draw(len(tiles)) if self._next is None else self._next
        share = -(-len(tiles) // ROUND_IN)
        doubted = sorted({*self._unread, *self.damaged})[:_DOUBTED_AT_ONCE]
        chosen = [tiles[place % len(tiles)] for place in range(first, first + share)]
        for tile in dict.fromkeys([*doubted, *chosen]):
            self._note(tile, _objection(self._log, tile, size))
            self.looked_at += 1
        self._next = (first + share) % len(tiles)

    def _note(self, tile: Tile, objection: str) -> None:
        if objection == _UNREADABLE and tile not in self._unread:
            self._unread.add(
                tile
            )  # a database that is away for a moment is no damage: it is read again next time
            return
        self._unread.discard(tile)
        if not objection:
            self.damaged.pop(tile, None)
            return
        if tile not in self.damaged:
            _log.error("log-damaged", level=tile.level, tile=tile.index, reason=objection)
        self.damaged[tile] = objection


def _tiles(size: int) -> Iterator[Tile]:
    """Yield all tiles of a log of `size` entries, the lowest level first."""
    level, hashes = 0, size
    while hashes:
        yield from (Tile(level, index) for index in range(-(-hashes // _WIDTH)))
        level, hashes = level + 1, hashes // _WIDTH


def _objection(log: ReadableLog, tile: Tile, size: int) -> str:
    """Return what does not fit in a tile as it is in the store now; empty for nothing."""
    try:
        width = min((size >> 8 * tile.level) - tile.index * _WIDTH, _WIDTH)
        stored = log.read_block(tile.level, tile.index)[: width * _HASH]
        if len(stored) < width * _HASH:
            return "hashes-missing"
        made = _leaves(log, tile, width) if tile.level == 0 else _roots_below(log, tile, width)
        if made != stored:
            return "entries-differ" if tile.level == 0 else "hashes-differ"
        is_last = tile.level == 0 and tile.index == (size - 1) // _WIDTH
        return "root-differs" if is_last and not _is_under_head(log) else ""
    except Exception:  # noqa: BLE001 - what damage does to a reader is not known beforehand; it must not end the daemon
        return _UNREADABLE


def _leaves(log: ReadableLog, tile: Tile, width: int) -> bytes:
    bundle = log.read_entries(tile.index * _WIDTH, width)
    found, place = [], 0
    while place < len(bundle):
        length = int.from_bytes(bundle[place : place + 2])
        found.append(leaf_hash(bundle[place + 2 : place + 2 + length]))
        place += 2 + length
    return b"".join(found)


def _roots_below(log: ReadableLog, tile: Tile, width: int) -> bytes:
    places = range(tile.index * _WIDTH, tile.index * _WIDTH + width)
    return b"".join(_root_of(log.read_block(tile.level - 1, place)) for place in places)


def _root_of(tile: bytes) -> bytes:
    """Return the hash over a full tile."""
    if len(tile) != _WIDTH * _HASH:
        return b""
    hashes = [tile[place : place + _HASH] for place in range(0, len(tile), _HASH)]
    while len(hashes) > 1:
        hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _is_under_head(log: ReadableLog) -> bool:
    head = log.head
    return Prover(head.size, BlockHashes(log.read_block)).root() == head.root

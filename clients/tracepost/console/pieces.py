"""Pieces of a long message, so that no page of a case is heavy: a request may name three hundred weapons.

for piece in pieces_of(sheet):
    piece.sheet()
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from tracepost.console.paging import starts_of
from tracepost.console.showing import Grid, Sheet

PAGE_BYTES: Final = 30_000
"""So much of what was said stands on a page: what a page weighs compressed is well below 50 KB then, in any script."""
_TAGS_BYTES: Final = 12
"""About what the tags around a text add to a page that is sent compressed."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sheet: its number among all of them, and about how many bytes a page needs for it."""

    whole: Sheet
    number: int
    count: int
    start: int
    end: int
    weight: int

    def sheet(self) -> Sheet:
        """Return what stands in it; what began in an earlier piece has its heading and handling instructions again."""
        return _cut(self.whole, self.start, self.end)


def pieces_of(sheet: Sheet) -> list[Piece]:
    """Return the pieces of a sheet in their order, each light enough for a page; a light sheet is one."""
    weights = list(_weights(sheet))
    starts = list(starts_of(weights, PAGE_BYTES))
    ends = [*starts[1:], len(weights)]
    return [
        Piece(sheet, number, len(starts), start, end, sum(weights[start:end]))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def _weights(sheet: Sheet) -> Iterator[int]:
    """Yield what the heading weighs, and each line, each row of a table and each sheet within, as they are shown."""
    yield _bytes_of((sheet.heading,))
    yield from (_bytes_of((line.label, *line.texts)) for line in sheet.lines)
    yield from (_bytes_of(row) for grid in sheet.grids for row in grid.rows)
    for one in sheet.sheets:
        yield from _weights(one)


def _bytes_of(texts: Iterable[str]) -> int:
    return sum(_TAGS_BYTES + len(text.encode()) for text in texts)


def _size(sheet: Sheet) -> int:
    """Return how many places `_weights` counts."""
    own = 1 + len(sheet.lines) + sum(len(grid.rows) for grid in sheet.grids)
    return own + sum(map(_size, sheet.sheets))


def _cut(sheet: Sheet, start: int, end: int) -> Sheet:
    """Return what stands at the places from `start` to `end` (excluded) of a sheet, counted as `_weights` does."""
    place = 1 + len(sheet.lines)
    lines = sheet.lines[max(0, start - 1) : max(0, end - 1)]
    grids: list[Grid] = []
    for grid in sheet.grids:
        rows = grid.rows[max(0, start - place) : max(0, end - place)]
        grids.extend([replace(grid, rows=rows)] if rows else [])
        place += len(grid.rows)
    sheets: list[Sheet] = []
    for one in sheet.sheets:
        size = _size(one)
        if place < end and start < place + size:
            sheets.append(_cut(one, start - place, end - place))
        place += size
    return replace(sheet, lines=lines, grids=tuple(grids), sheets=tuple(sheets))

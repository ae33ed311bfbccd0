"""Small numbers kept back, and as much beside them as is needed that no sum gives them away.

    cells = {"asked": {"a", "b"}, "answered": {"a"}, "refused": {"b"}}
    hidden = suppress(cells, {"a": 9, "b": 2}, smallest=5)       # {"refused", "answered"}

A cell counts some of the kinds of things that were counted; sums are cells too, of many kinds. A number
from 1 to `smallest` - 1 is not told. Nor is any other that, added to and taken from all that is told, would
give it: whether it does is linear algebra over the kinds, which stands for an attacker who knows how
every number is made up. A zero is told: that nothing was, is no one's secret.

Nor do bounds give a small number away: six that are kept back and sum to six would each be one. A number that is kept
back is one at least, and a small one below `smallest`; where a sum that is told, and then the next with what came of
it, leave a small number one value alone, more is kept back, until it has two or nothing around it is told. Of a total
and its parts nothing more follows. Of tables that cross each other more may follow, from several sums at once: that is
not looked for. With a `smallest` of 2, to be small is to be one, and only that it is one at least is reckoned with.

Not done here: what several reports over time tell together. A period that was reported once is reported alike again.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeVar

Cell = TypeVar("Cell", bound=Hashable)
Kind = TypeVar("Kind", bound=Hashable)

_PRIME: Final = (1 << 61) - 1
"""Arithmetic is modulo a prime far above any coefficient that elimination of 0 and 1 brings here."""


def suppress(
    cells: Mapping[Cell, frozenset[Kind]],
    counts: Mapping[Kind, int],
    smallest: int,
    secret: Set[Cell] = frozenset(),
) -> frozenset[Cell]:
    """Return the cells that are not told.

    Args:
        cells: of which kinds each cell is the sum. A kind belongs to nobody but the cells that name it.
        counts: how many there were of each kind; a kind without a count had none.
        smallest: the smallest number above zero that is told.
        secret: cells whose number above zero is not told, however large it is.

    In whatever order cells come, and in whatever process, the same are kept back; `repr` tells cells apart.
    """
    names = sorted(cells, key=repr)
    values = [sum(counts.get(kind, 0) for kind in cells[name]) for name in names]
    present = [frozenset(kind for kind in cells[name] if counts.get(kind)) for name in names]
    small = {n for n, name in enumerate(names) if values[n] > 0 and (values[n] < smallest or name in secret)}
    # Parts before sums, small before large: what is lost is as little as may be. Among equals always the same one:
    # what one report keeps back and another tells would be told.
    dear = [(len(present[n]), values[n], n) for n in range(len(names))]
    below = {n: smallest for n in small if smallest > 2 and values[n] < smallest}
    bounds = _Bounds(values, below)
    hidden = (_hidden(island, small, dear, bounds) for island in _islands(_columns(present)))
    return frozenset(names[n] for n in chain.from_iterable(hidden))


def _hidden(
    cells: _Cells, small: Set[int], dear: Sequence[tuple[int, int, int]], bounds: _Bounds
) -> set[int]:
    """Return which of the cells are not told: the small ones, and for their sake the least dear."""
    kept = [cell for cell in cells if cell in small]
    hidden = set(kept)
    told = _basis(cells, hidden)
    for one in kept:
        while told_by := _sums_that_tell(cells[one], told):
            hidden.add(min(told_by, key=lambda cell: dear[cell]))
            told = _basis(cells, hidden)
    while around := _around(bounds.given_away(cells, hidden) & small, cells, hidden):
        hidden.add(min(around, key=lambda cell: dear[cell]))
    told = _basis(cells, hidden)
    # Kept back for the sake of another that a later one protects: what is told gives it, so it may be told itself.
    return {cell for cell in hidden if cell in small or not _sums_that_tell(cells[cell], told)}


# ---------------------------------------------------------------- linear algebra


_Cells = Mapping[int, frozenset[int]]
"""The columns that are summed in each cell, by their numbers; in the order of cells."""


def _columns(cells: Sequence[frozenset[Kind]]) -> _Cells:
    """Return the cells by numbers for kinds: kinds that the same cells count are one, as nothing tells them apart."""
    counted_by: dict[Kind, list[int]] = {}
    for cell, kinds in enumerate(cells):
        for kind in kinds:
            counted_by.setdefault(kind, []).append(cell)
    columns: list[list[int]] = [[] for _ in cells]
    for number, counting in enumerate(dict.fromkeys(map(tuple, counted_by.values()))):
        for cell in counting:
            columns[cell].append(number)
    return {cell: frozenset(numbers) for cell, numbers in enumerate(columns)}


def _islands(cells: _Cells) -> list[_Cells]:
    """Return the cells that count something, in groups with no column in common: none tells anything of another."""
    islands: list[tuple[frozenset[int], list[int]]] = []
    for cell, columns in cells.items():
        if columns:
            touched = [one for one in islands if not one[0].isdisjoint(columns)]
            islands = [one for one in islands if one not in touched]
            members = chain.from_iterable(one[1] for one in touched)
            islands.append((columns.union(*(one[0] for one in touched)), [*members, cell]))
    return [{cell: cells[cell] for cell in sorted(members)} for _columns, members in islands]


@dataclass(frozen=True, slots=True)
class _Row:
    """A combination of told cells: by how much of which columns it is made, and by how much of which cells."""

    columns: dict[int, int]
    cells: dict[int, int]

    def minus(self, other: _Row, factor: int) -> _Row:
        """Take away the other one, so many times."""
        return _Row(_minus(self.columns, other.columns, factor), _minus(self.cells, other.cells, factor))

    def divided(self, by: int) -> _Row:
        """Make a coefficient that is `by` one."""
        factor = pow(by, -1, _PRIME)
        return _Row(_times(self.columns, factor), _times(self.cells, factor))


_Basis = dict[int, _Row]
"""Rows by one of their columns, of which they have one, in the order found: each lacks those of the rows before it."""


def _basis(cells: _Cells, hidden: Set[int]) -> _Basis:
    """Return what the told cells tell, without what follows from the others."""
    basis: _Basis = {}
    for cell, columns in cells.items():
        if cell not in hidden:
            row = _reduced(_Row(dict.fromkeys(columns, 1), {cell: 1}), basis)
            if row.columns:
                pivot, value = next(iter(row.columns.items()))
                basis[pivot] = row.divided(value)
    return basis


def _sums_that_tell(columns: frozenset[int], basis: _Basis) -> list[int]:
    """Return told cells that, added and taken away, give the sum of `columns`; none if it cannot be had so."""
    left = _reduced(_Row(dict.fromkeys(columns, 1), {}), basis)
    return [] if left.columns else list(left.cells)


def _reduced(row: _Row, basis: _Basis) -> _Row:
    """Return what is left of `row` after all that `basis` can take from it."""
    # In the order in which they were found: each lacks the pivots before it.
    for pivot, other in basis.items():
        if value := row.columns.get(pivot):
            row = row.minus(other, value)
    return row


def _minus(these: Mapping[int, int], those: Mapping[int, int], factor: int) -> dict[int, int]:
    left = dict(these)
    for key, value in those.items():
        left[key] = (left.get(key, 0) - factor * value) % _PRIME
    return {key: value for key, value in left.items() if value}


def _times(these: Mapping[int, int], factor: int) -> dict[int, int]:
    return {key: value * factor % _PRIME for key, value in these.items()}


# ---------------------------------------------------------------- what bounds tell


_PASSES: Final = 50
"""So often each sum is looked at again; one after another they change little by then."""

_Span = tuple[int, int]
"""From the smallest to the largest that a number may be."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Between what the numbers lie, for who sees what is told.

    Args:
        values: of each cell.
        below: what small cells are known to be below.
    """

    values: Sequence[int]
    below: Mapping[int, int]

    def given_away(self, cells: _Cells, hidden: Set[int]) -> set[int]:
        """Return the cells of those that are kept back for which one value alone is left."""
        spans = self._narrowed(cells, hidden)
        reach = {cell: (self._sum(cell, cells, spans), self._known(cell, hidden)) for cell in hidden}
        return {
            cell for cell, (one, other) in reach.items() if max(one[0], other[0]) >= min(one[1], other[1])
        }

    def _known(self, cell: int, hidden: Set[int]) -> _Span:
        if cell not in hidden:
            return self.values[cell], self.values[cell]
        return 1, self.below.get(cell, _UNKNOWN) - 1

    def _sum(self, cell: int, cells: _Cells, spans: Mapping[int, _Span]) -> _Span:
        some = [spans[column] for column in cells[cell]]
        return sum(low for low, _ in some), sum(high for _, high in some)

    def _narrowed(self, cells: _Cells, hidden: Set[int]) -> dict[int, _Span]:
        """Return the span of each column: each cell narrows those of its columns by what the others leave them."""
        spans = dict.fromkeys(frozenset[int]().union(*cells.values()), (0, _UNKNOWN))
        for _again in range(_PASSES):
            before = dict(spans)
            for cell, columns in cells.items():
                known, (lows, highs) = self._known(cell, hidden), self._sum(cell, cells, spans)
                for column in columns:
                    low, high = spans[column]
                    least, most = known[0] - (highs - high), known[1] - (lows - low)
                    spans[column] = max(low, least), min(high, most)
            if spans == before:
                break
        return spans


_UNKNOWN: Final = 1 << 60
"""More than anything counts here."""


def _around(given_away: Set[int], cells: _Cells, hidden: Set[int]) -> list[int]:
    """Return told cells that count anything of what a told cell counts that counts some of these."""
    columns = frozenset[int]().union(*(cells[cell] for cell in given_away))
    told = {cell: counted for cell, counted in cells.items() if cell not in hidden}
    met = frozenset[int]().union(*(one for one in told.values() if not one.isdisjoint(columns)))
    return [cell for cell, counted in told.items() if not counted.isdisjoint(met)]

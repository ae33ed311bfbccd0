"""Small numbers kept back, and as much beside them as is needed that no sum gives them away.

    cells = {"asked": {"a", "b"}, "answered": {"a"}, "refused": {"b"}}
    hidden = suppress(cells, {"a": 9, "b": 2}, smallest=5)       # {"refused", "answered"}

A cell counts some of the kinds of things that were counted; sums are cells too, of many kinds. A number
from 1 to `smallest` - 1 is not told. Nor is any other that, added to and taken from all that is told, would
give it: whether it does is linear algebra over the kinds, which stands for an attacker who knows how
every number is made up. A zero is told: that nothing was, is no one's secret.

Not done here: what several reports over time tell together, and what follows from numbers being at least one: six
that are kept back and sum to six are each one. A period that was reported once is reported alike again.
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
    hidden = (_hidden(island, small, dear) for island in _islands(_columns(present)))
    return frozenset(names[n] for n in chain.from_iterable(hidden))


def _hidden(cells: _Cells, small: Set[int], dear: Sequence[tuple[int, int, int]]) -> set[int]:
    """Return which of the cells are not told: the small ones, and for their sake the least dear."""
    kept = [cell for cell in cells if cell in small]
    hidden = set(kept)
    told = _basis(cells, hidden)
    for one in kept:
        while told_by := _sums_that_tell(cells[one], told):
            hidden.add(min(told_by, key=lambda cell: dear[cell]))
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

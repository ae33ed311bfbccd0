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

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Cell = TypeVar("Cell", bound=Hashable)
Kind = TypeVar("Kind", bound=Hashable)
K = TypeVar("K", bound=Hashable)

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
    cells = dict(sorted(cells.items(), key=lambda one: repr(one[0])))
    values = {cell: sum(counts.get(kind, 0) for kind in kinds) for cell, kinds in cells.items()}
    present = {cell: frozenset(k for k in kinds if counts.get(k)) for cell, kinds in cells.items()}
    places = {cell: place for place, cell in enumerate(cells)}
    kept = [cell for cell in cells if values[cell] > 0 and (values[cell] < smallest or cell in secret)]
    if not kept:
        return frozenset()
    hidden = set(kept)
    told = _basis(present, hidden)
    for one in kept:
        while told_by := _sums_that_tell(present[one], told):
            # Parts before sums, small before large: what is lost is as little as may be. Among equals always the same
            # one: what one report keeps back and another tells would be told.
            hidden.add(min(told_by, key=lambda cell: (len(present[cell]), values[cell], places[cell])))
            told = _basis(present, hidden)
    # Kept back for the sake of another that a later one protects: what is told gives it, so it may be told itself.
    return frozenset(one for one in hidden if one in kept or not _sums_that_tell(present[one], told))


# ---------------------------------------------------------------- linear algebra


@dataclass(slots=True)
class _Row(Generic[Cell, Kind]):
    """A combination of told cells: by how much of which kinds it is made, and of which cells."""

    kinds: dict[Kind, int]
    cells: dict[Cell, int]

    def minus(self, other: _Row[Cell, Kind], factor: int) -> _Row[Cell, Kind]:
        return _Row(_minus(self.kinds, other.kinds, factor), _minus(self.cells, other.cells, factor))


_Basis = dict[Kind, _Row[Cell, Kind]]
"""Rows by one of their kinds, in the order in which they were found: each lacks those of the rows before it."""


def _basis(present: Mapping[Cell, frozenset[Kind]], hidden: Set[Cell]) -> _Basis[Kind, Cell]:
    """Return what the told cells tell, without what follows from the others."""
    basis: _Basis[Kind, Cell] = {}
    for cell, kinds in present.items():
        if kinds and cell not in hidden:
            row = _reduced(_Row(dict.fromkeys(kinds, 1), {cell: 1}), basis)
            if row.kinds:
                basis[next(iter(row.kinds))] = row
    return basis


def _sums_that_tell(kinds: frozenset[Kind], basis: _Basis[Kind, Cell]) -> list[Cell]:
    """Return told cells that, added and taken away, give the sum of `kinds`; none if it cannot be had so."""
    left = _reduced(_Row(dict.fromkeys(kinds, 1), {}), basis)
    return [] if left.kinds else list(left.cells)


def _reduced(row: _Row[Cell, Kind], basis: _Basis[Kind, Cell]) -> _Row[Cell, Kind]:
    """Return what is left of `row` after all that `basis` can take from it."""
    for (
        pivot,
        other,
    ) in basis.items():  # in the order in which they were found: each lacks the pivots before it
        if value := row.kinds.get(pivot):
            row = row.minus(other, value * pow(other.kinds[pivot], -1, _PRIME))
    return row


def _minus(these: Mapping[K, int], those: Mapping[K, int], factor: int) -> dict[K, int]:
    left = dict(these)
    for key, value in those.items():
        left[key] = (left.get(key, 0) - factor * value) % _PRIME
    return {key: value for key, value in left.items() if value}

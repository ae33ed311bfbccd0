"""Figures that are told to others: whether they fit together and give no small number away (messages.md, 5).

    suppressed = suppress_small(statistics)        # cells below the smallest are taken out and said to be
    fault = find_fault(statistics)                 # None, or what is wrong with them, with the place

A cell with fewer items than the smallest that is told, and more than none, may point to a case. It is taken
out, and as much beside it as is needed that no sum gives it away (`suppression`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tracepost.protocol.suppression import suppress
from tracepost.wire.v1 import statistics_pb2

_TRACED: Final = ("point_of_diversion", "first_recipient", "last_recorded_holder", "not_identified")
_EXCHANGED: Final = (
    "requests_sent",
    "requests_received",
    "acknowledged",
    "acknowledged_automatically",
    "answered",
    "answered_in_part",
    "refused",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with figures: field path, a code, words."""

    where: str
    reason: str
    words: str


# ---------------------------------------------------------------- taking out


def suppress_small(figures: statistics_pb2.Statistics) -> statistics_pb2.Statistics:
    """Return `figures` without their small cells, and without what would give one away (`suppression`)."""
    told = statistics_pb2.Statistics()
    told.CopyFrom(figures)
    ledger = _ledger(told)
    for place in sorted(suppress(ledger.cells, ledger.counts, told.smallest_cell)):
        _take_out(told, place)
    return told


Group = statistics_pb2.TraceCount | statistics_pb2.ExchangeCount
_Place = tuple[str, ...]
"""A cell: its list and number in it, or its group and field; "rest" and a total: what no part of it counts."""


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Which cells are told, what each is the sum of, and how many there are of each."""

    cells: dict[_Place, frozenset[_Place]] = field(default_factory=dict)
    counts: dict[_Place, int] = field(default_factory=dict)

    def add(self, place: _Place, number: int) -> None:
        """Add a cell that is no sum."""
        self.cells[place] = frozenset({place})
        self.counts[place] = number

    def add_total(self, place: _Place, number: int, parts: list[_Place]) -> None:
        """Add a cell that is the sum of `parts`, which were added before if they are told, and of a rest."""
        rest = ("rest", *place)
        known = [part for part in parts if part in self.cells]
        self.cells[place] = frozenset({*known, rest})
        self.counts[rest] = max(0, number - sum(self.counts[part] for part in known))


def _ledger(told: statistics_pb2.Statistics) -> _Ledger:
    """Return the told cells; grounds add up to what was refused, outcomes to what could be traced."""
    ledger = _Ledger()
    found = [(("found", str(index)), one) for index, one in enumerate(told.found) if one.HasField("items")]
    for place, one in found:
        if one.HasField("found_situation"):
            ledger.add(place, one.items)
    for place, one in found:
        if not one.HasField("found_situation"):
            parts: list[_Place] = [part for part, other in found if part != place and other.kind == one.kind]
            ledger.add_total(place, one.items, parts)
    for index, ground in enumerate(told.refused):
        if ground.HasField("items"):
            ledger.add(("refused", str(index)), ground.items)
    grounds = [place for place in ledger.cells if place[0] == "refused"]
    _add_fields(ledger, "traced", told.traced, _TRACED)
    _add_total(ledger, "traced", told.traced, "traceable", [("traced", name) for name in _TRACED])
    _add_fields(ledger, "exchanged", told.exchanged, tuple(n for n in _EXCHANGED if n != "refused"))
    _add_total(ledger, "exchanged", told.exchanged, "refused", grounds)
    return ledger


def _add_fields(ledger: _Ledger, name: str, group: Group, names: tuple[str, ...]) -> None:
    for one in names:
        if group.HasField(one):
            ledger.add((name, one), getattr(group, one))


def _add_total(ledger: _Ledger, name: str, group: Group, total: str, parts: list[_Place]) -> None:
    if group.HasField(total):
        ledger.add_total((name, total), getattr(group, total), parts)


def _take_out(told: statistics_pb2.Statistics, place: _Place) -> None:
    name, which = place
    if which.isdecimal():
        cell = getattr(told, name)[int(which)]
        cell.ClearField("items")
        cell.suppressed = True
    else:
        group = getattr(told, name)
        group.ClearField(which)
        group.suppressed.append(which)


def _totals(
    told: statistics_pb2.Statistics,
) -> Iterator[tuple[statistics_pb2.ItemCount, list[statistics_pb2.ItemCount]]]:
    """Yield each total over all situations with its parts."""
    for total in told.found:
        if not total.HasField("found_situation"):
            parts = [one for one in told.found if one.kind == total.kind and one.HasField("found_situation")]
            yield total, parts


# ---------------------------------------------------------------- judging


def find_fault(figures: statistics_pb2.Statistics) -> Fault | None:
    """Return what is wrong with `figures` that are to be told; None for nothing."""
    faults = (*_twice(figures), *_too_small(figures), *_sums(figures), *_given_away(figures))
    return next(iter(faults), None)


def _twice(figures: statistics_pb2.Statistics) -> Iterator[Fault]:
    seen = set()
    for index, one in enumerate(figures.found):
        key = (one.kind, one.found_situation)
        if key in seen:
            yield Fault(f"found.{index}", "cell-twice", "a cell is told twice")
        seen.add(key)
        if one.HasField("items") == one.suppressed:
            yield Fault(f"found.{index}", "told-or-suppressed", "a cell is told or said to be suppressed")
    for index, ground in enumerate(figures.refused):
        if ground.HasField("items") == ground.suppressed:
            yield Fault(f"refused.{index}", "told-or-suppressed", "a cell is told or said to be suppressed")


def _too_small(figures: statistics_pb2.Statistics) -> Iterator[Fault]:
    smallest, words = figures.smallest_cell, "a number as small as this is suppressed"
    cells = [(f"found.{index}.items", one.items) for index, one in enumerate(figures.found)]
    cells += [(f"refused.{index}.items", one.items) for index, one in enumerate(figures.refused)]
    yield from (Fault(where, "cell-too-small", words) for where, items in cells if 0 < items < smallest)
    groups: tuple[tuple[str, Group, tuple[str, ...]], ...] = (
        ("traced", figures.traced, ("traceable", *_TRACED)),
        ("exchanged", figures.exchanged, _EXCHANGED),
    )
    for name, group, fields in groups:
        for one in fields:
            if 0 < getattr(group, one) < smallest:
                yield Fault(name, "cell-too-small", words)


def _sums(figures: statistics_pb2.Statistics) -> Iterator[Fault]:
    for total, parts in _totals(figures):
        told = sum(one.items for one in parts)
        if total.HasField("items") and told > total.items:
            yield Fault("found", "sum", "the parts are more than the whole")
    reached = sum(getattr(figures.traced, name) for name in _TRACED)
    if figures.traced.HasField("traceable") and reached > figures.traced.traceable:
        yield Fault("traced", "sum", "more were traced than could be")


def _given_away(figures: statistics_pb2.Statistics) -> Iterator[Fault]:
    """Where a total is told, one suppressed part alone is no secret."""
    words = "a suppressed number can be had by subtraction; tracepost suppresses the next one too"
    for total, parts in _totals(figures):
        shown = any(one.items for one in parts)
        if total.HasField("items") and shown and sum(one.suppressed for one in parts) == 1:
            yield Fault("found", "given-away", words)
    hidden = [name for name in _TRACED if name in figures.traced.suppressed]
    shown_traced = any(getattr(figures.traced, name) for name in _TRACED)
    if figures.traced.HasField("traceable") and len(hidden) == 1 and shown_traced:
        yield Fault("traced", "given-away", words)

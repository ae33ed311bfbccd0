"""Figures that are told to others: whether they fit together and give no small number away (messages.md, 5).

    suppressed = suppress_small(statistics)        # cells below the smallest are taken out and said to be
    fault = find_fault(statistics)                 # None, or what is wrong with them, with the place

A cell with fewer items than the smallest that is told, and more than none, may point to a case. It is taken
out; and where it could be had again by subtraction, because it is the only one of its kind that was taken
out beside a total, the smallest of the others goes too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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
    """Return `figures` without their small cells, and without what would give one away."""
    told = statistics_pb2.Statistics()
    told.CopyFrom(figures)
    smallest = told.smallest_cell
    for cell in told.found:
        _suppress_cell(cell, smallest)
    for ground in told.refused:
        _suppress_cell(ground, smallest)
    _take_second_of_found(told)
    _take_second_of_refused(told)
    if told.HasField("traced"):
        _suppress_fields(told.traced, ("traceable", *_TRACED), smallest)
        _take_second_of_traced(told.traced)
    if told.HasField("exchanged"):
        _suppress_fields(told.exchanged, _EXCHANGED, smallest)
    return told


Cell = statistics_pb2.ItemCount | statistics_pb2.GroundCount
Group = statistics_pb2.TraceCount | statistics_pb2.ExchangeCount


def _suppress_cell(cell: Cell, smallest: int) -> None:
    if cell.HasField("items") and 0 < cell.items < smallest:
        _take_out(cell)


def _take_out(cell: Cell) -> None:
    cell.ClearField("items")
    cell.suppressed = True


def _suppress_fields(group: Group, names: tuple[str, ...], smallest: int) -> None:
    for name in names:
        if group.HasField(name) and 0 < getattr(group, name) < smallest:
            _take_field(group, name)


def _take_field(group: Group, name: str) -> None:
    group.ClearField(name)
    if name not in group.suppressed:
        group.suppressed.append(name)


def _take_second_of_found(told: statistics_pb2.Statistics) -> None:
    for total, parts in _totals(told):
        _take_second(total.HasField("items"), parts)


def _take_second_of_refused(told: statistics_pb2.Statistics) -> None:
    """Grounds add up to what was refused."""
    _take_second(told.HasField("exchanged") and told.exchanged.HasField("refused"), list(told.refused))


def _take_second(
    total_is_told: bool, parts: list[statistics_pb2.ItemCount] | list[statistics_pb2.GroundCount]
) -> None:
    hidden = [one for one in parts if one.suppressed]
    shown = [one for one in parts if one.HasField("items") and one.items]
    if total_is_told and len(hidden) == 1 and shown:
        _take_out(min(shown, key=lambda one: one.items))


def _take_second_of_traced(traced: statistics_pb2.TraceCount) -> None:
    hidden = [name for name in _TRACED if name in traced.suppressed]
    shown = [name for name in _TRACED if getattr(traced, name)]
    if traced.HasField("traceable") and len(hidden) == 1 and shown:
        _take_field(traced, min(shown, key=lambda name: int(getattr(traced, name))))


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
        for field in fields:
            if 0 < getattr(group, field) < smallest:
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

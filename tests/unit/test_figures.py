"""Figures that are told: small ones go, and what would give them away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import notices as n
from tracepost.protocol.figures import find_fault, suppress_small
from tracepost.wire.v1 import statistics_pb2, terms_pb2, weapon_pb2

WEAPON = "ITEM_KIND_WEAPON"


def cell(items: int, situation: str | None = None, kind: str = WEAPON) -> dict[str, Any]:
    return {"kind": kind, "items": items, "found_situation": situation and f"FOUND_SITUATION_{situation}"}


def told(figures: statistics_pb2.Statistics) -> list[int | None]:
    return [one.items if one.HasField("items") else None for one in figures.found]


def test_small_numbers_go_and_a_zero_stays() -> None:
    figures = n.statistics(
        found=[cell(4), cell(5, kind="ITEM_KIND_MAGAZINE"), cell(0, kind="ITEM_KIND_SILENCER")]
    )
    assert told(suppress_small(figures)) == [None, 5, 0]
    assert suppress_small(figures).found[0].suppressed


def test_one_number_that_went_is_not_had_by_subtraction() -> None:
    figures = n.statistics(found=[cell(30), cell(3, "SEIZED"), cell(7, "FOUND"), cell(20, "SURRENDERED")])
    assert told(suppress_small(figures)) == [30, None, None, 20]


def test_two_numbers_that_went_hide_each_other() -> None:
    figures = n.statistics(found=[cell(30), cell(3, "SEIZED"), cell(2, "FOUND"), cell(25, "SURRENDERED")])
    assert told(suppress_small(figures)) == [30, None, None, 25]


def test_without_a_total_one_is_enough() -> None:
    figures = n.statistics(found=[cell(3, "SEIZED"), cell(7, "FOUND")])
    assert told(suppress_small(figures)) == [None, 7]


def test_counts_of_traces_and_of_requests_are_suppressed_alike() -> None:
    figures = n.statistics(
        traced={"traceable": 40, "point_of_diversion": 2, "first_recipient": 30, "not_identified": 8},
        exchanged={"requests_sent": 9, "answered": 3, "median_days": 2},
        refused=[{"ground": "WITHHOLDING_GROUND_CAPACITY", "items": 1}],
    )
    out = suppress_small(figures)
    assert set(out.traced.suppressed) == {"point_of_diversion", "not_identified"}
    assert not out.traced.HasField("point_of_diversion")
    assert list(out.exchanged.suppressed) == ["answered"]
    assert (out.exchanged.requests_sent, out.exchanged.median_days) == (9, 2)
    assert out.refused[0].suppressed
    assert figures.traced.point_of_diversion == 2


@pytest.mark.parametrize(
    ("figures", "where", "reason"),
    [
        (n.statistics(found=[cell(9), cell(9)]), "found.1", "cell-twice"),
        (n.statistics(found=[{"kind": WEAPON}]), "found.0", "told-or-suppressed"),
        (
            n.statistics(found=[{"kind": WEAPON, "items": 9, "suppressed": True}]),
            "found.0",
            "told-or-suppressed",
        ),
        (n.statistics(refused=[{"ground": 1}]), "refused.0", "told-or-suppressed"),
        (n.statistics(found=[cell(4)]), "found.0.items", "cell-too-small"),
        (n.statistics(refused=[{"ground": 1, "items": 1}]), "refused.0.items", "cell-too-small"),
        (n.statistics(traced={"first_recipient": 1}), "traced", "cell-too-small"),
        (n.statistics(exchanged={"refused": 1}), "exchanged", "cell-too-small"),
        (n.statistics(found=[cell(9), cell(8, "SEIZED"), cell(8, "FOUND")]), "found", "sum"),
        (
            n.statistics(traced={"traceable": 9, "point_of_diversion": 8, "first_recipient": 8}),
            "traced",
            "sum",
        ),
        (
            n.statistics(
                found=[
                    cell(9),
                    {"kind": WEAPON, "suppressed": True, "found_situation": "FOUND_SITUATION_FOUND"},
                    cell(6, "SEIZED"),
                ]
            ),
            "found",
            "given-away",
        ),
        (
            n.statistics(traced={"traceable": 9, "first_recipient": 6, "suppressed": ["point_of_diversion"]}),
            "traced",
            "given-away",
        ),
    ],
)
def test_figures_with_a_fault_are_found(figures: statistics_pb2.Statistics, where: str, reason: str) -> None:
    fault = find_fault(figures)
    assert fault is not None
    assert (fault.where, fault.reason) == (where, reason)


SITUATIONS = [value.number for value in weapon_pb2.FoundSituation.DESCRIPTOR.values if value.number]
GROUNDS = [value.number for value in terms_pb2.WithholdingGround.DESCRIPTOR.values if value.number]


@given(
    parts=st.dictionaries(st.sampled_from(SITUATIONS), st.integers(0, 20), max_size=5),
    refused=st.dictionaries(st.sampled_from(GROUNDS), st.integers(0, 20), max_size=4),
    smallest=st.integers(2, 12),
)
def test_what_was_suppressed_has_no_fault(
    parts: dict[int, int], refused: dict[int, int], smallest: int
) -> None:
    found: list[Any] = [{"kind": WEAPON, "items": sum(parts.values())}]
    found += [{"kind": WEAPON, "found_situation": s, "items": items} for s, items in parts.items()]
    grounds: list[Any] = [{"ground": g, "items": items} for g, items in refused.items()]
    figures = n.statistics(found=found, refused=grounds, smallest_cell=smallest)
    assert find_fault(suppress_small(figures)) is None

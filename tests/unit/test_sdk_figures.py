"""Figures to be told, taken from the member's own report."""

from __future__ import annotations

from typing import Any

from tracepost.protocol import schema
from tracepost.protocol.figures import find_fault, suppress_small
from tracepost.sdk.figures import figures_of
from tracepost.wire.v1 import report_pb2, terms_pb2

CAPACITY, SECURITY = (
    terms_pb2.WITHHOLDING_GROUND_CAPACITY,
    terms_pb2.WITHHOLDING_GROUND_NATIONAL_SECURITY,
)


def cell(direction: str, measure: str, value: int | None, **more: Any) -> report_pb2.ReportCell:
    return report_pb2.ReportCell(
        direction=f"REPORT_DIRECTION_{direction}", measure=f"REPORT_MEASURE_{measure}", value=value, **more
    )


def report(*cells: report_pb2.ReportCell, **more: Any) -> report_pb2.Report:
    return report_pb2.Report(from_day="2025-01-01", to_day="2025-12-31", smallest=5, cells=cells, **more)


def test_what_was_exchanged_is_what_the_member_asked_and_did() -> None:
    made = report(
        cell("SENT", "ASKED", 40),
        cell("RECEIVED", "ASKED", 30),
        cell("RECEIVED", "ACKNOWLEDGED", 20),
        cell("RECEIVED", "ACKNOWLEDGED_AUTOMATICALLY", 8),
        cell("RECEIVED", "ANSWERED", None),
        cell("RECEIVED", "REFUSED", 9),
        cell("RECEIVED", "REFUSED", 9, ground=SECURITY),
        cell("RECEIVED", "REFUSED", None, ground=CAPACITY),
        cell("RECEIVED", "MEDIAN_DAYS_TO_ANSWER", 121),
        cell("SENT", "ANSWERED", 33),
        cell("SENT", "ASKED", 12, peer="xab"),
    )
    told = figures_of(made, "XAA")
    said = told.exchanged
    assert (said.requests_sent, said.requests_received, said.acknowledged) == (40, 30, 20)
    assert (said.acknowledged_automatically, said.refused, said.median_days) == (8, 9, 13)
    assert list(said.suppressed) == ["answered"]
    assert [(one.ground, one.items, one.suppressed) for one in told.refused] == [
        (SECURITY, 9, False),
        (CAPACITY, 0, True),
    ]
    schema.validate(told)
    assert find_fault(suppress_small(told)) is None


def test_only_the_point_of_diversion_counts_as_traced() -> None:
    made = report(
        cell("SENT", "TRACED", 7),
        cell("SENT", "OUTCOME", 12, reach="REACH_FIRST_RECIPIENT"),
        cell("SENT", "OUTCOME", None, reach="REACH_LAST_RECORDED_HOLDER"),
        cell("SENT", "OUTCOME", 90, identification="IDENTIFICATION_CONFIRMED"),
    )
    traced = figures_of(made, "XAA").traced
    assert (traced.point_of_diversion, traced.first_recipient) == (7, 12)
    assert list(traced.suppressed) == ["last_recorded_holder"]

"""What a case says that the next message needs."""

from __future__ import annotations

from typing import Any

import pytest

from tracepost.protocol.errors import NotFoundError
from tracepost.sdk import cases
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2


def statement(kind: str, digest: str, at: str, member: str = "xaa", **content: Any) -> desk_pb2.StatementView:
    return desk_pb2.StatementView(
        kind=kind, statement=digest, issued_at=at, from_member=member, content=desk_pb2.Content(**content)
    )


def request(digest: str, at: str, **fields: Any) -> desk_pb2.StatementView:
    return statement("trace.request/1", digest, at, trace_request=trace_pb2.TraceRequest(**fields))


def view(*statements: desk_pb2.StatementView) -> desk_pb2.CaseView:
    return desk_pb2.CaseView(summary=desk_pb2.CaseSummary(thread="t"), statements=statements)


def test_the_newest_request_is_meant_unless_another_is_named() -> None:
    case = view(request("old", "2026-01-01T00:00:00Z"), request("new", "2026-02-01T00:00:00Z"))
    assert cases.request_of(case).statement == "new"
    assert cases.request_of(case, "old").statement == "old"
    with pytest.raises(NotFoundError):
        cases.request_of(case, "none")
    with pytest.raises(NotFoundError):
        cases.request_of(view())


def test_restrictions_and_arrival_are_read_from_the_case() -> None:
    one = request("r", "2026-01-01T00:00:00Z")
    one.restrictions.add(code=terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE)
    assert cases.restrictions_of(one) == [terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE]
    events = [
        desk_pb2.TimelineEvent(event="sent", statement="r", at="2026-01-01T00:00:00Z"),
        desk_pb2.TimelineEvent(event="received", statement="r", at="2026-01-02T03:04:05.678Z"),
    ]
    assert cases.received_at(events, "r") == "2026-01-02T03:04:05Z"
    assert cases.received_at(events, "other") is None


def test_reminders_of_one_member_are_counted() -> None:
    reminder = trace_pb2.Status(state=trace_pb2.PROCESSING_STATE_REMINDER)
    other = trace_pb2.Status(state=trace_pb2.PROCESSING_STATE_UNDER_TRACE)
    case = view(
        statement("trace.status/1", "a", "2026-01-01T00:00:00Z", "xaa", status=reminder),
        statement("trace.status/1", "b", "2026-01-02T00:00:00Z", "xaa", status=other),
        statement("trace.status/1", "c", "2026-01-03T00:00:00Z", "xab", status=reminder),
    )
    assert cases.reminders_sent(case, "xaa") == 1


def test_an_item_ends_where_the_farthest_answer_got() -> None:
    summary = desk_pb2.CaseSummary(thread="t")
    item = summary.items.add(item_id="1")
    item.answers.add(by_member="xab", reach=trace_pb2.REACH_MAKER, final=True)
    item.answers.add(by_member="xac", reach=trace_pb2.REACH_POINT_OF_DIVERSION)
    summary.items.add(item_id="2")
    first, second = cases.outcomes_of(summary)
    assert (first.answered_by, first.reach) == ("xac", trace_pb2.REACH_POINT_OF_DIVERSION)
    assert not second.HasField("answered_by")

"""A robot for exercises: what it says follows from its seed and from the case, and nothing real is touched."""

from __future__ import annotations

import datetime as dt

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from fakes import messages as m
from tracepost.protocol.schema import kind_of, validate
from tracepost.sdk.drafts import wrap_content
from tracepost.sdk.robot import Manner, Plan, choose, plan
from tracepost.wire.v1 import desk_pb2, trace_pb2

START = 1_800_000_000
SLOW = Plan(acknowledge_seconds=10, answer_seconds=100, asks_back=False, luck=0)
ASKING = Plan(acknowledge_seconds=10, answer_seconds=100, asks_back=True, luck=0)


def at(seconds: float) -> str:
    return dt.datetime.fromtimestamp(START + seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def said(
    message: Message, seconds: float, by: str = "xaa", *, exercise: bool = True
) -> desk_pb2.StatementView:
    return desk_pb2.StatementView(
        kind=kind_of(message),
        from_member=by,
        issued_at=at(seconds),
        exercise=exercise,
        content=wrap_content(message),
    )


def case(*statements: desk_pb2.StatementView, exercise: bool = True) -> desk_pb2.CaseView:
    items = [desk_pb2.ItemSummary(item_id="1"), desk_pb2.ItemSummary(item_id="2")]
    return desk_pb2.CaseView(
        summary=desk_pb2.CaseSummary(exercise=exercise, items=items), statements=statements
    )


def kind_at(view: desk_pb2.CaseView, treated: Plan, seconds: float) -> str:
    """Return what the robot says at that time; empty for nothing."""
    chosen = choose(view, treated, START + seconds)
    if chosen is None:
        return ""
    validate(chosen[1])
    return kind_of(chosen[1])


REQUEST = m.request("T-1", "1", "2")
ACKNOWLEDGED = said(m.acknowledgement(2), 10, "xab")


def test_it_acknowledges_when_its_time_has_come() -> None:
    view = case(said(REQUEST, 0))
    assert [kind_at(view, SLOW, t) for t in (0, 9, 10)] == ["", "", "trace.acknowledgement/1"]


def test_it_answers_each_item_and_then_no_more() -> None:
    view = case(said(REQUEST, 0), ACKNOWLEDGED)
    assert [kind_at(view, SLOW, t) for t in (20, 109, 110)] == ["", "", "trace.response/1"]
    chosen = choose(view, SLOW, START + 110)
    assert chosen is not None
    assert isinstance(chosen[1], trace_pb2.Response)
    assert [one.item_id for one in chosen[1].answers] == ["1", "2"]
    assert chosen[1].final
    done = case(*view.statements, said(chosen[1], 110, "xab"))
    assert kind_at(done, SLOW, 10_000) == ""


def test_it_asks_back_once_and_waits_for_what_it_asked() -> None:
    view = case(said(REQUEST, 0), ACKNOWLEDGED)
    assert kind_at(view, ASKING, 110) == "trace.information-request/1"
    asked = case(*view.statements, said(m.information_request(), 110, "xab"))
    assert kind_at(asked, ASKING, 10_000) == ""
    supplied = case(*asked.statements, said(m.supply(), 200))
    assert [kind_at(supplied, ASKING, t) for t in (299, 300)] == ["", "trace.response/1"]


@pytest.mark.parametrize("summary", [True, False])
@pytest.mark.parametrize("statement", [True, False])
def test_what_is_real_is_left_alone(*, summary: bool, statement: bool) -> None:
    view = case(said(REQUEST, 0, exercise=statement), exercise=summary)
    assert bool(kind_at(view, SLOW, 10_000)) == (summary and statement)


@given(st.integers(), st.integers(0, 10_000), st.floats(0, 1), st.integers(0, 86400))
def test_the_same_seed_does_the_same_again(seed: int, number: int, share: float, seconds: int) -> None:
    manner = Manner(seconds, seconds, share, seed)
    first = plan(manner, "xaa", number)
    assert plan(manner, "xaa", number) == first
    for one in (first.acknowledge_seconds, first.answer_seconds):
        assert 0.5 * seconds <= one <= 1.5 * seconds
    assert share > 0 or not first.asks_back
    assert share < 1 or first.asks_back

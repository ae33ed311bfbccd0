"""Figures of a member's traces: what is counted, how often, and what is kept back."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes import messages as m
from fakes.inquiry import letter as by_letter
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId
from tracepost.protocol.lifecycle import CaseEvent
from tracepost.protocol.schema import kind_of
from tracepost.protocol.tallies import (
    IAFQ,
    RECEIVED,
    SENT,
    Asked,
    Cell,
    Domestic,
    Ending,
    Part,
    Result,
    observe,
    tally,
)
from tracepost.wire.v1 import report_pb2 as r
from tracepost.wire.v1 import terms_pb2, trace_pb2

XAA, XAB, XAC = MemberId("xaa"), MemberId("xab"), MemberId("xac")
THREAD = ThreadId("01993b4e-0000-7000-8000-000000000001")
DAY = 86400
START = 1_800_000_000
SECRET = terms_pb2.WITHHOLDING_GROUND_NATIONAL_SECURITY
BUSY = terms_pb2.WITHHOLDING_GROUND_CAPACITY


class Case:
    """Statements of one case, a day apart."""

    def __init__(self, *, exercise: bool = False) -> None:
        self.events: list[CaseEvent] = []
        self._exercise = exercise

    def say(self, iss: MemberId, message: Message, *to: MemberId) -> Case:
        number = len(self.events)
        before = self.events[-1].digest if self.events else None
        self.events.append(
            CaseEvent(
                iss=iss,
                aud=to,
                iat=START + number * DAY,
                jti=f"{number:04d}",
                kind=kind_of(message),
                digest=StatementDigest(bytes([number]) * 32),
                in_reply_to=before,
                message=message,
                exercise=self._exercise,
            )
        )
        return self

    @property
    def asked(self) -> list[Asked]:
        return observe(THREAD, self.events)


def answer(item: str, reach: str = "POINT_OF_DIVERSION", stopped: str = "NOT_STOPPED") -> trace_pb2.Response:
    told = trace_pb2.Answer(
        item_id=item,
        identification="IDENTIFICATION_CONFIRMED",
        reach=f"REACH_{reach}",
        stopped_because=f"STOPPED_BECAUSE_{stopped}",
    )
    return trace_pb2.Response(answers=[told], final=True)


def acknowledgement(*, automatic: bool = False) -> trace_pb2.Acknowledgement:
    return trace_pb2.Acknowledgement(automatic=automatic)


# ── one case ─────────────────────────────────────────────────────────────────────────


def test_each_item_and_member_asked_is_observed_with_what_came_of_it() -> None:
    case = Case().say(XAA, m.request("T-1", "1", "2"), XAB, XAC)
    case.say(XAB, acknowledgement(), XAA).say(XAB, answer("1"), XAA)
    case.say(XAC, trace_pb2.Refusal(ground=SECRET), XAA)
    told = {(one.item_id, one.of): one for one in case.asked}
    assert {key: one.ending for key, one in told.items()} == {
        ("1", XAB): Ending.ANSWERED,
        ("2", XAB): Ending.UNANSWERED,
        ("1", XAC): Ending.REFUSED,
        ("2", XAC): Ending.REFUSED,
    }
    first = told["1", XAB]
    assert (first.at, first.acknowledged_at, first.answered_at) == (START, START + DAY, START + 2 * DAY)
    assert told["1", XAC].ground == SECRET


def test_what_is_asked_and_answered_by_letter_is_counted_as_what_it_says() -> None:
    case = Case().say(XAA, by_letter(request=m.request("T-1", "1")))
    case.say(XAA, by_letter(incoming=True, response=answer("1")))
    [asked] = case.asked
    assert (asked.requester, asked.of, asked.ending) == (XAA, "letter:xyz-office", Ending.ANSWERED)
    assert asked.answered_at == START + DAY


def test_a_machines_acknowledgement_is_no_offices() -> None:
    case = Case().say(XAA, m.request(), XAB).say(XAB, acknowledgement(automatic=True), XAA)
    assert case.asked[0].acknowledged_at is None
    case.say(XAB, acknowledgement(), XAA).say(XAB, acknowledgement(), XAA)
    assert case.asked[0].acknowledged_at == START + 2 * DAY


def test_an_exercise_is_not_counted() -> None:
    assert Case(exercise=True).say(XAA, m.request(), XAB).asked == []


def test_a_delay_and_a_hint_where_to_ask_are_told_apart_from_an_answer() -> None:
    hint = trace_pb2.Redirect(redirections=[trace_pb2.Redirection(item_id="1", ask_member=XAC)])
    case = Case().say(XAA, m.request(), XAB).say(XAB, trace_pb2.Delay(ground=BUSY), XAA).say(XAB, hint, XAA)
    [one] = case.asked
    assert (one.ending, list(one.delays)) == (Ending.REDIRECTED, [BUSY])


def test_a_withdrawn_item_that_was_answered_stays_answered() -> None:
    taken_back = trace_pb2.Withdrawal(step=trace_pb2.WITHDRAWAL_STEP_ASKED)
    case = (
        Case().say(XAA, m.request("T-1", "1", "2"), XAB).say(XAB, answer("1"), XAA).say(XAA, taken_back, XAB)
    )
    assert [one.ending for one in case.asked] == [Ending.ANSWERED, Ending.WITHDRAWN]


def test_who_is_not_asked_answers_nothing() -> None:
    case = Case().say(XAA, m.request(), XAB).say(XAC, answer("1"), XAA)
    assert [(one.of, one.ending) for one in case.asked] == [(XAB, Ending.UNANSWERED)]


def test_a_referral_asks_its_addressee_for_the_requester() -> None:
    referral = trace_pb2.Referral(requester=XAA, item_ids=["1"])
    case = Case().say(XAB, referral, XAC, XAA)
    assert [(one.requester, one.of) for one in case.asked] == [(XAA, XAC)]


# ── many ─────────────────────────────────────────────────────────────────────────────


def asked(number: int, **more: Any) -> Asked:
    told: dict[str, Any] = {"requester": XAA, "of": XAB, "at": START, **more}
    return Asked(thread=ThreadId(f"case-{number}"), item_id="1", **told)


def some(count: int, first: int = 0, **more: Any) -> list[Asked]:
    return [asked(first + number, **more) for number in range(count)]


def answered(reach: int = trace_pb2.REACH_POINT_OF_DIVERSION, days: int = 10) -> dict[str, Any]:
    result = Result(trace_pb2.IDENTIFICATION_CONFIRMED, reach, trace_pb2.STOPPED_BECAUSE_NOT_STOPPED)
    return {"answered_at": START + days * DAY, "result": result}


def number(
    told: Sequence[Asked], measure: int, direction: int = SENT, smallest: int = 1, **codes: Any
) -> Any:
    counted = tally(told, XAA, smallest=smallest, per_peer=bool(codes.get("peer")))
    return counted.numbers[Cell(direction, measure, **codes)]


def test_sums_agree() -> None:
    told = [*some(6, **answered()), *some(7, 10, refused=True, ground=SECRET), *some(8, 20, of=XAC)]
    assert number(told, r.REPORT_MEASURE_ASKED) == 21
    assert number(told, r.REPORT_MEASURE_ANSWERED) == 6
    assert number(told, r.REPORT_MEASURE_REFUSED) == 7
    assert number(told, r.REPORT_MEASURE_REFUSED, ground=SECRET) == 7
    assert number(told, r.REPORT_MEASURE_REFUSED, ground=BUSY) == 0
    assert number(told, r.REPORT_MEASURE_UNANSWERED) == 8
    assert number(told, r.REPORT_MEASURE_ASKED, RECEIVED) == 0


def test_an_item_asked_of_two_members_is_asked_twice_and_one_item() -> None:
    told = [asked(1), asked(1, of=XAC, **answered())]
    assert number(told, r.REPORT_MEASURE_ASKED) == 2
    assert number(told, r.REPORT_MEASURE_ITEMS) == 1
    assert number(told, r.REPORT_MEASURE_TRACED) == 1


@pytest.mark.parametrize("reach", [1, 2, 3, 4])
def test_a_first_recipient_is_not_traced(reach: int) -> None:
    assert number([asked(1, **answered(reach))], r.REPORT_MEASURE_TRACED) == 0


def test_the_share_is_one_of_the_networks_items_unless_domestic_figures_are_keyed_in() -> None:
    told = [*some(10, **answered()), *some(10, 10, **answered(trace_pb2.REACH_MAKER))]
    alone = tally(told, XAA, smallest=5).numbers
    assert alone[Cell(SENT, r.REPORT_MEASURE_NETWORK_SHARE)] == 500
    assert Cell(SENT, r.REPORT_MEASURE_INDICATOR_SHARE) not in alone
    whole = tally(told, XAA, smallest=5, domestic=Domestic(100, 30, 5)).numbers
    assert whole[Cell(SENT, r.REPORT_MEASURE_INDICATOR_SHARE)] == 450
    assert {cell.iafq: told for cell, told in whole.items() if cell.iafq} == {
        "1.2": 30, "1.3": 10, "1.4": 5, "1.5": 10, "1.6": 0, "1.7": 0,
    }  # fmt: skip
    assert IAFQ.keys() == {cell.iafq for cell in whole if cell.iafq}


def test_medians_are_in_tenths_of_a_day_and_kept_back_of_few() -> None:
    told = [asked(n, **answered(days=days)) for n, days in enumerate((1, 2, 3, 4, 90))]
    assert number(told, r.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER, smallest=5) == 30
    assert number(told[:4], r.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER, smallest=5) is None


def test_who_left_what_unanswered_is_told_only_by_member() -> None:
    told = [*some(6), *some(6, 10, of=XAC, **answered())]
    assert number(told, r.REPORT_MEASURE_UNANSWERED, peer=XAB) == 6
    assert number(told, r.REPORT_MEASURE_UNANSWERED, peer=XAC) == 0
    assert not any(cell.peer for cell in tally(told, XAA, smallest=5).numbers)


def test_where_one_member_was_asked_the_sum_tells_nothing_of_its_silence() -> None:
    told = [*some(9), *some(8, 10, **answered()), *some(7, 20, refused=True, ground=SECRET)]
    assert number(told, r.REPORT_MEASURE_UNANSWERED, smallest=5) is None
    assert number(told, r.REPORT_MEASURE_IAFQ, smallest=5, iafq="1.6") is None
    shown = [number(told, one, smallest=5) for one in (r.REPORT_MEASURE_ASKED, *ENDINGS)]
    assert shown.count(None) == 2
    told.append(asked(30, of=XAC))
    assert number(told, r.REPORT_MEASURE_UNANSWERED, smallest=5) == 10


def test_nothing_counted_is_zeros() -> None:
    numbers = tally([], XAA, smallest=5).numbers
    assert set(numbers.values()) == {0}
    assert Cell(SENT, r.REPORT_MEASURE_NETWORK_SHARE) not in numbers


ONE = st.builds(
    asked,
    st.integers(0, 30),
    of=st.sampled_from([XAB, XAC]),
    answered_at=st.sampled_from([None, START + DAY]),
    acknowledged_at=st.sampled_from([None, START + DAY]),
    acknowledged_by_machine=st.booleans(),
    refused=st.booleans(),
    ground=st.sampled_from([SECRET, BUSY]),
    redirected=st.booleans(),
    delays=st.sampled_from([frozenset(), frozenset({BUSY})]),
    result=st.builds(Result, st.integers(1, 2), st.integers(1, 5), st.integers(1, 2)),
)


@given(st.lists(ONE, max_size=40), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_in_every_report_parts_add_up_and_small_numbers_are_kept_back(
    told: list[Asked], smallest: int
) -> None:
    whole = tally(told, XAA, smallest=1, per_peer=True).numbers
    shown = tally(told, XAA, smallest=smallest).numbers
    whole = {cell: value for cell, value in whole.items() if not cell.peer}
    for direction in (SENT, RECEIVED):
        total = whole[Cell(direction, r.REPORT_MEASURE_ASKED)]
        for parts in (ENDINGS, ACKNOWLEDGEMENTS):
            assert sum(whole[Cell(direction, one)] or 0 for one in parts) == total
    assert whole.keys() == shown.keys()
    for cell, value in shown.items():
        assert value in (None, whole[cell])
        counts = cell.measure not in NOT_COUNTS
        assert not (counts and value is not None and 0 < value < smallest)
        if counts and whole[cell] == 0:
            assert value == 0


HALVES = (Part("first", START, START + 15 * DAY), Part("second", START + 15 * DAY, START + 31 * DAY))


@given(st.lists(ONE, max_size=40), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_parts_of_the_period_add_up_and_of_none_a_sum_tells_what_is_kept_back(
    told: list[Asked], smallest: int
) -> None:
    dated = [replace(one, at=START + (number * 7 % 31) * DAY) for number, one in enumerate(told)]
    whole = tally(dated, XAA, smallest=1, parts=HALVES).numbers
    shown = tally(dated, XAA, smallest=smallest, parts=HALVES).numbers
    assert whole.keys() == shown.keys()
    for direction, measure in itertools.product((SENT, RECEIVED), (r.REPORT_MEASURE_ASKED, *ENDINGS)):
        cells = [Cell(direction, measure, part=part) for part in ("", "first", "second")]
        if (silence := [whole[cell] for cell in cells]).count(None) == 0:
            assert silence[0] == (silence[1] or 0) + (silence[2] or 0)
        assert [shown[cell] for cell in cells].count(None) != 1, "the sum would tell it"
        for cell in cells:
            assert shown[cell] in (None, whole[cell])
            assert not 0 < (shown[cell] or 0) < smallest
    for direction, part in itertools.product((SENT, RECEIVED), ("first", "second")):
        of_part = [shown[Cell(direction, one, part=part)] for one in (r.REPORT_MEASURE_ASKED, *ENDINGS)]
        assert of_part.count(None) != 1, "nor may the sum over how it ended"


def test_what_one_member_left_unanswered_in_a_part_is_kept_back_though_two_were_asked_in_all() -> None:
    told = [*some(7), *some(7, 7, of=XAC, at=START + 20 * DAY)]
    numbers = tally(told, XAA, smallest=1, parts=HALVES).numbers
    assert numbers[Cell(SENT, r.REPORT_MEASURE_UNANSWERED)] == 14
    assert [numbers[Cell(SENT, r.REPORT_MEASURE_UNANSWERED, part=one.first_day)] for one in HALVES] == [
        None,
        None,
    ]


def test_the_time_to_answer_is_told_of_each_part() -> None:
    late = {**answered(), "at": START + 20 * DAY, "answered_at": START + 50 * DAY}
    numbers = tally([*some(6, **answered()), *some(6, 6, **late)], XAA, smallest=5, parts=HALVES).numbers
    median = r.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER
    assert [numbers[Cell(SENT, median, part=one.first_day)] for one in HALVES] == [100, 300]


@given(st.lists(ONE, max_size=40), st.integers(2, 8))
@settings(max_examples=60, deadline=None)
def test_in_no_list_is_one_number_alone_kept_back(told: list[Asked], smallest: int) -> None:
    """Else the sum would tell it."""
    shown = tally(told, XAA, smallest=smallest).numbers
    for direction, parts in itertools.product((SENT, RECEIVED), (ENDINGS, ACKNOWLEDGEMENTS)):
        numbers = [shown[Cell(direction, one)] for one in (r.REPORT_MEASURE_ASKED, *parts)]
        assert numbers.count(None) != 1
    grounds = [shown[c] for c in shown if c.measure == r.REPORT_MEASURE_REFUSED and c.direction == SENT]
    assert grounds.count(None) != 1


ENDINGS = (
    r.REPORT_MEASURE_ANSWERED,
    r.REPORT_MEASURE_REFUSED,
    r.REPORT_MEASURE_REDIRECTED,
    r.REPORT_MEASURE_WITHDRAWN,
    r.REPORT_MEASURE_UNANSWERED,
)
ACKNOWLEDGEMENTS = (
    r.REPORT_MEASURE_ACKNOWLEDGED,
    r.REPORT_MEASURE_ACKNOWLEDGED_AUTOMATICALLY,
    r.REPORT_MEASURE_NOT_ACKNOWLEDGED,
)
NOT_COUNTS = {
    r.REPORT_MEASURE_MEDIAN_DAYS_TO_ACKNOWLEDGE,
    r.REPORT_MEASURE_MEDIAN_DAYS_TO_ANSWER,
    r.REPORT_MEASURE_NETWORK_SHARE,
    r.REPORT_MEASURE_INDICATOR_SHARE,
}

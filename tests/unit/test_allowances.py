"""How much one member may bring in a while, and when it is told to come back."""

from __future__ import annotations

from tracepost.node.post.allowances import Allowance, Allowances
from tracepost.protocol.ids import MemberId

XAA, XAB = MemberId("xaa"), MemberId("xab")


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_may_come_at_once_and_then_in_its_time() -> None:
    time = Time()
    allowances = Allowances(Allowance(envelopes_per_minute=60), time)
    assert [allowances.take(XAA, 10) for _ in range(60)] == [0] * 60
    assert allowances.take(XAA, 10) == 1
    time.now += 2
    assert [allowances.take(XAA, 10) for _ in range(3)] == [0, 0, 1]


def test_bytes_count_too_and_the_wait_is_until_there_is_room_for_just_this() -> None:
    time = Time()
    allowances = Allowances(Allowance(bytes_per_minute=60_000), time)
    assert allowances.take(XAA, 50_000) == 0
    assert allowances.take(XAA, 30_000) == 20
    assert allowances.take(XAA, 10_000) == 0
    time.now += 30
    assert allowances.take(XAA, 30_000) == 0


def test_what_is_larger_than_a_minutes_worth_goes_when_nothing_else_went() -> None:
    time = Time()
    allowances = Allowances(Allowance(bytes_per_minute=60_000), time)
    assert allowances.take(XAA, 1_000_000) == 0
    assert allowances.take(XAA, 1) > 900


def test_members_are_apart() -> None:
    allowances = Allowances(Allowance(envelopes_per_minute=1), Time())
    assert (allowances.take(XAA, 1), allowances.take(XAB, 1)) == (0, 0)
    assert allowances.take(XAA, 1) == 60

"""Restrictions together: what binds as much as all of them, without saying it twice."""

from __future__ import annotations

from tracepost.protocol.restricting import strictest
from tracepost.protocol.statement import Restriction

DELETE, COURT = "RESTRICTION_CODE_DELETE_AFTER", "RESTRICTION_CODE_NO_USE_IN_COURT"


def test_of_last_days_the_first_counts_and_of_the_ends_of_others_the_last() -> None:
    many = [Restriction(code, f"20{year}-01-01") for year in (31, 30, 32) for code in (DELETE, COURT)]
    assert strictest(many) == (Restriction(DELETE, "2030-01-01"), Restriction(COURT, "2032-01-01"))


def test_what_never_ends_is_stricter_than_what_does_and_parts_stand_apart() -> None:
    some = [
        Restriction(COURT, "2030-01-01"),
        Restriction(COURT),
        Restriction(COURT, "2031-01-01", None, ("a",)),
    ]
    assert strictest(some) == (Restriction(COURT), some[2])

"""Files for a spreadsheet say of themselves what keeps them from being whole."""

from __future__ import annotations

from tracepost.console.pages.files import rows_of_marks
from tracepost.console.pages.search import HITS, Hit, Marks
from tracepost.locale.words import words_of

HIT = Hit("0198", "1", "QQ7742", "sign by sign", "trace.request/1", "xab", "2026-11-22 10:00")
HANDLING = "How a case is to be handled stands in the case: look there before you pass anything on."
MORE = "There may be more places than these: say more of the mark."
LATER = "Not everything was looked at yet: search again in a minute, or say more of the mark."


def notes(hits: int, count: int | None = None, *, incomplete: bool = False) -> list[str]:
    """Return what stands behind the places."""
    rows = rows_of_marks(words_of("en"), Marks((HIT,) * hits, count, incomplete))
    assert [row[0] for row in rows[: hits + 1]] == ["case", *["0198"] * hits]
    assert all(len(row) == 1 for row in rows[hits + 1 :])
    return [row[0] for row in rows[hits + 1 :]]


def test_a_list_of_places_says_how_many_there_are_and_where_handling_stands() -> None:
    assert notes(2, 2) == ["2 places", HANDLING]
    assert notes(2) == [HANDLING]
    assert notes(0) == []


def test_a_list_of_places_that_may_be_cut_says_so() -> None:
    assert MORE not in notes(HITS - 1)
    assert notes(HITS) == [HANDLING, MORE]
    assert notes(HITS, HITS + 20) == [f"{HITS + 20} places", HANDLING, MORE]


def test_a_list_of_places_that_was_not_searched_whole_says_so() -> None:
    assert notes(0, incomplete=True) == [LATER]
    assert notes(1, 1, incomplete=True) == ["1 place", HANDLING, LATER]

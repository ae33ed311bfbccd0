"""Files for a spreadsheet say of themselves what keeps them from being whole."""

from __future__ import annotations

from dataclasses import replace

from tracepost.console.pages.files import rows_of_marks
from tracepost.console.pages.search import HITS, Hit, Marks
from tracepost.locale.words import words_of

HIT = Hit(
    "0198", "1", "QQ7742", "sign by sign", "trace.request/1", "xab", "2026-11-22 10:00", (), exercise=False
)
CASE = "How a case is to be handled stands in the case: look there before you pass anything on."
MORE = "There may be more places than these: say more of the mark."
LATER = "Not everything was looked at yet: search again in a minute, or say more of the mark."


def notes(hits: int, count: int | None = None, *, incomplete: bool = False) -> list[str]:
    """Return what stands behind the places."""
    rows = rows_of_marks(words_of("en"), Marks((HIT,) * hits, count, incomplete))
    assert [row[2] for row in rows[: hits + 1]] == ["case", *["0198"] * hits]
    assert all(len(row) == 1 for row in rows[hits + 1 :])
    return [row[0] for row in rows[hits + 1 :]]


def test_a_list_of_places_says_how_many_there_are() -> None:
    assert notes(2, 2) == ["2 places", CASE]
    assert notes(2) == [CASE]
    assert notes(0) == []


def test_a_list_of_places_that_may_be_cut_says_so() -> None:
    assert MORE not in notes(HITS - 1)
    assert notes(HITS) == [CASE, MORE]
    assert notes(HITS, HITS + 20) == [f"{HITS + 20} places", CASE, MORE]


def test_a_list_of_places_that_was_not_searched_whole_says_so() -> None:
    assert notes(0, incomplete=True) == [LATER]
    assert notes(1, 1, incomplete=True) == ["1 place", CASE, LATER]


def test_a_place_says_first_how_it_is_to_be_handled_and_whether_it_is_an_exercise() -> None:
    hit = replace(HIT, handling=("DO_NOT_ALERT",), exercise=True)
    rows = rows_of_marks(words_of("en"), Marks((hit, HIT), None, incomplete=False))
    told = words_of("en").coded("HandlingInstruction", "DO_NOT_ALERT")
    first = [["Handling instructions", "EXERCISE"], [told, "yes"], ["", ""]]
    assert [row[:2] for row in rows[:3]] == first


def test_a_list_of_places_points_to_the_case_for_how_it_is_to_be_handled() -> None:
    """A desk that does not see the case is not told of its instructions: an empty cell says nothing."""
    rows = rows_of_marks(words_of("en"), Marks((HIT,), None, incomplete=False))
    assert rows[2:] == [[CASE]]

"""Two descriptions of one object: the marks, and what speaks for or against beside them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.protocol.marks import Grade
from tracepost.protocol.matching import Agreement, compare_objects, identifying_marks
from tracepost.wire.v1.weapon_pb2 import Mark, Object, Part

AGREES, DIFFERS, UNKNOWN = Agreement.AGREES, Agreement.DIFFERS, Agreement.UNKNOWN


def weapon(serial: str = "AB 1234", **features: Any) -> Object:
    return Object(mark=[Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=serial)], **features)


@pytest.mark.parametrize(
    ("serial", "grade"),
    [("AB 1234", Grade.EXACT), ("ab-1234", Grade.NORMALISED), ("A8 I234", Grade.CONFUSABLE)],
)
def test_the_best_pair_of_marks_gives_the_grade(serial: str, grade: Grade) -> None:
    match = compare_objects(weapon(), weapon(serial))
    assert match is not None
    assert match.grade is grade


def test_without_a_mark_in_common_nothing_matches() -> None:
    same: dict[str, Any] = {"make": "Zastava", "model": "M70", "calibre": "7.62x39mm"}
    assert compare_objects(weapon("AB 1", **same), weapon("AB 2", **same)) is None
    assert compare_objects(Object(**same), Object(**same)) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "agreement"),
    [
        ("Zastava", "ZASTAVA ARMS", AGREES),
        ("Zastava", "Colt", DIFFERS),
        ("Zastava", "", UNKNOWN),
        ("Zastava", "Застава", UNKNOWN),
    ],
)
def test_names_agree_differ_or_cannot_be_compared(ours: str, theirs: str, agreement: Agreement) -> None:
    match = compare_objects(weapon(make=ours), weapon(make=theirs))
    assert match is not None
    assert match.make is agreement


@pytest.mark.parametrize(
    ("ours", "theirs", "agreement"),
    [
        ({"calibre": "7.62x39mm"}, {"calibre_as_marked": "7.62 x 39"}, AGREES),
        ({"calibre": "7.62x39mm"}, {"calibre_as_marked": "9x19"}, DIFFERS),
        ({"calibre_as_marked": "7.62"}, {"calibre_as_marked": "7,62"}, AGREES),
        ({"calibre_as_marked": "7.62"}, {"calibre": "7.62x39mm"}, UNKNOWN),
        ({}, {"calibre": "7.62x39mm"}, UNKNOWN),
    ],
)
def test_calibres_are_compared_by_their_code(
    ours: dict[str, str], theirs: dict[str, str], agreement: Agreement
) -> None:
    match = compare_objects(weapon(**ours), weapon(**theirs))
    assert match is not None
    assert match.calibre is agreement


def test_a_match_is_plain_only_if_nothing_speaks_against_it() -> None:
    plain = compare_objects(weapon(make="Zastava"), weapon("ab1234"))
    other_make = compare_objects(weapon(make="Zastava"), weapon(make="Colt"))
    alike = compare_objects(weapon(), weapon("A8 1234"))
    assert plain is not None
    assert other_make is not None
    assert alike is not None
    assert (plain.is_plain, other_make.is_plain, alike.is_plain) == (True, False, False)
    assert plain.rank < other_make.rank < alike.rank


def test_marks_that_thousands_bear_identify_nothing() -> None:
    thing = Object(
        mark=[
            Mark(role="MARK_ROLE_MAKE", text_as_seen="ZASTAVA"),
            Mark(role="MARK_ROLE_CALIBRE", text_as_seen="7.62"),
            Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen="AB 12?4"),
            Mark(role="MARK_ROLE_PROPERTY", text_as_seen="POL 7"),
        ],
        part=[Part(kind="PART_KIND_SLIDE", mark=[Mark(role="MARK_ROLE_UNKNOWN", text_as_seen="S-1")])],
    )
    assert identifying_marks(thing) == ("POL 7", "S-1")


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_matching_is_mutual(one: str, other: str) -> None:
    there, back = compare_objects(weapon(one), weapon(other)), compare_objects(weapon(other), weapon(one))
    assert there == back

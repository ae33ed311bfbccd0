"""The forms in which a serial number may stand in somebody else's ledger."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.protocol import confusables
from tracepost.protocol.confusables import FORMS_LIMIT, confusable_forms, in_cyrillic, in_latin
from tracepost.protocol.vocabulary import normalise_mark

SERIALS = st.text(alphabet="AB0O1I5S8ВСЕЖЯБ-/ ?ъ٣é", max_size=24)


@pytest.mark.parametrize(
    ("seen", "latin", "cyrillic"),
    [
        ("АВ № 12-34", "AB1234", "АВ1234"),
        ("AB 1234", "AB1234", "АВ1234"),
        ("Ж-77", "ZH77", "Ж77"),
        ("Ґ1", "G1", "Ґ1"),
        ("DF 9", "DF9", "ДФ9"),
        ("٣٤", "34", "34"),
        ("", "", ""),
    ],
)
def test_both_scripts(seen: str, latin: str, cyrillic: str) -> None:
    assert (in_latin(seen), in_cyrillic(seen)) == (latin, cyrillic)


def test_letters_are_taken_for_digits_before_anything_else() -> None:
    """NCIC reads letter O as zero in every inquiry."""
    assert confusable_forms("BO 17")[0] == "8017"


def test_a_clerk_may_have_written_the_sound() -> None:
    """Cyrillic В looks like B and sounds like V."""
    assert "AV12" in confusable_forms("АВ 12")


@pytest.mark.parametrize("taken_for", ["A1Z34", "A1Z3A", "AIZ34", "4IZ34"])
def test_one_sign_or_two_may_be_misread(taken_for: str) -> None:
    changed = sum(a != b for a, b in zip("A1234", taken_for, strict=True))
    assert (taken_for in confusable_forms("A1234", limit=1000)) == (changed <= 2)


def test_what_cannot_be_read_stays_unread() -> None:
    assert all("?" in form for form in confusable_forms("ZX8?1"))


def test_a_number_that_cannot_be_mistaken_has_no_other_form() -> None:
    assert confusable_forms("X-Y") == ()


@given(SERIALS, st.integers(0, 40))
def test_forms_are_few_and_distinct_and_never_what_was_seen(seen: str, limit: int) -> None:
    forms = confusable_forms(seen, limit)
    assert len(forms) == len(set(forms)) <= limit
    assert {normalise_mark(seen), in_latin(seen), in_cyrillic(seen)}.isdisjoint(forms)
    assert all(forms)


@given(SERIALS)
def test_the_first_forms_do_not_depend_on_how_many_are_wanted(seen: str) -> None:
    assert confusable_forms(seen, 5) == confusable_forms(seen, FORMS_LIMIT)[:5]


def test_the_longest_mark_gives_no_endless_work() -> None:
    assert len(confusable_forms("0" * 200)) == FORMS_LIMIT


def test_the_example_in_the_module_runs() -> None:
    assert doctest.testmod(confusables).failed == 0

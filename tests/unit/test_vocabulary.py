"""Code lists as data, calibres, scripts and the normal form of marks."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.protocol import vocabulary
from tracepost.protocol.calibres import CALIBRES, calibre_codes
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.vocabulary import normalise_mark, script_of
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

# ---------------------------------------------------------------- code lists


def test_every_category_is_a_small_arm_or_a_light_weapon_or_not_identified() -> None:
    """ITI 4 knows two groups, and nothing is in both."""
    neither = {weapon_pb2.CATEGORY_UNSPECIFIED, weapon_pb2.CATEGORY_NOT_IDENTIFIED}
    assert not vocabulary.SMALL_ARMS & vocabulary.LIGHT_WEAPONS
    assert vocabulary.SMALL_ARMS | vocabulary.LIGHT_WEAPONS | neither == set(weapon_pb2.Category.values())


def test_every_ground_of_iti_6_has_its_subparagraph() -> None:
    assert set(vocabulary.ILLICIT_UNDER_ITI) == set(weapon_pb2.IllicitGround.values()) - {0}
    assert sorted(vocabulary.ILLICIT_UNDER_ITI.values()) == ["6(a)", "6(b)", "6(c)", "6(d)", "6(e)"]


def test_only_four_grounds_are_grounds_of_iti_22() -> None:
    """Capacity or a missing desk may be true reasons; they are not reasons that the instrument names."""
    assert len(vocabulary.GROUNDS_OF_ITI_22) == 4
    assert terms_pb2.WITHHOLDING_GROUND_CAPACITY not in vocabulary.GROUNDS_OF_ITI_22


def test_an_outcome_is_coarsened_exactly_where_the_schema_demands_it() -> None:
    """The rule of the field and the list here must not drift apart."""
    outcomes: list[Any] = trace_pb2.StoppedBecause.values()
    for number in outcomes:
        told = vocabulary.coarsened(number)
        assert (told == trace_pb2.STOPPED_BECAUSE_OTHER) == (
            number in vocabulary.TOLD_AS_OTHER or number == trace_pb2.STOPPED_BECAUSE_OTHER
        )


@pytest.mark.parametrize(
    ("basis", "kinds", "needed"),
    [
        (terms_pb2.LEGAL_BASIS_ITI, [weapon_pb2.ITEM_KIND_WEAPON], True),
        (terms_pb2.LEGAL_BASIS_ITI, [weapon_pb2.ITEM_KIND_AMMUNITION, weapon_pb2.ITEM_KIND_WEAPON], True),
        (terms_pb2.LEGAL_BASIS_ITI, [weapon_pb2.ITEM_KIND_AMMUNITION], False),
        (terms_pb2.LEGAL_BASIS_BILATERAL_AGREEMENT, [weapon_pb2.ITEM_KIND_WEAPON], False),
    ],
)
def test_a_ground_of_iti_6_is_needed_only_under_the_iti(
    basis: terms_pb2.LegalBasis, kinds: list[weapon_pb2.ItemKind], needed: bool
) -> None:
    assert vocabulary.needs_illicit_ground(basis, kinds) is needed


def test_a_first_recipient_is_not_traced() -> None:
    """SDG 16.4.2 counts the point of diversion."""
    reaches: list[Any] = trace_pb2.Reach.values()
    traced = [number for number in reaches if vocabulary.is_traced(number)]
    assert traced == [trace_pb2.REACH_POINT_OF_DIVERSION]


@pytest.mark.parametrize(
    "codes", [trace_pb2.Reach, terms_pb2.Purpose, weapon_pb2.MarkRole, trace_pb2.StoppedBecause]
)
def test_every_code_is_understood_as_it_is_shown(codes: type[trace_pb2.Reach]) -> None:
    for name in vocabulary.code_names(codes):
        assert vocabulary.code_name(codes, vocabulary.code_number(codes, name)) == name


@pytest.mark.parametrize(
    "typed", ["point of diversion", "POINT_OF_DIVERSION", "REACH_POINT_OF_DIVERSION", " Point-Of-Diversion "]
)
def test_a_code_may_be_typed_in_several_ways(typed: str) -> None:
    assert vocabulary.code_number(trace_pb2.Reach, typed) == trace_pb2.REACH_POINT_OF_DIVERSION


@pytest.mark.parametrize("typed", ["", "unspecified", "dealer"])
def test_a_code_outside_the_list_is_refused_with_the_list(typed: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        vocabulary.code_number(trace_pb2.Reach, typed)
    assert "first-recipient" in caught.value.message
    assert caught.value.where == "Reach"


@pytest.mark.parametrize(
    ("typed", "category"),
    [
        ("Pistol", weapon_pb2.CATEGORY_SELF_LOADING_PISTOL),
        ("SUB-MACHINE GUN", weapon_pb2.CATEGORY_SUB_MACHINE_GUN),
        ("R", weapon_pb2.CATEGORY_RIFLE),
        ("machine gun", None),
        ("drone", None),
    ],
)
def test_a_type_on_a_form_gives_a_category_where_it_is_plain(
    typed: str, category: weapon_pb2.Category | None
) -> None:
    assert vocabulary.category_of_type(typed) == category


# ---------------------------------------------------------------- calibres


@pytest.mark.parametrize(
    ("stamped", "code"),
    [
        ("7,62x39", "7.62x39mm"),
        ("7.62х39", "7.62x39mm"),  # Cyrillic х, as stamped
        ("7,62 × 39 мм", "7.62x39mm"),
        ("5,45х39", "5.45x39mm"),
        ("cal. 9x19", "9x19mm-parabellum"),
        ("9 MM LUGER", "9x19mm-parabellum"),
        (".45 AUTO", "45-acp"),
        ("7.62x54R", "7.62x54mmr"),
        (".30-06", "30-06-springfield"),
        ("12 GA", "12-gauge"),
    ],
)
def test_spellings_of_a_calibre_have_one_code(stamped: str, code: str) -> None:
    assert calibre_codes(stamped) == (code,)


@pytest.mark.parametrize("stamped", ["9 mm", "7.62", "5.45", "", "???", "calibre"])
def test_a_calibre_that_may_mean_several_things_has_no_code(stamped: str) -> None:
    """Real registers say 7.62 for four cartridges: guessing would hide the right weapon."""
    assert calibre_codes(stamped) == ()


def test_every_name_and_spelling_of_the_table_leads_to_its_own_code() -> None:
    for calibre in CALIBRES.values():
        for spelling in (calibre.code, calibre.name, *calibre.spellings):
            assert calibre_codes(spelling) == (calibre.code,), spelling


# ---------------------------------------------------------------- marks


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("AB 1234", weapon_pb2.SCRIPT_LATIN),
        ("ЕА 1234", weapon_pb2.SCRIPT_CYRILLIC),
        ("BБ 1234", weapon_pb2.SCRIPT_MIXED),
        ("ΑΒ 12", weapon_pb2.SCRIPT_GREEK),
        ("١٢٣٤", weapon_pb2.SCRIPT_ARABIC),
        ("۱۲۳۴", weapon_pb2.SCRIPT_ARABIC),
        ("صنع", weapon_pb2.SCRIPT_ARABIC),
        ("צבא", weapon_pb2.SCRIPT_HEBREW),
        ("五六式", weapon_pb2.SCRIPT_HAN),
        ("ΑＢ", weapon_pb2.SCRIPT_MIXED),
        ("ＡＢ", weapon_pb2.SCRIPT_LATIN),
        ("1234-56", weapon_pb2.SCRIPT_COMMON),
        ("★", weapon_pb2.SCRIPT_COMMON),
        ("ᚠ", weapon_pb2.SCRIPT_OTHER),
        ("", weapon_pb2.SCRIPT_COMMON),
    ],
)
def test_the_script_of_a_mark_is_that_of_its_letters(text: str, script: weapon_pb2.Script) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ab 12-34", "AB1234"),
        ("еа № 1234", "ЕА1234"),
        ("TJY24???", "TJY24???"),
        ("ＡＢ１２", "AB12"),
        ("١٢٣", "123"),
        ("قَـطَر ١", "قطر1"),
        ("M/1944 (2)", "M19442"),
        ("★", ""),
        ("straße", "STRASSE"),
        ("ქართ", "ქართ"),
    ],
)
def test_a_mark_is_found_by_capitals_letters_and_digits_of_its_own_script(text: str, normal: str) -> None:
    assert normalise_mark(text) == normal


def test_letters_that_look_alike_in_two_scripts_stay_apart() -> None:
    """Confusable variants are the search's business: normalising them here would lose which it was."""
    assert normalise_mark("АВ 12") != normalise_mark("AB 12")


@given(st.text(max_size=40))
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    normal = normalise_mark(text)
    assert normalise_mark(normal) == normal
    assert len(normal) <= 200


def test_a_normal_form_is_never_too_long_for_its_field() -> None:
    """One ligature can stand for eighteen letters."""
    assert len(normalise_mark("ﷺ" * 200)) == 200


def test_the_examples_in_the_module_run() -> None:
    assert doctest.testmod(vocabulary).failed == 0

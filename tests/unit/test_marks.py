"""Marks that look alike have one form; where they stand in a message is found whatever the message."""

from __future__ import annotations

import doctest

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes import messages as m
from tracepost.protocol import marks, schema
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.marks import Grade, compare_marks, fold_mark, marks_of
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.vocabulary import normalise_mark
from tracepost.wire.v1 import trace_pb2, weapon_pb2

ALIKE = [
    "0OQОΟØ",
    "1ILІӀΙŁ",
    "5SЅ",
    "8BВΒ",
    "2ZΖ",
    "AАΑÁ",
    "CС",
    "EЕЁΕ",
    "HНΗ",
    "KКΚ",
    "MМΜ",
    "PРΡ",
    "TТΤ",
    "XХΧ",
    "YУΥ",
]


def test_the_example_in_the_docstring_holds() -> None:
    assert doctest.testmod(marks).failed == 0


@pytest.mark.parametrize("signs", ALIKE)
def test_signs_that_are_taken_for_one_another_have_one_form(signs: str) -> None:
    assert len({fold_mark(normalise_mark(sign)) for sign in signs}) == 1


def test_signs_of_different_groups_have_different_forms() -> None:
    assert len({fold_mark(signs[0]) for signs in ALIKE}) == len(ALIKE)


@given(st.text(max_size=40))
def test_a_folded_mark_folds_to_itself(text: str) -> None:
    folded = fold_mark(normalise_mark(text))
    assert fold_mark(folded) == folded


@given(st.text(max_size=40))
def test_a_mark_agrees_exactly_with_itself_if_it_has_a_sign(text: str) -> None:
    assert compare_marks(text, text) == (Grade.EXACT if normalise_mark(text) else None)


@given(st.text(max_size=20), st.text(max_size=20))
def test_agreement_is_mutual(one: str, other: str) -> None:
    assert compare_marks(one, other) == compare_marks(other, one) or "" in (
        normalise_mark(one),
        normalise_mark(other),
    )


@given(st.text(alphabet="ABCDEFGHJKMNPRTUVWXY34679", min_size=1, max_size=12))
def test_marks_of_signs_that_look_like_no_other_are_kept_apart(text: str) -> None:
    other = text[:-1] + ("4" if text[-1] != "4" else "7")
    assert compare_marks(text, other) is None


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        ("AB 1234", "AB 1234", Grade.EXACT),
        ("AB 1234", "ab-1234", Grade.NORMALISED),
        ("AB 1234", "АВ 1234", Grade.CONFUSABLE),
        ("AB 0123", "AB O1Z3", Grade.CONFUSABLE),
        ("AB 1234", "AB 12345", None),
        ("AB 1234", "AB 1235", None),
        (" - ", " - ", None),
    ],
)
def test_the_grade_says_how_well_two_marks_agree(one: str, other: str, grade: Grade | None) -> None:
    assert compare_marks(one, other) == grade


def test_marks_are_found_in_every_place_of_a_message() -> None:
    parts = [weapon_pb2.Part(kind="PART_KIND_SLIDE", mark=[_mark("S-2")])]
    weapon = weapon_pb2.Item(
        id="1",
        kind="ITEM_KIND_WEAPON",
        object=weapon_pb2.Object(
            make="Zastava",
            mark=[_mark("S-1")],
            part=parts,
            electronic_identifier=[weapon_pb2.ElectronicIdentifier(kind="ELECTRONIC_KIND_RFID", value="S-3")],
        ),
    )
    rounds = weapon_pb2.Item(
        id="2",
        kind="ITEM_KIND_AMMUNITION",
        ammunition=weapon_pb2.Ammunition(headstamp="S-4", lot_number="S-5"),
        packaging=weapon_pb2.Packaging(crate_number="S-6"),
        serial_range=weapon_pb2.SerialRange(from_serial="S-7", to_serial="S-8"),
    )
    message = trace_pb2.TraceRequest(file_number="T-1", items=[weapon, rounds])
    found = list(marks_of(schema.flatten(message)))
    assert {text for one in found for text in one.texts} == {f"S-{n}" for n in range(1, 9)}
    assert {one.item for one in found} == {"items.0", "items.1"}
    assert "S-1" not in repr(found)


def test_what_a_make_and_a_file_number_say_is_no_mark() -> None:
    assert not [one for one in marks_of(schema.flatten(m.request("T-1"))) if "T-1" in one.texts]


def test_marks_are_found_in_statements_of_others_that_are_shown() -> None:
    shown = encode_b64(orjson.dumps(["salt", "items.0.object.mark.0", {"text_as_seen": "S-1"}]))
    field = Field("exhibits.0.object_disclosures", Sensitivity.OBJECT, [shown, "broken", 7])
    assert [(one.path, one.item, one.texts) for one in marks_of([field])] == [(field.path, "", ("S-1",))]


def test_a_mark_that_was_normalised_by_its_author_is_not_called_exact() -> None:
    field = Field(
        "items.0.object.mark.0", Sensitivity.OBJECT, {"text_as_seen": "ab 12", "normalised": "AB12"}
    )
    [seen] = marks_of([field])
    assert seen.agrees("ab 12") is Grade.EXACT
    assert seen.agrees("AB12") is Grade.NORMALISED
    assert seen.agrees("AB13") is None


def _mark(text: str) -> weapon_pb2.Mark:
    return weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=text)

"""What an officer types: kept as typed, made into a draft by the schema, each fault at its field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.messages import rich_request
from tracepost.console.forms.advice import (
    AdviceCode,
    advise_on_calibre,
    advise_on_item,
    advise_on_mark,
    compare_typings,
    complete_marks,
)
from tracepost.console.forms.answers import Answers, Fault, make_draft, texts_of
from tracepost.console.forms.questions import Shape, question_of
from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import desk_pb2, trace_pb2, weapon_pb2

REQUEST = "content.trace_request"
MARK = f"{REQUEST}.items.0.object.mark"

TYPED = {
    f"{REQUEST}.file_number": ["T-1"],
    f"{REQUEST}.items.0.id": ["1"],
    f"{REQUEST}.items.0.kind": ["WEAPON"],
    f"{REQUEST}.urgency": ["ROUTINE"],
    f"{REQUEST}.guarantees_restrictions": ["yes"],
    "to": ["xab"],
    "purpose": ["CRIMINAL_INVESTIGATION"],
}


def typed(**changes: list[str]) -> Answers:
    return Answers().having(TYPED | {path.replace("__", "."): said for path, said in changes.items()})


def test_answers_without_a_fault_make_the_draft_that_they_say() -> None:
    made = make_draft(typed())
    assert made.faults == ()
    assert made.draft.content.trace_request.items[0].kind == weapon_pb2.ITEM_KIND_WEAPON
    assert made.draft.to == ["xab"]


def test_every_fault_stands_at_its_own_field() -> None:
    answers = typed().having(
        {
            f"{REQUEST}.file_number": ["x" * 101],
            f"{REQUEST}.reply_by": ["2026-2-30"],
            f"{REQUEST}.previous_attempts": ["many"],
            f"{REQUEST}.circumstances.country": ["Nowhereland"],
            f"{MARK}.0.role": ["SERIAL"],
            f"{MARK}.1.text_as_seen": ["AB\x001"],
            f"{MARK}.1.role": ["PROOF"],
            "to": ["not a member"],
        }
    )
    assert {(one.path, one.reason) for one in make_draft(answers).faults} == {
        (f"{REQUEST}.file_number", "string.max_len"),
        (f"{REQUEST}.reply_by", "not-a-date"),
        (f"{REQUEST}.previous_attempts", "not-a-number"),
        (f"{REQUEST}.circumstances.country", "not-a-country"),
        (f"{MARK}.0.role", "not-in-list"),
        (f"{MARK}.1.text_as_seen", "not-printable"),
        ("to", "string.pattern"),
    }


def test_dates_of_three_boxes_countries_by_name_and_lists_of_lines_are_understood() -> None:
    answers = typed().having(
        {
            f"{REQUEST}.reply_by": ["2026-3-7"],
            f"{REQUEST}.circumstances.found_on": ["2025-11-"],
            f"{REQUEST}.circumstances.country": ["Switzerland"],
            f"{REQUEST}.circumstances.route_countries": ["France, che\nXAA"],
        }
    )
    made = make_draft(answers)
    said = made.draft.content.trace_request
    assert made.faults == ()
    assert (said.reply_by, said.circumstances.found_on, said.circumstances.country) == (
        "2026-03-07", "2025-11", "CHE"
    )  # fmt: skip
    assert said.circumstances.route_countries == ["FRA", "CHE", "XAA"]


def test_what_was_typed_is_kept_sign_by_sign() -> None:
    answers = Answers().having({f"{MARK}.0.text_as_seen": ["  АВ 12\u202834 o0 "]})
    assert answers.first(f"{MARK}.0.text_as_seen") == "АВ 12\u202834 o0"


def test_a_list_closes_up_when_an_entry_is_taken_away_with_what_belongs_to_the_page() -> None:
    answers = Answers().having(
        {f"{MARK}.{n}.text_as_seen": [str(n)] for n in range(12)} | {f"~{MARK}.11.text_as_seen": ["again"]}
    )
    left = answers.without(MARK, 3)
    assert [left.first(f"{MARK}.{n}.text_as_seen") for n in range(left.count(MARK))] == [
        str(n) for n in range(12) if n != 3
    ]
    assert left.first(f"~{MARK}.10.text_as_seen") == "again"
    assert not left.first(f"~{MARK}.11.text_as_seen")


def test_marks_stay_in_their_order_beyond_ten() -> None:
    answers = typed().having(
        {f"{MARK}.{n}.text_as_seen": [f"M{n}"] for n in range(12)}
        | {f"{MARK}.{n}.role": ["OTHER"] for n in range(12)}
    )
    marks = make_draft(answers).draft.content.trace_request.items[0].object.mark
    assert [mark.text_as_seen for mark in marks] == [f"M{n}" for n in range(12)]


def test_an_index_beyond_any_list_is_a_fault_and_fills_no_memory() -> None:
    made = make_draft(typed().having({f"{MARK}.99999999.role": ["PROOF"]}))
    assert Fault(f"{MARK}.99999999.role", "repeated.max_items") in made.faults
    assert made.draft.ByteSize() < 1000


@pytest.mark.parametrize(
    "path", ["content.nothing", "to.x", "content.trace_request.items", "a..b", "", "~to"]
)
def test_a_path_that_is_no_question_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        question_of(path)


def test_a_message_makes_answers_that_make_it_again() -> None:
    request = rich_request()
    assert make_draft(texts_of(request, REQUEST)).draft.content.trace_request == request


@given(st.text(max_size=60))
def test_no_text_raises_in_any_field(text: str) -> None:
    paths = [
        f"{REQUEST}.file_number", f"{REQUEST}.reply_by", f"{REQUEST}.circumstances.country", "to", "purpose",
        f"{MARK}.0.photograph_sha256", f"{REQUEST}.previous_attempts", f"{REQUEST}.guarantees_restrictions",
        f"{REQUEST}.circumstances.narrative", "content.response.answers.0.lineage.0.on",
    ]  # fmt: skip
    make_draft(Answers().having({path: [text] for path in paths}))


def test_every_field_of_what_an_officer_says_is_a_question_with_codes_where_it_has_a_list() -> None:
    for kind in desk_pb2.Content.DESCRIPTOR.fields:
        assert kind.message_type is not None
        for field in kind.message_type.fields:
            if field.message_type is None:
                question = question_of(f"content.{kind.name}.{field.name}")
                assert (question.shape in {Shape.CODE, Shape.CODES}) == bool(question.codes), question.path


# ---------------------------------------------------------------- advice


def test_two_typings_part_at_the_first_sign_that_differs() -> None:
    assert compare_typings("AB1234", "AB1234") is None
    found = compare_typings("AB1284", "AB12B4")
    assert found is not None
    assert (found.position, found.first, found.second) == (5, "8", "B")
    shorter = compare_typings("AB12", "AB1")
    assert shorter is not None
    assert (shorter.position, shorter.first, shorter.second) == (4, "2", "")


def test_look_alike_letters_of_another_script_are_not_the_same() -> None:
    assert compare_typings("AB12", "АВ12") is not None


def test_a_serial_with_signs_that_are_taken_for_others_is_pointed_out_with_its_forms() -> None:
    codes = {one.code: one.forms for one in advise_on_mark("B0-17", "MANUFACTURER_SERIAL")}
    assert "8017" in codes[AdviceCode.LOOK_ALIKE]
    assert advise_on_mark("XKCD", "MAKE") == []


def test_a_mark_of_two_scripts_and_a_sign_that_was_not_read_are_pointed_out() -> None:
    assert {one.code for one in advise_on_mark("АB1?", "OTHER")} == {
        AdviceCode.MIXED_SCRIPT,
        AdviceCode.UNREADABLE_SIGN,
    }


def test_a_calibre_is_named_as_the_code_list_has_it() -> None:
    (known,) = advise_on_calibre("7,62 x 39")
    assert known.code in {AdviceCode.KNOWN_CALIBRE, AdviceCode.UNKNOWN_CALIBRE}
    (known,) = advise_on_calibre("7.62x39")
    assert (known.code, known.forms) == (AdviceCode.KNOWN_CALIBRE, ("7.62×39mm",))
    assert advise_on_calibre("9 mm")[0].code is AdviceCode.UNKNOWN_CALIBRE


def test_an_item_without_a_serial_and_one_with_a_mark_twice_are_pointed_out() -> None:
    item = weapon_pb2.Item(kind=weapon_pb2.ITEM_KIND_WEAPON)
    assert [one.code for one in advise_on_item(item)] == [AdviceCode.NO_SERIAL]
    for _ in range(2):
        item.object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="AB 1")
    assert [one.code for one in advise_on_item(item)] == [AdviceCode.SAME_MARK_TWICE]


def test_completing_changes_nothing_that_was_typed() -> None:
    item = weapon_pb2.Item(kind=weapon_pb2.ITEM_KIND_WEAPON)
    item.object.calibre_as_marked = "7.62x39"
    item.object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="ав-12/3")
    complete_marks(item)
    mark = item.object.mark[0]
    assert (mark.text_as_seen, mark.normalised, mark.script) == (
        "ав-12/3", "АВ123", weapon_pb2.SCRIPT_CYRILLIC
    )  # fmt: skip
    assert (item.object.calibre_as_marked, item.object.calibre) == ("7.62x39", "7.62x39mm")
    assert trace_pb2.TraceRequest(items=[item]).items[0] == item

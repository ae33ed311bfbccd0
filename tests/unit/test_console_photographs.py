"""Photographs of a draft are tied to the marks that can be read on them, whatever is removed later."""

from __future__ import annotations

import io

from PIL import Image

from tracepost.console.forms.answers import Answers
from tracepost.console.forms.finishing import finish
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.photographs import add_photograph, photographs_of, remove_photograph
from tracepost.wire.v1 import weapon_pb2

NOW = 1_800_000_000
ITEM = "content.trace_request.items.0"
MARKS, PHOTOGRAPHS = f"{ITEM}.object.mark", f"{ITEM}.object.photograph"
DRAFT = Answers().having(
    {
        f"{ITEM}.kind": ["WEAPON"],
        f"{MARKS}.0.text_as_seen": ["AB-1234"],
        f"{MARKS}.1.text_as_seen": ["711"],
        f"{MARKS}.2.symbol": ["star in circle"],
    }
)


def photograph(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 40), colour).save(content, "JPEG")
    return content.getvalue()


def shown(answers: Answers) -> list[tuple[str, ...]]:
    """Return which marks each photograph shows."""
    return [one.marks for one in photographs_of(answers, PHOTOGRAPHS)]


def tied() -> Answers:
    """Return a draft with a photograph of the first and third mark, one of the second, and one of none."""
    answers = DRAFT
    for colour, marks in (("navy", [0, 2]), ("maroon", [1]), ("olive", [])):
        answers, _copy = add_photograph(answers, PHOTOGRAPHS, "LEFT", photograph(colour), marks)
    return answers


def marks_in(answers: Answers) -> list[weapon_pb2.Mark]:
    return list(finish(GUIDES["request"], answers, now=NOW).draft.content.trace_request.items[0].object.mark)


def test_a_mark_names_the_photograph_on_which_it_can_be_read() -> None:
    answers = tied()
    assert shown(answers) == [("AB-1234", "star in circle"), ("711",), ()]
    digests = [bytes.fromhex(one.sha256) for one in photographs_of(answers, PHOTOGRAPHS)]
    assert [one.photograph_sha256 for one in marks_in(answers)] == [digests[0], digests[1], digests[0]]


def test_a_newer_photograph_of_a_mark_takes_the_place_of_the_one_before() -> None:
    answers, _copy = add_photograph(tied(), PHOTOGRAPHS, "SERIAL", photograph("teal"), [0])
    assert shown(answers) == [("star in circle",), ("711",), (), ("AB-1234",)]


def test_marks_keep_their_photographs_when_one_before_them_is_removed() -> None:
    answers = tied().without(MARKS, 0)
    assert shown(answers) == [("star in circle",), ("711",), ()]


def test_a_photograph_that_is_taken_back_is_named_by_no_mark() -> None:
    answers = remove_photograph(tied(), PHOTOGRAPHS, 0)
    assert shown(answers) == [("711",), ()]
    assert [bool(one.photograph_sha256) for one in marks_in(answers)] == [False, True, False]


def test_a_photograph_that_was_added_twice_stays_tied_while_one_of_them_is_there() -> None:
    answers, _copy = add_photograph(tied(), PHOTOGRAPHS, "RIGHT", photograph("maroon"), [])
    once = remove_photograph(answers, PHOTOGRAPHS, 1)
    assert shown(once)[-1] == ("711",)
    assert "711" not in "".join(
        word for one in shown(remove_photograph(once, PHOTOGRAPHS, 2)) for word in one
    )

"""The line of supply of a case: what the answers tell, who told it, and what is not told."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from google.protobuf.message import Message

from tracepost.console.lineage import Line, lines_of
from tracepost.locale import languages
from tracepost.locale.words import words_of
from tracepost.sdk.drafts import wrap_content
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

POISON = "</text></svg><script>alert(1)</script>"


def answer(item: str = "1", reach: str = "FIRST_RECIPIENT", **more: Any) -> trace_pb2.Answer:
    told: dict[str, Any] = {"stopped_because": "STOPPED_BECAUSE_NOT_STOPPED", **more}
    return trace_pb2.Answer(item_id=item, reach=f"REACH_{reach}", **told)


def event(kind: str, on: str = "", **more: Any) -> trace_pb2.LineageEvent:
    return trace_pb2.LineageEvent(kind=f"LINEAGE_EVENT_KIND_{kind}", on=on or None, **more)


def said(
    message: Message, by: str, hour: int = 1, kind: str = "trace.response/1", **more: Any
) -> desk_pb2.StatementView:
    return desk_pb2.StatementView(
        kind=kind,
        from_member=by,
        issued_at=f"2026-11-22T{hour:02}:00:00Z",
        content=wrap_content(message),
        **more,
    )


def response(*answers: trace_pb2.Answer, **more: Any) -> trace_pb2.Response:
    return trace_pb2.Response(answers=answers, final=True, **more)


def lines(*statements: desk_pb2.StatementView, tag: str = "en") -> list[Line]:
    return lines_of(words_of(tag), desk_pb2.CaseView(statements=statements))


MADE = event(
    "EXPORTED", "1994", from_kind="HOLDER_KIND_MAKER", from_country="XAB", to_country="XAC", to_body="Army"
)
IMPORTED = event("IMPORTED", "1994-06", to_kind="HOLDER_KIND_ARMED_FORCES", to_country="XAC")
LAW_ENFORCEMENT = desk_pb2.ClassCount(of_class="SENSITIVITY_LAW_ENFORCEMENT", fields=4, exact=True)


def test_steps_are_told_from_the_maker_onwards_with_who_told_them() -> None:
    diverted = trace_pb2.PointOfDiversion(country="XAC", on="2019-07", cause="DIVERSION_CAUSE_THEFT")
    asked_next = answer(stopped_because="STOPPED_BECAUSE_EXPORTED", ask_member="xac", lineage=[MADE])
    later = answer(reach="POINT_OF_DIVERSION", lineage=[IMPORTED], point_of_diversion=diverted)
    [line] = lines(said(response(later), "xac", 1), said(response(asked_next), "xab", 2))
    assert [step.title for step in line.steps] == [
        "exported, 1994",
        "reach: first recipient",
        "imported, 1994-06",
        "point of diversion: theft",
        "reach: point of diversion",
    ]
    assert line.steps[0].particulars == ("maker, XAB → XAC, Army", "told by XAB")
    assert "XAC" in line.steps[1].particulars[0], "whom to ask next"
    assert line.steps[2].particulars == ("… → armed forces, XAC", "told by XAC")


def test_what_is_withheld_and_what_a_desk_is_not_shown_are_steps_that_say_so() -> None:
    kept = terms_pb2.Withheld(path="answers.1.lineage", ground="WITHHOLDING_GROUND_ONGOING_INVESTIGATION")
    first, second = answer("1", lineage=[MADE]), answer("2")
    told = lines(said(response(first, second, withheld=[kept]), "xab"))
    assert [step.title for step in told[1].steps] == ["withheld", "reach: first recipient"]
    assert told[1].steps[0].particulars[0].startswith("ongoing criminal investigation")
    assert [step.missing for step in told[1].steps] == [True, False]
    assert not any(step.missing for step in told[0].steps)
    [hidden] = lines(said(response(second), "xab", hidden=[LAW_ENFORCEMENT]))
    assert hidden.steps[0].title == "not shown to your desk"
    assert 'stroke-dasharray="6 4"' in str(hidden.drawing())


def test_an_event_that_is_not_shown_is_a_step_in_its_place() -> None:
    [line] = lines(said(response(answer(lineage=[MADE, trace_pb2.LineageEvent(), IMPORTED])), "xab"))
    assert [(step.title, step.missing) for step in line.steps] == [
        ("exported, 1994", False),
        ("not shown to your desk", True),
        ("imported, 1994-06", False),
        ("reach: first recipient", False),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        LAW_ENFORCEMENT,
        desk_pb2.ClassCount(of_class="SENSITIVITY_COMMERCIAL", fields=2, exact=True),
        desk_pb2.ClassCount(of_class="SENSITIVITY_PERSONAL", exact=False),
        desk_pb2.ClassCount(of_class="SENSITIVITY_NATIONAL_SECURITY", fields=1, exact=True),
        desk_pb2.ClassCount(class_name="OF_LATER", fields=1, exact=True),
    ],
)
def test_beside_what_is_told_it_is_said_that_more_is_not_shown(hidden: desk_pb2.ClassCount) -> None:
    [line] = lines(said(response(answer(lineage=[MADE])), "xab", hidden=[hidden]))
    assert [step.title for step in line.steps] == [
        "exported, 1994",
        "not shown to your desk",
        "reach: first recipient",
    ]
    assert 'stroke-dasharray="6 4"' in str(line.drawing())


def test_what_no_line_of_supply_rests_on_is_no_gap_in_it() -> None:
    hidden = [
        desk_pb2.ClassCount(of_class="SENSITIVITY_CONTACT", fields=2, exact=True),
        desk_pb2.ClassCount(of_class="SENSITIVITY_COMMERCIAL", exact=True),
    ]
    [line] = lines(said(response(answer(lineage=[MADE])), "xab", hidden=hidden))
    assert not any(step.missing for step in line.steps)


def test_the_newest_answer_of_a_member_counts() -> None:
    amended = trace_pb2.Amendment(answers=[answer(lineage=[IMPORTED])])
    [line] = lines(
        said(amended, "xab", 3, "trace.amendment/1"), said(response(answer(lineage=[MADE])), "xab", 2)
    )
    assert line.steps[0].title == "imported, 1994-06"


def test_nothing_is_drawn_where_nothing_is_told() -> None:
    assert lines() == []
    assert lines(said(response(answer(reach="NONE")), "xab")) == []
    assert lines(desk_pb2.StatementView(kind="trace.response/1", from_member="xab")) == []


def test_what_others_wrote_is_text_in_the_drawing() -> None:
    hostile = event("EXPORTED", to_body=POISON, from_body="\x00\x1b[31m" + "x" * 190)
    [line] = lines(said(response(answer(lineage=[hostile])), "xab"))
    drawn = str(line.drawing())
    assert "<script" not in drawn
    texts = [str(one.text) for one in ET.fromstring(drawn).iter("text")]
    assert all(len(one) <= 68 for one in texts)
    assert "\x1b" not in drawn


def test_the_drawings_of_a_page_have_names_of_their_own() -> None:
    told = lines(said(response(*(answer(str(n), lineage=[MADE]) for n in range(100, 160))), "xab"))
    names = {ET.fromstring(str(line.drawing())).get("aria-labelledby") for line in told}
    assert len(told) == len(names) == 60


@pytest.mark.parametrize("tag", [one.tag for one in languages()])
def test_every_language_has_the_words_and_its_side(tag: str) -> None:
    [line] = lines(said(response(answer(lineage=[MADE])), "xab"), tag=tag)
    root = ET.fromstring(str(line.drawing()))
    assert root.get("direction") == ("rtl" if tag == "ar" else "ltr")
    assert ("←" in line.steps[0].particulars[0]) == (tag == "ar")
    names = str(root.get("aria-labelledby")).split()
    assert [one.get("id") for one in root if one.get("id")] == names


def test_a_date_among_words_from_the_right_is_read_as_it_was_written() -> None:
    diverted = trace_pb2.PointOfDiversion(country="XAC", on="2019-07", cause="DIVERSION_CAUSE_THEFT")
    told = answer(lineage=[IMPORTED], point_of_diversion=diverted)
    [line] = lines(said(response(told), "xac"), tag="ar")
    assert "\u20681994-06\u2069" in line.steps[0].title
    assert "\u20682019-07\u2069" in line.steps[1].particulars[0]
    assert "\u20681994-06\u2069" in str(line.drawing())

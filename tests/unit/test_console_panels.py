"""The pages of a panel and of who replies to one: what is offered to which side, and the draft that they make."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.channels import decision, panel_reply, panel_request, texts_to_print
from tracepost.console.case_rows import _row
from tracepost.console.forms.answers import Answers
from tracepost.console.forms.beginning import begin_in_case, begin_opening, texts_put
from tracepost.console.forms.finishing import finish, texts_named_twice
from tracepost.console.forms.guides import GUIDES, openings, said_in
from tracepost.console.pages.case import _enquiry
from tracepost.console.pages.panel import Asked, last_day_of
from tracepost.console.rendering import render
from tracepost.console.showing import Shower
from tracepost.locale import tags
from tracepost.locale.words import words_of
from tracepost.sdk.drafts import wrap_content
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, panel_pb2, terms_pb2

NOW = 1_800_000_000
DIGEST = "A" * 43
PANEL, STATE = "un-panel-xyz", "xaa"
Said = panel_pb2.PanelRequest | panel_pb2.PanelReply


def case(*said: Said) -> desk_pb2.CaseView:
    """Return a case of a panel in which a State is asked, with these messages."""
    statements = [
        desk_pb2.StatementView(
            statement=DIGEST,
            kind="panel.request/1" if asks else "panel.reply/1",
            from_member=PANEL if asks else STATE,
            content=wrap_content(one),
        )
        for one in said
        for asks in [isinstance(one, panel_pb2.PanelRequest)]
    ]
    summary = desk_pb2.CaseSummary(
        opened_by=PANEL,
        opened_with="panel.request/1",
        members=[PANEL, STATE],
        items=[desk_pb2.ItemSummary(item_id="1")],
    )
    return desk_pb2.CaseView(summary=summary, statements=statements)


def offered(view: desk_pb2.CaseView, member: str) -> set[str]:
    return {one.name for one in said_in(view, member, "desk")}


def test_a_state_replies_to_a_panel_and_sends_it_no_answer_of_a_trace() -> None:
    names = offered(case(panel_request()), STATE)
    assert "panel-reply" in names
    assert names.isdisjoint({"answer", "refuse", "refer", "panel-print"})


@pytest.mark.parametrize("replies", [(), (panel_reply(),)])
def test_a_panel_puts_texts_before_a_state_that_has_replied(replies: tuple[Said, ...]) -> None:
    names = offered(case(panel_request(), *replies), PANEL)
    assert ("panel-print" in names) == bool(replies)
    assert "panel-reply" not in names


@pytest.mark.parametrize("of_panel", [True, False])
def test_a_panel_alone_begins_with_a_request_of_a_panel(of_panel: bool) -> None:
    names = [one.name for one in openings(of_panel=of_panel)]
    assert ("panel-ask" in names, "request" in names) == (of_panel, not of_panel)


def test_a_panel_and_a_peace_operation_tell_what_they_documented_and_nobody_else() -> None:
    for of_panel, of_operation in ((True, False), (False, True), (False, False)):
        names = [one.name for one in openings(of_panel=of_panel, of_operation=of_operation)]
        assert ("documented" in names) == (of_panel or of_operation)
        assert len(names) == len(set(names))
        assert ("request" in names) != of_panel


D = "content.documented_item"
SEEN = {
    "to": ["xaa"],
    f"{D}.items.0.id": ["1"],
    f"{D}.items.0.kind": ["WEAPON"],
    f"{D}.items.0.object.calibre_as_marked": ["7.62x39"],
    f"{D}.items.0.object.mark.0.role": ["MANUFACTURER_SERIAL"],
    f"{D}.items.0.object.mark.0.text_as_seen": ["AB-1234"],
    f"~{D}.items.0.object.mark.0.text_as_seen": ["AB-1234"],
    f"{D}.file_number": ["D-1"],
    f"{D}.documented_by": ["Panel XYZ"],
    f"{D}.mandate_resolution": ["S/RES/9999 (2025)"],
    f"{D}.custody_context": ["CACHE"],
    f"{D}.documented_on": ["2026-3"],
    f"{D}.country": ["XAD"],
    f"{D}.verification": ["PHYSICALLY_INSPECTED"],
    f"{D}.verifier": ["PANEL_EXPERT"],
    f"{D}.confidentiality": ["COMMITTEE"],
}


def test_what_was_documented_says_how_far_it_is_verified_and_rests_on_a_resolution() -> None:
    whole = begin_opening("documented").having(SEEN)
    made = finish(GUIDES["documented"], whole, now=NOW, own_member=PANEL, parts=())
    assert made.faults == ()
    assert made.draft.legal_basis == terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
    assert made.draft.content.documented_item.items[0].object.mark[0].normalised == "AB1234"
    for name in (
        "verification",
        "verifier",
        "custody_context",
        "documented_on",
        "country",
        "confidentiality",
    ):
        faults = finish(GUIDES["documented"], whole.having({f"{D}.{name}": []}), now=NOW).faults
        assert [(one.path, one.reason) for one in faults] == [(f"{D}.{name}", "required")]


@pytest.mark.parametrize("name", ["panel-ask", "panel-reply", "documented"])
def test_no_page_of_a_panel_asks_for_a_person_or_a_case_file(name: str) -> None:
    paths = [one.path for step in GUIDES[name].steps for one in step.asks]
    assert not [one for one in paths if "exhibit_number" in one or ".persons." in one or "crime" in one]


def test_a_reply_begins_with_the_texts_that_nobody_has_decided_on() -> None:
    view = case(
        panel_request(), panel_reply(), texts_to_print(DIGEST, p1="one", p2="two"), decision(p1="DENIED")
    )
    answers = begin_in_case("panel-reply", view, (), NOW, desk="mission", member=STATE)
    assert answers.first("content.panel_reply.publication.0.text_id") == "p2"
    assert answers.count("content.panel_reply.publication") == 1
    assert answers.first("~replies") == "texts"


def test_a_text_that_is_put_anew_is_decided_on_anew_and_offered_once_in_its_last_words() -> None:
    view = case(
        panel_request(),
        panel_reply(),
        texts_to_print(DIGEST, p1="one", p2="two"),
        decision(p1="DENIED"),
        texts_to_print(DIGEST, p1="other words"),
        texts_to_print(DIGEST, p1="last words"),
    )
    answers = begin_in_case("panel-reply", view, (), NOW, desk="mission", member=STATE)
    begun = [
        answers.first(f"content.panel_reply.publication.{number}.text_id")
        for number in range(answers.count("content.panel_reply.publication"))
    ]
    assert sorted(begun) == ["p1", "p2"]
    assert texts_put(view) == {"p1": "last words", "p2": "two"}


def test_a_text_under_a_name_that_another_text_has_is_refused_at_its_name() -> None:
    put = texts_put(case(panel_request(), panel_reply(), texts_to_print(DIGEST, p1="one", p2="two")))
    for texts, wrong in (
        ({"p3": "three", "p4": "four"}, []),
        ({"p3": "three", "p2": "other words"}, [1]),
        ({"p2": "two"}, []),  # this very text, sent before
    ):
        assert places(texts_to_print(DIGEST, **texts), put) == wrong
    twice = texts_to_print(DIGEST, p5="five")
    twice.MergeFrom(texts_to_print(DIGEST, p5="six"))
    assert places(twice, put) == [0, 1]


def places(said: panel_pb2.PanelRequest, put: dict[str, str]) -> list[int]:
    """Return which of the texts of a draft are refused for their names."""
    faults = [*texts_named_twice(desk_pb2.Draft(content=wrap_content(said)), put)]
    assert {one.reason for one in faults} <= {"text-twice"}
    return [int(one.path.split(".")[-2]) for one in faults]


def test_what_was_passed_on_ends_with_the_mandate_or_when_it_is_to_be_deleted() -> None:
    share = desk_pb2.StatementView(
        restrictions=[
            terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_DELETE_AFTER, until="2098-03-04"),
            terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_PUBLICATION, until="2097-01-01"),
        ]
    )
    assert last_day_of(share, "") == "2098-03-04"
    assert last_day_of(share, "2099-12-31") == "2098-03-04"
    assert last_day_of(share, "2098-01-31") == "2098-01-31"
    assert last_day_of(desk_pb2.StatementView(), "") == ""


def test_only_a_text_that_is_changed_is_given_again_under_its_own_name() -> None:
    reply = "content.panel_reply"
    answers = Answers().having(
        {
            "~replies": ["texts"],
            f"{reply}.file_number": ["M-1"],
            f"{reply}.confidentiality": ["REPORT"],
            f"{reply}.publication.0.text_id": ["p1"],
            f"{reply}.publication.0.decision": ["GRANTED"],
            f"{reply}.texts.0.text": ["typed, and then granted"],
            f"{reply}.publication.1.text_id": ["p2"],
            f"{reply}.publication.1.decision": ["CHANGED"],
            f"{reply}.texts.1.text": ["another text"],
            f"{reply}.answers.0.item_id": ["1"],
        }
    )
    made = finish(GUIDES["panel-reply"], answers, now=NOW, parts=())
    said = made.draft.content.panel_reply
    assert made.faults == ()
    assert [(one.text_id, one.text) for one in said.texts] == [("p2", "another text")]
    assert not said.answers


def test_a_refusal_names_its_ground_and_tells_nothing_else() -> None:
    reply = "content.panel_reply"
    answers = Answers().having(
        {
            "~replies": ["refusal"],
            f"{reply}.file_number": ["M-1"],
            f"{reply}.confidentiality": ["PANEL_ONLY"],
            f"{reply}.answers.0.item_id": ["1"],
            f"{reply}.final": ["yes"],
        }
    )
    faults = finish(GUIDES["panel-reply"], answers, now=NOW).faults
    assert [(one.path, one.reason) for one in faults] == [(f"{reply}.refusal_ground", "required")]
    grounded = answers.having({f"{reply}.refusal_ground": ["NATIONAL_SECURITY"]})
    said = finish(GUIDES["panel-reply"], grounded, now=NOW).draft.content.panel_reply
    assert not said.answers
    assert not said.HasField("final")


def test_how_a_case_is_to_be_handled_stands_in_bold_in_the_inbox_of_a_panel() -> None:
    words = words_of("en")
    case = desk_pb2.CaseSummary(handling=[terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT])
    row = _row(Shower(words), case, "2031-01-01")
    asked = Asked(row, STATE, (), answered=True)
    said = words.coded("HandlingInstruction", "DO_NOT_ALERT")
    lists: tuple[dict[str, Any], ...] = ({"asked": [asked]}, {"given": [(row, STATE)]})
    for rows in lists:
        assert f"<strong>{said}</strong>" in render(words, "pages/panel.html", {"languages": (), **rows})


@pytest.mark.parametrize("language", tags())
def test_that_an_enquiry_is_overdue_is_said_in_the_language_of_the_officer(language: str) -> None:
    words = words_of(language)
    row = _enquiry(words, Shower(words), inquiry_pb2.EnquirySummary(overdue=True))
    assert words.gettext("overdue") in row
    assert ("overdue" in row) == (language == "en")

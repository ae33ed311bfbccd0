"""What a panel asks, is told and documents: rules that accept and refuse, and what they do to a case."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message

from fakes.channels import decision, documented, panel_reply, panel_request, texts_to_print
from fakes.messages import item
from fakes.threads import Case
from tracepost.node.handlers.rules import RULES
from tracepost.node.handlers.rules.rule import Saying
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.protocol.lifecycle import DutyKind, Phase
from tracepost.protocol.schema import RESERVED_KINDS, UNITS, WRITTEN_FOR, Sensitivity
from tracepost.wire.v1 import panel_pb2, terms_pb2, trace_pb2, weapon_pb2

PANEL, TODAY = "un-panel-xyz", "2026-06-30"
MANDATE = terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
OTHER = "A" * 43


def say(message: Message, case: Case, *to: str, desk: str = "PANEL", legal_basis: int = MANDATE) -> None:
    schema.validate(message)
    members = [MemberId(one) for one in to or ("xab",)]
    competences = frozenset({desk}) if desk else frozenset[str]()
    saying = Saying(message, case.thread(), members, legal_basis, TODAY, competences=competences)
    RULES[schema.kind_of(message)](saying)


def refusal(message: Message, case: Case, *to: str, **how: Any) -> tuple[str, str]:
    with pytest.raises(InvalidMessageError) as refused:
        say(message, case, *to, **how)
    return refused.value.where, refused.value.reason


def asking(us: str = PANEL) -> Case:
    """The panel asked XAB about two items."""
    case = Case(us)
    case.say(PANEL, ["xab"], panel_request("1", "2"))
    return case


def answered(us: str = PANEL) -> tuple[Case, str]:
    """XAB answered on both."""
    case = asking(us)
    record = case.say("xab", [PANEL], panel_reply("1", "2"))
    return case, encode_b64(record.digest)


def texts_asked(us: str = "xab") -> Case:
    """The panel put two texts before XAB."""
    case, digest = answered(us)
    case.say(PANEL, ["xab"], texts_to_print(digest, p1="one", p2="two"))
    return case


# ── requests ─────────────────────────────────────────────────────────────────────────


def test_a_panel_asks_a_member_and_later_puts_texts_before_it() -> None:
    say(panel_request(), Case(PANEL))
    case, digest = answered()
    say(texts_to_print(digest, p1="The rifle was exported to XAD."), case)
    say(panel_request("3"), case)


@pytest.mark.parametrize(
    ("request_", "where", "reason"),
    [
        (panel_request(items=[]), "items", "asks-nothing"),
        (panel_request(question=None), "question", "not-said"),
        (panel_request(embargo_context=None), "embargo_context", "not-said"),
        (panel_request(reply_by=None), "reply_by", "not-said"),
        (panel_request(reply_by="2026-06-29"), "reply_by", "past"),
        (panel_request(report_on="2031-05-05"), "report_on", "past"),
        (panel_request(mandate_until="2026-06-29"), "mandate_until", "no-mandate"),
        (
            panel_request(items=[weapon_pb2.Item(id="1", kind="ITEM_KIND_WEAPON")]),
            "items.0.object.mark",
            "no-mark",
        ),
        (
            panel_request(items=[weapon_pb2.Item(id="1", kind="ITEM_KIND_PACKAGING", exhibit_number="E-1")]),
            "items.0.exhibit_number",
            "case-file",
        ),
    ],
)
def test_a_request_that_says_too_little_or_too_much_is_refused(
    request_: Message, where: str, reason: str
) -> None:
    assert refusal(request_, Case(PANEL)) == (where, reason)


def test_a_request_has_one_addressee_in_a_case_with_it_alone() -> None:
    """An implicated State never sees what is asked of others."""
    assert refusal(panel_request(), Case(PANEL), "xaa", "xab") == ("to", "one-addressee")
    assert refusal(panel_request(), asking(), "xac") == ("to", "one-addressee")


def test_only_a_panel_under_a_mandate_asks() -> None:
    assert refusal(panel_request(), Case("xaa"), desk="LAW_ENFORCEMENT") == ("desk", "not-a-panel")
    assert refusal(panel_request(), Case(PANEL), desk="") == ("desk", "not-a-panel")
    iti = terms_pb2.LEGAL_BASIS_ITI
    assert refusal(panel_request(), Case(PANEL), legal_basis=iti) == ("legal_basis", "no-mandate")


def test_a_text_is_shown_exactly_and_tells_what_its_addressee_wrote() -> None:
    case, digest = answered()
    lacking = texts_to_print(digest, p1="one")
    lacking.ClearField("texts")
    assert refusal(lacking, case) == ("texts", "text-missing")
    assert refusal(texts_to_print(OTHER, p1="one"), case) == ("excerpts.0.statement_digest", "not-theirs")
    ours = encode_b64(case.records[0].digest)
    assert refusal(texts_to_print(ours, p1="one"), case) == ("excerpts.0.statement_digest", "not-theirs")
    secret = texts_to_print(digest, p1="one")
    secret.publication_intent = panel_pb2.PUBLICATION_INTENT_NONE
    assert refusal(secret, case) == ("publication_intent", "intends-nothing")


# ── replies ──────────────────────────────────────────────────────────────────────────


def test_a_member_answers_refuses_or_decides() -> None:
    say(panel_reply("1", "2"), asking("xab"), PANEL, desk="FOREIGN_AFFAIRS")
    no = panel_reply(refusal_ground="WITHHOLDING_GROUND_MANDATE_MISSING")
    no.ClearField("answers")
    say(no, asking("xab"), PANEL, desk="FOREIGN_AFFAIRS")
    say(decision(p1="GRANTED", p2="DENIED"), texts_asked(), PANEL, desk="FOREIGN_AFFAIRS")
    say(decision(p1="another text"), texts_asked(), PANEL, desk="")


def answer(**more: Any) -> trace_pb2.Answer:
    told = panel_reply().answers[0]
    told.MergeFrom(trace_pb2.Answer(**more))
    return told


@pytest.mark.parametrize(
    ("reply", "where", "reason"),
    [
        (panel_reply(answers=[]), "answers", "says-nothing"),
        (panel_reply(final=None), "final", "not-said"),
        (panel_reply("3"), "answers", "unknown-item"),
        (
            panel_reply(answers=[answer(persons=[trace_pb2.Person(role="PERSON_ROLE_BUYER")])]),
            "answers.0.persons",
            "case-file",
        ),
        (
            panel_reply(answers=[answer(crime_report_number="7")]),
            "answers.0.crime_report_number",
            "case-file",
        ),
        (decision(p9="GRANTED"), "publication.0.text_id", "unknown-text"),
        (
            panel_reply(publication=decision(p1="GRANTED").publication),
            "confidentiality",
            "not-for-report",
        ),
    ],
)
def test_a_reply_that_makes_no_sense_is_refused(reply: Message, where: str, reason: str) -> None:
    assert refusal(reply, texts_asked(), PANEL, desk="FOREIGN_AFFAIRS") == (where, reason)


def test_a_changed_text_is_given_word_by_word() -> None:
    changed = decision(p1="another text")
    changed.ClearField("texts")
    assert refusal(changed, texts_asked(), PANEL) == ("texts", "text-missing")
    granted = decision(p1="GRANTED")
    granted.texts.add(text_id="p1", text="something else")
    assert refusal(granted, texts_asked(), PANEL) == ("texts", "text-missing")


def test_nobody_replies_where_no_panel_asked() -> None:
    assert refusal(panel_reply(), Case("xab"), PANEL) == ("thread", "nothing-asked")
    assert refusal(panel_reply(), asking(PANEL), "xab") == ("thread", "nothing-asked")


# ── documents ────────────────────────────────────────────────────────────────────────


def seen(read_from: str) -> weapon_pb2.Item:
    one = item("1")
    one.object.mark[0].MergeFrom(weapon_pb2.Mark(read_from=f"READ_FROM_{read_from}"))
    return one


INSPECTED = "VERIFICATION_PHYSICALLY_INSPECTED"


@pytest.mark.parametrize("desk", ["PANEL", "PEACE_OPERATION"])
def test_a_panel_or_mission_documents(desk: str) -> None:
    say(documented("1", "2"), Case(PANEL), "xaa", "xab", desk=desk)
    say(documented(items=[seen("WEAPON")], verification=INSPECTED), Case(PANEL), desk=desk)


@pytest.mark.parametrize(
    ("document", "where", "reason"),
    [
        (documented(documented_on="2026-07"), "documented_on", "not-yet"),
        (documented(verified_on="2026-07-01"), "verified_on", "not-yet"),
        (
            documented(items=[seen("PHOTOGRAPH")], verification=INSPECTED),
            "items.0.object.mark",
            "not-inspected",
        ),
        (
            documented(items=[weapon_pb2.Item(id="1", kind="ITEM_KIND_PACKAGING", exhibit_number="E-1")]),
            "items.0.exhibit_number",
            "case-file",
        ),
    ],
)
def test_a_document_that_makes_no_sense_is_refused(document: Message, where: str, reason: str) -> None:
    assert refusal(document, Case(PANEL)) == (where, reason)


def test_a_state_documents_nothing_in_this_way() -> None:
    assert refusal(documented(), Case("xaa"), desk="LAW_ENFORCEMENT") == ("desk", "not-a-panel")


# ── the schema and the case ──────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["panel.request/1", "panel.documented-item/1"])
def test_what_a_panel_says_has_no_field_for_a_person_or_a_case_file(kind: str) -> None:
    """But for those of an item, which the rule refuses, and marks that a sender raises."""
    of_case_files = {Sensitivity.PERSONAL, Sensitivity.CRIMINAL_JUSTICE, Sensitivity.COMMERCIAL}
    assert {path for path, c in UNITS[kind].items() if c in of_case_files} == {"items.*.exhibit_number"}


def test_requests_go_to_missions_and_replies_to_panels() -> None:
    assert WRITTEN_FOR["panel.request/1"] == {"FOREIGN_AFFAIRS"}
    assert WRITTEN_FOR["panel.reply/1"] == {"PANEL"}
    assert WRITTEN_FOR["panel.documented-item/1"] == {"FOREIGN_AFFAIRS", "PANEL", "PEACE_OPERATION"}
    assert {"panel.request/1"} == RESERVED_KINDS


def test_a_request_is_owed_an_answer_by_its_day_and_a_reply_settles_it() -> None:
    state = asking("xab").state()
    (duty,) = state.duties
    assert (duty.kind, duty.by, duty.to, duty.due) == (DutyKind.ANSWER, "xab", PANEL, "2031-05-06")
    assert (state.phase, state.unheard) == (Phase.WAITING_FOR_US, ("xab",))
    assert answered("xab")[0].state().duties == ()


def test_a_refusal_settles_it_too_and_names_its_ground() -> None:
    case = asking()
    no = panel_reply(refusal_ground="WITHHOLDING_GROUND_MANDATE_MISSING")
    no.ClearField("answers")
    case.say("xab", [PANEL], no)
    state = case.state()
    assert state.duties == ()
    grounds = {answer.ground for one in state.items for answer in one.answers}
    assert grounds == {terms_pb2.WITHHOLDING_GROUND_MANDATE_MISSING}


def test_texts_wait_for_a_consent_and_a_decision_settles_it() -> None:
    case = texts_asked()
    (duty,) = case.state().duties
    assert (duty.kind, duty.by, duty.to) == (DutyKind.CONSENT, "xab", PANEL)
    case.say("xab", [PANEL], decision(p1="GRANTED", p2="DENIED"))
    assert case.state().duties == ()


def test_what_is_documented_is_owed_nothing() -> None:
    case = Case("xaa")
    case.say(PANEL, ["xaa"], documented("1", "2"))
    state = case.state()
    assert ([one.item_id for one in state.items], state.duties) == (["1", "2"], ())

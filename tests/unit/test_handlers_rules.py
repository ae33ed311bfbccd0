"""The rules of the verbs: what an officer may say in which case. One row per refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.message import Message

from fakes import messages as m
from fakes.threads import THREAD, Case
from tracepost.node.handlers.rules import RULES
from tracepost.node.handlers.rules.rule import Saying
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2

ITI = terms_pb2.LEGAL_BASIS_ITI
OTHER_LAW = terms_pb2.LEGAL_BASIS_NATIONAL_LAW
DIGEST = "A" * 43
TODAY = "2026-06-30"
PURPOSE = "PURPOSE_CRIMINAL_INVESTIGATION"


def nothing() -> Case:
    return Case("xaa")


def asked() -> Case:
    """XAA asks XAB about two items; XAB looks."""
    case = Case("xab")
    case.say("xaa", ["xab"], m.request("T-1", "1", "2"))
    return case


def asking() -> Case:
    """The same; XAA looks."""
    case = Case("xaa")
    case.say("xaa", ["xab"], m.request("T-1", "1", "2"))
    return case


def referred() -> Case:
    """XAB referred XAA's request to XAC; XAC looks."""
    case = Case("xac")
    case.say("xab", ["xac"], m.referral("xaa", "", DIGEST, "1"))
    return case


def questioned() -> Case:
    """XAB asked XAA for a better photograph; XAA looks."""
    case = asking()
    case.say("xab", ["xaa"], m.information_request())
    return case


def say(message: Message, case: Case, *to: str, legal_basis: int = ITI) -> None:
    RULES[schema.kind_of(message)](
        Saying(message, case.thread(), [MemberId(one) for one in to or ("xab",)], legal_basis, TODAY, PURPOSE)
    )


def changed(change: Callable[[trace_pb2.TraceRequest], object], *items: str) -> trace_pb2.TraceRequest:
    message = m.request("T-1", *items)
    change(message)
    return message


def test_every_kind_that_an_officer_can_write_has_a_rule() -> None:
    written = {f.message_type.full_name for f in desk_pb2.Content.DESCRIPTOR.fields if f.message_type}
    kinds = {kind for kind, type_ in schema.KINDS.items() if type_.DESCRIPTOR.full_name in written}
    assert kinds == RULES.keys()


# ── what is allowed ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "case"),
    [
        (m.request("T-1", "1", "2"), nothing),
        (m.acknowledgement(2), asked),
        (m.acknowledgement(1), referred),
        (m.response(m.answer("1"), m.answer("2")), asked),
        (m.response(m.answer("1")), referred),
        (m.refusal(), asked),
        (m.delay(), asked),
        (m.redirect("2"), asked),
        (m.information_request("2"), asked),
        (m.supply("2"), questioned),
        (m.clarification(item_ids=["1"]), asking),
        (m.clarification(item_ids=["1"]), asked),
        (m.consent(step="ASKED"), asked),
        (m.consent(), asking),
        (m.consent(step="REVOKED"), asking),
        (m.status(), asked),
        (m.status(state="PROCESSING_STATE_REMINDER", reminder_number=1), asking),
        (m.withdrawal(), asking),
        (m.withdrawal("DELETED"), asked),
        (m.withdrawal("KEPT_BY_LAW", kept_under="Law 7"), asked),
        (m.closure("1", "2"), asking),
        (m.error(statement_digest=DIGEST), asked),
        (m.share(DIGEST), nothing),
    ],
    ids=lambda value: value.DESCRIPTOR.name if isinstance(value, Message) else value.__name__,
)
def test_it_is_said_where_it_makes_sense(message: Message, case: Callable[[], Case]) -> None:
    say(message, case(), "xab" if case().us != "xab" else "xaa")


# ── what is refused ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Refused:
    rule: str
    message: Message
    case: Callable[[], Case]
    where: str
    reason: str

    def __str__(self) -> str:
        return self.rule.replace(" ", "-")


REFUSALS = [
    Refused(
        "who asks for another State names its mandate",
        m.request(on_behalf_of="xac"),
        nothing,
        "mandate_digest",
        "no-mandate",
    ),
    Refused("two items have one id", m.request("T-1", "1", "1"), nothing, "items", "item-twice"),
    Refused(
        "urgency has a reason (messages.md 4)",
        m.request(urgency="URGENCY_URGENT"),
        nothing,
        "urgency_reason",
        "urgency-unreasoned",
    ),
    Refused(
        "who guarantees nothing says why (ITI 15)",
        m.request(guarantees_restrictions=False),
        nothing,
        "no_guarantee_reason",
        "no-reason",
    ),
    Refused(
        "a weapon has a mark or was examined",
        changed(lambda r: r.items[0].object.ClearField("mark")),
        nothing,
        "items.0.object.mark",
        "no-mark",
    ),
    Refused(
        "a request under the ITI names a ground (ITI 6)",
        changed(lambda r: r.items[1].ClearField("illicit_grounds"), "1", "2"),
        nothing,
        "items.1.illicit_grounds",
        "no-ground",
    ),
    Refused(
        "who was asked nothing asks nothing back", m.information_request(), asking, "thread", "nothing-asked"
    ),
    Refused(
        "what is needed is about an item of the case",
        m.information_request("9"),
        asked,
        "needed.0.item_id",
        "unknown-item",
    ),
    Refused(
        "who was asked nothing acknowledges nothing", m.acknowledgement(2), asking, "thread", "nothing-asked"
    ),
    Refused("all items are counted", m.acknowledgement(1), asked, "items_counted", "count"),
    Refused(
        "an incomplete request says what is missing",
        m.acknowledgement(2, formal_check="FORMAL_CHECK_INCOMPLETE"),
        asked,
        "missing",
        "missing-and-check",
    ),
    Refused(
        "a complete request misses nothing",
        m.acknowledgement(2, missing=m.information_request("1").needed),
        asked,
        "missing",
        "missing-and-check",
    ),
    Refused(
        "what is missing is about an item of the case",
        m.acknowledgement(
            2, formal_check="FORMAL_CHECK_INCOMPLETE", missing=m.information_request("9").needed
        ),
        asked,
        "missing",
        "unknown-item",
    ),
    Refused("who was asked nothing answers nothing", m.response(), asking, "thread", "nothing-asked"),
    Refused(
        "an answer is about an item of the case", m.response(m.answer("9")), asked, "answers", "unknown-item"
    ),
    Refused(
        "an item is answered once in a response",
        m.response(m.answer("1"), m.answer("1")),
        asked,
        "answers",
        "item-twice",
    ),
    Refused(
        "exported names whom to ask",
        m.response(m.answer(stopped_because="STOPPED_BECAUSE_EXPORTED")),
        asked,
        "answers.0.ask_member",
        "ask-whom",
    ),
    Refused(
        "withheld names its ground (ITI 22)",
        m.response(m.answer(stopped_because="STOPPED_BECAUSE_WITHHELD")),
        asked,
        "answers.0.withholding_ground",
        "no-ground",
    ),
    Refused(
        "lapsed records name their first year (ITI 12)",
        m.response(m.answer(stopped_because="STOPPED_BECAUSE_RECORDS_LAPSED")),
        asked,
        "answers.0.records_since",
        "since-when",
    ),
    Refused(
        "a duplicate names the other case",
        m.response(m.answer(stopped_because="STOPPED_BECAUSE_DUPLICATE")),
        asked,
        "answers.0.duplicate_of",
        "of-what",
    ),
    Refused("who was asked nothing refuses nothing", m.refusal(), asking, "thread", "nothing-asked"),
    Refused(
        "a refusal tells its reasons or that it cannot (ITI 23)",
        m.refusal(item_ids=["1"]),
        asked,
        "reason_text",
        "no-reason",
    ),
    Refused(
        "a refusal is about items of the case",
        m.refusal(reason_text="no", item_ids=["9"]),
        asked,
        "item_ids",
        "unknown-item",
    ),
    Refused("a delay names a date or a day of review", m.delay(item_ids=["1"]), asked, "new_date", "no-date"),
    Refused("who was asked nothing delays nothing", m.delay(), asking, "thread", "nothing-asked"),
    Refused(
        "a redirection is about an item of the case", m.redirect("9"), asked, "redirections", "unknown-item"
    ),
    Refused(
        "a redirection names whom to ask",
        m.redirect(member=""),
        asked,
        "redirections.0.ask_member",
        "ask-whom",
    ),
    Refused("who was asked nothing redirects nobody", m.redirect(), asking, "thread", "nothing-asked"),
    Refused(
        "a referral has the requester's consent (ITI 15(c))",
        m.referral("xaa", "", DIGEST, "1"),
        asked,
        "to",
        "no-consent",
    ),
    Refused(
        "a consent is asked for by who holds the request",
        m.consent(step="ASKED"),
        asking,
        "thread",
        "nothing-asked",
    ),
    Refused("a consent is given by who asked", m.consent(), asked, "thread", "not-our-request"),
    Refused(
        "a decision is granted or denied",
        trace_pb2.Consent(step="CONSENT_STEP_DECIDED", third_party="xac"),
        asking,
        "decision",
        "no-decision",
    ),
    Refused(
        "a consent is about items of the case", m.consent(item_ids=["9"]), asking, "item_ids", "unknown-item"
    ),
    Refused("only what was asked for is supplied", m.supply(), asking, "thread", "nothing-asked"),
    Refused(
        "what is supplied is about items of the case", m.supply("9"), questioned, "items", "unknown-item"
    ),
    Refused("a clarification belongs to a case", m.clarification(), nothing, "thread", "no-case"),
    Refused(
        "a clarification is about items of the case",
        m.clarification(item_ids=["9"]),
        asked,
        "item_ids",
        "unknown-item",
    ),
    Refused("only its author amends a statement", m.amendment(DIGEST), asking, "amends_digest", "not-ours"),
    Refused("only who asked withdraws", m.withdrawal(), asked, "thread", "not-our-request"),
    Refused("only a holder confirms", m.withdrawal("DELETED"), asking, "thread", "nothing-asked"),
    Refused("who keeps data names the law", m.withdrawal("KEPT_BY_LAW"), asked, "kept_under", "which-law"),
    Refused(
        "a withdrawal is about items of the case",
        m.withdrawal(item_ids=["9"]),
        asking,
        "item_ids",
        "unknown-item",
    ),
    Refused("only who asked closes", m.closure("1"), asked, "thread", "not-our-request"),
    Refused("an outcome is about an item of the case", m.closure("9"), asking, "outcomes", "unknown-item"),
    Refused("a status belongs to a case", m.status(), nothing, "thread", "no-case"),
    Refused(
        "a reminder is numbered",
        m.status(state="PROCESSING_STATE_REMINDER"),
        asking,
        "reminder_number",
        "which-reminder",
    ),
    Refused("an error is about something", m.error(), asked, "statement_digest", "about-what"),
    Refused("an exhibit names its statement", m.share(""), nothing, "exhibits", "no-statement"),
]


@pytest.mark.parametrize("refused", REFUSALS, ids=str)
def test_it_is_refused_where_it_makes_none(refused: Refused) -> None:
    with pytest.raises(InvalidMessageError) as refusal:
        say(refused.message, refused.case())
    assert (refusal.value.where, refusal.value.reason) == (refused.where, refused.reason)


@pytest.mark.parametrize("message", [m.request(), m.share(DIGEST)], ids=["request", "share"])
def test_what_opens_a_case_is_addressed(message: Message) -> None:
    with pytest.raises(InvalidMessageError) as refusal:
        RULES[schema.kind_of(message)](Saying(message, nothing().thread(), [], ITI, TODAY))
    assert refusal.value.reason == "no-addressee"


# ── finer points ─────────────────────────────────────────────────────────────────────


def test_another_law_than_the_iti_asks_no_ground_of_iti_6() -> None:
    message = changed(lambda r: r.items[0].ClearField("illicit_grounds"))
    say(message, nothing(), legal_basis=OTHER_LAW)


def test_a_ground_of_the_request_is_one_of_each_item() -> None:
    message = changed(lambda r: r.items[0].ClearField("illicit_grounds"))
    message.illicit_grounds.append(weapon_pb2.ILLICIT_GROUND_EMBARGO)
    say(message, nothing())


@pytest.mark.parametrize("kind", ["ITEM_KIND_AMMUNITION", "ITEM_KIND_PACKAGING"])
def test_ammunition_and_packaging_are_not_under_the_iti(kind: str) -> None:
    item = weapon_pb2.Item(id="1", kind=kind)
    message = m.request()
    message.items[0].CopyFrom(item)
    say(message, nothing())


@pytest.mark.parametrize("word", ["unmarked", "craft_made"])
def test_a_weapon_without_a_mark_is_said_to_be_so(word: str) -> None:
    message = m.request()
    thing = message.items[0].object
    thing.ClearField("mark")
    setattr(thing, word, True)
    say(message, nothing())


def test_a_mark_on_a_part_is_a_mark_of_the_weapon() -> None:
    message = m.request()
    thing = message.items[0].object
    thing.part.add().mark.extend(thing.mark)
    thing.ClearField("mark")
    say(message, nothing())


def test_an_author_amends_its_own_statement() -> None:
    case = asking()
    say(m.amendment(encode_b64(case.records[0].digest), removed_item_ids=["2"]), case)


def test_nobody_amends_the_statement_of_another() -> None:
    case = asked()
    with pytest.raises(InvalidMessageError) as refusal:
        say(m.amendment(encode_b64(case.records[0].digest)), case, "xaa")
    assert refusal.value.reason == "not-ours"


class TestReferral:
    """ITI 15(c): a request goes to a third state only with its author's consent for exactly that state."""

    def refer(self, case: Case, consent_digest: str, to: str = "xac") -> None:
        request = encode_b64(case.records[0].digest)
        say(m.referral("xaa", THREAD, request, "1", consent_digest=consent_digest), case, to)

    def test_a_consent_in_the_request_is_one(self) -> None:
        case = Case("xab")
        record = case.say("xaa", ["xab"], m.request("T-1", referral_consents=["xac"]))
        self.refer(case, encode_b64(record.digest))

    def test_a_consent_given_later_is_one(self) -> None:
        case = asked()
        record = case.say("xaa", ["xab"], m.consent("xac"))
        self.refer(case, encode_b64(record.digest))

    def test_the_newest_word_holds(self) -> None:
        case = Case("xab")
        case.say("xaa", ["xab"], m.request("T-1", referral_consents=["xac"]))
        newest = case.say("xaa", ["xab"], m.consent("xac"))
        self.refer(case, encode_b64(newest.digest))
        with pytest.raises(InvalidMessageError) as refusal:
            self.refer(case, encode_b64(case.records[0].digest))
        assert refusal.value.reason == "other-consent"

    @pytest.mark.parametrize(
        "word",
        [
            m.consent("xad"),
            m.consent("xac", decision="CONSENT_DECISION_DENIED"),
            m.consent("xac", step="ASKED"),
        ],
        ids=["for-another", "denied", "only-asked"],
    )
    def test_no_other_word_is_one(self, word: Message) -> None:
        case = asked()
        record = case.say("xaa", ["xab"], word)
        with pytest.raises(InvalidMessageError) as refusal:
            self.refer(case, encode_b64(record.digest))
        assert refusal.value.reason == "no-consent"

    def test_a_consent_that_was_taken_back_is_none(self) -> None:
        case = Case("xab")
        first = case.say("xaa", ["xab"], m.request("T-1", referral_consents=["xac"]))
        case.say("xaa", ["xab"], m.consent("xac", step="REVOKED"))
        with pytest.raises(InvalidMessageError) as refusal:
            self.refer(case, encode_b64(first.digest))
        assert refusal.value.reason == "no-consent"

    def test_the_consent_of_another_than_the_requester_is_none(self) -> None:
        case = asked()
        record = case.say("xad", ["xab"], m.consent("xac"))
        with pytest.raises(InvalidMessageError) as refusal:
            self.refer(case, encode_b64(record.digest))
        assert refusal.value.reason == "no-consent"

    def test_a_consent_in_an_amendment_is_one(self) -> None:
        case = asked()
        first = encode_b64(case.records[0].digest)
        record = case.say("xaa", ["xab"], m.amendment(first, referral_consents=["xac"]))
        self.refer(case, encode_b64(record.digest))

    def test_to_ask_for_a_consent_takes_none_back(self) -> None:
        case = Case("xab")
        first = case.say("xaa", ["xab"], m.request("T-1", referral_consents=["xac"]))
        case.say("xaa", ["xab"], m.consent("xac", step="ASKED"))
        self.refer(case, encode_b64(first.digest))

    @pytest.mark.parametrize(
        ("terms", "where", "reason"),
        [
            ({"item_ids": ["2"]}, "item_ids", "beyond-consent"),
            ({"statement_digest": DIGEST}, "request_digest", "beyond-consent"),
            ({"until": "2026-06-29"}, "consent_digest", "consent-ended"),
            ({"purpose": "PURPOSE_PROSECUTION"}, "purpose", "beyond-consent"),
        ],
        ids=["other-items", "another-statement", "a-later-day", "another-purpose"],
    )
    def test_nothing_goes_beyond_the_terms_of_a_consent(
        self, terms: dict[str, Any], where: str, reason: str
    ) -> None:
        case = asked()
        record = case.say("xaa", ["xab"], m.consent("xac", **terms))
        with pytest.raises(InvalidMessageError) as refusal:
            self.refer(case, encode_b64(record.digest))
        assert (refusal.value.where, refusal.value.reason) == (where, reason)

    def test_what_lies_within_the_terms_of_a_consent_goes(self) -> None:
        case = asked()
        first = encode_b64(case.records[0].digest)
        terms: dict[str, Any] = {"item_ids": ["1"], "statement_digest": first, "until": TODAY}
        record = case.say("xaa", ["xab"], m.consent("xac", **terms))
        self.refer(case, encode_b64(record.digest))


def test_a_consent_about_an_answer_is_asked_of_who_wrote_it_and_decided_by_nobody_else() -> None:
    case = asking()
    told = case.say("xab", ["xaa"], m.response(m.answer("1")))
    about = {"statement_digest": encode_b64(told.digest)}
    say(m.consent(step="ASKED", **about), case, "xab")
    with pytest.raises(InvalidMessageError) as refused:
        say(m.consent(step="ASKED", **about), case, "xac")
    assert (refused.value.where, refused.value.reason) == ("to", "not-its-author")
    with pytest.raises(InvalidMessageError) as refused:
        say(m.consent(**about), case, "xab")
    assert (refused.value.where, refused.value.reason) == ("statement_digest", "not-ours")

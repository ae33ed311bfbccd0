"""The case as a fold: whose turn it is, what each item has come to, in whatever order mail arrives."""

from __future__ import annotations

import hashlib
import json
import random
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from tracepost.protocol import schema
from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64
from tracepost.protocol.lifecycle import CaseEvent, CaseState, Deletion, Duty, DutyKind, Phase, fold
from tracepost.wire.v1 import inquiry_pb2, share_pb2, terms_pb2, trace_pb2

XAA, XAB, XAC, XAD = (MemberId(name) for name in ("xaa", "xab", "xac", "xad"))
XYZ = MemberId("letter:xyz-office")


class Thread:
    """A case being written: each statement an hour after the one before."""

    def __init__(self) -> None:
        self.events: list[CaseEvent] = []

    def say(
        self,
        iss: MemberId,
        aud: MemberId | tuple[MemberId, ...],
        message: Message,
        *,
        to: CaseEvent | None = None,
        at: int | None = None,
    ) -> CaseEvent:
        number = len(self.events)
        event = CaseEvent(
            iss=iss,
            aud=aud if isinstance(aud, tuple) else (aud,),
            iat=1_790_000_000 + 3600 * number if at is None else at,
            jti=f"jti-{number:04}",
            kind=schema.kind_of(message),
            digest=StatementDigest(hashlib.sha256(number.to_bytes(4)).digest()),
            in_reply_to=to.digest if to else None,
            message=message,
        )
        self.events.append(event)
        return event

    def as_seen_by(self, us: MemberId) -> CaseState:
        return fold(self.events, us)


def request(*items: str, **fields: Any) -> trace_pb2.TraceRequest:
    message = trace_pb2.TraceRequest(file_number="A-1", **fields)
    for item in items or ("1", "2", "3"):
        message.items.add(id=item)
    return message


def response(*items: str, final: bool = True, **fields: Any) -> trace_pb2.Response:
    told = {"identification": "IDENTIFICATION_CONFIRMED", "reach": "REACH_MAKER", **fields}
    answers = [trace_pb2.Answer(item_id=item, **told) for item in items]
    return trace_pb2.Response(answers=answers, final=final)


def enquiry(*items: str, **fields: Any) -> inquiry_pb2.Enquiry:
    return inquiry_pb2.Enquiry(step="ENQUIRY_STEP_ASKED", to_desk="army", item_ids=items, **fields)


def reminder(about: CaseEvent, step: str = "REMINDER", **fields: Any) -> inquiry_pb2.Enquiry:
    digest = encode_b64(about.digest)
    return inquiry_pb2.Enquiry(step=f"ENQUIRY_STEP_{step}", to_desk="army", enquiry_digest=digest, **fields)


def found(about: CaseEvent, *items: str, final: bool = True) -> inquiry_pb2.Finding:
    answers = [trace_pb2.Answer(item_id=item) for item in items]
    return inquiry_pb2.Finding(enquiry_digest=encode_b64(about.digest), answers=answers, final=final)


def written(*items: str, **fields: Any) -> inquiry_pb2.Letter:
    letter = inquiry_pb2.Letter(direction="LETTER_DIRECTION_OUTGOING", request=request(*items, **fields))
    letter.correspondent.id = XYZ
    return letter


def keyed_in(*items: str, final: bool = True, **fields: Any) -> inquiry_pb2.Letter:
    letter = inquiry_pb2.Letter(direction="LETTER_DIRECTION_INCOMING", response=response(*items, final=final))
    letter.correspondent.id = XYZ
    letter.response.MergeFrom(trace_pb2.Response(**fields))
    letter.references.add(system="PARALLEL_SYSTEM_IARMS", number="IA-1")
    return letter


def duties(state: CaseState) -> list[tuple[str, str, str, tuple[str, ...]]]:
    return [(duty.kind.value, duty.by, duty.to, duty.item_ids) for duty in state.duties]


def answered(state: CaseState, item: str) -> Any:
    return next(entry for entry in state.items if entry.item_id == item).answers[-1]


# ---------------------------------------------------------------- whose turn


def test_a_request_waits_for_who_was_asked() -> None:
    thread = Thread()
    thread.say(XAA, XAB, request(reply_by="2026-12-01"))
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_THEM
    assert thread.as_seen_by(XAB).phase is Phase.WAITING_FOR_US
    assert thread.as_seen_by(XAB).due_on == "2026-12-01"
    assert duties(thread.as_seen_by(XAA)) == [("answer", "xab", "xaa", ("1", "2", "3"))]


def test_an_acknowledgement_changes_no_turn_and_gives_number_and_date() -> None:
    """ITI 19: a courtesy with a date, not an answer."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request(reply_by="2026-12-01"))
    acknowledgement = trace_pb2.Acknowledgement(
        file_number="B-7", expected_on="2026-12-20", formal_check="FORMAL_CHECK_COMPLETE", automatic=True
    )
    thread.say(XAB, XAA, acknowledgement, to=asked)
    state = thread.as_seen_by(XAA)
    assert state.phase is Phase.WAITING_FOR_THEM
    assert state.file_numbers == {XAA: "A-1", XAB: "B-7"}
    assert state.due_on == "2026-12-20"
    assert state.acknowledged[XAB].automatic
    assert state.acknowledged[XAB].complete


def test_a_partial_answer_leaves_the_rest_owed() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request())
    thread.say(XAB, XAA, response("1", "2"), to=asked)
    state = thread.as_seen_by(XAB)
    assert state.phase is Phase.WAITING_FOR_US
    assert duties(state) == [("answer", "xab", "xaa", ("3",))]


def test_an_answer_that_is_not_final_is_still_owed() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAB, XAA, response("1", final=False), to=asked)
    assert duties(thread.as_seen_by(XAB)) == [("answer", "xab", "xaa", ("1",))]


def test_when_everything_is_told_the_requester_concludes() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request())
    thread.say(XAB, XAA, response("1", "2", "3"), to=asked)
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_US
    assert thread.as_seen_by(XAB).phase is Phase.WAITING_FOR_THEM
    assert thread.as_seen_by(XAA).duties == ()


def test_a_question_back_turns_the_case_for_the_items_it_names() -> None:
    """ITI 21: better photographs of item 2; the others are worked on."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2"))
    needed = trace_pb2.NeededInformation(item_id="2", code="INFORMATION_CODE_PHOTOGRAPH_OF_MARK")
    back = thread.say(
        XAB, XAA, trace_pb2.InformationRequest(needed=[needed], reply_by="2026-12-03"), to=asked
    )
    assert duties(thread.as_seen_by(XAA)) == [
        ("information", "xaa", "xab", ("2",)),
        ("answer", "xab", "xaa", ("1",)),
    ]
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_US
    assert thread.as_seen_by(XAA).due_on == "2026-12-03"
    supplied = trace_pb2.SuppliedInformation(item_id="2", state="SUPPLY_STATE_SUPPLIED")
    thread.say(XAA, XAB, trace_pb2.InformationSupply(supplied=[supplied]), to=back)
    assert duties(thread.as_seen_by(XAA)) == [("answer", "xab", "xaa", ("1", "2"))]


def test_a_question_about_the_whole_request_rests_every_answer() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2"))
    needed = [trace_pb2.NeededInformation(code="INFORMATION_CODE_LEGAL_GROUND")]
    thread.say(XAB, XAA, trace_pb2.InformationRequest(needed=needed), to=asked)
    assert duties(thread.as_seen_by(XAB)) == [("information", "xaa", "xab", ())]
    assert thread.as_seen_by(XAB).phase is Phase.WAITING_FOR_THEM


def test_information_promised_for_later_is_still_owed() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    needed = [trace_pb2.NeededInformation(code="INFORMATION_CODE_RESTORATION_RESULT")]
    back = thread.say(XAB, XAA, trace_pb2.InformationRequest(needed=needed), to=asked)
    later = trace_pb2.SuppliedInformation(state="SUPPLY_STATE_LATER")
    thread.say(XAA, XAB, trace_pb2.InformationSupply(supplied=[later]), to=back)
    assert thread.as_seen_by(XAB).phase is Phase.WAITING_FOR_THEM


def test_a_delay_is_an_event_with_a_date_not_a_state() -> None:
    """ITI 22-23."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", reply_by="2026-12-01"))
    thread.say(XAB, XAA, trace_pb2.Delay(new_date="2027-01-15"), to=asked)
    state = thread.as_seen_by(XAB)
    assert (state.phase, state.due_on) == (Phase.WAITING_FOR_US, "2027-01-15")


def test_reminders_that_went_to_others_are_counted_those_of_others_and_to_custodians_are_not() -> None:
    thread, reminded = Thread(), trace_pb2.Status(state="PROCESSING_STATE_REMINDER", reminder_number=1)
    asked = thread.say(XAA, (XAB, XAC), request("1"))
    assert thread.as_seen_by(XAA).reminders == 0
    thread.say(XAB, XAA, trace_pb2.Status(state="PROCESSING_STATE_UNDER_TRACE"), to=asked)
    thread.say(XAA, XAB, reminded, to=asked)
    thread.say(XAA, XAC, reminded, to=asked)
    thread.say(XAB, XAA, reminded, to=asked)
    thread.say(XAB, XAB, reminder(thread.say(XAB, XAB, enquiry("1"))))
    assert [thread.as_seen_by(us).reminders for us in (XAA, XAB, XAC)] == [2, 1, 0]


def test_a_clarification_is_owed_until_it_is_given() -> None:
    """ITI 23: the requester may ask about the reasons."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    refused = thread.say(XAB, XAA, trace_pb2.Refusal(ground="WITHHOLDING_GROUND_NATIONAL_SECURITY"), to=asked)
    question = thread.say(
        XAA, XAB, trace_pb2.Clarification(step="CLARIFICATION_STEP_QUESTION", item_ids=["1"]), to=refused
    )
    assert duties(thread.as_seen_by(XAB)) == [("clarification", "xab", "xaa", ("1",))]
    thread.say(XAB, XAA, trace_pb2.Clarification(step="CLARIFICATION_STEP_REPLY"), to=question)
    assert thread.as_seen_by(XAB).duties == ()


def test_requests_both_ways_in_one_thread_are_owed_both_ways() -> None:
    thread = Thread()
    first = thread.say(XAA, XAB, request("1"))
    thread.say(XAB, XAA, request("b1"), to=first)
    assert duties(thread.as_seen_by(XAA)) == [
        ("answer", "xaa", "xab", ("b1",)),
        ("answer", "xab", "xaa", ("1",)),
    ]
    assert thread.as_seen_by(XAA).opened_by == XAA


def test_spontaneous_information_waits_for_its_reader() -> None:
    thread = Thread()
    thread.say(XAB, XAA, share_pb2.Share(reason="SHARE_REASON_SPONTANEOUS"))
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_US
    assert thread.as_seen_by(XAB).phase is Phase.WAITING_FOR_THEM


# ---------------------------------------------------------------- items


def test_a_refusal_tells_the_ground_and_keeps_what_was_told_before() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2"))
    thread.say(XAB, XAA, response("1", final=False), to=asked)
    ground = "WITHHOLDING_GROUND_ONGOING_INVESTIGATION"
    thread.say(XAB, XAA, trace_pb2.Refusal(ground=ground), to=asked)
    state = thread.as_seen_by(XAA)
    assert answered(state, "1").reach == trace_pb2.REACH_MAKER
    for item in ("1", "2"):
        assert answered(state, item).stopped_because == trace_pb2.STOPPED_BECAUSE_WITHHELD
        assert answered(state, item).ground == terms_pb2.WITHHOLDING_GROUND_ONGOING_INVESTIGATION
    assert state.duties == ()


def test_a_redirect_names_whom_to_ask_until_that_member_is_asked() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    to_xad = trace_pb2.Redirection(item_id="1", ask_member=XAD, reason="REDIRECT_REASON_NOT_OURS")
    thread.say(XAB, XAA, trace_pb2.Redirect(redirections=[to_xad]), to=asked)
    state = thread.as_seen_by(XAA)
    assert answered(state, "1").stopped_because == trace_pb2.STOPPED_BECAUSE_NOT_OURS
    assert state.items[0].to_ask_next == (XAD,)
    assert state.phase is Phase.WAITING_FOR_US
    thread.say(XAA, XAD, request("1"))
    state = thread.as_seen_by(XAA)
    assert state.items[0].to_ask_next == ()
    assert state.items[0].asked == (XAB, XAD)
    assert state.unheard == (XAD,)
    assert state.phase is Phase.WAITING_FOR_THEM


def referral(requester: MemberId, asked: CaseEvent, *items: str) -> trace_pb2.Referral:
    return trace_pb2.Referral(
        requester=requester,
        request_digest=encode_b64(asked.digest),
        item_ids=items,
        reason="REDIRECT_REASON_EXPORTED_TO",
        mode="REFERRAL_MODE_HAND_OVER",
    )


def test_a_referral_makes_the_third_state_owe_the_requester() -> None:
    """With A's consent; C answers A."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2", referral_consents=[XAC]))
    referred = thread.say(XAB, (XAC, XAA), referral(XAA, asked, "1"), to=asked)
    state = thread.as_seen_by(XAA)
    assert duties(state) == [("answer", "xab", "xaa", ("2",)), ("answer", "xac", "xaa", ("1",))]
    assert answered(state, "1").ask_next == XAC
    assert [(given.by, given.third_party, given.digest) for given in state.consents] == [
        (XAA, XAC, asked.digest)
    ]
    thread.say(XAC, XAA, response("1", reach="REACH_POINT_OF_DIVERSION"), to=referred)
    assert answered(thread.as_seen_by(XAA), "1").reach == trace_pb2.REACH_POINT_OF_DIVERSION


@pytest.mark.parametrize(
    ("disclosure", "handling"),
    [
        (
            [
                "salt",
                "handling_instructions",
                ["HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER", "OF_TOMORROW", []],
            ],
            (terms_pb2.HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER,),
        ),
        (["salt", "file_number", "A-1"], ()),
        (["salt", "handling_instructions", "not a list"], ()),
        ("no disclosure at all", ()),
        (1, ()),
    ],
)
def test_instructions_of_the_enclosed_request_bind_the_third_state(
    disclosure: object, handling: tuple[int, ...]
) -> None:
    """Do not contact the owner: that holds for whoever is asked, by whatever way."""
    asked = Thread().say(XAA, XAB, request("1"))
    message = referral(XAA, asked, "1")
    message.exhibits.add(
        statement_digest=message.request_digest,
        administrative_disclosures=["?", encode_b64(json.dumps(disclosure).encode())],
    )
    message.exhibits.add(
        statement_digest=encode_b64(bytes(32)),
        administrative_disclosures=[
            encode_b64(b'["salt","handling_instructions",["HANDLING_INSTRUCTION_DO_NOT_ALERT"]]')
        ],
    )
    thread = Thread()
    thread.say(XAB, XAC, message)
    assert thread.as_seen_by(XAC).handling == handling


def test_a_third_state_that_knows_only_the_referral_owes_the_requester() -> None:
    """C never sees B's copy of the request as a statement of its own."""
    asked = Thread().say(XAA, XAB, request("1"))
    thread = Thread()
    thread.say(XAB, XAC, referral(XAA, asked, "1"))
    state = thread.as_seen_by(XAC)
    assert state.phase is Phase.WAITING_FOR_US
    assert state.opened_by == XAA
    assert duties(state) == [("answer", "xac", "xaa", ("1",))]


def test_a_later_answer_takes_the_place_of_an_earlier_one() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    first = thread.say(
        XAB, XAA, response("1", identification="IDENTIFICATION_SEVERAL_CANDIDATES", final=False), to=asked
    )
    thread.say(XAB, XAA, response("1"), to=first)
    assert len(thread.as_seen_by(XAA).items[0].answers) == 1
    assert answered(thread.as_seen_by(XAA), "1").identification == trace_pb2.IDENTIFICATION_CONFIRMED


def test_only_an_author_amends_what_it_said() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2"))
    told = thread.say(XAB, XAA, response("1"), to=asked)
    corrected = trace_pb2.Answer(item_id="1", identification="IDENTIFICATION_CORRECTED", reach="REACH_NONE")
    amendment = trace_pb2.Amendment(amends_digest=encode_b64(told.digest), answers=[corrected])
    thread.say(XAA, XAB, amendment, to=told)
    assert answered(thread.as_seen_by(XAA), "1").identification == trace_pb2.IDENTIFICATION_CONFIRMED
    thread.say(XAB, XAA, amendment, to=told)
    state = thread.as_seen_by(XAA)
    assert answered(state, "1").identification == trace_pb2.IDENTIFICATION_CORRECTED
    assert answered(state, "1").final


def test_an_amended_request_adds_and_removes_items_and_replaces_instructions() -> None:
    thread = Thread()
    asked = thread.say(
        XAA, XAB, request("1", "2", handling_instructions=["HANDLING_INSTRUCTION_DO_NOT_ALERT"])
    )
    amendment = trace_pb2.Amendment(
        amends_digest=encode_b64(asked.digest),
        removed_item_ids=["2"],
        handling_instructions=["HANDLING_INSTRUCTION_CALL_BEFORE_ACTING"],
    )
    amendment.items.add(id="3")
    thread.say(XAA, XAB, amendment, to=asked)
    state = thread.as_seen_by(XAB)
    assert [(item.item_id, item.removed) for item in state.items] == [("1", False), ("2", True), ("3", False)]
    assert duties(state) == [("answer", "xab", "xaa", ("1", "3"))]
    assert state.handling == (terms_pb2.HANDLING_INSTRUCTION_CALL_BEFORE_ACTING,)


def test_what_is_withheld_of_a_message_says_nothing() -> None:
    """A reader without the fields sees that there was a statement, no more."""
    thread = Thread()
    for kind in schema.KINDS.values():
        if schema.kind_of(kind()) != "directory.entry/1":
            thread.say(XAA, XAB, kind())
    state = thread.as_seen_by(XAB)
    assert state.items == ()
    assert len(state.timeline) == len(schema.KINDS) - 1


# ---------------------------------------------------------------- consent, withdrawal, closing


def consent(step: str, decision: str | None = None) -> trace_pb2.Consent:
    return trace_pb2.Consent(
        step=f"CONSENT_STEP_{step}",
        third_party=XAC,
        until="2027-06-30",
        decision=f"CONSENT_DECISION_{decision}" if decision else None,
    )


def test_consent_is_owed_until_decided_and_holds_until_revoked() -> None:
    """ITI 15(c)."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    wanted = thread.say(XAB, XAA, consent("ASKED"), to=asked)
    assert ("consent", "xaa", "xab", ()) in duties(thread.as_seen_by(XAA))
    given = thread.say(XAA, XAB, consent("DECIDED", "GRANTED"), to=wanted)
    state = thread.as_seen_by(XAB)
    assert [(c.by, c.third_party, c.digest, c.until) for c in state.consents] == [
        (XAA, XAC, given.digest, "2027-06-30")
    ]
    assert not [duty for duty in state.duties if duty.kind is DutyKind.CONSENT]
    thread.say(XAA, XAB, consent("REVOKED"), to=given)
    assert thread.as_seen_by(XAB).consents == ()


def consents(state: CaseState) -> list[tuple[str, str]]:
    return [(given.by, given.third_party) for given in state.consents]


def test_an_amended_list_of_consents_takes_the_place_of_the_first() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", referral_consents=[XAC]))
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)]
    amended = amendment(asked, changed_paths=["referral_consents"], referral_consents=[XAD])
    thread.say(XAA, XAB, amended, to=asked)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAD)]
    thread.say(XAA, XAB, amendment(asked, changed_paths=["referral_consents"]), to=asked)
    assert consents(thread.as_seen_by(XAB)) == []


@pytest.mark.parametrize("effect", ["REPLACE", "RECALL"])
def test_an_amendment_of_an_amendment_ends_what_that_consented_to(effect: str) -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    amended = thread.say(XAA, XAB, amendment(asked, referral_consents=[XAC]), to=asked)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)]
    ended = amendment(amended, changed_paths=["referral_consents"])
    ended.MergeFrom(trace_pb2.Amendment(effect=f"AMENDMENT_EFFECT_{effect}"))
    thread.say(XAB, XAA, ended, to=amended)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)], "it is not his"
    thread.say(XAA, XAB, ended, to=amended)
    assert consents(thread.as_seen_by(XAB)) == []


def test_a_list_of_consents_is_replaced_however_many_amendments_lead_to_the_request() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", referral_consents=[XAC]))
    first = thread.say(XAA, XAB, amendment(asked, changed_paths=["items"]), to=asked)
    second = thread.say(XAA, XAB, amendment(first, changed_paths=["items"]), to=first)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)]
    emptied = amendment(second, changed_paths=["referral_consents"])
    thread.say(XAB, XAA, emptied, to=second)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)], "it is not his"
    thread.say(XAA, XAB, emptied, to=second)
    assert consents(thread.as_seen_by(XAB)) == []


def test_the_recall_of_a_request_ends_the_consents_of_all_amendments_that_lead_to_it() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    first = thread.say(XAA, XAB, amendment(asked, changed_paths=["items"]), to=asked)
    thread.say(XAA, XAB, amendment(first, referral_consents=[XAC]), to=first)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)]
    recalled = trace_pb2.Amendment(effect="AMENDMENT_EFFECT_RECALL", amends_digest=encode_b64(asked.digest))
    thread.say(XAA, XAB, recalled, to=asked)
    assert consents(thread.as_seen_by(XAB)) == []


def test_the_recall_of_an_amendment_leaves_what_the_request_consented_to() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", referral_consents=[XAC]))
    first = thread.say(XAA, XAB, amendment(asked, changed_paths=["items"]), to=asked)
    recalled = trace_pb2.Amendment(effect="AMENDMENT_EFFECT_RECALL", amends_digest=encode_b64(first.digest))
    thread.say(XAA, XAB, recalled, to=first)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)]


def test_an_amendment_of_something_else_leaves_consents_as_they_are() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", referral_consents=[XAC]))
    thread.say(XAA, XAB, amendment(asked, changed_paths=["reply_by"]), to=asked)
    assert consents(thread.as_seen_by(XAB)) == [(XAA, XAC)]


def test_who_amends_the_statement_of_another_consents_to_nothing() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAB, XAA, amendment(asked, referral_consents=[XAC]), to=asked)
    assert consents(thread.as_seen_by(XAA)) == []


def test_a_withdrawal_of_the_whole_request_ends_every_consent_of_its_author() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2", referral_consents=[XAC]))
    thread.say(XAA, XAB, consent("DECIDED", "GRANTED"))
    thread.say(XAA, XAB, trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED", item_ids=["1"]), to=asked)
    assert consents(thread.as_seen_by(XAB))
    thread.say(XAA, XAB, trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED"), to=asked)
    assert consents(thread.as_seen_by(XAB)) == []


def amendment(amended: CaseEvent, **fields: Any) -> trace_pb2.Amendment:
    return trace_pb2.Amendment(
        amends_digest=encode_b64(amended.digest), effect="AMENDMENT_EFFECT_REPLACE", **fields
    )


def test_a_denied_consent_is_decided_and_is_none() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    wanted = thread.say(XAB, XAA, consent("ASKED"), to=asked)
    thread.say(XAA, XAB, consent("DECIDED", "DENIED"), to=wanted)
    assert thread.as_seen_by(XAB).consents == ()
    assert duties(thread.as_seen_by(XAB)) == [("answer", "xab", "xaa", ("1",))]


def test_a_withdrawal_is_confirmed_by_each_holder_or_listed_as_not() -> None:
    """Each holder confirms or says which law keeps it; no more is claimed."""
    thread = Thread()
    asked = thread.say(XAA, (XAB, XAC), request("1"))
    withdrawn = thread.say(XAA, (XAB, XAC), trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED"), to=asked)
    state = thread.as_seen_by(XAA)
    assert state.withdrawn
    assert state.deletions == {XAB: Deletion.NOT_CONFIRMED, XAC: Deletion.NOT_CONFIRMED}
    assert state.duties == (Duty(DutyKind.DELETION, XAB, XAA), Duty(DutyKind.DELETION, XAC, XAA))
    kept = trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_KEPT_BY_LAW", passed_on_to=[XAD])
    thread.say(XAB, XAA, kept, to=withdrawn)
    thread.say(XAC, XAA, trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_DELETED"), to=withdrawn)
    assert thread.as_seen_by(XAA).deletions == {
        XAB: Deletion.KEPT_BY_LAW,
        XAC: Deletion.DELETED,
        XAD: Deletion.NOT_CONFIRMED,
    }


def test_a_withdrawal_by_who_did_not_ask_withdraws_nothing() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAB, XAA, trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED"), to=asked)
    state = thread.as_seen_by(XAB)
    assert not state.withdrawn
    assert state.deletions == {}
    assert duties(state) == [("answer", "xab", "xaa", ("1",))]


def test_the_requester_closes_the_case_with_an_outcome_per_item() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    told = thread.say(XAB, XAA, response("1"), to=asked)
    outcome = trace_pb2.ItemOutcome(item_id="1", reach="REACH_MAKER", answered_by=XAB)
    thread.say(XAA, XAB, trace_pb2.Closure(outcomes=[outcome]), to=told)
    for us in (XAA, XAB):
        state = thread.as_seen_by(us)
        assert state.phase is Phase.CLOSED
        assert state.items[0].outcome is not None
        assert state.items[0].outcome.answered_by == XAB


def test_a_part_closed_by_who_was_asked_closes_no_case_of_the_requester() -> None:
    thread = Thread()
    asked = thread.say(XAA, (XAB, XAC), request("1"))
    thread.say(XAB, XAA, trace_pb2.Closure(code="CLOSURE_CODE_REFERRED_OUT"), to=asked)
    assert thread.as_seen_by(XAB).phase is Phase.CLOSED
    state = thread.as_seen_by(XAA)
    assert state.phase is Phase.WAITING_FOR_THEM
    assert duties(state) == [("answer", "xac", "xaa", ("1",))]


def test_a_late_answer_is_taken_up_and_marked_and_reopens_nothing() -> None:
    """Answers come after months: accepted after closing."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAA, XAB, trace_pb2.Closure(code="CLOSURE_CODE_NO_RESPONSE"), to=asked)
    thread.say(XAB, XAA, response("1", reach="REACH_FIRST_RECIPIENT"), to=asked, at=1_799_000_000)
    state = thread.as_seen_by(XAA)
    assert state.phase is Phase.CLOSED
    assert answered(state, "1").reach == trace_pb2.REACH_FIRST_RECIPIENT
    assert [entry.after_closing for entry in state.timeline] == [False, False, True]


def test_a_case_is_reopened_by_command_only() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    closed = thread.say(XAA, XAB, trace_pb2.Closure(code="CLOSURE_CODE_NO_RESPONSE"), to=asked)
    reopened = trace_pb2.Status(state="PROCESSING_STATE_REOPENED")
    thread.say(XAA, XAB, reopened, to=closed)
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_THEM
    assert thread.as_seen_by(XAA).reopened
    thread.say(XAA, XAB, trace_pb2.Closure(code="CLOSURE_CODE_ANSWERED"))
    assert thread.as_seen_by(XAA).phase is Phase.CLOSED
    assert not thread.as_seen_by(XAA).reopened


def test_an_unknown_kind_is_an_event_and_nothing_more() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    strange = CaseEvent(
        XAB,
        (XAA,),
        asked.iat + 1,
        "jti",
        "trace.forecast/1",
        StatementDigest(bytes(32)),
        None,
        trace_pb2.Error(),
    )
    state = fold([asked, strange], XAA)
    assert [entry.kind for entry in state.timeline] == ["trace.request/1", "trace.forecast/1"]


def test_a_case_without_statements_is_empty() -> None:
    state = fold([], XAA)
    assert (state.opened_by, state.items, state.duties, state.timeline) == (None, (), (), ())


def test_an_exercise_and_an_urgent_request_say_so() -> None:
    thread = Thread()
    thread.say(XAA, XAB, request("1", urgency="URGENCY_URGENT"))
    assert thread.as_seen_by(XAB).urgent
    assert not thread.as_seen_by(XAB).exercise


# ---------------------------------------------------------------- order


def test_an_answer_follows_its_question_whatever_the_clocks_say() -> None:
    """XAB's clock is ten minutes slow: its answer carries an earlier time than the request."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAB, XAA, response("1"), to=asked, at=asked.iat - 600)
    state = thread.as_seen_by(XAA)
    assert [entry.kind for entry in state.timeline] == ["trace.request/1", "trace.response/1"]
    assert state.opened_by == XAA


def test_a_loop_of_replies_ends() -> None:
    """No hash contains itself; a store that says so must not hang the node."""
    one, other = (StatementDigest(bytes([n]) * 32) for n in (1, 2))
    events = [
        CaseEvent(XAA, (XAB,), 1, "a", "trace.status/1", one, other, trace_pb2.Status()),
        CaseEvent(XAB, (XAA,), 1, "b", "trace.status/1", other, one, trace_pb2.Status()),
    ]
    assert len(fold(events, XAA).timeline) == 2


# ---------------------------------------------------------------- letters


def test_who_is_asked_by_letter_is_a_party_and_waited_for() -> None:
    thread = Thread()
    thread.say(XAA, XAA, written("1", "2", reply_by="2026-12-01"))
    state = thread.as_seen_by(XAA)
    assert (state.phase, state.due_on, state.opened_by) == (Phase.WAITING_FOR_THEM, "2026-12-01", XAA)
    assert (state.members, state.unheard) == ((XYZ, XAA), (XYZ,))
    assert duties(state) == [("answer", "letter:xyz-office", "xaa", ("1", "2"))]


def test_an_answer_on_paper_is_its_answer_not_ours() -> None:
    thread = Thread()
    letter = thread.say(XAA, XAA, written("1", "2"))
    thread.say(XAA, XAA, keyed_in("1", file_number="X/1"), to=letter)
    state = thread.as_seen_by(XAA)
    assert answered(state, "1").by == XYZ
    assert duties(state) == [("answer", "letter:xyz-office", "xaa", ("2",))]
    assert state.file_numbers == {XAA: "A-1", XYZ: "X/1"}
    assert (state.references, state.unheard) == (("IA-1",), ())


def test_a_letter_beside_members_waits_apart_from_them() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAA, XAA, written("1"))
    thread.say(XAB, XAA, response("1"), to=asked)
    state = thread.as_seen_by(XAA)
    assert state.phase is Phase.WAITING_FOR_THEM
    assert duties(state) == [("answer", "letter:xyz-office", "xaa", ("1",))]


def test_who_asks_us_on_paper_is_owed_an_answer() -> None:
    thread = Thread()
    asking = inquiry_pb2.Letter(direction="LETTER_DIRECTION_INCOMING", request=request("1"))
    asking.correspondent.id = XYZ
    came = thread.say(XAA, XAA, asking)
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_US
    reply = inquiry_pb2.Letter(direction="LETTER_DIRECTION_OUTGOING", response=response("1"))
    reply.correspondent.id = XYZ
    thread.say(XAA, XAA, reply, to=came)
    assert thread.as_seen_by(XAA).phase is Phase.WAITING_FOR_THEM


@pytest.mark.parametrize("broken", ["nothing", "two things", "nobody"])
def test_a_letter_that_says_nothing_definite_changes_nothing(broken: str) -> None:
    thread = Thread()
    thread.say(XAA, XAB, request("1"))
    before = thread.as_seen_by(XAA)
    letter = written("1")
    if broken == "two things":
        letter.response.final = True
    elif broken == "nothing":
        letter.ClearField("request")
    else:
        letter.ClearField("correspondent")
    thread.say(XAA, XAA, letter)
    after = thread.as_seen_by(XAA)
    assert (after.duties, after.items, after.members) == (before.duties, before.items, before.members)


# ---------------------------------------------------------------- inside a state


def test_an_enquiry_is_open_until_each_item_is_answered_for_good() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2"))
    inner = thread.say(XAB, XAB, enquiry("1", "2", due_on="2026-11-20"), to=asked)
    thread.say(XAB, XAB, found(inner, "1"), to=inner)
    thread.say(XAB, XAB, found(inner, "2", final=False), to=inner)
    [part] = thread.as_seen_by(XAB).enquiries
    assert (part.answered, part.in_part, part.findings, part.is_open) == (("1",), ("2",), 2, True)
    assert (part.is_overdue("2026-11-20"), part.is_overdue("2026-11-21")) == (False, True)
    thread.say(XAB, XAB, found(inner, "2"), to=inner)
    [whole] = thread.as_seen_by(XAB).enquiries
    assert (whole.is_open, whole.is_overdue("2026-11-21")) == (False, False)


def test_a_reminder_counts_and_moves_the_day() -> None:
    thread = Thread()
    inner = thread.say(XAB, XAB, enquiry("1", due_on="2026-11-20"))
    thread.say(XAB, XAB, reminder(inner, due_on="2026-11-25"), to=inner)
    last = thread.say(XAB, XAB, reminder(inner), to=inner)
    [one] = thread.as_seen_by(XAB).enquiries
    assert (one.reminders, one.due_on, one.last_reminder_at) == (2, "2026-11-25", last.iat)


def test_what_is_asked_inside_turns_no_case_and_owes_nobody_anything() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2"))
    before = thread.as_seen_by(XAB)
    inner = thread.say(XAB, XAB, enquiry("1"), to=asked)
    thread.say(XAB, XAB, found(inner, "1"), to=inner)
    after = thread.as_seen_by(XAB)
    assert (after.phase, after.duties, after.items) == (before.phase, before.duties, before.items)


def test_in_a_case_without_a_request_the_last_mail_decides_whose_turn_it_is() -> None:
    """An enquiry is no mail."""
    thread = Thread()
    shared = thread.say(XAA, XAB, share_pb2.Share())
    thread.say(XAB, XAB, enquiry("1"), to=shared)
    assert thread.as_seen_by(XAB).phase is Phase.WAITING_FOR_US


def test_a_finding_for_no_enquiry_changes_nothing() -> None:
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1"))
    thread.say(XAB, XAB, found(asked, "1"), to=asked)
    thread.say(XAB, XAB, inquiry_pb2.Finding(enquiry_digest="not a digest"))
    assert thread.as_seen_by(XAB).enquiries == ()


def long_case() -> list[CaseEvent]:
    """A statement of every kind of a case, with clocks that disagree."""
    thread = Thread()
    asked = thread.say(XAA, XAB, request("1", "2", "3", "4", referral_consents=[XAC], reply_by="2026-12-01"))
    thread.say(XAB, XAA, trace_pb2.Acknowledgement(file_number="B-7", items_counted=4), to=asked)
    needed = [trace_pb2.NeededInformation(item_id="2", code="INFORMATION_CODE_PHOTOGRAPH_OF_MARK")]
    back = thread.say(XAB, XAA, trace_pb2.InformationRequest(needed=needed), to=asked)
    thread.say(XAA, XAB, trace_pb2.InformationSupply(), to=back, at=back.iat - 500)
    thread.say(XAB, XAA, trace_pb2.Delay(new_date="2027-01-15"), to=asked)
    referred = thread.say(XAB, (XAC, XAA), referral(XAA, asked, "1"), to=asked)
    told = thread.say(XAB, XAA, response("2", "3", final=False), to=asked, at=asked.iat - 1000)
    thread.say(XAB, XAA, response("3", reach="REACH_FIRST_RECIPIENT"), to=told)
    to_xad = trace_pb2.Redirection(item_id="4", ask_member=XAD, reason="REDIRECT_REASON_NOT_OURS")
    thread.say(XAB, XAA, trace_pb2.Redirect(redirections=[to_xad]), to=asked)
    thread.say(XAA, XAD, request("4"))
    refused = thread.say(
        XAB, XAA, trace_pb2.Refusal(ground="WITHHOLDING_GROUND_CAPACITY", item_ids=["2"]), to=asked
    )
    question = thread.say(
        XAA, XAB, trace_pb2.Clarification(step="CLARIFICATION_STEP_QUESTION", item_ids=["2"]), to=refused
    )
    thread.say(
        XAB, XAA, trace_pb2.Clarification(step="CLARIFICATION_STEP_REPLY"), to=question, at=question.iat
    )
    thread.say(XAB, XAA, consent("ASKED"), to=asked)
    thread.say(XAA, XAB, consent("DECIDED", "GRANTED"))
    thread.say(XAC, XAA, response("1", reach="REACH_POINT_OF_DIVERSION"), to=referred)
    thread.say(XAA, XAB, trace_pb2.Status(state="PROCESSING_STATE_REMINDER"), to=asked)
    amended = trace_pb2.Amendment(amends_digest=encode_b64(asked.digest), removed_item_ids=["3"])
    thread.say(XAA, XAB, amended, to=asked)
    closed = thread.say(XAA, (XAB, XAC), trace_pb2.Closure(code="CLOSURE_CODE_ANSWERED_IN_PART"))
    thread.say(XAA, XAB, trace_pb2.Status(state="PROCESSING_STATE_REOPENED"), to=closed)
    withdrawn = thread.say(XAA, XAB, trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED", item_ids=["2"]))
    thread.say(XAB, XAA, trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_DELETED"), to=withdrawn)
    thread.say(XAB, XAA, trace_pb2.Error(code="sealing"))
    inner = thread.say(XAB, XAB, enquiry("1", "2", due_on="2026-11-20"), to=asked)
    thread.say(XAB, XAB, reminder(inner, due_on="2026-11-25"), to=inner)
    thread.say(XAB, XAB, found(inner, "1", final=False), to=inner, at=inner.iat - 700)
    thread.say(XAB, XAB, found(inner, "2"), to=inner)
    other = thread.say(XAB, XAB, enquiry("3"), to=asked)
    thread.say(XAB, XAB, reminder(other, step="WITHDRAWN"))
    letter = thread.say(XAA, XAA, written("1", "4", reply_by="2026-12-09"))
    thread.say(XAA, XAA, keyed_in("4", file_number="X/1"), to=letter, at=letter.iat - 300)
    return thread.events


LONG_CASE = long_case()


@pytest.mark.parametrize("us", [XAA, XAB, XAC, XAD])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(0, len(LONG_CASE)), repeats=st.integers(0, 4))
def test_every_order_and_repetition_of_the_same_statements_gives_the_same_state(
    us: MemberId, seed: int, size: int, repeats: int
) -> None:
    """Mail is delayed, duplicated and reordered; what is known so far decides, not how it came."""
    chance = random.Random(seed)
    known = chance.sample(LONG_CASE, size)
    again = [*known, *known[:repeats]]
    chance.shuffle(again)
    assert fold(again, us) == fold(known, us)


def test_the_long_case_ends_as_it_was_told() -> None:
    """One story through every kind: what was handed over, withheld, redirected, removed, withdrawn."""
    state = fold(LONG_CASE, XAA)
    assert state.phase is Phase.WAITING_FOR_THEM
    assert duties(state) == [
        ("answer", "letter:xyz-office", "xaa", ("1",)),
        ("answer", "xad", "xaa", ("4",)),
    ]
    assert state.deletions == {XAB: Deletion.DELETED}
    assert state.reopened
    assert state.unheard == (XAD,)
    assert [item.withdrawn for item in state.items] == [False, True, False, False]
    assert state.members == (XYZ, XAA, XAB, XAC, XAD)

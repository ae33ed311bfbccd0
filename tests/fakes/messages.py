"""Messages as an officer would write them, short and within the rules of the schema.

request("T-1")                                  one weapon, a ground, no photograph
rich_request("T-1", Words(...))                 every class above PUBLIC, a word of its own in each
response("1", "2")                              confirmed, point of diversion
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import Any

from tracepost.wire.v1 import share_pb2, terms_pb2, trace_pb2, weapon_pb2

PICTURE = b"\xff\xd8\xff not really a photograph of a serial number"
SCENE = b"\xff\xd8\xff not really a photograph of a place"


def item(number: str = "1", **more: Any) -> weapon_pb2.Item:
    """Return a weapon with one mark."""
    mark = weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=f"АБ {number}234")
    return weapon_pb2.Item(
        id=number,
        kind="ITEM_KIND_WEAPON",
        illicit_grounds=["ILLICIT_GROUND_NATIONAL_LAW"],
        object=weapon_pb2.Object(make="Zastava", model="M70", mark=[mark]),
        **more,
    )


def request(file_number: str = "T-1", *items: str, **more: Any) -> trace_pb2.TraceRequest:
    """Return a routine request about weapons with these item ids."""
    return trace_pb2.TraceRequest(
        file_number=file_number,
        items=[item(number) for number in items or ("1",)],
        urgency=more.pop("urgency", "URGENCY_ROUTINE"),
        guarantees_restrictions=more.pop("guarantees_restrictions", True),
        **more,
    )


@dataclass(frozen=True)
class Words:
    """A word for each class, to be looked for where it must not be."""

    administrative: str = "canary-administrative-use"
    object: str = "canary-object-make"
    law_enforcement: str = "canary-law-enforcement-ground"
    commercial: str = "canary-commercial-company"
    contact: str = "canary-contact-name"
    criminal_justice: str = "canary-criminal-justice-narrative"
    personal: str = "canary-personal-name"
    national_security: str = "canary-national-security-mark"

    def by_class(self) -> dict[str, str]:
        """Return the words by the names of their classes."""
        return {f.name.upper(): str(getattr(self, f.name)) for f in fields(self)}


def rich_request(file_number: str = "T-1", words: Words | None = None, **more: Any) -> trace_pb2.TraceRequest:
    """Return a request with a field of every class, a photograph of a mark and one of the scene."""
    said = words or Words()
    message = request(
        file_number, intended_use_detail=said.administrative, ground_text=said.law_enforcement, **more
    )
    thing = message.items[0].object
    thing.make = said.object
    thing.photograph.add(
        view="PHOTOGRAPH_VIEW_SERIAL",
        media_type="image/jpeg",
        sha256=hashlib.sha256(PICTURE).digest(),
        size=len(PICTURE),
    )
    thing.covert_mark.add(text=said.national_security)
    message.companies.add(role="COMPANY_ROLE_IMPORTER", name=said.commercial)
    message.contacts.add(name=said.contact)
    message.persons.add(role="PERSON_ROLE_SUSPECT", name=said.personal)
    message.circumstances.narrative = said.criminal_justice
    message.circumstances.scene_photographs.add(
        media_type="image/jpeg", sha256=hashlib.sha256(SCENE).digest(), size=len(SCENE)
    )
    return message


def acknowledgement(items: int = 1, **more: Any) -> trace_pb2.Acknowledgement:
    """Return the word of an office that a complete request came."""
    return trace_pb2.Acknowledgement(
        received_at="2026-01-02T03:04:05Z",
        file_number=more.pop("file_number", "B-9"),
        items_counted=items,
        formal_check=more.pop("formal_check", "FORMAL_CHECK_COMPLETE"),
        automatic=False,
        **more,
    )


def answer(item_id: str = "1", **more: Any) -> trace_pb2.Answer:
    """Return an answer: confirmed, traced to the point of diversion."""
    told = {
        "identification": "IDENTIFICATION_CONFIRMED",
        "reach": "REACH_POINT_OF_DIVERSION",
        "stopped_because": "STOPPED_BECAUSE_NOT_STOPPED",
        **more,
    }
    return trace_pb2.Answer(item_id=item_id, **told)


def response(*answers: trace_pb2.Answer, final: bool = True) -> trace_pb2.Response:
    """Return a response of these answers, of one about item 1 if there are none."""
    return trace_pb2.Response(answers=answers or [answer()], final=final)


def information_request(item_id: str = "1") -> trace_pb2.InformationRequest:
    """Return a question for a better photograph."""
    needed = trace_pb2.NeededInformation(item_id=item_id, code="INFORMATION_CODE_PHOTOGRAPH_OF_MARK")
    return trace_pb2.InformationRequest(needed=[needed])


def supply(item_id: str = "1") -> trace_pb2.InformationSupply:
    """Return what was asked for."""
    return trace_pb2.InformationSupply(items=[item(item_id)])


def redirect(item_id: str = "1", member: str = "xac") -> trace_pb2.Redirect:
    """Return the advice to ask another member."""
    one = trace_pb2.Redirection(item_id=item_id, ask_member=member, reason="REDIRECT_REASON_EXPORTED_TO")
    return trace_pb2.Redirect(redirections=[one])


def referral(requester: str, thread: str, digest: str, *items: str, **more: Any) -> trace_pb2.Referral:
    """Return a referral of a request; the node encloses the request itself."""
    return trace_pb2.Referral(
        requester=requester,
        request_thread=thread,
        request_digest=digest,
        item_ids=items or ("1",),
        reason="REDIRECT_REASON_EXPORTED_TO",
        mode="REFERRAL_MODE_COPY",
        **more,
    )


def consent(third_party: str = "xac", step: str = "DECIDED", **more: Any) -> trace_pb2.Consent:
    """Return a consent, granted where it is decided."""
    if step == "DECIDED":
        more.setdefault("decision", "CONSENT_DECISION_GRANTED")
    more.setdefault("purpose", "PURPOSE_CRIMINAL_INVESTIGATION")
    return trace_pb2.Consent(step=f"CONSENT_STEP_{step}", third_party=third_party, **more)


def share(*digests: str, dropped: tuple[str, ...] = ()) -> share_pb2.Share:
    """Return a share of statements; the node encloses them."""
    exhibits = [share_pb2.Exhibit(statement_digest=d, dropped=dropped) for d in digests]
    return share_pb2.Share(reason="SHARE_REASON_CASE", exhibits=exhibits)


def status(**more: Any) -> trace_pb2.Status:
    """Return a word on how far the work is."""
    return trace_pb2.Status(state=more.pop("state", "PROCESSING_STATE_UNDER_TRACE"), **more)


def delay(**more: Any) -> trace_pb2.Delay:
    """Return a delay to a new date."""
    return trace_pb2.Delay(ground="WITHHOLDING_GROUND_CAPACITY", **(more or {"new_date": "2026-12-01"}))


def refusal(**more: Any) -> trace_pb2.Refusal:
    """Return a refusal with its reason."""
    return trace_pb2.Refusal(
        ground="WITHHOLDING_GROUND_NATIONAL_SECURITY",
        **(more or {"reason_text": "stock of the armed forces"}),
    )


def clarification(**more: Any) -> trace_pb2.Clarification:
    """Return a question about what was said."""
    return trace_pb2.Clarification(
        step="CLARIFICATION_STEP_QUESTION", code="CLARIFICATION_CODE_DATES", text="which year?", **more
    )


def amendment(digest: str, **more: Any) -> trace_pb2.Amendment:
    """Return a correction of the statement with this digest."""
    return trace_pb2.Amendment(
        amends_digest=digest,
        reason="AMENDMENT_REASON_TRANSCRIPTION_ERROR",
        effect="AMENDMENT_EFFECT_REPLACE",
        **more,
    )


def withdrawal(step: str = "ASKED", **more: Any) -> trace_pb2.Withdrawal:
    """Return a step of a withdrawal."""
    return trace_pb2.Withdrawal(step=f"WITHDRAWAL_STEP_{step}", **more)


def closure(*items: str) -> trace_pb2.Closure:
    """Return the end of a case with an outcome for these items."""
    outcomes = [
        trace_pb2.ItemOutcome(
            item_id=one,
            identification="IDENTIFICATION_CONFIRMED",
            reach="REACH_MAKER",
            stopped_because="STOPPED_BECAUSE_OTHER",
        )
        for one in items
    ]
    return trace_pb2.Closure(code="CLOSURE_CODE_ANSWERED", outcomes=outcomes)


def error(**more: Any) -> trace_pb2.Error:
    """Return the word that an accepted message could not be used."""
    return trace_pb2.Error(code="sealing", **more)


def no_onward_release() -> terms_pb2.Restriction:
    """Return the restriction of ITI 15(c)."""
    return terms_pb2.Restriction(code="RESTRICTION_CODE_NO_ONWARD_RELEASE")

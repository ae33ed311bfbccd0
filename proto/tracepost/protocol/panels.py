"""What a panel asks, what it is told, and what it documents must say (seed 000 §28(b), §28(h), §40(l)).

A node holds its officers to these rules before it signs; a client asks the same beforehand. A panel is no
law enforcement: no field is there for a person, and what belongs to a case file is refused.

    check_request(request, terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION, "2026-11-22")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from tracepost.protocol.asking import check_marks
from tracepost.protocol.errors import InvalidMessageError
from tracepost.wire.v1 import panel_pb2, terms_pb2, weapon_pb2

_OfAnswer = Literal["persons", "crime_report_number", "point_of_diversion_exact_place", "stock_record"]

NOT_FOR_PANELS: Final[tuple[_OfAnswer, ...]] = (
    "persons",
    "crime_report_number",
    "point_of_diversion_exact_place",
    "stock_record",
)
"""Fields of an answer that no panel is told in a reply."""


def check_request(
    request: panel_pb2.PanelRequest, legal_basis: terms_pb2.LegalBasis | int, today: str
) -> None:
    """Raise `InvalidMessageError` with field path and reason, unless the request says what it must.

    Args:
        request: fits the schema.
        legal_basis: what the panel rests on.
        today: YYYY-MM-DD.
    """
    _check_mandate(legal_basis)
    if not request.items and not request.excerpts:
        raise _refusal("items", "asks-nothing", "a panel asks about items, or for consent to a text")
    if request.items:
        _check_question(request)
    _check_dates(request, today)
    _check_items(request.items)
    _check_texts(request)


def _check_mandate(legal_basis: terms_pb2.LegalBasis | int) -> None:
    if legal_basis != terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION:
        words = "a panel or mission rests on a resolution of the Security Council"
        raise _refusal(
            "legal_basis", "no-mandate", words, "Name the legal basis: security-council-resolution."
        )


def _check_question(request: panel_pb2.PanelRequest) -> None:
    for name in ("question", "embargo_context", "reply_by"):
        if not getattr(request, name):
            words = "a panel says what it asks, how it bears on the embargo, and by when"
            raise _refusal(name, "not-said", words)


def _check_dates(request: panel_pb2.PanelRequest, today: str) -> None:
    if request.reply_by and request.reply_by < today:
        raise _refusal("reply_by", "past", "the day of the answer has passed")
    if request.report_on and request.report_on < max(request.reply_by, today):
        raise _refusal("report_on", "past", "the report comes after the answer")
    if request.mandate_until and request.mandate_until < today:
        raise _refusal("mandate_until", "no-mandate", "the mandate has ended")
    if request.observed_on and request.observed_on > today:
        raise _refusal("observed_on", "not-yet", "that day is not yet come")


def _check_items(items: Iterable[weapon_pb2.Item]) -> None:
    for index, item in enumerate(items):
        if item.exhibit_number:
            words = "a panel tells nothing of a case file"
            raise _refusal(f"items.{index}.exhibit_number", "case-file", words)
        check_marks(item, f"items.{index}")


def _check_texts(request: panel_pb2.PanelRequest) -> None:
    """Each text that is to be printed is there word by word, and says where it comes from."""
    sources = [one.text_id for one in request.excerpts]
    texts = [one.text_id for one in request.texts]
    if len(set(sources)) != len(sources):
        raise _refusal("excerpts", "text-twice", "a text is named twice")
    if sorted(sources) != sorted(texts):
        words = "each text to be printed is shown exactly, and says which fields it tells"
        raise _refusal("texts", "text-missing", words)
    none = request.publication_intent == panel_pb2.PUBLICATION_INTENT_NONE
    if none and sources:
        raise _refusal("publication_intent", "intends-nothing", "a text to be printed is a publication")


def check_reply(reply: panel_pb2.PanelReply) -> None:
    """Raise `InvalidMessageError` unless the reply answers, refuses, or decides on texts, and says how exactly."""
    if not (reply.answers or reply.HasField("refusal_ground") or reply.publication):
        raise _refusal("answers", "says-nothing", "a reply answers, refuses, or decides on a text")
    if reply.answers and not reply.HasField("final"):
        raise _refusal("final", "not-said", "an answer says whether more is to come")
    for index, answer in enumerate(reply.answers):
        _check_answer(answer, f"answers.{index}")
    _check_publication(reply)


def _check_answer(answer: object, where: str) -> None:
    """Persons and crime reports stay in law-enforcement channels; they are released one by one, never here."""
    for name in NOT_FOR_PANELS:
        if getattr(answer, name):
            words = "a panel is told of States and bodies, not of persons and case files"
            raise _refusal(f"{where}.{name}", "case-file", words)


def _check_publication(reply: panel_pb2.PanelReply) -> None:
    decided = [one.text_id for one in reply.publication]
    if len(set(decided)) != len(decided):
        raise _refusal("publication", "text-twice", "a text is decided on twice")
    changed = panel_pb2.PUBLICATION_CONSENT_CHANGED
    wanted = {one.text_id for one in reply.publication if one.decision == changed}
    if {one.text_id for one in reply.texts} != wanted or len(reply.texts) != len(wanted):
        words = "a text that is changed is given word by word, and no other"
        raise _refusal("texts", "text-missing", words)
    printed = [one for one in reply.publication if one.decision != panel_pb2.PUBLICATION_CONSENT_DENIED]
    if printed and reply.confidentiality != panel_pb2.PANEL_CONFIDENTIALITY_REPORT:
        words = "what may be printed is for the report"
        raise _refusal("confidentiality", "not-for-report", words)


def check_documented(
    document: panel_pb2.DocumentedItem, legal_basis: terms_pb2.LegalBasis | int, today: str
) -> None:
    """Raise `InvalidMessageError` unless it says how far it is verified, and nothing of a case file."""
    _check_mandate(legal_basis)
    if document.documented_on > today:
        raise _refusal("documented_on", "not-yet", "that day is not yet come")
    if document.verified_on > today:
        raise _refusal("verified_on", "not-yet", "that day is not yet come")
    _check_items(document.items)
    if document.verification == panel_pb2.VERIFICATION_PHYSICALLY_INSPECTED:
        _check_inspected(document.items)


def _check_inspected(items: Sequence[weapon_pb2.Item]) -> None:
    for index, item in enumerate(items):
        marks = [*item.object.mark, *(mark for part in item.object.part for mark in part.mark)]
        seen = {mark.read_from for mark in marks if mark.HasField("read_from")}
        if seen and weapon_pb2.READ_FROM_WEAPON not in seen:
            words = "what was inspected has its marks read from the weapon"
            raise _refusal(f"items.{index}.object.mark", "not-inspected", words)


def _refusal(where: str, reason: str, words: str, remedy: str = "") -> InvalidMessageError:
    return InvalidMessageError(words, where=where, reason=reason, remedy=remedy)

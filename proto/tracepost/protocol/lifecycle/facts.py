"""What the statements of a case have said so far, one function a kind."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId, StatementDigest, decode_b64, parse_digest
from tracepost.protocol.lifecycle.case import (
    Acknowledged,
    CaseEvent,
    Deletion,
    DutyKind,
    ItemAnswer,
    Outcome,
)
from tracepost.protocol.lifecycle.enquiries import ENQUIRY, FINDING, EnquiryNotes
from tracepost.wire.v1 import (
    check_pb2,
    embargo_pb2,
    inquiry_pb2,
    loss_pb2,
    panel_pb2,
    seizure_pb2,
    share_pb2,
    terms_pb2,
    trace_pb2,
)

_STOPPED_BY_REDIRECT: Final = MappingProxyType(
    {
        trace_pb2.REDIRECT_REASON_EXPORTED_TO: trace_pb2.STOPPED_BECAUSE_EXPORTED,
        trace_pb2.REDIRECT_REASON_UNSPECIFIED: trace_pb2.STOPPED_BECAUSE_OTHER,
    }
)
_CONFIRMED: Final = MappingProxyType(
    {
        trace_pb2.WITHDRAWAL_STEP_DELETED: Deletion.DELETED,
        trace_pb2.WITHDRAWAL_STEP_KEPT_BY_LAW: Deletion.KEPT_BY_LAW,
    }
)


_PUBLICATION: Final = "publication"  # what a panel waits for the consent to


@dataclass(frozen=True, slots=True)
class Asked:
    """That `requester` wants an answer on an item; `reply_by` is a day."""

    requester: MemberId
    reply_by: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """An open question of `asker` to `askee`; no items: the whole request. `about` is the third party."""

    kind: DutyKind
    asker: MemberId
    askee: MemberId
    item_ids: frozenset[str]
    due: str | None = None
    about: str = ""


@dataclass(slots=True)
class Facts:
    """The notebook of a case, written in its order."""

    authors: Mapping[StatementDigest, MemberId]
    opened_by: MemberId | None = None
    item_ids: dict[str, None] = field(default_factory=dict)  # in the order of their first mention
    asked: dict[tuple[str, MemberId], Asked] = field(default_factory=dict)
    answers: dict[tuple[str, MemberId], ItemAnswer] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    told: dict[str, MemberId] = field(default_factory=dict)  # item that a notice tells of → who told first
    removed: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    holders: dict[MemberId, MemberId] = field(default_factory=dict)  # who is to delete → who asked
    confirmations: dict[MemberId, Deletion] = field(default_factory=dict)
    file_numbers: dict[MemberId, str] = field(default_factory=dict)
    acknowledged: dict[MemberId, Acknowledged] = field(default_factory=dict)
    promises: dict[MemberId, str] = field(default_factory=dict)
    reminders: Counter[MemberId] = field(default_factory=Counter)
    questions: list[Question] = field(default_factory=list)
    handling: tuple[terms_pb2.HandlingInstruction, ...] = ()
    urgent: bool = False
    enquiries: EnquiryNotes = field(default_factory=EnquiryNotes)

    def asked_of(self, member: MemberId) -> list[str]:
        """Return the items that `member` was asked about."""
        return [item for item, asked in self.asked if asked == member]


def note(facts: Facts, event: CaseEvent) -> None:
    """Write down what `event` says; a kind that is not of a case says nothing."""
    number = getattr(event.message, "file_number", "")
    if number:
        facts.file_numbers[event.iss] = number
    write = _NOTES.get(event.kind)
    if write is not None:
        write(facts, event, event.message)


# ---------------------------------------------------------------- asking


def _request(facts: Facts, event: CaseEvent, message: trace_pb2.TraceRequest) -> None:
    facts.opened_by = facts.opened_by or event.iss
    facts.urgent = facts.urgent or message.urgency == trace_pb2.URGENCY_URGENT
    facts.handling = _united(facts.handling, message.handling_instructions)
    _ask(facts, _ids(message.items), _others(event), Asked(event.iss, message.reply_by or None))


def _told_of_items(
    facts: Facts, event: CaseEvent, message: seizure_pb2.SeizureNotice | panel_pb2.DocumentedItem
) -> None:
    """Nothing is owed for what is only told; its items are those that others will speak of."""
    facts.opened_by = facts.opened_by or event.iss
    facts.handling = _united(facts.handling, message.handling_instructions)
    for item in _ids(message.items):
        facts.item_ids.setdefault(item)
        facts.told.setdefault(item, event.iss)


def _loss(facts: Facts, event: CaseEvent, message: loss_pb2.LossNotice) -> None:
    """What is no longer sought, by who sought it, is no item of the case any more."""
    changed = _digest(message.changes_digest) if message.changes_digest else None
    if changed is not None and facts.authors.get(changed) == event.iss:
        facts.removed.update(_ids(message.items))
    elif changed is None:
        facts.opened_by = facts.opened_by or event.iss
        for item in _ids(message.items):
            facts.item_ids.setdefault(item)
            facts.told.setdefault(item, event.iss)
    facts.handling = _united(facts.handling, message.handling_instructions)


def _hit(facts: Facts, _: CaseEvent, message: loss_pb2.Hit) -> None:
    """What was seen is told under ids of who saw it: they are no items of the case."""
    facts.handling = _united(facts.handling, message.handling_instructions)


def _panel_request(facts: Facts, event: CaseEvent, message: panel_pb2.PanelRequest) -> None:
    """A panel asks about items; or it puts texts before who answered, whose consent it waits for."""
    facts.opened_by = facts.opened_by or event.iss
    facts.handling = _united(facts.handling, message.handling_instructions)
    due = message.reply_by or None
    _ask(facts, _ids(message.items), _others(event), Asked(event.iss, due))
    if message.excerpts:
        about = _PUBLICATION
        _open(facts, event, Question(DutyKind.CONSENT, event.iss, event.iss, frozenset(), due, about))


def _panel_reply(facts: Facts, event: CaseEvent, message: panel_pb2.PanelReply) -> None:
    _answers(facts, event, message.answers, final=message.final)
    if message.refusal_ground:
        _withhold(facts, event, facts.asked_of(event.iss), message.refusal_ground)
    if message.publication:
        _settle(facts, event, DutyKind.CONSENT, about=_PUBLICATION)


def _ask(facts: Facts, items: Iterable[str], members: Iterable[MemberId], asked: Asked) -> None:
    for item in items:
        facts.item_ids.setdefault(item)
        for member in members:
            facts.asked.setdefault((item, member), asked)


def _referral(facts: Facts, event: CaseEvent, message: trace_pb2.Referral) -> None:
    requester = MemberId(message.requester)
    facts.opened_by = facts.opened_by or requester
    referred_to = [member for member in _others(event) if member != requester]
    handed_over = message.mode == trace_pb2.REFERRAL_MODE_HAND_OVER
    facts.handling = _united(facts.handling, _enclosed_handling(message))
    _ask(facts, message.item_ids, referred_to, Asked(requester, None))
    _answers(facts, event, message.answers, final=handed_over)
    for item in message.item_ids if handed_over else ():
        _point_on(facts, event, item, message.reason, next(iter(referred_to), None))


def _enclosed_handling(message: trace_pb2.Referral) -> Iterator[terms_pb2.HandlingInstruction]:
    """Yield the instructions of the enclosed request: they bind who is asked by a referral too."""
    codes: Mapping[object, Any] = dict(terms_pb2.HandlingInstruction.items())
    for exhibit in message.exhibits:
        if exhibit.statement_digest == message.request_digest:
            for path, value in map(_read_disclosure, exhibit.administrative_disclosures):
                named = value if path == "handling_instructions" and isinstance(value, list) else []
                yield from (codes[name] for name in named if isinstance(name, str) and name in codes)


def _read_disclosure(encoded: str) -> tuple[object, object]:
    try:
        _salt, path, value = json.loads(decode_b64(encoded, "disclosure"))
    except (ValueError, TypeError, RecursionError, InvalidInputError):  # of who does not keep the rules
        return None, None
    return path, value


def _acknowledgement(facts: Facts, event: CaseEvent, message: trace_pb2.Acknowledgement) -> None:
    facts.acknowledged[event.iss] = Acknowledged(
        at=event.iat,
        automatic=message.automatic,
        complete=message.formal_check == trace_pb2.FORMAL_CHECK_COMPLETE,
        expected_on=message.expected_on or None,
    )
    _promise(facts, event, message.expected_on)


def _status(facts: Facts, event: CaseEvent, message: trace_pb2.Status) -> None:
    _promise(facts, event, message.expected_on)
    facts.reminders[event.iss] += message.state == trace_pb2.PROCESSING_STATE_REMINDER


def _delay(facts: Facts, event: CaseEvent, message: trace_pb2.Delay) -> None:
    _promise(facts, event, message.new_date or message.review_on)


def _promise(facts: Facts, event: CaseEvent, day: str) -> None:
    if day:
        facts.promises[event.iss] = day


# ---------------------------------------------------------------- answering


def _response(facts: Facts, event: CaseEvent, message: trace_pb2.Response) -> None:
    _answers(facts, event, message.answers, final=message.final)


def _answers(facts: Facts, event: CaseEvent, answers: Iterable[trace_pb2.Answer], *, final: bool) -> None:
    for answer in answers:
        if not answer.item_id:
            continue
        before = facts.answers.get((answer.item_id, event.iss))
        told = replace(
            _silence(event),
            identification=answer.identification,
            reach=answer.reach,
            stopped_because=answer.stopped_because,
            ground=answer.withholding_ground,
            ask_next=answer.ask_member or answer.ask_country or None,
            final=final or (before is not None and before.final),
        )
        facts.item_ids.setdefault(answer.item_id)
        facts.answers[answer.item_id, event.iss] = told


def _silence(event: CaseEvent) -> ItemAnswer:
    return ItemAnswer(
        by=event.iss,
        at=event.iat,
        digest=event.digest,
        identification=trace_pb2.IDENTIFICATION_UNSPECIFIED,
        reach=trace_pb2.REACH_NONE,
        stopped_because=trace_pb2.STOPPED_BECAUSE_UNSPECIFIED,
        ground=terms_pb2.WITHHOLDING_GROUND_UNSPECIFIED,
        ask_next=None,
        final=False,
    )


def _refusal(facts: Facts, event: CaseEvent, message: trace_pb2.Refusal) -> None:
    _withhold(facts, event, message.item_ids or facts.asked_of(event.iss), message.ground)


def _withhold(
    facts: Facts, event: CaseEvent, items: Iterable[str], ground: terms_pb2.WithholdingGround
) -> None:
    for item in items:
        before = facts.answers.get((item, event.iss), _silence(event))
        facts.answers[item, event.iss] = replace(
            before,
            at=event.iat,
            digest=event.digest,
            stopped_because=trace_pb2.STOPPED_BECAUSE_WITHHELD,
            ground=ground,
            final=True,
        )


def _redirect(facts: Facts, event: CaseEvent, message: trace_pb2.Redirect) -> None:
    for redirection in message.redirections:
        if redirection.item_id:
            target = redirection.ask_member or redirection.ask_country or None
            _point_on(facts, event, redirection.item_id, redirection.reason, target)


def _point_on(
    facts: Facts, event: CaseEvent, item: str, reason: trace_pb2.RedirectReason, target: str | None
) -> None:
    """Note that `event` sends the requester on; what its author told before stays."""
    before = facts.answers.get((item, event.iss))
    stopped = _STOPPED_BY_REDIRECT.get(reason, trace_pb2.STOPPED_BECAUSE_NOT_OURS)
    told = before or replace(_silence(event), stopped_because=stopped)
    facts.item_ids.setdefault(item)
    facts.answers[item, event.iss] = replace(told, ask_next=target or told.ask_next, final=True)


# ---------------------------------------------------------------- questions


def _information_request(facts: Facts, event: CaseEvent, message: trace_pb2.InformationRequest) -> None:
    named = [needed.item_id for needed in message.needed]
    items = frozenset(named) if all(named) else frozenset[str]()
    _open(facts, event, Question(DutyKind.INFORMATION, event.iss, event.iss, items, message.reply_by or None))


def _information_supply(facts: Facts, event: CaseEvent, message: trace_pb2.InformationSupply) -> None:
    if not any(entry.state == trace_pb2.SUPPLY_STATE_LATER for entry in message.supplied):
        _settle(facts, event, DutyKind.INFORMATION)


def _clarification(facts: Facts, event: CaseEvent, message: trace_pb2.Clarification) -> None:
    if message.step == trace_pb2.CLARIFICATION_STEP_REPLY:
        _settle(facts, event, DutyKind.CLARIFICATION)
        _settle(facts, event, DutyKind.CHECK)
    elif message.step == trace_pb2.CLARIFICATION_STEP_QUESTION:
        items, due = frozenset(message.item_ids), message.reply_by or None
        _open(facts, event, Question(DutyKind.CLARIFICATION, event.iss, event.iss, items, due))


def _consent(facts: Facts, event: CaseEvent, message: trace_pb2.Consent) -> None:
    third_party = MemberId(message.third_party)
    if message.step == trace_pb2.CONSENT_STEP_ASKED:
        items = frozenset(message.item_ids)
        _open(facts, event, Question(DutyKind.CONSENT, event.iss, event.iss, items, about=third_party))
    else:
        _settle(facts, event, DutyKind.CONSENT, about=third_party)


def _open(facts: Facts, event: CaseEvent, question: Question) -> None:
    for member in _others(event):
        if member != question.about:
            facts.questions.append(replace(question, askee=member))


def _settle(facts: Facts, event: CaseEvent, kind: DutyKind, about: str = "") -> None:
    facts.questions = [
        question
        for question in facts.questions
        if (question.kind, question.askee, question.about) != (kind, event.iss, about)
        or question.asker not in event.aud
    ]


# ---------------------------------------------------------------- telling


def _notice(facts: Facts, _: CaseEvent, message: embargo_pb2.DeliveryNotified) -> None:
    facts.handling = _united(facts.handling, message.handling_instructions)


def _asking_notice(facts: Facts, event: CaseEvent, message: Any) -> None:
    facts.handling = _united(facts.handling, message.handling_instructions)
    if message.reply_by:  # else nothing is owed: who is told may say what came of it
        _open(facts, event, Question(DutyKind.CHECK, event.iss, event.iss, frozenset(), message.reply_by))


def _object_check(facts: Facts, event: CaseEvent, message: check_pb2.ObjectCheck) -> None:
    facts.opened_by = facts.opened_by or event.iss
    facts.handling = _united(facts.handling, message.handling_instructions)
    due = message.reply_by or None
    _open(facts, event, Question(DutyKind.OBJECT_CHECK, event.iss, event.iss, frozenset(), due))


def _object_check_reply(facts: Facts, event: CaseEvent, _: check_pb2.ObjectCheckReply) -> None:
    _settle(facts, event, DutyKind.OBJECT_CHECK)


# ---------------------------------------------------------------- changing and ending


def _amendment(facts: Facts, event: CaseEvent, message: trace_pb2.Amendment) -> None:
    amended = _digest(message.amends_digest)
    if amended is None or facts.authors.get(amended) != event.iss:
        return
    _answers(facts, event, message.answers, final=False)
    asks = any(asked.requester == event.iss for asked in facts.asked.values())
    if not asks:
        return
    _ask(facts, _ids(message.items), _others(event), Asked(event.iss, None))
    facts.removed.update(item for item in message.removed_item_ids if _is_of(facts, item, event.iss))
    facts.handling = _united((), message.handling_instructions) or facts.handling


def _withdrawal(facts: Facts, event: CaseEvent, message: trace_pb2.Withdrawal) -> None:
    if message.step == trace_pb2.WITHDRAWAL_STEP_ASKED:
        _withdraw(facts, event, message)
    elif message.step in _CONFIRMED:
        facts.confirmations[event.iss] = _CONFIRMED[message.step]
        asker = facts.holders.get(event.iss)
        for member in map(MemberId, message.passed_on_to) if asker else ():
            facts.holders.setdefault(member, asker or event.iss)


def _withdraw(facts: Facts, event: CaseEvent, message: trace_pb2.Withdrawal) -> None:
    own = [item for item in facts.item_ids if _is_of(facts, item, event.iss)]
    named = [item for item in own if item in message.item_ids] if message.item_ids else own
    facts.withdrawn.update(named)
    if named and (message.deletion_asked or not message.HasField("deletion_asked")):
        asked = [member for item, member in facts.asked if item in named]
        for member in (*asked, *_others(event)):
            facts.holders.setdefault(member, event.iss)


def _share(facts: Facts, event: CaseEvent, message: share_pb2.Share) -> None:
    """Note that who is shown a withdrawal is asked for deletion by its author."""
    for exhibit in message.exhibits:
        shown = dict(map(_read_disclosure, exhibit.administrative_disclosures))
        if shown.get("step") == "WITHDRAWAL_STEP_ASKED" and shown.get("deletion_asked", True) is True:
            author = _author_of(exhibit.jws, "trace.withdrawal/1")
            for member in _others(event) if author else ():
                if author and member != author:
                    facts.holders.setdefault(member, author)


def _author_of(jws: str, kind: str) -> MemberId | None:
    """Return who says that it wrote an enclosed statement of this kind."""
    try:
        claims = json.loads(decode_b64(jws.split(".")[1], "jws"))
    except (ValueError, IndexError, RecursionError, InvalidInputError):
        return None
    is_meant = isinstance(claims, dict) and claims.get("kind") == kind
    return MemberId(str(claims.get("iss"))) if is_meant else None


def _closure(facts: Facts, event: CaseEvent, message: trace_pb2.Closure) -> None:
    _settle(facts, event, DutyKind.CHECK)
    for outcome in message.outcomes:
        if outcome.item_id and event.iss == facts.opened_by:
            facts.outcomes[outcome.item_id] = Outcome(
                outcome.identification,
                outcome.reach,
                outcome.stopped_because,
                MemberId(outcome.answered_by) if outcome.answered_by else None,
            )


# ---------------------------------------------------------------- inside a state


def _enquiry(facts: Facts, event: CaseEvent, message: inquiry_pb2.Enquiry) -> None:
    facts.enquiries.note_enquiry(event, message)


def _finding(facts: Facts, _event: CaseEvent, message: inquiry_pb2.Finding) -> None:
    facts.enquiries.note_finding(message)


# ---------------------------------------------------------------- reading


def _others(event: CaseEvent) -> list[MemberId]:
    return [member for member in event.aud if member != event.iss]


def _digest(text: str) -> StatementDigest | None:
    try:
        return parse_digest(text)
    except InvalidInputError:  # withheld, or written by who does not keep the rules
        return None


def _ids(items: Iterable[Any]) -> list[str]:
    return [item.id for item in items if item.id]


def _is_of(facts: Facts, item: str, member: MemberId) -> bool:
    """Say whether `member` asked about an item, or told of it unasked."""
    asked = any(name == item and one.requester == member for (name, _), one in facts.asked.items())
    return asked or facts.told.get(item) == member


def _united(
    one: tuple[terms_pb2.HandlingInstruction, ...], other: Iterable[terms_pb2.HandlingInstruction]
) -> tuple[terms_pb2.HandlingInstruction, ...]:
    return tuple(sorted({*one, *other}))


_NOTES: Final[Mapping[str, Callable[[Facts, CaseEvent, Any], None]]] = MappingProxyType(
    {
        "trace.request/1": _request,
        "trace.acknowledgement/1": _acknowledgement,
        "trace.information-request/1": _information_request,
        "trace.information-supply/1": _information_supply,
        "trace.redirect/1": _redirect,
        "trace.referral/1": _referral,
        "trace.status/1": _status,
        "trace.delay/1": _delay,
        "trace.response/1": _response,
        "trace.refusal/1": _refusal,
        "trace.clarification/1": _clarification,
        "trace.amendment/1": _amendment,
        "trace.withdrawal/1": _withdrawal,
        "trace.closure/1": _closure,
        "trace.consent/1": _consent,
        "share/1": _share,
        "object.check/1": _object_check,
        "object.check-reply/1": _object_check_reply,
        "trace.diversion-notice/1": _asking_notice,
        "embargo.delivery-notified/1": _notice,
        "flow.information/1": _asking_notice,
        "ballistic.reference/1": _asking_notice,
        "customs.seizure-notice/1": _told_of_items,
        ENQUIRY: _enquiry,
        FINDING: _finding,
        "register.loss-notice/1": _loss,
        "register.hit/1": _hit,
        "panel.request/1": _panel_request,
        "panel.reply/1": _panel_reply,
        "panel.documented-item/1": _told_of_items,
    }
)

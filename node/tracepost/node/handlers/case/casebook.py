"""The case list: each case folded anew from its statements whenever one was added.

The summary holds ADMINISTRATIVE data only, so a list needs no opening and no unlocked desk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from google.protobuf.message import Message

from tracepost.node.handlers.case.exercises import find_strays
from tracepost.node.handlers.case.thread import REQUEST, clear_message, read_clear_part
from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseRecord, CaseState
from tracepost.node.records.mail import MailState
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.lifecycle import CaseEvent, EnquiryState, ItemAnswer, ItemState, Phase, fold
from tracepost.protocol.lifecycle import CaseState as Folded
from tracepost.protocol.lifecycle.order import in_order
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, trace_pb2

_STATES = {
    Phase.WAITING_FOR_US: CaseState.WAITING_FOR_US,
    Phase.WAITING_FOR_THEM: CaseState.WAITING_FOR_THEM,
    Phase.CLOSED: CaseState.CLOSED,
}
# What is told unasked is looked up by its kind: marking practices, mandates, deliveries. Of requests there are many.
# Notices tell of holders that take no part in the case.
NOTICE_KIND = "release.notice/1"
_LISTED_KINDS = (schema.OPENING_KINDS - {REQUEST}) | {"trace.consent/1", NOTICE_KIND}
_DELETED = "deleted"  # is no kind: of what was deleted a case knows that it was there, and nothing else
_NONE: Mapping[StatementDigest, CaseEvent] = {}


def find_case(tx: Tx, named: str) -> ThreadId:
    """Return the case with this thread id, beginning of it, or file number.

    Raises:
        NotFoundError: none is called so.
        InvalidInputError: more than one is.
    """
    found = tx.cases.resolve(named)
    if not found:
        raise NotFoundError("no case here is called so", where="case", reason="unknown-case")
    if len(found) > 1:
        raise InvalidInputError(
            "several cases are called so",
            where="case",
            reason="several-cases",
            remedy="Name the case by the first characters of its thread id.",
        )
    return found[0]


def take_effect(tx: Tx, digests: Sequence[StatementDigest], us: MemberId) -> None:
    """Let statements that were held belong to their cases, with the mail that waited for them."""
    waiting = [m for m in tx.predecessors.waiting_for(digests) if m.state is MailState.DELIVERED]
    if strays := find_strays(tx, waiting):  # they are set aside when they have waited long enough
        waiting = [mail for mail in waiting if mail.statement not in strays]
    tx.statements.put_in_effect([*digests, *(mail.statement for mail in waiting)])
    tx.predecessors.stop_waiting([mail.id for mail in waiting])
    effective = tx.statements.find([*digests, *(mail.statement for mail in waiting)])
    refold(tx, {record.thread for record in effective.values()}, us)


def refold(
    tx: Tx, threads: Iterable[ThreadId], us: MemberId, fresh: Mapping[StatementDigest, CaseEvent] = _NONE
) -> None:
    """Fold these cases anew and keep their rows. Part of the transaction that added statements.

    `fresh` holds those of their statements that need not be put together from the store once more.
    """
    by_thread: dict[ThreadId, list[StatementRecord]] = {}
    for record in tx.statements.in_threads(sorted(threads)):
        by_thread.setdefault(record.thread, []).append(record)
    tx.cases.keep([case_record(thread, records, us, fresh) for thread, records in by_thread.items()])


def case_record(
    thread: ThreadId,
    records: Sequence[StatementRecord],
    us: MemberId,
    fresh: Mapping[StatementDigest, CaseEvent] = _NONE,
) -> CaseRecord:
    """Return the row of a case from all its statements in effect."""
    told = [(r, fresh.get(r.digest) or case_event(r)) for r in records]
    folded = fold([event for _, event in told], us=us)
    gone = {r.iss for r, event in told if r.iss != us and _has_lost_its_opening(r, event)}
    if gone:
        numbers = {member: number for member, number in folded.file_numbers.items() if member not in gone}
        folded = replace(folded, file_numbers=numbers)
    state = _STATES[folded.phase]
    opened_at = folded.opened_at or records[0].iat
    return CaseRecord(
        thread=thread,
        state=state,
        opened_at=opened_at,
        last_event_at=folded.last_event_at or opened_at,
        members=folded.members,
        file_numbers=tuple(dict.fromkeys([*folded.file_numbers.values(), *folded.references])),
        summary=summarise(thread, folded, us, opened_at).SerializeToString(),
        kinds=tuple(sorted(_LISTED_KINDS.intersection(r.kind for r in records))),
        asks=tuple(dict.fromkeys(one.to_desk or one.custodian for one in folded.enquiries)),
    )


def _has_lost_its_opening(record: StatementRecord, event: CaseEvent) -> bool:
    """Say whether it opened a case, and was deleted: what its author calls the case is then nothing to keep."""
    return event.kind == _DELETED and record.kind in schema.OPENING_KINDS


def in_case_order(records: Iterable[StatementRecord]) -> list[StatementRecord]:
    """Return the statements of one case in its one order: each after what it replies to."""
    by_digest = {record.digest: record for record in records}
    return [by_digest[event.digest] for event in in_order(map(case_event, by_digest.values()))]


def case_event(record: StatementRecord) -> CaseEvent:
    """Return a stored statement as the fold takes it."""
    clear = read_clear_part(record.admin_json)
    return CaseEvent(
        iss=record.iss,
        aud=clear.aud,
        iat=record.iat,
        jti=record.jti,
        kind=_DELETED if clear.deleted_at else record.kind,
        digest=record.digest,
        in_reply_to=record.in_reply_to,
        message=clear_message(record) or trace_pb2.Error(),
        exercise=clear.exercise,
    )


def fresh_event(statement: Statement, message: Message) -> CaseEvent:
    """Return a statement as the fold takes it; `message` is put together from its clear fields alone."""
    claims = statement.claims
    return CaseEvent(
        iss=claims.iss,
        aud=claims.aud,
        iat=claims.iat,
        jti=claims.jti,
        kind=claims.kind,
        digest=statement.digest,
        in_reply_to=claims.in_reply_to,
        message=message,
        exercise=claims.exercise,
    )


def summarise(thread: ThreadId, folded: Folded, us: MemberId, opened_at: int) -> desk_pb2.CaseSummary:
    """Return the case as lists show it; who of the silent has the request, `silence` tells from receipts."""
    others = [number for member, number in folded.file_numbers.items() if member != us]
    return desk_pb2.CaseSummary(
        thread=thread,
        state=f"CASE_STATE_{_STATES[folded.phase]}",
        members=folded.members,
        opened_by=folded.opened_by,
        opened_with=folded.timeline[0].kind if folded.timeline else None,
        opened_at=instant(opened_at),
        last_event_at=instant(folded.last_event_at or opened_at),
        our_file_number=folded.file_numbers.get(us),
        their_file_number=others[0] if others else None,
        items=[_item(item) for item in folded.items if not item.removed],
        urgent=folded.urgent,
        exercise=folded.exercise,
        handling=folded.handling,
        due_on=folded.due_on,
        no_reply_recorded=[member for member in folded.unheard if member != us],
        enquiries=[_enquiry(one) for one in folded.enquiries],
        external_references=folded.references,
        reminders=folded.reminders or None,
    )


@lru_cache(maxsize=1024)
def instant(unix_seconds: int) -> str:
    """Return a time as RFC 3339 in UTC."""
    return dt.datetime.fromtimestamp(unix_seconds, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _item(item: ItemState) -> desk_pb2.ItemSummary:
    answers = [_answer(a) for a in item.answers]
    return desk_pb2.ItemSummary(item_id=item.item_id, answers=answers, asked=bool(item.asked) or None)


def _enquiry(one: EnquiryState) -> inquiry_pb2.EnquirySummary:
    return inquiry_pb2.EnquirySummary(
        enquiry=encode_b64(one.digest),
        reference=one.reference or None,
        to_desk=one.to_desk or None,
        custodian_id=one.custodian or None,
        custodian_name=one.custodian_name or None,
        asked_at=instant(one.asked_at),
        due_on=one.due_on,
        item_ids=one.item_ids,
        answered_item_ids=one.answered,
        in_part_item_ids=one.in_part,
        findings=one.findings,
        reminders=one.reminders,
        last_reminder_at=None if one.last_reminder_at is None else instant(one.last_reminder_at),
        standing=_standing(one),
    )


def _standing(one: EnquiryState) -> inquiry_pb2.EnquiryStanding:
    if one.withdrawn:
        return inquiry_pb2.ENQUIRY_STANDING_WITHDRAWN
    if not one.is_open:
        return inquiry_pb2.ENQUIRY_STANDING_ANSWERED
    return inquiry_pb2.ENQUIRY_STANDING_IN_PART if one.findings else inquiry_pb2.ENQUIRY_STANDING_OPEN


def _answer(answer: ItemAnswer) -> desk_pb2.ItemAnswer:
    return desk_pb2.ItemAnswer(
        by_member=answer.by,
        identification=answer.identification,
        reach=answer.reach,
        stopped_because=answer.stopped_because,
        ask_next=answer.ask_next,
        final=answer.final,
    )

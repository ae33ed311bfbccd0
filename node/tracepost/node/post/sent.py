"""What a desk of ours sent, for its officers: how far each message came to each member, and whether a reply came.

ADMINISTRATIVE data only: nothing is opened. A desk that may not see a case any more is told of its own messages in it,
and of nothing else there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import is_entitled
from tracepost.node.handlers.case.exercises import flag_of
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.silence import read_summaries
from tracepost.node.ports.store import Tx
from tracepost.node.records.mail import MailState, WrittenMail
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.wire.v1 import delivery_pb2, desk_pb2

_AT_ONCE: Final = 25
_STATES: Final[Mapping[int, tuple[MailState, ...]]] = {
    delivery_pb2.SENT_STANDING_NOT_RECEIVED: (MailState.QUEUED, MailState.WITH_RELAY),
    delivery_pb2.SENT_STANDING_NOT_DELIVERED: (MailState.EXPIRED, MailState.REFUSED),
}


@dataclass(frozen=True, slots=True)
class _Known:
    """What a desk may be told of the cases that its mail belongs to: how they stand, and who replied to what."""

    cases: Mapping[str, desk_pb2.CaseSummary] = field(repr=False)
    replies: Mapping[tuple[StatementDigest, MemberId], StatementRecord]


def list_sent(
    tx: Tx, office: Office, gate: Gate, desk: OwnDesk, request: delivery_pb2.ListSentMailRequest
) -> delivery_pb2.ListSentMailResponse:
    """Return a page of the mail that `desk` wrote."""
    size = request.page_size or _AT_ONCE
    before = int(request.page_token) if request.page_token else None
    found = tx.dispatches.written_by(desk.desk, _STATES.get(request.standing, ()), before, size + 1)
    page = found[:size]
    records = tx.statements.find([one.mail.statement for one in page])
    known = _read_known(tx, office, gate, desk, {one.thread for one in records.values()})
    return delivery_pb2.ListSentMailResponse(
        letters=[_render(one, records[one.mail.statement], known) for one in page],
        next_page_token=str(page[-1].number) if len(found) > size else None,
    )


def _read_known(tx: Tx, office: Office, gate: Gate, desk: OwnDesk, threads: Iterable[ThreadId]) -> _Known:
    terms = read_terms(tx, sorted(threads))
    seen = [thread for thread, one in terms.items() if is_entitled(office, gate, desk, one)]
    cases = list(tx.cases.find(seen).values())
    return _Known(
        {one.thread: one for one in read_summaries(tx, cases, office.member)},
        _replies(tx.statements.in_threads(seen)),
    )


def _replies(
    records: Sequence[StatementRecord],
) -> dict[tuple[StatementDigest, MemberId], StatementRecord]:
    """Return the newest reply to each message by each member; `records` come in the order of their times."""
    return {
        (one.in_reply_to, one.iss): one
        for one in records
        if one.in_reply_to is not None and one.direction is Direction.THEIRS and one.in_effect
    }


def _render(one: WrittenMail, record: StatementRecord, known: _Known) -> delivery_pb2.SentLetter:
    mail = one.mail
    reply = known.replies.get((mail.statement, mail.queue.to_member))
    return delivery_pb2.SentLetter(
        envelope_id=mail.id.hex(),
        statement=encode_b64(mail.statement),
        kind=record.kind,
        thread=record.thread,
        to=mail.queue.to_member,
        via=mail.queue.via,
        state=f"MAIL_STATE_{mail.state}",
        reason=mail.reason or None,
        queued_at=instant(mail.queued_at),
        changed_at=instant(mail.changed_at),
        deliver_by=instant(mail.deliver_by),
        in_pouch=one.in_pouch or None,
        exercise=flag_of(record) or None,
        reply_kind=reply.kind if reply else None,
        replied_at=instant(reply.iat) if reply else None,
        case=known.cases.get(record.thread),
    )

"""The one transaction of sending: numbers, headers, log entries, queue, statement, wraps, case, answer.

What is written here is durable together or not at all; the courier starts when it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tracepost.node.gate import Action
from tracepost.node.handlers.casebook import fresh_event, refold
from tracepost.node.handlers.joining import put_on_cases
from tracepost.node.handlers.office import Office
from tracepost.node.handlers.opening import own_body_id
from tracepost.node.handlers.preparing import Prepared
from tracepost.node.handlers.repeats import find_answers, keep_answer
from tracepost.node.handlers.sealing_mail import SealedLetter
from tracepost.node.handlers.thread import clear_fields, write_clear_part
from tracepost.node.ports import Tx
from tracepost.node.records import (
    AuditEvent,
    Direction,
    Queue,
    QueuedMail,
    SealedParts,
    StatementRecord,
)
from tracepost.protocol import schema
from tracepost.protocol.envelope import Address, Road, build_envelope
from tracepost.protocol.errors import BusyError, TracepostError
from tracepost.protocol.evidence import Opened, Sent, Signed, prepare_line, sent_on
from tracepost.protocol.ids import EnvelopeId, encode_b64
from tracepost.protocol.lifecycle import CaseEvent
from tracepost.protocol.problems import make_problem
from tracepost.protocol.sealing import Random
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2


@dataclass(slots=True)
class Kept:
    """A prepared draft and what the transaction made of it; `answer` is what its officer is told."""

    prepared: Prepared
    answer: desk_pb2.Submission
    mails: list[QueuedMail] = field(default_factory=list)
    events: list[AuditEvent] = field(default_factory=list)


def keep(tx: Tx, prepared: Sequence[Prepared], office: Office, now: int, random: Random) -> list[Kept]:
    """Keep and queue all of `prepared`, in order; a draft that was answered before has no second effect."""
    answers = find_answers(tx, [one.mark for one in prepared])
    kept: list[Kept] = []
    for one, answer in zip(prepared, answers, strict=True):
        earlier = _find_earlier(one, answer, kept)
        kept.append(Kept(one, earlier or desk_pb2.Submission()))
    new = [k for k in kept if not k.answer.ListFields()]
    _queue(tx, new, office, now, random)
    records = [_record(k, now) for k in new]
    tx.statements.admit(records)
    put_on_cases(tx, office.desks, records, now)
    tx.bodies.keep(dict(_bodies_apart(new)))
    own = [k.prepared.sealed.own for k in new]
    tx.wraps.keep([w for o in own for w in o.wraps], [e for o in own for e in o.epochs], now)
    fresh = {k.prepared.statement.digest: _event(k.prepared.statement) for k in new}
    refold(tx, {k.prepared.statement.claims.thread for k in new}, office.member, fresh)
    for one_new in new:
        one_new.answer = _answer(one_new)
    tx.drafts.keep([keep_answer(k.prepared.mark, k.answer, now) for k in new if k.prepared.mark.key])
    tx.audit.append([event for k in new for event in k.events])
    return kept


def preview(prepared: Prepared) -> desk_pb2.Submission:
    """Return what would be seen by whom, of a draft that is not to be kept."""
    return desk_pb2.Submission(
        idempotency_key=prepared.draft.idempotency_key,
        unsent=prepared.unsent,
        readings=prepared.readings,
        exhibits=prepared.exhibits,
    )


def _find_earlier(
    prepared: Prepared, answer: desk_pb2.Submission | None, before: Iterable[Kept]
) -> desk_pb2.Submission | None:
    key = prepared.mark.key
    if answer is None and key and any(k.prepared.mark.key == key for k in before):
        return _refused(key, BusyError("this draft is being answered; repeat it"))
    return answer


def _refused(key: str, error: TracepostError) -> desk_pb2.Submission:
    return desk_pb2.Submission(idempotency_key=key, problem=make_problem(error))


@dataclass(frozen=True, slots=True)
class _Headed:
    """A letter with its number and header."""

    kept: Kept
    queue: Queue
    address: Address
    header: bytes
    id: EnvelopeId
    letter: SealedLetter


def _queue(tx: Tx, new: Sequence[Kept], office: Office, now: int, random: Random) -> None:
    headed = list(_head_letters(tx, new, office))
    said: list[tuple[Kept, Signed | Opened]] = [(k, entry) for k in new for entry in _entries(k, now)]
    lines = [prepare_line(entry, random) for _, entry in said]
    lines += [prepare_line(_sent(one, now), random) for one in headed]
    numbers = tx.log.append(lines)
    for (kept, entry), number in zip(said, numbers, strict=False):
        kept.events.append(_audit(kept, entry, number))
    numbers = numbers[len(said) :]
    mails = [_mail(one, number, now) for one, number in zip(headed, numbers, strict=True)]
    tx.outbox.queue(mails)
    for one, mail in zip(headed, mails, strict=True):
        one.kept.mails.append(mail)


def _head_letters(tx: Tx, new: Sequence[Kept], office: Office) -> Iterator[_Headed]:
    """Give numbers, a run for each queue; a kept draft's letters stay in the order of its addressees."""
    queues: dict[Queue, int] = {}
    for _, queue, _ in _letters(new):
        queues[queue] = queues.get(queue, 0) + 1
    runs = {queue: tx.outbox.take_numbers(queue, count) for queue, count in queues.items()}
    given = dict.fromkeys(queues, 0)
    for kept, queue, letter in _letters(new):
        run = runs[queue]
        road = Road(queue.via, run.epoch, run.first + given[queue])
        given[queue] += 1
        exercise = kept.prepared.statement.claims.exercise
        address = Address(office.member, letter.to, kept.prepared.deliver_by, queue.lane, road, exercise)
        header, envelope_id = build_envelope(address, letter.slots, letter.body)
        yield _Headed(kept, queue, address, header, envelope_id, letter)


def _letters(new: Iterable[Kept]) -> Iterator[tuple[Kept, Queue, SealedLetter]]:
    for kept in new:
        for letter, road in zip(kept.prepared.sealed.letters, kept.prepared.roads, strict=True):
            yield kept, Queue(letter.to, road, kept.prepared.lane), letter


def _sent(one: _Headed, now: int) -> Sent:
    return sent_on(one.address, one.id, one.kept.prepared.statement.digest, now)


def _mail(one: _Headed, log_number: int, now: int) -> QueuedMail:
    return QueuedMail(
        id=one.id,
        queue=one.queue,
        epoch=one.address.road.epoch,
        seq=one.address.road.seq,
        deliver_by=one.kept.prepared.deliver_by,
        statement=one.kept.prepared.statement.digest,
        log_number=log_number,
        queued_at=now,
        header=one.header,
        slots=one.letter.slots,
        body=one.letter.body,
    )


def _entries(kept: Kept, now: int) -> Iterator[Signed | Opened]:
    """Yield what our log says of a draft: that it was signed, and which statements it forwards."""
    prepared = kept.prepared
    desk, officer = prepared.desk, prepared.officer.label
    yield Signed(prepared.statement.digest, desk, officer, prepared.decision, now)
    for one in prepared.released:
        yield Opened(one.statement, desk, officer, str(Action.FORWARD), one.decision, now)


def _record(kept: Kept, now: int) -> StatementRecord:
    signed, own = kept.prepared.statement, kept.prepared.sealed.own
    claims = signed.claims
    return StatementRecord(
        digest=signed.digest,
        iss=claims.iss,
        jti=claims.jti,
        kind=claims.kind,
        thread=claims.thread,
        in_reply_to=claims.in_reply_to,
        desk=claims.desk,
        iat=claims.iat,
        direction=Direction.OURS,
        in_effect=True,
        envelope_id=own_body_id(signed.digest) if own.letter is None else kept.mails[own.letter].id,
        stored_at=now,
        admin_json=write_clear_part(signed),
    )


def _event(signed: Statement) -> CaseEvent:
    return fresh_event(signed, schema.assemble(signed.claims.kind, clear_fields(signed)).message)


def _bodies_apart(new: Iterable[Kept]) -> Iterator[tuple[EnvelopeId, SealedParts]]:
    for kept in new:
        own = kept.prepared.sealed.own
        if own.letter is None:
            yield own_body_id(kept.prepared.statement.digest), SealedParts(b"", b"", own.body, b"")


def _answer(kept: Kept) -> desk_pb2.Submission:
    prepared = kept.prepared
    return desk_pb2.Submission(
        idempotency_key=prepared.draft.idempotency_key,
        thread=prepared.statement.claims.thread,
        statement=encode_b64(prepared.statement.digest),
        jti=prepared.statement.claims.jti,
        dispatches=[
            desk_pb2.Dispatch(
                to=m.queue.to_member,
                envelope_id=m.id.hex(),
                via=m.queue.via,
                state=desk_pb2.MAIL_STATE_QUEUED,
            )
            for m in kept.mails
        ],
        unsent=prepared.unsent,
    )


def _audit(kept: Kept, entry: Signed | Opened, log_number: int) -> AuditEvent:
    subject = encode_b64(entry.statement)
    if isinstance(entry, Opened):
        return AuditEvent(entry.time, entry.officer, entry.action, subject, entry.desk, log_number)
    kind = kept.prepared.statement.claims.kind
    return AuditEvent(entry.time, entry.officer, "submit", subject, kind, log_number)

"""The one transaction of sending: numbers, headers, log entries, queue, statement, wraps, case, answer.

What is written here is durable together or not at all; the courier starts when it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracepost.node.gate import Action
from tracepost.node.handlers.casebook import refold
from tracepost.node.handlers.office import Office
from tracepost.node.handlers.opening import own_body_id
from tracepost.node.handlers.preparing import Prepared
from tracepost.node.handlers.sealing_mail import SealedLetter
from tracepost.node.handlers.thread import write_clear_part
from tracepost.node.ports import Tx
from tracepost.node.records import (
    AuditEvent,
    Direction,
    DraftAnswer,
    Queue,
    QueuedMail,
    SealedParts,
    StatementRecord,
)
from tracepost.protocol.envelope import Address, Road, build_envelope
from tracepost.protocol.errors import BusyError, ConflictError, TracepostError
from tracepost.protocol.evidence import Opened, Sent, Signed, prepare_line
from tracepost.protocol.ids import EnvelopeId, encode_b64
from tracepost.protocol.problems import make_problem
from tracepost.protocol.sealing import Random
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
    found = _find_answers(tx, prepared)
    kept: list[Kept] = []
    for one in prepared:
        earlier = _find_earlier(one, found, kept)
        kept.append(Kept(one, earlier or desk_pb2.Submission()))
    new = [k for k in kept if not k.answer.ListFields()]
    _queue(tx, new, office, now, random)
    tx.statements.admit([_record(k, now) for k in new])
    tx.bodies.keep(dict(_bodies_apart(new)))
    own = [k.prepared.sealed.own for k in new]
    tx.wraps.keep([w for o in own for w in o.wraps], [e for o in own for e in o.epochs], now)
    refold(tx, {k.prepared.statement.claims.thread for k in new}, office.member)
    for one_new in new:
        one_new.answer = _answer(one_new)
    tx.drafts.keep([_draft_answer(k, now) for k in new if k.prepared.draft.idempotency_key])
    tx.audit.append([event for k in new for event in k.events])
    return kept


def preview(prepared: Prepared) -> desk_pb2.Submission:
    """Return what would be seen by whom, of a draft that is not to be kept."""
    return desk_pb2.Submission(
        idempotency_key=prepared.draft.idempotency_key, unsent=prepared.unsent, readings=prepared.readings
    )


def _find_answers(tx: Tx, prepared: Iterable[Prepared]) -> dict[tuple[str, str], DraftAnswer]:
    """Return the answers that were given before, by owner and key."""
    keys: dict[str, list[str]] = {}
    for one in prepared:
        if one.draft.idempotency_key:
            keys.setdefault(_owner(one), []).append(one.draft.idempotency_key)
    return {
        (owner, key): answer for owner, some in keys.items() for key, answer in tx.drafts.find(owner, some).items()
    }


def _find_earlier(
    prepared: Prepared, found: Mapping[tuple[str, str], DraftAnswer], before: Iterable[Kept]
) -> desk_pb2.Submission | None:
    key = prepared.draft.idempotency_key
    if not key:
        return None
    answer = found.get((_owner(prepared), key))
    if answer is None:
        same_batch = any(k.prepared.draft.idempotency_key == key for k in before)
        return _refused(key, BusyError("this draft is being answered; repeat it")) if same_batch else None
    if answer.draft_sha256 != _draft_sha256(prepared):
        words = "the idempotency key was used for another draft"
        return _refused(key, ConflictError(words, where="idempotency_key"))
    return desk_pb2.Submission.FromString(answer.submission)


def _refused(key: str, error: TracepostError) -> desk_pb2.Submission:
    return desk_pb2.Submission(idempotency_key=key, problem=make_problem(error))


@dataclass(frozen=True, slots=True)
class _Headed:
    """A letter with its number and header."""

    kept: Kept
    queue: Queue
    road: Road
    header: bytes
    id: EnvelopeId
    letter: SealedLetter


def _queue(tx: Tx, new: Sequence[Kept], office: Office, now: int, random: Random) -> None:
    headed = list(_head_letters(tx, new, office))
    said: list[tuple[Kept, Signed | Opened]] = [(k, entry) for k in new for entry in _entries(k, now)]
    lines = [prepare_line(entry, random) for _, entry in said]
    lines += [prepare_line(Sent(one.id, now), random) for one in headed]
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
        yield _Headed(kept, queue, road, header, envelope_id, letter)


def _letters(new: Iterable[Kept]) -> Iterator[tuple[Kept, Queue, SealedLetter]]:
    for kept in new:
        for letter, road in zip(kept.prepared.sealed.letters, kept.prepared.roads, strict=True):
            yield kept, Queue(letter.to, road, kept.prepared.lane), letter


def _mail(one: _Headed, log_number: int, now: int) -> QueuedMail:
    return QueuedMail(
        id=one.id,
        queue=one.queue,
        epoch=one.road.epoch,
        seq=one.road.seq,
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


def _draft_answer(kept: Kept, now: int) -> DraftAnswer:
    prepared = kept.prepared
    return DraftAnswer(
        owner=_owner(prepared),
        key=prepared.draft.idempotency_key,
        draft_sha256=_draft_sha256(prepared),
        stored_at=now,
        submission=kept.answer.SerializeToString(),
    )


def _owner(prepared: Prepared) -> str:
    return f"{prepared.officer.label}/{prepared.desk}"


def _draft_sha256(prepared: Prepared) -> bytes:
    return hashlib.sha256(prepared.draft.SerializeToString(deterministic=True)).digest()


def _audit(kept: Kept, entry: Signed | Opened, log_number: int) -> AuditEvent:
    subject = encode_b64(entry.statement)
    if isinstance(entry, Opened):
        return AuditEvent(entry.time, entry.officer, entry.action, subject, entry.desk, log_number)
    kind = kept.prepared.statement.claims.kind
    return AuditEvent(entry.time, entry.officer, "submit", subject, kind, log_number)

"""The one transaction of sending: numbers, headers, log entries, queue, statement, wraps, case, answer.

What is written here is durable together or not at all; the courier starts when it is. What a second officer
looks at first is kept with its sealed letters instead, without numbers and without effect (`four_eyes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tracepost.node.gate import Action
from tracepost.node.handlers.case.casebook import fresh_event, instant, refold
from tracepost.node.handlers.case.enclosed import enclosed_digests, last_day, last_day_of_enclosed
from tracepost.node.handlers.case.joining import put_on_cases
from tracepost.node.handlers.case.office import Office
from tracepost.node.handlers.case.thread import claims_of, clear_fields, clear_message, record_of
from tracepost.node.handlers.case.writing import put_authors_on
from tracepost.node.handlers.sealed.opening import own_body_id
from tracepost.node.handlers.sealed.sealing_mail import SealedLetter
from tracepost.node.handlers.sending.four_eyes import FourEyes, Passage
from tracepost.node.handlers.sending.preparing import Prepared
from tracepost.node.handlers.sending.repeats import find_answers, keep_answer
from tracepost.node.ports.store import Evidence, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import FreshMail, Journey, Queue, QueuedMail
from tracepost.node.records.staff import ForwardedStatement, ReleaseRecord, ReleaseState, UnsentLetter
from tracepost.node.records.statements import AttachmentRecord, Direction, SealedParts, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.envelope import Address, Lane, Road, build_envelope
from tracepost.protocol.errors import BusyError, TracepostError
from tracepost.protocol.evidence import LogLine, Opened, Sent, Signed, prepare_line, sent_on
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.lifecycle import CaseEvent
from tracepost.protocol.problems import make_problem
from tracepost.protocol.sealing import Random
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2

_LONG_AGO = "0001-01-01"  # the last day of what is deleted already


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent of a signed statement, whether it was signed just now or waited for somebody's word.

    `officer` is the label of who wrote it; `approvals` as in the log entry.
    """

    statement: StatementDigest
    kind: str
    exercise: bool
    desk: DeskId
    officer: str
    letters: tuple[SealedLetter, ...] = field(repr=False)
    roads: tuple[str, ...]
    lane: Lane
    deliver_by: int
    decision: bytes = field(repr=False)
    forwarded: tuple[ForwardedStatement, ...]
    approvals: bytes = b""


@dataclass(slots=True)
class Departed:
    """What went, and what the transaction made of it: its mail, the log line of each ("sent"), audit events to keep."""

    outgoing: Outgoing
    mails: list[QueuedMail] = field(default_factory=list)
    sent: list[LogLine] = field(default_factory=list, repr=False)
    events: list[AuditEvent] = field(default_factory=list)


@dataclass(slots=True)
class Kept:
    """A prepared draft and what the transaction made of it; `answer` is what its officer is told."""

    prepared: Prepared
    answer: desk_pb2.Submission
    passage: Passage
    departed: Departed | None = None
    companions: list[Kept] = field(default_factory=list)

    @property
    def mails(self) -> list[QueuedMail]:
        """Its mail in the queue; none if it waits."""
        return self.departed.mails if self.departed else []

    @property
    def events(self) -> list[AuditEvent]:
        """What the audit trail says of it, beside that it waits."""
        return self.departed.events if self.departed else []


def keep(
    tx: Tx, prepared: Sequence[Prepared], office: Office, four_eyes: FourEyes, *, now: int, random: Random
) -> list[Kept]:
    """Keep all of `prepared`, in order, and queue what needs nobody's word.

    A draft that was answered before has no second effect.
    """
    answers = find_answers(tx, [one.mark for one in prepared])
    kept: list[Kept] = []
    for one, answer in zip(prepared, answers, strict=True):
        earlier = _find_earlier(one, answer, kept)
        kept.append(Kept(one, earlier or desk_pb2.Submission(), Passage(ReleaseState.RELEASED, one.desk)))
    new = [k for k in kept if not k.answer.ListFields()]
    for k in new:
        k.passage = _pass(tx, k.prepared, four_eyes, now)
        k.companions = [_accompany(tx, one, k, four_eyes, now) for one in k.prepared.companions]
    new = [one for k in new for one in (k, *k.companions)]
    processed = _note_processed(tx, new, now, random)
    going = [k for k in new if k.passage.goes]
    departed = depart(tx, [_outgoing(k.prepared) for k in going], office.member, now, random)
    for k, one_gone in zip(going, departed, strict=True):
        k.departed = one_gone
    records = [_record(k, now) for k in new]
    tx.statements.admit(records)
    put_authors_on(
        tx, office, [_written(k) for k in new if k.prepared.entries and not k.prepared.of_node], now
    )
    put_on_cases(tx, office.desks, [one for one in records if one.in_effect], now)
    tx.enclosures.keep(_enclosed(new))
    tx.tombstones.keep_until(_to_delete(tx, new, office.member))
    tx.bodies.keep(dict(_bodies_apart(new)))
    tx.attachments.keep([record for k in new for record in _kept_here(k, now)])
    own = [k.prepared.sealed.own for k in new]
    tx.wraps.keep([w for o in own for w in o.wraps], [e for o in own for e in o.epochs], now)
    fresh = {k.prepared.statement.digest: _event(k.prepared.statement) for k in going}
    refold(tx, {k.prepared.statement.claims.thread for k in going}, office.member, fresh)
    for one_new in new:
        one_new.answer = _answer(one_new)
    tx.drafts.keep([keep_answer(k.prepared.mark, k.answer, now) for k in new if k.prepared.mark.key])
    tx.audit.append([event for k in new for event in (*k.events, *_waits(k, now))] + processed)
    return kept


def depart(tx: Tx, outgoing: Sequence[Outgoing], us: MemberId, now: int, random: Random) -> list[Departed]:
    """Give numbers, write what our log says of them, and queue; return what became of each, in order."""
    new = [Departed(one) for one in outgoing]
    _queue(tx, new, us, now, random)
    return new


def prove_sent(departed: Iterable[Departed], evidence: Evidence) -> list[FreshMail]:
    """Return the mail of what departed with the log's proof of it; it is durable, and the head of it signed."""
    pairs = [pair for one in departed for pair in zip(one.mails, one.sent, strict=True)]
    try:
        proofs = evidence.prove([(mail.log_number, line) for mail, line in pairs]) if pairs else []
    except TracepostError:  # it is proved when it is read from the outbox
        return [FreshMail(mail, None) for mail, _ in pairs]
    return [FreshMail(mail, proof) for (mail, _), proof in zip(pairs, proofs, strict=True)]


def _note_processed(tx: Tx, new: Iterable[Kept], now: int, random: Random) -> list[AuditEvent]:
    """Write down what the node opened by itself to complete drafts, be they sent or kept waiting."""
    entries = [
        Opened(one.statement, one.desk, k.prepared.officer.label, str(Action.PROCESS), one.decision, now)
        for k in new
        for one in k.prepared.processed
    ]
    numbers = tx.log.append([prepare_line(entry, random) for entry in entries]) if entries else []
    return [
        AuditEvent(e.time, e.officer, e.action, encode_b64(e.statement), e.desk, number)
        for e, number in zip(entries, numbers, strict=True)
    ]


def _pass(tx: Tx, one: Prepared, four_eyes: FourEyes, now: int) -> Passage:
    """Judge a draft; keep what somebody is to look at. One after the other: a quota counts those before."""
    passage = four_eyes.judge(tx, one, now)
    if passage.state is ReleaseState.RELEASED:
        return passage
    record = _release_record(tx, one, passage, four_eyes, now)
    tx.releases.keep(record, [] if passage.goes else list(_unsent_letters(one)))
    return passage


def _release_record(tx: Tx, one: Prepared, passage: Passage, four_eyes: FourEyes, now: int) -> ReleaseRecord:
    claims = one.statement.claims
    return ReleaseRecord(
        statement=one.statement.digest,
        thread=claims.thread,
        kind=claims.kind,
        to=claims.aud,
        desk=one.desk,
        deciding_desk=passage.deciding_desk,
        officer=one.officer.number,
        state=passage.state,
        lane=one.lane,
        exercise=claims.exercise,
        deliver_by=one.deliver_by,
        written_at=now,
        until=passage.until,
        conditions=four_eyes.conditions(tx, one.entries, claims.thread, [r.statement for r in one.released]),
        decision=one.decision,
        forwarded=_forwarded(one),
    )


def _accompany(tx: Tx, one: Prepared, main: Kept, four_eyes: FourEyes, now: int) -> Kept:
    """Return a companion of `main`, which goes if that goes; else it is kept until that does."""
    passage = Passage(ReleaseState.RELEASED, one.desk)
    if not main.passage.goes:
        passage = Passage(ReleaseState.ACCOMPANYING, main.passage.deciding_desk)
        record = replace(
            _release_record(tx, one, passage, four_eyes, now),
            reason=encode_b64(main.prepared.statement.digest),
        )
        tx.releases.keep(record, list(_unsent_letters(one)))
    return Kept(one, desk_pb2.Submission(), passage)


def _written(kept: Kept) -> tuple[ThreadId, DeskId, str]:
    return kept.prepared.statement.claims.thread, kept.prepared.desk, kept.prepared.officer.label


def _unsent_letters(one: Prepared) -> Iterator[UnsentLetter]:
    for number, letter in enumerate(one.sealed.letters):
        body = b"" if number == one.sealed.own.letter else letter.body
        yield UnsentLetter(letter.to, letter.slots, body, letter.attachments)


def _outgoing(one: Prepared) -> Outgoing:
    return Outgoing(
        statement=one.statement.digest,
        kind=one.statement.claims.kind,
        exercise=one.statement.claims.exercise,
        desk=one.desk,
        officer=one.officer.label,
        letters=one.sealed.letters,
        roads=one.roads,
        lane=one.lane,
        deliver_by=one.deliver_by,
        decision=one.decision,
        forwarded=_forwarded(one),
    )


def _forwarded(one: Prepared) -> tuple[ForwardedStatement, ...]:
    return tuple(ForwardedStatement(r.statement, r.decision) for r in one.released)


def preview(prepared: Prepared) -> desk_pb2.Submission:
    """Return what would be seen by whom, of a draft that is not to be kept."""
    return desk_pb2.Submission(
        idempotency_key=prepared.draft.idempotency_key,
        unsent=prepared.unsent,
        readings=prepared.readings,
        exhibits=prepared.exhibits,
        notices_to=prepared.notices_to,
        exercise=prepared.statement.claims.exercise or None,
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

    departed: Departed
    queue: Queue
    address: Address
    header: bytes
    id: EnvelopeId
    letter: SealedLetter


def _queue(tx: Tx, new: Sequence[Departed], us: MemberId, now: int, random: Random) -> None:
    headed = list(_head_letters(tx, new, us))
    said: list[tuple[Departed, Signed | Opened]] = [(d, e) for d in new for e in _entries(d.outgoing, now)]
    lines = [prepare_line(entry, random) for _, entry in said]
    lines += [prepare_line(_sent(one, now), random) for one in headed]
    numbers = tx.log.append(lines)
    for (departed, entry), number in zip(said, numbers, strict=False):
        departed.events.append(_audit(departed.outgoing, entry, number))
    numbers, lines = numbers[len(said) :], lines[len(said) :]
    mails = [_mail(one, number, now) for one, number in zip(headed, numbers, strict=True)]
    tx.outbox.queue(mails)
    tx.attachments.keep(list(_going_along(headed, now)))
    for one, mail, line in zip(headed, mails, lines, strict=True):
        one.departed.mails.append(mail)
        one.departed.sent.append(line)


def _head_letters(tx: Tx, new: Sequence[Departed], us: MemberId) -> Iterator[_Headed]:
    """Give numbers, a run for each queue; a kept draft's letters stay in the order of its addressees."""
    queues: dict[Queue, int] = {}
    for _, queue, _ in _letters(new):
        queues[queue] = queues.get(queue, 0) + 1
    runs = {queue: tx.outbox.take_numbers(queue, count) for queue, count in queues.items()}
    given = dict.fromkeys(queues, 0)
    for departed, queue, letter in _letters(new):
        run = runs[queue]
        road = Road(queue.via, run.epoch, run.first + given[queue])
        given[queue] += 1
        outgoing = departed.outgoing
        address = Address(us, letter.to, outgoing.deliver_by, queue.lane, road, outgoing.exercise)
        header, envelope_id = build_envelope(address, letter.slots, letter.body, letter.attachments)
        yield _Headed(departed, queue, address, header, envelope_id, letter)


def _letters(new: Iterable[Departed]) -> Iterator[tuple[Departed, Queue, SealedLetter]]:
    for departed in new:
        outgoing = departed.outgoing
        for letter, road in zip(outgoing.letters, outgoing.roads, strict=True):
            yield departed, Queue(letter.to, road, outgoing.lane), letter


def _sent(one: _Headed, now: int) -> Sent:
    return sent_on(one.address, one.id, one.departed.outgoing.statement, now)


def _mail(one: _Headed, log_number: int, now: int) -> QueuedMail:
    return QueuedMail(
        id=one.id,
        queue=one.queue,
        epoch=one.address.road.epoch,
        seq=one.address.road.seq,
        deliver_by=one.departed.outgoing.deliver_by,
        statement=one.departed.outgoing.statement,
        log_number=log_number,
        queued_at=now,
        header=one.header,
        slots=one.letter.slots,
        body=one.letter.body,
    )


def _entries(one: Outgoing, now: int) -> Iterator[Signed | Opened]:
    """Yield what our log says of a statement: that it was signed, and which others it forwards."""
    yield Signed(one.statement, one.desk, one.officer, one.decision, now, one.approvals)
    for other in one.forwarded:
        yield Opened(other.statement, one.desk, one.officer, str(Action.FORWARD), other.decision, now)


def _record(kept: Kept, now: int) -> StatementRecord:
    return record_of(
        kept.prepared.statement,
        direction=Direction.OURS,
        in_effect=kept.passage.goes,
        envelope_id=_own_place(kept),
        now=now,
    )


def _event(signed: Statement) -> CaseEvent:
    return fresh_event(signed, schema.assemble(signed.claims.kind, clear_fields(signed)).message)


def _enclosed(new: Iterable[Kept]) -> dict[StatementDigest, set[StatementDigest]]:
    """Return what each statement holds of others: what it encloses, and what it was drawn from."""
    found: dict[StatementDigest, set[StatementDigest]] = {}
    for one in (k.prepared for k in new if k.prepared.released or k.prepared.processed):
        found[one.statement.digest] = {source.statement for source in one.processed}
        if one.released:
            found[one.statement.digest] |= enclosed_digests(_event(one.statement).message)
    return found


def _to_delete(tx: Tx, new: Iterable[Kept], us: MemberId) -> dict[StatementDigest, str]:
    """Return the last days of what encloses others' data, or was drawn from it: it is kept no longer than that."""
    found = {one.statement.digest: [*_last_days(tx, one, us)] for one in (k.prepared for k in new)}
    return {digest: min(days) for digest, some in found.items() if (days := [*filter(None, some)])}


def _last_days(tx: Tx, one: Prepared, us: MemberId) -> Iterator[str]:
    if one.released:
        yield last_day_of_enclosed(_event(one.statement).message, us)
    sources = [source.statement for source in one.processed]
    for record in tx.statements.find(sources).values() if sources else ():
        message = clear_message(record)
        yield _LONG_AGO if message is None else last_day(claims_of(record), message, us)


def _bodies_apart(new: Iterable[Kept]) -> Iterator[tuple[EnvelopeId, SealedParts]]:
    for kept in new:
        sealed, name = kept.prepared.sealed, own_body_id(kept.prepared.statement.digest)
        if _own_place(kept) == name:
            number = sealed.own.letter
            body = sealed.own.body if number is None else sealed.letters[number].body
            yield name, SealedParts(b"", b"", body, b"")


def _own_place(kept: Kept) -> EnvelopeId:
    """Return where our own copy lies: in an envelope that went, or in a place of its own."""
    number = kept.prepared.sealed.own.letter
    if number is None or not kept.passage.goes:
        return own_body_id(kept.prepared.statement.digest)
    return kept.mails[number].id


def _going_along(headed: Iterable[_Headed], now: int) -> Iterator[AttachmentRecord]:
    """Yield what is to be handed over beside these letters."""
    for one in headed:
        for address in one.letter.attachments:
            yield AttachmentRecord(
                envelope_id=one.id,
                address=address,
                direction=Direction.OURS,
                statement=one.departed.outgoing.statement,
                member=one.letter.to,
                via=one.queue.via,
                deliver_by=one.address.deliver_by,
                passage=Journey.WAITING,
                size=None,
                reason="",
                changed_at=now,
            )


def _kept_here(kept: Kept, now: int) -> Iterator[AttachmentRecord]:
    """Yield what stays with our own copy, whether the mail went or waits for somebody's word."""
    signed = kept.prepared.statement
    for one in kept.prepared.sealed.attached:
        yield AttachmentRecord(
            envelope_id=own_body_id(signed.digest),
            address=one.address,
            direction=Direction.OURS,
            statement=signed.digest,
            member=signed.claims.iss,
            via="",
            deliver_by=kept.prepared.deliver_by,
            passage=Journey.DONE,
            size=None,
            reason="",
            changed_at=now,
        )


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
        release_state=f"RELEASE_STATE_{kept.passage.state}",
        release_until=instant(kept.passage.until) if kept.passage.until else None,
        exercise=prepared.statement.claims.exercise or None,
    )


def _audit(outgoing: Outgoing, entry: Signed | Opened, log_number: int) -> AuditEvent:
    subject = encode_b64(entry.statement)
    if isinstance(entry, Opened):
        return AuditEvent(entry.time, entry.officer, entry.action, subject, entry.desk, log_number)
    return AuditEvent(entry.time, entry.officer, "submit", subject, outgoing.kind, log_number)


def _waits(kept: Kept, now: int) -> Iterator[AuditEvent]:
    if not kept.passage.goes:
        subject = encode_b64(kept.prepared.statement.digest)
        actor = kept.prepared.officer.label
        yield AuditEvent(now, actor, "submit-waits", subject, kept.passage.state.lower().replace("_", "-"))

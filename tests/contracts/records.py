"""Records to put into a store: whole, small, and different for every number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseRecord, CaseState
from tracepost.node.records.mail import ArrivedMail, MailState, Queue, QueuedMail
from tracepost.node.records.statements import Direction, StatementRecord, WrapRecord
from tracepost.protocol.envelope import Address, CheckedEnvelope, Header, Lane, Road
from tracepost.protocol.evidence import LogLine, prepare_line, received_on, sent_on
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest, ThreadId
from tracepost.protocol.sealing import SealedStorageEpoch

NOW = 1_800_000_000
US, THEM, THIRD = MemberId("xaa"), MemberId("xab"), MemberId("xac")
HUB = "hub"
POC, NODE = DeskId("poc"), DeskId("node")
QUEUE = Queue(THEM, HUB, Lane.ROUTINE)
EPOCH = SealedStorageEpoch(US, POC, b"e" * 16, b"sealed secret")


def name(kind: str, number: int) -> bytes:
    """Return 32 bytes that stand for a digest."""
    return hashlib.sha256(f"{kind} {number}".encode()).digest()


def digest(number: int) -> StatementDigest:
    return StatementDigest(name("statement", number))


def envelope_id(number: int) -> EnvelopeId:
    return EnvelopeId(name("envelope", number))


def thread(number: int) -> ThreadId:
    return ThreadId(f"{number:08x}-0000-7000-8000-000000000000")


def statement(number: int, *, iss: MemberId = THEM) -> StatementRecord:
    return StatementRecord(
        digest=digest(number),
        iss=iss,
        jti=f"jti-{number}",
        kind="trace.request/1",
        thread=thread(number),
        in_reply_to=None,
        desk=POC,
        iat=NOW + number,
        direction=Direction.OURS if iss == US else Direction.THEIRS,
        in_effect=True,
        envelope_id=envelope_id(number),
        stored_at=NOW,
        admin_json=b"{}",
    )


def _address(number: int, sender: MemberId = THEM) -> Address:
    return Address(sender, US, NOW + 86400, Lane.ROUTINE, Road(HUB, 1, number + 1), exercise=False)


def envelope(number: int, *, sender: MemberId = THEM, size: int = 4096) -> CheckedEnvelope:
    """Return an envelope; its parts are too short to be real, which is no matter of the store."""
    header = Header(_address(number, sender), 4, bytes(32), bytes(32))
    body = number.to_bytes(8) * (size // 8)
    return CheckedEnvelope(envelope_id(number), header, b"header", b"slots", body, b"proof")


def arrived(number: int, log_number: int = 0, *, sender: MemberId = THEM, size: int = 4096) -> ArrivedMail:
    return ArrivedMail(envelope(number, sender=sender, size=size), digest(number), log_number, NOW + number)


def held(number: int, *, sender: MemberId = THEM, size: int = 4096) -> ArrivedMail:
    return replace(arrived(number, sender=sender, size=size), state=MailState.HELD, reason="clock-ahead")


def queued(number: int, seq: int, log_number: int = 0, *, queue: Queue = QUEUE, size: int = 64) -> QueuedMail:
    return QueuedMail(
        id=envelope_id(number),
        queue=queue,
        epoch=1,
        seq=seq,
        deliver_by=NOW + 1000 + number,
        statement=digest(number),
        log_number=log_number,
        queued_at=NOW,
        header=b"header %d" % number,
        slots=b"slots",
        body=bytes(size),
    )


def sent_line(number: int) -> LogLine:
    entry = sent_on(replace(_address(number), to_member=THEM), envelope_id(number), digest(number), NOW)
    return prepare_line(entry, lambda count: b"s" * count)


def received_line(number: int) -> LogLine:
    entry = received_on(_address(number), envelope_id(number), digest(number), NOW)
    return prepare_line(entry, lambda count: b"s" * count)


def wrap(number: int, desk: DeskId = POC) -> WrapRecord:
    return WrapRecord(digest(number), envelope_id(number), desk, EPOCH.id, b"wrap %d" % number)


def case(number: int, *, state: CaseState = CaseState.WAITING_FOR_US) -> CaseRecord:
    return CaseRecord(thread(number), state, NOW, NOW + number, (US, THEM), (f"XAA/{number:04d}",), b"{}")


def together(*jobs: Callable[[Tx], object]) -> Callable[[Tx], None]:
    """Return one job that does all of `jobs`."""

    def do_all(tx: Tx) -> None:
        for job in jobs:
            job(tx)

    return do_all


def dispatch(tx: Tx, numbers: Sequence[int], queue: Queue = QUEUE, *, size: int = 64) -> None:
    """Do what sending does: statements, sequence numbers, log entries and envelopes in one unit of work."""
    run = tx.outbox.take_numbers(queue, len(numbers))
    places = tx.log.append([sent_line(number) for number in numbers])
    tx.statements.admit([statement(number, iss=US) for number in numbers])
    tx.outbox.queue(
        [
            queued(number, run.first + offset, place, queue=queue, size=size)
            for offset, (number, place) in enumerate(zip(numbers, places, strict=True))
        ]
    )


def receive(tx: Tx, numbers: Sequence[int]) -> None:
    """Keep received statements and their envelopes, and nothing else."""
    tx.statements.admit([statement(number) for number in numbers])
    tx.inbox.accept([arrived(number) for number in numbers])


def accept(tx: Tx, numbers: Sequence[int], *, size: int = 4096) -> None:
    """Do what the mailroom does with a frame of new envelopes."""
    assert tx.inbox.answered([envelope_id(number) for number in numbers]) == {}
    places = tx.log.append([received_line(number) for number in numbers])
    tx.statements.admit([statement(number) for number in numbers])
    mails = [arrived(number, place, size=size) for number, place in zip(numbers, places, strict=True)]
    tx.inbox.accept(mails)
    tx.wraps.keep([wrap(number, desk) for number in numbers for desk in (NODE, POC)], [EPOCH], NOW)
    tx.cases.keep([case(number) for number in numbers])

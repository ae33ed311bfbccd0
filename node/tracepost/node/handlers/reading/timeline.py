"""What happened in a case, oldest first, and in whose log each event is proved.

Our own log proves what we did; the receipts that we hold prove what relays and addressees did, and
the proof that came with mail, that its sender sent it. ADMINISTRATIVE data only: nothing is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.case.casebook import find_case, instant
from tracepost.node.handlers.case.circumstances import CaseTerms, read_terms
from tracepost.node.handlers.case.entitlement import require_case
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import MailState, ReceiptKind, ReceiptRecord, ReceivedMail, SentMail
from tracepost.node.records.statements import Cover, Direction, StatementRecord
from tracepost.protocol.evidence import parse_entry
from tracepost.protocol.ids import EnvelopeId, StatementDigest, encode_b64
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.envelope_pb2 import LogProof

# Events of one second are shown in the order in which they follow from one another.
_ORDER = (
    "signed",
    "sent",
    "custody",
    "received",
    "held",
    "delivered",
    "refused",
    "expired",
    "opened",
    "exported",
)
_RELEASES = {
    str(Action.OPEN): "opened",
    str(Action.FORWARD): "opened",
    str(Action.EXPORT): "exported",
    str(Action.PRINT): "exported",
    "break-glass": "opened",
}


@dataclass(frozen=True, slots=True)
class _Event:
    at: int
    event: str
    actor: str
    record: StatementRecord
    log: str = ""
    log_index: int | None = None
    other_member: str = ""


@dataclass(frozen=True, slots=True)
class _Traces:
    """What the store has about the statements of a case."""

    terms: CaseTerms
    records: Mapping[StatementDigest, StatementRecord]
    sent: Sequence[SentMail]
    receipts: Sequence[ReceiptRecord]
    received: Sequence[ReceivedMail]
    covers: Mapping[EnvelopeId, Cover]
    audit: Sequence[AuditEvent]


class Timelines:
    """Tells the story of a case. One per process."""

    def __init__(self, office: Office, gate: Gate, store: Store) -> None:
        self._office = office
        self._gate = gate
        self._store = store

    async def show(self, officer: Officer, request: desk_pb2.ShowTimelineRequest) -> desk_pb2.Timeline:
        """Return the events of the case that `request` names."""
        traces = await self._store.read(lambda tx: _read_traces(tx, request.case))
        require_case(self._office, self._gate, officer, traces.terms)
        events = sorted(self._events(traces), key=lambda e: (e.at, _ORDER.index(e.event), e.record.iat))
        return desk_pb2.Timeline(events=[_render(e) for e in events])

    def _events(self, traces: _Traces) -> Iterator[_Event]:
        audited = [(traces.records[digest], e) for digest, e in _by_statement(traces)]
        signed = {r.digest: e for r, e in audited if e.action == "submit"}
        for record in traces.records.values():
            yield self._signed(record, signed.get(record.digest))
        for mail in traces.sent:
            yield from self._sent(traces.records[mail.statement], mail)
        addressees = {mail.id: mail for mail in traces.sent}
        for receipt in traces.receipts:
            mail = addressees[receipt.envelope_id]
            yield _receipted(traces.records[mail.statement], mail, receipt)
        for arrived in traces.received:
            yield from self._received(
                traces.records[arrived.statement], arrived, traces.covers.get(arrived.id)
            )
        for record, event in audited:
            if event.action in _RELEASES:
                yield self._released(record, event)

    def _signed(self, record: StatementRecord, event: AuditEvent | None) -> _Event:
        if record.direction is Direction.THEIRS:
            return _Event(record.iat, "signed", f"{record.iss}/{record.desk}", record)
        actor = event.actor if event else record.desk
        index = event.log_number if event else None
        return _Event(record.iat, "signed", actor, record, self._log_of(index), index)

    def _sent(self, record: StatementRecord, mail: SentMail) -> Iterator[_Event]:
        us, to = self._office.member, mail.queue.to_member
        yield _Event(mail.queued_at, "sent", us, record, us, mail.log_number, to)
        if mail.state is MailState.EXPIRED:
            yield _Event(mail.changed_at, "expired", us, record, other_member=to)

    def _received(self, record: StatementRecord, mail: ReceivedMail, cover: Cover | None) -> Iterator[_Event]:
        us = self._office.member
        if cover is not None:
            at, index = _read_proof(cover.proof)
            yield _Event(at, "sent", mail.from_member, record, mail.from_member, index, us)
        yield _Event(mail.received_at, "received", us, record, us, mail.log_number, mail.from_member)
        if mail.reason:
            yield _Event(mail.received_at, "held", us, record, other_member=mail.from_member)

    def _released(self, record: StatementRecord, event: AuditEvent) -> _Event:
        actor = f"{event.actor}/{event.outcome}"
        index = event.log_number
        return _Event(event.at, _RELEASES[event.action], actor, record, self._log_of(index), index)

    def _log_of(self, index: int | None) -> str:
        return "" if index is None else self._office.member


def _read_traces(tx: Tx, named: str) -> _Traces:
    thread = find_case(tx, named)
    records = {r.digest: r for r in tx.statements.in_threads([thread])}
    digests = list(records)
    sent = tx.dispatches.of_statements(digests)
    received = tx.inbox.of_statements(digests)
    return _Traces(
        read_terms(tx, [thread])[thread],
        records,
        sent,
        tx.receipts.of([m.id for m in sent]),
        received,
        tx.bodies.covers([m.id for m in received]),
        [one.event for one in tx.audit.about([encode_b64(d) for d in digests])],
    )


def _by_statement(traces: _Traces) -> Iterable[tuple[StatementDigest, AuditEvent]]:
    names = {encode_b64(digest): digest for digest in traces.records}
    return [(names[event.subject], event) for event in traces.audit]


def _receipted(record: StatementRecord, mail: SentMail, receipt: ReceiptRecord) -> _Event:
    if receipt.kind is ReceiptKind.CUSTODY:
        event, other = "custody", mail.queue.to_member
    else:
        event, other = ("delivered" if receipt.verdict == "accepted" else "refused"), record.iss
    at, _ = _read_proof(receipt.proof)
    member = receipt.from_member
    return _Event(at, event, member, record, member, receipt.log_number, other)


def _read_proof(data: bytes) -> tuple[int, int]:
    """Return when the proved entry was made and its number; it was verified before it was kept."""
    proof = LogProof.FromString(data)
    return parse_entry(proof.preimage).time, proof.index


def _render(event: _Event) -> desk_pb2.TimelineEvent:
    return desk_pb2.TimelineEvent(
        at=instant(event.at),
        event=event.event,
        actor=event.actor,
        kind=event.record.kind,
        statement=encode_b64(event.record.digest),
        log=event.log or None,
        log_index=event.log_index,
        other_member=event.other_member or None,
    )

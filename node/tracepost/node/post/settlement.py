"""Receipts for our mail: verified, kept as evidence, and only then believed.

A receipt is a log proof. Custody comes from the relay that the mail went by; delivery or refusal
from the addressee, whoever carried it. Only the addressee's word clears the outbox. Under a head that
contradicts another of its log and size nothing is believed, nor under an older head of a log key that
ended: the addressee gives its receipt again, under its key in use, when the mail comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Tx
from tracepost.node.post.continuity import Continuity, name_of
from tracepost.node.post.custody import due_of
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import MailState, ReceiptKind, ReceiptRecord, SentMail, Settlement
from tracepost.protocol.errors import EvidenceError, SealingError, TheirFault
from tracepost.protocol.evidence import Custody, ProvedEntry, Received, receipt_commitment, verify_proof
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.sealing import DeskPrivateKey, open_with_key
from tracepost.wire.v1.post_pb2 import Expiry, Receipt


@dataclass(frozen=True, slots=True)
class Proved:
    """A receipt whose log proof holds."""

    envelope_id: EnvelopeId
    from_member: MemberId
    proved: ProvedEntry
    proof: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A receipt that does not hold: an audit event, and nothing else."""

    envelope_id: bytes
    error: TheirFault


class Settling:
    """Verifies receipts (any thread) and keeps them (a job of a unit of work)."""

    def __init__(
        self,
        us: MemberId,
        papers: Papers,
        node_keys: Callable[[], Sequence[DeskPrivateKey]],
        continuity: Continuity,
    ) -> None:
        self._us = us
        self._continuity = continuity
        self._papers = papers
        self._node_keys = node_keys

    def verify(self, receipts: Iterable[Receipt]) -> list[Proved | Doubtful]:
        """Return each receipt as proved by the log that it names, or as doubtful."""
        return [self._verify(r) for r in receipts]

    def keep(
        self, tx: Tx, receipts: Sequence[Proved | Doubtful], brought_by: MemberId, now: int
    ) -> list[EnvelopeId]:
        """Keep what holds, settle its envelopes, note the heads; return whose delivery receipts need not come again.

        Not so of a custody receipt: the relay would take our word on it for the word on the delivery
        receipt of the same envelope, which may be on its way to us, and forget that one.
        """
        proved = [r for r in receipts if isinstance(r, Proved)]
        split = self._continuity.note(tx, [(r.proved.head, r.proof) for r in proved], brought_by, now)
        proved = [r for r in proved if name_of(r.proved.head) not in split]
        sent = tx.dispatches.find([r.envelope_id for r in proved])
        fitting: list[Proved] = []
        strange: list[Proved] = []
        for one in proved:
            mail = sent.get(one.envelope_id)
            (fitting if mail is not None and self._fits(one, mail) else strange).append(one)
        tx.receipts.keep([_record(r, now) for r in fitting])
        tx.dispatches.settle(list(_settlements(fitting, sent, now)), now)
        doubtful = [r for r in receipts if isinstance(r, Doubtful)]
        tx.audit.append([_audit(r.envelope_id, r.error.reason, brought_by, now) for r in doubtful])
        tx.audit.append([_audit(r.envelope_id, "receipt-unexpected", brought_by, now) for r in strange])
        return [r.envelope_id for r in fitting if isinstance(r.proved.entry, Received)]

    def expire(self, tx: Tx, expiries: Iterable[Expiry], brought_by: MemberId, now: int) -> None:
        """Take a relay's word that it kept mail in vain; only for mail that went by that relay."""
        sent = tx.dispatches.find([EnvelopeId(e.envelope_id) for e in expiries])
        ended = [m for m in sent.values() if m.queue.via == brought_by and m.deliver_by < now]
        tx.dispatches.settle([Settlement(m.id, MailState.EXPIRED, "expired-at-relay") for m in ended], now)

    def _verify(self, receipt: Receipt) -> Proved | Doubtful:
        member = MemberId(receipt.from_member)
        try:
            proved = verify_proof(receipt.proof, self._papers.log_verifier(member), live=True)
            entry = proved.entry
            if not isinstance(entry, Received | Custody) or entry.id != receipt.envelope_id:
                raise EvidenceError("the receipt is about something else", reason="other-entry")
        except TheirFault as error:
            return Doubtful(receipt.envelope_id, error)
        reason = self._reason(entry, member) if isinstance(entry, Received) else ""
        return Proved(EnvelopeId(receipt.envelope_id), member, proved, receipt.proof, reason)

    def _fits(self, receipt: Proved, mail: SentMail) -> bool:
        """Say whether a receipt is the right member's word on this envelope, its road and its statement."""
        entry, queue = receipt.proved.entry, mail.queue
        assert isinstance(entry, Received | Custody)  # as verified
        named = (entry.from_member, entry.via, entry.lane, entry.epoch, entry.seq)
        if named != (self._us, queue.via, queue.lane, mail.epoch, mail.seq):
            return False
        if isinstance(entry, Custody):
            return (receipt.from_member, entry.to_member) == (queue.via, queue.to_member)
        bound = entry.verdict == "refused" or entry.statement == receipt_commitment(mail.id, mail.statement)
        return receipt.from_member == queue.to_member and bound

    def _reason(self, entry: Received, member: MemberId) -> str:
        if not entry.reason:
            return "" if entry.verdict == "accepted" else "refused"
        context = [member.encode(), self._us.encode(), entry.id]
        for key in self._node_keys():
            try:
                return open_with_key(key, "refusal-reason", context, entry.reason).decode("ascii").strip()
            except (SealingError, UnicodeDecodeError):
                continue
        return "refused"


def _record(receipt: Proved, now: int) -> ReceiptRecord:
    entry = receipt.proved.entry
    received = isinstance(entry, Received)
    return ReceiptRecord(
        envelope_id=receipt.envelope_id,
        kind=ReceiptKind.RECEIVED if received else ReceiptKind.CUSTODY,
        from_member=receipt.from_member,
        verdict=entry.verdict if isinstance(entry, Received) else "",
        log_number=receipt.proved.index,
        stored_at=now,
        proof=receipt.proof,
    )


def _settlements(
    receipts: Iterable[Proved], sent: Mapping[EnvelopeId, SentMail], now: int
) -> Iterable[Settlement]:
    """Return one settlement per envelope: the addressee's word before the relay's."""
    states: dict[EnvelopeId, Settlement] = {}
    for one in receipts:
        entry = one.proved.entry
        if isinstance(entry, Received):
            state = MailState.DELIVERED if entry.verdict == "accepted" else MailState.REFUSED
            states[one.envelope_id] = Settlement(one.envelope_id, state, one.reason)
        else:
            due = due_of(sent[one.envelope_id], now)
            states.setdefault(one.envelope_id, Settlement(one.envelope_id, MailState.WITH_RELAY, due=due))
    return states.values()


def _audit(envelope_id: bytes, reason: str, brought_by: MemberId, now: int) -> AuditEvent:
    return AuditEvent(now, brought_by, "doubt-receipt", envelope_id.hex(), reason)

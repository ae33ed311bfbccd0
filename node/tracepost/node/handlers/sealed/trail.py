"""How statements came and went, with what the logs say about it: for a file of evidence, and for who is shown one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from tracepost.node.ports.store import Evidence, Tx
from tracepost.node.records.mail import ReceiptRecord, ReceivedMail, SentMail
from tracepost.node.records.statements import Cover
from tracepost.protocol.evidence import LogLine
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest
from tracepost.wire.v1.casefile_pb2 import FiledEnvelope, FiledReceipt
from tracepost.wire.v1.share_pb2 import EnvelopeProof

# Of the schema.
_PROOF_LIMIT = 16384
_PROOFS_OF_AN_ENVELOPE = 8
_ENVELOPES = 16


@dataclass(frozen=True, slots=True)
class Trail:
    """How statements came and went, with the lines of our log about it."""

    sent: Sequence[SentMail]
    receipts: Sequence[ReceiptRecord]
    received: Sequence[ReceivedMail]
    covers: Mapping[EnvelopeId, Cover]
    lines: Mapping[int, LogLine] = field(repr=False)


def read_trail(tx: Tx, digests: Sequence[StatementDigest]) -> Trail:
    """Return how these statements came and went."""
    sent = tx.dispatches.of_statements(digests)
    received = tx.inbox.of_statements(digests)
    ids = [*(m.id for m in sent), *(m.id for m in received)]
    numbers = [*(m.log_number for m in sent), *(m.log_number for m in received)]
    return Trail(
        sent, tx.receipts.of([m.id for m in sent]), received, tx.bodies.covers(ids), tx.log.lines(numbers)
    )


def file_envelopes(
    trail: Trail, evidence: Evidence, us: MemberId
) -> dict[StatementDigest, list[FiledEnvelope]]:
    """Return the envelopes of each statement with all that is proved of them, ours by `evidence`."""
    proofs = _prove(trail, evidence)
    receipts: dict[EnvelopeId, list[FiledReceipt]] = {}
    for one in trail.receipts:
        filed = FiledReceipt(from_member=one.from_member, proof=one.proof)
        receipts.setdefault(one.envelope_id, []).append(filed)
    envelopes: dict[StatementDigest, list[FiledEnvelope]] = {}
    for mail in trail.sent:
        header, proof = trail.covers[mail.id].header, proofs[mail.log_number]
        made = FiledEnvelope(header=header, sent_proof=proof, receipts=receipts.get(mail.id, []))
        envelopes.setdefault(mail.statement, []).append(made)
    for came in trail.received:
        cover = trail.covers[came.id]
        ours = FiledReceipt(from_member=us, proof=proofs[came.log_number])
        made = FiledEnvelope(header=cover.header, sent_proof=cover.proof, receipts=[ours])
        envelopes.setdefault(came.statement, []).append(made)
    return envelopes


def show_envelopes(filed: Iterable[FiledEnvelope]) -> list[EnvelopeProof]:
    """Return what goes along with an exhibit of all that is proved of the envelopes of its statement."""
    shown = [EnvelopeProof(header=one.header, proofs=dict.fromkeys(_entries(one))) for one in filed]
    return [one for one in shown if one.proofs][:_ENVELOPES]


def _entries(one: FiledEnvelope) -> list[bytes]:
    entries = chain([one.sent_proof], (receipt.proof for receipt in one.receipts))
    return [entry for entry in entries if 0 < len(entry) <= _PROOF_LIMIT][:_PROOFS_OF_AN_ENVELOPE]


def _prove(trail: Trail, evidence: Evidence) -> dict[int, bytes]:
    numbered = list(trail.lines.items())
    proofs = evidence.prove(numbered) if numbered else []
    return {number: proof for (number, _), proof in zip(numbered, proofs, strict=True)}

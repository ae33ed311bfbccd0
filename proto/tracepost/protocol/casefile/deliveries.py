"""What the logs say about the envelopes of a statement (steps 9 to 12)."""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.protocol.casefile.refusal import refuse
from tracepost.protocol.casefile.report import Delivery, Proven, Receipt
from tracepost.protocol.envelope import Header, envelope_id, parse_header
from tracepost.protocol.evidence import (
    Custody,
    Head,
    LogVerifier,
    ProvedEntry,
    Received,
    Sent,
    receipt_commitment,
    verify_proof,
)
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.statement import Statement
from tracepost.wire.v1.casefile_pb2 import FiledEnvelope, FiledReceipt


class LogReader:
    """Opens proofs, and refuses two heads of one log and size that differ (step 12)."""

    def __init__(self, verifier: LogVerifier) -> None:
        self._verifier = verifier
        self._roots: dict[tuple[str, int], bytes] = {}

    def open(self, proof: bytes) -> ProvedEntry:
        """Return the entry that `proof` proves; raise `VerificationError` (steps 10 and 12)."""
        proved = verify_proof(proof, self._verifier)
        self._compare(proved.head)
        return proved

    def _compare(self, head: Head) -> None:
        known = self._roots.setdefault((str(head.origin), head.size), head.root)
        if known != head.root:
            raise refuse(12, "split-log", "a log showed two different heads of one size: it was rewritten")


def read_delivery(filed: FiledEnvelope, statement: Statement, logs: LogReader) -> Delivery:
    """Return what is proved of one envelope of `statement`; raise `VerificationError` (steps 9 to 12)."""
    header, envelope = parse_header(filed.header), envelope_id(filed.header)
    _check_header(header, statement)
    receipts = [_read_receipt(one, header, envelope, statement, logs) for one in filed.receipts]
    return Delivery(
        envelope=envelope,
        to=header.to_member,
        via=header.address.road.via,
        epoch=header.address.road.epoch,
        seq=header.address.road.seq,
        sent_at=_read_sent(filed.sent_proof, header, envelope, logs) if filed.sent_proof else None,
        receipts=tuple(receipts),
        bound=any(one.verdict == "accepted" for one in receipts),
    )


def earliest_proven(deliveries: Iterable[Delivery], issuer: MemberId) -> Proven | None:
    """Return the earliest time by a log that is not the issuer's.

    A relay keeps an envelope it cannot read: its word counts for the statement once the addressee's
    log says that this envelope held it.
    """
    receipts = (one for delivery in deliveries if delivery.bound for one in delivery.receipts)
    proven = [Proven(one.time, one.member) for one in receipts if one.member != issuer]
    return min(proven, key=lambda one: (one.time, one.by), default=None)


def _check_header(header: Header, statement: Statement) -> None:
    claims = statement.claims
    if header.from_member != claims.iss or header.to_member not in claims.aud:
        raise refuse(9, "other-parties", "the envelope is not from the issuer to one of its addressees")
    if header.address.exercise != claims.exercise:
        raise refuse(9, "exercise", "statement and envelope differ on whether this is an exercise")


def _read_sent(proof: bytes, header: Header, envelope: EnvelopeId, logs: LogReader) -> int:
    proved = logs.open(proof)
    entry = proved.entry
    if not isinstance(entry, Sent) or entry.id != envelope or proved.member != header.from_member:
        raise refuse(11, "other-entry", "the sender's proof is not of this envelope in its own log")
    return entry.time


def _read_receipt(
    filed: FiledReceipt, header: Header, envelope: EnvelopeId, statement: Statement, logs: LogReader
) -> Receipt:
    proved = logs.open(filed.proof)
    entry = proved.entry
    if not isinstance(entry, Custody | Received) or entry.id != envelope:
        raise refuse(11, "other-entry", "the receipt is not of this envelope")
    _check_road(entry, header)
    _check_word(proved, entry, header, statement)
    if filed.from_member != proved.member:
        raise refuse(11, "other-member", "the receipt is not of the member that is named beside it")
    verdict = entry.verdict if isinstance(entry, Received) else ""
    return Receipt(
        member=proved.member,
        entry=entry.ENTRY,
        verdict=verdict,
        time=entry.time,
        log=str(proved.head.origin),
        index=proved.index,
        size=proved.head.size,
    )


def _check_road(entry: Custody | Received, header: Header) -> None:
    road = header.address.road
    if (entry.via, entry.epoch, entry.seq) != (road.via, road.epoch, road.seq):
        raise refuse(11, "other-road", "the receipt names another road than the envelope")


def _check_word(proved: ProvedEntry, entry: Custody | Received, header: Header, statement: Statement) -> None:
    if isinstance(entry, Custody):
        if proved.member != header.address.road.via:
            raise refuse(11, "other-member", "custody is in the log of another member than the relay")
        return
    if proved.member != header.to_member:
        raise refuse(11, "other-member", "the receipt is in the log of another member than the addressee")
    expected = receipt_commitment(entry.id, statement.digest)
    if entry.statement != expected and (entry.verdict == "accepted" or entry.statement):
        raise refuse(11, "other-statement", "the addressee received another statement in this envelope")

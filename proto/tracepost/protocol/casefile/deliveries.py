"""What the logs say about the envelopes of a statement (steps 9 to 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tracepost.protocol.casefile.refusal import refuse
from tracepost.protocol.casefile.report import Delivery, Proven, Receipt
from tracepost.protocol.envelope import Header, envelope_id, parse_header
from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import (
    Custody,
    Head,
    LogVerifier,
    ProvedEntry,
    Received,
    Sent,
    is_on,
    receipt_commitment,
    sent_commitment,
    verify_proof,
)
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.statement import Statement
from tracepost.wire.v1.casefile_pb2 import FiledEnvelope, FiledReceipt
from tracepost.wire.v1.share_pb2 import EnvelopeProof


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
    sent_at = _read_sent(filed.sent_proof, header, envelope, statement, logs) if filed.sent_proof else None
    return Delivery(
        envelope=envelope,
        to=header.to_member,
        via=header.address.road.via,
        epoch=header.address.road.epoch,
        seq=header.address.road.seq,
        sent_at=sent_at,
        receipts=tuple(receipts),
        bound=sent_at is not None and any(one.verdict == "accepted" for one in receipts),
    )


def read_envelope_proofs(
    shown: Iterable[EnvelopeProof], statement: Statement, logs: LogReader
) -> tuple[Delivery, ...]:
    """Return what is proved by the log entries that go along with an exhibit.

    An entry of a log whose key the reader does not know proves him nothing, and is left out.

    Raises:
        VerificationError: an entry is of another envelope, statement or road (steps 9 to 12).
    """
    return tuple(read_delivery(_sort_out(one, logs), statement, logs) for one in shown)


def _sort_out(shown: EnvelopeProof, logs: LogReader) -> FiledEnvelope:
    """Return the entries of an envelope by what they are."""
    filed = FiledEnvelope(header=shown.header)
    for proof in shown.proofs:
        try:
            proved = logs.open(proof)
        except EvidenceError:
            continue
        if isinstance(proved.entry, Sent):
            filed.sent_proof = proof
        else:
            filed.receipts.add(from_member=proved.member, proof=proof)
    return filed


def earliest_proven(deliveries: Iterable[Delivery], issuer: MemberId) -> Proven | None:
    """Return the earliest time by logs that are not the issuer's.

    A relay keeps an envelope it cannot read: its word counts once the logs of sender and addressee
    both say that this envelope held the statement. One addressee may have an interest in the time, so
    its word is taken from the second one on; alone it stands only if there is nothing better.
    """
    bound = [delivery for delivery in deliveries if delivery.bound]
    by_relay = [Proven(one.time, one.member) for one in _custodies(bound) if one.member != issuer]
    by_addressee = [replace(word, alone=True) for word in _first_words(bound, issuer)]
    return earliest_of([*by_relay, *by_addressee])


def earliest_of(words: Iterable[Proven]) -> Proven | None:
    """Return the earliest time by these words; those of one member alone count from the second member on."""
    said = list(words)
    lonely: dict[MemberId, Proven] = {}
    for word in sorted((one for one in said if one.alone), key=_order):
        lonely.setdefault(word.by, word)
    alone = list(lonely.values())
    supported = [*(one for one in said if not one.alone), *(replace(one, alone=False) for one in alone[1:])]
    return min(supported, key=_order, default=alone[0] if alone else None)


def _custodies(bound: Iterable[Delivery]) -> Iterator[Receipt]:
    for delivery in bound:
        yield from (one for one in delivery.receipts if one.member != delivery.to)


def _first_words(bound: Iterable[Delivery], issuer: MemberId) -> list[Proven]:
    """Return when each addressee says that it first had the statement."""
    words: dict[MemberId, Proven] = {}
    for delivery in bound:
        for one in delivery.receipts:
            if one.member == delivery.to != issuer and one.verdict == "accepted":
                said = Proven(one.time, one.member)
                words[one.member] = min(words.get(one.member, said), said, key=_order)
    return list(words.values())


def _order(proven: Proven) -> tuple[int, MemberId]:
    return proven.time, proven.by


def _check_header(header: Header, statement: Statement) -> None:
    claims = statement.claims
    if header.from_member != claims.iss or header.to_member not in claims.aud:
        raise refuse(9, "other-parties", "the envelope is not from the issuer to one of its addressees")
    if header.address.exercise != claims.exercise:
        raise refuse(9, "exercise", "statement and envelope differ on whether this is an exercise")


def _read_sent(
    proof: bytes, header: Header, envelope: EnvelopeId, statement: Statement, logs: LogReader
) -> int:
    proved = logs.open(proof)
    entry = proved.entry
    if not isinstance(entry, Sent) or entry.id != envelope or proved.member != header.from_member:
        raise refuse(11, "other-entry", "the sender's proof is not of this envelope in its own log")
    _check_road(entry, header)
    if entry.statement != sent_commitment(envelope, statement.digest):
        raise refuse(11, "other-statement", "the sender's log names another statement for this envelope")
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


def _check_road(entry: Sent | Custody | Received, header: Header) -> None:
    if not is_on(entry, header.address):
        raise refuse(11, "other-road", "a log names another road or other parties than the envelope")


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

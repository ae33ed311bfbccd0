"""What a relay checks before it takes an envelope, or an addressee's receipt, as what it is.

An envelope, in this order; each refusal names its step:

    1  the envelope is whole (`envelope.parse_envelope`, with its own steps)
    2  the sender in the header is the member at the other end of the stream
    3  the road goes by this relay
    4  the addressee is a member now, and is not this relay     (unknown: may be known later, a status)
    5  the sender's log says that it sent this envelope by this road: its key, its entry
       "sent/1", this id, parties, lane and number as in the header

A receipt:

    R1  its proof opens by the log key of the member at the other end of the stream
    R2  it is an entry "received/1" of this envelope, by this road
    R3  it names that member as the one that received, and another as the sender

Whether mail by that id is here, and to whom it was addressed, only the store knows
(`mailboxes`). Nothing is opened: the relay has no code that could.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracepost.protocol.envelope import CheckedEnvelope, parse_envelope
from tracepost.protocol.errors import (
    EnvelopeError,
    EvidenceError,
    InvalidInputError,
    StaleTrustError,
    TrustError,
)
from tracepost.protocol.evidence import Head, LogVerifier, Received, Sent, is_on, verify_proof
from tracepost.protocol.ids import EnvelopeId, MemberId, parse_member
from tracepost.relay.trust import TrustState
from tracepost.wire.v1.envelope_pb2 import Envelope, LogProof
from tracepost.wire.v1.post_pb2 import Receipt


@dataclass(frozen=True, slots=True)
class Situation:
    """Who is at the other end, who we are, what we trust, and when; `now` in unix seconds."""

    peer: MemberId
    own: MemberId
    trust: TrustState
    now: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """An envelope that the member at the other end has sent, as its log proves."""

    envelope: CheckedEnvelope
    head: Head

    @property
    def note(self) -> str:
        """The signed note of the head."""
        return LogProof.FromString(self.envelope.proof).checkpoint


@dataclass(frozen=True, slots=True)
class ProvedReceipt:
    """A delivery receipt whose proof holds."""

    envelope_id: EnvelopeId
    addressee: MemberId
    sender: MemberId
    entry: Received
    head: Head
    receipt: Receipt = field(repr=False)

    @property
    def note(self) -> str:
        """The signed note of the head."""
        return LogProof.FromString(self.receipt.proof).checkpoint


def receive_envelope(wire: Envelope, situation: Situation) -> Arrival:
    """Return `wire` as an arrival.

    Raises:
        EnvelopeError: steps 1 to 4.
        StaleTrustError: step 4, for an addressee that a newer trust list may name.
        EvidenceError: step 5.
    """
    envelope = parse_envelope(wire, now=situation.now)
    _check_road(envelope, situation)
    _check_addressee(envelope.header.to_member, situation)
    verifier = situation.trust.log_verifier(situation.peer)
    return Arrival(envelope, _check_sent(envelope, situation.peer, verifier))


def receive_receipt(wire: Receipt, situation: Situation) -> ProvedReceipt:
    """Return `wire` as a proved receipt; raise `EvidenceError` or `InvalidInputError`, steps R1 to R3."""
    proved = verify_proof(wire.proof, situation.trust.log_verifier(situation.peer))
    if proved.member != situation.peer:
        raise EvidenceError("the proof is of another member's log", where="step R1", reason="foreign-log")
    entry = proved.entry
    if not isinstance(entry, Received) or entry.id != wire.envelope_id or entry.via != situation.own:
        raise EvidenceError("the entry is no receipt of this envelope", where="step R2", reason="other-entry")
    sender = parse_member(wire.to_member)
    if wire.from_member != situation.peer or sender == situation.peer or sender != entry.from_member:
        raise InvalidInputError("the receipt names other members", where="step R3", reason="other-member")
    return ProvedReceipt(EnvelopeId(entry.id), situation.peer, sender, entry, proved.head, wire)


def _check_road(envelope: CheckedEnvelope, situation: Situation) -> None:
    """Steps 2 and 3."""
    address = envelope.header.address
    if address.from_member != situation.peer:
        raise EnvelopeError("the sender is not the caller", where="step 2", reason="forged-sender")
    if address.road.via != situation.own:
        raise EnvelopeError("the road goes by another relay", where="step 3", reason="other-road")


def _check_addressee(addressee: MemberId, situation: Situation) -> None:
    """Step 4."""
    if addressee == situation.own:
        raise EnvelopeError("a relay gets no mail", where="step 4", reason="to-relay")
    try:
        situation.trust.current.member(addressee)
    except TrustError:
        raise StaleTrustError(
            "the addressee is not in the trust list held here", where="step 4", reason="no-member"
        ) from None


def _check_sent(envelope: CheckedEnvelope, sender: MemberId, verifier: LogVerifier) -> Head:
    """Step 5."""
    proved = verify_proof(envelope.proof, verifier)
    if proved.member != sender:
        raise EvidenceError("the proof is of another member's log", where="step 5", reason="foreign-log")
    if not isinstance(proved.entry, Sent) or proved.entry.id != envelope.id:
        raise EvidenceError("the log says nothing of this envelope", where="step 5", reason="other-entry")
    if not is_on(proved.entry, envelope.header.address):
        raise EvidenceError("the log names another road", where="step 5", reason="other-road")
    return proved.head

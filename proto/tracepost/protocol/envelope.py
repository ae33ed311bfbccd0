"""The envelope: what a relay carries and cannot read.

An envelope is four byte strings, each forwarded as received and never encoded
again: header, slots, body, proof. The header is all that is in clear; it names
the digests of slots and body, and SHA-256 of the header is the envelope's id.
So whoever holds the id holds the whole, and the sender's log proves the id.

`parse_envelope` turns the untrusted wire message into a `CheckedEnvelope` or
raises `EnvelopeError`. The steps, in this order; each refusal names its own:

     1  each part is present and no larger than its limit
     2  the header is a Header, and its suite is registered
     3  it is one canonical encoding in the layout of that suite: every field, once, in order, no other
     4  sender and addressee are member ids and differ
     5  lane and road are known, numbers start at one, `deliver_by` is set
     6  the size class is registered and is the length of the body
     7  the slots are whole, at least one and at most `MAX_SLOTS`
     8  the slots have the digest that the header names
     9  the body has the digest that the header names
    10  `deliver_by` is at most 180 days ahead

The layout of header and slots belongs to the suite: a field more or a slot of another length is
a new suite with a name of its own. Who does not know it says so (step 2) and not that the mail
is broken, and nobody seals in a suite that the addressee does not open or the relay not carry.

Not done here: opening anything (`sealing`), who the sender is (`identity`), the
log proof (`evidence`), whether the mail is late (`CheckedEnvelope.is_late` says
it; a late envelope is still a true one, and an old pouch must stay readable).

    header, envelope_id = build_envelope(Address(...), slots, body)
    checked = parse_envelope(wire, now=now)
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from google.protobuf.message import DecodeError

from tracepost.protocol.errors import EnvelopeError, InvalidInputError
from tracepost.protocol.ids import DIRECT, EnvelopeId, MemberId, parse_member
from tracepost.wire.v1 import envelope_pb2

SUITE: Final = "tp1-xwing-sha256-aes256gcm"
"""Registry name of the one suite of version 1: X-Wing, HKDF-SHA256, AES-256-GCM."""

SLOT_LENGTHS: Final = {SUITE: 2040}
"""Bytes of one slot, by suite: the registry of suites as far as a relay needs it."""

SIZE_CLASSES_KIB: Final = (4, 8, 12, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
"""The lengths that a body may have, in KiB."""

MAX_SLOTS: Final = 9
"""The desk `node` and eight outward desks (protocol section 1)."""

MAX_ATTACHMENTS: Final = 64
"""Attachments that one header may name."""

MAX_ATTACHMENT_BYTES: Final = 2_215_133_184
"""Ciphertext of one attachment: the largest that `attachment.sealed_size` gives."""

MAX_BODY: Final = SIZE_CLASSES_KIB[-1] * 1024
MAX_HEADER: Final = 4096
MAX_PROOF: Final = 16384
DELIVERY_HORIZON_S: Final = 180 * 86400
CLOCK_SKEW_S: Final = 300

_NUMBER_END: Final = 1 << 53  # log entries are JSON, and SQL has 63 bits

_PARTS: Final = {
    "header": (1, MAX_HEADER),
    "slots": (1, MAX_SLOTS * max(SLOT_LENGTHS.values())),
    "body": (SIZE_CLASSES_KIB[0] * 1024, MAX_BODY),
    "proof": (1, MAX_PROOF),
}

# Not read from the schema, which grows: these are the fields that the layout of our suite has.
_REQUIRED: Final = (
    "suite",
    "from_member",
    "to_member",
    "deliver_by",
    "lane",
    "road",
    "exercise",
    "size_class_kib",
    "slots_sha256",
    "body_sha256",
)
_REQUIRED_OF_ROAD: Final = ("via", "epoch", "seq")


class Lane(enum.IntEnum):
    """Mail of one lane is numbered and delivered in order; urgent mail goes first."""

    ROUTINE = envelope_pb2.LANE_ROUTINE
    URGENT = envelope_pb2.LANE_URGENT


@dataclass(frozen=True, slots=True)
class Road:
    """The way an envelope goes and its number on that way.

    `via` is the member id of the relay or "direct"; `seq` runs per (from, to,
    via, lane) within `epoch`, and both start at one.
    """

    via: str
    epoch: int
    seq: int


@dataclass(frozen=True, slots=True)
class Address:
    """What the sender decides about the way of an envelope; `deliver_by` in unix seconds."""

    from_member: MemberId
    to_member: MemberId
    deliver_by: int
    lane: Lane
    road: Road
    exercise: bool
    suite: str = SUITE


@dataclass(frozen=True, slots=True)
class Header:
    """All that is in clear: the address, and what binds slots, body and attachments to it.

    `attachments` are addresses, SHA-256 of the ciphertext, in ascending order.
    """

    address: Address
    size_class_kib: int
    slots_sha256: bytes = field(repr=False)
    body_sha256: bytes = field(repr=False)
    attachments: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def from_member(self) -> MemberId:
        """The member that claims to send; the log proof shows whether it did."""
        return self.address.from_member

    @property
    def to_member(self) -> MemberId:
        """The member that is addressed."""
        return self.address.to_member


@dataclass(frozen=True, slots=True)
class CheckedEnvelope:
    """An envelope that is whole: `parse_envelope` has proved its parts against the header.

    Who sent it is not proved yet; the caller verifies `proof`.
    """

    id: EnvelopeId
    header: Header
    header_bytes: bytes = field(repr=False)
    slots: bytes = field(repr=False)
    body: bytes = field(repr=False)
    proof: bytes = field(repr=False)

    @property
    def slot_count(self) -> int:
        """The number of desks that the sender saw in the addressee's directory entry."""
        return len(self.slots) // SLOT_LENGTHS[self.header.address.suite]

    def slot(self, index: int) -> bytes:
        """Return slot number `index`, the desk `node` being 0; raise `EnvelopeError`."""
        if not 0 <= index < self.slot_count:
            raise _refuse(7, "no-such-slot")
        length = SLOT_LENGTHS[self.header.address.suite]
        return self.slots[index * length : (index + 1) * length]

    def is_late(self, now: int) -> bool:
        """Say whether `deliver_by` lies before `now` (unix seconds)."""
        return now > self.header.address.deliver_by

    def to_wire(self) -> envelope_pb2.Envelope:
        """Return the wire message with the parts as they were received."""
        return envelope_pb2.Envelope(
            header=self.header_bytes, slots=self.slots, body=self.body, proof=self.proof
        )


def common_suite(*offered: Collection[str]) -> str | None:
    """Return the suite to seal in, the first of ours that all the others offer; None if there is none."""
    return next((suite for suite in SLOT_LENGTHS if all(suite in one for one in offered)), None)


def build_envelope(
    address: Address, slots: bytes, body: bytes, attachments: tuple[bytes, ...] = ()
) -> tuple[bytes, EnvelopeId]:
    """Return the header of an envelope to `address` and the envelope's id.

    `attachments` are the addresses of what goes beside it, in ascending order.
    Checks what it makes by steps 2 to 7 and raises `EnvelopeError` for an
    address, slots or body that a receiver would refuse.
    """
    digests = hashlib.sha256(slots).digest(), hashlib.sha256(body).digest()
    header = Header(address, len(body) // 1024, *digests, attachments)
    _check_header(header)
    _check_lengths(header, slots, body)
    header_bytes = _encode_header(header)
    return header_bytes, envelope_id(header_bytes)


def envelope_id(header: bytes) -> EnvelopeId:
    """Return the id of the envelope that has this header: SHA-256 over its bytes."""
    return EnvelopeId(hashlib.sha256(header).digest())


def parse_header(data: bytes) -> Header:
    """Return the header that `data` encodes, checked by steps 2 to 6; raise `EnvelopeError`.

    For lists and notices, where slots and body are not at hand.
    """
    header = _decode_header(data)
    _check_header(header)
    return header


def parse_envelope(wire: envelope_pb2.Envelope, *, now: int | None) -> CheckedEnvelope:
    """Return `wire` as a checked envelope; raise `EnvelopeError` naming the step.

    Args:
        wire: the message as it arrived.
        now: unix seconds, for step 10; None for an envelope from an archive,
            where the horizon has no meaning.

    """
    header_bytes, slots, body, proof = _take_parts(wire)
    header = parse_header(header_bytes)
    _check_lengths(header, slots, body)
    _check_digests(header, slots, body)
    if now is not None:
        _check_horizon(header, now)
    return CheckedEnvelope(envelope_id(header_bytes), header, header_bytes, slots, body, proof)


def _take_parts(wire: envelope_pb2.Envelope) -> tuple[bytes, bytes, bytes, bytes]:
    """Step 1."""
    parts = {"header": wire.header, "slots": wire.slots, "body": wire.body, "proof": wire.proof}
    for name, (least, most) in _PARTS.items():
        if len(parts[name]) < least:
            raise _refuse(1, "part-missing-or-short", name)
        if len(parts[name]) > most:
            raise _refuse(1, "part-too-large", name)
    return parts["header"], parts["slots"], parts["body"], parts["proof"]


def _decode_header(data: bytes) -> Header:
    """Steps 2 and 3, as far as the encoding shows."""
    if len(data) > MAX_HEADER:
        raise _refuse(1, "part-too-large", "header")
    wire = envelope_pb2.Header()
    try:
        wire.ParseFromString(data)
    except DecodeError:
        raise _refuse(2, "not-a-header") from None
    _check_suite(wire.suite)
    _check_complete(wire)
    # Two encodings of one header would be two ids for one envelope, and a place to hide data in.
    wire.DiscardUnknownFields()
    if wire.SerializeToString(deterministic=True) != data:
        raise _refuse(3, "not-canonical")
    return _read_header(wire)


def _check_suite(suite: str) -> None:
    # Before anything else is judged: another suite may have another layout.
    if suite not in SLOT_LENGTHS:
        raise _refuse(2, "unknown-suite", "suite")


def _check_complete(wire: envelope_pb2.Header) -> None:
    for name in _REQUIRED:
        if not wire.HasField(name):
            raise _refuse(3, "field-missing", name)
    for name in _REQUIRED_OF_ROAD:
        if not wire.road.HasField(name):
            raise _refuse(3, "field-missing", f"road.{name}")


def _read_header(wire: envelope_pb2.Header) -> Header:
    try:
        lane = Lane(wire.lane)
    except ValueError:
        raise _refuse(5, "unknown-lane", "lane") from None
    address = Address(
        from_member=MemberId(wire.from_member),
        to_member=MemberId(wire.to_member),
        deliver_by=wire.deliver_by,
        lane=lane,
        road=Road(wire.road.via, wire.road.epoch, wire.road.seq),
        exercise=wire.exercise,
        suite=wire.suite,
    )
    return Header(address, wire.size_class_kib, wire.slots_sha256, wire.body_sha256, tuple(wire.attachments))


def _encode_header(header: Header) -> bytes:
    address, road = header.address, header.address.road
    return envelope_pb2.Header(
        suite=address.suite,
        from_member=address.from_member,
        to_member=address.to_member,
        deliver_by=address.deliver_by,
        lane=f"LANE_{address.lane.name}",
        road=envelope_pb2.Road(via=road.via, epoch=road.epoch, seq=road.seq),
        exercise=address.exercise,
        size_class_kib=header.size_class_kib,
        slots_sha256=header.slots_sha256,
        body_sha256=header.body_sha256,
        attachments=header.attachments,
    ).SerializeToString(deterministic=True)


def _check_header(header: Header) -> None:
    """Steps 2 to 6, as far as the header alone shows."""
    address = header.address
    _check_suite(address.suite)
    _check_binding(header)
    _check_label(4, address.from_member, "from_member")
    _check_label(4, address.to_member, "to_member")
    if address.from_member == address.to_member:
        raise _refuse(4, "to-itself", "to_member")
    _check_road(address)
    if header.size_class_kib not in SIZE_CLASSES_KIB:
        raise _refuse(6, "unknown-size-class", "size_class_kib")


def _check_binding(header: Header) -> None:
    """Step 3, the digests."""
    named = header.attachments
    if any(len(one) != 32 for one in (header.slots_sha256, header.body_sha256, *named)):
        raise _refuse(3, "not-a-digest")
    if len(named) > MAX_ATTACHMENTS:
        raise _refuse(3, "too-many-attachments", "attachments")
    # One set of addresses, one encoding.
    if any(one >= following for one, following in pairwise(named)):
        raise _refuse(3, "attachments-out-of-order", "attachments")


def _check_label(step: int, text: str, name: str) -> None:
    try:
        parse_member(text)
    except InvalidInputError:
        raise _refuse(step, "not-a-member-id", name) from None


def _check_road(address: Address) -> None:
    """Step 5."""
    if address.road.via != DIRECT:
        _check_label(5, address.road.via, "road.via")
    if not 1 <= address.road.epoch < 1 << 32:
        raise _refuse(5, "number-out-of-range", "road.epoch")
    if not 1 <= address.road.seq < _NUMBER_END:
        raise _refuse(5, "number-out-of-range", "road.seq")
    if not 1 <= address.deliver_by < _NUMBER_END:
        raise _refuse(5, "number-out-of-range", "deliver_by")


def _check_lengths(header: Header, slots: bytes, body: bytes) -> None:
    """Steps 6 and 7."""
    if len(body) != header.size_class_kib * 1024:
        raise _refuse(6, "wrong-size-class", "body")
    count, rest = divmod(len(slots), SLOT_LENGTHS[header.address.suite])
    if rest or not 1 <= count <= MAX_SLOTS:
        raise _refuse(7, "broken-slots", "slots")


def _check_digests(header: Header, slots: bytes, body: bytes) -> None:
    """Steps 8 and 9."""
    if hashlib.sha256(slots).digest() != header.slots_sha256:
        raise _refuse(8, "other-slots", "slots")
    if hashlib.sha256(body).digest() != header.body_sha256:
        raise _refuse(9, "other-body", "body")


def _check_horizon(header: Header, now: int) -> None:
    """Step 10; a sender's clock may run `CLOCK_SKEW_S` ahead of ours."""
    if header.address.deliver_by > now + DELIVERY_HORIZON_S + CLOCK_SKEW_S:
        raise _refuse(10, "deliver-by-too-far", "deliver_by")


def _refuse(step: int, reason: str, name: str = "") -> EnvelopeError:
    return EnvelopeError(where=f"step {step} {name}".rstrip(), reason=reason)

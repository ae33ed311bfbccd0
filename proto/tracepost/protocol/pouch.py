"""The pouch: what one side of a stream would have said, as files that a courier carries.

    12 bytes   "TRACEPOUCH" 0x00 0x01       name and version
     4 bytes   length of the manifest, big-endian
    manifest   a serialized PouchManifest
    64 bytes   ES256 of the maker's node over "tracepost/v1/pouch" 0x00 and the manifest
    sections   as the manifest lists them: frames, then attachments

A reader judges a file from its beginning on and keeps nothing before the end of the list:

    1  name       name and version                                   not-a-pouch, version
    2  length     the file is as long as it says                     length
    3  manifest   it is one, within the limits                       manifest
    4  maker      a certificate of the node of `from_member`, valid when it was made and not revoked
                  now (`identity`, steps 1-12)                       other-signer
    5  signature  that certificate's, over the manifest              signature
    6  addressee  it is for this member                              not-ours
    7  time       made no more than 300 s from now, and no more than 180 days ago      made-at
    8  sections   each has its digest                                section
    9  frames     each is a frame                                    frame
   10  mail       the envelopes are those that the manifest names for this file, in that order, urgent
                  ones first                                         envelope-missing, envelope-stray, lanes

What lies in the frames is judged as if it had come by a stream of the maker's. Pure: bytes in, types out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from google.protobuf.message import DecodeError

from tracepost.protocol.envelope import DELIVERY_HORIZON_S, Lane, parse_header
from tracepost.protocol.errors import EnvelopeError, InvalidInputError, LimitError, PouchError
from tracepost.protocol.identity import Identity, RevocationView, Role, load_certificate, verify_identity
from tracepost.protocol.ids import EnvelopeId, MemberId, parse_member
from tracepost.wire.v1.post_pb2 import Frame
from tracepost.wire.v1.pouch_pb2 import PouchManifest, PouchPartKind, PouchSection

MAGIC: Final = b"TRACEPOUCH\x00"
VERSION: Final = 1
OPENING_BYTES: Final = len(MAGIC) + 1 + 4
SIGNATURE_BYTES: Final = 64
MANIFEST_LIMIT: Final = 8 * 1024 * 1024
FRAME_LIMIT: Final = 24 * 1024 * 1024
ENVELOPES_LIMIT: Final = 65_536
SECTIONS_LIMIT: Final = 8_192
PARTS_LIMIT: Final = 999
NUMBER_LIMIT: Final = 2**53
CLOCK_TOLERANCE_S: Final = 300
_LAST_MOMENT: Final = 253_402_300_799  # of the year 9999
_PREFIX: Final = MAGIC + bytes([VERSION])
_SIGNED: Final = b"tracepost/v1/pouch\x00"
_FRAME: Final = PouchPartKind.POUCH_PART_KIND_FRAME
_KINDS: Final = frozenset({_FRAME, PouchPartKind.POUCH_PART_KIND_ATTACHMENT})

Sign = Callable[[bytes], bytes]
"""Returns the ES256 signature of the node over some bytes: r and s, 32 bytes each."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a section lies in its file."""

    section: PouchSection
    offset: int

    @property
    def is_frame(self) -> bool:
        """Whether it is a frame; else an attachment."""
        return self.section.kind == _FRAME


@dataclass(frozen=True, slots=True)
class UntrustedPouch:
    """A file whose beginning is well formed; nobody has vouched for it."""

    manifest: PouchManifest
    data: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def from_member(self) -> MemberId:
        """Who says to have made it."""
        return MemberId(self.manifest.from_member)

    def places(self) -> list[Place]:
        """Return where each section lies."""
        return list(_places(self.manifest, OPENING_BYTES + len(self.data) + SIGNATURE_BYTES))


@dataclass(frozen=True, slots=True)
class Pouch:
    """A file whose maker is proved (steps 1 to 7); comes only from `verify_pouch`."""

    manifest: PouchManifest
    maker: Identity
    places: tuple[Place, ...]

    @property
    def from_member(self) -> MemberId:
        """Who made it."""
        return self.maker.member


def refuse(step: int, reason: str, message: str) -> PouchError:
    """Return the refusal of a numbered step of the list above."""
    return PouchError(message, where=f"step {step}", reason=reason)


# ── writing ──────────────────────────────────────────────────────────────────────────


def section_of(kind: PouchPartKind, data: bytes) -> PouchSection:
    """Return the line of the manifest for a section that is in memory."""
    return PouchSection(kind=PouchPartKind.Name(kind), length=len(data), sha256=hashlib.sha256(data).digest())


def write_beginning(manifest: PouchManifest, sign: Sign) -> bytes:
    """Return all of a file before its sections.

    Raises:
        LimitError: it is more than a file may hold.
        PouchError: it is no manifest.
    """
    data = manifest.SerializeToString(deterministic=True)
    if len(data) > MANIFEST_LIMIT:
        raise LimitError("the pouch holds more than a file may list", where="manifest")
    _check(manifest)
    return _PREFIX + len(data).to_bytes(4) + data + sign(_SIGNED + data)


def signer_of(key: ec.EllipticCurvePrivateKey) -> Sign:
    """Return what signs with the key of a node."""

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(SIGNATURE_BYTES // 2) + s.to_bytes(SIGNATURE_BYTES // 2)

    return sign


# ── reading ──────────────────────────────────────────────────────────────────────────


def beginning_length(opening: bytes) -> int:
    """Return how long the part before the sections is, by the first bytes of a file (step 1)."""
    if not opening.startswith(MAGIC):
        raise refuse(1, "not-a-pouch", "this is not a Tracepost pouch")
    if len(opening) < OPENING_BYTES:
        raise refuse(2, "length", "the file is cut short")
    if not opening.startswith(_PREFIX):
        raise refuse(1, "version", "the pouch is of a later version; use a newer program")
    length = int.from_bytes(opening[len(_PREFIX) : OPENING_BYTES])
    if length > MANIFEST_LIMIT:
        raise refuse(2, "length", "the list of contents is longer than it may be")
    return OPENING_BYTES + length + SIGNATURE_BYTES


def read_beginning(data: bytes, total: int) -> UntrustedPouch:
    """Return what stands before the sections of a file of `total` bytes (steps 1 to 3); nobody vouches for it."""
    length = beginning_length(data[:OPENING_BYTES])
    if len(data) < length:
        raise refuse(2, "length", "the file is cut short")
    body, signature = data[OPENING_BYTES : length - SIGNATURE_BYTES], data[length - SIGNATURE_BYTES : length]
    try:
        manifest = PouchManifest.FromString(body)
    except DecodeError:
        raise refuse(3, "manifest", "the list of contents cannot be read") from None
    _check(manifest)
    pouch = UntrustedPouch(manifest, body, signature)
    if length + sum(one.length for one in manifest.sections) != total:
        raise refuse(2, "length", "the file is cut short or something was added to it")
    return pouch


def verify_pouch(
    untrusted: UntrustedPouch,
    roots: Sequence[x509.Certificate],
    *,
    domain: str,
    revoked: RevocationView | None,
    now: int,
) -> Pouch:
    """Prove who made a pouch and when (steps 4, 5 and 7); `roots` are those of the member that it names.

    Raises:
        IdentityError: the certificate does not show a node of that member then.
        PouchError: steps 4, 5, 7.
    """
    manifest = untrusted.manifest
    leaf, *above = [load_certificate(der) for der in manifest.certificates]
    identity = verify_identity(
        leaf, above, roots, at=manifest.made_at, domain=domain, revoked=revoked, revoked_at=now
    )
    if identity.role is not Role.NODE or identity.member != manifest.from_member:
        raise refuse(4, "other-signer", "the certificate is not one of the node that it names")
    _check_signature(leaf, untrusted)
    if not now - DELIVERY_HORIZON_S <= manifest.made_at <= now + CLOCK_TOLERANCE_S:
        raise refuse(7, "made-at", "it was made more than 180 days ago, or after today by the clock here")
    return Pouch(manifest, identity, tuple(untrusted.places()))


def require_ours(pouch: Pouch, us: MemberId) -> None:
    """Raise `PouchError` for a pouch that is for another member (step 6)."""
    if pouch.manifest.to_member != us:
        raise refuse(6, "not-ours", "the pouch is for another member")


def read_frame(place: Place, data: bytes) -> Frame:
    """Return a frame of a pouch from the bytes at its place (steps 8 and 9)."""
    require_digest(place, hashlib.sha256(data).digest())
    try:
        return Frame.FromString(data)
    except DecodeError:
        raise refuse(9, "frame", "a part of the pouch cannot be read") from None


def require_digest(place: Place, digest: bytes) -> None:
    """Raise `PouchError` unless the bytes at `place` have the digest that is listed (step 8)."""
    if digest != place.section.sha256:
        raise refuse(8, "section", "a part of the pouch is damaged")


class MailCheck:
    """Compares the envelopes of a file, frame by frame, with those that its manifest names (step 10)."""

    def __init__(self, manifest: PouchManifest) -> None:
        self._named = (one.envelope_id for one in manifest.envelopes if one.part == manifest.part)
        self._lane = Lane.URGENT

    def take(self, frame: Frame) -> list[EnvelopeId]:
        """Return the ids of the envelopes of the next frame."""
        return [self._take(one.header) for one in frame.envelopes]

    def finish(self) -> None:
        """Name the envelope that should have come, if there is one."""
        missing = next(self._named, None)
        if missing is not None:
            raise _mail("envelope-missing", "an envelope is missing that the list names", missing)

    def _take(self, header: bytes) -> EnvelopeId:
        id_, named = EnvelopeId(hashlib.sha256(header).digest()), next(self._named, None)
        if named is None:
            raise _mail("envelope-stray", "the pouch holds an envelope that its list does not name", id_)
        if named != id_:
            raise _mail("envelope-missing", "an envelope is missing that the list names", named)
        try:
            lane = parse_header(header).address.lane
        except EnvelopeError as error:
            raise _mail("frame", error.message, id_) from error
        if lane > self._lane:
            raise _mail("lanes", "urgent mail does not lie before the rest", id_)
        self._lane = lane
        return id_


def _mail(reason: str, message: str, envelope_id: bytes) -> PouchError:
    return PouchError(message, where=f"step 10, envelope {envelope_id.hex()}", reason=reason)


def _places(manifest: PouchManifest, offset: int) -> Iterator[Place]:
    for section in manifest.sections:
        yield Place(section, offset)
        offset += section.length


def _check_signature(leaf: x509.Certificate, pouch: UntrustedPouch) -> None:
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)  # step 1 of `identity`
    half = SIGNATURE_BYTES // 2
    numbers = int.from_bytes(pouch.signature[:half]), int.from_bytes(pouch.signature[half:])
    try:
        key.verify(encode_dss_signature(*numbers), _SIGNED + pouch.data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise refuse(5, "signature", "the signature is not of the node that it names") from None


def _check(manifest: PouchManifest) -> None:
    try:
        parse_member(manifest.from_member)
        parse_member(manifest.to_member)
    except InvalidInputError as error:
        raise refuse(3, "manifest", error.message) from error
    for holds, words in _rules(manifest):
        if not holds:
            raise refuse(3, "manifest", words)


def _rules(manifest: PouchManifest) -> Iterator[tuple[bool, str]]:
    parts, sections, envelopes = manifest.parts, manifest.sections, manifest.envelopes
    yield 1 <= manifest.number < NUMBER_LIMIT, "the pouch has no number, or none that is counted to"
    yield manifest.made_at <= _LAST_MOMENT, "it was made at no moment that there is"
    yield 1 <= manifest.part <= parts <= PARTS_LIMIT, "there is no such file of the pouch"
    yield 1 <= len(manifest.certificates) <= 2, "the pouch names no certificate, or too many"
    yield len(sections) <= SECTIONS_LIMIT and len(envelopes) <= ENVELOPES_LIMIT, "the list is too long"
    yield len(manifest.attachments_stored) <= SECTIONS_LIMIT, "the list is too long"
    yield all(len(one.envelope_id) == 32 and 1 <= one.part <= parts for one in envelopes), "an entry is odd"
    yield len({one.envelope_id for one in envelopes}) == len(envelopes), "an envelope is listed twice"
    yield all(len(one.sha256) == 32 and one.length for one in sections), "an entry is odd"
    kinds = [one.kind for one in sections]
    yield _KINDS.issuperset(kinds), "a part is of a kind that is not known here; use a newer program"
    yield kinds == sorted(kinds), "frames do not lie before attachments"
    yield all(one.length <= FRAME_LIMIT for one in sections if one.kind == _FRAME), "a frame is too long"
    stored = manifest.attachments_stored
    yield all(len(one.envelope_id) == len(one.address) == 32 for one in stored), "an entry is odd"

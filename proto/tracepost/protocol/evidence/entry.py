"""What a member's log says: entries, their bytes, and how they are hidden in the log.

An entry is written as compact JSON with its keys in the order below, "entry" first. Those
bytes are the preimage. Entries about messages and openings are salted, leaf data =
SHA-256(salt ‖ preimage) with 16 random bytes; entries about public papers are clear, leaf
data = preimage. Digests are lower-case hexadecimal, times are unix seconds.

    >>> encode_entry(PolicyActivated(sha256=bytes(32), artefact=b"", time=1))[:32]
    b'{"entry":"policy/1","sha256":"00'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final, Literal

import orjson

from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import EvidenceError, InvalidInputError
from tracepost.protocol.evidence.merkle import leaf_hash
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, decode_b64, encode_b64

SALT_LENGTH = 16
PREIMAGE_LIMIT = 8192
CLEAR_PREIMAGE_LIMIT = 65535
"""Entries about public papers do not travel in proofs; this is what an entry bundle of tlog-tiles holds."""
ARTEFACT_LIMIT = 48000
RECEIPT_LABEL = b"tracepost/v1/receipt"
SENT_LABEL = b"tracepost/v1/sent"
APPROVALS_LABEL = b"tracepost/v1/approvals"

_INTEGER_LIMIT = 1 << 53
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}\Z")

Random = Callable[[int], bytes]


class _UnfitError(ValueError):
    """A value that its field cannot hold; never leaves this module."""


@dataclass(frozen=True, slots=True)
class _Codec:
    """How one field of an entry looks in JSON, and back."""

    write: Callable[[Any], str | int]
    read: Callable[[Any], Any]


def _read_digest(value: object) -> bytes:
    if not isinstance(value, str) or not _HEX_DIGEST.match(value):
        raise _UnfitError
    return bytes.fromhex(value)


def _read_optional_digest(value: object) -> bytes:
    return b"" if value == "" else _read_digest(value)


def _read_number(value: object) -> int:
    if type(value) is not int or not 0 <= value < _INTEGER_LIMIT:
        raise _UnfitError
    return value


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise _UnfitError
    return value


def _read_verdict(value: object) -> str:
    if value not in ("accepted", "refused"):
        raise _UnfitError
    return str(value)


def _write_lane(value: Lane) -> str:
    return value.name.lower()


def _read_lane(value: object) -> Lane:
    lane = _LANES.get(_read_text(value))
    if lane is None:
        raise _UnfitError
    return lane


def _read_bytes(value: object) -> bytes:
    try:
        return decode_b64(_read_text(value), "entry")
    except InvalidInputError:
        raise _UnfitError from None


def _same(value: Any) -> Any:
    return value


_LANES: Final = {_write_lane(lane): lane for lane in Lane}

_DIGEST: Final = {"codec": _Codec(bytes.hex, _read_digest)}
_OPTIONAL_DIGEST: Final = {"codec": _Codec(bytes.hex, _read_optional_digest)}
_NUMBER: Final = {"codec": _Codec(_same, _read_number)}
_TEXT: Final = {"codec": _Codec(_same, _read_text)}
_FROM: Final = {**_TEXT, "name": "from"}
_TO: Final = {**_TEXT, "name": "to"}
_LANE: Final = {"codec": _Codec(_write_lane, _read_lane)}
_VERDICT: Final = {"codec": _Codec(_same, _read_verdict)}
_BYTES: Final = {"codec": _Codec(encode_b64, _read_bytes)}


@dataclass(frozen=True, slots=True)
class Sent:
    """An envelope was dispatched; its number on its road is given in the same transaction.

    `statement` is a commitment (`sent_commitment`): it binds the envelope to what was signed,
    and a relay cannot tell from it which envelopes carry one message to many.
    """

    ENTRY: ClassVar[str] = "sent/1"
    id: EnvelopeId = field(metadata=_DIGEST)
    statement: bytes = field(metadata=_DIGEST)
    to_member: MemberId = field(metadata=_TO)
    via: str = field(metadata=_TEXT)
    lane: Lane = field(metadata=_LANE)
    epoch: int = field(metadata=_NUMBER)
    seq: int = field(metadata=_NUMBER)
    time: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Received:
    """The addressee took an envelope, or refused what does not verify; it clears the sender's outbox.

    `statement` is a commitment (`receipt_commitment`), empty if no statement could be read:
    equal digests would show a relay which envelopes carry one message to many.
    `reason` is empty, or words for the sender sealed to it.
    """

    ENTRY: ClassVar[str] = "received/1"
    id: EnvelopeId = field(metadata=_DIGEST)
    statement: bytes = field(metadata=_OPTIONAL_DIGEST)
    verdict: Literal["accepted", "refused"] = field(metadata=_VERDICT)
    reason: bytes = field(metadata=_BYTES)
    time: int = field(metadata=_NUMBER)
    from_member: MemberId = field(metadata=_FROM)
    via: str = field(metadata=_TEXT)
    lane: Lane = field(metadata=_LANE)
    epoch: int = field(metadata=_NUMBER)
    seq: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Custody:
    """A relay keeps an envelope until delivery or `until`."""

    ENTRY: ClassVar[str] = "custody/1"
    id: EnvelopeId = field(metadata=_DIGEST)
    until: int = field(metadata=_NUMBER)
    time: int = field(metadata=_NUMBER)
    from_member: MemberId = field(metadata=_FROM)
    to_member: MemberId = field(metadata=_TO)
    via: str = field(metadata=_TEXT)
    lane: Lane = field(metadata=_LANE)
    epoch: int = field(metadata=_NUMBER)
    seq: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to `seq` the member had given numbers on this road at `time`, and none beyond."""

    ENTRY: ClassVar[str] = "watermark/1"
    to_member: MemberId = field(metadata=_TO)
    via: str = field(metadata=_TEXT)
    lane: Lane = field(metadata=_LANE)
    epoch: int = field(metadata=_NUMBER)
    seq: int = field(metadata=_NUMBER)
    time: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Opened:
    """The gate let an officer or the daemon act on a statement; `decision` is the digest of its table.

    `approvals` says which approvals of others it took (`approvals_digest`); empty, if none.
    """

    ENTRY: ClassVar[str] = "opened/1"
    statement: StatementDigest = field(metadata=_DIGEST)
    desk: str = field(metadata=_TEXT)
    officer: str = field(metadata=_TEXT)
    action: str = field(metadata=_TEXT)
    decision: bytes = field(metadata=_DIGEST)
    time: int = field(metadata=_NUMBER)
    approvals: bytes = field(default=b"", metadata=_OPTIONAL_DIGEST)


@dataclass(frozen=True, slots=True)
class Signed:
    """The member signed a statement of its own; `decision` and `approvals` as in `Opened`."""

    ENTRY: ClassVar[str] = "signed/1"
    statement: StatementDigest = field(metadata=_DIGEST)
    desk: str = field(metadata=_TEXT)
    officer: str = field(metadata=_TEXT)
    decision: bytes = field(metadata=_DIGEST)
    time: int = field(metadata=_NUMBER)
    approvals: bytes = field(default=b"", metadata=_OPTIONAL_DIGEST)


@dataclass(frozen=True, slots=True)
class _Published:
    """A public paper took effect; `artefact` is the paper if it is at most 48,000 bytes, else empty."""

    sha256: bytes = field(metadata=_DIGEST)
    artefact: bytes = field(metadata=_BYTES)
    time: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class CertificatePublished(_Published):
    """A certificate of the member, DER."""

    ENTRY: ClassVar[str] = "certificate/1"


@dataclass(frozen=True, slots=True)
class CrlPublished(_Published):
    """A certificate revocation list, DER: a restored database cannot forget that there was one."""

    ENTRY: ClassVar[str] = "crl/1"


@dataclass(frozen=True, slots=True)
class TrustListAccepted(_Published):
    """A trust list that the node went over to."""

    ENTRY: ClassVar[str] = "trust-list/1"


@dataclass(frozen=True, slots=True)
class DirectoryEntryPublished(_Published):
    """A directory entry of the member."""

    ENTRY: ClassVar[str] = "directory/1"


@dataclass(frozen=True, slots=True)
class PolicyActivated(_Published):
    """A policy set; only its digest is public, so `artefact` is empty. `approvals` as in `Opened`."""

    ENTRY: ClassVar[str] = "policy/1"
    approvals: bytes = field(default=b"", metadata=_OPTIONAL_DIGEST)


@dataclass(frozen=True, slots=True)
class ContradictionFound(_Published):
    """Another member's log contradicts itself; `artefact` is the evidence (`contradiction`)."""

    ENTRY: ClassVar[str] = "contradiction/1"


@dataclass(frozen=True, slots=True)
class EpochBegun(_Published):
    """The first entry of a log that follows another; `artefact` is the newest known head of the old one, signed."""

    ENTRY: ClassVar[str] = "epoch/1"


SaltedEntry = Sent | Received | Custody | Watermark | Opened | Signed
ClearEntry = (
    CertificatePublished
    | CrlPublished
    | TrustListAccepted
    | DirectoryEntryPublished
    | PolicyActivated
    | ContradictionFound
    | EpochBegun
)
Entry = SaltedEntry | ClearEntry


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry ready to be appended: preimage and salt are kept, the leaf hash goes into the tree."""

    preimage: bytes
    salt: bytes
    leaf: bytes


def prepare_line(entry: Entry, random: Random) -> LogLine:
    """Return what the store keeps and the tree hashes for `entry`."""
    preimage = encode_entry(entry)
    salt = b"" if is_clear(entry) else random(SALT_LENGTH)
    return LogLine(preimage, salt, leaf_hash(leaf_data(preimage, salt)))


def leaf_data(preimage: bytes, salt: bytes) -> bytes:
    """Return the leaf data: SHA-256(salt ‖ preimage), or the preimage itself without a salt."""
    return hashlib.sha256(salt + preimage).digest() if salt else preimage


def receipt_commitment(envelope: EnvelopeId, statement: StatementDigest) -> bytes:
    """Return what a receipt says about the statement; only who knows the digest can link it."""
    return hashlib.sha256(RECEIPT_LABEL + envelope + statement).digest()


def sent_commitment(envelope: EnvelopeId, statement: StatementDigest) -> bytes:
    """Return what a `Sent` says about the statement; only who knows the digest can link it."""
    return hashlib.sha256(SENT_LABEL + envelope + statement).digest()


def approvals_digest(approvals: Iterable[bytes]) -> bytes:
    """Return what an entry says of the approvals with these digests, in any order; empty, if none."""
    distinct = sorted(set(approvals))
    return hashlib.sha256(APPROVALS_LABEL + b"".join(distinct)).digest() if distinct else b""


def encode_entry(entry: Entry) -> bytes:
    """Return the preimage of `entry`; raise `InvalidInputError` if a value does not fit."""
    try:
        document = _to_document(entry)
        _build(document)
        preimage = orjson.dumps(document)
    except (_UnfitError, TypeError, AttributeError):
        preimage = b""
    if not 0 < len(preimage) <= _limit_of(entry):
        raise InvalidInputError("a value of the log entry does not fit", where=entry.ENTRY)
    return preimage


def parse_entry(preimage: bytes) -> Entry:
    """Return the entry whose one and only encoding `preimage` is; raise `EvidenceError`."""
    try:
        entry = _read(preimage)
    except _UnfitError:
        raise EvidenceError("the log entry is not one of this protocol", reason="unknown-entry") from None
    return entry


def is_clear(entry: Entry) -> bool:
    """Say whether the entry stands in the log unsalted."""
    return isinstance(entry, _Published)


def _to_document(entry: Entry) -> dict[str, str | int]:
    document: dict[str, str | int] = {"entry": entry.ENTRY}
    for name, (attribute, codec) in _SHAPES[type(entry)].items():
        document[name] = codec.write(getattr(entry, attribute))
    return document


def _read(preimage: bytes) -> Entry:
    if len(preimage) > CLEAR_PREIMAGE_LIMIT:
        raise _UnfitError
    try:
        document = orjson.loads(preimage)
    except orjson.JSONDecodeError:
        raise _UnfitError from None
    entry = _build(document)
    if len(preimage) > _limit_of(entry) or orjson.dumps(_to_document(entry)) != preimage:
        raise _UnfitError
    return entry


def _limit_of(entry: Entry) -> int:
    return CLEAR_PREIMAGE_LIMIT if is_clear(entry) else PREIMAGE_LIMIT


def _build(document: object) -> Entry:
    if not isinstance(document, dict) or not isinstance(document.get("entry"), str):
        raise _UnfitError
    kind = _KINDS.get(document["entry"])
    if kind is None or document.keys() != {"entry", *_SHAPES[kind]}:
        raise _UnfitError
    shape = _SHAPES[kind]
    values = {attribute: codec.read(document[name]) for name, (attribute, codec) in shape.items()}
    entry: Entry = kind(**values)
    if isinstance(entry, _Published):
        _check_artefact(entry)
    return entry


def _check_artefact(entry: _Published) -> None:
    if len(entry.artefact) > ARTEFACT_LIMIT:
        raise _UnfitError
    if entry.artefact and hashlib.sha256(entry.artefact).digest() != entry.sha256:
        raise _UnfitError


def _shape_of(kind: type[Entry]) -> dict[str, tuple[str, _Codec]]:
    """Return attribute and codec by the name in JSON."""
    return {
        item.metadata.get("name", item.name): (item.name, item.metadata["codec"]) for item in fields(kind)
    }


_KINDS: dict[str, type[Entry]] = {
    kind.ENTRY: kind
    for kind in (
        Sent,
        Received,
        Custody,
        Watermark,
        Opened,
        Signed,
        CertificatePublished,
        CrlPublished,
        TrustListAccepted,
        DirectoryEntryPublished,
        PolicyActivated,
        ContradictionFound,
        EpochBegun,
    )
}
_SHAPES: dict[type[Entry], dict[str, tuple[str, _Codec]]] = {
    kind: _shape_of(kind) for kind in _KINDS.values()
}

"""What a member's log says: entries, their bytes, and how they are hidden in the log.

An entry is written as compact JSON with its keys in the order below, "entry" first. Those
bytes are the preimage. Entries about messages and openings are salted, leaf data =
SHA-256(salt ‖ preimage) with 16 random bytes; entries about public papers are clear, leaf
data = preimage. Digests are lower-case hexadecimal, times are unix seconds.

    >>> encode_entry(Sent(id=EnvelopeId(bytes(32)), time=1))[:29]
    b'{"entry":"sent/1","id":"00000'
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final, Literal

import orjson

from tracepost.protocol.errors import EvidenceError, InvalidInputError
from tracepost.protocol.evidence.merkle import leaf_hash
from tracepost.protocol.ids import EnvelopeId, StatementDigest, decode_b64, encode_b64

SALT_LENGTH = 16
PREIMAGE_LIMIT = 8192
ARTEFACT_LIMIT = 5500
RECEIPT_LABEL = b"tracepost/v1/receipt"

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


def _read_bytes(value: object) -> bytes:
    try:
        return decode_b64(_read_text(value), "entry")
    except InvalidInputError:
        raise _UnfitError from None


def _same(value: Any) -> Any:
    return value


_DIGEST: Final = {"codec": _Codec(bytes.hex, _read_digest)}
_OPTIONAL_DIGEST: Final = {"codec": _Codec(bytes.hex, _read_optional_digest)}
_NUMBER: Final = {"codec": _Codec(_same, _read_number)}
_TEXT: Final = {"codec": _Codec(_same, _read_text)}
_VERDICT: Final = {"codec": _Codec(_same, _read_verdict)}
_BYTES: Final = {"codec": _Codec(encode_b64, _read_bytes)}


@dataclass(frozen=True, slots=True)
class Sent:
    """An envelope was dispatched; the sequence number is given in the same transaction."""

    ENTRY: ClassVar[str] = "sent/1"
    id: EnvelopeId = field(metadata=_DIGEST)
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
    via: str = field(metadata=_TEXT)
    epoch: int = field(metadata=_NUMBER)
    seq: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Custody:
    """A relay keeps an envelope until delivery or `until`."""

    ENTRY: ClassVar[str] = "custody/1"
    id: EnvelopeId = field(metadata=_DIGEST)
    until: int = field(metadata=_NUMBER)
    time: int = field(metadata=_NUMBER)
    via: str = field(metadata=_TEXT)
    epoch: int = field(metadata=_NUMBER)
    seq: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Opened:
    """The gate let an officer or the daemon act on a statement; `decision` is the digest of its table."""

    ENTRY: ClassVar[str] = "opened/1"
    statement: StatementDigest = field(metadata=_DIGEST)
    desk: str = field(metadata=_TEXT)
    officer: str = field(metadata=_TEXT)
    action: str = field(metadata=_TEXT)
    decision: bytes = field(metadata=_DIGEST)
    time: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class Signed:
    """The member signed a statement of its own; `decision` is the digest of the gate's table."""

    ENTRY: ClassVar[str] = "signed/1"
    statement: StatementDigest = field(metadata=_DIGEST)
    desk: str = field(metadata=_TEXT)
    officer: str = field(metadata=_TEXT)
    decision: bytes = field(metadata=_DIGEST)
    time: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class _Published:
    """A public paper took effect; `artefact` is the paper if it is at most 5,500 bytes, else empty."""

    sha256: bytes = field(metadata=_DIGEST)
    artefact: bytes = field(metadata=_BYTES)
    time: int = field(metadata=_NUMBER)


@dataclass(frozen=True, slots=True)
class CertificatePublished(_Published):
    """A certificate of the member, DER."""

    ENTRY: ClassVar[str] = "certificate/1"


@dataclass(frozen=True, slots=True)
class CrlPublished(_Published):
    """A certificate revocation list, DER: a restored database cannot forget it."""

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
    """A policy set; only its digest is public, so `artefact` is empty."""

    ENTRY: ClassVar[str] = "policy/1"


SaltedEntry = Sent | Received | Custody | Opened | Signed
ClearEntry = (
    CertificatePublished | CrlPublished | TrustListAccepted | DirectoryEntryPublished | PolicyActivated
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


def encode_entry(entry: Entry) -> bytes:
    """Return the preimage of `entry`; raise `InvalidInputError` if a value does not fit."""
    try:
        document = _to_document(entry)
        _build(document)
        preimage = orjson.dumps(document)
    except (_UnfitError, TypeError, AttributeError):
        preimage = b""
    if not 0 < len(preimage) <= PREIMAGE_LIMIT:
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
    for name, codec in _SHAPES[type(entry)].items():
        document[name] = codec.write(getattr(entry, name))
    return document


def _read(preimage: bytes) -> Entry:
    if len(preimage) > PREIMAGE_LIMIT:
        raise _UnfitError
    try:
        document = orjson.loads(preimage)
    except orjson.JSONDecodeError:
        raise _UnfitError from None
    entry = _build(document)
    if orjson.dumps(_to_document(entry)) != preimage:
        raise _UnfitError
    return entry


def _build(document: object) -> Entry:
    if not isinstance(document, dict) or not isinstance(document.get("entry"), str):
        raise _UnfitError
    kind = _KINDS.get(document["entry"])
    if kind is None or document.keys() != {"entry", *_SHAPES[kind]}:
        raise _UnfitError
    entry: Entry = kind(**{name: codec.read(document[name]) for name, codec in _SHAPES[kind].items()})
    if isinstance(entry, _Published):
        _check_artefact(entry)
    return entry


def _check_artefact(entry: _Published) -> None:
    if len(entry.artefact) > ARTEFACT_LIMIT:
        raise _UnfitError
    if entry.artefact and hashlib.sha256(entry.artefact).digest() != entry.sha256:
        raise _UnfitError


def _shape_of(kind: type[Entry]) -> dict[str, _Codec]:
    return {item.name: item.metadata["codec"] for item in fields(kind)}


_KINDS: dict[str, type[Entry]] = {
    kind.ENTRY: kind
    for kind in (
        Sent,
        Received,
        Custody,
        Opened,
        Signed,
        CertificatePublished,
        CrlPublished,
        TrustListAccepted,
        DirectoryEntryPublished,
        PolicyActivated,
    )
}
_SHAPES: dict[type[Entry], dict[str, _Codec]] = {kind: _shape_of(kind) for kind in _KINDS.values()}

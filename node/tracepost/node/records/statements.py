"""Statements at rest, and what is kept beside them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from tracepost.node.records.mail import Journey
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest, ThreadId

# ── statements ───────────────────────────────────────────────────────────────────────


class Direction(enum.StrEnum):
    """Whether we signed a statement or received it."""

    OURS = "OURS"
    THEIRS = "THEIRS"


class Admission(enum.StrEnum):
    """What came of a statement offered to the store: see `ports.Statements.admit`."""

    NEW = "NEW"
    KNOWN = "KNOWN"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """A statement as lists and the fold need it; its text lies sealed in the body of `envelope_id`.

    `in_effect` is False while its mail is held: it then belongs to no case.
    """

    digest: StatementDigest
    iss: MemberId
    jti: str
    kind: str
    thread: ThreadId
    in_reply_to: StatementDigest | None
    desk: DeskId
    iat: int
    direction: Direction
    in_effect: bool
    envelope_id: EnvelopeId
    stored_at: int
    admin_json: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatementConflict:
    """One (iss, jti) for two statements: `kept` came first, `other` was refused.

    `envelope_id` is under what `other` is kept; None, where that was not noted.
    """

    kept: StatementDigest
    other: StatementDigest
    iss: MemberId
    jti: str
    seen_at: int
    envelope_id: EnvelopeId | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a statement that was deleted here: that it was, why, and where our log says so.

    `owed_to` is the member that is still to be told; empty, if none.
    """

    statement: StatementDigest
    iss: MemberId
    jti: str
    kind: str
    thread: ThreadId
    deleted_at: int
    deleted_by: str
    reason: str
    log_number: int
    owed_to: str = ""


@dataclass(frozen=True, slots=True)
class SealedParts:
    """An envelope's parts as they travelled; `proof` is empty for our own, it is made anew."""

    header: bytes = field(repr=False)
    slots: bytes = field(repr=False)
    body: bytes = field(repr=False)
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies round an envelope's body: enough to find a desk's keys and to prove that it was sent."""

    header: bytes = field(repr=False)
    slots: bytes = field(repr=False)
    proof: bytes = field(repr=False)


# ── keys at rest ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class WrapRecord:
    """The keys of one statement for one desk of ours, under a storage epoch.

    `envelope_id` is of the envelope that brought them; None for what we wrote: its record names the body.
    """

    statement: StatementDigest
    envelope_id: EnvelopeId | None
    desk: DeskId
    epoch_id: bytes
    wrap: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnwrappedStatement:
    """A received statement whose keys, those that this envelope brought, a desk does not hold yet.

    `number` is that of the envelope and orders them.
    """

    number: int
    statement: StatementDigest
    envelope_id: EnvelopeId


@dataclass(frozen=True, slots=True)
class BlindEntry:
    """A keyed hash of a normalised mark: found by those who hold the desk's key, silent to others."""

    desk: DeskId
    keyed_hash: bytes = field(repr=False)
    statement: StatementDigest
    path: str


@dataclass(frozen=True, slots=True)
class Unindexed:
    """Keys of a statement that a desk holds and whose marks it does not find yet; `envelope_id` as in its wrap."""

    number: int
    statement: StatementDigest
    envelope_id: EnvelopeId | None
    desk: DeskId


@dataclass(frozen=True, slots=True)
class RegisterRecord:
    """A record of an extract, sealed, and the keyed hashes by which it is found."""

    desk: DeskId
    source: str
    generation: int
    number: int
    sealed: bytes = field(repr=False)
    keyed_hashes: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RegisterInForce:
    """An extract: its key wrapped for its desk, and a keyed digest of all its rows."""

    desk: DeskId
    source: str
    generation: int
    records: int
    imported_at: int
    imported_by: str
    content_mac: bytes = field(repr=False)
    epoch_id: bytes = field(repr=False)
    wrap: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """An attachment that an envelope names. `size` is that of the ciphertext, None while nobody has told.

    `member` is who sent the envelope, or to whom it went. For our own copy of what we wrote the envelope
    is the statement's digest and there is no road. `reason` is a code: why it has not come or gone.
    """

    envelope_id: EnvelopeId
    address: bytes
    direction: Direction
    statement: StatementDigest
    member: MemberId
    via: str
    deliver_by: int
    passage: Journey
    size: int | None
    reason: str
    changed_at: int

    @property
    def is_leaving(self) -> bool:
        """Whether it is still to be handed over, beside mail of ours that may be delivered already."""
        return self.direction is Direction.OURS and self.passage is Journey.WAITING


@dataclass(frozen=True, slots=True)
class ArchivePlace:
    """Where the sealed parts of an envelope lie in an archive, and the key that they are under there."""

    archive: str
    offset: int
    length: int
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrittenArchive:
    """An archive on the disk: its name, the SHA-256 of its bytes, and what lies where in it."""

    name: str
    sha256: bytes
    places: Mapping[EnvelopeId, ArchivePlace] = field(repr=False)

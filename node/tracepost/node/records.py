"""What a node remembers: the values that go into its store and come out of it.

Times are unix seconds. No value above the class ADMINISTRATIVE is ever in clear here:
bodies are sealed, wraps are sealed, `admin_json` and `summary` hold PUBLIC and
ADMINISTRATIVE fields only. Blobs are kept out of every repr.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from tracepost.protocol.envelope import CheckedEnvelope, Lane
from tracepost.protocol.evidence import LogLine
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


# ── mail ─────────────────────────────────────────────────────────────────────────────


class MailState(enum.StrEnum):
    """Where one envelope is; names as in `desk.proto`."""

    QUEUED = "QUEUED"
    WITH_RELAY = "WITH_RELAY"
    DELIVERED = "DELIVERED"
    HELD = "HELD"
    TAKEN_UP = "TAKEN_UP"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    SET_ASIDE = "SET_ASIDE"
    REPLACED = "REPLACED"


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue of the outbox: numbers run and mail waits per addressee, road and lane."""

    to_member: MemberId
    via: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class NumberRun:
    """Sequence numbers given at dispatch: `first`, `first` + 1 … within `epoch`."""

    epoch: int
    first: int


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """An envelope of ours, to be kept and sent; `log_number` is that of its entry "sent"."""

    id: EnvelopeId
    queue: Queue
    epoch: int
    seq: int
    deliver_by: int
    statement: StatementDigest
    log_number: int
    queued_at: int
    header: bytes = field(repr=False)
    slots: bytes = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """An envelope of ours as the courier takes it: the parts, and the log line to prove."""

    id: EnvelopeId
    epoch: int
    seq: int
    deliver_by: int
    log_number: int
    line: LogLine = field(repr=False)
    header: bytes = field(repr=False)
    slots: bytes = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentMail:
    """Where an envelope of ours is. `reason` is a code, set when it was refused or expired."""

    id: EnvelopeId
    queue: Queue
    epoch: int
    seq: int
    deliver_by: int
    statement: StatementDigest
    log_number: int
    size: int
    state: MailState
    reason: str
    queued_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How much of a queue is not delivered."""

    queue: Queue
    queued: int
    with_relay: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """News of an envelope of ours: WITH_RELAY, REPLACED, DELIVERED, REFUSED or EXPIRED.

    WITH_RELAY: `due` is when the relay is no longer relied on, unless it was delivered by then.
    """

    id: EnvelopeId
    state: MailState
    reason: str = ""
    due: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A proved word of `from_member`: up to `seq` it had given numbers on this road at time `at`, none beyond."""

    from_member: MemberId
    to_member: MemberId
    via: str
    lane: Lane
    epoch: int
    seq: int
    at: int
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class GivenNumber:
    """A number that we gave and whose envelope the addressee has not answered; `kept`: a relay said it keeps it."""

    seq: int
    kept: bool


class ReceiptKind(enum.StrEnum):
    """A relay's word that it keeps an envelope, or the addressee's that it has it."""

    CUSTODY = "CUSTODY"
    RECEIVED = "RECEIVED"


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """A receipt for an envelope of ours, verified: the proof of `log_number` in the log of `from_member`."""

    envelope_id: EnvelopeId
    kind: ReceiptKind
    from_member: MemberId
    verdict: str
    log_number: int
    stored_at: int
    proof: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ArrivedMail:
    """A verified envelope to be kept, DELIVERED or HELD. `log_number` is that of our entry "received".

    `reason` is the code for which it is held; `waiting_for` the predecessor that is not here.
    """

    envelope: CheckedEnvelope
    statement: StatementDigest
    log_number: int
    received_at: int
    state: MailState = MailState.DELIVERED
    reason: str = ""
    waiting_for: StatementDigest | None = None


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """Where an envelope for us is."""

    id: EnvelopeId
    from_member: MemberId
    via: str
    lane: Lane
    epoch: int
    seq: int
    deliver_by: int
    statement: StatementDigest
    log_number: int
    size: int
    state: MailState
    reason: str
    waiting_for: StatementDigest | None
    received_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class HeldMail:
    """Genuine but unexpected mail, with what its statement says of itself."""

    mail: ReceivedMail
    kind: str
    thread: ThreadId


@dataclass(frozen=True, slots=True)
class HeldUsage:
    """How much of a member's quota of held mail is used: envelopes, and their bytes."""

    count: int
    size: int


@dataclass(frozen=True, slots=True)
class RefusedMail:
    """That an envelope was refused and why; nothing else of it is kept."""

    id: EnvelopeId
    from_member: MemberId
    reason: str
    log_number: int
    refused_at: int


@dataclass(frozen=True, slots=True)
class Answer:
    """That an envelope was answered before: the receipt is the proof of `log_number` again."""

    accepted: bool
    log_number: int


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


# ── cases ────────────────────────────────────────────────────────────────────────────


class CaseState(enum.StrEnum):
    """Whose turn it is; names as in `desk.proto`."""

    WAITING_FOR_US = "WAITING_FOR_US"
    WAITING_FOR_THEM = "WAITING_FOR_THEM"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as the fold left it: what lists are sorted and found by, and its summary.

    `kinds` are those of its statements that cases are listed by; they are kept to be found by, and not read back.
    `asks` are the custodians of ours that were asked; cases are found by them, and they are not read back.
    """

    thread: ThreadId
    state: CaseState
    opened_at: int
    last_event_at: int
    members: tuple[MemberId, ...]
    file_numbers: tuple[str, ...]
    summary: bytes = field(repr=False)
    kinds: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows; `file_number` is the beginning of ours or theirs, in any case of letters.

    `of_desks`: only those that one of these desks of ours is put on; None: whoever is on them.
    `holds_kind`: only those with a statement of this kind, one of `CaseRecord.kinds`.
    `asks`: only those in which one of these custodians of ours was asked; empty: any; None: all cases.
    """

    state: CaseState | None = None
    with_member: MemberId | None = None
    file_number: str = ""
    of_desks: tuple[DeskId, ...] | None = None
    holds_kind: str = ""
    asks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """A desk of ours that was put on a case, by whom and when (unix seconds)."""

    thread: ThreadId
    desk: DeskId
    put_by: str
    put_at: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """Cases, newest event first; `next_token` is empty on the last page."""

    cases: tuple[CaseRecord, ...]
    next_token: str


# ── peers and papers ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PeerHead:
    """A head of another member's log that we have verified, by the log's origin."""

    origin: str
    member: MemberId
    size: int
    root: bytes
    note: str
    seen_at: int


@dataclass(frozen=True, slots=True)
class OpenHeads:
    """How many heads of a member's log wait to be proved, and since when the oldest does (unix seconds)."""

    member: MemberId
    count: int
    oldest: int


@dataclass(frozen=True, slots=True)
class FoundContradiction:
    """Evidence that another member's log contradicts itself (`protocol.evidence.contradiction`)."""

    sha256: bytes
    origin: str
    member: MemberId
    found_at: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PeerContact:
    """When a peer or relay was last there, and what went wrong last; zero and "" if never."""

    member: MemberId
    last_contact: int
    last_problem: str
    last_problem_at: int


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """A member's directory entry as announced, a compact statement."""

    member: MemberId
    sequence: int
    expires_at: int
    received_at: int
    compact: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate that signatures or desks are known by, DER."""

    sha256: bytes
    member: MemberId
    received_at: int
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RevocationListRecord:
    """A certificate revocation list of a member, DER."""

    member: MemberId
    sha256: bytes
    number: int
    received_at: int
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrustListRecord:
    """A trust list that was accepted."""

    sequence: int
    sha256: bytes
    accepted_at: int
    data: bytes = field(repr=False)


# ── the member's own policies ────────────────────────────────────────────────────────


class PolicyState(enum.StrEnum):
    """What became of a version; the newest that is ACTIVATED is in force."""

    PROPOSED = "PROPOSED"
    ACTIVATED = "ACTIVATED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """A version of the member's own policies: the signed document, the text beside it, who said what to it.

    `set_sha256` is of base and text together when they were last put in force. `words` holds the officers'
    approvals with their certificates, as `handlers.policy_words` writes them. `decided_by` and
    `decided_at` are empty and 0, and there is no `log_number`, until it is decided on.
    """

    version: int
    state: PolicyState
    set_sha256: bytes
    proposed_at: int
    decided_by: str
    decided_at: int
    log_number: int | None
    document: str = field(repr=False)
    text: str = field(repr=False)
    words: bytes = field(repr=False)


# ── officers ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """What a draft with an idempotency key was answered; `draft_mac` tells a repeat from a new use."""

    owner: str
    key: str
    draft_mac: bytes
    stored_at: int
    submission: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Who did what to what, and what came of it. Codes and names; never a value of a message.

    `log_number` is that of the log entry about the same, if there is one.
    """

    at: int
    actor: str
    action: str
    subject: str
    outcome: str
    log_number: int | None = None


@dataclass(frozen=True, slots=True)
class NumberedAuditEvent:
    """An audit event with its place in the trail."""

    number: int
    event: AuditEvent


# ── attachments ──────────────────────────────────────────────────────────────────────


class Journey(enum.StrEnum):
    """Where an attachment is on its way: still to come or go, over, or given up."""

    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"


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
class Edition:
    """Numbers that change with what a process has in memory: papers of members, officers, our own policies."""

    papers: tuple[int, ...]
    staff: tuple[int, ...]
    policy: int


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

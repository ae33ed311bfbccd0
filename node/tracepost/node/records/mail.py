"""Mail, on its way and arrived."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tracepost.protocol.envelope import CheckedEnvelope, Lane
from tracepost.protocol.evidence import LogLine
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, ThreadId

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
class FreshMail:
    """An envelope of ours that was queued this moment, and the proof of its entry "sent" if that could be made."""

    mail: QueuedMail
    proof: bytes | None = field(repr=False)


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
class WrittenMail:
    """Mail that a desk of ours wrote: its place in the order in which mail was queued; does it lie in a pouch too?"""

    number: int
    mail: SentMail
    in_pouch: bool


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How much of a queue is not delivered; `in_pouch` of that went in a pouch too."""

    queue: Queue
    queued: int
    with_relay: int
    in_pouch: int = 0


@dataclass(frozen=True, slots=True)
class QueueAge:
    """How much mail to a member is QUEUED or WITH_RELAY, and when the oldest of it was queued (unix seconds)."""

    to_member: MemberId
    lane: Lane
    state: MailState
    mails: int
    oldest: int


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
    """A number that we gave and whose envelope the addressee has not answered.

    `kept`: a relay said it keeps it; `pouched`: it lies in a pouch.
    """

    seq: int
    kept: bool
    pouched: bool = False


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


# ── attachments ──────────────────────────────────────────────────────────────────────


class Journey(enum.StrEnum):
    """Where an attachment is on its way: still to come or go, over, or given up."""

    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"

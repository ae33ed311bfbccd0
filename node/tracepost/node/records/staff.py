"""What a node remembers of its own people and of mail that waits for their word.

Times are unix seconds; 0 stands for never. Nothing above the class ADMINISTRATIVE is in clear here:
letters are sealed.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, ThreadId


@dataclass(frozen=True, slots=True)
class OfficerRecord:
    """An officer of ours by number: what the newest certificate shows, and when he was here.

    `serials` are of the certificate's path, leaf first; `first_seen` and `last_seen` are 0 until he calls.
    `left_at` is 0 for one who is here; `successor` is the number of who took over. `shut_before`: he left then
    for the last time, and no certificate of his that begins before it counts ever again; 0: he never left.
    """

    number: str
    desks: tuple[DeskId, ...]
    certificate_sha256: bytes
    serials: tuple[int, ...]
    not_after: int
    first_seen: int = 0
    last_seen: int = 0
    left_at: int = 0
    successor: str = ""
    shut_before: int = 0


@dataclass(frozen=True, slots=True)
class PasskeyRecord:
    """A passkey that an officer endorsed for his approvals; it counts while it stands here.

    `digest` is that of the endorsement, `text` the endorsement itself. `serials` are of the path of the certificate
    that endorsed it, leaf first.
    """

    digest: bytes
    officer: str
    certificate_sha256: bytes
    serials: tuple[int, ...]
    until: int
    endorsed_at: int
    text: str = field(repr=False)


class ReleaseState(enum.StrEnum):
    """How far the word of a second officer has come; names as in `desk.proto`."""

    WAITING_FOR_SECOND_OFFICER = "WAITING_FOR_SECOND_OFFICER"
    DELAYED = "DELAYED"
    RELEASED_FOR_REVIEW = "RELEASED_FOR_REVIEW"
    RELEASED_WITH_NOTICE = "RELEASED_WITH_NOTICE"
    RELEASED = "RELEASED"
    REVIEWED = "REVIEWED"
    OBJECTED = "OBJECTED"
    REFUSED = "REFUSED"
    VOID = "VOID"
    ACCOMPANYING = "ACCOMPANYING"

    @property
    def is_unsent(self) -> bool:
        """Whether the mail has not gone and still may."""
        return self in _UNSENT or self is ReleaseState.ACCOMPANYING

    @property
    def is_open(self) -> bool:
        """Whether somebody's word is still looked for."""
        return self in _UNSENT or self in _TO_SEE


_TO_SEE = (ReleaseState.RELEASED_FOR_REVIEW, ReleaseState.RELEASED_WITH_NOTICE)
_UNSENT = (ReleaseState.WAITING_FOR_SECOND_OFFICER, ReleaseState.DELAYED)


@dataclass(frozen=True, slots=True)
class ForwardedStatement:
    """A statement of somebody else that goes with it; `decision` is the digest of the gate's table."""

    statement: StatementDigest
    decision: bytes


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A signed statement of ours that a second officer looks at, before it goes or after.

    `desk` wrote it; an officer of `deciding_desk` decides. `officer` is the number of who wrote. `until` is
    when a delayed one goes, or when a review is due; 0: it waits. One that is ACCOMPANYING goes with the
    statement whose digest is its `reason`. `conditions` is a digest of all that it was
    sealed for, `decision` that of the gate's tables. `words` holds approvals as `policy_words` writes them.
    """

    statement: StatementDigest
    thread: ThreadId
    kind: str
    to: tuple[MemberId, ...]
    desk: DeskId
    deciding_desk: DeskId
    officer: str
    state: ReleaseState
    lane: Lane
    exercise: bool
    deliver_by: int
    written_at: int
    until: int
    conditions: bytes
    decision: bytes
    forwarded: tuple[ForwardedStatement, ...] = ()
    decided_by: str = ""
    decided_at: int = 0
    reason: str = ""
    log_number: int | None = None
    words: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class UnsentLetter:
    """Sealed mail to one addressee that has no number yet. An empty body is our own copy's.

    `attachments` are the addresses that its header will name.
    """

    to: MemberId
    slots: bytes = field(repr=False)
    body: bytes = field(repr=False)
    attachments: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class StatementToGive:
    """A statement of a case that `desk` was put on by `put_by` at `put_at`; `number` orders them."""

    number: int
    statement: StatementDigest
    desk: DeskId
    put_by: str
    put_at: int


@dataclass(frozen=True, slots=True)
class DeputyRecord:
    """An officer who acts for a desk from one day to another (UTC, `YYYY-MM-DD`, both counted).

    `approved_by` and `ended_by` are labels of officers, empty until it is; times are 0 until then.
    """

    number: int
    officer: str
    desk: DeskId
    from_day: str
    until_day: str
    proposed_by: str
    proposed_at: int
    approved_by: str = ""
    approved_at: int = 0
    ended_by: str = ""
    ended_at: int = 0

    def is_in_force(self, day: str) -> bool:
        """Whether the officer acts for the desk on this day."""
        return bool(self.approved_at) and not self.ended_at and self.from_day <= day <= self.until_day


@dataclass(frozen=True, slots=True)
class CaseOfficer:
    """Who works on a case, by number; who gave it to him, and when (unix seconds)."""

    thread: ThreadId
    officer: str
    assigned_by: str
    assigned_at: int


class EmergencyState(enum.StrEnum):
    """What became of a request to read against a refusal; names as in `office.proto`."""

    PROPOSED = "PROPOSED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class EmergencyRecord:
    """An officer who wants to read statements that the gate refuses to his desk, and why.

    `officer` is his number; `until` is when it ends, 0 until it is granted. `words` holds the approvals of both
    officers, one for each statement, as `policy_words` writes them.
    """

    number: int
    desk: DeskId
    officer: str
    statements: tuple[StatementDigest, ...]
    state: EmergencyState
    proposed_at: int
    reason: str
    decided_by: str = ""
    decided_at: int = 0
    until: int = 0
    words: bytes = field(default=b"", repr=False)


class DeletionState(enum.StrEnum):
    """What became of a deletion that a second officer looks at; names as in `office.proto`."""

    WAITING = "WAITING"
    DELAYED = "DELAYED"
    DONE = "DONE"
    REFUSED = "REFUSED"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self in (DeletionState.WAITING, DeletionState.DELAYED)


@dataclass(frozen=True, slots=True)
class DeletionRecord:
    """An officer who wants statements deleted of which another officer has a say, and why.

    `officer` is his number; `until` is when a delayed one is done (unix seconds), else 0. `words` holds the second
    officer's approvals, one for each statement, as `policy_words` writes them.
    """

    number: int
    desk: DeskId
    officer: str
    statements: tuple[StatementDigest, ...]
    state: DeletionState
    asked_at: int
    reason: str
    decided_by: str = ""
    decided_at: int = 0
    until: int = 0
    words: bytes = field(default=b"", repr=False)

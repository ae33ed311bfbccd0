"""What goes into the fold of a case and what comes out of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.message import Message

from tracepost.protocol.ids import MemberId, StatementDigest
from tracepost.wire.v1 import terms_pb2, trace_pb2


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One statement of the thread: its clear claims and its ADMINISTRATIVE and PUBLIC fields.

    `iat` is in unix seconds. `message` is the class of the kind, put together from those fields;
    for an unknown kind any message will do, since nothing is read from it.
    """

    iss: MemberId
    aud: tuple[MemberId, ...]
    iat: int
    jti: str
    kind: str
    digest: StatementDigest
    in_reply_to: StatementDigest | None
    message: Message = field(repr=False)
    exercise: bool = False


class Phase(enum.Enum):
    """Whose turn it is, as one side sees it."""

    WAITING_FOR_US = "waiting-for-us"
    WAITING_FOR_THEM = "waiting-for-them"
    CLOSED = "closed"


class DutyKind(enum.Enum):
    """What one member owes another."""

    ANSWER = "answer"
    INFORMATION = "information"
    CLARIFICATION = "clarification"
    CONSENT = "consent"
    DELETION = "deletion"
    CHECK = "check"
    OBJECT_CHECK = "object-check"


@dataclass(frozen=True, slots=True)
class Duty:
    """What `by` owes `to`; `due` is a day, YYYY-MM-DD. No items: the request as a whole."""

    kind: DutyKind
    by: MemberId
    to: MemberId
    item_ids: tuple[str, ...] = ()
    due: str | None = None


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What one member has told about one item, in the three lists of outcomes.

    `ask_next` is a member, or a country without one. `ground` is 0 unless something is withheld.
    """

    by: MemberId
    at: int
    digest: StatementDigest
    identification: trace_pb2.Identification
    reach: trace_pb2.Reach
    stopped_because: trace_pb2.StoppedBecause
    ground: terms_pb2.WithholdingGround
    ask_next: str | None
    final: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an item ended in the requester's books (the closure says it)."""

    identification: trace_pb2.Identification
    reach: trace_pb2.Reach
    stopped_because: trace_pb2.StoppedBecause
    answered_by: MemberId | None


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item: who was asked, what each told, how it ended."""

    item_id: str
    asked: tuple[MemberId, ...]
    answers: tuple[ItemAnswer, ...]
    withdrawn: bool
    removed: bool
    outcome: Outcome | None

    @property
    def to_ask_next(self) -> tuple[str, ...]:
        """Members and countries that answers point to and that were not asked yet."""
        named = dict.fromkeys(answer.ask_next for answer in self.answers if answer.ask_next)
        return tuple(name for name in named if name not in self.asked)


class Deletion(enum.Enum):
    """What a holder said to a withdrawal that asks for deletion; no more is claimed."""

    NOT_CONFIRMED = "not-confirmed"
    DELETED = "deleted"
    KEPT_BY_LAW = "kept-by-law"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An office's acknowledgement (ITI 19); an automatic one is counted apart."""

    at: int
    automatic: bool
    complete: bool
    expected_on: str | None


@dataclass(frozen=True, slots=True)
class Consented:
    """That `by` consents to `third_party` receiving; `digest` is of the statement that says so."""

    by: MemberId
    third_party: MemberId
    digest: StatementDigest
    until: str | None
    item_ids: tuple[str, ...]
    field_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnquiryState:
    """How an enquiry at a custodian of ours stands: a desk, or `custodian` on paper.

    `answered` are the items that nothing more is expected on, `in_part` those that something was said of.
    """

    digest: StatementDigest
    reference: str
    to_desk: str
    custodian: str
    custodian_name: str
    asked_at: int
    due_on: str | None
    item_ids: tuple[str, ...]
    answered: tuple[str, ...]
    in_part: tuple[str, ...]
    findings: int
    reminders: int
    last_reminder_at: int | None
    withdrawn: bool

    @property
    def is_open(self) -> bool:
        """Whether something is still expected."""
        return not self.withdrawn and len(self.answered) < len(self.item_ids)

    def is_overdue(self, today: str) -> bool:
        """Whether it is open and was due before `today`, YYYY-MM-DD."""
        return self.is_open and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One statement in the order of the case."""

    at: int
    by: MemberId
    to: tuple[MemberId, ...]
    kind: str
    digest: StatementDigest
    in_reply_to: StatementDigest | None
    after_closing: bool


@dataclass(frozen=True, slots=True)
class CaseState:
    """The case as one side sees it. Dates are days, YYYY-MM-DD; instants are unix seconds.

    `references` are numbers under which the matter stands elsewhere, as letters name them; `reminders` counts
    those that we sent to others.
    """

    phase: Phase
    opened_by: MemberId | None
    opened_at: int | None
    last_event_at: int | None
    members: tuple[MemberId, ...]
    items: tuple[ItemState, ...]
    file_numbers: Mapping[MemberId, str]
    acknowledged: Mapping[MemberId, Acknowledged]
    consents: tuple[Consented, ...]
    deletions: Mapping[MemberId, Deletion]
    duties: tuple[Duty, ...]
    due_on: str | None
    handling: tuple[terms_pb2.HandlingInstruction, ...]
    urgent: bool
    exercise: bool
    withdrawn: bool
    reopened: bool
    unheard: tuple[MemberId, ...]
    timeline: tuple[TimelineEntry, ...]
    enquiries: tuple[EnquiryState, ...] = ()
    references: tuple[str, ...] = ()
    reminders: int = 0

"""Cases as a list shows them, and what was done in them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tracepost.protocol.ids import DeskId, MemberId, ThreadId

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

"""Cases, and what officers do in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tracepost.node.records.cases import (
    AuditEvent,
    CaseDesk,
    CaseFilter,
    CasePage,
    CaseRecord,
    DraftAnswer,
    NumberedAuditEvent,
)
from tracepost.node.records.staff import (
    CaseOfficer,
    DeletionRecord,
    DeputyRecord,
    EmergencyRecord,
    OfficerRecord,
    PasskeyRecord,
    ReleaseRecord,
    StatementToGive,
    UnsentLetter,
)
from tracepost.protocol.ids import DeskId, StatementDigest, ThreadId


class Cases(Protocol):
    """One row per case: the fold's result, for lists. It can always be made again from `Statements`."""

    def keep(self, cases: Sequence[CaseRecord]) -> None:
        """Keep cases, replacing what they were; a case is still found by earlier file numbers."""

    def find(self, threads: Sequence[ThreadId]) -> dict[ThreadId, CaseRecord]:
        """Return these cases."""

    def list(self, chosen: CaseFilter, page_size: int, page_token: str) -> CasePage:
        """Return a page of cases, newest event first; InvalidInputError for a token that is not ours."""

    def forget_numbers(self, threads: Sequence[ThreadId]) -> None:
        """Forget by which file numbers these cases are found; `keep` says those that there are."""

    def resolve(self, text: str) -> Sequence[ThreadId]:
        """Return the cases meant by a thread id, else by its beginning (8 characters or more) or a file number."""


class CaseDesks(Protocol):
    """Which desks of ours were put on which cases, beside those that are on every case."""

    def put(self, desks: Sequence[CaseDesk]) -> None:
        """Put desks on cases; who put one on that is there already, or was taken off, is replaced."""

    def take_off(self, thread: ThreadId, desks: Sequence[DeskId], at: int) -> None:
        """Take desks off a case at time `at`. Idempotent; that they were on it is not forgotten."""

    def of(self, threads: Sequence[ThreadId]) -> dict[ThreadId, frozenset[DeskId]]:
        """Return the desks that are on each of these cases now; a case without any is left out."""

    def standing(self, thread: ThreadId) -> list[CaseDesk]:
        """Return who put which desk on this case, of those that are on it now, by desk."""

    def to_give(self, after: int, limit: int) -> list[StatementToGive]:
        """Return the statements in effect beyond number `after` of cases that desks were put on, in order.

        One for each such desk.
        """


class Officers(Protocol):
    """The officers of our own member, by number; none is ever forgotten."""

    def put(self, record: OfficerRecord) -> None:
        """Keep an officer, replacing what was known of him. Idempotent."""

    def all(self) -> list[OfficerRecord]:
        """Return all officers, by number."""


class Passkeys(Protocol):
    """Passkeys that officers of ours endorsed for their approvals."""

    def put(self, record: PasskeyRecord) -> None:
        """Keep one. Idempotent."""

    def all(self) -> list[PasskeyRecord]:
        """Return all, oldest first."""

    def drop(self, digests: Sequence[bytes]) -> None:
        """Forget those with these digests. Idempotent."""


class Deputies(Protocol):
    """Officers who act for a desk for some days; none is ever forgotten."""

    def put(self, record: DeputyRecord) -> None:
        """Keep an appointment, replacing what was known of it. Idempotent."""

    def all(self) -> list[DeputyRecord]:
        """Return all appointments, by number."""


class Emergencies(Protocol):
    """Readings against a refusal of the gate, asked for, granted and refused; none is ever forgotten."""

    def put(self, record: EmergencyRecord) -> None:
        """Keep one, replacing what was known of it. Idempotent."""

    def all(self) -> list[EmergencyRecord]:
        """Return all, by number."""


class Deletions(Protocol):
    """Deletions that a second officer looks at, asked for, done and refused; none is ever forgotten."""

    def put(self, record: DeletionRecord) -> None:
        """Keep one, replacing what was known of it. Idempotent."""

    def all(self) -> list[DeletionRecord]:
        """Return all, by number."""


class CaseOfficers(Protocol):
    """Who works on which case: at most one officer on each."""

    def put(self, records: Sequence[CaseOfficer]) -> None:
        """Give cases to officers, whoever had them before."""

    def of(self, threads: Sequence[ThreadId]) -> dict[ThreadId, CaseOfficer]:
        """Return who works on these cases; one that was given to nobody is left out."""

    def by_officer(self, number: str) -> list[CaseOfficer]:
        """Return the cases of an officer, by thread."""


class Releases(Protocol):
    """Mail of ours that a second officer looks at. Its letters are kept only while they may go."""

    def keep(self, record: ReleaseRecord, letters: Sequence[UnsentLetter]) -> None:
        """Keep a new one with its letters, in the order of its addressees. A known statement is a StoreError."""

    def put(self, record: ReleaseRecord) -> None:
        """Replace what is known of one; its letters are destroyed unless it is unsent still."""

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, ReleaseRecord]:
        """Return those of these statements."""

    def letters(self, digest: StatementDigest) -> list[UnsentLetter]:
        """Return the letters of one that is unsent, in order; none are left of others."""

    def open(self) -> list[ReleaseRecord]:
        """Return those that somebody's word is looked for, oldest first."""

    def since(self, written_at: int) -> list[ReleaseRecord]:
        """Return those written at or after that time, whatever became of them, oldest first."""


class Drafts(Protocol):
    """Answers to drafts with an idempotency key: the same draft again gets the same answer."""

    def find(self, owner: str, keys: Sequence[str]) -> dict[str, DraftAnswer]:
        """Return what drafts of `owner` with these keys were answered."""

    def keep(self, answers: Sequence[DraftAnswer]) -> None:
        """Keep answers. A key that was used is a StoreError: ask `find` first, in the same transaction."""


class AuditTrail(Protocol):
    """What was done and refused here; only ever appended to."""

    def append(self, events: Sequence[AuditEvent]) -> None:
        """Append events in this order."""

    def after(self, number: int, limit: int) -> list[NumberedAuditEvent]:
        """Return at most `limit` events beyond `number`, in order."""

    def before(self, number: int, limit: int) -> list[NumberedAuditEvent]:
        """Return at most `limit` events below `number`, the newest first; 0: the newest of all."""

    def about(self, subjects: Sequence[str]) -> list[NumberedAuditEvent]:
        """Return the events about these subjects, in order."""


class Addresses(Protocol):
    """The address book: entries (`AddressEntry`, serialised) of those that are written to on paper."""

    def put(self, id_: str, entry: bytes) -> None:
        """Keep `entry` as the one called `id_`, in the place of one before."""

    def find(self, id_: str) -> bytes | None:
        """Return the entry called `id_`, None if there is none."""

    def all(self) -> Sequence[bytes]:
        """Return all entries, by id."""

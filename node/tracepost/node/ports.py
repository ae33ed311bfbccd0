"""What the node asks of its store: one small port per aggregate, reached through a unit of work.

    def keep(tx: Tx) -> None:
        tx.inbox.accept(mails)
        tx.audit.append(events)

    await store.write(keep)
    page = await store.read(lambda tx: tx.cases.list(CaseFilter(), 50, ""))

What one `write` does is done together or not at all, and is on the disk when `write`
returns. A job is a plain function: it is run in another thread, does no waiting of its
own, and hands on nothing but its result. Operations take lists: one call costs a few
statements whatever the length of the list, so a frame of 256 envelopes is a handful of
calls. All finders leave out what is not there. Mail and wraps are kept in the same unit
of work as their statement, or after it.

All operations raise StoreError when the store fails; others are named where they occur.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tracepost.node.office_records import (
    CaseOfficer,
    DeletionRecord,
    DeputyRecord,
    EmergencyRecord,
    OfficerRecord,
    ReleaseRecord,
    StatementToGive,
    UnsentLetter,
)
from tracepost.node.records import (
    Admission,
    Answer,
    ArchivePlace,
    ArrivedMail,
    AttachmentRecord,
    AuditEvent,
    BlindEntry,
    CaseDesk,
    CaseFilter,
    CasePage,
    CaseRecord,
    CertificateRecord,
    Cover,
    DirectoryRecord,
    DraftAnswer,
    Edition,
    FoundContradiction,
    GivenNumber,
    HeldMail,
    HeldUsage,
    MailState,
    Mark,
    NumberedAuditEvent,
    NumberRun,
    OpenHeads,
    PeerContact,
    PeerHead,
    PolicyRecord,
    Queue,
    QueueDepth,
    QueuedMail,
    ReceiptRecord,
    ReceivedMail,
    RefusedMail,
    RegisterInForce,
    RegisterRecord,
    RevocationListRecord,
    SealedParts,
    SentMail,
    Settlement,
    StatementConflict,
    StatementRecord,
    Tombstone,
    TrustListRecord,
    Unindexed,
    UnwrappedStatement,
    WaitingMail,
    WrapRecord,
    WrittenArchive,
)
from tracepost.protocol.envelope import Lane
from tracepost.protocol.evidence import LogLine
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest, ThreadId
from tracepost.protocol.sealing import SealedStorageEpoch
from tracepost.wire.v1.post_pb2 import ConsistencyProof

T = TypeVar("T")


class Statements(Protocol):
    """Every statement we ever signed or received: idempotency for ever."""

    def admit(self, records: Sequence[StatementRecord]) -> list[Admission]:
        """Keep what is new; say for each record, in order, what came of it.

        KNOWN: this digest is here already, or earlier in `records`; no effect.
        CONFLICT: its (iss, jti) belongs to another digest, which is kept; this one is
        only noted. Asking again gives the same answer.
        """

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, StatementRecord]:
        """Return the statements with these digests."""

    def in_threads(self, threads: Sequence[ThreadId]) -> list[StatementRecord]:
        """Return the statements in effect of these cases, by thread, then `iat`, then digest."""

    def put_in_effect(self, digests: Sequence[StatementDigest]) -> None:
        """Let held statements belong to their cases. Idempotent."""

    def strip(self, clear_parts: Mapping[StatementDigest, bytes]) -> None:
        """Put these clear parts in the place of what the daemon had read of these statements."""

    def conflicts(self, after: int, limit: int) -> list[StatementConflict]:
        """Return conflicts seen at or after time `after`, oldest first."""

    def conflicts_about(self, digests: Sequence[StatementDigest]) -> list[StatementConflict]:
        """Return the conflicts in which one of these is what came first, or the other."""


class Outbox(Protocol):
    """Mail of ours that is not delivered, in the order of its numbers."""

    def take_numbers(self, queue: Queue, count: int) -> NumberRun:
        """Take the next `count` sequence numbers of `queue`, in the epoch of our log.

        A number is used up only if the transaction is kept: dispatch in the same one.
        """

    def queue(self, mails: Sequence[QueuedMail]) -> None:
        """Keep envelopes for ever and queue them. A number or id that was used is a StoreError."""

    def waiting(
        self, queue: Queue, after: tuple[int, int], now: int, limit: int, size_limit: int
    ) -> list[WaitingMail]:
        """Return queued mail beyond number `after` = (epoch, seq), in order, that is not postponed.

        At most `limit` envelopes and, beyond the first, `size_limit` bytes of bodies.
        """

    def postpone(self, ids: Sequence[EnvelopeId], until: int) -> None:
        """Leave these out of `waiting` before time `until`."""

    def in_custody(self, via: str, after: int, limit: int) -> list[tuple[int, EnvelopeId]]:
        """Return number and id of mail that this relay said it keeps, beyond number `after`, in order."""

    def queues_with(self, peer: MemberId) -> list[Queue]:
        """Return the queues with mail that goes over a stream with `peer`, addressee or relay; urgent lanes first.

        However much waits for others, this is quick.
        """

    def depths(self) -> list[QueueDepth]:
        """Return every queue that has mail queued or with a relay, urgent lanes first."""


class Dispatches(Protocol):
    """What became of mail of ours. News may come twice and in any order; it never goes back."""

    def settle(self, settlements: Sequence[Settlement], at: int) -> int:
        """Take news of envelopes; return how many states changed.

        QUEUED < WITH_RELAY < EXPIRED, REPLACED < DELIVERED, REFUSED: a state only rises, and the
        addressee's word is final. Only `reclaim` takes one back. What was replaced does not expire.
        """

    def reclaim(self, ids: Sequence[EnvelopeId], at: int) -> dict[Queue, tuple[int, int]]:
        """Queue mail again that a relay was relied on for; return the lowest (epoch, seq) of each queue concerned.

        What is not WITH_RELAY stays as it is.
        """

    def overdue(self, now: int, limit: int) -> list[EnvelopeId]:
        """Return mail WITH_RELAY that was due before `now` (`Settlement.due`), at most `limit`."""

    def expire(self, now: int, limit: int) -> list[EnvelopeId]:
        """Mark mail as expired whose `deliver_by` is before `now`; return at most `limit` ids."""

    def dead(self, limit: int) -> list[SentMail]:
        """Return mail EXPIRED or REFUSED of which no other envelope to its addressee is on its way or arrived.

        Newest end first.
        """

    def find(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SentMail]:
        """Return where these envelopes are."""

    def unsettled(self, after: int, limit: int) -> list[tuple[int, SentMail]]:
        """Return mail of ours that its addressee has not answered, behind `after`, each with its own number."""

    def enter_again(self, numbers: Mapping[EnvelopeId, int]) -> None:
        """Note the numbers of entries of the log of this epoch that say that these were sent."""

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[SentMail]:
        """Return the envelopes that carry these statements, in the order they were queued."""


class Numbers(Protocol):
    """Which numbers were given on each road, and which arrived: what is missing between two members."""

    def given(self, to: MemberId | None) -> dict[tuple[MemberId, str, Lane, int], int]:
        """Return the last number that we gave by (addressee, road, lane, epoch), to one member or to all."""

    def unanswered(self, to: MemberId | None, limit: int) -> list[tuple[Queue, int, GivenNumber]]:
        """Return queue, epoch and number of our mail that its addressee has not answered, in order."""

    def taken(self, of: MemberId | None) -> dict[tuple[MemberId, str, Lane, int], int]:
        """Return the highest number that came by (sender, road, lane, epoch), of one member or of all.

        What was refused is not counted.
        """

    def holes(
        self, of: MemberId | None, limit: int
    ) -> list[tuple[tuple[MemberId, str, Lane, int], int, int]]:
        """Return runs of numbers below the highest that did not come, first and last; what was refused is in them."""

    def keep_marks(self, marks: Sequence[Mark]) -> None:
        """Keep marks, each in the place of an earlier one of its road; an earlier one that comes later is left."""

    def marks(self, from_member: MemberId | None) -> list[Mark]:
        """Return the newest marks of the roads of one member, or of all."""

    def refused(self, of: MemberId | None) -> list[int]:
        """Return where our log tells of mail of this member that was refused."""


class Receipts(Protocol):
    """Receipts for mail of ours: evidence, kept as it came."""

    def keep(self, receipts: Sequence[ReceiptRecord]) -> int:
        """Keep the first receipt of each kind from each member; return how many were new."""

    def of(self, ids: Sequence[EnvelopeId]) -> list[ReceiptRecord]:
        """Return the receipts of these envelopes, oldest first."""


class Inbox(Protocol):
    """Mail for us."""

    def enter_again(self, numbers: Mapping[EnvelopeId, int]) -> None:
        """Note the numbers of entries of the log of this epoch that answer these, accepted or refused."""

    def answered(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Answer]:
        """Return which of these envelopes were accepted or refused before, and where the log says so."""

    def accept(self, mails: Sequence[ArrivedMail]) -> None:
        """Keep envelopes for ever, as received. An id that is here is a StoreError: ask `answered` first."""

    def refuse(self, mails: Sequence[RefusedMail]) -> None:
        """Note that envelopes were refused; nothing else of them is kept. The first note stays."""

    def find(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, ReceivedMail]:
        """Return where these envelopes are."""

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[ReceivedMail]:
        """Return the envelopes that carried these statements, in the order they came."""

    def last_number(self) -> int:
        """Return the number of the newest envelope, 0 before the first; `Wraps.missing` counts by them."""

    def move(self, ids: Sequence[EnvelopeId], state: MailState, at: int) -> None:
        """Put envelopes into `state`: TAKEN_UP or SET_ASIDE."""


class Quarantine(Protocol):
    """Genuine but unexpected mail, held for an officer (messages.md, section 4)."""

    def held(self) -> list[HeldMail]:
        """Return all held mail, oldest first."""

    def usage(self, members: Sequence[MemberId]) -> Mapping[MemberId, HeldUsage]:
        """Return what each of these members uses of its quota; zero for one without held mail."""


class Predecessors(Protocol):
    """Mail that waits for the statement it replies to: order is promised per thread."""

    def waiting_for(self, digests: Sequence[StatementDigest]) -> list[ReceivedMail]:
        """Return mail that waits for one of these statements."""

    def overdue(self, received_before: int) -> list[ReceivedMail]:
        """Return mail that came before that time and still waits, oldest first."""

    def stop_waiting(self, ids: Sequence[EnvelopeId]) -> None:
        """Let this mail wait no more. Idempotent."""


class Bodies(Protocol):
    """The sealed parts of all envelopes, ours and received: never rewritten, and large."""

    def keep(self, bodies: Mapping[EnvelopeId, SealedParts]) -> None:
        """Keep bodies of our own that no envelope carries, by a name of 32 bytes that is no envelope's id.

        A name that was used is a StoreError.
        """

    def load(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SealedParts]:
        """Return the parts of these envelopes and bodies."""

    def empty(self, ids: Sequence[EnvelopeId]) -> None:
        """Destroy body and slots of these; header and proof, which are evidence, stay. Idempotent."""

    def covers(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Cover]:
        """Return header, slots and proof of these envelopes; bodies, which are large, are not read."""


class Wraps(Protocol):
    """Keys at rest: each statement's, for each desk of ours that may read it, by the envelope that brought them."""

    def keep(self, wraps: Sequence[WrapRecord], epochs: Sequence[SealedStorageEpoch], stored_at: int) -> None:
        """Keep wraps and the storage epochs they were made in; what is known stays as it is."""

    def of(self, desk: DeskId, digests: Sequence[StatementDigest]) -> list[WrapRecord]:
        """Return what `desk` holds of these statements."""

    def epochs(self, ids: Sequence[bytes]) -> dict[bytes, SealedStorageEpoch]:
        """Return these storage epochs."""

    def missing(self, desk: DeskId, after: int, limit: int) -> list[UnwrappedStatement]:
        """Return envelopes received beyond number `after` for which `desk` has no wrap, in order.

        A desk without rights gets an empty wrap, so that it is not asked again.
        """

    def bodies_of(self, digests: Sequence[StatementDigest]) -> list[EnvelopeId]:
        """Return the envelopes and bodies of our own that the wraps of these statements open."""

    def delete(self, digests: Sequence[StatementDigest]) -> None:
        """Delete every desk's wraps of these statements: nobody here opens them again, nor finds them by a mark."""

    def delete_given(self, desk: DeskId, digests: Sequence[StatementDigest]) -> None:
        """Delete the wraps of `desk` for copies of these statements that another desk of ours made for it.

        By a mark it finds of them what it holds still.
        """


class BlindIndex(Protocol):
    """Where marks are found without their text: keyed hashes, per desk."""

    def keep(self, entries: Sequence[BlindEntry], entered: Sequence[Unindexed]) -> None:
        """Keep entries, and that all of the keys in `entered` were. Idempotent."""

    def missing(self, desk: DeskId, after: int, limit: int) -> list[Unindexed]:
        """Return keys that `desk` got of statements beyond number `after` and that were not entered, in order."""

    def find(self, desk: DeskId, keyed_hashes: Sequence[bytes]) -> list[BlindEntry]:
        """Return the entries of `desk` with one of these hashes."""

    def delete(self, digests: Sequence[StatementDigest]) -> None:
        """Delete all entries about these statements."""


class Registers(Protocol):
    """Extracts of the State's own records, sealed, each of one desk and source; found by keyed hashes.

    An extract is written beside the one in force under a generation of its own, and then takes its place.
    """

    def next_generation(self, desk: DeskId, source: str) -> int:
        """Return a generation that nothing of this source has; what was begun and not finished keeps its own."""

    def keep(self, records: Sequence[RegisterRecord]) -> None:
        """Keep records of a generation that is not in force."""

    def put_in_force(self, register: RegisterInForce) -> None:
        """Let a generation be in force, and delete all that the source has of others."""

    def give_up(self, desk: DeskId, source: str, generation: int) -> None:
        """Delete the records of a generation that is not in force. Idempotent."""

    def in_force(self, desk: DeskId) -> list[RegisterInForce]:
        """Return the extracts in force of `desk`, by source."""

    def find(self, desk: DeskId, keyed_hashes: Sequence[bytes]) -> list[RegisterRecord]:
        """Return the records in force with one of these hashes, by source and number; their hashes are left out."""


class Enclosures(Protocol):
    """Which statements stand inside which others, at any depth."""

    def keep(self, enclosed: Mapping[StatementDigest, Iterable[StatementDigest]]) -> None:
        """Keep what each of these carriers encloses. Idempotent."""

    def carriers(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, list[StatementDigest]]:
        """Return in which statements each of these stands."""


class Tombstones(Protocol):
    """Statements that were deleted here, and the days after which others are to be."""

    def keep(self, tombstones: Sequence[Tombstone]) -> None:
        """Keep that they were deleted; the first word stays. Their days are forgotten."""

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, Tombstone]:
        """Return those of these statements that were deleted."""

    def unsettled(self) -> list[Tombstone]:
        """Return those of which somebody is still to be told, oldest first."""

    def settle(self, digests: Sequence[StatementDigest]) -> None:
        """Note that who was to be told has been. Idempotent."""

    def keep_until(self, days: Mapping[StatementDigest, str]) -> None:
        """Note the last day (YYYY-MM-DD) on which each of these may be kept; the first word stays."""

    def overdue(self, today: str, limit: int) -> list[StatementDigest]:
        """Return statements whose last day was before `today`, the longest overdue first."""


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


class Peers(Protocol):
    """What we know of members from contact with them."""

    def keep_heads(self, heads: Sequence[PeerHead], brought_by: MemberId) -> list[PeerHead]:
        """Keep heads as open until they are proved to be of one log with its believed head; the first is that.

        Return those of `heads` that contradict another of their log and size: such heads
        replace none, and all of them are kept for ever (`split_heads`).
        """

    def open_heads(self, of: MemberId, limit: int) -> list[PeerHead]:
        """Return the oldest heads yet to be proved, of the member's log or brought by it as a relay."""

    def count_open(self) -> list[OpenHeads]:
        """Return how many heads wait to be proved, for each member that has some."""

    def prove_head(self, head: PeerHead) -> None:
        """Note that a head is of one log with the believed one, which it follows if it is longer."""

    def keep_contradiction(self, found: FoundContradiction) -> bool:
        """Keep evidence for ever; return whether it is the first of its log. Idempotent."""

    def contradictions(self) -> list[FoundContradiction]:
        """Return all evidence, by the time it was found."""

    def split_heads(self) -> list[PeerHead]:
        """Return all heads that contradict one another, by log, size and root."""

    def heads(self, origins: Sequence[str]) -> dict[str, PeerHead]:
        """Return the believed heads of these logs."""

    def longest_head(self, origin: str) -> PeerHead | None:
        """Return the longest head that is known of the log, proved or not."""

    def head_at(self, origin: str, size: int) -> PeerHead | None:
        """Return the head of this size that is believed or open."""

    def note_contact(self, member: MemberId, at: int) -> None:
        """Note that the member was there."""

    def note_problem(self, member: MemberId, code: str, at: int) -> None:
        """Note what went wrong with the member, by its code."""

    def contacts(self) -> list[PeerContact]:
        """Return what is known of all members, by id."""


class Directory(Protocol):
    """Directory entries, the newest of each member."""

    def keep(self, record: DirectoryRecord) -> bool:
        """Keep the entry unless one with this or a higher number is here; return whether it was kept."""

    def all(self) -> list[DirectoryRecord]:
        """Return the newest entry of every member, by id."""


class Certificates(Protocol):
    """Certificates of members; none is ever forgotten, for old signatures are checked with it."""

    def keep(self, records: Sequence[CertificateRecord]) -> None:
        """Keep certificates. Idempotent."""

    def all(self) -> list[CertificateRecord]:
        """Return all certificates, in the order they came."""


class RevocationLists(Protocol):
    """Revocation lists of members, all of them: what was revoked stays revoked."""

    def keep(self, records: Sequence[RevocationListRecord]) -> None:
        """Keep lists. Idempotent."""

    def all(self) -> list[RevocationListRecord]:
        """Return all lists, by member and number."""


class TrustLists(Protocol):
    """The trust lists that were accepted, in their order."""

    def keep(self, record: TrustListRecord) -> None:
        """Keep a list. Idempotent; another list with the same number is a ConflictError."""

    def all(self) -> list[TrustListRecord]:
        """Return all lists; the last is the one in force."""


class Policies(Protocol):
    """The versions of the member's own policies: none is ever forgotten."""

    def put(self, record: PolicyRecord) -> None:
        """Keep a version, replacing what was known of it. Idempotent."""

    def all(self) -> list[PolicyRecord]:
        """Return all versions, in their order."""


class Officers(Protocol):
    """The officers of our own member, by number; none is ever forgotten."""

    def put(self, record: OfficerRecord) -> None:
        """Keep an officer, replacing what was known of him. Idempotent."""

    def all(self) -> list[OfficerRecord]:
        """Return all officers, by number."""


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


class Attachments(Protocol):
    """The files that envelopes name, ours and received: what became of each."""

    def keep(self, records: Sequence[AttachmentRecord]) -> None:
        """Keep records; what is known of an attachment of an envelope stays as it is."""

    def put(self, record: AttachmentRecord) -> None:
        """Keep what is known now of an attachment of an envelope, in the place of what was."""

    def bring_again(self, ids: Sequence[EnvelopeId], at: int) -> None:
        """Let what was handed over beside these envelopes of ours wait once more: the relay has lost it."""

    def find(self, envelope_id: EnvelopeId, address: bytes) -> AttachmentRecord | None:
        """Return what is known of an attachment of an envelope."""

    def leaving(self) -> list[AttachmentRecord]:
        """Return what waits to be handed over, the longest unchanged first.

        Only of mail that the other side has: an attachment never comes before its envelope.
        """

    def coming(self) -> list[AttachmentRecord]:
        """Return what waits to come, the longest unchanged first. Of mail that is held nothing comes."""

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[AttachmentRecord]:
        """Return the attachments of all envelopes that carry these statements, and of our own copies."""

    def give_up(self, now: int) -> int:
        """Mark as FAILED what waits although the mail was refused or its `deliver_by` is past; return how many."""

    def forget(self, digests: Sequence[StatementDigest]) -> None:
        """Know nothing any more of the attachments of these statements, so that their files are not kept for them."""

    def named(self) -> frozenset[bytes]:
        """Return the addresses of all attachments that are here or may come yet: their files are kept."""


class AuditTrail(Protocol):
    """What was done and refused here; only ever appended to."""

    def append(self, events: Sequence[AuditEvent]) -> None:
        """Append events in this order."""

    def after(self, number: int, limit: int) -> list[NumberedAuditEvent]:
        """Return at most `limit` events beyond `number`, in order."""

    def about(self, subjects: Sequence[str]) -> list[NumberedAuditEvent]:
        """Return the events about these subjects, in order."""


class Settings(Protocol):
    """Single facts about this installation, such as that the key escrow was tried."""

    def put(self, name: str, value: bytes) -> None:
        """Set `name` to `value`."""

    def get(self, name: str) -> bytes | None:
        """Return the value of `name`, None if it was never set."""


class Addresses(Protocol):
    """The address book: entries (`AddressEntry`, serialised) of those that are written to on paper."""

    def put(self, id_: str, entry: bytes) -> None:
        """Keep `entry` as the one called `id_`, in the place of one before."""

    def find(self, id_: str) -> bytes | None:
        """Return the entry called `id_`, None if there is none."""

    def all(self) -> Sequence[bytes]:
        """Return all entries, by id."""


class Archive(Protocol):
    """What of closed cases lies in files outside the store."""

    def old(self, before: int, limit: int, size_limit: int) -> list[EnvelopeId]:
        """Return envelopes and bodies of our own that lie here, of cases closed without an event since `before`.

        At most `limit` of them and, beyond the first, `size_limit` bytes. Mail that is on its way is left out.
        """

    def move(self, written: WrittenArchive, before: int, at: int) -> int:
        """Keep where they lie, and empty their places here, as far as they are old still; return how many."""

    def places(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, ArchivePlace]:
        """Return where those of these lie that are in an archive."""

    def of_case(self, thread: ThreadId) -> list[EnvelopeId]:
        """Return what of a case lies in archives."""

    def give_back(self, parts: Iterable[tuple[EnvelopeId, SealedParts]]) -> None:
        """Put these back to their places here; the archives know nothing of them any more."""

    def files(self) -> dict[str, bytes]:
        """Return the archives by name, each with the SHA-256 of its bytes."""

    def unused(self) -> list[str]:
        """Return the archives in which nothing lies any more."""

    def forget(self, names: Sequence[str]) -> None:
        """Know nothing any more of these archives."""


class ArchiveFiles(Protocol):
    """The files themselves. All functions block."""

    def write(self, parts: Mapping[EnvelopeId, SealedParts]) -> WrittenArchive:
        """Write a new one, on the disk when this returns; raise `StoreError`."""

    def read(self, id_: EnvelopeId, place: ArchivePlace) -> SealedParts:
        """Return what lies there; raise `StoreError` if the file is missing or damaged."""

    def digest(self, name: str) -> bytes:
        """Return the SHA-256 of a file, empty if it is not there."""

    def remove(self, name: str) -> None:
        """Remove a file. Idempotent."""


class Leases(Protocol):
    """Which process of ours does what only one of them may do at a time, by the clock of the store."""

    def take(self, names: Collection[str], holder: str, milliseconds: int) -> frozenset[str]:
        """Give `holder` for so long those of `names` that nobody else has now; return which it has.

        What it has already is prolonged.
        """

    def give_up(self, names: Collection[str], holder: str) -> None:
        """Let others have at once those of `names` that `holder` has."""


class Editions(Protocol):
    """Numbers by which a process sees that another one changed what it has in memory."""

    def read(self) -> Edition:
        """Return the numbers of what is kept now."""

    def policy(self) -> int:
        """Return the newest version of our own policies that was put in force, 0 if none was."""


class LogWriter(Protocol):
    """Our evidence log inside a unit of work."""

    def append(self, lines: Sequence[LogLine]) -> list[int]:
        """Put lines at the end of our log, with this transaction; return their numbers.

        StoreError inside `read`. If the job fails there is no trace of them.
        """

    def lines(self, numbers: Sequence[int]) -> dict[int, LogLine]:
        """Return the lines with these numbers."""


@dataclass(frozen=True, slots=True)
class Tx:
    """One unit of work: every port on the same transaction. Not to be used after its job."""

    statements: Statements
    outbox: Outbox
    dispatches: Dispatches
    receipts: Receipts
    numbers: Numbers
    inbox: Inbox
    quarantine: Quarantine
    predecessors: Predecessors
    bodies: Bodies
    wraps: Wraps
    blind_index: BlindIndex
    registers: Registers
    enclosures: Enclosures
    tombstones: Tombstones
    cases: Cases
    case_desks: CaseDesks
    peers: Peers
    directory: Directory
    certificates: Certificates
    revocation_lists: RevocationLists
    trust_lists: TrustLists
    policies: Policies
    officers: Officers
    deputies: Deputies
    emergencies: Emergencies
    deletions: Deletions
    case_officers: CaseOfficers
    releases: Releases
    drafts: Drafts
    attachments: Attachments
    audit: AuditTrail
    settings: Settings
    addresses: Addresses
    archive: Archive
    leases: Leases
    editions: Editions
    log: LogWriter


class Scan(Protocol):
    """The scan of one content. Blocks; used from one thread."""

    def feed(self, content: bytes) -> None:
        """Take more of the content, from its beginning on."""

    def finish(self) -> None:
        """Return if the scanner saw the whole and found nothing.

        Raises:
            InvalidInputError: it found something (`malware`).
            ConfigurationError: it failed, or was too slow; nothing is known then.
        """

    def give_up(self) -> None:
        """End it without a verdict. Does nothing after `finish`."""


class Scanner(Protocol):
    """Looks for what should not be opened on an officer's machine. Safe from any thread."""

    def begin(self) -> Scan:
        """Begin the scan of one content; raise `ConfigurationError` if the scanner is not there."""


class ShownHead(Protocol):
    """A head of our log: committed and signed."""

    @property
    def size(self) -> int:
        """Number of entries."""

    @property
    def root(self) -> bytes:
        """Root hash."""

    @property
    def note(self) -> str:
        """The signed note (C2SP tlog-checkpoint)."""


class Evidence(Protocol):
    """What our log proves, outside any unit of work. Safe from any thread; answers from memory mostly."""

    @property
    def head(self) -> ShownHead:
        """The newest head."""

    def prove(self, lines: Sequence[tuple[int, LogLine]], size: int | None = None) -> list[bytes]:
        """Return a serialized LogProof for each numbered line, all under one head: the newest.

        With `size`, under the head that the log had when it was that long; same bytes every time.
        """

    @property
    def first_number(self) -> int:
        """The number of the first entry of this epoch; lower ones stand in logs of ours that ended."""

    def read_block(self, level: int, index: int) -> bytes:
        """Return the hashes of a tile (C2SP tlog-tiles), as far as the head goes; nothing, if there is none."""

    def read_entries(self, first: int, count: int) -> bytes:
        """Return the bundle of these entries as tlog-tiles has it; nothing, if they are not all there."""

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had when it was so long; InvalidInputError if it never was."""

    def prove_consistency(self, old_size: int, new_size: int | None = None) -> ConsistencyProof:
        """Return the proof that the newest head, or that of `new_size`, continues the log of `old_size` entries.

        InvalidInputError: the log has never been so long.
        """

    def refresh(self) -> None:
        """Let `head` be the newest that any process of ours committed. Blocks for a query."""


class Store(Protocol):
    """The node's memory. Durable: `write` returns after its COMMIT was synced and the log's head signed.

    Concurrent: any number of tasks may write and read; writes are put in one order and share
    commits; a read sees all writes that had returned when it began, and none half.
    """

    @property
    def evidence(self) -> Evidence:
        """Our log."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write to it as well. Their writes and ours are in one order."""

    async def changed(self) -> None:
        """Return when another process may have written since this returned last; for one task.

        Never returns for a store that is not shared.
        """

    def guard(self, check: Callable[[Tx], None]) -> None:
        """Do `check` first in each unit of work that writes; what it raises fails the writes."""

    async def write(self, job: Callable[[Tx], T], *, label: str = "") -> T:
        """Run `job` in a unit of work and keep all of it, or nothing if it raises.

        `label` names it at fault points. BusyError after `close`.
        """

    async def read(self, job: Callable[[Tx], T]) -> T:
        """Run `job`, which must not write, on a snapshot of the store."""

    async def scrub(self) -> bool:
        """Let nothing that was deleted remain in the store's files; return whether that is done.

        Not done while somebody reads what was before: ask again.
        """

    async def close(self) -> None:
        """Finish what was begun, then let the store go."""

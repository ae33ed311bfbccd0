"""Statements at rest: bodies, wraps, indexes, attachments, tombstones, archives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from tracepost.node.records.statements import (
    Admission,
    ArchivePlace,
    AttachmentRecord,
    BlindEntry,
    Cover,
    RegisterInForce,
    RegisterRecord,
    SealedParts,
    StatementConflict,
    StatementRecord,
    Tombstone,
    Unindexed,
    UnwrappedStatement,
    WrapRecord,
    WrittenArchive,
)
from tracepost.protocol.ids import DeskId, EnvelopeId, StatementDigest, ThreadId
from tracepost.protocol.sealing import SealedStorageEpoch


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

    def after(self, number: int, limit: int) -> list[tuple[int, StatementRecord]]:
        """Return at most `limit` statements beyond `number`, in effect or not, each with its own, in order."""

    def last_number(self) -> int:
        """Return the number of the newest statement, 0 if there is none."""

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

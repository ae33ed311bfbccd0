"""Makes a pouch: what we would say on a stream with a member or relay, as files under the signature of our node.

    papers, proofs, receipts  →  mail, urgent lanes first  →  attachments
                       each put into the file that has room, in this order

All proofs are under one head of our log, and lead to it from the heads that the other side may know of earlier
pouches: it need not ask. Mail stays queued: a pouch is nobody's custody. What is in it is drawn from the store
in pieces and lies in a spool meanwhile, so that memory holds no more than one piece.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final

import structlog

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.mailroom import Mailroom
from tracepost.node.post.marking import Marking
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Journey, WaitingMail
from tracepost.node.records.pouches import Owed, OwedKind, PouchRecord, Way
from tracepost.node.records.statements import AttachmentRecord, Direction
from tracepost.protocol.envelope import Lane, parse_header
from tracepost.protocol.errors import LimitError, StoreError
from tracepost.protocol.evidence import LogLine, peek_head
from tracepost.protocol.ids import DIRECT, EnvelopeId, MemberId
from tracepost.protocol.pouch import (
    ENVELOPES_LIMIT,
    PARTS_LIMIT,
    SECTIONS_LIMIT,
    Sign,
    section_of,
    write_beginning,
)
from tracepost.serving.frames import FrameLimits
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.serving.storage.durable_file import write_all
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import (
    Announcement,
    AttachmentRequest,
    ConsistencyProof,
    Frame,
    Receipt,
    RoadMark,
)
from tracepost.wire.v1.pouch_pb2 import (
    PouchedEnvelope,
    PouchManifest,
    PouchPartKind,
    PouchSection,
    PouchSummary,
)

_log = structlog.get_logger()

PIECE_BYTES: Final = 512 * 1024
LONGEST_FILE_BYTES: Final = 2000 * 1024 * 1024
"""A file that a stick with an old file system takes, and that is taken in as one attachment is."""
LONGEST_ATTACHMENT_BYTES: Final = LONGEST_FILE_BYTES - 8 * 1024 * 1024
"""One that is longer fits into no file: it waits for a line, and the mail does not wait for it."""

_MEBIBYTE: Final = 1024 * 1024
_FRAME_BYTES: Final = 1024 * 1024
_LOOKED_UP_AT_ONCE: Final = 512
_HEADS_SHOWN: Final = 64
_ROOM_FOR_LIST: Final = 192 * 1024
_ROOM_FOR_ENVELOPE: Final = 48
_ROOM_FOR_STORED: Final = 72
_SAID_ONCE: Final = frozenset(OwedKind) - {OwedKind.RECEIPT}
"""What is said in one pouch and forgotten; if that is lost, the other side says its part again, and so do we."""


@dataclass(frozen=True, slots=True)
class NodeSeal:
    """What a pouch is signed with: certificates of our node as DER, leaf first, without the root."""

    certificates: tuple[bytes, ...]
    sign: Sign = field(repr=False)


@dataclass(slots=True)
class _File:
    """One file of a pouch while it is put together; `room` counts down."""

    room: int
    sections: list[PouchSection] = field(default_factory=list)
    envelopes: list[EnvelopeId] = field(default_factory=list)
    summary: PouchSummary = field(default_factory=PouchSummary)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a pouch, ready to be read."""

    summary: PouchSummary
    total_bytes: int
    beginning: bytes = field(repr=False)
    sections: Sequence[PouchSection] = field(repr=False)
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Load:
    """What is to go into the next pouch for `peer`, by what the store has at one moment."""

    peer: MemberId
    number: int
    at: int
    ids: tuple[EnvelopeId, ...]
    owed: tuple[Owed, ...]

    def keys(self, kind: OwedKind) -> list[bytes]:
        """Return the names of what is owed of one kind, as many as the pouch has room for."""
        most = SECTIONS_LIMIT if kind is OwedKind.ATTACHMENT_STORED else None
        return [one.key for one in self.owed if one.kind is kind][:most]

    def said(self, kind: OwedKind) -> list[bytes]:
        """Return the content of what is owed of one kind."""
        return [one.data for one in self.owed if one.kind is kind]

    def stored(self) -> list[AttachmentRequest]:
        """Return the attachments of the other side that are here."""
        keys = self.keys(OwedKind.ATTACHMENT_STORED)
        return [AttachmentRequest(envelope_id=key[:32], address=key[32:]) for key in keys]


@dataclass(frozen=True, slots=True)
class _Answered:
    """An envelope that our log answers at `number`."""

    id: EnvelopeId
    sender: MemberId
    number: int
    line: LogLine = field(repr=False)


class Packing:
    """One per process. Pouches are made one after the other, so that each has a number; several may be read at once."""

    def __init__(
        self,
        *,
        us: MemberId,
        papers: Papers,
        store: Store,
        mailroom: Mailroom,
        announcing: Announcing,
        continuity: Continuity,
        marking: Marking,
        blobs: Blobs,
        seal: NodeSeal,
        folder: Path,
        clock: Callable[[], int],
    ) -> None:
        """Use `folder` for the spool."""
        self._us = us
        self._papers = papers
        self._store = store
        self._mailroom = mailroom
        self._announcing = announcing
        self._continuity = continuity
        self._marking = marking
        self._blobs = blobs
        self._seal = seal
        self._folder = folder
        self._clock = clock
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def pack(
        self, peer: MemberId, by: str, *, most_bytes: int = LONGEST_FILE_BYTES, only_new: bool = False
    ) -> AsyncIterator[Packed]:
        """Give a new pouch for `peer`, made by the officer of label `by`; it is gone when the context ends.

        Args:
            peer: member or relay.
            by: who makes it, for the audit trail.
            most_bytes: no file is longer.
            only_new: without mail that lies in an earlier pouch.

        Raises:
            LimitError: something that must go is longer than a file may be, or there are too many files.
            BusyError: another process made a pouch for `peer` meanwhile; nothing of this one is kept.
            StoreError: there is no room for the spool.
        """
        await self._marking.keep_up()
        with _opened_spool(self._folder) as spool:
            async with self._turn:
                load = await self._store.read(lambda tx: self._load(tx, peer, only_new=only_new))
                files = await self._fill(load, spool, most_bytes, by)
            yield Packed(files, spool, self._blobs)

    def _load(self, tx: Tx, peer: MemberId, *, only_new: bool) -> _Load:
        """Return what goes along; past the hard expiry of the trust list no mail does."""
        now = self._clock()
        ids = tx.pouches.waiting(peer, now, only_new=only_new) if self._papers.is_live(now) else ()
        number, owed = tx.pouches.next_number(peer), tx.pouches.owed(peer)
        return _Load(peer, number, now, tuple(ids[:ENVELOPES_LIMIT]), tuple(owed))

    async def _fill(self, load: _Load, spool: IO[bytes], most_bytes: int, by: str) -> Sequence[PackedFile]:
        answers = await self._receipts_owed(load)
        size = await self._size(load)
        stored = load.stored()
        lists = _ROOM_FOR_LIST + _ROOM_FOR_ENVELOPE * len(load.ids) + _ROOM_FOR_STORED * len(stored)
        filling = _Filling(spool, most_bytes, lists)
        for frame in await self._first_frames(load, answers, size):
            await asyncio.to_thread(filling.put_frame, frame)
        await self._put_mail(filling, load.ids, size)
        await self._put_files(filling, load)
        files = filling.finish(self._manifest(load), stored, self._seal.sign)
        await self._store.write(lambda tx: self._note(tx, load, by, len(files), size), label="pouch-pack")
        return files

    # ── what goes ────────────────────────────────────────────────────────────────────

    async def _size(self, load: _Load) -> int:
        """Return how long our log is, once its signed head has all that is to be proved."""

        def newest(tx: Tx) -> list[tuple[int, LogLine]]:
            last = max((mail.log_number for mail in tx.dispatches.find(load.ids).values()), default=-1)
            return list(tx.log.lines([last]).items())

        evidence = self._store.evidence
        await asyncio.to_thread(evidence.refresh)
        await asyncio.to_thread(evidence.prove, await self._store.read(newest))
        return evidence.head.size

    def _manifest(self, load: _Load) -> PouchManifest:
        return PouchManifest(
            from_member=self._us,
            to_member=load.peer,
            number=load.number,
            made_at=load.at,
            certificates=self._seal.certificates,
        )

    def _note(self, tx: Tx, load: _Load, by: str, parts: int, size: int) -> None:
        """Give the pouch its number, note what lies in it, and strike out what is said once."""
        head = str(peek_head(self._store.evidence.head.note).origin) if size else ""
        record = PouchRecord(
            load.peer, Way.WENT, load.number, parts, len(load.ids), load.at, head=head, head_size=size
        )
        tx.pouches.keep_went(record, load.ids)
        for kind in _SAID_ONCE:
            tx.pouches.settle(load.peer, kind, load.keys(kind))
        tx.audit.append([AuditEvent(load.at, by, "pouch-pack", load.peer, f"number-{load.number}")])

    async def _receipts_owed(self, load: _Load) -> list[_Answered]:
        """Return the receipts that the other side has not said to have stored."""
        senders = {
            EnvelopeId(one.key): MemberId(one.data.decode("ascii"))
            for one in load.owed
            if one.kind is OwedKind.RECEIPT
        }
        numbers = await self._mailroom.answer_again(list(senders)) if senders else {}
        lines = await self._store.read(lambda tx: tx.log.lines(sorted(numbers.values()))) if numbers else {}
        return [
            _Answered(id_, senders[id_], number, lines[number])
            for id_, number in numbers.items()
            if number in lines
        ]

    async def _first_frames(self, load: _Load, answers: Sequence[_Answered], size: int) -> list[Frame]:
        peer = load.peer
        items: list[tuple[str, object]] = [("announcements", one) for one in self._announcements(peer)]
        items += [
            ("consistency", ConsistencyProof.FromString(one)) for one in load.said(OwedKind.CONSISTENCY)
        ]
        items += [("consistency", one) for one in await self._heads_proved(peer, size)]
        items += [("consistency_wanted", one) for one in await self._continuity.questions_for_pouch(peer)]
        items += [("receipts", one) for one in await asyncio.to_thread(self._receipts, answers, size)]
        items += [("receipts_stored", one) for one in load.keys(OwedKind.RECEIPT_STORED)]
        items += [("expiries_stored", one) for one in load.keys(OwedKind.EXPIRY_STORED)]
        marks = await self._store.read(lambda tx: tx.numbers.marks_by(self._us, peer))
        items += [("marks", RoadMark(from_member=self._us, proof=one.proof)) for one in marks]
        frames = list(_in_frames(items))
        for frame in frames:
            self._announcing.tell_freshness(frame)
        return frames

    def _receipts(self, answers: Sequence[_Answered], size: int) -> list[Receipt]:
        proofs = self._store.evidence.prove([(one.number, one.line) for one in answers], size)
        return [
            Receipt(envelope_id=one.id, from_member=self._us, to_member=one.sender, proof=proof)
            for one, proof in zip(answers, proofs, strict=True)
        ]

    def _announcements(self, peer: MemberId) -> Iterator[Announcement]:
        """Yield our papers, then those of all others that are here: the other side may see no other messenger."""
        yield self._announcing.ours()
        for member in self._papers.trust.members:
            if member.id not in (self._us, peer):
                papers = self._papers.announcement(member.id)
                if papers.certificates or papers.crl or papers.directory_entry:
                    yield papers

    async def _heads_proved(self, peer: MemberId, size: int) -> list[ConsistencyProof]:
        """Return proofs that the head of this pouch continues those of earlier ones, the older first."""
        evidence = self._store.evidence
        if not size:
            return []
        origin = str(peek_head(evidence.head.note).origin)
        went = await self._store.read(lambda tx: tx.pouches.all(peer))
        known = {one.head_size for one in went if one.way is Way.WENT and one.head == origin}
        sizes = sorted(one for one in known if 0 < one < size)[-_HEADS_SHOWN:]
        return await asyncio.to_thread(lambda: [evidence.prove_consistency(one, size) for one in sizes])

    async def _put_mail(self, filling: _Filling, ids: Sequence[EnvelopeId], size: int) -> None:
        for start in range(0, len(ids), _LOOKED_UP_AT_ONCE):
            some = ids[start : start + _LOOKED_UP_AT_ONCE]
            sizes = await self._store.read(partial(_sizes, ids=some))
            for group in _groups(sizes):
                mails = await self._store.read(partial(_mails, ids=group))
                lines = [(mail.log_number, mail.line) for mail in mails]
                proofs = await asyncio.to_thread(self._store.evidence.prove, lines, size)
                await asyncio.to_thread(filling.put_mail, mails, proofs)

    async def _put_files(self, filling: _Filling, load: _Load) -> None:
        records = await self._store.read(lambda tx: list(_files_of(tx, load)))
        by_address: dict[bytes, list[EnvelopeId]] = {}
        for record in records:
            by_address.setdefault(record.address, []).append(record.envelope_id)
        for address, envelopes in by_address.items():
            found = await asyncio.to_thread(self._blobs.find, BlobName(address))
            if found is not None and found.length > LONGEST_ATTACHMENT_BYTES:
                _log.warning("attachment-too-long-for-pouch", member=load.peer, bytes=found.length)
            elif found is not None and found.is_whole:
                filling.put_file(address, found.length, envelopes)


class Packed:
    """A pouch that was made. Its files are read one after the other."""

    def __init__(self, files: Sequence[PackedFile], spool: IO[bytes], blobs: Blobs) -> None:
        self.files = files
        self._spool = spool
        self._blobs = blobs

    async def read(self, file: PackedFile) -> AsyncIterator[bytes]:
        """Yield the bytes of a file."""
        pieces = self._pieces(file)
        while (some := await asyncio.to_thread(next, pieces, None)) is not None:
            yield some

    def _pieces(self, file: PackedFile) -> Iterator[bytes]:
        for start in range(0, len(file.beginning), PIECE_BYTES):
            yield file.beginning[start : start + PIECE_BYTES]
        offset = file.offset
        for section in file.sections:
            if section.kind == PouchPartKind.POUCH_PART_KIND_FRAME:
                self._spool.seek(offset)
                yield from _read(self._spool, section.length)
                offset += section.length
            else:
                with self._blobs.read(BlobName(section.sha256)) as blob:
                    yield from _read(blob, section.length)


class _Filling:
    """Puts sections into files, each into the last one as long as that has room."""

    def __init__(self, spool: IO[bytes], most_bytes: int, lists_bytes: int) -> None:
        """Leave `lists_bytes` of each file for what stands before the sections."""
        self._spool = spool
        self._lists_bytes = lists_bytes
        self._room = room = most_bytes - lists_bytes
        self._files = [_File(room)]

    def put_frame(self, frame: Frame) -> None:
        """Put a frame without mail."""
        data = frame.SerializeToString(deterministic=True)
        summary = self._put(section_of(PouchPartKind.POUCH_PART_KIND_FRAME, data)).summary
        write_all(self._spool.fileno(), data)
        summary.receipts += len(frame.receipts)
        summary.papers += len(frame.announcements)

    def put_mail(self, mails: Sequence[WaitingMail], proofs: Sequence[bytes]) -> None:
        """Put a frame of mail."""
        if not mails:
            return
        frame = Frame(
            envelopes=[
                Envelope(header=mail.header, slots=mail.slots, body=mail.body, proof=proof)
                for mail, proof in zip(mails, proofs, strict=True)
            ]
        )
        data = frame.SerializeToString(deterministic=True)
        file = self._put(section_of(PouchPartKind.POUCH_PART_KIND_FRAME, data))
        write_all(self._spool.fileno(), data)
        file.envelopes += [mail.id for mail in mails]
        file.summary.envelopes += len(mails)
        file.summary.urgent += sum(parse_header(m.header).address.lane is Lane.URGENT for m in mails)

    def put_file(self, address: bytes, length: int, envelopes: Sequence[EnvelopeId]) -> None:
        """Put an attachment, which lies in the store of attachments."""
        section = PouchSection(
            kind=PouchPartKind.Name(PouchPartKind.POUCH_PART_KIND_ATTACHMENT),
            length=length,
            sha256=address,
            envelope_ids=envelopes,
        )
        self._put(section).summary.attachments += 1

    def finish(
        self, manifest: PouchManifest, stored: Sequence[AttachmentRequest], sign: Sign
    ) -> list[PackedFile]:
        """Return the files, each with its manifest."""
        if len(self._files) > PARTS_LIMIT:
            raise LimitError(
                "the pouch would have more than 999 files",
                where="most_mib",
                remedy="Let a file be longer: --most-mib.",
            )
        manifest.parts = len(self._files)
        manifest.envelopes.extend(
            PouchedEnvelope(envelope_id=id_, part=part)
            for part, file in enumerate(self._files, 1)
            for id_ in file.envelopes
        )
        packed, offset = [], 0
        for part, file in enumerate(self._files, 1):
            said = PouchManifest()
            said.CopyFrom(manifest)
            said.part = part
            said.sections.extend(file.sections)
            said.attachments_stored.extend(stored if part == 1 else ())
            packed.append(_finished(said, file, sign, offset))
            offset += sum(s.length for s in file.sections if s.kind == PouchPartKind.POUCH_PART_KIND_FRAME)
        return packed

    def _put(self, section: PouchSection) -> _File:
        needed = section.ByteSize() + 8 + section.length
        if needed > self._room:
            raise LimitError(
                "one thing that is to go is longer than a file may be",
                where="most_mib",
                reason="too-large-for-a-file",
                remedy=f"Let a file have {(needed + self._lists_bytes) // _MEBIBYTE + 1} MiB or more: --most-mib.",
            )
        file = self._files[-1]
        if needed > file.room or len(file.sections) == SECTIONS_LIMIT:
            file = _File(self._room)
            self._files.append(file)
        file.room -= needed
        file.sections.append(section)
        return file


def _finished(said: PouchManifest, file: _File, sign: Sign, offset: int) -> PackedFile:
    beginning = write_beginning(said, sign)
    total = len(beginning) + sum(one.length for one in file.sections)
    return PackedFile(summary_of(said, file.summary), total, beginning, file.sections, offset)


def summary_of(manifest: PouchManifest, counts: PouchSummary) -> PouchSummary:
    """Return what a file holds, in numbers: those in `counts`, and what the manifest says."""
    summary = PouchSummary(
        from_member=manifest.from_member,
        to_member=manifest.to_member,
        number=manifest.number,
        part=manifest.part,
        parts=manifest.parts,
        made_at=instant(manifest.made_at),
        envelopes=0,
        urgent=0,
        receipts=0,
        papers=0,
        attachments=0,
    )
    summary.MergeFrom(counts)
    return summary


def _in_frames(items: Iterable[tuple[str, object]]) -> Iterator[Frame]:
    """Yield frames of things with the names of their fields, in their order, none beyond what a frame holds."""
    limits, frame = FrameLimits(), Frame()
    for name, thing in items:
        full = len(getattr(frame, name)) >= limits.count(name) or frame.ByteSize() >= _FRAME_BYTES
        if full:
            yield frame
            frame = Frame()
        getattr(frame, name).append(thing)
    if frame.ListFields():
        yield frame


def _groups(sized: Sequence[tuple[EnvelopeId, int]]) -> Iterator[list[EnvelopeId]]:
    """Yield envelopes that fit into one frame together; a longer one goes alone."""
    group: list[EnvelopeId] = []
    length = 0
    for id_, size in sized:
        if group and (length + size > _FRAME_BYTES or len(group) == FrameLimits().envelopes):
            yield group
            group, length = [], 0
        group.append(id_)
        length += size
    if group:
        yield group


def _sizes(tx: Tx, ids: Sequence[EnvelopeId]) -> list[tuple[EnvelopeId, int]]:
    mails = tx.dispatches.find(ids)
    return [(id_, mails[id_].size) for id_ in ids if id_ in mails]


def _mails(tx: Tx, ids: Sequence[EnvelopeId]) -> list[WaitingMail]:
    return tx.outbox.load(ids)


def _files_of(tx: Tx, load: _Load) -> Iterator[AttachmentRecord]:
    """Yield attachments of ours for the pouch: of the mail in it, and of mail that is there and waits for them."""
    mails = tx.dispatches.find(load.ids)
    records = {
        (record.envelope_id, record.address): record
        for record in tx.attachments.of_statements([mail.statement for mail in mails.values()])
        if record.envelope_id in mails
    }
    for record in tx.attachments.leaving():
        if load.peer in (record.member, record.via):
            records.setdefault((record.envelope_id, record.address), record)
    for record in records.values():
        is_there = record.passage is Journey.DONE and record.via == DIRECT
        if record.direction is Direction.OURS and not is_there and record.passage is not Journey.FAILED:
            yield record


@contextmanager
def _opened_spool(folder: Path) -> Iterator[IO[bytes]]:
    """Open a file without a name; what the disk does not do is told as ours, also while it is read."""
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as spool:
            yield spool
    except OSError as error:
        raise StoreError(
            f"the pouch cannot be written: {error.strerror}",
            where="pouches",
            reason="pouch-not-written",
            remedy="Make room where the folder of the node is; the mail waits as before.",
        ) from error


def _read(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length:
        some = file.read(min(PIECE_BYTES, length))
        if not some:
            raise LimitError("a file grew shorter while it was read", where="spool")
        length -= len(some)
        yield some

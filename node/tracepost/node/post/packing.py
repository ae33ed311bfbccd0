"""Makes a pouch: what we would say on a stream with a member or relay, as files under the signature of our node.

    papers, proofs, receipts  →  mail, urgent lanes first  →  attachments
                       each put into the file that has room, in this order

All proofs are under one head of our log, and lead to it from the heads that the other side may know of earlier
pouches: it need not ask. Mail stays queued: a pouch is nobody's custody. What is in it is drawn from the store
in pieces and lies in a spool meanwhile, so that memory holds no more than one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final

import structlog

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.announcing import Announcing
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.mailroom import Mailroom
from tracepost.node.post.marking import Marking
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Journey, WaitingMail
from tracepost.node.records.statements import AttachmentRecord, Direction
from tracepost.protocol.evidence import LogLine, peek_head
from tracepost.protocol.ids import DIRECT, EnvelopeId, MemberId
from tracepost.protocol.pouch import ENVELOPES_LIMIT
from tracepost.serving.pouch_files import (
    LONGEST_ATTACHMENT_BYTES,
    LONGEST_FILE_BYTES,
    Filling,
    NodeSeal,
    Packed,
    PackedFile,
    groups_of,
    in_frames,
    open_spool,
    room_for_lists,
)
from tracepost.serving.pouch_records import (
    Owed,
    OwedKind,
    PouchRecord,
    Way,
    keys_of,
    said_of,
    sizes_shown,
    stored_of,
)
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import (
    Announcement,
    ConsistencyProof,
    Frame,
    Receipt,
    RoadMark,
)
from tracepost.wire.v1.pouch_pb2 import PouchManifest

_log = structlog.get_logger()

_LOOKED_UP_AT_ONCE: Final = 512
_SAID_ONCE: Final = frozenset(OwedKind) - {OwedKind.RECEIPT}
"""What is said in one pouch and forgotten; if that is lost, the other side says its part again, and so do we."""


@dataclass(frozen=True, slots=True)
class _Load:
    """What is to go into the next pouch for `peer`, by what the store has at one moment."""

    peer: MemberId
    number: int
    at: int
    ids: tuple[EnvelopeId, ...]
    owed: tuple[Owed, ...]


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
        with open_spool(self._folder) as spool:
            async with self._turn:
                load = await self._store.read(lambda tx: self._load(tx, peer, only_new=only_new))
                files = await self._fill(load, spool, most_bytes, by)
            yield Packed(files, spool, lambda address: self._blobs.read(BlobName(address)))

    def _load(self, tx: Tx, peer: MemberId, *, only_new: bool) -> _Load:
        """Return what goes along; past the hard expiry of the trust list no mail does."""
        now = self._clock()
        ids = tx.pouches.waiting(peer, now, only_new=only_new) if self._papers.is_live(now) else ()
        number, owed = tx.pouches.next_number(peer), tx.pouches.owed(peer)
        return _Load(peer, number, now, tuple(ids[:ENVELOPES_LIMIT]), tuple(owed))

    async def _fill(self, load: _Load, spool: IO[bytes], most_bytes: int, by: str) -> Sequence[PackedFile]:
        answers = await self._receipts_owed(load)
        size = await self._size(load)
        stored = stored_of(load.owed)
        filling = Filling(spool, most_bytes, room_for_lists(len(load.ids), len(stored)))
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
            tx.pouches.settle(load.peer, kind, keys_of(load.owed, kind))
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
        proofs = said_of(load.owed, OwedKind.CONSISTENCY)
        items += [("consistency", ConsistencyProof.FromString(one)) for one in proofs]
        items += [("consistency", one) for one in await self._heads_proved(peer, size)]
        items += [("consistency_wanted", one) for one in await self._continuity.questions_for_pouch(peer)]
        items += [("receipts", one) for one in await asyncio.to_thread(self._receipts, answers, size)]
        items += [("receipts_stored", one) for one in keys_of(load.owed, OwedKind.RECEIPT_STORED)]
        items += [("expiries_stored", one) for one in keys_of(load.owed, OwedKind.EXPIRY_STORED)]
        marks = await self._store.read(lambda tx: tx.numbers.marks_by(self._us, peer))
        items += [("custody_asked", one) for one in await self._store.read(partial(_in_custody, relay=peer))]
        items += [("marks", RoadMark(from_member=self._us, proof=one.proof)) for one in marks]
        frames = list(in_frames(items))
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
        sizes = sizes_shown(await self._store.read(lambda tx: tx.pouches.all(peer)), origin, size)
        return await asyncio.to_thread(lambda: [evidence.prove_consistency(one, size) for one in sizes])

    async def _put_mail(self, filling: Filling, ids: Sequence[EnvelopeId], size: int) -> None:
        for start in range(0, len(ids), _LOOKED_UP_AT_ONCE):
            some = ids[start : start + _LOOKED_UP_AT_ONCE]
            sizes = await self._store.read(partial(_sizes, ids=some))
            for group in groups_of(sizes):
                mails = await self._store.read(partial(_mails, ids=group))
                lines = [(mail.log_number, mail.line) for mail in mails]
                proofs = await asyncio.to_thread(self._store.evidence.prove, lines, size)
                await asyncio.to_thread(filling.put_mail, list(map(_envelope, mails, proofs)))

    async def _put_files(self, filling: Filling, load: _Load) -> None:
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


def _in_custody(tx: Tx, relay: MemberId) -> list[EnvelopeId]:
    """Return all mail that a relay said it keeps: it may have been put back empty since."""
    found, after = list[EnvelopeId](), 0
    while some := tx.outbox.in_custody(relay, after, _LOOKED_UP_AT_ONCE):
        found += [id_ for _number, id_ in some]
        after = some[-1][0]
    return found


def _sizes(tx: Tx, ids: Sequence[EnvelopeId]) -> list[tuple[EnvelopeId, int]]:
    mails = tx.dispatches.find(ids)
    return [(id_, mails[id_].size) for id_ in ids if id_ in mails]


def _mails(tx: Tx, ids: Sequence[EnvelopeId]) -> list[WaitingMail]:
    return tx.outbox.load(ids)


def _envelope(mail: WaitingMail, proof: bytes) -> Envelope:
    return Envelope(header=mail.header, slots=mail.slots, body=mail.body, proof=proof)


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

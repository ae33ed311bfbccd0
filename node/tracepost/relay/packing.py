"""Makes a pouch at a relay: what a stream would have said to a member, as files that the relay's node signs.

    papers, proofs, receipts, marks  →  mail that waits, urgent lanes first  →  attachments that wait whole

Nothing is gone by that: the relay keeps custody, and offers the same on the member's line, until its receipt is here.
All proofs of the relay's own log are under one head, and lead to it from the heads of earlier pouches.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import structlog
from sqlalchemy import Connection

from tracepost.protocol.evidence import LogLine, peek_head
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.trustlist import Freshness
from tracepost.relay.carriage import Waiting
from tracepost.relay.mailboxes import Dues, make_receipt, read_dues, read_envelopes
from tracepost.relay.marks import read_marks
from tracepost.relay.pouches import find_mail, find_waiting_mail, open_book
from tracepost.relay.session import RelayParts, freshness_of
from tracepost.serving.pouch_files import (
    LONGEST_ATTACHMENT_BYTES,
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
from tracepost.wire.v1.post_pb2 import ConsistencyProof, Expiry, Frame, Receipt, RoadMark, StreamStatus
from tracepost.wire.v1.pouch_pb2 import PouchManifest

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Load:
    """What is to go into the next pouch for `member`, by what the store has at one moment."""

    member: MemberId
    number: int
    at: int
    mail: Sequence[tuple[EnvelopeId, int]]
    owed: Sequence[Owed]
    promised: Sequence[tuple[EnvelopeId, int, LogLine]]
    dues: Dues
    marks: Sequence[RoadMark]
    earlier: Sequence[PouchRecord]


class Packing:
    """One per relay; pouches are made one after the other, so that each has a number."""

    def __init__(self, parts: RelayParts, seal: Callable[[], NodeSeal], folder: Path) -> None:
        """Use `folder` for the spool."""
        self._parts = parts
        self._seal = seal
        self._folder = folder
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def pack(
        self, member: MemberId, *, most_bytes: int, only_new: bool = False
    ) -> AsyncIterator[Packed]:
        """Give a new pouch for `member`; it is gone with the context.

        Args:
            member: whom it is for.
            most_bytes: no file is longer.
            only_new: without mail that lies in an earlier pouch.

        Raises:
            LimitError: something that must go is longer than a file may be, or there are too many files.
            StoreError: there is no room for the spool.
        """
        parts = self._parts
        with open_spool(self._folder) as spool:
            async with self._turn:
                look = partial(self._load, member=member, now=parts.clock(), only_new=only_new)
                load = await parts.store.read(look)
                waiting = await parts.carriage.find_for_pouch(member)
                fitting = [one for one in waiting if one.length <= LONGEST_ATTACHMENT_BYTES]
                if len(fitting) < len(waiting):
                    _log.warning("attachment-too-long-for-pouch", member=member)
                files = await self._fill(load, spool, most_bytes, fitting)
            names = {one.name.address: one.name for one in fitting}
            yield Packed(files, spool, lambda address: parts.carriage.read(names[address]))

    def _load(self, connection: Connection, member: MemberId, now: int, *, only_new: bool) -> _Load:
        """Return what goes along; past the hard expiry of the trust list no mail does."""
        is_live = self._parts.trust.state.current.freshness(now) is not Freshness.EXPIRED
        book = open_book(connection)
        owed = book.owed(member)
        return _Load(
            member,
            book.next_number(member),
            now,
            find_waiting_mail(connection, member, now, only_new=only_new) if is_live else (),
            owed,
            self._promised(connection, keys_of(owed, OwedKind.RECEIPT)),
            read_dues(connection, member),
            read_marks(connection, member),
            book.all(member),
        )

    def _promised(
        self, connection: Connection, ids: Sequence[bytes]
    ) -> list[tuple[EnvelopeId, int, LogLine]]:
        """Return the log entries by which custody of the member's mail was promised."""
        mails = find_mail(connection, ids).values()
        lines = self._parts.store.log.read_lines(connection, [one.log_number for one in mails])
        return [(one.envelope_id, one.log_number, lines[one.log_number]) for one in mails]

    async def _fill(
        self, load: _Load, spool: IO[bytes], most_bytes: int, attachments: Sequence[Waiting]
    ) -> Sequence[PackedFile]:
        seal, log = self._seal(), self._parts.store.log
        stored = stored_of(load.owed)
        filling = Filling(spool, most_bytes, room_for_lists(len(load.mail), len(stored)))
        lines = [(number, line) for _, number, line in load.promised]
        await asyncio.to_thread(log.prove, lines)  # then its head has all of them
        size = log.head.size
        proofs = await asyncio.to_thread(log.prove, lines, size)
        for frame in await self._first_frames(load, proofs, size):
            await asyncio.to_thread(filling.put_frame, frame)
        await self._put_mail(filling, load)
        for one in attachments:
            filling.put_file(one.name.address, one.length, one.envelope_ids)
        manifest = PouchManifest(
            from_member=self._parts.own,
            to_member=load.member,
            number=load.number,
            made_at=load.at,
            certificates=seal.certificates,
        )
        files = filling.finish(manifest, stored, seal.sign)
        await self._parts.store.write(
            lambda connection: self._note(connection, load, len(files), size), label="pouch-pack"
        )
        return files

    def _note(self, connection: Connection, load: _Load, parts: int, size: int) -> None:
        """Give the pouch its number, note what lies in it, and strike out what is said once.

        If the pouch is lost, the member says its part again, and so do we.
        """
        head = str(peek_head(self._parts.store.log.head.note).origin) if size else ""
        record = PouchRecord(
            load.member, Way.WENT, load.number, parts, len(load.mail), load.at, head=head, head_size=size
        )
        book = open_book(connection)
        book.keep_went(record, [id_ for id_, _ in load.mail])
        for kind in OwedKind:
            book.settle(load.member, kind, keys_of(load.owed, kind))

    # ── what goes ────────────────────────────────────────────────────────────────────

    async def _first_frames(self, load: _Load, proofs: Sequence[bytes], size: int) -> list[Frame]:
        parts, member = self._parts, load.member
        said = {kind: said_of(load.owed, kind) for kind in OwedKind}
        items: list[tuple[str, object]] = [("announcements", parts.board.with_list(parts.own))]
        items += [("announcements", one) for one in parts.board.others(member, parts.own)]
        items += [("consistency", ConsistencyProof.FromString(one)) for one in said[OwedKind.CONSISTENCY]]
        items += [("consistency", one) for one in await self._heads_proved(load, size)]
        items += [("consistency_wanted", one) for one in await self._questions(member)]
        items += [("receipts", one) for one in self._custody(load, proofs)]
        items += [("receipts", one) for one in load.dues.receipts]
        items += [("receipts_stored", one) for one in keys_of(load.owed, OwedKind.RECEIPT_STORED)]
        items += [("statuses", StreamStatus.FromString(one)) for one in said[OwedKind.STATUS]]
        items += [("expiries", Expiry.FromString(one)) for one in said[OwedKind.EXPIRY]]
        items += [("expiries", one) for one in load.dues.expiries]
        items += [("marks", one) for one in load.marks]
        frames = list(in_frames(items))
        for frame in frames:
            frame.freshness.CopyFrom(freshness_of(parts))
        return frames

    def _custody(self, load: _Load, proofs: Sequence[bytes]) -> list[Receipt]:
        return [
            make_receipt(id_, self._parts.own, load.member, proof)
            for (id_, _, _), proof in zip(load.promised, proofs, strict=True)
        ]

    async def _questions(self, member: MemberId) -> Sequence[object]:
        """Return what the member is to prove of its log."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._parts.verifier, partial(self._parts.heads.questions, member))

    async def _heads_proved(self, load: _Load, size: int) -> list[ConsistencyProof]:
        """Return proofs that the head of this pouch continues those of earlier ones, the older first."""
        log = self._parts.store.log
        if not size:
            return []
        sizes = sizes_shown(load.earlier, str(peek_head(log.head.note).origin), size)
        return await asyncio.to_thread(lambda: [log.prove_consistency(one, size) for one in sizes])

    async def _put_mail(self, filling: Filling, load: _Load) -> None:
        for group in groups_of(load.mail):
            # What was receipted meanwhile has gone.
            envelopes = await self._parts.store.read(partial(read_envelopes, ids=group))
            await asyncio.to_thread(filling.put_mail, envelopes)

"""Takes a pouch in at a relay: judges the whole file, then does with each frame what is done with one of a stream.

    steps 1-10 of `protocol.pouch`     nothing is kept of a file that fails one of them
    frames, in their order, through a `Session`: papers of the maker, proofs, receipts, marks, mail into custody
    attachments, as if their sender brought them
    what the session would have answered goes with the next pouch for the maker

Any of it may break off: what was kept is kept, and the same file taken again has no second effect.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.errors import BusyError, NotFoundError, QuotaError, TheRoad
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.pouch import Place, Pouch
from tracepost.protocol.problems import error_class
from tracepost.relay.mailboxes import State
from tracepost.relay.pouches import NumberedMail, find_mail, offers_anew, open_book
from tracepost.relay.session import REFUSALS_PER_STREAM, RelayParts, Session
from tracepost.serving.pouch_files import summary_of
from tracepost.serving.pouch_reading import Rest, check_content, count_frame, frame_at, verify_file
from tracepost.serving.pouch_records import Owed, OwedKind, PouchRecord, Way, numbers_missing
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentRequest, Frame
from tracepost.wire.v1.pouch_pb2 import PouchSummary, PutOff, UnpackingResult


@dataclass(slots=True)
class _Tally:
    """What came of a pouch so far."""

    counts: PouchSummary = field(default_factory=PouchSummary)
    ids: list[EnvelopeId] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)
    ended: set[bytes] = field(default_factory=set)
    """Waiting mail that receipts in it are about."""
    attachments: int = 0
    left: int = 0
    owed: list[Owed] = field(default_factory=list)
    codes: dict[bytes, str] = field(default_factory=dict)


class Unpacking:
    """One per relay; one pouch at a time."""

    def __init__(self, parts: RelayParts, domain: str) -> None:
        self._parts = parts
        self._domain = domain
        self._turn = asyncio.Lock()

    async def unpack(self, path: Path) -> UnpackingResult:
        """Take in the file at `path`.

        Raises:
            PouchError, IdentityError, TrustError: nothing of it was kept.
            EvidenceError: the log of its maker contradicts itself, so that none of its mail and receipts counts.
            StaleTrustError: the trust list here is too old to judge by.
        """
        parts = self._parts
        async with self._turn:
            now = parts.clock()
            verify = partial(verify_file, us=parts.own, domain=self._domain, now=now)
            pouch = await asyncio.to_thread(verify, path, parts.trust)
            await asyncio.to_thread(check_content, path, pouch)
            tally = _Tally()
            await self._take_frames(path, pouch, tally)
            await self._take_files(path, pouch, tally)
            await parts.store.write(
                lambda connection: _note(connection, pouch, tally, now), label="pouch-unpack"
            )
            return await parts.store.read(lambda connection: _tell(connection, pouch, tally))

    async def _take_frames(self, path: Path, pouch: Pouch, tally: _Tally) -> None:
        maker = pouch.from_member
        is_news = await self._parts.store.read(partial(offers_anew, said=pouch.manifest))
        session = Session(self._parts, maker, collects=False, revives=is_news, singly=REFUSALS_PER_STREAM)
        try:
            for place in (one for one in pouch.places if one.is_frame):
                frame = await asyncio.to_thread(frame_at, path, place)
                count_frame(tally.counts, frame)
                await self._count_mail(frame, tally)
                await session.take_whole(_of_maker(frame, maker))
        finally:
            await session.note_counted()
        for answer in await session.answers():
            tally.owed += _owed_of(answer, self._parts.own, maker)
            tally.codes |= {one.envelope_id: one.code for one in answer.statuses}

    async def _count_mail(self, frame: Frame, tally: _Tally) -> None:
        ids = [envelope_id(one.header) for one in frame.envelopes]
        told = [one.envelope_id for one in frame.receipts]
        before = await self._parts.store.read(partial(find_mail, ids=[*ids, *told]))
        tally.ids += ids
        tally.known.update(id_ for id_ in ids if id_ in before)
        tally.ended.update(id_ for id_ in told if _waits(before.get(id_)))

    async def _take_files(self, path: Path, pouch: Pouch, tally: _Tally) -> None:
        maker, carriage = pouch.from_member, self._parts.carriage
        for place in (one for one in pouch.places if not one.is_frame):
            tally.counts.attachments += 1
            named = [EnvelopeId(one) for one in place.section.envelope_ids]
            stored = [id_ for id_ in named if await self._take_file(path, place, id_, maker)]
            tally.attachments += bool(stored)
            tally.left += not stored
            keys = [id_ + place.section.sha256 for id_ in stored]
            tally.owed += [Owed(maker, OwedKind.ATTACHMENT_STORED, key) for key in keys]
        for one in pouch.manifest.attachments_stored:
            await carriage.forget(maker, AttachmentRequest(envelope_id=one.envelope_id, address=one.address))

    async def _take_file(self, path: Path, place: Place, id_: EnvelopeId, maker: MemberId) -> bool:
        """Keep an attachment for one envelope that names it; return whether it is here now, or was and is fetched."""
        section = place.section
        if await self._parts.carriage.is_fetched(maker, id_, section.sha256):
            return True  # the pouch in which we said that it is here may be lost
        first = AttachmentPiece(envelope_id=id_, address=section.sha256, total_bytes=section.length)
        rest, complete = Rest(path, place), False
        try:
            async with aclosing(self._parts.carriage.take(maker, rest.all_of(first))) as positions:
                async for position in positions:
                    rest.offset, complete = position.offset, position.complete
        except (NotFoundError, BusyError, QuotaError):
            return False
        return complete


def _of_maker(frame: Frame, maker: MemberId) -> Frame:
    """Return a frame with the papers of its maker alone: a relay believes nobody else's of him."""
    own = [one for one in frame.announcements if one.member == maker]
    del frame.announcements[:]
    frame.announcements.extend(own)
    return frame


def _waits(mail: NumberedMail | None) -> bool:
    return mail is not None and mail.state is State.WAITING


def _owed_of(answer: Frame, own: MemberId, maker: MemberId) -> Iterator[Owed]:
    """Yield what a stream would have said to the maker; custody is proved anew in the pouch that says it."""
    for receipt in answer.receipts:
        if receipt.from_member == own:
            yield Owed(maker, OwedKind.RECEIPT, receipt.envelope_id)
    for id_ in answer.receipts_stored:
        yield Owed(maker, OwedKind.RECEIPT_STORED, id_)
    for kind in (OwedKind.EXPIRY, OwedKind.STATUS, OwedKind.CONSISTENCY):
        for one in getattr(answer, kind.value):
            data = one.SerializeToString()
            yield Owed(maker, kind, hashlib.sha256(data).digest(), data)


def _note(connection: Connection, pouch: Pouch, tally: _Tally, now: int) -> None:
    said = pouch.manifest
    record = PouchRecord(
        pouch.from_member, Way.CAME, said.number, said.parts, len(said.envelopes), said.made_at, taken_at=now
    )
    book = open_book(connection)
    book.keep_came(record, said.part)
    book.owe(tally.owed)


def _tell(connection: Connection, pouch: Pouch, tally: _Tally) -> UnpackingResult:
    said = pouch.manifest
    here = find_mail(connection, tally.ids)
    others = [one for one in said.envelopes if one.part != said.part]
    also = find_mail(connection, [one.envelope_id for one in others])
    ended = find_mail(connection, sorted(tally.ended)).values()
    left = [(id_, tally.codes.get(id_, "")) for id_ in tally.ids if id_ not in here]
    waits = [(id_, code) for id_, code in left if _may_succeed(code)]
    return UnpackingResult(
        summary=summary_of(said, tally.counts),
        fresh=sum(id_ not in tally.known for id_ in here),
        held=0,
        duplicates=len(tally.known),
        refused=len(left) - len(waits),
        put_off=[PutOff(envelope_id=id_, code=code) for id_, code in waits],
        answered=sum(one.state is State.DELIVERED for one in ended),
        attachments=tally.attachments,
        attachments_left=tally.left,
        missing=[one for one in others if one.envelope_id not in also],
        missing_pouches=numbers_missing(open_book(connection).all(pouch.from_member), said.number),
    )


def _may_succeed(code: str) -> bool:
    kind = error_class(code)
    return kind is not None and issubclass(kind, TheRoad)

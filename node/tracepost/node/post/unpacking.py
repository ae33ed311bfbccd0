"""Takes a pouch in: judges the whole file, then does with each frame what is done with one of a stream.

    steps 1-7  who made it, for whom, when        ┐ nothing is kept of a file
    steps 8-10 every byte, every frame, the list  ┘ that fails one of them
    frames, in their order, through a `Line`: papers, proofs, receipts, marks, mail
    attachments, as if their sender brought them
    what the line would have answered is owed in our next pouch

Any of it may break off: what was kept is kept, and the same file taken again has no second effect.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.carrier import Carrier
from tracepost.node.post.continuity import Continuity
from tracepost.node.post.line import Line
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import MailState
from tracepost.protocol.errors import BusyError, NotFoundError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.pouch import Place, Pouch
from tracepost.serving.pouch_files import summary_of
from tracepost.serving.pouch_reading import Rest, check_content, count_frame, frame_at, verify_file
from tracepost.serving.pouch_records import Owed, OwedKind, PouchRecord, Way, numbers_missing
from tracepost.wire.v1.post_pb2 import AttachmentPiece, Frame
from tracepost.wire.v1.pouch_pb2 import PouchSummary, PutOff, UnpackingResult

MakeLine = Callable[[MemberId], Line]
"""Makes what takes the frames of a pouch that a member made."""

_ANSWERED: Final = (MailState.DELIVERED, MailState.REFUSED)


@dataclass(slots=True)
class _Tally:
    """What came of a pouch so far."""

    counts: PouchSummary = field(default_factory=PouchSummary)
    ids: list[EnvelopeId] = field(default_factory=list)
    known: set[EnvelopeId] = field(default_factory=set)
    told: dict[EnvelopeId, MailState | None] = field(default_factory=dict)
    receipts_stored: list[bytes] = field(default_factory=list)
    attachments: int = 0
    left: int = 0
    owed: list[Owed] = field(default_factory=list)
    codes: dict[bytes, str] = field(default_factory=dict)


class Unpacking:
    """One per process; one pouch at a time."""

    def __init__(
        self,
        *,
        us: MemberId,
        domain: str,
        papers: Papers,
        store: Store,
        continuity: Continuity,
        carrier: Carrier,
        make_line: MakeLine,
        require: Callable[[MemberId], None],
        clock: Callable[[], int],
    ) -> None:
        """Use `require` to raise for members that no mail is exchanged with now."""
        self._require = require
        self._us = us
        self._domain = domain
        self._papers = papers
        self._store = store
        self._continuity = continuity
        self._carrier = carrier
        self._make_line = make_line
        self._clock = clock
        self._turn = asyncio.Lock()

    async def unpack(self, path: Path, by: str) -> UnpackingResult:
        """Take in the file at `path`, which the officer of label `by` brought.

        Raises:
            PouchError, IdentityError, TrustError, EvidenceError: nothing of it was kept.
            StaleTrustError: the trust list here is too old to judge by.
        """
        async with self._turn:
            now = self._clock()
            self._papers.trust.require_live(now)
            pouch = await asyncio.to_thread(
                verify_file, path, self._papers, us=self._us, domain=self._domain, now=now
            )
            self._continuity.refuse_stopped(pouch.from_member)
            self._require(pouch.from_member)
            await asyncio.to_thread(check_content, path, pouch)
            tally = _Tally()
            await self._take_frames(path, pouch, tally)
            await self._take_files(path, pouch, tally)
            await self._store.write(lambda tx: self._note(tx, pouch, tally, by), label="pouch-unpack")
            self._carrier.wake()
            return await self._store.read(lambda tx: _tell(tx, pouch, tally))

    # ── taking ───────────────────────────────────────────────────────────────────────

    async def _take_frames(self, path: Path, pouch: Pouch, tally: _Tally) -> None:
        line = self._make_line(pouch.from_member)
        for place in (one for one in pouch.places if one.is_frame):
            frame = await asyncio.to_thread(frame_at, path, place)
            ids = [EnvelopeId(hashlib.sha256(one.header).digest()) for one in frame.envelopes]
            told = [EnvelopeId(one.envelope_id) for one in frame.receipts]
            known, before = await self._store.read(partial(_look, ids=ids, told=told))
            tally.known |= known
            tally.told |= before
            tally.ids += ids
            tally.receipts_stored += frame.receipts_stored
            count_frame(tally.counts, frame)
            await line.take_whole(frame)
        line.stream.outgoing.close()
        while (answer := await line.stream.outgoing.next_frame()) is not None:
            tally.owed += _owed_of(answer, pouch.from_member)
            tally.codes |= {one.envelope_id: one.code for one in answer.statuses}

    async def _take_files(self, path: Path, pouch: Pouch, tally: _Tally) -> None:
        maker = pouch.from_member
        for place in (one for one in pouch.places if not one.is_frame):
            tally.counts.attachments += 1
            named = [EnvelopeId(one) for one in place.section.envelope_ids]
            stored = [id_ for id_ in named if await self._take_file(path, place, id_, maker)]
            tally.attachments += bool(stored)
            tally.left += not stored
            tally.owed += [
                Owed(maker, OwedKind.ATTACHMENT_STORED, id_ + place.section.sha256) for id_ in stored
            ]
        for one in pouch.manifest.attachments_stored:
            await self._carrier.handed_over(maker, EnvelopeId(one.envelope_id), one.address)

    async def _take_file(self, path: Path, place: Place, id_: EnvelopeId, maker: MemberId) -> bool:
        """Store an attachment for one envelope that names it; return whether it is here now."""
        section = place.section
        first = AttachmentPiece(envelope_id=id_, address=section.sha256, total_bytes=section.length)
        rest, complete = Rest(path, place), False
        try:
            async with aclosing(self._carrier.take(maker, first, rest.pieces(), by_pouch=True)) as positions:
                async for position in positions:
                    rest.offset, complete = position.offset, position.complete
        except (NotFoundError, BusyError):
            return False
        return complete

    def _note(self, tx: Tx, pouch: Pouch, tally: _Tally, by: str) -> None:
        said, maker, now = pouch.manifest, pouch.from_member, self._clock()
        record = PouchRecord(
            maker, Way.CAME, said.number, said.parts, len(said.envelopes), said.made_at, taken_at=now
        )
        tx.pouches.keep_came(record, said.part)
        tx.pouches.settle(maker, OwedKind.RECEIPT, tally.receipts_stored)
        tx.pouches.owe(tally.owed)
        tx.peers.note_contact(maker, now)
        name = f"number-{said.number}-part-{said.part}"
        tx.audit.append([AuditEvent(now, by, "pouch-unpack", maker, name)])


def _look(
    tx: Tx, ids: Sequence[EnvelopeId], told: Sequence[EnvelopeId]
) -> tuple[set[EnvelopeId], dict[EnvelopeId, MailState | None]]:
    """Return which envelopes were answered before, and how ours stand that receipts are about."""
    mails = tx.dispatches.find(told)
    return set(tx.inbox.answered(ids)), {id_: mails[id_].state if id_ in mails else None for id_ in told}


def _owed_of(answer: Frame, maker: MemberId) -> Iterator[Owed]:
    """Yield what a stream would have said to the maker."""
    for receipt in answer.receipts:
        yield Owed(maker, OwedKind.RECEIPT, receipt.envelope_id, receipt.to_member.encode("ascii"))
    for id_ in answer.receipts_stored:
        yield Owed(maker, OwedKind.RECEIPT_STORED, id_)
    for id_ in answer.expiries_stored:
        yield Owed(maker, OwedKind.EXPIRY_STORED, id_)
    for proof in answer.consistency:
        data = proof.SerializeToString()
        yield Owed(maker, OwedKind.CONSISTENCY, hashlib.sha256(data).digest(), data)


def _tell(tx: Tx, pouch: Pouch, tally: _Tally) -> UnpackingResult:
    answers = tx.inbox.answered(tally.ids)
    fresh = [id_ for id_ in answers if id_ not in tally.known]
    here = tx.inbox.find(fresh)
    now_told = tx.dispatches.find(list(tally.told))
    others = [one for one in pouch.manifest.envelopes if one.part != pouch.manifest.part]
    also = tx.inbox.answered([EnvelopeId(one.envelope_id) for one in others])
    return UnpackingResult(
        summary=summary_of(pouch.manifest, tally.counts),
        fresh=sum(answers[id_].accepted for id_ in fresh),
        held=sum(mail.state is MailState.HELD for mail in here.values()),
        duplicates=len(tally.known & set(tally.ids)),
        refused=sum(not answers[id_].accepted for id_ in fresh),
        put_off=[
            PutOff(envelope_id=id_, code=tally.codes.get(id_, "")) for id_ in tally.ids if id_ not in answers
        ],
        answered=sum(
            mail.state in _ANSWERED and tally.told[id_] not in _ANSWERED for id_, mail in now_told.items()
        ),
        attachments=tally.attachments,
        attachments_left=tally.left,
        missing=[one for one in others if EnvelopeId(one.envelope_id) not in also],
        missing_pouches=numbers_missing(tx.pouches.all(pouch.from_member), pouch.manifest.number),
    )

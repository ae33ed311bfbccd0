"""Carries attachments in the background: ours to the relay of their road or to the addressee, theirs from the relay.

    envelope accepted there  →  PushAttachment, from the byte on that is missing there      →  handed over
    envelope accepted here   →  FetchAttachment, from the byte on that is missing here
                                → compared with the address → on the disk → ConfirmAttachment →  here

Nobody waits for it: the mail is receipted and read meanwhile. Each other side has a task of its own, so
that a slow one delays nobody else; what breaks off is gone on with after a back-off, here and after a
restart. Memory holds one piece. On a direct road the addressee is pushed to, since who can be dialled is
dialled; what is pushed to us comes in by `take`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

import grpc
import structlog

from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.leasing import Turn, always
from tracepost.node.records.mail import Journey, MailState
from tracepost.node.records.statements import AttachmentRecord, Direction
from tracepost.protocol.errors import (
    BusyError,
    InternalError,
    InvalidInputError,
    NotFoundError,
    TracepostError,
    UnreachableError,
)
from tracepost.protocol.ids import DIRECT, EnvelopeId, MemberId
from tracepost.serving.pieces import append, push_pieces, read_first, store_pieces
from tracepost.serving.problems import error_of_call
from tracepost.serving.storage.blobs import BlobName, BlobPart, Blobs
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentPosition, AttachmentRequest
from tracepost.wire.v1.post_pb2_grpc import PostStub

_log = structlog.get_logger()

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
_LOOK_AGAIN_S = 10.0  # mail that an officer has taken up, and what nobody told us of
_CALM_S = 0.2  # each frame of mail is news, and each look asks the store

OpenChannel = Callable[[MemberId, str], grpc.aio.Channel]
"""Opens a channel to the node of a member at an address."""


class Carrier:
    """Used on the event loop. `run` returns when it is cancelled."""

    def __init__(
        self,
        *,
        relays: Mapping[MemberId, str],
        papers: Papers,
        store: Store,
        blobs: Blobs,
        open_channel: OpenChannel,
        clock: Callable[[], int],
        jitter: Callable[[], float],
        turn: Turn = always,
    ) -> None:
        self._relays = relays
        self._papers = papers
        self._store = store
        self._blobs = blobs
        self._open_channel = open_channel
        self._clock = clock
        self._jitter = jitter
        self._turn = turn
        self._news = asyncio.Event()
        self._tasks: dict[MemberId, asyncio.Task[None]] = {}
        self._contact: dict[MemberId, asyncio.Event] = {}

    def wake(self) -> None:
        """Mail came, or news of ours: something may be to carry."""
        self._news.set()

    def met(self, peer: MemberId) -> None:
        """The other side is there: do not wait out a back-off."""
        if peer in self._contact:
            self._contact[peer].set()

    async def run(self) -> None:
        """Carry what there is to carry, until cancelled."""
        try:
            while True:
                self._news.clear()
                await self._look()
                await _wait(self._news, _LOOK_AGAIN_S)
                await asyncio.sleep(_CALM_S)
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> None:
        try:
            waiting = await self._waiting()
        except TracepostError as error:  # it is looked again
            _log.warning("carrier-store", code=error.code, reason=error.reason)
            return
        for peer in {_other_side(one) for one in waiting}:
            if peer not in self._tasks:
                self._start(peer)

    async def take(
        self,
        peer: MemberId,
        first: AttachmentPiece,
        pieces: AsyncIterator[AttachmentPiece],
        *,
        by_pouch: bool = False,
    ) -> AsyncGenerator[AttachmentPosition, None]:
        """Store an attachment that `peer` brings beside an envelope of its own; yield how far it is.

        Raises:
            NotFoundError: no envelope that it sent us directly, or in a pouch by any road, names it.
            BusyError: the envelope is held for an officer; nothing of it comes before it is taken up.
        """
        record = await self._store.read(partial(_expected, first=first, peer=peer, by_pouch=by_pouch))
        record = await self._note(record, size=first.total_bytes)
        positions = store_pieces(self._blobs, BlobName(record.address), first, pieces)
        async with aclosing(positions):
            async for position in positions:
                if position.complete:
                    await self._note(record, passage=Journey.DONE)
                yield position

    async def handed_over(self, peer: MemberId, envelope_id: EnvelopeId, address: bytes) -> None:
        """Note that an attachment of ours is with its addressee, or its relay, who says so in a pouch."""
        record = await self._store.read(lambda tx: tx.attachments.find(envelope_id, address))
        if record is None or record.direction is not Direction.OURS:
            return
        if peer in (record.member, record.via):
            await self._note(record, passage=Journey.DONE, reason="")

    # ── one other side ───────────────────────────────────────────────────────────────

    def _start(self, peer: MemberId) -> None:
        self._contact[peer] = asyncio.Event()
        task = self._tasks[peer] = asyncio.create_task(self._serve(peer), name=f"carrier-{peer}")
        task.add_done_callback(lambda _: self._end(peer))

    def _end(self, peer: MemberId) -> None:
        self._tasks.pop(peer, None)
        self._contact.pop(peer, None)
        self._news.set()  # what came while the task was ending

    async def _serve(self, peer: MemberId) -> None:
        try:
            async with self._turn(f"attachments/{peer}"):
                await self._carry(peer)
        except TracepostError as error:  # our own store; what waits still waits
            _log.warning("carrier-store", member=peer, code=error.code, reason=error.reason)

    async def _carry(self, peer: MemberId) -> None:
        wait, contact = FIRST_WAIT_S, self._contact[peer]
        while waiting := [one for one in await self._waiting() if _other_side(one) == peer]:
            contact.clear()
            done = [await self._try(one) for one in waiting]
            if any(done):
                wait = FIRST_WAIT_S
            if not all(done):
                if await _wait(contact, wait * (0.5 + self._jitter())):
                    wait = FIRST_WAIT_S
                else:
                    wait = min(wait * 2, LONGEST_WAIT_S)

    async def _try(self, record: AttachmentRecord) -> bool:
        try:
            await (self._push(record) if record.direction is Direction.OURS else self._fetch(record))
        except TracepostError as error:
            problem = error
        except Exception as error:  # noqa: BLE001 - one attachment's fault must not end the carrier
            _log.error("carrier-fault", member=_other_side(record), exc_info=error)
            problem = InternalError()
        else:
            await self._note(record, passage=Journey.DONE, reason="")
            return True
        _log.info("attachment-waits", member=_other_side(record), code=problem.code, reason=problem.reason)
        await self._note(record, reason=problem.code)
        return False

    async def _push(self, record: AttachmentRecord) -> None:
        async with self._post(record) as post:
            await push_pieces(
                post.PushAttachment(), self._blobs, BlobName(record.address), record.envelope_id
            )

    async def _fetch(self, record: AttachmentRecord) -> None:
        name = BlobName(record.address)
        async with self._post(record) as post:
            found = self._blobs.find(name)
            if found is None or not found.is_whole:
                await self._fetch_rest(post, record, found.length if found else 0)
            request = AttachmentRequest(envelope_id=record.envelope_id, address=record.address)
            try:
                await post.ConfirmAttachment(request)
            except grpc.aio.AioRpcError as error:
                raise error_of_call(error) from None

    async def _fetch_rest(self, post: Any, record: AttachmentRecord, offset: int) -> None:
        request = AttachmentRequest(envelope_id=record.envelope_id, address=record.address, offset=offset)
        call = post.FetchAttachment(request)
        try:
            pieces = aiter(call)
            first = await read_first(pieces)
            await self._note(record, size=first.total_bytes)
            with await asyncio.to_thread(
                self._blobs.write, BlobName(record.address), first.total_bytes
            ) as part:
                await _fill(part, pieces, offset)
        except grpc.aio.AioRpcError as error:
            raise error_of_call(error) from None
        finally:
            call.cancel()

    # ── what is known ────────────────────────────────────────────────────────────────

    async def _waiting(self) -> list[AttachmentRecord]:
        def read(tx: Tx) -> list[AttachmentRecord]:
            # What comes on a direct road is pushed to us.
            return [*tx.attachments.leaving(), *(one for one in tx.attachments.coming() if one.via != DIRECT)]

        return await self._store.read(read)

    async def _note(self, record: AttachmentRecord, **changes: Any) -> AttachmentRecord:
        """Keep what is known now of an attachment; an end, or a deletion, that came meanwhile is not undone."""

        def note(tx: Tx) -> AttachmentRecord:
            known = tx.attachments.find(record.envelope_id, record.address)
            if known is None or known.passage is not Journey.WAITING:
                return known or record
            changed = replace(known, **changes)
            if changed != known:
                changed = replace(changed, changed_at=self._clock())
                tx.attachments.put(changed)
            return changed

        return await self._store.write(note, label="attachment")

    def _post(self, record: AttachmentRecord) -> _Post:
        peer = _other_side(record)
        return _Post(self._open_channel(peer, self._address(record, peer)))

    def _address(self, record: AttachmentRecord, peer: MemberId) -> str:
        if record.via != DIRECT:
            address = self._relays.get(peer, "")
        else:
            entry = self._papers.entry(peer)
            address = entry.direct_address if entry else ""
        if not address:
            raise UnreachableError(f"no address of {peer} is known", reason="no-address")
        return address


class _Post:
    """A stub of the other side's post, on a channel of its own."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def __aenter__(self) -> Any:
        return PostStub(self._channel)

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()


async def _fill(part: BlobPart, pieces: AsyncIterator[AttachmentPiece], offset: int) -> None:
    if part.offset != offset:
        raise BusyError("the attachment was written meanwhile", reason="being-written")
    async for piece in pieces:
        await append(part, piece.data)
    await asyncio.to_thread(part.finish)


def _expected(tx: Tx, first: AttachmentPiece, peer: MemberId, *, by_pouch: bool) -> AttachmentRecord:
    record = tx.attachments.find(EnvelopeId(first.envelope_id), first.address)
    may_bring = record is not None and peer in ({record.member, record.via} if by_pouch else {record.member})
    is_theirs = record is not None and record.direction is Direction.THEIRS and may_bring
    by_this_road = record is not None and (by_pouch or record.via == DIRECT)
    if record is None or not (is_theirs and by_this_road) or record.passage is Journey.FAILED:
        raise NotFoundError("no mail of yours names this attachment", where="address", reason="not-named")
    mail = tx.inbox.find([record.envelope_id]).get(record.envelope_id)
    if mail is None or mail.state not in (MailState.DELIVERED, MailState.TAKEN_UP):
        raise BusyError("the mail waits for an officer", reason="mail-held")
    if record.size not in (None, first.total_bytes):
        raise InvalidInputError("the attachment was announced with another length", where="total_bytes")
    return record


def _other_side(record: AttachmentRecord) -> MemberId:
    return record.member if record.via == DIRECT else MemberId(record.via)


async def _wait(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event`, so many seconds at most; return whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True

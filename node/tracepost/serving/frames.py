"""Streams of frames with natural batching: a frame takes what is waiting when the last one has gone.

There is no timer. `FrameQueue` holds what is to leave on one stream; whoever has an
envelope, a receipt or a status puts it there and goes on. The stream's writer asks for the
next frame whenever the transport has taken the one before, and gets everything that has
come together meanwhile, up to `FrameLimits`: under load frames grow, when idle each thing
leaves alone and at once.

A frame is no longer than what the line takes in half a second: on a thin line what is urgent does
not stand behind much. Urgent mail leaves before routine mail, of which a little goes all the same
while both wait.

`FrameStream` drives both directions of one stream and serves either end:

    stream = FrameStream(take, feeds=[empty_outbox])
    stream.outgoing.put_envelope(envelope)       # from anywhere on the event loop

    async for frame in stream.serve(requests):   # the serving end, an async generator handler
        yield frame
    await stream.dial(call)                      # the dialling end, a grpc.aio stream-stream call

`take(frame)` is awaited for each frame that comes in, one after the other, so a `take` that
waits for a commit lets the far side gather its next frame meanwhile: that is the batching
of the receiving end. It may return a `Rest`, which is done while the next frame is taken: one
frame is judged while the one before is committed. A feed fills the queue for as long as the stream lasts; one that
returns is done, one that raises ends the stream. `tests/unit/test_serving_frames.py` shows
the use of both ends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from tracepost.protocol.announced import NAME_LENGTH
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import BusyError, InvalidInputError, LimitError
from tracepost.protocol.ids import EnvelopeId
from tracepost.serving.linetime import Stopwatch
from tracepost.serving.problems import error_of_call, error_of_end
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import (
    Announcement,
    Aside,
    ConsistencyProof,
    ConsistencyRequest,
    Expiry,
    Frame,
    Receipt,
    RoadMark,
    StreamStatus,
)

Finish = Callable[[Frame], None]
"""Called with each frame just before it leaves: adds what is told once per frame (freshness, heads)."""

Rest = Callable[[], Awaitable[None]]
"""What is left to do for a frame when the next one may be looked at."""

Take = Callable[[Frame], Awaitable[Rest | None]]
Feed = Callable[[], Coroutine[Any, Any, None]]
FrameCall = grpc.aio.StreamStreamCall[Frame, Frame]

_BEFORE_MAIL = (
    "papers_held",
    "receipts_stored",
    "expiries_stored",
    "custody_asked",
    "receipts",
    "statuses",
    "expiries",
    "consistency",
    "consistency_wanted",
    "announcements",
    "marks",
    "asides",
)
"""Fields of `Frame`: what clears somebody's outbox or mailbox goes before new mail."""

_MAIL = "envelopes"
_KINDS = (*_BEFORE_MAIL, _MAIL)

_ITEM_OVERHEAD_BYTES = 8  # tag and length
_CLOGGED_FRAMES = 16
_LEAST_FRAME_BYTES = 16 * 1024
_FIRST_FRAME_BYTES = 64 * 1024
_FRAME_SECONDS = 0.5
_URGENT_WEIGHT = 8
"""While both wait, so many bytes of urgent mail leave for one of routine mail."""

_LAST_WORDS_S = 10.0
"""How long what still waits may take to leave when the work of a stream has ended."""


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """How much one frame holds at most. One single thing above `size_bytes` travels alone."""

    envelopes: int = 256
    announcements: int = 256
    others: int = 1024
    size_bytes: int = 768 * 1024  # measured: larger ones are hardly faster and cost each node 30 MB

    def count(self, kind: str) -> int:
        """Return how many things of this field of `Frame` travel together."""
        return {"envelopes": self.envelopes, "announcements": self.announcements}.get(kind, self.others)


def check_frame(frame: Frame, limits: FrameLimits | None = None) -> None:
    """Check the form of a frame that came in: how many of each thing, and the length of ids.

    What is in the things is for those who take them.

    Raises:
        LimitError: more of something than a frame may hold.
        InvalidInputError: an id that is no SHA-256.
    """
    for kind in _KINDS:
        if len(getattr(frame, kind)) > (limits or FrameLimits()).count(kind):
            raise LimitError("the frame holds too many things", where=kind)
    ids = [*frame.receipts_stored, *frame.expiries_stored, *frame.custody_asked]
    ids += [receipt.envelope_id for receipt in frame.receipts]
    ids += [expiry.envelope_id for expiry in frame.expiries]
    ids += [status.envelope_id for status in frame.statuses if status.HasField("envelope_id")]
    if any(len(one) != 32 for one in ids):
        raise InvalidInputError("an envelope id has 32 bytes", where="frame")
    if any(len(one) != NAME_LENGTH for one in frame.papers_held):
        raise InvalidInputError("a name of papers has 16 bytes", where="frame")


class FrameQueue:
    """What is to leave on one stream. Used on one event loop; putting never waits and never fails.

    After `close` what waits still leaves, and what is put later does not. A producer of much
    (a mailbox, an outbox) awaits `has_room` before it puts more, so that a slow peer holds
    up its own mail and nobody's memory.
    """

    def __init__(self, finish: Finish | None = None, limits: FrameLimits | None = None) -> None:
        self._finish = finish
        self._limits = limits or FrameLimits()
        self._lines: dict[str, deque[tuple[Any, int]]] = {kind: deque() for kind in _BEFORE_MAIL}
        self._mail: dict[Lane, deque[tuple[Envelope, int]]] = {lane: deque() for lane in Lane}
        self._mail_bytes = dict.fromkeys(Lane, 0)
        self._routine_credit = 0
        self._frame_bytes = min(_FIRST_FRAME_BYTES, self._limits.size_bytes)
        self._gathered_bytes = 0
        self._waiting_bytes = 0
        self._closed = False
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()

    @property
    def frame_bytes(self) -> int:
        """How long the next frame may be: what the line takes in half a second, as far as it was seen."""
        return self._frame_bytes

    @property
    def waiting_bytes(self) -> int:
        """Bytes of everything that has not left yet."""
        return self._waiting_bytes

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def put_envelope(self, envelope: Envelope, lane: Lane = Lane.ROUTINE) -> None:
        """Queue an envelope."""
        if not self._closed:
            size = envelope.ByteSize() + _ITEM_OVERHEAD_BYTES
            self._mail[lane].append((envelope, size))
            self._mail_bytes[lane] += size
            self._grow(size)

    def put_receipt(self, receipt: Receipt) -> None:
        """Queue a receipt; receipts leave before envelopes."""
        self._put("receipts", receipt, receipt.ByteSize())

    def put_held(self, name: bytes) -> None:
        """Queue the word that papers of this name are here already."""
        self._put("papers_held", name, len(name))

    def put_stored(self, envelope_id: EnvelopeId) -> None:
        """Queue the word that the delivery receipt of this envelope is stored here."""
        self._put("receipts_stored", envelope_id, len(envelope_id))

    def put_expiry_stored(self, envelope_id: EnvelopeId) -> None:
        """Queue the word that the expiry of this envelope is stored here."""
        self._put("expiries_stored", envelope_id, len(envelope_id))

    def put_custody_question(self, envelope_id: EnvelopeId) -> None:
        """Queue the question whether a relay still keeps this envelope."""
        self._put("custody_asked", envelope_id, len(envelope_id))

    def put_status(self, status: StreamStatus) -> None:
        """Queue a status."""
        self._put("statuses", status, status.ByteSize())

    def put_expiry(self, expiry: Expiry) -> None:
        """Queue the notice that mail expired."""
        self._put("expiries", expiry, expiry.ByteSize())

    def put_consistency(self, proof: ConsistencyProof) -> None:
        """Queue a proof that a log only grows."""
        self._put("consistency", proof, proof.ByteSize())

    def put_question(self, wanted: ConsistencyRequest) -> None:
        """Queue the question for such a proof."""
        self._put("consistency_wanted", wanted, wanted.ByteSize())

    def put_announcement(self, announcement: Announcement) -> None:
        """Queue a member's papers."""
        self._put("announcements", announcement, announcement.ByteSize())

    def put_mark(self, mark: RoadMark) -> None:
        """Queue a member's word on how many numbers it gave on a road."""
        self._put("marks", mark, mark.ByteSize())

    def put_aside(self, aside: Aside) -> None:
        """Queue what a node says to another by a relay."""
        self._put("asides", aside, aside.ByteSize())

    def close(self) -> None:
        """Let no more in; the stream ends when what waits has left."""
        self._closed = True
        self._changed.set()
        self._taken.set()

    async def has_room(self, below_bytes: int | None = None) -> None:
        """Wait until fewer than `below_bytes` (two frames, if not given) wait, or the queue is closed."""
        await self._room(lambda: self._waiting_bytes, below_bytes)

    async def has_room_for(self, lane: Lane) -> None:
        """Wait until less than two frames of envelopes of `lane` wait, or the queue is closed."""
        await self._room(lambda: self._mail_bytes[lane], None)

    def takes(self, lane: Lane) -> bool:
        """Say whether an envelope of `lane` may be put now, and would leave."""
        return not self._closed and self._mail_bytes[lane] < 2 * self._frame_bytes

    def note_pace(self, seconds: float) -> None:
        """Take note of how long the last frame took to leave; the next one is as long as suits the line."""
        fitting = int(self._gathered_bytes * _FRAME_SECONDS / max(seconds, 1e-6))
        longest = 2 * self._frame_bytes
        # One word that left within its time says nothing, however long that was for so little.
        if seconds > _FRAME_SECONDS or self._gathered_bytes >= self._frame_bytes // 2:
            least = min(_LEAST_FRAME_BYTES, self._limits.size_bytes)
            self._frame_bytes = max(least, min(fitting, longest, self._limits.size_bytes))

    async def next_frame(self) -> Frame | None:
        """Return a frame of what waits, waiting while there is nothing; None when closed and empty."""
        while not self._waiting_bytes:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        frame = self._gather()
        self._taken.set()
        if self._finish is not None:
            self._finish(frame)
        return frame

    async def _room(self, waiting: Callable[[], int], below_bytes: int | None) -> None:
        while not self._closed:
            limit = 2 * self._frame_bytes if below_bytes is None else below_bytes
            if waiting() < limit:
                return
            self._taken.clear()
            await self._taken.wait()

    def _put(self, kind: str, thing: object, size: int) -> None:
        if not self._closed:
            self._lines[kind].append((thing, size + _ITEM_OVERHEAD_BYTES))
            self._grow(size + _ITEM_OVERHEAD_BYTES)

    def _grow(self, size: int) -> None:
        self._waiting_bytes += size
        self._changed.set()

    def _gather(self) -> Frame:
        room = size = self._frame_bytes
        # A flood of receipts leaves some room for mail, which is what they answer.
        floor = size // 4 if any(self._mail.values()) else 0
        taken: dict[str, Any] = {}
        for kind in _BEFORE_MAIL:
            taken[kind], room = self._gather_kind(kind, room, floor)
        taken[_MAIL], room = self._gather_mail(room)
        self._gathered_bytes = size - room
        self._waiting_bytes -= self._gathered_bytes
        return Frame(**taken)

    def _gather_kind(self, kind: str, room: int, floor: int) -> tuple[list[Any], int]:
        line = self._lines[kind]
        taken: list[Any] = []
        while line and len(taken) < self._limits.count(kind):
            thing, size = line[0]
            if size > room - floor and room < self._frame_bytes:
                break  # something is in the frame already: this waits for the next one
            line.popleft()
            taken.append(thing)
            room -= size
        return taken, room

    def _gather_mail(self, room: int) -> tuple[list[Envelope], int]:
        taken: list[Envelope] = []
        while any(self._mail.values()) and len(taken) < self._limits.count(_MAIL):
            lane = self._next_lane()
            envelope, size = self._mail[lane][0]
            if size > room and room < self._frame_bytes:
                break
            self._mail[lane].popleft()
            self._mail_bytes[lane] -= size
            self._count_turn(lane, size)
            taken.append(envelope)
            room -= size
        return taken, room

    def _next_lane(self) -> Lane:
        routine, urgent = self._mail[Lane.ROUTINE], self._mail[Lane.URGENT]
        if routine and urgent:
            return Lane.ROUTINE if self._routine_credit >= routine[0][1] else Lane.URGENT
        return Lane.URGENT if urgent else Lane.ROUTINE

    def _count_turn(self, lane: Lane, size: int) -> None:
        """Let routine mail earn its turn by the urgent mail that goes before it."""
        if lane is Lane.ROUTINE:
            self._routine_credit = max(0, self._routine_credit - size)
        elif self._mail[Lane.ROUTINE]:
            self._routine_credit += max(1, size // _URGENT_WEIGHT)


class FrameStream:
    """Both directions of one stream, for the end that serves and the end that dials. Used once.

    Args:
        take: awaited for each frame that comes in, and what it returns before that of the next one;
            what either raises ends the stream.
        feeds: fill `outgoing` for as long as the stream lasts.
        finish: completes each frame that leaves.
        leaving: once set, the frame in hand is finished, `busy` is told, what waits leaves, the stream ends.
    """

    def __init__(
        self,
        take: Take,
        *,
        feeds: Sequence[Feed] = (),
        finish: Finish | None = None,
        leaving: asyncio.Event | None = None,
        limits: FrameLimits | None = None,
    ) -> None:
        self._limits = limits or FrameLimits()
        self.outgoing = FrameQueue(finish, self._limits)
        self._take = take
        self._feeds = feeds
        self._leaving = leaving
        self._left = asyncio.Event()
        self.dials = False
        self._taking = asyncio.Lock()
        self._rests: asyncio.Queue[Rest] = asyncio.Queue()

    def leave(self) -> None:
        """End the stream as `leaving` does."""
        self._left.set()

    async def serve(self, incoming: AsyncIterable[Frame]) -> AsyncGenerator[Frame, None]:
        """Yield the frames that leave until the caller is done or `leaving`; raise what ended the stream."""
        async with self._working(incoming) as work:
            while (frame := await self.outgoing.next_frame()) is not None:
                with Stopwatch() as watch:
                    yield frame
                self.outgoing.note_pace(watch.seconds)
            await work

    async def dial(self, call: FrameCall) -> None:
        """Run the stream over `call` until either side ends it.

        Raises:
            TracepostError: what the other side ended the call with, or `UnreachableError`.
        """
        self.dials = True
        try:
            async with self._working(call) as work:
                await self._write_beside(call, work)
                await work
        except grpc.aio.AioRpcError as error:
            raise error_of_call(error) from None
        except (asyncio.InvalidStateError, grpc.aio.InternalError):
            # Written, or said to be all that is written, when the other side had ended the call.
            await _raise_for(call)
        finally:
            call.cancel()

    async def _write_beside(self, call: FrameCall, work: asyncio.Task[None]) -> None:
        """Write until all is written, the call is over, or what waits does not leave after the work has ended."""
        writing = asyncio.create_task(self._write(call))
        try:
            await asyncio.wait([work, writing], return_when=asyncio.FIRST_COMPLETED)
            # gRPC never wakes who writes to a call that was over before it had begun.
            await asyncio.wait([writing], timeout=_LAST_WORDS_S)
        finally:
            writing.cancel()
            await asyncio.wait([writing])
        if not writing.cancelled():  # gRPC ends the whole call with its reader, and cancels who writes
            writing.result()

    async def _write(self, call: FrameCall) -> None:
        while (frame := await self.outgoing.next_frame()) is not None:
            with Stopwatch() as watch:
                await call.write(frame)
            self.outgoing.note_pace(watch.seconds)
        await call.done_writing()

    @asynccontextmanager
    async def _working(self, incoming: AsyncIterable[Frame]) -> AsyncIterator[asyncio.Task[None]]:
        work = asyncio.create_task(self._work(incoming))
        try:
            yield work
        finally:
            work.cancel()
            # Not `await work` under `suppress`: that would swallow the cancelling of our own task too.
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()  # told already, or of no interest now

    async def _work(self, incoming: AsyncIterable[Frame]) -> None:
        """Run reader and feeds side by side; the reader's end, or any failure, closes the queue."""
        reader = asyncio.create_task(self._read(incoming))
        tasks = {reader, *(asyncio.create_task(feed()) for feed in (self._do_rests, *self._feeds))}
        for leaving in filter(None, (self._left, self._leaving)):
            tasks.add(asyncio.create_task(self._leave(leaving, reader)))
        try:
            waiting = tasks
            while reader in waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done - _ended_by_us(done):
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.outgoing.close()

    async def _read(self, incoming: AsyncIterable[Frame]) -> None:
        async for frame in incoming:
            # A peer that brings much and reads nothing is not read either.
            await self.outgoing.has_room(_CLOGGED_FRAMES * self._limits.size_bytes)
            async with self._taking:
                rest = await self._take(frame)
                await self._rests.join()
                if rest is not None:
                    self._rests.put_nowait(rest)
            if self._left.is_set() or (self._leaving is not None and self._leaving.is_set()):
                break
        await self._rests.join()

    async def _do_rests(self) -> None:
        while True:
            rest = await self._rests.get()
            await rest()
            self._rests.task_done()

    async def _leave(self, leaving: asyncio.Event, reader: asyncio.Task[None]) -> None:
        await leaving.wait()
        async with self._taking:  # not in the middle of a frame
            await self._rests.join()
            self.outgoing.put_status(StreamStatus(code=BusyError.code))
            self.outgoing.close()
            reader.cancel()


def is_given_up() -> bool:
    """Say whether the task that asks was told to end; gRPC cancels who writes to a call that is over."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _ended_by_us(tasks: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    return {task for task in tasks if task.cancelled()}


async def _raise_for(call: FrameCall) -> None:
    """Raise what ended `call`; nothing, if it ended well."""
    code = await call.code()
    if code is not grpc.StatusCode.OK:
        raise error_of_end(code, await call.trailing_metadata()) from None

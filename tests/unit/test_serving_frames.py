"""Streams of frames: what waits leaves together, in order, within limits, and nothing is lost at the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
import pytest

from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import (
    IdentityError,
    InvalidInputError,
    LimitError,
    StoreError,
    UnreachableError,
)
from tracepost.protocol.ids import EnvelopeId
from tracepost.protocol.problems import METADATA_KEY, encode_problem
from tracepost.serving.frames import FrameLimits, FrameQueue, FrameStream, Rest, check_frame
from tracepost.serving.linetime import Stopwatch
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Announcement, Expiry, Frame, Receipt, StreamStatus

ID = EnvelopeId(bytes(32))


def envelope(number: int, size: int = 10) -> Envelope:
    return Envelope(header=number.to_bytes(4), body=bytes(size))


def numbers(frames: Iterable[Frame]) -> list[list[int]]:
    return [[int.from_bytes(one.header) for one in frame.envelopes] for frame in frames]


async def settle() -> None:
    """Let everything run that can run by itself, however busy the machine is."""
    for _ in range(200):
        await asyncio.sleep(0)


async def drained(queue: FrameQueue) -> list[Frame]:
    queue.close()
    frames = []
    while (frame := await queue.next_frame()) is not None:
        frames.append(frame)
    return frames


class TestQueue:
    async def test_a_single_thing_leaves_alone_and_at_once(self) -> None:
        queue = FrameQueue()
        waiting = asyncio.create_task(queue.next_frame())
        await asyncio.sleep(0)
        queue.put_envelope(envelope(1))
        frame = await waiting
        assert frame is not None
        assert numbers([frame]) == [[1]]
        assert queue.waiting_bytes == 0

    async def test_what_comes_while_a_frame_is_under_way_leaves_together(self) -> None:
        queue = FrameQueue()
        queue.put_envelope(envelope(1))
        first = await queue.next_frame()
        for number in (2, 3, 4):
            queue.put_envelope(envelope(number))
        second = await queue.next_frame()
        assert first is not None
        assert second is not None
        assert numbers([first, second]) == [[1], [2, 3, 4]]

    async def test_a_frame_holds_no_more_than_its_limits(self) -> None:
        queue = FrameQueue(limits=FrameLimits(envelopes=2))
        for number in range(5):
            queue.put_envelope(envelope(number))
        assert numbers(await drained(queue)) == [[0, 1], [2, 3], [4]]

    async def test_a_frame_ends_where_the_bytes_do_and_one_large_thing_goes_alone(self) -> None:
        queue = FrameQueue(limits=FrameLimits(size_bytes=1000))
        for number, size in enumerate((400, 400, 400, 5000, 10)):
            queue.put_envelope(envelope(number, size))
        assert numbers(await drained(queue)) == [[0, 1], [2], [3], [4]]

    async def test_receipts_leave_before_envelopes_and_every_kind_finds_its_field(self) -> None:
        queue = FrameQueue(limits=FrameLimits(size_bytes=300))
        queue.put_envelope(envelope(1, 250))
        queue.put_announcement(Announcement(member="xaa"))
        queue.put_expiry(Expiry(envelope_id=ID))
        queue.put_status(StreamStatus(code="busy"))
        queue.put_receipt(Receipt(envelope_id=ID))
        queue.put_stored(ID)
        first, second = await drained(queue)
        assert (len(first.receipts), list(first.receipts_stored), len(first.statuses)) == (1, [ID], 1)
        assert (len(first.expiries), len(first.announcements), len(first.envelopes)) == (1, 1, 0)
        assert numbers([second]) == [[1]]

    async def test_what_is_told_once_per_frame_is_added_last(self) -> None:
        def finish(frame: Frame) -> None:
            frame.freshness.crl_number = len(frame.envelopes)

        queue = FrameQueue(finish)
        queue.put_envelope(envelope(1))
        (frame,) = await drained(queue)
        assert frame.freshness.crl_number == 1

    async def test_nothing_is_let_in_after_the_close(self) -> None:
        queue = FrameQueue()
        queue.put_envelope(envelope(1))
        queue.close()
        queue.put_envelope(envelope(2))
        assert numbers(await drained(queue)) == [[1]]

    async def test_a_producer_waits_for_room_until_frames_leave_or_the_queue_closes(self) -> None:
        queue = FrameQueue(limits=FrameLimits(size_bytes=100))
        for number in range(4):
            queue.put_envelope(envelope(number, 80))
        waiting = asyncio.create_task(queue.has_room())
        await asyncio.sleep(0)
        assert not waiting.done()
        while not waiting.done():
            await queue.next_frame()
            await asyncio.sleep(0)
        assert queue.waiting_bytes < 200
        for number in range(4):
            queue.put_envelope(envelope(number, 80))
        waiting = asyncio.create_task(queue.has_room())
        await asyncio.sleep(0)
        queue.close()
        await waiting


class TestLanes:
    async def test_urgent_mail_leaves_before_routine_mail_that_waited_longer(self) -> None:
        queue = FrameQueue(limits=FrameLimits(envelopes=2))
        for number in range(3):
            queue.put_envelope(envelope(number))
        queue.put_envelope(envelope(9), Lane.URGENT)
        assert numbers(await drained(queue)) == [[9, 0], [1, 2]]

    async def test_routine_mail_is_not_starved_by_urgent_mail_without_end(self) -> None:
        """One byte of routine mail for eight of urgent mail, in the order of each lane."""
        queue = FrameQueue(limits=FrameLimits(size_bytes=1000))
        for number in range(400):
            queue.put_envelope(envelope(1000 + number, 80), Lane.URGENT)
            queue.put_envelope(envelope(number, 80))
        left = []
        for _ in range(30):
            frame = await queue.next_frame()
            assert frame is not None
            left += numbers([frame])[0]
        routine = [number for number in left if number < 1000]
        urgent = [number for number in left if number >= 1000]
        assert routine == list(range(len(routine)))
        assert urgent == [1000 + place for place in range(len(urgent))]
        assert len(urgent) // 9 <= len(routine) <= len(urgent) // 7

    async def test_a_flood_of_receipts_leaves_room_for_mail(self) -> None:
        queue = FrameQueue(limits=FrameLimits(size_bytes=4000))
        for _ in range(1000):
            queue.put_receipt(Receipt(envelope_id=ID))
        queue.put_envelope(envelope(1, 500))
        frame = await queue.next_frame()
        assert frame is not None
        assert numbers([frame]) == [[1]]
        assert len(frame.receipts) > 50

    async def test_a_producer_of_urgent_mail_does_not_wait_for_routine_mail(self) -> None:
        queue = FrameQueue(limits=FrameLimits(size_bytes=100))
        for number in range(9):
            queue.put_envelope(envelope(number, 80))
        await asyncio.wait_for(queue.has_room_for(Lane.URGENT), 60)
        routine = asyncio.create_task(queue.has_room_for(Lane.ROUTINE))
        await asyncio.sleep(0)
        assert not routine.done()
        routine.cancel()


class TestPace:
    def frames(self, seconds_per_kib: float, count: int = 12) -> list[int]:
        """Return how long frames get on a line of this pace, with plenty to send."""
        queue = FrameQueue()
        for number in range(4000):
            queue.put_envelope(envelope(number, 4096))
        sizes = []
        for _ in range(count):
            frame = queue._gather()
            sizes.append(sum(len(one.body) for one in frame.envelopes) // 1024)
            queue.note_pace(sizes[-1] * seconds_per_kib)
        return sizes

    async def test_on_a_fast_line_frames_grow_to_the_limit(self) -> None:
        assert self.frames(1e-6)[:5] == [60, 124, 252, 508, 764]
        assert self.frames(1e-6)[-1] == 764

    async def test_on_a_line_of_64_kbit_they_are_as_short_as_may_be(self) -> None:
        assert set(self.frames(1 / 8)[1:]) == {12}

    async def test_a_line_that_gets_slow_is_noticed_with_the_next_frame(self) -> None:
        queue = FrameQueue()
        for number in range(1000):
            queue.put_envelope(envelope(number, 4096))
        for _ in range(5):
            queue._gather()
            queue.note_pace(0.001)
        assert queue.frame_bytes == FrameLimits().size_bytes
        queue._gather()
        queue.note_pace(5.0)
        assert queue.frame_bytes < FrameLimits().size_bytes // 8

    async def test_a_short_frame_says_nothing_of_a_faster_pace(self) -> None:
        queue = FrameQueue()
        before = queue.frame_bytes
        queue.put_envelope(envelope(1))
        queue._gather()
        queue.note_pace(0.0001)
        assert queue.frame_bytes == before

    async def test_nor_of_a_slower_one_while_it_leaves_in_time(self) -> None:
        queue = FrameQueue()
        before = queue.frame_bytes
        queue.put_stored(EnvelopeId(bytes(32)))
        queue._gather()
        queue.note_pace(0.4)
        assert queue.frame_bytes == before

    async def test_what_our_own_loop_does_meanwhile_is_not_the_lines_time(self) -> None:
        loop = asyncio.get_running_loop()
        taken = loop.create_future()
        began = loop.time()
        with Stopwatch() as watch:
            loop.call_soon(time.sleep, 0.3)  # the loop is busy with others
            loop.call_later(0.01, taken.set_result, None)
            await taken
        assert loop.time() - began >= 0.3
        assert watch.seconds < 0.15


class TestCheckFrame:
    def test_a_frame_within_limits_passes(self) -> None:
        check_frame(Frame(receipts_stored=[ID] * 1024, statuses=[StreamStatus(code="busy")]))

    @pytest.mark.parametrize("kind", ["receipts", "statuses", "expiries", "announcements", "envelopes"])
    def test_too_many_things_are_refused(self, kind: str) -> None:
        frame = Frame()
        for _ in range(1025):
            getattr(frame, kind).add()
        with pytest.raises(LimitError) as refusal:
            check_frame(frame)
        assert refusal.value.where == kind

    @pytest.mark.parametrize(
        "frame",
        [
            Frame(receipts_stored=[b"short"]),
            Frame(receipts=[Receipt(envelope_id=b"")]),
            Frame(statuses=[StreamStatus(envelope_id=bytes(33), code="busy")]),
        ],
    )
    def test_an_id_of_another_length_is_refused(self, frame: Frame) -> None:
        with pytest.raises(InvalidInputError):
            check_frame(frame)


class Peer:
    """The far end of a stream: says what the test puts in, or fails."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[Frame | Exception | None] = asyncio.Queue()

    def says(self, *things: Frame | Exception | None) -> None:
        for thing in things:
            self._said.put_nowait(thing)

    def __aiter__(self) -> AsyncIterator[Frame]:
        return self._frames()

    async def _frames(self) -> AsyncIterator[Frame]:
        while (thing := await self._said.get()) is not None:
            if isinstance(thing, Exception):
                raise thing
            yield thing


class TestServe:
    async def test_frames_are_taken_one_after_the_other_and_answered(self) -> None:
        peer = Peer()

        async def take(frame: Frame) -> None:
            for one in frame.envelopes:
                stream.outgoing.put_envelope(one)

        stream = FrameStream(take)
        peer.says(Frame(envelopes=[envelope(1)]), Frame(envelopes=[envelope(2)]), None)
        got = [frame async for frame in stream.serve(peer)]
        assert [number for frame in numbers(got) for number in frame] == [1, 2]

    async def test_what_waits_still_leaves_when_taking_fails(self) -> None:
        peer = Peer()

        async def take(_frame: Frame) -> None:
            stream.outgoing.put_envelope(envelope(1))
            raise StoreError

        stream = FrameStream(take)
        peer.says(Frame())
        got: list[Frame] = []
        with pytest.raises(StoreError):
            await collect(stream.serve(peer), got)
        assert numbers(got) == [[1]]

    async def test_what_ends_the_incoming_side_is_raised(self) -> None:
        peer = Peer()
        peer.says(IdentityError(reason="revoked"))
        with pytest.raises(IdentityError):
            await collect(FrameStream(_ignore).serve(peer))

    async def test_a_feed_that_is_done_leaves_the_stream_open_and_one_that_fails_ends_it(self) -> None:
        peer = Peer()

        async def done() -> None:
            stream.outgoing.put_envelope(envelope(1))

        async def failing() -> None:
            await settle()
            raise StoreError

        stream = FrameStream(_ignore, feeds=[done, failing])
        got: list[Frame] = []
        with pytest.raises(StoreError):
            await collect(stream.serve(peer), got)
        assert numbers(got) == [[1]]

    async def test_leaving_finishes_the_frame_in_hand_and_says_busy(self) -> None:
        peer, leaving, go_on = Peer(), asyncio.Event(), asyncio.Event()
        taken: list[str] = []

        async def take(_frame: Frame) -> None:
            await go_on.wait()
            taken.append("frame")
            stream.outgoing.put_envelope(envelope(len(taken)))

        stream = FrameStream(take, leaving=leaving)
        peer.says(Frame(), Frame())
        serving = asyncio.create_task(collect(stream.serve(peer)))
        await settle()
        leaving.set()
        await settle()
        go_on.set()
        got = await serving
        assert taken == ["frame"]
        assert numbers(got)[0] == [1]
        assert [status.code for frame in got for status in frame.statuses] == ["busy"]

    async def test_the_rest_of_a_frame_is_done_while_the_next_one_is_taken(self) -> None:
        peer, go_on = Peer(), asyncio.Event()
        done: list[str] = []

        async def take(frame: Frame) -> Rest:
            [[number]] = numbers([frame])
            done.append(f"take {number}")

            async def rest() -> None:
                await go_on.wait()
                done.append(f"rest {number}")

            return rest

        stream = FrameStream(take)
        peer.says(*(Frame(envelopes=[envelope(number)]) for number in (1, 2, 3)), None)
        serving = asyncio.create_task(collect(stream.serve(peer)))
        await settle()
        assert done == ["take 1", "take 2"]
        go_on.set()
        await serving
        assert [one for one in done if one.startswith("rest")] == ["rest 1", "rest 2", "rest 3"]

    async def test_a_rest_that_fails_ends_the_stream_though_no_frame_comes(self) -> None:
        async def fail() -> None:
            raise StoreError

        async def take(_frame: Frame) -> Rest:
            return fail

        peer = Peer()
        peer.says(Frame())
        with pytest.raises(StoreError):
            await collect(FrameStream(take).serve(peer))

    async def test_leaving_waits_for_the_rest_of_a_frame(self) -> None:
        peer, leaving, go_on = Peer(), asyncio.Event(), asyncio.Event()

        async def take(_frame: Frame) -> Rest:
            async def rest() -> None:
                await go_on.wait()
                stream.outgoing.put_envelope(envelope(1))

            return rest

        stream = FrameStream(take, leaving=leaving)
        peer.says(Frame())
        serving = asyncio.create_task(collect(stream.serve(peer)))
        await settle()
        leaving.set()
        await settle()
        go_on.set()
        assert numbers(await serving)[0] == [1]

    async def test_a_stream_that_is_dropped_stops_its_feeds(self) -> None:
        stopped = asyncio.Event()

        async def feed() -> None:
            stream.outgoing.put_envelope(envelope(1))
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()

        stream = FrameStream(_ignore, feeds=[feed])
        frames = stream.serve(Peer())
        await anext(frames)
        await frames.aclose()
        assert stopped.is_set()


async def collect(frames: AsyncIterator[Frame], got: list[Frame] | None = None) -> list[Frame]:
    got = [] if got is None else got
    async for frame in frames:
        got.append(frame)
    return got


async def _ignore(_frame: Frame) -> None:
    pass


class FakeCall(Peer):
    """A dialled call: remembers what is written, ends as the test says."""

    def __init__(self, code: grpc.StatusCode = grpc.StatusCode.OK, metadata: Any = ()) -> None:
        super().__init__()
        self.written: list[Frame] = []
        self.half_closed = False
        self.ended = False
        self._end = code, metadata

    async def write(self, frame: Frame) -> None:
        if self.ended:
            raise asyncio.InvalidStateError
        self.written.append(frame)

    async def done_writing(self) -> None:
        self.half_closed = True
        self.says(None)

    async def code(self) -> grpc.StatusCode:
        return self._end[0]

    async def trailing_metadata(self) -> Any:
        return self._end[1]

    def cancel(self) -> bool:
        return True


class TestDial:
    async def test_what_waits_is_written_and_the_stream_ends_with_the_queue(self) -> None:
        call: Any = FakeCall()
        stream = FrameStream(_ignore)
        stream.outgoing.put_envelope(envelope(1))
        stream.outgoing.close()
        await stream.dial(call)
        assert numbers(call.written) == [[1]]
        assert call.half_closed

    async def test_the_stream_ends_when_the_far_side_ends_it(self) -> None:
        call: Any = FakeCall()
        call.says(Frame(), None)
        await FrameStream(_ignore).dial(call)

    async def test_a_refusal_of_the_far_side_is_an_error_of_the_tree(self) -> None:
        call: Any = FakeCall()
        metadata = grpc.aio.Metadata((METADATA_KEY, encode_problem(IdentityError(reason="revoked"))))
        call.says(
            grpc.aio.AioRpcError(grpc.StatusCode.UNAUTHENTICATED, grpc.aio.Metadata(), metadata, "refused")
        )
        with pytest.raises(IdentityError) as refusal:
            await FrameStream(_ignore).dial(call)
        assert refusal.value.reason == "revoked"

    async def test_writing_to_a_call_that_has_ended_says_how_it_ended(self) -> None:
        call: Any = FakeCall(grpc.StatusCode.UNAVAILABLE)
        call.ended = True
        stream = FrameStream(_ignore)
        stream.outgoing.put_envelope(envelope(1))
        with pytest.raises(UnreachableError):
            await stream.dial(call)

    async def test_a_last_word_to_a_call_that_is_ending_says_how_it_ended(self) -> None:
        """gRPC has an error of its own for it, which is none of its calls' errors."""

        class EndingCall(FakeCall):
            async def done_writing(self) -> None:
                raise grpc.aio.InternalError

        call: Any = EndingCall(grpc.StatusCode.UNAVAILABLE)
        stream = FrameStream(_ignore)
        stream.outgoing.close()
        with pytest.raises(UnreachableError):
            await stream.dial(call)

    async def test_writing_to_a_call_that_ended_well_is_no_error(self) -> None:
        call: Any = FakeCall()
        call.ended = True
        stream = FrameStream(_ignore)
        stream.outgoing.put_envelope(envelope(1))
        await stream.dial(call)

    async def test_a_feed_that_fails_while_a_frame_is_written_is_told_and_cancels_nobody(self) -> None:
        """The reader is ended, gRPC ends the call with it and the write with that: the courier lives on."""
        written = asyncio.Event()

        class CancelledCall(FakeCall):
            async def write(self, frame: Frame) -> None:
                written.set()
                await settle()
                raise asyncio.CancelledError

        async def failing() -> None:
            await written.wait()
            raise StoreError

        call: Any = CancelledCall()
        stream = FrameStream(_ignore, feeds=[failing])
        stream.outgoing.put_envelope(envelope(1))
        with pytest.raises(StoreError):
            await stream.dial(call)

    async def test_who_writes_to_a_call_that_ended_before_it_began_does_not_wait_for_ever(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody wakes him there: a road would never be tried again, and its mail stay where it is."""
        monkeypatch.setattr("tracepost.serving.frames._LAST_WORDS_S", 0.05)

        class SilentCall(FakeCall):
            async def write(self, frame: Frame) -> None:
                del frame
                await asyncio.Event().wait()

        call: Any = SilentCall()
        ended = grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())
        call.says(ended)
        stream = FrameStream(_ignore)
        stream.outgoing.put_envelope(envelope(1))
        with pytest.raises(UnreachableError):
            async with asyncio.timeout(60):
                await stream.dial(call)

    async def test_a_dial_that_is_given_up_while_it_ends_stays_given_up(self) -> None:
        """A daemon that leaves cancels its couriers once; one that went on would keep it from leaving."""
        feeding, ending, end = asyncio.Event(), asyncio.Event(), asyncio.Event()

        class EndedCall(FakeCall):
            async def write(self, frame: Frame) -> None:
                del frame
                await feeding.wait()
                raise asyncio.InvalidStateError

        async def feed() -> None:
            feeding.set()
            try:
                await asyncio.Event().wait()
            finally:
                ending.set()
                await end.wait()

        call: Any = EndedCall()
        stream = FrameStream(_ignore, feeds=[feed])
        stream.outgoing.put_envelope(envelope(1))
        dialling = asyncio.create_task(stream.dial(call))
        await ending.wait()
        dialling.cancel()
        end.set()
        with pytest.raises(asyncio.CancelledError):
            await dialling

"""Drafts that come on a stream, taken in batches without a timer.

A batch takes whatever came while the ones before were worked on. Two are in flight: while one is
committed the next is signed. Answers leave in the order of their drafts.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

from tracepost.wire.v1.desk_pb2 import Draft, Submission

Submit = Callable[[Sequence[Draft]], Awaitable[list[Submission]]]

BATCH_DRAFTS = 64
_BATCH_BYTES = 8 * 1024 * 1024
_WAITING_BYTES = 32 * 1024 * 1024
_WAITING_DRAFTS = 4 * BATCH_DRAFTS
_IN_FLIGHT = 2


async def submit_in_batches(drafts: AsyncIterator[Draft], submit: Submit) -> AsyncGenerator[Submission, None]:
    """Yield what `submit` answers to each of `drafts`, in order; raise what ended the stream of drafts."""
    intake = _Intake(drafts)
    flights: asyncio.Queue[asyncio.Future[list[Submission]] | None] = asyncio.Queue()
    places = asyncio.Semaphore(_IN_FLIGHT)

    async def launch() -> None:
        try:
            while True:
                await places.acquire()
                batch = await intake.take()
                if not batch:
                    return
                flights.put_nowait(asyncio.ensure_future(submit(batch)))
        finally:
            flights.put_nowait(None)

    launching = asyncio.create_task(launch())
    try:
        while (flight := await flights.get()) is not None:
            answers = await flight
            places.release()
            for answer in answers:
                yield answer
        await launching
    finally:
        launching.cancel()
        await intake.close()
        left = [flight for flight in _drain(flights) if flight is not None]
        await asyncio.gather(launching, *left, return_exceptions=True)


class _Intake:
    """What has come of a stream and waits for its batch; reads on while there is room."""

    def __init__(self, drafts: AsyncIterator[Draft]) -> None:
        self._waiting: deque[Draft] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self._reading = asyncio.create_task(self._read(drafts))
        self._reading.add_done_callback(lambda _: self._changed.set())

    async def take(self) -> list[Draft]:
        """Return what waits, at least one draft; none at the end. Raises what ended the stream."""
        while not self._waiting:
            if self._reading.done():
                self._reading.result()
                return []
            self._changed.clear()
            await self._changed.wait()
        return self._gather()

    async def close(self) -> None:
        """Read no more."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._reading

    def _gather(self) -> list[Draft]:
        batch, size = [self._waiting.popleft()], 0
        while self._waiting and len(batch) < BATCH_DRAFTS and size < _BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size += batch[-1].ByteSize()
        self._bytes = sum(draft.ByteSize() for draft in self._waiting)
        self._taken.set()
        return batch

    async def _read(self, drafts: AsyncIterator[Draft]) -> None:
        async for draft in drafts:
            self._waiting.append(draft)
            self._bytes += draft.ByteSize()
            self._changed.set()
            while len(self._waiting) >= _WAITING_DRAFTS or self._bytes >= _WAITING_BYTES:
                self._taken.clear()
                await self._taken.wait()


def _drain(
    flights: asyncio.Queue[asyncio.Future[list[Submission]] | None],
) -> list[asyncio.Future[list[Submission]] | None]:
    return [flights.get_nowait() for _ in range(flights.qsize())]

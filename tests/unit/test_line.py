"""Mail that was queued this moment leaves without being read again, and never before mail that waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fakes.house import House, draft, open_street
from fakes.messages import request
from fakes.town import until
from tracepost.node.post.line import Line
from tracepost.node.records.mail import FreshMail
from tracepost.protocol.envelope import Lane, parse_header
from tracepost.protocol.ids import MemberId

PEER = MemberId("xab")


class Leaving:
    """The mail of a house to xab as it leaves on a stream; nobody answers."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = house
        self.reads = 0
        self.line = Line(
            PEER,
            queues=lambda tx: tx.outbox.queues_with(PEER),
            mailroom=house.mailroom,
            settling=house.settling,
            announcing=house.announcing,
            continuity=house.continuity,
            store=house.store,
            clock=house.clock,
        )
        self.line._papers_told.set()  # mail waits for that
        read = house.store.read

        async def count(job: Callable[[Any], Any]) -> Any:
            self.reads += 1
            return await read(job)

        self._feeds = [asyncio.create_task(self.line._feed_mail(lane)) for lane in Lane]
        monkeypatch.setattr(house.store, "read", count)
        monkeypatch.setattr(house.rooms.sending, "_wake", self.line.send)

    async def submit(self, *numbers: int) -> None:
        answers = await self.house.submit(*(draft(request(f"T-{one}"), to=["xab"]) for one in numbers))
        assert not any(answer.HasField("problem") for answer in answers)

    async def take(self) -> list[int]:
        """Return the numbers on the road of what leaves next."""
        async with asyncio.timeout(60):
            frame = await self.line.stream.outgoing.next_frame()
        assert frame is not None
        return [parse_header(envelope.header).address.road.seq for envelope in frame.envelopes]

    async def come_to_rest(self) -> None:
        await until(lambda: self.line._at_rest == set(Lane), "the stream to come to rest")

    async def close(self) -> None:
        for feed in self._feeds:
            feed.cancel()
            with suppress(asyncio.CancelledError):
                await feed


@pytest.fixture
async def leaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Leaving]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        made = Leaving(street["xaa"], monkeypatch)
        yield made
        await made.close()


async def test_what_comes_to_a_stream_at_rest_leaves_unread(leaving: Leaving) -> None:
    await leaving.submit(1)
    assert await leaving.take() == [1]
    await leaving.come_to_rest()
    leaving.reads = 0
    await leaving.submit(2)
    assert await leaving.take() == [2]
    assert leaving.reads == 1  # what the draft refers to; neither queue nor mail


async def test_mail_that_waits_leaves_before_what_was_queued_after_it(leaving: Leaving) -> None:
    await leaving.submit(1)
    await leaving.come_to_rest()
    held: list[FreshMail] = []
    leaving.house.rooms.sending._wake = held.extend
    await leaving.submit(2)
    leaving.line.send([])
    leaving.house.rooms.sending._wake = leaving.line.send
    await leaving.submit(3)
    taken: list[int] = []
    while len(taken) < 3:
        taken += await leaving.take()
    leaving.line.send(held)  # too late: it has left
    await leaving.submit(4)
    assert [*taken, *await leaving.take()] == [1, 2, 3, 4]


async def test_a_full_stream_sends_all_in_order_and_each_once(leaving: Leaving) -> None:
    leaving.line.stream.outgoing._frame_bytes = 20_000
    await leaving.submit(1)
    numbers: Iterable[int] = range(2, 40)
    writing = asyncio.gather(*(leaving.submit(one) for one in numbers))
    taken: list[int] = []
    while len(taken) < 39:
        taken += await leaving.take()
    await writing
    assert taken == list(range(1, 40))


async def test_nothing_leaves_by_a_stream_that_has_ended(leaving: Leaving) -> None:
    await leaving.submit(1)
    assert await leaving.take() == [1]
    await leaving.come_to_rest()
    leaving.line.stream.outgoing.close()
    await leaving.submit(2)
    assert await leaving.line.stream.outgoing.next_frame() is None
    waiting = await leaving.house.store.read(
        lambda tx: [
            len(tx.outbox.waiting(one, (0, 0), 1 << 53, 9, 1 << 30)) for one in tx.outbox.queues_with(PEER)
        ]
    )
    assert waiting == [2]

"""What a node asks another by a relay, and what the relay can do with it: pass it on, or lose it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from fakes.house import House, Street, draft, open_street
from fakes.messages import request
from fakes.town import until
from tracepost.node.post import asides
from tracepost.node.post.asides import PURPOSE, Asides
from tracepost.node.post.resuming import Answering
from tracepost.protocol.errors import SealingError, UnreachableError
from tracepost.protocol.ids import NODE_DESK, MemberId
from tracepost.protocol.sealing import open_with_key, seal_to_key
from tracepost.serving.frames import FrameQueue
from tracepost.wire.v1.post_pb2 import Aside, ResumeAside, ResumedMail, ResumeRequest

XAA, XAB, HUB = MemberId("xaa"), MemberId("xab"), MemberId("hub")
SENT = 3


class Hub:
    """Passes on what leaves two nodes, but what it is told to lose."""

    def __init__(self, street: Street) -> None:
        self.outgoing = {name: FrameQueue() for name in (XAA, XAB)}
        self.nodes = {name: self._furnish(street[name]) for name in (XAA, XAB)}
        self.seen: list[Aside] = []
        self.loses_what_leaves: set[str] = set()
        self._tasks = [asyncio.create_task(self._pass_on(name)) for name in (XAA, XAB)]

    def _furnish(self, house: House) -> Asides:
        answering = Answering(
            store=house.store,
            papers=house.papers,
            keys=house.mailroom._keys,
            clock=house.clock,
            carry=lambda: None,
        )
        return Asides(
            house.member,
            relays=[HUB],
            papers=house.papers,
            keys=lambda: house.ring.secrets(NODE_DESK).opening,
            answering=answering,
            admits=lambda _: True,
            streams={HUB: self.outgoing[house.member]}.get,
            random=os.urandom,
        )

    async def _pass_on(self, name: MemberId) -> None:
        while (frame := await self.outgoing[name].next_frame()) is not None:
            self.seen += frame.asides
            for aside in frame.asides if name not in self.loses_what_leaves else ():
                self.give(aside)

    def give(self, aside: Aside) -> None:
        to = MemberId(aside.to_member)
        self.nodes[to].take([aside], HUB, self.outgoing[to])

    async def close(self) -> None:
        for queue in self.outgoing.values():
            queue.close()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """Two States by a relay; xab has sent, and xaa has receipted."""
    async with open_street(tmp_path, XAA, XAB, relays=(HUB,)) as street:
        await street[XAB].submit(*(draft(request(f"T-{one}"), to=[XAA]) for one in range(SENT)))
        await street[XAA].submit(draft(request("OURS"), to=[XAB]))
        await street.carry()
        yield street


@pytest.fixture
async def hub(street: Street) -> AsyncIterator[Hub]:
    hub = Hub(street)
    yield hub
    await hub.close()


async def ask(hub: Hub) -> list[ResumedMail]:
    return [mail async for mail in hub.nodes[XAA].ask(XAB, ResumeRequest())]


def seal(street: Street, of: MemberId, to: MemberId, content: ResumeAside) -> Aside:
    """Return what anybody can make who knows the directory."""
    entry = street[of].papers.entry(to)
    assert entry is not None
    context = [of.encode(), to.encode()]
    sealed = seal_to_key(entry.desks[0].public_key, PURPOSE, context, content.SerializeToString())
    return Aside(from_member=of, to_member=to, sealed=sealed)


def open_for(house: House, told: Aside) -> ResumeAside:
    [key] = house.ring.secrets(NODE_DESK).opening
    context = [told.from_member.encode(), told.to_member.encode()]
    return ResumeAside.FromString(open_with_key(key, PURPOSE, context, told.sealed))


async def test_all_is_given_and_the_asker_alone_can_open_it(hub: Hub, street: Street) -> None:
    mails = await ask(hub)
    assert mails[0].papers.member == XAA
    assert sum(mail.HasField("envelope") for mail in mails) == SENT + 1
    assert sum(mail.HasField("spine") for mail in mails) == 1, "and of our own mail what we said"
    told = hub.seen[-1]
    assert (told.from_member, told.to_member) == (XAB, XAA)
    assert open_for(street[XAA], told).last
    with pytest.raises(SealingError):
        open_for(street[XAB], told)


async def test_each_part_is_made_when_it_is_asked_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asides, "_PART_BYTES", 1)
    whole = await ask(hub)
    assert len(hub.seen) == 2 * (len(whole) + 1), "a question and an answer for each, and for the end"
    assert len({aside.sealed for aside in hub.seen}) == len(hub.seen)


async def test_a_relay_that_answers_itself_or_says_that_this_was_all_is_not_heard(
    hub: Hub, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asides, "_ANSWER_WITHIN_S", 0.5)
    hub.loses_what_leaves.add(XAB)
    asking = asyncio.create_task(ask(hub))
    await asyncio.sleep(0.1)
    for question in (b"", bytes(16), os.urandom(16)):
        hub.give(seal(street, XAB, XAA, ResumeAside(question=question, part=0, last=True)))
    with pytest.raises(UnreachableError) as refusal:
        await asking
    assert refusal.value.reason == "no-answer"
    hub.loses_what_leaves.clear()
    monkeypatch.undo()
    assert len(await ask(hub)) == SENT + 2, "asked again, all of it comes"


async def test_who_asks_in_the_name_of_another_gets_nothing_that_he_can_open(
    hub: Hub, street: Street
) -> None:
    forged = ResumeAside(question=bytes(16), part=0, request=ResumeRequest())
    hub.loses_what_leaves.add(XAB)
    hub.give(seal(street, XAA, XAB, forged))
    await until(lambda: hub.seen, "an answer")
    [told] = hub.seen
    assert told.to_member == XAA
    assert open_for(street[XAA], told).mails
    with pytest.raises(SealingError):
        open_for(street[XAB], told)


async def test_nobody_is_asked_by_a_relay_that_is_not_there(hub: Hub) -> None:
    hub.nodes[XAA]._streams = lambda _: None
    with pytest.raises(UnreachableError) as refusal:
        await ask(hub)
    assert refusal.value.reason == "no-relay"

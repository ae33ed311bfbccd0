"""In which suite mail is sealed (proto/README.md, chapter 5): one that addressee and relay know, or none."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import House, Street, config_of, draft, open_street
from tracepost.node.directory_entry import sign_entry
from tracepost.protocol.envelope import SUITE
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1.directory_pb2 import DirectoryEntry
from tracepost.wire.v1.post_pb2 import Announcement

XAB, HUB = MemberId("xab"), MemberId("hub")
NEWER = "tp2-not-known-here"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", relays=["hub"]) as street:
        yield street


async def publish(house: House, to: House, suites: Sequence[str]) -> None:
    """Let a member say which suites its node opens."""
    held = house.papers.entry(house.member)
    assert held is not None
    entry = DirectoryEntry()
    entry.CopyFrom(held.message)
    house.clock.now += 1
    entry.sequence = house.clock()
    del entry.suites[:]
    entry.suites.extend(suites)
    config = config_of(house.member, house.identities.desks)
    signed = sign_entry(entry, config, house.identities.signer, house.clock(), os.urandom)
    await to.announcing.take([Announcement(member=house.member, directory_entry=signed)], house.member)


async def problem(house: House) -> tuple[str, str]:
    """Submit a request; return code and reason of the refusal, empty for none; who is refused stored nothing."""
    size = house.store.evidence.head.size
    [submission] = await house.submit(draft(m.request(), to=["xab"]))
    assert (house.store.evidence.head.size == size) is submission.HasField("problem")
    return submission.problem.code, submission.problem.reason


@pytest.mark.parametrize("suites", [[], [NEWER]])
async def test_an_addressee_without_a_common_suite_gets_nothing_and_the_officer_is_told(
    street: Street, suites: list[str]
) -> None:
    await publish(street["xab"], street["xaa"], suites)
    assert await problem(street["xaa"]) == ("stale-trust", "no-common-suite")


async def test_a_suite_in_common_is_enough(street: Street) -> None:
    await publish(street["xab"], street["xaa"], [NEWER, SUITE])
    assert await problem(street["xaa"]) == ("", "")


async def test_a_relay_that_does_not_carry_the_suite_is_no_road(street: Street) -> None:
    house = street["xaa"]
    house.roads["xab"] = HUB
    await house.announcing.take([Announcement(member=HUB, suites=[NEWER])], HUB)
    assert await problem(house) == ("stale-trust", "no-suite-on-the-road")
    await house.announcing.take([Announcement(member=HUB, suites=[NEWER, SUITE])], HUB)
    assert await problem(house) == ("", "")


async def test_a_relay_that_has_said_nothing_carries_the_first_suite(street: Street) -> None:
    house = street["xaa"]
    house.roads["xab"] = HUB
    await house.announcing.take([Announcement(member=HUB)], HUB)
    assert await problem(house) == ("", "")


async def test_nobody_else_says_what_a_relay_carries(street: Street) -> None:
    house = street["xaa"]
    house.roads["xab"] = HUB
    await house.announcing.take([Announcement(member=HUB, suites=[NEWER])], XAB)
    assert await problem(house) == ("", "")

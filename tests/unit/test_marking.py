"""Watermarks: how often our log says how far we gave numbers, and which words of others are believed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fakes.house import House, Street, draft, open_street
from fakes.messages import request
from tracepost.node.post.marking import Marking
from tracepost.node.records.mail import Mark
from tracepost.protocol.envelope import Lane
from tracepost.protocol.evidence import Entry, PolicyActivated, Watermark, prepare_line
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.wire.v1.post_pb2 import RoadMark

HOUR, DAY = 3600, 86_400
XAA, XAB, XAC, HUB, NOBODY = map(MemberId, ("xaa", "xab", "xac", "hub", "xzz"))


def marking(house: House) -> Marking:
    return Marking(house.member, house.papers, house.store, house.clock, os.urandom)


# ── our own marks ────────────────────────────────────────────────────────────────────


@dataclass
class Office:
    """XAA, which gives numbers to mail for XAB, and looks at its watch."""

    street: Street
    marking: Marking

    async def write(self, number: str) -> None:
        """Give the next number of the road to XAB."""
        await self.street["xaa"].submit(draft(request(number), to=["xab"]))

    async def marked_after(self, seconds: int) -> list[int]:
        """Let so much time pass; return the numbers of the marks that are made then."""
        self.street.clock.now += seconds
        await self.marking.keep_up()
        marks = await self.street["xaa"].store.read(lambda tx: tx.numbers.marks(XAA))
        return [one.seq for one in marks if one.at == self.street.clock()]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_street(tmp_path, "xaa", "xab") as street:
        yield Office(street, marking(street["xaa"]))


async def test_a_road_is_marked_at_once_and_an_hour_later_where_numbers_were_given_since(
    office: Office,
) -> None:
    assert await office.marked_after(0) == [], "no number was given"
    await office.write("T-1")
    assert await office.marked_after(1) == [1]
    await office.write("T-2")
    await office.write("T-3")
    assert await office.marked_after(HOUR - 1) == []
    assert await office.marked_after(1) == [3]


async def test_a_road_on_which_nothing_goes_is_marked_again_after_a_day(office: Office) -> None:
    await office.write("T-1")
    assert await office.marked_after(0) == [1]
    assert await office.marked_after(HOUR) == []
    assert await office.marked_after(DAY - HOUR - 1) == []
    assert await office.marked_after(1) == [1]
    await office.write("T-2")
    assert await office.marked_after(HOUR - 1) == []
    assert await office.marked_after(1) == [2]


# ── the marks of others ──────────────────────────────────────────────────────────────


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", "xac", relays=["hub"]) as street:
        yield street


def word(street: Street, **changed: object) -> Watermark:
    """Return what the log of XAA says: seven numbers for XAB on the direct road."""
    said = Watermark(XAB, DIRECT, Lane.ROUTINE, 1, 7, street.clock())
    return replace(said, **changed)  # type: ignore[arg-type] # as it is


async def proof(house: House, entry: Entry) -> bytes:
    """Return the proof that an entry stands in the log of a house."""
    line = prepare_line(entry, os.urandom)
    [place] = await house.store.write(lambda tx: tx.log.append([line]))
    [proved] = house.store.evidence.prove([(place, line)])
    return proved


async def believed(street: Street, peer: MemberId, *marks: RoadMark) -> list[Mark]:
    """Let `peer` bring marks to XAB; return those that it keeps."""
    await marking(street["xab"]).take(marks, peer)
    return await street["xab"].store.read(lambda tx: tx.numbers.marks(None))


@pytest.mark.parametrize(("via", "peer"), [(DIRECT, XAA), (HUB, HUB)])
async def test_a_mark_that_comes_by_the_road_that_it_is_about_is_believed(
    street: Street, via: str, peer: MemberId
) -> None:
    shown = await proof(street["xaa"], word(street, via=via))
    [kept] = await believed(street, peer, RoadMark(from_member=XAA, proof=shown))
    assert (kept.from_member, kept.to_member, kept.via, kept.seq) == (XAA, XAB, via, 7)
    assert kept.proof == shown


@pytest.mark.parametrize(("via", "peer"), [(DIRECT, XAC), (DIRECT, HUB), (HUB, XAA), (HUB, XAC)], ids=str)
async def test_a_mark_that_came_by_another_road_is_not_believed(
    street: Street, via: str, peer: MemberId
) -> None:
    shown = await proof(street["xaa"], word(street, via=via))
    assert await believed(street, peer, RoadMark(from_member=XAA, proof=shown)) == []


async def test_a_mark_about_the_road_to_somebody_else_is_not_believed(street: Street) -> None:
    shown = await proof(street["xaa"], word(street, to_member=XAC))
    assert await believed(street, XAA, RoadMark(from_member=XAA, proof=shown)) == []


async def test_another_entry_of_the_log_is_no_mark(street: Street) -> None:
    entry = PolicyActivated(sha256=bytes(32), artefact=b"", time=street.clock())
    shown = await proof(street["xaa"], entry)
    assert await believed(street, XAA, RoadMark(from_member=XAA, proof=shown)) == []


async def test_nobody_says_how_far_another_came(street: Street) -> None:
    """The log that signs is that of the member whose numbers they are; who is no member has none."""
    shown = await proof(street["xac"], word(street))
    for claimed in (XAA, NOBODY):
        assert await believed(street, claimed, RoadMark(from_member=claimed, proof=shown)) == []


def cut(proved: bytes) -> bytes:
    return proved[:-1]


def turned(proved: bytes) -> bytes:
    return proved[:40] + bytes([proved[40] ^ 1]) + proved[41:]


@pytest.mark.parametrize("damage", [cut, turned, lambda _: b""], ids=["cut", "turned", "none"])
async def test_what_is_no_proof_is_refused_and_what_came_with_it_is_taken(
    street: Street, damage: Callable[[bytes], bytes]
) -> None:
    good, other = await proof(street["xaa"], word(street)), await proof(street["xaa"], word(street, seq=9))
    marks = [RoadMark(from_member=XAA, proof=one) for one in (damage(other), good)]
    assert [one.seq for one in await believed(street, XAA, *marks)] == [7]

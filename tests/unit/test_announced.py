"""Papers that the other end of a stream has are not sent to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fakes.house import open_street
from tracepost.protocol.announced import (
    HELD_LIMIT,
    NAME_LENGTH,
    name_list,
    name_papers,
    names_held,
    what_is_missing,
)
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId
from tracepost.serving.announced import Hearing
from tracepost.serving.frames import FrameQueue, check_frame
from tracepost.wire.v1.post_pb2 import Announcement, Frame

PAPERS = Announcement(
    member="xaa", directory_entry="an entry", crl=b"a list", certificates=[b"one", b"two"], trust_list=b"all"
)


def test_who_has_nothing_is_sent_everything() -> None:
    assert what_is_missing(PAPERS, ()) == PAPERS


def test_who_has_all_of_it_is_sent_nothing() -> None:
    assert what_is_missing(PAPERS, names_held(b"all", [PAPERS])) is None


def test_the_order_of_certificates_does_not_matter() -> None:
    turned = Announcement(directory_entry="an entry", crl=b"a list", certificates=[b"two", b"one"])
    assert name_papers(turned) == name_papers(PAPERS)


@pytest.mark.parametrize(
    "other",
    [
        Announcement(directory_entry="an entry", crl=b"a newer list", certificates=[b"one", b"two"]),
        Announcement(directory_entry="an entry", crl=b"a list", certificates=[b"one"]),
        Announcement(directory_entry="a newer one", crl=b"a list", certificates=[b"one", b"two"]),
        Announcement(member="xaa"),
    ],
)
def test_who_has_other_papers_is_sent_them_all_but_not_the_list_that_he_has(other: Announcement) -> None:
    missing = what_is_missing(PAPERS, names_held(b"all", [other]))
    assert missing is not None
    assert (missing.trust_list, missing.crl, missing.directory_entry) == (b"", b"a list", "an entry")
    assert list(missing.certificates) == [b"one", b"two"]


def test_a_newer_list_goes_alone_to_who_has_the_papers() -> None:
    missing = what_is_missing(PAPERS, names_held(b"an older one", [PAPERS]))
    assert missing == Announcement(member="xaa", trust_list=b"all")


def test_what_a_relay_says_of_itself_is_always_said() -> None:
    relay = Announcement(member="hub", trust_list=b"all", suites=["a suite"])
    assert what_is_missing(relay, names_held(b"all", [relay])) == Announcement(
        member="hub", suites=["a suite"]
    )


def test_no_more_is_named_than_a_frame_has_room_for_and_the_first_first() -> None:
    many = [Announcement(crl=str(number).encode()) for number in range(2 * HELD_LIMIT)]
    names = names_held(b"all", [PAPERS, *many])
    assert (len(names), name_papers(PAPERS) in names) == (HELD_LIMIT, True)
    check_frame(Frame(papers_held=names))


def test_a_name_has_its_length() -> None:
    with pytest.raises(InvalidInputError):
        check_frame(Frame(papers_held=[bytes(NAME_LENGTH - 1)]))


class TestHearing:
    async def test_the_first_frame_says_what_the_other_end_has_and_no_later_one(self) -> None:
        hearing = Hearing()
        asking = asyncio.create_task(hearing.held(dials=True))
        hearing.hear(Frame(papers_held=[b"a" * 16]))
        hearing.hear(Frame(papers_held=[b"b" * 16]))
        assert await asking == {b"a" * 16}

    async def test_who_says_nothing_of_it_has_nothing(self) -> None:
        hearing = Hearing()
        hearing.hear(Frame())
        assert not await hearing.held(dials=True)

    async def test_who_dials_and_says_nothing_at_all_is_not_waited_for(self) -> None:
        async with asyncio.timeout(60):
            assert not await Hearing().held(dials=False)


async def test_papers_of_others_are_told_of_to_relays_alone(tmp_path: Path) -> None:
    """A member announces itself alone; to tell each of many members of all others would grow with their square."""
    async with open_street(tmp_path, "xaa", "xab", "xac", relays=["hub"]) as street:
        house = street["xaa"]

        async def held(peer: str) -> list[bytes]:
            outgoing = FrameQueue()
            house.announcing.tell_held(outgoing, MemberId(peer))
            frame = await outgoing.next_frame()
            assert frame is not None
            return list(frame.papers_held)

        trust = name_list(house.papers.trust.data)
        names = {one: name_papers(house.papers.announcement(MemberId(one))) for one in ("xab", "xac")}
        assert await held("xab") == [trust, names["xab"]]
        assert set(await held("hub")) == {trust, *names.values()}

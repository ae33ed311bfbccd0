"""Two real nodes whose trust list has ended: they talk of papers and of nothing else, and a newer list heals both."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from pathlib import Path

import pytest

from fakes.messages import request
from fakes.town import POC, Change, Town, found_town, list_again, until
from tracepost.protocol.errors import StaleTrustError
from tracepost.protocol.trustlist import TrustContent
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import desk_pb2, terms_pb2
from tracepost.wire.v1.post_pb2 import Announcement


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Two states, of which xab can be dialled. They have met, and went home."""
    town = found_town(tmp_path / "town", {"xaa": (POC,), "xab": (POC,)}, "hub", reachable=("xab",))

    async def meet() -> None:
        async with town.running("hub", "xaa", "xab"):
            await town.meet("xaa", "xab")

    asyncio.run(meet())
    return town


def ends_at(moment: int) -> Change:
    """Return what makes a list end at a moment (unix seconds)."""

    def end(content: TrustContent) -> TrustContent:
        return dataclasses.replace(content, next_update=moment, hard_expiry=moment)

    return end


async def write(town: Town, number: str) -> desk_pb2.Submission:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client("xaa") as client:
        return await client.submit(build_draft(request(number), cover))


async def bring(town: Town, data: bytes) -> None:
    """Give xaa a list by hand, as `tracepost trust load` does."""
    async with town.client("xaa") as client:
        assert await client.import_papers(Announcement(member="xaa", trust_list=data)) == ["trust-list"]


def lists_of(town: Town, member: str) -> int:
    """Return the number of the newest list that a member took; 0, if it has only the one it was founded with."""
    return int(town.ask(member, "SELECT coalesce(max(sequence), 0) FROM trust_list")[0][0])


def mail(town: Town) -> list[tuple[object, ...]]:
    return town.ask("xaa", "SELECT state FROM sent_mail")


async def test_a_newer_list_at_one_node_heals_the_other_over_the_line_and_mail_that_waited_leaves(
    town: Town,
) -> None:
    async with town.running("xaa"):
        await town.unlock("xaa")
        thread = (await write(town, "T-1")).thread
        end = int(time.time()) + 3
        await bring(town, list_again(town, {}, sequence=2, change=ends_at(end)))
        await until(lambda: time.time() > end + 1, "the list to end")
        with pytest.raises(StaleTrustError) as refused:
            await write(town, "T-2")
        assert refused.value.reason == "trust-list-expired"
        async with town.client("xaa") as client:
            assert len((await client.show_case(thread)).statements) == 1  # what is here is read as before
        async with town.running("xab"):
            await until(lambda: lists_of(town, "xab") == 2, "xab to be told the list that has ended")
            assert mail(town) == [("QUEUED",)]
            assert town.ask("xab", "SELECT count(*) FROM received_mail") == [(0,)]
            await bring(town, list_again(town, {}, sequence=3))
            await until(lambda: mail(town) == [("DELIVERED",)], "the mail to leave")
            assert lists_of(town, "xab") == 3

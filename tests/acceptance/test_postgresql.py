"""Nodes on PostgreSQL: nothing acknowledged is lost or doubled, by kill -9 or beside one another.

As in `test_kill_points`, with both nodes on databases of one server; then with two processes of the
sender on one database, of which one is killed under load.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.conftest import update
from fakes.canaries import Mint
from fakes.postgres import Databases
from fakes.reckoning import Voyage, is_quiet, reckon
from fakes.town import POC, POLICE, TWIN, Town, found_town, until
from fakes.voyage import DIRECT, POINTS, RELAYED, Point, make_draft, sail, submit
from tracepost.protocol.errors import TracepostError
from tracepost.wire.v1 import desk_pb2

_SOME = [
    p
    for p in POINTS
    if p.voyage is DIRECT
    and (p.write, p.when) in (("submit", "after"), ("receive", "before"), ("settle-receipt", "after"))
]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Town]:
    """A sender and two receivers, each with a database, that have met and then went home; tests work on copies."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC,), "xab": (POC, POLICE), "xac": (POC, POLICE)}
    town = found_town(folder, states, "hub", reachable=("xab",))
    town = town.on({name: databases.create("node", update) for name in states})
    asyncio.run(town.introduce(*states))
    yield town
    drop(town, databases)


@pytest.fixture
def town(founded: Town, tmp_path: Path, databases: Databases) -> Iterator[Town]:
    town = founded.copy(tmp_path / "town", databases)
    yield town
    drop(town, databases)


def drop(town: Town, databases: Databases) -> None:
    for resident in town.residents.values():
        if resident.store:
            databases.drop(resident.store)


@pytest.mark.parametrize("point", _SOME, ids=str)
async def test_a_kill_at_this_point_loses_nothing_and_doubles_nothing(point: Point, town: Town) -> None:
    mint = Mint()
    told = await sail(town, point, mint)
    assert reckon(town, point.voyage, told, mint) == []


@pytest.mark.parametrize("voyage", [DIRECT, RELAYED], ids=["direct", "by-relay"])
async def test_two_processes_share_the_work_and_one_is_killed_in_the_middle(
    voyage: Voyage, town: Town
) -> None:
    """Officers of both write; whoever held the queue is gone, the other one takes it over."""
    town, mint = town.twin(voyage.sender), Mint()
    names = tuple(f"BOTH-{number}" for number in range(24))
    voyage = dataclasses.replace(voyage, file_numbers=names)
    drafts = [make_draft(name, voyage.receiver, mint) for name in names]
    here, there = town.process(voyage.sender), town.process(voyage.sender + TWIN)
    try:
        await asyncio.gather(here.start(), there.start())
        async with town.running(*voyage.members[1:]):
            await asyncio.gather(town.unlock(here.member), town.unlock(there.member))
            told = await submit(town, voyage, drafts[:1])
            saying = asyncio.gather(
                say(town, here.member, drafts[1:12]), say(town, there.member, drafts[12:])
            )
            await until(lambda: len(town.ask(voyage.sender, "SELECT id FROM sent_mail")) > 6, "some mail")
            here.abandon()
            mine, yours = await saying
            told += mine + yours
            # what was not answered is said again to who is left, until it has noticed that it is alone
            while left := unanswered(drafts, told):
                told += await say(town, there.member, left)
            await until(lambda: is_quiet(town, voyage, len(names)), "all to arrive")
    finally:
        here.abandon()
        there.abandon()
    assert reckon(town, voyage, told, mint) == []


def unanswered(drafts: list[desk_pb2.Draft], told: list[desk_pb2.Submission]) -> list[desk_pb2.Draft]:
    answered = {one.idempotency_key for one in told}
    return [one for one in drafts if one.idempotency_key not in answered]


async def say(town: Town, member: str, drafts: list[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
    """Submit drafts to one process of a member, a few at a time; return what was answered of those that were."""
    told: list[desk_pb2.Submission] = []
    async with town.client(member) as officer:
        for start in range(0, len(drafts), 3):
            some = drafts[start : start + 3]
            answers = await asyncio.gather(*map(officer.submit, some), return_exceptions=True)
            assert all(isinstance(one, desk_pb2.Submission | TracepostError) for one in answers), answers
            told += [one for one in answers if isinstance(one, desk_pb2.Submission)]
    return told

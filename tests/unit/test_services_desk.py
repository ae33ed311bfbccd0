"""The service for officers: every RPC has its row and its method; drafts on a stream go in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from importlib import resources
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import NO_CONTEXT, Street, draft, open_street
from tracepost.node.services.batches import BATCH_DRAFTS, submit_in_batches
from tracepost.node.services.desk import DESCRIPTOR, DeskService
from tracepost.protocol.errors import (
    IdentityError,
    InvalidMessageError,
    LockedDeskError,
    NotFoundError,
    StoreError,
    TrustError,
)
from tracepost.protocol.ids import DeskId
from tracepost.serving.callers import Caller, set_caller
from tracepost.serving.methods import MethodTable
from tracepost.wire.v1 import desk_pb2, desk_pb2_grpc
from tracepost.wire.v1.desk_pb2 import Draft, Submission

DAY = 86400


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", silent=["xad"], relays=["hub"]) as street:
        yield street


def test_every_rpc_has_a_method_and_a_row_for_our_own_members_only() -> None:
    text = resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8")
    table = MethodTable.from_toml(text)
    for method in DESCRIPTOR.methods:
        assert vars(DeskService).get(method.name), method.name
        assert getattr(desk_pb2_grpc.DeskServicer, method.name) is not vars(DeskService)[method.name]
        assert table.rule(f"/{DESCRIPTOR.full_name}/{method.name}").own_member_only


class TestSubmit:
    """One draft: a refusal ends the call, with its place and reason."""

    async def test_a_good_draft_is_answered(self, street: Street) -> None:
        told = await street["xaa"].as_officer().Submit(draft(m.request(), to=["xab"]), NO_CONTEXT)
        assert told.statement

    async def test_a_refused_draft_raises(self, street: Street) -> None:
        bad = draft(m.request("T-1", "1", "1"), to=["xab"])
        with pytest.raises(InvalidMessageError) as refusal:
            await street["xaa"].as_officer().Submit(bad, NO_CONTEXT)
        assert refusal.value.where == "items"

    async def test_a_locked_desk_says_how_to_unlock_it(self, street: Street) -> None:
        street["xaa"].ring.lock(DeskId("poc"))
        with pytest.raises(LockedDeskError) as refusal:
            await street["xaa"].as_officer().Submit(draft(m.request(), to=["xab"]), NO_CONTEXT)
        assert "unlock" in refusal.value.what_to_do

    async def test_without_a_caller_there_is_no_officer(self, street: Street) -> None:
        set_caller(Caller(None, "test", "test"))
        with pytest.raises(IdentityError):
            await street["xaa"].desk.Submit(draft(m.request(), to=["xab"]), NO_CONTEXT)


class TestSubmitMany:
    """A stream of drafts: each answered in its order, good or bad."""

    async def test_answers_come_in_the_order_of_the_drafts(self, street: Street) -> None:
        numbers = [f"T-{n}" for n in range(150)]
        drafts = [draft(m.request(n), to=["xab"], idempotency_key=n) for n in numbers]
        drafts[70] = draft(m.request("T-70", "1", "1"), to=["xab"], idempotency_key="T-70")
        desk = street["xaa"].as_officer()
        answers = [one async for one in desk.SubmitMany(stream(drafts), NO_CONTEXT)]
        assert [one.idempotency_key for one in answers] == numbers
        assert [one.idempotency_key for one in answers if one.HasField("problem")] == ["T-70"]
        assert len(await street.queued(street["xaa"])) == 149

    async def test_nothing_is_answered_for_nothing(self, street: Street) -> None:
        desk = street["xaa"].as_officer()
        assert [one async for one in desk.SubmitMany(stream([]), NO_CONTEXT)] == []


async def stream(drafts: Iterable[Draft]) -> AsyncIterator[Draft]:
    for one in drafts:
        yield one


class Desk:
    """Answers batches when it is told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.may_answer = asyncio.Event()
        self.flying = 0
        self.most_flying = 0

    async def submit(self, drafts: Sequence[Draft]) -> list[Submission]:
        self.batches.append(len(drafts))
        self.flying += 1
        self.most_flying = max(self.flying, self.most_flying)
        try:
            await self.may_answer.wait()
        finally:
            self.flying -= 1
        return [Submission(idempotency_key=d.idempotency_key) for d in drafts]


def numbered(count: int) -> list[Draft]:
    return [Draft(idempotency_key=str(n)) for n in range(count)]


async def settle() -> None:
    """Let everything run that can run without an answer."""
    for _ in range(1000):
        await asyncio.sleep(0)


class TestBatches:
    """Natural batching: a batch takes what came meanwhile; two are in flight; there is no timer."""

    async def test_what_comes_while_two_are_in_flight_goes_together(self) -> None:
        desk, answers = Desk(), []

        async def slowly() -> AsyncIterator[Draft]:
            for one in numbered(40):
                yield one
                await settle()

        async def collect() -> None:
            answers.extend([one.idempotency_key async for one in submit_in_batches(slowly(), desk.submit)])

        collecting = asyncio.create_task(collect())
        for _ in range(41):
            await settle()
        assert desk.batches == [1, 1]
        desk.may_answer.set()
        await collecting
        assert answers == [str(n) for n in range(40)]
        assert desk.most_flying == 2

    async def test_a_batch_has_at_most_64_drafts(self) -> None:
        desk = Desk()
        desk.may_answer.set()
        answers = [one async for one in submit_in_batches(stream(numbered(300)), desk.submit)]
        assert len(answers) == 300
        assert max(desk.batches) <= BATCH_DRAFTS

    async def test_a_stream_that_fails_is_answered_as_far_as_it_came(self) -> None:
        """A caller who is revoked meanwhile: what was taken is answered, then the refusal ends the call."""
        desk, answers = Desk(), []
        desk.may_answer.set()

        async def broken() -> AsyncIterator[Draft]:
            for one in numbered(3):
                yield one
            raise IdentityError("revoked", reason="revoked")

        async def collect() -> None:
            async for one in submit_in_batches(broken(), desk.submit):
                answers.append(one.idempotency_key)

        with pytest.raises(IdentityError):
            await collect()
        assert answers == ["0", "1", "2"]

    async def test_a_batch_that_fails_ends_the_stream(self) -> None:
        async def fail(_drafts: Sequence[Draft]) -> list[Submission]:
            raise StoreError

        with pytest.raises(StoreError):
            [one async for one in submit_in_batches(stream(numbered(3)), fail)]

    async def test_who_hangs_up_leaves_nothing_running(self) -> None:
        desk, before = Desk(), asyncio.all_tasks()
        answers = submit_in_batches(stream(numbered(3)), desk.submit)
        waiting = asyncio.create_task(anext(answers))
        await settle()
        desk.may_answer.set()
        await waiting
        await answers.aclose()
        assert asyncio.all_tasks() == before

    async def test_a_stream_is_read_no_further_than_there_is_room(self) -> None:
        desk, read = Desk(), []

        async def endless() -> AsyncIterator[Draft]:
            for one in numbered(100_000):
                read.append(one)
                yield one

        answers = submit_in_batches(endless(), desk.submit)
        waiting = asyncio.create_task(anext(answers))
        await settle()
        assert len(read) <= 6 * BATCH_DRAFTS + 1
        desk.may_answer.set()
        await waiting
        await answers.aclose()


class TestReports:
    """How the node is, whom it knows, whom it trusts."""

    async def test_the_status_tells_desks_queues_log_and_papers(self, street: Street) -> None:
        house = street["xaa"]
        house.roads["xab"] = "hub"
        street["xab"].offline = True
        await house.submit(draft(m.request("T-1"), to=["xab"]))
        await street.carry()
        await house.submit(draft(m.request("T-2"), to=["xab"]))
        house.ring.lock(DeskId("police"))
        told = await house.as_officer().GetStatus(desk_pb2.GetStatusRequest(), NO_CONTEXT)
        assert {d.desk: d.unlocked for d in told.desks} == {"poc": True, "police": False}
        assert {p.member: (p.queued, p.with_relay) for p in told.peers}["xab"] == (1, 1)
        assert told.log_size == house.store.evidence.head.size
        assert told.log_checkpoint.startswith("xaa.tracepost.example/log/1\n")
        assert told.policy_sha256 == house.gate.policy_sha256.hex()
        assert {"trust list", "certificate statement", "directory entry xab"} <= {p.name for p in told.papers}
        assert (told.clock, told.escrow_tried) == (street.clock(), True)
        assert told.disk_free_bytes > 0
        assert [*told.unwritable] == []

    async def test_the_directory_shows_members_with_and_without_an_entry(self, street: Street) -> None:
        told = await street["xaa"].as_officer().ListDirectory(desk_pb2.ListDirectoryRequest(), NO_CONTEXT)
        lines = {line.member: line for line in told.lines}
        assert set(lines) == {"xaa", "xab", "xad"}
        assert list(lines["xab"].desks) == ["node", "poc", "police"]
        assert lines["xab"].known
        assert not lines["xad"].known

    async def test_the_trust_list_is_shown_whole(self, street: Street) -> None:
        told = await street["xaa"].as_officer().ShowTrust(desk_pb2.ShowTrustRequest(), NO_CONTEXT)
        assert told.trust_list == street.trust.data
        assert set(told.members) == {"xaa", "xab", "xad", "hub"}

    async def test_papers_are_carried_by_hand_from_house_to_house(
        self, street: Street, tmp_path: Path
    ) -> None:
        exported = await street["xab"].as_officer().ExportPapers(desk_pb2.ExportPapersRequest(), NO_CONTEXT)
        assert exported.announcement.member == "xab"
        assert exported.announcement.directory_entry
        assert exported.announcement.trust_list == street.trust.data
        others = desk_pb2.ExportPapersRequest(member="xaa")
        told = await street["xab"].as_officer().ExportPapers(others, NO_CONTEXT)
        assert told.announcement.member == "xaa"

    async def test_papers_of_a_stranger_are_refused(self, street: Street) -> None:
        with pytest.raises(TrustError):
            await (
                street["xaa"]
                .as_officer()
                .ExportPapers(desk_pb2.ExportPapersRequest(member="xzz"), NO_CONTEXT)
            )

    async def test_the_audit_trail_is_read_in_pages(self, street: Street) -> None:
        house = street["xaa"]
        for number in range(3):
            await house.submit(draft(m.request(f"T-{number}"), to=["xab"]))
        desk, seen, after = house.as_officer(), [], 0
        while True:
            page = (
                await desk.ListAudit(desk_pb2.ListAuditRequest(after=after, page_size=2), NO_CONTEXT)
            ).events
            if not page:
                break
            seen += [one.action for one in page]
            after = page[-1].number
        assert seen.count("submit") == 3

    async def test_a_request_that_breaks_a_rule_is_refused(self, street: Street) -> None:
        with pytest.raises(InvalidMessageError):
            await street["xaa"].as_officer().ShowCase(desk_pb2.ShowCaseRequest(), NO_CONTEXT)
        with pytest.raises(NotFoundError):
            await street["xaa"].as_officer("poc").ShowCase(desk_pb2.ShowCaseRequest(case="x"), NO_CONTEXT)

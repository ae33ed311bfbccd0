"""Real daemons on loopback: a request there and back, through the relay, over kill -9; and every process ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from tracepost.cli.demonstration.material import read_request
from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.party import Party
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.protocol.errors import ConfigurationError, ConflictError, InvalidInputError, UnreachableError
from tracepost.sdk.cases import received_at, request_of
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

T = TypeVar("T")

HUB, XAA, XAB, XAC = "hub", "xaa", "xab", "xac"
OURS, THEIRS = desk_pb2.CASE_STATE_WAITING_FOR_US, desk_pb2.CASE_STATE_WAITING_FOR_THEM


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network.create(tmp_path_factory.mktemp("network") / "members", [XAA, XAB, XAC], relay=HUB)
    yield made
    made.close()


async def until(probe: Callable[[], Awaitable[T | None]]) -> T:
    async with asyncio.timeout(180):
        while True:
            if found := await probe():
                return found
            await asyncio.sleep(0.05)


def is_there(pid: int | None) -> bool:
    assert pid is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def request_to(*members: str) -> desk_pb2.Draft:
    draft = read_request()
    draft.to[:] = members
    draft.content.trace_request.file_number = f"XAA-{uuid4()}"
    return draft


async def send(network: Network, draft: desk_pb2.Draft) -> desk_pb2.Submission:
    async with network.client(XAA) as officer:
        return await officer.submit(draft)


async def proof(
    network: Network, of: str, sent: desk_pb2.Submission, event: str, log: str
) -> desk_pb2.TimelineEvent:
    """Wait for the event of a sent statement that is proved in the log of `log`."""
    return await until(lambda: Party(network, of).event(sent.thread, event, sent.statement, log=log))


async def acknowledge(network: Network, member: str, case: str) -> desk_pb2.Submission:
    async with network.client(member) as officer:
        request = request_of(await officer.show_case(case))
        message = trace_pb2.Acknowledgement(
            received_at=received_at(await officer.show_timeline(case), request.statement),
            file_number=f"{member}-1",
            items_counted=6,
            formal_check=trace_pb2.FORMAL_CHECK_COMPLETE,
            restrictions_accepted=[terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE],
            automatic=False,
        )
        return await officer.acknowledge(case, message)


async def respond(network: Network, member: str, case: str) -> desk_pb2.Submission:
    answers = [
        trace_pb2.Answer(
            item_id=str(number),
            identification=trace_pb2.IDENTIFICATION_CONFIRMED,
            reach=trace_pb2.REACH_MAKER,
            stopped_because=trace_pb2.STOPPED_BECAUSE_RECORDS_LAPSED,
            records_since="1975",
        )
        for number in range(1, 7)
    ]
    async with network.client(member) as officer:
        return await officer.respond(case, trace_pb2.Response(answers=answers, final=True))


class TestThereAndBack:
    async def test_request_receipt_acknowledgement_and_response_between_two_nodes(
        self, network: Network
    ) -> None:
        await network.start(HUB, XAA, XAB)
        xaa, xab = Party(network, XAA), Party(network, XAB)
        sent = await send(network, request_to(XAB))
        receipt = await proof(network, XAA, sent, "delivered", XAB)
        came = await proof(network, XAB, sent, "received", XAB)
        assert receipt.log_index == came.log_index
        assert (await proof(network, XAB, sent, "sent", XAA)).log_index
        case = sent.thread
        await proof(network, XAB, await acknowledge(network, XAB, case), "delivered", XAA)
        told = await xaa.summary(case)
        assert told is not None
        assert (told.their_file_number, told.state) == ("xab-1", THEIRS)
        await proof(network, XAB, await respond(network, XAB, case), "delivered", XAA)
        asked, answered = await xaa.summary(case), await xab.summary(case)
        assert asked is not None
        assert answered is not None
        assert [item.answers[0].by_member for item in asked.items] == [XAB] * 6
        assert (asked.state, answered.state) == (OURS, THEIRS)

    async def test_mail_for_a_node_that_is_off_waits_at_the_relay(self, network: Network) -> None:
        await network.start(HUB, XAA)
        await network.stop(XAC)
        sent = await send(network, request_to(XAC))
        assert [dispatch.via for dispatch in sent.dispatches] == [HUB]
        await proof(network, XAA, sent, "custody", HUB)
        assert await Party(network, XAA).event(sent.thread, "delivered", sent.statement) is None
        await network.start(XAC)
        await proof(network, XAA, sent, "delivered", XAC)
        said = await acknowledge(network, XAC, sent.thread)
        await proof(network, XAC, said, "delivered", XAA)

    async def test_a_relay_that_was_killed_still_delivers_what_it_signed_for(self, network: Network) -> None:
        await network.start(HUB, XAA)
        await network.stop(XAC)
        sent = await send(network, request_to(XAC))
        await proof(network, XAA, sent, "custody", HUB)
        network.kill(HUB)
        await network.start(HUB, XAC)
        await proof(network, XAA, sent, "delivered", XAC)


class TestKilled:
    async def test_everything_is_there_after_kill_9_and_a_restart(self, network: Network) -> None:
        await network.start(HUB, XAA, XAB)
        sent = await send(network, request_to(XAB))
        await proof(network, XAA, sent, "delivered", XAB)
        xab = Party(network, XAB)
        before = await xab.view(sent.thread)
        network.kill(XAB)
        assert network.process(XAB).exit_code == -9
        meanwhile = await send(network, request_to(XAB))
        await network.start(XAB, unlock=False)
        locked = await xab.view(sent.thread)
        assert all(one.desk_locked for one in locked.statements)
        assert not locked.statements[0].content.trace_request.ground_text
        await network.unlock(XAB)
        assert await xab.view(sent.thread) == before
        await proof(network, XAA, meanwhile, "delivered", XAB)
        assert await xab.summary(meanwhile.thread) is not None

    async def test_what_was_queued_goes_out_after_kill_9_once(self, network: Network) -> None:
        await network.start(HUB, XAA, XAB)
        network.kill(XAB)
        draft = request_to(XAB)
        draft.idempotency_key = str(uuid4())
        sent = await send(network, draft)
        network.kill(XAA)
        await network.start(XAA, XAB)
        assert await send(network, draft) == sent  # a client that heard nothing says it again
        await proof(network, XAA, sent, "delivered", XAB)
        view = await Party(network, XAB).view(sent.thread)
        assert [one.statement for one in view.statements] == [sent.statement]


class TestProcesses:
    async def test_all_leave_in_order_when_asked(self, network: Network) -> None:
        await network.start(HUB, XAA, XAB)
        running = [network.process(name).pid for name in (HUB, XAA, XAB)]
        codes = await network.stop()
        assert set(codes.values()) == {0}
        assert not any(map(is_there, running))

    async def test_a_daemon_that_cannot_serve_is_told_with_its_reason(self, network: Network) -> None:
        await network.stop(XAB)
        trust = network.node(XAB).seat.node / "trust.json"
        kept = trust.read_bytes()
        trust.unlink()
        try:
            with pytest.raises(ConfigurationError, match="ended while starting"):
                await network.start(XAB)
        finally:
            trust.write_bytes(kept)
        assert not network.process(XAB).is_running

    async def test_leaving_the_context_ends_every_process(self, tmp_path: Path) -> None:
        async with Network.create(tmp_path / "small", [XAA], relay=HUB) as small:
            await small.start()
            pids = [small.process(name).pid for name in (XAA, HUB)]
        assert not any(map(is_there, pids))

    async def test_a_program_that_says_nothing_is_given_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tracepost.cli.demonstration.processes._START_SECONDS", 0.2)
        silent = DaemonProcess("silent", ["-c", "import time; time.sleep(60)"], tmp_path / "log", "serves")
        with pytest.raises(UnreachableError):
            await silent.start()
        assert not silent.is_running


class TestMaking:
    def test_a_folder_that_holds_something_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "something").touch()
        with pytest.raises(ConflictError):
            Network.create(tmp_path, [XAA])
        assert [path.name for path in tmp_path.iterdir()] == ["something"]

    def test_a_state_without_a_plan_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInputError):
            Network.create(tmp_path / "network", ["xzz"])

    async def test_a_preview_names_each_desk_and_opens_no_case(self, network: Network) -> None:
        await network.start(HUB, XAA)
        draft = request_to(XAB)
        draft.preview = True
        shown = await send(network, draft)
        assert {(one.member, one.desk) for one in shown.readings} == {
            (XAB, "node"),
            (XAB, "poc"),
            (XAB, "police"),
        }
        async with network.client(XAA) as officer:
            numbers = [case.our_file_number async for case in officer.list_cases()]
        assert draft.content.trace_request.file_number not in numbers

    def test_private_things_are_for_their_owner_alone(self, network: Network) -> None:
        seat = network.node(XAA).seat
        secrets = [*seat.folder.joinpath("passphrases").iterdir(), seat.officer("poc") / "officer.key"]
        assert len(secrets) == 5
        assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}

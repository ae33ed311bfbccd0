"""The network that integrators test their programs against: real nodes, and every process ends."""

from __future__ import annotations

import asyncio
import os
import select
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fakes import messages as m
from fakes.house import draft
from tracepost.protocol.errors import ConflictError, InvalidInputError, UnreachableError
from tracepost.sdk.testing import LocalNetwork, local_network
from tracepost.wire.v1 import desk_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network() -> AsyncIterator[LocalNetwork]:
    async with local_network() as running:
        yield running


def running_below(folder: Path) -> set[int]:
    """Return the processes that were started with a path in `folder`."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
        except OSError:  # it has just ended
            continue
        if str(folder).encode() in words:
            found.add(int(entry.name))
    return found


async def test_two_members_know_one_another_and_their_desks_are_unlocked(network: LocalNetwork) -> None:
    assert network.members == ("xaa", "xab")
    for member in network.members:
        officer = network.client(member)
        assert all(desk.unlocked for desk in (await officer.get_status()).desks)
        assert all(line.known for line in await officer.list_directory())


async def test_mail_goes_there_and_a_desk_reads_it(network: LocalNetwork) -> None:
    sent = await network.client("xaa").submit(draft(m.request("T-1"), to=["xab"]))
    await network.delivered("xaa", sent, timeout_seconds=180)
    for desk in ("poc", "police"):
        [statement] = (await network.client("xab", desk).show_case(sent.thread)).statements
        assert statement.content.trace_request.items[0].object.mark


async def test_what_is_not_delivered_in_time_is_told(network: LocalNetwork) -> None:
    never = desk_pb2.Submission(dispatches=[desk_pb2.Dispatch(to="xac")])
    sent = await network.client("xaa").submit(draft(m.request("T-2"), to=["xab"]))
    never.thread, never.statement = sent.thread, sent.statement
    with pytest.raises(UnreachableError) as refused:
        await network.delivered("xaa", never, timeout_seconds=0.2)
    assert refused.value.where == "xac"


@pytest.mark.parametrize(("member", "desk"), [("xad", "poc"), ("xaa", "customs")])
async def test_who_is_not_there_is_told(network: LocalNetwork, member: str, desk: str) -> None:
    with pytest.raises(InvalidInputError):
        network.client(member, desk)


async def test_the_command_line_takes_its_profiles(network: LocalNetwork) -> None:
    command = [sys.executable, "-m", "tracepost.cli", "node", "status", "--json"]
    profile = ["--profile", str(network.profiles["xab"]["police"])]
    done = await run(*command, *profile)
    assert (done.returncode, b'"xab"' in done.stdout) == (0, True)


async def test_leaving_the_context_ends_every_process_and_takes_the_folder_away() -> None:
    async with local_network(["xac"]) as small:
        folder = small.folder
        assert len(running_below(folder)) == 2  # the node, and the program that keeps it
    assert not running_below(folder)
    assert not folder.exists()


async def test_a_folder_that_is_named_is_kept(tmp_path: Path) -> None:
    async with local_network(["xad"], folder=tmp_path):
        pass
    assert "node-serves" in (tmp_path / "network" / "xad" / "node.log").read_text()
    with pytest.raises(ConflictError):
        async with local_network(["xad"], folder=tmp_path):
            pass


async def test_a_state_that_there_is_none_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as refused:
        async with local_network(["xaa", "atlantis"], folder=tmp_path):
            pass
    assert refused.value.where == "atlantis"


async def test_a_test_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    """The program that keeps the network sees that its input has ended."""
    await asyncio.to_thread(_start_and_kill, tmp_path)
    for pid in running_below(tmp_path):
        await asyncio.to_thread(_wait_for_end, pid)
    assert not running_below(tmp_path)


_TEST = """
import asyncio, sys
from pathlib import Path
from tracepost.sdk.testing import local_network

async def main():
    async with local_network(["xaa"], folder=Path(sys.argv[1])):
        print("stands", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def _start_and_kill(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _TEST, str(folder)], stdout=subprocess.PIPE) as test:
        assert test.stdout is not None
        assert test.stdout.readline() == b"stands\n"
        test.kill()


def _wait_for_end(pid: int) -> None:
    """Wait until a process that is not our child has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 180)[0], "it did not end"
    finally:
        os.close(descriptor)


async def test_the_example_is_a_program_that_is_tested_this_way() -> None:
    done = await run(sys.executable, str(EXAMPLES / "acknowledging.py"))
    assert done.returncode == 0, done.stderr
    assert b"at xab" in done.stdout


async def run(*command: str) -> subprocess.CompletedProcess[bytes]:
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)

"""One process serves several members, and they share nothing else."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tracepost.cli.demonstration.material import read_request
from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.plan import plans_of
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.protocol.errors import ConfigurationError, IdentityError, UnreachableError
from tracepost.sdk import Client, OfficerPapers
from tracepost.wire.v1 import desk_pb2

HOST, GUEST = "xaa", "xab"


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    """xab's node runs in the process of xaa's; its mail to xaa crosses TLS all the same."""
    host, guest = plans_of([HOST, GUEST])
    made = Network.create(tmp_path / "members", [host, dataclasses.replace(guest, hosted_by=HOST)], None)
    served = [str(made.node(member).seat.node / "node.toml") for member in (HOST, GUEST)]
    process = DaemonProcess(
        HOST, ("-m", "tracepost.node", "serve", *served), made.node(HOST).log, "node-serves"
    )
    try:
        await process.start(None)
        for member in (HOST, GUEST):
            await _until_it_answers(made, member)
            await made.unlock(member)
            await made.bring_papers(member)
        yield made
        assert await process.stop() == 0
    finally:
        process.kill()


async def test_mail_goes_from_a_member_to_another_in_the_same_process(network: Network) -> None:
    draft = read_request()
    draft.to[:] = [GUEST]
    async with network.client(HOST) as officer:
        sent = await officer.submit(draft)
        lines = {line.member: line for line in await officer.list_directory()}
    assert (lines[GUEST].hosted_by, lines[HOST].hosted_by) == (HOST, "")
    view = await _arrived(network, GUEST, sent.thread)
    assert view.statements[0].content.trace_request.file_number == draft.content.trace_request.file_number


async def test_an_officer_of_the_host_is_a_stranger_to_the_guest(network: Network) -> None:
    """Its certificate is of another root than the one that the guest's port asks for."""
    host, guest = network.node(HOST), network.node(GUEST)
    folder = host.seat.officer("poc")
    papers = OfficerPapers.read(
        folder / "officer.pem", folder / "officer.key", guest.seat.officer("poc") / "root.pem"
    )
    async with Client.connect(guest.addresses.desk, GUEST, network.domain, papers, desk="poc") as stranger:
        with pytest.raises((IdentityError, UnreachableError)):
            await stranger.get_status()


async def test_each_has_its_own_store_and_log_and_every_line_says_whose_it_is(network: Network) -> None:
    checkpoints = {}
    for member in (HOST, GUEST):
        async with network.client(member) as officer:
            checkpoints[member] = (await officer.get_status()).log_checkpoint
        assert checkpoints[member].startswith(f"{member}.{network.domain}/log/")
    assert network.node(HOST).database != network.node(GUEST).database
    lines = [json.loads(line) for line in network.node(HOST).log.read_text().splitlines()]
    assert {line["node"] for line in lines if line["event"] == "node-serves"} == {HOST, GUEST}


def test_a_member_is_served_once(tmp_path: Path) -> None:
    made = Network.create(tmp_path / "members", [HOST], None)
    config = str(made.node(HOST).seat.node / "node.toml")
    done = subprocess.run(
        [sys.executable, "-m", "tracepost.node", "serve", config, config], capture_output=True, check=False
    )
    assert done.returncode == ConfigurationError.exit_code
    assert b"member-twice" in done.stderr


async def _until_it_answers(network: Network, member: str) -> None:
    async with asyncio.timeout(180), network.client(member) as officer:
        while True:
            try:
                await officer.get_status()
            except UnreachableError:
                await asyncio.sleep(0.05)
            else:
                return


async def _arrived(network: Network, member: str, thread: str) -> desk_pb2.CaseView:
    async with network.client(member) as officer, asyncio.timeout(180):
        while True:
            async for case in officer.list_cases():
                if case.thread == thread:
                    return await officer.show_case(thread)
            await asyncio.sleep(0.05)

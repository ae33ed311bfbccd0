"""The member's own policies with real processes: two officers, one node, and kill -9 between their words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from fakes.terminal import CliRunner
from tracepost.cli.app import app
from tracepost.cli.demonstration.material import read_request
from tracepost.cli.demonstration.network import Network, Programs
from tracepost.wire.v1 import desk_pb2, options_pb2

XAA, XAB = "xaa", "xab"
TEXT = """// Nobody opens criminal-justice information at this node any more.
@id("no-narrative")
forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");

// The point of contact reads the persons that its own police wrote of.
@id("poc-reads-own-persons")
permit (principal, action == Action::"open", resource == Class::"PERSONAL")
when { context.author && principal.point_of_contact };
"""
# The program's own node, which dies where TRACEPOST_FAULT says (`fakes.faults`).
NODE = f"""
import sys, tracepost.serving
from pathlib import Path
sys.path.append({str(Path(__file__).parents[1])!r})
from fakes.faults import faults_from_environment
from tracepost.node.bootstrap.node import serve_node
sys.exit(serve_node(Path(sys.argv[2]), faults=faults_from_environment()))
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    programs = Programs(node=("-c", NODE))
    folder = tmp_path_factory.mktemp("network") / "members"
    made = Network.create(folder, [XAA, XAB], relay=None, programs=programs)
    yield made
    made.close()


@dataclass
class Ended:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


async def tracepost(network: Network, desk: str, *arguments: str | Path) -> Ended:
    """Run a command as the officer at a desk of XAA."""
    runner = CliRunner(env={"TRACEPOST_PROFILE": str(network.profile(XAA, desk)), "COLUMNS": "200"})
    done = await asyncio.to_thread(runner.invoke, app, ["policy", *map(str, arguments)])
    assert "Traceback" not in done.stderr
    return Ended(done.exit_code, done.stdout, done.stderr)


async def hidden_from(network: Network, case: str, desk: str) -> set[str]:
    async with network.client(XAA, desk) as officer:
        [statement] = (await officer.show_case(case)).statements
    names = options_pb2.Sensitivity
    return {names.Name(one.of_class).removeprefix("SENSITIVITY_") for one in statement.hidden}


async def ask(network: Network) -> desk_pb2.Submission:
    draft = read_request()
    draft.to[:] = [XAB]
    draft.content.trace_request.file_number = f"XAA-{uuid4()}"
    draft.desk = "police"
    async with network.client(XAA, "police") as officer:
        return await officer.submit(draft)


async def test_two_officers_change_who_may_read_what_and_a_kill_between_them_loses_nothing(
    network: Network, tmp_path: Path
) -> None:
    file = tmp_path / "own.cedar"
    file.write_text(TEXT)
    await network.start(XAA, XAB)
    sent = await ask(network)
    assert "CRIMINAL_JUSTICE" not in await hidden_from(network, sent.thread, "police")
    assert "PERSONAL" in await hidden_from(network, sent.thread, "poc")

    shown = (await tracepost(network, "poc", "show", "--json")).data
    assert (shown["shown"], shown.get("versions", [])) == (None, [])
    told = await tracepost(network, "police", "diff", file, "--stored", "--json")
    assert {(c["desk"], c["of_class"], c["gained"]) for c in told.data["stored"]} >= {
        ("police", "SENSITIVITY_CRIMINAL_JUSTICE", False)
    }

    proposed = await tracepost(network, "poc", "activate", file, "--note", "Agreed on Monday.")
    assert proposed.code == 0, proposed.err
    assert "tracepost policy approve 1" in proposed.out
    alone = await tracepost(network, "poc", "approve", "1", "--json")
    assert alone.code == 4
    assert json.loads(alone.err)["error"]["reason"] == "own-proposal"
    assert "CRIMINAL_JUSTICE" not in await hidden_from(network, sent.thread, "police")

    network.kill(XAA)
    await network.start(XAA)
    running = network.process(XAA).pid
    [waiting] = (await tracepost(network, "police", "history", "--json")).data["versions"]
    assert (waiting["version"], waiting["state"]) == (1, "POLICY_STATE_PROPOSED")
    changed = tmp_path / "changed.cedar"
    changed.write_text(TEXT.replace("PERSONAL", "CONTACT"))
    assert (await tracepost(network, "police", "approve", "1", "--file", changed)).code == 4
    approved = await tracepost(network, "police", "approve", "1", "--file", file)
    assert approved.code == 0, approved.err
    assert "Version 1 is in force." in approved.out

    assert network.process(XAA).pid == running, "the same process"
    await is_in_force(network, sent)
    network.kill(XAA)
    await network.start(XAA)
    await is_in_force(network, sent)


async def is_in_force(network: Network, sent: desk_pb2.Submission) -> None:
    """Look at it from every side: reading, sealing, explaining, the status."""
    assert "CRIMINAL_JUSTICE" in await hidden_from(network, sent.thread, "police")
    preview = await ask(network)
    assert {u.path for u in preview.unsent} > {u.path for u in sent.unsent}
    shown = (await tracepost(network, "poc", "show", "--json")).data
    assert (shown["shown"]["version"], shown["shown"]["decided_by"]) == (1, "officer-2")
    assert shown["shown"]["set_sha256"] == shown["set_sha256"] != shown["base_sha256"]
    async with network.client(XAA) as officer:
        status = await officer.get_status()
    assert (status.policy_version, status.policy_sha256) == (1, shown["set_sha256"])
    told = (await tracepost(network, "police", "explain", sent.statement, "--json")).data
    decided = {
        (f["desk"], f["class"]): (f["allowed"], f["policies"]) for f in told["fields"] if f["member"] == XAA
    }
    assert decided["poc", "PERSONAL"] == (True, ["poc-reads-own-persons"])
    words = (await tracepost(network, "poc", "show", "--text")).out
    assert '@id("personal")' in words
    assert '@id("no-narrative")' in words
    sheet = await tracepost(network, "police", "explain", sent.statement)
    assert "no-narrative" in sheet.out


async def test_a_proposal_that_may_not_be_is_refused_before_anything_is_sent(
    network: Network, tmp_path: Path
) -> None:
    await network.start(XAA)
    file = tmp_path / "own.cedar"
    file.write_text('@id("panels") permit (principal, action, resource == Class::"LAW_ENFORCEMENT");')
    for verb in ("check", "activate"):
        refused = await tracepost(network, "poc", verb, file)
        assert refused.code == 4
        assert "policy panels" in refused.err


async def test_a_proposal_is_refused_by_another_or_withdrawn(network: Network, tmp_path: Path) -> None:
    await network.start(XAA)
    file = tmp_path / "own.cedar"
    file.write_text("// nothing\n")
    for desk, words in (("police", "is refused."), ("poc", "is withdrawn.")):
        made = (await tracepost(network, "poc", "activate", file, "--json")).data
        again = await tracepost(network, "police", "activate", file)
        assert again.code == 4
        assert "refuse" in again.err
        assert words in (await tracepost(network, desk, "refuse", str(made["version"]))).out
    assert (await tracepost(network, "poc", "approve", "99")).code == 4


@pytest.mark.parametrize("moment", ["before-commit", "after-commit", "after-sign"])
async def test_a_kill_while_it_is_put_in_force_leaves_it_proposed_or_in_force_and_never_half(
    network: Network, tmp_path: Path, moment: str
) -> None:
    await network.start(XAA)
    file = tmp_path / "own.cedar"
    file.write_text(f'@id("no-{moment}") forbid (principal, action, resource == Class::"CONTACT");')
    made = (await tracepost(network, "poc", "activate", file, "--json")).data
    await network.stop(XAA)
    await network.start(XAA, environment={"TRACEPOST_FAULT": f"{moment}:policy-activate:1"})
    cut = await tracepost(network, "police", "approve", str(made["version"]))
    assert cut.code == 6
    await network.process(XAA).wait(120)
    await network.start(XAA)
    newest = (await tracepost(network, "poc", "history", "--json")).data["versions"][0]
    shown = (await tracepost(network, "poc", "show", "--json")).data
    if moment == "before-commit":
        assert newest["state"] == "POLICY_STATE_PROPOSED"
        assert f"no-{moment}" not in shown["shown"]["policies"]
        assert (await tracepost(network, "police", "approve", str(made["version"]))).code == 0
    else:
        assert newest["state"] == "POLICY_STATE_IN_FORCE"
        assert shown["set_sha256"] == newest["set_sha256"]
        assert shown["shown"]["policies"] == [f"no-{moment}"]

"""Officers on the command line with a real node and authority: deputise, wait for a word, leave."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from fakes.devices import Device
from tracepost.cli.demonstration.material import read_request
from tracepost.cli.demonstration.network import Network
from tracepost.cli.demonstration.plan import DeskPlan, MemberPlan
from tracepost.protocol.ids import encode_b64
from tracepost.sdk.passkeys import write_request
from tracepost.wire.v1 import desk_pb2

XAA, XAB = "xaa", "xab"
PLANS = (
    MemberPlan(
        XAA,
        "Tracing Office",
        (DeskPlan("poc", point_of_contact=True), DeskPlan("police", ("LAW_ENFORCEMENT",), officers=2)),
        second_officer=True,
    ),
    MemberPlan(XAB, "Firearms Registry", (DeskPlan("poc", ("LAW_ENFORCEMENT",), point_of_contact=True),)),
)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network.create(tmp_path_factory.mktemp("network") / "members", PLANS, relay=None)
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


async def tracepost(network: Network, desk: str, *arguments: str | Path, officer: int = 1) -> Ended:
    """Run a command as an officer of XAA."""
    profile = network.profile(XAA, desk, officer)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tracepost.cli", *map(str, arguments)],
        env={**os.environ, "TRACEPOST_PROFILE": str(profile), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)


async def ask(network: Network) -> desk_pb2.Submission:
    draft = read_request()
    draft.to[:] = [XAB]
    draft.content.trace_request.file_number = f"XAA-{uuid4()}"
    draft.desk = "police"
    async with network.client(XAA, "police") as officer:
        return await officer.submit(draft)


async def test_an_officer_lets_a_passkey_speak_for_him_and_takes_it_back(
    network: Network, tmp_path: Path
) -> None:
    await network.start(XAA)
    device, file = Device(), tmp_path / "passkey.json"
    listed = await tracepost(network, "poc", "desk", "list")
    assert listed.code == 0, listed.err
    file.write_bytes(write_request(device.request("1")))
    of_another = await tracepost(network, "police", "officer", "passkey", "endorse", file)
    assert of_another.code != 0
    made = await tracepost(network, "poc", "officer", "passkey", "endorse", file, "--json")
    assert made.data["origin"] == device.origin
    again = await tracepost(network, "poc", "officer", "passkey", "endorse", file, "--json")
    assert again.data["credential"] == made.data["credential"]
    found = await tracepost(network, "poc", "officer", "passkey", "list", "--json")
    assert [(one["credential"], one["speaks"]) for one in found.data["passkeys"]] == [
        (encode_b64(device.credential), True)
    ]
    assert (await tracepost(network, "police", "officer", "passkey", "list", "--json")).data == {
        "passkeys": []
    }
    ended = await tracepost(network, "poc", "officer", "passkey", "end", "--", made.data["credential"])
    assert ended.code == 0, ended.err
    assert "No passkey speaks for you." in ended.out


async def test_mail_waits_for_a_second_officer_and_one_who_leaves_is_refused(network: Network) -> None:
    await network.start(XAA, XAB)
    today = dt.datetime.now(tz=dt.UTC).date()
    for desk, officer in (("poc", 1), ("police", 1), ("police", 2)):
        assert (await tracepost(network, desk, "desk", "list", officer=officer)).code == 0
    listed = (await tracepost(network, "poc", "officer", "list", "--json")).data["officers"]
    numbers = {one["number"]: one["desks"] for one in listed}
    assert sorted(map(tuple, numbers.values())) == [("poc",), ("police",), ("police",)]
    poc, first, second = (str(n) for n in (1, 2, 3))

    sent = await ask(network)
    assert sent.release_state == desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER
    # Its beginning says which; two dashes could begin an option as well, unless all of it is there.
    name = sent.statement if sent.statement.startswith("--") else sent.statement[:12]
    own = await tracepost(network, "police", "release", "approve", name)
    assert own.code != 0
    assert "nobody releases" in own.err or "wrote" in own.err
    shown = await tracepost(network, "police", "release", "show", name, officer=2)
    assert shown.code == 0, shown.err
    said = await tracepost(network, "police", "release", "approve", name, officer=2)
    assert said.code == 0, said.err
    assert (await tracepost(network, "police", "release", "list", "--json")).data == {"releases": []}

    days = ("--from", today.isoformat(), "--until", (today + dt.timedelta(days=3)).isoformat())
    made = await tracepost(network, "police", "officer", "deputise", poc, "--for", "police", *days, "--json")
    appointment = str(made.data["number"])
    assert (await tracepost(network, "police", "officer", "approve", appointment, officer=2)).code == 0
    assert (await tracepost(network, "police", "case", "assign", sent.thread, "--officer", first)).code == 0

    seat = network.node(XAA).seat
    folder = ("--ca", seat.authority, "--passphrase-file", seat.passphrase("authority"))
    gone = await tracepost(network, "poc", "officer", "leave", first, "--to", second, *folder, "--json")
    assert (gone.data["revoked"], gone.data["cases"]) == (1, 1)
    assert not gone.data.get("certificate_in_force")
    refused = await tracepost(network, "police", "case", "assigned")
    assert refused.code != 0
    again = await tracepost(network, "poc", "officer", "leave", first, "--to", second, *folder, "--json")
    assert (again.data["revoked"], again.data["cases"]) == (0, 1)
    theirs = await tracepost(network, "police", "case", "assigned", "--json", officer=2)
    assert [one["thread"] for one in theirs.data["assignments"]] == [sent.thread]

"""Exercises between two real nodes: pinged, practised with a robot, and never mixed with what is real."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.command_line import write_profile
from fakes.town import PANEL, POC, POLICE, Town, found_town, until
from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk import Client, Cover
from tracepost.sdk.pinging import ping
from tracepost.sdk.robot import Act, Manner, attend
from tracepost.wire.v1 import terms_pb2

HUB, XAA, XAB, EXPERTS = "hub", "xaa", "xab", "un-panel-xyz"
REAL = Cover(
    to=(XAB,), purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION, legal_basis=terms_pb2.LEGAL_BASIS_ITI
)
ROBOT_SECONDS = 180
AT_ONCE = Manner(acknowledge_seconds=0, answer_seconds=0, ask_back=0, seed=3)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder: Path = tmp_path_factory.mktemp("exercises") / "town"
    desks = {XAA: (POC, POLICE), XAB: (POC, POLICE), EXPERTS: (PANEL,)}
    return found_town(folder, desks, HUB, types={EXPERTS: MemberType.PANEL})


async def arrive(town: Town, member: str, thread: str, number: int) -> None:
    question = f"SELECT count(*) FROM statement WHERE thread = '{thread}' AND in_effect"
    await until(lambda: town.ask(member, question) == [(number,)], f"mail to arrive at {member}")


async def test_a_ping_is_received_and_a_robot_answers_it_and_nothing_real(town: Town) -> None:
    async with town.running(HUB, XAA, XAB):
        await town.meet(XAA, XAB)
        await town.unlock(XAA)
        await town.unlock(XAB)
        async with town.client(XAA) as asking, town.client(XAB) as asked:
            steps = [step async for step in ping(asking, XAB, receipt_seconds=180)]
            assert [(one.name, one.happened, one.detail) for one in steps] == [
                ("sealed", True, "signed"),
                ("receipt", True, "delivered"),
            ]
            assert 0 <= steps[0].seconds <= steps[1].seconds
            pinged = steps[0].case
            real = await asking.submit_request(m.request("T-1"), REAL)
            await arrive(town, XAB, real.thread, 1)

            first = await attend(asked, AT_ONCE, time.time() + 1)
            assert [(one.case, one.to, one.kind) for one in first] == [
                (pinged, XAA, "trace.acknowledgement/1")
            ]
            second = await attend(asked, AT_ONCE, time.time() + 1)
            assert [(one.case, one.kind) for one in second] == [(pinged, "trace.response/1")]
            assert await attend(asked, AT_ONCE, time.time() + 1) == []
            await arrive(town, XAA, pinged, 3)
            view = await asking.show_case(pinged)
            assert {one.exercise for one in view.statements} == {True}
            assert view.statements[1].content.acknowledgement.automatic
            assert [one.kind for one in (await asked.show_case(real.thread)).statements] == [
                "trace.request/1"
            ]

            await answer_a_ping(town)


async def test_a_panel_pings_with_a_request_of_a_panel_and_a_robot_replies_to_it(town: Town) -> None:
    async with town.running(HUB, XAA, EXPERTS):
        await town.meet(XAA, EXPERTS)
        await town.unlock(XAA)
        await town.unlock(EXPERTS)
        async with town.client(EXPERTS, desk="experts") as panel, town.client(XAA) as asked:
            *_, receipt = [step async for step in ping(panel, XAA, receipt_seconds=180)]
            assert (receipt.name, receipt.happened) == ("receipt", True)
            await arrive(town, XAA, receipt.case, 1)
            said = await acts_in(asked, receipt.case, 2)
            assert [(one.case, one.to, one.kind) for one in said] == [
                (receipt.case, EXPERTS, "trace.acknowledgement/1"),
                (receipt.case, EXPERTS, "panel.reply/1"),
            ]
            await arrive(town, EXPERTS, receipt.case, 3)
            statements = (await panel.show_case(receipt.case)).statements
            assert statements[0].kind == "panel.request/1"
            assert {one.exercise for one in statements} == {True}
            assert statements[-1].content.panel_reply.final


async def acts_in(client: Client, case: str, number: int) -> list[Act]:
    """Let a robot look until it has said so many things in a case; return them."""
    said = list[Act]()
    async with asyncio.timeout(ROBOT_SECONDS):
        while len(said) < number:
            said += [one for one in await attend(client, AT_ONCE, time.time() + 1) if one.case == case]
    return said


async def answer_a_ping(town: Town) -> None:
    """The verbs: a ping that is not answered in time says so; a robot goes once through its exercises."""
    ours, theirs = write_profile(town, XAA, "7", "poc"), write_profile(town, XAB, "7", "poc")
    code, said = await run(ours, "ping", XAB, "--receipt-within", "180", "--answer-within", "1", "--json")
    assert code == UnreachableError.exit_code
    told = json.loads(said)
    assert [(one["name"], one["happened"]) for one in told["steps"]] == [
        ("sealed", True),
        ("receipt", True),
        ("answer", False),
    ]
    at_once = ("--acknowledge-after", "0", "--answer-after", "0", "--ask-back", "0")
    code, said = await run(theirs, "robot", "--once", *at_once, "--json")
    assert code == 0
    assert [(one["case"], one["to"]) for one in json.loads(said)["sent"]] == [(told["case"], XAA)]
    code, said = await run(ours, "ping", XAB, "--receipt-within", "180")
    assert code == 0
    assert b"EXERCISE" in said


async def run(profile: Path, *words: str) -> tuple[int | None, bytes]:
    """Run the command line in a process of its own; return its code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tracepost.cli",
        *words,
        env={**os.environ, "TRACEPOST_PROFILE": str(profile)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return process.returncode, said

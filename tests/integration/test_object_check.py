"""Real nodes: an object check from the command line, answered by the node itself, and by an officer."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.sdk.checks import find_check
from tracepost.wire.v1 import check_pb2, register_pb2, weapon_pb2

MARK = "ЕАО 512-QQ7741"
HANDLED = "do-not-alert"
SETTINGS = '\n[object_check]\nautomatic = true\ndesk = "police"\nper_peer_per_day = 5\n'


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """XAB answers checks by itself; its nodes keep house ten times a second."""
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 0.1)
    town = found_town(tmp_path / "town", dict.fromkeys(("xaa", "xab"), (POC, POLICE)), relay="hub")
    with (town.place("xab") / "node.toml").open("a") as settings:
        settings.write(SETTINGS)
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for member in ("xaa", "xab"):
            await town.unlock(member)
        yield town


async def test_a_check_is_asked_and_answered_without_an_officer(town: Town, tmp_path: Path) -> None:
    async with town.client("xab", desk="police") as officer:
        assert [one async for one in officer.import_register("stolen", [record(2, MARK)])]
    asked = await run(town, tmp_path, "check", "ask", "--to", "xab", "--mark", MARK, "--make", "Zastava")
    told = await answer_of(town, asked["thread"])
    assert told.automatic
    assert [(one.item_id, one.result) for one in told.outcomes] == [("1", check_pb2.CHECK_RESULT_HIT)]
    assert told.follow_up.organisation == "Office of xab"


async def test_a_table_is_asked_about_at_once_and_too_much_of_it_waits(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "found.csv"
    table.write_text("serial;make\n" + "".join(f"VW {n}77;Colt\n" for n in range(6)))
    asked = await run(town, tmp_path, "check", "ask", "--to", "xab", "--table", str(table))
    await left_to_an_officer(town, "daily-limit")
    said = await run(
        town, tmp_path, "check", "answer", asked["thread"], "--hit", "2", "--rest", "no-hit", "--unit", "Registry",
        member="xab",
    )  # fmt: skip
    assert said["statement"]
    told = await answer_of(town, asked["thread"])
    assert not told.automatic
    assert [one.result for one in told.outcomes] == [2, 1, 2, 2, 2, 2]


async def test_a_handling_instruction_keeps_the_machine_away(town: Town, tmp_path: Path) -> None:
    asked = await run(town, tmp_path, "check", "ask", "--to", "xab", "--mark", MARK, "--handling", HANDLED)
    await left_to_an_officer(town, "handling-instruction")
    async with town.client("xab") as officer:
        check = find_check(await officer.show_case(asked["thread"]))
    assert check is not None
    assert check.items[0].mark[0].text_as_seen == MARK


# ── how the tests work ───────────────────────────────────────────────────────────────


def record(row: int, mark: str) -> register_pb2.RegisterRow:
    seen = weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen=mark)
    thing = weapon_pb2.Object(make="Zastava", mark=[seen])
    return register_pb2.RegisterRow(row=row, status="REGISTER_STATUS_STOLEN", object=thing)


async def answer_of(town: Town, case: str) -> check_pb2.ObjectCheckReply:
    question = "SELECT 1 FROM statement WHERE kind = 'object.check-reply/1' AND in_effect"
    await until(lambda: town.ask("xaa", question), "the answer to arrive")
    async with town.client("xaa") as officer:
        view = await officer.show_case(case)
    return view.statements[-1].content.object_check_reply


async def left_to_an_officer(town: Town, reason: str) -> None:
    question = f"SELECT 1 FROM audit_event WHERE outcome = 'left to an officer/{reason}'"
    await until(lambda: town.ask("xab", question), "the check to be left to an officer")


async def run(town: Town, folder: Path, *arguments: str, member: str = "xaa") -> Any:
    """Run a command with `--json` as an officer of a member and return what it printed."""
    papers = town.papers(member)
    for name, data in (("chain", papers.certificate_chain), ("key", papers.key), ("root", papers.root)):
        (folder / f"{name}.pem").write_bytes(data)
    lines = {
        "address": f"127.0.0.1:{town.residents[member].ports.desk}",
        "member": member,
        "domain": DOMAIN,
        "desk": "poc",
        "certificate": "chain.pem",
        "key": "key.pem",
        "root": "root.pem",
    }
    profile = folder / "profile.toml"
    profile.write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))
    command = (sys.executable, "-m", "tracepost.cli", *arguments, "--profile", str(profile), "--json")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return json.loads(said)

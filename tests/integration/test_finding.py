"""Real nodes: a mark is found by who asked and who was asked, and stands nowhere but under seal."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.errors import QuotaError, TracepostError
from tracepost.sdk import Client
from tracepost.wire.v1 import terms_pb2

MARK = "ЕАО 512-QQ7741"
FORMS = ("ЕАО512QQ7741", "EA0512007741", "QUERY-77123", "QUERY77123")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Two states and a relay, in processes of their own, desks unlocked, one request delivered."""
    made = found_town(tmp_path / "town", {"xaa": (POC,), "xab": (POC, POLICE)}, relay="hub", metrics=True)
    async with AsyncExitStack() as stack:
        for member in ("hub", "xaa", "xab"):
            process = made.process(member)
            stack.callback(process.abandon)
            await process.start()
        await made.meet("xaa", "xab")
        for member in ("xaa", "xab"):
            await made.unlock(member)
        request = m.request("T-1")
        request.items[0].object.mark[0].text_as_seen = MARK
        request.handling_instructions[:] = [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]
        async with made.client("xaa") as officer:
            sent = await officer.submit(draft(request, to=["xab"]))
        await until(lambda: made.ask("xab", "SELECT 1 FROM case_record"), "the request to arrive")
        assert sent.thread
        yield made


async def test_a_mark_is_found_on_both_sides_and_is_nowhere_in_clear(town: Town) -> None:
    for member in ("xaa", "xab"):
        async with town.client(member) as officer:
            [hit] = (await officer.search_marks("EA0-5I2 007741")).hits
            assert hit.text_as_seen == MARK
            assert list(hit.handling) == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]
            assert not hit.exercise
            assert not (await officer.search_marks("QUERY-77123")).hits
            with pytest.raises(TracepostError) as refusal:
                await officer.search_marks(MARK * 40)
            assert MARK not in f"{refusal.value} {refusal.value!r} {refusal.value.remedy}"
    for member in ("hub", "xaa", "xab"):
        for text in (MARK, *FORMS):
            assert text.encode() not in left_behind(town, member), (member, text)


async def test_only_officers_of_the_member_search_and_not_without_end(town: Town) -> None:
    address = f"127.0.0.1:{town.residents['xab'].ports.desk}"
    async with Client.connect(address, "xab", DOMAIN, town.papers("xaa"), desk="poc") as stranger:
        with pytest.raises(TracepostError):
            await stranger.search_marks(MARK)
    async with town.client("xab") as officer:
        asked = [officer.search_marks(MARK) for _ in range(30)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in answers if isinstance(one, Exception)} == {QuotaError}


async def test_a_register_is_imported_and_matched_from_the_command_line(town: Town, tmp_path: Path) -> None:
    """The police of XAB keep the list of what was stolen there; XAA's weapon stands on it."""
    table = tmp_path / "Stolen_Weapons.csv"
    table.write_text(
        f"serial;make;status;record\n{MARK};Zastava;theft;REF-QX77\n;Colt;theft;2\nB 7;Colt;lost;3\n"
    )
    profile = profile_of(town, "xab", "police", tmp_path)
    imported = await run("register", "import", str(table), "--profile", str(profile), exit_code=8)
    assert imported["in_force"]["records"] == "2"
    assert [(one["row"], one["reason"]) for one in imported["rejections"]] == [(3, "missing")]
    again = await run("register", "import", str(table), "--profile", str(profile), exit_code=8)
    assert again["unchanged"]
    listed = await run("register", "list", "--profile", str(profile))
    assert [one["source"] for one in listed["sources"]] == ["stolen-weapons"]
    found = await run("register", "match", "T-1", "--profile", str(profile))
    assert [(one["item_id"], one["record"]["reference"]) for one in found["matches"]] == [("1", "REF-QX77")]
    for text in ("REF-QX77", MARK, *FORMS):
        assert text.encode() not in left_behind(town, "xab"), text


async def test_a_report_is_written_as_csv_and_json_and_names_no_object(town: Town, tmp_path: Path) -> None:
    profile = profile_of(town, "xaa", "poc", tmp_path)
    days = ("--from", "2020-01-01", "--to", "2099-12-31")
    told = await run(
        "report", *days, "--private", "--profile", str(profile), "--out", str(tmp_path / "r.csv")
    )
    sheet = (tmp_path / "r.csv").read_text()
    assert "# PRIVATE\n" in sheet
    assert "xaa,2020-01-01,2099-12-31,SENT,ASKED,,,,,,,,ITEMS,1\n" in sheet
    assert "xaa,2020-01-01,2099-12-31,SENT,UNANSWERED,xab,,,,,,,ITEMS,1\n" in sheet
    shown = await run("report", *days, "--profile", str(profile), "--out", str(tmp_path / "r.json"))
    assert json.loads((tmp_path / "r.json").read_text()) == shown
    assert [one for one in shown["cells"] if one.get("value") not in ("0", None)] == []
    assert MARK not in f"{told}{shown}{sheet}"


def profile_of(town: Town, member: str, desk: str, folder: Path) -> Path:
    """Write what the command line needs for an officer of a desk; return the file."""
    papers = town.papers(member)
    for name, data in (("chain", papers.certificate_chain), ("key", papers.key), ("root", papers.root)):
        (folder / f"{name}.pem").write_bytes(data)
    text = {
        "address": f"127.0.0.1:{town.residents[member].ports.desk}",
        "member": member,
        "domain": DOMAIN,
        "desk": desk,
        "certificate": str(folder / "chain.pem"),
        "key": str(folder / "key.pem"),
        "root": str(folder / "root.pem"),
    }
    path = folder / "profile.toml"
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in text.items()))
    return path


async def run(*arguments: str, exit_code: int = 0) -> Any:
    """Run a command with `--json` and return what it printed."""
    command = (sys.executable, "-m", "tracepost.cli", *arguments, "--json")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert process.returncode == exit_code, complained.decode()
    return json.loads(said)


def left_behind(town: Town, member: str) -> bytes:
    """Return all files of a member but its keys, and its metrics page."""
    files = [path for path in town.place(member).rglob("*") if "keys" not in path.parts]
    assert any(path.name.startswith("store") for path in files)
    page = urllib.request.urlopen(f"http://127.0.0.1:{town.residents[member].ports.metrics}/metrics")
    with page:
        return b"".join(map(content_of, files)) + bytes(page.read())


def content_of(path: Path) -> bytes:
    """Return what a file says; the member is at work, and one that it has just renamed is in the list by both names."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""

"""Officers of a real node are told: killed between its decisions and its mails, it forgets nothing and tells once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from fakes.letterbox import Letterbox, letterbox
from fakes.messages import request
from fakes.ports import find_port
from fakes.terminal import CliRunner
from fakes.town import POC, POLICE, Process, Town, found_town, until
from tracepost.cli.app import app
from tracepost.protocol.errors import InvalidInputError, UnreachableError
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import terms_pb2

DUTY = "duty@xab.example"


@pytest.fixture(scope="module")
def box() -> Iterator[Letterbox]:
    with letterbox() as box:
        yield box


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, box: Letterbox) -> Town:
    """XAB's point of contact is told; nobody is running."""
    folder = tmp_path_factory.mktemp("told") / "town"
    town = found_town(folder, {"xaa": (POC,), "xab": (POC, POLICE)}, "hub")
    with (town.place("xab") / "node.toml").open("a") as settings:
        settings.write(
            f'\n[notices]\nsmtp = "127.0.0.1:{box.port}"\nsender = "post@xab.example"\ntls = "none"\n'
            f'\n[told]\nconsole = "https://console.xab.example"\n'
            f'\n[[told.desk]]\ndesk = "poc"\nminutes_between = 1\n'
            f'\n[[told.desk.duty]]\nto = ["{DUTY}"]\n'
        )
    return town


async def ask(town: Town) -> None:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client("xaa") as officer:
        await officer.submit(build_draft(request("XAA-1"), cover))


def steps(town: Town) -> list[int]:
    return [step for (step,) in town.ask("xab", "SELECT step FROM waiting_item")]


def unsent(town: Town) -> int:
    return len(town.ask("xab", "SELECT id FROM telling"))


async def test_a_node_that_is_killed_on_the_way_tells_what_it_decided_and_once(
    town: Town, box: Letterbox
) -> None:
    """It dies when it has decided, and again when the mail has gone and that is not noted."""
    xab: Process = town.process("xab")
    try:
        async with town.running("hub", "xaa"):
            await xab.start()
            await town.meet("xaa", "xab")
            await until(lambda: town.ask("xab", "SELECT 1 FROM setting WHERE name = 'told'"), "its beginning")
            await xab.stop()
            await town.unlock("xaa")
            await xab.start(fault="after-commit:told-decide:1")
            await ask(town)
            await xab.killed()
            assert (box.mails, steps(town), unsent(town)) == ([], [1], 1)
            await xab.start(fault="before-commit:told-sent:1")
            await xab.killed()
            assert (box.recipients, steps(town), unsent(town)) == ([[DUTY]], [1], 1)
            await xab.start()
            await until(lambda: not unsent(town), "the note that it went")
            await xab.stop()
    finally:
        xab.abandon()
    assert {mail["Message-ID"] for mail in box.mails} == {box.mails[0]["Message-ID"]}, (
        "a mail system drops the second"
    )
    assert len(box.mails) == 2
    assert all("XAA" not in raw.decode() and "xaa" not in raw.decode() for raw in box.raw)


async def test_a_node_that_serves_takes_a_change_of_who_is_told_and_no_file_that_is_wrong(
    town: Town, tmp_path: Path
) -> None:
    changed = town.copy(tmp_path / "changed")
    path, xab = changed.settings_path("xab"), changed.process("xab")
    text = path.read_text()
    try:
        await xab.start()
        _put(path, text.replace("[told]", "[tolled]"))
        await until(lambda: _has_said(changed, "roster-refused"), "the line that the file is wrong")
        _put(path, text.replace(DUTY, "night@xab.example"))
        await until(lambda: _has_said(changed, "roster-read"), "the line that the file was read")
        await xab.stop()
    finally:
        xab.abandon()


def _put(path: Path, text: str) -> None:
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def _has_said(town: Town, event: str) -> bool:
    return f'"event":"{event}"' in town.log_path("xab").read_text()


def run(town: Town, *arguments: str) -> tuple[int, dict[str, list[dict[str, object]]]]:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    return done.exit_code, json.loads(done.stdout)


def test_an_operator_sees_who_would_be_told_and_tries_it(town: Town, box: Letterbox) -> None:
    box.mails.clear()
    folder = str(town.place("xab"))
    code, shown = run(town, "node", "told", folder)
    assert (code, shown["desks"]) == (0, [{"desk": "poc", "now": [DUTY], "urgent": [DUTY], "webhook": False}])
    code, shown = run(town, "node", "told", folder, "--test", "poc")
    assert (code, shown["tried"]) == (0, [{"to": DUTY, "problem": ""}])
    assert box.subjects == ["Test: nothing waits at your desk"]
    box.refuses = 1
    code, shown = run(town, "node", "told", folder, "--test", "poc")
    assert (code, shown["tried"]) == (UnreachableError.exit_code, [{"to": DUTY, "problem": "SMTPDataError"}])
    assert "duty@xab" in CliRunner().invoke(app, ["node", "told", folder]).stdout
    assert "was taken" in CliRunner().invoke(app, ["node", "told", folder, "--test", "poc"]).stdout
    assert (
        CliRunner().invoke(app, ["node", "told", folder, "--test", "police"]).exit_code
        == InvalidInputError.exit_code
    )


def looked_at(town: Town, member: str) -> dict[str, dict[str, str]]:
    done = CliRunner().invoke(app, ["doctor", "--folder", str(town.place(member)), "--json"])
    return {one["subject"]: one for one in json.loads(done.stdout)["findings"]}


async def serve_once(town: Town) -> None:
    """Let nodes make their databases, without which a doctor looks no further."""
    async with town.running("xaa", "xab"):
        pass


def test_the_doctor_says_when_nobody_is_told_or_the_mail_server_is_away(town: Town, tmp_path: Path) -> None:
    served = town.copy(tmp_path / "served")
    asyncio.run(serve_once(served))
    found = looked_at(served, "xab")
    assert (found["telling officers"]["level"], found["mail server"]["level"]) == ("ok", "ok")
    assert "poc" in found["telling officers"]["words"]
    found = looked_at(served, "xaa")
    assert found["telling officers"]["level"] == "warn"
    assert "mail server" not in found
    away = served.copy(tmp_path / "away")
    path = away.place("xab") / "node.toml"
    path.write_text(
        "".join(map(partial(_elsewhere, port=find_port()), path.read_text().splitlines(keepends=True)))
    )
    found = looked_at(away, "xab")
    assert found["mail server"]["level"] == "fail"
    assert "ConnectionRefusedError" in found["mail server"]["words"]


def _elsewhere(line: str, port: int) -> str:
    return f'smtp = "127.0.0.1:{port}"\n' if line.startswith("smtp = ") else line

"""`--attach` and `tracepost trace attachment`, between two real nodes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.sdk.testing import LocalNetwork, local_network

EXAMPLES = Path(__file__).parents[2] / "examples"
REGISTER = b"%PDF-1.7\n" + os.urandom(700_000)
WIDE = CliRunner(env={"COLUMNS": "300"})
"""How long the path of a folder is says not where words are broken."""


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network() -> AsyncIterator[LocalNetwork]:
    async with local_network() as running:
        yield running


class Officer:
    """An officer at the command line."""

    def __init__(self, network: LocalNetwork, member: str, desk: str) -> None:
        self._profile = network.profiles[member][desk]

    async def run(self, *arguments: str, exit_code: int = 0) -> Result:
        words = ["trace", *arguments, "--profile", str(self._profile)]
        result = await asyncio.to_thread(WIDE.invoke, app, words)
        assert result.exit_code == exit_code, result.output
        return result

    async def json(self, *arguments: str) -> Any:
        return json.loads((await self.run(*arguments, "--json")).stdout)

    async def until(self, words: str, *arguments: str) -> str:
        """Repeat a command until it ends well and its output holds `words`; return the output."""
        async with asyncio.timeout(180):
            while True:
                result = await asyncio.to_thread(
                    WIDE.invoke, app, ["trace", *arguments, "--profile", str(self._profile)]
                )
                if result.exit_code == 0 and words in result.output:
                    return result.output
                await asyncio.sleep(0.1)


@pytest.fixture
def asker(network: LocalNetwork) -> Officer:
    return Officer(network, "xaa", "police")


@pytest.fixture
def reader(network: LocalNetwork) -> Officer:
    return Officer(network, "xab", "police")


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    """A request for two weapons, without photographs."""
    weapon = {
        "kind": "ITEM_KIND_WEAPON",
        "object": {"mark": [{"role": "MARK_ROLE_MANUFACTURER_SERIAL", "text_as_seen": "SN-1"}]},
    }
    document = {
        "file_number": f"CLI-{os.urandom(4).hex()}",
        "items": [{"id": number, **weapon} for number in ("1", "2")],
        "illicit_grounds": ["ILLICIT_GROUND_NATIONAL_LAW"],
        "guarantees_restrictions": True,
    }
    path = tmp_path / "request.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def draft_file(request_file: Path) -> Path:
    """The same as a draft: what it says is its key."""
    path = request_file.with_name("draft.json")
    path.write_text(json.dumps({"content": {"trace_request": json.loads(request_file.read_text())}}))
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    path = tmp_path / "register.pdf"
    path.write_bytes(REGISTER)
    return path


COVER = ("--to", "xab", "--purpose", "criminal-investigation", "--legal-basis", "iti")


async def test_a_file_goes_out_with_a_request_and_is_taken_out_at_the_other_end(
    asker: Officer, reader: Officer, request_file: Path, register: Path, tmp_path: Path
) -> None:
    sent = await asker.json("submit", str(request_file), *COVER, "--attach", f"{register}=2")
    case = sent["submissions"][0]["thread"]
    shown = await reader.until('_HERE"', "show", case, "--json")
    assert "attachment" in shown
    taken = await reader.json("attachment", case, "--out", str(tmp_path / "out.pdf"))
    assert (tmp_path / "out.pdf").read_bytes() == REGISTER
    assert (taken["media_type"], taken["scanned"]) == ("application/pdf", False)
    told = await reader.run("attachment", case, taken["address"][:12], "--out", str(tmp_path / "again.pdf"))
    assert "NOT SCANNED" in told.output
    again = await reader.run("attachment", case, "--out", str(tmp_path / "out.pdf"), exit_code=4)
    assert "There is a file of this name" in again.output
    view = await asker.json("show", case)
    item = view["statements"][0]["content"]["trace_request"]["items"][1]
    assert item["attachments"][0]["subject"] == "ATTACHMENT_SUBJECT_RECORD"
    await asker.until("handed over", "show", case)
    why = ("--reason", "new-information", "--effect", "add", "--attach-as", "expert-report")
    await asker.json("amend", case, *why, "--attach", f"{register}=1")
    await reader.until("expert report", "show", case)
    several = await reader.run("attachment", case, exit_code=4)
    assert "several attachments" in several.output


async def test_a_photograph_loses_what_the_camera_wrote(
    asker: Officer, reader: Officer, request_file: Path, tmp_path: Path
) -> None:
    photograph = next((EXAMPLES / "photographs").glob("*.png"))
    data = photograph.read_bytes()
    traced = tmp_path / "traced.png"
    text = b"tEXtplace\0at the harbour"
    crc = __import__("zlib").crc32(text).to_bytes(4)
    traced.write_bytes(data[:33] + (len(text) - 4).to_bytes(4) + text + crc + data[33:])
    sent = await asker.json("submit", str(request_file), *COVER, "--attach", f"{traced}=1")
    case = sent["submissions"][0]["thread"]
    await reader.until('_HERE"', "show", case, "--json")
    await reader.json("attachment", case, "--out", str(tmp_path / "out.png"))
    assert b"harbour" not in (tmp_path / "out.png").read_bytes()


async def test_the_same_file_sent_again_is_no_second_request(
    asker: Officer, draft_file: Path, register: Path
) -> None:
    """Its ciphertext is another each time; what it says is not."""
    words = ("submit", str(draft_file), *COVER, "--attach", f"{register}=1")
    await asker.json(*words)
    again = await asker.run(*words, exit_code=4)
    assert "used for another draft" in " ".join(again.output.split())


async def test_a_preview_hands_nothing_in(
    asker: Officer, network: LocalNetwork, request_file: Path, register: Path
) -> None:
    before = set((network.folder / "xaa").rglob("attachments/*"))
    shown = await asker.run("submit", str(request_file), *COVER, "--attach", f"{register}=1", "--preview")
    assert "items.0.attachments.0" in shown.output
    assert set((network.folder / "xaa").rglob("attachments/*")) <= before, "mail of before may have left"


@pytest.mark.parametrize(
    ("content", "attach", "words"),
    [
        (b"MZ\x90\0" + bytes(100), "file=1", "a program is never attached"),
        (b"", "file=1", "an empty file is no attachment"),
        (b"PK\x03\x04" + bytes(100), "file=1", "not of the media type"),
        (b"text", "file=7", "no such item"),
        (b"text", "file", "Say which item"),
        (b"text", "other=1", "cannot be read"),
    ],
    ids=["program", "empty", "zip", "no such item", "no item", "no file"],
)
async def test_what_is_not_attached_is_told_before_anything_is_sent(
    asker: Officer, request_file: Path, content: bytes, attach: str, words: str
) -> None:
    (request_file.parent / "file").write_bytes(content)
    result = await asker.run(
        "submit", str(request_file), *COVER, "--attach", f"{request_file.parent}/{attach}", exit_code=4
    )
    assert words in " ".join(result.output.split())


async def test_a_table_names_no_files(asker: Officer, tmp_path: Path) -> None:
    result = await asker.run(
        "submit", str(EXAMPLES / "items.csv"), *COVER, "--attach", f"{tmp_path}/a.txt", exit_code=4
    )
    assert "A table names no files" in " ".join(result.output.split())

"""A node that dies while it takes a pouch in: the same file again, and all is as if nothing had happened.

The points are before and after each write of an import, and the one of an export. Whoever dies is a process of its
own that sends itself SIGKILL; the pouch has receipts, mail and an attachment in it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.couriers import Lonely, found_lonely
from tracepost.protocol.errors import TracepostError
from tracepost.sdk.attachments import hand_in, prepare_file

POINTS = [
    "after-commit:settle",
    "before-commit:receive",
    "after-commit:receive",
    "before-commit:attachment",
    "before-commit:pouch-unpack",
    "after-commit:pouch-unpack",
]
WANTED = {
    "statement": [(2,)],
    "received_mail": [(1,)],
    "receipt": [(1,)],
    "pouch": [(2,)],
}
"""How many rows of each are there in the end: our own request, theirs; the receipt for ours; two pouches that came."""


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lonely, Path]:
    """Two states, and a file for XAB that it has not taken in."""
    folder = tmp_path_factory.mktemp("carried")
    lonely = found_lonely(folder)
    return lonely, asyncio.run(fill(lonely, folder))


async def fill(lonely: Lonely, folder: Path) -> Path:
    path = folder / "report.txt"
    path.write_bytes(b"what the laboratory found, at length\n" * 900)
    async with lonely.at_work():
        await lonely.carry("xaa", "xab")
        await lonely.carry("xab", "xaa")
        await lonely.say("xab", m.request("T-1"), "xaa")
        await lonely.carry("xab", "xaa")
        file = prepare_file(path)
        message = m.request("T-2")
        message.items[0].attachments.append(file.as_attachment())
        async with lonely.town.client("xaa") as client:
            await hand_in(client, file)
        await lonely.say("xaa", message, "xab")
        [pouch] = await lonely.pack("xaa", "xab")
    return pouch


@pytest.mark.parametrize("point", POINTS)
async def test_the_same_file_again_makes_it_whole(
    carried: tuple[Lonely, Path], tmp_path: Path, point: str
) -> None:
    founded, pouch = carried
    lonely = Lonely(founded.town.copy(tmp_path / "town"), tmp_path / "sticks")
    process = lonely.town.process("xab")
    try:
        await process.start(fault=f"{point}:1")
        with pytest.raises(TracepostError):
            await lonely.unpack("xab", pouch)
        await process.killed()
        await process.start()
        result = await lonely.unpack("xab", pouch)
        assert (result.fresh + result.duplicates, result.attachments, len(result.put_off)) == (1, 1, 0)
        for table, count in WANTED.items():
            where = " WHERE way = 'CAME'" if table == "pouch" else ""
            assert lonely.town.ask("xab", f"SELECT count(*) FROM {table}{where}") == count, table
        assert lonely.town.ask("xab", "SELECT state FROM sent_mail") == [("DELIVERED",)]
        assert lonely.town.ask("xab", "SELECT passage FROM attachment") == [("DONE",)]
        owed = lonely.town.ask("xab", "SELECT kind FROM pouched_word ORDER BY kind")
        assert owed == [("attachments_stored",), ("receipts",), ("receipts_stored",)]
    finally:
        process.abandon()


async def test_who_dies_while_a_pouch_is_made_makes_it_again(
    carried: tuple[Lonely, Path], tmp_path: Path
) -> None:
    founded, _ = carried
    lonely = Lonely(founded.town.copy(tmp_path / "town"), tmp_path / "sticks")
    process = lonely.town.process("xaa")
    try:
        await process.start(fault="after-commit:pouch-pack:1")
        with pytest.raises(TracepostError):
            await lonely.pack("xaa", "xab")
        await process.killed()
        assert [*lonely.sticks.rglob("*.part"), *lonely.sticks.rglob("*.tpouch")] == []
        await process.start()
        [file] = await lonely.pack("xaa", "xab")
        async with lonely.town.running("xab"):
            result = await lonely.unpack("xab", file)
        assert (result.fresh, result.answered, list(result.missing_pouches)) == (1, 1, [2, 3])
    finally:
        process.abandon()

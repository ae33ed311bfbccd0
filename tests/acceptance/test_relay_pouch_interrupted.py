"""A relay that dies while it makes a pouch or takes one in: once more, and all is as if nothing had happened.

The points are before and after each write of an import and of an export, in their order. The relay is a process of
its own that sends itself SIGKILL; the pouch has a receipt, mail and an attachment in it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.couriers import Lonely, found_lonely
from fakes.town import until
from tracepost.protocol.errors import TracepostError
from tracepost.sdk.attachments import hand_in, prepare_file

POINTS = [
    f"{moment}:{write}"
    for write in ("announce:1", "frame:1", "frame:2", "attachment:1", "pouch-unpack:1")
    for moment in ("before-commit", "after-commit")
]
WAITING, DELIVERED = 0, 1


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lonely, Path]:
    """Two states and their relay, and a file for the relay that it has not taken in."""
    folder = tmp_path_factory.mktemp("carried")
    lonely = found_lonely(folder, relay_for=("xaa", "xab"), without_line=("xab",))
    return lonely, asyncio.run(fill(lonely, folder))


async def fill(lonely: Lonely, folder: Path) -> Path:
    path = folder / "report.txt"
    path.write_bytes(b"what the laboratory found, at length\n" * 900)
    async with lonely.at_work():
        await lonely.meet()
        async with lonely.town.running("hub"):
            await lonely.say("xaa", m.request("T-1"), "xab")
            custody = [("hub", "WITH_RELAY")]
            await until(lambda: lonely.states("xaa") == custody, "the mail to be with the relay")
            await lonely.from_relay("xab")
        file = prepare_file(path)
        message = m.request("T-2")
        message.items[0].attachments.append(file.as_attachment())
        async with lonely.town.client("xab") as client:
            await hand_in(client, file)
        await lonely.say("xab", message, "xaa")
        [pouch] = await lonely.pack("xab", "hub")
    return pouch


@pytest.fixture
def lonely(carried: tuple[Lonely, Path], tmp_path: Path) -> Lonely:
    """The same, to be used up by one test."""
    return Lonely(carried[0].town.copy(tmp_path / "town"), tmp_path / "sticks")


@pytest.mark.parametrize("point", POINTS)
async def test_the_same_file_again_makes_it_whole(
    lonely: Lonely, carried: tuple[Lonely, Path], point: str
) -> None:
    _, pouch = carried
    process = lonely.town.process("hub")
    try:
        await process.start(fault=point)
        with pytest.raises(TracepostError):
            await lonely.relay_unpack(pouch)
        await process.killed()
        await process.start()
        came = await lonely.relay_unpack(pouch)
        assert (came.fresh + came.duplicates, came.attachments, len(came.put_off)) == (1, 1, 0)
        town = lonely.town
        mails = "SELECT from_member, state FROM mail ORDER BY arrival"
        assert town.ask("hub", mails) == [("xaa", DELIVERED), ("xab", WAITING)]
        assert town.ask("hub", "SELECT count(*) FROM mail_parts") == [(1,)]
        assert town.ask("hub", "SELECT count(*) FROM receipt_due") == [(1,)]
        assert town.ask("hub", "SELECT size > 0, ended FROM attachment") == [(1, 0)]
        assert town.ask("hub", "SELECT count(*) FROM pouch WHERE way = 'CAME'") == [(1,)]
        preimages = [str(line) for (line,) in town.ask("hub", "SELECT preimage FROM log_entry")]
        assert sum("custody/1" in line for line in preimages) == 2, "each is promised once"
        owed = {kind for (kind,) in town.ask("hub", "SELECT kind FROM pouched_word")}
        assert owed >= {"attachments_stored", "receipts", "receipts_stored"}
        async with lonely.at_work():
            await until(lambda: lonely.states("xaa") == [("hub", "DELIVERED")], "the receipt to be told")
            have = "SELECT count(*) FROM received_mail"
            await until(lambda: town.ask("xaa", have) == [(1,)], "the mail to be delivered")
            await lonely.from_relay("xab")
            assert lonely.states("xab")[0][0] == "hub"
            assert lonely.states("xab") in ([("hub", "WITH_RELAY")], [("hub", "DELIVERED")])
    finally:
        process.abandon()


@pytest.mark.parametrize("moment", ["before-commit", "after-commit"])
async def test_who_dies_while_a_pouch_is_made_makes_it_again(
    lonely: Lonely, carried: tuple[Lonely, Path], moment: str
) -> None:
    _, pouch = carried
    process = lonely.town.process("hub")
    try:
        await process.start()
        await lonely.relay_unpack(pouch)
        await process.stop()
        await process.start(fault=f"{moment}:pouch-pack:1")
        with pytest.raises(TracepostError):
            await lonely.relay_pack("xab")
        await process.killed()
        assert [*lonely.sticks.rglob("*.part"), *lonely.sticks.rglob("*.tpouch")] == []
        await process.start()
        async with lonely.at_work("xab"):
            await lonely.from_relay("xab")
            await lonely.to_relay("xab")  # what the lost one said is asked for again
            await lonely.from_relay("xab")
            assert lonely.states("xab") == [("hub", "WITH_RELAY")]
            assert {*lonely.town.ask("xab", "SELECT passage FROM attachment")} == {("DONE",)}
            owed = "SELECT count(*) FROM pouched_word WHERE kind = 'receipts'"
            assert lonely.town.ask("xab", owed) == [(0,)]
    finally:
        process.abandon()

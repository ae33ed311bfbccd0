"""The disk is gone where only a relay lies between the members: what it had forgotten, the members give again."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, Town, found_town, list_again, until
from tracepost.node.bootstrap.recovery import recover_node
from tracepost.node.config import load_config
from tracepost.protocol.evidence import ListedKey, LogVerifier
from tracepost.sdk.attachments import PreparedFile, hand_in, prepare_file
from tracepost.wire.v1.post_pb2 import Announcement

AFTER = 3
FILE_BYTES = 100_000


async def send(town: Town, number: str, member: str, to: str, count: int = 1) -> None:
    await town.unlock(member)
    async with town.client(member) as officer:
        for place in range(count):
            await officer.submit(draft(m.request(f"{number}-{place}"), to=[to]))


def made_file(path: Path) -> PreparedFile:
    path.write_bytes(b"%PDF-1.7\n" + os.urandom(FILE_BYTES))
    return prepare_file(path)


async def send_file(town: Town, path: Path) -> None:
    file = made_file(path)
    message = m.request("WITH-A-FILE")
    message.items[0].attachments.append(file.as_attachment())
    async with town.client("xab") as officer:
        await hand_in(officer, file)
        await officer.submit(draft(message, to=["xaa"]))


def has_file(town: Town) -> bool:
    """Say whether the file is with xaa, whole."""
    folder = town.place("xaa") / "attachments"
    on_disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return on_disk >= FILE_BYTES and town.ask("xaa", "SELECT passage FROM attachment") == [("DONE",)]


def received(town: Town, member: str) -> list[tuple[Any, ...]]:
    return sorted(town.ask(member, "SELECT epoch, via, seq, hex(id) FROM received_mail"))


def sent(town: Town, member: str) -> list[tuple[Any, ...]]:
    return sorted(town.ask(member, "SELECT epoch, via, seq, hex(id), state FROM sent_mail"))


def known(town: Town, member: str) -> tuple[list[Any], ...]:
    """Return all that a member has: statements, cases, mail both ways."""
    statements = sorted(town.ask(member, "SELECT hex(digest), thread FROM statement WHERE in_effect"))
    cases = sorted(town.ask(member, "SELECT thread, state FROM case_record"))
    return statements, cases, received(town, member), sent(town, member)


def owed(town: Town) -> bool:
    [(value,)] = town.ask("xaa", "SELECT value FROM setting WHERE name = 'resume-owed'")
    return bytes(value) != b"[]"


def settled(town: Town, member: str, count: int) -> bool:
    return [row[-1] for row in sent(town, member)] == ["DELIVERED"] * count


async def test_what_a_relay_carried_and_forgot_comes_back_by_it_from_the_members(tmp_path: Path) -> None:
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub")
    place, backup = town.place("xaa"), tmp_path / "backup"
    async with town.running("hub", "xab"):
        async with town.running("xaa"):
            await town.meet("xaa", "xab")
            await send(town, "BEFORE", "xaa", "xab")
            await send(town, "BEFORE", "xab", "xaa")
            await until(lambda: settled(town, "xaa", 1) and settled(town, "xab", 1), "the first receipts")
        shutil.copytree(place, backup)
        async with town.running("xaa"):
            await send(town, "AFTER", "xaa", "xab", AFTER)
            await send(town, "AFTER", "xab", "xaa", AFTER - 1)
            await send_file(town, tmp_path / "register.pdf")
            await until(
                lambda: settled(town, "xaa", 1 + AFTER) and settled(town, "xab", 1 + AFTER), "all receipts"
            )
            await until(lambda: has_file(town), "the file")
        there = known(town, "xaa")
        assert {row[1] for row in (*there[2], *there[3])} == {"hub"}
        shutil.rmtree(place)
        shutil.copytree(backup, place)
        assert len(received(town, "xaa")) == len(sent(town, "xaa")) == 1, "the backup lacks what came after"
        assert not has_file(town)
        await recover(town)
        async with town.running("xaa"):
            await until(lambda: known(town, "xaa") == there, "all of it to be there again")
            await until(lambda: not owed(town), "nobody to be asked any more")
            await until(lambda: has_file(town), "the file once more")
            await send(town, "AGAIN", "xaa", "xab")
            await until(lambda: settled(town, "xaa", 2 + AFTER), "new mail to be receipted")
    assert (2, "hub", 1) in {row[:3] for row in received(town, "xab")}, "under a number of the new epoch"
    assert max(Counter(row[:3] for row in received(town, "xab")).values()) == 1
    assert len(received(town, "xab")) == len(received(town, "xaa")) + 1 == 2 + AFTER
    assert town.ask("xab", "SELECT 1 FROM peer_head_split") == []


async def recover(town: Town) -> None:
    """Begin a new log, and let the stewards list its key."""
    done = await recover_node(load_config(town.place("xaa") / "node.toml"))
    assert done.lost > 0
    head = LogVerifier([town.residents["xaa"].log_key]).open(done.old_head)
    ended = ListedKey(town.residents["xaa"].log_key, until_size=head.size, final_root=head.root)
    listed = list_again(town, {"xaa": (ended, ListedKey(done.log_key))}, sequence=2)
    async with town.client("xab") as officer:
        await officer.import_papers(Announcement(member="xab", trust_list=listed))

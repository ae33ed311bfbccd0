"""The disk is gone: a node comes back from a backup of yesterday, and everything that it acknowledged since with it.

Processes of their own, one killed in the middle of traffic. The backup was made, by its own clock, 24 hours before it
is put back.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, POLICE, Process, Town, found_town, list_again, until
from tracepost.node.backup.making import make_backup
from tracepost.node.backup.restoring import Anchor, restore_backup
from tracepost.node.bootstrap.recovery import recover_node
from tracepost.node.config import load_config
from tracepost.node.escrow import restore_key
from tracepost.protocol.errors import IdentityError
from tracepost.protocol.evidence import EpochBegun, ListedKey, LogVerifier, parse_entry
from tracepost.sdk.cases import request_of
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.post_pb2 import Announcement

DAY = 86_400


async def send(town: Town, number: str, member: str, to: str, count: int = 1) -> None:
    async with town.client(member) as officer:
        for place in range(count):
            await officer.submit(draft(m.request(f"{number}-{place}"), to=[to]))


def received(town: Town, member: str, of: str) -> list[tuple[Any, ...]]:
    return town.ask(member, f"SELECT epoch, via, seq, hex(id) FROM received_mail WHERE from_member = '{of}'")


def delivered(town: Town, member: str) -> set[str]:
    rows = town.ask(member, "SELECT hex(id) FROM sent_mail WHERE state = 'DELIVERED'")
    return {id_ for (id_,) in rows}


def said(town: Town, member: str) -> dict[str, str]:
    """Return the digests of all statements with their threads."""
    return dict(town.ask(member, "SELECT hex(digest), thread FROM statement WHERE in_effect"))


def cases(town: Town, member: str) -> dict[str, str]:
    return dict(town.ask(member, "SELECT thread, state FROM case_record"))


def crl_number(town: Town, member: str, of: str) -> int:
    rows = town.ask(member, f"SELECT number FROM revocation_list WHERE member = '{of}'")
    return max((int(number, 16) for (number,) in rows), default=0)


async def revoke(town: Town, member: str) -> None:
    """Take the certificate of officer 9 of a member back, and bring the list to its node."""
    resident = town.residents[member]
    crl = resident.authority.crl([resident.officers["9"].certificate], number=9)
    (town.place(member) / "keys" / "crl.der").write_bytes(crl)
    async with town.client(member) as officer:
        await officer.import_papers(Announcement(member=member, crl=crl))


async def answer(town: Town, member: str, to: str) -> None:
    """Answer every request of `to` that waits for an answer."""
    async with town.client(member) as officer:
        # All first: the list changes with every answer, also between two of its pages.
        waiting = [case async for case in officer.list_cases(desk_pb2.CASE_STATE_WAITING_FOR_US)]
        for case in waiting:
            if case.opened_by == to:
                asked = request_of(await officer.show_case(case.thread))
                await officer.submit(draft(m.response(), case=case.thread, in_reply_to=asked.statement))


async def is_admitted(town: Town, member: str, officer: str) -> bool:
    with suppress(IdentityError):
        async with town.client(member, officer=officer, desk=None) as client:
            await client.get_status()
        return True
    return False


async def test_what_was_acknowledged_since_the_backup_comes_back_and_nothing_is_revoked_less(
    tmp_path: Path,
) -> None:
    desks = [POC, POLICE]
    town = found_town(tmp_path / "town", {"xaa": desks, "xab": desks}, "hub", reachable=["xaa", "xab"])
    place = town.place("xaa")
    trust = (place / "trust.json").read_bytes()
    processes = {name: town.process(name) for name in ("hub", "xaa", "xab")}
    try:
        for process in processes.values():
            await process.start()
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        await town.unlock("xab")
        await send(town, "BEFORE", "xaa", "xab")
        await send(town, "BEFORE", "xab", "xaa")
        await until(lambda: len(received(town, "xaa", "xab")) == 1, "the first mail")
        await until(lambda: len(delivered(town, "xaa")) == 1, "its receipt")
        traffic = asyncio.gather(send(town, "AFTER", "xaa", "xab", 6), send(town, "AFTER", "xab", "xaa", 6))
        now = int(time.time())
        made = await asyncio.to_thread(
            make_backup, load_config(place / "node.toml"), tmp_path / "shelf", now=now - DAY, environ={}
        )
        await traffic
        await send(town, "LAST", "xaa", "xab", 2)
        await until(lambda: len(received(town, "xab", "xaa")) == 9, "all requests to be there")
        await answer(town, "xab", "xaa")
        await revoke(town, "xaa")
        await revoke(town, "xab")
        await until(lambda: len(delivered(town, "xaa")) == 9, "receipts for all that was sent")
        await until(lambda: len(delivered(town, "xab")) == 16, "receipts for all that came")
        await until(lambda: crl_number(town, "xab", "xaa") == 9, "the revocation of XAA to be known")
        await until(lambda: crl_number(town, "xaa", "xab") == 9, "the revocation of XAB to be known")
        assert not await is_admitted(town, "xaa", "9")
        there = said(town, "xaa"), cases(town, "xaa"), delivered(town, "xaa"), received(town, "xaa", "xab")
        assert await processes["xaa"].stop(signal.SIGKILL) == -signal.SIGKILL
        shutil.rmtree(place)

        done = restore_backup(
            made.path,
            place,
            restore_key(town.residents["xaa"].shares[:2]),
            anchor=Anchor(trust),
            now=now,
        )
        assert done.age == DAY
        assert len(said(town, "xaa")) < len(there[0]), "the backup lacks what came after it"
        assert crl_number(town, "xaa", "xab") == 0
        await refused(processes["xaa"])
        await recover(town)
        await processes["xaa"].start()
        assert not await is_admitted(town, "xaa", "9"), "revoked certificates are still revoked"
        await until(lambda: said(town, "xaa") == there[0], "every statement to be there again")
        await until(lambda: delivered(town, "xaa") >= there[2], "every receipt to be there again")
        came = sorted(there[3])
        await until(lambda: sorted(received(town, "xaa", "xab")) == came, "all mail to be there again")
        await until(lambda: cases(town, "xaa") == there[1], "all cases to stand as they stood")
        await once_more(town)
    finally:
        for process in processes.values():
            process.abandon()


async def refused(process: Process) -> None:
    with pytest.raises(AssertionError, match="ended with 9"):
        await process.start()


async def recover(town: Town) -> None:
    """Begin a new log, and let the stewards list its key."""
    place = town.place("xaa")
    done = await recover_node(load_config(place / "node.toml"))
    assert done.lost > 0
    assert crl_number(town, "xaa", "xab") == crl_number(town, "xaa", "xaa") == 9
    head = LogVerifier([town.residents["xaa"].log_key]).open(done.old_head)
    [preimage] = town.ask("xaa", "SELECT preimage FROM log_entry WHERE epoch = 2 ORDER BY number LIMIT 1")
    assert isinstance(parse_entry(preimage[0]), EpochBegun)
    ended = ListedKey(town.residents["xaa"].log_key, until_size=head.size, final_root=head.root)
    listed = list_again(town, {"xaa": (ended, ListedKey(done.log_key))}, sequence=2)
    async with town.client("xab") as officer:
        await officer.import_papers(Announcement(member="xab", trust_list=listed))


async def once_more(town: Town) -> None:
    """New mail goes under new numbers; asking again has no second effect."""
    await town.unlock("xaa")
    await send(town, "AGAIN", "xaa", "xab")
    await until(lambda: (2, "direct", 1) in {row[:3] for row in received(town, "xab", "xaa")}, "new mail")
    assert max(Counter(row[:3] for row in received(town, "xab", "xaa")).values()) == 1
    assert len(received(town, "xab", "xaa")) == 10
    numbers = town.ask("xaa", "SELECT to_member, via, lane, epoch, seq FROM sent_mail")
    assert len(set(numbers)) == len(numbers) == 10
    assert town.ask("xab", "SELECT 1 FROM peer_head_split") == []
    async with town.client("xaa") as officer:  # what only others can open is shown as far as it is known
        for thread, state in cases(town, "xaa").items():
            shown = await officer.show_case(thread)
            assert shown.statements, state

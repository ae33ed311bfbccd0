"""A node on an old store does not serve; a new log is begun, and nothing is un-revoked or numbered twice."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, Town, found_town, list_again, until
from tracepost.node.bootstrap.node import open_node
from tracepost.node.bootstrap.recovery import recover_node
from tracepost.node.config import load_config
from tracepost.node.restored import RestoredMark, write_mark
from tracepost.protocol.errors import ConfigurationError, LogBehindError
from tracepost.protocol.evidence import EpochBegun, ListedKey, LogVerifier, parse_entry
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.post_pb2 import Announcement

DELIVERED = desk_pb2.MAIL_STATE_DELIVERED


async def send(town: Town, number: str, member: str = "xaa", to: str = "xab") -> desk_pb2.Submission:
    await town.unlock(member)
    async with town.client(member) as officer:
        return await officer.submit(draft(m.request(number), to=[to]))


def numbers(town: Town) -> list[tuple[int, int]]:
    """Return epoch and number of all mail that xab accepted of xaa."""
    return town.ask("xab", "SELECT epoch, seq FROM received_mail ORDER BY epoch, seq")


def crl_numbers(town: Town, member: str, of: str) -> list[int]:
    rows = town.ask(member, f"SELECT number FROM revocation_list WHERE member = '{of}' ORDER BY number")
    return [int(number, 16) for (number,) in rows]


async def test_a_store_of_yesterday_is_refused_and_a_new_log_goes_on_from_where_others_are(
    tmp_path: Path,
) -> None:
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    place = town.place("xaa")
    config = load_config(place / "node.toml")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        await send(town, "T-1")
        await until(lambda: len(numbers(town)) == 1, "the first mail")
    async with town.running("xaa"):
        await send(town, "T-Q")  # nobody is there to take it
    shutil.copytree(place, tmp_path / "backup")
    async with town.running("hub", "xab"):
        async with town.running("xaa"):
            await send(town, "T-2")
            await until(lambda: len(numbers(town)) == 3, "the mail that waited and the second one")
            revoked = town.residents["xab"].authority.crl(
                [town.residents["xab"].officers["8"].certificate], number=9
            )
            async with town.client("xab") as officer:
                await officer.import_papers(Announcement(member="xab", crl=revoked))
            await until(lambda: crl_numbers(town, "xaa", "xab") == [9], "the revocation to arrive")
            await until(lambda: not town.ask("xab", "SELECT 1 FROM peer_head_open"), "the log to be proved")
        shutil.copy(tmp_path / "backup" / "store.sqlite", place / "store.sqlite")
        for name in ("store.sqlite-wal", "store.sqlite-shm"):
            (place / name).unlink(missing_ok=True)
        assert crl_numbers(town, "xaa", "xab") == []
        with pytest.raises(LogBehindError):
            await open_node(config)
        await recovered(town)
    with pytest.raises(ConfigurationError) as refusal:
        await recover_node(config)
    assert refusal.value.reason == "nothing-to-recover"
    write_mark(place, RestoredMark(1, 2, 3))
    async with town.running("hub"):  # it answers, and cannot know what came after a backup
        with pytest.raises(ConfigurationError) as refusal:
            await recover_node(config)
    assert refusal.value.reason == "head-unknown"
    with pytest.raises(LogBehindError):
        await open_node(config)


async def recovered(town: Town) -> None:
    """Go on with the rest of the story: recover, list the new key, serve."""
    place = town.place("xaa")
    assert await offline(town) == 9, "and not without asking either: what was found is kept"
    done = await recover_node(load_config(place / "node.toml"))
    assert done.lost > 0
    assert (done.asked, done.entered) == (2, 1)
    head = LogVerifier([town.residents["xaa"].log_key]).open(done.old_head)
    assert crl_numbers(town, "xaa", "xab") == [9], "what was revoked is revoked before anybody is served"
    [preimage] = town.ask("xaa", "SELECT preimage FROM log_entry WHERE epoch = 2 ORDER BY number LIMIT 1")
    first = parse_entry(preimage[0])
    assert isinstance(first, EpochBegun)
    assert first.artefact.decode() == done.old_head
    ended = ListedKey(town.residents["xaa"].log_key, until_size=head.size, final_root=head.root)
    listed = list_again(town, {"xaa": (ended, ListedKey(done.log_key))}, sequence=2)
    async with town.client("xab") as officer:
        await officer.import_papers(Announcement(member="xab", trust_list=listed))
    async with town.running("xaa"):
        async with town.client("xaa") as officer:
            assert not (await officer.get_status()).head_unchecked
        again = await send(town, "T-3")
        await until(lambda: len(numbers(town)) == 4, "mail under the new log")
        assert len(set(numbers(town))) == 4
        assert numbers(town)[-1] == (2, 1)

        async def state() -> desk_pb2.MailState:
            async with town.client("xaa") as officer:
                [statement] = (await officer.show_case(again.thread)).statements
            return statement.dispatches[0].state

        await until_state(state)
        await until(
            lambda: town.ask("xaa", "SELECT DISTINCT state FROM sent_mail") == [("DELIVERED",)],
            "the mail that was sent twice to be receipted under the new log",
        )


async def until_state(state: object) -> None:
    ends = time.monotonic() + 120
    while await state() != DELIVERED:  # type: ignore[operator]
        assert time.monotonic() < ends, "waited in vain for the receipt"


async def offline(town: Town) -> int:
    """Return the exit code with which the node ends that starts on the old store."""
    process = town.process("xaa")
    with pytest.raises(AssertionError, match="ended with 9"):
        await process.start()
    return await process.ended()

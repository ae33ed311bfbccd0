"""A member whose log shows two faces: one head of a size to one reader, another of that size to the next.

The second log is real: the member's own store as it was before, with the same key, run once more as after a
restored backup, or by who wants to take something back. Either way nobody can tell which is true.
"""

from __future__ import annotations

from pathlib import Path

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.evidence import LogVerifier
from tracepost.wire.v1 import desk_pb2

QUEUED = desk_pb2.MAIL_STATE_QUEUED


def heads(town: Town) -> list[tuple[int, bytes, str]]:
    """Return the contradicting heads of xaa's log that xab keeps: size, root, signed note."""
    rows = town.ask("xab", "SELECT size, root, note FROM peer_head_split WHERE member = 'xaa' ORDER BY root")
    return [(int(size), bytes(root), str(note)) for size, root, note in rows]


def turned_away(town: Town) -> list[tuple[str, str, str]]:
    """Return actor, subject and outcome of the mail that xab turned away."""
    return town.ask(
        "xab", "SELECT actor, subject, outcome FROM audit_event WHERE action = 'turn-away' ORDER BY number"
    )


async def send(town: Town, number: str) -> desk_pb2.Submission:
    """Let xaa, which serves, ask xab."""
    await town.unlock("xaa")
    async with town.client("xaa") as officer:
        return await officer.submit(draft(m.request(number), to=["xab"]))


async def state(town: Town, sent: desk_pb2.Submission) -> desk_pb2.MailState:
    """Return where mail of xaa, which serves, is."""
    async with town.client("xaa") as officer:
        [statement] = (await officer.show_case(sent.thread)).statements
    return statement.dispatches[0].state


async def test_mail_under_the_second_face_of_a_log_is_turned_away_and_both_heads_are_kept(
    tmp_path: Path,
) -> None:
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
    twin = town.copy(tmp_path / "twin")
    async with town.running("xab"):
        async with town.running("xaa"):
            first = await send(town, "T-1")
            await until(lambda: town.ask("xaa", "SELECT 1 FROM receipt"), "the receipt of the first mail")
            assert await state(town, first) == desk_pb2.MAIL_STATE_DELIVERED
            assert (heads(town), turned_away(town)) == ([], [])
        async with twin.running("xaa"):
            second = await send(twin, "T-2")
            await until(lambda: turned_away(town), "the second mail to be turned away")
            assert await state(twin, second) == QUEUED
    one, other = heads(town)
    assert one[0] == other[0], "of one size"
    assert one[1] != other[1], "with different roots"
    verifier = LogVerifier([town.residents["xaa"].log_key])
    assert [verifier.open(note).size for _, _, note in (one, other)] == [one[0]] * 2, "both signed by its key"
    [(actor, subject, outcome), *_] = turned_away(town)
    assert (actor, outcome) == ("xaa", "evidence/split-log")
    assert subject == second.dispatches[0].envelope_id
    split = town.ask("xab", "SELECT actor, subject, outcome FROM audit_event WHERE action = 'split-log'")
    assert (split[0][0], split[0][2]) == ("xaa", f"size-{one[0]}")
    assert town.ask("xab", "SELECT count(*) FROM received_mail") == [(1,)]
    assert twin.ask("xaa", "SELECT count(*) FROM receipt") == [(0,)]

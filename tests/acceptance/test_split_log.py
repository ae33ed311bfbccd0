"""A member whose log shows two faces: one head of a size to one reader, another of that size to the next.

The second log is real: the member's own store as it was before, with the same key, run once more as after a
restored backup, or by who wants to take something back. Either way nobody can tell which is true.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.evidence import (
    ContradictionFound,
    LogVerifier,
    Verdict,
    parse_contradiction,
    parse_entry,
)
from tracepost.serving import witnessed
from tracepost.serving.own_head import OwnHead
from tracepost.wire.v1 import desk_pb2

QUEUED = desk_pb2.MAIL_STATE_QUEUED


@pytest.fixture(autouse=True)
def _crook(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nodes start on a store that others know to be old: whoever wants to take something back does so."""
    monkeypatch.setattr(OwnHead, "_compare", lambda _self, _note: None)
    # Nothing is logged beside what the tests send: faces of a log are of one size.
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 3600.0)


def heads(town: Town) -> list[tuple[int, bytes, str]]:
    """Return the contradicting heads of xaa's log that xab keeps: size, root, signed note."""
    rows = town.ask("xab", "SELECT size, root, note FROM peer_head_split WHERE member = 'xaa' ORDER BY root")
    return [(int(size), bytes(root), str(note)) for size, root, note in rows]


def open_heads(town: Town, member: str) -> list[tuple[str, int]]:
    """Return the heads that a member waits to be proved."""
    return town.ask(member, "SELECT origin, size FROM peer_head_open")


def problem(town: Town) -> str:
    """Return what xaa was told last when it called xab."""
    rows = town.ask("xaa", "SELECT last_problem FROM peer_contact WHERE member = 'xab'")
    return str(rows[0][0]) if rows else ""


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the mail shows the second face: no head goes to witnesses, and no proof is wanted."""
    monkeypatch.setattr(witnessed, "EVERY_S", 3600.0)
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
    twin = town.copy(tmp_path / "twin")
    async with town.running("xab"):
        async with town.running("xaa"):
            first = await send(town, "T-1")
            await until(lambda: town.ask("xaa", "SELECT 1 FROM receipt"), "the receipt of the first mail")
            assert await state(town, first) == desk_pb2.MAIL_STATE_DELIVERED
            await until(lambda: open_heads(town, "xab") == [], "the first head to be proved")
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


async def test_a_log_that_was_rewritten_is_found_by_the_proof_that_it_cannot_give(tmp_path: Path) -> None:
    """The faces differ in length, so that no two heads of one size are ever seen; their owner proves it himself."""
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
    twin = town.copy(tmp_path / "twin")
    async with twin.running("xaa"):
        for number in ("T-2", "T-3", "T-4"):
            await send(twin, number)
    async with town.running("xab"):
        async with town.running("xaa"):
            await send(town, "T-1")
            await until(lambda: town.ask("xaa", "SELECT 1 FROM receipt"), "the receipt of the first mail")
            await until(lambda: open_heads(town, "xab") == open_heads(town, "xaa") == [], "all to be proved")
        async with twin.running("xaa"):
            for number in ("T-2", "T-3", "T-4"):
                await send(twin, number)
            await until(
                lambda: town.ask("xab", "SELECT 1 FROM log_contradiction"), "the rewriting to be found"
            )
            await send(twin, "T-5")
            await until(lambda: problem(twin) == "evidence", "nobody to talk with xaa any more")
        async with town.client("xab") as officer:
            [peer] = [one for one in (await officer.get_status()).peers if one.member == "xaa"]
            assert peer.log_contradicts
    [(origin, data)] = town.ask("xab", "SELECT origin, data FROM log_contradiction")
    verdict, older, newer = parse_contradiction(data).judge(LogVerifier([town.residents["xaa"].log_key]))
    assert (verdict, str(older.origin)) == (Verdict.REWRITTEN, origin)
    assert older.size < newer.size
    [preimage] = [
        row[0] for row in town.ask("xab", "SELECT preimage FROM log_entry") if b"contradiction/1" in row[0]
    ]
    entry = parse_entry(preimage)
    assert isinstance(entry, ContradictionFound)
    assert entry.artefact == data


async def test_members_that_meet_at_a_relay_prove_their_logs_to_each_other_and_to_the_relay(
    tmp_path: Path,
) -> None:
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for number in ("T-1", "T-2"):
            await send(town, number)
        await until(lambda: len(town.ask("xaa", "SELECT 1 FROM receipt")) >= 4, "all receipts")
        await until(lambda: open_heads(town, "xaa") == open_heads(town, "xab") == [], "all to be proved")
        for member, log in (("xaa", "hub"), ("xaa", "xab"), ("xab", "xaa")):
            [(size,)] = town.ask(member, f"SELECT size FROM peer_head WHERE member = '{log}'")
            [(first,)] = town.ask(log, "SELECT count(*) FROM log_entry")
            assert 1 < size <= first
        await until(lambda: believed(town) == ["xaa", "xab"], "both to be believed at the relay")


def believed(town: Town) -> list[str]:
    """Return whose logs the relay has seen the proof of."""
    origins = town.ask("hub", "SELECT origin FROM believed_head")
    return sorted(str(origin).partition(".")[0] for (origin,) in origins)

"""A kill -9 at any point of the delivery path, and a restart, lose nothing acknowledged and double nothing.

The points, and how a message passes them, are in `fakes.voyage`. When all is quiet, all stores and every head that was
ever signed are reckoned with (`fakes.reckoning`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from pathlib import Path

import pytest

from fakes.canaries import Mint
from fakes.reckoning import reckon
from fakes.town import POC, POLICE, Town, found_town
from fakes.voyage import DIRECT, POINTS, RELAYED, Point, arrive, make_draft, sail, submit


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three states and a relay that have met and then went home; tests work on copies."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC,), "xab": (POC, POLICE), "xac": (POC, POLICE)}
    town = found_town(folder, states, "hub", reachable=("xab",))
    asyncio.run(town.introduce(*states))
    return town


@pytest.mark.parametrize("point", POINTS, ids=str)
async def test_a_kill_at_this_point_loses_nothing_and_doubles_nothing(
    point: Point, founded: Town, tmp_path: Path
) -> None:
    """SIGKILL at the point, restart, the same drafts again: each takes effect exactly once."""
    town, mint = founded.copy(tmp_path / "town"), Mint()
    told = await sail(town, point, mint)
    assert reckon(town, point.voyage, told, mint) == []


@pytest.mark.parametrize(
    "point", [p for p in POINTS if p.when == "before" and p.write in ("receive", "custody")], ids=str
)
async def test_the_reckoning_notices_a_receipt_that_left_before_the_commit(
    point: Point, founded: Town, tmp_path: Path
) -> None:
    """A node or relay broken so in the harness is caught: by what is lost, and by its log, which forks.

    A node that a relay shows what it has signed and lost says so itself, and serves no more.
    """
    town, mint = founded.copy(tmp_path / "town"), Mint()
    try:
        told = await sail(town, point, mint, broken="receipt-before-commit")
    except AssertionError as ended:
        if "log-behind" not in str(ended):
            raise
        return
    complaints = reckon(town, point.voyage, told, mint)
    assert [c for c in complaints if "acknowledged" in c], complaints
    assert [c for c in complaints if f"the log of {point.victim}" in c], complaints


async def test_the_reckoning_notices_a_message_that_was_sent_twice(founded: Town, tmp_path: Path) -> None:
    """Under another key it is another message: two statements, two cases."""
    town, mint = founded.copy(tmp_path / "town"), Mint()
    voyage = dataclasses.replace(DIRECT, file_numbers=("TWICE",))
    draft = make_draft("TWICE", voyage.receiver, mint)
    async with town.running(*voyage.members):
        await town.unlock(voyage.sender)
        told = await submit(town, voyage, [draft])
        draft.idempotency_key = "another key"
        told += await submit(town, voyage, [draft])
        await arrive(town, voyage, 2)
    complaints = reckon(town, voyage, told, mint)
    for member in voyage.members:
        assert f"TWICE is 1 times too many as statements at {member}" in complaints
        assert f"TWICE is 1 times too many as cases at {member}" in complaints


async def test_the_reckoning_notices_a_store_that_was_put_back(founded: Town, tmp_path: Path) -> None:
    """The relay's backup of before has forgotten what its log had signed, and the mail."""
    town, mint = founded.copy(tmp_path / "town"), Mint()
    voyage = dataclasses.replace(RELAYED, file_numbers=("BACKUP",))
    async with town.running(*voyage.members):
        await town.unlock(voyage.sender)
        told = await submit(town, voyage, [make_draft("BACKUP", voyage.receiver, mint)])
        await arrive(town, voyage, 1)
    assert reckon(town, voyage, told, mint) == []
    for path in town.place("hub").glob("store.sqlite*"):
        path.unlink()
    for path in founded.place("hub").glob("store.sqlite*"):
        shutil.copy(path, town.place("hub"))
    complaints = reckon(town, voyage, told, mint)
    assert [c for c in complaints if c.startswith("the log of hub has lost entries")], complaints
    assert "0 envelopes were in custody for 1 drafts" in complaints

"""What a node does when nobody asks, in the running program."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, found_town, until
from tracepost.node.bootstrap import housekeeping
from tracepost.node.post.marking import Marking
from tracepost.protocol.errors import StoreError


async def fail(_self: Marking) -> None:
    raise StoreError("the disk is full")


@pytest.mark.parametrize("fails", [False, True], ids=["", "though-an-earlier-step-fails"])
async def test_mail_that_comes_while_a_desk_is_unlocked_is_wrapped_under_its_storage_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """A step of housekeeping that fails hinders no other."""
    if fails:
        monkeypatch.setattr(Marking, "keep_up", fail)
    monkeypatch.setattr(housekeeping, "_EVERY_S", 0.05)
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        await town.unlock("xab")
        async with town.client("xaa") as officer:
            await officer.submit(draft(m.request("T-1"), to=["xab"]))
        await until(lambda: town.ask("xab", "SELECT desk FROM wrap") == [("poc",)], "the desk's own keys")

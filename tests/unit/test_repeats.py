"""Drafts that come again are known by keyed digests; nothing in the store can be tried against guesses."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from fakes.house import draft, open_street
from fakes.messages import request


async def test_a_draft_comes_again_and_its_key_is_nowhere_in_the_store(tmp_path: Path) -> None:
    """A key may be a digest of what the draft says, as that of `tracepost trace submit` is."""
    async with open_street(tmp_path, "xaa", "xab") as street:
        said = draft(request("T-1"), to=["xab"])
        said.idempotency_key = "content-" + hashlib.sha256(said.SerializeToString()).hexdigest()[:40]
        [first] = await street["xaa"].submit(said)
        [again] = await street["xaa"].submit(said)
        assert again == first
        assert again.idempotency_key == said.idempotency_key
        with closing(sqlite3.connect(tmp_path / "xaa" / "store.sqlite")) as connection:
            dump = "\n".join(connection.iterdump())
    key = said.idempotency_key
    assert "draft_answer" in dump
    assert key not in dump
    assert key.encode().hex() not in dump.lower()


async def test_drafts_without_a_key_are_never_taken_for_one_another(tmp_path: Path) -> None:
    """Each is a message of its own."""
    async with open_street(tmp_path, "xaa", "xab") as street:
        said = draft(request("T-1"), to=["xab"])
        [first] = await street["xaa"].submit(said)
        [second] = await street["xaa"].submit(said)
        assert first.statement != second.statement

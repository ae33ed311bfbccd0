"""A server that forgot what was committed is not written to, also by a process that starts later and asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.conftest import update
from fakes import messages as m
from fakes.house import draft
from fakes.postgres import Databases
from fakes.town import POC, Town, found_town
from tracepost.node.adapters.sql.store import SqlStore
from tracepost.node.bootstrap.node import open_node
from tracepost.node.config import load_config
from tracepost.protocol.errors import LogBehindError
from tracepost.wire.v1.post_pb2 import Announcement


@pytest.fixture
def town(tmp_path: Path, databases: Databases) -> Iterator[Town]:
    url = databases.create("node", update)
    yield found_town(tmp_path / "town", {"xaa": (POC,)}, "hub").on({"xaa": url})
    databases.drop(url)


async def test_a_process_that_starts_after_a_bad_failover_knows_its_last_head(
    town: Town, databases: Databases
) -> None:
    async with town.running("xaa"):
        pass
    standby = databases.copy(town.store_url("xaa"))
    async with town.running("xaa"):
        resident = town.residents["xaa"]
        revoked = resident.authority.crl([resident.officers["8"].certificate], number=9)
        async with town.client("xaa") as officer:
            await officer.import_papers(Announcement(member="xaa", crl=revoked))
    promoted = town.on({"xaa": standby})
    with pytest.raises(LogBehindError) as refusal:
        await open_node(load_config(promoted.place("xaa") / "node.toml"))
    assert refusal.value.reason == "log-behind"
    town.on({"xaa": town.store_url("xaa")})
    (town.place("xaa") / "ahead.note").unlink()  # the operator knows which server is the right one
    async with town.running("xaa"):
        databases.drop(standby)


async def test_a_draft_that_comes_again_is_answered_behind_a_commit_that_waits_for_the_standby(
    tmp_path: Path, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the standby is visible already; if the server is lost now, it was never there."""
    labels: list[str] = []
    write = SqlStore.write

    async def noted(self: SqlStore, job: Any, **others: Any) -> Any:
        found = await write(self, job, **others)
        labels.append(others.get("label", ""))
        return found

    monkeypatch.setattr(SqlStore, "write", noted)
    url = databases.create("node", update)
    town = found_town(tmp_path / "town", {"xaa": (POC,), "xab": (POC,)}, "hub").on({"xaa": url})
    said = draft(m.request("FILE"), to=["xab"], idempotency_key="once")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        async with town.client("xaa") as officer:
            first = await officer.submit(said)
            # Not none, where the way to the node broke and it was asked again.
            before = labels.count("repeated")
            assert (await officer.submit(said)).statement == first.statement
            assert labels.count("repeated") > before
    databases.drop(url)

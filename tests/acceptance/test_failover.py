"""The primary of a pair is killed under load and its standby promoted: nothing that was acknowledged is lost.

The pair replicates synchronously, as deploy/postgresql.md asks for: a COMMIT is acknowledged when both have
it. The node knows both by one address and finds the one that takes writes. While there is none it answers
with errors; its officer says the same again, under the same keys, until it is taken.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from contracts.conftest import update
from contracts.records import US, accept
from fakes.canaries import Mint
from fakes.postgres import Cluster, connect, find_binaries
from fakes.reckoning import is_quiet, reckon
from fakes.town import POC, POLICE, Town, found_town, until
from fakes.voyage import DIRECT, make_draft
from fakes.witness import HEADS, read_heads, written_down
from tracepost.node.adapters.sql.store import open_store
from tracepost.protocol.errors import StoreError, TracepostError
from tracepost.protocol.evidence import Origin, generate_log_key, peek_head
from tracepost.wire.v1 import desk_pb2

_STANDBY = "second"
_DATABASE = "node"
_PATIENCE_SECONDS = 120.0


@dataclasses.dataclass(frozen=True)
class Pair:
    """A primary and its synchronous standby."""

    first: Cluster
    second: Cluster

    @property
    def url(self) -> str:
        """The address of both."""
        hosts = f"{self.first.folder},{self.second.folder}"
        return f"postgresql+psycopg://postgres@/{_DATABASE}?host={hosts}&target_session_attrs=read-write"


@pytest.fixture
def pair() -> Iterator[Pair]:
    with Cluster.start(find_binaries()) as first:
        first.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
        update(str(make_url(str(first.url)).set(database=_DATABASE)))
        with first.standby(_STANDBY) as second:
            first.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{_STANDBY}'")
            first.execute("SELECT pg_reload_conf()")
            yield Pair(first, second)


async def test_a_primary_killed_under_load_loses_nothing_that_was_acknowledged(
    pair: Pair, tmp_path: Path
) -> None:
    states, mint = {"xaa": (POC,), "xab": (POC, POLICE)}, Mint()
    town = found_town(tmp_path / "town", states, "hub", reachable=("xab",)).on({"xaa": pair.url})
    await until(lambda: _is_synchronous(pair), "the standby to follow")
    await town.introduce(*states)
    names = tuple(f"FAILOVER-{number}" for number in range(24))
    voyage = dataclasses.replace(DIRECT, file_numbers=names)
    drafts = [make_draft(name, voyage.receiver, mint) for name in names]
    sent = "SELECT id FROM sent_mail"
    async with town.running(*voyage.members):
        await town.unlock("xaa")
        killed = asyncio.Event()
        saying = asyncio.gather(*(say(town, drafts[start::6], killed) for start in range(6)))
        # The primary shows a COMMIT before the standby has it; nobody is answered until then.
        await until(lambda: len(ask(pair.second, sent)) >= 6, "some mail at the standby")
        pair.first.kill()
        killed.set()
        await asyncio.sleep(0.3)  # nobody takes writes: callers are told so
        assert len(ask(pair.second, sent)) < len(names), "it died in the middle"
        await asyncio.to_thread(pair.second.promote)
        told = [one for some in await saying for one in some]
        await until(lambda: is_quiet(town, voyage, len(names)), "all to arrive")
    assert {one.idempotency_key for one in told} == {one.idempotency_key for one in drafts}
    assert pair.second.execute("SELECT pg_is_in_recovery()") == [(False,)]
    assert reckon(town, voyage, told, mint) == []


async def test_a_standby_that_was_behind_is_not_written_to(tmp_path: Path) -> None:
    """Without synchronous replication entries are lost; the node that had shown them does not fork its log."""
    key = generate_log_key(Origin(US, "tracepost.example", 1))
    with Cluster.start(find_binaries()) as first:
        first.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE template0")
        pair = Pair(first, first.standby(_STANDBY))
        with pair.second as second:
            update(str(make_url(str(first.url)).set(database=_DATABASE)))
            await until(lambda: _has_caught_up(pair), "the standby to follow")
            second.stop()
            with written_down(tmp_path / HEADS):
                store = await open_store(pair.url, key)
                await store.write(lambda tx: accept(tx, [1, 2, 3]))
                first.kill()
                second.launch()
                second.promote()
                reasons, ends = list[str](), time.monotonic() + _PATIENCE_SECONDS
                while reasons[-1:] != ["log-forgotten"]:
                    with pytest.raises(StoreError) as caught:
                        await store.write(lambda tx: accept(tx, [4, 5, 6]))
                    reasons.append(caught.value.reason)
                    assert time.monotonic() < ends, reasons
                await store.close()
            assert ask(second, "SELECT number FROM log_entry") == []
    heads = [peek_head(note) for note in read_heads(tmp_path / HEADS)]
    assert [head.size for head in heads] == [0, 3]


def _has_caught_up(pair: Pair) -> bool:
    [(is_there,)] = pair.first.execute(
        "SELECT count(*) > 0 FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()"
    )
    return bool(is_there)


def ask(server: Cluster, question: str) -> list[tuple[object, ...]]:
    with connect(server.url.set(database=_DATABASE)) as connection:
        return connection.execute(question.encode()).fetchall()


def _is_synchronous(pair: Pair) -> bool:
    return pair.first.execute("SELECT sync_state FROM pg_stat_replication") == [("sync",)]


async def say(town: Town, drafts: list[desk_pb2.Draft], killed: asyncio.Event) -> list[desk_pb2.Submission]:
    """Submit drafts one by one, each until it is taken; the last when the primary is dead, however quick the others."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    told = []
    async with town.client("xaa") as officer:
        for draft in drafts:
            if draft is drafts[-1]:
                await killed.wait()
            while True:
                assert time.monotonic() < ends, "the node does not find the new primary"
                try:
                    told.append(await officer.submit(draft))
                except TracepostError:
                    await asyncio.sleep(0.2)
                else:
                    break
    return told

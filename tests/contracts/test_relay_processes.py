"""Several processes of a relay on one database: one of them works, and who was frozen writes nothing any more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from fakes.postgres import Databases, connect
from tracepost.protocol.errors import StoreError
from tracepost.protocol.evidence import LogKey, LogVerifier, Origin, generate_log_key, prepare_line
from tracepost.protocol.ids import MemberId
from tracepost.relay.bootstrap import _stand_by
from tracepost.relay.noticeboard import read_newest_list
from tracepost.relay.settings import RelaySettings
from tracepost.relay.store import OFF_DUTY, RelayStore
from tracepost.serving.log_keys import first_entry
from tracepost.serving.storage.settings import StoreSettings

LEASE_S = 1


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture
def key() -> LogKey:
    return generate_log_key(Origin(MemberId("hub"), "tracepost.example", 1))


async def enter(store: RelayStore, count: int = 1) -> None:
    """Write log entries, as each of a relay's jobs does."""

    def job(connection: Connection) -> None:
        store.log.append(connection, [prepare_line(first_entry("", 1), os.urandom) for _ in range(count)])

    await store.write(job, label="enter")


async def test_the_lease_goes_over_and_who_had_it_writes_nothing_more(url: str, key: LogKey) -> None:
    with closing(RelayStore.open(url, key)) as one, closing(RelayStore.open(url, key)) as two:
        assert await one.take_duty(600)
        await enter(one, 3)
        assert not await two.take_duty(600)
        assert await one.take_duty(LEASE_S), "it is taken anew, for less"
        await asyncio.sleep(LEASE_S + 0.2)  # as one that is frozen
        assert await two.take_duty(600)
        assert two.log.head.size == 3
        for attempt in (enter(one), one.take_duty(600)):
            with pytest.raises(StoreError) as refusal:
                await attempt
            assert refusal.value.reason == OFF_DUTY
        await enter(two)
        assert LogVerifier([key.vkey]).open(two.log.head.note).size == 4


async def test_who_leaves_lets_another_work_at_once(url: str, key: LogKey) -> None:
    with closing(RelayStore.open(url, key)) as one, closing(RelayStore.open(url, key)) as two:
        assert await one.take_duty(600)
        await enter(one)
        await one.leave_duty()
        assert await two.take_duty(600)
        await enter(two)
        assert two.log.head.size == 2


async def test_a_lease_that_ran_out_unseen_is_still_held(url: str, key: LogKey) -> None:
    """The database was away for a while, and nobody else could take it either."""
    with closing(RelayStore.open(url, key)) as store:
        assert await store.take_duty(LEASE_S)
        await asyncio.sleep(LEASE_S + 0.2)
        await enter(store)
        assert await store.take_duty(LEASE_S)


async def test_a_database_that_is_gone_is_told_as_our_store(
    url: str, key: LogKey, databases: Databases
) -> None:
    """A relay that is asked and looks after its house meanwhile must not end by it."""
    with closing(RelayStore.open(url, key)) as store:
        await enter(store)
        databases.drop(url)
        for attempt in (store.read(read_newest_list), asyncio.to_thread(store.read_now, read_newest_list)):
            with pytest.raises(StoreError):
                await attempt
    with pytest.raises(StoreError):
        RelayStore.open(url, key)


async def test_who_stands_by_waits_for_a_database_that_is_away(url: str, key: LogKey) -> None:
    """It is away in a failover: just when somebody must go on."""
    settings = cast("RelaySettings", SimpleNamespace(store=StoreSettings(takeover_seconds=LEASE_S)))
    with closing(RelayStore.open(url, key)) as one, closing(RelayStore.open(url, key)) as two:
        assert await one.take_duty(600)
        standing_by = asyncio.create_task(_stand_by(two, settings))
        await asyncio.sleep(LEASE_S / 2)
        lock_out(url, allow=False)
        await asyncio.sleep(LEASE_S)
        assert not standing_by.done()
        lock_out(url, allow=True)
        await one.leave_duty()
        await asyncio.wait_for(standing_by, 60)
        await enter(two)


def lock_out(url: str, *, allow: bool) -> None:
    name = str(make_url(url).database)
    with connect(make_url(url).set(database="postgres")) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allow}".encode())
        server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
        )

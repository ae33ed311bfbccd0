"""The contract of what several processes of a node agree by: leases and editions."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contracts.records import NOW, POC, THEM, US
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.papers import DirectoryRecord, PolicyRecord, PolicyState
from tracepost.node.records.staff import OfficerRecord
from tracepost.protocol.errors import ConfigurationError, ConflictError
from tracepost.protocol.evidence import LogKey

LONG = 600_000


async def take(store: Store, holder: str, *names: str, life: int = LONG) -> frozenset[str]:
    return await store.write(lambda tx: tx.leases.take(names, holder, life))


async def test_a_lease_is_of_one_holder_and_is_prolonged_by_it(store: Store) -> None:
    assert await take(store, "one", "a", "b") == {"a", "b"}
    assert await take(store, "two", "b", "c") == {"c"}
    assert await take(store, "one", "b", "b") == {"b"}


async def test_a_lease_that_ran_out_is_anybodys(store: Store) -> None:
    await take(store, "one", "a", life=30)
    await asyncio.sleep(0.05)
    assert await take(store, "two", "a") == {"a"}
    assert await take(store, "one", "a") == set()


async def test_a_lease_is_given_up_by_its_holder_only(store: Store) -> None:
    await take(store, "one", "a", "b")
    await store.write(lambda tx: tx.leases.give_up(["a"], "two"))
    assert await take(store, "two", "a") == set()
    await store.write(lambda tx: tx.leases.give_up(["a", "never"], "one"))
    assert await take(store, "two", "a", "b") == {"a"}


def change_papers(tx: Tx) -> None:
    tx.directory.keep(DirectoryRecord(THEM, 7, NOW, NOW, "compact"))


def change_staff(tx: Tx) -> None:
    tx.officers.put(OfficerRecord("7", (POC,), b"", (), NOW, NOW, NOW))


def change_policy(tx: Tx) -> None:
    tx.policies.put(PolicyRecord(3, PolicyState.ACTIVATED, b"", NOW, US, NOW, 1, "", "", b""))
    tx.policies.put(PolicyRecord(4, PolicyState.PROPOSED, b"", NOW, US, NOW, None, "", "", b""))


async def test_an_edition_says_what_of_it_has_changed(store: Store) -> None:
    first = await store.read(lambda tx: tx.editions.read())
    await store.write(change_papers)
    second = await store.read(lambda tx: tx.editions.read())
    assert second.papers != first.papers
    assert (second.staff, second.policy) == (first.staff, first.policy)
    await store.write(change_staff)
    third = await store.read(lambda tx: tx.editions.read())
    assert third.staff != second.staff
    assert third.papers == second.papers
    await store.write(change_policy)
    assert await store.read(lambda tx: (tx.editions.read().policy, tx.editions.policy())) == (3, 3)


async def test_what_a_guard_raises_fails_every_write_and_no_read(lasting_url: str, key: LogKey) -> None:
    store = await open_store(lasting_url, key)

    def refuse(tx: Tx) -> None:
        raise ConflictError(f"edition {tx.editions.policy()}")

    store.guard(refuse)
    with pytest.raises(ConflictError, match="edition 0"):
        await store.write(lambda tx: tx.settings.put("a", b"b"))
    assert await store.read(lambda tx: tx.settings.get("a")) is None
    store.guard(lambda tx: None)
    await store.write(lambda tx: tx.settings.put("a", b"b"))
    await store.close()


async def test_a_second_process_on_a_file_is_refused_in_words(tmp_path: Path, key: LogKey) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    store = await open_store(url, key)
    with pytest.raises(ConfigurationError, match="another process uses this store") as caught:
        await open_store(url, key)
    assert "PostgreSQL" in caught.value.what_to_do
    await store.close()
    await (await open_store(url, key)).close()


async def test_a_process_hears_that_another_one_wrote(lasting_url: str, key: LogKey) -> None:
    if lasting_url.startswith("sqlite"):
        store = await open_store(lasting_url, key)
        assert not store.is_shared
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(store.changed(), 0.05)
        await store.close()
        return
    one, two = [await open_store(lasting_url, key) for _ in range(2)]
    assert one.is_shared
    await asyncio.wait_for(one.changed(), 60)  # at first: what was before
    hearing = asyncio.ensure_future(one.changed())
    await two.write(lambda tx: tx.settings.put("a", b"b"))
    await asyncio.wait_for(hearing, 60)
    assert await one.read(lambda tx: tx.settings.get("a")) == b"b"
    await one.close()
    await two.close()

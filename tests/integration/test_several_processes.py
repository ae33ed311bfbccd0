"""Two processes of one node: what one changes the other takes up, and what they do not share is said."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from contracts.conftest import update
from contracts.records import NOW, POC, QUEUE, THEM, US, dispatch
from fakes.canaries import Mint
from fakes.postgres import Databases
from fakes.town import PASSPHRASE, POLICE, TWIN, Town, found_town, until
from fakes.town import POC as DESK
from fakes.voyage import make_draft
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.post.leasing import Leasing
from tracepost.node.post.neighbours import Neighbours, Shelf
from tracepost.node.records.papers import DirectoryRecord, PolicyRecord, PolicyState
from tracepost.node.records.staff import OfficerRecord
from tracepost.protocol.errors import BusyError
from tracepost.protocol.evidence import Origin, generate_log_key

LEASE_S = 9.0
"""A machine may stand still for a third less than that, and nobody takes over what another one does."""


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    url = databases.create("node", update)
    yield url
    databases.drop(url)


@pytest.fixture
async def pair(url: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    key = generate_log_key(Origin(US, "tracepost.example", 1))
    stores = [await open_store(url, key) for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


class Memory:
    """What a process has in memory, and how often it was read again."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.version = 0
        self.read: Counter[str] = Counter()
        self.may_reload = asyncio.Event()
        self.neighbours = Neighbours(
            store,
            policies=Shelf(lambda: self.version, self.reload_policies),
            reload_papers=self.counting("papers"),
            reload_staff=self.counting("staff"),
            wake=self.counting("mail"),
        )

    def counting(self, name: str) -> Callable[[], Awaitable[None]]:
        async def count() -> None:
            self.read[name] += 1

        return count

    async def reload_policies(self) -> None:
        await self.may_reload.wait()
        self.version = await self.store.read(lambda tx: tx.editions.policy())


async def test_what_another_process_changed_is_read_again_and_nothing_else(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    memory = Memory(pair[0])
    following = asyncio.create_task(memory.neighbours.run())
    await until(lambda: memory.neighbours._seen is not None, "the first look, which others are compared with")
    await pair[1].write(lambda tx: tx.officers.put(OfficerRecord("7", (POC,), b"", (), NOW, NOW, NOW)))
    await until(lambda: memory.read["staff"] == 1, "it to happen")
    await pair[1].write(lambda tx: tx.directory.keep(DirectoryRecord(THEM, 7, NOW, NOW, "compact")))
    await until(lambda: memory.read["papers"] == 1, "it to happen")
    looks = memory.read["mail"]
    await pair[1].write(lambda tx: dispatch(tx, [1]))
    await until(lambda: memory.read["mail"] > looks, "it to happen")
    # A look that began before the write counts too; the next one sees it.
    await until(lambda: pair[0].evidence.head == pair[1].evidence.head, "the head of the other process")
    assert (memory.read["staff"], memory.read["papers"]) == (1, 1)
    await ended(following)


async def test_nothing_is_written_under_policies_that_another_process_has_replaced(
    pair: tuple[SqlStore, SqlStore],
) -> None:
    """Between the log entry of the new set and its being read here, no unit of work is done by the old."""
    memory = Memory(pair[0])
    following = asyncio.create_task(memory.neighbours.run())
    await pair[0].write(lambda tx: tx.settings.put("before", b"1"))
    record = PolicyRecord(1, PolicyState.ACTIVATED, b"", NOW, US, NOW, 1, "", "", b"")
    await pair[1].write(lambda tx: tx.policies.put(record))
    with pytest.raises(BusyError) as caught:
        await pair[0].write(lambda tx: tx.settings.put("after", b"1"))
    assert caught.value.reason == "policies-changed"
    assert await pair[0].read(lambda tx: tx.settings.get("after")) is None
    memory.may_reload.set()
    await until(lambda: memory.version == 1, "it to happen")
    await pair[0].write(lambda tx: tx.settings.put("after", b"1"))
    await ended(following)


async def ended(task: asyncio.Task[None]) -> None:
    """End a task before its store is closed."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_queue_is_sent_by_one_process_until_that_is_gone(pair: tuple[SqlStore, SqlStore]) -> None:
    taken: Counter[int] = Counter()
    here = Leasing(pair[0], LEASE_S, lambda: taken.update([0]))
    there = Leasing(pair[1], LEASE_S, lambda: taken.update([1]))
    tasks = [asyncio.create_task(one.run()) for one in (here, there)]
    name = f"mail/{QUEUE.to_member}"
    assert not here.holds(name)
    await until(lambda: here.holds(name), "it to happen")
    assert taken == {0: 1}
    ends = time.monotonic() + LEASE_S + 1
    while time.monotonic() < ends:  # it is prolonged
        assert here.holds(name)
        assert not there.holds(name)
        await asyncio.sleep(0.1)
    await ended(tasks[0])
    await until(lambda: there.holds(name), "it to happen")
    assert not here.holds(name)
    await ended(tasks[1])


async def test_only_one_process_at_a_time_keeps_house(pair: tuple[SqlStore, SqlStore]) -> None:
    inside: list[int] = []

    async def keep_house(leasing: Leasing, number: int) -> None:
        for _ in range(3):
            async with leasing.turn("housekeeping"):
                inside.append(number)
                assert len(inside) == 1
                await asyncio.sleep(0.05)
                inside.remove(number)

    both = [Leasing(store, LEASE_S, lambda: None) for store in pair]
    tasks = [asyncio.create_task(one.run()) for one in both]
    async with asyncio.timeout(300):
        await asyncio.gather(*(keep_house(one, number) for number, one in enumerate(both)))
    for task in tasks:
        await ended(task)


@pytest.fixture
def town(tmp_path: Path, url: str) -> Town:
    founded = found_town(tmp_path / "town", {"xaa": (DESK, POLICE), "xab": (DESK,)}, "hub")
    return founded.on({"xaa": url}).twin("xaa")


async def test_a_desk_is_unlocked_in_the_process_that_its_officer_reached(town: Town) -> None:
    """The other process says what is the matter, and how to help; it is not disturbed otherwise."""
    twin, mint = f"xaa{TWIN}", Mint()
    async with town.running("hub", "xaa", twin, "xab"):
        await town.meet("xaa", "xab")
        async with town.client("xaa") as here, town.client(twin) as there:
            await here.unlock_desk("poc", PASSPHRASE)
            draft = make_draft("ONE", "xab", mint)
            first = await here.submit(draft)
            assert [one.desk_locked for one in (await there.show_case(first.thread)).statements] == [True]
            assert [case.thread async for case in there.list_cases()] == [first.thread]
            await there.unlock_desk("poc", PASSPHRASE)
            assert [one.desk_locked for one in (await there.show_case(first.thread)).statements] == [False]
            again = await there.submit(draft)
            assert again.statement == first.statement, "the same draft again, by another process"

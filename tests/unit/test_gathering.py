"""Drafts that come by single calls are worked on together: none waits for a timer, none answers for another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tracepost.node.handlers.case.office import Officer
from tracepost.node.services.batches import BATCH_DRAFTS, Gathering
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1.desk_pb2 import Draft, Submission

ONE, OTHER = Officer("1", (DeskId("poc"),)), Officer("2", (DeskId("police"),))


class Bench:
    """Answers batches when it is let, and keeps what came together."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[str]]] = []
        self.open = asyncio.Event()
        self.fault: Exception | None = None

    async def submit(self, officer: Officer, drafts: Sequence[Draft]) -> list[Submission]:
        keys = [draft.idempotency_key for draft in drafts]
        self.batches.append((officer.number, keys))
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        return [Submission(idempotency_key=key) for key in keys]


def call(gathering: Gathering, officer: Officer, key: str) -> asyncio.Task[Submission]:
    return asyncio.create_task(gathering.submit(officer, Draft(idempotency_key=key)))


async def test_the_first_leaves_at_once_and_what_comes_meanwhile_leaves_together() -> None:
    """Two batches are in flight; nobody waits for others to come."""
    bench = Bench()
    gathering = Gathering(bench.submit)
    calls = []
    for number in range(10):
        calls.append(call(gathering, ONE, f"k{number}"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert bench.batches == [("1", ["k0"]), ("1", ["k1"])]
    bench.open.set()
    answers = await asyncio.gather(*calls)
    assert [one.idempotency_key for one in answers] == [f"k{number}" for number in range(10)]
    assert bench.batches[2:] == [("1", [f"k{number}" for number in range(2, 10)])]


async def test_a_batch_is_one_officers_and_has_a_limit() -> None:
    """Who acts is part of what is signed; what is left of one officer's goes behind another's."""
    bench = Bench()
    gathering = Gathering(bench.submit)
    calls = [call(gathering, ONE, f"k{number}") for number in range(BATCH_DRAFTS + 4)]
    calls.append(call(gathering, OTHER, "other"))
    bench.open.set()
    await asyncio.gather(*calls)
    assert all(len(keys) <= BATCH_DRAFTS for _, keys in bench.batches)
    assert {who for who, keys in bench.batches if "other" in keys} == {"2"}
    assert sum(len(keys) for _, keys in bench.batches) == BATCH_DRAFTS + 5


async def test_one_key_twice_is_never_in_one_batch() -> None:
    """The second is answered with what the first was, once that is stored."""
    bench = Bench()
    gathering = Gathering(bench.submit)
    calls = [call(gathering, ONE, key) for key in ("a", "b", "same", "same", "c")]
    bench.open.set()
    await asyncio.gather(*calls)
    assert all(keys.count("same") <= 1 for _, keys in bench.batches)


async def test_who_hangs_up_stops_nobody() -> None:
    """Its own draft is worked on too: it may be signed already."""
    bench = Bench()
    gathering = Gathering(bench.submit)
    calls = [call(gathering, ONE, f"k{number}") for number in range(4)]
    await asyncio.sleep(0)
    calls[0].cancel()
    calls[3].cancel()
    bench.open.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(one, Submission) for one in answers] == [False, True, True, False]
    assert sorted(key for _, keys in bench.batches for key in keys)[:3] == ["k0", "k1", "k2"]


async def test_a_batch_that_fails_fails_each_of_its_callers_and_no_other() -> None:
    """The next one is worked on as if nothing had been."""
    bench = Bench()
    bench.fault = StoreError("the disk is full")
    bench.open.set()
    gathering = Gathering(bench.submit)
    for one in [call(gathering, ONE, "a"), call(gathering, ONE, "b")]:
        with pytest.raises(StoreError):
            await one
    bench.fault = None
    assert (await gathering.submit(ONE, Draft(idempotency_key="c"))).idempotency_key == "c"

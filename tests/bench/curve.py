"""How long mail takes at a given load: an open loop, in which officers do not wait for one another.

First 64 callers of `Submit` show what two nodes and a client do in a second here. Then drafts are handed in at shares
of that rate, at times drawn beforehand (Poisson), whether earlier ones are answered or not. Each is timed from the
moment when it was due until its receipt is kept: a node that falls behind is not spared by a caller that waits. What
the node turns away (`busy`, after the client's own further tries) or does not answer in time is counted and told.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Final

from bench.network import RECEIVING, Network, Node, open_network
from bench.receipts import Receipts
from bench.report import percentile
from bench.rows import Measured, Part, Row, Run
from bench.workload import make_draft
from fakes.town import until
from tracepost.protocol.errors import TheRoad
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2

SHARES: Final = (10, 25, 50, 75, 90)
_CALLERS = 64
_MESSAGES = 1_000
_STEP_SECONDS = 10.0
_SHORT_SECONDS = 0.5
_POLL_SECONDS = 0.001
_PATIENCE_SECONDS = 120.0
_NEW: Final = "SELECT rowid, envelope_id FROM receipt WHERE rowid > ?"


async def measure(run: Run) -> Measured:
    """Return p50 and p99 at each share of the rate that was measured."""
    messages = run.share(_MESSAGES)
    seconds = _STEP_SECONDS if messages == _MESSAGES else _SHORT_SECONDS
    async with open_network(run.folder) as network:
        await _close_loop(network, 1_000_000, max(8, messages // 4))
        rate = await _close_loop(network, 2_000_000, messages)
        figures = {"curve_rps": rate}
        for number, share in enumerate(SHARES):
            found = await _open_loop(network, 3_000_000 + 100_000 * number, rate * share / 100, seconds)
            figures[f"curve_p50_ms_at_{share}"] = 1000 * percentile(found.latencies, 50)
            figures[f"curve_p99_ms_at_{share}"] = 1000 * percentile(found.latencies, 99)
            figures[f"curve_refused_at_{share}"] = found.refused
    return Measured(figures)


async def _close_loop(network: Network, first: int, count: int) -> float:
    """Submit by 64 callers, each again when it is answered; return how many a second were receipted."""
    drafts = iter([make_draft(number, RECEIVING) for number in range(first, first + count)])
    client = network.sending.client

    async def call_on() -> None:
        for draft in drafts:
            await client.submit(draft)

    with Receipts.of(network.sending) as receipts:
        begun = time.perf_counter()
        await asyncio.gather(*(call_on() for _ in range(_CALLERS)))
        await receipts.wait(count)
        return count / (time.perf_counter() - begun)


async def _open_loop(network: Network, first: int, rate: float, seconds: float) -> _Found:
    """Hand drafts in at `rate` for so long; return how long each took, and how many were refused."""
    dice = random.Random(first)
    count = max(5, int(rate * seconds))
    drafts = [make_draft(number, RECEIVING) for number in range(first, first + count)]
    with _Arrivals.at(network.sending) as arrivals:
        looking = asyncio.create_task(arrivals.look())
        begun, due, tasks = time.perf_counter(), 0.0, []
        for draft in drafts:
            due += dice.expovariate(rate)
            await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
            tasks.append(asyncio.create_task(arrivals.submit(network.sending.client, draft, begun + due)))
        await asyncio.gather(*tasks)
        try:
            return _Found(await arrivals.all(), arrivals.refused)
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Found:
    """How long each draft took, in seconds, and how many were refused."""

    latencies: list[float]
    refused: int


@dataclass
class _Arrivals:
    """When the receipt of each envelope was seen in the store of its sender."""

    store: Connection
    last: int
    due: dict[bytes, float] = field(default_factory=dict)
    kept: dict[bytes, float] = field(default_factory=dict)
    refused: int = 0

    @classmethod
    @contextlib.contextmanager
    def at(cls, node: Node) -> Iterator[_Arrivals]:
        """Look into the store of `node` from now on."""
        with contextlib.closing(node.open_store()) as store:
            [(last,)] = store.execute("SELECT coalesce(max(rowid), 0) FROM receipt").fetchall()
            yield cls(store, last)

    async def submit(self, client: Client, draft: desk_pb2.Draft, due: float) -> None:
        """Submit a draft that was due at a time."""
        try:
            submission = await client.submit(draft)
        except TheRoad:  # busy, or no answer in time
            self.refused += 1
            return
        self.due[bytes.fromhex(submission.dispatches[0].envelope_id)] = due

    async def look(self) -> None:
        """Note new receipts until cancelled."""
        while True:
            for number, envelope in self.store.execute(_NEW, (self.last,)).fetchall():
                self.last = max(self.last, number)
                self.kept[bytes(envelope)] = time.perf_counter()
            await asyncio.sleep(_POLL_SECONDS)

    async def all(self) -> list[float]:
        """Wait until all that were taken are receipted; return how long each took."""
        await until(lambda: self.kept.keys() >= self.due.keys(), "the receipts", _PATIENCE_SECONDS)
        return [self.kept[one] - due for one, due in self.due.items()]


PART = Part(
    "curve",
    "open loop at shares of the rate that 64 callers reach: from when a draft is due until its receipt is kept",
    seconds=65,
    measure=measure,
    rows=(
        Row("curve_rps", "Submit by 64 callers, receipted (/s)"),
        *(
            row
            for share in SHARES
            for row in (
                Row(f"curve_p50_ms_at_{share}", f"at {share} % of it: p50 (ms)"),
                Row(f"curve_p99_ms_at_{share}", "  p99 (ms)"),
                Row(f"curve_refused_at_{share}", "  drafts refused"),
            )
        ),
    ),
)

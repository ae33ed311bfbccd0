"""Two processes of one node on one PostgreSQL beside one process, on the disk as it is and on one that is slow.

Officers call `Submit`, each again as soon as it is answered: mail is prepared, signed, sealed, logged and durable then.
Its addressee does not run, so that all the machine has goes into submitting. The slow disk is the server's own
`commit_delay`: each flush of its log waits 5 ms longer, whoever asks for it. On the fast disk 64 callers work in either
case; on the slow one so many work at each process, since it is waiting that two processes share out.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from bench.network import RECEIVING, SENDING, UNUSED_RELAY, Node, forget_relay, open_node
from bench.report import median
from bench.rows import CannotRunError, Measured, Part, Row, Run
from bench.workload import make_draft
from fakes.postgres import Cluster, Databases, NoPostgresError, find_binaries
from fakes.town import POC, POLICE, TWIN, Town, found_town

_CALLERS = 64
_CALLERS_SLOW = 2
_MESSAGES = 600
_MESSAGES_SLOW = 300
_DURABLE: Final = {"fsync": "on", "full_page_writes": "on"}
_SLOW: Final = {"commit_delay": "5000", "commit_siblings": "0"}  # µs, and without waiting for others to come


async def measure(run: Run) -> Measured:
    """Return submissions per second by one process and by two, in turns."""
    try:
        binaries = find_binaries()
    except NoPostgresError as error:
        raise CannotRunError(str(error)) from error
    numbers = itertools.count(1)
    with Cluster.start(binaries, _DURABLE) as cluster:
        async with _open(run.folder, Databases(cluster.url, "bench").create()) as nodes:
            load = _Load(numbers)
            await load.submit(nodes, 4, run.share(_MESSAGES) // 4)  # caches fill
            fast = [
                await load.compare(nodes, _CALLERS, run.share(_MESSAGES), total=True)
                for _ in range(run.rounds)
            ]
            _set(cluster, _SLOW)
            slow = [
                await load.compare(nodes, _CALLERS_SLOW, run.share(_MESSAGES_SLOW), total=False)
                for _ in range(run.rounds)
            ]
    rounds = [_name(*pair) for pair in zip(fast, slow, strict=True)]
    return Measured({name: median([one[name] for one in rounds]) for name in rounds[0]}, rounds)


def _name(fast: tuple[float, float], slow: tuple[float, float]) -> dict[str, float]:
    return {
        "databases_one_rps": fast[0],
        "databases_two_rps": fast[1],
        "databases_two_ratio": fast[1] / fast[0],
        "databases_slow_one_rps": slow[0],
        "databases_slow_two_rps": slow[1],
        "databases_slow_two_ratio": slow[1] / slow[0],
    }


class _Load:
    def __init__(self, numbers: itertools.count[int]) -> None:
        self._numbers = numbers

    async def compare(
        self, nodes: Sequence[Node], callers: int, messages: int, *, total: bool
    ) -> tuple[float, float]:
        """Return the rate of the first process, and of both; by so many callers in all, or at each."""
        one = await self.submit(nodes[:1], callers, messages)
        return one, await self.submit(nodes, callers // 2 if total else callers, messages)

    async def submit(self, nodes: Sequence[Node], callers: int, messages: int) -> float:
        """Submit by so many callers at each of `nodes`; return how many were answered in a second."""
        drafts = iter([make_draft(next(self._numbers), RECEIVING) for _ in range(messages)])

        async def call_on(node: Node) -> None:
            for draft in drafts:
                await node.client.submit(draft)

        begun = time.perf_counter()
        await asyncio.gather(*(call_on(node) for node in nodes for _ in range(callers)))
        return messages / (time.perf_counter() - begun)


def _set(cluster: Cluster, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        cluster.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    cluster.execute("SELECT pg_reload_conf()")


@contextlib.asynccontextmanager
async def _open(folder: Path, url: str) -> AsyncIterator[list[Node]]:
    """Run two processes of XAA on a database; they know XAB, which does not run."""
    town = await asyncio.to_thread(_found, folder / "town", url)
    async with open_node(town, RECEIVING) as receiving:
        papers = await receiving.client.export_papers()
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(open_node(town, one)) for one in (SENDING, SENDING + TWIN)]
        await nodes[0].client.import_papers(papers)
        await asyncio.sleep(4)  # the other process looks every three seconds
        yield nodes


def _found(folder: Path, url: str) -> Town:
    states = dict.fromkeys((SENDING, RECEIVING), (POC, POLICE))
    town = found_town(folder, states, UNUSED_RELAY, reachable=(SENDING, RECEIVING))
    forget_relay(town, *states)
    return town.on({SENDING: url}).twin(SENDING)


PART = Part(
    "databases",
    "Submit until durable, on one PostgreSQL with fsync; client, processes and server share the cores",
    seconds=60,
    measure=measure,
    rows=(
        Row("databases_one_rps", "one process, 64 callers (/s)"),
        Row("databases_two_rps", "two processes, 32 callers each (/s)"),
        Row("databases_two_ratio", "  to one", "≥ 0.95"),
        Row("databases_slow_one_rps", "flushes 5 ms slower: one process, 2 callers (/s)"),
        Row("databases_slow_two_rps", "  two processes, 2 callers each (/s)"),
        Row("databases_slow_two_ratio", "  to one", "≥ 1.6"),
    ),
)

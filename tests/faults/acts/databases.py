"""Database servers that die, give way to their standby, or lose it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faults.stage import Stage


@asynccontextmanager
async def restart(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """The primary dies, and starts again. The nodes are not started anew."""
    await asyncio.to_thread(stage.pair.restart)
    yield "the primary"
    await start_who_ended(stage)


@asynccontextmanager
async def fail_over(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """The primary dies, its standby takes its place. The nodes are not started anew."""
    await asyncio.to_thread(stage.pair.fail_over)
    yield "to the standby"
    await start_who_ended(stage)


@asynccontextmanager
async def full_disk(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """There is no room for another byte where the primary is; then there is, and it is started anew."""
    kind = await asyncio.to_thread(stage.pair.fill_disk)
    yield f"the primary ({kind})"
    await asyncio.to_thread(stage.pair.empty_disk)
    await start_who_ended(stage)


@asynccontextmanager
async def read_only_disk(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """The primary finds that it may not write where it writes: it does not start, and nobody is served meanwhile."""
    kind, starts = await asyncio.to_thread(stage.pair.try_without_writing)
    outcome = "served as if nothing were wrong" if starts else "refused"
    stage.note_damage("", "read-only disk of the database", outcome, "")
    yield f"the primary ({kind}): {outcome}"
    await asyncio.to_thread(stage.pair.allow_writing)
    await start_who_ended(stage)


@asynccontextmanager
async def lose_standby(stage: Stage, _dice: random.Random) -> AsyncIterator[str]:
    """The standby is gone: commits wait for it, and nothing is acknowledged meanwhile."""
    await asyncio.to_thread(stage.pair.isolate_standby)
    yield "the standby"
    await asyncio.to_thread(stage.pair.rejoin_standby)
    await start_who_ended(stage)


async def start_who_ended(stage: Stage) -> None:
    """Start everybody who did not outlive it."""
    for member in stage.members:
        if not stage.processes[member].is_running:
            stage.note_end(member)
            await stage.start(member)

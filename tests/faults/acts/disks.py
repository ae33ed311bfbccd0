"""Disks that are full, may not be written on, or fail."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faults.stage import Stage


@asynccontextmanager
async def full_disk(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """There is no room for another byte; then there is. Nobody starts the process anew, unless it has ended."""
    member = dice.choice(stage.members)
    disk, process = stage.disks[member], stage.processes[member]
    disk.fill(process.pid)
    yield f"{member} ({disk.kind})"
    disk.empty(process.pid)
    if not process.is_running:
        stage.note_end(member)
        await stage.start(member)


@asynccontextmanager
async def kill_on_a_full_disk(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A member dies while there is no room, and starts when there is."""
    member = dice.choice(stage.members)
    disk = stage.disks[member]
    disk.fill(stage.processes[member].pid)
    yield f"{member} ({disk.kind})"
    stage.kill(member)
    disk.empty(None)
    await stage.start(member)


@asynccontextmanager
async def read_only_disk(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A member is started on a disk that nobody may write on: it says so and ends."""
    member = dice.choice(stage.members)
    disk = stage.disks[member]
    stage.kill(member)
    disk.forbid_writing()
    words = await stage.try_to_start(member)
    outcome = "refused" if words else "served as if nothing were wrong"
    stage.note_damage(member, "read-only disk", outcome, words)
    yield f"{member} ({disk.kind}): {outcome} {words}"
    stage.kill(member)
    disk.allow_writing()
    await stage.start(member)

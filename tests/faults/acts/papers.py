"""Papers that are older than what is in force: an old trust list, and an old revocation list, are brought."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from faults.papers import REVOKED_OFFICER
from faults.stage import NODES, Stage
from tracepost.protocol.errors import TracepostError
from tracepost.wire.v1.post_pb2 import Announcement


@asynccontextmanager
async def stale_papers(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """An operator puts the old files in place, starts the node anew, and imports them by hand as well.

    It may refuse to start.
    """
    member = dice.choice(NODES)
    stage.kill(member)
    stage.archive.put_old(member)
    refusal = await stage.try_to_start(member)
    words = f"refused, {refusal}" if refusal else "started"
    stage.archive.put_new(member)
    await stage.start(member)
    brought = await _bring(stage, member, stage.archive.lists[1])
    await look_at_trust(stage, member)
    yield f"{member}: {words}; by hand: {brought}"


async def look_at_trust(stage: Stage, member: str) -> None:
    """Write down which trust list a node believes, and whether an officer is let in whose certificate was revoked."""
    try:
        async with stage.client(member) as client:
            sequence = (await client.show_trust()).sequence
        async with stage.client(member, officer=REVOKED_OFFICER) as client:
            try:
                await client.show_trust()
                refused = False
            except TracepostError:
                refused = True
    except TracepostError:
        return  # it does not answer now; another look will come
    stage.history.note(member, "trust", sequence=sequence, revoked_is_refused=refused)


async def _bring(stage: Stage, member: str, trust_list: bytes) -> str:
    try:
        async with stage.client(member) as client:
            taken = await client.import_papers(Announcement(member=member, trust_list=trust_list))
    except TracepostError as error:
        return f"refused, {error.reason}"
    return f"took {', '.join(taken) or 'nothing'}"

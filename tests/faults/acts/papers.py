"""Papers that are old: what is older than what is in force is brought, and what is in force is past its next update."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from faults.papers import REVOKED_OFFICER
from faults.stage import HUB, NODES, Stage
from tracepost.protocol.errors import TracepostError
from tracepost.wire.v1.post_pb2 import Announcement

_OVERDUE_AFTER_SECONDS: Final = 1
_LONG_SECONDS: Final = 86_400
_ENDS_AFTER_SECONDS: Final = 2


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
    brought = await bring(stage, Announcement(member=member, trust_list=stage.archive.lists[1]))
    await look_at_trust(stage, member)
    yield f"{member}: {words}; by hand: {brought}"


@asynccontextmanager
async def overdue_papers(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """The trust list and a node's revocation list are past their next update; then newer ones come.

    Those who are known go on: what was revoked stays so, and mail comes and goes.
    """
    member = dice.choice(NODES)
    brought = await bring(stage, stage.archive.issue(member, _OVERDUE_AFTER_SECONDS))
    await asyncio.sleep(_OVERDUE_AFTER_SECONDS + 1)
    await look_at_trust(stage, member)
    yield f"{member}: {brought}"
    await bring(stage, stage.archive.issue(member, _LONG_SECONDS))
    await look_at_trust(stage, member)


@asynccontextmanager
async def ended_list(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A trust list that ends at once reaches everybody over the line: no mail is sealed or judged by it.

    A newer one is brought to each node by hand, since the relay serves nobody meanwhile, and to the relay as a file.
    """
    member = dice.choice(NODES)
    ended = Announcement(member=member, trust_list=stage.archive.end_list(_ENDS_AFTER_SECONDS))
    brought = await bring(stage, ended)
    await asyncio.sleep(_ENDS_AFTER_SECONDS + 1)
    await look_at_trust(stage, member)
    yield f"{member}: {brought}"
    newest = stage.archive.renew_list()
    for name in NODES:
        await bring(stage, Announcement(member=name, trust_list=newest))
    stage.kill(HUB)
    await stage.start(HUB)
    await look_at_trust(stage, member)


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


async def bring(stage: Stage, papers: Announcement) -> str:
    """Have an officer bring a node papers; say what it took of them."""
    try:
        async with stage.client(papers.member) as client:
            taken = await client.import_papers(papers)
    except TracepostError as error:
        return f"refused, {error.reason}"
    return f"took {', '.join(taken) or 'nothing'}"

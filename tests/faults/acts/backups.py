"""A store that is put back from a backup: what its log has signed since is known to others, and not to it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from faults.keeping import heads_beside, keeper_of
from faults.stage import NODES, Stage

_AGE_SECONDS: Final = (3.0, 6.0)
_BACKUP, _KEPT = "backup", "kept"


@asynccontextmanager
async def old_backup(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """A node is started on a store of some seconds ago. It must not serve; then it gets its own store back."""
    member = dice.choice(NODES)
    keeper = keeper_of(stage, member)
    stage.kill(member)
    await asyncio.to_thread(keeper.copy, _BACKUP)
    await stage.start(member)
    await asyncio.sleep(dice.uniform(*_AGE_SECONDS))
    stage.away.add(member)
    stage.kill(member)
    await asyncio.to_thread(keeper.copy, _KEPT)
    await asyncio.to_thread(keeper.put_back, _BACKUP)
    with heads_beside(stage.place(member)):
        refusal = await stage.try_to_start(member)
        stage.kill(member)
    await asyncio.to_thread(keeper.put_back, _KEPT)
    outcome = "refused" if refusal else "served a store that has forgotten what others were told"
    stage.note_damage(member, "old backup", outcome, refusal)
    stage.away.discard(member)
    yield f"{member}: {outcome} {refusal}".rstrip()
    await stage.start(member)

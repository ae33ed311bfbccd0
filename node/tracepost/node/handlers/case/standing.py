"""Work under one set of policies, and the change to the next: never both at once.

Whoever reads, seals or releases holds the standing set; a change waits until all have let go, and
whoever comes meanwhile waits for the change. So what was decided under the old set is logged before the
entry that tells of the new one, and nothing after it is decided by the old.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Standing:
    """One per process; used on its event loop. Not to be held twice by one task."""

    def __init__(self) -> None:
        self._holders = 0
        self._changing = asyncio.Lock()
        self._let_go = asyncio.Event()
        self._let_go.set()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Work under the standing set."""
        async with self._changing:  # nearly always free
            self._holders += 1
            self._let_go.clear()
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders:
                self._let_go.set()

    @asynccontextmanager
    async def changed(self) -> AsyncIterator[None]:
        """Change the set: nobody holds it meanwhile."""
        async with self._changing:
            await self._let_go.wait()
            yield

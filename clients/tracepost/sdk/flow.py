"""Flow control of a stream of drafts: so many, and so many bytes, on their way at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")


class Window:
    """Lets messages out while neither their number nor their bytes exceed what may be unanswered.

    One message larger than `byte_limit` still goes, alone.
    """

    def __init__(self, count_limit: int, byte_limit: int) -> None:
        self._count_limit = count_limit
        self._byte_limit = byte_limit
        self._open: deque[int] = deque()
        self._open_bytes = 0
        self._room = asyncio.Condition()

    async def enter(self, size_bytes: int) -> None:
        """Wait until a message of `size_bytes` may go, and count it."""
        async with self._room:
            await self._room.wait_for(lambda: self._fits(size_bytes))
            self._open.append(size_bytes)
            self._open_bytes += size_bytes

    async def leave(self) -> None:
        """Count the oldest message as answered."""
        async with self._room:
            if self._open:
                self._open_bytes -= self._open.popleft()
            self._room.notify()

    def _fits(self, size_bytes: int) -> bool:
        if not self._open:
            return True
        return len(self._open) < self._count_limit and self._open_bytes + size_bytes <= self._byte_limit


async def each(source: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Go through `source`, whichever kind of iterable it is."""
    if isinstance(source, AsyncIterable):
        async for one in source:
            yield one
    else:
        for one in source:
            yield one

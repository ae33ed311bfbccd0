"""What is under way on one stream: put there, and not answered yet.

Without a bound a peer that takes mail and answers nothing would be given a whole outbox. The window also keeps
what is under way from being sent twice when a queue is read from an earlier place again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import UnreachableError
from tracepost.protocol.ids import EnvelopeId

UNDER_WAY: Final = 4096
SILENCE_S: Final = 600.0


class Window:
    """Used on the event loop, by one stream."""

    def __init__(self, size: int = UNDER_WAY, silence_s: float = SILENCE_S) -> None:
        self._size = size
        self._silence_s = silence_s
        self._lanes: dict[EnvelopeId, Lane] = {}
        self._counts = dict.fromkeys(Lane, 0)
        self._changed = asyncio.Event()

    def __contains__(self, envelope_id: object) -> bool:
        return envelope_id in self._lanes

    def add(self, envelope_id: EnvelopeId, lane: Lane) -> None:
        """Note that this envelope is under way."""
        if envelope_id not in self._lanes:
            self._lanes[envelope_id] = lane
            self._counts[lane] += 1

    def answered(self, ids: Iterable[bytes]) -> None:
        """Note that these were answered, in whatever way."""
        for one in ids:
            lane = self._lanes.pop(EnvelopeId(one), None)
            if lane is not None:
                self._counts[lane] -= 1
        self._changed.set()

    def is_full(self, lane: Lane) -> bool:
        """Say whether as much of `lane` is under way as may be."""
        return self._counts[lane] >= self._size

    async def has_room(self, lane: Lane) -> None:
        """Wait until less of `lane` is under way than may be.

        Raises:
            UnreachableError: nothing was answered for a long time; another stream may do better.
        """
        while self.is_full(lane):
            self._changed.clear()
            try:
                async with asyncio.timeout(self._silence_s):
                    await self._changed.wait()
            except TimeoutError:
                raise UnreachableError("the other side answers nothing", reason="no-answers") from None

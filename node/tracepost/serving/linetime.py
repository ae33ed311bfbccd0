"""How long a line took to take something, without the time in which our own event loop came to nothing else.

    with Stopwatch() as watch:
        await call.write(frame)
    watch.seconds

A node with two hundred streams comes back to each of them late. Whoever took that for a thin line would cut its
frames shorter, and have more of them to send: the busier, the shorter. So timers run beside the wait; by how much they
ring late is not the line's time.
"""

from __future__ import annotations

import asyncio
from typing import Final, Self

_FIRST_RING_S: Final = 0.02


class Stopwatch:
    """Used on the event loop, around one wait. Rings less and less often: a long wait costs little."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._loop = asyncio.get_running_loop()
        self._late = 0.0

    def __enter__(self) -> Self:
        self._began = self._loop.time()
        self._set(self._began, _FIRST_RING_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        now = self._loop.time()
        self._note_late(now)
        self.seconds = now - self._began - self._late

    def _set(self, now: float, wait: float) -> None:
        self._wait = wait
        self._due = now + wait
        self._timer = self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        now = self._loop.time()
        self._note_late(now)
        self._set(now, 2 * self._wait)

    def _note_late(self, now: float) -> None:
        self._late += max(0.0, now - self._due)

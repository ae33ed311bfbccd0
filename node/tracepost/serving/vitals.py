"""Whether a daemon can work now, for load balancers and probes, and how long its commits take.

    vitals = Vitals(time.monotonic, meter)
    writer.watch = vitals.note_commit            # from the writer's thread
    vitals.beat()                                # from the event loop, every few seconds
    vitals.state                                 # what /readyz and the health service say

`ready`        takes work
`maintenance`  lives, and takes no mail because somebody said so
`store-lost`   the database did not take what was written, and no write since that was to see whether it does
`node-away`    a console whose node does not answer
`draining`     leaves

What does not start, a node behind its own log among them, listens nowhere: a probe finds nobody.
"""

from __future__ import annotations

import asyncio
import enum
import threading
from collections.abc import Callable
from typing import Final

from tracepost.serving.telemetry import Meter

BEAT_LIMIT_S: Final = 30.0
"""A loop that has not turned for so long does not answer anybody."""


_PULSE_S: Final = 5.0


class State(enum.StrEnum):
    """What a daemon says of itself to who gives it work."""

    READY = "ready"
    MAINTENANCE = "maintenance"
    STORE_LOST = "store-lost"
    NODE_AWAY = "node-away"
    DRAINING = "draining"


class Pulse:
    """Whether an event loop turns. Asking is from memory, and safe from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._last_beat = monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether it turns."""
        return self._monotonic() - self._last_beat < BEAT_LIMIT_S

    def beat(self) -> None:
        """Note that it turns."""
        self._last_beat = self._monotonic()

    async def pulse(self) -> None:
        """Beat until cancelled, for a daemon that has no other watch."""
        while True:
            self.beat()
            await asyncio.sleep(_PULSE_S)


class Vitals(Pulse):
    """One per daemon with a store."""

    def __init__(self, monotonic: Callable[[], float], meter: Meter) -> None:
        super().__init__(monotonic)
        self._commits = meter.histogram("commit_seconds", "Duration of a transaction of the store, synced.")
        self._failed = meter.counter("commits_failed", "Transactions that the database did not take.")
        meter.gauge("ready", "1 while the daemon takes work.").set_function(
            lambda: float(self.state is State.READY)
        )
        self._counting = threading.Lock()
        self._losses = self._losses_found = 0
        lost = meter.gauge("store_lost", "1 while the database takes nothing.")
        lost.set_function(lambda: float(self.is_store_lost))
        self.is_draining: Callable[[], bool] = lambda: False
        self.is_closed: Callable[[], bool] = lambda: False

    @property
    def state(self) -> State:
        """What it says of itself now; what hinders more comes first."""
        if self.is_draining():
            return State.DRAINING
        if self.is_store_lost:
            return State.STORE_LOST
        return State.MAINTENANCE if self.is_closed() else State.READY

    @property
    def is_store_lost(self) -> bool:
        """Whether the database failed a transaction and has taken none since that was written to see."""
        return self._losses > self._losses_found

    @property
    def losses(self) -> int:
        """How often the store was lost until now: what `find_store` is told of a write that begins now."""
        return self._losses

    def lose_store(self) -> None:
        """Note that the store does not take, or not answer, what it is asked."""
        with self._counting:  # the writer's thread, and the event loop
            self._losses += 1

    def find_store(self, losses: int) -> None:
        """Note that the store took a write that began after so many `losses`; a later loss stands."""
        self._losses_found = max(losses, self._losses_found)

    def note_commit(self, seconds: float | None) -> None:
        """Note how long a transaction took; None: the database did not take it (`GroupWriter.watch`).

        One that was taken says nothing of a store that is lost: what changes nothing is taken by a full disk too.
        """
        if seconds is None:
            self.lose_store()
            self._failed.inc()
        else:
            self._commits.observe(seconds)

"""The watch of a daemon with a store: its pulse, what load balancers are told, and the look at its metrics.

Every five seconds: the loop turns (`beat`), the store answers. A store that did not take a transaction is written to
again until it does, so that health comes back by itself. What changes is told.

Every fifteen seconds, beside that: the metrics. They look at disks of others too, and a look that hangs on a file
server or fails must end neither the pulse nor the daemon; it shows by the age of the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from tracepost.protocol.errors import TracepostError
from tracepost.serving.vitals import State, Vitals

_log = structlog.get_logger()

EVERY_S: Final = 5.0
ANSWER_WITHIN_S: Final = 15.0
_LOOKS_EVERY: Final = 3

Tell = Callable[[State], Awaitable[None]]
"""Says to who asks a server for its health how the daemon is."""

Look = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Probes:
    """How to see whether a store answers (`read`), and whether it takes what is written (`write`)."""

    read: Look
    write: Look


class Watch:
    """One per process. `looks` are done beside it."""

    def __init__(self, vitals: Vitals, probes: Probes, tell: Tell, looks: Sequence[Look] = ()) -> None:
        self._vitals = vitals
        self._probes = probes
        self._tell = tell
        self._looks = looks
        self._told: State | None = None

    async def run(self) -> None:
        """Keep watch until cancelled."""
        await asyncio.gather(self._pulse(), *map(self._repeat, self._looks))

    async def _pulse(self) -> None:
        while True:
            self._vitals.beat()
            await self.check()
            await asyncio.sleep(EVERY_S)

    async def _repeat(self, look: Look) -> None:
        while True:
            await self._attempt(look)
            await asyncio.sleep(_LOOKS_EVERY * EVERY_S)

    async def check(self) -> None:
        """See whether the store answers; tell what changed."""
        await self._attempt(self._write if self._vitals.is_store_lost else self._read)
        await self.tell()

    async def tell(self) -> None:
        """Say how it is, where that has changed."""
        state = self._vitals.state
        if state is self._told:
            return
        _log.log(_LEVELS.get(state, 20), "state", state=str(state))
        self._told = state
        await self._tell(state)

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._probes.read()
        except (TracepostError, TimeoutError):
            self._vitals.lose_store()
            raise

    async def _write(self) -> None:
        losses = self._vitals.losses
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._probes.write()
        self._vitals.find_store(losses)

    @staticmethod
    async def _attempt(job: Look) -> None:
        try:
            await job()
        except TracepostError as error:
            _log.warning("watch", code=error.code, reason=error.reason)
        except TimeoutError:
            _log.warning("watch", code="store", reason="no-answer")
        except Exception as error:  # noqa: BLE001 - it is looked again, and the daemon serves meanwhile
            _log.error("watch", exc_info=error)


_LEVELS: Final = {State.STORE_LOST: 40, State.READY: 20}

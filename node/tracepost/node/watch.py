"""The watch of a node: its pulse, what load balancers are told, and the look at its metrics.

Every five seconds: the loop turns (`beat`), the store answers. A store that did not take the last transaction is
written to again until it does, so that health comes back by itself; that write is an event of the audit trail, which
then says when it came back. What changes is told to both servers' health.

Every fifteen seconds, beside that: the metrics. They look at disks of others too, and a look that hangs on a file
server or fails must end neither the pulse nor the node; it shows by the age of the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from tracepost.node.ports.store import Store
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import MemberId
from tracepost.serving.vitals import State, Vitals

_log = structlog.get_logger()

EVERY_S: Final = 5.0
ANSWER_WITHIN_S: Final = 15.0
_LOOKS_EVERY: Final = 3

Tell = Callable[[bool], Awaitable[None]]
"""Says to who asks for its health whether a server takes work."""

Look = Callable[[], Awaitable[None]]


class Watch:
    """One per process. `post` and `desk` tell the health of the two servers; `looks` are done beside it."""

    def __init__(
        self,
        vitals: Vitals,
        store: Store,
        *,
        us: MemberId,
        clock: Callable[[], int],
        post: Tell,
        desk: Tell,
        looks: Sequence[Look] = (),
    ) -> None:
        self._vitals = vitals
        vitals.is_probed = True
        self._store = store
        self._us = us
        self._clock = clock
        self._post = post
        self._desk = desk
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
        if self._vitals.is_store_lost:
            await self._attempt(self._write)
        else:
            await self._attempt(self._read)
        await self.tell()

    async def tell(self) -> None:
        """Say how it is, where that has changed."""
        state = self._vitals.state
        if state is self._told:
            return
        _log.log(_LEVELS.get(state, 20), "state", state=str(state))
        self._told = state
        await self._post(state is State.READY)
        await self._desk(state in (State.READY, State.MAINTENANCE))

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._store.read(lambda tx: tx.editions.policy())
        except (TracepostError, TimeoutError):
            self._vitals.is_store_lost = True
            raise

    async def _write(self) -> None:
        event = AuditEvent(self._clock(), self._us, "store-back", "store", "ok")
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._store.write(lambda tx: tx.audit.append([event]), label="audit")
        self._vitals.is_store_lost = False

    @staticmethod
    async def _attempt(job: Look) -> None:
        try:
            await job()
        except TracepostError as error:
            _log.warning("watch", code=error.code, reason=error.reason)
        except TimeoutError:
            _log.warning("watch", code="store", reason="no-answer")
        except Exception as error:  # noqa: BLE001 - it is looked again, and the node serves meanwhile
            _log.error("watch", exc_info=error)


_LEVELS: Final = {State.STORE_LOST: 40, State.READY: 20}

"""What other processes of the node wrote: taken up here soon after.

Several processes serve one node on one PostgreSQL. Each has in memory what it answers from; what another
one changes is read again:

    mail queued there            → our lines look into the outbox, if the queue is ours to send
    papers of members            → taken up from the store, verified anew; our own announced on our streams
    our own policies             → no unit of work is done under a set that was replaced: it fails with `busy`,
                                   and the new set decides here once all that is being done has ended
    officers and deputies        → the register is read again

What is not shared: a desk is unlocked in the process that its officer unlocked it in, and locked in the
others; limits of calls count in each process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog

from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.papers import Edition
from tracepost.protocol.errors import BusyError, TracepostError

_log = structlog.get_logger()

_CALM_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """Something that is kept in memory: the version that is here, and how it is read again."""

    version: Callable[[], int]
    reload: Callable[[], Awaitable[None]]


class Neighbours:
    """One per process; used on the event loop.

    Args:
        store: what is shared.
        policies: our own policies, by the version in force.
        reload_papers: takes up the papers of members again.
        reload_staff: reads the register of officers again.
        wake: looks for mail to send.
    """

    def __init__(
        self,
        store: Store,
        *,
        policies: Shelf,
        reload_papers: Callable[[], Awaitable[None]],
        reload_staff: Callable[[], Awaitable[None]],
        wake: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._policies = policies
        self._reload_papers = reload_papers
        self._reload_staff = reload_staff
        self._wake = wake
        self._seen: Edition | None = None
        self._looked = 0.0
        if store.is_shared:
            store.guard(self._require_our_policies)

    async def run(self) -> None:
        """Take up what others write, until cancelled."""
        while True:
            try:
                await self._look()
            except TracepostError as error:
                _log.warning("neighbours", code=error.code, reason=error.reason)
                await asyncio.sleep(_LOOK_SECONDS)
            await self._store.changed()
            await asyncio.sleep(_CALM_SECONDS)

    async def _look(self) -> None:
        await asyncio.to_thread(self._store.evidence.refresh)
        await self._wake()
        edition = await self._store.read(lambda tx: tx.editions.read())
        if edition.policy != self._policies.version():
            await self._policies.reload()
        if self._seen is None:
            self._seen = edition
        if edition.papers != self._seen.papers:
            await self._reload_papers()
        if edition.staff != self._seen.staff:
            await self._reload_staff()
        self._seen = edition

    def _require_our_policies(self, tx: Tx) -> None:
        if tx.editions.policy() != self._policies.version():
            raise BusyError(
                "another set of policies has just been put in force",
                reason="policies-changed",
                remedy="Try again.",
            )

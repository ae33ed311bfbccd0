"""What only one process of a node does at a time: sending a queue's mail, dialling a relay, keeping house.

    if leasing.holds("mail/xab/direct/0"): ...      # asked for, if it is nobody's; `taken` is called when it is ours
    async with leasing.turn("housekeeping"): ...    # waits until it is ours, gives it back afterwards

A lease stands in the store, by the clock of the database, and is prolonged while it is used. A process
that dies loses its leases after `seconds`; one that ends gives them back. One that stands still and wakes
again believes in none that has run out, by a clock of its own that it started before it asked. Two may
nevertheless do the same for a moment, and nothing comes of it twice: leases save work, they keep no promise.

A store of one process needs no leases: there all is its own.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Final

import structlog

from tracepost.node.ports.store import Store
from tracepost.protocol.errors import TracepostError

_log = structlog.get_logger()

_RENEWALS: Final = 3  # in the life of a lease


Turn = Callable[[str], AbstractAsyncContextManager[None]]
"""Waits until something is ours alone to do, and gives it back afterwards."""


def always(_name: str) -> AbstractAsyncContextManager[None]:
    """Return what waits for nobody: of the one process of a node."""
    return nullcontext()


class Leasing:
    """One per process; used on the event loop."""

    def __init__(self, store: Store, seconds: float, taken: Callable[[], None]) -> None:
        self._store = store
        self._seconds = seconds
        self._taken = taken
        self._holder = secrets.token_hex(8)
        self._until: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._turns: dict[str, asyncio.Event] = {}
        self._news = asyncio.Event()

    def holds(self, name: str) -> bool:
        """Say whether `name` is ours now; it is asked for if it is not, and kept while it is asked for."""
        if not self._store.is_shared:
            return True
        now = time.monotonic()
        if name not in self._asked:
            self._news.set()
        self._asked[name] = now
        return self._until.get(name, 0.0) > now

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Be the only process that does `name`, while the context lasts."""
        if not self._store.is_shared:
            yield
            return
        ours = self._turns[name] = asyncio.Event()
        try:
            await self._take([name])
            await ours.wait()
            yield
        finally:
            del self._turns[name]
            await self._give_up([name])

    async def run(self) -> None:
        """Take what is asked for and prolong what is used, until cancelled; then give all back."""
        try:
            while True:
                self._news.clear()
                try:
                    await self._keep()
                except TracepostError as error:  # what cannot be prolonged runs out
                    _log.warning("leases", code=error.code, reason=error.reason)
                await _wait(self._news, self._seconds / _RENEWALS)
        finally:
            await self._give_up(list(self._until))

    async def _keep(self) -> None:
        """Prolong what is used, and let go what nobody asks for any more."""
        now = time.monotonic()
        unused = [name for name, at in self._asked.items() if at < now - self._seconds]
        for name in unused:
            del self._asked[name]
        if held := [name for name in unused if name in self._until]:
            await self._give_up(held)
        if wanted := [*self._asked, *self._turns]:
            await self._take(wanted)

    async def _take(self, names: list[str]) -> None:
        """Ask for `names`: those that nobody else has are ours."""
        started, holder, life = time.monotonic(), self._holder, int(self._seconds * 1000)
        held = await self._store.write(lambda tx: tx.leases.take(names, holder, life), label="lease")
        new = held - self._until.keys()
        for name in names:
            self._until.pop(name, None)
        self._until.update(dict.fromkeys(held, started + self._seconds))
        for name in held & self._turns.keys():
            self._turns[name].set()
        if new:
            self._taken()

    async def _give_up(self, names: list[str]) -> None:
        for name in names:
            self._until.pop(name, None)
        if not names or not self._store.is_shared:
            return
        holder = self._holder
        try:
            await self._store.write(lambda tx: tx.leases.give_up(names, holder), label="lease")
        except TracepostError as error:
            _log.warning("leases", code=error.code, reason=error.reason)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return

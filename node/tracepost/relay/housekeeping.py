"""What a relay does when nobody asks: mail expires, old rows go, changed files are read, gauges are set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from tracepost.protocol.errors import TracepostError
from tracepost.relay.accounts import RelayMetrics, prune_audit
from tracepost.relay.carriage import Carriage
from tracepost.relay.mailboxes import Mailboxes, next_expiry
from tracepost.relay.noticeboard import Noticeboard
from tracepost.relay.papers import OwnPapers, WatchedFile
from tracepost.relay.session import show_list, tell_expired
from tracepost.relay.store import RelayStore
from tracepost.relay.streams import Switchboard

LONGEST_PAUSE_S: Final = 60

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """One round is `keep_house`; `run` repeats it until cancelled. `clock` gives unix seconds."""

    store: RelayStore
    mailboxes: Mailboxes
    carriage: Carriage
    board: Noticeboard
    switchboard: Switchboard
    metrics: RelayMetrics
    papers: OwnPapers
    trust_file: WatchedFile
    clock: Callable[[], int]

    async def run(self) -> None:
        """Keep house when the next mail expires, and at least every minute."""
        while True:
            await self.keep_house()
            await asyncio.sleep(await self._pause())

    async def keep_house(self) -> None:
        """Do everything once; what fails is logged and tried again in the next round."""
        for task in (self._expire, self._drop_attachments, self._prune, self._read_files, self._count):
            await _try(task)

    async def _expire(self) -> None:
        while True:
            expired = await self.store.write(partial(self.mailboxes.expire, now=self.clock()), label="expire")
            if not expired:
                return
            tell_expired(self.switchboard, expired)
            for one in expired:
                self.metrics.expired.labels(one.sender).inc()
            _log.info("mail-expired", count=len(expired))

    async def _drop_attachments(self) -> None:
        await self.carriage.expire(self.clock())

    async def _prune(self) -> None:
        while await self.store.write(partial(self.mailboxes.prune, now=self.clock()), label="prune"):
            pass
        await self.store.write(prune_audit, label="prune")

    async def _read_files(self) -> None:
        """Take up a renewed certificate, our own revocation list, a trust list brought by the operator."""
        now, own, papers = self.clock(), self.papers.member, self.papers.announcement()
        newer = await self.board.take_list(self.trust_file.read(), now)
        notice = await self.board.take(papers, own, now)
        if newer or notice is not None:
            show_list(self.switchboard, self.board, own)

    async def _count(self) -> None:
        look = partial(self.metrics.look, switchboard=self.switchboard, log_size=self.store.log.head.size)
        await self.store.read(look)

    async def _pause(self) -> float:
        first = await self.store.read(next_expiry)
        wait = LONGEST_PAUSE_S if first is None else first + 1 - self.clock()
        return max(1, min(wait, LONGEST_PAUSE_S))


async def _try(task: Callable[[], Awaitable[None]]) -> None:
    try:
        await task()
    except TracepostError as error:
        _log.error("housekeeping", exc_info=error)

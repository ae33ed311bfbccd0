"""What a relay does when nobody asks: mail expires, old rows go, changed files are read, gauges are set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from tracepost.protocol.errors import StoreError, TracepostError
from tracepost.relay.accounts import RelayMetrics, prune_audit
from tracepost.relay.carriage import Carriage
from tracepost.relay.lookout import Lookout
from tracepost.relay.mailboxes import Mailboxes, next_expiry
from tracepost.relay.noticeboard import Noticeboard
from tracepost.relay.papers import OwnPapers, WatchedFile
from tracepost.relay.session import show_list, tell_expired
from tracepost.relay.store import RelayStore
from tracepost.relay.streams import Switchboard
from tracepost.serving.storage.blobs import Blobs, forget_stale

LONGEST_PAUSE_S: Final = 60
_AGAIN_S: Final = 5.0
_BROKEN_OFF_S: Final = 86400

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
    lookout: Lookout
    pouch_spool: Blobs
    clock: Callable[[], int]

    async def run(self) -> None:
        """Keep house when the next mail expires, and at least every minute.

        The lookout goes beside it: a mail server that does not answer delays no mail and no renewed certificate.
        """
        await asyncio.gather(self._keep(), self._look_out())

    async def _keep(self) -> None:
        while True:
            await self.keep_house()
            try:
                pause = await self._pause()
            except StoreError:  # each task of the round has said so
                pause = _AGAIN_S
            await asyncio.sleep(pause)

    async def _look_out(self) -> None:
        while True:
            await _try(self.lookout.look)
            await asyncio.sleep(LONGEST_PAUSE_S)

    async def keep_house(self) -> None:
        """Do everything once; what fails is logged and tried again in the next round."""
        for task in (
            self._expire,
            self._drop_attachments,
            self._drop_pouches,
            self._prune,
            self._read_files,
            self._count,
        ):
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

    async def _drop_pouches(self) -> None:
        """Delete files of pouches whose bringing broke off a day ago."""
        older_than = self.clock() - _BROKEN_OFF_S
        await asyncio.to_thread(forget_stale, self.pouch_spool, keep=frozenset(), older_than=older_than)

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
        try:
            first = await self.store.read(next_expiry)
        except TracepostError:  # it is looked again
            first = None
        wait = LONGEST_PAUSE_S if first is None else first + 1 - self.clock()
        return max(1, min(wait, LONGEST_PAUSE_S))


async def _try(task: Callable[[], Awaitable[None]]) -> None:
    try:
        await task()
    except Exception as error:  # noqa: BLE001 - one task's fault ends neither the others nor the relay
        _log.error("housekeeping", exc_info=error)

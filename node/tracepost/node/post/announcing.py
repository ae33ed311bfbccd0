"""Papers on the way: what the other end of a stream lacks of ours, all of them when they change; those of others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from tracepost.node.handlers.keeping.papers_store import take_and_keep
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.announced import names_held, what_is_missing
from tracepost.protocol.errors import BusyError, StoreError, TheirFault, TracepostError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.frames import FrameQueue
from tracepost.wire.v1.post_pb2 import Announcement, Frame, Freshness

_log = structlog.get_logger()

ELSEWHERE: Final = "elsewhere"
"""What is said to be new where another process of ours took papers in."""

Load = Callable[[], Awaitable[bool]]
"""Takes up what is in the store and not here; says if anything was new."""


class Announcing:
    """Knows the open streams. Used on the event loop."""

    def __init__(
        self,
        us: MemberId,
        papers: Papers,
        store: Store,
        clock: Callable[[], int],
        changed: Callable[[tuple[str, ...]], None],
    ) -> None:
        self._us = us
        self._papers = papers
        self._store = store
        self._clock = clock
        self._changed = changed
        self._open: set[FrameQueue] = set()
        self._taking = asyncio.Lock()
        self._in_doubt = False
        self._under_way: set[asyncio.Task[tuple[str, ...]]] = set()

    @asynccontextmanager
    async def to(self, outgoing: FrameQueue) -> AsyncIterator[None]:
        """Announce our papers on a stream whenever they change, while the context lasts."""
        self._open.add(outgoing)
        try:
            yield
        finally:
            self._open.discard(outgoing)

    def tell_held(self, outgoing: FrameQueue, peer: MemberId) -> None:
        """Say on a stream to `peer` what papers are here, so that they are not sent: its own first.

        Of others only to a relay: a member announces itself alone, and with many members to tell of to each of many
        streams would take minutes.
        """
        told = [peer]
        if self._papers.member(peer).type is MemberType.RELAY:
            told += [one.member for one in self._papers.entries() if one.member not in (peer, self._us)]
        papers = map(self._papers.announcement, told)
        for name in names_held(self._papers.trust.data, papers):
            outgoing.put_held(name)

    def tell_missing(self, outgoing: FrameQueue, held: Collection[bytes]) -> None:
        """Announce on a stream what of our papers the other end does not have."""
        missing = what_is_missing(self.ours(), held)
        if missing is not None:
            outgoing.put_announcement(missing)

    def announce(self) -> None:
        """Announce our papers on every open stream: they changed."""
        for outgoing in self._open:
            outgoing.put_announcement(self.ours())

    async def take(self, announcements: Iterable[Announcement], brought_by: MemberId) -> tuple[str, ...]:
        """Take in papers that came; one that does not verify leaves an audit event and no trace else.

        A trust list and a revocation list count also where what comes beside them does not verify.
        Which suites a relay carries is proved by its stream alone: what others say of it is not heard.
        Raises `StoreError` or `BusyError` where our store did not keep them: they come with the next stream.
        """
        return await self._see_through(self._take_all(list(announcements), brought_by))

    def tell_freshness(self, frame: Frame) -> None:
        """Say in a frame that leaves how new our trust material is."""
        entry = self._papers.entry(self._us)
        frame.freshness.CopyFrom(
            Freshness(
                trust_list_sequence=self._papers.trust.sequence,
                directory_sequence=entry.sequence if entry else 0,
                crl_number=self._papers.revocations().number(self._us) or 0,
            )
        )

    async def take_by_hand(self, one: Announcement) -> tuple[str, ...]:
        """Take in papers that an officer brought; raise what is wrong with them, and then keep nothing."""
        return await self._see_through(self._take_brought(one))

    async def drain(self) -> None:
        """Wait until all papers that are being taken in are kept, or refused; before the store is closed."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def follow(self, load: Load) -> None:
        """Take up, by `load`, what is in the store and not here; ours go out on our streams too."""
        await self._load(load)
        self._tell_all()

    async def catch_up(self, load: Load) -> None:
        """Take up, by `load`, what the store may have kept since it failed: a COMMIT whose answer is lost is one.

        Where it kept nothing, nobody is told: it may fail for hours.
        """
        if self._in_doubt and await self._load(load):
            self._tell_all()

    async def renew(self, publish: Callable[[], Awaitable[bool]]) -> None:
        """Let `publish` take in what is new of our own papers, and announce it if there was anything."""
        async with self._turn():
            is_new = await publish()
        if is_new:
            self.announce()

    async def _load(self, load: Load) -> bool:
        async with self._taking:
            is_new = await load()
            self._in_doubt = False
        return is_new

    def _tell_all(self) -> None:
        self._changed((ELSEWHERE,))
        self.announce()

    async def _see_through(self, taking: Coroutine[Any, Any, tuple[str, ...]]) -> tuple[str, ...]:
        # The stream may end meanwhile: what is kept must be in force too, and who waits for it must hear.
        task = asyncio.create_task(taking, name="papers")
        self._under_way.add(task)
        task.add_done_callback(self._end)
        return await asyncio.shield(task)

    def _end(self, task: asyncio.Task[tuple[str, ...]]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may wait for it any more; the log has been told

    async def _take_brought(self, one: Announcement) -> tuple[str, ...]:
        taken = await self._take_in(one)
        if taken:
            self._changed(taken)
        if taken and one.member == self._us:
            self.announce()
        return taken

    async def _take_all(self, announcements: Iterable[Announcement], brought_by: MemberId) -> tuple[str, ...]:
        taken: list[str] = []
        try:
            for one in announcements:
                if one.suites and one.member == brought_by:
                    self._papers.hear_suites(brought_by, one.suites)
                if one.member != self._us:
                    await self._take(one, brought_by, taken)
        finally:
            if taken:
                self._changed(tuple(taken))
        return tuple(taken)

    async def _take(self, one: Announcement, brought_by: MemberId, taken: list[str]) -> None:
        try:
            for part in _parts(one):
                taken += await self._take_in(part)
        except TheirFault as error:
            await self._refuse(brought_by, error, self._clock())

    async def _take_in(self, one: Announcement) -> tuple[str, ...]:
        async with self._turn():
            try:
                return await take_and_keep(self._store, self._papers, one, self._clock())
            except (StoreError, BusyError) as error:  # ours: it is not the fault of who brought them
                _log.error("papers-not-kept", member=one.member, code=error.code, reason=error.reason)
                raise

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Be the only one who takes papers in."""
        async with self._taking:
            try:
                yield
            except StoreError:
                self._in_doubt = True
                raise

    async def _refuse(self, brought_by: MemberId, error: TracepostError, now: int) -> None:
        _log.warning("papers-refused", member=brought_by, code=error.code, reason=error.reason)
        event = AuditEvent(now, brought_by, "refuse-papers", brought_by, f"{error.code}/{error.reason}")
        await self._store.write(lambda tx: tx.audit.append([event]))

    def ours(self) -> Announcement:
        """Return our papers as they are announced, with the trust list."""
        announcement = self._papers.announcement(self._us)
        announcement.trust_list = self._papers.trust.data
        return announcement


def _parts(one: Announcement) -> tuple[Announcement, Announcement]:
    """Return what ends certificates, and what rests on them: the first is good whatever the second is."""
    ending = Announcement(member=one.member, trust_list=one.trust_list, crl=one.crl)
    resting = Announcement(
        member=one.member, certificates=one.certificates, directory_entry=one.directory_entry
    )
    return ending, resting

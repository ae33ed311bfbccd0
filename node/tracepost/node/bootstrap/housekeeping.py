"""What a node does when nobody asks: every half minute, one process of it at a time.

A step that fails is logged by its name and done again the next time; it hinders no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.bootstrap.attempts import Job, attempt
from tracepost.node.bootstrap.keys import Clock, Keys
from tracepost.node.bootstrap.rooms import Rooms
from tracepost.node.config import NodeConfig
from tracepost.node.expiry_notices import ExpiryNotices
from tracepost.node.handlers.drafting.uploading import UNNAMED_LIFE_S
from tracepost.node.handlers.keeping.archiving import Archiving
from tracepost.node.own_papers import publish_own
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.post.custody import Places, take_back_overdue
from tracepost.serving.notices import Notifier
from tracepost.serving.storage.blobs import BlobName, forget_stale

_EVERY_S = 30.0
_ARCHIVE_EVERY_S = 86400


class Housekeeping:
    """One per process of a node."""

    def __init__(
        self, rooms: Rooms, *, config: NodeConfig, keys: Keys, store: Store, papers: Papers, clock: Clock
    ) -> None:
        self._rooms = rooms
        self._config, self._keys, self._store, self._papers, self._clock = config, keys, store, papers, clock
        self._archive_due = 0
        notifier = Notifier(config.notices, config.folder)
        self._notices = ExpiryNotices(rooms.proof.expiries, store, notifier, config.notices.to, clock)

    async def run(self) -> None:
        """Keep house until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await attempt(self._keep_house, "housekeeping")

    async def _keep_house(self) -> None:
        rooms = self._rooms
        async with rooms.mail.leasing.turn("housekeeping"):
            for name, step in self._steps():
                await attempt(step, "housekeeping", name=name)
            async with rooms.desks.policing.standing.held():
                for name, step in self._steps_by_policy():
                    await attempt(step, "housekeeping", name=name)

    def _steps(self) -> Iterator[tuple[str, Job]]:
        rooms = self._rooms
        yield "papers", rooms.catch_up_papers  # first: what is revoked waits for nothing else
        yield "overdue-mail", self._take_back
        if rooms.ground.trusts_its_list():
            yield "dead-roads", rooms.mail.courier.leave_dead_roads
        yield "watermarks", rooms.mail.marking.keep_up
        yield "unnamed-files", self._forget_files
        yield "deletion", rooms.desks.deleting.delete_overdue
        yield "scrubbing", rooms.desks.deleting.scrub
        yield "archive", self._archive
        yield "own-entry", self._renew_entry
        yield "wraps", rooms.desks.unlocking.keep_up
        yield "index", rooms.desks.indexing.keep_up
        yield "staff", rooms.desks.staff.load
        yield "passkeys", rooms.desks.endorsing.drop_dead
        yield "admittance", rooms.mail.admittance.load
        yield "continuity", rooms.mail.continuity.load
        if self._config.notices.is_on:
            yield "expiry-notices", self._notices.tell

    def _steps_by_policy(self) -> Iterator[tuple[str, Job]]:
        """Yield what asks the gate: for all of it the same policies are in force."""
        rooms = self._rooms
        yield "releases-without-second", rooms.desks.releasing.delay_unseconded
        yield "releases-due", rooms.desks.releasing.send_due
        yield "deletions-due", rooms.desks.deleting_by_two.delete_due
        yield "confirmations", rooms.desks.confirming.keep_up
        yield "desks-on-cases", rooms.desks.case_desking.keep_up
        if rooms.ground.trusts_its_list():  # one that cannot be answered now is not left to officers for that
            yield "object-checks", rooms.desks.checks.keep_up

    async def _take_back(self) -> None:
        """Expire mail, let go what waited too long for its predecessor, offer overdue mail elsewhere."""
        rooms, now = self._rooms, self._clock()

        def tidy(tx: Tx) -> Places:
            tx.dispatches.expire(now, 1000)
            tx.attachments.give_up(now)
            rooms.mail.reception.release_overdue(tx, now)
            if not rooms.ground.trusts_its_list():
                return {}  # mail waits as it is
            return take_back_overdue(tx, now, rooms.mail.rerouting, rooms.mail.courier.choose_another)

        rooms.mail.courier.go_back(await self._store.write(tidy))

    async def _forget_files(self) -> None:
        """Delete files that no message names, a day after they were handed in or broke off."""
        named = await self._store.read(lambda tx: tx.attachments.named())
        keep = frozenset(map(BlobName, named))
        older_than = self._clock() - UNNAMED_LIFE_S
        await asyncio.to_thread(forget_stale, self._rooms.ground.blobs, keep=keep, older_than=older_than)
        begun = self._rooms.mail.pouch_spool
        await asyncio.to_thread(forget_stale, begun, keep=frozenset(), older_than=older_than)

    async def _archive(self) -> None:
        """Once a day: it looks through all old cases."""
        days, now = self._config.archive.after_days, self._clock()
        if days and now >= self._archive_due:
            self._archive_due = now + _ARCHIVE_EVERY_S
            files = ArchiveFiles(self._config.archive_path)
            await Archiving(self._store, files, self._clock).archive_old(days)

    async def _renew_entry(self) -> None:
        keys = self._keys
        await self._rooms.mail.announcing.renew(
            lambda: publish_own(
                self._config, keys.store, keys.signer, self._store, self._papers, now=self._clock()
            )
        )

"""Old cases out of the way: their sealed parts go into files, and are read from there when somebody asks.

A case that was closed and has seen nothing since stays in every list and is found by its number; its
statements, numbers, wraps and log entries stay where they are. What is large goes: the sealed parts of its
envelopes, each under a key of its own that stays in the store. So deleting what stands in an archive is
deleting its key, and what a backup has of the file opens nothing.

First the file is on the disk, then one unit of work says where what lies, and empties its place here. Between
the two nothing is lost; a file that nothing points to is removed later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from tracepost.node.ports.statements import ArchiveFiles
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import SealedParts
from tracepost.protocol.errors import NotFoundError, StoreError
from tracepost.protocol.ids import EnvelopeId, ThreadId

_log = structlog.get_logger()

SHORTEST_DAYS: Final = 180  # as long as mail may be on its way, and be asked for again
_DAY_SECONDS: Final = 86400
_ENVELOPES: Final = 512
_FILE_BYTES: Final = 64 * 1024 * 1024


class Archiving:
    """Used on the event loop; by one process at a time."""

    def __init__(self, store: Store, files: ArchiveFiles, clock: Callable[[], int]) -> None:
        self._store = store
        self._files = files
        self._clock = clock

    async def archive_old(self, days: int) -> int:
        """Move what was closed for so many days, at least 180; return how many envelopes."""
        before, moved = self._clock() - max(days, SHORTEST_DAYS) * _DAY_SECONDS, 0
        while some := await self._archive_some(before):
            moved += some
        return moved

    async def restore(self, thread: ThreadId) -> int:
        """Put what the archives have of a case back into the store; return how many envelopes.

        Raises:
            StoreError: a file is missing or damaged.
        """
        ids = await self._store.read(lambda tx: tx.archive.of_case(thread))
        now, event = self._clock(), AuditEvent(self._clock(), "node", "archive-restore", thread, "ok")
        parts = await self._store.read(lambda tx: tx.bodies.load(ids))

        def keep(tx: Tx) -> None:
            still = tx.archive.places(ids)
            tx.archive.give_back([(id_, parts[id_]) for id_ in ids if id_ in still])
            tx.audit.append([event])

        if ids:
            await self._store.write(keep, label="archive")
            await self._remove_unused()
        _log.info("case-restored", count=len(ids), seconds=self._clock() - now)
        return len(ids)

    async def check(self) -> tuple[int, list[str]]:
        """Return how many archives there are, and the names of those that are missing or damaged."""
        files = await self._store.read(lambda tx: tx.archive.files())
        found = await asyncio.to_thread(lambda: {name: self._files.digest(name) for name in files})
        return len(files), sorted(name for name, sha256 in files.items() if found[name] != sha256)

    async def _archive_some(self, before: int) -> int:
        def read(tx: Tx) -> dict[EnvelopeId, SealedParts]:
            return tx.bodies.load(tx.archive.old(before, _ENVELOPES, _FILE_BYTES))

        parts = await self._store.read(read)
        if not parts:
            return 0
        written, now = await asyncio.to_thread(self._files.write, parts), self._clock()

        def move(tx: Tx) -> int:
            count = tx.archive.move(written, before, now)
            tx.audit.append([AuditEvent(now, "node", "archive", written.name, f"envelopes-{count}")])
            return count

        moved = await self._store.write(move, label="archive")
        _log.info("archived", count=moved)
        return moved

    async def _remove_unused(self) -> None:
        """Remove files from which everything was put back or deleted."""
        unused = await self._store.read(lambda tx: tx.archive.unused())
        await self._store.write(lambda tx: tx.archive.forget(unused), label="archive")
        for name in unused:
            await asyncio.to_thread(self._files.remove, name)


def require_case(tx: Tx, text: str) -> ThreadId:
    """Return the one case meant by its thread or a file number; raise `NotFoundError`, `StoreError` for several."""
    found = tx.cases.resolve(text)
    if not found:
        raise NotFoundError("there is no such case", where="case")
    if len(found) > 1:
        raise StoreError("several cases have this number", where="case", reason="ambiguous")
    return found[0]

"""What members do with attachments at a relay: bring, fetch, say that it is stored.

Who may do what is decided in the store (`attachments`), on the envelopes that are in custody here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final

from sqlalchemy import Connection

from tracepost.protocol.errors import BusyError, NotFoundError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.relay.attachments import (
    announce,
    ask_again,
    confirm,
    expire_attachments,
    find_for,
    find_waiting,
    is_fetched,
    wanted_files,
)
from tracepost.relay.store import RelayStore
from tracepost.relay.usage import Quota
from tracepost.serving.pieces import first_piece, read_pieces, store_pieces
from tracepost.serving.storage.blobs import BlobName, Blobs, forget_stale
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentPosition, AttachmentRequest

_FRESH_S: Final = 3600
"""A file that was written to lately is not looked at: whoever announced it may not have been seen yet."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An attachment that waits whole: its file, its length in bytes, and the envelopes that name it."""

    name: BlobName
    length: int
    envelope_ids: list[EnvelopeId]


class Carriage:
    """One per relay; used on the event loop."""

    def __init__(self, store: RelayStore, blobs: Blobs, *, per_sender: Quota, per_mailbox: Quota) -> None:
        self._store = store
        self._blobs = blobs
        self._per_sender = per_sender
        self._per_mailbox = per_mailbox

    async def take(
        self, sender: MemberId, pieces: AsyncIterator[AttachmentPiece]
    ) -> AsyncGenerator[AttachmentPosition, None]:
        """Store an attachment that `sender` brings; yield how far it is."""
        first = await first_piece(pieces)
        job = partial(
            announce,
            sender=sender,
            envelope_id=EnvelopeId(first.envelope_id),
            address=first.address,
            size=first.total_bytes,
            per_sender=self._per_sender,
            per_mailbox=self._per_mailbox,
        )
        name = await self._store.write(job, label="attachment")
        async with aclosing(store_pieces(self._blobs, name, first, pieces)) as positions:
            async for position in positions:
                yield position

    async def is_fetched(self, sender: MemberId, envelope_id: EnvelopeId, address: bytes) -> bool:
        """Say whether an attachment that `sender` brought is with its addressee: nothing of it is wanted any more."""
        ask = partial(is_fetched, sender=sender, envelope_id=envelope_id, address=address)
        return await self._store.read(ask)

    async def give(
        self, addressee: MemberId, request: AttachmentRequest
    ) -> AsyncGenerator[AttachmentPiece, None]:
        """Yield an attachment from the byte on that `addressee` lacks.

        Raises:
            NotFoundError: no envelope to it that waits here names it.
            BusyError: it has not come yet, or not whole.
        """
        name = await self._find(addressee, request)
        found = self._blobs.find(name)
        if found is None or not found.is_whole:
            raise _not_here()
        yield AttachmentPiece(total_bytes=found.length)
        async with aclosing(read_pieces(self._blobs, name, request.offset)) as pieces:
            async for some in pieces:
                yield AttachmentPiece(data=some)

    async def forget(self, addressee: MemberId, request: AttachmentRequest) -> AttachmentPosition:
        """Let an attachment go that `addressee` has stored."""

        def forget(connection: Connection) -> None:
            id_ = EnvelopeId(request.envelope_id)
            name = confirm(connection, addressee, id_, request.address)
            # In the writer's thread: an announcement of the same file comes before this, or after it.
            if name is not None:
                self._blobs.remove(name)

        await self._store.write(forget, label="attachment")
        return AttachmentPosition(offset=0, complete=True)

    async def find_for_pouch(self, addressee: MemberId) -> list[Waiting]:
        """Return the attachments that wait whole for `addressee`, each once, with the envelopes that name it."""
        rows = await self._store.read(partial(find_waiting, addressee=addressee))
        found: dict[bytes, Waiting] = {}
        for envelope_id, name in rows:
            blob = await asyncio.to_thread(self._blobs.find, name)
            if blob is not None and blob.is_whole:
                one = found.setdefault(name.address, Waiting(name, blob.length, []))
                one.envelope_ids.append(envelope_id)
        return list(found.values())

    def read(self, name: BlobName) -> BinaryIO:
        """Return a whole attachment, open at its beginning; raise `NotFoundError`."""
        return self._blobs.read(name)

    async def expire(self, now: int) -> None:
        """Let go what was not fetched in time, and delete the files that nobody may fetch any more."""
        while await self._store.write(partial(expire_attachments, now=now), label="expire"):
            pass
        wanted = await self._store.read(wanted_files)
        older_than = time.time() - _FRESH_S
        await asyncio.to_thread(forget_stale, self._blobs, keep=wanted, older_than=older_than)

    async def _find(self, addressee: MemberId, request: AttachmentRequest) -> BlobName:
        id_ = EnvelopeId(request.envelope_id)
        query = partial(find_for, addressee=addressee, envelope_id=id_, address=request.address)
        try:
            name, _ = await self._store.read(query)
        except NotFoundError:
            job = partial(ask_again, addressee=addressee, envelope_id=id_, address=request.address)
            await self._store.write(job, label="attachment")
            raise _not_here() from None
        return name


def _not_here() -> BusyError:
    return BusyError("the attachment has not come yet", where="address", reason="not-here-yet")

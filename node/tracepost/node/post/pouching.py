"""What officers of the point of contact do with pouches: make one, take one in, look at what went and came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.packing import LONGEST_FILE_BYTES, Packed, Packing
from tracepost.node.post.postmaster import require_operator
from tracepost.node.post.unpacking import Unpacking
from tracepost.node.records.pouches import PouchRecord
from tracepost.protocol.errors import InvalidInputError, VerificationError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import MemberType
from tracepost.serving.pieces import append
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1 import pouch_pb2

_MEBIBYTE = 1024 * 1024


class Pouching:
    """One per process.

    Args:
        spool: where files lie that come in, until they are taken or refused.
    """

    def __init__(
        self,
        *,
        office: Office,
        papers: Papers,
        store: Store,
        admittance: Admittance,
        packing: Packing,
        unpacking: Unpacking,
        spool: Blobs,
    ) -> None:
        self._office = office
        self._papers = papers
        self._store = store
        self._admittance = admittance
        self._packing = packing
        self._unpacking = unpacking
        self._spool = spool

    def pack(
        self, officer: Officer, request: pouch_pb2.PackPouchRequest
    ) -> AbstractAsyncContextManager[Packed]:
        """Make a pouch for a member; it lasts as long as the context.

        Raises:
            PermissionError_: the officer is none of a point of contact.
            TrustError: the trust list does not name the member.
            BusyError: no mail is exchanged with it now.
        """
        require_operator(self._office, officer)
        member = self._papers.trust.member(MemberId(request.to))
        if member.id == self._office.member:
            raise InvalidInputError("that is this member itself", where="to", reason="ourselves")
        if member.type is MemberType.RELAY:
            raise InvalidInputError(
                "a relay takes no pouches",
                where="to",
                reason="relay",
                remedy="Name the member that the mail is for.",
            )
        peer = member.id
        self._admittance.require(peer)
        longest = min(request.most_mib * _MEBIBYTE or LONGEST_FILE_BYTES, LONGEST_FILE_BYTES)
        return self._packing.pack(peer, officer.label, most_bytes=longest, only_new=request.only_new)

    async def unpack(
        self, officer: Officer, file: pouch_pb2.PouchFile, pieces: AsyncIterator[pouch_pb2.PouchPiece]
    ) -> AsyncGenerator[pouch_pb2.UnpackedPouch, None]:
        """Take in a file; yield from which byte on it is wanted, then what came of it.

        Raises:
            PermissionError_: the officer is none of a point of contact.
            TracepostError: as `Blobs.write` and `Unpacking.unpack` say.
        """
        require_operator(self._office, officer)
        name = BlobName(file.sha256)
        try:
            with await asyncio.to_thread(self._spool.write, name, file.total_bytes) as part:
                yield pouch_pb2.UnpackedPouch(offset=part.offset)
                if not part.is_whole:
                    async for piece in pieces:
                        await append(part, piece.data)
                        if part.offset == file.total_bytes:
                            break
                    await asyncio.to_thread(part.finish)
                result = await self._unpacking.unpack(self._spool.path_of(name), officer.label)
        except VerificationError:
            await asyncio.to_thread(self._spool.remove, name)
            raise
        await asyncio.to_thread(self._spool.remove, name)
        yield pouch_pb2.UnpackedPouch(offset=file.total_bytes, result=result)

    async def list_pouches(self, officer: Officer, member: str) -> pouch_pb2.ListPouchesResponse:
        """Return the pouches to and from a member, or all members."""
        require_operator(self._office, officer)
        named = self._papers.trust.member(MemberId(member)).id if member else None
        records = await self._store.read(lambda tx: tx.pouches.all(named))
        return pouch_pb2.ListPouchesResponse(pouches=map(_render, records))


def _render(record: PouchRecord) -> pouch_pb2.PouchLine:
    return pouch_pb2.PouchLine(
        member=record.member,
        direction=f"POUCH_DIRECTION_{record.way}",
        number=record.number,
        parts=record.parts,
        parts_here=record.parts_here,
        envelopes=record.envelopes,
        unanswered=record.unanswered,
        made_at=instant(record.made_at),
        taken_at=instant(record.taken_at) if record.taken_at else None,
    )

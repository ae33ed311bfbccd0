"""What officers of the point of contact do with pouches: make one, take one in, look at what went and came."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from functools import partial

from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.packing import Packing
from tracepost.node.post.postmaster import require_operator
from tracepost.node.post.unpacking import Unpacking
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId
from tracepost.serving.pouch_calls import line_of, longest_file, take_in
from tracepost.serving.pouch_files import Packed
from tracepost.serving.storage.blobs import Blobs
from tracepost.wire.v1 import pouch_pb2


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
        """Make a pouch for a member or relay; it lasts as long as the context.

        Raises:
            PermissionError_: the officer is none of a point of contact.
            TrustError: the trust list does not name the member.
            BusyError: no mail is exchanged with it now.
        """
        require_operator(self._office, officer)
        member = self._papers.trust.member(MemberId(request.to))
        if member.id == self._office.member:
            raise InvalidInputError("that is this member itself", where="to", reason="ourselves")
        peer = member.id
        self._admittance.require(peer)
        longest = longest_file(request)
        return self._packing.pack(peer, officer.label, most_bytes=longest, only_new=request.only_new)

    async def unpack(
        self, officer: Officer, file: pouch_pb2.PouchFile, pieces: AsyncIterator[pouch_pb2.PouchPiece]
    ) -> AsyncGenerator[pouch_pb2.UnpackedPouch, None]:
        """Take in a file; yield from which byte on it is wanted, then what came of it.

        Raises:
            PermissionError_: the officer is none of a point of contact.
            TracepostError: as `take_in` and `Unpacking.unpack` say.
        """
        require_operator(self._office, officer)
        unpack = partial(self._unpacking.unpack, by=officer.label)
        async with aclosing(take_in(self._spool, file, pieces, unpack)) as told:
            async for one in told:
                yield one

    async def list_pouches(self, officer: Officer, member: str) -> pouch_pb2.ListPouchesResponse:
        """Return the pouches to and from a member, or all members."""
        require_operator(self._office, officer)
        named = self._papers.trust.member(MemberId(member)).id if member else None
        records = await self._store.read(lambda tx: tx.pouches.all(named))
        return pouch_pb2.ListPouchesResponse(pouches=map(line_of, records))

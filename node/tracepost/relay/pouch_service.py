"""The service `Pouches` of a relay, for its operator: who calls shows the relay's own certificate.

Nothing is read here that the operator could not read beside it; what a pouch holds is sealed to its member.
"""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import parse_member
from tracepost.relay.packing import Packing
from tracepost.relay.pouches import open_book
from tracepost.relay.session import RelayParts
from tracepost.relay.unpacking import Unpacking
from tracepost.serving.pouch_calls import give_out, line_of, longest_file, read_head, take_in
from tracepost.serving.storage.blobs import Blobs
from tracepost.wire.v1 import pouch_pb2, pouch_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]


class PouchesService(pouch_pb2_grpc.PouchesServicer):
    """One per relay; `spool` is where files lie that come in, until they are taken or refused."""

    def __init__(self, parts: RelayParts, packing: Packing, unpacking: Unpacking, spool: Blobs) -> None:
        self._parts = parts
        self._packing = packing
        self._unpacking = unpacking
        self._spool = spool

    async def PackPouch(
        self, request: pouch_pb2.PackPouchRequest, _: Context
    ) -> AsyncIterator[pouch_pb2.PouchPiece]:
        """Make a pouch of what waits for a member and give its files, one after the other."""
        member = self._parts.trust.state.current.member(parse_member(request.to)).id
        if member == self._parts.own:
            raise InvalidInputError("that is this relay itself", where="to", reason="ourselves")
        longest = longest_file(request)
        async with self._packing.pack(member, most_bytes=longest, only_new=request.only_new) as packed:
            async for piece in give_out(packed):
                yield piece

    async def UnpackPouch(
        self, pieces: AsyncIterator[pouch_pb2.PouchPiece], _: Context
    ) -> AsyncIterator[pouch_pb2.UnpackedPouch]:
        """Take in one file of a pouch."""
        file = await read_head(pieces)
        async with aclosing(take_in(self._spool, file, pieces, self._unpacking.unpack)) as told:
            async for one in told:
                yield one

    async def ListPouches(
        self, request: pouch_pb2.ListPouchesRequest, _: Context
    ) -> pouch_pb2.ListPouchesResponse:
        """List pouches that were made and taken in."""
        member = parse_member(request.member) if request.member else None
        records = await self._parts.store.read(lambda connection: open_book(connection).all(member))
        return pouch_pb2.ListPouchesResponse(pouches=map(line_of, records))

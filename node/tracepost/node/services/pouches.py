"""The service `Pouches`, for the officers of our own member: parse, hand to the verb, render."""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from tracepost.node.handlers.case.office import Officer, officer_of
from tracepost.node.post.pouching import Pouching
from tracepost.protocol.schema import validate
from tracepost.serving.callers import current_caller
from tracepost.serving.pouch_calls import give_out, read_head
from tracepost.wire.v1 import pouch_pb2, pouch_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]

DESCRIPTOR = pouch_pb2.DESCRIPTOR.services_by_name["Pouches"]


class PouchesService(pouch_pb2_grpc.PouchesServicer):
    """One method per verb; who calls is asked of the interceptors."""

    def __init__(self, pouching: Pouching) -> None:
        self._pouching = pouching

    async def PackPouch(
        self, request: pouch_pb2.PackPouchRequest, _: Context
    ) -> AsyncIterator[pouch_pb2.PouchPiece]:
        """Make a pouch and give its files, one after the other."""
        validate(request)
        async with self._pouching.pack(_officer(), request) as packed:
            async for piece in give_out(packed):
                yield piece

    async def UnpackPouch(
        self, pieces: AsyncIterator[pouch_pb2.PouchPiece], _: Context
    ) -> AsyncIterator[pouch_pb2.UnpackedPouch]:
        """Take in one file of a pouch."""
        file = await read_head(pieces)
        async with aclosing(self._pouching.unpack(_officer(), file, pieces)) as told:
            async for one in told:
                yield one

    async def ListPouches(
        self, request: pouch_pb2.ListPouchesRequest, _: Context
    ) -> pouch_pb2.ListPouchesResponse:
        """List pouches that went and came."""
        validate(request)
        return await self._pouching.list_pouches(_officer(), request.member)


def _officer() -> Officer:
    return officer_of(current_caller().known())

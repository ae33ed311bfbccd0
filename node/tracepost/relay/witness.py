"""The gRPC service Witness of a relay: members ask what it knows of their logs."""

from __future__ import annotations

import asyncio
from typing import Any

from tracepost.protocol.errors import InvalidInputError
from tracepost.relay.session import RelayParts
from tracepost.wire.v1.witness_pb2 import ShowHeadRequest, ShownHead
from tracepost.wire.v1.witness_pb2_grpc import WitnessServicer

_ORIGIN_LIMIT = 300


class WitnessService(WitnessServicer):
    """What the logs of members are to this relay; who calls was decided by the chain."""

    def __init__(self, parts: RelayParts) -> None:
        self._parts = parts

    async def ShowHead(  # noqa: N802 - the name in the interface
        self,
        request: ShowHeadRequest,
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> ShownHead:
        """Show the longest head that is known of a log."""
        if not 0 < len(request.origin) <= _ORIGIN_LIMIT:
            raise InvalidInputError("the origin of a log is named", where="origin")
        ask = self._parts.heads.longest
        loop = asyncio.get_running_loop()
        head = await loop.run_in_executor(self._parts.verifier, ask, request.origin)
        return ShownHead(checkpoint=head.note if head is not None and head.note else None)

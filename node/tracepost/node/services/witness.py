"""The service `Witness`: peers and relays ask what we know of their logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc

from tracepost.node.ports.store import Store
from tracepost.node.post.continuity import Continuity
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.evidence import NoteSigner
from tracepost.wire.v1 import witness_pb2, witness_pb2_grpc

Context = grpc.aio.ServicerContext[Any, Any]

DESCRIPTOR = witness_pb2.DESCRIPTOR.services_by_name["Witness"]
_ORIGIN_LIMIT = 300


class WitnessService(witness_pb2_grpc.WitnessServicer):
    """What others' logs are to us; who calls was decided by the chain."""

    def __init__(self, store: Store, continuity: Continuity, keys: Sequence[NoteSigner]) -> None:
        self._store = store
        self._continuity = continuity
        self._keys = keys

    async def AddCheckpoint(  # noqa: N802 - the name in the interface
        self, request: witness_pb2.AddCheckpointRequest, _: Context
    ) -> witness_pb2.AddCheckpointResponse:
        """Cosign a head that continues the one that is believed of its log."""
        reply = await self._continuity.add_checkpoint(request.body, self._keys)
        return witness_pb2.AddCheckpointResponse(
            status=reply.status, content_type=reply.content_type, body=reply.body
        )

    async def ShowHead(  # noqa: N802 - the name in the interface
        self, request: witness_pb2.ShowHeadRequest, _: Context
    ) -> witness_pb2.ShownHead:
        """Show the longest head that is known of a log."""
        if not 0 < len(request.origin) <= _ORIGIN_LIMIT:
            raise InvalidInputError("the origin of a log is named", where="origin")
        head = await self._store.read(lambda tx: tx.peers.longest_head(request.origin))
        return witness_pb2.ShownHead(checkpoint=head.note if head is not None else None)

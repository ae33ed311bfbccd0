"""The gRPC service Witness of a relay: members ask what it knows of their logs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from tracepost.protocol.errors import EvidenceError, InvalidInputError, TrustError
from tracepost.protocol.evidence import NoteSigner, WitnessReply, cosign, parse_submission, peek_head
from tracepost.relay.heads import SeenHead, keep_heads
from tracepost.relay.session import RelayParts
from tracepost.wire.v1.witness_pb2 import (
    AddCheckpointRequest,
    AddCheckpointResponse,
    ShowHeadRequest,
    ShownHead,
)
from tracepost.wire.v1.witness_pb2_grpc import WitnessServicer

_ORIGIN_LIMIT = 300


class WitnessService(WitnessServicer):
    """What the logs of members are to this relay; who calls was decided by the chain."""

    def __init__(self, parts: RelayParts, keys: Sequence[NoteSigner]) -> None:
        self._parts = parts
        self._keys = keys

    async def AddCheckpoint(  # noqa: N802 - the name in the interface
        self,
        request: AddCheckpointRequest,
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AddCheckpointResponse:
        """Cosign a head that continues the one that is believed of its log."""
        reply = await self._add(request.body)
        return AddCheckpointResponse(status=reply.status, content_type=reply.content_type, body=reply.body)

    async def _add(self, body: bytes) -> WitnessReply:
        parts = self._parts
        try:
            submission = parse_submission(body)
            origin = peek_head(submission.checkpoint).origin
        except EvidenceError as error:
            return WitnessReply(400, f"{error.message}\n".encode())
        try:
            verifier = parts.trust.state.log_verifier(origin.member)
        except TrustError:
            return WitnessReply(404, b"no log that is known here\n")
        judge = partial(parts.heads.witness, submission, verifier)
        try:
            found = await asyncio.get_running_loop().run_in_executor(parts.verifier, judge)
        except EvidenceError:
            return WitnessReply(403, b"the log contradicts itself\n")
        finally:
            await parts.growth.keep_found()
        if isinstance(found, WitnessReply):
            return found
        kept = SeenHead(found.size, found.root, submission.checkpoint)
        await parts.store.write(partial(keep_heads, heads={str(origin): kept}), label="witness")
        return cosign(submission.checkpoint, self._keys, parts.clock())

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

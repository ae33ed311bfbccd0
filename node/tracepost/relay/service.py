"""The gRPC service Post of a relay: each call is a session; only Collect fetches mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from tracepost.relay.session import RelayParts, Session
from tracepost.serving.callers import current_caller
from tracepost.wire.v1.post_pb2 import Frame
from tracepost.wire.v1.post_pb2_grpc import PostServicer


class PostService(PostServicer):
    """Deliver and Collect for every member; who calls was decided by the chain."""

    def __init__(self, parts: RelayParts) -> None:
        self._parts = parts

    async def Deliver(  # noqa: N802 - the name in the interface
        self,
        request_iterator: AsyncIterator[Frame],
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AsyncIterator[Frame]:
        """Take envelopes of the caller; receipts and notices for it come back."""
        async for frame in self._session(collects=False).serve(request_iterator):
            yield frame

    async def Collect(  # noqa: N802 - the name in the interface
        self,
        request_iterator: AsyncIterator[Frame],
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AsyncIterator[Frame]:
        """Do the same, and send the mail that waits for the caller."""
        async for frame in self._session(collects=True).serve(request_iterator):
            yield frame

    def _session(self, *, collects: bool) -> Session:
        return Session(self._parts, current_caller().known().member, collects=collects)

"""The gRPC service Post of a relay: each stream of frames is a session; attachments have calls of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from tracepost.protocol.ids import MemberId
from tracepost.relay.session import RelayParts, Session
from tracepost.serving.callers import current_caller
from tracepost.wire.v1.post_pb2 import (
    AttachmentPiece,
    AttachmentPosition,
    AttachmentRequest,
    Frame,
    ResumedMail,
    ResumeRequest,
)
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

    async def PushAttachment(  # noqa: N802 - the name in the interface
        self,
        request_iterator: AsyncIterator[AttachmentPiece],
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AsyncIterator[AttachmentPosition]:
        """Keep an attachment that an envelope of the caller names."""
        taking = self._parts.carriage.take(_caller(), request_iterator)
        async with aclosing(taking) as positions:
            async for position in positions:
                yield position

    async def FetchAttachment(  # noqa: N802 - the name in the interface
        self,
        request: AttachmentRequest,
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AsyncIterator[AttachmentPiece]:
        """Give an attachment that an envelope to the caller names."""
        async with aclosing(self._parts.carriage.give(_caller(), request)) as pieces:
            async for piece in pieces:
                yield piece

    async def ConfirmAttachment(  # noqa: N802 - the name in the interface
        self,
        request: AttachmentRequest,
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AttachmentPosition:
        """Forget an attachment that the caller has stored."""
        return await self._parts.carriage.forget(_caller(), request)

    async def Resume(  # noqa: N802 - the name in the interface
        self,
        request: ResumeRequest,  # noqa: ARG002 - what waits for the caller comes by Collect, and the rest is gone
        context: Any,  # noqa: ARG002 - the chain has used it
    ) -> AsyncIterator[ResumedMail]:
        """Give the caller its own newest papers, as they were announced here."""
        yield ResumedMail(papers=self._parts.board.of(_caller()))

    def _session(self, *, collects: bool) -> Session:
        return Session(self._parts, _caller(), collects=collects)


def _caller() -> MemberId:
    return current_caller().known().member

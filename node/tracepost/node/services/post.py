"""The service `Post`: peers bring their mail (`Deliver`), or fetch theirs as well (`Collect`), and bring attachments.

Only relays keep attachments for others to fetch.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any

import grpc

from tracepost.node.ports.store import Tx
from tracepost.node.post.admittance import Admittance
from tracepost.node.post.carrier import Carrier
from tracepost.node.post.courier import Courier
from tracepost.node.post.line import Line
from tracepost.node.post.resuming import Answering
from tracepost.node.records.mail import Queue
from tracepost.protocol.ids import MemberId
from tracepost.serving.callers import current_caller
from tracepost.serving.pieces import first_piece
from tracepost.wire.v1 import post_pb2, post_pb2_grpc
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentPosition, Frame, ResumedMail, ResumeRequest

Context = grpc.aio.ServicerContext[Any, Any]
MakeLine = Callable[[MemberId, Callable[[Tx], Sequence[Queue]]], Line]

DESCRIPTOR = post_pb2.DESCRIPTOR.services_by_name["Post"]


class PostService(post_pb2_grpc.PostServicer):
    """One stream of frames each way with a peer."""

    def __init__(
        self,
        make_line: MakeLine,
        courier: Courier,
        carrier: Carrier,
        admittance: Admittance,
        answering: Answering,
    ) -> None:
        self._answering = answering
        self._admittance = admittance
        self._make_line = make_line
        self._courier = courier
        self._carrier = carrier

    async def Deliver(self, frames: AsyncIterator[Frame], context: Context) -> AsyncIterator[Frame]:  # noqa: N802
        """Take what the peer brings; our own mail to it goes by the stream that we dial."""
        peer = self._admitted()
        self._courier.met(peer)
        self._carrier.met(peer)
        async with aclosing(self._serve(peer, lambda _: [], frames)) as leaving:
            async for frame in _squeezed(leaving, context):
                yield frame

    async def Collect(self, frames: AsyncIterator[Frame], context: Context) -> AsyncIterator[Frame]:  # noqa: N802
        """Take what the peer brings and give it what waits for it, for a peer that can only dial out."""
        peer = self._admitted()
        async with aclosing(self._serve(peer, lambda tx: tx.outbox.queues_with(peer), frames)) as leaving:
            async for frame in _squeezed(leaving, context):
                yield frame

    async def PushAttachment(  # noqa: N802
        self, pieces: AsyncIterator[AttachmentPiece], _context: Context
    ) -> AsyncIterator[AttachmentPosition]:
        """Store an attachment that an envelope of the peer names."""
        peer = self._admitted()
        first = await first_piece(pieces)
        async with aclosing(self._carrier.take(peer, first, pieces)) as positions:
            async for position in positions:
                yield position

    async def Resume(self, request: ResumeRequest, _context: Context) -> AsyncIterator[ResumedMail]:  # noqa: N802
        """Give a peer that was put back from a backup what it has lost of its mail with us."""
        peer = self._admitted()
        async with aclosing(self._answering.answer(peer, request)) as mails:
            async for mail in mails:
                yield mail

    async def _serve(
        self, peer: MemberId, queues: Callable[[Tx], Sequence[Queue]], frames: AsyncIterator[Frame]
    ) -> AsyncGenerator[Frame, None]:
        line = self._make_line(peer, queues)
        leave = self._courier.welcome(peer, line)
        try:
            async with aclosing(line.stream.serve(frames)) as leaving:
                async for frame in leaving:
                    yield frame
        finally:
            leave()

    def _admitted(self) -> MemberId:
        peer = current_caller().known().member
        self._admittance.require(peer)
        return peer


async def _squeezed(frames: AsyncIterator[Frame], context: Context) -> AsyncIterator[Frame]:
    """Yield the frames; gRPC compresses those with papers, which a thin line takes seconds for, and no sealed mail."""
    context.set_compression(grpc.Compression.Gzip)
    async for frame in frames:
        if not frame.announcements or frame.envelopes:
            context.disable_next_message_compression()
        yield frame

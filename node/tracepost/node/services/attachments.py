"""The service `Attachments`, on the port of our own officers: files handed in, files taken out."""

# ruff: noqa: N802 - the methods have the names of the RPCs

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc

from tracepost.node.handlers.case.office import officer_of
from tracepost.node.handlers.case.standing import Standing
from tracepost.node.handlers.drafting.uploading import Uploading
from tracepost.node.handlers.reading.giving_out import GivingOut
from tracepost.protocol.schema import validate
from tracepost.serving.callers import current_caller
from tracepost.serving.pieces import first_piece, store_pieces
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1 import attachment_pb2, attachment_pb2_grpc
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentPosition

Context = grpc.aio.ServicerContext[Any, Any]

DESCRIPTOR = attachment_pb2.DESCRIPTOR.services_by_name["Attachments"]


class AttachmentsService(attachment_pb2_grpc.AttachmentsServicer):
    """One method per verb; who calls is asked of the interceptors."""

    def __init__(self, blobs: Blobs, uploading: Uploading, giving_out: GivingOut, standing: Standing) -> None:
        self._blobs = blobs
        self._uploading = uploading
        self._giving_out = giving_out
        self._standing = standing

    async def Upload(
        self, pieces: AsyncIterator[AttachmentPiece], _: Context
    ) -> AsyncIterator[AttachmentPosition]:
        """Keep a ciphertext that a draft will name; what is begun is gone on with."""
        officer = officer_of(current_caller().known())
        first = await first_piece(pieces)
        async with self._standing.held():
            await self._uploading.admit(officer, first)
        async with aclosing(store_pieces(self._blobs, BlobName(first.address), first, pieces)) as positions:
            async for position in positions:
                yield position

    async def Download(
        self, request: attachment_pb2.DownloadRequest, _: Context
    ) -> AsyncIterator[attachment_pb2.ContentPiece]:
        """Give the content of an attachment to a desk that may see it."""
        validate(request)
        officer = officer_of(current_caller().known())
        async with aclosing(self._giving_out.give(officer, request)) as content:
            # A change of policy waits for what is being decided, not for the rest of a long file.
            async with self._standing.held():
                head = await anext(content)
            yield head
            async for piece in content:
                yield piece

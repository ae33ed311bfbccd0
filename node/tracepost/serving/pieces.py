"""Attachments on a stream, in both directions, at constant memory: what daemons of all kinds share.

    the one who has it        {envelope id, address, total}     →
                              ←  {offset}                          so much is here already
                              {data} {data} …                   →
                              ←  {offset = total, complete}        stored, and compared with the address

The store is written in a thread, piece by piece, and a piece is asked of the transport when the one before
is written: a slow disk slows the sender and fills no memory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, BinaryIO, Final

import grpc

from tracepost.protocol.errors import InvalidInputError, LimitError, NotFoundError, UnreachableError
from tracepost.protocol.ids import EnvelopeId
from tracepost.serving.problems import error_of_call, error_of_end
from tracepost.serving.storage.blobs import BlobName, BlobPart, Blobs
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentPosition

PIECE_BYTES: Final = 512 * 1024
"""Most bytes of one message: few enough to be held twice, enough that a call costs little."""

FIRST_PIECE_BYTES: Final = 32 * 1024
"""A thin line takes four seconds for them, and begins anew with so many when it is cut."""

_PIECE_SECONDS = 0.25

_MOST_BYTES: Final = 1024 * 1024


async def first_piece(pieces: AsyncIterator[AttachmentPiece]) -> AttachmentPiece:
    """Return the piece that says what comes; raise `InvalidInputError` if it does not."""
    first = await anext(pieces, None)
    if first is None or len(first.address) != 32 or not first.total_bytes or first.data:
        raise InvalidInputError(
            "the first piece names address and length, and has no data", where="pieces", reason="first-piece"
        )
    return first


async def store_pieces(
    blobs: Blobs, name: BlobName, first: AttachmentPiece, pieces: AsyncIterator[AttachmentPiece]
) -> AsyncGenerator[AttachmentPosition, None]:
    """Write what `first` announces as the blob `name`; yield where to begin, and that it is stored.

    Raises:
        LimitError: a piece, or all of them, are larger than announced.
        SealingError: these are other bytes; none of them is kept.
        InvalidInputError: the stream ended too early; what came is kept.
        BusyError, QuotaError, StoreError: as `Blobs.write` says.
    """
    with await asyncio.to_thread(blobs.write, name, first.total_bytes) as part:
        yield AttachmentPosition(offset=part.offset, complete=part.is_whole)
        if part.is_whole:
            return
        async for piece in pieces:
            await append(part, piece.data)
            if part.offset == first.total_bytes:
                break
        await asyncio.to_thread(part.finish)
        yield AttachmentPosition(offset=part.offset, complete=True)


async def append(part: BlobPart, data: bytes) -> None:
    """Write one piece to a begun blob."""
    if len(data) > _MOST_BYTES:
        raise LimitError("a piece has at most 1 MiB", where="data", reason="piece-too-large")
    await asyncio.to_thread(part.append, data)


async def read_pieces(blobs: Blobs, name: BlobName, offset: int) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of a whole blob from `offset` on, in pieces that grow while the line takes them quickly.

    A message counts only when all of it has come, so what a cut line takes in vain is a piece.

    Raises:
        NotFoundError: it is not here.
    """
    file: BinaryIO = await asyncio.to_thread(blobs.read, name, offset)
    size = FIRST_PIECE_BYTES
    try:
        while some := await asyncio.to_thread(file.read, size):
            began = time.monotonic()
            yield some
            is_quick = time.monotonic() - began < _PIECE_SECONDS
            size = min(2 * size, PIECE_BYTES) if is_quick else max(size // 2, FIRST_PIECE_BYTES)
    finally:
        file.close()


async def read_first(pieces: AsyncIterator[AttachmentPiece]) -> AttachmentPiece:
    """Return the first piece that the other side sends: it tells the length. Raises `UnreachableError`."""
    first = await anext(pieces, None)
    if first is None or not first.total_bytes:
        raise UnreachableError("the other side broke off", reason="cut-off")
    return first


async def push_pieces(call: Any, blobs: Blobs, name: BlobName, envelope_id: EnvelopeId) -> None:
    """Bring a whole blob, named by an envelope, over a call of `PushAttachment`, from where the other side is.

    Raises:
        NotFoundError: the blob is not here.
        TracepostError: what the other side ended the call with, or `UnreachableError`.
    """
    found = blobs.find(name)
    if found is None or not found.is_whole:
        raise NotFoundError("the attachment is not here", where="address", reason="attachment-not-here")
    try:
        first = AttachmentPiece(envelope_id=envelope_id, address=name.address, total_bytes=found.length)
        await call.write(first)
        position = await _position(call)
        if not position.complete:
            async with aclosing(read_pieces(blobs, name, position.offset)) as pieces:
                async for some in pieces:
                    await call.write(AttachmentPiece(data=some))
        await call.done_writing()
        if not position.complete:
            position = await _position(call)
        await call.read()  # the end: the other side is done with it too
        if not position.complete:
            raise UnreachableError("the other side broke off", reason="cut-off")
    except grpc.aio.AioRpcError as error:
        raise error_of_call(error) from None
    except (asyncio.InvalidStateError, grpc.aio.InternalError):
        # Written when the other side had ended the call.
        raise error_of_end(await call.code(), await call.trailing_metadata()) from None
    finally:
        call.cancel()


async def _position(call: Any) -> AttachmentPosition:
    position = await call.read()
    if position is grpc.aio.EOF:
        raise UnreachableError("the other side broke off", reason="cut-off")
    answered: AttachmentPosition = position
    return answered

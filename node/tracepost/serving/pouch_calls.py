"""The calls of the service `Pouches`, as daemons of all kinds answer them: files out, and files in by a spool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

from tracepost.protocol.errors import InvalidInputError, VerificationError
from tracepost.serving.pieces import append
from tracepost.serving.pouch_files import LONGEST_FILE_BYTES, Packed, moment
from tracepost.serving.pouch_records import PouchRecord
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1.pouch_pb2 import (
    PackPouchRequest,
    PouchFile,
    PouchLine,
    PouchPiece,
    UnpackedPouch,
    UnpackingResult,
)

_MEBIBYTE: Final = 1024 * 1024

Unpack = Callable[[Path], Awaitable[UnpackingResult]]
"""Takes in a file that is here whole."""


def longest_file(request: PackPouchRequest) -> int:
    """Return how many bytes a file of the pouch may have."""
    return min(request.most_mib * _MEBIBYTE or LONGEST_FILE_BYTES, LONGEST_FILE_BYTES)


async def give_out(packed: Packed) -> AsyncGenerator[PouchPiece, None]:
    """Yield the files of a pouch, one after the other, each with what is in it first."""
    for file in packed.files:
        yield PouchPiece(file=PouchFile(total_bytes=file.total_bytes, summary=file.summary))
        async for some in packed.read(file):
            yield PouchPiece(data=some)


async def read_head(pieces: AsyncIterator[PouchPiece]) -> PouchFile:
    """Return which file comes; raise `InvalidInputError` if the first piece does not say it."""
    first = await anext(pieces, None)
    if first is None or len(first.file.sha256) != 32 or not first.file.total_bytes or first.data:
        raise InvalidInputError(
            "the first piece names digest and length, and has no data", where="pieces", reason="first-piece"
        )
    return first.file


async def take_in(
    spool: Blobs, file: PouchFile, pieces: AsyncIterator[PouchPiece], unpack: Unpack
) -> AsyncGenerator[UnpackedPouch, None]:
    """Yield from which byte on a file is wanted, then what came of it.

    Raises:
        TracepostError: as `Blobs.write` and `unpack` say.
    """
    name = BlobName(file.sha256)
    try:
        with await asyncio.to_thread(spool.write, name, file.total_bytes) as part:
            yield UnpackedPouch(offset=part.offset)
            if not part.is_whole:
                async for piece in pieces:
                    await append(part, piece.data)
                    if part.offset == file.total_bytes:
                        break
                await asyncio.to_thread(part.finish)
            result = await unpack(spool.path_of(name))
    except VerificationError:
        await asyncio.to_thread(spool.remove, name)
        raise
    await asyncio.to_thread(spool.remove, name)
    yield UnpackedPouch(offset=file.total_bytes, result=result)


def line_of(record: PouchRecord) -> PouchLine:
    """Return what is told of a pouch in a list."""
    return PouchLine(
        member=record.member,
        direction=f"POUCH_DIRECTION_{record.way}",
        number=record.number,
        parts=record.parts,
        parts_here=record.parts_here,
        envelopes=record.envelopes,
        unanswered=record.unanswered,
        made_at=moment(record.made_at),
        taken_at=moment(record.taken_at) if record.taken_at else None,
    )

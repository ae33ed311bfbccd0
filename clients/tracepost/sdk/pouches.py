"""Mail as files, for a node without a network (`Client.pouches`).

    for saved in await client.pouches.pack("xab", Path("/media/stick")): ...
    result = await client.pouches.unpack(Path("/media/stick/pouch-1f0c2a7d.tpouch"))

The names of files say nothing: who finds a stick learns no more from them than that it holds pouches.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import grpc.aio

from tracepost.protocol.errors import InvalidInputError, UnreachableError
from tracepost.sdk.failures import our_errors
from tracepost.wire.v1 import pouch_pb2, pouch_pb2_grpc

Progress = Callable[[int], None]
"""Called with the number of bytes that were carried since the last call."""

ENDING: Final = ".tpouch"
_PIECE_BYTES: Final = 512 * 1024
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class SavedPouch:
    """One file of a pouch that was made."""

    path: Path
    size: int
    summary: pouch_pb2.PouchSummary


class PouchCalls:
    """The calls of the service `Pouches`, over the connection of a `Client`."""

    def __init__(self, channel: grpc.aio.Channel, address: str, timeout_seconds: float) -> None:
        self._node = pouch_pb2_grpc.PouchesStub(channel)
        self._address = address
        self._timeout_seconds = timeout_seconds

    async def pack(
        self,
        to: str,
        out: Path,
        *,
        most_mib: int | None = None,
        only_new: bool = False,
        progress: Progress | None = None,
    ) -> list[SavedPouch]:
        """Make a pouch of all that waits for a member, and write its files.

        Args:
            to: member id.
            out: a folder, where the files get names of their own, or the name of a file; several are numbered.
            most_mib: no file is longer, in mebibytes; None: 2,000.
            only_new: without mail that went in an earlier pouch.
            progress: see `Progress`.

        Raises:
            InvalidInputError: there is a file of this name, or it cannot be written.
            TracepostError: what the node says; then nothing is left of what was written.
        """
        request = pouch_pb2.PackPouchRequest(to=to, most_mib=most_mib, only_new=only_new)
        writing = await asyncio.to_thread(_Writing, out)
        try:
            with our_errors(self._address):
                async for piece in self._node.PackPouch(request):
                    await asyncio.to_thread(writing.take, piece)
                    if progress is not None and piece.data:
                        progress(len(piece.data))
            return await asyncio.to_thread(writing.finish)
        except OSError as fault:
            raise InvalidInputError("The file cannot be written.", where=str(out)) from fault
        finally:
            writing.clear()

    async def unpack(self, path: Path, progress: Progress | None = None) -> pouch_pb2.UnpackingResult:
        """Bring one file of a pouch to the node, from where it stopped; return what came of it.

        Raises:
            InvalidInputError: it cannot be read.
            TracepostError: what the node says, such as `PouchError`: then nothing of it was kept.
        """
        try:
            with path.open("rb") as file:
                digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
                head = pouch_pb2.PouchFile(
                    sha256=digest.digest(), total_bytes=os.fstat(file.fileno()).st_size
                )
                return await self._bring(head, file, progress)
        except OSError as fault:
            raise InvalidInputError("The file cannot be read.", where=path.name) from fault

    async def list_pouches(self, member: str | None = None) -> list[pouch_pb2.PouchLine]:
        """Return the pouches to and from a member, or all members, newest first."""
        with our_errors(self._address):
            request = pouch_pb2.ListPouchesRequest(member=member)
            return list((await self._node.ListPouches(request, timeout=self._timeout_seconds)).pouches)

    async def _bring(
        self, head: pouch_pb2.PouchFile, file: BinaryIO, progress: Progress | None
    ) -> pouch_pb2.UnpackingResult:
        call = self._node.UnpackPouch()
        with our_errors(self._address):
            try:
                await call.write(pouch_pb2.PouchPiece(file=head))
                begun = await _told(call)
                if progress is not None:
                    progress(begun.offset)
                async for some in _rest(file, begun.offset):
                    await call.write(pouch_pb2.PouchPiece(data=some))
                    if progress is not None:
                        progress(len(some))
                await call.done_writing()
                result = (await _told(call)).result
                await call.read()  # the end: the node is done with it too
                return result
            except (asyncio.InvalidStateError, grpc.aio.InternalError):
                # Written when the node had ended the call.
                await call.read()
                raise UnreachableError("The node broke off.", reason="node-cut") from None
            finally:
                call.cancel()


class _Writing:
    """Files that come one after the other. What is begun has another name until all have come."""

    def __init__(self, out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise _there(out)
        self._out = out
        self._name = f"pouch-{secrets.token_hex(4)}"
        self._saved: list[SavedPouch] = []
        self._file: BinaryIO | None = None

    def take(self, piece: pouch_pb2.PouchPiece) -> None:
        """Write some bytes, or begin the next file."""
        if piece.HasField("file"):
            self._end()
            summary = piece.file.summary
            path = self._path(summary.part, summary.parts)
            if path.exists():
                raise _there(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._saved.append(SavedPouch(path, piece.file.total_bytes, summary))
            self._file = _partial(path).open("xb")
        elif self._file is not None:
            self._file.write(piece.data)

    def finish(self) -> list[SavedPouch]:
        """Give the files their names; raise `UnreachableError` if not all came."""
        self._end()
        whole = all(_partial(one.path).stat().st_size == one.size for one in self._saved)
        if not whole or len(self._saved) != (self._saved[0].summary.parts if self._saved else -1):
            raise UnreachableError("The node broke off.", reason="node-cut")
        for one in self._saved:
            _partial(one.path).rename(one.path)
        for folder in {one.path.parent for one in self._saved}:
            _sync(folder)
        return self._saved

    def clear(self) -> None:
        """Remove what is begun."""
        if self._file is not None:
            self._file.close()
        for one in self._saved:
            _partial(one.path).unlink(missing_ok=True)

    def _end(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def _path(self, part: int, parts: int) -> Path:
        place = f"-{part}-of-{parts}" if parts > 1 else ""
        if self._out.is_dir():
            return self._out / f"{self._name}{place}{ENDING}"
        return self._out.with_name(f"{self._out.stem}{place}{self._out.suffix}")


def _there(path: Path) -> InvalidInputError:
    return InvalidInputError("There is a file of this name.", where=str(path), reason="file-there")


def _partial(path: Path) -> Path:
    return path.with_name(path.name + _PART)


def _sync(folder: Path) -> None:
    """Have the names on the stick before it is drawn; not every file system of sticks knows of that."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _rest(file: BinaryIO, offset: int) -> AsyncIterator[bytes]:
    file.seek(offset)
    while some := await asyncio.to_thread(file.read, _PIECE_BYTES):
        yield some


async def _told(call: Any) -> pouch_pb2.UnpackedPouch:
    told = await call.read()
    if told is grpc.aio.EOF:
        raise UnreachableError("The node broke off.", reason="node-cut")
    answer: pouch_pb2.UnpackedPouch = told
    return answer

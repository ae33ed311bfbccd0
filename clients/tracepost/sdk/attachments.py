"""Files that go beside a message: encrypted here, handed in to the node, named in a draft; and taken out again.

    file = prepare_file(Path("gun.jpg"))
    request.items[0].attachments.append(file.as_attachment())
    await hand_in(client, file)                      # goes on where it stopped
    await client.submit_request(request, cover)

    saved = await take_out(client, case, address, Path("gun.jpg"))

What leaves this machine is ciphertext under a fresh key; the key stands in the draft. A JPEG or PNG loses
EXIF and place like every photograph (`intake.photographs`), and the digest of the original is kept; what
other files say of themselves stays in them. The media type is that of the content, and programs are refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from tracepost.protocol.attachment import (
    KEY_BYTES,
    MAX_CONTENT_BYTES,
    AttachmentSealer,
    content_offset,
    sealed_chunk_of,
    sealed_offset,
    sealed_size,
)
from tracepost.protocol.errors import InvalidInputError, LimitError, UnreachableError, VerificationError
from tracepost.protocol.media import HEAD_BYTES, JPEG, PDF, PNG, TIFF, X3P, MediaCheck, recognise
from tracepost.protocol.media import MP4 as VIDEO
from tracepost.sdk.client import Client
from tracepost.sdk.intake.photographs import MAX_ORIGINAL_BYTES, strip_photograph
from tracepost.wire.v1 import attachment_pb2

Progress = Callable[[int], None]
"""Called with the number of bytes that were carried since the last call."""

_READ_BYTES: Final = 1024 * 1024
_TRIES: Final = 5
_FIRST_WAIT_S: Final = 0.5
_SUBJECTS: Final = {
    JPEG: attachment_pb2.ATTACHMENT_SUBJECT_PHOTOGRAPH,
    PNG: attachment_pb2.ATTACHMENT_SUBJECT_PHOTOGRAPH,
    TIFF: attachment_pb2.ATTACHMENT_SUBJECT_PHOTOGRAPH,
    VIDEO: attachment_pb2.ATTACHMENT_SUBJECT_VIDEO,
    X3P: attachment_pb2.ATTACHMENT_SUBJECT_SURFACE_SCAN,
    PDF: attachment_pb2.ATTACHMENT_SUBJECT_RECORD,
}


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file ready to be handed in and named.

    Args:
        path: the file; `copy` is what travels instead of it, if something was removed.
        size: bytes of what travels.
        sealed_bytes: bytes of its ciphertext.
    """

    path: Path
    key: bytes = field(repr=False)
    address: bytes = field(repr=False)
    size: int
    sealed_bytes: int
    media_type: str
    subject: int
    content_sha256: bytes
    original_sha256: bytes
    copy: bytes | None = field(default=None, repr=False)

    def as_attachment(self) -> attachment_pb2.Attachment:
        """Return the field that names it as a file about an item."""
        return attachment_pb2.Attachment(
            address=self.address,
            key=self.key,
            content_size=self.size,
            content_sha256=self.content_sha256,
            media_type=self.media_type,
            subject=attachment_pb2.AttachmentSubject.Name(self.subject),
            original_sha256=self.original_sha256,
        )

    def as_scene_attachment(self) -> attachment_pb2.SceneAttachment:
        """Return the field that names it as a file about the scene or the case."""
        return attachment_pb2.SceneAttachment(
            address=self.address,
            key=self.key,
            content_size=self.size,
            content_sha256=self.content_sha256,
            media_type=self.media_type,
            subject=attachment_pb2.AttachmentSubject.Name(self.subject),
            original_sha256=self.original_sha256,
        )


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file that was taken out. `is_scanned` is False where the node has no virus scanner."""

    path: Path
    size: int
    media_type: str
    is_scanned: bool


def prepare_file(
    path: Path, subject: int | None = None, *, random: Callable[[int], bytes] = os.urandom
) -> PreparedFile:
    """Read a file, judge what it is, and find out the address that it will have; blocks.

    Args:
        path: the file.
        subject: code of `AttachmentSubject`; None: what its kind suggests.
        random: gives the key.

    Raises:
        InvalidInputError: it cannot be read, is empty, a program, or of no kind that is attached.
        LimitError: it has more than 2 GiB, or, for a JPEG or PNG, more than 64 MiB.
    """
    try:
        return _prepare(path, subject, random(KEY_BYTES))
    except OSError as fault:
        raise InvalidInputError("The file cannot be read.", where=path.name) from fault


def prepare_picture(
    data: bytes, name: str = "photograph", *, random: Callable[[int], bytes] = os.urandom
) -> PreparedFile:
    """Return a photograph that is in memory and on no disk, without EXIF and place, as `prepare_file` returns a file.

    Raises:
        InvalidInputError: it is no JPEG or PNG, or damaged; `name` stands in the refusal.
    """
    copy, _, media_type = strip_photograph(data, name)
    key, path = random(KEY_BYTES), Path(name)
    digest, address = _measure(path, copy, key, len(copy), media_type)
    return PreparedFile(
        path=path,
        key=key,
        address=address,
        size=len(copy),
        sealed_bytes=sealed_size(len(copy)),
        media_type=media_type,
        subject=_SUBJECTS[media_type],
        content_sha256=digest,
        original_sha256=hashlib.sha256(data).digest(),
        copy=copy,
    )


async def hand_in(client: Client, file: PreparedFile, progress: Progress | None = None) -> None:
    """Bring the ciphertext of a file to the node, from where it stopped; tried again when the way breaks.

    Raises:
        InvalidInputError: the file has changed since it was prepared.
        TracepostError: what the node says, such as `QuotaError`; `UnreachableError` after some tries.
    """
    for left in range(_TRIES - 1, -1, -1):
        try:
            await client.hand_in(
                file.address, file.sealed_bytes, lambda offset: _pieces(file, offset), progress
            )
        except UnreachableError:
            if not left:
                raise
            await asyncio.sleep(_FIRST_WAIT_S * 2 ** (_TRIES - 1 - left))
        else:
            return


async def take_out(
    client: Client,
    case: str,
    address: bytes,
    out: Path,
    progress: Progress | None = None,
    *,
    release: str | None = None,
) -> SavedFile:
    """Write the content of an attachment to `out`; what an earlier call left beside it is gone on with.

    `release` names mail that waits for this officer's word, instead of a case.

    Raises:
        InvalidInputError: `out` is there, or cannot be written.
        VerificationError: what came is not what the message names; nothing of it is kept.
        TracepostError: what the node says.
    """
    part = out.with_name(f"{out.name}.{address.hex()[:16]}.part")
    try:
        with await asyncio.to_thread(_go_on, part, out) as file:
            first = await _receive(client, case, address, file, progress, release=release)
        await asyncio.to_thread(_end, part, out, first.content_sha256)
    except OSError as fault:
        raise InvalidInputError("The file cannot be written.", where=str(out)) from fault
    is_scanned = first.scan == attachment_pb2.SCAN_VERDICT_CLEAN
    return SavedFile(out, first.total_bytes, first.media_type, is_scanned)


def _prepare(path: Path, subject: int | None, key: bytes) -> PreparedFile:
    size = path.stat().st_size
    if size > MAX_CONTENT_BYTES:
        raise LimitError("A file has at most 2 GiB.", where=path.name, reason="attachment-too-large")
    with path.open("rb") as file:
        media_type = recognise(file.read(HEAD_BYTES))
    original, copy = None, None
    if media_type in (JPEG, PNG):
        original, copy = _without_traces(path)
        size = len(copy)
    digest, address = _measure(path, copy, key, size, media_type)
    return PreparedFile(
        path=path,
        key=key,
        address=address,
        size=size,
        sealed_bytes=sealed_size(size),
        media_type=media_type,
        subject=subject or _SUBJECTS.get(media_type, attachment_pb2.ATTACHMENT_SUBJECT_OTHER),
        content_sha256=digest,
        original_sha256=original or digest,
        copy=copy,
    )


def _without_traces(path: Path) -> tuple[bytes, bytes]:
    """Return the digest of a photograph and the copy of it that travels."""
    if path.stat().st_size > MAX_ORIGINAL_BYTES:
        raise LimitError("A photograph has at most 64 MiB.", where=path.name, reason="photograph-too-large")
    data = path.read_bytes()
    copy, _, _ = strip_photograph(data, path.name)
    return hashlib.sha256(data).digest(), copy


def _measure(path: Path, copy: bytes | None, key: bytes, size: int, media_type: str) -> tuple[bytes, bytes]:
    """Return the SHA-256 of the content and that of its ciphertext; judge the media type on the way."""
    content, sealed = hashlib.sha256(), hashlib.sha256()
    sealer, check = AttachmentSealer(key, size), MediaCheck(media_type)
    for some in _content(path, copy, 0):
        content.update(some)
        check.update(some)
        sealed.update(sealer.update(some))
    check.finish()
    sealed.update(sealer.finish())
    return content.digest(), sealed.digest()


def _content(path: Path, copy: bytes | None, offset: int) -> Iterator[bytes]:
    if copy is not None:
        for start in range(offset, len(copy), _READ_BYTES):
            yield copy[start : start + _READ_BYTES]
        return
    with path.open("rb") as file:
        file.seek(offset)
        while some := file.read(_READ_BYTES):
            yield some


def _sealed_pieces(file: PreparedFile, offset: int) -> Iterator[bytes]:
    chunk = sealed_chunk_of(offset)
    skip = offset - sealed_offset(chunk)
    sealer = AttachmentSealer(file.key, file.size, first_chunk=chunk)
    for some in _content(file.path, file.copy, content_offset(chunk)):
        sealed = sealer.update(some)
        if sealed[skip:]:
            yield sealed[skip:]
        skip = max(0, skip - len(sealed))
    last = sealer.finish()[skip:]
    for start in range(0, len(last), _READ_BYTES):
        yield last[start : start + _READ_BYTES]


async def _pieces(file: PreparedFile, offset: int) -> AsyncIterator[bytes]:
    pieces = _sealed_pieces(file, offset)
    while (some := await asyncio.to_thread(next, pieces, None)) is not None:
        for start in range(0, len(some), _READ_BYTES):
            yield some[start : start + _READ_BYTES]


async def _receive(
    client: Client,
    case: str,
    address: bytes,
    file: BinaryIO,
    progress: Progress | None,
    *,
    release: str | None,
) -> attachment_pb2.ContentPiece:
    first: attachment_pb2.ContentPiece | None = None
    async for piece in client.fetch_attachment(case, address, offset=file.tell(), release=release):
        first = first or piece
        await asyncio.to_thread(file.write, piece.data)
        if progress is not None:
            progress(len(piece.data))
    if first is None:
        raise UnreachableError("The node gave no answer.", reason="node-cut")
    return first


def _go_on(part: Path, out: Path) -> BinaryIO:
    if out.exists():
        raise InvalidInputError("There is a file of this name.", where=str(out), reason="file-there")
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("ab")


def _end(part: Path, out: Path, content_sha256: bytes) -> None:
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    if digest != content_sha256:
        part.unlink()
        raise VerificationError(
            "What came is not the file that the message names.", where=part.name, reason="other-content"
        )
    part.rename(out)

"""The copy of a photograph that travels: the picture, and nothing else that the camera wrote.

A JPEG or PNG is rebuilt from the segments that a decoder needs; EXIF with place,
time and camera, comments, thumbnails, colour profiles and whatever follows the
end of the picture are left out. The picture itself is not decoded and not
changed, so no quality is lost. (An orientation that stood only in EXIF goes too:
turn the picture before, not by a tag.)

The digest of the original is kept: it stays with who took it and proves the copy's origin.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from tracepost.protocol.errors import InvalidInputError, LimitError

MAX_PART_BYTES = 200 * 1024
MAX_ORIGINAL_BYTES = 64 * 1024 * 1024
_JPEG_START = b"\xff\xd8"
_PNG_START = b"\x89PNG\r\n\x1a\n"
# ITU-T T.81, table B.1: frames, tables, scans. APP14 tells how colours are coded.
_JPEG_KEPT = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xEE} - {0xC8}
_JPEG_LONE = {0x00, 0x01, *range(0xD0, 0xD9)}
_JPEG_SCAN, _JPEG_END, _JPEG_FRAMES = 0xDA, 0xD9, {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"}


@dataclass(frozen=True, slots=True)
class Photograph:
    """A picture ready to travel.

    Args:
        content: bytes of the copy.
        media_type: `image/jpeg` or `image/png`.
        width, height: pixels.
        original_sha256: digest of the file as it was given.
    """

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    original_sha256: bytes

    @property
    def sha256(self) -> bytes:
        """Digest of the copy, by which the message names it."""
        return hashlib.sha256(self.content).digest()


def read_photograph(path: Path) -> Photograph:
    """Return the travelling copy of the picture in `path`; raise `InvalidInputError` or `LimitError`."""
    try:
        if path.stat().st_size > MAX_ORIGINAL_BYTES:
            raise LimitError("The photograph is larger than 64 MiB.", where=path.name)
        data = path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(
            "The photograph cannot be read.",
            where=path.name,
            remedy="Put it beside the request, under this name.",
        ) from fault
    return prepare_photograph(data, path.name)


def strip_photograph(data: bytes, name: str) -> tuple[bytes, tuple[int, int], str]:
    """Return the picture `data` without what the camera wrote beside it, its width and height, its media type.

    Raises `InvalidInputError`, in which `name` stands, for what is no JPEG or PNG, or damaged.
    """
    if data.startswith(_JPEG_START):
        return *_strip_jpeg(data, name), "image/jpeg"
    if data.startswith(_PNG_START):
        return *_strip_png(data, name), "image/png"
    raise InvalidInputError("A photograph must be JPEG or PNG.", where=name, reason="not-a-photograph")


def prepare_photograph(data: bytes, name: str = "photograph") -> Photograph:
    """Return the travelling copy of the picture `data`; `name` stands in refusals."""
    content, size, media_type = strip_photograph(data, name)
    if len(content) > MAX_PART_BYTES:
        raise LimitError(
            f"The photograph has {len(content) // 1024} KiB; 200 KiB may travel inside a message.",
            where=name,
            reason="photograph-too-large",
            remedy="Save it smaller: 1,600 pixels on the long side is enough to read a mark.",
        )
    return Photograph(content, media_type, *size, hashlib.sha256(data).digest())


def _strip_jpeg(data: bytes, name: str) -> tuple[bytes, tuple[int, int]]:
    kept, size, at = [_JPEG_START], None, 2
    while True:
        marker, start = _next_marker(data, at, name)
        if marker == _JPEG_END:
            break
        end = start + int.from_bytes(data[start : start + 2])
        if end > len(data) or end < start + 2:
            raise _damaged(name)
        if marker in _JPEG_FRAMES:
            size = _jpeg_size(data[start:end], name)
        at = _scan_end(data, end) if marker == _JPEG_SCAN else end
        if marker in _JPEG_KEPT:
            kept.append(bytes((0xFF, marker)) + data[start:at])
    if size is None:
        raise _damaged(name)
    return b"".join([*kept, b"\xff\xd9"]), size


def _next_marker(data: bytes, at: int, name: str) -> tuple[int, int]:
    if data[at : at + 1] != b"\xff":
        raise _damaged(name)
    while data[at : at + 1] == b"\xff":  # fill bytes, T.81 B.1.1.2
        at += 1
    if at >= len(data) or data[at] in _JPEG_LONE:
        raise _damaged(name)
    return data[at], at + 1


def _scan_end(data: bytes, at: int) -> int:
    """Return where the entropy-coded bytes end: at a marker that is neither stuffing nor a restart."""
    while (at := data.find(b"\xff", at)) != -1 and at + 1 < len(data):
        follower = data[at + 1]
        if follower != 0x00 and not 0xD0 <= follower <= 0xD7:
            return at
        at += 2
    return len(data)


def _jpeg_size(segment: bytes, name: str) -> tuple[int, int]:
    width, height = int.from_bytes(segment[5:7]), int.from_bytes(segment[3:5])
    if not width or not height:
        raise _damaged(name)
    return width, height


def _strip_png(data: bytes, name: str) -> tuple[bytes, tuple[int, int]]:
    kept, at, size = [_PNG_START], 8, (0, 0)
    while True:
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or len(kind) != 4:
            raise _damaged(name)
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            raise _damaged(name)
        if (at == 8) != (kind == b"IHDR"):
            raise _damaged(name)
        if kind == b"IHDR":
            size = int.from_bytes(data[at + 8 : at + 12]), int.from_bytes(data[at + 12 : at + 16])
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        if kind == b"IEND":
            break
        at = end
    if 0 in size:
        raise _damaged(name)
    return b"".join(kept), size


def _damaged(name: str) -> InvalidInputError:
    return InvalidInputError("The photograph is damaged.", where=name, reason="photograph-damaged")

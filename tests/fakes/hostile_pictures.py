"""Photographs that somebody sends to do harm: small enough for a message, named in it like any other."""

from __future__ import annotations

import struct
import zlib


def png_bomb(side: int) -> bytes:
    """Return a PNG that is whole, of `side` times `side` black pixels; thirty thousand give a tenth of a megabyte."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png(side, rows)


def png(side: int, rows: bytes) -> bytes:
    """Return a square PNG of one bit for each pixel; `rows` stand in it as they are."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

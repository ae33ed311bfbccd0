"""Draws the test pictures of the examples: a mark on a plain part, and words saying that it is drawn.

Nothing here is a photograph. Each picture is a PNG of one bit a pixel, made of the same
bytes on every machine (its compression is "stored"), with a text chunk that a copy made
for sending must not have.

    png = draw_mark("ЛЯ 36", "FRAME")
"""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 480, 200
NOTICE = "TEST PICTURE - DRAWN, NOT A PHOTOGRAPH"
COMMENT = b"Comment\x00Drawn by examples/drawing.py; a camera would have written time and place here."
_STORED_LIMIT = 65535

# Seven rows of five pixels, two hexadecimal digits a row.
_GLYPHS = {
    " ": "00000000000000", "-": "0000001F000000", ".": "00000000000C0C", ",": "000000000C0408",
    "?": "0E110102040004", "(": "02040808080402", ")": "08040202020408", "/": "00010204081000",
    "*": "04150E1F0E1504", "#": "1F1F1F1F1F1F1F",
    "0": "0E11131519110E", "1": "040C040404040E", "2": "0E11010204081F", "3": "1F02040201110E",
    "4": "02060A121F0202", "5": "1F101E0101110E", "6": "0608101E11110E", "7": "1F010204080808",
    "8": "0E11110E11110E", "9": "0E11110F01020C",
    "A": "0E11111F111111", "B": "1E11111E11111E", "C": "0E11101010110E", "D": "1E11111111111E",
    "E": "1F10101E10101F", "F": "1F10101E101010", "G": "0E11101711110F", "H": "1111111F111111",
    "I": "0E04040404040E", "J": "0702020202120C", "K": "11121418141211", "L": "1010101010101F",
    "M": "111B1515111111", "N": "11111915131111", "O": "0E11111111110E", "P": "1E11111E101010",
    "Q": "0E11111115120D", "R": "1E11111E141211", "S": "0F10100E01011E", "T": "1F040404040404",
    "U": "1111111111110E", "V": "11111111110A04", "W": "1111111515150A", "X": "11110A040A1111",
    "Y": "1111110A040404", "Z": "1F01020408101F",
    "Б": "1F10101E11111E", "Л": "0F090909090911", "Я": "0F11110F050911", "П": "1F111111111111",
    "М": "111B1515111111", "А": "0E11111F111111", "К": "11121418141211", "С": "0E11101010110E",
    "У": "1111110F01010E",
}  # fmt: skip


def draw_mark(mark: str, place: str) -> bytes:
    """Return a PNG that shows `mark` on a part called `place`; "#" draws a ground-off character."""
    canvas = [bytearray(WIDTH) for _ in range(HEIGHT)]
    _frame(canvas, 20, 40, WIDTH - 20, HEIGHT - 40)
    _write(canvas, NOTICE, 20, 12, 2)
    _write(canvas, place, 28, HEIGHT - 28, 2)
    scale = max(2, min(8, (WIDTH - 80) // (6 * max(len(mark), 1))))
    _write(canvas, mark, 40, (HEIGHT - 7 * scale) // 2, scale)
    return _png(canvas)


def _frame(canvas: list[bytearray], left: int, top: int, right: int, bottom: int) -> None:
    for x in range(left, right):
        canvas[top][x] = canvas[bottom - 1][x] = 1
    for y in range(top, bottom):
        canvas[y][left] = canvas[y][right - 1] = 1


def _write(canvas: list[bytearray], text: str, left: int, top: int, scale: int) -> None:
    for place, sign in enumerate(text.upper()):
        rows = bytes.fromhex(_GLYPHS[sign])
        for y in range(7 * scale):
            for x in range(5 * scale):
                if rows[y // scale] >> (4 - x // scale) & 1:
                    canvas[top + y][left + place * 6 * scale + x] = 1


def _png(canvas: list[bytearray]) -> bytes:
    rows = b"".join(b"\x00" + _packed(row) for row in canvas)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"tEXt", COMMENT), (b"IDAT", _stored(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _packed(row: bytearray) -> bytes:
    """White is one, as PNG greyscale has it."""
    bits = "".join("0" if dark else "1" for dark in row)
    return int(bits, 2).to_bytes(len(row) // 8)


def _stored(data: bytes) -> bytes:
    """Deflate without compressing (RFC 1951, 3.2.4): no library decides a byte of it."""
    blocks = [data[at : at + _STORED_LIMIT] for at in range(0, len(data), _STORED_LIMIT)]
    body = b"".join(
        struct.pack("<BHH", block is blocks[-1], len(block), len(block) ^ 0xFFFF) + block for block in blocks
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

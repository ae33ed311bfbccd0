"""A table as offices send it: any usual encoding, any usual delimiter, rows of any length.

Reads bytes to rows with their number as a spreadsheet shows it (the heading is row 1).
What is not done here: what a column means (`columns`), what a cell means (`cells`).

    >>> read_table(b"serial;model\\nA1;M70\\n").rows[0]
    Row(number=2, cells=('A1', 'M70'))
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from tracepost.protocol.errors import InvalidInputError, LimitError

MAX_TABLE_BYTES = 64 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELL_CHARS = 10_000
_OPEN_QUOTE_CHARS = 100_000
"""So long a cell is the rest of a file behind an open quotation mark. `csv` says so as well, at a length that anything
in the process may change."""
ROW_HEADING = "tracepost row"
"""Heads a table of refused rows that a console wrote: each beginning in its cells may have an apostrophe in front."""
BEGINNINGS = re.compile('([;,"\r\n])')
"""Behind these a spreadsheet may begin a cell."""
_DELIMITERS = ",;\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\x89PNG", b"\xff\xd8\xff",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the spreadsheet and its cells, spaces at the ends removed."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A heading and the rows below it, with what had to be guessed to read them."""

    heading: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str
    delimiter: str


def read_table(data: bytes, encoding: str | None = None, most_rows: int = MAX_ROWS) -> Table:
    """Return the table in `data`.

    Args:
        data: the file, at most 64 MiB.
        encoding: a codec name when the sender told it; guessed otherwise.
        most_rows: below the heading.

    Raises:
        InvalidInputError: not text, not readable in the encoding, or no heading.
        LimitError: too many bytes, rows, columns, or characters in a cell.
    """
    if len(data) > MAX_TABLE_BYTES:
        raise LimitError("The table is larger than 64 MiB.", reason="table-too-large")
    if data.startswith(_NOT_TEXT):
        raise InvalidInputError(
            "This is a document, not a table of text.",
            reason="not-a-table",
            remedy="Save the sheet as CSV UTF-8.",
        )
    encoding = encoding or guess_encoding(data)
    text = _decode(data, encoding)
    text, delimiter = _delimiter_of(text)
    heading, rows = _rows_of(text, delimiter, most_rows)
    return Table(heading, rows, encoding, delimiter)


def guess_encoding(data: bytes) -> str:
    """Return the codec that `data` is most likely written in."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return codec
    if b"\x00" in data[:4096]:
        return "utf-16-be" if data[:1] == b"\x00" else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess_one_byte_codec(data)
    return "utf-8"


def _guess_one_byte_codec(data: bytes) -> str:
    """Cyrillic words are runs of high bytes; an accent in a Latin word stands alone."""
    high = [byte >= 0xC0 for byte in data]
    paired = sum(
        here and (before or after) for before, here, after in zip(high, high[1:], high[2:], strict=False)
    )
    return "windows-1251" if paired * 2 > sum(high) else "windows-1252"


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError as fault:
        raise InvalidInputError("There is no such encoding.", where="encoding") from fault
    except UnicodeDecodeError as fault:
        raise InvalidInputError(
            f"The file is not written in {encoding}.",
            where=f"byte {fault.start}",
            reason="wrong-encoding",
            remedy="Name its encoding with --encoding, or save it as CSV UTF-8.",
        ) from fault


def _delimiter_of(text: str) -> tuple[str, str]:
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:  # a hint that Excel writes
        return rest, first[4]
    return text, max(_DELIMITERS, key=first.count)


def _rows_of(text: str, delimiter: str, most_rows: int) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    numbered: list[Row] = []
    tidy = _tidy
    try:
        for number, cells in enumerate(reader, start=1):
            if number > most_rows + 1:
                raise LimitError(f"The table has more than {most_rows} rows.", reason="too-many-rows")
            if any(cell.strip() for cell in cells):
                numbered.append(_row(number, cells, tidy))
                tidy = _returned if ROW_HEADING in numbered[0].cells else _tidy
    except csv.Error as fault:
        raise _unreadable(f"line {reader.line_num}") from fault
    if not numbered:
        words = "Its first row must name the columns."
        raise InvalidInputError("The table is empty.", reason="empty-table", remedy=words)
    return numbered[0].cells, tuple(numbered[1:])


def _row(number: int, cells: list[str], tidy: Callable[[str], str]) -> Row:
    if len(cells) > MAX_COLUMNS:
        words = f"A row has more than {MAX_COLUMNS} cells."
        raise LimitError(words, where=f"row {number}", reason="too-long-a-row")
    if any(len(cell) > _OPEN_QUOTE_CHARS for cell in cells):
        raise _unreadable(f"row {number}")
    if any(len(cell) > MAX_CELL_CHARS for cell in cells):
        words = f"A cell has more than {MAX_CELL_CHARS} characters."
        raise LimitError(words, where=f"row {number}", reason="too-long-a-row")
    return Row(number, tuple(map(tidy, cells)))


def _unreadable(where: str) -> InvalidInputError:
    return InvalidInputError("The table cannot be read.", where=where, reason="unreadable")


def _tidy(cell: str) -> str:
    cell = _stripped(cell)
    if cell.startswith('="') and cell.endswith('"'):  # a spreadsheet's way to keep zeros in front
        cell = cell[2:-1]
    return _stripped(cell.removeprefix("'"))


def _returned(cell: str) -> str:
    return "".join(part.removeprefix("'") for part in BEGINNINGS.split(_stripped(cell)))


def _stripped(cell: str) -> str:
    return cell.strip().strip("\ufeff\u200b").strip()

"""A table of weapons as the items of one message: a notice is sent whole or not at all.

    found = read_list(data, Album(folder))
    if not found.rejections:
        notice.items.extend(found.items)

The columns are those of `items`; what a row says of a request around its item is not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracepost.protocol.errors import LimitError
from tracepost.sdk.intake.columns import Column, read_heading
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.items import MAX_ITEMS
from tracepost.sdk.intake.rejections import Reason, Rejection
from tracepost.sdk.intake.rows import ReadRow, RowReader
from tracepost.sdk.intake.tables import Table, read_table
from tracepost.wire.v1 import weapon_pb2


@dataclass(frozen=True, slots=True)
class ItemList:
    """What a table lists.

    Args:
        items: of the good rows, in their order.
        rejections: what is wrong with the others.
        table: the table as read, with encoding and delimiter.
        unknown_columns: headings that were not understood and not taken.
    """

    items: tuple[weapon_pb2.Item, ...]
    rejections: tuple[Rejection, ...]
    table: Table
    unknown_columns: tuple[str, ...]


def read_list(data: bytes, album: Album, encoding: str | None = None) -> ItemList:
    """Return the items that the table in `data` lists; photographs go to `album`.

    Args:
        data: the table, any usual encoding and delimiter.
        album: where photographs named in the table are found.
        encoding: codec of the table, when it is known.

    Raises:
        InvalidInputError: the table as a whole cannot be read.
        LimitError: it lists more than one message holds.
    """
    table = read_table(data, encoding)
    if len(table.rows) > MAX_ITEMS:
        raise LimitError("One message holds 300 items at most.", where="items")
    heading = read_heading(table.heading)
    reader = RowReader(heading, album)
    read = [reader.read(row) for row in table.rows]
    taken = [row for row in read if isinstance(row, ReadRow)]
    rejections = [one for row in read if not isinstance(row, ReadRow) for one in row]
    rejections += _repeated(taken, heading.name(Column.ITEM))
    ordered = tuple(sorted(rejections, key=lambda one: one.row))
    return ItemList(tuple(row.item for row in taken), ordered, table, heading.unknown)


def _repeated(rows: Sequence[ReadRow], column: str) -> Iterator[Rejection]:
    times = Counter(row.item.id for row in rows)
    return (Rejection(row.number, column, Reason.DUPLICATE) for row in rows if times[row.item.id] > 1)

"""An extract of the State's own records, as a table: what was lost or stolen, what is in stock.

    batch = read_register(data, status=register_pb2.REGISTER_STATUS_STOLEN)
    async for answer in client.import_register("lost-stolen", batch.rows): ...

The object has the columns of a table of weapons (`columns`). Beside them: status, the number of the
record, and since when it is so. Of persons nothing is taken, whatever the table holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError
from tracepost.protocol.vocabulary import code_number
from tracepost.sdk.intake import cells
from tracepost.sdk.intake.columns import Heading, read_heading
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.rejections import CellError, Reason, Rejection
from tracepost.sdk.intake.rows import ReadRow, RowReader
from tracepost.sdk.intake.tables import Row, Table, read_table
from tracepost.wire.v1 import register_pb2

T = TypeVar("T")

_STATUS: Final = "status|register status|state|reasonsearch|reason"
_REFERENCE: Final = "reference|record|record number|record no|register row|register number|record id|id"
_SINCE: Final = "since|date|theft date|theftdate|loss date|date of loss|date of theft|date lost|date stolen"
_STATUS_WORDS: Final = {
    word: status
    for status, words in (
        (register_pb2.REGISTER_STATUS_LOST, "lost|loss|missing|втрата|утрата|perdu|perdida|extravio"),
        (register_pb2.REGISTER_STATUS_STOLEN, "stolen|theft|викрадення|хищение|кража|volé|robo|furto"),
        (register_pb2.REGISTER_STATUS_IN_STOCK, "stock|in stock|held"),
        (register_pb2.REGISTER_STATUS_DESTROYED, "destroyed|знищено|уничтожено|détruit"),
        (register_pb2.REGISTER_STATUS_EXPORTED, "exported|export"),
        (register_pb2.REGISTER_STATUS_LICENSED, "licensed|registered"),
    )
    for word in words.split("|")
}


@dataclass(frozen=True, slots=True)
class RegisterBatch:
    """What became of a table: rows to import, what is wrong with the others, columns not understood."""

    rows: tuple[register_pb2.RegisterRow, ...]
    rejections: tuple[Rejection, ...]
    table: Table
    unknown_columns: tuple[str, ...]


def read_register(data: bytes, *, status: int | None = None, encoding: str | None = None) -> RegisterBatch:
    """Return the records that the table in `data` holds.

    Args:
        data: the table, any usual encoding and delimiter.
        status: a `RegisterStatus` for rows that do not say theirs.
        encoding: codec of the table, when it is known.

    Raises:
        InvalidInputError, LimitError: the table as a whole cannot be read.
    """
    table = read_table(data, encoding)
    reader = _Reader(read_heading(table.heading), table.heading, status)
    read = [reader.read(row) for row in table.rows]
    rows = tuple(one for one in read if isinstance(one, register_pb2.RegisterRow))
    rejections = tuple(fault for one in read if isinstance(one, list) for fault in one)
    return RegisterBatch(rows, rejections, table, reader.unknown)


class _Reader:
    """Reads the rows of one table."""

    def __init__(self, heading: Heading, names: Sequence[str], status: int | None) -> None:
        self._rows = RowReader(heading, Album(Path()))
        self._status = status
        self._names = names
        self._places = {kind: _place(names, kind) for kind in (_STATUS, _REFERENCE, _SINCE)}
        ours = {names[place] for place in self._places.values() if place is not None}
        self.unknown = tuple(name for name in heading.unknown if name not in ours)

    def read(self, row: Row) -> register_pb2.RegisterRow | list[Rejection]:
        """Return the record of `row`, or everything that is wrong with it."""
        item = self._rows.read(row)
        faults = [] if isinstance(item, ReadRow) else list(item)
        status = self._cell(row, _STATUS, _status, faults) or self._status
        values: dict[str, Any] = {
            "reference": self._cell(row, _REFERENCE, lambda cell: cells.text(cell, 100), faults),
            "since": self._cell(row, _SINCE, _day, faults),
        }
        if status is None and not any(fault.reason is Reason.NOT_IN_LIST for fault in faults):
            faults.append(Rejection(row.number, self._name(_STATUS), Reason.MISSING))
        if faults or not isinstance(item, ReadRow):
            return faults
        if not item.item.HasField("object"):
            return [Rejection(row.number, "", Reason.NOT_IN_LIST)]
        record = register_pb2.RegisterRow(
            row=row.number,
            status=register_pb2.RegisterStatus.Name(status or 0),
            object=item.item.object,
            **{name: value for name, value in values.items() if value},
        )
        return _checked(record)

    def _cell(self, row: Row, kind: str, read: Callable[[str], T], faults: list[Rejection]) -> T | None:
        place = self._places[kind]
        cell = row.cells[place] if place is not None and place < len(row.cells) else ""
        try:
            return read(cell) if cell else None
        except CellError as fault:
            faults.append(Rejection(row.number, self._name(kind), fault.reason))
            return None

    def _name(self, kind: str) -> str:
        place = self._places[kind]
        return self._names[place] if place is not None else kind.partition("|")[0]


def _checked(record: register_pb2.RegisterRow) -> register_pb2.RegisterRow | list[Rejection]:
    try:
        schema.validate(record)
    except InvalidMessageError as fault:
        return [Rejection(record.row, fault.where, Reason.BREAKS_RULE)]
    return record


def _place(names: Sequence[str], kind: str) -> int | None:
    known = kind.split("|")
    plain = [" ".join(re.sub(r"[^\w]+|_", " ", name.casefold()).split()) for name in names]
    found = [plain.index(word) for word in known if word in plain]
    return found[0] if found else None


def _status(cell: str) -> int:
    known = _STATUS_WORDS.get(cell.casefold())
    if known is not None:
        return known
    try:
        return code_number(register_pb2.RegisterStatus, cell)
    except InvalidInputError as fault:
        raise CellError(Reason.NOT_IN_LIST) from fault


def _day(cell: str) -> str:
    return cells.day(re.sub(r"T00:00(:00)?$", "", cell))

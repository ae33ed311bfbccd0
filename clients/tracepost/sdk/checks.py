"""Object checks: a table of weapons as objects to ask about, and the check that a case holds.

check = ObjectCheck(items=checked_objects(read_table(data)))
asked = find_check(await client.show_case(case))
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.drafts import message_of
from tracepost.sdk.intake.columns import read_heading
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.rows import ReadRow, RowReader
from tracepost.sdk.intake.tables import Table
from tracepost.wire.v1 import check_pb2, desk_pb2, weapon_pb2


def checked_objects(table: Table) -> Iterator[check_pb2.CheckedObject]:
    """Yield what the rows of a table say of their objects, and no more than a check tells.

    Raises:
        InvalidInputError: a row cannot be taken; its number, column and reason are told.
    """
    reader = RowReader(read_heading(table.heading), Album(Path()))
    for row in table.rows:
        read = reader.read(row)
        if not isinstance(read, ReadRow):
            fault = read[0]
            raise InvalidInputError(
                "A row of the table cannot be taken.",
                where=f"row {fault.row}, {fault.column}",
                reason=fault.reason.value,
            )
        yield checked_object(read.item)


def checked_object(item: weapon_pb2.Item) -> check_pb2.CheckedObject:
    """Return as much of an item as a check tells of it: category, make, model, calibre and marks."""
    thing = item.object
    told = check_pb2.CheckedObject(id=item.id, mark=thing.mark)
    for name in ("category", "make", "model", "calibre", "calibre_as_marked"):
        if thing.HasField(name):
            setattr(told, name, getattr(thing, name))
    return told


def find_check(view: desk_pb2.CaseView) -> check_pb2.ObjectCheck | None:
    """Return the newest check in a case, as far as it is shown."""
    found = [message_of(one.content) for one in view.statements]
    checks = [one for one in found if isinstance(one, check_pb2.ObjectCheck)]
    return checks[-1] if checks else None

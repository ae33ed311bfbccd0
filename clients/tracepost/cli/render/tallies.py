"""A report of figures: as tables for a person, as CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.fields import code_of, codes_of
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _
from tracepost.locale.values import enum_code
from tracepost.protocol.tallies import IAFQ
from tracepost.wire.v1 import report_pb2

_CODES = ("identification", "reach", "stopped_because", "ground")
_COLUMNS = ("direction", "measure", "peer", *_CODES, "iafq", "part", "unit", "value")
_KEPT_BACK = "kept-back"


def report(found: report_pb2.Report) -> RenderableType:
    """Return a report as a person reads it: what must be said beside the figures comes first."""
    heading = _("Figures of {member}, {first} to {last}").format(
        member=found.member.upper(), first=found.from_day, last=found.to_day
    )
    parts: list[RenderableType] = [Text(heading, style="bold")]
    parts += [Text(f"* {note}") for note in codes_of(found, "notes")]
    for direction in (report_pb2.REPORT_DIRECTION_SENT, report_pb2.REPORT_DIRECTION_RECEIVED):
        cells = [cell for cell in found.cells if cell.direction == direction]
        if cells:
            parts += [Text(""), Text(code_of(cells[0], "direction"), style="bold"), _table(cells)]
    return Group(*parts)


def _table(cells: Sequence[report_pb2.ReportCell]) -> Table:
    """A number that stands for one code of a long list is left out where it is zero; totals never are."""
    table = table_of(_("figure"), _("of"), _("number"))
    for cell in cells:
        of_a_list = any(cell.HasField(name) for name in _CODES)
        if cell.value or not (of_a_list and cell.HasField("value")):
            table.add_row(code_of(cell, "measure"), _words(cell), _number(cell))
    return table


def _words(cell: report_pb2.ReportCell) -> str:
    said = [code_of(cell, name) for name in _CODES if cell.HasField(name)]
    if cell.iafq:
        said.append(f"{cell.iafq} {IAFQ.get(cell.iafq, '')}".strip())
    if cell.part:
        said.append(_("from {day}").format(day=cell.part))
    return ", ".join([*([cell.peer.upper()] if cell.peer else []), *said])


def _number(cell: report_pb2.ReportCell) -> str:
    if not cell.HasField("value"):
        return _("kept back")
    if cell.unit == report_pb2.REPORT_UNIT_ITEMS:
        return str(cell.value)
    days = cell.unit == report_pb2.REPORT_UNIT_TENTHS_OF_A_DAY
    number = f"{cell.value // 10}.{cell.value % 10}"
    return _("{number} days").format(number=number) if days else f"{number} %"


def as_csv(found: report_pb2.Report) -> str:
    """Return a report as a table with a row for each number; codes as in the schema, notes as comments."""
    sheet = io.StringIO()
    for code in found.notes:
        sheet.write(f"# {_code('notes', code, found)}\n")
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(("member", "from", "to", *_COLUMNS))
    for cell in found.cells:
        writer.writerow((found.member, found.from_day, found.to_day, *_row(cell)))
    return sheet.getvalue()


def _row(cell: report_pb2.ReportCell) -> Iterable[str]:
    for name in _COLUMNS:
        if not cell.HasField(name):
            yield _KEPT_BACK if name == "value" else ""
        elif cell.DESCRIPTOR.fields_by_name[name].enum_type is not None:
            yield _code(name, getattr(cell, name), cell)
        else:
            yield str(getattr(cell, name))


def _code(name: str, number: int, message: report_pb2.Report | report_pb2.ReportCell) -> str:
    enum: Any = message.DESCRIPTOR.fields_by_name[name].enum_type
    return enum_code(enum, number)

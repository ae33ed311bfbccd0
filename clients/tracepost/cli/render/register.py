"""Extracts of the State's own records, as tables: which there are, what was not taken, what may be an item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.fields import code_of, moment
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, plural
from tracepost.locale.values import printable
from tracepost.sdk.intake.rejections import Rejection
from tracepost.wire.v1 import register_pb2, weapon_pb2


def sources(found: Sequence[register_pb2.RegisterSource]) -> RenderableType:
    """Return the extracts that a desk keeps."""
    if not found:
        return Text(_("This desk keeps no register."))
    table = table_of(_("source"), _("desk"), _("records"), _("imported"), _("by"))
    for one in found:
        table.add_row(one.source, one.desk, str(one.records), moment(one.imported_at), one.imported_by)
    return table


def imported(
    done: register_pb2.RegisterSource, unchanged: bool, rejections: Iterable[Rejection]
) -> RenderableType:
    """Return what became of an import, with each row that was not taken and why."""
    words = _("Nothing changed: the same rows were in force.") if unchanged else _("In force now.")
    lines: list[RenderableType] = [
        Text(words, style="bold"),
        Text(f"{done.source}: " + plural("{n} record", "{n} records", done.records)),
    ]
    table = table_of(_("row"), _("column"), _("why it was not taken"))
    for one in rejections:
        table.add_row(str(one.row), printable(one.column), coded("rejection", one.reason.value))
    return Group(*lines, *([table] if table.row_count else []))


def matches(found: register_pb2.MatchRegisterResponse) -> RenderableType:
    """Return the records that may be the items, and the items that could not be looked for."""
    lines: list[RenderableType] = [_matches(found)] if found.matches else [Text(_("No record matches."))]
    if found.not_searched:
        lines.append(Text(f"{_('Not searched, no mark to look for')}: {', '.join(found.not_searched)}"))
    if not found.sources:
        lines.append(Text(_("This desk keeps no register.")))
    return Group(*lines)


def _matches(found: register_pb2.MatchRegisterResponse) -> RenderableType:
    table = table_of(
        _("item"),
        _("source"),
        _("status"),
        _("record"),
        _("mark"),
        _("agrees"),
        _("make"),
        _("model"),
        _("calibre"),
    )
    for one in found.matches:
        table.add_row(
            printable(one.item_id),
            one.source,
            code_of(one.record, "status"),
            printable(one.record.reference),
            printable(_mark(one.record.object)),
            code_of(one, "grade"),
            _feature(one.record.object.make, one, "make"),
            _feature(one.record.object.model, one, "model"),
            _feature(one.record.object.calibre_as_marked, one, "calibre"),
        )
    return table


def _feature(value: str, one: register_pb2.RegisterMatch, name: str) -> str:
    return f"{printable(value)} ({code_of(one, name)})" if value else code_of(one, name)


def _mark(thing: weapon_pb2.Object) -> str:
    return next((mark.text_as_seen for mark in thing.mark if mark.text_as_seen), "")

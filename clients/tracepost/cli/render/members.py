"""A member as the directory knows it: offices, desks, what it declares for every case, how it marks arms."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.fields import code_of, codes_of, moment, sheet
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _
from tracepost.locale.values import printable
from tracepost.protocol.practices import ToldPractice, holds_on
from tracepost.sdk.members import Known
from tracepost.wire.v1 import directory_pb2

_INDENT = (0, 0, 0, 2)


def member_sheet(known: Known, today: str) -> RenderableType:
    """Return all that is known of a member; practices that do not hold on `today` (YYYY-MM-DD) are told apart."""
    entry = known.entry
    lines: list[RenderableType] = [Text(f"{entry.member}: {printable(entry.name)}", style="bold")]
    if entry.name_in_english:
        lines.append(Text(printable(entry.name_in_english)))
    lines.append(Text(f"{_('languages')}: {', '.join(entry.languages)}"))
    lines.append(Text(f"{_('entry until')}: {moment(entry.expires_at)}", style="dim"))
    lines += [Text(), _desks(entry), *_offices(entry), *_declared(entry)]
    for one in known.practices:
        lines += [Text(), *_practice(one, today)]
    if not known.practices:
        lines += [Text(), Text(_("No marking practice was told."))]
    return Group(*lines)


def _desks(entry: directory_pb2.DirectoryEntry) -> Table:
    table = table_of(_("desk"), _("name"), _("competences"), _("legal basis"))
    for desk in entry.desks:
        name = printable(desk.name) or (_("point of contact") if desk.point_of_contact else "")
        competences = ", ".join(codes_of(desk, "competences"))
        table.add_row(desk.desk, name, competences, printable(desk.legal_basis))
    return table


def _offices(entry: directory_pb2.DirectoryEntry) -> Iterator[RenderableType]:
    for one in entry.contact_points:
        yield Text()
        yield Text(code_of(one, "function"), style="bold cyan")
        yield Padding(sheet(one, frozenset({"function"})), _INDENT)


def _declared(entry: directory_pb2.DirectoryEntry) -> Iterator[RenderableType]:
    yield Text()
    if not entry.HasField("declarations"):
        yield Text(_("Nothing is declared for every case."))
        return
    yield Text(_("For every case"), style="bold cyan")
    yield Padding(sheet(entry.declarations), _INDENT)


def _practice(one: ToldPractice, today: str) -> Iterator[RenderableType]:
    holds = holds_on(one.practice, today)
    since = f"{_('from')} {one.practice.valid_from}"
    until = f" {_('until')} {one.practice.valid_until}" if one.practice.valid_until else ""
    style = "bold cyan" if holds else "dim"
    yield Text(f"{_('Marking practice')} {since}{until}", style=style)
    skip = frozenset({"valid_from", "valid_until", "withheld", "named_desks", "readers", "replaces_digest"})
    yield Padding(sheet(one.practice, skip), _INDENT)

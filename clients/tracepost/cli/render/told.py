"""Who is told that something waits, and what became of a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _


def told_sheet(desks: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return who is told now at each desk."""
    if not desks:
        return Text(_("nobody is told that something waits"))
    table = table_of(_("desk"), _("told now"), _("told now if urgent"))
    for one in desks:
        table.add_row(one["desk"], *(_who(one[name], hook=one["webhook"]) for name in ("now", "urgent")))
    return table


def _who(addresses: Sequence[str] | None, *, hook: bool) -> str:
    if addresses is None:
        return _("nobody is on duty: it waits")
    return ", ".join([*addresses, *([_("the web address")] if hook else [])])


def tried_sheet(tried: Sequence[Any]) -> RenderableType:
    """Return what became of a test message at each address."""
    table = table_of(_("told"), _("what happened"))
    for one in tried:
        table.add_row(
            one.to, Text(one.problem or _("was taken"), style="bold red" if one.problem else "green")
        )
    return table

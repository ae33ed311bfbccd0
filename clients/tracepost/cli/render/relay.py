"""What a relay's operator is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.fields import when
from tracepost.cli.render.lists import short, table_of
from tracepost.cli.words import _, plural


def box_table(boxes: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return for whom mail waits, one member a row; that none waits is said aloud."""
    if not boxes:
        return Text(_("No mail waits."))
    table = table_of(_("member"), _("envelopes"), _("bytes"), _("first expires"))
    for box in boxes:
        table.add_row(
            box["member"], str(box["envelopes"]), f"{box['bytes']:,}", when(box["first_expires_at"])
        )
    return table


def mail_table(mail: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return what is known of envelopes, one a row."""
    table = table_of(
        _("envelope"), _("from"), _("to"), _("lane"), _("number"), _("bytes"), _("state"), _("deliver by")
    )
    for one in mail:
        table.add_row(
            short(one["envelope"]),
            one["from"],
            one["to"],
            one["lane"],
            str(one["number"]),
            f"{one['bytes']:,}",
            one["state"],
            when(one["deliver_by"]),
        )
    return Group(table, Text(plural("{n} envelope", "{n} envelopes", len(mail))))

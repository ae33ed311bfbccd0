"""What a relay's operator is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.fields import when
from tracepost.cli.render.lists import short, table_of
from tracepost.cli.words import _, plural


def box_table(boxes: Sequence[Mapping[str, Any]], in_pouches: int) -> RenderableType:
    """Return for whom mail waits, one member a row; that none waits is said aloud.

    `in_pouches` of it are on their way with a courier too.
    """
    if not boxes:
        return Text(_("No mail waits."))
    table = table_of(_("member"), _("envelopes"), _("bytes"), _("first expires"))
    for box in boxes:
        table.add_row(
            box["member"], str(box["envelopes"]), f"{box['bytes']:,}", when(box["first_expires_at"])
        )
    return Group(table, *_in_pouches(in_pouches))


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


def _in_pouches(count: int) -> Iterator[RenderableType]:
    if count:
        words = plural(
            "{n} message is in a pouch and not answered: tracepost relay pouch list.",
            "{n} messages are in pouches and not answered: tracepost relay pouch list.",
            count,
        )
        yield Text(words, style="yellow")

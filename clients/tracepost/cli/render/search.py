"""What a search found, as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.exercises import exercise_band
from tracepost.cli.render.fields import code_of, moment
from tracepost.cli.render.lists import handled, table_of
from tracepost.cli.words import _, kind_words, plural
from tracepost.locale.values import printable
from tracepost.wire.v1 import search_pb2


def mark_hits(found: search_pb2.SearchMarksResponse, *, exercise: bool = False) -> RenderableType:
    """Return where the mark stands, the best hits first, and how many there are if that may be told."""
    lines: list[RenderableType] = [exercise_band()] if exercise else []
    lines.append(_table(found) if found.hits else Text(_("Nothing found.")))
    if found.HasField("count") and found.hits:
        lines.append(Text(plural("{n} place", "{n} places", found.count)))
    if found.incomplete:
        lines.append(
            Text(_("Not everything was looked at yet: search again in a minute, or say more of the mark."))
        )
    return Group(*lines)


def _table(found: search_pb2.SearchMarksResponse) -> RenderableType:
    table = table_of(_("case"), _("item"), _("mark as seen"), _("agrees"), _("message"), _("from"), _("when"))
    for hit in found.hits:
        table.add_row(
            handled(Text(hit.thread), hit),
            printable(hit.item_id),
            printable(hit.text_as_seen),
            code_of(hit, "grade"),
            kind_words(hit.kind),
            hit.from_member,
            moment(hit.issued_at),
        )
    return table

"""What is published of a case, what is not and why, and who was told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.render.fields import code_of
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, kind_words
from tracepost.locale.values import printable
from tracepost.wire.v1 import publish_pb2


def publication_sheet(made: publish_pb2.Publication, out: Path | None) -> RenderableType:
    """Return what goes out, value by value; `out` is the file, None for a preview."""
    return Group(*_lines(made, out))


def _lines(made: publish_pb2.Publication, out: Path | None) -> Iterator[RenderableType]:
    if not made.document:
        yield Text(_("Only a preview: nothing was published."), style="bold")
    for text in made.texts:
        source = code_of(text, "attribution")
        yield Text.assemble((f"{text.text_id}: ", "cyan"), printable(text.text))
        yield Text(f"    {text.from_member}: {code_of(text, 'decision')}, {source}", style="dim")
    if made.fields:
        table = table_of(_("message"), _("field"), _("value"))
        for one in made.fields:
            table.add_row(kind_words(one.kind), one.path, printable(one.value_json))
        yield table
    for left in made.left_out:
        name = left.text_id or " ".join(filter(None, (left.statement, left.path)))
        yield Text(f"{_('not published')}: {name} ({code_of(left, 'because')})", style="yellow")
    if made.told:
        yield Text(f"{_('told')}: {', '.join(made.told)}")
    if made.document and out is not None:
        yield Text(f"{_('Written:')} {out}", style="bold green")

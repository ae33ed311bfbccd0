"""Mandates as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from tracepost.cli.render.fields import codes_of
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _
from tracepost.sdk.mandates import HeldMandate


def mandate_table(held: Sequence[HeldMandate]) -> RenderableType:
    """Return who may do what for whom, and until when."""
    if not held:
        return Text(_("There is no mandate here."))
    table = table_of(
        _("State"),
        _("operation"),
        _("may"),
        _("for"),
        _("with"),
        _("from"),
        _("until"),
        _("case"),
        _("statement"),
    )
    for one in held:
        said = one.mandate
        table.add_row(
            one.host,
            said.operation,
            ", ".join(codes_of(said, "acts")),
            ", ".join(codes_of(said, "purposes")),
            ", ".join(said.may_address) or _("all"),
            said.valid_from,
            Text(_("ended"), style="bold") if one.ended else said.valid_until,
            one.case,
            one.statement,
        )
    return table

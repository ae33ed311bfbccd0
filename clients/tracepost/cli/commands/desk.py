"""`tracepost desk …`: the desks of this member."""

from __future__ import annotations

import typer

from tracepost.cli.options import NodeOptions
from tracepost.cli.render import office as sheets
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.sdk.wire_json import all_to_json

app = typer.Typer(no_args_is_help=True, help=_("The desks of this member."))


@verb(app, "list")
async def list_desks(node: NodeOptions) -> Result:
    """List the desks: whether peers know of them, who oversees what they send, and whether they are unlocked."""
    async with connected(node) as client:
        status = await client.get_status()
    return Result({"desks": all_to_json(status.desks)}, sheets.desks(status.desks))

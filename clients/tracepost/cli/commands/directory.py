"""`tracepost directory …`: who is in the network, and papers carried by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.message import DecodeError
from rich.text import Text

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.options import NodeOptions
from tracepost.cli.render import lists
from tracepost.cli.render.members import member_sheet
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.members import look_up
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import post_pb2

app = typer.Typer(no_args_is_help=True, help=_("The members of the network and their papers."))


@verb(app, "list")
async def list_directory(node: NodeOptions) -> Result:
    """List the members of the trust list and what is known of each."""
    async with connected(node) as client:
        lines = await client.list_directory()
    return Result({"members": all_to_json(lines)}, lists.directory(lines))


@verb(app, "show")
async def show(
    member: Annotated[str, typer.Argument(metavar="MEMBER", help=_("Member id."))], node: NodeOptions
) -> Result:
    """Show a member: its offices and desks, what it declares for every case, how it marks arms."""
    async with connected(node) as client:
        known = await look_up(client, member)
    practices = [{"statement": one.statement, **to_json(one.practice)} for one in known.practices]
    data = {"entry": to_json(known.entry), "marking_practices": practices}
    return Result(data, member_sheet(known, datetime.now(UTC).strftime("%Y-%m-%d")))


@verb(app, "import")
async def import_papers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Papers that another member exported."))],
    node: NodeOptions,
) -> Result:
    """Give the node another member's papers from a file; they are verified before they are kept."""
    try:
        papers = post_pb2.Announcement.FromString(read_bytes(file))
    except DecodeError as fault:
        raise InvalidInputError(_("The file holds no papers of a member."), where=str(file)) from fault
    async with connected(node) as client:
        taken = await client.import_papers(papers)
    words = _("New: {papers}").format(papers=", ".join(taken)) if taken else _("Nothing was new.")
    return Result({"member": papers.member, "taken": taken}, Text(words))


@verb(app, "export")
async def export_papers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Where to write."))],
    node: NodeOptions,
) -> Result:
    """Write the own member's papers to a file, to be carried to a node without a network."""
    async with connected(node) as client:
        papers = await client.export_papers()
    write_bytes(file, papers.SerializeToString())
    return Result({"member": papers.member, "path": str(file)}, Text(str(file)))

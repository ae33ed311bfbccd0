"""`tracepost deletion …`: deletions of criminal-justice and personal data, which another officer looks at first."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.options import NodeOptions
from tracepost.cli.profile import read_profile
from tracepost.cli.progress import progress
from tracepost.cli.render import office as sheets
from tracepost.cli.session import connected, open_client, read_papers
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import NotFoundError
from tracepost.sdk.office import make_deletion_word
from tracepost.sdk.wire_json import all_to_json, to_json

app = typer.Typer(
    no_args_is_help=True,
    help=_("Deletions of criminal-justice and personal data, which another officer looks at first."),
)

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help=_("Number of the deletion."))]


@verb(app, "list")
async def list_deletions(node: NodeOptions) -> Result:
    """List the deletions that were asked for at your desks, and what came of them."""
    async with connected(node) as client:
        found = (await client.office.list_deletions()).deletions
    return Result({"deletions": all_to_json(found)}, sheets.deletions(found))


@verb(app, "approve")
async def approve(number: NumberArgument, node: NodeOptions) -> Result:
    """Approve what another officer wants deleted: it is deleted at once; older backups keep it for some time."""
    return await _decide(number, node, Decision.APPROVED)


@verb(app, "refuse")
async def refuse(number: NumberArgument, node: NodeOptions) -> Result:
    """Refuse a deletion, stop a delayed one, or take back what you asked."""
    return await _decide(number, node, Decision.REFUSED)


async def _decide(number: int, node: NodeOptions, decision: Decision) -> Result:
    profile = read_profile(node.profile)
    papers = read_papers(profile)
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            found = await client.office.list_deletions()
            asked = next((one for one in found.deletions if one.number == number), None)
            if asked is None:
                raise NotFoundError(_("There is no such deletion at your desks."), where="NUMBER")
            word = make_deletion_word(asked, decision, papers, found.clock)
            made = await client.office.decide_deletion(word)
    return Result(to_json(made), sheets.deletions([made]))

"""`tracepost post …`: what waits for whom, what came to no end, whom this node does not talk with."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.options import NodeOptions, code_option, option
from tracepost.cli.progress import progress
from tracepost.cli.render import post as sheets
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import delivery_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("Mail on its way: queues, dead letters, members blocked here.")
)

MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help=_("Member id."))]
LetterArgument = Annotated[
    str, typer.Argument(metavar="ENVELOPE", help=_("Id of the envelope, or its beginning (8 characters)."))
]
ReasonOption = Annotated[str | None, option("--reason", _("Why, for your own officers."))]


@verb(app, "show")
async def show(node: NodeOptions) -> Result:
    """Show what waits for whom on which road, which members are blocked, and whether mail is taken."""
    async with connected(node) as client:
        found = await client.post.show()
    return Result(to_json(found), sheets.post_sheet(found))


@verb(app, "dead")
async def dead(node: NodeOptions) -> Result:
    """List mail of ours that was not delivered in time, or that the addressee's node refused."""
    async with connected(node) as client:
        found = await client.post.list_dead_letters()
    return Result({"letters": all_to_json(found)}, sheets.dead_letters(found))


@verb(app, "sent")
async def sent(
    node: NodeOptions,
    standing: Annotated[
        int | None, code_option("--standing", delivery_pb2.SentStanding, _("Only mail that came so far."))
    ] = None,
    after: Annotated[
        str | None, option("--after", _("Go on behind this place, as the list before said it."))
    ] = None,
) -> Result:
    """List what your desk sent, newest first: where each message is, since when, and the newest reply to it."""
    async with connected(node) as client:
        found = await client.post.list_sent(standing, page_token=after)
    return Result(to_json(found), sheets.sent_letters(found))


@verb(app, "resend")
async def resend(letter: LetterArgument, node: NodeOptions) -> Result:
    """Send the same statement once more, in a new envelope. However often it comes, it has one effect."""
    async with connected(node) as client:
        with progress(_("Asking the node")):
            made = await client.post.resend(letter.lower())
    return Result(to_json(made), sheets.resent(made))


@verb(app, "block")
async def block(member: MemberArgument, node: NodeOptions, reason: ReasonOption = None) -> Result:
    """Block a member at this node: nothing of it is taken, nothing goes to it, what waits stays.

    The member is told to come back later, and no more. Where the settings ask for two officers, the second
    blocks it too.
    """
    async with connected(node) as client:
        made = await client.post.block(member, reason)
    return Result(to_json(made), sheets.blocks([made]))


@verb(app, "unblock")
async def unblock(member: MemberArgument, node: NodeOptions, reason: ReasonOption = None) -> Result:
    """Take a block away, or refuse one that another officer proposed. What waited goes at once."""
    async with connected(node) as client:
        made = await client.post.unblock(member, reason)
    return Result(to_json(made), sheets.blocks([made]))


@verb(app, "gaps")
async def gaps(
    node: NodeOptions,
    member: Annotated[str | None, typer.Argument(metavar="MEMBER", help=_("Member id; none: all."))] = None,
) -> Result:
    """Report what became of each number between us and others: never assigned, no custody, custody, delivered.

    On a direct road it does not tell what was lost from what was kept back.
    """
    async with connected(node) as client:
        found = await client.post.list_gaps(member)
    return Result(to_json(found), sheets.gaps(found))

"""`tracepost release …`: mail of ours that waits for a second officer, is delayed, or is to be reviewed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from tracepost.cli.options import NodeOptions, option
from tracepost.cli.profile import read_profile
from tracepost.cli.progress import progress
from tracepost.cli.render import office as sheets
from tracepost.cli.session import connected, open_client, read_papers
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.approval import Decision
from tracepost.sdk import Client, message_of
from tracepost.sdk.attachments import take_out
from tracepost.sdk.enclosures import ending_of, named_files
from tracepost.sdk.office import make_word
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import desk_pb2, office_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("Mail that a second officer looks at, before it goes or after.")
)

StatementArgument = Annotated[
    str,
    typer.Argument(
        metavar="STATEMENT", help=_("Digest of the statement, or its beginning: 8 characters or more.")
    ),
]


@verb(app, "list")
async def list_releases(
    node: NodeOptions,
    *,
    decided: Annotated[bool, option("--decided", _("Those decided on too, of the last 90 days."))] = False,
) -> Result:
    """List what waits for a second officer, what is delayed, and what is to be reviewed."""
    async with connected(node) as client:
        found = await client.office.list_releases(decided=decided)
    return Result({"releases": all_to_json(found.releases)}, sheets.releases(found.releases))


@verb(app, "show")
async def show(
    statement: StatementArgument,
    node: NodeOptions,
    *,
    out: Annotated[
        Path | None,
        option("--out", _("Folder to write its photographs and files to, if it waits for your word.")),
    ] = None,
) -> Result:
    """Show one message as your desk sees it, before you decide."""
    async with connected(node) as client:
        view = await client.office.show_release(statement)
        if out is not None:
            await _write_files(client, view, out)
    return Result(to_json(view), sheets.release_view(view))


async def _write_files(client: Client, view: office_pb2.ReleaseView, folder: Path) -> None:
    message, release = message_of(view.shown.content), view.line.statement
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for one in named_files(message, "sha256"):
        part = await client.fetch_part("", one.sha256, release=release)
        ending = part.media_type.rpartition("/")[2] or "bin"
        path = folder / f"{one.sha256.hex()[:16]}.{ending}"
        await asyncio.to_thread(path.write_bytes, part.content)
    for one in named_files(message, "content_sha256"):
        path = folder / f"{one.address.hex()[:16]}.{ending_of(one.media_type)}"
        await take_out(client, "", one.address, path, release=release)


@verb(app, "approve")
async def approve(statement: StatementArgument, node: NodeOptions) -> Result:
    """Let a message of another officer go, or agree to an urgent one that went."""
    return await _decide(statement, node, Decision.APPROVED, "")


@verb(app, "refuse")
async def refuse(
    statement: StatementArgument,
    node: NodeOptions,
    *,
    reason: Annotated[str, typer.Option("--reason", help=_("Why, in one line; no case data."))],
) -> Result:
    """Stop a message for ever, take back your own, or object to an urgent one that went."""
    return await _decide(statement, node, Decision.REFUSED, reason)


async def _decide(statement: str, node: NodeOptions, decision: Decision, reason: str) -> Result:
    profile = read_profile(node.profile)
    papers = read_papers(profile)
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            view = await client.office.show_release(statement)
            made = await client.office.decide_release(make_word(view, decision, papers, reason))
    return Result(to_json(made), Text(_said(made)))


def _said(made: office_pb2.ReleaseLine) -> str:
    words: dict[Any, str] = {
        desk_pb2.RELEASE_STATE_RELEASED: _("It is on its way. Log entry {number}"),
        desk_pb2.RELEASE_STATE_REVIEWED: _("Reviewed. Log entry {number}"),
        desk_pb2.RELEASE_STATE_OBJECTED: _(
            "Your objection is on record, log entry {number}. The message went: correct or withdraw it in its case."
        ),
        desk_pb2.RELEASE_STATE_REFUSED: _("It will not be sent. The draft can still be read here."),
    }
    return words[made.state].format(number=f"#{made.log_index}")

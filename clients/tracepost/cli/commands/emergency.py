"""`tracepost emergency …`: to read what the policies refuse, on the word of two officers, and the provider is told."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.options import NodeOptions, option
from tracepost.cli.profile import read_profile
from tracepost.cli.progress import progress
from tracepost.cli.render import office as sheets
from tracepost.cli.render.case import statement_sheet
from tracepost.cli.session import connected, open_client, read_papers
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import ConfigurationError, NotFoundError
from tracepost.protocol.identity import read_identity
from tracepost.sdk import OfficerPapers, message_of
from tracepost.sdk.enclosures import named_files
from tracepost.sdk.office import make_emergency, make_emergency_word
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import office_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("Read what the policies refuse, on the word of two officers, for 24 hours.")
)

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help=_("Number of the request."))]


@verb(app, "ask")
async def ask(
    statements: Annotated[
        list[str],
        typer.Argument(metavar="STATEMENT...", help=_("Digests of the statements, at most sixteen.")),
    ],
    node: NodeOptions,
    *,
    reason: Annotated[str, typer.Option("--reason", help=_("Why, in one line; no case data."))],
) -> Result:
    """Ask to read statements that are refused to your desk; another officer must approve it."""
    profile = read_profile(node.profile)
    papers = read_papers(profile)
    desk = node.desk or profile.desk or ""
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            clock = (await client.office.list_emergencies()).clock
            number = _officer(papers, profile.domain)
            request = make_emergency(statements, desk, reason, officer=number, papers=papers, now=clock)
            made = await client.office.ask_emergency(request)
    words = _("Another officer: tracepost emergency approve {number}").format(number=made.number)
    return Result(to_json(made), Group(sheets.emergencies([made]), Text(words, style="bold")))


@verb(app, "approve")
async def approve(number: NumberArgument, node: NodeOptions) -> Result:
    """Approve what another officer asked: he may read it for 24 hours, and its providers are told."""
    return await _decide(number, node, Decision.APPROVED)


@verb(app, "refuse")
async def refuse(number: NumberArgument, node: NodeOptions) -> Result:
    """Refuse what an officer asked, or take back what you asked."""
    return await _decide(number, node, Decision.REFUSED)


@verb(app, "list")
async def list_emergencies(node: NodeOptions) -> Result:
    """List what was asked at your desks, and what came of it."""
    async with connected(node) as client:
        found = (await client.office.list_emergencies()).emergencies
    return Result({"emergencies": all_to_json(found)}, sheets.emergencies(found))


@verb(app, "show")
async def show(
    number: NumberArgument,
    node: NodeOptions,
    *,
    out: Annotated[Path | None, option("--out", _("Folder to write the photographs to."))] = None,
) -> Result:
    """Show what was granted to you, while it lasts; each look is on record."""
    async with connected(node) as client:
        view = await client.office.show_emergency(number)
        if out is not None:
            for digest in _photographs(view):
                got = await client.office.show_emergency(number, photograph=digest)
                await asyncio.to_thread(_write, out, digest, got)
    parts = [sheets.emergencies([view.emergency]), *map(statement_sheet, view.statements)]
    return Result(to_json(view), Group(*parts))


def _photographs(view: office_pb2.EmergencyView) -> list[bytes]:
    named = (named_files(message_of(one.content), "sha256") for one in view.statements)
    return list(dict.fromkeys(photograph.sha256 for some in named for photograph in some))


def _write(folder: Path, digest: bytes, got: office_pb2.EmergencyView) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{digest.hex()[:16]}.{got.media_type.rpartition('/')[2] or 'bin'}"
    (folder / name).write_bytes(got.photograph)


async def _decide(number: int, node: NodeOptions, decision: Decision) -> Result:
    profile = read_profile(node.profile)
    papers = read_papers(profile)
    async with open_client(profile, node.desk) as client:
        with progress(_("Asking the node")):
            found = await client.office.list_emergencies()
            asked = next((one for one in found.emergencies if one.number == number), None)
            if asked is None:
                raise NotFoundError(_("There is no such request at your desks."), where="NUMBER")
            word = make_emergency_word(asked, decision, papers, found.clock)
            made = await client.office.decide_emergency(word)
    return Result(to_json(made), sheets.emergencies([made]))


def _officer(papers: OfficerPapers, domain: str) -> str:
    number = read_identity(papers.certificates()[0], domain).officer
    if number is None:
        raise ConfigurationError(_("The certificate is not an officer's."), where="certificate")
    return number

"""`tracepost expiring`: everything of a node that ends on some day, the next first."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.findings import DAY_SECONDS
from tracepost.cli.options import NodeOptions
from tracepost.cli.render.fields import when
from tracepost.cli.render.lists import table_of
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import OurFault
from tracepost.sdk.wire_json import all_to_json
from tracepost.wire.v1 import desk_pb2

_SOON_DAYS = 30


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "expiring")(expiring)


async def expiring(
    *,
    within: Annotated[
        int | None, typer.Option("--within", min=0, help=_("Only what ends within so many days."))
    ] = None,
    node: NodeOptions,
) -> Result:
    """List certificates, lists, entries, mandates, consents and drills by the day they end; exit 5 if one has."""
    async with connected(node) as client:
        status = await client.get_status()
    now = int(time.time())
    papers = sorted(status.papers, key=lambda paper: (paper.expires_at, paper.name))
    if within is not None:
        papers = [paper for paper in papers if paper.expires_at <= now + within * DAY_SECONDS]
    is_over = any(paper.expires_at <= now and not paper.name.startswith("mandate") for paper in papers)
    return Result({"papers": all_to_json(papers)}, _sheet(papers, now), OurFault.exit_code if is_over else 0)


def _sheet(papers: list[desk_pb2.ExpiringPaper], now: int) -> Group:
    table = table_of(_("ends"), _("in"), _("what"))
    for paper in papers:
        days = (paper.expires_at - now) // DAY_SECONDS
        left = plural("{n} day", "{n} days", days) if paper.expires_at > now else _("it is over")
        style = "bold red" if paper.expires_at <= now else "yellow" if days < _SOON_DAYS else ""
        table.add_row(when(paper.expires_at), Text(left, style=style), paper.name)
    return Group(table)

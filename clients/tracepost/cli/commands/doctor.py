"""`tracepost doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import dataclasses

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.examination import Finding, Level, examine
from tracepost.cli.options import NodeOptions
from tracepost.cli.progress import progress
from tracepost.cli.render.lists import table_of
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import OurFault

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "doctor")(doctor)


async def doctor(node: NodeOptions) -> Result:
    """Look at papers, clock, connection, peers, disk and escrow; each line says what to do."""
    with progress(_("Examining")):
        findings = [finding async for finding in examine(node)]
    failed = any(finding.level is Level.FAIL for finding in findings)
    data = {"findings": [dataclasses.asdict(finding) for finding in findings]}
    return Result(data, _sheet(findings), OurFault.exit_code if failed else 0)


def _sheet(findings: list[Finding]) -> RenderableType:
    table = table_of("", _("looked at"), _("found"), _("what to do"))
    for finding in findings:
        mark = Text(finding.level.value, style=_STYLES[finding.level])
        table.add_row(mark, finding.subject, finding.words, finding.remedy)
    return Group(table)

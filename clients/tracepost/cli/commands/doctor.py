"""`tracepost doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.authority_machine import examine_authority
from tracepost.cli.console_machine import examine_console
from tracepost.cli.examination import examine
from tracepost.cli.findings import Finding, Level
from tracepost.cli.machine import examine_machine
from tracepost.cli.options import NodeOptions, option
from tracepost.cli.profile_file import find_profile
from tracepost.cli.progress import progress
from tracepost.cli.relay_machine import examine_relay
from tracepost.cli.render.lists import table_of
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.locale.values import printable
from tracepost.protocol.errors import OurFault

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "doctor")(doctor)


async def doctor(
    *,
    folder: Annotated[
        Path | None,
        option(
            "--folder",
            _(
                "Folder of a node, relay, authority or console, on its own machine: look at it too, whether it runs"
                " or not."
            ),
        ),
    ] = None,
    node: NodeOptions,
) -> Result:
    """Look at papers, clock, roads, log, queue, disk and escrow; each line says how it is and what to do."""
    with progress(_("Examining")):
        findings = [finding async for finding in _examine_folder(folder)] if folder else []
        if folder is None or find_profile(node.profile).exists():
            findings += [finding async for finding in examine(node)]
    failed = any(finding.level is Level.FAIL for finding in findings)
    data = {"findings": [dataclasses.asdict(finding) for finding in findings]}
    return Result(data, _sheet(findings), OurFault.exit_code if failed else 0)


async def _examine_folder(folder: Path) -> AsyncIterator[Finding]:
    """Look at what lies in a folder, by the name of its settings; without any it is taken for a node's."""
    if (folder / "relay.toml").exists():
        for finding in examine_relay(folder):
            yield finding
    elif (folder / "authority.toml").exists():
        for finding in examine_authority(folder):
            yield finding
    elif (folder / "console.toml").exists():
        for finding in await asyncio.to_thread(lambda: [*examine_console(folder)]):
            yield finding
    else:
        async for finding in examine_machine(folder):
            yield finding


def _sheet(findings: list[Finding]) -> RenderableType:
    table = table_of("", _("looked at"), _("found"), _("what to do"))
    for finding in findings:
        mark = Text(finding.level.value, style=_STYLES[finding.level])
        # Names of issuers and addresses are of others: they are no orders to a terminal, and no markup.
        told = (finding.subject, finding.words, finding.remedy)
        table.add_row(mark, *(Text(printable(one)) for one in told))
    return Group(table)

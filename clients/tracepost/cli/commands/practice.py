"""`tracepost practice`: a network of fictional members to learn with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.text import Text

from tracepost.cli.render.lists import table_of
from tracepost.cli.verb import Result, machine_reads, verb
from tracepost.cli.words import _

_MEMBERS = ["xaa", "xab", "xac", "un-panel-xyz", "un-mission-xyz"]


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "practice")(practice)


def practice(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=_("Folder for all of it; empty, or not there yet."))
    ],
    member: Annotated[
        list[str], typer.Option("--member", help=_("Fictional member to take part; again for more."))
    ] = _MEMBERS,
) -> Result:
    """Run a practice network on this machine until you end it (Ctrl-C): fictional members, real nodes, a relay.

    Each desk of each member has an officer with a profile; name it in TRACEPOST_PROFILE and work as that officer
    in another window. Nothing leaves the machine. While it runs, FOLDER/profiles.json is there.
    """
    from tracepost.cli.practice import run_practice

    def tell(profiles: Any) -> None:
        if not machine_reads():
            Console(highlight=False).print(_sheet(profiles))

    profiles = run_practice(folder, member, tell)
    data = {name: {desk: str(path) for desk, path in desks.items()} for name, desks in profiles.items()}
    return Result({"profiles": data}, Text(_("It has ended; the files are still there.")))


def _sheet(profiles: Any) -> RenderableType:
    table = table_of(_("member"), _("desk"), _("profile"))
    for member, desks in profiles.items():
        for desk, path in desks.items():
            table.add_row(member, desk, str(path))
    return Group(table, Text(_("It runs until you end it with Ctrl-C.")))

"""`tracepost practice`: a network of fictional members to learn with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.measure import Measurement
from rich.text import Text

from tracepost.cli.render.lists import table_of
from tracepost.cli.verb import Result, machine_reads, verb
from tracepost.cli.words import _

_WIDEST = 2000
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
    console: Annotated[
        bool, typer.Option("--console", help=_("Also run a web console for each member."))
    ] = False,
    robot: Annotated[
        list[str] | None,
        typer.Option("--robot", help=_("Run robots that answer exercises for this member; again for more.")),
    ] = None,
) -> Result:
    """Run a practice network on this machine until you end it (Ctrl-C): fictional members, real nodes, a relay.

    Each desk of each member has an officer with a profile; name it in TRACEPOST_PROFILE and work as that officer
    in another window. Nothing leaves the machine. While it runs, FOLDER/profiles.json is there.
    """
    from tracepost.cli.practice import run_practice

    def tell(profiles: Any) -> None:
        if not machine_reads():
            _print_whole(_sheet(profiles))

    def tell_consoles(consoles: Any) -> None:
        if not machine_reads():
            _print_whole(_consoles(consoles))

    profiles = run_practice(folder, member, tell, tell_consoles if console else None, robot or ())
    data = {name: {desk: str(path) for desk, path in desks.items()} for name, desks in profiles.items()}
    return Result({"profiles": data}, Text(_("It has ended; the files are still there.")))


def _print_whole(told: Group) -> None:
    """Print without a break in what is copied, such as a path: a line that is too long goes on in the next."""
    console = Console(highlight=False)
    wide = console.options.update(width=_WIDEST)
    console.width = max(
        console.width, *(Measurement.get(console, wide, one).maximum for one in told.renderables)
    )
    console.print(told)


def _consoles(consoles: Any) -> Group:
    from tracepost.cli.demonstration.consoles import BROWSER_PASSPHRASE

    table = table_of(_("member"), _("address"), _("desk"), _("certificate for the browser"))
    for member, site in consoles.items():
        for desk, path in site.officers.items():
            table.add_row(member, site.origin, desk, str(path))
    words = _(
        "Import one into a browser (passphrase: {passphrase}). It warns: no browser knows these authorities."
    )
    return Group(table, Text(words.format(passphrase=BROWSER_PASSPHRASE)))


def _sheet(profiles: Any) -> Group:
    table = table_of(_("member"), _("desk"), _("profile"))
    for member, desks in profiles.items():
        for desk, path in desks.items():
            table.add_row(member, desk, str(path))
    return Group(table, Text(_("It runs until you end it with Ctrl-C.")))

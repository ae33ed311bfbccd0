"""`tracepost drill`: the newest backup brought back in a scratch place, to know that it can be."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.progress import progress
from tracepost.cli.render.lists import table_of
from tracepost.cli.render.moments import moment_of, span_of
from tracepost.cli.shares import OpeningOptions
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import OurFault

_TOO_OLD_HOURS = 3


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "drill")(drill)


def drill(
    place: Annotated[
        Path, typer.Argument(metavar="BACKUPS", help=_("Folder of backups, or one of them (*.backup)."))
    ],
    *,
    scratch: Annotated[
        Path | None, option("--scratch", _("Where it is brought back, for as long as it takes."))
    ] = None,
    older_than: Annotated[
        int, typer.Option("--older-than", metavar="HOURS", min=1, help=_("An older backup is a fault."))
    ] = _TOO_OLD_HOURS,
    opening: OpeningOptions,
    passphrase: PassphraseOptions,
) -> Result:
    """Bring the newest backup back in a scratch place, look at it, say how long it took, and remove it again.

    Opened with the shares of the escrow, the keys of all desks are brought back too. Exit code 5 if the backup is
    whole but too old.

    Example: tracepost drill /srv/backup/xaa --trust trust.json
    """
    from tracepost.node.backup.drill import drill as run
    from tracepost.node.backup.shelf import Shelf

    path = Shelf(place).newest(int(time.time())) if place.is_dir() else place
    key = opening.open(passphrase)
    with (
        progress(_("Bringing the backup back")),
        tempfile.TemporaryDirectory(prefix="tracepost-drill-", dir=scratch) as found,
    ):
        done = run(
            path,
            key,
            Path(found) / "node",
            anchor=opening.anchor(),
            now=int(time.time()),
            stopwatch=time.monotonic,
            by_shares=opening.key is None,
        )
    is_old = done.age > older_than * 3600
    data = {
        **dataclasses.asdict(done),
        "path": str(done.path),
        "verdict": "too-old" if is_old else "well",
    }
    return Result(data, _drill_sheet(done, is_old), OurFault.exit_code if is_old else 0)


def _drill_sheet(done: Any, is_old: bool) -> Group:
    table = table_of(_("looked at"), _("found"))
    table.add_row(_("backup"), done.path.name)
    table.add_row(_("made"), f"{moment_of(done.about.made)} ({span_of(done.age)})")
    table.add_row(_("log"), plural("{n} log entry", "{n} log entries", done.about.log_size))
    for name, count in done.rows.items():
        table.add_row(name.replace("_", " "), str(count))
    table.add_row(_("keys of desks"), ", ".join(done.desks))
    if done.recovered is None:
        table.add_row(_("shares"), _("not tried"))
    else:
        table.add_row(_("brought back by shares"), ", ".join(done.recovered))
    table.add_row(_("took"), f"{done.seconds:.1f} s")
    words = (
        _("It is whole and comes back, but it is too old.") if is_old else _("It is whole and comes back.")
    )
    return Group(table, Text(words, style="bold yellow" if is_old else "bold green"))

"""`tracepost backup`: one encrypted backup of a node, which may be serving."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.options import option
from tracepost.cli.progress import progress
from tracepost.cli.render.lists import table_of
from tracepost.cli.render.moments import moment_of
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import InvalidInputError

_MIB = 1 << 20


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "backup")(backup)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the node."))],
    *,
    to: Annotated[
        Path | None, option("--to", _("Folder of backups, else the one that the settings name."))
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help=_("Show the backups that there are."))] = False,
) -> Result:
    """Make one encrypted backup of a node, which may be serving, and remove those that are too old.

    It holds the store, keys, papers, attachments and archives, and the authority's folder if the settings name it.
    It is sealed to the shares of the escrow, and to the keys in [backup] keys: the node itself cannot open it.

    Example: tracepost backup /var/lib/tracepost/node --to /srv/backup/xaa
    """
    from tracepost.node.backup.making import make_backup
    from tracepost.node.config import load_config
    from tracepost.node.installation import CONFIG_NAME

    config = load_config(folder / CONFIG_NAME)
    place = to or (config.folder / config.backup.folder if config.backup.folder else None)
    if place is None:
        raise InvalidInputError(
            _("Say where backups are to stand."), where="--to", remedy=_("Or set folder in [backup].")
        )
    if listed:
        return _list(place, str(config.member))
    with progress(_("Making a backup")):
        made = make_backup(config, place, now=int(time.time()))
    data = {
        "path": str(made.path),
        "about": dataclasses.asdict(made.about),
        "bytes": made.size,
        "files": made.files,
        "files_copied": made.copied,
        "removed": [str(path) for path in made.removed],
    }
    lines = [
        Text(str(made.path), style="bold"),
        Text(
            plural("{n} log entry is in it.", "{n} log entries are in it.", made.about.log_size)
            + " "
            + _("It was read back and is whole.")
        ),
    ]
    if made.removed:
        lines.append(
            Text(plural("{n} older one was removed.", "{n} older ones were removed.", len(made.removed)))
        )
    return Result(data, Group(*lines))


def _list(place: Path, member: str) -> Result:
    from tracepost.node.backup.shelf import Shelf

    found = Shelf(place).all(member)
    table = table_of(_("made"), _("file"), "MiB")
    for one in found:
        table.add_row(moment_of(one.made), one.path.name, f"{one.path.stat().st_size / _MIB:.1f}")
    data = [{"made": moment_of(one.made), "path": str(one.path)} for one in found]
    return Result({"backups": data}, table)

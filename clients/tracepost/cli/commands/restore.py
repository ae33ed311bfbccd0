"""`tracepost restore`: a node put back from a backup, on a new machine."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.progress import progress
from tracepost.cli.render.moments import moment_of, span_of
from tracepost.cli.shares import OpeningOptions
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(metavar="BACKUP", help=_("Backup to put back (*.backup)."))],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=_("Folder of the node; empty, or not there yet."))
    ],
    *,
    database: Annotated[
        str, option("--database", _("Empty database to fill, in place of the one in the settings."))
    ] = "",
    opening: OpeningOptions,
    passphrase: PassphraseOptions,
) -> Result:
    """Put a node back from a backup, on a new machine; everything is proved before anything is put in place.

    The shares of the escrow open it, or a backup key. Say whom you believe: the trust list of the network, which any
    other member can give you, or its fingerprint, which you have on paper. The node does not serve before
    tracepost log recover has asked the others what came after the backup.

    Example: tracepost restore xaa-20270131T180000Z.backup /var/lib/tracepost/node --trust trust.json
    """
    from tracepost.node.backup.restoring import restore_backup

    key = opening.open(passphrase)
    with progress(_("Reading and proving the backup")):
        done = restore_backup(
            file, folder, key, anchor=opening.anchor(), now=int(time.time()), database=database
        )
    data = {
        "member": str(done.about.member),
        "folder": str(done.folder),
        "made": moment_of(done.about.made),
        "age_seconds": done.age,
        "log_size": done.about.log_size,
        "files": done.files,
        "database_filled": done.database,
        "authority": str(done.authority) if done.authority else None,
    }
    lines = [
        Text(f"{done.folder}: {_('member')} {done.about.member}", style="bold"),
        Text(
            _("The backup is {age} old: it was made at {moment}, when the log had {size} entries.").format(
                age=span_of(done.age), moment=moment_of(done.about.made), size=done.about.log_size
            ),
            style="bold yellow",
        ),
        Text(_("What came and was sent since then is not in it. Now, in this order:")),
        Text(f"1. tracepost log recover {done.folder}"),
        Text(_("2. Send the new log key that it prints to the stewards.")),
        Text(f"3. tracepost node serve {done.folder}"),
        Text(_("4. Ask your officers what they sent since then; what had not left the machine is lost.")),
    ]
    if done.authority:
        lines.append(
            Text(
                _("The authority publishes nothing before it has learned what it forgot:")
                + f" tracepost ca restore {done.authority} --crl {done.folder}/keys/crl.der"
            )
        )
    if database:
        lines.append(Text(_("Write the address of the database into node.toml, [store] url.")))
    return Result(data, Group(*lines))

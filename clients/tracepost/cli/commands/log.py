"""`tracepost log …`: the evidence log, for those who look after it and for auditors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.options import option
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, plural
from tracepost.protocol.errors import InvalidInputError

app = typer.Typer(
    no_args_is_help=True,
    help=_(
        "The evidence log: what a member signed, sent, received and opened, in a form that nobody can rewrite."
    ),
)

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help=_("Folder of the node."))]


@verb(app, "recover")
async def recover(
    folder: FolderArgument,
    *,
    heads: Annotated[
        list[Path] | None,
        option("--head", _("File with a signed head of the old log that somebody kept; again for more.")),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=_("Also if nobody knows a head beyond this store."))
    ] = False,
) -> Result:
    """Begin a new log after the store was restored from a backup; the node does not run meanwhile.

    A node whose store is older than what relay and peers hold of its log does not start: it would sign a second
    history. This makes a new key and a new log, whose first entry names the newest head of the old one, and
    fetches revocation lists and trust lists. The stewards then put the new key into the trust list and end the
    old one with the head that is written here; until then others take no mail from the new log.
    """
    from tracepost.node.bootstrap import recover_node
    from tracepost.node.config import load_config
    from tracepost.node.installation import CONFIG_NAME

    config = load_config(folder / CONFIG_NAME)
    done = await recover_node(config, heads=[_note_in(path) for path in heads or []], anyway=anyway)
    kept = folder / "requests" / f"log-{done.epoch - 1}-last-head.note"
    write_bytes(kept, done.old_head.encode("utf-8"))
    data = {
        "old_size": done.old_size,
        "entries_lost": done.lost,
        "old_head": str(kept),
        "log_key": done.log_key,
        "mail_entered_anew": done.entered,
        "asked": done.asked,
        "papers_taken": done.papers,
    }
    lines = [
        Text(_("A new log was begun. For the stewards, to be put into the trust list:")),
        Text(f"{_('new log key')}: {done.log_key}"),
        Text(f"{_('last head of the old log')}: {kept}"),
        Text(plural("{n} entry was lost.", "{n} entries were lost.", done.lost)),
        Text(
            plural(
                "{n} message of ours that nobody receipted goes out again.",
                "{n} messages of ours that nobody receipted go out again.",
                done.entered,
            )
        ),
        Text(plural("{n} newer paper was taken in.", "{n} newer papers were taken in.", done.papers)),
    ]
    if not done.asked:
        lines.append(
            Text(_("Nobody could be asked: what was revoked meanwhile is not known."), style="bold red")
        )
    return Result(data, Group(*lines))


def _note_in(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInputError(_("The file holds no head of a log."), where=str(path)) from fault

"""`tracepost pouch …`: mail, receipts and papers as files, for a node without a network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tracepost.cli.files import read_bytes
from tracepost.cli.options import NodeOptions, option
from tracepost.cli.pouch_file import read_pouch
from tracepost.cli.progress import progress
from tracepost.cli.render import pouches as sheets
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import PartialError
from tracepost.protocol.trustlist import load_first_unsafe
from tracepost.sdk.pouches import PouchCalls, SavedPouch
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import pouch_pb2

app = typer.Typer(
    no_args_is_help=True,
    help=_("Pouches: mail, receipts and papers as files that a courier carries, where there is no line."),
)

FilesArgument = Annotated[
    list[Path], typer.Argument(metavar="FILE…", help=_("Files of a pouch, in any order."))
]
MemberArgument = Annotated[str, typer.Argument(metavar="MEMBER", help=_("Member that it is for."))]
OutOption = Annotated[
    Path, option("--out", _("Folder or stick, where the files get names that say nothing; or a file."))
]
MostMibOption = Annotated[
    int | None,
    typer.Option("--most-mib", min=1, help=_("No file longer than this; else 2,000."), show_default=False),
]
OnlyNewOption = Annotated[bool, typer.Option("--new", help=_("Only mail that went in no earlier pouch."))]
OfMemberArgument = Annotated[str | None, typer.Argument(metavar="MEMBER", help=_("Member id; none: all."))]


@verb(app, "export")
async def export(
    member: MemberArgument,
    node: NodeOptions,
    *,
    out: OutOption,
    most_mib: MostMibOption = None,
    only_new: OnlyNewOption = False,
) -> Result:
    """Make a pouch of all that waits for a member: mail, receipts, papers, attachments.

    Nothing counts as gone by that. Until a receipt comes back the mail goes with every pouch, and on the line as soon
    as there is one; it has one effect, however often it comes. All of it is sealed: who finds the stick
    sees whose mail it is and how much, and no more.
    """
    async with connected(node, _("Making the pouch")) as client:
        with progress(_("Bytes written")) as advance:
            saved = await client.pouches.pack(
                member, out, most_mib=most_mib, only_new=only_new, progress=advance
            )
    return tell_made(saved)


@verb(app, "import")
async def import_(files: FilesArgument, node: NodeOptions) -> Result:
    """Take pouches in: judge each file as a whole, then do what is done with mail that comes by a line.

    A file that is damaged, forged or for another member changes nothing. The same file again changes nothing
    either, and its receipts go with your next pouch once more. Exit code 8: some of it could not be taken yet,
    or a file of the pouch is missing; what and where is said.
    """
    async with connected(node, _("Taking the pouch in")) as client:
        return tell_taken(files, await take_in(client.pouches, files))


@verb(app, "show")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("File of a pouch (*.tpouch)."))],
    *,
    trust: Annotated[Path | None, option("--trust", _("Trust list that you believe."))] = None,
) -> Result:
    """Show what lies in a file of a pouch, without a node: from whom, for whom, how many, when.

    What the mail says is sealed and not shown. Without --trust nobody vouches for who made it.
    """
    believed = load_first_unsafe(read_bytes(trust)) if trust is not None else None
    with progress(_("Reading the pouch")):
        contents = read_pouch(file, believed, int(time.time()))
    data: dict[str, Any] = {"proved": believed is not None, **sheets.contents_json(contents)}
    return Result(data, sheets.contents_sheet(contents, believed))


@verb(app, "list")
async def list_(
    node: NodeOptions,
    member: OfMemberArgument = None,
) -> Result:
    """List pouches that went and came, and how much of what went is unanswered."""
    async with connected(node) as client:
        return tell_pouches(await client.pouches.list_pouches(member))


async def take_in(pouches: PouchCalls, files: Sequence[Path]) -> list[pouch_pb2.UnpackingResult]:
    """Bring files of a pouch, one after the other; return what came of each."""
    results = []
    for path in files:
        size = path.stat().st_size if path.exists() else None
        with progress(f"{_('Bringing')} {path.name}", size) as advance:
            results.append(await pouches.unpack(path, advance))
    return results


def tell_made(saved: Sequence[SavedPouch]) -> Result:
    """Tell of a pouch that was made."""
    files = [{"path": str(one.path), "bytes": one.size, "contents": to_json(one.summary)} for one in saved]
    return Result({"files": files}, sheets.made(saved))


def tell_taken(files: Sequence[Path], results: Sequence[pouch_pb2.UnpackingResult]) -> Result:
    """Tell what came of files that were taken in."""
    named = list(zip(files, results, strict=True))
    waits = any(one.put_off or one.attachments_left for one in results)
    code = PartialError.exit_code if waits or sheets.missing_after(results) else 0
    data = {"files": [{"path": str(path), **to_json(one)} for path, one in named]}
    return Result(data, sheets.taken(named), code)


def tell_pouches(found: Sequence[pouch_pb2.PouchLine]) -> Result:
    """Tell which pouches went and came."""
    return Result({"pouches": all_to_json(found)}, sheets.pouches(found))

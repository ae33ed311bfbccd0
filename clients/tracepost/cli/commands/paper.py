"""`tracepost paper …`: a case, a statement, a slip or a letter as PDF; blank forms for the field."""

from __future__ import annotations

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from tracepost.cli.files import write_bytes
from tracepost.cli.options import CaseArgument, NodeOptions, option
from tracepost.cli.progress import progress
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import WORDS, _
from tracepost.locale import choose, has, tags
from tracepost.paper.packages import installed
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.enclosures import fetch_photographs

app = typer.Typer(
    no_args_is_help=True, help=_("A case, a statement, a slip or a letter as PDF; blank forms for the field.")
)


class Blank(enum.StrEnum):
    """Which blank form."""

    SEIZURE = "seizure"
    ITEM = "item"


LanguageOption = Annotated[
    str | None,
    option("--reader-language", _("Language of its reader, such as ar; else that of this program.")),
]
OutOption = Annotated[Path | None, option("--out", _("Where to write the PDF."))]
StatementArgument = Annotated[
    str, typer.Argument(metavar="STATEMENT", help=_("Digest of the statement, as the case shows it."))
]


@verb(app, "case")
async def case(
    case: CaseArgument, node: NodeOptions, language: LanguageOption = None, out: OutOption = None
) -> Result:
    """Print a whole case as PDF, as far as your desk may read it; every time is logged."""
    with installed():
        from tracepost.paper.printing import print_case
    async with connected(node) as client:
        view = await client.print_case(case)
        pictures = await fetch_photographs(client, case, view.statements)
    return _keep(
        lambda spoken: print_case(view, spoken, pictures), language, out, f"case-{view.summary.thread[:8]}"
    )


@verb(app, "statement")
async def statement(
    case: CaseArgument,
    statement: StatementArgument,
    node: NodeOptions,
    language: LanguageOption = None,
    out: OutOption = None,
) -> Result:
    """Print one statement of a case as PDF: a request in the order of ITI 17, an acknowledgement, an answer …"""
    with installed():
        from tracepost.paper.printing import print_case
    async with connected(node) as client:
        view = await client.print_case(case, statement)
        pictures = await fetch_photographs(client, case, view.statements)
    return _keep(
        lambda spoken: print_case(view, spoken, pictures, alone=True),
        language,
        out,
        f"statement-{statement[:8]}",
    )


@verb(app, "outgoing")
async def outgoing(
    statement: StatementArgument, node: NodeOptions, language: LanguageOption = None, out: OutOption = None
) -> Result:
    """Print the slip of an enquiry, or an outgoing letter, as PDF: what who gets it may read; every time is logged."""
    with installed():
        from tracepost.paper.printing import print_paper
    async with connected(node) as client:
        printed = await client.print_paper(statement)
        pictures = await fetch_photographs(client, printed.thread, [printed.paper])
    return _keep(
        lambda spoken: print_paper(printed, spoken, pictures), language, out, f"paper-{statement[:8]}"
    )


@verb(app, "form")
def form(
    which: Annotated[Blank, typer.Argument(metavar="FORM", help=_("seizure or item."))],
    language: LanguageOption = None,
    out: OutOption = None,
) -> Result:
    """Print a blank form for the field, to be filled in by hand and keyed in later. No node is asked."""
    with installed():
        from tracepost.paper.printing import print_form
    return _keep(lambda spoken: print_form(which, spoken), language, out, f"form-{which}")


def _keep(make: Callable[[str], Any], wish: str | None, out: Path | None, name: str) -> Result:
    """Make a document, write it, and tell where, with the codes that its pages bear."""
    from tracepost.paper.codes import write_groups

    if wish is not None and not has(wish):
        exist = _("There is no such language. These exist: {tags}.").format(tags=", ".join(tags()))
        raise InvalidInputError(exist, where="--reader-language")
    spoken = choose([wish]) if wish else WORDS.language.tag
    with progress(_("Laying out the pages")):
        printout = make(spoken)
    path = out or Path(f"{name}.{spoken}.pdf")
    write_bytes(path, printout.pdf, secret=True)
    document = write_groups(printout.codes[0].document) if printout.codes else None
    codes = [write_groups(one.digest) for one in printout.codes]
    data = {
        "path": str(path),
        "language": spoken,
        "bytes": len(printout.pdf),
        "document": document,
        "pages": codes,
    }
    lines = [Text(str(path))]
    if document is not None:
        lines.append(Text(f"{_('Document')} {document}"))
    return Result(data, Group(*lines))

"""`tracepost trace publish`: a file of what of a case may be published, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracepost.cli.commands.trace.sharing import FieldsOption, find_statement, split
from tracepost.cli.files import write_bytes
from tracepost.cli.options import CaseArgument, NodeOptions, option
from tracepost.cli.render.publishing import publication_sheet
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.wire_json import to_json


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "publish")(publish)


async def publish(
    case: CaseArgument,
    *,
    node: NodeOptions,
    text: Annotated[
        list[str] | None,
        option(
            "--text", _("Text that its source consented to, by its id; again for more. Else all of them.")
        ),
    ] = None,
    fields: FieldsOption = None,
    statement: Annotated[
        list[str] | None,
        option("--statement", _("Only of this statement of yours, or its beginning; again for more.")),
    ] = None,
    out: Annotated[Path | None, option("--out", _("File to write (JSON)."))] = None,
    preview: Annotated[bool, option("--preview", _("Only show it; nobody is told."))] = False,
) -> Result:
    """Write to a file what of a case may be published: texts as their sources consented to them, and your own fields.

    Of others nothing goes out but the exact words that they consented to, under the name that they allow. It is
    written into your log, and each source is told. Persons, contacts and case files are never published.
    """
    if not preview and out is None:
        raise InvalidInputError(_("Say where it is written to, or that it is a preview."), where="--out")
    async with connected(node) as client:
        view = await client.show_case(case) if statement else None
        chosen = [find_statement(view, one) for one in statement or ()] if view is not None else []
        made = await client.publish_case(
            case, text_ids=split(text), fields=split(fields), statements=chosen, preview=preview
        )
    if out is not None and not preview:
        write_bytes(out, made.document)
    data = to_json(made)
    data.pop("document", None)
    return Result({**data, "path": str(out) if out and not preview else None}, publication_sheet(made, out))

"""`tracepost register …`: extracts of the State's own records, and the items of a case looked up in them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracepost.cli.commands import losses
from tracepost.cli.files import read_bytes
from tracepost.cli.options import CaseArgument, ItemsOption, NodeOptions, code_option, option
from tracepost.cli.progress import progress
from tracepost.cli.render import register as render
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError, PartialError
from tracepost.sdk.intake.registers import RegisterBatch, read_register
from tracepost.sdk.intake.rejections import Reason, Rejection
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import register_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("The State's own lists of what was lost, stolen or is in stock.")
)


@verb(app, "import")
async def import_register(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("Table with the records (*.csv)."))],
    node: NodeOptions,
    source: Annotated[
        str | None,
        option("--source", _("Name of the list, else that of the file; it replaces the last of this name.")),
    ] = None,
    status: Annotated[
        int | None,
        code_option(
            "--status", register_pb2.RegisterStatus, _("What the records say, where a row does not.")
        ),
    ] = None,
    encoding: Annotated[
        str | None, option("--encoding", _("Encoding of the table; else it is recognised."))
    ] = None,
) -> Result:
    """Import an extract of the State's own records; it takes the place of the one before it.

    Bad rows are told one by one and the good ones are imported. Importing the same file again changes nothing.
    """
    batch = read_register(read_bytes(file), status=status, encoding=encoding)
    name = source or file.stem.lower().replace("_", "-")
    done, faults = await _send(node, name, batch)
    rejections = sorted((*batch.rejections, *faults), key=lambda one: one.row)
    data = {
        "in_force": to_json(done.in_force),
        "unchanged": done.unchanged,
        "rejections": [{"row": r.row, "column": r.column, "reason": r.reason.value} for r in rejections],
        "unknown_columns": list(batch.unknown_columns),
    }
    view = render.imported(done.in_force, done.unchanged, rejections)
    return Result(data, view, PartialError.exit_code if rejections else 0)


async def _send(
    node: NodeOptions, source: str, batch: RegisterBatch
) -> tuple[register_pb2.ImportRegisterResponse, list[Rejection]]:
    faults: list[Rejection] = []
    done = register_pb2.ImportRegisterResponse()
    async with connected(node) as client:
        with progress(_("Importing"), len(batch.rows)) as advance:
            async for answer in client.import_register(source, batch.rows):
                advance(answer.taken + len(answer.faults))
                faults += [Rejection(one.row, one.where, Reason.BREAKS_RULE) for one in answer.faults]
                done = answer
    if not done.HasField("in_force"):
        raise InvalidInputError(_("The node did not say that the list is in force."), where="FILE")
    return done, faults


@verb(app, "list")
async def list_registers(node: NodeOptions) -> Result:
    """List the extracts that your desk keeps."""
    async with connected(node) as client:
        found = await client.list_registers()
    return Result({"sources": all_to_json(found)}, render.sources(found))


@verb(app, "match")
async def match(
    case: CaseArgument,
    node: NodeOptions,
    item: ItemsOption = None,
    exact: Annotated[bool, option("--exact", _("Leave out marks that only look alike."))] = False,
) -> Result:
    """Look up the items of a case in the State's own records: marks, and beside them make, model and calibre."""
    async with connected(node, _("Searching")) as client:
        found = await client.match_register(case, item or (), exact=exact)
    return Result(to_json(found), render.matches(found))


losses.register(app)

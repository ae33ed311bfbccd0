"""`tracepost case …`: which desks of this member see a case."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.options import NodeOptions, option
from tracepost.cli.render import office as sheets
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.sdk.wire_json import all_to_json, to_json

app = typer.Typer(no_args_is_help=True, help=_("Which desks of this member see a case, and who works on it."))

CaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help=_("Thread id, its beginning (8 characters or more), or a file number.")
    ),
]
DeskArgument = Annotated[str, typer.Argument(metavar="DESK", help=_("Desk of this member, by its id."))]


@verb(app, "desks")
async def desks(case: CaseArgument, node: NodeOptions) -> Result:
    """List the desks that see a case: those that see every case, and those that were put on it."""
    async with connected(node) as client:
        found = await client.office.list_case_desks(case)
    return Result(to_json(found), sheets.case_desks(found))


@verb(app, "put-on")
async def put_on(case: CaseArgument, which: DeskArgument, node: NodeOptions) -> Result:
    """Put a desk on a case: it gets copies of what it may read, now and of what comes later."""
    async with connected(node) as client:
        found = await client.office.put_on_case(case, which)
    return Result(to_json(found), sheets.case_desks(found))


@verb(app, "take-off")
async def take_off(case: CaseArgument, which: DeskArgument, node: NodeOptions) -> Result:
    """Take a desk off a case: its keys of what it was given there are deleted."""
    async with connected(node) as client:
        found = await client.office.take_off_case(case, which)
    return Result(to_json(found), sheets.case_desks(found))


@verb(app, "assign")
async def assign(
    case: CaseArgument,
    node: NodeOptions,
    *,
    officer: Annotated[str, typer.Option("--officer", help=_("Number of the officer who works on it."))],
) -> Result:
    """Give a case to an officer, whoever had it before. It gives no right: who may read it, the policies say."""
    async with connected(node) as client:
        made = await client.office.assign_case(case, officer)
    return Result(to_json(made), sheets.assignments([made]))


@verb(app, "assigned")
async def assigned(
    node: NodeOptions,
    *,
    officer: Annotated[str | None, option("--officer", _("Number of another officer than yourself."))] = None,
) -> Result:
    """List the cases that you work on, or another officer does."""
    async with connected(node) as client:
        found = await client.office.list_assignments(officer)
    return Result({"assignments": all_to_json(found)}, sheets.assignments(found))

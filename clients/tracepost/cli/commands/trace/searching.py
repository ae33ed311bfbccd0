"""To find cases by a mark."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.options import NodeOptions, option
from tracepost.cli.render.search import mark_hits
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.sdk.wire_json import to_json


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""
    verb(app, "search")(search)


async def search(
    mark: Annotated[str, typer.Argument(metavar="MARK", help=_("The mark as it is stamped, in any script."))],
    node: NodeOptions,
    exact: Annotated[bool, option("--exact", _("Leave out marks that only look alike."))] = False,
    exercise: Annotated[bool, option("--exercise", _("Search exercises, not what is real."))] = False,
) -> Result:
    """Find the cases in which a mark stands, also written with letters or digits that look alike."""
    async with connected(node, _("Searching")) as client:
        found = await client.search_marks(mark, exact=exact, exercise=exercise)
    return Result(to_json(found), mark_hits(found, exercise=exercise))

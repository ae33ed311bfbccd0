"""`tracepost trace delete`: keys, salts and fields are destroyed; that it was here, and why it went, stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.options import CaseArgument, NodeOptions, option
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, coded, plural
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.wire_json import to_json
from tracepost.wire.v1 import onward_pb2


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "delete")(delete)


async def delete(
    case: CaseArgument,
    *,
    node: NodeOptions,
    reason: Annotated[str, option("--reason", _("Why; it goes into the audit trail: name no person."))],
    statement: Annotated[
        list[str] | None, option("--statement", _("Only this statement, or its beginning; again for more."))
    ] = None,
    with_copies: Annotated[
        bool, option("--with-copies", _("Also the messages in which it was passed on, whole."))
    ] = False,
    yes: Annotated[bool, option("--yes", _("Do not ask."))] = False,
) -> Result:
    """Delete a case, or statements of it, from this node for good.

    Keys, salts and fields are destroyed. The digest stays, and the log says who deleted it, when and why. What has
    criminal-justice or personal data waits for another officer of your desk.
    """
    async with connected(node) as client:
        view = await client.show_case(case)
        chosen = [one.statement for one in view.statements if _is_named(one.statement, statement)]
        if not chosen:
            raise InvalidInputError(_("The case has no such statement."), where="--statement")
        words = plural("Delete {n} statement for good?", "Delete {n} statements for good?", len(chosen))
        if not yes and not typer.confirm(words, err=True):
            raise InvalidInputError(_("Nothing was deleted."), where="--yes")
        request = onward_pb2.DeleteStatementsRequest(
            statements=chosen, reason=reason, with_copies=with_copies, desk=node.desk
        )
        answer = await client.delete_statements(request)
    return Result(to_json(answer), Group(*_lines(answer)))


def _is_named(digest: str, named: list[str] | None) -> bool:
    return not named or any(len(one) >= _SHORTEST and digest.startswith(one) for one in named)


_SHORTEST = 8


def _lines(answer: onward_pb2.DeleteStatementsResponse) -> Iterator[RenderableType]:
    if answer.waiting:
        waits = _("Nothing is deleted yet. Another officer: tracepost deletion approve {number}")
        yield Text(waits.format(number=answer.waiting), style="bold")
        return
    words = plural("{n} statement was deleted.", "{n} statements were deleted.", len(answer.deleted))
    yield Text(words, style="bold green")
    for one in answer.remaining:
        said = f"{_('still inside')} {coded('kind', one.kind)} {one.statement}"
        yield Text(said, style="yellow")
    if not answer.scrubbed:
        yield Text(_("The last traces go from the files with the next housekeeping."), style="yellow")

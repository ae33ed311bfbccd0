"""`tracepost trace holders`, and `--pass-on`: withdrawals and corrections follow what was passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from tracepost.cli.commands.trace.sending import cover_of
from tracepost.cli.options import CoverOptions, NodeOptions, option
from tracepost.cli.render.fields import code_of, moment
from tracepost.cli.render.lists import submissions, table_of
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _, coded, plural
from tracepost.locale.values import printable
from tracepost.sdk import Client, build_draft
from tracepost.sdk.wire_json import all_to_json, to_json
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "holders")(holders)


async def holders(
    node: NodeOptions,
    case: Annotated[str | None, typer.Argument(metavar="CASE", help=_("Case, or say --held-by."))] = None,
    held_by: Annotated[
        str | None,
        option("--held-by", _("Instead of a case: all that this member holds, as far as is known.")),
    ] = None,
) -> Result:
    """List who holds what was written in a case, who has confirmed a deletion, and who is still to be told."""
    async with connected(node) as client:
        answer = await client.list_holders(case, held_by=held_by)
    return Result(to_json(answer), _sheet(answer))


async def pass_on_what_follows(case: str, kind: str, node: NodeOptions, cover: CoverOptions) -> Result:
    """Send every withdrawal or amendment on to those who were given what it is about, and were not told."""
    async with connected(node, _("Signing and queueing")) as client:
        tasks = [one for one in (await client.list_holders(case)).to_pass_on if one.kind == kind]
        sent = [await client.submit(_draft(case, one, cover)) for one in tasks]
    words = plural("{n} message was passed on.", "{n} messages were passed on.", len(sent))
    lines: list[RenderableType] = [submissions(sent)] if sent else []
    return Result({"submissions": all_to_json(sent)}, Group(*lines, Text(words)))


async def passed_on_to(client: Client, case: str, own: str) -> list[str]:
    """Return to whom the own member passed on what others wrote in a case."""
    found = (await client.list_holders(case)).holders
    return sorted({one.member for one in found if one.by_member == own and one.member != own})


def _draft(case: str, task: onward_pb2.PassOnTask, cover: CoverOptions) -> desk_pb2.Draft:
    share = share_pb2.Share(reason=share_pb2.SHARE_REASON_CASE)
    choice = onward_pb2.ShareChoice(statement=task.statement)
    key = f"pass-on {task.statement} {task.to_member}"[:80]
    said = replace(cover_of(cover), to=(task.to_member,), shared=(choice,), idempotency_key=key)
    return build_draft(share, said, case)


def _sheet(answer: onward_pb2.ListHoldersResponse) -> RenderableType:
    table = table_of(
        _("holder"),
        _("holds what is of"),
        _("passed on by"),
        _("state"),
        _("since"),
        _("kept under"),
        _("case"),
    )
    for one in answer.holders:
        kept = f"{printable(one.kept_under)} {one.kept_until}".strip()
        since = moment(one.confirmed_at) if one.confirmed_at else ""
        table.add_row(
            one.member, one.of_member, one.by_member, code_of(one, "state"), since, kept, one.thread
        )
    missing = [one for one in answer.holders if one.state == onward_pb2.HOLDER_STATE_ASKED]
    words = plural("{n} holder has not confirmed.", "{n} holders have not confirmed.", len(missing))
    return Group(table, Text(words), *_tasks(answer.to_pass_on))


def _tasks(tasks: Sequence[onward_pb2.PassOnTask]) -> list[RenderableType]:
    return [
        Text(
            f"{_('to be passed on')}: {coded('kind', one.kind)} {one.from_member} -> {one.to_member}",
            style="bold yellow",
        )
        for one in tasks
    ]

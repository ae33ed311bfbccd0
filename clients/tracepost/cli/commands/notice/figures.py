"""`tracepost notice statistics`: figures of a period, small ones suppressed before they go."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.commands.notice.telling import InCaseOption, tell
from tracepost.cli.commands.trace.sending import begin, fill, pair
from tracepost.cli.options import CoverOptions, MessageOption, NodeOptions, code_option, code_parser, option
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.figures import suppress_small
from tracepost.sdk.figures import figures_of
from tracepost.wire.v1 import report_pb2, statistics_pb2, terms_pb2, weapon_pb2

_SMALLEST = 5

_kind = code_parser(weapon_pb2.ItemKind)
_situation = code_parser(weapon_pb2.FoundSituation)
_ground = code_parser(terms_pb2.WithholdingGround)


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "statistics")(statistics)


async def statistics(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    state: Annotated[str | None, option("--state", _("Your country, three letters."))] = None,
    period: Annotated[str | None, option("--period", _("First and last day, FIRST:LAST."))] = None,
    from_report: Annotated[
        bool,
        option("--from-report", _("Take what was exchanged and traced from tracepost report of the period.")),
    ] = False,
    smallest: Annotated[
        int | None, option("--smallest-cell", _("Numbers below this are suppressed; 5 if not said."))
    ] = None,
    scope: Annotated[
        int | None,
        code_option("--scope", statistics_pb2.StatisticsScope, _("What the figures are of.")),
    ] = None,
    found: Annotated[
        list[str] | None,
        option("--found", _("Items found, KIND:NUMBER or KIND:SITUATION:NUMBER; again for more.")),
    ] = None,
    traced: Annotated[
        list[str] | None,
        option("--traced", _("Items by how far they were traced, FIELD:NUMBER; again for more.")),
    ] = None,
    exchanged: Annotated[
        list[str] | None, option("--exchanged", _("Requests and answers, FIELD:NUMBER; again for more."))
    ] = None,
    refused: Annotated[
        list[str] | None, option("--refused", _("Items refused, GROUND:NUMBER; again for more."))
    ] = None,
    replaces: Annotated[
        str | None, option("--replaces", _("Statement with the figures that these correct."))
    ] = None,
    note: Annotated[str | None, option("--note", _("In words; it is public."))] = None,
) -> Result:
    """Tell figures of a period that is over. Small numbers are suppressed, with what would give them away."""
    body, album = begin(statistics_pb2.Statistics, message)
    first, last = pair(period, "--period") if period else (None, None)
    if from_report:
        body.MergeFrom(await _report(node, state or body.state, first, last, smallest))
    usual = None if body.HasField("smallest_cell") else _SMALLEST
    fill(
        body,
        state=state,
        period_from=first,
        period_to=last,
        smallest_cell=smallest or usual,
        scope=scope,
        replaces_digest=replaces,
        note=note,
    )
    for text in found or ():
        _put_found(body, text)
    for option_name, group, texts in (
        ("--traced", body.traced, traced),
        ("--exchanged", body.exchanged, exchanged),
    ):
        for text in texts or ():
            _put_field(group, text, option_name)
    for text in refused or ():
        named, number = pair(text, "--refused")
        ground = terms_pb2.WithholdingGround.Name(_ground(named))
        body.refused.add(ground=ground, items=_number(number, "--refused"))
    purpose = terms_pb2.PURPOSE_STATISTICS
    return await tell(suppress_small(body), node, cover, case=case, purpose=purpose, album=album)


async def _report(
    node: NodeOptions, state: str, first: str | None, last: str | None, smallest: int | None
) -> statistics_pb2.Statistics:
    if not (state and first and last):
        raise InvalidInputError(_("A report is of a State and a period."), where="--state, --period")
    request = report_pb2.MakeReportRequest(from_day=first, to_day=last, smallest=smallest or _SMALLEST)
    async with connected(node) as client:
        return figures_of(await client.make_report(request), state)


def _put_found(body: statistics_pb2.Statistics, text: str) -> None:
    named, number = pair(text, "--found")
    kind, _colon, situation = named.partition(":")
    cell = body.found.add(kind=weapon_pb2.ItemKind.Name(_kind(kind)), items=_number(number, "--found"))
    if situation:
        fill(cell, found_situation=_situation(situation))


def _put_field(
    group: statistics_pb2.TraceCount | statistics_pb2.ExchangeCount, text: str, option_name: str
) -> None:
    named, number = pair(text, option_name)
    name = named.strip().lower().replace("-", "_")
    names = [field.name for field in group.DESCRIPTOR.fields if field.name != "suppressed"]
    if name not in names:
        words = _("choose one of: {names}").format(names=", ".join(one.replace("_", "-") for one in names))
        raise InvalidInputError(words, where=option_name)
    setattr(group, name, _number(number, option_name))


def _number(text: str, option_name: str) -> int:
    if not text.strip().isdecimal():
        raise InvalidInputError(_("A number is needed."), where=option_name)
    return int(text)

"""`tracepost report`: figures of the member's own traces, for its reports and for itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tracepost.cli.files import write_bytes
from tracepost.cli.options import NodeOptions, code_option, option
from tracepost.cli.render import tallies
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.wire_json import to_json
from tracepost.wire.v1 import report_pb2


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "report")(report)


async def report(
    *,
    node: NodeOptions,
    from_day: Annotated[str, option("--from", _("First day on which items were asked about, YYYY-MM-DD."))],
    to_day: Annotated[str, option("--to", _("Last day, YYYY-MM-DD."))],
    out: Annotated[
        Path | None, option("--out", _("Where to write: *.csv for a spreadsheet, *.json for a program."))
    ] = None,
    smallest: Annotated[
        int | None, option("--smallest", _("Smallest number above zero that is told; 5 if not said."))
    ] = None,
    private: Annotated[
        bool,
        option(
            "--private",
            _("By member, with what each left unanswered and small numbers: for yourselves alone."),
        ),
    ] = False,
    step: Annotated[
        int | None,
        code_option("--by", report_pb2.ReportStep, _("Parts of the period that are counted too.")),
    ] = None,
    found: Annotated[
        int | None, option("--found", _("Domestic: arms seized, found or surrendered that can be traced."))
    ] = None,
    traced: Annotated[
        int, option("--traced", _("Domestic: of these, traced to the point of diversion."))
    ] = 0,
    established: Annotated[
        int, option("--established", _("Domestic: of these, illicit origin established by an authority."))
    ] = 0,
) -> Result:
    """Count what your office asked and was asked: answers, refusals, delays, results, the share traced (SDG 16.4.2).

    Small numbers are kept back, and with them whatever would give them away. What a member left
    unanswered is shown only with --private, since answers are voluntary.
    """
    request = report_pb2.MakeReportRequest(
        from_day=from_day, to_day=to_day, smallest=smallest, private=private or None
    )
    if step is not None:
        request.MergeFrom(report_pb2.MakeReportRequest(step=report_pb2.ReportStep.Name(step)))
    if found is not None:
        request.domestic.CopyFrom(
            report_pb2.DomesticFigures(found=found, traced=traced, established=established)
        )
    elif traced or established:
        raise InvalidInputError(_("Say also how many arms were found."), where="--found")
    async with connected(node, _("Counting")) as client:
        made = await client.make_report(request)
    if out is not None:
        _write(out, made)
    return Result(to_json(made), tallies.report(made))


def _write(out: Path, made: report_pb2.Report) -> None:
    if out.suffix.lower() == ".csv":
        write_bytes(out, tallies.as_csv(made).encode())
    elif out.suffix.lower() == ".json":
        write_bytes(out, json.dumps(to_json(made), ensure_ascii=False, indent=2).encode() + b"\n")
    else:
        raise InvalidInputError(_("Name a file that ends in .csv or .json."), where="--out")

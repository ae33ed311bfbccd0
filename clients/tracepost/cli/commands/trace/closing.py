"""`tracepost trace close`: what came of each item, and of the case."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.asking import TextOption
from tracepost.cli.commands.trace.sending import begin, fill, say_with
from tracepost.cli.options import CaseArgument, CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.sdk import cases
from tracepost.wire.v1 import trace_pb2


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "close")(close)


async def close(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    code: Annotated[int | None, code_option("--code", trace_pb2.ClosureCode, _("How the case ends."))] = None,
    result: Annotated[
        int | None,
        code_option("--result", trace_pb2.ClosureResult, _("What the answer was good for.")),
    ] = None,
    text: TextOption = None,
    diversion_confirmed: Annotated[
        bool, option("--diversion-confirmed", _("The point of diversion is confirmed."))
    ] = False,
    preventive_action: Annotated[
        str | None,
        option("--preventive-action", _("What is done against a recurrence.")),
    ] = None,
    keep_until: Annotated[
        str | None,
        option("--keep-until", _("Day until which you keep the case.")),
    ] = None,
) -> Result:
    """Close the case with the outcome of each item: what --message says, else the farthest answer of each."""
    body, album = begin(trace_pb2.Closure, message)
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        if not body.outcomes:
            body.outcomes.extend(cases.outcomes_of(view.summary))
        fill(
            body,
            file_number=file_number,
            code=code or body.code or _code_of(body),
            result=result,
            result_text=text,
            diversion_confirmed=diversion_confirmed,
            preventive_action=preventive_action,
            retention_until=keep_until,
        )
        return await say_with(client, view.summary.thread, body, cover, album)


def _code_of(body: trace_pb2.Closure) -> int:
    answered = [outcome.HasField("answered_by") for outcome in body.outcomes]
    codes = trace_pb2.ClosureCode
    if all(answered) and answered:
        return codes.CLOSURE_CODE_ANSWERED
    return codes.CLOSURE_CODE_ANSWERED_IN_PART if any(answered) else codes.CLOSURE_CODE_NO_RESPONSE

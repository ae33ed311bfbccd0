"""`tracepost mandate …`: what a peace operation may do in the name of its host State."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from tracepost.cli.commands.notice.telling import tell
from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.asking import TextOption
from tracepost.cli.commands.trace.sending import begin, fill, say_with
from tracepost.cli.options import CaseArgument, CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.render.mandates import mandate_table
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.mandates import KIND
from tracepost.sdk.mandates import HeldMandate, list_mandates
from tracepost.sdk.wire_json import to_json
from tracepost.wire.v1 import mandate_pb2, terms_pb2

app = typer.Typer(
    no_args_is_help=True, help=_("What a peace operation may do in the name of its host State.")
)


@verb(app, "grant")
async def grant(
    operation: Annotated[str, typer.Argument(metavar="MEMBER", help=_("The peace operation."))],
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    act: Annotated[
        list[int] | None,
        code_option("--act", mandate_pb2.MandatedAct, _("What it may do; again for more.")),
    ] = None,
    use: Annotated[
        list[int] | None,
        code_option("--for", terms_pb2.Purpose, _("What it may do that for; again for more.")),
    ] = None,
    address: Annotated[
        list[str] | None,
        option("--may-address", _("Member that it may turn to; again for more. None: all.")),
    ] = None,
    since: Annotated[str | None, option("--from", _("First day, YYYY-MM-DD."))] = None,
    until: Annotated[str | None, option("--until", _("Last day, YYYY-MM-DD."))] = None,
    resolution: Annotated[
        str | None, option("--resolution", _("Resolution that set up the operation."))
    ] = None,
    agreement: Annotated[str | None, option("--agreement", _("Agreement that it rests on."))] = None,
    area: Annotated[str | None, option("--area", _("Where in your territory."))] = None,
    text: TextOption = None,
) -> Result:
    """Let a peace operation act in your name; --to tells others of it beforehand.

    Needed, here or in the file: --file-number, --for, --from and --until.
    """
    body, album = begin(mandate_pb2.Mandate, message)
    fill(
        body,
        step=mandate_pb2.MANDATE_STEP_GRANTED,
        operation=operation,
        file_number=file_number,
        acts=act or (list(body.acts) or [mandate_pb2.MANDATED_ACT_REQUEST_TRACES]),
        purposes=use,
        may_address=address,
        valid_from=since,
        valid_until=until,
        resolution=resolution,
        agreement=agreement,
        area=area,
        text=text,
    )
    purpose = body.purposes[0] if body.purposes else terms_pb2.PURPOSE_EMBARGO_MONITORING
    told = _also_to(cover, operation)
    return await tell(body, node, told, case=None, purpose=purpose, album=album)


@verb(app, "end")
async def end(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    file_number: FileNumberOption = None,
    mandate: Annotated[
        str | None, option("--mandate", _("Statement that gave it; the newest of the case if not said."))
    ] = None,
    text: TextOption = None,
) -> Result:
    """End a mandate at once; --to tells those who were asked by it. The operation itself is always told."""
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        given = [one for one in view.statements if one.kind == KIND and mandate in (None, one.statement)]
        given = [one for one in given if one.content.mandate.step == mandate_pb2.MANDATE_STEP_GRANTED]
        if not given:
            raise NotFoundError(_("The case holds no such mandate."), where="--mandate")
        before = given[-1].content.mandate
        body = mandate_pb2.Mandate(
            file_number=file_number or before.file_number,
            step=mandate_pb2.MandateStep.MANDATE_STEP_ENDED,
            operation=before.operation,
            ends_digest=given[-1].statement,
            text=text,
        )
        return await say_with(client, view.summary.thread, body, _also_to(cover, before.operation))


@verb(app, "list")
async def list_held(
    node: NodeOptions,
    host: Annotated[str | None, option("--host", _("Only mandates of this State."))] = None,
) -> Result:
    """List the mandates that you gave or that were told to you."""
    async with connected(node) as client:
        held = [one async for one in list_mandates(client, host)]
    return Result({"mandates": [_as_json(one) for one in held]}, mandate_table(held))


def _as_json(one: HeldMandate) -> dict[str, object]:
    return {
        "case": one.case,
        "statement": one.statement,
        "host": one.host,
        "ended": one.ended,
        "mandate": to_json(one.mandate),
    }


def _also_to(cover: CoverOptions, operation: str) -> CoverOptions:
    named = list(cover.to or ())
    return replace(cover, to=named if operation in named else [operation, *named])

"""`tracepost check …`: whether objects stand in another State's records, asked and answered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from tracepost.cli.commands.trace.sending import begin, cover_of, fill, say_with
from tracepost.cli.files import read_bytes
from tracepost.cli.options import CaseArgument, CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.render.lists import submission as submission_view
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.calibres import calibre_codes
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.vocabulary import normalise_mark, script_of
from tracepost.sdk import Client
from tracepost.sdk.checks import checked_objects, find_check
from tracepost.sdk.intake.tables import read_table
from tracepost.sdk.wire_json import to_json
from tracepost.wire.v1 import check_pb2, terms_pb2, weapon_pb2

app = typer.Typer(no_args_is_help=True, help=_("Ask whether an object stands in another State's records."))

MarkOption = Annotated[list[str] | None, option("--mark", _("A mark as it is stamped; again for more."))]


@verb(app, "ask")
async def ask(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    table: Annotated[
        Path | None, option("--table", _("Table of weapons (*.csv), instead of one by options."))
    ] = None,
    mark: MarkOption = None,
    make: Annotated[str | None, option("--make", _("Maker."))] = None,
    model: Annotated[str | None, option("--model", _("Model."))] = None,
    calibre: Annotated[str | None, option("--calibre", _("Calibre as it is stamped."))] = None,
    file_number: Annotated[
        str | None, option("--file-number", _("Number of the case at your own office."))
    ] = None,
    handling: Annotated[
        list[int] | None,
        code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
    ] = None,
    reply_by: Annotated[
        str | None, option("--reply-by", _("Day an answer is hoped for, YYYY-MM-DD."))
    ] = None,
) -> Result:
    """Ask whether objects stand in the records of other members. Only the objects are told, and what it is for."""
    body, _album = begin(check_pb2.ObjectCheck, message)
    fill(body, file_number=file_number, handling_instructions=handling, reply_by=reply_by)
    if table is not None:
        body.items.extend(checked_objects(read_table(read_bytes(table))))
    if mark:
        body.items.append(_object(mark, make, model, calibre, str(len(body.items) + 1)))
    to_send = cover_of(cover)
    if not to_send.purpose:
        to_send = replace(to_send, purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION)
    if not to_send.legal_basis:
        to_send = replace(to_send, legal_basis=terms_pb2.LEGAL_BASIS_ITI)
    async with connected(node, _("Signing and queueing")) as client:
        submission = await client.check_objects(body, to_send)
    return Result(to_json(submission), submission_view(submission))


def _object(
    marks: list[str], make: str | None, model: str | None, calibre: str | None, number: str
) -> check_pb2.CheckedObject:
    codes = calibre_codes(calibre or "")
    values: dict[str, Any] = {
        "make": make,
        "model": model,
        "calibre_as_marked": calibre,
        "calibre": codes[0] if len(codes) == 1 else None,
    }
    return check_pb2.CheckedObject(id=number, mark=[_mark(text) for text in marks], **values)


def _mark(text: str) -> weapon_pb2.Mark:
    return weapon_pb2.Mark(
        role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
        text_as_seen=text,
        script=script_of(text),
        normalised=normalise_mark(text) or None,
    )


@verb(app, "answer")
async def answer(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    hit: Annotated[
        list[str] | None, option("--hit", _("Object that stands in your records; again for more."))
    ] = None,
    no_hit: Annotated[
        list[str] | None, option("--no-hit", _("Object that does not; again for more."))
    ] = None,
    rest: Annotated[
        int | None,
        code_option("--rest", check_pb2.CheckResult, _("The result of all objects that are not named.")),
    ] = None,
    file_number: Annotated[
        str | None, option("--file-number", _("Number of the case at your own office."))
    ] = None,
    organisation: Annotated[str | None, option("--office", _("Office to ask for more."))] = None,
    unit: Annotated[str | None, option("--unit", _("Its unit."))] = None,
    telephone: Annotated[str | None, option("--phone", _("Its telephone number."))] = None,
    mailbox: Annotated[str | None, option("--mailbox", _("Its functional mailbox."))] = None,
) -> Result:
    """Answer a check: for each object hit, no hit, or not searched, and whom to ask for more. Nothing else."""
    body, _album = begin(check_pb2.ObjectCheckReply, message)
    fill(body, file_number=file_number)
    fill(body.follow_up, organisation=organisation, unit=unit, telephone=telephone, mailbox=mailbox)
    if not body.follow_up.ListFields():
        body.ClearField("follow_up")
    body.automatic = False
    async with connected(node, _("Signing and queueing")) as client:
        named = dict.fromkeys(no_hit or (), check_pb2.CHECK_RESULT_NO_HIT)
        named |= dict.fromkeys(hit or (), check_pb2.CHECK_RESULT_HIT)
        await _add_outcomes(client, case, body, named, rest or check_pb2.CHECK_RESULT_NOT_SEARCHED)
        return await say_with(client, case, body, cover)


async def _add_outcomes(
    client: Client, case: str, body: check_pb2.ObjectCheckReply, named: dict[str, Any], rest: int
) -> None:
    """Give every object of the check that has none yet its result."""
    check = find_check(await client.show_case(case))
    if check is None:
        raise InvalidInputError(_("Nobody asked about objects in this case."), where="CASE")
    known = [item.id for item in check.items]
    if strange := sorted(set(named) - set(known)):
        raise InvalidInputError(_("The check has no object called so."), where=strange[0])
    told = {one.item_id for one in body.outcomes}
    for item in known:
        if item not in told:
            result = check_pb2.CheckResult.Name(named.get(item, rest))
            body.outcomes.add(item_id=item, result=result)

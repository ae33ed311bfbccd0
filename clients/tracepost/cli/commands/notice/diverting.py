"""`tracepost notice diversion`: the result of a trace, to who licensed, exported or keeps the arms."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.commands.notice.lots import LotOptions
from tracepost.cli.commands.notice.telling import InCaseOption, tell
from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.sending import begin, fill, pair
from tracepost.cli.options import CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.wire.v1 import diversion_pb2, terms_pb2, trace_pb2


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "diversion")(diversion)


async def diversion(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    lot: LotOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    file_number: FileNumberOption = None,
    from_case: Annotated[
        str | None, option("--from-case", _("File number of your case that showed the diversion."))
    ] = None,
    cause: Annotated[
        int | None, code_option("--cause", trace_pb2.DiversionCause, _("How the arms left lawful hands."))
    ] = None,
    country: Annotated[
        str | None, option("--in", _("Country where they left lawful hands, three letters."))
    ] = None,
    on: Annotated[str | None, option("--on", _("When: YYYY, YYYY-MM or YYYY-MM-DD."))] = None,
    recipient: Annotated[
        list[str] | None,
        option("--recipient", _("Authorised recipient, BODY:COUNTRY; again for more.")),
    ] = None,
    recipient_kind: Annotated[
        int | None, code_option("--recipient-kind", trace_pb2.HolderKind, _("What the recipients are."))
    ] = None,
    check: Annotated[
        list[int] | None,
        code_option("--check", diversion_pb2.RecommendedCheck, _("What to check; again for more.")),
    ] = None,
    because: Annotated[
        list[int] | None,
        code_option("--because", diversion_pb2.ToldBecause, _("Why they are told; again for more.")),
    ] = None,
    handling: Annotated[
        list[int] | None,
        code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
    ] = None,
    reply_by: Annotated[
        str | None, option("--reply-by", _("Day a word on it is hoped for, YYYY-MM-DD."))
    ] = None,
    summary: Annotated[str | None, option("--summary", _("What happened, in words; no names."))] = None,
) -> Result:
    """Tell licensing authorities and exporting states of arms that were diverted."""
    body, album = begin(diversion_pb2.DiversionNotice, message)
    lot.put_into(body.lots)
    fill(
        body,
        file_number=file_number,
        from_case=from_case,
        recommended_checks=check,
        told_because=because,
        handling_instructions=handling,
        reply_by=reply_by,
        summary=summary,
    )
    if cause or country or on:
        point = (body.diversions[0] if body.diversions else body.diversions.add()).point
        fill(point, cause=cause, country=country, on=on)
    for text in recipient or ():
        name, of_country = pair(text, "--recipient")
        kind = recipient_kind or trace_pb2.HOLDER_KIND_OTHER_STATE_BODY
        body.authorised_recipients.add(
            kind=trace_pb2.HolderKind.Name(kind), body=name or None, country=of_country
        )
    return await tell(body, node, cover, case=case, purpose=terms_pb2.PURPOSE_LICENSING, album=album)

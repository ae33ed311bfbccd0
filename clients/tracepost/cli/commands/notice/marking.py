"""`tracepost notice marking`: how the State marks arms (ITI 31(b))."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.commands.notice.telling import InCaseOption, tell
from tracepost.cli.commands.trace.sending import begin, fill, pair
from tracepost.cli.options import CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.wire.v1 import practice_pb2, terms_pb2, weapon_pb2


def register(app: typer.Typer) -> None:
    """Add this verb to `app`."""
    verb(app, "marking")(marking)


async def marking(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    state: Annotated[str | None, option("--state", _("Your country, three letters."))] = None,
    since: Annotated[str | None, option("--from", _("First day, YYYY-MM-DD."))] = None,
    until: Annotated[str | None, option("--until", _("Last day, YYYY-MM-DD."))] = None,
    replaces: Annotated[
        str | None, option("--replaces", _("Statement that it takes the place of, being wrong."))
    ] = None,
    country_mark: Annotated[
        str | None, option("--country-mark", _("The country mark as it is stamped."))
    ] = None,
    country_symbol: Annotated[
        str | None, option("--country-symbol", _("The country mark in words, if it is a symbol."))
    ] = None,
    import_format: Annotated[
        str | None, option("--import-format", _("How the import mark is built (ITI 8(b))."))
    ] = None,
    year_format: Annotated[
        int | None, code_option("--year-format", practice_pb2.YearFormat, _("How years are marked."))
    ] = None,
    year_code: Annotated[str | None, option("--year-code", _("What letters stand for which years."))] = None,
    agency: Annotated[
        list[str] | None, option("--agency", _("Mark of an agency, MARK:AGENCY; again for more."))
    ] = None,
    regional: Annotated[
        list[str] | None, option("--regional", _("Regional mark, FORMAT:ORGANISATION; again for more."))
    ] = None,
    rule: Annotated[
        str | None, option("--control-component", _("Which component's marks your records follow."))
    ] = None,
    law: Annotated[str | None, option("--law", _("Law that orders the marks."))] = None,
    published_at: Annotated[
        str | None, option("--published-at", _("Where the guide with pictures is published."))
    ] = None,
) -> Result:
    """Tell others how your State marks arms; it is public, and shown by tracepost directory show."""
    body, album = begin(practice_pb2.MarkingPractice, message)
    fill(
        body,
        state=state,
        valid_from=since,
        valid_until=until,
        replaces_digest=replaces,
        year_format=year_format,
        year_code=year_code,
        control_component_rule=rule,
        law=law,
        published_at=published_at,
    )
    if country_mark or country_symbol:
        role = weapon_pb2.MARK_ROLE_COUNTRY
        fill(body.country_mark, role=role, text=country_mark, symbol=country_symbol)
    if import_format:
        fill(body.import_mark, role=weapon_pb2.MARK_ROLE_IMPORT, format=import_format)
    for one in agency or ():
        text, used_by = pair(one, "--agency")
        body.agency_marks.add(role="MARK_ROLE_PROPERTY", text=text, used_by=used_by)
    for one in regional or ():
        form, used_by = pair(one, "--regional")
        body.regional_marks.add(role="MARK_ROLE_REGIONAL", format=form, used_by=used_by)
    return await tell(body, node, cover, case=case, purpose=terms_pb2.PURPOSE_DIRECTORY, album=album)

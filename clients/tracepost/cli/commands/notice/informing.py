"""`tracepost notice flow` and `ballistic`: what is known without a case, and what laboratories hold."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.commands.notice.telling import InCaseOption, tell
from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.asking import TextOption
from tracepost.cli.commands.trace.sending import begin, fill, pair
from tracepost.cli.options import (
    CoverOptions,
    ItemsOption,
    MessageOption,
    NodeOptions,
    code_option,
    code_parser,
    option,
)
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.wire.v1 import ballistic_pb2, flow_pb2, terms_pb2, trace_pb2, weapon_pb2

HandlingOption = Annotated[
    list[int] | None,
    code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
]
ReplyByOption = Annotated[str | None, option("--reply-by", _("Day a word on it is hoped for, YYYY-MM-DD."))]

_system = code_parser(ballistic_pb2.BallisticSystem)


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    verb(app, "flow")(flow)
    verb(app, "ballistic")(ballistic)


async def flow(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    file_number: FileNumberOption = None,
    topic: Annotated[
        list[int] | None, code_option("--topic", flow_pb2.FlowTopic, _("What it is about; again for more."))
    ] = None,
    country: Annotated[
        list[str] | None,
        option("--country", _("Country on the way, from dispatch to destination; again for more.")),
    ] = None,
    period: Annotated[
        str | None, option("--period", _("FIRST:LAST, each YYYY, YYYY-MM or YYYY-MM-DD."))
    ] = None,
    method: Annotated[str | None, option("--method", _("How it is done, in words; no names."))] = None,
    concealment: Annotated[str | None, option("--concealment", _("How it is hidden."))] = None,
    by: Annotated[
        list[int] | None,
        code_option("--by", trace_pb2.TransportMode, _("How it travels; again for more.")),
    ] = None,
    category: Annotated[
        list[int] | None,
        code_option("--category", weapon_pb2.Category, _("What is moved (ITI 4); again for more.")),
    ] = None,
    source: Annotated[
        int | None,
        code_option("--source", flow_pb2.SourceGrade, _("How good the source is: A always, X unknown.")),
    ] = None,
    information: Annotated[
        int | None,
        code_option(
            "--information", flow_pb2.InformationGrade, _("How good it is: 1 known true, 4 not known.")
        ),
    ] = None,
    reliability: Annotated[
        str | None, option("--reliability", _("Why it is believed; never who the source is."))
    ] = None,
    action: Annotated[
        list[int] | None,
        code_option("--action", flow_pb2.FlowAction, _("What is asked; again for more.")),
    ] = None,
    handling: HandlingOption = None,
    reply_by: ReplyByOption = None,
) -> Result:
    """Tell how illicit arms move. Persons come from --message FILE, and only police desks read them."""
    body, album = begin(flow_pb2.FlowInformation, message)
    first, last = pair(period, "--period") if period else (None, None)
    fill(
        body,
        file_number=file_number,
        topics=topic,
        period_from=first,
        period_to=last,
        method=method,
        concealment=concealment,
        transport_modes=by,
        categories=category,
        source_grade=source,
        information_grade=information,
        reliability=reliability,
        actions_asked=action,
        handling_instructions=handling,
        reply_by=reply_by,
    )
    if country:
        fill(body.area, countries=country)
    purpose = terms_pb2.PURPOSE_DIVERSION_ANALYSIS
    return await tell(body, node, cover, case=case, purpose=purpose, album=album)


async def ballistic(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    file_number: FileNumberOption = None,
    case_number: Annotated[
        str | None, option("--case-number", _("File number of the case that it is of."))
    ] = None,
    item: ItemsOption = None,
    about: Annotated[
        int | None,
        code_option("--about", ballistic_pb2.BallisticPurpose, _("What is told; a reference if not said.")),
    ] = None,
    reference: Annotated[
        list[str] | None,
        option(
            "--reference", _("The laboratory's reference and its system, REFERENCE:SYSTEM; again for more.")
        ),
    ] = None,
    exhibit: Annotated[
        int | None,
        code_option("--exhibit", ballistic_pb2.BallisticExhibitKind, _("What the references are of.")),
    ] = None,
    calibre: Annotated[str | None, option("--calibre", _("Calibre, such as 7.62x39mm."))] = None,
    laboratory: Annotated[str | None, option("--laboratory", _("Laboratory that holds them."))] = None,
    network: Annotated[
        str | None, option("--network-reference", _("Reference in a network such as IBIN."))
    ] = None,
    handling: HandlingOption = None,
    reply_by: ReplyByOption = None,
    text: TextOption = None,
) -> Result:
    """Tell that a laboratory has something to compare, ask for a comparison, or tell of a confirmed hit."""
    body, album = begin(ballistic_pb2.BallisticReference, message)
    usual = None if body.HasField("about") else ballistic_pb2.BALLISTIC_PURPOSE_REFERENCE
    fill(
        body,
        file_number=file_number,
        case_number=case_number,
        item_ids=item,
        about=about or usual,
        handling_instructions=handling,
        reply_by=reply_by,
        text=text,
    )
    for one in reference or ():
        named, system = pair(one, "--reference")
        held = body.references.add(id=str(len(body.references) + 1), laboratory_reference=named)
        kind = exhibit or ballistic_pb2.BALLISTIC_EXHIBIT_KIND_CARTRIDGE_CASE
        fill(
            held,
            kind=kind,
            system=_system(system),
            calibre=calibre,
            laboratory=laboratory,
            network_reference=network,
        )
    purpose = terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION
    return await tell(body, node, cover, case=case, purpose=purpose, album=album)

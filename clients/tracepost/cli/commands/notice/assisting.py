"""`tracepost notice need` and `offer`: help with marking, records and tracing (ITI 27-28)."""

from __future__ import annotations

from typing import Annotated

import typer

from tracepost.cli.commands.notice.telling import InCaseOption, tell
from tracepost.cli.commands.trace.sending import begin, fill
from tracepost.cli.options import CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.wire.v1 import assistance_pb2, terms_pb2

CategoryOption = Annotated[
    int | None, code_option("--category", assistance_pb2.AssistanceCategory, _("What it is about."))
]
DescriptionOption = Annotated[str | None, option("--description", _("In words; it is public."))]
QuantityOption = Annotated[int | None, option("--quantity", _("How many pieces, places or persons."))]
LanguagesOption = Annotated[list[str] | None, option("--language", _("Language; again for more."))]
ReplacesOption = Annotated[str | None, option("--replaces", _("Statement that it takes the place of."))]
NumberOption = Annotated[str | None, option("--number", _("Number at your office; it is public."))]


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    verb(app, "need")(need)
    verb(app, "offer")(offer)


async def need(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    state: Annotated[str | None, option("--state", _("Your country, three letters."))] = None,
    number: NumberOption = None,
    category: CategoryOption = None,
    priority: Annotated[
        int | None,
        code_option("--priority", assistance_pb2.NeedPriority, _("How urgent; medium if not said.")),
    ] = None,
    status: Annotated[
        int | None, code_option("--status", assistance_pb2.NeedStatus, _("How it stands; open if not said."))
    ] = None,
    quantity: QuantityOption = None,
    description: DescriptionOption = None,
    language: LanguagesOption = None,
    replaces: ReplacesOption = None,
    donor: Annotated[str | None, option("--existing-donor", _("Who helps already; not public."))] = None,
) -> Result:
    """Tell what your State needs to mark, record and trace; costs that go on come from --message FILE."""
    body, album = begin(assistance_pb2.AssistanceNeed, message)
    fill(
        body,
        state=state,
        need_number=number,
        category=category,
        priority=priority or body.priority or assistance_pb2.NEED_PRIORITY_MEDIUM,
        status=status or body.status or assistance_pb2.NEED_STATUS_OPEN,
        quantity=quantity,
        description=description,
        languages=language,
        replaces_digest=replaces,
        existing_donor=donor,
    )
    return await tell(body, node, cover, case=case, purpose=terms_pb2.PURPOSE_DIRECTORY, album=album)


async def offer(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    number: NumberOption = None,
    category: CategoryOption = None,
    status: Annotated[
        int | None, code_option("--status", assistance_pb2.OfferStatus, _("How it stands; open if not said."))
    ] = None,
    quantity: QuantityOption = None,
    description: DescriptionOption = None,
    language: LanguagesOption = None,
    terms: Annotated[str | None, option("--terms", _("Who may ask, and on which conditions."))] = None,
    until: Annotated[
        str | None, option("--until", _("Last day on which it can be taken up, YYYY-MM-DD."))
    ] = None,
    answers: Annotated[
        str | None, option("--answers", _("Statement with the need that it answers; with --case."))
    ] = None,
    replaces: ReplacesOption = None,
) -> Result:
    """Offer help, to all or in answer to a need."""
    body, album = begin(assistance_pb2.AssistanceOffer, message)
    fill(
        body,
        offer_number=number,
        category=category,
        status=status or body.status or assistance_pb2.OFFER_STATUS_OPEN,
        quantity=quantity,
        description=description,
        languages=language,
        terms=terms,
        valid_until=until,
        need_digest=answers,
        replaces_digest=replaces,
    )
    return await tell(body, node, cover, case=case, purpose=terms_pb2.PURPOSE_DIRECTORY, album=album)

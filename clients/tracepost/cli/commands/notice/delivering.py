"""`tracepost notice delivery`, and `match`: whether a find belongs to a delivery or diversion that was told of."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tracepost.cli.commands.notice.lots import LotOptions
from tracepost.cli.commands.notice.telling import InCaseOption, tell
from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.asking import TextOption
from tracepost.cli.commands.trace.sending import begin, fill, pair
from tracepost.cli.options import CoverOptions, MessageOption, NodeOptions, code_option, option
from tracepost.cli.render.lots import match_table
from tracepost.cli.session import connected
from tracepost.cli.verb import Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.protocol.lots import Sought
from tracepost.protocol.vocabulary import code_name
from tracepost.sdk import Client, message_of
from tracepost.sdk.lots import Told, find_told
from tracepost.wire.v1 import embargo_pb2, terms_pb2, trace_pb2, weapon_pb2


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    verb(app, "delivery")(delivery)
    verb(app, "match")(match)


async def delivery(
    *,
    node: NodeOptions,
    cover: CoverOptions,
    lot: LotOptions,
    message: MessageOption = None,
    case: InCaseOption = None,
    file_number: FileNumberOption = None,
    number: Annotated[
        str | None, option("--notice-number", _("Number of the notice to the committee."))
    ] = None,
    resolution: Annotated[
        str | None, option("--resolution", _("Resolution that imposes the embargo."))
    ] = None,
    paragraph: Annotated[str | None, option("--paragraph", _("Paragraph that allows the exemption."))] = None,
    stage: Annotated[
        int | None,
        code_option("--stage", embargo_pb2.DeliveryStage, _("How far it is; planned if not said.")),
    ] = None,
    notified_on: Annotated[
        str | None, option("--notified-on", _("Day of the notice to the committee, YYYY-MM-DD."))
    ] = None,
    approved_on: Annotated[
        str | None, option("--approved-on", _("Day on which the committee approved, YYYY-MM-DD."))
    ] = None,
    replaces: Annotated[
        str | None, option("--replaces", _("Statement that this notice takes the place of."))
    ] = None,
    consignee: Annotated[
        list[str] | None, option("--consignee", _("Who receives, BODY:COUNTRY; again for more."))
    ] = None,
    consignee_kind: Annotated[
        int | None, code_option("--consignee-kind", trace_pb2.HolderKind, _("What the consignees are."))
    ] = None,
    unit: Annotated[
        str | None, option("--unit", _("Unit that the arms are for; with one consignee."))
    ] = None,
    received_on: Annotated[
        str | None, option("--received-on", _("Day of arrival; with one consignee, once delivered."))
    ] = None,
    text: TextOption = None,
) -> Result:
    """Tell of arms that go into a country under embargo by an exemption, so that a later find can be matched."""
    body, album = begin(embargo_pb2.DeliveryNotified, message)
    lot.put_into(body.lots)
    planned = None if body.HasField("stage") else embargo_pb2.DELIVERY_STAGE_PLANNED
    fill(
        body,
        file_number=file_number,
        notice_number=number,
        resolution=resolution,
        exemption_paragraph=paragraph,
        stage=stage or planned,
        notified_on=notified_on,
        approved_on=approved_on,
        replaces_digest=replaces,
        text=text,
    )
    for one in consignee or ():
        name, country = pair(one, "--consignee")
        kind = trace_pb2.HolderKind.Name(consignee_kind or trace_pb2.HOLDER_KIND_OTHER_STATE_BODY)
        body.consignees.add(kind=kind, body=name, country=country)
    if unit or received_on:
        fill(_only(body.consignees), destination_unit=unit, received_on=received_on)
    return await tell(body, node, cover, case=case, purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING, album=album)


def _only(consignees: Any) -> embargo_pb2.Consignee:
    if len(consignees) != 1:
        raise InvalidInputError(
            _("Several consignees come from --message FILE."), where="--unit, --received-on"
        )
    found: embargo_pb2.Consignee = consignees[0]
    return found


async def match(
    *,
    node: NodeOptions,
    lot: LotOptions,
    case: Annotated[
        str | None, option("--case", _("Case that holds the item, instead of its numbers."))
    ] = None,
    item: Annotated[str | None, option("--item", _("Item of that case; the only one if not said."))] = None,
) -> Result:
    """Say whether a find belongs to a delivery under an exemption, or to a diversion, that was told to you."""
    async with connected(node) as client:
        sought = await _item_of(client, case, item) if case else _sought(lot)
        told = [one async for one in find_told(client, sought)]
    return Result({"matches": [_match_json(one) for one in told]}, match_table(told))


def _sought(lot: LotOptions) -> Sought:
    sought = Sought(
        serials=tuple(lot.serial or ()),
        lot_numbers=tuple(lot.lot_number or ()),
        crate_numbers=tuple(lot.crate or ()),
        make=lot.make or "",
        model=lot.model or "",
        calibre=lot.calibre or "",
    )
    if not (sought.serials or sought.lot_numbers or sought.crate_numbers):
        raise InvalidInputError(
            _("Say a number of the find, or name its case."), where="--serial, --lot-number, --crate, --case"
        )
    return sought


async def _item_of(client: Client, case: str, item: str | None) -> Sought:
    view = await client.show_case(case)
    items: dict[str, weapon_pb2.Item] = {}
    for statement in view.statements:
        for one in getattr(message_of(statement.content), "items", ()):
            if isinstance(one, weapon_pb2.Item):
                items.setdefault(one.id, one)
    if item is None and len(items) == 1:
        return Sought.of(next(iter(items.values())))
    if item not in items:
        raise NotFoundError(_("The case holds no such item; name one with --item."), where="--item")
    return Sought.of(items[item])


def _match_json(one: Told) -> dict[str, Any]:
    return {
        "case": one.case.thread,
        "statement": one.notice.statement,
        "kind": one.notice.kind,
        "from": one.notice.from_member,
        "lot": one.match.lot_id,
        "basis": one.match.basis.value,
        "confidence": code_name(terms_pb2.Confidence, one.match.confidence),
        "differs": list(one.match.differs),
    }

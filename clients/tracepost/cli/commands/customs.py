"""`tracepost customs …`: what customs and border services tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tracepost.cli.commands.notices import ThingOptions, begin, company_of, put_thing, send
from tracepost.cli.commands.trace.sending import fill
from tracepost.cli.options import CoverOptions, NodeOptions, code_option, option
from tracepost.cli.verb import OptionGroup, Result, verb
from tracepost.cli.words import _
from tracepost.wire.v1 import seizure_pb2, terms_pb2, trace_pb2

app = typer.Typer(no_args_is_help=True, help=_("Tell other customs services of seizures."))


_SHORT, _FREIGHT, _GOODS = _("The short form"), _("How it was carried"), _("What was declared and how found")


@dataclass(frozen=True, slots=True)
class ShortForm(OptionGroup):
    """The ten fields of the short form, beside the items themselves."""

    seizure_id: Annotated[
        str | None, option("--seizure-id", _("Number of the seizure at your agency."), _SHORT)
    ] = None
    agency: Annotated[str | None, option("--agency", _("Agency that seized."), _SHORT)] = None
    seized_on: Annotated[str | None, option("--seized-on", _("Day of the seizure, YYYY-MM-DD."), _SHORT)] = (
        None
    )
    direction: Annotated[
        int | None, code_option("--direction", trace_pb2.MovementDirection, _("Direction."), _SHORT)
    ] = None
    mode: Annotated[
        int | None, code_option("--mode", trace_pb2.TransportMode, _("Mode of transport."), _SHORT)
    ] = None
    route: Annotated[
        list[str] | None,
        option("--route", _("Country on the route, from departure to destination; again for more."), _SHORT),
    ] = None
    border_point: Annotated[
        str | None, option("--border-point", _("Border point or customs office."), _SHORT)
    ] = None
    quantity: Annotated[int | None, option("--quantity", _("Pieces found."), _SHORT)] = None
    hs: Annotated[
        list[str] | None, option("--hs", _("HS code as found, digits only; again for more."), _SHORT)
    ] = None


@dataclass(frozen=True, slots=True)
class Freight(OptionGroup):
    """Conveyance and the numbers of what carried the goods."""

    conveyance: Annotated[
        str | None, option("--conveyance", _("Vessel, flight, train or vehicle."), _FREIGHT)
    ] = None
    container: Annotated[
        list[str] | None, option("--container", _("Container number (ISO 6346); again for more."), _FREIGHT)
    ] = None
    bill_of_lading: Annotated[str | None, option("--bill-of-lading", _("Bill of lading."), _FREIGHT)] = None
    air_waybill: Annotated[str | None, option("--air-waybill", _("Air waybill number."), _FREIGHT)] = None
    parcel: Annotated[
        list[str] | None,
        option("--parcel", _("Number of a postal parcel (UPU S10); again for more."), _FREIGHT),
    ] = None
    express_number: Annotated[
        str | None, option("--express-number", _("Number of an express carrier."), _FREIGHT)
    ] = None
    company: Annotated[
        list[str] | None,
        option("--company", _("Company, ROLE:NAME, as consignor:…; again for more."), _FREIGHT),
    ] = None


@dataclass(frozen=True, slots=True)
class Goods(OptionGroup):
    """What the papers said, and how the truth was found."""

    declared_goods: Annotated[str | None, option("--declared", _("Goods as declared."), _GOODS)] = None
    declared_hs: Annotated[
        list[str] | None, option("--declared-hs", _("HS code as declared; again for more."), _GOODS)
    ] = None
    procedure: Annotated[
        int | None,
        code_option("--procedure", seizure_pb2.CustomsProcedure, _("Customs procedure."), _GOODS),
    ] = None
    detection: Annotated[
        list[int] | None,
        code_option(
            "--detection", seizure_pb2.DetectionMethod, _("How it was found; again for more."), _GOODS
        ),
    ] = None
    hidden: Annotated[
        list[int] | None,
        code_option(
            "--hidden", seizure_pb2.ConcealmentMethod, _("How it was hidden; again for more."), _GOODS
        ),
    ] = None
    concealment: Annotated[str | None, option("--concealment", _("The same in words."), _GOODS)] = None
    shipping_marks: Annotated[str | None, option("--shipping-marks", _("Marks on the packages."), _GOODS)] = (
        None
    )
    summary: Annotated[str | None, option("--summary", _("In words; no person, no exact place."), _GOODS)] = (
        None
    )


@verb(app, "seize")
async def seize(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help=_("Notice as JSON (*.json), or a table of what was found (*.csv).")
        ),
    ] = None,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    form: ShortForm,
    thing: ThingOptions,
    freight: Freight,
    goods: Goods,
    handling: Annotated[
        list[int] | None,
        code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
    ] = None,
    suggest_trace: Annotated[
        bool, option("--suggest-trace", _("Suggest that what was found is traced."))
    ] = False,
    template: Annotated[Path | None, option("--template", _("JSON with what a table does not say."))] = None,
    check: Annotated[
        bool, option("--check", _("Only judge it, by all that is known without a node; send nothing."))
    ] = False,
) -> Result:
    """Tell other members of a seizure at a border, in the short form of customs services.

    The ten fields are agency, seizure id, date, direction, mode, route, border point, items, quantity
    and HS code. Persons are named only in a file, and only on a legal basis of mutual assistance.
    """
    begun = begin(
        seizure_pb2.SeizureNotice,
        file,
        cover,
        template=template,
        purpose=terms_pb2.PURPOSE_BORDER_CONTROL,
        legal_basis=terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE,
    )
    notice = begun.message
    _put_form(notice, form)
    put_thing(notice, thing)
    _put_freight(notice, freight)
    _put_goods(notice, goods)
    fill(notice, handling_instructions=handling, suggests_trace=suggest_trace)
    return await send(begun, node, check=check)


def _put_form(notice: Any, form: ShortForm) -> None:
    fill(
        notice,
        file_number=form.seizure_id,
        agency=form.agency,
        seized_on=form.seized_on,
        direction=form.direction,
        transport_mode=form.mode,
        route_countries=form.route,
        border_point=form.border_point,
        quantity=form.quantity,
        hs_codes=form.hs,
    )


def _put_freight(notice: Any, freight: Freight) -> None:
    fill(
        notice,
        conveyance=freight.conveyance,
        container_numbers=freight.container,
        bill_of_lading=freight.bill_of_lading,
        air_waybill=freight.air_waybill,
        parcel_numbers=freight.parcel,
        express_number=freight.express_number,
        companies=[company_of(text) for text in freight.company] if freight.company else None,
    )


def _put_goods(notice: Any, goods: Goods) -> None:
    fill(
        notice,
        declared_goods=goods.declared_goods,
        declared_hs_codes=goods.declared_hs,
        customs_procedure=goods.procedure,
        detection_methods=goods.detection,
        concealment_methods=goods.hidden,
        concealment=goods.concealment,
        shipping_marks=goods.shipping_marks,
        summary=goods.summary,
    )

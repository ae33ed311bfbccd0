"""`tracepost register loss` and `hit`: what is sought, what became of it, and that it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.message import Message

from tracepost.cli.commands import notices
from tracepost.cli.commands.notices import Begun, ThingOptions, begin, put_thing
from tracepost.cli.commands.trace.answering import FileNumberOption
from tracepost.cli.commands.trace.sending import begin as begin_message
from tracepost.cli.commands.trace.sending import fill, say_with
from tracepost.cli.options import (
    CaseArgument,
    CoverOptions,
    ItemsOption,
    MessageOption,
    NodeOptions,
    code_option,
    option,
)
from tracepost.cli.profile import read_profile
from tracepost.cli.session import connected
from tracepost.cli.verb import OptionGroup, Result, verb
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.sdk import message_of
from tracepost.wire.v1 import desk_pb2, loss_pb2, terms_pb2, trace_pb2, weapon_pb2

_KIND = "register.loss-notice/1"
_PLACE = _("When and where")


@dataclass(frozen=True, slots=True)
class LossOptions(OptionGroup):
    """What happened to what is sought."""

    status: Annotated[int | None, code_option("--status", loss_pb2.LossStatus, _("What happened."))] = None
    reporting_unit: Annotated[str | None, option("--reporting-unit", _("Unit to which it was reported."))] = (
        None
    )
    reported_on: Annotated[str | None, option("--reported-on", _("Day of the report, YYYY-MM-DD."))] = None
    lost_from: Annotated[int | None, code_option("--from", trace_pb2.HolderKind, _("Who had it."))] = None
    quantity: Annotated[int | None, option("--quantity", _("Pieces that are gone."))] = None
    expires_on: Annotated[
        str | None, option("--expires-on", _("Last day on which it is sought, YYYY-MM-DD."))
    ] = None
    summary: Annotated[str | None, option("--summary", _("In words; no person, no exact place."))] = None


@dataclass(frozen=True, slots=True)
class PlaceOptions(OptionGroup):
    """Date and place, generalised."""

    on: Annotated[str | None, option("--on", _("Day, month or year."), _PLACE)] = None
    until: Annotated[str | None, option("--until", _("End of the time in which it happened."), _PLACE)] = None
    country: Annotated[str | None, option("--in", _("Country, three letters."), _PLACE)] = None
    region: Annotated[str | None, option("--region", _("Region; no exact place."), _PLACE)] = None
    found: Annotated[
        list[int] | None,
        code_option("--found", weapon_pb2.FoundSituation, _("How it came to light; again for more."), _PLACE),
    ] = None


def register(app: typer.Typer) -> None:
    """Add these verbs to `app`."""
    verb(app, "loss")(loss)
    verb(app, "hit")(hit)


async def loss(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help=_("Notice as JSON (*.json), or a table of what is gone (*.csv).")
        ),
    ] = None,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    options: LossOptions,
    place: PlaceOptions,
    thing: ThingOptions,
    file_number: FileNumberOption = None,
    handling: Annotated[
        list[int] | None,
        code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
    ] = None,
    case: Annotated[
        str | None,
        option("--case", _("With recovered or cancelled: the case of the notice that it changes.")),
    ] = None,
    item: ItemsOption = None,
    template: Annotated[Path | None, option("--template", _("JSON with what a table does not say."))] = None,
    check: Annotated[
        bool, option("--check", _("Only judge it, by all that is known without a node; send nothing."))
    ] = False,
) -> Result:
    """Tell other members what was lost or stolen; or, with --case, that it is recovered or no longer sought.

    One thing is told by options, many by a table, all by a JSON file. A stock is told by its serial ranges.
    """
    begun = begin(loss_pb2.LossNotice, file, cover, template=template, purpose=terms_pb2.PURPOSE_RECOVERY)
    notice: loss_pb2.LossNotice = begun.message
    _put_loss(notice, options, place, file_number, handling)
    put_thing(notice, thing)
    if case is None:
        return await notices.send(begun, node, check=check)
    return await _end(begun, node, case, item)


def _put_loss(
    notice: loss_pb2.LossNotice,
    options: LossOptions,
    place: PlaceOptions,
    file_number: str | None,
    handling: list[int] | None,
) -> None:
    fill(
        notice,
        file_number=file_number,
        status=options.status,
        reporting_unit=options.reporting_unit,
        reported_on=options.reported_on,
        lost_from=options.lost_from,
        quantity=options.quantity,
        expires_on=options.expires_on,
        summary=options.summary,
        happened_on=place.on,
        happened_until=place.until,
        country=place.country,
        region=place.region,
        found_situations=place.found,
        handling_instructions=handling,
    )


async def _end(begun: Begun, node: NodeOptions, case: str, named: list[str] | None) -> Result:
    """Send the end of a search: of the items named, or of all, of our notice in the case."""
    notice: loss_pb2.LossNotice = begun.message
    own = read_profile(node.profile).member
    async with connected(node, _("Reading the case")) as client:
        view = await client.show_case(case)
    before = _find_notice(view, own)
    earlier = before.content.loss_notice
    if not notice.changes_digest:
        notice.changes_digest = before.statement
    if not notice.items:
        chosen = [one for one in earlier.items if named is None or one.id in named]
        notice.items.extend(weapon_pb2.Item(id=one.id, kind=_kind_of(one)) for one in chosen)
    fill(notice, file_number=notice.file_number or earlier.file_number)
    fill(notice, reporting_unit=notice.reporting_unit or earlier.reporting_unit)
    return await notices.send(begun, node, case=view.summary.thread)


def _find_notice(view: desk_pb2.CaseView, own: str) -> desk_pb2.StatementView:
    for one in reversed(view.statements):
        if one.from_member == own and one.kind == _KIND and not one.content.loss_notice.changes_digest:
            return one
    raise NotFoundError(_("The case holds no notice of a loss of ours."), where=view.summary.thread)


def _kind_of(item: weapon_pb2.Item) -> weapon_pb2.ItemKind:
    return item.kind or weapon_pb2.ITEM_KIND_WEAPON


async def hit(
    case: CaseArgument,
    *,
    node: NodeOptions,
    cover: CoverOptions,
    place: PlaceOptions,
    thing: ThingOptions,
    message: MessageOption = None,
    file_number: FileNumberOption = None,
    item: Annotated[
        str | None, option("--item", _("Item of the notice or request that was recognised."))
    ] = None,
    statement: Annotated[
        str | None, option("--statement", _("That notice or request; else the newest with such an item."))
    ] = None,
    confidence: Annotated[
        int | None, code_option("--confidence", terms_pb2.Confidence, _("How sure it is."))
    ] = None,
    agrees: Annotated[
        list[int] | None, code_option("--agrees", loss_pb2.HitFeature, _("What agrees; again for more."))
    ] = None,
    differs: Annotated[
        list[int] | None, code_option("--differs", loss_pb2.HitFeature, _("What differs; again for more."))
    ] = None,
    handling: Annotated[
        list[int] | None,
        code_option("--handling", terms_pb2.HandlingInstruction, _("How to handle it; again for more.")),
    ] = None,
    summary: Annotated[str | None, option("--summary", _("In words; no person, no exact place."))] = None,
) -> Result:
    """Say that something was seen which a notice or request in the case is about: what, and how sure it is.

    A serial number alone is never certain: say with --agrees what else fits.
    """
    body, album = begin_message(loss_pb2.Hit, message)
    put_thing(body, thing)
    fill(
        body,
        file_number=file_number,
        agrees_in=agrees,
        differs_in=differs,
        handling_instructions=handling,
        summary=summary,
        found_on=place.on,
        country=place.country,
        region=place.region,
        found_situation=place.found[0] if place.found else None,
    )
    async with connected(node, _("Signing and queueing")) as client:
        view = await client.show_case(case)
        if item is not None:
            known = statement or _find_item(view, item, read_profile(node.profile).member)
            sure = confidence or terms_pb2.CONFIDENCE_PROBABLE
            body.recognised.append(_recognised(body, known, item, sure))
        return await say_with(client, view.summary.thread, body, cover, album)


def _recognised(body: loss_pb2.Hit, statement: str, item: str, confidence: int) -> loss_pb2.Recognised:
    if not body.items:
        raise InvalidInputError(_("Say what was seen: by options, or by a file."), where="--serial")
    one = loss_pb2.Recognised(statement_digest=statement, item_id=item, seen_item_id=body.items[0].id)
    fill(one, confidence=confidence)
    return one


def _find_item(view: desk_pb2.CaseView, item: str, own: str) -> str:
    """Return the newest statement of others in the case that has an item of this name."""
    for one in reversed(view.statements):
        said: Message | None = message_of(one.content)
        if one.from_member != own and item in {each.id for each in getattr(said, "items", ())}:
            return one.statement
    raise NotFoundError(_("Nothing in the case has such an item."), where=item)

"""Lots of arms as a table, for the sheets of messages that tell of lots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.message import Message
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracepost.cli.render.fields import code_of, enum_words, sheet
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _, coded, kind_words
from tracepost.locale.values import printable
from tracepost.sdk.lots import Told
from tracepost.wire.v1 import lot_pb2, terms_pb2, weapon_pb2


def sheet_with_lots(
    message: Message, lots: Iterable[lot_pb2.ArmsLot], skip: frozenset[str]
) -> RenderableType:
    """Return a message field by field, and below it its lots, a row each."""
    parts: list[RenderableType] = [sheet(message, skip | {"lots"})]
    told = list(lots)
    if told:
        parts.append(lot_table(told))
    return Group(*parts)


def lot_table(lots: Iterable[lot_pb2.ArmsLot]) -> Table:
    """Return what each lot is and by which numbers it is known."""
    table = table_of(_("lot"), _("kind"), _("make, model, calibre"), _("pieces"), _("numbers"))
    for lot in lots:
        described = " ".join(printable(text) for text in (lot.make, lot.model, lot.calibre) if text)
        pieces = str(lot.quantity) if lot.HasField("quantity") else ""
        kind = code_of(lot, "category") or code_of(lot, "kind")
        table.add_row(lot.id, kind, described, pieces, "\n".join(_numbers(lot)))
    return table


def _numbers(lot: lot_pb2.ArmsLot) -> Iterable[str]:
    yield from (_range(one) for one in lot.serial_ranges)
    if lot.serials:
        yield ", ".join(map(printable, lot.serials))
    for label, numbers in ((_("lot number"), lot.lot_numbers), (_("crate"), lot.crate_numbers)):
        if numbers:
            yield f"{label}: {', '.join(map(printable, numbers))}"
    if lot.headstamp:
        yield f"{_('headstamp')}: {printable(lot.headstamp)}"
    if lot.description:
        yield printable(lot.description)


def _range(one: weapon_pb2.SerialRange) -> str:
    ends = f"{printable(one.from_serial)} - {printable(one.to_serial)}"
    return f"{ends} ({_('complete')})" if one.complete else ends


def match_table(told: Sequence[Told]) -> RenderableType:
    """Return which lots a find may belong to, the surest of each case first."""
    if not told:
        return Text(_("No delivery and no diversion that you were told of fits."))
    table = table_of(
        _("case"), _("message"), _("from"), _("lot"), _("same"), _("how sure"), _("but differs in")
    )
    for one in told:
        table.add_row(
            one.case.thread,
            kind_words(one.notice.kind),
            one.notice.from_member,
            one.match.lot_id,
            coded("lot_basis", one.match.basis.value),
            enum_words(terms_pb2.Confidence.DESCRIPTOR, one.match.confidence),
            ", ".join(coded("field", name) for name in one.match.differs),
        )
    return table

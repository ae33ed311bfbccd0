"""One lot of arms from options: what it is, and its numbers. More than one lot comes from --message FILE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from tracepost.cli.commands.trace.sending import fill, pair
from tracepost.cli.options import code_option, option
from tracepost.cli.verb import OptionGroup
from tracepost.cli.words import _
from tracepost.wire.v1 import weapon_pb2

_LOT = _("The lot of arms")


@dataclass(frozen=True, slots=True)
class LotOptions(OptionGroup):
    """A lot, as far as one lot can be said without a file."""

    kind: Annotated[
        int | None, code_option("--kind", weapon_pb2.ItemKind, _("What it is; a weapon if not said."), _LOT)
    ] = None
    category: Annotated[
        int | None, code_option("--category", weapon_pb2.Category, _("Category (ITI 4)."), _LOT)
    ] = None
    make: Annotated[str | None, option("--make", _("Maker."), _LOT)] = None
    model: Annotated[str | None, option("--model", _("Model."), _LOT)] = None
    calibre: Annotated[str | None, option("--calibre", _("Calibre, such as 7.62x39mm."), _LOT)] = None
    quantity: Annotated[int | None, option("--quantity", _("Number of pieces."), _LOT)] = None
    serial_range: Annotated[
        list[str] | None,
        option("--serial-range", _("Consecutive numbers, FIRST:LAST; again for more."), _LOT),
    ] = None
    complete: Annotated[
        bool, option("--complete", _("Every number between the ends of a range belongs to it."), _LOT)
    ] = False
    serial: Annotated[
        list[str] | None, option("--serial", _("Single serial number; again for more."), _LOT)
    ] = None
    lot_number: Annotated[
        list[str] | None, option("--lot-number", _("Number of a production lot; again for more."), _LOT)
    ] = None
    crate: Annotated[list[str] | None, option("--crate", _("Crate number; again for more."), _LOT)] = None
    headstamp: Annotated[
        str | None, option("--headstamp", _("Headstamp of ammunition, clockwise from 12 o'clock."), _LOT)
    ] = None

    def put_into(self, lots: Any) -> None:
        """Put what was said into the first of `lots`, which becomes a new one if there is none."""
        if self == LotOptions():
            return
        lot = lots[0] if lots else lots.add(id="1", kind=weapon_pb2.ITEM_KIND_WEAPON)
        fill(
            lot,
            kind=self.kind,
            category=self.category,
            make=self.make,
            model=self.model,
            calibre=self.calibre,
            quantity=self.quantity,
            serials=self.serial,
            lot_numbers=self.lot_number,
            crate_numbers=self.crate,
            headstamp=self.headstamp,
        )
        for text in self.serial_range or ():
            first, last = pair(text, "--serial-range")
            lot.serial_ranges.add(from_serial=first, to_serial=last, complete=self.complete or None)

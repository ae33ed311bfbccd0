"""The pages of a notice: what was seized, told to others in the short form of customs services."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracepost.console.forms.request_guide import RESTRICTIONS, item_steps, photograph_step
from tracepost.console.forms.steps import Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)

_AT_ONCE: Final = frozenset(
    {
        *("kind", "object.category", "object.make", "object.model", "object.calibre_as_marked"),
        *("object.unmarked", "ammunition.headstamp", "ammunition.calibre_as_marked"),
        *("ammunition.lot_number", "ammunition.quantity", "packaging.crate_number", "packaging.lot_number"),
        *("packaging.quantity", "packaging.description"),
        *("serial_range.from_serial", "serial_range.to_serial", "serial_range.quantity"),
        *("serial_range.complete", "role", "text_as_seen", "symbol", "location", "legibility"),
    }
)
"""What an officer sees who has the item before him and little time."""


def _items_at_hand(message: str, title: str, after: str) -> tuple[Step, ...]:
    items, item, thing, marks, mark = item_steps(message)
    return (
        replace(items, title=title, after=after),
        _shortened(item),
        _shortened(thing),
        replace(marks, after="photographs"),
        _shortened(mark),
        photograph_step(message),
    )


def _shortened(step: Step) -> Step:
    return replace(step, asks=tuple(one for one in step.asks if one.path.rpartition("}.")[2] in _AT_ONCE))


_SEIZURE: Final = "content.seizure_notice"
SEIZURE: Final = Guide(
    "seizure",
    _("Report a seizure"),
    "seizure_notice",
    (
        *_items_at_hand(_SEIZURE, _("What was seized"), "seizure"),
        Step(
            "seizure",
            _("Where, when and by whom"),
            (
                Ask(f"{_SEIZURE}.seized_on"),
                Ask(f"{_SEIZURE}.border_point", title=_("Border point or customs office")),
                Ask(
                    f"{_SEIZURE}.exact_place",
                    hint=_("If another than that. Read by desks for law enforcement alone."),
                ),
                Ask(f"{_SEIZURE}.agency", title=_("Agency that seized")),
                Ask(f"{_SEIZURE}.file_number", title=_("Number of the seizure at your agency")),
                Ask(f"{_SEIZURE}.contacts.0.name", title=_("Officer who can be asked")),
                Ask(f"{_SEIZURE}.contacts.0.telephone"),
            ),
            after="goods",
        ),
        Step(
            "goods",
            _("How it travelled, and how much it is"),
            (
                Ask(f"{_SEIZURE}.direction"),
                Ask(f"{_SEIZURE}.transport_mode"),
                Ask(
                    f"{_SEIZURE}.route_countries",
                    hint=_("From departure to destination, one a line; at least the country of the seizure."),
                ),
                Ask(
                    f"{_SEIZURE}.quantity",
                    title=_("Pieces found"),
                    hint=_("All items; cartridges only where nothing else was found."),
                ),
                Ask(
                    f"{_SEIZURE}.hs_codes",
                    title=_("HS codes as found"),
                    hint=_(
                        "Digits only, one a line: 9301 military weapons, 9302 revolvers and pistols, "
                        "9303 other firearms, 9305 parts, 9306 ammunition."
                    ),
                ),
                Ask(f"{_SEIZURE}.detection_methods"),
                Ask(f"{_SEIZURE}.concealment_methods"),
                Ask(f"{_SEIZURE}.summary", hint=_("No names and no exact place: many desks may read this.")),
            ),
            after="to",
        ),
        Step(
            "to",
            _("Whom do you tell?"),
            (
                Ask("to", title=_("To"), needed=True),
                Ask("purpose", needed=True),
                Ask("legal_basis", needed=True),
                Ask(f"{_SEIZURE}.suggests_trace", title=_("Do you suggest that the items are traced?")),
                Ask(f"{_SEIZURE}.handling_instructions"),
                *RESTRICTIONS,
            ),
        ),
        _CHECK,
    ),
    opens=True,
)

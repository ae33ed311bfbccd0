"""The pages of notices: what was seized, as customs services tell it; what was lost or stolen, its end, and that it was
seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracepost.console.forms.questions import ENDED
from tracepost.console.forms.request_guide import (
    COUNTRY_HINT,
    DATE_HINT,
    RESTRICTIONS,
    item_steps,
    photograph_step,
)
from tracepost.console.forms.steps import TO_WHOM, Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)

_AT_ONCE: Final = frozenset(
    {
        *("kind", "object.category", "object.make", "object.model", "object.calibre_as_marked"),
        *("object.unmarked", "ammunition.headstamp", "ammunition.calibre_as_marked"),
        *("ammunition.lot_number", "ammunition.quantity", "packaging.crate_number", "packaging.lot_number"),
        *("packaging.quantity", "packaging.description"),
        *("serial_range.from_serial", "serial_range.to_serial", "serial_range.quantity"),
        *("serial_range.complete", "role", "text_as_seen", "script", "symbol", "location", "legibility"),
    }
)
"""What an officer sees who has the item before him and little time."""
_ON_PAPER: Final = frozenset({"custody", "object.country_of_manufacture", "object.importer_as_marked"})
"""What the blank form for a seizure asks of an item beside that."""


def _items_at_hand(
    message: str, title: str, after: str, more: frozenset[str] = frozenset()
) -> tuple[Step, ...]:
    asked = _AT_ONCE | more
    items, item, thing, marks, mark = item_steps(message)
    return (
        replace(items, title=title, after=after),
        _shortened(item, asked),
        _shortened(thing, asked),
        replace(marks, after="photographs"),
        _shortened(mark, asked),
        photograph_step(message),
    )


def _shortened(step: Step, names: frozenset[str]) -> Step:
    return replace(step, asks=tuple(one for one in step.asks if one.path.rpartition("}.")[2] in names))


def _to_whom(message: str, *more: Ask) -> Step:
    """Return the page of whom a notice goes to, on which terms, and how it is handled."""
    return Step(
        "to",
        _("Whom do you tell?"),
        (
            Ask("to", title=_("To"), needed=True),
            Ask("purpose", needed=True),
            Ask("legal_basis", needed=True),
            *more,
            Ask(f"{message}.handling_instructions"),
            *RESTRICTIONS,
        ),
    )


_SEIZURE: Final = "content.seizure_notice"
SEIZURE: Final = Guide(
    "seizure",
    _("Report a seizure"),
    "seizure_notice",
    (
        *_items_at_hand(_SEIZURE, _("What was seized"), "seizure", _ON_PAPER),
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
            after="papers",
        ),
        Step(
            "papers",
            _("What carried it, and what the papers say"),
            (
                Ask(f"{_SEIZURE}.conveyance", hint=_("Vessel, flight, train or vehicle.")),
                Ask(f"{_SEIZURE}.container_numbers", hint=_("One a line, as CSQU3054383.")),
                Ask(f"{_SEIZURE}.bill_of_lading"),
                Ask(f"{_SEIZURE}.air_waybill"),
                Ask(f"{_SEIZURE}.parcel_numbers", hint=_("One a line, as RA473124829DE.")),
                Ask(f"{_SEIZURE}.declared_goods"),
                Ask(f"{_SEIZURE}.customs_procedure"),
            ),
            lead=_("Leave empty what you do not know."),
            after="to",
        ),
        _to_whom(
            _SEIZURE,
            Ask(f"{_SEIZURE}.suggests_trace", title=_("Do you suggest that the items are traced?")),
        ),
        _CHECK,
    ),
    opens=True,
)

_LOSS: Final = "content.loss_notice"
LOSS: Final = Guide(
    "loss",
    _("Report a loss or theft"),
    "loss_notice",
    (
        *_items_at_hand(_LOSS, _("What was lost or stolen"), "loss"),
        Step(
            "loss",
            _("What happened, and who knows of it"),
            (
                Ask(f"{_LOSS}.status", title=_("What happened"), offers="losses"),
                Ask(f"{_LOSS}.lost_from", title=_("Who had it")),
                Ask(
                    f"{_LOSS}.quantity",
                    title=_("Pieces that are gone"),
                    hint=_("Where the items do not count them."),
                ),
                Ask(f"{_LOSS}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_LOSS}.reporting_unit", title=_("Unit to which it was reported")),
                Ask(f"{_LOSS}.reported_on"),
                Ask(
                    f"{_LOSS}.expires_on",
                    title=_("Last day on which it is sought"),
                    hint=_("Leave it empty, and it is sought until you say otherwise."),
                ),
            ),
            after="where",
        ),
        Step(
            "where",
            _("When and where it happened"),
            (
                Ask(f"{_LOSS}.happened_on", title=_("When"), hint=DATE_HINT),
                Ask(
                    f"{_LOSS}.happened_until",
                    title=_("Until when at the latest"),
                    hint=_("If the day is not known: the end of the time in which it happened."),
                ),
                Ask(f"{_LOSS}.country", hint=COUNTRY_HINT),
                Ask(f"{_LOSS}.region", hint=_("A region, never an exact place.")),
                Ask(f"{_LOSS}.exact_place", hint=_("Read by desks for law enforcement alone.")),
                Ask(f"{_LOSS}.crime_number"),
                Ask(f"{_LOSS}.summary", hint=_("No names and no exact place: many desks may read this.")),
                Ask(f"{_LOSS}.contacts.0.name", title=_("Officer who can be asked")),
                Ask(f"{_LOSS}.contacts.0.telephone"),
            ),
            after="to",
        ),
        _to_whom(_LOSS),
        _CHECK,
    ),
    lead=_(
        "What is sought is recognised by a mark, a number or a lot. A stock is told by its serial ranges."
    ),
    opens=True,
)

_FOUND: Final = (f"{_LOSS}.status", "RECOVERED")
END_LOSS: Final = Guide(
    "loss-end",
    _("Say that it was found, or is no longer sought"),
    "loss_notice",
    (
        Step(
            "say",
            _("Say that it was found, or is no longer sought"),
            (
                TO_WHOM,
                Ask(ENDED, title=_("Which items"), needed=True, offers="sought"),
                Ask(f"{_LOSS}.status", title=_("What became of them"), offers="ends-of-losses"),
                Ask(f"{_LOSS}.found_situations", title=_("How they came to light"), under=_FOUND),
                Ask(f"{_LOSS}.happened_on", title=_("When"), hint=DATE_HINT),
                Ask(f"{_LOSS}.country", hint=COUNTRY_HINT),
                Ask(f"{_LOSS}.region", hint=_("A region, never an exact place.")),
                Ask(f"{_LOSS}.summary", hint=_("No names and no exact place: many desks may read this.")),
                Ask(f"{_LOSS}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_LOSS}.reporting_unit", title=_("Unit to which it was reported")),
            ),
        ),
        _CHECK,
    ),
    lead=_("The others look for these items no more. What you leave out is still sought."),
)

_HIT: Final = "content.hit"
_RECOGNISED: Final = f"{_HIT}.recognised.{{0}}"


def _seen_items() -> tuple[Step, ...]:
    """Return the pages of what was seen, each with the item of the notice that it is like."""
    items, item, *others = _items_at_hand(_HIT, _("What was seen"), "compare")
    which = Ask(f"{_RECOGNISED}.item_id", title=_("Which item of their notice"), needed=True, offers="seen")
    sure = Ask(
        f"{_RECOGNISED}.confidence",
        title=_("How sure is it?"),
        hint=_("A serial number alone is never certain: makers do not agree on their numbers."),
    )
    return (
        replace(items, beside=f"{_HIT}.recognised"),
        replace(item, asks=(which, sure, *item.asks)),
        *others,
    )


HIT: Final = Guide(
    "hit",
    _("Say that something sought was seen"),
    "hit",
    (
        *_seen_items(),
        Step(
            "compare",
            _("What agrees, and what differs"),
            (
                Ask(f"{_HIT}.agrees_in", title=_("What agrees with their notice"), needed=True),
                Ask(f"{_HIT}.differs_in", title=_("What differs from it")),
            ),
            after="where",
        ),
        Step(
            "where",
            _("How, when and where it was seen"),
            (
                Ask(f"{_HIT}.found_situation"),
                Ask(f"{_HIT}.found_on", title=_("When"), hint=DATE_HINT),
                Ask(f"{_HIT}.country", hint=COUNTRY_HINT),
                Ask(f"{_HIT}.region", hint=_("A region, never an exact place.")),
                Ask(f"{_HIT}.border_point"),
                Ask(f"{_HIT}.exact_place", hint=_("Read by desks for law enforcement alone.")),
                Ask(f"{_HIT}.summary", hint=_("No names and no exact place: many desks may read this.")),
            ),
            after="to",
        ),
        Step(
            "to",
            _("Who can be asked, and how it is handled"),
            (
                TO_WHOM,
                Ask(f"{_HIT}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_HIT}.contacts.0.name", title=_("Officer who can be asked")),
                Ask(f"{_HIT}.contacts.0.telephone"),
                Ask(f"{_HIT}.handling_instructions"),
                *RESTRICTIONS,
            ),
        ),
        _CHECK,
    ),
    lead=_("It answers no request: it says what was seen, and how sure it is that this is what they seek."),
)

"""The pages of a new request, in the order in which an officer thinks; one thing a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracepost.console.forms.steps import Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_REQUEST: Final = "content.trace_request"
_FOUND: Final = f"{_REQUEST}.circumstances"
DATE_HINT: Final = _("For example, 27 3 2026. Leave the day, or day and month, empty if they are not known.")
COUNTRY_HINT: Final = _("Name or three-letter code.")
RESTRICTIONS: Final = (
    Ask("~restrictions", title=_("Restrictions on the use of what you send")),
    Ask(
        "~delete_after",
        title=_("Delete after this day"),
        under=("~restrictions", "DELETE_AFTER"),
        needed=True,
    ),
)
"""Asked on a page of any message that lays restrictions on its use."""


def item_steps(head: str) -> tuple[Step, ...]:
    """Return the list of items of the message at `head`, the page of one, and those below it but its photographs."""
    item = f"{head}.items.{{0}}"
    return (
        Step(
            "items",
            _("What was seized or found"),
            way=Way.LIST,
            entry="item",
            path=f"{head}.items",
            another=_("Do you want to add another item?"),
            after="found",
        ),
        Step(
            "item",
            _("What is it?"),
            (
                Ask(f"{item}.kind"),
                Ask(f"{item}.custody"),
                Ask(f"{item}.can_be_reexamined_until"),
                Ask(f"{item}.exhibit_number"),
            ),
            depth=1,
            after="thing",
        ),
        Step("thing", _("Describe it"), _thing(item), depth=1, after="marks"),
        Step(
            "marks",
            _("Marks on this item"),
            lead=_(
                "Every mark counts, also one that says nothing to you. First the serial on frame or receiver."
            ),
            depth=1,
            way=Way.LIST,
            entry="mark",
            path=f"{item}.object.mark",
            another=_("Do you want to add another mark?"),
            after="items",
            only=_arms(item),
        ),
        Step("mark", _("One mark"), mark_asks(f"{item}.object.mark.{{1}}"), depth=2, after="marks"),
    )


def photograph_step(head: str) -> Step:
    """Return the page of the photographs of one item of the message at `head`, which its marks lead to."""
    item = f"{head}.items.{{0}}"
    return Step(
        "photographs",
        _("Photographs of this item"),
        lead=_(
            "Left, right, the serial, each other mark. Place and camera are removed from the copy that travels."
        ),
        depth=1,
        way=Way.PHOTOGRAPHS,
        path=f"{item}.object.photograph",
        after="items",
        only=_arms(item),
    )


def _arms(item: str) -> tuple[str, frozenset[str]]:
    return _of_kind(item, "WEAPON", "ESSENTIAL_PART", "SILENCER", "MAGAZINE", "LAUNCHER_AND_MISSILE")


def _of_kind(item: str, *kinds: str) -> tuple[str, frozenset[str]]:
    return f"{item}.kind", frozenset(kinds)


def _thing(item: str) -> tuple[Ask, ...]:
    arms, ammunition = _arms(item), _of_kind(item, "AMMUNITION")
    packaging, serials = _of_kind(item, "PACKAGING"), _of_kind(item, "SERIAL_RANGE")

    def on(condition: tuple[str, frozenset[str]], *paths: str) -> tuple[Ask, ...]:
        return tuple(Ask(f"{item}.{path}", only=condition) for path in paths)

    return (
        *on(arms, "object.category"),
        Ask(
            f"{item}.object.make",
            only=arms,
            hint=_("As marked. A weapon may bear the marks of several makers."),
        ),
        *on(arms, "object.model"),
        Ask(f"{item}.object.calibre_as_marked", only=arms, hint=_("As stamped, with every sign.")),
        Ask(f"{item}.object.country_of_manufacture", only=arms, hint=COUNTRY_HINT),
        *on(arms, "object.country_of_manufacture_confidence", "object.year_of_manufacture"),
        Ask(f"{item}.object.importer_as_marked", only=arms),
        *on(arms, "object.copy_suspected", "object.craft_made", "object.converted"),
        Ask(
            f"{item}.object.unmarked",
            only=arms,
            hint=_("Yes, if it was examined and bears no mark at all."),
        ),
        *on(arms, "object.description"),
        *on(ammunition, "ammunition.headstamp", "ammunition.calibre_as_marked", "ammunition.lot_number"),
        *on(ammunition, "ammunition.colour_code", "ammunition.quantity", "ammunition.state"),
        *on(packaging, "packaging.crate_number", "packaging.contract_mark", "packaging.lot_number"),
        *on(packaging, "packaging.consignor_mark", "packaging.consignee_mark", "packaging.quantity"),
        *on(packaging, "packaging.description"),
        *on(serials, "serial_range.from_serial", "serial_range.to_serial", "serial_range.quantity"),
        *on(serials, "serial_range.complete"),
    )


def mark_asks(mark: str) -> tuple[Ask, ...]:
    """Return what is asked of the mark at `mark`."""
    return (
        Ask(f"{mark}.role"),
        Ask(
            f"{mark}.text_as_seen",
            title=_("What is stamped"),
            hint=_(
                "Letter by letter, in its own script, from the weapon. A question mark for a sign that you cannot read."
            ),
            twice=True,
        ),
        Ask(
            f"{mark}.script",
            hint=_("Needed only where what you typed does not tell it: figures alone, or a symbol."),
        ),
        Ask(f"{mark}.symbol", hint=_("In words, if the mark is a symbol: star in circle.")),
        *(
            Ask(f"{mark}.{name}")
            for name in ("location", "component", "legibility", "confidence", "read_from")
        ),
        Ask(f"{mark}.country", title=_("Country that the mark stands for"), hint=COUNTRY_HINT),
        Ask(f"{mark}.year", title=_("Year that the mark stands for")),
    )


def numbered(item: Step, head: str) -> Step:
    """Ask for the number of an item too: whoever asks chooses it, once."""
    number = Ask(
        f"{head}.items.{{0}}.id",
        title=_("Number of the item in this request"),
        hint=_("Answers name the item by it."),
    )
    kind, *others = item.asks
    return replace(item, asks=(kind, number, *others))


_ITEMS, _ONE_ITEM, _THING, _MARKS, _MARK = item_steps(_REQUEST)
_URGENT: Final = (f"{_REQUEST}.urgency", "URGENT")

REQUEST: Final = Guide(
    "request",
    _("Ask for a trace"),
    "trace_request",
    (
        Step(
            "to",
            _("Whom do you ask?"),
            (
                Ask("to", title=_("Point of contact"), needed=True),
                Ask(f"{_REQUEST}.addressed_because"),
                Ask(
                    f"{_REQUEST}.referral_consents",
                    title=_("May refer the request to"),
                    hint=_("They may hand it on to these without asking you again."),
                ),
            ),
            lead=_(
                "The country of manufacture, or that of the last lawful import if the weapon bears its mark."
            ),
            after="reference",
        ),
        Step(
            "reference",
            _("Your file and how urgent it is"),
            (
                Ask(f"{_REQUEST}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_REQUEST}.urgency"),
                Ask(f"{_REQUEST}.urgency_reason", needed=True, under=_URGENT),
                Ask(f"{_REQUEST}.reply_by", hint=_("The instrument sets no time for an answer.")),
            ),
            after="items",
        ),
        _ITEMS,
        numbered(_ONE_ITEM, _REQUEST),
        _THING,
        replace(_MARKS, after="photographs"),
        _MARK,
        photograph_step(_REQUEST),
        Step(
            "found",
            _("Where, when and how it was found"),
            (
                Ask(f"{_FOUND}.found_situation"),
                Ask(f"{_FOUND}.found_on", hint=DATE_HINT),
                Ask(f"{_FOUND}.country", hint=COUNTRY_HINT),
                Ask(f"{_FOUND}.region"),
                Ask(f"{_FOUND}.border_point"),
                Ask(f"{_FOUND}.summary", hint=_("No names and no exact place: many desks may read this.")),
                Ask(f"{_FOUND}.exact_place"),
                Ask(f"{_FOUND}.narrative"),
                Ask(f"{_FOUND}.crime_number"),
                Ask(f"{_FOUND}.investigating_office"),
            ),
            after="grounds",
        ),
        Step(
            "grounds",
            _("Why it is illicit"),
            (
                Ask(f"{_REQUEST}.illicit_grounds"),
                Ask(f"{_REQUEST}.ground_text"),
                Ask(f"{_REQUEST}.legal_provision"),
            ),
            lead=_(
                "A request under the International Tracing Instrument names one of its grounds (paragraph 6)."
            ),
            after="use",
        ),
        Step(
            "use",
            _("What the answer is for"),
            (
                Ask("purpose", needed=True),
                Ask("legal_basis", needed=True),
                Ask(f"{_REQUEST}.intended_use_detail"),
                Ask(f"{_REQUEST}.questions"),
            ),
            after="handling",
        ),
        Step(
            "handling",
            _("How it must be handled"),
            (
                Ask(f"{_REQUEST}.handling_instructions"),
                *RESTRICTIONS,
                Ask(
                    f"{_REQUEST}.guarantees_restrictions",
                    title=_("Can you respect restrictions and confidentiality of the answer?"),
                ),
                Ask(
                    f"{_REQUEST}.no_guarantee_reason",
                    needed=True,
                    under=(f"{_REQUEST}.guarantees_restrictions", "no"),
                ),
            ),
            after="office",
        ),
        Step(
            "office",
            _("How you can be reached"),
            (
                *(
                    Ask(f"{_REQUEST}.office.{name}")
                    for name in ("organisation", "unit", "telephone", "mailbox", "duty_hours")
                ),
                Ask(f"{_REQUEST}.contacts.0.name"),
                Ask(f"{_REQUEST}.contacts.0.telephone"),
                Ask(
                    f"{_REQUEST}.languages",
                    hint=_("In which you read answers, preferred first: en, fr. One a line."),
                ),
            ),
            after="check",
        ),
        Step("check", _("Check what you say"), way=Way.CHECK),
    ),
    lead=_(
        "You can stop at any page: what you have written is kept for thirty days and only you can read it."
    ),
    opens=True,
)

"""Notices as officers type them into the forms of a console: a page's name, and what is said in its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tracepost.locale.words import words_of

HANDLING: Final = "handling_instructions"
SERIAL: Final = "QX 77-4103826"

Said = Mapping[str, str | Sequence[str]]
Pages = Sequence[tuple[str, Said]]


@dataclass(frozen=True)
class Form:
    """A form of the console that makes a case: its name, the path of the message, what is typed page by page."""

    guide: str
    message: str
    pages: Pages

    def filled(self, number: str, *to: str) -> Pages:
        """Return the pages with the file number and the members that it goes to."""
        number_of_case = {f"{self.message}.file_number": number}
        more: dict[str, Said] = {self.guide: number_of_case, "to": {"to": to}}
        if self.guide not in {page for page, _said in self.pages}:
            more["to"] = {**more["to"], **number_of_case}
        return [(page, {**said, **more.get(page, {})}) for page, said in self.pages]

    def addresses(self, draft: str) -> list[str]:
        """Return the addresses of all pages of a draft."""
        own = [page for page, _said in self.pages]
        return [f"/drafts/{draft}/{page}" for page in ("items", *own, "marks/0", "photographs/0", "check")]

    def handling(self) -> list[str]:
        """Return the words of the handling instructions that are chosen."""
        chosen = (said for _page, fields in self.pages for path, said in fields.items() if HANDLING in path)
        return [words_of("en").coded("HandlingInstruction", code) for said in chosen for code in said]

    def canaries(self) -> set[str]:
        """Return what is typed that stands nowhere by chance."""
        typed = {one for _page, fields in self.pages for one in fields.values() if isinstance(one, str)}
        return {one for one in typed if "canary" in one or one == SERIAL}


def _day(path: str, year: int, month: int, number: int) -> dict[str, str]:
    """Return what a form says of a day in its three boxes."""
    return {f"{path}~y": str(year), f"{path}~m": str(month), f"{path}~d": str(number)}


def _item_pages(message: str) -> Pages:
    """Return what an officer says of a weapon that lies before him, without its photograph."""
    item = f"{message}.items.0"
    mark = f"{item}.object.mark.0"
    return [
        ("item/0", {f"{item}.kind": "WEAPON"}),
        (
            "thing/0",
            {
                f"{item}.object.category": "SELF_LOADING_PISTOL",
                f"{item}.object.make": "canary-make-of-it",
                f"{item}.object.calibre_as_marked": "9x19",
            },
        ),
        (
            "mark/0-0",
            {
                f"{mark}.role": "MANUFACTURER_SERIAL",
                f"{mark}.text_as_seen": SERIAL,
                f"~{mark}.text_as_seen": SERIAL,
                f"{mark}.location": "FRAME",
                f"{mark}.legibility": "CLEAR",
            },
        ),
    ]


_S: Final = "content.seizure_notice"
_SEIZURE: Final[Pages] = [
    *_item_pages(_S),
    (
        "seizure",
        {
            **_day(f"{_S}.seized_on", 2026, 3, 4),
            f"{_S}.border_point": "canary-border-point",
            f"{_S}.exact_place": "canary-exact-place",
            f"{_S}.agency": "Customs of XAA",
            f"{_S}.contacts.0.name": "canary-officer-name",
        },
    ),
    (
        "goods",
        {
            f"{_S}.direction": "IMPORT",
            f"{_S}.transport_mode": "POST_OR_EXPRESS",
            f"{_S}.route_countries": "XAD\nXAA",
            f"{_S}.quantity": "1",
            f"{_S}.hs_codes": "9302",
            f"{_S}.summary": "canary-summary-of-it",
        },
    ),
    ("papers", {f"{_S}.conveyance": "canary-conveyance", f"{_S}.customs_procedure": "TRANSIT"}),
    (
        "to",
        {
            "purpose": "BORDER_CONTROL",
            "legal_basis": "CUSTOMS_ASSISTANCE",
            f"{_S}.suggests_trace": "yes",
            f"{_S}.handling_instructions": ["DO_NOT_ALERT", "EVIDENCE_DO_NOT_ALTER"],
        },
    ),
]


SEIZURE: Final = Form("seizure", _S, _SEIZURE)

_L: Final = "content.loss_notice"
_LOSS: Final[Pages] = [
    *_item_pages(_L),
    (
        "loss",
        {
            f"{_L}.status": "STOLEN",
            f"{_L}.lost_from": "DEALER",
            f"{_L}.reporting_unit": "Weapons desk of XAA",
            **_day(f"{_L}.reported_on", 2026, 3, 5),
        },
    ),
    (
        "where",
        {
            **_day(f"{_L}.happened_on", 2026, 3, 4),
            f"{_L}.country": "XAA",
            f"{_L}.region": "canary-region-of-it",
            f"{_L}.exact_place": "canary-exact-place",
            f"{_L}.crime_number": "canary-crime-number",
            f"{_L}.summary": "canary-summary-of-it",
            f"{_L}.contacts.0.name": "canary-officer-name",
        },
    ),
    (
        "to",
        {
            "purpose": "RECOVERY",
            "legal_basis": "FIREARMS_PROTOCOL",
            f"{_L}.handling_instructions": ["CALL_BEFORE_ACTING"],
        },
    ),
]

LOSS: Final = Form("loss", _L, _LOSS)

_H: Final = "content.hit"
_LIKE: Final = {f"{_H}.recognised.0.item_id": "1", f"{_H}.recognised.0.confidence": "PROBABLE"}
_HIT: Final[Pages] = [
    *((page, {**said, **_LIKE} if page == "item/0" else said) for page, said in _item_pages(_H)),
    ("compare", {f"{_H}.agrees_in": ["SERIAL", "MAKE"], f"{_H}.differs_in": ["YEAR"]}),
    (
        "where",
        {
            f"{_H}.found_situation": "SEIZED",
            f"{_H}.country": "XAA",
            f"{_H}.region": "canary-region-of-it",
            f"{_H}.exact_place": "canary-exact-place",
            f"{_H}.summary": "canary-summary-of-it",
        },
    ),
    (
        "to",
        {
            f"{_H}.contacts.0.name": "canary-officer-name",
            f"{_H}.handling_instructions": ["CALL_BEFORE_ACTING"],
        },
    ),
]
HIT: Final = Form("hit", _H, _HIT)
"""Said in the case of a notice that seeks item 1."""

FORMS: Final = (SEIZURE, LOSS)

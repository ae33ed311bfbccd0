"""Cells that hold marks: the serial number as police records have it, and the other marks.

serial     TJY24???          read in part: "?" holds the place of what cannot be read
           filed off         in words, in many languages: an obliterated mark, and the words kept
           no number         in words: nothing was ever stamped
other      import: CAI ST ALB VT; property@slide: POL 4512; (2) barrel: 99817
           ROLE[@LOCATION]: TEXT, parted by semicolons; without a role it is another mark
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.vocabulary import code_number, normalise_mark, script_of
from tracepost.sdk.intake import cells
from tracepost.sdk.intake.rejections import CellError, Reason
from tracepost.wire.v1 import weapon_pb2

MARK_LIMIT = 200
_PREFIXES = {
    "(1)": weapon_pb2.CONTROL_COMPONENT_PREFIX_ONE,
    "(2)": weapon_pb2.CONTROL_COMPONENT_PREFIX_TWO,
}
_ROLE_WORDS = {
    "serial": weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
    "number": weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
    "manufacturer": weapon_pb2.MARK_ROLE_MAKE,
    "maker": weapon_pb2.MARK_ROLE_MAKE,
    "caliber": weapon_pb2.MARK_ROLE_CALIBRE,
    "importer": weapon_pb2.MARK_ROLE_IMPORT,
    "agency": weapon_pb2.MARK_ROLE_PROPERTY,
    "date": weapon_pb2.MARK_ROLE_DATE_CODE,
}


@dataclass(frozen=True, slots=True)
class SerialCell:
    """What a serial field says.

    Args:
        mark: the serial mark, or None where there is none.
        unmarked: the field says that there never was a number.
        words: what the field says instead of a number, to be kept.
    """

    mark: weapon_pb2.Mark | None = None
    unmarked: bool = False
    words: str = ""


def obliterated(cell: str) -> int | None:
    """Return what the field "obliterated" says, None when empty; beside yes and no a legibility code."""
    if not cell:
        return None
    try:
        said = cells.yes_or_no(cell)
    except CellError:
        try:
            return code_number(weapon_pb2.Legibility, cell)
        except InvalidInputError as fault:
            raise CellError(Reason.NOT_YES_OR_NO) from fault
    return weapon_pb2.LEGIBILITY_OBLITERATED if said else weapon_pb2.LEGIBILITY_CLEAR


def serial(cell: str, series: str, legibility: int | None) -> SerialCell:
    """Return what the serial field says, beside a series and the field "obliterated"."""
    number = cells.undamaged(cell, MARK_LIMIT)
    if cells.says_removed(number):
        if legibility == weapon_pb2.LEGIBILITY_CLEAR:
            raise CellError(Reason.CONTRADICTION)
        return SerialCell(_removed(legibility), words=number)
    if cells.says_unnumbered(number):
        if legibility not in (None, weapon_pb2.LEGIBILITY_CLEAR):
            raise CellError(Reason.CONTRADICTION)
        return SerialCell(unmarked=True, words=number)
    seen = cells.as_seen(" ".join(part for part in (series, number) if part))
    if not seen.strip("? "):
        return SerialCell(
            _removed(legibility) if seen or legibility == weapon_pb2.LEGIBILITY_OBLITERATED else None
        )
    return SerialCell(_read(seen, legibility))


def _removed(legibility: int | None) -> weapon_pb2.Mark:
    return _mark(
        weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, "", legibility or weapon_pb2.LEGIBILITY_OBLITERATED
    )


def _read(seen: str, legibility: int | None) -> weapon_pb2.Mark:
    if "?" in seen:
        legibility = weapon_pb2.LEGIBILITY_PARTIAL
    elif legibility in (weapon_pb2.LEGIBILITY_OBLITERATED, weapon_pb2.LEGIBILITY_PARTIAL):
        raise CellError(Reason.CONTRADICTION)  # given in full, and yet not to be read
    return _mark(weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, seen, legibility)


def other(cell: str) -> list[weapon_pb2.Mark]:
    """Return the marks that "additional markings" lists; raise `CellError` for a role or place unknown."""
    return [_other(entry) for entry in cells.parts(cells.text(cell, 10 * MARK_LIMIT))]


def _other(entry: str) -> weapon_pb2.Mark:
    prefix = _PREFIXES.get(entry[:3])
    head, colon, text = entry[3 if prefix else 0 :].strip().partition(":")
    if not colon:
        head, text = "other", head
    role, _at, place = head.partition("@")
    seen = cells.as_seen(cells.undamaged(text.strip(), MARK_LIMIT))
    if not seen:
        raise CellError(Reason.NOT_A_MARK)
    partial = weapon_pb2.LEGIBILITY_PARTIAL if "?" in seen else None
    return _mark(_role(role.strip()), seen, partial, location=_location(place.strip()), prefix=prefix)


def _mark(role: int, seen: str, legibility: int | None, **placed: int | None) -> weapon_pb2.Mark:
    values: dict[str, Any] = {
        "role": role,
        "text_as_seen": seen or None,
        "script": script_of(seen) if seen else None,
        "normalised": normalise_mark(seen) or None,
        "legibility": legibility,
        "location": placed.get("location"),
        "control_component_prefix": placed.get("prefix"),
    }
    return weapon_pb2.Mark(**values)


def _role(word: str) -> int:
    known = _ROLE_WORDS.get(word.casefold())
    if known is not None:
        return known
    try:
        return code_number(weapon_pb2.MarkRole, word)
    except InvalidInputError as fault:
        raise CellError(Reason.NOT_A_MARK) from fault


def _location(word: str) -> int | None:
    if not word:
        return None
    try:
        return code_number(weapon_pb2.MarkLocation, word)
    except InvalidInputError as fault:
        raise CellError(Reason.NOT_A_MARK) from fault

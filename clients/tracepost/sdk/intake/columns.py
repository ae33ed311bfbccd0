"""The columns of a table of weapons, and the headings by which offices call them.

Part V of ATF F 3312.1 (5a to 5i; a series beside its number), then what ITI 17 asks of a
request, then what our object holds beside. A heading matches without regard to case, spaces, points and
hyphens, with or without the number of the form's box.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracepost.protocol.errors import InvalidInputError


class Column(enum.StrEnum):
    """What a column holds."""

    SERIAL = "serial"
    SERIES = "series"
    OBLITERATED = "obliterated"
    MANUFACTURER = "manufacturer"
    TYPE = "type"
    CALIBRE = "calibre"
    MODEL = "model"
    COUNTRY = "country of origin"
    IMPORTER = "importer"
    OTHER_MARKS = "additional markings"
    # ITI 17
    GROUND = "illicit ground"
    JUSTIFICATION = "legal justification"
    FOUND_SITUATION = "found situation"
    FOUND_DATE = "found date"
    REGION = "region"
    CIRCUMSTANCES = "circumstances"
    PURPOSE = "intended use"
    QUESTIONS = "questions"
    OUR_NUMBER = "file number"
    HANDLING = "handling"
    # the object beside part V
    ITEM = "item"
    YEAR = "year"
    PHOTOGRAPHS = "photographs"


_ALIASES: dict[Column, str] = {
    Column.SERIAL: "serial number|serial no|serialno|serial nr|ser|sn|number|weapon number|номер",
    Column.SERIES: "serial series|weapon series|серія|серия",
    Column.OBLITERATED: "obliterated serial|serial obliterated|obliterated y n|obl",
    Column.MANUFACTURER: "make|maker|mak|manufacturer name|brand",
    Column.TYPE: "weapon type|firearm type|typ|category",
    Column.CALIBRE: "caliber|cal|calibre gauge|caliber gauge|gauge",
    Column.MODEL: "mod|model name|model number",
    Column.COUNTRY: "country|origin|country of manufacture|countryoforigin",
    Column.IMPORTER: "importer name|import marks|imported by",
    Column.OTHER_MARKS: "additional marks|other marks|other markings|markings|marks",
    Column.GROUND: "ground|grounds|iti 6 ground|illicit grounds",
    Column.JUSTIFICATION: "legal ground|law|article|legal basis text",
    Column.FOUND_SITUATION: "situation|found|how found",
    Column.FOUND_DATE: "recovery date|date found|seizure date|date of recovery|date recovered",
    Column.REGION: "recovery region|place|found region|province",
    Column.CIRCUMSTANCES: "circumstances found|summary|remarks",
    Column.PURPOSE: "use|purpose|intended use of information",
    Column.QUESTIONS: "questions asked|question|asked",
    Column.OUR_NUMBER: "case number|our file number|reference|case no|file no|our reference",
    Column.HANDLING: "handling instructions|special instructions|instructions",
    Column.ITEM: "item id|item no|item number|no|nr|exhibit",
    Column.YEAR: "year of manufacture|manufacture year",
    Column.PHOTOGRAPHS: "photograph|photo|photos|images|picture|pictures",
}
_PART_V = [column for column in Column if column is not Column.SERIES][:9]
_BOX = re.compile(r"(?:5\s*[a-i]|[1-9][a-z]?)\s+(?=\S)")


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[^\w]+|_", " ", heading.casefold()).split())


_KNOWN = {
    _plain(name): column
    for column in Column
    for name in (column.value, *_ALIASES.get(column, "").split("|"))
    if name
}


@dataclass(frozen=True, slots=True)
class Heading:
    """Which cell of a row holds what; cells of unknown columns are told, not taken."""

    places: dict[Column, int]
    names: dict[Column, str]
    unknown: tuple[str, ...]
    width: int

    def cell(self, cells: Sequence[str], column: Column) -> str:
        """Return the text of `column` in a row; empty when there is no such column or cell."""
        place = self.places.get(column)
        return cells[place] if place is not None and place < len(cells) else ""

    def name(self, column: Column) -> str:
        """Return the heading as the sender wrote it."""
        return self.names.get(column, column.value)


def read_heading(cells: Sequence[str]) -> Heading:
    """Return what the columns headed `cells` hold.

    Raises:
        InvalidInputError: no column is known, or two are the same.
    """
    places: dict[Column, int] = {}
    unknown = []
    for place, name in enumerate(cells):
        column = _recognise(name)
        if column is None:
            unknown.append(name)
        elif column in places:
            both = f"{cells[places[column]]}, {name}"
            raise InvalidInputError("Two columns hold the same.", where=both, reason="column-twice")
        else:
            places[column] = place
    if not places:
        raise InvalidInputError(
            "No column has a known heading.",
            where="row 1",
            reason="no-known-column",
            remedy="Use the headings of ATF F 3312.1 part V: " + ", ".join(_PART_V) + ".",
        )
    names = {column: cells[place] for column, place in places.items()}
    return Heading(places, names, tuple(name for name in unknown if name), len(cells))


def _recognise(name: str) -> Column | None:
    plain = _plain(name)
    return _KNOWN.get(plain) or _KNOWN.get(_BOX.sub("", plain, count=1))

"""How marks are found again: where they stand in a message, and which of them look alike.

    >>> fold_mark("ЕАО125L")                       # Cyrillic letters, a letter for a digit
    'EA01251'
    >>> compare_marks("EA-0125 1", "ea01251")
    <Grade.NORMALISED: 'normalised'>

`vocabulary.normalise_mark` keeps each script's own letters. `fold_mark` gives one form to all that
a person who reads worn metal, or writes it down, takes for one another. Two marks with one folded
form are no proof of one weapon: a match has a grade, and who uses it sees which.

Not done here: marks with unreadable places ("?") are compared as they are written; a number inside
a range of serials is no mark.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import orjson

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.schema import Field, JsonValue, Sensitivity
from tracepost.protocol.vocabulary import normalise_mark


class Grade(enum.StrEnum):
    """How well two marks agree, the best first."""

    EXACT = "exact"
    NORMALISED = "normalised"
    CONFUSABLE = "confusable"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return list(Grade).index(self)


@dataclass(frozen=True, slots=True)
class SeenMark:
    """A mark in a statement: the path of the disclosure that holds it, the item it is of, how it is written.

    `item` is the path of the item ("items.2"), empty where the mark belongs to none. The first of `texts`
    is the mark as it was seen.
    """

    path: str
    item: str
    texts: tuple[str, ...] = field(repr=False)

    def agrees(self, mark: str) -> Grade | None:
        """Return how well `mark` agrees with this one; None: not at all."""
        grades = [grade for text in self.texts if (grade := compare_marks(mark, text)) is not None]
        best = min(grades, key=lambda grade: grade.rank, default=None)
        as_seen = best is Grade.EXACT and mark.strip() == self.texts[0].strip()
        return Grade.NORMALISED if best is Grade.EXACT and not as_seen else best


_ALIKE: Final = ("0OQ", "1IL", "5S", "8B", "2Z")
"""Latin letters and digits that are taken for one another; the first stands for all."""

_LOOKS_LATIN: Final = MappingProxyType(
    {
        # Cyrillic
        **dict(zip("АВЕКМНОРСТУХІЈЅԚԜЗЧБӀҺ", "ABEKMHOPCTYXIJSQW346IH", strict=True)),
        # Greek
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        # Latin letters with a stroke, which no decomposition takes away
        **dict(zip("ĐØŁĦ", "DOLH", strict=True)),
    }
)
_REPRESENTATIVE: Final = MappingProxyType({sign: alike[0] for alike in _ALIKE for sign in alike})


def fold_mark(normalised: str) -> str:
    """Return one form for all marks that look like this one, of a mark as `normalise_mark` returns it."""
    bare = "".join(c for c in unicodedata.normalize("NFD", normalised) if unicodedata.category(c) != "Mn")
    return "".join(map(_fold, bare))


def _fold(character: str) -> str:
    latin = _LOOKS_LATIN.get(character, character)
    return _REPRESENTATIVE.get(latin, latin)


def compare_marks(one: str, other: str) -> Grade | None:
    """Return how well two marks, as seen, agree; None: not at all. A mark without a sign agrees with none."""
    if not (plain := normalise_mark(one)):
        return None
    if one.strip() == other.strip():
        return Grade.EXACT
    if plain == (other_plain := normalise_mark(other)):
        return Grade.NORMALISED
    return Grade.CONFUSABLE if fold_mark(plain) == fold_mark(other_plain) else None


# ---------------------------------------------------------------- where marks stand

_IN_UNITS: Final = MappingProxyType(
    {
        "mark": ("text_as_seen", "normalised"),
        "electronic_identifier": ("value",),
        "serial_range": ("from_serial", "to_serial"),
        "serial_ranges": ("from_serial", "to_serial"),
        "lineage_dealing": ("from_serial", "to_serial"),
    }
)
_ALONE: Final = frozenset(
    {
        "headstamp",
        "lot_number",
        "lot_numbers",
        "crate_number",
        "crate_numbers",
        "serials",
        "contract_mark",
        "consignor_mark",
        "consignee_mark",
    }
)
_ITEMS: Final = frozenset({"items", "answers", "lots"})
_SHOWN: Final = frozenset(f"{one.lower()}_disclosures" for one in Sensitivity)


def marks_of(fields: Iterable[Field]) -> Iterator[SeenMark]:
    """Yield every mark in the fields of a statement, also in statements of others that it shows.

    Fields are taken as they come: what is not formed as a mark should be is none.
    """
    for one in fields:
        place, _, leaf = one.path.rpartition(".")
        if leaf in _SHOWN and place.startswith("exhibits."):
            yield from (SeenMark(one.path, "", seen.texts) for seen in marks_of(_shown(one.value)))
            continue
        name = place.rpartition(".")[2] if leaf.isdecimal() else leaf
        if texts := tuple(_texts(name, one.value)):
            yield SeenMark(one.path, _item(one.path), texts)


def _item(path: str) -> str:
    parts = path.split(".")
    return ".".join(parts[:2]) if parts[0] in _ITEMS and len(parts) > 2 else ""


def _texts(name: str, value: JsonValue) -> Iterator[str]:
    if name in _ALONE:
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))
    elif name in _IN_UNITS and isinstance(value, dict):
        said = (value.get(member) for member in _IN_UNITS[name])
        yield from (one for one in said if isinstance(one, str))


def _shown(value: JsonValue) -> Iterator[Field]:
    """Yield the fields that an exhibit discloses in one of its lists; their class is that of the list."""
    for text in value if isinstance(value, list) else ():
        try:
            shown = orjson.loads(decode_b64(str(text), "exhibits"))
        except (InvalidInputError, orjson.JSONDecodeError):
            continue
        if isinstance(shown, list) and len(shown) == 3 and isinstance(shown[1], str):
            yield Field(shown[1], Sensitivity.OBJECT, shown[2])

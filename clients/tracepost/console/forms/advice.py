"""What to look at once more in marks that were typed, and whether two typings of one mark agree.

    >>> compare_typings("AB1284", "AB1234")
    Difference(position=5, first='8', second='3')
    >>> [one.code.value for one in advise_on_mark("B0-17", "MANUFACTURER_SERIAL")]
    ['look-alike']

Most errors of a trace come from copying. Advice is shown beside what was typed and changes nothing of it.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tracepost.protocol.calibres import CALIBRES, calibre_codes
from tracepost.protocol.confusables import confusable_forms
from tracepost.protocol.marks import fold_mark
from tracepost.protocol.vocabulary import normalise_mark, script_of
from tracepost.wire.v1 import check_pb2, weapon_pb2

TYPED_TWICE: Final = frozenset({"MANUFACTURER_SERIAL", "PROPERTY", "REGIONAL", "CONTROL_COMPONENT"})
"""Roles of marks that one weapon is told from another by: these are typed twice."""

_FORMS: Final = 4
ALIKE: Final = "0OQD1ILZ2S5B8G6"
"""Latin signs that are taken for one another, in the order in which they look alike."""


class AdviceCode(enum.StrEnum):
    """What an advice is about."""

    LOOK_ALIKE = "look-alike"
    MIXED_SCRIPT = "mixed-script"
    UNREADABLE_SIGN = "unreadable-sign"
    KNOWN_CALIBRE = "known-calibre"
    SEVERAL_CALIBRES = "several-calibres"
    UNKNOWN_CALIBRE = "unknown-calibre"
    SAME_MARK_TWICE = "same-mark-twice"
    NO_SERIAL = "no-serial"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to look at: what it is, and other ways in which the mark may be read."""

    code: AdviceCode
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two typings part: the place, counted from 1, and the sign of each there, empty at an end."""

    position: int
    first: str
    second: str


def compare_typings(first: str, second: str) -> Difference | None:
    """Return where two typings of one mark part; None: they are the same, sign by sign."""
    one, other = unicodedata.normalize("NFC", first), unicodedata.normalize("NFC", second)
    if one == other:
        return None
    for number in range(max(len(one), len(other))):
        here, there = one[number : number + 1], other[number : number + 1]
        if here != there:
            return Difference(number + 1, here, there)
    return None


def advise_on_mark(text: str, role: str) -> list[Advice]:
    """Return what to look at in a mark as typed; `role` is a code of `MarkRole`."""
    return list(_on_mark(text, role))


def _on_mark(text: str, role: str) -> Iterator[Advice]:
    plain = normalise_mark(text)
    if "?" in text:
        yield Advice(AdviceCode.UNREADABLE_SIGN)
    if script_of(text) == weapon_pb2.SCRIPT_MIXED:
        yield Advice(AdviceCode.MIXED_SCRIPT)
    if role in TYPED_TWICE and (set(plain) & set(ALIKE) or fold_mark(plain) != plain):
        forms = confusable_forms(text, limit=_FORMS)
        if forms:
            yield Advice(AdviceCode.LOOK_ALIKE, forms)
    if role == "CALIBRE" and text:
        yield from advise_on_calibre(text)


def advise_on_calibre(text: str) -> list[Advice]:
    """Return which calibres of the code list a text may mean."""
    codes = calibre_codes(text)
    names = tuple(CALIBRES[code].name for code in codes)
    if not codes:
        return [Advice(AdviceCode.UNKNOWN_CALIBRE)]
    return [Advice(AdviceCode.KNOWN_CALIBRE if len(codes) == 1 else AdviceCode.SEVERAL_CALIBRES, names)]


def advise_on_item(item: weapon_pb2.Item) -> list[Advice]:
    """Return what to look at in an item as a whole: marks that are the same, no serial number."""
    return list(_on_item(item))


def _on_item(item: weapon_pb2.Item) -> Iterator[Advice]:
    seen = set[tuple[int, str, int]]()
    for mark in item.object.mark:
        key = (mark.role, normalise_mark(mark.text_as_seen), mark.location)
        if mark.text_as_seen and key in seen:
            yield Advice(AdviceCode.SAME_MARK_TWICE, (mark.text_as_seen,))
        seen.add(key)
    roles = {mark.role for mark in item.object.mark}
    told = item.object.unmarked or item.object.craft_made
    if item.kind == weapon_pb2.ITEM_KIND_WEAPON and not told and roles.isdisjoint(_SERIALS):
        yield Advice(AdviceCode.NO_SERIAL)


_SERIALS: Final = frozenset(weapon_pb2.MarkRole.Value(f"MARK_ROLE_{one}") for one in TYPED_TWICE)


def complete_marks(item: weapon_pb2.Item) -> None:
    """Write beside each mark what follows from it: its script, its form for matching; and the listed calibre."""
    marks = (*item.object.mark, *(mark for part in item.object.part for mark in part.mark))
    complete_object(item.object if item.HasField("object") else weapon_pb2.Object(), marks)


def complete_object(
    thing: weapon_pb2.Object | check_pb2.CheckedObject, marks: Iterable[weapon_pb2.Mark]
) -> None:
    """Write the same beside these marks of an object; the script that somebody saw stays where letters tell none."""
    for mark in marks:
        if mark.text_as_seen:
            script = script_of(mark.text_as_seen)
            if script != weapon_pb2.SCRIPT_COMMON or not mark.script:
                mark.script = script
            if plain := normalise_mark(mark.text_as_seen):
                mark.normalised = plain
    if thing.calibre_as_marked and not thing.calibre:
        codes = calibre_codes(thing.calibre_as_marked)
        if len(codes) == 1:
            thing.calibre = codes[0]

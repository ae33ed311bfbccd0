"""How a serial number may stand in a ledger that somebody else has written by hand, from another script.

    >>> in_latin("АВ 1234")
    'AB1234'
    >>> confusable_forms("B0-17", limit=4)
    ('8017', '3017', 'BO17', 'BQ17')

Letters of the Latin and Cyrillic scripts that look alike are taken for one another, letters for digits,
and digits for letters; most errors of a trace come from copying handwriting. A custodian with a card
index looks under each form; the number of forms is bounded, the likely ones first.

Not done here: which form is the right one. Nothing that was seen is changed by this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from types import MappingProxyType
from typing import Final

from tracepost.protocol.vocabulary import normalise_mark

FORMS_LIMIT: Final = 32


def _table(pairs: str) -> Mapping[str, str]:
    return MappingProxyType(dict(pair.split(":") for pair in pairs.split()))


_LATIN_ALIKE: Final = "ABCEHIJKMOPSTXY"
_CYRILLIC_ALIKE: Final = "АВСЕНІЈКМОРЅТХУ"
# Letters that look like none of the other script, as clerks write them there (ISO 9, without diacritics).
_SOUNDS: Final = _table(
    "Б:B Г:G Д:D Ж:ZH З:Z И:I Й:J Л:L П:P Ф:F Ц:C Ч:CH Ш:SH Щ:SHH Ъ: Ы:Y Ь: Э:E Ю:JU Я:JA"
    " Ё:E Ђ:DJ Љ:LJ Њ:NJ Ћ:C Џ:DZ Є:JE Ї:JI Ґ:G"
)
_SOUNDS_OF_ALIKE: Final = _table("В:V Н:N Р:R С:S У:U Х:H")
_CYRILLIC_SOUNDS: Final = _table("D:Д F:Ф G:Г L:Л N:Н Q:К R:Р U:У V:В W:В Z:З")
# NCIC reads letters in inquiries as these digits.
_READ_AS_DIGIT: Final = _table("O:0 Q:0 I:1 L:1 Z:2 S:5 G:6 B:8")
_TAKEN_FOR: Final = _table(
    "0:OQD O:0QD Q:0O D:0O 1:I7L I:1L L:1I 7:1T 5:S6 S:5 8:B3 B:83 3:8 2:Z Z:2 6:GB G:6C C:G"
    " 4:A A:4 U:V V:U M:N N:M 9:4"
)
_TO_LATIN: Final = MappingProxyType({**dict(zip(_CYRILLIC_ALIKE, _LATIN_ALIKE, strict=True)), **_SOUNDS})
_TO_CYRILLIC: Final = MappingProxyType(
    {**_CYRILLIC_SOUNDS, **dict(zip(_LATIN_ALIKE, _CYRILLIC_ALIKE, strict=True))}
)
_LONGEST: Final = 200


def in_latin(text: str) -> str:
    """Return a mark, normalised, in Latin letters: those that look alike, else those that sound alike."""
    return _spell(normalise_mark(text), _TO_LATIN)


def in_cyrillic(text: str) -> str:
    """Return a mark, normalised, in Cyrillic letters: those that look alike, else those that sound alike."""
    return _spell(normalise_mark(text), _TO_CYRILLIC)


def confusable_forms(text: str, limit: int = FORMS_LIMIT) -> tuple[str, ...]:
    """Return what `text` may have been taken for, likely forms first, at most `limit`, without itself.

    A sign that could not be read ("?") stays what it is.
    """
    own = {normalise_mark(text), in_latin(text), in_cyrillic(text)}
    forms: dict[str, None] = {}
    for form in _forms(normalise_mark(text)):
        if len(forms) >= limit:
            break
        if form and form not in own:
            forms[form] = None
    return tuple(forms)


def _forms(seen: str) -> Iterator[str]:
    latin = _spell(seen, _TO_LATIN)
    yield _spell(latin, _READ_AS_DIGIT)
    yield _spell(seen, {**_TO_LATIN, **_SOUNDS_OF_ALIKE})
    yield from _changed(latin, 1)
    yield from _changed(latin, 2)


def _changed(form: str, signs: int) -> Iterator[str]:
    """Yield `form` with that many of its signs taken for others, the first signs first."""
    places = [number for number, sign in enumerate(form) if sign in _TAKEN_FOR]
    for chosen in combinations(places, signs):
        for others in product(*(_TAKEN_FOR[form[place]] for place in chosen)):
            yield _replaced(form, zip(chosen, others, strict=True))


def _replaced(form: str, changes: Iterable[tuple[int, str]]) -> str:
    letters = list(form)
    for place, sign in changes:
        letters[place] = sign
    return "".join(letters)


def _spell(text: str, letters: Mapping[str, str]) -> str:
    return "".join(letters.get(sign, sign) for sign in text)[:_LONGEST]

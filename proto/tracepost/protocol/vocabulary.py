"""Code lists as data, and the normal forms by which marks are found again.

The lists themselves are enums of the wire schema; here stands what the rules of the instrument
say about them: which categories are small arms, which grounds are grounds of the ITI, which
outcomes are too telling for an ADMINISTRATIVE field. "ITI n" is a paragraph of the
International Tracing Instrument (A/60/88, annex).

    >>> normalise_mark("еа № 12-34")
    'ЕА1234'
    >>> code_name(trace_pb2.Reach, trace_pb2.REACH_POINT_OF_DIVERSION)
    'point-of-diversion'

What is stamped is never changed by this: `Mark.text_as_seen` keeps it, `Mark.normalised` is
beside it. Not done here: confusable letters and digits, which belong to the search.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any, Final

from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

_NORMALISED_LIMIT: Final = 200

# ---------------------------------------------------------------- what the instrument says

SMALL_ARMS: Final = frozenset(
    {
        weapon_pb2.CATEGORY_REVOLVER,
        weapon_pb2.CATEGORY_SELF_LOADING_PISTOL,
        weapon_pb2.CATEGORY_RIFLE,
        weapon_pb2.CATEGORY_CARBINE,
        weapon_pb2.CATEGORY_SUB_MACHINE_GUN,
        weapon_pb2.CATEGORY_ASSAULT_RIFLE,
        weapon_pb2.CATEGORY_LIGHT_MACHINE_GUN,
        weapon_pb2.CATEGORY_SHOTGUN,
        weapon_pb2.CATEGORY_OTHER_SMALL_ARM,
    }
)
"""For individual use (ITI 4(a))."""

LIGHT_WEAPONS: Final = frozenset(
    {
        weapon_pb2.CATEGORY_HEAVY_MACHINE_GUN,
        weapon_pb2.CATEGORY_GRENADE_LAUNCHER,
        weapon_pb2.CATEGORY_ANTI_AIRCRAFT_GUN,
        weapon_pb2.CATEGORY_ANTI_TANK_GUN,
        weapon_pb2.CATEGORY_RECOILLESS_RIFLE,
        weapon_pb2.CATEGORY_ANTI_TANK_LAUNCHER,
        weapon_pb2.CATEGORY_ANTI_AIRCRAFT_LAUNCHER,
        weapon_pb2.CATEGORY_MORTAR,
        weapon_pb2.CATEGORY_OTHER_LIGHT_WEAPON,
    }
)
"""For a crew of two or three, some for one (ITI 4(b))."""

ILLICIT_UNDER_ITI: Final = MappingProxyType(
    {
        weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW: "6(a)",
        weapon_pb2.ILLICIT_GROUND_EMBARGO: "6(b)",
        weapon_pb2.ILLICIT_GROUND_NOT_MARKED: "6(c)",
        weapon_pb2.ILLICIT_GROUND_UNLICENSED_MANUFACTURE: "6(d)",
        weapon_pb2.ILLICIT_GROUND_UNLICENSED_TRANSFER: "6(e)",
    }
)
"""Ground → subparagraph of the ITI."""

GROUNDS_OF_ITI_22: Final = frozenset(
    {
        terms_pb2.WITHHOLDING_GROUND_ONGOING_INVESTIGATION,
        terms_pb2.WITHHOLDING_GROUND_CONFIDENTIALITY_LAW,
        terms_pb2.WITHHOLDING_GROUND_CONFIDENTIALITY_NOT_GUARANTEED,
        terms_pb2.WITHHOLDING_GROUND_NATIONAL_SECURITY,
    }
)
"""The grounds on which the ITI lets a State delay, restrict or refuse; others are shown as not of the ITI."""

TOLD_AS_OTHER: Final = frozenset(
    {
        trace_pb2.STOPPED_BECAUSE_STILL_LAWFULLY_HELD,
        trace_pb2.STOPPED_BECAUSE_DESTROYED_OR_DEACTIVATED,
        trace_pb2.STOPPED_BECAUSE_LOST_OR_STOLEN,
    }
)
"""Outcomes told in full only in a LAW_ENFORCEMENT field."""

_OUTSIDE_THE_ITI: Final = frozenset({weapon_pb2.ITEM_KIND_AMMUNITION, weapon_pb2.ITEM_KIND_PACKAGING})


def coarsened(stopped: trace_pb2.StoppedBecause) -> trace_pb2.StoppedBecause:
    """Return `stopped` as an ADMINISTRATIVE field may say it."""
    return trace_pb2.STOPPED_BECAUSE_OTHER if stopped in TOLD_AS_OTHER else stopped


def needs_illicit_ground(
    legal_basis: terms_pb2.LegalBasis | int, kinds: Iterable[weapon_pb2.ItemKind | int]
) -> bool:
    """Say whether a request for items of `kinds` must name a ground of ITI 6 (ITI 16, 17(a)).

    Ammunition and packaging are not under the ITI; another legal basis has its own conditions.
    """
    return legal_basis == terms_pb2.LEGAL_BASIS_ITI and any(kind not in _OUTSIDE_THE_ITI for kind in kinds)


def is_traced(reach: trace_pb2.Reach) -> bool:
    """Say whether an item counts as traced in the sense of SDG 16.4.2: only at the point of diversion."""
    return reach == trace_pb2.REACH_POINT_OF_DIVERSION


# ---------------------------------------------------------------- codes as people type them


def code_name(codes: Any, number: int) -> str:
    """Return the code `number` of the enum `codes` as a person types it: "point-of-diversion"."""
    prefix, name = _prefix(codes), str(codes.Name(number))
    return name.removeprefix(prefix).lower().replace("_", "-")


def code_number(codes: Any, text: str) -> int:
    """Return the number of the code that a person typed, in any case, with hyphens, blanks or its full name.

    Raises:
        InvalidInputError: no code of the list is called so; the message names those that are.
    """
    wanted = re.sub(r"[\s-]+", "_", text.strip()).upper().removeprefix(_prefix(codes))
    for name, number in codes.items():
        if number and name.removeprefix(_prefix(codes)) == wanted:
            return int(number)
    raise InvalidInputError(f"choose one of: {', '.join(code_names(codes))}", where=codes.DESCRIPTOR.name)


def code_names(codes: Any) -> tuple[str, ...]:
    """Return every code of the enum `codes` as a person types it, in the order of the schema."""
    return tuple(code_name(codes, number) for number in codes.values() if number)


def _prefix(codes: Any) -> str:
    return str(codes.Name(0)).removesuffix("UNSPECIFIED")


# Words for a type on forms and in registers: ATF F 3312.1 (5d), NCIC gun type letters.
_CATEGORY_OF_TYPE: Final = MappingProxyType(
    {
        "revolver": weapon_pb2.CATEGORY_REVOLVER,
        "pistol": weapon_pb2.CATEGORY_SELF_LOADING_PISTOL,
        "self loading pistol": weapon_pb2.CATEGORY_SELF_LOADING_PISTOL,
        "semi automatic pistol": weapon_pb2.CATEGORY_SELF_LOADING_PISTOL,
        "p": weapon_pb2.CATEGORY_SELF_LOADING_PISTOL,
        "derringer": weapon_pb2.CATEGORY_OTHER_SMALL_ARM,
        "rifle": weapon_pb2.CATEGORY_RIFLE,
        "r": weapon_pb2.CATEGORY_RIFLE,
        "carbine": weapon_pb2.CATEGORY_CARBINE,
        "assault rifle": weapon_pb2.CATEGORY_ASSAULT_RIFLE,
        "submachine gun": weapon_pb2.CATEGORY_SUB_MACHINE_GUN,
        "sub machine gun": weapon_pb2.CATEGORY_SUB_MACHINE_GUN,
        "machine pistol": weapon_pb2.CATEGORY_SUB_MACHINE_GUN,
        "b": weapon_pb2.CATEGORY_SUB_MACHINE_GUN,
        "light machine gun": weapon_pb2.CATEGORY_LIGHT_MACHINE_GUN,
        "heavy machine gun": weapon_pb2.CATEGORY_HEAVY_MACHINE_GUN,
        "shotgun": weapon_pb2.CATEGORY_SHOTGUN,
        "s": weapon_pb2.CATEGORY_SHOTGUN,
        "c": weapon_pb2.CATEGORY_OTHER_SMALL_ARM,
        "q": weapon_pb2.CATEGORY_OTHER_SMALL_ARM,
        "grenade launcher": weapon_pb2.CATEGORY_GRENADE_LAUNCHER,
        "recoilless rifle": weapon_pb2.CATEGORY_RECOILLESS_RIFLE,
        "mortar": weapon_pb2.CATEGORY_MORTAR,
        "o": weapon_pb2.CATEGORY_MORTAR,
    }
)


def category_of_type(text: str) -> weapon_pb2.Category | None:
    """Return the ITI category that a type on a form means; None where it is not plain.

    "Machine gun" alone is not plain: it may be a light one, for one man, or a heavy one.
    """
    return _CATEGORY_OF_TYPE.get(re.sub(r"[\s/_-]+", " ", text).strip().lower())


# ---------------------------------------------------------------- scripts and marks

_SCRIPT_OF_WORD: Final = MappingProxyType(
    {
        "LATIN": weapon_pb2.SCRIPT_LATIN,
        "CYRILLIC": weapon_pb2.SCRIPT_CYRILLIC,
        "GREEK": weapon_pb2.SCRIPT_GREEK,
        "ARABIC": weapon_pb2.SCRIPT_ARABIC,
        "ARABIC-INDIC": weapon_pb2.SCRIPT_ARABIC,
        "HEBREW": weapon_pb2.SCRIPT_HEBREW,
        "CJK": weapon_pb2.SCRIPT_HAN,
        "HANGUL": weapon_pb2.SCRIPT_HANGUL,
        "HIRAGANA": weapon_pb2.SCRIPT_KANA,
        "KATAKANA": weapon_pb2.SCRIPT_KANA,
        "THAI": weapon_pb2.SCRIPT_THAI,
        "DEVANAGARI": weapon_pb2.SCRIPT_DEVANAGARI,
        "ARMENIAN": weapon_pb2.SCRIPT_ARMENIAN,
        "GEORGIAN": weapon_pb2.SCRIPT_GEORGIAN,
        "ETHIOPIC": weapon_pb2.SCRIPT_ETHIOPIC,
    }
)
_BEFORE_THE_SCRIPT: Final = frozenset({"FULLWIDTH", "HALFWIDTH", "EXTENDED", "MODIFIER"})
_WITHOUT_CASE: Final = frozenset({weapon_pb2.SCRIPT_GEORGIAN})  # its capitals are an ornament, not a spelling
_VOWEL_SIGNS_DROPPED: Final = frozenset({weapon_pb2.SCRIPT_ARABIC, weapon_pb2.SCRIPT_HEBREW})
_TATWEEL: Final = "\u0640"
_UNREADABLE: Final = "?"


def script_of(text: str) -> weapon_pb2.Script:
    """Return the script of a mark: MIXED where letters of two stand together, COMMON where none do."""
    scripts = {_script_of_character(character) for character in text} - {weapon_pb2.SCRIPT_COMMON}
    if not scripts:
        return weapon_pb2.SCRIPT_COMMON
    return scripts.pop() if len(scripts) == 1 else weapon_pb2.SCRIPT_MIXED


def normalise_mark(text: str) -> str:
    """Return the form of a mark by which it is found: capitals, letters and digits only, at most 200.

    Each script keeps its own letters: Cyrillic А is not Latin A. Digits of every script become
    ASCII. "?" stays, because it holds the place of a character that cannot be read. Vowel signs
    of Arabic and Hebrew are dropped, and the word for "number" (№).
    """
    compatible = unicodedata.normalize("NFKC", text.replace("№", " "))
    capitals = unicodedata.normalize("NFKC", "".join(map(_capital, compatible)))
    # What was apart may now stand together: an accent after its letter becomes one with it.
    return unicodedata.normalize("NFKC", "".join(map(_kept, capitals)))[:_NORMALISED_LIMIT]


def _script_of_character(character: str) -> weapon_pb2.Script:
    if unicodedata.category(character)[0] not in "LN" or character in "0123456789":
        return weapon_pb2.SCRIPT_COMMON
    words = [word for word in unicodedata.name(character, "").split() if word not in _BEFORE_THE_SCRIPT]
    found = _SCRIPT_OF_WORD.get(words[0]) if words else None
    return found if found is not None else _other_script(character)


def _other_script(character: str) -> weapon_pb2.Script:
    return weapon_pb2.SCRIPT_OTHER if unicodedata.category(character)[0] == "L" else weapon_pb2.SCRIPT_COMMON


def _capital(character: str) -> str:
    return character if _script_of_character(character) in _WITHOUT_CASE else character.upper()


def _kept(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind[0] == "M":
        return "" if _marks_a_vowel(character) else character
    is_sign = kind[0] in "LN" and character != _TATWEEL
    return character if is_sign or character == _UNREADABLE else ""


def _marks_a_vowel(character: str) -> bool:
    word = unicodedata.name(character, "").partition(" ")[0]
    return _SCRIPT_OF_WORD.get(word) in _VOWEL_SIGNS_DROPPED

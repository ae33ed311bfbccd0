"""What can be wrong with a translation, judged by the English it was made from."""

from __future__ import annotations

import gettext
import re
from collections import Counter
from collections.abc import Iterator, Sequence

SAME = "the same word"
"""The note of a translator on a text that is the same in both languages, and no copy that was forgotten."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\(\w+\)[a-z]|%%")
_MARKUP = re.compile(r"</?[a-z][^<>]*>|\[/?[a-z ]+\]")
_LITERAL = re.compile(r"--[a-z][a-z-]+|\b[Tt]racepost\b|\b[A-Z][A-Z_]{3,}\b|\b[\w-]+\.(?:toml|pem|key)\b")
_HEADING = re.compile(r"^(?:\([a-z]\) )?(?:(?:[A-Z]+,? )+[A-Z]+\b|[A-Z]+(?= (?:-|No\.)))")
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
"""Words in capitals with which a text begins are a heading, and no code."""
_SCRIPT = {
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "zh_Hans": re.compile(r"[\u4e00-\u9fff]"),
}
_ENDS = {"ar": {".": "."}, "zh_Hans": {".": "。", ":": "："}}
_MANY = 1000


def faults_of(
    language: str, english: Sequence[str], said: Sequence[str], notes: Sequence[str], plurals: str
) -> Iterator[str]:
    """Yield what is wrong with one translation.

    Args:
        english: the English text, or the two of a text with a plural
        said: the translation, or one for each form of the plural
        notes: what the translator noted
        plurals: the `Plural-Forms` of the language
    """
    count = int(plurals.split("nplurals=")[1].split(";", maxsplit=1)[0]) if len(english) > 1 else 1
    if len(said) != count:
        yield f"has {len(said)} forms and needs {count}"
        return
    for index, text in enumerate(said):
        source = english[-1]
        yield from _different("placeholders", _PLACEHOLDER, source, text, _may_lack(index, english, plurals))
        yield from _different("markup", _MARKUP, source, text)
        if not source.isupper():
            bare = _HEADING.sub("", source)
            translated = _CAPITALS.sub("", text) if bare != source else text
            yield from _different("commands, options and codes", _LITERAL, bare, translated)
        yield from _edges(language, source, text)
    if SAME not in notes:
        yield from _copied(language, english, said)


def _different(
    what: str, pattern: re.Pattern[str], source: str, text: str, may_lack: str = ""
) -> Iterator[str]:
    wanted, found = Counter(pattern.findall(source)), Counter(pattern.findall(text))
    if wanted != found and not (may_lack and wanted - found == Counter([may_lack]) and not found - wanted):
        yield f"{what} differ: {sorted((wanted - found).elements())} and {sorted((found - wanted).elements())}"


def _may_lack(form: int, english: Sequence[str], plurals: str) -> str:
    """Return `{n}` where a form stands for one number only, which it may tell in words ("two items")."""
    if len(english) == 1:
        return ""
    choice = gettext.c2py(plurals.split("plural=")[1].rstrip(";"))
    return "{n}" if sum(choice(number) == form for number in range(_MANY)) == 1 else ""


def _edges(language: str, source: str, text: str) -> Iterator[str]:
    if (source[:1].isspace(), source[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace()):
        yield "begins or ends with white space where the English does not, or the other way round"
    for mark in "" if source.endswith("No.") else ".:":
        theirs = _ENDS.get(language, {}).get(mark, mark)
        if source.endswith(mark) != text.endswith((theirs, mark)):
            yield f"ends with {mark!r} where the English does not, or the other way round"


def _copied(language: str, english: Sequence[str], said: Sequence[str]) -> Iterator[str]:
    bare = _LITERAL.sub("", _MARKUP.sub("", _PLACEHOLDER.sub("", english[0])))
    if not re.search(r"[a-z]{2}", bare):
        return  # nothing but names, numbers and abbreviations
    script = _SCRIPT.get(language)
    if script is not None and not all(script.search(text) for text in said):
        yield "is not in the script of the language"
    if any(text in english for text in said):
        yield f'is the English text; if the language says the same, note "# {SAME}" on it'

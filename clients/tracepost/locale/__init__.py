"""The words of every human language we speak, as gettext catalogues.

A program asks `words_of(tag)` (see `tracepost.locale.words`) and translates through what it gets. English texts
of the programs are their own keys; what the wire calls by a code (enum values,
fields, error codes, reasons) is looked up by code in a context of its own, for
example context `HandlingInstruction`, key `DO_NOT_ALERT`. A language that lacks
a word falls back to English.

    >>> load(["en"]).pgettext("sensitivity", "OBJECT")
    'object data'

A folder with a catalogue is a language: nothing else names them. `tags()` lists them, `choose()` takes what a person
or a machine wishes for ("fr_CA.UTF-8", "zh-CN") to the one of ours that fits, English when none does.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

DOMAIN = "tracepost"
FOLDER = Path(__file__).parent
FALLBACK: Final = "en"
_OTHER_CHINESE: Final = frozenset({"hant", "tw", "hk", "mo"})


@dataclass(frozen=True, slots=True)
class Language:
    """A language that has a catalogue.

    `tag` names its folder as Babel does (`zh_Hans`), `bcp47` is the same for HTML and PDF (`zh-Hans`), `name` is what
    the language calls itself, `direction` how it is written, `complete` the parts that are said to lack nothing.
    """

    tag: str
    name: str
    direction: Literal["ltr", "rtl"]
    complete: tuple[str, ...]

    @property
    def bcp47(self) -> str:
        """The tag with hyphens."""
        return self.tag.replace("_", "-")


@cache
def tags() -> tuple[str, ...]:
    """Return the tags of all languages that have a catalogue, English first, then in order."""
    found = {path.parents[1].name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")}
    return tuple(sorted({FALLBACK, *found}, key=lambda tag: (tag != FALLBACK, tag)))


@cache
def language(tag: str) -> Language:
    """Return the language of a tag out of `tags()`; KeyError for another."""
    if tag not in tags():
        raise KeyError(tag)
    head = gettext.translation(DOMAIN, FOLDER, [tag], fallback=True).info()
    direction: Literal["ltr", "rtl"] = "rtl" if head.get("x-direction") == "rtl" else "ltr"
    return Language(tag, head.get("x-name", tag), direction, tuple(head.get("x-complete", "").split()))


def languages() -> tuple[Language, ...]:
    """Return all languages that have a catalogue, English first."""
    return tuple(language(tag) for tag in tags())


def choose(wishes: Iterable[str]) -> str:
    """Return the tag of the first wish that we have, English when we have none.

    Args:
        wishes: language tags as browsers, people and POSIX write them, the dearest first; empty ones are passed over
    """
    return next((tag for wish in wishes if (tag := _fitting(wish))), FALLBACK)


def has(wish: str) -> bool:
    """Return whether we have a language that fits `wish`."""
    return bool(_fitting(wish))


def _fitting(wish: str) -> str:
    """Return our tag for one wish, empty when none fits: the whole tag, else ever fewer of its parts."""
    parts = wish.strip().split(".")[0].split("@")[0].replace("-", "_").lower().split("_")
    if parts[0] == "zh" and _OTHER_CHINESE.isdisjoint(parts):
        parts = ["zh", "hans"]
    ours = {tag.lower(): tag for tag in tags()}
    shorter = ("_".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((ours[tag] for tag in shorter if tag in ours), "")


def wishes_of_browser(header: str) -> list[str]:
    """Return the tags of an `Accept-Language` header (RFC 9110, 12.5.4), dearest first; malformed ones not."""
    weighed: list[tuple[float, str]] = []
    for entry in header.split(",")[:32]:
        tag, _semicolon, weight = entry.strip().partition(";")
        try:
            weighed.append((float(weight.strip().removeprefix("q=") or 1), tag.strip()))
        except ValueError:
            continue
    return [
        tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if tag and tag != "*" and weight > 0
    ]


def load(languages: Sequence[str] | None = None) -> gettext.NullTranslations:
    """Return the words of the first of `languages` that we have; by default, of the environment's."""
    english = gettext.translation(DOMAIN, FOLDER, [FALLBACK], fallback=True)
    asked = gettext.translation(DOMAIN, FOLDER, languages, fallback=True)
    if type(asked) is gettext.NullTranslations:
        return english
    asked.add_fallback(english)
    return asked

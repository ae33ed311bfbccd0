"""The words of this program in the language of its user, chosen once at start."""

from __future__ import annotations

import sys

from tracepost.cli.language import chosen_language
from tracepost.locale.words import words_of

WORDS = words_of(chosen_language(sys.argv[1:]))


def _(text: str) -> str:
    """Return the user's words for the English `text`."""
    return WORDS.gettext(text)


def plural(one: str, many: str, number: int) -> str:
    """Return the user's words for `one` or `many`, whichever `number` needs, with `{n}` filled in."""
    return WORDS.plural(one, many, number)


def coded(context: str, code: str) -> str:
    """Return the user's words for a `code` of the wire; the code itself when there are none."""
    return WORDS.coded(context, code)


def kind_words(kind: str) -> str:
    """Return the user's words for a kind of message; for one that this version does not know, that, and its name."""
    return WORDS.kind(kind)

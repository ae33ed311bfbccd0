"""The words of every human language we speak, as gettext catalogues.

A program asks `load()` once and translates through what it gets. English texts
of the programs are their own keys; what the wire calls by a code (enum values,
fields, error codes, reasons) is looked up by code in a context of its own, for
example context `HandlingInstruction`, key `DO_NOT_ALERT`. A language that lacks
a word falls back to English.

    >>> load(["en"]).pgettext("sensitivity", "OBJECT")
    'object data'
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from pathlib import Path

DOMAIN = "tracepost"
FOLDER = Path(__file__).parent
_FALLBACK = "en"


def load(languages: Sequence[str] | None = None) -> gettext.NullTranslations:
    """Return the words of the first of `languages` that we have; by default, of the environment's."""
    english = gettext.translation(DOMAIN, FOLDER, [_FALLBACK], fallback=True)
    asked = gettext.translation(DOMAIN, FOLDER, languages, fallback=True)
    if type(asked) is gettext.NullTranslations:
        return english
    asked.add_fallback(english)
    return asked

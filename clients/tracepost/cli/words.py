"""The words of this program in the language of its user, chosen once at start."""

from __future__ import annotations

from tracepost.locale import load
from tracepost.protocol.schema import KINDS

_WORDS = load()


def _(text: str) -> str:
    """Return the user's words for the English `text`."""
    return _WORDS.gettext(text)


def plural(one: str, many: str, number: int) -> str:
    """Return the user's words for `one` or `many`, whichever `number` needs, with `{n}` filled in."""
    return _WORDS.ngettext(one, many, number).format(n=number)


def coded(context: str, code: str) -> str:
    """Return the user's words for a `code` of the wire; the code itself when there are none."""
    words = _WORDS.pgettext(context, code)
    return words if words != code else code.replace("_", " ").replace("-", " ").lower()


def kind_words(kind: str) -> str:
    """Return the user's words for a kind of message; for one that this version does not know, that, and its name."""
    if not kind:
        return ""
    return coded("kind", kind) if kind in KINDS else f"{_('message of a newer version')} ({kind})"

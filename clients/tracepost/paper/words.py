"""One language of a document: its words, its dates and numbers, the direction of its script.

A document has the language of its reader, which need not be that of the program: words are asked of an object.

    >>> Words("en").date("2026-03-04")
    '4 March 2026'
"""

from __future__ import annotations

from tracepost.locale import choose, figures, language, load, tags
from tracepost.locale.words import Words as Catalogue


class Words(Catalogue):
    """The words of the language that fits a wish best; what it lacks is said in English."""

    def __init__(self, wish: str) -> None:
        tag = choose([wish])
        super().__init__(language(tag), load([tag]))
        # The United Nations write days as in British English.
        self._figures = "en_GB" if tag == "en" else tag

    def _(self, text: str) -> str:
        """Return the words for the English `text`."""
        return self.gettext(text)

    def field(self, name: str) -> str:
        """Return what the field `name` is called."""
        return self.coded("field", name)

    def date(self, text: str) -> str:
        """Return a day, month or year of the wire as it is written; any other text as it is."""
        return figures.day(text, self._figures)

    def moment(self, at: int | str) -> str:
        """Return a moment (unix seconds, or RFC 3339) as it is written, UTC; any other text as it is."""
        return figures.moment(at, self._figures)

    def number(self, value: int) -> str:
        """Return a number as it is written."""
        return figures.number(value, self._figures)


def all_words() -> list[Words]:
    """Return the words of every language that has a catalogue, English first."""
    return [Words(tag) for tag in tags()]

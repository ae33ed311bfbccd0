"""All words of one language, for whoever shows something: the command line, a page, a sheet of paper.

Programs that speak to one person keep one `Words`; those that serve many ask `words_of(tag)` for each. A Jinja
environment learns them by `words.teach(environment)`, once for each language.
"""

from __future__ import annotations

import gettext
from functools import cache
from typing import Any, Literal

from tracepost.locale import Language, choose, language, load
from tracepost.protocol.schema import KINDS


class Words:
    """What is said in one language; what it lacks is said in English."""

    def __init__(self, spoken: Language, catalogue: gettext.NullTranslations) -> None:
        self.language = spoken
        self._catalogue = catalogue

    @property
    def tag(self) -> str:
        """The language as HTML and PDF name it: `zh-Hans`."""
        return self.language.bcp47

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """How the language is written."""
        return self.language.direction

    def alone(self, text: str) -> str:
        """Return a value that is put among words so that it is read sign by sign as it was written.

        Among words that are written from the right, `3811-B046` would be shown as `B046-3811`: there it is set apart by
        the invisible signs that Unicode has for this (U+2068, U+2069).
        """
        return f"\u2068{text}\u2069" if text and self.direction == "rtl" else text

    def gettext(self, text: str) -> str:
        """Return the words for the English `text`."""
        return self._catalogue.gettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the words for `one` or `many`, whichever `number` needs; placeholders stay."""
        return self._catalogue.ngettext(one, many, number)

    def plural(self, one: str, many: str, number: int) -> str:
        """Return the words for `one` or `many`, whichever `number` needs, with `{n}` filled in."""
        return self._catalogue.ngettext(one, many, number).format(n=number)

    def coded(self, context: str, code: str) -> str:
        """Return the words for a `code` of the wire; the code itself, more readable, when there are none."""
        words = self._catalogue.pgettext(context, code)
        return words if words != code else code.replace("_", " ").replace("-", " ").lower()

    def kind(self, kind: str) -> str:
        """Return the words for a kind of message; for one that this version does not know, that, and its name."""
        if not kind:
            return ""
        known = kind in KINDS
        return self.coded("kind", kind) if known else f"{self.gettext('message of a newer version')} ({kind})"

    def teach(self, environment: Any) -> None:
        """Make a Jinja environment speak this language.

        Templates say `_("…")` or `{% trans %}`, `plural(one, many, n)`, `coded(context, code)` and `kind(name)`; they
        find `language`, `text_direction` and `bcp47` for the head of a page. In `_` and `trans` a percent sign is
        written twice (Jinja's new style of gettext).

        Args:
            environment: a `jinja2.Environment` of its own for this language
        """
        environment.add_extension("jinja2.ext.i18n")
        environment.install_gettext_translations(self._catalogue, newstyle=True)
        environment.globals.update(
            plural=self.plural,
            coded=self.coded,
            kind=self.kind,
            language=self.language.tag,
            bcp47=self.tag,
            text_direction=self.direction,
        )


@cache
def words_of(tag: str) -> Words:
    """Return the words of the language that fits `tag` best; made once and kept."""
    chosen = choose([tag])
    return Words(language(chosen), load([chosen]))


def later(text: str) -> str:
    """Mark a text of our code for translation where it is written; it is translated where it is shown."""
    return text

"""What somebody wrote, where a page of the console would take it for a part of itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final


class Tags(HTMLParser):
    """All tags of a page with their attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    @classmethod
    def of(cls, text: str) -> Tags:
        """Read a page."""
        page = cls()
        page.feed(text)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


_SCRIPTED: Final = re.compile(r"on[a-z]+|style|srcdoc")


def foreign_in(text: str, elsewhere: str = "") -> list[str]:
    """Return what on a page is no part of it: a tag that somebody wrote, a script within, an address elsewhere.

    Links may lead to addresses that begin with `elsewhere`, if there is such a place.
    """
    wrong = []
    for tag, said in Tags.of(text).tags:
        outside = [said[one] for one in ("href", "src", "action", "formaction") if one in said]
        if (
            tag in {"xss", "style", "iframe", "object", "embed", "base"}
            or any(_SCRIPTED.fullmatch(name) for name in said)
            or (tag == "script" and "src" not in said)
            or not all(_is_ours(one) or (elsewhere and one.startswith(elsewhere)) for one in outside)
        ):
            wrong.append(f"<{tag} {said}>")
    return wrong


def _is_ours(address: str) -> bool:
    return address[:1] in {"", "/", "#", "?"} and not address.startswith(("//", "/\\"))

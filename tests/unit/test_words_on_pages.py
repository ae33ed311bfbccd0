"""What a page for officers quotes from the console, in italics, stands in the console in just these words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

HOUSE = Path(__file__).parents[2]
CATALOGUE = HOUSE / "clients/tracepost/locale/fr/LC_MESSAGES/tracepost.po"
PAGES = ("docs/console.md", "docs/readers/web-console.md")
_QUOTED = re.compile(r"(?<![*\w])\*([^*`]+)\*(?![*\w])")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_quotes_from_the_console_stands_there(page: str) -> None:
    with CATALOGUE.open("rb") as file:
        ids = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file)}
    text = " ".join((HOUSE / page).read_text("utf-8").split())
    quoted = _QUOTED.findall(text)
    assert quoted, page
    assert [words for words in quoted if words not in ids] == []

"""The page of the node's settings names each of them, and none that the node refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tracepost.node import config, declarations
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.settings import Section, parse_toml

PAGE = Path(__file__).resolve().parents[2] / "docs" / "node-settings.md"
TEXT = PAGE.read_text("utf-8")
TOP = "At the top"


def told() -> Iterator[tuple[str, set[str]]]:
    """Yield each section of the page with the settings in the first column of its table."""
    for part in TEXT.split("\n## ")[1:]:
        name, _line, body = part.partition("\n")
        rows = re.findall(r"^\| (`.*?`) \|", body, re.MULTILINE)
        yield name.strip("[]"), {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)}


def known() -> dict[str, set[str]]:
    """Return the settings that the node asks for, by section."""
    settings = parse_toml((config.__doc__ or "").partition("\n\n")[2].encode(), "docstring")
    config.read_config(settings, Path())
    sections = {name or TOP: asked for name, asked in settings.asked().items()}
    sections["declarations"] -= declarations._ELSEWHERE.keys()
    sections[TOP] -= sections.keys()
    return sections


def test_the_page_tells_all_settings_and_no_other() -> None:
    assert dict(told()) == known()


def test_many_of_a_kind_are_written_as_many() -> None:
    many = set(re.findall(r"^## \[\[([a-z_.]+)\]\]$", TEXT, re.MULTILINE))
    assert many == {
        "desk",
        "relay",
        "standing_consent",
        "contact",
        "told.desk",
        "told.desk.duty",
        "told.officer",
    }


@pytest.mark.parametrize(
    "section", ["listen", "office", "desk", "release", "attachments", "declarations", "contact"]
)
def test_a_setting_that_the_page_does_not_tell_is_refused(section: str) -> None:
    table: dict[str, Any] = {
        "member": "xaa",
        "domain": "tracepost.example",
        "listen": {"post": "127.0.0.1:1", "desk": "127.0.0.1:2"},
        "office": {"name": "Office"},
        "desk": [{"id": "poc", "point_of_contact": True}],
    }
    row = {"no_such_setting": 1}
    if section == "desk":
        table["desk"][0] |= row
    elif section == "contact":
        table["contact"] = [{"function": "duty", "organisation": "Office"} | row]
    else:
        table[section] = table.get(section, {}) | row
    with pytest.raises(ConfigurationError) as refused:
        config.read_config(Section(table), Path())
    assert refused.value.where == f"{section}.no_such_setting"

"""The page of a daemon's settings names each of them, and none that the daemon refuses."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tracepost.console import settings as console_settings
from tracepost.node import config, declarations
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.settings import Section, parse_toml
from tracepost.relay import settings as relay_settings

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOP = "At the top"
PAGES = ("node", "relay", "console")
MANY = {
    "node": {
        "desk",
        "relay",
        "standing_consent",
        "contact",
        "told.desk",
        "told.desk.duty",
        "told.officer",
    },
    "relay": {"neighbour"},
    "console": set[str](),
}


def page_of(part: str) -> str:
    return (DOCS / f"{part}-settings.md").read_text("utf-8")


def told(part: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each section of the page with the settings in the first column of its table."""
    for section in page_of(part).split("\n## ")[1:]:
        name, _line, body = section.partition("\n")
        rows = re.findall(r"^\| (`.*?`) \|", body, re.MULTILINE)
        yield name.strip("[]"), {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)}


def known(part: str) -> dict[str, set[str]]:
    """Return the settings that a daemon asks for, by section, when it reads the example of its docstring."""
    module, read = {
        "node": (config, config.read_config),
        "relay": (relay_settings, relay_settings.read_settings),
        "console": (console_settings, console_settings.read_settings),
    }[part]
    example = textwrap.dedent((module.__doc__ or "").partition("\n\n")[2]).partition("\nBeside it lie")[0]
    settings = parse_toml(example.encode(), "docstring")
    read(settings, Path())
    sections = {name or TOP: asked for name, asked in settings.asked().items()}
    if part == "node":
        sections["declarations"] -= declarations._ELSEWHERE.keys()
    sections[TOP] -= sections.keys()
    return sections


@pytest.mark.parametrize("part", PAGES)
def test_the_page_tells_all_settings_and_no_other(part: str) -> None:
    assert dict(told(part)) == known(part)


@pytest.mark.parametrize("part", PAGES)
def test_many_of_a_kind_are_written_as_many(part: str) -> None:
    assert set(re.findall(r"^## \[\[([a-z_.]+)\]\]$", page_of(part), re.MULTILINE)) == MANY[part]


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

"""Settings files: each setting is of its type or refused with its place, and none is left unread."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fakes.settings_files import spoil
from tracepost.node import config
from tracepost.node.config import read_config
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.settings import Section, parse_toml
from tracepost.relay import settings as relay_settings
from tracepost.relay.settings import read_settings

NODE = tomllib.loads((config.__doc__ or "").partition("\n\n")[2])
RELAY = tomllib.loads((relay_settings.__doc__ or "").partition("\n\n")[2].rpartition("\n\n")[0]) | {
    "store": {"url": "postgresql://relay@db1.example/relay"}
}


@pytest.mark.parametrize(
    ("table", "read"), [(NODE, read_config), (RELAY, read_settings)], ids=["node", "relay"]
)
def test_what_an_operator_may_mistype_is_taken_or_refused_with_its_place(
    table: Mapping[str, Any], read: Callable[[Section, Path], object]
) -> None:
    read(Section(table), Path("/nowhere"))
    places, count = list[str](), 0
    for count, spoiled in enumerate(spoil(table), 1):  # noqa: B007 - how many there were
        try:
            read(Section(spoiled), Path("/nowhere"))
        except ConfigurationError as error:
            places.append(error.where)
    assert all(places)
    assert count > len(places) > count / 2


def test_a_word_for_false_is_not_taken_for_true() -> None:
    desks = [{"id": "poc", "point_of_contact": True}, {"id": "armoury", "outward": "false"}]
    with pytest.raises(ConfigurationError, match="true or false") as refusal:
        read_config(Section(NODE | {"desk": desks}), Path())
    assert refusal.value.where == "desk.2.outward"


def test_a_setting_that_nobody_reads_is_refused_with_those_that_are_known() -> None:
    settings = Section({"listen": {"prot": "127.0.0.1:1"}})
    settings.section("listen").text("port", "")
    with pytest.raises(ConfigurationError, match="no such setting") as refusal:
        settings.end()
    assert refusal.value.where == "listen.prot"
    assert refusal.value.what_to_do == "These are known here: port."


def test_of_several_sections_the_place_tells_the_number() -> None:
    rows = Section({"relay": [{"id": "hub"}, {"id": 3}]}).sections("relay")
    assert rows[0].text("id") == "hub"
    with pytest.raises(ConfigurationError) as refusal:
        rows[1].text("id")
    assert refusal.value.where == "relay.2.id"


def test_a_text_that_must_be_there_is_not_empty() -> None:
    with pytest.raises(ConfigurationError, match="a text is needed"):
        Section({"domain": ""}).text("domain")
    assert Section({"domain": ""}).text("domain", "") == ""


def test_what_a_reader_refuses_has_the_place_of_the_setting() -> None:
    def read(_: str) -> None:
        raise InvalidInputError("a member id has lower-case letters")

    with pytest.raises(ConfigurationError, match="lower-case") as refusal:
        Section({"member": "XAA"}, "relay").read("member", read)
    assert refusal.value.where == "relay.member"


@pytest.mark.parametrize("data", [b"member = ", b'member = "\xff"'])
def test_what_is_no_toml_names_the_file(data: bytes) -> None:
    with pytest.raises(ConfigurationError, match="not TOML") as refusal:
        parse_toml(data, "node.toml")
    assert refusal.value.where == "node.toml"

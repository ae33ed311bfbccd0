"""The examples are what `examples/build.py` makes of the real rows, and each is a valid draft."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from tracepost.protocol import schema
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.sdk.intake.items import read_items
from tracepost.wire.v1 import desk_pb2, terms_pb2, weapon_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"
REQUESTS = sorted(EXAMPLES.glob("*.json"))


@pytest.fixture(scope="module")
def build() -> Iterator[ModuleType]:
    sys.path.insert(0, str(EXAMPLES))
    try:
        spec = importlib.util.spec_from_file_location("build", EXAMPLES / "build.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(EXAMPLES))


def draft_of(path: Path) -> desk_pb2.Draft:
    return read_draft(read_document(path), Album(path.parent))


def objects(path: Path) -> list[weapon_pb2.Object]:
    return [item.object for item in draft_of(path).content.trace_request.items]


def test_the_examples_in_git_are_those_that_the_script_makes(build: ModuleType, tmp_path: Path) -> None:
    build.build(tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    kept = [*REQUESTS, *EXAMPLES.glob("*.csv"), *EXAMPLES.glob("photographs/*")]
    assert made == sorted(path.relative_to(EXAMPLES) for path in kept)
    for name in made:
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), (
            f"python examples/build.py ({name})"
        )


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_every_example_is_a_valid_draft(path: Path) -> None:
    draft = draft_of(path)
    schema.validate(draft)
    schema.validate(draft.content.trace_request)
    assert schema.flatten(draft.content.trace_request)
    assert not draft.content.trace_request.persons, "there are no persons in the examples"


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_pictures_travel_without_what_was_written_into_them(path: Path) -> None:
    for part in draft_of(path).parts:
        assert b"tEXt" not in part
        assert Image.open(io.BytesIO(part)).size == (480, 200)


def test_the_examples_show_what_they_say() -> None:
    nagant, makarov, _aks = objects(EXAMPLES / "cyrillic-series.json")
    assert (nagant.mark[0].text_as_seen, nagant.mark[0].script) == ("ЛЯ 36", weapon_pb2.SCRIPT_CYRILLIC)
    assert makarov.mark[0].script == weapon_pb2.SCRIPT_MIXED
    (rifle,) = objects(EXAMPLES / "modular-rifle.json")
    assert rifle.part[0].mark[0].control_component_prefix == weapon_pb2.CONTROL_COMPONENT_PREFIX_ONE
    assert rifle.part[0].mark[0].text_as_seen != rifle.part[1].mark[0].text_as_seen
    (polymer,) = objects(EXAMPLES / "polymer-frame.json")
    assert polymer.mark[0].location == weapon_pb2.MARK_LOCATION_TAG
    (imported,) = objects(EXAMPLES / "import-mark.json")
    assert {mark.country for mark in imported.mark} == {"", "CHN", "USA"}
    filed, partly = objects(EXAMPLES / "obliterated-serial.json")
    assert filed.mark[0].legibility == weapon_pb2.LEGIBILITY_OBLITERATED
    assert partly.mark[0].text_as_seen == "TJY24???"
    (police,) = objects(EXAMPLES / "property-mark.json")
    assert police.mark[1].role == weapon_pb2.MARK_ROLE_REGIONAL
    (craft,) = objects(EXAMPLES / "craft-made.json")
    assert craft.unmarked
    assert craft.craft_made
    lot = draft_of(EXAMPLES / "ammunition-lot.json").content.trace_request
    assert not lot.illicit_grounds
    assert lot.items[0].ammunition.lot_number
    six = draft_of(EXAMPLES / "six-weapons.json").content.trace_request
    assert len(six.items) == 6
    assert list(six.handling_instructions) == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_CONTACT_OWNER]


def test_every_row_that_was_used_is_named_with_source_and_licence() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    for path in (EXAMPLES / "data").iterdir():
        assert f"`{path.name}`" in readme
    for path in (*REQUESTS, *EXAMPLES.glob("*.csv")):
        assert f"`{path.name}`" in readme


def test_the_tables_have_good_rows_and_bad_ones() -> None:
    draft = desk_pb2.Draft(legal_basis=terms_pb2.LEGAL_BASIS_ITI)
    request = draft.content.trace_request
    request.file_number, request.guarantees_restrictions = "F-1", True
    request.urgency = 1  # type: ignore[assignment]
    request.illicit_grounds.append(weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW)
    table = read_items((EXAMPLES / "items.csv").read_bytes(), draft, Album(EXAMPLES))
    assert (table.item_count, len(table.rejections)) == (9, 7)
    register = read_items((EXAMPLES / "items-cyrillic.csv").read_bytes(), draft, Album(EXAMPLES))
    assert (register.item_count, register.table.encoding) == (5, "windows-1251")

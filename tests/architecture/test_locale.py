"""Every word of ours is in the catalogue, the catalogue holds no other, and what is shipped is what is in git."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tracepost.cli.words import coded
from tracepost.locale import FOLDER, load
from tracepost.protocol.errors import all_errors
from tracepost.protocol.schema import KINDS
from tracepost.sdk.intake.rejections import Reason
from tracepost.wire.v1 import terms_pb2

SCRIPT = Path(__file__).parents[2] / "clients" / "catalogues.py"


@pytest.fixture(scope="module")
def catalogues() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["catalogues"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def test_no_key_is_missing_or_spare_and_the_compiled_file_is_current(catalogues: ModuleType) -> None:
    assert catalogues.differences() == [], "python clients/catalogues.py update"


def test_compiling_gives_the_same_bytes_again(catalogues: ModuleType) -> None:
    for language in catalogues.languages():
        compiled = catalogues.compile_catalogue(catalogues.read_catalogue(language), language)
        assert compiled == catalogues.compile_catalogue(catalogues.read_catalogue(language), language)
        assert b"Babel" not in compiled


def test_updating_changes_nothing_that_is_current(catalogues: ModuleType) -> None:
    for language in catalogues.languages():
        fresh = catalogues.updated(catalogues.read_catalogue(language), catalogues.wanted_keys())
        written = catalogues.write_catalogue(fresh, language, catalogues.declared(language))
        assert written == catalogues.po_path(language).read_bytes()


def test_a_missing_and_a_spare_key_are_found(catalogues: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = catalogues.wanted_keys()
    removed = next(iter(sorted(wanted)))
    monkeypatch.setattr(
        catalogues, "wanted_keys", lambda: (wanted - {removed}) | {catalogues.Key("", "Brand new.")}
    )
    found = catalogues.differences()
    assert any("missing" in line and "Brand new." in line for line in found)
    assert any("spare" in line for line in found)


def test_codes_have_words_in_english() -> None:
    words = load(["en"])
    for context, codes in (
        ("error", [error.code for error in all_errors()]),
        ("remedy", [error.code for error in all_errors()]),
        ("kind", list(KINDS)),
        ("rejection", [reason.value for reason in Reason]),
    ):
        for code in codes:
            assert words.pgettext(context, code) != code


def test_handling_instructions_read_as_they_stand_in_the_requirement() -> None:
    assert (
        coded("HandlingInstruction", "DO_NOT_CONTACT_OWNER")
        == "do not contact the registered owner or dealer"
    )
    assert len(terms_pb2.HandlingInstruction.values()) == 6


def test_a_language_that_we_lack_falls_back_to_english() -> None:
    assert load(["tlh"]).pgettext("kind", "trace.request/1") == "trace request"
    assert coded("kind", "new.kind/9") == "new.kind/9"


def test_english_texts_in_the_code_stand_in_single_pieces() -> None:
    """A translator gets whole sentences: nothing is put together from two marked words by a plus."""
    sources = (FOLDER.parent / "cli").rglob("*.py")
    glued = re.compile(r'_\("[^"]*"\) \+ _\("')
    assert [path.name for path in sources if glued.search(path.read_text("utf-8"))] == []

"""`tracepost verify --paper`: who holds a printout and the case file learns whether it shows what was signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from fakes.papers import SERIAL, printable
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.paper.codes import write_groups
from tracepost.paper.drawing import Head, case_sheet, statement_sheet
from tracepost.paper.setting import Printout, set_sheet
from tracepost.paper.told import Told
from tracepost.paper.words import Words
from tracepost.protocol.schema import Field

HEAD, WORDS = Head("Point of contact of XAA", "T-2026/417"), Words("en")
REFUSED, WRONG = 7, "The printout does not show what was signed."
OTHER_SERIAL = "АЖ 48218"


@cache
def request() -> Printout:
    return set_sheet(statement_sheet(WORDS, printable().request, HEAD), WORDS)


@cache
def whole_case() -> Printout:
    return set_sheet(case_sheet(WORDS, printable().told, HEAD), WORDS)


def forged() -> Told:
    """Return the request as a forger would have it: with the serial of another weapon."""

    def changed(one: Field) -> Field:
        if one.path == "items.0.object.mark.0" and isinstance(one.value, dict):
            return one._replace(value={**one.value, "text_as_seen": OTHER_SERIAL})
        return one

    return replace(printable().request, fields=tuple(map(changed, printable().request.fields)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case file and the trust list for it."""
    (tmp_path / "case.tracepost").write_bytes(printable().data)
    (tmp_path / "trust.json").write_bytes(printable().trust)
    return tmp_path


def compare(folder: Path, paper: bytes | str, *options: str) -> Result:
    """Compare a printout, or groups that somebody typed in, with the case file."""
    if isinstance(paper, bytes):
        (folder / "paper").write_bytes(paper)
        paper = str(folder / "paper")
    files = [str(folder / "case.tracepost"), "--trust", str(folder / "trust.json")]
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify", *files, "--paper", paper, *options])
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize("printed", [request, whole_case])
def test_a_printout_that_agrees_ends_with_0(folder: Path, printed: Callable[[], Printout]) -> None:
    result = compare(folder, printed().pdf)
    assert result.exit_code == 0, result.output
    assert result.stdout.count(": shows what was signed") == printed().pages
    assert SERIAL in result.stdout
    answer = json.loads(compare(folder, printed().pdf, "--json").stdout)
    assert (answer["paper"]["refused"], answer["paper"]["missing_pages"]) == (False, [])


def test_a_page_that_was_changed_under_its_code_is_refused_and_the_words_name_the_field(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = request()
    monkeypatch.setattr("tracepost.paper.setting.page_codes", lambda *_: genuine.codes)
    result = compare(folder, set_sheet(statement_sheet(WORDS, forged(), HEAD), WORDS).pdf)
    assert result.exit_code == REFUSED
    assert WRONG in result.stdout
    [line] = [one for one in result.stdout.splitlines() if "this is not what the page says" in one]
    assert SERIAL in line


def test_a_page_of_what_nobody_signed_is_refused(folder: Path) -> None:
    made_up = set_sheet(statement_sheet(WORDS, forged(), HEAD), WORDS)
    result = compare(folder, made_up.pdf)
    assert result.exit_code == REFUSED
    assert WRONG in result.stdout
    assert json.loads(compare(folder, made_up.pdf, "--json").stdout)["paper"]["refused"]


def test_a_page_that_is_missing_is_told_and_the_rest_holds(folder: Path) -> None:
    document, first = pypdfium2.PdfDocument.new(), folder / "first.pdf"
    document.import_pages(pypdfium2.PdfDocument(whole_case().pdf), [0])
    document.save(first)
    document.close()
    answer = json.loads(compare(folder, first.read_bytes(), "--json").stdout)
    assert answer["paper"]["missing_pages"] == list(range(2, whole_case().pages + 1))
    assert not answer["paper"]["refused"]


def test_the_four_groups_below_a_page_find_their_document_and_others_are_refused(folder: Path) -> None:
    result = compare(folder, write_groups(request().codes[0].document))
    assert result.exit_code == 0, result.output
    assert "this document shows what was signed" in result.stdout
    assert SERIAL in result.stdout
    other = compare(folder, write_groups(bytes(16)))
    assert other.exit_code == REFUSED
    assert WRONG in other.stdout


def test_what_is_no_printout_is_told_and_nothing_is_compared(folder: Path) -> None:
    result = compare(folder, b"a letter", "--json")
    assert result.exit_code == 4
    assert "no-picture" in result.output


def test_paper_is_compared_only_where_somebody_vouches_for_the_case(folder: Path) -> None:
    (folder / "paper").write_bytes(request().pdf)
    case, paper = str(folder / "case.tracepost"), str(folder / "paper")
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify", case, "--paper", paper])
    assert result.exit_code == 3
    assert "shows what was signed" not in result.output

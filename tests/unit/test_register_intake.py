"""An extract of a register as a table: what police and armies export, row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.intake.registers import read_register
from tracepost.sdk.intake.rejections import Reason
from tracepost.wire.v1 import register_pb2

STOLEN = register_pb2.REGISTER_STATUS_STOLEN


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_a_row_becomes_a_record() -> None:
    data = table(
        "serial;make;model;calibre;status;record;since", "AB 1;Zastava;M70;7.62x39;theft;R-9;2014-02-19"
    )
    [row] = read_register(data).rows
    assert (row.row, row.status, row.reference, row.since) == (2, STOLEN, "R-9", "2014-02-19")
    assert (row.object.make, row.object.model, row.object.calibre) == ("Zastava", "M70", "7.62x39mm")
    assert row.object.mark[0].text_as_seen == "AB 1"


def test_the_status_of_a_whole_list_is_given_once() -> None:
    data = table("serial,make", "AB 1,Zastava")
    assert read_register(data, status=STOLEN).rows[0].status == STOLEN
    assert [one.reason for one in read_register(data).rejections] == [Reason.MISSING]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("AB 1,Zastava,unheard of,2014-02-19", "status", Reason.NOT_IN_LIST),
        ("AB 1,Zastava,lost,5/12/92", "since", Reason.NOT_A_DATE),
        (",Zastava,lost,2014-02-19", "serial", Reason.MISSING),
        ("1.2E+9,Zastava,lost,2014-02-19", "serial", Reason.SPREADSHEET_NUMBER),
    ],
)
def test_a_bad_row_is_told_with_row_column_and_reason(line: str, column: str, reason: Reason) -> None:
    batch = read_register(table("serial,make,status,since", "AB 0,Zastava,lost,2014-02-19", line))
    assert len(batch.rows) == 1
    assert [(one.row, one.column, one.reason) for one in batch.rejections] == [(3, column, reason)]


def test_what_a_table_says_of_persons_is_not_taken() -> None:
    batch = read_register(table("serial,status,owner", "AB 1,lost,CANARY"))
    assert batch.unknown_columns == ("owner",)
    assert "CANARY" not in str(batch.rows)


def test_a_police_register_is_read_as_it_was_published() -> None:
    """`weaponnumber` and its like are no headings of ours: the columns are named anew, the cells stay."""
    path = Path(__file__).parents[2] / "examples" / "data" / "lost_stolen_register.csv"
    text = path.read_text("utf-8")
    heading = text.partition("\n")[0]
    renamed = (
        heading.replace("weaponseries", "series")
        .replace("weaponnumber", "serial")
        .replace("weaponcaliber", "calibre")
    )
    batch = read_register(text.replace(heading, renamed, 1).encode())
    assert {one.status for one in batch.rows} == {STOLEN, register_pb2.REGISTER_STATUS_LOST}
    assert not batch.rejections


def test_a_document_is_no_table() -> None:
    with pytest.raises(InvalidInputError):
        read_register(b"%PDF-1.7")

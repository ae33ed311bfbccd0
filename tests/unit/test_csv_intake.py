"""Tables of weapons: what is taken, what is told, and that nothing is guessed."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracepost.protocol.errors import InvalidInputError, InvalidMessageError, LimitError, TracepostError
from tracepost.sdk.intake.cells import day, parts, says_removed, says_unnumbered, text, undamaged, year
from tracepost.sdk.intake.columns import Column, read_heading
from tracepost.sdk.intake.countries import country_code
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.items import (
    MAX_ITEMS,
    Batch,
    content_key,
    read_items,
    rejected_rows,
    split_request,
)
from tracepost.sdk.intake.marks import obliterated, other, serial
from tracepost.sdk.intake.rejections import CellError, Reason, Rejection
from tracepost.sdk.intake.tables import MAX_TABLE_BYTES, guess_encoding, read_table
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2, weapon_pb2

PART_V = "serial,obliterated,manufacturer,type,calibre,model,country of origin,importer,additional markings"
GOOD = "A123456,N,ROSSI,revolver,.38 Special,,BRA,,"


def template(**more: Any) -> desk_pb2.Draft:
    request = trace_pb2.TraceRequest(
        file_number="X-1",
        urgency=trace_pb2.URGENCY_ROUTINE,
        guarantees_restrictions=True,
        illicit_grounds=[weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW],
    )
    return desk_pb2.Draft(
        to=["xab"],
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        content=desk_pb2.Content(trace_request=request),
        **more,
    )


def read(*rows: str, heading: str = PART_V, draft: desk_pb2.Draft | None = None) -> Batch:
    data = "\r\n".join([heading, *rows]).encode()
    return read_items(data, draft or template(), Album(Path()))


def only_item(*rows: str, heading: str = PART_V) -> weapon_pb2.Item:
    batch = read(*rows, heading=heading)
    assert batch.rejections == ()
    return batch.folders[0][0].draft.content.trace_request.items[0]


def only_rejection(*rows: str, heading: str = PART_V) -> Rejection:
    (rejection,) = read(*rows, heading=heading).rejections
    return rejection


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("serial\nЛЯ 36\n".encode("utf-8-sig"), "utf-8-sig"),
        ("serial\nЛЯ 36\n".encode("utf-16"), "utf-16"),
        ("serial\nЛЯ 36\n".encode("utf-16-le"), "utf-16-le"),
        ("serial\nЛЯ 36 ПІСТОЛЕТ\n".encode("windows-1251"), "windows-1251"),
        ("serial;marque\nA1;Manufacture d'armes de Saint-Étienne\n".encode("windows-1252"), "windows-1252"),
        ("serial\nЛЯ 36\n".encode(), "utf-8"),
    ],
)
def test_the_encoding_of_a_table_is_recognised(data: bytes, encoding: str) -> None:
    assert guess_encoding(data) == encoding
    assert read_table(data).heading[0] == "serial"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised_by_the_heading(delimiter: str) -> None:
    table = read_table(f"serial{delimiter}model\nA1{delimiter}M70\n".encode())
    assert table.delimiter == delimiter
    assert table.rows[0].cells == ("A1", "M70")


def test_the_hint_that_excel_writes_names_the_delimiter() -> None:
    assert read_table(b"sep=|\r\nserial|model\r\nA1|M70\r\n").rows[0].cells == ("A1", "M70")


def test_a_row_has_the_number_that_a_spreadsheet_shows() -> None:
    table = read_table(b'serial,model\r\n\r\nA1,"two\r\nlines"\r\nA2,M70\r\n')
    assert [(row.number, row.cells[0]) for row in table.rows] == [(3, "A1"), (4, "A2")]


def test_zeros_kept_by_a_formula_or_an_apostrophe_are_kept() -> None:
    assert [row.cells for row in read_table(b'serial\n="00123"\n\'00456\n').rows] == [("00123",), ("00456",)]


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"%PDF-1.7", b"", b"\r\n\r\n"])
def test_a_document_or_an_empty_file_is_no_table(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        read_table(data)


def test_a_wrong_encoding_names_the_byte_and_not_the_text() -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_table("serial\nСЕКРЕТ\n".encode("windows-1251"), "utf-8")
    assert refused.value.where == "byte 7"
    with pytest.raises(InvalidInputError):
        read_table(b"serial\n", "no-such-codec")


def test_a_table_over_its_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitError):
        read_table(b"x" * (MAX_TABLE_BYTES + 1))


# ---------------------------------------------------------------- headings


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("5a Serial Number", Column.SERIAL),
        ("SERIAL_NO.", Column.SERIAL),
        ("5e. Caliber/Gauge", Column.CALIBRE),
        ("Make", Column.MANUFACTURER),
        ("country-of-origin", Column.COUNTRY),
        ("Серія", Column.SERIES),
        ("5i Additional Markings", Column.OTHER_MARKS),
    ],
)
def test_a_heading_is_known_in_any_case_and_with_the_box_of_the_form(name: str, column: Column) -> None:
    assert read_heading([name]).places == {column: 0}


def test_unknown_columns_are_told_and_doubled_ones_refused() -> None:
    assert read_heading(["serial", "moon phase"]).unknown == ("moon phase",)
    with pytest.raises(InvalidInputError):
        read_heading(["serial", "serial number"])
    with pytest.raises(InvalidInputError):
        read_heading(["moon phase"])


# ---------------------------------------------------------------- cells


@pytest.mark.parametrize(
    "cell",
    ["12-May", "May-92", "1992-05-12", "1992-05-12 00:00:00", "5/12/92", "12.05.1992", "Oct-22", "3-Jan-24"],
)
def test_what_a_spreadsheet_turned_into_a_date_is_sent_back(cell: str) -> None:
    with pytest.raises(CellError) as refused:
        undamaged(cell, 100)
    assert refused.value.reason is Reason.SPREADSHEET_DATE


@pytest.mark.parametrize("cell", ["M-92", "92FS", "CZ 75", "7.62x39", "АКС74У", "1911-A1", "12/70", "K-98"])
def test_a_model_that_only_resembles_a_date_is_taken(cell: str) -> None:
    assert undamaged(cell, 100) == cell


@pytest.mark.parametrize("cell", ["1.23457E+11", "1,5E+07", "#REF!", "####"])
def test_what_a_spreadsheet_rounded_or_broke_is_sent_back(cell: str) -> None:
    with pytest.raises(CellError) as refused:
        undamaged(cell, 100)
    assert refused.value.reason is Reason.SPREADSHEET_NUMBER


@pytest.mark.parametrize(
    "words",
    [
        "filed off",
        "OBLITERATED",
        "RASPADA",
        "numeração suprimida",
        "limado",
        "спилен",
        "номер спиляний",
        "limé",
    ],
)
def test_words_for_a_removed_number_are_known_in_many_languages(words: str) -> None:
    assert says_removed(words)


@pytest.mark.parametrize("words", ["A12345", "PROFILED1", "ЛЯ 36", "TJY24???"])
def test_a_number_is_not_taken_for_words(words: str) -> None:
    assert not says_removed(words)
    assert not says_unnumbered(words)


def test_a_day_is_unmistakable_or_refused() -> None:
    assert day("2026-10-02") == day("02.10.2026") == "2026-10-02"
    for cell in ("5/12/26", "2026-13-01", "yesterday", "31.02.2026"):
        with pytest.raises(CellError):
            day(cell)


def test_a_year_is_of_four_digits_and_possible() -> None:
    assert year("1986") == 1986
    for cell in ("86", "3000", "19８6"):
        with pytest.raises(CellError):
            year(cell)


def test_control_characters_and_long_cells_are_refused() -> None:
    for cell, reason in (("a\x1b[31m", Reason.CONTROL_CHARACTER), ("a" * 11, Reason.TOO_LONG)):
        with pytest.raises(CellError) as refused:
            text(cell, 10)
        assert refused.value.reason is reason


def test_a_list_in_a_cell_is_parted_by_semicolons_bars_or_lines() -> None:
    assert parts("a; b | c\nd;;") == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Austria", "AUT"),
        ("at", "AUT"),
        ("СССР", "SUN"),
        ("Côte d’Ivoire", "CIV"),
        ("U.S.A.", "USA"),
        ("xaa", "XAA"),
    ],
)
def test_a_country_is_known_by_code_or_name(name: str, code: str) -> None:
    assert country_code(name) == code


def test_a_country_that_is_none_is_not_guessed() -> None:
    assert country_code("Atlantis") is None
    assert country_code("") is None


# ---------------------------------------------------------------- marks


def test_a_serial_with_unread_characters_keeps_their_places() -> None:
    mark = serial("TJY24…", "", obliterated("Y")).mark
    assert mark is not None
    assert (mark.text_as_seen, mark.legibility) == ("TJY24?", weapon_pb2.LEGIBILITY_PARTIAL)
    mark = serial("TJY24***", "", None).mark
    assert mark is not None
    assert (mark.text_as_seen, mark.normalised) == ("TJY24???", "TJY24???")


def test_a_sign_that_a_program_lost_is_not_taken_for_one_that_could_not_be_read() -> None:
    with pytest.raises(CellError) as refused:
        serial("TJY24\ufffd", "", None)
    assert refused.value.reason is Reason.CONTROL_CHARACTER


def test_a_filed_number_is_an_obliterated_mark_and_the_words_are_kept() -> None:
    said = serial("RASPADA", "", None)
    assert said.mark is not None
    assert said.mark.legibility == weapon_pb2.LEGIBILITY_OBLITERATED
    assert not said.mark.HasField("text_as_seen")
    assert said.words == "RASPADA"


def test_a_series_stands_before_its_number_in_its_own_script() -> None:
    mark = serial("36", "ЛЯ", None).mark
    assert mark is not None
    assert (mark.text_as_seen, mark.script) == ("ЛЯ 36", weapon_pb2.SCRIPT_CYRILLIC)
    mixed = serial("2161", "BБ", None).mark
    assert mixed is not None
    assert mixed.script == weapon_pb2.SCRIPT_MIXED


@pytest.mark.parametrize(
    ("number", "said"), [("AB123", "Y"), ("filed off", "N"), ("no number", "Y"), ("AB12", "partial")]
)
def test_serial_and_obliterated_must_not_contradict_each_other(number: str, said: str) -> None:
    with pytest.raises(CellError) as refused:
        serial(number, "", obliterated(said))
    assert refused.value.reason is Reason.CONTRADICTION


def test_a_restored_number_may_be_given_in_full() -> None:
    mark = serial("AB123", "", obliterated("restored")).mark
    assert mark is not None
    assert mark.legibility == weapon_pb2.LEGIBILITY_RESTORED


def test_additional_markings_name_role_place_and_prefix() -> None:
    imported, prefixed, plain = other("import@frame: CIA ST ALB VT; (2) serial@barrel: 99817; crown over N")
    assert (imported.role, imported.location) == (weapon_pb2.MARK_ROLE_IMPORT, weapon_pb2.MARK_LOCATION_FRAME)
    assert prefixed.control_component_prefix == weapon_pb2.CONTROL_COMPONENT_PREFIX_TWO
    assert (prefixed.role, prefixed.text_as_seen) == (weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, "99817")
    assert (plain.role, plain.text_as_seen) == (weapon_pb2.MARK_ROLE_OTHER, "crown over N")


@pytest.mark.parametrize("cell", ["nonsense: X", "import@moon: X", "import:"])
def test_a_mark_of_unknown_role_or_place_is_refused(cell: str) -> None:
    with pytest.raises(CellError) as refused:
        other(cell)
    assert refused.value.reason is Reason.NOT_A_MARK


# ---------------------------------------------------------------- rows to items


def test_the_columns_of_part_v_become_an_item() -> None:
    item = only_item("AB123456,N,NORINCO,P,9mm Luger,,China,CIA,import: CIA ST ALB VT")
    thing = item.object
    assert item.kind == weapon_pb2.ITEM_KIND_WEAPON
    assert (thing.make, thing.type_code, thing.category) == (
        "NORINCO",
        "P",
        weapon_pb2.CATEGORY_SELF_LOADING_PISTOL,
    )
    assert (thing.calibre_as_marked, thing.calibre) == ("9mm Luger", "9x19mm-parabellum")
    assert (thing.country_of_manufacture, thing.importer_as_marked) == ("CHN", "CIA")
    assert [mark.role for mark in thing.mark] == [
        weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
        weapon_pb2.MARK_ROLE_IMPORT,
    ]


@pytest.mark.parametrize("calibre", ["7.62x39", "7,62 х 39", "7.62×39mm", "7.62 x 39 mm", "cal. 7.62*39"])
def test_five_spellings_of_a_calibre_are_one_code_and_stay_as_marked(calibre: str) -> None:
    thing = only_item(f'A1,N,,R,"{calibre}",,,,').object
    assert (thing.calibre_as_marked, thing.calibre) == (calibre, "7.62x39mm")


def test_a_calibre_that_may_mean_several_is_left_as_marked() -> None:
    thing = only_item("A1,N,,P,9mm,,,,").object
    assert thing.calibre_as_marked == "9mm"
    assert not thing.HasField("calibre")


def test_ammunition_and_parts_in_the_type_column_are_items_of_their_kind() -> None:
    lot = only_item("L-17,,LVE,ammunition,7.62x39,,,,")
    assert lot.kind == weapon_pb2.ITEM_KIND_AMMUNITION
    assert (lot.ammunition.lot_number, lot.ammunition.headstamp) == ("L-17", "LVE")
    assert only_item("A1,N,GLOCK,frame,,,,,").kind == weapon_pb2.ITEM_KIND_ESSENTIAL_PART


def test_an_item_without_any_mark_must_say_so() -> None:
    assert only_item("no number,,,pistol,,,,,").object.unmarked
    assert only_rejection(",N,GLOCK,P,,,,,").reason is Reason.MISSING


def test_everything_wrong_with_a_row_is_told_at_once_with_row_and_column() -> None:
    batch = read("1.5E+09,N,GLOCK,P,9mm,Oct-22,Atlantis,,what: X", GOOD)
    assert set(batch.rejections) == {
        Rejection(2, "serial", Reason.SPREADSHEET_NUMBER),
        Rejection(2, "model", Reason.SPREADSHEET_DATE),
        Rejection(2, "country of origin", Reason.NOT_A_COUNTRY),
        Rejection(2, "additional markings", Reason.NOT_A_MARK),
    }
    assert batch.item_count == 1


def test_good_rows_go_though_others_are_bad() -> None:
    batch = read(GOOD, ",N,GLOCK,P,,,,,", GOOD)
    assert batch.item_count == 2
    assert [rejection.row for rejection in batch.rejections] == [3]
    assert batch.folders[0][0].rows == (2, 4)
    assert [row.number for row, _why in rejected_rows(batch)] == [3]


def test_a_row_longer_than_its_heading_is_refused() -> None:
    assert only_rejection(GOOD + ",spill").reason is Reason.TOO_MANY_CELLS


def test_an_item_id_stands_once() -> None:
    rejection = only_rejection("A1,X", "A2,X", heading="serial,item")
    assert rejection == Rejection(3, "item", Reason.DUPLICATE)


def test_a_rule_of_the_schema_is_told_by_its_field() -> None:
    rejection = only_rejection("A1,spaces are not allowed", heading="serial,item")
    assert (rejection.column, rejection.reason) == ("id", Reason.BREAKS_RULE)


def test_a_missing_photograph_is_told_for_its_row() -> None:
    assert only_rejection("A1,none.jpg", heading="serial,photographs").reason is Reason.PHOTOGRAPH


def test_under_the_iti_a_weapon_needs_a_ground_and_ammunition_does_not() -> None:
    draft = template()
    draft.content.trace_request.ClearField("illicit_grounds")
    batch = read(GOOD, "L-1,,LVE,ammunition,7.62x39,,,,", draft=draft)
    assert batch.rejections == (Rejection(2, "illicit ground", Reason.MISSING),)
    assert batch.folders[0][0].rows == (3,)


@pytest.mark.parametrize("said", ["a", "6(a)", "ITI 6(a)", "national-law", "ILLICIT_GROUND_NATIONAL_LAW"])
def test_a_ground_is_a_letter_of_iti_6_or_its_code(said: str) -> None:
    item = only_item(f"A1,{said}", heading="serial,illicit ground")
    assert list(item.illicit_grounds) == [weapon_pb2.ILLICIT_GROUND_NATIONAL_LAW]


# ---------------------------------------------------------------- items to requests


def test_rows_that_say_the_same_of_their_request_go_together() -> None:
    batch = read("A1,F-1,North", "A2,F-1,North", "A3,F-2,North", heading="serial,file number,region")
    requests = [folder[0].draft.content.trace_request for folder in batch.folders]
    assert [(request.file_number, len(request.items)) for request in requests] == [("F-1", 2), ("F-2", 1)]
    assert requests[0].circumstances.region == "North"


def test_more_than_three_hundred_items_follow_in_the_same_case() -> None:
    batch = read(*(f"A{number}" for number in range(MAX_ITEMS + 5)), heading="serial")
    (folder,) = batch.folders
    assert [len(request.rows) for request in folder] == [MAX_ITEMS, 5]
    assert folder[0].draft.idempotency_key != folder[1].draft.idempotency_key


def test_the_same_rows_have_the_same_key_and_other_rows_another() -> None:
    first, second, third = read(GOOD), read(GOOD), read(GOOD.replace("A123456", "A123457"))
    keys = [batch.folders[0][0].draft.idempotency_key for batch in (first, second, third)]
    assert keys[0] == keys[1] != keys[2]
    assert content_key(first.folders[0][0].draft) == keys[0]


def test_what_the_template_lacks_is_said_once_and_not_for_every_row() -> None:
    draft = template()
    draft.content.trace_request.ClearField("guarantees_restrictions")
    with pytest.raises(InvalidMessageError) as refused:
        read(GOOD, GOOD, draft=draft)
    assert "guarantees_restrictions" in refused.value.where


def test_a_request_as_json_is_split_too() -> None:
    draft = template()
    request = draft.content.trace_request
    for number in range(MAX_ITEMS + 1):
        item = request.items.add(id=str(number), kind=weapon_pb2.ITEM_KIND_WEAPON)
        item.object.make = "ROSSI"
    assert [len(one.rows) for one in split_request(draft)] == [MAX_ITEMS, 1]


@given(st.binary(max_size=400))
def test_whatever_the_bytes_only_errors_of_ours_come_out(data: bytes) -> None:
    with contextlib.suppress(TracepostError):
        read_items(b"serial,model,photographs,year\n" + data, template(), Album(Path("/nonexistent")))


@given(st.text(max_size=60))
def test_whatever_stands_in_a_cell_the_row_is_taken_or_told(cell: str) -> None:
    quoted = cell.replace('"', '""').replace("\r", "").replace("\x00", "")
    batch = read(f'"{quoted}",N', heading="serial,obliterated")
    assert batch.item_count + len({one.row for one in batch.rejections}) == len(batch.table.rows)

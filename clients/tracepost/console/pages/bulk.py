"""Many weapons from a spreadsheet: uploaded, told row by row, taken into drafts; nothing is sent from here.

GET  /bulk                    a file to choose, and what became of earlier ones; POST: the file
POST /bulk/template           a table with the columns and no row
GET  /bulk/RESULT             what became of a file: its drafts, and the rows that were not taken
POST /bulk/RESULT/refused     these rows as a file, to be mended and uploaded again
POST /bulk/RESULT/delete
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from starlette.responses import Response

from tracepost.console.drafting import aside, chosen_desk, now, say, whose
from tracepost.console.forms.bulk import (
    FILE_BYTES,
    ITEMS_OF_DRAFT,
    ROWS,
    Begun,
    Refused,
    Result,
    begun_requests,
    ranges_of,
    take_rows,
)
from tracepost.console.forms.drafts import Draft, DraftLine, FileResult
from tracepost.console.pages.uploads import NO_FILE, chosen_file, forget_chosen
from tracepost.console.paging import leaf_of
from tracepost.console.rooms import KIB, Page, Room
from tracepost.console.showing import printable
from tracepost.console.spreadsheet import csv_file, returned_later, without_unprintable
from tracepost.console.visit import Visit
from tracepost.locale.values import enum_prefix
from tracepost.locale.words import later as _
from tracepost.protocol.errors import TracepostError
from tracepost.sdk.intake.columns import Column
from tracepost.sdk.intake.items import ReadRows
from tracepost.sdk.intake.tables import ROW_HEADING
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

"""Of faults on one page."""
_HEADING_SIGNS: Final = 60
_HEADING_BREAKS: Final = re.compile(r'[;,"|\s]+')
"""A heading reads the same without them, and by its separators it is seen how a table is parted."""
_COLUMNS: Final = tuple(one for one in Column if one is not Column.PHOTOGRAPHS)
_CODES: Final = {
    Column.OBLITERATED: weapon_pb2.Legibility,
    Column.GROUND: weapon_pb2.IllicitGround,
    Column.FOUND_SITUATION: weapon_pb2.FoundSituation,
    Column.PURPOSE: terms_pb2.Purpose,
    Column.QUESTIONS: trace_pb2.Question,
    Column.HANDLING: terms_pb2.HandlingInstruction,
}
_REFUSED: Final = {
    **NO_FILE,
    "table-too-large": _(
        "The file is larger than 2 MiB. Divide it, and upload the parts one after the other."
    ),
    "too-many-rows": _(
        "The file has more than 3,000 rows. Divide it, and upload the parts one after the other."
    ),
    "too-many-requests": _(
        "The rows name so many different files, laws and circumstances that they would make more than 60 requests. "
        "Divide the file."
    ),
    "file-result-too-large": _(
        "There is too much wrong with this file to keep all of it. Divide the file, "
        "and upload the parts one after the other."
    ),
    "not-a-table": _("This file is no text. In the spreadsheet choose “Save as”, and then CSV UTF-8."),
    "wrong-encoding": _(
        "The letters of this file are written neither as UTF-8 nor as Windows-1252. "
        "In the spreadsheet choose “Save as”, and then CSV UTF-8."
    ),
    "unreadable": _("The table cannot be read to its end. Look whether a quotation mark is open somewhere."),
    "empty-table": _("The file is empty, or has no row below its heading."),
    "too-long-a-row": _("A row has more than 200 cells, or a cell more than 10,000 characters. Take it out."),
    "column-twice": _("Two columns hold the same. Take one of them out."),
    "no-known-column": _(
        "No column has a heading that is known. Begin with the empty table that can be saved here."
    ),
}
_WHAT_TO_DO: Final = {
    "missing": _("Fill it in."),
    "not-in-list": _("Write one of the codes that stand on the page of the upload."),
    "not-yes-or-no": _("Write yes or no."),
    "not-a-number": _("Write a year in four figures."),
    "control-character": _("Empty the cell and type it again."),
    "too-long": _("Say it in fewer words."),
    "too-many-cells": _("Put a cell that holds the separator into quotation marks."),
    "contradiction": _("Correct one of the two."),
    "duplicate": _("Give each row a number of its own, or leave the column empty."),
    "breaks-rule": _("Correct the cell that this field is made of."),
    "photograph": _("Leave the cell empty, and add photographs in the draft."),
}


# ── a file ───────────────────────────────────────────────────────────────────────────


async def show_upload(visit: Visit, error: str = "") -> Response:
    """Show where to choose a file, which columns there are, and what became of earlier files."""
    store = visit.house.drafts
    lines = await aside(store.files, whose(visit), now(), visit.officer.desks)
    may_practise = (await visit.client.get_status()).exercises_allowed
    return visit.page(
        "pages/bulk.html",
        status=422 if error else 200,
        error=error,
        codes=[(column.value, list(_codes(visit, codes))) for column, codes in _CODES.items()],
        columns=", ".join(_COLUMNS),
        most_rows=ROWS,
        items_of_draft=ITEMS_OF_DRAFT,
        earlier=[_line(one) for one in lines],
        may_practise=may_practise,
    )


def _codes(visit: Visit, codes: Any) -> Iterator[tuple[str, str]]:
    prefix, name = enum_prefix(codes.DESCRIPTOR), codes.DESCRIPTOR.name
    for code in codes.keys()[1:]:
        bare = code.removeprefix(prefix)
        yield bare, visit.words.coded(name, bare)


def _line(line: DraftLine) -> dict[str, Any]:
    brief = line.draft.answers
    return {
        "number": line.number,
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(line.changed_at)),
        "taken": int(brief.first("taken")),
        "refused": int(brief.first("refused")),
        "exercise": brief.first("exercise") == "yes",
    }


async def take_file(visit: Visit) -> Response:
    """Take the good rows of a file into drafts, and keep what became of it; the same file is not taken twice."""
    exercise = visit.field("exercise") == "yes"
    try:
        content = await chosen_file(visit)
        rows = await aside(take_rows, content)
        begun = await aside(begun_requests, rows, exercise=exercise)
        number, again = await aside(_keep, visit, content, rows, begun, exercise)
    except TracepostError as fault:
        if fault.reason not in _REFUSED:
            raise
        return await show_upload(visit, visit.text(_REFUSED[fault.reason]))
    await forget_chosen(visit)
    return visit.go(f"/bulk/{number}{'?again=yes' if again else ''}")


def _keep(
    visit: Visit, content: bytes, rows: ReadRows, begun: tuple[Begun, ...], exercise: bool
) -> tuple[str, bool]:
    """Begin all drafts or none; return the number of the result, and whether the same file was taken before."""
    desk = chosen_desk(visit)

    def tell(numbers: Sequence[str]) -> FileResult:
        drafts = [(number, one.rows) for number, one in zip(numbers, begun, strict=True)]
        result = Result.of(rows, drafts, exercise=exercise)
        return FileResult(result.brief(), result.answers())

    return visit.house.drafts.begin_file(
        whose(visit),
        hashlib.sha256(content).digest() + bytes([exercise]),
        [Draft("request", "", desk, one.answers) for one in begun],
        tell,
        now(),
        desk=desk,
        desks=visit.officer.desks,
    )


async def take_template(_visit: Visit) -> Response:
    """Give a table that has the columns and no row."""
    return csv_file("tracepost-weapons", [list(_COLUMNS)])


# ── what became of it ────────────────────────────────────────────────────────────────


async def show_result(visit: Visit) -> Response:
    """Show which draft each row stands in, and what is wrong with those that were not taken."""
    number, result = await _result(visit)
    faults = [(one.number, *fault) for one in result.refused for fault in one.faults]
    drafts = [(n, draft, len(rows), ranges_of(rows)) for n, (draft, rows) in enumerate(result.drafts, 1)]
    return visit.page(
        "pages/bulk_result.html",
        number=number,
        again=visit.request.query_params.get("again", "") == "yes",
        result=result,
        separator=result.delimiter.replace("\t", visit.text(_("tab"))),
        is_utf=result.encoding.startswith("utf"),
        unknown=", ".join(_cut(one) for one in result.unknown[:20]),
        drafts=leaf_of(visit, "drafts", drafts),
        faults=leaf_of(visit, "faults", [_fault(visit, *one) for one in faults]),
        exercise=result.exercise,
    )


def _fault(visit: Visit, row: int, column: str, reason: str) -> tuple[int, str, str, str]:
    why = visit.words.coded("rejection", reason)
    return row, _cut(column), why, say(visit, _WHAT_TO_DO.get(reason, ""))


def _cut(heading: str) -> str:
    text = printable(heading)
    return text if len(text) <= _HEADING_SIGNS else f"{text[:_HEADING_SIGNS]}…"


async def take_refused(visit: Visit) -> Response:
    """Give the rows that were not taken, as they came behind their reasons: none has a cell more or less."""
    _number, result = await _result(visit)
    return await aside(_refused_file, visit, result)


def _refused_file(visit: Visit, result: Result) -> Response:
    """Return a file whose cells come back exactly when it is uploaded; the heading of its first column says so."""
    heads = [_HEADING_BREAKS.sub(" ", printable(one)) for one in result.heading]
    rows = [
        [str(one.number), _reasons(visit, result, one), *map(without_unprintable, one.cells)]
        for one in result.refused
    ]
    heading = [ROW_HEADING, visit.text(_("not taken because")), *heads]
    return csv_file("tracepost-refused-rows", [heading, *rows], returned_later)


def _reasons(visit: Visit, result: Result, row: Refused) -> str:
    told = [(column, visit.words.coded("rejection", reason)) for column, reason in row.faults]
    emptied = visit.text(_("left empty here, as it holds signs that cannot be shown"))
    heads = (*result.heading, *[""] * len(row.cells))
    told += [
        (head, emptied)
        for head, cell in zip(heads, row.cells, strict=False)
        if cell != without_unprintable(cell)
    ]
    return "; ".join(f"{_cut(column)}: {why}".removeprefix(": ") for column, why in told)


async def delete_result(visit: Visit) -> Response:
    """Destroy what is kept of a file; its drafts stay."""
    number, _of = await _result(visit)
    await aside(visit.house.drafts.delete_file, whose(visit), number)
    return visit.go("/bulk")


async def _result(visit: Visit) -> tuple[str, Result]:
    number, desks = visit.request.path_params["result"], visit.officer.desks
    answers = await aside(visit.house.drafts.file, whose(visit), number, desks)
    return number, await aside(Result.read, answers)


ROOM: Final = Room(
    pages=(
        Page("/bulk", show_upload),
        Page("/bulk", take_file, ("POST",), body_bytes=FILE_BYTES + 1024 * KIB),
        Page("/bulk/template", take_template, ("POST",)),
        Page("/bulk/{result}", show_result),
        Page("/bulk/{result}/refused", take_refused, ("POST",)),
        Page("/bulk/{result}/delete", delete_result, ("POST",)),
    ),
)

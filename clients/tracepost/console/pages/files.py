"""What an officer takes away as a file for a spreadsheet: lists of cases, where a mark stands, statistics.

Each is asked of the node anew, as the page that it stands on was, and is logged there as his.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

from starlette.responses import Response

from tracepost.console.case_rows import Row, rows_of
from tracepost.console.pages.home import SECTIONS
from tracepost.console.pages.search import HITS, MARK_SIGNS, NUMBER_SIGNS, Hit, Marks, found_marks
from tracepost.console.pages.statistics import CODES, Figures, choice_of
from tracepost.console.rooms import Page, Room
from tracepost.console.showing import when
from tracepost.console.spreadsheet import csv_file
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import desk_pb2

MOST_CASES: Final = 5_000
"""In one file; what comes after is said to be left out."""


async def take_list(visit: Visit) -> Response:
    """Give the cases of one state as a file."""
    name = visit.request.path_params["state"]
    if name not in SECTIONS:
        raise InvalidInputError(_("There is no such list."), where="address")
    state, _title = SECTIONS[name]
    return await _cases(visit, visit.client.list_cases(state, for_file=True))


async def take_found(visit: Visit) -> Response:
    """Give the cases whose number begins so as a file."""
    number = visit.field("number")
    if not 0 < len(number) <= NUMBER_SIGNS:
        raise InvalidInputError(_("There is no such number."), where="number")
    return await _cases(visit, visit.client.list_cases(file_number=number, for_file=True))


async def take_marks(visit: Visit) -> Response:
    """Give the places where a mark stands as a file."""
    mark = visit.field("mark")
    if not 0 < len(mark) <= MARK_SIGNS:
        raise InvalidInputError(_("There is no such mark."), where="mark")
    exact, exercise = visit.field("exact") == "yes", visit.field("exercise") == "yes"
    found = await visit.client.search_marks(mark, exact=exact, limit=HITS, exercise=exercise)
    banner = [[visit.text("EXERCISE")]] if exercise else []
    return csv_file("tracepost-marks", [*banner, *rows_of_marks(visit.words, found_marks(visit, found))])


def rows_of_marks(words: Words, marks: Marks) -> list[list[str]]:
    """Return the places as rows, with heads, and behind them what keeps the list from being whole."""
    _ = words.gettext
    first = [_("Handling instructions"), _("EXERCISE"), _("case"), _("item"), _("mark as seen")]
    heads = [*first, _("agrees"), _("message"), _("from"), _("when")]
    rows = [_cells_of_hit(words, hit) for hit in marks.hits]
    return [heads, *rows, *([note] for note in _notes_of_marks(words, marks))]


def _cells_of_hit(words: Words, hit: Hit) -> list[str]:
    handling = "; ".join(words.coded("HandlingInstruction", code) for code in hit.handling)
    exercise = words.gettext("yes") if hit.exercise else ""
    found = [hit.thread, hit.item, hit.seen, hit.agrees]
    return [handling, exercise, *found, words.kind(hit.kind), hit.from_member, hit.at]


def _notes_of_marks(words: Words, marks: Marks) -> Iterator[str]:
    _ = words.gettext
    if marks.hits and marks.count is not None:
        yield words.plural("{n} place", "{n} places", marks.count)
    if marks.hits:  # of a case that the desk does not see no instructions are told
        yield _("How a case is to be handled stands in the case: look there before you pass anything on.")
    if marks.is_cut:
        yield _("There may be more places than these: say more of the mark.")
    if marks.incomplete:
        yield _("Not everything was looked at yet: search again in a minute, or say more of the mark.")


async def take_statistics(visit: Visit) -> Response:
    """Give figures as a file, with what must be said beside them on top."""
    choice, words = choice_of(visit), visit.words
    if choice.problems:
        raise InvalidInputError(_("There is no such period."), where=choice.problems[0][0])
    figures = Figures(words, await visit.client.make_report(choice.request()))
    told, say = figures.report, words.gettext
    about = [
        [say(_("member")), told.member.upper()],
        [say(_("First day")), told.from_day],
        [say(_("Last day")), told.to_day],
        *([note] for note in figures.notes),
    ]
    rows = [*about, _heads_of_figures(words), *figures.rows()]
    return csv_file("tracepost-statistics", rows)


def _heads_of_figures(words: Words) -> list[str]:
    _ = words.gettext
    codes = [words.coded("field", name) for name in CODES]
    questionnaire = words.coded("ReportMeasure", "IAFQ")
    return [_("asked"), _("figure"), *codes, questionnaire, _("member"), _("begins on"), _("how many")]


async def _cases(visit: Visit, cases: AsyncIterator[desk_pb2.CaseSummary]) -> Response:
    kept: list[desk_pb2.CaseSummary] = []
    async for case in cases:
        kept.append(case)
        if len(kept) > MOST_CASES:
            break
    today, words = when((await visit.client.get_status()).clock)[:10], visit.words
    rows = [_cells(words, row) for row in rows_of(visit, kept[:MOST_CASES], today)]
    left_out = words.gettext("There are more cases than these; the file ends here.")
    more = [[left_out]] if len(kept) > MOST_CASES else []
    return csv_file("tracepost-cases", [_heads_of_cases(words), *rows, *more])


def _heads_of_cases(words: Words) -> list[str]:
    _ = words.gettext
    fields = [words.coded("field", name) for name in ("our_file_number", "their_file_number")]
    first = [_("Handling instructions"), _("urgent"), _("EXERCISE"), *fields, _("about"), _("members")]
    return [*first, _("state"), _("items"), _("due"), _("overdue"), _("newest"), _("case")]


def _cells(words: Words, row: Row) -> Sequence[str]:
    case = row.case
    state = desk_pb2.CaseState.Name(case.state).removeprefix("CASE_STATE_")
    return [
        "; ".join(words.coded("HandlingInstruction", code) for code in row.handling),
        words.gettext("yes") if case.urgent else "",
        words.gettext("yes") if case.exercise else "",
        case.our_file_number,
        case.their_file_number,
        words.kind(case.opened_with),
        ", ".join(case.members),
        words.coded("CaseState", state),
        row.answered,
        case.due_on,
        words.gettext("yes") if row.overdue else "",
        row.newest,
        case.thread,
    ]


ROOM: Final = Room(
    pages=(
        Page("/inbox/{state}/file", take_list, ("POST",)),
        Page("/search/number/file", take_found, ("POST",)),
        Page("/search/mark/file", take_marks, ("POST",)),
        Page("/statistics/file", take_statistics, ("POST",)),
    ),
)

"""Finding a case: by a mark that was seen, by a file number, by the id of the case, or by the code of a printed page.

What is looked for goes in the body of a form and never into an address: a mark is data of a case, and addresses are
kept by browsers and written into logs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.case_rows import Row, rows_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower, moment, printable, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.paper.codes import PREFIX, parse_code, parse_groups
from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import search_pb2

HITS: Final = 50
_CASES: Final = 25
MARK_SIGNS: Final = 200
NUMBER_SIGNS: Final = 100
_CODE_SIGNS: Final = 4296
"""What a QR code holds at most."""
_BEGINNING: Final = re.compile(r"[0-9a-f]{8}[0-9a-f-]{0,28}")


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where the mark stands."""

    thread: str
    item: str
    seen: str
    agrees: str
    kind: str
    from_member: str
    at: str
    handling: tuple[str, ...]
    exercise: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """What a search by a mark gave; `count` is None where the desk may not count."""

    hits: tuple[Hit, ...]
    count: int | None
    incomplete: bool

    @property
    def is_cut(self) -> bool:
        """Say whether there may be more places than these."""
        return len(self.hits) >= HITS


async def show_search(visit: Visit) -> Response:
    """Ask what is looked for."""
    return _page(visit)


async def find_marks(visit: Visit) -> Response:
    """Show where a mark stands, in the cases that the desk may search."""
    mark, exact = visit.field("mark"), visit.field("exact") == "yes"
    exercise = visit.field("exercise") == "yes"
    if not mark:
        return _page(visit, "mark", _("Type the mark."))
    if len(mark) > MARK_SIGNS:
        return _page(visit, "mark", _("It is too long."))
    found = await visit.client.search_marks(mark, exact=exact, limit=HITS, exercise=exercise)
    marks = found_marks(visit, found)
    return _page(visit, mark=mark, exact=exact, exercise=exercise, marks=marks)


async def find_cases(visit: Visit) -> Response:
    """Show the cases whose number begins so; go to the one whose id begins so, if no number does."""
    number, after = visit.field("number"), visit.field("after")[:NUMBER_SIGNS]
    if not number:
        return _page(visit, "number", _("Type a number."))
    if number.upper().startswith(PREFIX):
        return await _open_scanned(visit, number)
    if len(number) > NUMBER_SIGNS:
        return _page(visit, "number", _("It is too long."))
    page = await visit.client.list_case_page(file_number=number, page_size=_CASES, page_token=after or None)
    if not page.cases and _BEGINNING.fullmatch(number.lower()):
        view = await visit.client.show_case(number.lower())
        return visit.go(f"/cases/{view.summary.thread}")
    if not page.cases and _is_groups(number):
        return _page(visit, "number", _GROUPS, number=number)
    today = when((await visit.client.get_status()).clock)[:10]
    rows = rows_of(visit, page.cases, today)
    return _page(visit, number=number, cases=rows, after=page.next_page_token)


async def _open_scanned(visit: Visit, text: str) -> Response:
    """Go to the case that a printed page is of; a scanner types what its code says."""
    try:
        code = parse_code(text[:_CODE_SIGNS].upper())
    except InvalidInputError:
        return _page(visit, "number", _("This is no whole code of a printed page. Scan it once more."))
    view = await visit.client.show_case(code.thread)
    return visit.go(f"/cases/{view.summary.thread}")


def _is_groups(text: str) -> bool:
    """Say whether somebody typed the four groups beside a code: they prove a page, and name no case."""
    try:
        parse_groups(text)
    except InvalidInputError:
        return False
    return True


_GROUPS: Final = _(
    "These letters prove a printed page and name no case. Scan the code beside them, or type the id of the case "
    "that is printed there."
)


def _page(
    visit: Visit,
    field: str = "",
    problem: str = "",
    *,
    mark: str = "",
    exact: bool = False,
    exercise: bool = False,
    marks: Marks | None = None,
    number: str = "",
    cases: Sequence[Row] | None = None,
    after: str = "",
) -> Response:
    errors = {field: visit.text(problem)} if problem else {}
    return visit.page(
        "pages/search.html",
        status=400 if problem else 200,
        errors=errors,
        mark=mark,
        exact=exact,
        exercise=exercise,
        marks=marks,
        number=number,
        cases=cases,
        after=after,
    )


def found_marks(visit: Visit, found: search_pb2.SearchMarksResponse) -> Marks:
    """Return what a search gave in the visitor's words."""
    shower = Shower(visit.words)
    return Marks(
        tuple(
            Hit(
                hit.thread,
                printable(hit.item_id),
                printable(hit.text_as_seen),
                shower.words_of(hit, "grade"),
                hit.kind,
                hit.from_member,
                moment(hit.issued_at),
                tuple(shower.codes_of(hit, "handling")),
                hit.exercise,
            )
            for hit in found.hits
        ),
        found.count if found.HasField("count") else None,
        found.incomplete,
    )


ROOM: Final = Room(
    pages=(
        Page("/search", show_search),
        Page("/search/mark", find_marks, ("POST",)),
        Page("/search/number", find_cases, ("POST",)),
    ),
    menu=(Entry(_("Search"), "/search", order=20),),
)

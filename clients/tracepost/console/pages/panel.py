"""The inbox of a panel of experts: whom it asked, and who passed something on; case by case, what it was told.

GET /                     (`home`) what the list of cases says: no case is opened for it
GET /cases/CASE/panel     what was answered and withheld, what was passed on and until when: the case is opened
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.case_rows import Row, rows_of
from tracepost.console.desks import mandate_until
from tracepost.console.forms.guides import PANEL_REPLY, PANEL_REQUEST
from tracepost.console.forms.preview import label_of
from tracepost.console.pages.case import handling_of, require_thread
from tracepost.console.paging import ROWS, leaf_of
from tracepost.console.rooms import Page, Room
from tracepost.console.showing import Shower, moment, printable, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import PermissionError_, TracepostError
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, panel_pb2, share_pb2, terms_pb2

SHARE: Final = "share/1"
_TOKEN_SIGNS: Final = 100
_OF_NOBODY: Final = _("an exhibit that does not verify")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of the panel: its row, whom it asked, what is known of a silence, and whether there is an answer."""

    row: Row
    state: str
    standing: tuple[str, ...]
    answered: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a member gave or answered, and what the page says of it, line by line."""

    member: str
    at: str
    until: str
    lines: tuple[str, ...]


async def show_panel(visit: Visit, status: desk_pb2.NodeStatus) -> Response:
    """Show it to an officer at a desk of a panel; `status`: of his node."""
    client = visit.client
    last_day = await mandate_until(visit)
    try:
        asked = await client.list_case_page(
            holds_kind=PANEL_REQUEST, page_size=ROWS, page_token=_after(visit, "asked")
        )
        given = await client.list_case_page(
            holds_kind=SHARE, page_size=ROWS, page_token=_after(visit, "given")
        )
    except PermissionError_:  # some desks see no list of cases
        asked = given = desk_pb2.ListCasesResponse()
    own, today = visit.house.settings.member, when(status.clock)[:10]
    desk = next(one for one in status.desks if one.desk == visit.officer.desk)
    return visit.page(
        "pages/panel.html",
        locked=not desk.unlocked,
        waits=[(status.releases_waiting, _("wait for a second officer")), (status.held, _("held mail"))],
        last_day=last_day,
        ended=bool(last_day) and last_day < today,
        asked=list(_asked(visit, asked.cases, today)),
        later_asked=asked.next_page_token,
        given=[(one, _others(one, own)) for one in rows_of(visit, given.cases, today)],
        later_given=given.next_page_token,
    )


def _after(visit: Visit, name: str) -> str | None:
    """Return what the node gave for the next page of a list."""
    return visit.request.query_params.get(name, "")[:_TOKEN_SIGNS] or None


async def show_told(visit: Visit) -> Response:
    """Show what States answered and passed on in a case, with what they withheld and until when it may be kept."""
    thread = visit.request.path_params["case"]
    require_thread(thread)
    view = await visit.client.show_case(thread)
    reader = _Reader(visit, await mandate_until(visit))
    return visit.page(
        "pages/panel_told.html",
        case=view.summary,
        handling=handling_of(Shower(visit.words), view),
        exercise=view.summary.exercise,
        replies=leaf_of(visit, "replies", list(reader.replies(view))),
        given=leaf_of(visit, "given", list(reader.given(view))),
    )


def last_day_of(share: desk_pb2.StatementView, mandate: str) -> str:
    """Return the first of the days on which what was passed on is to be deleted and on which the mandate ends.

    Args:
        share: as it is shown.
        mandate: its last day, YYYY-MM-DD; empty for none.
    """
    deleted = [one.until for one in share.restrictions if one.code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER]
    return min((day for day in (*deleted, mandate) if day), default="")


def _asked(visit: Visit, cases: Sequence[desk_pb2.CaseSummary], today: str) -> Iterator[Asked]:
    shower, own = Shower(visit.words), visit.house.settings.member
    for row in rows_of(visit, cases, today):
        case = row.case
        standing = [visit.words.coded("field", "no_reply_recorded")] if case.no_reply_recorded else []
        for one in case.delivery_not_proved:
            said = visit.words.coded("field", "delivery_not_proved")
            standing.append(f"{said}: {shower.words_of(one, 'state')}" if one.HasField("state") else said)
        silent = bool(case.no_reply_recorded or case.delivery_not_proved)
        yield Asked(row, _others(row, own), tuple(standing), answered=not silent)


def _others(row: Row, own: str) -> str:
    return ", ".join(one for one in row.case.members if one != own)


class _Reader:
    """Reads in cases what members of the network gave and answered, in the visitor's words."""

    def __init__(self, visit: Visit, last_day: str) -> None:
        self._own = visit.house.settings.member
        self._words = visit.words
        self._shower = Shower(visit.words)
        self._last_day = last_day

    def given(self, view: desk_pb2.CaseView) -> Iterator[Told]:
        """Yield what was passed on to us, newest first, with the day on which it ends."""
        for one in self._of_others(view, SHARE):
            said = [self._words.coded("field", "purpose"), self._shower.words_of(one, "purpose")]
            lines = [self._exhibit(exhibit) for exhibit in one.content.share.exhibits]
            lines.append(": ".join(said) if one.purpose else "")
            lines += [self._shower.words_of(term, "code") for term in one.restrictions]
            yield self._told(one, lines, until=last_day_of(one, self._last_day))

    def replies(self, view: desk_pb2.CaseView) -> Iterator[Told]:
        """Yield replies to the panel, newest first, with what was withheld and why."""
        for one in self._of_others(view, PANEL_REPLY):
            yield self._told(one, list(self._replied(one.content.panel_reply)))

    def _of_others(self, view: desk_pb2.CaseView, kind: str) -> Iterator[desk_pb2.StatementView]:
        for one in reversed(view.statements):
            if one.kind == kind and one.from_member != self._own:
                yield one

    def _told(self, one: desk_pb2.StatementView, lines: Sequence[str], until: str = "") -> Told:
        shown = tuple(line for line in lines if line)
        return Told(one.from_member, moment(one.issued_at), until, shown)

    def _exhibit(self, exhibit: share_pb2.Exhibit) -> str:
        try:
            claims = read_exhibit(exhibit).claims
        except TracepostError:
            return self._words.gettext(_OF_NOBODY)
        return f"{self._words.kind(claims.kind)}, {claims.iss}"

    def _replied(self, reply: panel_pb2.PanelReply) -> Iterator[str]:
        yield self._shower.words_of(reply, "confidentiality")
        if reply.HasField("refusal_ground"):
            yield self._withheld(
                self._words.gettext(_REFUSED), self._shower.words_of(reply, "refusal_ground")
            )
        for answer in reply.answers:
            if answer.HasField("withholding_ground"):
                name = f"{self._words.gettext('item')} {self._words.alone(printable(answer.item_id))}"
                yield self._withheld(name, self._shower.words_of(answer, "withholding_ground"))
        for one in reply.withheld:
            yield self._withheld(label_of(one.path, self._words), self._shower.words_of(one, "ground"))
        for decided in reply.publication:
            yield f"{self._words.alone(printable(decided.text_id))}: {self._shower.words_of(decided, 'decision')}"

    def _withheld(self, what: str, why: str) -> str:
        return f"{self._words.gettext(_WITHHELD)}: {what}: {why}"


_REFUSED: Final = _("the answer")
_WITHHELD: Final = _("withheld")

ROOM: Final = Room(pages=(Page("/cases/{case}/panel", show_told),))

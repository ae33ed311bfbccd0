"""The inbox: what waits for us, and what we wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower, moment, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.wire.v1 import desk_pb2

_AT_ONCE: Final = 25
SECTIONS: Final = {
    "us": (desk_pb2.CASE_STATE_WAITING_FOR_US, _("Waiting for us")),
    "them": (desk_pb2.CASE_STATE_WAITING_FOR_THEM, _("Waiting for them")),
    "closed": (desk_pb2.CASE_STATE_CLOSED, _("Closed")),
}
_TOKEN_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the inbox."""

    case: desk_pb2.CaseSummary
    newest: str
    handling: tuple[str, ...]
    answered: str
    overdue: bool
    reminders: int


async def show_inbox(visit: Visit) -> Response:
    """Show the newest cases that wait for us, and those that we wait for."""
    client = visit.client
    status = await client.get_status()
    today = when(status.clock)[:10]
    parts = []
    for name in ("us", "them"):
        state, title = SECTIONS[name]
        try:
            page = await client.list_case_page(state, page_size=_AT_ONCE)
        except PermissionError_:  # some desks see no list of cases, only what they are asked
            break
        parts.append((name, title, rows_of(visit, page.cases, today), bool(page.next_page_token)))
    desk = next((one for one in status.desks if one.desk == visit.officer.desk), None)
    return visit.page(
        "pages/home.html",
        parts=parts,
        waits=[(status.releases_waiting, _("wait for a second officer")), (status.held, _("held mail"))],
        locked=desk is not None and not desk.unlocked,
    )


async def show_list(visit: Visit) -> Response:
    """Show all cases of one state, a page at a time, or those whose number begins so."""
    name = visit.request.path_params["state"]
    if name not in SECTIONS:
        raise InvalidInputError("there is no such list", where="address")
    state, title = SECTIONS[name]
    token = visit.request.query_params.get("after", "")[:_TOKEN_LIMIT]
    page = await visit.client.list_case_page(state, page_size=_AT_ONCE, page_token=token or None)
    today = when((await visit.client.get_status()).clock)[:10]
    return visit.page(
        "pages/home_list.html",
        name=name,
        title=title,
        rows=rows_of(visit, page.cases, today),
        after=page.next_page_token,
        parts=list(SECTIONS.items()),
    )


def rows_of(visit: Visit, cases: Sequence[desk_pb2.CaseSummary], today: str) -> list[Row]:
    """Return the cases as rows of a table; `today`: YYYY-MM-DD, by the node's clock."""
    shower = Shower(visit.words)
    return [_row(shower, one, today) for one in cases]


def _row(shower: Shower, case: desk_pb2.CaseSummary, today: str) -> Row:
    asked = [item for item in case.items if item.asked or item.answers]
    answered = sum(any(answer.final for answer in item.answers) for item in asked)
    return Row(
        case=case,
        newest=moment(case.last_event_at),
        handling=tuple(shower.codes_of(case, "handling")),
        answered=f"{answered}/{len(asked)}" if asked else "",
        overdue=bool(case.due_on) and case.due_on < today,
        reminders=sum(one.reminders for one in case.enquiries),
    )


ROOM: Final = Room(
    pages=(Page("/", show_inbox), Page("/inbox/{state}", show_list)),
    menu=(Entry(_("Inbox"), "/", order=10),),
)

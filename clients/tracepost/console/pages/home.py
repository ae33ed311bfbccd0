"""The inbox: what waits for us, what we wait for, and whose work it is."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tracepost.console.case_rows import rows_of
from tracepost.console.desks import is_of_panel
from tracepost.console.pages.panel import show_panel
from tracepost.console.paging import ROWS, leaf_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.wire.v1 import desk_pb2

SECTIONS: Final = {
    "us": (desk_pb2.CASE_STATE_WAITING_FOR_US, _("Waiting for us")),
    "them": (desk_pb2.CASE_STATE_WAITING_FOR_THEM, _("Waiting for them")),
    "closed": (desk_pb2.CASE_STATE_CLOSED, _("Closed")),
}
_TOKEN_LIMIT: Final = 100


async def show_inbox(visit: Visit) -> Response:
    """Show the newest cases that wait for us, and those that we wait for; a panel has an inbox of its own."""
    client = visit.client
    status = await client.get_status()
    if is_of_panel(visit, status):
        return await show_panel(visit, status)
    today = when(status.clock)[:10]
    parts = []
    for name in ("us", "them"):
        state, title = SECTIONS[name]
        try:
            page = await client.list_case_page(state, page_size=ROWS)
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
        raise InvalidInputError(_("There is no such list."), where="address")
    state, title = SECTIONS[name]
    token = visit.request.query_params.get("after", "")[:_TOKEN_LIMIT]
    page = await visit.client.list_case_page(state, page_size=ROWS, page_token=token or None)
    today = when((await visit.client.get_status()).clock)[:10]
    return visit.page(
        "pages/home_list.html",
        name=name,
        title=title,
        rows=rows_of(visit, page.cases, today),
        after=page.next_page_token,
        parts=list(SECTIONS.items()),
    )


async def show_own(visit: Visit) -> Response:
    """Show the cases that were assigned to the officer, newest event first, a page at a time."""
    given = await visit.client.office.list_assignments()
    assigned = [one.summary for one in given if one.HasField("summary")]
    newest = sorted(assigned, key=lambda case: (case.last_event_at, case.thread), reverse=True)
    today = when((await visit.client.get_status()).clock)[:10]
    leaf = leaf_of(visit, "cases", newest)
    return visit.page("pages/home_own.html", rows=rows_of(visit, leaf.rows, today), leaf=leaf)


ROOM: Final = Room(
    pages=(Page("/", show_inbox), Page("/inbox/own", show_own), Page("/inbox/{state}", show_list)),
    menu=(Entry(_("Inbox"), "/", order=10),),
)

"""The audit trail: who did what at the node, the newest first; of everybody, or of one officer."""

from __future__ import annotations

import re
from typing import Final

from starlette.responses import Response

from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.wire.v1 import desk_pb2

_ROWS: Final = 60
_LOOKED_AT: Final = 1_000
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


async def show_trail(visit: Visit) -> Response:
    """Show the newest events below a number, or all of the newest thousand that concern one officer."""
    asked = visit.request.query_params
    before, officer = _number(asked.get("before", "")), _number(asked.get("officer", ""))
    events = await visit.client.list_audit(
        before=int(before or 0), page_size=_LOOKED_AT if officer else _ROWS
    )
    member = visit.officer.officer.member
    shown = [one for one in events if not officer or _concerns(one, officer, member)][:_ROWS]
    last = shown[-1].number if len(shown) == _ROWS else events[-1].number if events else 0
    return visit.page(
        "pages/trail.html",
        rows=[_row(one) for one in shown],
        officer=officer,
        own=visit.officer.number,
        older=last if last > 1 else 0,
        looked=len(events),
    )


def _row(one: desk_pb2.AuditEvent) -> tuple[str, ...]:
    return (
        str(one.number),
        moment(one.at),
        printable(one.actor),
        printable(one.action),
        printable(one.subject),
        printable(one.outcome),
    )


def _concerns(one: desk_pb2.AuditEvent, officer: str, member: str) -> bool:
    """Say whether an officer did it, himself or by a console, or it was decided about him, such as a deputy's days."""
    label = f"officer-{officer}"
    return one.actor.split(" ", 1)[0] in (label, f"{label}.{member}") or one.subject == label


def _number(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else ""


ROOM: Final = Room(
    pages=(Page("/trail", show_trail),),
    menu=(Entry(_("Audit trail"), "/trail", order=80, of_every_case=True),),
)

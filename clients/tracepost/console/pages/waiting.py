"""What waits for an officer: mail of ours that a second officer must see, and mail of others that nobody expected.

A second officer's word is signed with his own key, which no console has (docs/adr/0028): the page shows what is to be
decided and the command that decides. Held mail is taken up or set aside here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.forms.preview import Line, label_of
from tracepost.console.pages.enclosures import files_of, pictures_of, require_statement
from tracepost.console.pictures import SIDE
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower
from tracepost.console.visit import Visit
from tracepost.locale.values import printable, value_words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.schema import flatten
from tracepost.sdk import message_of
from tracepost.wire.v1 import desk_pb2, office_pb2

_UNSENT: Final = frozenset(
    {desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER, desk_pb2.RELEASE_STATE_DELAYED}
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release or a held message as a row: what it is about, and how it stands in words."""

    number: str
    kind: str
    others: str
    at: str
    state: str
    ours: bool = False
    exercise: bool = False


async def show_waiting(visit: Visit) -> Response:
    """Show both lists."""
    client = client_of(visit, chosen_desk(visit))
    releases = (await client.office.list_releases()).releases
    return visit.page(
        "pages/waiting.html",
        releases=[_release(visit, one) for one in releases],
        held=[_held(visit, one) for one in await client.list_held()],
    )


def _release(visit: Visit, line: office_pb2.ReleaseLine) -> Waiting:
    state = office_pb2.ReleaseLine.DESCRIPTOR.fields_by_name["state"]
    code = _code(state, line.state)
    return Waiting(
        line.statement,
        visit.words.kind(line.kind),
        ", ".join(line.to),
        line.written_at,
        visit.words.coded("ReleaseState", code),
        line.yours_to_decide,
    )


def _code(described: Any, number: int) -> str:
    enum = described.enum_type
    return str(enum.values_by_number[number].name.removeprefix("RELEASE_STATE_"))


def _held(visit: Visit, mail: desk_pb2.HeldMail) -> Waiting:
    reason = visit.words.coded("held", mail.reason)
    return Waiting(
        mail.envelope_id,
        visit.words.kind(mail.kind),
        mail.from_member,
        mail.received_at,
        reason,
        exercise=mail.exercise,
    )


async def show_release(visit: Visit) -> Response:
    """Show one message of ours that waits, as the officer's desk sees it; the node logs the look."""
    statement = visit.request.path_params["statement"]
    require_statement(statement)
    view = await client_of(visit, chosen_desk(visit)).office.show_release(statement)
    message, shower = message_of(view.shown.content), Shower(visit.words)
    enclosed = desk_pb2.CaseView(statements=[view.shown] if view.line.yours_to_decide else [])
    lines = [
        Line(one.path, label_of(one.path, visit.words), value_words(one.value, visit.words))
        for one in (flatten(message) if message is not None else ())
    ]
    return visit.page(
        "pages/waiting_release.html",
        row=_release(visit, view.line),
        line=view.line,
        written_by=printable(view.line.written_by),
        lines=lines,
        pictures=pictures_of(shower, enclosed),
        files=files_of(shower, enclosed),
        side=SIDE,
        is_own=view.line.written_by == f"officer-{visit.officer.number}" and view.line.state in _UNSENT,
        hidden=sum(one.fields for one in view.shown.hidden),
        exercise=view.shown.exercise,
    )


async def decide_held(visit: Visit) -> Response:
    """Take held mail up, or set it aside."""
    envelope, said = visit.field("envelope"), visit.field("decision")
    if said not in ("take-up", "set-aside"):
        raise InvalidInputError("Say what is to be done with it.", where="decision", reason="no-decision")
    client = client_of(visit, chosen_desk(visit))
    thread = await client.decide_held(envelope, take_up=said == "take-up")
    return visit.go(f"/cases/{thread}" if thread and said == "take-up" else "/waiting")


ROOM: Final = Room(
    pages=(
        Page("/waiting", show_waiting),
        Page("/waiting/release/{statement}", show_release),
        Page("/waiting/held", decide_held, ("POST",)),
    ),
    menu=(Entry(_("Waiting"), "/waiting", order=40),),
)

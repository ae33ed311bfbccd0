"""What waits for an officer: all that takes a second officer's word, in one list, and mail that nobody expected.

Whoever could be the second officer finds here what waits, what it is and how long it waits, first what is his to
decide; and what became of what was asked. Held mail is taken up or set aside here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.responses import Response

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.drafting import now as time_now
from tracepost.console.pages import waiting_deletion, waiting_emergency, waiting_policy, waiting_release
from tracepost.console.paging import leaf_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.second_word import Row
from tracepost.console.showing import moment
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.v1 import desk_pb2

_LISTS: Final = (waiting_release.rows, waiting_emergency.rows, waiting_deletion.rows, waiting_policy.rows)
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Held:
    """Mail of others that nobody expected, as a row."""

    number: str
    kind: str
    others: str
    at: str
    state: str
    exercise: bool


async def show_waiting(visit: Visit) -> Response:
    """Show what waits for a word, what became of the newest of the rest, and what is held."""
    client, now = client_of(visit, chosen_desk(visit)), time_now()
    rows = [row for some in _LISTS for row in await some(visit, client)]
    waiting = [(row, _lasting(visit.words, row, now)) for row in open_rows(rows)]
    decided = sorted([row for row in rows if not row.is_open], key=lambda row: row.at, reverse=True)
    held = await client.list_held() if visit.officer.reads_every_case else []
    return visit.page(
        "pages/waiting.html",
        waiting=leaf_of(visit, "waiting", waiting),
        decided=leaf_of(visit, "decided", [(row, moment(row.at)) for row in decided]),
        held=leaf_of(visit, "held", [_held(visit, one) for one in held]),
        is_told_of_held=visit.officer.reads_every_case,
    )


def open_rows(rows: Iterable[Row]) -> list[Row]:
    """Return what nobody has decided on: first what waits for the officer who looks, of each the longest first."""
    return sorted([row for row in rows if row.is_open], key=lambda row: (not row.is_ours, row.at))


def _lasting(words: Words, row: Row, now: int) -> str:
    """Return how long a row waits, in the greatest unit of which it is one."""
    seconds = max(0, int(now - datetime.fromisoformat(row.at).timestamp()))
    if seconds >= _DAY_S:
        return words.plural("{n} day", "{n} days", seconds // _DAY_S)
    if seconds >= _HOUR_S:
        return words.plural("{n} hour", "{n} hours", seconds // _HOUR_S)
    return words.plural("{n} minute", "{n} minutes", seconds // _MINUTE_S)


def _held(visit: Visit, mail: desk_pb2.HeldMail) -> Held:
    return Held(
        mail.envelope_id,
        visit.words.kind(mail.kind),
        mail.from_member,
        mail.received_at,
        visit.words.coded("held", mail.reason),
        mail.exercise,
    )


async def decide_held(visit: Visit) -> Response:
    """Take held mail up, or set it aside."""
    envelope, said = visit.field("envelope"), visit.field("decision")
    if said not in ("take-up", "set-aside"):
        raise InvalidInputError(_("Say what is to be done with it."), where="decision", reason="no-decision")
    client = client_of(visit, chosen_desk(visit))
    thread = await client.decide_held(envelope, take_up=said == "take-up")
    return visit.go(f"/cases/{thread}" if thread and said == "take-up" else "/waiting")


ROOM: Final = Room(
    pages=(
        Page("/waiting", show_waiting),
        Page("/waiting/held", decide_held, ("POST",)),
    ),
    menu=(Entry(_("Waiting"), "/waiting", order=40),),
)

"""One case: how it stands, what was said, what happened, who has it and who has looked.

What waits comes first: items that nobody has answered for good, the newest message, the newest event. Long lists have
pages of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message
from starlette.responses import Response

from tracepost.console.case_rows import is_final
from tracepost.console.lineage import lines_of
from tracepost.console.paging import Leaf, leaf_of
from tracepost.console.pieces import PAGE_BYTES, Piece, pieces_of
from tracepost.console.rooms import Entry, Page, Room, actions_in_cases
from tracepost.console.showing import HANDLING, Sheet, Shower, moment, printable, union
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import parse_thread
from tracepost.sdk import message_of
from tracepost.wire.v1 import desk_pb2, inquiry_pb2

_STEPS: Final = 50
"""Of lines of supply, on a page."""
_ARTICLE_BYTES: Final = 500
"""About what stands around a message."""


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A statement with what the page says of it."""

    view: desk_pb2.StatementView
    issued: str
    sheet: Sheet
    handling: tuple[str, ...]
    terms: tuple[str, ...]
    hidden: tuple[str, ...]
    problem: str
    roads: tuple[tuple[str, str, str], ...]
    addressee: str


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, or a piece of a long one, as a page shows it; `number` of the statement in its list."""

    shown: ShownStatement
    number: int
    piece: Piece


async def show_case(visit: Visit) -> Response:
    """Show a case as the gate lets the officer's desk see it."""
    thread = visit.request.path_params["case"]
    require_thread(thread)
    view = await visit.client.show_case(thread)
    events = await visit.client.show_timeline(thread)
    shower, summary = Shower(visit.words), view.summary
    return visit.page(
        "pages/case.html",
        handling=handling_of(shower, view),
        exercise=summary.exercise,
        summary=summary,
        state=shower.words_of(summary, "state"),
        opened=moment(summary.opened_at),
        unproved=[(one.member, shower.words_of(one, "state")) for one in summary.delivery_not_proved],
        actions=[
            Entry(one.title, one.path.format(case=summary.thread))
            for one in visit.offered(actions_in_cases())
        ],
        **lists_of(visit, view, events),
    )


def lists_of(
    visit: Visit, view: desk_pb2.CaseView, events: Sequence[desk_pb2.TimelineEvent]
) -> dict[str, Any]:
    """Return the lists of a case, of each the page that the address asks for."""
    shower = Shower(visit.words)
    enquiries = [_enquiry(visit.words, shower, one) for one in view.summary.enquiries]
    told = [(moment(one.at), one, printable(one.actor)) for one in reversed(events)]
    return {
        "outcomes": leaf_of(visit, "items", _outcomes(shower, view.summary)),
        "lines": leaf_of(visit, "supply", lines_of(visit.words, view), _STEPS, lambda line: len(line.steps)),
        "enquiries": leaf_of(visit, "asked", enquiries),
        "said": messages_of(visit, list(reversed(view.statements))),
        "events": leaf_of(visit, "events", [row for row in told if row[1].event != "opened"]),
        "looks": leaf_of(visit, "looks", [row for row in told if row[1].event == "opened"]),
    }


def messages_of(visit: Visit, statements: Sequence[desk_pb2.StatementView]) -> Leaf[Said]:
    """Return a page of what was said, in the order of `statements`; of a long one it may hold a piece."""
    shower = Shower(visit.words)
    shown = (shown_of(shower, one) for one in statements)
    said = [Said(one, number, piece) for number, one in enumerate(shown, 1) for piece in pieces_of(one.sheet)]
    return leaf_of(visit, "said", said, PAGE_BYTES, lambda one: _ARTICLE_BYTES + one.piece.weight)


def require_thread(text: str) -> None:
    """Raise `InvalidInputError` unless `text` is a whole thread id: pages are addressed by opaque ids alone."""
    try:
        parse_thread(text)
    except InvalidInputError as fault:
        raise InvalidInputError(_("The address names no case."), where="address", reason="thread") from fault


def shown_of(shower: Shower, statement: desk_pb2.StatementView) -> ShownStatement:
    """Return a statement as a page shows it."""
    message = message_of(statement.content)
    return ShownStatement(
        view=statement,
        issued=moment(statement.issued_at),
        sheet=shower.statement(statement),
        handling=tuple(_handling(shower, message)),
        terms=tuple(_terms(shower, statement)),
        hidden=tuple(shower.hidden(one) for one in statement.hidden),
        problem=shower.problem(statement),
        roads=tuple((one.to, shower.words_of(one, "state"), one.via) for one in statement.dispatches),
        addressee=addressee_of(statement),
    )


def addressee_of(statement: desk_pb2.StatementView) -> str:
    """Return who gets a statement on paper, as far as the desk is told; empty: it goes to nobody on paper."""
    said = message_of(statement.content)
    if isinstance(said, inquiry_pb2.Enquiry) and said.HasField("custodian"):
        return printable(said.custodian.name)
    if isinstance(said, inquiry_pb2.Letter) and said.direction == inquiry_pb2.LETTER_DIRECTION_OUTGOING:
        return printable(said.correspondent.name)
    return ""


def handling_of(shower: Shower, view: desk_pb2.CaseView) -> list[str]:
    """Return the handling instructions that stand above every page of a case: its own, and of all that was said."""
    said = (_handling(shower, message_of(one.content)) for one in view.statements)
    return union([shower.codes_of(view.summary, "handling"), *said])


def _handling(shower: Shower, message: Message | None) -> list[str]:
    if message is None or HANDLING not in message.DESCRIPTOR.fields_by_name:
        return []
    return shower.codes_of(message, HANDLING)


def _terms(shower: Shower, statement: desk_pb2.StatementView) -> list[str]:
    terms = []
    for one in statement.restrictions:
        until = f", {one.until}" if one.until else ""
        bound = f" ({', '.join(map(printable, one.field_paths))})" if one.field_paths else ""
        detail = f": {printable(one.detail)}" if one.detail else ""
        terms.append(f"{shower.words_of(one, 'code')}{until}{bound}{detail}")
    return terms


def _outcomes(shower: Shower, summary: desk_pb2.CaseSummary) -> list[tuple[str, ...]]:
    """Return a row for each answer to each item; one with the item alone, where nobody has answered.

    Items without an answer that is final come first: those that the inbox counts as open.
    """
    rows: list[tuple[str, ...]] = []
    for item in sorted(summary.items, key=lambda one: any(is_final(summary, said) for said in one.answers)):
        rows.extend(
            (
                item.item_id,
                one.by_member,
                shower.words_of(one, "identification") if one.identification else "",
                shower.words_of(one, "reach"),
                shower.words_of(one, "stopped_because"),
                one.ask_next,
            )
            for one in item.answers
        )
        if not item.answers:
            rows.append((item.item_id, "", "", "", "", ""))
    return rows


_OVERDUE: Final = _("overdue")


def _enquiry(words: Words, shower: Shower, one: inquiry_pb2.EnquirySummary) -> tuple[str, ...]:
    return (
        printable(one.to_desk or one.custodian_name),
        moment(one.asked_at),
        one.due_on,
        words.gettext(_OVERDUE) if one.overdue else "",
        f"{len(one.answered_item_ids)}/{len(one.item_ids)}",
        shower.words_of(one, "standing"),
    )


ROOM: Final = Room(pages=(Page("/cases/{case}", show_case),))

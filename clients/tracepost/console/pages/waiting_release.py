"""Mail of ours that waits for a second officer's word: what goes out, as his desk sees it, and his word on it."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.forms.preview import Line, label_of
from tracepost.console.pages.enclosures import files_of, pictures_of, require_statement
from tracepost.console.pictures import SIDE
from tracepost.console.rooms import Page, Room
from tracepost.console.second_word import BOTH, NOT_TAKEN, Question, Row, read_word, show_question
from tracepost.console.showing import Shower, moment
from tracepost.console.visit import Visit
from tracepost.locale.values import printable, value_words
from tracepost.protocol.approval import Decision, of_statement
from tracepost.protocol.errors import PermissionError_, TracepostError
from tracepost.protocol.ids import parse_digest
from tracepost.protocol.schema import flatten
from tracepost.sdk import Client, message_of
from tracepost.wire.v1 import desk_pb2, office_pb2

_UNSENT: Final = frozenset(
    {desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER, desk_pb2.RELEASE_STATE_DELAYED}
)


async def rows(visit: Visit, client: Client) -> list[Row]:
    """Return mail of ours that somebody's word is looked for; none to who may read no case."""
    try:
        listed = await client.office.list_releases()
    except PermissionError_:
        return []
    return [_row(visit, one) for one in listed.releases]


def _row(visit: Visit, line: office_pb2.ReleaseLine) -> Row:
    shower = Shower(visit.words)
    return Row(
        path=_path(line.statement),
        kind=visit.words.kind(line.kind),
        about=", ".join(line.to),
        by=printable(line.written_by),
        at=line.written_at,
        state=shower.words_of(line, "state"),
        is_open=True,
        is_ours=line.yours_to_decide,
        handling=tuple(shower.codes_of(line, "handling")),
        exercise=line.exercise,
    )


def _path(statement: str) -> str:
    return f"/waiting/release/{statement}"


async def show_release(visit: Visit, failed: TracepostError | None = None) -> Response:
    """Show one message of ours that waits, as the officer's desk sees it; the node logs the look.

    `failed`: why a word on it was not taken.
    """
    statement = visit.request.path_params["statement"]
    require_statement(statement)
    client = client_of(visit, chosen_desk(visit))
    view = await client.office.show_release(statement)
    message, shower = message_of(view.shown.content), Shower(visit.words)
    enclosed = desk_pb2.CaseView(statements=[view.shown] if view.line.yours_to_decide else [])
    lines = [
        Line(one.path, label_of(one.path, visit.words), value_words(one.value, visit.words))
        for one in (flatten(message) if message is not None else ())
    ]
    return await show_question(
        visit,
        client,
        _question(visit, view),
        "pages/waiting_release.html",
        failed=failed,
        place=_path(view.line.statement),
        lines=lines,
        pictures=pictures_of(shower, enclosed),
        files=files_of(shower, enclosed),
        side=SIDE,
        hidden=sum(one.fields for one in view.shown.hidden),
        handling=shower.codes_of(view.line, "handling"),
        exercise=view.shown.exercise,
    )


def _question(visit: Visit, view: office_pb2.ReleaseView) -> Question:
    line, row, _ = view.line, _row(visit, view.line), visit.text
    is_own = row.by == f"officer-{visit.officer.number}" and line.state in _UNSENT
    command = f"tracepost release {{}} {line.statement}"
    return Question(
        title=row.kind,
        back="/waiting",
        path=f"{row.path}/word",
        subjects=[of_statement(parse_digest(line.statement))],
        clock=view.clock,
        decisions=BOTH if line.yours_to_decide else [Decision.REFUSED] if is_own else [],
        is_own=is_own,
        facts=[
            (_("To"), row.about),
            (_("Written by"), row.by),
            (_("Written"), moment(row.at)),
            (_("How it stands"), row.state),
            (_("Until"), moment(line.until)),
            (_("Decided by"), printable(line.decided_by)),
            (_("Entry in our log"), f"#{line.log_index}" if line.HasField("log_index") else ""),
        ],
        commands={
            Decision.APPROVED: command.format("approve"),
            Decision.REFUSED: f'{command.format("refuse")} --reason "…"',
        },
        wants_reason=True,
    )


async def give_word(visit: Visit) -> Response:
    """Carry the word that the officer's passkey signed to the node; where it is not taken, show the page anew."""
    statement = visit.request.path_params["statement"]
    require_statement(statement)
    client = client_of(visit, chosen_desk(visit))
    try:
        [approval] = await read_word(visit, client, [of_statement(parse_digest(statement))])
        word = office_pb2.DecideReleaseRequest(
            statement=statement,
            approval=approval,
            certificates=visit.officer.certificates,
            reason=visit.field("reason") or None,
        )
        await client.office.decide_release(word)
    except NOT_TAKEN as failed:
        return await show_release(visit, failed)
    return visit.go(_path(statement))


ROOM: Final = Room(
    pages=(
        Page("/waiting/release/{statement}", show_release),
        Page("/waiting/release/{statement}/word", give_word, ("POST",)),
    ),
)

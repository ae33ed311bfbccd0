"""To read what the policies refuse, on the word of two officers: asked in a case, decided on, read for 24 hours.

Who asks approves each message himself, as who decides does; both are shown what it is about and who will be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from tracepost.console.chosen_statements import DELETED, Choice, case_of, chosen, faults, show_choice
from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.pages.case import handling_of, messages_of
from tracepost.console.pages.enclosures import pictures_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.second_word import (
    BOTH,
    NOT_TAKEN,
    TOUCHES,
    Question,
    Row,
    asked_for,
    number_of,
    read_word,
    show_question,
)
from tracepost.console.showing import Shower, moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.approval import Decision, Subject
from tracepost.protocol.errors import TracepostError
from tracepost.sdk import Client, message_of
from tracepost.sdk.exhibits import enclosed_in
from tracepost.sdk.office import subjects_of_emergency
from tracepost.wire.v1 import desk_pb2, office_pb2

_PROPOSED: Final = office_pb2.EMERGENCY_STATE_PROPOSED
_GRANTED: Final = office_pb2.EMERGENCY_STATE_GRANTED
_TITLE: Final = _("Read against a refusal")
_NOBODY_TOLD: Final = _("Nobody else wrote any of it: no other member is told.")


async def rows(visit: Visit, client: Client) -> list[Row]:
    """Return what was asked at desks of the officer, and what came of it."""
    return [_row(visit, one) for one in (await client.office.list_emergencies()).emergencies]


def _row(visit: Visit, one: office_pb2.Emergency) -> Row:
    return Row(
        path=_path(one.number),
        kind=visit.text(_TITLE),
        about=printable(one.reason),
        by=printable(one.asked_by),
        at=one.asked_at,
        state=Shower(visit.words).words_of(one, "state"),
        is_open=one.state == _PROPOSED,
        is_ours=one.yours_to_decide,
        exercise=any(line.exercise for line in one.lines),
    )


def _path(number: int) -> str:
    return f"/waiting/break-glass/{number}"


# ── asking ───────────────────────────────────────────────────────────────────────────


async def choose(visit: Visit) -> Response:
    """Let the officer choose messages of a case that are not shown whole to his desk, and say why."""
    view = await case_of(visit)
    return show_choice(visit, view, _choice(visit, view))


async def check(visit: Visit) -> Response:
    """Show what would be asked and who would be told, for the officer's own word on it."""
    view = await case_of(visit)
    choice = _choice(visit, view)
    errors = faults(visit, choice)
    return show_choice(visit, view, choice, errors) if errors else await _check(visit, view)


async def ask(visit: Visit) -> Response:
    """Carry what the officer asks to the node; where it is not taken, show it anew."""
    view = await case_of(visit)
    choice = _choice(visit, view)
    if errors := faults(visit, choice):
        return show_choice(visit, view, choice, errors)
    try:
        made = await _ask(visit, [one.statement for one in chosen(visit, choice.offered)])
    except NOT_TAKEN as failed:
        return await _check(visit, view, failed)
    return visit.go(_path(made.number))


async def _ask(visit: Visit, statements: Sequence[str]) -> office_pb2.Emergency:
    desk, asked_by = chosen_desk(visit), f"officer-{visit.officer.number}"
    client = client_of(visit, desk)
    request = office_pb2.AskEmergencyRequest(
        desk=desk,
        statements=statements,
        reason=visit.field("reason"),
        approvals=await read_word(visit, client, subjects_of_emergency(statements, desk, asked_by)),
        certificates=visit.officer.certificates,
    )
    return await client.office.ask_emergency(request)


def _choice(visit: Visit, view: desk_pb2.CaseView) -> Choice:
    text = visit.text
    return Choice(
        title=text(_TITLE),
        lead=text(
            _(
                "Where there is no other way, two officers can let one of them read what the policies refuse to his"
                " desk, for 24 hours. Who wrote it is told."
            )
        ),
        legend=text(_("Which messages, of those that are not shown whole")),
        nothing=text(_("All that was said in this case is shown to your desk.")),
        path=f"/cases/{view.summary.thread}/break-glass",
        offered=_refused(view),
        most=TOUCHES,
        reason_signs=400,
    )


def _refused(view: desk_pb2.CaseView) -> list[desk_pb2.StatementView]:
    """Return what is not shown whole to the desk, and is here."""
    here = [one for one in view.statements if one.problem.reason != DELETED]
    return [one for one in here if one.hidden or not one.HasField("content")]


async def _check(visit: Visit, view: desk_pb2.CaseView, failed: TracepostError | None = None) -> Response:
    client, meant = client_of(visit, chosen_desk(visit)), chosen(visit, _refused(view))
    statements, desk, number = [one.statement for one in meant], chosen_desk(visit), visit.officer.number
    reason, place, text = visit.field("reason"), f"/cases/{view.summary.thread}/break-glass", visit.text
    question = Question(
        title=text(_TITLE),
        back=place,
        path=f"{place}/ask",
        subjects=subjects_of_emergency(statements, desk, f"officer-{number}"),
        clock=(await client.office.list_emergencies()).clock,
        decisions=[Decision.APPROVED],
        facts=[(text(_("Desk")), desk), (text(_("Why")), reason)],
        effects=_effects(visit, f"officer-{number}", desk, _authors(visit, meant)),
        commands={Decision.APPROVED: f'tracepost emergency ask {" ".join(statements)} --reason "…"'},
        carried=[("reason", reason), *(("statement", one) for one in statements)],
        asks=text(_("Ask with a passkey")),
    )
    lines = [
        office_pb2.StatementLine(
            statement=one.statement,
            kind=one.kind,
            from_member=one.from_member,
            thread=view.summary.thread,
        )
        for one in meant
    ]
    return await show_question(
        visit,
        client,
        question,
        "pages/waiting_emergency.html",
        failed=failed,
        lines=lines,
        exercise=view.summary.exercise,
    )


def _authors(visit: Visit, meant: Sequence[desk_pb2.StatementView]) -> list[str]:
    """Return the other members who wrote these messages, or what they enclose."""
    enclosed = {read.claims.iss for one in meant for read in enclosed_in(message_of(one.content))}
    return sorted({*(one.from_member for one in meant), *enclosed} - {str(visit.house.settings.member)})


def _effects(visit: Visit, asked_by: str, desk: str, told: Sequence[str]) -> list[str]:
    alone = visit.words.alone
    reads = _(
        "{officer} may read these messages for 24 hours, whatever the policies refuse: what the keys of the desk {desk}"
        " open, and no more."
    )
    tells = _("Told of it at once, by a notice in the case: {members}.")
    logs = _("Our log names both officers and what was overruled, and has an entry for each look.")
    return [
        visit.text(reads).format(officer=alone(asked_by), desk=alone(desk)),
        visit.text(tells).format(members=alone(", ".join(told))) if told else visit.text(_NOBODY_TOLD),
        visit.text(logs),
    ]


# ── deciding ─────────────────────────────────────────────────────────────────────────


async def show_emergency(visit: Visit, failed: TracepostError | None = None) -> Response:
    """Show what an officer asks to read, and what came of it; `failed`: why a word on it was not taken."""
    client = client_of(visit, chosen_desk(visit))
    listed = await client.office.list_emergencies()
    one = asked_for(visit, listed.emergencies)
    is_own = one.asked_by == f"officer-{visit.officer.number}"
    return await show_question(
        visit,
        client,
        _question(visit, one, listed.clock, is_own=is_own),
        "pages/waiting_emergency.html",
        failed=failed,
        exercise=_row(visit, one).exercise,
        lines=one.lines,
        may_read=is_own and one.state == _GRANTED,
        read_at=f"{_path(one.number)}/read",
    )


def _question(visit: Visit, one: office_pb2.Emergency, clock: int, *, is_own: bool) -> Question:
    row, text, is_open = _row(visit, one), visit.text, one.state == _PROPOSED
    return Question(
        title=row.kind,
        back="/waiting",
        path=f"{row.path}/word",
        subjects=_subjects(one),
        clock=clock,
        decisions=[] if not is_open else BOTH if one.yours_to_decide else [Decision.REFUSED],
        is_own=is_own,
        facts=[
            (text(_("Asked by")), row.by),
            (text(_("Asked")), moment(row.at)),
            (text(_("Desk")), one.desk),
            (text(_("Why")), row.about),
            (text(_("How it stands")), row.state),
            (text(_("Until")), moment(one.until)),
            (text(_("Decided by")), printable(one.decided_by)),
            (text(_("Told")), ", ".join(one.told_members) if one.until else ""),
        ],
        effects=_effects(visit, row.by, one.desk, one.told_members) if is_open else [],
        commands={
            Decision.APPROVED: f"tracepost emergency approve {one.number}",
            Decision.REFUSED: f"tracepost emergency refuse {one.number}",
        },
    )


def _subjects(one: office_pb2.Emergency) -> list[Subject]:
    return subjects_of_emergency(one.statements, one.desk, one.asked_by)


async def give_word(visit: Visit) -> Response:
    """Carry the words that the officer's passkey signed to the node; where they are not taken, show the page anew."""
    client = client_of(visit, chosen_desk(visit))
    one = asked_for(visit, (await client.office.list_emergencies()).emergencies)
    try:
        word = office_pb2.DecideEmergencyRequest(
            number=one.number,
            approvals=await read_word(visit, client, _subjects(one)),
            certificates=visit.officer.certificates,
        )
        await client.office.decide_emergency(word)
    except NOT_TAKEN as failed:
        return await show_emergency(visit, failed)
    return visit.go(_path(one.number))


# ── reading ──────────────────────────────────────────────────────────────────────────


async def read(visit: Visit) -> Response:
    """Show what was granted to the officer; the node writes each look into its log first."""
    number, shower = number_of(visit), Shower(visit.words)
    view = await client_of(visit, chosen_desk(visit)).office.show_emergency(number)
    case = desk_pb2.CaseView(statements=view.statements)
    return visit.page(
        "pages/waiting_read.html",
        handling=handling_of(shower, case),
        exercise=any(one.exercise for one in view.statements),
        place=_path(number),
        until=moment(view.emergency.until),
        said=messages_of(visit, view.statements),
        pictures=pictures_of(shower, case),
    )


ROOM: Final = Room(
    pages=(
        Page("/cases/{case}/break-glass", choose),
        Page("/cases/{case}/break-glass", check, ("POST",)),
        Page("/cases/{case}/break-glass/ask", ask, ("POST",)),
        Page("/waiting/break-glass/{number}", show_emergency),
        Page("/waiting/break-glass/{number}/word", give_word, ("POST",)),
        Page("/waiting/break-glass/{number}/read", read),
    ),
    in_cases=(Entry(_TITLE, "/cases/{case}/break-glass", order=200),),
)

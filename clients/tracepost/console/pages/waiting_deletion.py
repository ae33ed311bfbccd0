"""To delete what a case holds, on the word of two officers: asked in the case, decided on, and what is left of it.

Nothing is deleted by a console's word alone: the node keeps each request for another officer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from tracepost.console.chosen_statements import (
    DELETED,
    ON_A_PAGE,
    Choice,
    case_of,
    chosen,
    faults,
    show_choice,
)
from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.pages.case import handling_of, shown_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.second_word import (
    BOTH,
    NOT_TAKEN,
    Question,
    Row,
    asked_for,
    read_word,
    show_question,
)
from tracepost.console.showing import Shower, moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import ConflictError, TracepostError
from tracepost.sdk import Client
from tracepost.sdk.office import subjects_of_deletion
from tracepost.wire.v1 import desk_pb2, office_pb2, onward_pb2

_WAITING: Final = office_pb2.DELETION_STATE_WAITING
_DELAYED: Final = office_pb2.DELETION_STATE_DELAYED
_DONE: Final = office_pb2.DELETION_STATE_DONE
_TITLE: Final = _("Delete from this node")
_EFFECTS: Final = (
    _("Keys, salts and fields of these messages are destroyed here."),
    _(
        "Backups made before keep them for 30 days, unless your operator set another time. A restore brings them back."
    ),
    _("What is left is the digest of each, and an entry in our log: who deleted it, when and why."),
    _("What other members hold of it stays with them."),
)


async def rows(visit: Visit, client: Client) -> list[Row]:
    """Return the deletions asked at desks of the officer, and the delayed ones, which anybody may stop."""
    return [_row(visit, one) for one in (await client.office.list_deletions()).deletions]


def _row(visit: Visit, one: office_pb2.Deletion) -> Row:
    return Row(
        path=_path(one.number),
        kind=visit.text(_TITLE),
        about=printable(one.reason),
        by=printable(one.asked_by),
        at=one.asked_at,
        state=Shower(visit.words).words_of(one, "state"),
        is_open=one.state in (_WAITING, _DELAYED),
        is_ours=one.yours_to_decide,
        exercise=any(line.exercise for line in one.lines),
    )


def _path(number: int) -> str:
    return f"/waiting/deletion/{number}"


# ── asking ───────────────────────────────────────────────────────────────────────────


async def choose(visit: Visit) -> Response:
    """Let the officer choose messages of a case, and say why they go; with the days that their authors set."""
    view = await case_of(visit)
    return show_choice(visit, view, _choice(visit, view))


async def check(visit: Visit) -> Response:
    """Show what would be asked, and what an approval will do."""
    view = await case_of(visit)
    choice = _choice(visit, view)
    if errors := faults(visit, choice):
        return show_choice(visit, view, choice, errors)
    shower = Shower(visit.words)
    return visit.page(
        "pages/deletion_check.html",
        choice=choice,
        handling=handling_of(shower, view),
        exercise=view.summary.exercise,
        chosen=[shown_of(shower, one) for one in chosen(visit, choice.offered)],
        reason=visit.field("reason"),
        with_copies=bool(visit.field("copies")),
        effects=[visit.text(one) for one in _EFFECTS],
    )


async def ask(visit: Visit) -> Response:
    """Carry the request to the node, which keeps it for another officer."""
    view = await case_of(visit)
    choice = _choice(visit, view)
    if errors := faults(visit, choice):
        return show_choice(visit, view, choice, errors)
    request = onward_pb2.DeleteStatementsRequest(
        statements=[one.statement for one in chosen(visit, choice.offered)],
        reason=visit.field("reason"),
        with_copies=bool(visit.field("copies")),
    )
    try:
        answer = await client_of(visit, chosen_desk(visit)).delete_statements(request)
    except ConflictError:
        words = visit.text(
            _(
                "Some of it is on its way still. It can go when it is delivered, has expired or was decided on."
            )
        )
        return show_choice(visit, view, choice, [{"text": words, "href": "#statement1"}])
    return visit.go(_path(answer.waiting) if answer.waiting else f"/cases/{view.summary.thread}")


def _choice(visit: Visit, view: desk_pb2.CaseView) -> Choice:
    text = visit.text
    return Choice(
        title=text(_TITLE),
        lead=text(
            _(
                "Another officer of your desk looks at it first. Where there is none, ask at the command line:"
                " tracepost trace delete."
            )
        ),
        legend=text(_("Which messages, with what their authors set")),
        nothing=text(_("There is nothing left to delete.")),
        path=f"/cases/{view.summary.thread}/delete",
        offered=[one for one in view.statements if one.problem.reason != DELETED],
        most=ON_A_PAGE,
        reason_signs=200,
        copies=text(_("Also the messages in which it was passed on, whole")),
    )


# ── deciding ─────────────────────────────────────────────────────────────────────────


async def show_deletion(visit: Visit, failed: TracepostError | None = None) -> Response:
    """Show what is to be deleted, or what is left of it; `failed`: why a word on it was not taken."""
    client = client_of(visit, chosen_desk(visit))
    listed = await client.office.list_deletions()
    one = asked_for(visit, listed.deletions)
    return await show_question(
        visit,
        client,
        _question(visit, one, listed.clock),
        "pages/waiting_deletion.html",
        failed=failed,
        exercise=_row(visit, one).exercise,
        lines=one.lines,
        is_done=one.state == _DONE,
    )


def _question(visit: Visit, one: office_pb2.Deletion, clock: int) -> Question:
    row, text = _row(visit, one), visit.text
    is_own = row.by == f"officer-{visit.officer.number}"
    return Question(
        title=row.kind,
        back="/waiting",
        path=f"{row.path}/word",
        subjects=subjects_of_deletion(one),
        clock=clock,
        decisions=_decisions(one, is_own=is_own),
        is_own=is_own,
        facts=[
            (text(_("Asked by")), row.by),
            (text(_("Asked")), moment(row.at)),
            (text(_("Desk")), one.desk),
            (text(_("Why")), row.about),
            (text(_("How it stands")), row.state),
            (text(_("Until")), moment(one.until) if row.is_open else ""),
            (text(_("Decided by")), printable(one.decided_by)),
            (text(_("Decided")), moment(one.decided_at)),
        ],
        effects=[text(effect) for effect in _EFFECTS] if row.is_open else [],
        commands={
            Decision.APPROVED: f"tracepost deletion approve {one.number}",
            Decision.REFUSED: f"tracepost deletion refuse {one.number}",
        },
    )


def _decisions(one: office_pb2.Deletion, *, is_own: bool) -> Sequence[Decision]:
    """Return what the officer may say: a delayed one anybody may stop, and his own he may take back."""
    if one.yours_to_decide:
        return BOTH
    is_his = one.state == _DELAYED or (is_own and one.state == _WAITING)
    return [Decision.REFUSED] if is_his else []


async def give_word(visit: Visit) -> Response:
    """Carry the words that the officer's passkey signed to the node; where they are not taken, show the page anew."""
    client = client_of(visit, chosen_desk(visit))
    one = asked_for(visit, (await client.office.list_deletions()).deletions)
    try:
        word = office_pb2.DecideDeletionRequest(
            number=one.number,
            approvals=await read_word(visit, client, subjects_of_deletion(one)),
            certificates=visit.officer.certificates,
        )
        await client.office.decide_deletion(word)
    except NOT_TAKEN as failed:
        return await show_deletion(visit, failed)
    return visit.go(_path(one.number))


ROOM: Final = Room(
    pages=(
        Page("/cases/{case}/delete", choose),
        Page("/cases/{case}/delete", check, ("POST",)),
        Page("/cases/{case}/delete/ask", ask, ("POST",)),
        Page("/waiting/deletion/{number}", show_deletion),
        Page("/waiting/deletion/{number}/word", give_word, ("POST",)),
    ),
    in_cases=(Entry(_TITLE, "/cases/{case}/delete", order=210),),
)

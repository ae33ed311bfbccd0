"""What is printed: a case, one of its statements, a slip or a letter as who gets it may read it; blank forms.

GET  /cases/CASE/paper[/STATEMENT]   what can be printed, and in which language
POST the same                        the PDF: a read that the node judges and writes down
GET  /forms                          blank forms for the field; POST: the PDF
"""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tracepost.console.pages.case import addressee_of, handling_of, require_thread
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower, moment
from tracepost.console.visit import Visit
from tracepost.locale import choose, has, languages
from tracepost.locale.words import later as _
from tracepost.paper.press import join_input
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.sdk.enclosures import fetch_photographs
from tracepost.wire.v1 import desk_pb2

FORMS: Final = {"seizure": _("Seizure: short form"), "item": _("Item of a trace request")}


async def show_paper(visit: Visit) -> Response:
    """Show as what a case or one of its statements can be printed, and in which languages."""
    thread, statement = _thread(visit), visit.request.path_params.get("statement", "")
    view = await visit.client.show_case(thread)
    shower = Shower(visit.words)
    told = _statement(view, statement) if statement else None
    return visit.page(
        "pages/printing.html",
        thread=thread,
        about=f"{visit.words.kind(told.kind)}, {told.from_member}, {moment(told.issued_at)}" if told else "",
        gets=addressee_of(told) if told else "",
        languages_of_paper=_languages(visit),
        handling=handling_of(shower, view),
        exercise=view.summary.exercise,
    )


async def print_paper(visit: Visit) -> Response:
    """Give the PDF of a case, of a statement, or of what goes to its addressee on paper."""
    kind = "case"
    if "statement" in visit.request.path_params:
        kind = "outgoing" if visit.field("kind") == "outgoing" else "statement"

    async def ask() -> bytes:
        return await _printed(visit, kind)

    return _pdf(kind, await visit.house.printers.set(visit.officer.number, kind, _language(visit), ask))


async def show_forms(visit: Visit) -> Response:
    """Show which blank forms there are."""
    forms = [(name, visit.text(words)) for name, words in FORMS.items()]
    return visit.page("pages/printing_forms.html", forms=forms, languages_of_paper=_languages(visit))


async def print_form(visit: Visit) -> Response:
    """Give the PDF of a blank form."""
    kind = visit.field("kind")
    if kind not in FORMS:
        raise InvalidInputError(_("There is no such form."), where="form")
    return _pdf(kind, await visit.house.printers.set(visit.officer.number, kind, _language(visit)))


async def _printed(visit: Visit, kind: str) -> bytes:
    """Return what the node lets through, and the photographs in it, as the press takes them in."""
    thread, statement = _thread(visit), visit.request.path_params.get("statement")
    if kind == "outgoing" and statement is not None:
        told = _statement(
            await visit.client.show_case(thread), statement
        )  # the node is asked for it without its case
        paper = await visit.client.print_paper(told.statement)
        return join_input(
            paper.SerializeToString(), await fetch_photographs(visit.client, thread, [paper.paper])
        )
    view = await visit.client.print_case(thread, statement)
    return join_input(
        view.SerializeToString(), await fetch_photographs(visit.client, thread, view.statements)
    )


def _pdf(kind: str, made: bytes) -> Response:
    headers = {"content-disposition": f'attachment; filename="tracepost-{kind}.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


def _statement(view: desk_pb2.CaseView, digest: str) -> desk_pb2.StatementView:
    found = next((one for one in view.statements if one.statement == digest), None)
    if found is None:
        raise NotFoundError(_("There is no such statement."), where="address")
    return found


def _thread(visit: Visit) -> str:
    thread: str = visit.request.path_params["case"]
    require_thread(thread)
    return thread


def _languages(visit: Visit) -> list[dict[str, object]]:
    own = visit.words.tag
    return [{"value": one.bcp47, "text": one.name, "selected": one.bcp47 == own} for one in languages()]


def _language(visit: Visit) -> str:
    wish = visit.field("language")
    if not has(wish):
        raise InvalidInputError(_("There is no such language."), where="language")
    return choose([wish])


ROOM: Final = Room(
    pages=(
        Page("/cases/{case}/paper", show_paper),
        Page("/cases/{case}/paper", print_paper, ("POST",)),
        Page("/cases/{case}/paper/{statement}", show_paper),
        Page("/cases/{case}/paper/{statement}", print_paper, ("POST",)),
        Page("/forms", show_forms),
        Page("/forms", print_form, ("POST",)),
    ),
    menu=(Entry(_("Blank forms"), "/forms", order=70),),
    in_cases=(Entry(_("Print the case"), "/cases/{case}/paper", order=30),),
)

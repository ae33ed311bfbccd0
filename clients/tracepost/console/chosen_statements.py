"""Statements of a case that an officer chooses, and says why: what begins a request for a second officer's word.

choice = Choice(title=…, lead=…, legend=…, path=f"/cases/{thread}/break-glass", offered=[…], reason_signs=400, …)
errors = faults(visit, choice)
return show_choice(visit, view, choice, errors)

meant = chosen(visit, offered)                # of what is offered, what the form names
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import URL
from starlette.responses import Response

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.pages.case import ShownStatement, handling_of, require_thread, shown_of
from tracepost.console.paging import ROWS, Leaf, leaf_at, number_asked
from tracepost.console.showing import Shower
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.wire.v1 import desk_pb2

DELETED: Final = "deleted"
"""Reason of the problem of a statement that was deleted here."""
ON_A_PAGE: Final = ROWS
"""As many can be chosen at once: nothing is taken along from one page to another."""
_LIST: Final = "messages"


@dataclass(frozen=True, slots=True)
class Choice:
    """A page that lets choose.

    Args:
        title: what is begun.
        lead: what it is for.
        legend: which statements are meant.
        nothing: what is said where none is offered.
        path: address of the form.
        offered: statements to choose from.
        most: how many may be chosen.
        reason_signs: how long a reason may be.
        copies: words of a box beside them; empty: there is none.
    """

    title: str
    lead: str
    legend: str
    nothing: str
    path: str
    offered: Sequence[desk_pb2.StatementView]
    most: int
    reason_signs: int
    copies: str = ""


async def case_of(visit: Visit) -> desk_pb2.CaseView:
    """Return the case that the address names, as the officer's desk is shown it."""
    thread = visit.request.path_params["case"]
    require_thread(thread)
    return await client_of(visit, chosen_desk(visit)).show_case(thread)


def chosen(visit: Visit, offered: Sequence[desk_pb2.StatementView]) -> list[desk_pb2.StatementView]:
    """Return what the form names, of what is offered."""
    named = visit.form.getlist("statement")
    return [one for one in offered if one.statement in named]


def faults(visit: Visit, choice: Choice) -> list[dict[str, str]]:
    """Return what is wrong with what the form says, as an error summary lists it."""
    found, reason = [], visit.field("reason")
    if not 1 <= len(chosen(visit, choice.offered)) <= choice.most:
        words = visit.text(_("Choose one message at least, and {most} at most."))
        found.append({"text": words.format(most=choice.most), "href": "#statement1"})
    if not reason or len(reason) > choice.reason_signs or not reason.isprintable():
        words = visit.text(_("Say why, in one line of {signs} signs at most."))
        found.append({"text": words.format(signs=choice.reason_signs), "href": "#reason"})
    return found


def show_choice(
    visit: Visit, view: desk_pb2.CaseView, choice: Choice, errors: Sequence[dict[str, str]] = ()
) -> Response:
    """Return the page, with what the form said and what is wrong with it."""
    return visit.page(
        "pages/chosen_statements.html",
        status=422 if errors else 200,
        errors=errors,
        choice=choice,
        thread=view.summary.thread,
        handling=handling_of(Shower(visit.words), view),
        exercise=view.summary.exercise,
        choices=page_of(visit, choice),
        chosen=visit.form.getlist("statement"),
        reason=visit.field("reason"),
        with_copies=bool(visit.field("copies")),
    )


def page_of(visit: Visit, choice: Choice) -> Leaf[ShownStatement]:
    """Return the page with the first that the form names, else the one that the address asks for.

    Its links lead to the page that lets choose: the address to which a form was brought cannot be asked for.
    """
    shower, named = Shower(visit.words), visit.form.getlist("statement")
    shown = [shown_of(shower, one) for one in choice.offered]
    first = next((place for place, one in enumerate(choice.offered) if one.statement in named), None)
    number = number_asked(visit, _LIST) if first is None else first // ROWS + 1
    return leaf_at(URL(choice.path), _LIST, shown, number)

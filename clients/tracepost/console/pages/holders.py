"""Who has a case: desks of ours that see it, whose work it is, and which members hold what was written in it."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from tracepost.console.pages.case import handling_of, require_thread
from tracepost.console.paging import leaf_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower, moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.wire.v1 import onward_pb2


async def show_holders(visit: Visit) -> Response:
    """Show it; the node refuses who may not see the case before anything else is asked."""
    thread = visit.request.path_params["case"]
    require_thread(thread)
    view = await visit.client.show_case(thread)
    office = visit.client.office
    desks = await office.list_case_desks(thread)
    held = await visit.client.list_holders(thread)
    own = {one.thread: one for one in await office.list_assignments()}
    shower = Shower(visit.words)
    return visit.page(
        "pages/holders.html",
        thread=thread,
        handling=handling_of(shower, view),
        exercise=view.summary.exercise,
        on_every_case=", ".join(desks.on_every_case),
        put_on_it=", ".join(desks.put_on_it),
        mine=moment(own[thread].assigned_at) if thread in own else "",
        **lists_of(visit, held),
    )


def lists_of(visit: Visit, held: onward_pb2.ListHoldersResponse) -> dict[str, Any]:
    """Return what the page says of holders and of what is still to be passed on."""
    words, shower = visit.words, Shower(visit.words)
    holders = [_holder(words, shower, one) for one in held.holders]
    tasks = [(words.kind(one.kind), one.from_member, one.to_member) for one in held.to_pass_on]
    return {"holders": leaf_of(visit, "holders", holders), "tasks": leaf_of(visit, "tasks", tasks)}


def _holder(words: Words, shower: Shower, one: onward_pb2.HolderLine) -> tuple[str, ...]:
    return (
        one.member,
        one.of_member,
        one.by_member,
        str(len(one.statements)),
        shower.words_of(one, "state"),
        moment(one.confirmed_at) if one.confirmed_at else "",
        " ".join(filter(None, (words.alone(printable(one.kept_under)), words.alone(one.kept_until)))),
    )


ROOM: Final = Room(
    pages=(Page("/cases/{case}/holders", show_holders),),
    in_cases=(Entry(_("Who has this case"), "/cases/{case}/holders", order=30, of_every_case=True),),
)

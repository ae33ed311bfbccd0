"""What became of the mail that the officer's desk wrote: where each message is, since when, and what can be done.

Mail that waits for a second officer's word has not gone; what he refused, or what was made void, never went. The rest
is in the hands of the post. Whether somebody opened it there is told by nobody; an acknowledgement is a reply like any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.paging import ROWS, leaf_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower, moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, NotFoundError, PermissionError_
from tracepost.wire.v1 import delivery_pb2, desk_pb2, office_pb2

LISTS: Final = {
    "all": (None, _("All")),
    "not-received": (delivery_pb2.SENT_STANDING_NOT_RECEIVED, _("Not yet received")),
    "not-delivered": (delivery_pb2.SENT_STANDING_NOT_DELIVERED, _("Not delivered")),
}
"""By the end of the address: which mail, and how the list is called."""
_WHERE: Final = {
    desk_pb2.MAIL_STATE_QUEUED: _("Still here: their node was not reached yet."),
    desk_pb2.MAIL_STATE_WITH_RELAY: _("At the relay: their node has not fetched it yet."),
    desk_pb2.MAIL_STATE_DELIVERED: _("Received: their node gave a receipt."),
    desk_pb2.MAIL_STATE_REFUSED: _("Not delivered: their node refused it."),
    desk_pb2.MAIL_STATE_EXPIRED: _("Not delivered in time."),
}
_ON_THE_WAY: Final = frozenset({desk_pb2.MAIL_STATE_QUEUED, desk_pb2.MAIL_STATE_WITH_RELAY})
_ENDED: Final = frozenset({desk_pb2.MAIL_STATE_REFUSED, desk_pb2.MAIL_STATE_EXPIRED})
_UNSENT: Final = frozenset(
    {desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER, desk_pb2.RELEASE_STATE_DELAYED}
)
_NEVER_SENT: Final = frozenset({desk_pb2.RELEASE_STATE_REFUSED, desk_pb2.RELEASE_STATE_VOID})
_RELEASES: Final = {"all": _UNSENT, "not-received": _UNSENT, "not-delivered": _NEVER_SENT}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to a member as a row; `envelope` is set where it can be sent once more."""

    kind: str
    to: str
    where: str
    since: str
    case: str = ""
    number: str = ""
    release: str = ""
    envelope: str = ""
    until: str = ""
    reason: str = ""
    reply: str = ""
    in_pouch: bool = False
    urgent: bool = False
    exercise: bool = False
    handling: tuple[str, ...] = ()


async def show_sent(visit: Visit) -> Response:
    """Show a page of one of the lists."""
    name = visit.request.path_params.get("list", "all")
    if name not in LISTS:
        raise InvalidInputError(_("There is no such list."), where="address")
    token = visit.request.query_params.get("after", "")
    if not re.fullmatch("[0-9]{0,18}", token):
        raise InvalidInputError(_("There is no such page."), where="address")
    standing, title = LISTS[name]
    found = await visit.client.post.list_sent(standing, page_size=ROWS, page_token=token or None)
    return visit.page(
        "pages/sent.html",
        name=name,
        title=title,
        lists=LISTS,
        letters=[_letter(visit, one) for one in found.letters],
        waiting=leaf_of(visit, "waiting", [] if token else await _releases(visit, name)),
        after=found.next_page_token,
    )


async def _releases(visit: Visit, name: str) -> list[Letter]:
    """Return what the desk wrote and what has not gone, newest first: it waits, or never will."""
    wanted = _RELEASES[name]
    try:
        found = await visit.client.office.list_releases(decided=wanted is _NEVER_SENT)
    except PermissionError_:  # a desk that reads no cases writes nothing that waits
        return []
    own = [one for one in found.releases if one.desk == visit.officer.desk and one.state in wanted]
    return [_unsent(visit, one) for one in reversed(own)]


def _unsent(visit: Visit, line: office_pb2.ReleaseLine) -> Letter:
    shower = Shower(visit.words)
    return Letter(
        kind=visit.words.kind(line.kind),
        to=", ".join(line.to),
        where=shower.words_of(line, "state"),
        since=moment(line.decided_at or line.written_at),
        release=line.statement,
        reason=printable(line.reason),
        urgent=line.urgent,
        exercise=line.exercise,
        handling=tuple(shower.codes_of(line, "handling")),
    )


def _letter(visit: Visit, one: delivery_pb2.SentLetter) -> Letter:
    shower = Shower(visit.words)
    return Letter(
        kind=visit.words.kind(one.kind),
        to=one.to,
        where=visit.text(_WHERE[one.state]) if one.state in _WHERE else shower.words_of(one, "state"),
        since=moment(one.changed_at),
        case=one.case.thread,
        number=printable(_number(one.case)),
        envelope=one.envelope_id if one.state in _ENDED else "",
        until=moment(one.deliver_by) if one.state in _ON_THE_WAY else "",
        reason=printable(one.reason),
        reply=" ".join(_said(visit, one)),
        in_pouch=one.in_pouch,
        urgent=one.case.urgent,
        exercise=one.exercise,
        handling=tuple(shower.codes_of(one.case, "handling")),
    )


def _number(case: desk_pb2.CaseSummary) -> str:
    return case.our_file_number or case.their_file_number or case.thread[:13]


def _said(visit: Visit, one: delivery_pb2.SentLetter) -> Iterable[str]:
    return (
        (visit.words.kind(one.reply_kind), visit.words.alone(moment(one.replied_at)))
        if one.reply_kind
        else ()
    )


async def send_again(visit: Visit) -> Response:
    """Send the message of one that came to no end once more; the list says how it stands then.

    It may have gone again already, or have arrived late: then there is nothing to do.
    """
    envelope = visit.field("envelope")
    if not re.fullmatch("[0-9a-f]{64}", envelope):
        raise InvalidInputError(_("The form names no message."), where="envelope")
    try:
        await visit.client.post.resend(envelope)
    except NotFoundError as gone:
        if gone.reason != "unknown-letter":
            raise
    return visit.go("/sent")


ROOM: Final = Room(
    pages=(
        Page("/sent", show_sent),
        Page("/sent/{list}", show_sent),
        Page("/sent/again", send_again, ("POST",)),
    ),
    menu=(Entry(_("Sent"), "/sent", order=35),),
)

"""The members of the network: who they are, their points of contact and desks, how they mark arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.paging import leaf_of
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Sheet, Shower, moment, printable, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, NotFoundError, PermissionError_, TrustError
from tracepost.protocol.ids import parse_member
from tracepost.protocol.practices import ToldPractice, holds_on
from tracepost.sdk.directory import read_entry
from tracepost.sdk.members import Known, look_up
from tracepost.wire.v1 import desk_pb2

_MEMBERS: Final = 100
_OF_DESKS: Final = frozenset({"public_key", "certificate_sha256"})
_OF_PRACTICES: Final = frozenset(
    {"valid_from", "valid_until", "withheld", "named_desks", "readers", "replaces_digest"}
)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member in the list."""

    line: desk_pb2.DirectoryLine
    name: str
    until: str


async def show_directory(visit: Visit) -> Response:
    """Show every member of the trust list."""
    lines = await visit.client.list_directory()
    rows = [
        MemberRow(one, printable(one.name), moment(one.expires_at) if one.known else "")
        for one in sorted(lines, key=lambda line: line.member)
    ]
    return visit.page("pages/directory.html", members=leaf_of(visit, "members", rows, _MEMBERS))


async def show_member(visit: Visit) -> Response:
    """Show what is known of one member; its signed entry was verified by the node and again here."""
    try:
        known = await _known(visit, parse_member(visit.request.path_params["member"]))
    except (InvalidInputError, TrustError) as fault:
        raise NotFoundError(_("There is no such member."), where="address") from fault
    shower, entry = Shower(visit.words), known.entry
    today = when((await visit.client.get_status()).clock)[:10]
    declared = entry.HasField("declarations")
    return visit.page(
        "pages/directory_member.html",
        member=entry.member,
        name=printable(entry.name),
        in_english=printable(entry.name_in_english),
        spoken=", ".join(entry.languages),
        until=moment(entry.expires_at),
        desks=[shower.sheet(one, printable(one.name or one.desk), _OF_DESKS) for one in entry.desks],
        contacts=[
            shower.sheet(one, shower.words_of(one, "function"), frozenset({"function"}))
            for one in entry.contact_points
        ],
        declared=shower.sheet(entry.declarations, "") if declared else None,
        practices=[_practice(visit, shower, one, today) for one in known.practices],
    )


async def _known(visit: Visit, member: str) -> Known:
    """Return what the officer's desk is shown: one that sees no cases sees no practices that were told in one."""
    try:
        return await look_up(visit.client, member)
    except PermissionError_:
        return Known(read_entry(await visit.client.export_papers(member)), ())


def _practice(visit: Visit, shower: Shower, one: ToldPractice, today: str) -> Sheet:
    since = f"{visit.text('from')} {one.practice.valid_from}"
    until = f" {visit.text('until')} {one.practice.valid_until}" if one.practice.valid_until else ""
    past = "" if holds_on(one.practice, today) else f" ({visit.text('does not hold today')})"
    return shower.sheet(one.practice, f"{since}{until}{past}", _OF_PRACTICES)


ROOM: Final = Room(
    pages=(Page("/directory", show_directory), Page("/directory/{member}", show_member)),
    menu=(Entry(_("Directory"), "/directory", order=60),),
)

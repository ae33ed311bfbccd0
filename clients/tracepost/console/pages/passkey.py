"""Passkeys: registered after a certificate sign-in, listed, removed; and signing in with one.

One that is to give an officer's word is endorsed where his key is (docs/adr/0036): here he gets the file for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.pages.door import enter
from tracepost.console.passkeys import LABEL_SIGNS, Passkey, RelyingParty
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import moment, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.certificate import load_certificate, read_identity
from tracepost.protocol.endorsement import is_key
from tracepost.protocol.errors import NotFoundError, OurFault, PermissionError_, TheRoad, UnreachableError
from tracepost.sdk.office import OfficeCalls
from tracepost.sdk.passkeys import PasskeyRequest, speaking, write_request
from tracepost.wire.v1 import office_pb2


@dataclass(frozen=True, slots=True)
class Row:
    """A passkey of the officer: its name, since when, until when it speaks for him, whether it can, and lets him in."""

    label: str
    since: str
    speaks_until: str
    can_speak: bool
    lets_in: bool = True


async def show_passkeys(visit: Visit) -> Response:
    """List the officer's passkeys; offer a new one to who signed in with his certificate."""
    session, house = visit.officer, visit.house
    known = house.passkeys.of(session.number)
    may_add = session.bound_to is not None
    options = ""
    if may_add:
        challenge = house.challenges.make(session.secret)
        options = _party(visit).ask_to_register(session.number, session.officer.member, known, challenge)
    rows = _rows(visit, known, await visit.client.office.list_passkeys())
    return visit.page("pages/passkey.html", rows=rows, may_add=may_add, options=options)


def _rows(visit: Visit, known: Sequence[Passkey], endorsed: Sequence[office_pb2.Passkey]) -> list[Row]:
    """Return his passkeys here, then those that speak for him still, although this console forgot them."""
    until = {one.credential: one.until for one in speaking(endorsed, visit.officer.certificates[0])}
    origin, names = visit.house.settings.origin, {one.name for one in known}
    here = {one.credential: one for one in endorsed if one.origin == origin}
    rows = [
        Row(one.label, when(one.registered_at), moment(until.get(one.name, "")), is_key(one.public_key))
        for one in known
    ]
    return [*rows, *(_forgotten(one) for name, one in here.items() if name not in names)]


def _forgotten(one: office_pb2.Passkey) -> Row:
    label = one.credential[:LABEL_SIGNS]
    return Row(label, moment(one.endorsed_at), moment(one.until), can_speak=True, lets_in=False)


async def register(visit: Visit) -> Response:
    """Keep the passkey that the officer's device has made."""
    session, house = visit.officer, visit.house
    if session.bound_to is None:
        raise PermissionError_(
            _("A passkey is added by who signed in with his certificate."), reason="passkey"
        )
    made = _party(visit).register(
        visit.field("credential"),
        house.challenges.take(session.secret),
        officer=session.number,
        certificates=session.certificates,
        now=int(time.time()),
    )
    await asyncio.to_thread(house.passkeys.add, made)
    return visit.go("/passkeys")


async def take_request(visit: Visit) -> Response:
    """Give the file that the officer endorses where his key is."""
    settings, session = visit.house.settings, visit.officer
    found = [one for one in visit.house.passkeys.of(session.number) if one.label == visit.field("passkey")]
    if not found:
        raise NotFoundError(_("There is no such passkey."), where="passkey")
    asked = PasskeyRequest(
        session.number, found[0].credential, found[0].public_key, settings.host, settings.origin
    )
    headers = {"content-disposition": 'attachment; filename="tracepost-passkey.json"'}
    return Response(write_request(asked), media_type="application/json", headers=headers)


async def remove(visit: Visit) -> Response:
    """Forget a passkey, sign out who came in with it, and take its word: it may be in other hands."""
    house, label = visit.house, visit.field("passkey")
    gone = await asyncio.to_thread(house.passkeys.remove, visit.officer.number, label)
    for credential in gone:
        house.sessions.end_with(credential)
    try:
        await _end_word(visit.client.office, label)
    except (TheRoad, OurFault) as fault:
        raise UnreachableError(
            _("The passkey lets nobody in here any more. Its word could not be ended at the node."),
            where="passkey",
            reason="word-not-ended",
            remedy=_(
                "Remove it again later: it stands on the page “Passkeys” as long as it gives your word."
            ),
        ) from fault
    return visit.go("/passkeys")


async def _end_word(office: OfficeCalls, label: str) -> None:
    """End what the officer endorsed of a passkey, under each of his certificates."""
    found = {one.credential for one in await office.list_passkeys()}
    for name in (one for one in found if one[:LABEL_SIGNS] == label):
        with suppress(NotFoundError):  # ended meanwhile
            await office.end_passkey(name)


async def sign_in(visit: Visit) -> Response:
    """Let in whom a passkey shows, if the node knows the officer of its certificate."""
    house = visit.house
    house.limits.admit(("sign-in", visit.address), house.settings.session.sign_ins_per_minute)
    challenge = house.challenges.take(visit.visitor.encode())
    used = _party(visit).recognise(visit.field("credential"), challenge, house.passkeys)
    officer = read_identity(load_certificate(used.certificates[0]), house.settings.domain)
    await asyncio.to_thread(house.passkeys.note_use, used)
    response = await enter(visit, officer, used.certificates, None, used.credential)
    if house.passkeys.find(used.credential) is None:  # removed while the node was asked
        house.sessions.end_with(used.credential)
    return response


def _party(visit: Visit) -> RelyingParty:
    return RelyingParty(visit.house.settings.host, visit.house.settings.origin)


ROOM: Final = Room(
    pages=(
        Page("/passkeys", show_passkeys),
        Page("/passkeys/register", register, ("POST",)),
        Page("/passkeys/file", take_request, ("POST",)),
        Page("/passkeys/remove", remove, ("POST",)),
        Page("/sign-in/passkey", sign_in, ("POST",), signed_in=False),
    ),
    menu=(Entry(_("Passkeys"), "/passkeys", order=900),),
)

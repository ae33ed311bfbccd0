"""Passkeys: registered after a certificate sign-in, listed, removed; and signing in with one."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from starlette.responses import Response

from tracepost.console.pages.door import enter
from tracepost.console.passkeys import RelyingParty
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.certificate import load_certificate, read_identity
from tracepost.protocol.errors import PermissionError_


async def show_passkeys(visit: Visit) -> Response:
    """List the officer's passkeys; offer a new one to who signed in with his certificate."""
    session, house = visit.officer, visit.house
    known = house.passkeys.of(session.number)
    may_add = session.bound_to is not None
    options = ""
    if may_add:
        challenge = house.challenges.make(session.secret)
        options = _party(visit).ask_to_register(session.number, session.officer.member, known, challenge)
    rows = [(one.label, when(one.registered_at)) for one in known]
    return visit.page("pages/passkey.html", rows=rows, may_add=may_add, options=options)


async def register(visit: Visit) -> Response:
    """Keep the passkey that the officer's device has made."""
    session, house = visit.officer, visit.house
    if session.bound_to is None:
        raise PermissionError_("a passkey is added by who signed in with his certificate", reason="passkey")
    made = _party(visit).register(
        visit.field("credential"),
        house.challenges.take(session.secret),
        officer=session.number,
        certificates=session.certificates,
        now=int(time.time()),
    )
    await asyncio.to_thread(house.passkeys.add, made)
    return visit.go("/passkeys")


async def remove(visit: Visit) -> Response:
    """Forget a passkey, and sign out who came in with it: it may be in other hands."""
    house = visit.house
    gone = await asyncio.to_thread(house.passkeys.remove, visit.officer.number, visit.field("passkey"))
    for credential in gone:
        house.sessions.end_with(credential)
    return visit.go("/passkeys")


async def sign_in(visit: Visit) -> Response:
    """Let in whom a passkey shows, if the node knows the officer of its certificate."""
    house = visit.house
    address = visit.request.client.host if visit.request.client else ""
    house.limits.admit(("sign-in", address), house.settings.session.sign_ins_per_minute)
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
        Page("/passkeys/remove", remove, ("POST",)),
        Page("/sign-in/passkey", sign_in, ("POST",), signed_in=False),
    ),
    menu=(Entry(_("Passkeys"), "/passkeys", order=900),),
)

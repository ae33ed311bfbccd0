"""Passkeys: registered after a certificate sign-in, listed, removed; and signing in with one.

One that is to give an officer's word is endorsed where his key is (docs/adr/0036): here he gets the file for it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from tracepost.console.pages.door import enter
from tracepost.console.passkeys import RelyingParty
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import moment, when
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.certificate import load_certificate, read_identity
from tracepost.protocol.endorsement import is_key
from tracepost.protocol.errors import NotFoundError, PermissionError_
from tracepost.sdk.passkeys import PasskeyRequest, speaking, write_request


@dataclass(frozen=True, slots=True)
class Row:
    """A passkey of the officer: its name, since when, until when it speaks for him, and whether it can."""

    label: str
    since: str
    speaks_until: str
    can_speak: bool


async def show_passkeys(visit: Visit) -> Response:
    """List the officer's passkeys; offer a new one to who signed in with his certificate."""
    session, house = visit.officer, visit.house
    known = house.passkeys.of(session.number)
    may_add = session.bound_to is not None
    options = ""
    if may_add:
        challenge = house.challenges.make(session.secret)
        options = _party(visit).ask_to_register(session.number, session.officer.member, known, challenge)
    own = speaking(await visit.client.office.list_passkeys(), session.certificates[0])
    endorsed = {one.credential: one.until for one in own}
    rows = [
        Row(one.label, when(one.registered_at), moment(endorsed.get(one.name, "")), is_key(one.public_key))
        for one in known
    ]
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


async def take_request(visit: Visit) -> Response:
    """Give the file that the officer endorses where his key is."""
    settings, session = visit.house.settings, visit.officer
    found = [one for one in visit.house.passkeys.of(session.number) if one.label == visit.field("passkey")]
    if not found:
        raise NotFoundError("there is no such passkey", where="passkey")
    asked = PasskeyRequest(
        session.number, found[0].credential, found[0].public_key, settings.host, settings.origin
    )
    headers = {"content-disposition": 'attachment; filename="tracepost-passkey.json"'}
    return Response(write_request(asked), media_type="application/json", headers=headers)


async def remove(visit: Visit) -> Response:
    """Forget a passkey, take its word, and sign out who came in with it: it may be in other hands."""
    house, office, label = visit.house, visit.client.office, visit.field("passkey")
    gone = await asyncio.to_thread(house.passkeys.remove, visit.officer.number, label)
    for credential in gone:
        house.sessions.end_with(credential)
    for name in {one.credential for one in await office.list_passkeys() if one.credential[:12] == label}:
        with suppress(NotFoundError):  # ended meanwhile
            await office.end_passkey(name)
    return visit.go("/passkeys")


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

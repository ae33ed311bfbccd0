"""The door: signing in with a certificate, signing out, the language."""

from __future__ import annotations

import sqlite3
from typing import Final

import structlog
from starlette.responses import Response

from tracepost.console.drafting import aside, whose
from tracepost.console.passkeys import RelyingParty
from tracepost.console.rooms import SIGN_OUT, Page, Room
from tracepost.console.sessions import first_desk
from tracepost.console.visit import (
    SESSION_COOKIE,
    Visit,
    certificate_digest,
    drop_cookie,
    set_cookie,
    set_language,
)
from tracepost.locale import languages
from tracepost.locale.words import later as _
from tracepost.protocol.certificate import ClaimedIdentity, load_certificate, read_identity
from tracepost.protocol.errors import IdentityError, NotFoundError, PermissionError_
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId

_log = structlog.get_logger()


async def show_door(visit: Visit) -> Response:
    """Ask who comes."""
    party = RelyingParty(visit.house.settings.host, visit.house.settings.origin)
    return visit.page(
        "pages/door.html",
        officer=_claimed(visit),
        ended="ended" in visit.request.query_params,
        provider=visit.house.settings.oidc,
        options=party.ask_to_sign_in(visit.house.challenges.make(visit.visitor.encode())),
    )


async def sign_in(visit: Visit) -> Response:
    """Let in whom the connection's certificate shows, if the node knows him."""
    house = visit.house
    house.limits.admit(("sign-in", visit.address), house.settings.session.sign_ins_per_minute)
    officer = _claimed(visit)
    if officer is None:
        raise IdentityError(_("Your browser showed no officer's certificate."), reason="no-certificate")
    return await enter(visit, officer, visit.shown, certificate_digest(visit.shown))


async def enter(
    visit: Visit,
    officer: ClaimedIdentity,
    certificates: tuple[bytes, ...],
    bound_to: bytes | None,
    began_with: bytes | None = None,
) -> Response:
    """Begin a session as `begin_session` does, and lead the officer to his inbox."""
    token = await begin_session(visit, officer, certificates, bound_to, began_with)
    response = visit.go("/")
    set_cookie(response, SESSION_COOKIE, token)
    return response


async def begin_session(
    visit: Visit,
    officer: ClaimedIdentity,
    certificates: tuple[bytes, ...],
    bound_to: bytes | None,
    began_with: bytes | None,
) -> str:
    """Return the token of a session for an officer who proved himself here, after the node has judged his certificate.

    Args:
        visit: the one that signs in; a session that its cookie named before is over.
        officer: what his certificate says.
        certificates: DER, leaf first.
        bound_to: digest of the certificate that TLS must go on showing; None for who showed none.
        began_with: id of the passkey or linked account that let him in instead.

    Raises:
        IdentityError: the certificate is revoked or expired, or the officer has left.
    """
    house = visit.house
    desk = first_desk(officer)
    client = house.node.client_for(certificates, desk)
    # The node's judgement: chain, dates, revocations, register of officers.
    status = await client.get_status()
    house.sessions.end(visit.request.cookies.get(SESSION_COOKIE, ""))
    return house.sessions.begin(
        officer,
        desk,
        certificates,
        client,
        bound_to,
        status=status,
        began_with=began_with,
    )


async def change_desk(visit: Visit) -> Response:
    """Go to another of his desks."""
    session, desk = visit.officer, visit.field("desk")
    if desk not in session.desks:
        raise PermissionError_(_("It is not one of your desks."), where="desk", reason="desk")
    visit.sit_at(DeskId(desk))
    return visit.go("/")


async def sign_out(visit: Visit) -> Response:
    """End the session, whatever the disk does; files that came in pieces and that no page has taken go with it."""
    officer = whose(visit)
    visit.house.sessions.end(visit.request.cookies.get(SESSION_COOKIE, ""))
    try:
        await aside(visit.house.uploads.forget, officer)
    except sqlite3.Error as fault:
        _log.error("uploads-not-forgotten", fault=type(fault).__name__)
    response = visit.go("/sign-in")
    drop_cookie(response, SESSION_COOKIE)
    return response


async def choose_language(visit: Visit) -> Response:
    """Remember the language, and go back to the page where it was chosen."""
    language = visit.request.path_params["language"]
    if language not in {one.bcp47 for one in languages()}:
        raise NotFoundError(_("There is no such language here."), where="address")
    back = visit.request.query_params.get("back", "/")
    response = visit.go(back if is_own_path(back) else "/")
    set_language(response, language)
    return response


def is_own_path(text: str) -> bool:
    """Return whether `text` is a path on this console, and not the address of another."""
    return text.startswith("/") and not text.startswith("//") and text.isprintable() and "\\" not in text


def _claimed(visit: Visit) -> ClaimedIdentity | None:
    """Return what the certificate of the connection says, if it is an officer's of ours."""
    if not visit.shown:
        return None
    settings = visit.house.settings
    try:
        claimed = read_identity(load_certificate(visit.shown[0]), settings.domain)
    except IdentityError:
        return None
    is_ours = claimed.role is Role.OFFICER and claimed.member == settings.member
    return claimed if is_ours else None


ROOM: Final = Room(
    pages=(
        Page("/sign-in", show_door, signed_in=False),
        Page("/sign-in/certificate", sign_in, ("POST",), signed_in=False),
        Page(SIGN_OUT, sign_out, ("POST",), of_any_desk=True),
        Page("/desk", change_desk, ("POST",), of_any_desk=True),
        Page("/language/{language}", choose_language, signed_in=False),
    )
)

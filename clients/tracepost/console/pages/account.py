"""Sign-in by an account at a provider: linked after a certificate sign-in, unlinked; and signing in with it.

The session's cookie does not come along when the provider's page leads back, by design. So the way back ends on a page
that leads on by itself, from us to us; whoever links an account confirms it there, in his own session.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Final

from starlette.responses import Response

from tracepost.console.accounts import Account, LinkedAccount
from tracepost.console.id_token import refused
from tracepost.console.pages.door import begin_session
from tracepost.console.provider import ASKING_S, RETURN_PATH, Provider
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.sessions import Session, first_desk
from tracepost.console.showing import when
from tracepost.console.visit import SESSION_COOKIE, Visit, drop_cookie, set_cookie
from tracepost.locale.words import later as _
from tracepost.protocol.certificate import load_certificate, read_identity
from tracepost.protocol.errors import IdentityError, NotFoundError, PermissionError_

ASKING_COOKIE: Final = "__Host-tracepost-provider"


async def show_account(visit: Visit) -> Response:
    """Show the officer's account; offer to link one to who signed in with his certificate."""
    session, accounts = visit.officer, visit.house.accounts
    linked = accounts.of(session.number)
    return visit.page(
        "pages/account.html",
        provider=visit.house.settings.oidc,
        linked=linked,
        since=when(linked.linked_at) if linked else "",
        found=accounts.to_confirm.look(session.secret),
        may_link=session.bound_to is not None,
    )


async def begin_link(visit: Visit) -> Response:
    """Send the officer to the provider, to prove himself there anew."""
    session = _bound_session(visit)
    visit.house.limits.admit(("sign-in", visit.address), visit.house.settings.session.sign_ins_per_minute)
    return await _send_to_provider(visit, links_for=session.secret)


async def begin_sign_in(visit: Visit) -> Response:
    """Send a visitor to the provider."""
    if visit.session is not None:
        return visit.go("/")
    visit.house.limits.admit(("sign-in", visit.address), visit.house.settings.session.sign_ins_per_minute)
    return await _send_to_provider(visit, links_for=None)


async def _send_to_provider(visit: Visit, *, links_for: bytes | None) -> Response:
    cookie = secrets.token_urlsafe(32)
    address = await _provider(visit).begin(cookie, links_for=links_for)
    response = _lead_on(visit, address)
    set_cookie(response, ASKING_COOKIE, cookie, lasts=ASKING_S, returning=True)
    return response


async def come_back(visit: Visit) -> Response:
    """Let in whose account the provider vouches for, or keep it for the officer who is about to link it."""
    cookie = visit.request.cookies.get(ASKING_COOKIE, "")
    asking, account = await _provider(visit).finish(cookie, visit.request.query_params)
    if asking.links_for is not None:
        visit.house.accounts.to_confirm.keep(asking.links_for, account)
        response = _lead_on(visit, "/account")
    else:
        response = await _sign_in(visit, account)
    drop_cookie(response, ASKING_COOKIE)
    return response


async def _sign_in(visit: Visit, account: Account) -> Response:
    """Begin a session for the officer of a linked account, if the node knows him by its certificate."""
    house = visit.house
    linked = house.accounts.find(account)
    if linked is None:
        raise IdentityError(
            _("the account is not linked to an officer here"),
            where="account",
            reason="not-linked",
            remedy=_("Sign in with your certificate, and link your account under “Linked account”."),
        )
    officer = read_identity(load_certificate(linked.certificates[0]), house.settings.domain)
    token = await begin_session(visit, officer, linked.certificates, None, account.id)
    if house.accounts.find(account) != linked:  # unlinked while the node was asked
        house.sessions.end_with(account.id)
    response = _lead_on(visit, "/")
    set_cookie(response, SESSION_COOKIE, token)
    return response


async def link(visit: Visit) -> Response:
    """Keep the account that the officer proved to be his, and was shown."""
    session, accounts = _bound_session(visit), visit.house.accounts
    account = accounts.to_confirm.take(session.secret)
    if account is None or account.id.hex() != visit.field("account"):
        raise refused("not-the-account-shown")
    await _free_from_who_left(visit, account)
    fresh = LinkedAccount(account, session.number, session.certificates, int(time.time()))
    before = await asyncio.to_thread(accounts.link, fresh)
    if before is not None:
        visit.house.sessions.end_with(before.account.id)
    return visit.go("/account")


async def _free_from_who_left(visit: Visit, account: Account) -> None:
    """Unlink the account from an officer of another number whom the node does not know any more."""
    house = visit.house
    held = house.accounts.find(account)
    if held is None or held.officer == visit.officer.number:
        return
    try:
        officer = read_identity(load_certificate(held.certificates[0]), house.settings.domain)
        await house.node.client_for(held.certificates, first_desk(officer)).get_status()
    except IdentityError:
        await asyncio.to_thread(house.accounts.unlink, held)
        house.sessions.end_with(account.id)


async def unlink(visit: Visit) -> Response:
    """Forget the officer's account, and sign out who came in with it."""
    linked = visit.house.accounts.of(visit.officer.number)
    if linked is not None:
        await asyncio.to_thread(visit.house.accounts.unlink, linked)
        visit.house.sessions.end_with(linked.account.id)
    return visit.go("/account")


def _bound_session(visit: Visit) -> Session:
    if visit.officer.bound_to is None:
        raise PermissionError_(
            _("An account is linked by who signed in with his certificate."), reason="account"
        )
    return visit.officer


def _provider(visit: Visit) -> Provider:
    if visit.house.provider is None:
        raise NotFoundError(_("There is no such page."), where="address")
    return visit.house.provider


def _lead_on(visit: Visit, address: str) -> Response:
    return visit.page("pages/account_lead_on.html", address=address)


ROOM: Final = Room(
    pages=(
        Page("/account", show_account),
        Page("/account/begin", begin_link, ("POST",)),
        Page("/account/link", link, ("POST",)),
        Page("/account/unlink", unlink, ("POST",)),
        Page("/sign-in/provider", begin_sign_in, ("POST",), signed_in=False),
        Page(RETURN_PATH, come_back, signed_in=False),
    ),
    menu=(Entry(_("Linked account"), "/account", order=910),),
    is_open=lambda settings: settings.oidc is not None,
)

"""All rooms under one guard.

What every request passes, in this order; no page can be reached beside it:

    1 limits     per address before anybody is signed in, per officer afterwards; pieces of files for themselves
    2 session    a page that is not open to anybody leads to the door; whom another site led here goes on from a page of
                 ours, as browsers keep our cookies back until then
    3 form       what POST or PATCH brings is of bounded size, from a page of ours for the desk he is at, by its token
    4 page       the room's own function
    5 errors     an error of ours in the visitor's words; any other without details
    6 headers    nothing is kept by the browser, nothing is loaded from elsewhere, nobody frames us
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracepost.console.assets_room import asset_routes
from tracepost.console.refusals import refusal_of
from tracepost.console.rooms import SIGN_OUT, Page, Room
from tracepost.console.sessions import first_desk
from tracepost.console.visit import (
    SESSION_COOKIE,
    TOKEN_FIELD,
    TOKEN_HEADER,
    VISITOR_COOKIE,
    House,
    Visit,
    drop_cookie,
    open_visit,
    set_cookie,
)
from tracepost.locale.words import later as _
from tracepost.protocol.errors import (
    IdentityError,
    InternalError,
    LimitError,
    NotFoundError,
    OurFault,
    PermissionError_,
    TheirFault,
    TracepostError,
    UnreachableError,
)

_log = structlog.get_logger()

# Bodies are bounded (step 3): what is uploaded stays in memory; no photograph of a case is written to a disk in clear.
MultiPartParser.spool_max_size = 64 * 1024 * 1024

_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
_VISITORS_PER_MINUTE: Final = 120
_PIECES_PER_MINUTE: Final = 3_000
_FIELDS: Final = 5_000
_SIGN_IN: Final = "/sign-in/"
_BRINGING: Final = ("POST", "PATCH")
JUDGED_S: Final = 30.0
"""How long the node's judgement of an officer counts for pages that ask it nothing else."""
_STATUS: Final[Sequence[tuple[type[TracepostError], int]]] = (
    (NotFoundError, 404),
    (PermissionError_, 403),
    (LimitError, 429),
    (UnreachableError, 503),
    (OurFault, 500),
)


def make_app(house: House, rooms: Sequence[Room]) -> Starlette:
    """Return the application with the pages of `rooms`."""
    routes: list[BaseRoute] = [_route(house, page) for room in rooms for page in room.pages]
    app = Starlette(
        routes=[*routes, *asset_routes()],
        middleware=[
            Middleware(Headers, note=house.onlooker.note_answer),
            Middleware(GZipMiddleware, minimum_size=1024),
        ],
    )

    async def lost(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        error = NotFoundError(_("There is no such page."), where="address") if status == 404 else None
        return _told(open_visit(house, request), error or _refused_by_http(status), status)

    app.add_exception_handler(HTTPException, lost)
    return app


def _refused_by_http(status: int) -> TracepostError:
    return PermissionError_(_("The page is not asked in this way."), reason=f"http-{status}")


def _route(house: House, page: Page) -> Route:
    async def answer(request: Request) -> Response:
        visit = open_visit(house, request)
        try:
            if _is_led_here(visit, page):
                return _led_on(visit)
            return _remembering(visit, await _admitted(visit, page))
        except HTTPException:
            raise
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as fault:  # noqa: BLE001 - step 5: the one place where every error of a page ends
            if _is_refused_sign_in(visit, page, fault):
                house.onlooker.note_refused_sign_in()
            return _failed(visit, fault)

    return Route(page.path, answer, methods=list(page.methods))


def _is_refused_sign_in(visit: Visit, page: Page, fault: Exception) -> bool:
    return page.path.startswith(_SIGN_IN) and visit.session is None and isinstance(fault, TheirFault)


def _is_led_here(visit: Visit, page: Page) -> bool:
    """Say whether another site's link led to a page for who is signed in: his cookie (`Strict`) stays behind then."""
    head, names = visit.request.headers, ("sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
    is_link = tuple(head.get(one) for one in names) == ("cross-site", "navigate", "document")
    is_page = page.signed_in and visit.request.method == "GET"
    return is_link and is_page and SESSION_COOKIE not in visit.request.cookies


def _led_on(visit: Visit) -> Response:
    """Return a page that leads to the same address, so that it is asked for from a page of ours; it keeps nothing.

    Only to the inbox it goes by itself: no other site opens a case in an officer's name, he presses the link.
    """
    visit.house.limits.admit(("visitor", visit.address), _VISITORS_PER_MINUTE)
    url = visit.request.url
    address = quote(url.path, safe="/") + (f"?{url.query}" if url.query else "")
    return visit.page("led_on.html", address=address, goes_by_itself=address == "/")


async def _admitted(visit: Visit, page: Page) -> Response:
    house, request = visit.house, visit.request
    if visit.session is not None and page.is_piece:
        house.limits.admit(("pieces", visit.session.number), _PIECES_PER_MINUTE)
    elif visit.session is not None:
        house.limits.admit(("officer", visit.session.number), house.settings.session.pages_per_minute)
    else:
        house.limits.admit(("visitor", visit.address), _VISITORS_PER_MINUTE)
    if visit.session is None and page.signed_in:
        if not request.cookies.get(SESSION_COOKIE):
            return visit.go("/sign-in")
        response = visit.go("/sign-in?ended=1")
        drop_cookie(response, SESSION_COOKIE)
        return response
    if request.method in _BRINGING:
        await _take_form(visit, page)
    try:
        if page.signed_in and page.path != SIGN_OUT:
            await require_known(visit, page)
        return await page.endpoint(visit)
    finally:
        await visit.form.close()


async def require_known(visit: Visit, page: Page) -> None:
    """Ask the node whether it still knows the officer: pages of drafts show what he wrote, and ask it nothing.

    For a deputy it is asked at every page, though not at each piece of a file: his days may be over. He goes to
    his own desk only where he reads why: a picture or a piece is refused and leaves that to the next page or form.
    """
    session, now = visit.officer, visit.house.clock()
    if now - session.judged_at >= JUDGED_S or (session.stands_in_for and not page.is_piece):
        status = await visit.client.get_status()
        visit.session = session = visit.house.sessions.judge(session, status, now)
    if session.desk not in session.desks:
        if not (page.is_piece or page.is_picture):
            visit.sit_at(first_desk(session.officer))
        raise PermissionError_(
            _("You no longer stand in for the desk that you were at."),
            where="desk",
            reason="deputy-over",
            remedy=_(
                "You are at your own desk again. Drafts for the other one that you have not sent are no longer shown."
            ),
        )


async def _take_form(visit: Visit, page: Page) -> None:
    """Step 3."""
    request = visit.request
    origin = request.headers.get("origin")
    if origin is not None and origin != visit.house.settings.origin:
        raise PermissionError_(_("The form was not sent from a page of this console."), reason="origin")
    if int(request.headers.get("content-length") or 0) > page.body_bytes:
        raise LimitError(_("The form is too large."), where="form", reason="too-large")
    _bound_body(request, page.body_bytes)
    if not page.is_raw:
        try:
            visit.form = await request.form(max_files=20, max_fields=_FIELDS, max_part_size=page.body_bytes)
        except (HTTPException, MultiPartException) as fault:
            raise LimitError(_("The form cannot be read."), where="form", reason="form") from fault
    secret = visit.session.secret if visit.session else visit.visitor.encode()
    token = request.headers.get(TOKEN_HEADER, "") if page.is_raw else visit.form.get(TOKEN_FIELD, "")
    shown_for = visit.house.tokens.shown_for(token, secret) if isinstance(token, str) else None
    if shown_for is None:
        raise PermissionError_(_("The page that sent the form is too old."), reason="form-token")
    if visit.session is not None and shown_for != visit.session.desk and not page.of_any_desk:
        raise PermissionError_(
            _("The page with this form was shown for another desk than the one that you are at now."),
            where="desk",
            reason="form-desk",
            remedy=_(
                "Nothing was done. See above at which desk you are now, and open the page with the form anew."
            ),
        )


def _bound_body(request: Request, most: int) -> None:
    """Let a body that says no length, or a false one, end at the bound too."""
    receive: Callable[[], Awaitable[Message]] = request.receive
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise LimitError(_("The form is too large."), where="form", reason="too-large")
        return message

    request._receive = counted  # noqa: SLF001 - Starlette has no public way to stand between


def _remembering(visit: Visit, response: Response) -> Response:
    """Give a visitor who is not signed in the cookie that his form's token belongs to."""
    if visit.session is None and VISITOR_COOKIE not in visit.request.cookies:
        set_cookie(response, VISITOR_COOKIE, visit.visitor)
    return response


def _failed(visit: Visit, fault: Exception) -> Response:
    """Step 5."""
    if isinstance(fault, TracepostError):
        error: TracepostError = fault
    else:
        error = InternalError()
        _log.error("page-failed", exc_info=fault, path=visit.request.scope.get("route_path", ""))
    if (
        isinstance(error, IdentityError)
        and error.where not in ("passkey", "account")
        and visit.session is not None
    ):
        # The node does not know him any more: revoked, left, expired. Nothing more is shown in his name.
        visit.house.sessions.end_of(visit.session.number)
        visit.session = None
        response = _told(visit, error, 403)
        drop_cookie(response, SESSION_COOKIE)
        return response
    return _told(visit, error, _status_of(error))


def _status_of(error: TracepostError) -> int:
    if isinstance(error, LimitError) and error.reason == "too-large":
        return 413
    return next((code for kind, code in _STATUS if isinstance(error, kind)), 400)


def _told(visit: Visit, error: TracepostError, status: int) -> Response:
    """Say it in the visitor's words."""
    told = refusal_of(error, visit.words)
    return _remembering(visit, visit.page("error.html", status=status, told=told, where=error.where))


class Headers:
    """Step 6: an ASGI middleware."""

    def __init__(self, app: ASGIApp, note: Callable[[int], None]) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with our headers where the page has not set its own."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)

"""What a page is given: the officer's client, words, the form that was sent, and how to answer."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tracepost.console.accounts import Accounts
from tracepost.console.forms.drafts import DraftStore
from tracepost.console.forms.uploads import UPLOAD_BYTES, UploadStore
from tracepost.console.limits import Limits
from tracepost.console.onlooker import Onlooker
from tracepost.console.passkeys import Challenges, Passkeys
from tracepost.console.printing import Printers
from tracepost.console.provider import Provider
from tracepost.console.rendering import render
from tracepost.console.sessions import FormTokens, Session, Sessions
from tracepost.console.settings import ConsoleSettings
from tracepost.locale import choose, has, languages, wishes_of_browser
from tracepost.locale.words import Words, words_of
from tracepost.locale.words import later as _
from tracepost.protocol.errors import IdentityError
from tracepost.protocol.ids import DeskId
from tracepost.sdk import Client
from tracepost.sdk.carrying import ConsoleConnection

SESSION_COOKIE: Final = "__Host-tracepost-session"
VISITOR_COOKIE: Final = "__Host-tracepost-visitor"
LANGUAGE_COOKIE: Final = "__Host-tracepost-language"
TOKEN_FIELD: Final = "form_token"  # noqa: S105 - the name of a field
TOKEN_HEADER: Final = "form-token"  # noqa: S105 - the name of a header
_YEAR_S: Final = 365 * 86_400


@dataclass(frozen=True, slots=True)
class House:
    """What all visits share."""

    settings: ConsoleSettings
    sessions: Sessions
    tokens: FormTokens
    limits: Limits
    node: ConsoleConnection
    passkeys: Passkeys
    challenges: Challenges
    accounts: Accounts
    provider: Provider | None
    drafts: DraftStore
    uploads: UploadStore
    printers: Printers
    menu: Sequence[Any]
    clock: Callable[[], float]
    onlooker: Onlooker


@dataclass(slots=True)
class Visit:
    """One request, and who makes it."""

    request: Request
    house: House
    words: Words
    visitor: str = field(repr=False)
    shown: tuple[bytes, ...] = ()
    session: Session | None = None
    form: FormData = field(default_factory=FormData)

    @property
    def officer(self) -> Session:
        """Who is signed in; raise `IdentityError` for a visitor who is not."""
        if self.session is None:
            raise IdentityError(_("Nobody is signed in."), reason="not-signed-in")
        return self.session

    @property
    def client(self) -> Client:
        """The SDK's client for the officer: every read passes the node's gate and is logged there as his."""
        return self.officer.client

    def text(self, text: str) -> str:
        """Return the visitor's words for the English `text`; pages call it as `_ = visit.text`."""
        return self.words.gettext(text)

    def field(self, name: str) -> str:
        """Return what was typed into the field `name`, without blanks at its ends; empty if nothing was."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else ""

    def form_token(self) -> str:
        """Return what the forms of this page carry."""
        if self.session is None:
            return self.house.tokens.make(self.visitor.encode())
        return self.house.tokens.make(self.session.secret, self.session.desk)

    def sit_at(self, desk: DeskId) -> None:
        """Go to another desk of the officer: what he reads and begins from now on is that one's."""
        client = self.house.node.client_for(self.officer.certificates, desk)
        self.session = self.house.sessions.seat(self.officer, desk, client)

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """Return the page of `template`, in the visitor's language.

        Args:
            template: "pages/NAME.html".
            status: of HTTP.
            values: what the template shows. `handling`: codes of handling instructions, shown in the band on
                top of the page; `exercise`: True gives the page the colour of an exercise; `acts_at`: the desk that
                is at work on it, where it is not the one that the officer is at.
        """
        return HTMLResponse(render(self.words, template, self._frame() | values), status)

    def offered(self, entries: Sequence[Any]) -> list[Any]:
        """Return the entries whose pages the node would not refuse to the officer, as it said when last asked."""
        return [one for one in entries if not one.of_every_case or self.officer.reads_every_case]

    def go(self, path: str) -> Response:
        """Return the answer that leads the browser to another page of ours, after a form was taken."""
        return RedirectResponse(path, status_code=303)

    def _frame(self) -> dict[str, Any]:
        return {
            "languages": languages(),
            "member": self.house.settings.member,
            "session": self.session,
            "stands_in_for": self.session.stands_in_for if self.session else {},
            "acts_at": self.session.desk if self.session else "",
            "menu": self.offered(self.house.menu) if self.session else (),
            "path": self.request.url.path,
            "back": quote(self.request.url.path if self.request.method == "GET" else "/", safe="/"),
            "form_token": self.form_token(),
            "token_field": TOKEN_FIELD,
            "upload_bytes": UPLOAD_BYTES,
            "handling": (),
            "exercise": False,
        }


def open_visit(house: House, request: Request) -> Visit:
    """Return the visit of a request: its session, if it has one that lives, and its language."""
    shown = _shown_certificates(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    session = house.sessions.find(token, certificate_digest(shown)) if token else None
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wishes = [chosen] if has(chosen) else wishes_of_browser(request.headers.get("accept-language", ""))
    visitor = request.cookies.get(VISITOR_COOKIE, "") or secrets.token_urlsafe(32)
    return Visit(request, house, words_of(choose(wishes)), visitor, shown, session)


def certificate_digest(certificates: Sequence[bytes]) -> bytes | None:
    """Return the SHA-256 of the first of `certificates` (DER); None of none."""
    return hashlib.sha256(certificates[0]).digest() if certificates else None


def _shown_certificates(request: Request) -> tuple[bytes, ...]:
    """Return the chain that the browser proved to hold the key of, DER, leaf first; see `tls.py`."""
    chain = request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    return tuple(x509.load_pem_x509_certificate(one.encode()).public_bytes(Encoding.DER) for one in chain)


def set_cookie(
    response: Response, name: str, value: str, *, lasts: int | None = None, returning: bool = False
) -> None:
    """Give the browser a cookie that only we get back, over TLS, from pages of ours.

    `returning`: also when the page of another leads back to us; nothing is done for such a cookie alone.
    """
    allowed: Literal["lax", "strict"] = "lax" if returning else "strict"
    response.set_cookie(name, value, max_age=lasts, path="/", secure=True, httponly=True, samesite=allowed)


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")


def set_language(response: Response, language: str) -> None:
    """Remember the language that was chosen."""
    set_cookie(response, LANGUAGE_COOKIE, language, lasts=_YEAR_S)

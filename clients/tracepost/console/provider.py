"""The provider at which officers have accounts: OpenID Connect, authorization code with PKCE, and nothing beyond.

    asking = await provider.begin(cookie, links_for=None)      # where the browser is sent
    asking, account = await provider.finish(cookie, query)     # what it came back with

What the provider is and which keys it has is asked anew for each sign-in: they are few, and keys change. Each call is
bounded in time and size, and few run at once: a provider that is away or slow costs those who use it a word on the
page, and nobody else anything. Tokens are read once and dropped; none is kept, logged, or quoted in an error.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import structlog

from tracepost.console.accounts import Account
from tracepost.console.id_token import ALGORITHMS, Wanted, read_subject, refused
from tracepost.console.kept_once import KeptOnce
from tracepost.console.settings import OidcSettings, https_parts
from tracepost.locale.words import later as _
from tracepost.protocol.errors import (
    ConfigurationError,
    IdentityError,
    LimitError,
    TracepostError,
    UnreachableError,
)

_log = structlog.get_logger()

RETURN_PATH: Final = "/sign-in/provider/back"
ASKING_S: Final = 600
"""How long an officer may take at the provider."""
_CALL_S: Final = 10.0
_CALLS: Final = 20
_LOOKUPS: Final = 2
_ANSWER_BYTES: Final = 256 * 1024
_SECRET_BYTES: Final = 4 * 1024
_RANDOM_BYTES: Final = 32
_SERVER_FAULT: Final = 500
# Names that no host can have are a UnicodeError.
_UNANSWERED: Final = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414)."""

    authorization: str
    token: str
    keys: str
    names_itself: bool
    """Its answers carry `iss` (RFC 9207)."""
    secret_in_form: bool
    """It takes a client's secret in the form alone, and not in a header."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A browser that was sent to the provider.

    `links_for`: secret of the session of the officer who links an account; None: somebody signs in.
    """

    endpoints: Endpoints
    links_for: bytes | None = field(repr=False)
    began_at: int
    state: str = field(default_factory=lambda: secrets.token_urlsafe(_RANDOM_BYTES), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(_RANDOM_BYTES), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(_RANDOM_BYTES), repr=False)


class Provider:
    """The one that the settings name."""

    def __init__(self, settings: OidcSettings, origin: str, clock: Callable[[], float]) -> None:
        """Raise `ConfigurationError`, if the secret or the root certificates cannot be used."""
        self._settings = settings
        self._return_to = f"{origin}{RETURN_PATH}"
        self._secret = _read_secret(settings.secret)
        self._tls = _trusting(settings.ca)
        self._asked: KeptOnce[Asking] = KeptOnce(ASKING_S, clock)
        self._calls = 0
        self._lookups = ThreadPoolExecutor(_LOOKUPS, "provider")

    async def look(self) -> None:
        """Tell the log, if the provider is away or does not fit; a console serves without it."""
        with contextlib.suppress(TracepostError):
            await self._endpoints_found()

    async def begin(self, cookie: str, *, links_for: bytes | None) -> str:
        """Return where to send the browser that holds `cookie`; an earlier asking of its is void.

        Raises:
            UnreachableError: the provider is away, or does not offer what is needed.
            LimitError: too many ask at once.
        """
        asking = Asking(await self._endpoints_found(), links_for, int(time.time()))
        self._asked.keep(cookie.encode(), asking)
        return self._address_of(asking)

    async def finish(self, cookie: str, answer: Mapping[str, str]) -> tuple[Asking, Account]:
        """Return what the browser was sent for, and whose account it came back with.

        Args:
            cookie: what the browser holds.
            answer: the query with which it came.

        Raises:
            IdentityError: nobody was sent with this cookie lately, or the answer does not hold.
            UnreachableError: the provider is away.
            LimitError: too many ask at once.
        """
        asking = self._asked.take(cookie.encode())
        if asking is None:
            raise IdentityError(
                _("the sign-in began in another browser, or took too long"),
                where="account",
                reason="no-asking",
                remedy=_("Begin again on this console's page for signing in."),
            )
        try:
            return asking, await self._account_of(asking, answer)
        except TracepostError as fault:
            _log.warning("account-refused", reason=fault.reason)
            raise

    async def _account_of(self, asking: Asking, answer: Mapping[str, str]) -> Account:
        code = self._code_of(asking, answer)
        token = await self._exchange(asking, code)
        keys = (await self._ask("GET", asking.endpoints.keys)).get("keys")
        wanted = Wanted(
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            nonce=asking.nonce,
            signed_in_since=self._signed_in_since(asking),
            acr_values=self._settings.acr_values,
        )
        subject = read_subject(token, keys if isinstance(keys, list) else [], wanted, time.time())
        return Account(self._settings.issuer, subject)

    def _signed_in_since(self, asking: Asking) -> int:
        """Who links an account proves himself there anew: a colleague's sign-in may be open in the same browser."""
        if asking.links_for is not None:
            return asking.began_at
        return int(time.time()) - self._settings.max_age_seconds

    def _address_of(self, asking: Asking) -> str:
        """Return the address of an authentication request (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636)."""
        challenge = hashlib.sha256(asking.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self._settings.client_id,
            "redirect_uri": self._return_to,
            "state": asking.state,
            "nonce": asking.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
            "max_age": str(self._settings.max_age_seconds),
        }
        if asking.links_for is not None:
            query["prompt"] = "login"
        if self._settings.acr_values:
            query["acr_values"] = " ".join(self._settings.acr_values)
        join = "&" if "?" in asking.endpoints.authorization else "?"
        return f"{asking.endpoints.authorization}{join}{urlencode(query)}"

    def _code_of(self, asking: Asking, answer: Mapping[str, str]) -> str:
        if not hmac.compare_digest(answer.get("state", "").encode(), asking.state.encode()):
            raise refused("state")
        issuer = answer.get("iss")
        if issuer != self._settings.issuer and (issuer is not None or asking.endpoints.names_itself):
            raise refused("mixed-up-issuer")
        if "error" in answer or not answer.get("code"):
            raise IdentityError(
                _("the provider did not sign you in"),
                where="account",
                reason="no-code",
                remedy=_("Begin again, or sign in with your certificate."),
            )
        return answer["code"]

    async def _exchange(self, asking: Asking, code: str) -> str:
        """Return the ID token for a code; the access token beside it is not looked at."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return_to,
            "code_verifier": asking.verifier,
        }
        headers = {}
        if asking.endpoints.secret_in_form:
            form |= {"client_id": self._settings.client_id, "client_secret": self._secret}
        else:
            pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._secret)}"  # RFC 6749, 2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = await self._ask("POST", asking.endpoints.token, data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refused("no-id-token")
        return token

    async def _endpoints_found(self) -> Endpoints:
        """Return them; what is wrong with them is told to the operator, in the log."""
        try:
            return await self._find_endpoints()
        except (ConfigurationError, IdentityError, UnreachableError) as fault:
            _log.warning("provider-unusable", reason=fault.reason, where=fault.where, remedy=fault.what_to_do)
            raise _away() from None

    async def _find_endpoints(self) -> Endpoints:
        issuer = self._settings.issuer
        told = await self._ask("GET", f"{issuer.removesuffix('/')}/.well-known/openid-configuration")
        if told.get("issuer") != issuer:
            raise _unfit("issuer", "Copy `issuer` from the provider's own settings, sign for sign.")
        if "code" not in _texts(told, "response_types_supported"):
            raise _unfit("response_types_supported", "Have the authorization code flow switched on there.")
        if "S256" not in _texts(told, "code_challenge_methods_supported"):
            raise _unfit("code_challenge_methods_supported", "Have PKCE with S256 switched on there.")
        if not set(ALGORITHMS) & set(_texts(told, "id_token_signing_alg_values_supported")):
            raise _unfit(
                "id_token_signing_alg_values_supported", f"Have one of {', '.join(ALGORITHMS)} used there."
            )
        ways = _texts(told, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if not {"client_secret_basic", "client_secret_post"} & set(ways):
            raise _unfit(
                "token_endpoint_auth_methods_supported", "Have client_secret_basic switched on there."
            )
        return Endpoints(
            authorization=_address(told, "authorization_endpoint"),
            token=_address(told, "token_endpoint"),
            keys=_address(told, "jwks_uri"),
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            secret_in_form="client_secret_basic" not in ways,
        )

    async def _ask(self, method: str, address: str, **what: Any) -> dict[str, Any]:
        """Return the JSON object that a call gives."""
        if self._calls >= _CALLS:
            raise LimitError(
                _("too many sign in by the provider just now"),
                where="account",
                reason="rate",
                remedy=_("Try again in a minute."),
            )
        self._calls += 1
        try:
            async with asyncio.timeout(_CALL_S):
                status, body = await self._call(method, address, **what)
        except _UNANSWERED:
            raise _away() from None  # what it says may quote the request
        finally:
            self._calls -= 1
        if status >= _SERVER_FAULT:
            raise _away()
        if status != httpx.codes.OK:
            raise refused(f"http-{status}")
        return _json_object(body)

    async def _call(self, method: str, address: str, **what: Any) -> tuple[int, bytes]:
        await self._look_up(address)
        headers = {"accept": "application/json", "accept-encoding": "identity", **what.pop("headers", {})}
        body = bytearray()
        async with (
            httpx.AsyncClient(
                verify=self._tls, trust_env=False, follow_redirects=False, timeout=_CALL_S
            ) as client,
            client.stream(method, address, headers=headers, **what) as answer,
        ):
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > _ANSWER_BYTES:
                    raise refused("answer-size")
        return answer.status_code, bytes(body)

    async def _look_up(self, address: str) -> None:
        """Ask for the host's name with threads of our own: where names are not answered, those of all others go on."""
        host = urlsplit(address).hostname
        await asyncio.get_running_loop().run_in_executor(self._lookups, socket.getaddrinfo, host, None)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise refused("answer-form") from None
    if not isinstance(told, dict):
        raise refused("answer-form")
    return told


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    found = told.get(name, [])
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _address(told: Mapping[str, Any], name: str) -> str:
    """Return an address over https: browsers and secrets go there."""
    found = told.get(name)
    parts = https_parts(found) if isinstance(found, str) and found.isascii() else None
    if parts is None or parts.fragment:
        raise _unfit(name, "Have the provider tell an address over https.")
    return str(found)


def _unfit(name: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(
        "the provider does not offer what is needed",
        where=f"oidc: {name}",
        reason="provider-unfit",
        remedy=remedy,
    )


def _away() -> UnreachableError:
    return UnreachableError(
        _("the provider cannot be used just now"),
        where="account",
        reason="provider-away",
        remedy=_("Sign in with your certificate or a passkey, or try again later."),
    )


def _read_secret(path: Path) -> str:
    try:
        others_may = path.stat().st_mode & 0o077
        secret = path.read_bytes().decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise _unusable(
            path,
            "the secret for the provider cannot be read",
            "Put the one that the provider gave into this file, and nothing else.",
        ) from fault
    if others_may:
        raise _unusable(
            path,
            "others may read the secret for the provider",
            "Take the permissions of group and others away: chmod 600.",
        )
    if not secret or len(secret) > _SECRET_BYTES or not secret.isprintable():
        raise _unusable(
            path,
            "the secret for the provider is not one line",
            "Put the one that the provider gave into this file, and nothing else.",
        )
    return secret


def _trusting(ca: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as fault:
        raise _unusable(
            ca,
            "the root certificates of the provider cannot be read",
            "Name a file of certificates (PEM), or leave `ca` out for the system's.",
        ) from fault
    return context


def _unusable(path: Path | None, message: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(message, where=f"oidc: {path}", reason="provider-file", remedy=remedy)

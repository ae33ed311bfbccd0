"""An OpenID provider in a process of its own, over TLS, built upon Authlib's authorization server; and a crooked one.

    with running_provider(tmp_path / "provider") as provider:
        async with visiting(town, "xaa", folder, session=provider.settings) as console:
            ...
            back = await provider.vouch(address, "account-7")      # where a browser is led back to
            provider.behave(claims={"nonce": "another"})           # from now on

It dwells at another site (127.0.0.1) than the console (localhost), as browsers see it.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import html
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core.grants import OpenIDCode
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from fakes.console import web_papers
from fakes.nursery import breed
from fakes.ports import find_port

HOST = "127.0.0.1"
CLIENT = "tracepost-console"
SECRET = "a-secret-that-nobody-logs"
ACCESS_TOKEN = "an-access-token-that-nobody-keeps"
NAME = "Ministry account"
PATIENCE_S = 120.0


@dataclass(frozen=True)
class ProviderAtWork:
    """A provider that answers."""

    folder: Path
    issuer: str

    @property
    def settings(self) -> str:
        """Lines for the end of a console's settings."""
        return f"""
[oidc]
issuer = "{self.issuer}"
client_id = "{CLIENT}"
name = "{NAME}"
secret = "{self.folder / "secret"}"
ca = "{self.folder / "web.pem"}"
"""

    def behave(self, **ways: Any) -> None:
        """Be crooked in these ways from now on, and in no others; with none, be honest."""
        fresh = self.folder / "ways.new"
        fresh.write_text(json.dumps(ways))
        fresh.replace(self.folder / "ways.json")

    async def vouch(self, address: str, subject: str) -> str:
        """Sign in at an address of the provider as `subject`; return where the browser is led back to."""
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:
            answer = await client.post(address, data={"subject": subject}, timeout=PATIENCE_S)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@contextmanager
def running_provider(folder: Path) -> Iterator[ProviderAtWork]:
    """Run a provider; it is not of this process, and not of the town's people."""
    folder.mkdir(parents=True)
    papers, port = web_papers(HOST), find_port()
    (folder / "web.pem").write_bytes(papers.chain_pem)
    (folder / "web.key").write_bytes(papers.key_pem)
    (folder / "secret").write_text(f"{SECRET}\n")
    (folder / "secret").chmod(0o600)
    provider = ProviderAtWork(folder, f"https://{HOST}:{port}")
    provider.behave()
    process = breed("fakes.provider", [str(folder), str(port)], {}, folder / "log")
    try:
        _await_answer(provider, process)
        yield provider
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def _await_answer(provider: ProviderAtWork, process: Any) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert process.poll() is None, (provider.folder / "log").read_text()
        try:
            httpx.get(f"{provider.issuer}/jwks", verify=False, trust_env=False, timeout=PATIENCE_S)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the provider does not answer")


# ── the process ──────────────────────────────────────────────────────────────────────


class _Client(ClientMixin):
    def get_client_id(self) -> str:
        return CLIENT

    def get_allowed_scope(self, scope: str) -> str:
        return "openid"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.startswith("https://localhost:") and redirect_uri.endswith(
            "/sign-in/provider/back"
        )

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class _Code:
    subject: str
    asked: dict[str, str]
    code_challenge: str
    code_challenge_method: str
    signed_in_at: int

    def get_redirect_uri(self) -> str:
        return self.asked["redirect_uri"]

    def get_scope(self) -> str:
        return "openid"

    def get_nonce(self) -> str:
        return self.asked["nonce"]

    def get_auth_time(self) -> int:
        return self.signed_in_at

    def get_acr(self) -> str:
        return "card"

    def get_amr(self) -> list[str]:
        return ["pwd"]


class _Request(OAuth2Request):
    def __init__(self, method: str, uri: str, headers: Any, said: dict[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = BasicOAuth2Payload(said)
        self._said = said

    @property
    def args(self) -> dict[str, str]:
        return self._said

    @property
    def form(self) -> dict[str, str]:
        return self._said


class _Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as Authlib has it

    def save_authorization_code(self, code: str, request: Any) -> None:
        asked = dict(request.payload.data)
        self.server.codes[code] = _Code(
            request.user, asked, asked["code_challenge"], asked["code_challenge_method"], int(time.time())
        )

    def query_authorization_code(self, code: str, client: Any) -> _Code | None:
        found: _Code | None = self.server.codes.pop(code, None)
        return found

    def delete_authorization_code(self, authorization_code: Any) -> None:
        """It went when it was asked for."""

    def authenticate_user(self, authorization_code: _Code) -> str:
        return authorization_code.subject


class _Tokens(OpenIDCode):
    def __init__(self, home: _Home) -> None:
        super().__init__(require_nonce=True)
        self._home = home

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Any) -> Any:
        return self._home.key

    def get_client_algorithm(self, client: Any) -> str:
        return "ES256"

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        return {"iss": self._home.issuer, "aud": [CLIENT]}

    def get_encode_header(self, client: Any) -> dict[str, str]:
        return {"alg": "ES256", "kid": "first"}

    def generate_user_info(self, user: str, scope: str) -> dict[str, str]:
        return {"sub": user}

    def encode_id_token(self, token: Any, request: Any) -> str:
        honest: str = super().encode_id_token(token, request)
        ways = self._home.ways()
        if not ways.keys() & {"claims", "signs"}:
            return honest
        return self._home.sign_crookedly(honest, ways)


class _Home(AuthorizationServer):
    """A provider, honest but for its `ways`."""

    def __init__(self, folder: Path, issuer: str) -> None:
        super().__init__()
        self.folder, self.issuer = folder, issuer
        self.codes: dict[str, _Code] = {}
        self.key, self.another_key = (
            ECKey.generate_key("P-256", {"kid": name, "use": "sig"}) for name in ("first", "first")
        )
        self.register_grant(_Grant, [CodeChallenge(required=True), _Tokens(self)])
        generator = BearerTokenGenerator(access_token_generator=lambda **_said: ACCESS_TOKEN)
        self.register_token_generator("default", generator)
        issuer_named = IssuerParameter()
        issuer_named.get_issuer = lambda: issuer
        self.register_extension(issuer_named)

    def ways(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads((self.folder / "ways.json").read_text())
        return told

    def sign_crookedly(self, honest: str, ways: dict[str, Any]) -> str:
        body = honest.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | ways.get("claims", {})
        content = json.dumps({name: told for name, told in claims.items() if told is not None}).encode()
        match ways.get("signs"):
            case "nothing":
                return f'{_b64(b"""{"alg":"none"}""")}.{_b64(content)}.'
            case "public-key-as-secret":
                pem = self.key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                signed = _b64(b'{"alg":"HS256","kid":"first"}') + "." + _b64(content)
                return f"{signed}.{_b64(hmac.digest(pem, signed.encode(), 'sha256'))}"
            case "another-key":
                return jws.serialize_compact({"alg": "ES256", "kid": "first"}, content, self.another_key)
            case "a-key-in-the-head":
                head = {"alg": "ES256", "jwk": self.another_key.as_dict(private=False)}
                return jws.serialize_compact(head, content, self.another_key)
        return jws.serialize_compact({"alg": "ES256", "kid": "first"}, content, self.key)

    def query_client(self, client_id: str) -> _Client | None:
        return _Client() if client_id == CLIENT else None

    def save_token(self, token: Any, request: Any) -> None:
        """Nobody asks for what it opens."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Any) -> Any:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        named = dict(headers)
        content = json.dumps(body) if isinstance(body, dict) else body
        return _Told(content, status, named)

    # what it is asked

    async def tell_itself(self, request: Request) -> Response:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }
        return await self._told("itself", told | self.ways().get("itself", {}))

    async def tell_keys(self, request: Request) -> Response:
        return await self._told("keys", {"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        said = dict(request.query_params)
        asked = _Request("GET", str(request.url), request.headers, said)
        if request.method == "GET":
            words = "".join(f"<p>{html.escape(name)}: {html.escape(text)}</p>" for name, text in said.items())
            form = '<form method="post"><input name="subject"><button>Sign in</button></form>'
            return HTMLResponse(f"<!DOCTYPE html><title>Provider</title>{words}{form}")
        subject = str((await request.form())["subject"])
        grant = self.get_consent_grant(asked, end_user=subject)
        answer: Response = self.create_authorization_response(asked, grant_user=subject, grant=grant)
        changed = self.ways().get("leads_back_with")
        if changed is not None:
            address = httpx.URL(answer.headers["location"])
            query = {**dict(address.params), **changed}
            kept = urlencode({name: text for name, text in query.items() if text is not None})
            answer.headers["location"] = str(address.copy_with(query=kept.encode()))
        return answer

    async def give_token(self, request: Request) -> Response:
        said = {name: str(text) for name, text in (await request.form()).items()}
        asked = _Request("POST", str(request.url), request.headers, said)
        given: Response = self.create_token_response(asked)
        if given.status_code == 200 and self.ways().get("answers", {}).get("token"):
            return await self._told("token", {})
        return given

    async def _told(self, place: str, honest: dict[str, Any]) -> Response:
        match self.ways().get("answers", {}).get(place):
            case "huge":
                return JSONResponse(honest | {"more": "x" * 1_000_000})
            case "deep":
                return Response("[" * 100_000, media_type="application/json")
            case "never":
                await asyncio.Event().wait()
            case "elsewhere":
                return Response(status_code=302, headers={"location": f"{self.issuer}/jwks"})
            case "broken":
                return Response("a fault", status_code=502)
        return JSONResponse(honest)


class _Told(Response):
    @property
    def location(self) -> str:
        """Read and set by Authlib."""
        return self.headers.get("location", "")

    @location.setter
    def location(self, address: str) -> None:
        self.headers["location"] = address


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def main(arguments: Sequence[str]) -> int:
    """Serve until the process is ended."""
    folder, port = Path(arguments[0]), int(arguments[1])
    home = _Home(folder, f"https://{HOST}:{port}")
    app = Starlette(
        routes=[
            Route("/.well-known/openid-configuration", home.tell_itself),
            Route("/jwks", home.tell_keys),
            Route("/authorize", home.authorize, methods=["GET", "POST"]),
            Route("/token", home.give_token, methods=["POST"]),
        ]
    )
    uvicorn.run(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        lifespan="off",
        ssl_certfile=folder / "web.pem",
        ssl_keyfile=folder / "web.key",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

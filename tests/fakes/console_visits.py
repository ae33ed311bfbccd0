"""Officers at a console without a browser: its application asked in this process, beside a real node.

    async with visiting(town, "xaa", tmp_path / "console") as console:
        officer = await console.sign_in("7")
        answer = await officer.get("/search")
        answer = await officer.post("/search/mark", {"mark": "A123"})     # with the token of the page seen last

What TLS does in a console that serves stands in the call: the certificate that a browser would have shown.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from fakes.console import HOST, found_console
from fakes.ports import find_port
from fakes.town import Town
from tracepost.console.app import make_app
from tracepost.console.rooms import rooms_of
from tracepost.console.serving import open_house, read_console_papers
from tracepost.console.settings import CONFIG_NAME, load_settings
from tracepost.console.visit import House

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_SEEN = re.compile(r'name="seen" value="([^"]+)"')
_BOUNDARY = "a-boundary-that-nothing-holds"

File = tuple[str, bytes]
"""The name of a file as a browser tells it, and its content."""
Fields = Mapping[str, str | Sequence[str]]
"""What a form says: one text under a name, or several."""


@dataclass(frozen=True)
class Answer:
    """What the console answered; `sent` is how many bytes went over the line."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: int

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """What stands on the page, without its tags."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.text)).split())


@dataclass
class Visitor:
    """A browser's memory: who he is, what he was given to keep, the token of the form seen last."""

    app: ASGIApp
    origin: str
    chain: tuple[str, ...] = ()
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    language: str = "en"
    address: str = "127.0.0.1"

    async def get(self, path: str) -> Answer:
        """Ask for a page; a question mark begins its query."""
        return self._seen(await self._ask("GET", path, b"", {}))

    async def post(
        self, path: str, fields: Fields, files: Sequence[tuple[str, File]] = (), *, token: str = ""
    ) -> Answer:
        """Send a form; `token` in the place of the one of the page seen last."""
        said = _pairs({"form_token": token or self.token, **fields})
        if files:
            kind, body = f"multipart/form-data; boundary={_BOUNDARY}", _multipart(said, files)
        else:
            kind, body = "application/x-www-form-urlencoded", urlencode(said).encode()
        headers = {"content-type": kind, "content-length": str(len(body)), "origin": self.origin}
        return self._seen(await self._ask("POST", path, body, headers))

    async def ask(
        self, method: str, path: str, body: bytes = b"", *, token: str | None = None, **said: str
    ) -> Answer:
        """Bring bytes as a script does, with the token in a header; `said` are other headers, with low lines."""
        carried = self.token if token is None else token
        named = {name.replace("_", "-"): value for name, value in said.items()}
        headers = {"content-length": str(len(body)), "origin": self.origin, "form-token": carried, **named}
        return self._seen(await self._ask(method, path, body, headers))

    async def follow(self, answer: Answer) -> Answer:
        """Go where an answer leads."""
        assert answer.status == 303, (answer.status, answer.words)
        return await self.get(answer.headers["location"])

    async def begin(self, guide: str, case: str = "") -> str:
        """Begin a message; return the address of its draft."""
        answer = await self.post("/drafts/begin", {"guide": guide, "case": case})
        assert answer.status == 303, answer.words
        return "/".join(answer.headers["location"].split("/")[:3])

    async def write(self, draft: str, page: str, fields: Fields) -> Answer:
        """Fill a page of a draft in, which takes it; return the page that it leads to."""
        return await self.follow(await self.post(f"{draft}/{page}", fields))

    async def send(self, draft: str) -> Answer:
        """Send a draft as its last page shows it; return the page that says so."""
        shown = await self.get(f"{draft}/check")
        seen = _SEEN.search(shown.text)
        assert seen is not None, shown.words
        return await self.follow(await self.post(f"{draft}/send", {"seen": unescape(seen.group(1))}))

    def _seen(self, answer: Answer) -> Answer:
        found = _TOKEN.search(answer.body.decode("utf-8", "replace"))
        self.token = found.group(1) if found else self.token
        return answer

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        plain, _, query = path.partition("?")
        said = {
            "host": self.origin.partition("//")[2],
            "accept-encoding": "gzip",
            "accept-language": self.language,
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **headers,
        }
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": plain,
            "raw_path": plain.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in said.items()],
            "client": (self.address, 1),
            "server": (HOST, 443),
            "extensions": {"tls": {"client_cert_chain": self.chain}} if self.chain else {},
        }
        incoming, outgoing = [{"type": "http.request", "body": body, "more_body": False}], list[Message]()

        async def receive() -> Message:
            if not incoming:
                await asyncio.Event().wait()  # nobody goes away
            return incoming.pop()

        async def send(message: Message) -> None:
            outgoing.append(message)

        await self.app(scope, receive, send)
        return self._answered(outgoing)

    def _answered(self, messages: Sequence[Any]) -> Answer:
        first, *rest = messages
        pairs = [(name.decode().lower(), value.decode()) for name, value in first["headers"]]
        for name, value in pairs:
            if name == "set-cookie":
                self.cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        headers = dict(pairs)
        sent = b"".join(one.get("body", b"") for one in rest)
        body = gzip.decompress(sent) if headers.get("content-encoding") == "gzip" else sent
        return Answer(first["status"], headers, body, len(sent))


@dataclass(frozen=True)
class Counter:
    """A console of one member of a town."""

    town: Town
    member: str
    app: ASGIApp
    origin: str
    house: House

    async def sign_in(self, officer: str, *, language: str = "en", address: str = "127.0.0.1") -> Visitor:
        """Return an officer who has signed in with his certificate, from `address`."""
        issued = self.town.residents[self.member].officers[officer]
        chain = tuple(
            f"-----BEGIN CERTIFICATE-----{one}"
            for one in issued.chain_pem.decode().split("-----BEGIN CERTIFICATE-----")[1:]
        )
        visitor = Visitor(self.app, self.origin, chain, language=language, address=address)
        await visitor.get("/sign-in")
        answer = await visitor.post("/sign-in/certificate", {})
        assert (answer.status, answer.headers.get("location")) == (303, "/"), answer.words
        await visitor.get("/")
        return visitor


@asynccontextmanager
async def visiting(town: Town, member: str, folder: Path, *, session: str = "") -> AsyncIterator[Counter]:
    """Give the application of a member's console; nothing listens."""
    port = find_port()
    found_console(town.residents[member], folder, port, session)
    settings = load_settings(folder / CONFIG_NAME)
    async with open_house(settings, read_console_papers(settings)) as house:
        yield Counter(town, member, make_app(house, rooms_of(settings)), settings.origin, house)


def _pairs(fields: Fields) -> list[tuple[str, str]]:
    told = ((name, [said] if isinstance(said, str) else said) for name, said in fields.items())
    return [(name, one) for name, said in told for one in said]


def _multipart(fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, File]]) -> bytes:
    parts = [
        f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    parts += [
        f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"; filename="{told}"\r\n'.encode()
        + b"content-type: application/octet-stream\r\n\r\n"
        + content
        + b"\r\n"
        for name, (told, content) in files
    ]
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()

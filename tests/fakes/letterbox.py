"""A mail server and a web server on loopback that keep what they are given."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from fakes.ports import find_port
from fakes.strange_tls import make_stranger

_STARTED_SECONDS = 120


@dataclass
class Letterbox:
    """What came, by mail and by web; `port` is of the mail server."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    aside: str = ""
    """What has this in its subject is put aside."""
    put_aside: list[EmailMessage] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    """Of what came by web."""
    refuses: int = 0
    """So many mails are not taken, for now."""
    raw: list[bytes] = field(default_factory=list)
    """All that was sent, by mail and by web, taken or not."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        if self.refuses:
            self.refuses -= 1
            return "451 later"
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if self.aside and self.aside in str(message["Subject"]):
            self.put_aside.append(message)
            return "250 OK"
        self.recipients.append(list(envelope.rcpt_tos))
        self.mails.append(message)  # last: it is what tests wait for
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """Run a mail server without TLS, as on the machine itself."""
    box = Letterbox(find_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=_STARTED_SECONDS)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def guarded_letterbox(folder: Path, login: str, password: str) -> Iterator[Letterbox]:
    """Run a mail server that takes nothing without STARTTLS and a login; its authority is `ca.pem` in `folder`."""
    context = make_context(folder)
    box = Letterbox(find_port())

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (login.encode(), password.encode()))

    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        ready_timeout=_STARTED_SECONDS,
        tls_context=context,
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def make_context(folder: Path) -> ssl.SSLContext:
    """Return what a server of 127.0.0.1 shows, and write its authority into `folder` as `ca.pem`."""
    stranger = make_stranger("mail authority")
    chain, key = stranger.issue("127.0.0.1")
    (folder / "ca.pem").write_bytes(stranger.pem)
    (folder / "server.pem").write_bytes(chain + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@contextmanager
def web_letterbox(box: Letterbox, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Run a web server that keeps JSON, over TLS if there is a context for it; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.raw.append(body)
            box.headers.append(dict(self.headers))
            box.posts.append(orjson.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with _serving(Handler, context) as address:
        yield address


@contextmanager
def elsewhere(asked: list[str]) -> Iterator[str]:
    """Run a web server that sends everybody to another page of its own; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(f"POST {self.path}")
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(302)
            self.send_header("Location", "/login")
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with _serving(Handler) as address:
        yield address


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", find_port()), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}/tracepost"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

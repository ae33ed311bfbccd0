"""Our log over HTTP, for auditors and foreign witnesses: C2SP tlog-tiles and tlog-witness. Off unless it is asked for.

    GET   /checkpoint                       the newest head, with the lines of its witnesses
    GET   /tile/<L>/<N>[.p/<W>]             hashes
    GET   /tile/entries/<N>[.p/<W>]         leaf data: digests of salted entries, public papers as they are
    POST  /add-checkpoint                   cosigns a head of another member's log

HTTP/1.1 in clear, one request after the other on a connection: it listens on a loopback address, and a reverse
proxy in front of it speaks TLS and asks for certificates. Nothing here is confidential by itself; how fast a log
grows says how busy a member is, so who may read it is for the member to decide.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

from tracepost.node.ports.store import Evidence
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.evidence import WitnessReply
from tracepost.protocol.evidence.witness import SUBMISSION_LIMIT

_WIDTH: Final = 256
_HEADER_LIMIT: Final = 8192
_IDLE_S: Final = 60.0
_CONNECTIONS: Final = 64
_TILE = re.compile(
    r"/tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z"
)
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_BRIEF: Final = "public, max-age=5"
_REASONS: Final = {
    200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict", 413: "Content Too Large", 422: "Unprocessable Entity",
}  # fmt: skip

Answer = tuple[WitnessReply, str]
"""What is answered, and how long it may be kept (Cache-Control)."""


class LogServer:
    """One per process; used on the event loop."""

    def __init__(
        self,
        evidence: Evidence,
        checkpoint: Callable[[], str],
        add_checkpoint: Callable[[bytes], Awaitable[WitnessReply]],
    ) -> None:
        self._evidence = evidence
        self._checkpoint = checkpoint
        self._add_checkpoint = add_checkpoint
        self._open = 0

    async def run(self, address: str) -> None:
        """Serve at `host:port` until cancelled; raise `ConfigurationError` if that address cannot be had."""
        host, _, port = address.rpartition(":")
        try:
            server = await asyncio.start_server(self._accept, host, int(port), limit=_HEADER_LIMIT)
        except OSError as error:
            raise ConfigurationError(
                f"the log cannot be served: {error.strerror}", where="log.serve", reason="address"
            ) from error
        async with server:
            await server.serve_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= _CONNECTIONS:
                while await self._answer_one(reader, writer):
                    pass
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # whoever is at the other end does not speak HTTP, or has gone
        finally:
            self._open -= 1
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read a request and answer it; say whether another may follow."""
        async with asyncio.timeout(_IDLE_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.split("\r\n")
            method, target, version = line.split(" ")
            headers = {
                name.strip().lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
            }
            length = int(headers.get("content-length", "0"))
            if not 0 <= length <= SUBMISSION_LIMIT or "transfer-encoding" in headers:
                await _write(writer, (WitnessReply(413), _BRIEF), last=True, with_body=True)
                return False
            body = await reader.readexactly(length)
        last = version != "HTTP/1.1" or headers.get("connection", "").lower() == "close"
        answer = await self.answer(method, target.partition("?")[0], body)
        await _write(writer, answer, last=last, with_body=method != "HEAD")
        return not last

    async def answer(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Return the answer to one request."""
        if path == "/add-checkpoint":
            reply = await self._add_checkpoint(body) if method == "POST" else WitnessReply(405)
            return reply, "no-store"
        if method not in ("GET", "HEAD"):
            return WitnessReply(405), _BRIEF
        if path == "/checkpoint":
            return WitnessReply(200, self._checkpoint().encode("utf-8")), _BRIEF
        match = _TILE.match(path)
        data = await asyncio.to_thread(self._tile, match) if match else b""
        if not data:
            return WitnessReply(404), _BRIEF
        return WitnessReply(200, data, "application/octet-stream"), _IMMUTABLE

    def _tile(self, match: re.Match[str]) -> bytes:
        """Return a tile as it was when it had the width that is asked for; nothing, if it never had."""
        index = int(match[2].replace("x", "").replace("/", ""))
        width = int(match[3]) if match[3] else _WIDTH
        if width > _WIDTH or (match[3] and width == _WIDTH):
            return b""
        if match[1] == "entries":
            return self._evidence.read_entries(index * _WIDTH, width)
        hashes = self._evidence.read_block(int(match[1]), index)[: width * 32]
        return hashes if len(hashes) == width * 32 else b""


async def _write(writer: asyncio.StreamWriter, answer: Answer, *, last: bool, with_body: bool) -> None:
    reply, cache = answer
    lines = [
        f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Unknown')}",
        f"Content-Type: {reply.content_type}",
        f"Content-Length: {len(reply.body)}",
        f"Cache-Control: {cache}",
        "X-Content-Type-Options: nosniff",
        *(["Connection: close"] if last else []),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (reply.body if with_body else b""))
    await writer.drain()

"""The pages of a daemon for machines, over HTTP on one address: metrics, and how it is.

    /metrics    what Prometheus reads
    /healthz    200 while the event loop turns, else 503: a supervisor may start it anew
    /readyz     200 while it takes work, else 503 with the state in words: a load balancer sends work elsewhere

Without a certificate, and without anything about members' mail but counts: loopback by habit. Sixteen readers at
once; who comes then takes the place of who was there longest, so that connections that say nothing take neither threads
nor files from the daemon, and keep no probe out.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Protocol

import orjson
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from tracepost.protocol.errors import ConfigurationError
from tracepost.serving.vitals import State

READERS_AT_ONCE: Final = 16
_POLL_SECONDS = 0.05
_JSON = "application/json"
_Page = tuple[int, str, bytes]


class Shown(Protocol):
    """How a daemon is; asked from any thread."""

    @property
    def is_alive(self) -> bool:
        """Whether its event loop turns."""

    @property
    def state(self) -> State:
        """What it says of itself."""


def serve_pages(address: str, registry: CollectorRegistry, vitals: Shown) -> Callable[[], None]:
    """Serve the pages on `address` (host:port); return what stops it.

    Raises:
        ConfigurationError: the address cannot be had.
    """
    host, _, port = address.rpartition(":")
    try:
        server = _Server((host.strip("[]") or "127.0.0.1", int(port)), _handler(registry, vitals))
    except (OSError, ValueError, OverflowError) as error:
        raise ConfigurationError("the metrics address cannot be had", where="metrics") from error
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="pages", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a reader that keeps its connection does not hinder the end

    def __init__(self, *told: Any) -> None:
        self._readers: list[socket.socket] = []
        self._changing = threading.Lock()
        super().__init__(*told)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a reader in a thread; let the one go that was there longest if there are too many."""
        with self._changing:
            self._readers.append(request)
            longest = self._readers.pop(0) if len(self._readers) > READERS_AT_ONCE else None
        if longest is not None:
            with suppress(OSError):  # its thread ends by that, and closes it
                longest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Let a reader go."""
        with self._changing, suppress(ValueError):
            self._readers.remove(request)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """Say nothing of readers that go away: the lines of a daemon are its log's."""


def _handler(registry: CollectorRegistry, vitals: Shown) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_GET(self) -> None:
            status, kind, body = _page(self.path.partition("?")[0], self.headers.get("Accept", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: what is asked here is no event."""

    def _page(path: str, accept: str) -> _Page:
        if path == "/metrics":
            encode, kind = choose_encoder(accept)
            return 200, kind, encode(registry)
        if path == "/healthz":
            return _say(vitals.is_alive, "alive" if vitals.is_alive else "stuck")
        if path == "/readyz":
            return _say(vitals.is_alive and vitals.state is State.READY, vitals.state)
        return 404, _JSON, b"{}"

    return Handler


def _say(well: bool, state: str) -> _Page:
    return (200 if well else 503), _JSON, orjson.dumps({"state": str(state)})

"""The listener: TLS 1.3, and an officer's certificate, if the browser shows one.

Who has no certificate comes in too, and signs in with a passkey; who shows one has proved by the handshake that the
key is his. That the certificate leads to our own member's root is asked here, all else of it by the node.

The application finds the chain where ASGI's extension for TLS puts it: `scope["extensions"]["tls"]`. uvicorn
does not fill it in, hence the protocol below.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from uvicorn.protocols.http.h11_impl import H11Protocol

from tracepost.protocol.errors import ConfigurationError

HEAD_S: Final = 45.0
"""How long a connection may stay without a whole head of a request, and twice that at most."""


def make_context(certificate: Path, key: Path, root: Path) -> ssl.SSLContext:
    """Return the server's side of TLS.

    Args:
        certificate: what browsers are shown, leaf first.
        key: its key, not encrypted.
        root: what officers' certificates lead to.

    Raises:
        ConfigurationError: a file is missing or does not fit.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_OPTIONAL
    # No session tickets: a resumed connection shows no certificate of its own.
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET
    try:
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(root)
    except OSError as fault:
        raise ConfigurationError(
            "the papers for browsers do not open", where=f"{certificate}, {key}, {root}"
        ) from fault
    return context


def protocol_class(intermediates: tuple[x509.Certificate, ...]) -> type[H11Protocol]:
    """Return uvicorn's protocol, which also tells the application what certificate the browser shows.

    `intermediates` may stand between an officer's certificate and the root; Python's `ssl` gives the leaf alone.
    """

    class ShowingProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            if shown is not None:
                self.app = _showing(self.app, _chain(shown, intermediates))
            self._look = self.loop.call_later(HEAD_S, self._look_again, self.cycle)

        def connection_lost(self, exc: Exception | None) -> None:
            self._look.cancel()
            super().connection_lost(exc)

        def _look_again(self, before: object) -> None:
            """End a connection that has brought no whole head of a request since the last look: places are few."""
            waits = self.cycle is None or self.cycle.response_complete
            if waits and self.cycle is before:
                self.transport.abort()
            else:
                self._look = self.loop.call_later(HEAD_S, self._look_again, self.cycle if waits else self)

    return ShowingProtocol


def _chain(leaf_der: bytes, intermediates: tuple[x509.Certificate, ...]) -> tuple[str, ...]:
    leaf = x509.load_der_x509_certificate(leaf_der)
    above = [one for one in intermediates if one.subject == leaf.issuer]
    return (
        ssl.DER_cert_to_PEM_cert(leaf_der),
        *(one.public_bytes(Encoding.PEM).decode() for one in above),
    )


def _showing(app: Any, chain: tuple[str, ...]) -> Any:
    async def shown(scope: Any, receive: Any, send: Any) -> None:
        extensions = {**scope.get("extensions", {}), "tls": {"client_cert_chain": chain}}
        await app({**scope, "extensions": extensions}, receive, send)

    return shown

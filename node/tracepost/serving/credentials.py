"""TLS 1.3 with certificates on both sides, replaceable without a restart.

gRPC for Python has no option for the TLS version. What works, and was measured: the only
TLS 1.2 suite that is left (set in the package, before the C core is loaded) needs an RSA
certificate, and ours are P-256, so that no 1.2 handshake can begin; 1.3 suites are chosen
elsewhere and stay. That this holds is proved at every start (`prove_tls13_only`) and asked
again per call from the call's own authentication context (`callers`).

TLS proves that the caller belongs to *some* member. Whose it is, against that member's own
roots, is decided per call (`callers`); gRPC keeps old connections, so revocation is too.

    credentials = server_credentials(lambda: Papers(key_pem, chain_pem, roots_pem))
    channel = open_channel("node.xab.example:7443", papers, dns_name(Role.NODE, member, domain))
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import grpc

from tracepost.protocol.errors import ConfigurationError

MAX_MESSAGE_BYTES = 24 * 1024 * 1024
"""Largest gRPC message: one envelope of the largest size class with its frame, and room."""

CUT_OFF_BYTES = 2 * MAX_MESSAGE_BYTES
"""Where gRPC itself cuts off; between the two the chain refuses, with a typed reason and an audit event."""

_DIAL_TIMEOUT_SECONDS = 10.0
_HANDSHAKE_RECORD = b"\x16"  # RFC 8446, 5.1; a refusal is an alert or the end of the connection

_TRANSPORT_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", CUT_OFF_BYTES),
    ("grpc.max_send_message_length", CUT_OFF_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.keepalive_permit_without_calls", 1),
)


@dataclass(frozen=True, slots=True)
class Papers:
    """What one side of a connection shows and whom it believes; all in PEM.

    `chain` has the leaf first. `roots` are the authorities of those who may dial (for a
    server) or of the one member that is dialled (for a client).
    """

    private_key: bytes = field(repr=False)
    chain: bytes = field(repr=False)
    roots: bytes = field(repr=False)


def server_credentials(
    fetch: Callable[[], Papers], *, ask_certificate: bool = True
) -> grpc.ServerCredentials:
    """Return credentials that take key, chain and client roots anew from `fetch` at every handshake.

    Args:
        fetch: called in a thread of gRPC, so cheap and thread-safe; what it raises after the
            first time keeps the papers of before.
        ask_certificate: False only for an authority's enrolment, whose callers have none yet.

    Raises:
        ConfigurationError: the first papers are not PEM key and chain.
    """
    first = fetch()
    shown = [first]

    def replace() -> grpc.ServerCertificateConfiguration | None:
        papers = fetch()
        if papers == shown[0]:
            return None
        shown[0] = papers
        return _certificate_configuration(papers, ask_certificate=ask_certificate)

    return grpc.dynamic_ssl_server_credentials(
        _certificate_configuration(first, ask_certificate=ask_certificate),
        replace,  # type: ignore[arg-type]  # gRPC documents None for "unchanged"; its stub does not
        require_client_authentication=ask_certificate,
    )


def channel_credentials(papers: Papers) -> grpc.ChannelCredentials:
    """Return credentials with which a client shows `papers`; a renewed certificate needs a new channel."""
    return grpc.ssl_channel_credentials(papers.roots, papers.private_key, papers.chain)


def open_channel(address: str, papers: Papers, name: str, proxy: str = "") -> grpc.aio.Channel:
    """Return a channel to `address` (host:port) that believes only a certificate for `name`.

    The name is the other node's identity (`identity.dns_name`) and need not be its address in DNS.
    `proxy` (`http://host:port`) is asked to connect to `address`; it sees the address and TLS, and no more.
    Proxies that the environment names are left alone: they would see who talks to whom.
    """
    options: Sequence[tuple[str, str | int]] = (
        *_TRANSPORT_OPTIONS,
        ("grpc.ssl_target_name_override", name),
        # A peer that comes back is met within seconds, also after a long absence.
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 10_000),
        ("grpc.http_proxy", proxy) if proxy else ("grpc.enable_http_proxy", 0),
    )
    return grpc.aio.secure_channel(address, channel_credentials(papers), options)


def server_options() -> list[tuple[str, int]]:
    """Return the transport options that both sides of a stream share."""
    return [*_TRANSPORT_OPTIONS, ("grpc.http2.min_ping_interval_without_data_ms", 10_000)]


def prove_tls13_only(port: int, host: str = "127.0.0.1") -> None:
    """Dial our own port with TLS 1.2 and with 1.3; blocking, so run it in a thread.

    What counts is whether the server answers the client's hello with its own: a handshake
    that goes on and fails later, for want of a client certificate, would be 1.2 accepted.

    Raises:
        ConfigurationError: 1.2 was accepted, or the port answers no 1.3 hello, in which case
            the refusal of 1.2 would prove nothing.
    """
    if _answers_hello(host, port, ssl.TLSVersion.TLSv1_2):
        raise ConfigurationError(
            "the server accepts TLS 1.2",
            where="tls",
            reason="tls-version",
            remedy="Use a P-256 certificate, and import tracepost.serving before grpc.",
        )
    if not _answers_hello(host, port, ssl.TLSVersion.TLSv1_3):
        raise ConfigurationError("the port answers no TLS 1.3 hello", where="tls", reason="no-handshake")


def _answers_hello(host: str, port: int, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing).do_handshake()
    try:
        with socket.create_connection((host, port), _DIAL_TIMEOUT_SECONDS) as connection:
            connection.sendall(outgoing.read())
            return connection.recv(1) == _HANDSHAKE_RECORD
    except ConnectionRefusedError:
        raise ConfigurationError("nothing listens on the port", where="tls", reason="no-listener") from None
    except OSError:
        return False


def _certificate_configuration(
    papers: Papers, *, ask_certificate: bool
) -> grpc.ServerCertificateConfiguration:
    if b"PRIVATE KEY" not in papers.private_key or b"BEGIN CERTIFICATE" not in papers.chain:
        raise ConfigurationError("the node certificate and its key are needed as PEM", where="tls")
    roots = papers.roots if ask_certificate else None
    return grpc.ssl_server_certificate_configuration([(papers.private_key, papers.chain)], roots)

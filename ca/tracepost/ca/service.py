"""The enrolment service: parse, ask the authority, render.

TLS 1.3 with a certificate that the authority issues to itself, its key in memory only and
renewed while the daemon runs. Callers have no certificate yet: their token pins the root for
them, and the authority believes token and nonce. What the authority does touches the disk, so it
runs in threads.

The daemon also keeps the revocation list fresh: a new one is published when half of the old
one's life is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Hashable, Sequence
from importlib import resources
from typing import NoReturn

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tracepost.ca.authority import Authority
from tracepost.ca.clock import Clock, wall_clock
from tracepost.protocol.errors import IdentityError, TracepostError
from tracepost.protocol.identity import Identity, unix_seconds
from tracepost.protocol.schema import validate
from tracepost.serving.credentials import Papers, server_credentials
from tracepost.serving.interceptors import CallChain, CallEvent, CallMetrics, ChainParts, Context
from tracepost.serving.methods import MethodTable
from tracepost.serving.server import Daemon, RunningServer, Service, build_server
from tracepost.serving.supervisor import READY, tell_supervisor
from tracepost.serving.telemetry import Meter
from tracepost.wire.v1 import enrolment_pb2, enrolment_pb2_grpc

_DRAIN_S = 10.0
_LOOK_AT_LIST_S = 600.0
_log = structlog.get_logger()


class EnrolmentService(enrolment_pb2_grpc.EnrolmentServicer):
    """`Enrolment` of the wire schema, over an authority."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    async def Begin(  # noqa: N802 - the name of the RPC
        self, request: enrolment_pb2.BeginRequest, context: Context
    ) -> enrolment_pb2.BeginResponse:
        """Token and request for a nonce."""
        del context
        validate(request)
        desk_key = request.hpke_public_key if request.HasField("hpke_public_key") else None
        challenge = await asyncio.to_thread(self._authority.begin, request.token, request.csr, desk_key)
        return enrolment_pb2.BeginResponse(session=challenge.session, sealed_nonce=challenge.sealed_nonce)

    async def Finish(  # noqa: N802 - the name of the RPC
        self, request: enrolment_pb2.FinishRequest, context: Context
    ) -> enrolment_pb2.FinishResponse:
        """The opened nonce for a certificate."""
        del context
        validate(request)
        nonce = request.nonce if request.HasField("nonce") else None
        chain = await asyncio.to_thread(self._authority.finish, request.session, nonce)
        return enrolment_pb2.FinishResponse(
            chain=[certificate.public_bytes(serialization.Encoding.DER) for certificate in chain]
        )


async def start_enrolment(
    authority: Authority, address: str, *, meter: Meter | None = None, clock: Clock = wall_clock
) -> tuple[RunningServer, CallChain]:
    """Start the service on `address` (host:port, port 0 for any) and return it with its call chain.

    Raises `ConfigurationError` if the address cannot be had or the root key is locked.
    """
    papers = _ServerPapers(authority, clock)
    credentials = server_credentials(papers.fetch, ask_certificate=False)
    chain = CallChain(
        ChainParts(
            table=MethodTable.from_toml(resources.files(__package__).joinpath("methods.toml").read_text()),
            checker=_Nobody(),
            own_member=authority.settings.member,
            auditor=_LogAuditor(),
            metrics=CallMetrics(meter or Meter("ca")),
            clock=clock,
        )
    )
    descriptor = enrolment_pb2.DESCRIPTOR.services_by_name["Enrolment"]
    servicer = EnrolmentService(authority)
    service = Service(
        descriptor, lambda server: enrolment_pb2_grpc.add_EnrolmentServicer_to_server(servicer, server)
    )
    return await build_server(address, credentials, [service], chain), chain


async def serve(
    authority: Authority,
    address: str,
    daemon: Daemon,
    *,
    meter: Meter | None = None,
    listening: Callable[[int], None] = lambda _port: None,
) -> None:
    """Serve until the daemon is told to stop; `listening` is called with the port."""
    server, chain = await start_enrolment(authority, address, meter=meter)
    try:
        daemon.hear_refusals(chain.handshake_refused)
        listening(server.port)
        tell_supervisor(READY)
        await _keep_list_fresh(authority, daemon.stop)
    finally:
        await server.drain(_DRAIN_S)


async def _keep_list_fresh(authority: Authority, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(authority.renew_crl)
        except TracepostError as error:
            _log.error("list-not-renewed", exc_info=error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_AT_LIST_S)


class _ServerPapers:
    """The service's own key and certificate; new ones when two thirds of their life are over."""

    def __init__(self, authority: Authority, clock: Clock) -> None:
        self._authority = authority
        self._clock = clock
        self._lock = threading.Lock()
        self._papers: Papers | None = None
        self._renew_at = 0

    def fetch(self) -> Papers:
        """Return the papers of now; called by gRPC at every handshake, from any thread."""
        with self._lock:
            if self._papers is None or self._clock() >= self._renew_at:
                self._papers = self._renew()
            return self._papers

    def _renew(self) -> Papers:
        key, chain = self._authority.issue_server()
        begins = unix_seconds(chain[0].not_valid_before_utc)
        ends = unix_seconds(chain[0].not_valid_after_utc)
        self._renew_at = begins + (ends - begins) * 2 // 3
        return Papers(
            private_key=key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            chain=b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain),
            roots=b"",
        )


class _Nobody:
    """Knows no caller: every method here is open, and a certificate opens nothing."""

    def trust_version(self) -> Hashable:
        """Nothing changes."""
        return 0

    def identify(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], *, at: int
    ) -> NoReturn:
        """Refuse: nobody is known by certificate here."""
        del leaf, intermediates, at
        raise IdentityError("this service knows nobody by certificate", reason="no-callers")

    def recheck(self, identity: Identity, *, at: int) -> NoReturn:
        """Refuse likewise."""
        del identity, at
        raise IdentityError("this service knows nobody by certificate", reason="no-callers")


class _LogAuditor:
    """Writes the audit to the log; what was issued is in the authority's own database."""

    async def record(self, event: CallEvent) -> None:
        """Write one line."""
        _log.info("audit", method=event.method, outcome=event.outcome, reason=event.reason, where=event.where)

"""What a daemon brings to the serving room, for tests: trust in memory, an audit that remembers, a server.

trust = FakeTrust(xaa, xab)
async with serving(trust, node, services, TABLE) as served:
    async with served.dial(xab_node) as channel: ...
trust.revoke(xab_node.certificate)
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from cryptography import x509

from fakes.pki import DOMAIN, Authority, Issued
from tracepost.protocol.errors import TrustError
from tracepost.protocol.identity import Revocations, RevocationView, Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.serving.callers import MemberChecker
from tracepost.serving.credentials import Papers, open_channel, server_credentials
from tracepost.serving.interceptors import CallChain, CallEvent, CallMetrics, ChainParts
from tracepost.serving.limits import CallsInHand
from tracepost.serving.methods import MethodTable
from tracepost.serving.server import Drain, RunningServer, ServerOptions, Service, build_server
from tracepost.serving.telemetry import Meter

HEALTH_ROWS = """
["/grpc.health.v1.Health/Check"]
roles = ["node", "officer"]
members = "any"
audited = false

["/grpc.health.v1.Health/List"]
roles = ["node", "officer"]
members = "any"
audited = false

["/grpc.health.v1.Health/Watch"]
roles = ["node", "officer"]
members = "any"
audited = false

["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"]
roles = ["node", "officer"]
members = "any"
audited = false
"""


class FakeTrust:
    """A `TrustView` over authorities; members come, go and revoke while a server runs."""

    def __init__(self, *authorities: Authority) -> None:
        self.authorities = {authority.member: authority for authority in authorities}
        self.crls = Revocations()
        self.changes = 0

    def version(self) -> Hashable:
        return self.changes

    def roots_of(self, member: MemberId) -> Sequence[x509.Certificate]:
        authority = self.authorities.get(member)
        if authority is None:
            raise TrustError("the member is not listed", reason="unknown-member")
        return [authority.certificate]

    def revocations(self) -> RevocationView:
        return self.crls

    def revoke(self, member: str, certificate: x509.Certificate) -> None:
        authority = self.authorities[MemberId(member)]
        number = (self.crls.number(authority.member) or 0) + 1
        self.crls = self.crls.with_crl(
            authority.member,
            authority.crl([certificate], number=number),
            [authority.certificate],
            domain=DOMAIN,
            now=int(time.time()),
        )

    def exclude(self, member: str) -> None:
        del self.authorities[MemberId(member)]
        self.changes += 1

    def roots_pem(self) -> bytes:
        return b"".join(authority.pem for authority in self.authorities.values())


@dataclass
class RecordingAuditor:
    """Remembers what it was told; fails with `failure`, if set."""

    events: list[CallEvent] = field(default_factory=list)
    failure: Exception | None = None

    async def record(self, event: CallEvent) -> None:
        if self.failure is not None:
            raise self.failure
        self.events.append(event)


@dataclass
class Served:
    """A server that runs, and how to dial it."""

    server: RunningServer
    own: Authority
    chain: CallChain
    auditor: RecordingAuditor
    drain: Drain

    @asynccontextmanager
    async def dial(self, caller: Issued, *, name: str | None = None) -> AsyncIterator[grpc.aio.Channel]:
        papers = Papers(caller.key_pem, caller.chain_pem, self.own.pem)
        channel = open_channel(
            f"127.0.0.1:{self.server.port}", papers, name or dns_name(Role.NODE, self.own.member, DOMAIN)
        )
        try:
            yield channel
        finally:
            await channel.close()


@asynccontextmanager
async def serving(
    trust: FakeTrust,
    own: Authority,
    services: Sequence[Service],
    table: str,
    *,
    options: ServerOptions | None = None,
    papers: list[Papers] | None = None,
    in_hand: CallsInHand | None = None,
) -> AsyncIterator[Served]:
    """Serve `services` as a node of `own`; `papers[-1]`, if given, are what it shows."""
    node = own.issue(Role.NODE)

    def fetch() -> Papers:
        return papers[-1] if papers else Papers(node.key_pem, node.chain_pem, trust.roots_pem())

    auditor = RecordingAuditor()
    chain = CallChain(
        ChainParts(
            table=MethodTable.from_toml(table + HEALTH_ROWS),
            checker=MemberChecker(trust, DOMAIN),
            own_member=own.member,
            auditor=auditor,
            metrics=CallMetrics(Meter("test")),
            in_hand=in_hand or CallsInHand(),
        )
    )
    drain = Drain()
    server = await build_server("127.0.0.1:0", server_credentials(fetch), services, chain, drain, options)
    try:
        yield Served(server, own, chain, auditor, drain)
    finally:
        await server.drain(0)

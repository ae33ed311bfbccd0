"""What a node shows on the wire, and how it asks others of the heads of its log."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.node import installation
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.bootstrap.keys import Keys
from tracepost.node.config import NodeConfig
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store
from tracepost.node.post.resuming import Ask
from tracepost.protocol.certificate import load_chain
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.serving.credentials import Papers as TlsPapers
from tracepost.serving.credentials import open_channel
from tracepost.serving.own_head import OwnHead, Place
from tracepost.serving.pouch_files import NodeSeal
from tracepost.serving.problems import error_of_call
from tracepost.serving.witness_calls import WitnessCalls
from tracepost.serving.witnessed import Submit
from tracepost.wire.v1 import post_pb2_grpc
from tracepost.wire.v1.post_pb2 import ResumedMail, ResumeRequest


@dataclass(frozen=True, slots=True)
class OwnTls:
    """What we show in a handshake, and whom we believe in which."""

    key: bytes = field(repr=False)
    chain: bytes
    papers: Papers
    us: MemberId

    def of_all(self) -> TlsPapers:
        """For peers and relays: every member's roots; whose leaf it is, is judged by member afterwards."""
        roots = [r for m in self.papers.trust.members for r in m.root_certificates()]
        return TlsPapers(self.key, self.chain, _pem(roots))

    def of_own(self) -> TlsPapers:
        """For our own officers: our roots only."""
        return self.for_peer(self.us)

    def for_peer(self, peer: MemberId) -> TlsPapers:
        """For dialling one member: its roots only."""
        return TlsPapers(self.key, self.chain, _pem(self.papers.roots_of(peer)))


def tls_papers(config: NodeConfig, keys: Keys, papers: Papers) -> OwnTls:
    """Return what the node shows of its own on the wire, and whom it believes there."""
    key = installation.load_key(keys.store, "node").private_bytes(
        Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return OwnTls(key, installation.read_chain(config, "node"), papers, config.member)


def make_seal(config: NodeConfig, keys: Keys) -> NodeSeal:
    """Return what a pouch is signed with."""
    chain = load_chain(installation.read_chain(config, "node"))
    return NodeSeal.of(chain, installation.load_key(keys.store, "node"))


def _pem(certificates: Sequence[Any]) -> bytes:
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


def places_to_ask(config: NodeConfig, papers: Papers) -> list[Place]:
    """Return whom we can ask: our relays, then peers that can be dialled; nobody, without a line."""
    if not config.post.line:
        return []
    relays = [(relay.member, relay.address) for relay in config.relays]
    peers = [
        (entry.member, entry.direct_address)
        for entry in papers.entries()
        if entry.direct_address and entry.member != config.member
    ]
    return [*relays, *peers]


def make_own_head(config: NodeConfig, keys: Keys, store: Store, papers: Papers) -> OwnHead:
    """Return what compares our store with the newest head of ours that others know of."""
    asking = asker_of(config, tls_papers(config, keys, papers), str(keys.log.origin))
    return OwnHead(LogVerifier([keys.log.vkey]), store.evidence, config.folder, asking)


def asker_of(config: NodeConfig, tls: OwnTls, origin: str) -> Callable[[Place], Awaitable[str]]:
    """Return what asks a relay or peer for the longest head that it knows of a log."""
    return partial(_calls(config, tls).ask, origin=origin)


def submitter_of(
    config: NodeConfig, tls: OwnTls, open_to: Callable[[MemberId], grpc.aio.Channel | None]
) -> Submit:
    """Return what gives a head of ours to a witness, over the channel of a stream where one is open."""
    return replace(_calls(config, tls), open_to=open_to).submit


def asker_to_resume(config: NodeConfig, tls: OwnTls) -> Ask:
    """Return what asks a relay or peer for what was lost with a disk."""

    async def ask(peer: MemberId, address: str, request: ResumeRequest) -> AsyncGenerator[ResumedMail, None]:
        name = dns_name(Role.NODE, peer, config.domain)
        async with open_channel(address, tls.for_peer(peer), name, proxy=config.post.proxy) as channel:
            try:
                async for mail in post_pb2_grpc.PostStub(channel).Resume(request):
                    yield mail
            except grpc.aio.AioRpcError as error:
                raise error_of_call(error) from None

    return ask


def _calls(config: NodeConfig, tls: OwnTls) -> WitnessCalls:
    return WitnessCalls(tls.for_peer, config.domain, config.post.proxy)


def show_witness_keys(config: NodeConfig) -> list[str]:
    """Return the public keys by which the node of `config` cosigns heads of other logs."""
    store = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    return [key.vkey for key in installation.load_witness_keys(store, config)]

"""Puts a relay together: the only room that names concrete adapters; tests use it too.

Starting, in this order:

    1  keys and settings
    2  the store and its log; a damaged log stops here
    3  trust: the newest list that was ever accepted, else the first one by its fingerprint
    4  what is known of members: revocations, announcements, heads
    5  mail that expired meanwhile is ended, changed files are taken up
    6  the server, which proves that it refuses TLS 1.2, then says that it serves
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

import structlog

from tracepost.protocol.errors import ConfigurationError, TracepostError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList, load_first
from tracepost.relay.accounts import RelayAudit, RelayMetrics
from tracepost.relay.carriage import Carriage
from tracepost.relay.growth import Growth
from tracepost.relay.heads import read_heads
from tracepost.relay.housekeeping import Housekeeping
from tracepost.relay.installation import load_witness_keys
from tracepost.relay.mailboxes import Mailboxes
from tracepost.relay.noticeboard import (
    Noticeboard,
    keep_list,
    read_announcements,
    read_newest_list,
    read_revocations,
)
from tracepost.relay.papers import OwnPapers, WatchedFile
from tracepost.relay.service import PostService
from tracepost.relay.session import RelayParts
from tracepost.relay.settings import RelaySettings, load_settings
from tracepost.relay.store import RelayStore, store_url
from tracepost.relay.streams import Switchboard
from tracepost.relay.trust import RelayTrust, TrustState
from tracepost.relay.witness import WitnessService
from tracepost.serving.callers import MemberChecker
from tracepost.serving.credentials import server_credentials
from tracepost.serving.interceptors import CallChain, CallMetrics, ChainParts
from tracepost.serving.limits import CallLimiter
from tracepost.serving.methods import MethodTable
from tracepost.serving.server import (
    Daemon,
    Drain,
    RunningServer,
    Service,
    build_server,
    run_daemon,
    serve_metrics,
)
from tracepost.serving.storage.blobs import Blobs
from tracepost.serving.storage.writer import Faults, no_faults
from tracepost.serving.telemetry import Meter
from tracepost.wire.v1 import post_pb2, witness_pb2
from tracepost.wire.v1.post_pb2_grpc import add_PostServicer_to_server
from tracepost.wire.v1.witness_pb2_grpc import add_WitnessServicer_to_server

_log = structlog.get_logger()

Clock = Callable[[], int]


def unix_clock() -> int:
    """Return the time in unix seconds."""
    return int(time.time())


def serve_relay(
    config: Path, *, log_path: Path | None = None, clock: Clock = unix_clock, faults: Faults = no_faults
) -> int:
    """Run the relay of `config` (`relay.toml`) until SIGTERM; return the exit code.

    The process must not have loaded gRPC before `tracepost.serving`; otherwise the relay
    finds that it would accept TLS 1.2, and does not start.
    """

    async def main(daemon: Daemon) -> None:
        relay = await open_relay(load_settings(config), clock=clock, faults=faults)
        daemon.hear_refusals(relay.chain.handshake_refused)
        try:
            await daemon.stop.wait()
        finally:
            await relay.close()

    return run_daemon("relay", main, log_path)


@dataclass(slots=True)
class RunningRelay:
    """A relay that serves; `close` drains it."""

    server: RunningServer
    chain: CallChain
    parts: RelayParts
    house: Housekeeping
    _settings: RelaySettings
    _keeper: asyncio.Task[None]
    _stop_metrics: Callable[[], None]

    @property
    def port(self) -> int:
        """The port that members' nodes dial."""
        return self.server.port

    async def close(self) -> None:
        """Drain: frames in hand are finished, streams end, the store is closed."""
        await self.server.drain(self._settings.drain_seconds)
        await self.parts.finish_in_hand()
        self._keeper.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeper
        self._stop_metrics()
        self.parts.verifier.shutdown()
        await asyncio.to_thread(self.parts.store.close)


async def open_relay(
    settings: RelaySettings, *, clock: Clock = unix_clock, faults: Faults = no_faults
) -> RunningRelay:
    """Start a relay in the order of the module docstring.

    Raises:
        ConfigurationError: keys, certificate, trust list or addresses are missing or do not fit.
        StoreError: the store is damaged.
        TrustError: the trust list does not hold.
    """
    key = _load_log_key(settings)
    store = RelayStore.open(store_url(settings.store_path), key, faults)
    try:
        return await _open_with(settings, store, clock)
    except BaseException:
        store.close()
        raise


async def _open_with(settings: RelaySettings, store: RelayStore, clock: Clock) -> RunningRelay:
    trust = RelayTrust(await _load_trust(settings, store, clock), clock)
    meter = Meter("relay")
    parts = _make_parts(settings, store, trust, meter, clock)
    papers = OwnPapers(settings, lambda: trust.roots_pem)
    house = Housekeeping(
        store=store,
        mailboxes=parts.mailboxes,
        carriage=parts.carriage,
        board=parts.board,
        switchboard=parts.switchboard,
        metrics=parts.metrics,
        papers=papers,
        trust_file=WatchedFile(settings.trust_path),
        clock=clock,
    )
    await house.keep_house()
    chain = _make_chain(settings, parts, meter, clock)
    server = await build_server(
        settings.post_address,
        server_credentials(papers.tls),
        [_post(parts), _witness(settings, parts)],
        chain,
        parts.drain,
    )
    stop_metrics = _serve_metrics(settings, meter)
    _log.info("relay-serves", member=settings.member, port=server.port, size=store.log.head.size)
    keeper = asyncio.create_task(house.run())
    return RunningRelay(server, chain, parts, house, settings, keeper, stop_metrics)


def _make_parts(
    settings: RelaySettings, store: RelayStore, trust: RelayTrust, meter: Meter, clock: Clock
) -> RelayParts:
    heads, switchboard = store.read_now(read_heads), Switchboard()
    return RelayParts(
        own=settings.member,
        store=store,
        mailboxes=Mailboxes(
            store.log,
            per_sender=settings.per_sender,
            per_mailbox=settings.per_mailbox,
            random=os.urandom,
        ),
        carriage=Carriage(
            store,
            Blobs(settings.attachments_path, settings.attachments_bytes),
            per_sender=settings.per_sender,
            per_mailbox=settings.per_mailbox,
        ),
        board=Noticeboard(trust, store, store.read_now(read_announcements), os.urandom),
        trust=trust,
        heads=heads,
        growth=Growth(settings.member, store, heads, switchboard, clock),
        switchboard=switchboard,
        announcement_limiter=CallLimiter(time.monotonic),
        audit=RelayAudit(store, clock),
        metrics=RelayMetrics(meter),
        verifier=ThreadPoolExecutor(1, thread_name_prefix="verifier"),
        clock=clock,
        drain=Drain(),
    )


def _make_chain(settings: RelaySettings, parts: RelayParts, meter: Meter, clock: Clock) -> CallChain:
    table = resources.files("tracepost.relay").joinpath("methods.toml").read_text("utf-8")
    return CallChain(
        ChainParts(
            table=MethodTable.from_toml(table),
            checker=MemberChecker(parts.trust, settings.domain),
            own_member=settings.member,
            auditor=parts.audit,
            metrics=CallMetrics(meter),
            clock=clock,
        )
    )


def _post(parts: RelayParts) -> Service:
    service = PostService(parts)
    return Service(
        post_pb2.DESCRIPTOR.services_by_name["Post"],
        lambda server: add_PostServicer_to_server(service, server),
    )


def _witness(settings: RelaySettings, parts: RelayParts) -> Service:
    service = WitnessService(parts, load_witness_keys(settings))
    return Service(
        witness_pb2.DESCRIPTOR.services_by_name["Witness"],
        lambda server: add_WitnessServicer_to_server(service, server),
    )


def _serve_metrics(settings: RelaySettings, meter: Meter) -> Callable[[], None]:
    if not settings.metrics_address:
        return lambda: None
    return serve_metrics(settings.metrics_address, meter.registry)


def _load_log_key(settings: RelaySettings) -> LogKey:
    try:
        key = LogKey.from_skey(settings.log_key_path.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("the log key cannot be read", where="keys/log.key") from error
    if key.origin != settings.log_origin:
        raise ConfigurationError("the log key is of another log", where="keys/log.key")
    return key


async def _load_trust(settings: RelaySettings, store: RelayStore, clock: Clock) -> TrustState:
    current = store.read_now(read_newest_list)
    if current is None:
        current = _load_first_list(settings)
        await store.write(partial(keep_list, accepted=current), label="trust")
    if current.domain != settings.domain:
        raise ConfigurationError("the trust list is of another network", where="trust")
    current.member(settings.member)
    read = partial(read_revocations, current=current, now=clock(), complain=_complain)
    return TrustState(current, store.read_now(read))


def _load_first_list(settings: RelaySettings) -> TrustList:
    if not settings.trust_fingerprint:
        raise ConfigurationError(
            "no trust list is believed yet",
            where="trust.fingerprint",
            remedy="Write down the fingerprint of the first trust list in relay.toml.",
        )
    data = WatchedFile(settings.trust_path).read()
    return load_first(data, fingerprint=settings.trust_fingerprint)


def _complain(member: MemberId, error: TracepostError) -> None:
    _log.warning("revocation-list-unverified", member=member, reason=error.reason)

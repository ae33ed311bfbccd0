"""Puts a relay together: the only room that names concrete adapters; tests use it too.

Starting, in this order:

    1  keys and settings
    2  the store and its log; a damaged log stops here; where another process works on it, wait for its end
    3  trust: the newest list that was ever accepted, else the first one by its fingerprint
    4  what is known of members: revocations, announcements, heads
    5  our own head: a store that is behind it is not served (`serving.own_head`)
    6  mail that expired meanwhile is ended, changed files are taken up
    7  the server, which proves that it refuses TLS 1.2, then says that it serves

Members that dial in later show what they hold of our log as well; a relay that finds by it that its store is old
stops.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path

import structlog

from tracepost.protocol.errors import ConfigurationError, StoreError, TracepostError
from tracepost.protocol.evidence import LogKey, LogVerifier
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList, load_first
from tracepost.relay.accounts import RelayAudit, RelayMetrics
from tracepost.relay.carriage import Carriage
from tracepost.relay.contacts import direct_address
from tracepost.relay.growth import Growth
from tracepost.relay.heads import read_heads
from tracepost.relay.housekeeping import Housekeeping
from tracepost.relay.installation import FolderLogKeys, load_witness_keys
from tracepost.relay.lookout import Lookout
from tracepost.relay.mailboxes import Mailboxes
from tracepost.relay.noticeboard import (
    Noticeboard,
    keep_list,
    read_announcements,
    read_newest_list,
    read_revocations,
)
from tracepost.relay.packing import Packing
from tracepost.relay.papers import OwnPapers, WatchedFile
from tracepost.relay.pouch_service import PouchesService
from tracepost.relay.service import PostService
from tracepost.relay.session import RelayParts
from tracepost.relay.settings import RelaySettings, load_settings
from tracepost.relay.store import OFF_DUTY, RelayStore
from tracepost.relay.streams import Switchboard
from tracepost.relay.trust import RelayTrust, TrustState
from tracepost.relay.unpacking import Unpacking
from tracepost.relay.witness import WitnessService
from tracepost.serving.callers import MemberChecker
from tracepost.serving.credentials import server_credentials
from tracepost.serving.interceptors import CallChain, CallMetrics, ChainParts
from tracepost.serving.limits import CallLimiter
from tracepost.serving.log_keys import read_keys_in_use, read_log_keys
from tracepost.serving.methods import MethodTable
from tracepost.serving.notices import Notifier
from tracepost.serving.own_head import ASKED_AT_ONCE, OwnHead, Place
from tracepost.serving.pages import serve_pages
from tracepost.serving.server import (
    Daemon,
    Drain,
    RunningServer,
    Service,
    build_server,
    run_daemon,
)
from tracepost.serving.storage.blobs import Blobs
from tracepost.serving.storage.inspection import Inspection
from tracepost.serving.storage.writer import Faults, no_faults
from tracepost.serving.supervisor import READY, tell_supervisor
from tracepost.serving.telemetry import Meter
from tracepost.serving.vitals import State, Vitals
from tracepost.serving.watch import Probes, Watch
from tracepost.serving.witness_calls import WitnessCalls
from tracepost.serving.witnessed import Panel, Witnessed
from tracepost.wire.v1 import post_pb2, pouch_pb2, witness_pb2
from tracepost.wire.v1.post_pb2_grpc import add_PostServicer_to_server
from tracepost.wire.v1.pouch_pb2_grpc import add_PouchesServicer_to_server
from tracepost.wire.v1.witness_pb2_grpc import add_WitnessServicer_to_server

_log = structlog.get_logger()

_WITNESSED_EVERY_S = 60.0  # no stream of a relay's own is open: each round is a handshake with each witness

Clock = Callable[[], int]

_TRIES_A_LEASE = 3


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
        settings = load_settings(config)
        while (relay := await _open_unless(daemon.stop, settings, clock, faults)) is not None:
            daemon.hear_refusals(relay.chain.handshake_refused)
            try:
                await relay.serve_until(daemon.stop)
            except StoreError as error:
                if error.reason != OFF_DUTY:
                    raise
                _log.error("relay-off-duty")
            finally:
                await relay.close()

    return run_daemon("relay", main, log_path)


async def _open_unless(
    stop: asyncio.Event, settings: RelaySettings, clock: Clock, faults: Faults
) -> RunningRelay | None:
    """Return the relay as soon as it is for this process to work; None, if it is to stop before that."""
    if stop.is_set():
        return None
    opening = asyncio.create_task(open_relay(settings, clock=clock, faults=faults))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([opening, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if opening.done():
        return await opening
    opening.cancel()
    await asyncio.wait([opening])
    return None


@dataclass(slots=True)
class RunningRelay:
    """A relay that serves; `close` drains it."""

    server: RunningServer
    chain: CallChain
    parts: RelayParts
    house: Housekeeping
    witnessed: Witnessed
    _settings: RelaySettings
    _tasks: list[asyncio.Task[None]]
    _stop_pages: Callable[[], None]

    @property
    def port(self) -> int:
        """The port that members' nodes dial."""
        return self.server.port

    async def serve_until(self, stop: asyncio.Event) -> None:
        """Return when `stop` is set; raise what ended the housekeeping or the watch over our head, if that is first."""
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopping, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            stopping.cancel()

    async def close(self) -> None:
        """Drain: frames in hand are finished, streams end, the store is closed."""
        await self.server.drain(self._settings.drain_seconds)
        await self.parts.finish_in_hand()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stop_pages()
        self.parts.verifier.shutdown()
        with suppress(StoreError):  # then the lease runs out
            await self.parts.store.leave_duty()
        await asyncio.to_thread(self.parts.store.close)


async def open_relay(
    settings: RelaySettings, *, clock: Clock = unix_clock, faults: Faults = no_faults
) -> RunningRelay:
    """Start a relay in the order of the module docstring.

    Raises:
        ConfigurationError: keys, certificate, trust list or addresses are missing or do not fit.
        StoreError: the store is damaged.
        LogBehindError: the store is not the newest of our log.
        TrustError: the trust list does not hold.
    """
    key, earlier = load_log_keys(settings)
    store = RelayStore.open(settings.store_url, key, faults, earlier)
    try:
        await _stand_by(store, settings)
        return await _open_with(settings, key, store, clock)
    except BaseException:
        store.close()
        raise


async def _stand_by(store: RelayStore, settings: RelaySettings) -> None:
    """Wait until no other process works on this store; nothing is read from it before."""
    told = False
    while not await _may_work(store, settings, waits=told):
        if not told:
            _log.info("relay-waits", takeover_seconds=settings.store.takeover_seconds)
            tell_supervisor(READY)
        told = True
        await asyncio.sleep(settings.store.takeover_seconds / _TRIES_A_LEASE)


async def _may_work(store: RelayStore, settings: RelaySettings, *, waits: bool) -> bool:
    """Say whether this process has the lease now; who `waits` already waits for a lost database as well."""
    try:
        return await store.take_duty(settings.store.takeover_seconds)
    except StoreError as error:
        if not waits:
            raise
        _log.error("lease", reason=error.reason)
        return False


async def _hold_duty(store: RelayStore, settings: RelaySettings) -> None:
    """Prolong the lease until cancelled; raise `StoreError` (`off-duty`) when another process has it."""
    while True:
        await asyncio.sleep(settings.store.takeover_seconds / _TRIES_A_LEASE)
        try:
            await store.take_duty(settings.store.takeover_seconds)
        except StoreError as error:
            if error.reason == OFF_DUTY:
                raise
            _log.error("lease", reason=error.reason)  # a database that is away has no lease for others either


async def _open_with(settings: RelaySettings, key: LogKey, store: RelayStore, clock: Clock) -> RunningRelay:
    trust = RelayTrust(await load_trust(settings, store, clock), clock)
    papers = OwnPapers(settings, lambda: trust.roots_pem)
    ask = asker_of(settings, papers, trust, key)
    own_head = OwnHead(LogVerifier([key.vkey]), store.log, settings.folder, ask)
    await own_head.check(settings.neighbours)
    meter = Meter("relay")
    vitals = Vitals(time.monotonic, meter)
    store.watch(vitals.note_commit)
    parts = _make_parts(settings, store, trust, meter, clock=clock, own_head=own_head)
    vitals.is_draining = parts.drain.started.is_set
    pouch_spool = Blobs(settings.pouches_path, settings.attachments_bytes)
    house = Housekeeping(
        store=store,
        mailboxes=parts.mailboxes,
        carriage=parts.carriage,
        board=parts.board,
        switchboard=parts.switchboard,
        metrics=parts.metrics,
        papers=papers,
        trust_file=WatchedFile(settings.trust_path),
        lookout=_make_lookout(settings, parts, papers, meter),
        pouch_spool=pouch_spool,
        clock=clock,
    )
    await house.keep_house()
    chain = _make_chain(settings, parts, meter, clock)
    server = await build_server(
        settings.post_address,
        server_credentials(papers.tls),
        [_post(parts), _witness(settings, parts), _pouches(settings, parts, papers, pouch_spool)],
        chain,
        parts.drain,
    )
    watch = Watch(
        vitals,
        Probes(store.look, lambda: store.note_back(clock())),
        lambda state: server.tell_health(serving=state is State.READY),
    )
    try:
        await watch.tell()
        stop_pages = _serve_pages(settings, meter, vitals)
    except BaseException:
        await server.drain(0)
        raise
    _log.info("relay-serves", member=settings.member, port=server.port, size=store.log.head.size)
    tell_supervisor(READY)
    witnessed = _make_witnessed(settings, key, parts, papers, own_head, clock)
    _show_witnesses(witnessed, meter, clock)
    tasks = [
        asyncio.create_task(house.run()),
        asyncio.create_task(witnessed.run(lambda: witnesses_of(settings, parts.board)[:ASKED_AT_ONCE])),
        asyncio.create_task(own_head.watch(lambda: settings.neighbours)),
        asyncio.create_task(watch.run()),
    ]
    inspection = Inspection(store.log, random.randrange)
    inspection.show(meter)
    tasks.append(asyncio.create_task(inspection.run()))
    if store.is_shared:
        tasks.append(asyncio.create_task(_hold_duty(store, settings)))
    return RunningRelay(server, chain, parts, house, witnessed, settings, tasks, stop_pages)


def witnesses_of(settings: RelaySettings, board: Noticeboard) -> list[Place]:
    """Return whom heads of our log are given to: neighbours, then members whose nodes can be dialled."""
    known = {member for member, _address in settings.neighbours}
    found = {
        MemberId(papers.member): direct_address(papers.directory_entry)
        for papers in board.others(settings.member)
    }
    members = sorted((one, where) for one, where in found.items() if where and one not in known)
    return [*settings.neighbours, *members]


def _make_witnessed(  # noqa: PLR0917 - one place
    settings: RelaySettings,
    key: LogKey,
    parts: RelayParts,
    papers: OwnPapers,
    own_head: OwnHead,
    clock: Clock,
) -> Witnessed:
    trust = parts.trust

    def panel() -> Panel:
        listed = trust.state.current
        known = listed.witness_keys(but=settings.member)
        return Panel(LogVerifier([key.vkey, *known]), listed.content.witness_quorum)

    calls = WitnessCalls(lambda member: papers.tls_for(trust.roots_pem_of(member)), settings.domain)
    return Witnessed(
        parts.store.log,
        panel,
        submit=calls.submit,
        doubt=lambda: own_head.check(witnesses_of(settings, parts.board)),
        clock=clock,
        least_s=_WITNESSED_EVERY_S,
    )


def _show_witnesses(witnessed: Witnessed, meter: Meter, clock: Clock) -> None:
    count = meter.gauge("log_witnesses", "Witnesses that cosigned the newest head.")
    count.set_function(lambda: float(len(witnessed.newest.witnesses)))
    quorum = meter.gauge("log_quorum", "Witnesses that the trust list asks for.")
    quorum.set_function(lambda: float(witnessed.quorum))
    short = meter.gauge("log_unwitnessed_seconds", "How long fewer than that cosigned the newest head.")
    short.set_function(lambda: float(clock() - witnessed.short_since if witnessed.short_since else 0))


def asker_of(
    settings: RelaySettings, papers: OwnPapers, trust: RelayTrust, key: LogKey
) -> Callable[[Place], Awaitable[str]]:
    """Return what asks a neighbour for the longest head that it knows of the log of `key`."""
    calls = WitnessCalls(lambda member: papers.tls_for(trust.roots_pem_of(member)), settings.domain)
    return partial(calls.ask, origin=str(key.origin))


def _make_parts(
    settings: RelaySettings,
    store: RelayStore,
    trust: RelayTrust,
    meter: Meter,
    *,
    clock: Clock,
    own_head: OwnHead,
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
        growth=Growth(settings.member, store, heads, switchboard, clock, own_head.meet),
        switchboard=switchboard,
        announcement_limiter=CallLimiter(time.monotonic),
        audit=RelayAudit(store, clock),
        metrics=RelayMetrics(meter),
        verifier=ThreadPoolExecutor(1, thread_name_prefix="verifier"),
        clock=clock,
        drain=Drain(),
    )


def _make_lookout(settings: RelaySettings, parts: RelayParts, papers: OwnPapers, meter: Meter) -> Lookout:
    return Lookout(
        settings.lookout,
        us=settings.member,
        store=parts.store,
        switchboard=parts.switchboard,
        board=parts.board,
        notifier=Notifier(settings.lookout.notices, settings.folder),
        page=meter.board(),
        folder=settings.folder,
        expiries=lambda: papers.expiries(parts.trust.state),
        clock=parts.clock,
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


def _pouches(settings: RelaySettings, parts: RelayParts, papers: OwnPapers, spool: Blobs) -> Service:
    packing = Packing(parts, papers.seal, settings.pouches_path)
    service = PouchesService(parts, packing, Unpacking(parts, settings.domain), spool)
    return Service(
        pouch_pb2.DESCRIPTOR.services_by_name["Pouches"],
        lambda server: add_PouchesServicer_to_server(service, server),
    )


def _serve_pages(settings: RelaySettings, meter: Meter, vitals: Vitals) -> Callable[[], None]:
    if not settings.metrics_address:
        return lambda: None
    return serve_pages(settings.metrics_address, meter.registry, vitals)


def load_log_keys(settings: RelaySettings, *, recovering: bool = False) -> tuple[LogKey, list[LogKey]]:
    """Return the key of our log and those of our logs that ended; raise `ConfigurationError`."""
    key, earlier = (read_keys_in_use if recovering else read_log_keys)(FolderLogKeys(settings.keys_path))
    if (key.origin.member, key.origin.domain) != (settings.member, settings.domain):
        raise ConfigurationError("the log key is of another log", where="keys/log.key")
    return key, earlier


async def load_trust(settings: RelaySettings, store: RelayStore, clock: Clock) -> TrustState:
    """Return the newest trust list that was ever accepted, else the first one by its fingerprint; and revocations."""
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

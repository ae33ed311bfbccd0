"""Opening a node and serving it, one or several in a process."""

from __future__ import annotations

import asyncio
import contextvars
import os
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import structlog

from tracepost.node import installation
from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.bootstrap.housekeeping import Housekeeping
from tracepost.node.bootstrap.keys import Clock, Keys, load_keys, unix_clock
from tracepost.node.bootstrap.rooms import Rooms
from tracepost.node.bootstrap.tls import make_own_head, places_to_ask, tls_papers
from tracepost.node.config import NodeConfig, load_config
from tracepost.node.own_papers import load_all_papers, publish_own
from tracepost.node.papers import Papers
from tracepost.node.policies.in_force import load_policies
from tracepost.node.ports.store import Store
from tracepost.node.post.neighbours import Neighbours
from tracepost.node.records.cases import AuditEvent
from tracepost.node.restored import require_caught_up
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import MemberId
from tracepost.serving.credentials import server_credentials
from tracepost.serving.interceptors import CallChain, CallMetrics, ChainParts
from tracepost.serving.methods import MethodTable
from tracepost.serving.own_head import ASKED_AT_ONCE, Place
from tracepost.serving.pages import serve_pages
from tracepost.serving.server import (
    Daemon,
    RunningServer,
    Service,
    build_server,
    run_daemon,
)
from tracepost.serving.storage.writer import Faults, no_faults
from tracepost.serving.supervisor import READY, tell_supervisor
from tracepost.serving.telemetry import Meter
from tracepost.serving.vitals import State, Vitals
from tracepost.serving.watch import Probes, Tell, Watch

_log = structlog.get_logger()


_GRACE_SECONDS = 10.0


@dataclass(slots=True)
class RunningNode:
    """A node that serves; `close` drains it."""

    post: RunningServer
    desk: RunningServer
    chain: CallChain
    papers: Papers
    _store: Store
    _rooms: Rooms
    _tasks: list[asyncio.Task[None]]
    _stop_metrics: Callable[[], None]

    async def serve_until(self, stop: asyncio.Event) -> None:
        """Return when `stop` is set; raise what ended the courier or the housekeeping, if that ends first."""
        stopping = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopping, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            stopping.cancel()

    async def close(self) -> None:
        """Drain: frames in hand are finished, streams end, what was acknowledged is on the disk."""
        await asyncio.gather(self.post.drain(_GRACE_SECONDS), self.desk.drain(_GRACE_SECONDS))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._rooms.mail.announcing.drain()
        self._stop_metrics()
        await asyncio.to_thread(self._rooms.tracing.close)
        self._rooms.desks.close()
        await self._store.close()


def serve_node(
    *configs: Path, log_path: Path | None = None, clock: Clock = unix_clock, faults: Faults = no_faults
) -> int:
    """Run the nodes of `configs` (`node.toml` each) until SIGTERM; return the exit code.

    A small office needs no server of its own: members that share a process share nothing else, neither keys
    nor store nor log nor ports. What ends one ends all, so that none is silently gone.

    The process must not have loaded gRPC before `tracepost.serving`; otherwise the node
    finds that it would accept TLS 1.2, and does not start.
    """

    async def main(daemon: Daemon) -> None:
        async with AsyncExitStack() as stack:
            nodes = [await _start(stack, one, clock, faults) for one in _load_all(configs)]
            # Which member's port it was, TLS does not tell: each has it in its audit.
            chains = [node.chain for node in nodes]
            daemon.hear_refusals(lambda reason: _each(chain.handshake_refused(reason) for chain in chains))
            tell_supervisor(READY)
            await _serve_until(daemon.stop, nodes)

    return run_daemon("node", main, log_path)


def _load_all(configs: Sequence[Path]) -> list[NodeConfig]:
    loaded = [load_config(path) for path in configs]
    if len({one.member for one in loaded}) < len(loaded):
        raise ConfigurationError("a member is served once", where="member", reason="member-twice")
    return loaded


async def _start(stack: AsyncExitStack, config: NodeConfig, clock: Clock, faults: Faults) -> RunningNode:
    """Open a node in a context of its own, in which every log line names it."""
    context = contextvars.copy_context()
    context.run(structlog.contextvars.bind_contextvars, node=config.member)
    opening = asyncio.create_task(open_node(config, clock=clock, faults=faults), context=context)
    node = await opening
    stack.push_async_callback(node.close)
    return node


async def _serve_until(stop: asyncio.Event, nodes: Sequence[RunningNode]) -> None:
    """Return when `stop` is set; raise what ended the first of `nodes` that ended."""
    await asyncio.gather(*(node.serve_until(stop) for node in nodes))


async def _each(calls: Iterable[Awaitable[None]]) -> None:
    for call in calls:
        await call


async def open_node(
    config: NodeConfig, *, clock: Clock = unix_clock, faults: Faults = no_faults
) -> RunningNode:
    """Start a node in the order of the module docstring.

    Raises:
        ConfigurationError: keys, certificates, trust list, escrow or addresses are missing or do not fit.
        StoreError: the store is damaged.
        LogBehindError: the store is not the newest of our log.
        TrustError: the trust list does not hold.
    """
    require_caught_up(config.folder)
    keys = load_keys(config)
    installation.require_escrow(keys.store, config)
    archive = ArchiveFiles(config.archive_path)
    store = await open_store(
        config.store_url, keys.log, faults=faults, archive=archive, earlier=keys.ended_logs
    )
    try:
        return await _open_with(config, keys, store, clock)
    except BaseException:
        await store.close()
        raise


async def _open_with(config: NodeConfig, keys: Keys, store: Store, clock: Clock) -> RunningNode:
    papers = await load_all_papers(config, store, clock())
    rooms = await _furnish(config, keys, store, papers, clock)
    neighbours = rooms.neighbours()  # before the first call: it refuses what other policies would decide
    meter = Meter("node")
    vitals, metrics, looks = _take_pulse(rooms, store, meter), CallMetrics(meter), [rooms.metrics(meter).look]
    outside, inside = rooms.for_peers(), rooms.for_officers()
    chains = [_make_chain(config, rooms, metrics, clock, services) for services in (outside, inside)]
    tls = tls_papers(config, keys, papers)
    of_all, of_own = server_credentials(tls.of_all), server_credentials(tls.of_own)
    async with AsyncExitStack() as undo:
        post = await build_server(config.post_address, of_all, outside, chains[0], rooms.mail.drain)
        undo.push_async_callback(post.drain, 0)
        desk = await build_server(config.desk_address, of_own, inside, chains[1], rooms.mail.drain)
        undo.push_async_callback(desk.drain, 0)
        watch = Watch(vitals, probes_of(store, config.member, clock), _teller(post, desk), looks)
        rooms.mail.admittance.told = lambda _closed: watch.tell()
        await watch.tell()
        stop = _show_pages(config, meter, vitals)
        undo.pop_all()
    _log.info("node-serves", member=config.member, port=post.port, size=store.evidence.head.size)
    housekeeping = Housekeeping(rooms, config=config, keys=keys, store=store, papers=papers, clock=clock)
    jobs = [watch.run(), housekeeping.run(), *_jobs(rooms, neighbours, config, store, papers)]
    tasks = [asyncio.create_task(job) for job in jobs]
    return RunningNode(post, desk, chains[0], papers, store, rooms, tasks, stop)


async def _furnish(config: NodeConfig, keys: Keys, store: Store, papers: Papers, clock: Clock) -> Rooms:
    """Return the rooms of a node whose store is the newest of its log, with what the store remembers."""
    own_head = make_own_head(config, keys, store, papers)
    await own_head.check(places_to_ask(config, papers))
    await publish_own(config, keys.store, keys.signer, store, papers, now=clock())
    policies = await load_policies(store, papers, config.member, clock(), os.urandom)
    rooms = Rooms(config, keys, store, papers, clock, policies=policies, own_head=own_head)
    await rooms.load()
    return rooms


def _take_pulse(rooms: Rooms, store: Store, meter: Meter) -> Vitals:
    vitals = Vitals(time.monotonic, meter)
    vitals.is_draining = rooms.mail.drain.started.is_set
    vitals.is_closed = lambda: rooms.mail.admittance.is_closed
    store.watch(vitals.note_commit)
    return vitals


def probes_of(store: Store, us: MemberId, clock: Clock) -> Probes:
    """Return how it is seen whether the store answers, and takes: by an event, which says when it came back."""

    async def read() -> None:
        await store.read(lambda tx: tx.editions.policy())

    async def write() -> None:
        event = AuditEvent(clock(), us, "store-back", "store", "ok")
        await store.write(lambda tx: tx.audit.append([event]), label="audit")

    return Probes(read, write)


def _teller(post: RunningServer, desk: RunningServer) -> Tell:
    async def tell(state: State) -> None:
        await post.tell_health(serving=state is State.READY)
        await desk.tell_health(serving=state in (State.READY, State.MAINTENANCE))

    return tell


def _show_pages(config: NodeConfig, meter: Meter, vitals: Vitals) -> Callable[[], None]:
    if not config.metrics_address:
        return lambda: None
    return serve_pages(config.metrics_address, meter.registry, vitals)


def _jobs(
    rooms: Rooms, neighbours: Neighbours, config: NodeConfig, store: Store, papers: Papers
) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what a node does by itself until it is closed."""

    def places() -> Sequence[Place]:
        return places_to_ask(config, papers)

    yield rooms.mail.courier.run()
    yield rooms.proof.own_head.watch(places)
    yield rooms.proof.inspection.run()
    yield rooms.proof.witnessed.run(lambda: places()[:ASKED_AT_ONCE])
    yield rooms.mail.refilling().run(places)
    if config.post.line:
        yield rooms.mail.carrier.run()
    yield rooms.keep_telling()
    if config.log.serve:
        yield rooms.proof.log_server().run(config.log.serve)
    if store.is_shared:
        yield rooms.mail.leasing.run()
        yield neighbours.run()


# ── running ──────────────────────────────────────────────────────────────────────────


def _make_chain(
    config: NodeConfig, rooms: Rooms, metrics: CallMetrics, clock: Clock, services: Sequence[Service]
) -> CallChain:
    text = resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8")
    return CallChain(
        ChainParts(
            table=MethodTable.from_toml(text).of_services([one.descriptor.full_name for one in services]),
            checker=rooms.door,
            own_member=config.member,
            auditor=rooms.audit,
            metrics=metrics,
            clock=clock,
            tracing=rooms.tracing,
        )
    )

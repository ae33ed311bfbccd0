"""Opening a node and serving it, one or several in a process."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import structlog

from tracepost.node import installation
from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.bootstrap.keys import Clock, Keys, load_keys, unix_clock
from tracepost.node.bootstrap.rooms import Rooms, keep_house
from tracepost.node.bootstrap.tls import make_own_head, places_to_ask, tls_papers
from tracepost.node.config import NodeConfig, load_config
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.own_head import ASKED_AT_ONCE
from tracepost.node.own_papers import load_all_papers, publish_own
from tracepost.node.papers import Papers
from tracepost.node.policies.in_force import load_policies
from tracepost.node.ports.store import Store
from tracepost.node.post.admittance import Admittance
from tracepost.protocol.errors import ConfigurationError
from tracepost.serving.credentials import server_credentials
from tracepost.serving.interceptors import CallChain, CallMetrics, ChainParts
from tracepost.serving.methods import MethodTable
from tracepost.serving.server import (
    Daemon,
    RunningServer,
    build_server,
    run_daemon,
    serve_metrics,
)
from tracepost.serving.storage.writer import Faults, no_faults
from tracepost.serving.telemetry import Meter

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
    _sending: Sending
    _contents: Contents
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
        self._stop_metrics()
        self._sending.close()
        self._contents.close()
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
    own_head = make_own_head(config, keys, store, papers)
    await own_head.check(places_to_ask(config, papers))
    await publish_own(config, keys.store, keys.signer, store, papers, now=clock())
    policies = await load_policies(store, papers, config.member, clock(), os.urandom)
    rooms = Rooms(config, keys, store, papers, clock, policies=policies, own_head=own_head)
    rooms.policing.version = await store.read(lambda tx: tx.editions.policy())
    await rooms.staff.load()
    await rooms.admittance.load()
    await rooms.continuity.load()
    neighbours = rooms.neighbours()
    meter = Meter("node")
    drain = rooms.drain
    metrics = CallMetrics(meter)
    outside, inside = [rooms.post(), rooms.witness()], rooms.for_officers()
    chains = [
        _make_chain(config, rooms, metrics, clock=clock, services=[s.descriptor.full_name for s in services])
        for services in (outside, inside)
    ]
    tls = tls_papers(config, keys, papers)
    post = await build_server(config.post_address, server_credentials(tls.of_all), outside, chains[0], drain)
    try:
        desk = await build_server(
            config.desk_address, server_credentials(tls.of_own), inside, chains[1], drain
        )
    except BaseException:
        await post.drain(0)
        raise
    await _tell_health_of(post, rooms.admittance)
    stop = serve_metrics(config.metrics_address, meter.registry) if config.metrics_address else lambda: None
    _log.info("node-serves", member=config.member, port=post.port, size=store.evidence.head.size)
    jobs = [
        rooms.courier.run(),
        rooms.carrier.run(),
        keep_house(rooms.housekeeping),
        own_head.watch(lambda: places_to_ask(config, papers)),
        rooms.witnessed.run(lambda: places_to_ask(config, papers)[:ASKED_AT_ONCE]),
    ]
    if config.log.serve:
        jobs.append(rooms.log_server().run(config.log.serve))
    jobs += [rooms.leasing.run(), neighbours.run()] if store.is_shared else []
    tasks = [asyncio.create_task(job) for job in jobs]
    return RunningNode(post, desk, chains[0], papers, store, rooms.sending, rooms.contents, tasks, stop)


# ── running ──────────────────────────────────────────────────────────────────────────


def _make_chain(
    config: NodeConfig, rooms: Rooms, metrics: CallMetrics, *, clock: Clock, services: Sequence[str]
) -> CallChain:
    text = resources.files("tracepost.node").joinpath("methods.toml").read_text("utf-8")
    return CallChain(
        ChainParts(
            table=MethodTable.from_toml(text).of_services(services),
            checker=rooms.door,
            own_member=config.member,
            auditor=rooms.audit,
            metrics=metrics,
            clock=clock,
        )
    )


async def _tell_health_of(post: RunningServer, admittance: Admittance) -> None:
    """Let the health of the post say whether mail is taken, now and whenever that changes."""

    async def tell(closed: bool) -> None:
        await post.tell_health(serving=not closed)

    admittance.told = tell
    await tell(admittance.is_closed)

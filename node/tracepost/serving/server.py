"""A running gRPC server: services behind the chain, health, reflection, a drain that loses nothing.

    drain = Drain()
    server = await build_server("0.0.0.0:7443", credentials, [Service(descriptor, add)], chain, drain)
    await daemon.stop.wait()               # run_daemon sets it on SIGTERM
    await server.drain(grace_seconds=20)

Draining, in this order: health says NOT_SERVING; services that hold streams see
`Drain.started` and end them after what is in flight; new calls are refused; what is still
running after the grace is cut. Anything acknowledged is on the disk before that.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from tracepost.protocol.errors import ConfigurationError, InternalError, TracepostError
from tracepost.serving.credentials import prove_tls13_only, server_options
from tracepost.serving.handshakes import expect_refusal, watch_handshakes
from tracepost.serving.interceptors import CallChain
from tracepost.serving.supervisor import LEAVING, tell_supervisor
from tracepost.serving.telemetry import configure_logging

_log = structlog.get_logger()

_SWITCH_INTERVAL_SECONDS = 0.0001
_COLLECTOR_THRESHOLDS = (10_000, 20, 20)
_M_ARENA_MAX = -8  # malloc.h of glibc
_REFUSALS_WAITING = 1000
_OWN_REFUSAL = "tls-version"  # how our own TLS 1.2 dial ends
_HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"]
_REFLECTION = reflection_pb2.DESCRIPTOR.services_by_name["ServerReflection"]


@dataclass(frozen=True, slots=True)
class Service:
    """One gRPC service: its descriptor and how it is put on a server."""

    descriptor: ServiceDescriptor
    add: Callable[[grpc.aio.Server], None]


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How long connections may live. A long-lived peer shakes hands anew, with today's certificates."""

    max_connection_age_seconds: float = 3600
    max_connection_age_grace_seconds: float = 300
    max_concurrent_streams: int = 256


@dataclass(slots=True)
class Drain:
    """Whether the daemon is leaving. Services with long streams wait for `started`."""

    started: asyncio.Event = field(default_factory=asyncio.Event)


class RunningServer:
    """A server that listens; made by `build_server`."""

    def __init__(
        self,
        server: grpc.aio.Server,
        port: int,
        servicer: health.aio.HealthServicer,
        drain: Drain,
        names: Sequence[str] = (),
    ) -> None:
        self.port = port
        self._names = names
        self._server = server
        self._health = servicer
        self._drain = drain

    @property
    def is_draining(self) -> bool:
        """Whether it leaves."""
        return self._drain.started.is_set()

    async def tell_health(self, *, serving: bool) -> None:
        """Say to who asks for its health, a load balancer or a probe, whether this server takes work now."""
        states = health_pb2.HealthCheckResponse
        for name in self._names:
            await self._health.set(name, states.SERVING if serving else states.NOT_SERVING)

    async def drain(self, grace_seconds: float) -> None:
        """Leave in the order of the module docstring; returns when no call runs any more."""
        await self._health.enter_graceful_shutdown()
        self._drain.started.set()
        await self._server.stop(grace_seconds)


async def build_server(  # noqa: PLR0917 - one place, called once per listener
    address: str,
    credentials: grpc.ServerCredentials,
    services: Sequence[Service],
    chain: CallChain,
    drain: Drain | None = None,
    options: ServerOptions | None = None,
) -> RunningServer:
    """Return a server that listens on `address` (host:port, port 0 for any) and serves `services`.

    Raises:
        ConfigurationError: an RPC without a row in the method table or a row without an RPC,
            an address that cannot be had, or a server that would accept TLS 1.2.
    """
    descriptors = [service.descriptor for service in services] + [_HEALTH, _REFLECTION]
    chain.parts.table.check_covers(descriptors)
    server = grpc.aio.server(interceptors=[chain], options=_options(options or ServerOptions()))
    for service in services:
        service.add(server)
    servicer = _add_health(server)
    reflection.enable_server_reflection([d.full_name for d in descriptors], server)
    port = _listen(server, address, credentials)
    await server.start()
    expect_refusal(_OWN_REFUSAL)
    try:
        await asyncio.to_thread(prove_tls13_only, port, dialled_host(address))
    except TracepostError:
        await server.stop(0)
        raise
    names = ("", *(service.descriptor.full_name for service in services))
    running = RunningServer(server, port, servicer, drain or Drain(), names)
    await running.tell_health(serving=True)
    _log.info("listening", port=port)
    return running


class Daemon:
    """What the process gives its main function; `stop` is set by SIGTERM and SIGINT."""

    def __init__(self, refusals: asyncio.Queue[str]) -> None:
        self.stop = asyncio.Event()
        self._refusals = refusals
        self._hearing: asyncio.Task[None] | None = None

    def hear_refusals(self, listen: Callable[[str], Awaitable[None]]) -> None:
        """Await `listen` with the reason of every TLS handshake that was or will be refused.

        For `CallChain.handshake_refused`. Once per process: what TLS refuses cannot be told
        by port.
        """
        self._hearing = asyncio.create_task(self._hear(listen))

    def close(self) -> None:
        """Hear no more."""
        if self._hearing is not None:
            self._hearing.cancel()

    async def _hear(self, listen: Callable[[str], Awaitable[None]]) -> None:
        while True:
            await listen(await self._refusals.get())


def run_daemon(name: str, main: Callable[[Daemon], Awaitable[None]], log_path: Path | None = None) -> int:
    """Run `main` until it returns; return the exit code of the process.

    Logs go through the allow-list of `telemetry` to `log_path`, or to stderr. The first
    SIGTERM or SIGINT sets `stop`, a second one ends the process at once. What `main`
    raises is logged, never printed.

    Args:
        name: of the daemon, in each log line, such as "relay".
        main: what the daemon does; it drains its servers before it returns.
        log_path: appended to; None for stderr.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)  # measured: serving.storage.writer says why
    _calm_collector()
    share_one_arena()
    refusals = _Refusals()
    with watch_handshakes(refusals.put), _log_stream(log_path) as stream:
        configure_logging(name, stream)
        try:
            asyncio.run(_run_with_signals(main, refusals))
        except TracepostError as error:
            _log.error("stopped", exc_info=error)
            return error.exit_code
        except Exception as error:  # noqa: BLE001 - the last frame of the process: log, never a traceback
            _log.critical("stopped", exc_info=error)
            return InternalError.exit_code
    return 0


def _calm_collector() -> None:
    """Leave out of the search for cycles what is loaded and stays, and search more rarely.

    Measured under load: a tenth of a node's time went into going through its modules again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)


def share_one_arena() -> None:
    """Let all threads to come take memory from one place; glibc gives each a place of its own, and keeps it.

    Measured: 4 to 9 MB of a node under load, and no time, for whoever allocates holds the interpreter's lock.
    """
    with suppress(OSError, AttributeError):  # another C library has no such thing
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


class _Refusals:
    """Refused handshakes on their way from the thread that reads them to the event loop."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue(_REFUSALS_WAITING)
        self.loop: asyncio.AbstractEventLoop | None = None

    def put(self, reason: str) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._put_on_loop, reason)

    def _put_on_loop(self, reason: str) -> None:
        with suppress(asyncio.QueueFull):  # a flood is counted well enough by a thousand
            self.queue.put_nowait(reason)


@contextmanager
def _log_stream(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield cast("BinaryIO", sys.stderr.buffer)
        return
    with path.open("ab", buffering=0) as stream:
        yield cast("BinaryIO", stream)


async def _run_with_signals(main: Callable[[Daemon], Awaitable[None]], refusals: _Refusals) -> None:
    loop = refusals.loop = asyncio.get_running_loop()
    daemon = Daemon(refusals.queue)

    def leave(number: signal.Signals) -> None:
        _log.info("leaving", signal=int(number))
        tell_supervisor(LEAVING)
        daemon.stop.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave, number)
    try:
        await main(daemon)
    finally:
        daemon.close()


def _options(options: ServerOptions) -> list[tuple[str, int]]:
    return [
        *server_options(),
        ("grpc.so_reuseport", 0),  # two daemons on one port would share it in silence
        ("grpc.max_concurrent_streams", options.max_concurrent_streams),
        # It would count calls that have ended and are not cleared away yet, and tear new ones of callers who keep to
        # the number above: without a typed answer, and most of them (measured). The chain refuses what is too much.
        ("grpc.http.overload_protection", 0),
        ("grpc.max_connection_age_ms", int(options.max_connection_age_seconds * 1000)),
        ("grpc.max_connection_age_grace_ms", int(options.max_connection_age_grace_seconds * 1000)),
    ]


def _add_health(server: grpc.aio.Server) -> health.aio.HealthServicer:
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    return servicer


def _listen(server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials) -> int:
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise ConfigurationError("the address cannot be had", where="listen") from error
    if port == 0:
        raise ConfigurationError("the address cannot be had", where="listen")
    return port


def dialled_host(address: str) -> str:
    """Return by which host one of this machine dials what listens on `address`."""
    host = address.rpartition(":")[0].strip("[]")
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only


def dialled_address(address: str) -> str:
    """Return the `host:port` by which one of this machine dials what listens on `address`."""
    host, port = dialled_host(address), address.rpartition(":")[2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

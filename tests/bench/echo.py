"""The yardstick: a bare unary echo of 4 KiB over mutual TLS, grpc.aio, one process on each side.

Nothing of ours is in it but the certificates; whatever it does in a second is what this machine,
today, gives a Python program for a call. `serve` runs in a process of its own and prints its
port; `Caller` keeps one channel and measures many callers at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from bench.processes import say, start
from fakes.pki import DOMAIN, make_root
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId

PAYLOAD_BYTES = 4096

_METHOD = "/bench.Echo/Echo"
_SERVER, _CLIENT = MemberId("xab"), MemberId("xaa")


@dataclass(frozen=True, slots=True)
class Echo:
    """What one run of the echo gave: calls per second, and how long each call took, in seconds."""

    rps: float
    latencies: list[float]


def write_papers(folder: Path) -> None:
    """Make an authority for each side and write keys, chains and roots to a new `folder`."""
    folder.mkdir(parents=True)
    for member in (_SERVER, _CLIENT):
        root = make_root(member)
        issued = root.issue(Role.NODE)
        (folder / f"{member}.key").write_bytes(issued.key_pem)
        (folder / f"{member}.pem").write_bytes(issued.chain_pem)
        (folder / f"{member}.root").write_bytes(root.pem)


async def serve(folder: Path) -> None:
    """Echo until SIGTERM; print the port first."""
    key, chain, root = _papers(folder, _SERVER, _CLIENT)
    credentials = grpc.ssl_server_credentials([(key, chain)], root, require_client_auth=True)
    server = grpc.aio.server()
    handler: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(_echo)
    generic = grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler})
    server.add_generic_rpc_handlers((generic,))
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    say(str(port))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(1)


class Caller:
    """One channel to the echo server."""

    def __init__(self, call: Any) -> None:
        self._call = call

    async def run(self, callers: int, seconds: float) -> Echo:
        """Call from `callers` tasks at once for `seconds`, each as fast as it is answered."""
        payload = bytes(PAYLOAD_BYTES)
        latencies: list[float] = []
        end = time.perf_counter() + seconds

        async def call_on() -> None:
            while (begun := time.perf_counter()) < end:
                await self._call(payload)
                latencies.append(time.perf_counter() - begun)

        begun = time.perf_counter()
        await asyncio.gather(*(call_on() for _ in range(callers)))
        return Echo(len(latencies) / (time.perf_counter() - begun), latencies)


@contextlib.asynccontextmanager
async def open_echo(folder: Path) -> AsyncIterator[Caller]:
    """Start the server and a channel to it; both end with the context."""
    await asyncio.to_thread(write_papers, folder)
    async with start(["serve-echo", str(folder)]) as server:
        port = await server.read_line()
        key, chain, root = _papers(folder, _CLIENT, _SERVER)
        credentials = grpc.ssl_channel_credentials(root, key, chain)
        options = [("grpc.ssl_target_name_override", dns_name(Role.NODE, _SERVER, DOMAIN))]
        async with grpc.aio.secure_channel(f"127.0.0.1:{port}", credentials, options) as channel:
            call: Any = channel.unary_unary(_METHOD)
            await call(bytes(PAYLOAD_BYTES))
            yield Caller(call)


async def _echo(request: bytes, _context: object) -> bytes:
    return request


def _papers(folder: Path, own: str, other: str) -> tuple[bytes, bytes, bytes]:
    names = (f"{own}.key", f"{own}.pem", f"{other}.root")
    key, chain, root = ((folder / name).read_bytes() for name in names)
    return key, chain, root

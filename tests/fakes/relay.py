"""A relay that runs, in this process or in its own, and nodes that dial it.

async with running_relay(tmp_path, network) as relay:
    async with relay.collect(network["xab"]) as stream: ...
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from fakes.faults import VARIABLE
from fakes.members import FakeMember, Network
from fakes.nursery import Bred, breed
from fakes.pki import DOMAIN
from fakes.ports import find_port
from tracepost.protocol.evidence import LogVerifier, ProvedEntry, verify_proof
from tracepost.protocol.identity import Role, dns_name
from tracepost.relay.bootstrap import RunningRelay, open_relay, unix_clock
from tracepost.relay.installation import init_relay, install_certificate, install_trust
from tracepost.relay.settings import load_settings
from tracepost.serving.credentials import Papers, open_channel
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Announcement, Aside, Expiry, Frame, Receipt, StreamStatus
from tracepost.wire.v1.post_pb2_grpc import PostStub

_DEADLINE_SECONDS = 120.0


@dataclass
class Collected:
    """Everything that came on a stream, by kind."""

    envelopes: list[Envelope] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    stored: list[bytes] = field(default_factory=list)
    statuses: list[StreamStatus] = field(default_factory=list)
    expiries: list[Expiry] = field(default_factory=list)
    announcements: list[Announcement] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)

    def add(self, frame: Frame) -> None:
        self.envelopes.extend(frame.envelopes)
        self.receipts.extend(frame.receipts)
        self.stored.extend(frame.receipts_stored)
        self.statuses.extend(frame.statuses)
        self.expiries.extend(frame.expiries)
        self.announcements.extend(frame.announcements)
        self.asides.extend(frame.asides)

    @property
    def codes(self) -> list[str]:
        return [status.code for status in self.statuses]


class Stream:
    """One stream of a member to the relay, frame by frame."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self.got = Collected()
        self.frames: list[Frame] = []

    async def send(self, **things: Any) -> None:
        """Send a frame with these fields."""
        await self._call.write(Frame(**things))

    async def until(self, enough: Callable[[Collected], object]) -> Collected:
        """Read frames until `enough` says so; a stream that ends first raises what ended it."""
        async with asyncio.timeout(_DEADLINE_SECONDS):
            while not enough(self.got):
                await self._read()
        return self.got

    async def end(self) -> grpc.StatusCode:
        """Read until the relay ends the stream; return the status, raise `AioRpcError` if it is not OK."""
        async with asyncio.timeout(_DEADLINE_SECONDS):
            while True:
                try:
                    await self._read()
                except EOFError:
                    code: grpc.StatusCode = await self._call.code()
                    return code

    async def done(self) -> None:
        """Say that nothing more is sent."""
        await self._call.done_writing()

    async def _read(self) -> None:
        frame = await self._call.read()
        if frame is grpc.aio.EOF:
            raise EOFError
        self.frames.append(frame)
        self.got.add(frame)


@dataclass
class Dialler:
    """Dials one relay as any member."""

    network: Network
    port: int

    @asynccontextmanager
    async def stream(
        self, member: FakeMember, *, collects: bool = True, speaks: bool = True
    ) -> AsyncIterator[Stream]:
        """Open a stream as `member`; who does not speak hears for sure why the relay refuses it."""
        papers = Papers(member.node.key_pem, member.node.chain_pem, self.network.relay.root.pem)
        name = dns_name(Role.NODE, self.network.relay.id, DOMAIN)
        async with open_channel(f"127.0.0.1:{self.port}", papers, name) as channel:
            stub = PostStub(channel)
            call = stub.Collect() if collects else stub.Deliver()
            if speaks:
                with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):  # the tests read why it ended
                    await call.write(Frame())  # whoever says nothing of its papers is announced everything
            try:
                yield Stream(call)
            finally:
                call.cancel()

    def collect(self, member: str) -> Any:
        return self.stream(self.network[member])

    def deliver(self, member: str) -> Any:
        return self.stream(self.network[member], collects=False)


def install(folder: Path, network: Network, *, more: str = "", port: int = 0) -> Path:
    """Make the folder of the network's relay, certificate and trust list included; return its config."""
    application = init_relay(folder, member=network.relay.id, domain=DOMAIN, post=f"127.0.0.1:{port}")
    del application  # the fake authority makes key and certificate in one go, below
    settings = load_settings(folder / "relay.toml")
    settings.key_path.write_bytes(network.relay.node.key_pem)
    settings.log_key_path.write_text(network.relay.log.key.to_skey() + "\n")
    install_certificate(folder, network.relay.node.chain_pem)
    data, fingerprint = network.trust_list()
    install_trust(folder, data, fingerprint=fingerprint)
    config = folder / "relay.toml"
    config.write_text(config.read_text() + more)
    return config


@asynccontextmanager
async def running_relay(
    folder: Path, network: Network, *, clock: Callable[[], int] = unix_clock, more: str = ""
) -> AsyncIterator[LocalRelay]:
    """Run the relay of `folder` in this process, installing it first if it is new."""
    config = folder / "relay.toml"
    if not config.exists():
        install(folder, network, more=more)
    relay = await open_relay(load_settings(config), clock=clock)
    try:
        yield LocalRelay(network, relay.port, relay)
    finally:
        await relay.close()


@dataclass
class LocalRelay(Dialler):
    """A relay in this process."""

    running: RunningRelay


class RelayProcess(Dialler):
    """A relay in a process of its own, that can be killed and started again on its folder."""

    def __init__(self, folder: Path, network: Network, *, more: str = "") -> None:
        super().__init__(network, find_port())
        self.log_path = folder / "relay.log"
        self._config = install(folder, network, more=more, port=self.port)
        self._process: Bred | None = None
        self._starts = 0

    async def start(self, *, fault: str = "") -> None:
        """Start it and wait until it listens; `fault` is a point of `fakes.faults`."""
        arguments = ["relay", str(self._config), str(self.log_path), ""]
        self._process = breed("fakes.fault_main", arguments, {VARIABLE: fault})
        await self._listening()

    async def kill(self) -> None:
        """End it as by a power cut."""
        await self.stop(signal.SIGKILL)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal and return its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it has ended by itself."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, _DEADLINE_SECONDS)

    async def _listening(self) -> None:
        assert self._process is not None
        self._starts += 1
        await self.logs("relay-serves", times=self._starts)

    async def logs(self, words: str, *, times: int = 1) -> None:
        """Wait until its log holds `words` so many times."""
        assert self._process is not None
        ends = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < ends:
            if self.log_path.exists() and self.log_path.read_text().count(words) >= times:
                return
            if self._process.poll() is not None:
                raise AssertionError(f"the relay ended with {self._process.returncode}")
            await asyncio.sleep(0.02)
        raise AssertionError(f"the relay does not log {words}")


def opened(receipt: Receipt, member: FakeMember) -> ProvedEntry:
    """Return the entry that a receipt proves by the log key of `member`."""
    return verify_proof(receipt.proof, LogVerifier([member.log.key.vkey]))

"""A relay that cannot be trusted, at the port and under the name of a town's relay.

    async with crooked_relay(town, "hub") as relay, town.running("xaa", "xab"):
        await relay.meets("xaa", "xab")
        relay.carry = lambda envelopes: [[e, e] for e in reversed(envelopes)]

It has the certificate and the log key of the honest one, so its receipts are believed; it can drop,
delay, repeat, turn round, change and invent. What it cannot do is read, sign for others, or make
anybody think that mail was delivered. Like the honest one it keeps mail in the order it came; unlike
it, in memory only.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import grpc

from fakes.adversary import flip
from fakes.casefiles import Log
from fakes.town import Town, until
from tracepost.protocol.envelope import envelope_id, parse_header
from tracepost.protocol.evidence import Custody, Entry, LogKey, custody_on
from tracepost.protocol.identity import Role
from tracepost.relay.settings import load_settings
from tracepost.wire.v1 import post_pb2_grpc
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Frame, Receipt, StreamStatus

Carry = Callable[[Sequence[Envelope]], list[list[Envelope]]]
"""Returns the frames of envelopes that the addressee gets for those that came in one frame."""

Bring = Callable[[Sequence[Receipt]], list[Receipt]]
"""Returns what the sender gets of its addressee's receipts."""


def all_at_once(envelopes: Sequence[Envelope]) -> list[list[Envelope]]:
    """Carry honestly."""
    return [list(envelopes)]


def none_at_all(_: Sequence[Envelope]) -> list[list[Envelope]]:
    """Carry nothing."""
    return []


@dataclass
class CrookedRelay(post_pb2_grpc.PostServicer):
    """What the relay does is in its attributes; a test sets them while it runs."""

    own: str
    log: Log
    gives_custody: bool = True
    carry: Carry = all_at_once
    bring: Bring = list
    kept: list[Envelope] = field(default_factory=list)
    statuses: list[StreamStatus] = field(default_factory=list)
    asked: list[bytes] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    _lines: defaultdict[str, asyncio.Queue[Frame | None]] = field(
        default_factory=lambda: defaultdict(asyncio.Queue)
    )

    async def Collect(  # noqa: N802 - the name in the interface
        self, request_iterator: Any, context: Any
    ) -> AsyncIterator[Frame]:
        member = _caller(context)
        line = self._lines[member]
        reading = asyncio.create_task(self._read(request_iterator))
        self.present.add(member)
        try:
            yield Frame()  # that has none of the papers: who waits to be told that sends nothing for 20 seconds
            while (frame := await _next(line, reading)) is not None:
                yield frame
        finally:
            reading.cancel()

    async def meets(self, *members: str) -> None:
        """Wait until these members have a stream here."""
        await until(lambda: self.present.issuperset(members), "members to call")

    def put(self, member: str, **things: Any) -> None:
        """Put a frame with these fields on a member's stream, or on its next one."""
        self._lines[member].put_nowait(Frame(**things))

    def hang_up(self, member: str) -> None:
        """End a member's stream; it calls again."""
        self.present.discard(member)
        self._lines[member].put_nowait(None)

    def forward(self, envelopes: Sequence[Envelope]) -> None:
        """Give mail to its addressees as it is, frame by frame."""
        for one in envelopes:
            self.put(parse_header(one.header).to_member, envelopes=[one])

    def receipt(self, envelope: Envelope, entry: Entry, from_member: str = "") -> Receipt:
        """Return a receipt about `envelope` that our own log proves, whatever it says."""
        header = parse_header(envelope.header)
        return Receipt(
            envelope_id=envelope_id(envelope.header),
            from_member=from_member or self.own,
            to_member=header.from_member,
            proof=self.log.prove(entry),
        )

    async def _read(self, frames: AsyncIterator[Frame]) -> None:
        async for frame in frames:
            self.statuses.extend(frame.statuses)
            self.asked.extend(frame.custody_asked)
            self._take(frame.envelopes)
            self._take_receipts(frame.receipts)

    def _take(self, envelopes: Sequence[Envelope]) -> None:
        self.kept.extend(envelopes)
        for one in envelopes if self.gives_custody else ():
            self.put(parse_header(one.header).from_member, receipts=[self.receipt(one, _custody(one))])
        for frame in self.carry(envelopes):
            for to in {parse_header(one.header).to_member for one in frame}:
                self.put(to, envelopes=[one for one in frame if parse_header(one.header).to_member == to])

    def _take_receipts(self, receipts: Sequence[Receipt]) -> None:
        for one in self.bring(receipts):
            self.put(one.to_member, receipts=[one])


class BadWire:
    """A line of TCP that cuts off, or turns a bit, after so many bytes; one fault for each connection.

    `faults` are worked off from the first: ("cut", bytes) or ("flip", bytes) on the way to the relay;
    when there is none left the line is good.
    """

    def __init__(self, target: int, faults: Sequence[tuple[str, int]]) -> None:
        self.faults = list(faults)
        self._target = target
        self._connections: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def laid(self, port: int) -> AsyncIterator[None]:
        """Listen on `port`."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            for one in self._connections:
                one.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(asyncio.create_task(self._connect(reader, writer)))

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fault, after = self.faults.pop(0) if self.faults else ("", 0)
        there = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [
            asyncio.create_task(_pump(reader, there[1], fault, after)),
            asyncio.create_task(_pump(there[0], writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (writer, there[1]):
                end.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str = "", after: int = 0
) -> None:
    """Carry bytes to the end of either side, or to the fault."""
    passed = 0
    with suppress(OSError):
        while data := await reader.read(16384):
            due = fault and passed <= after < passed + len(data)
            if due and fault == "cut":
                writer.write(data[: after - passed])
                return
            writer.write(flip(data, 8 * (after - passed)) if due else data)
            passed += len(data)
            await writer.drain()


@asynccontextmanager
async def crooked_relay(town: Town, name: str, port: int | None = None) -> AsyncIterator[CrookedRelay]:
    """Serve in the place of the town's relay, which is not running; at its port, or behind a `BadWire`."""
    resident, settings = town.residents[name], load_settings(town.place(name) / "relay.toml")
    issued = resident.authority.issue(Role.NODE)
    roots = b"".join(one.authority.pem for one in town.residents.values())
    log_key = LogKey.from_skey(settings.log_key_path.read_text().strip())
    relay, server = CrookedRelay(name, Log(log_key)), grpc.aio.server()
    post_pb2_grpc.add_PostServicer_to_server(relay, server)
    server.add_secure_port(
        f"127.0.0.1:{resident.ports.post if port is None else port}",
        grpc.ssl_server_credentials(
            [(issued.key_pem, issued.chain_pem)], root_certificates=roots, require_client_auth=True
        ),
    )
    await server.start()
    try:
        yield relay
    finally:
        await server.stop(0)


async def _next(line: asyncio.Queue[Frame | None], reading: asyncio.Task[None]) -> Frame | None:
    """Return the next frame; None when the relay hangs up, or the caller has."""
    getting = asyncio.ensure_future(line.get())
    try:
        done, _ = await asyncio.wait({getting, reading}, return_when=asyncio.FIRST_COMPLETED)
        return getting.result() if getting in done else None
    finally:
        getting.cancel()  # else it would take a frame of the next stream


def _custody(envelope: Envelope) -> Custody:
    return custody_on(parse_header(envelope.header).address, envelope_id(envelope.header), 1)


def _caller(context: Any) -> str:
    """Return the member that calls, by the one name in its certificate: node.<member>.<domain>."""
    [name] = context.auth_context()["x509_subject_alternative_name"]
    return str(name.decode().split(".")[1])

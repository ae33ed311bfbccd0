"""What a case costs on a thin line: bytes, the same on every machine, and seconds on a line that we make slow.

A node that can only dial out (XAA) reaches another (XAB) by one road of `faults.network`, which counts what it
carries in both directions, TLS included. Bytes of TCP and IP below it are not in the figures. Over the slow road each
byte takes its time at 64 kbit/s in its direction, and 800 ms go by until it arrives; a connection begins with one
exchange more, as TCP's does. With TLS, the settings of HTTP/2 and the stream that makes four before the first frame is
here, so that its goal is held against a line that takes 800 ms there and back.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.network import UNUSED_RELAY, forget_relay
from bench.rows import Measured, Part, Row, Run
from fakes.messages import acknowledgement, answer, closure, response
from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, Town, found_town, until
from faults.network import Road, Roads, Side, Weather
from tracepost.protocol.announced import names_held
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.identity import Role, dns_name
from tracepost.protocol.ids import MemberId
from tracepost.sdk import Client
from tracepost.sdk.attachments import hand_in, prepare_file
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.serving.credentials import Papers, open_channel
from tracepost.serving.frames import FrameCall
from tracepost.wire.v1 import attachment_pb2, desk_pb2
from tracepost.wire.v1.post_pb2 import Frame
from tracepost.wire.v1.post_pb2_grpc import PostStub

US, THEM = "xaa", "xab"
SLOW: Final = Weather(delay_seconds=0.8, bytes_per_second=8_000)
NEARER: Final = Weather(delay_seconds=0.4, bytes_per_second=8_000)
PHOTOGRAPH_BYTES: Final = 150 * 1024
PHOTOGRAPHS: Final = 3

GOALS: Final = {
    "connect_bytes": 20 * 1024,
    "again_bytes": 8 * 1024,
    "start_bytes": 24 * 1024,
    "request_bytes": 12 * 1024,
    "case_bytes": 60 * 1024,
    "photographs_bytes": 600 * 1024,
}
"""What may be carried: of a request what its sender sends, of the others both directions together."""

_EXAMPLE = Path(__file__).parents[2] / "examples" / "polymer-frame.json"
_QUIET_SECONDS = 0.4
_PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took of the line, both directions together and upwards alone, and how long it took."""

    bytes: int
    up: int
    seconds: float


@dataclass
class Line:
    """Two offices, one of whom dials the other over `road`; both have met before."""

    town: Town
    road: Road

    async def cost_of(self, act: Awaitable[object], done: Callable[[], bool], what: str) -> Cost:
        """Let something happen; return what the line carried from then until it was done and quiet again."""
        before, up, begun = self._carried(), self.road.carried[Side.UP], time.monotonic()
        await act
        await until(done, what, _PATIENCE_SECONDS)
        seconds = time.monotonic() - begun
        await self.be_quiet()
        return Cost(self._carried() - before, self.road.carried[Side.UP] - up, seconds)

    async def be_quiet(self) -> None:
        """Wait until nothing more comes over the line: receipts are confirmed, heads are proved."""
        carried, since = self._carried(), time.monotonic()
        quiet = _QUIET_SECONDS + 2.5 * self.road.weather.delay_seconds
        while time.monotonic() - since < quiet:
            await asyncio.sleep(0.05)
            if self._carried() != carried:
                carried, since = self._carried(), time.monotonic()

    async def connect(self, held: Sequence[bytes] = ()) -> tuple[Cost, list[bytes]]:
        """Dial as the node of XAA does, from nothing, and hang up; return the cost, and the names of what came.

        Who has nothing is done when the other's papers are here, who has them with the other's first frame.
        """
        issued = self.town.residents[US].authority.issue(Role.NODE)
        papers = Papers(issued.key_pem, issued.chain_pem, self.town.residents[THEM].authority.pem)
        name = dns_name(Role.NODE, MemberId(THEM), DOMAIN)
        before, up, begun = self._carried(), self.road.carried[Side.UP], time.monotonic()
        channel = open_channel(f"127.0.0.1:{self.road.port}", papers, name)
        call = PostStub(channel).Collect()
        await call.write(Frame(papers_held=held))
        frame = await _read(call)
        while not held and not frame.announcements:
            frame = await _read(call)
        names = [name for one in frame.announcements for name in names_held(one.trust_list, [one])]
        seconds = time.monotonic() - begun
        cost = Cost(self._carried() - before, self.road.carried[Side.UP] - up, seconds)
        call.cancel()
        await channel.close()
        await self.be_quiet()
        return cost, names

    async def deliver(self, member: str, message: Awaitable[desk_pb2.Submission]) -> Cost:
        """Let a member send one message; done when it has the receipt."""
        count = self._delivered(member) + 1
        return await self.cost_of(message, lambda: self._delivered(member) == count, "the receipt")

    def _delivered(self, member: str) -> int:
        [(count,)] = self.town.ask(member, "SELECT count(*) FROM sent_mail WHERE state = 'DELIVERED'")
        return int(count)

    def _carried(self) -> int:
        return sum(self.road.carried.values())


@dataclass(frozen=True, slots=True)
class Costs:
    """What each part of the story took; `again` connects who has the papers, `start` a node that has met the other."""

    connect: Cost
    again: Cost
    start: Cost
    request: Cost
    acknowledgement: Cost
    response: Cost
    closure: Cost

    @property
    def case(self) -> int:
        """Bytes of the whole case on a stream that is open, from the request to its end."""
        return sum(one.bytes for one in (self.request, self.acknowledgement, self.response, self.closure))


@contextlib.asynccontextmanager
async def open_line(folder: Path) -> AsyncIterator[Line]:
    """Found the town, let both meet, and end XAA again; XAB runs on behind its road."""
    town = await asyncio.to_thread(_found, folder)
    async with Roads() as roads:
        road = await roads.open(f"{US}>{THEM}", ("127.0.0.1", town.residents[THEM].ports.post))
        settings = town.place(THEM) / "node.toml"
        reachable = f'reachable_at = "127.0.0.1:{road.port}"'
        settings.write_text(re.sub(r'reachable_at = ".*"', reachable, settings.read_text()))
        line = Line(town, road)
        async with town.running(THEM):
            await town.unlock(THEM)
            async with town.running(US), town.client(US) as us, town.client(THEM) as them:
                await us.import_papers(await them.export_papers())
                await town.meet(US, THEM)
                await line.be_quiet()
            yield line


@contextlib.asynccontextmanager
async def on_the_line(line: Line) -> AsyncIterator[tuple[Client, Client, Cost]]:
    """Run XAA too; give officers of both, and what it took until its line was quiet."""
    async with contextlib.AsyncExitStack() as stack:
        running = stack.enter_async_context(line.town.running(US))
        start = await line.cost_of(running, lambda: line.road.connections > 0, "a connection")
        await line.town.unlock(US)
        us = await stack.enter_async_context(line.town.client(US))
        them = await stack.enter_async_context(line.town.client(THEM))
        yield us, them, start


async def play_case(line: Line) -> Costs:
    """Ask without a photograph, acknowledge, answer, close; return what each took."""
    connect, names = await line.connect()
    again, _ = await line.connect(names)
    async with on_the_line(line) as (us, them, start):
        draft = _request()
        asked: list[desk_pb2.Submission] = []

        async def ask() -> desk_pb2.Submission:
            asked.append(await us.submit(draft))
            return asked[0]

        request = await line.deliver(US, ask())
        case = asked[0].thread
        return Costs(
            connect=connect,
            again=again,
            start=start,
            request=request,
            acknowledgement=await line.deliver(THEM, them.acknowledge(case, acknowledgement())),
            response=await line.deliver(THEM, them.respond(case, response(answer()))),
            closure=await line.deliver(US, us.close(case, closure("1"))),
        )


async def send_photographs(line: Line, folder: Path) -> Cost:
    """Send three photographs as files with a request; the line is cut when half of them is over."""
    async with on_the_line(line) as (us, them, _):
        draft = _request()
        for number in range(PHOTOGRAPHS):
            path = folder / f"photograph-{number}.pdf"
            path.write_bytes(b"%PDF-1.7\n" + os.urandom(PHOTOGRAPH_BYTES - 9))  # no deflate finds anything
            file = prepare_file(path)
            await hand_in(us, file)
            draft.content.trace_request.items[0].attachments.append(file.as_attachment())
        cut = asyncio.create_task(_cut_halfway(line))
        asked: list[desk_pb2.Submission] = []

        async def ask() -> None:
            asked.append(await us.submit(draft))

        here: list[int] = []

        async def look() -> None:
            while len(here) < PHOTOGRAPHS:
                await asyncio.sleep(0.1)
                here[:] = await _files_here(them, asked[0].thread) if asked else []

        looking = asyncio.create_task(look())
        cost = await line.cost_of(ask(), looking.done, "the files")
        assert await cut > 0, "there was nothing to cut"
        return cost


async def _read(call: FrameCall) -> Frame:
    frame = await call.read()
    assert isinstance(frame, Frame), "the stream has ended"
    return frame


async def _cut_halfway(line: Line) -> int:
    before = sum(line.road.carried.values())
    half = PHOTOGRAPHS * PHOTOGRAPH_BYTES // 2
    await until(lambda: sum(line.road.carried.values()) - before > half, "half of it", _PATIENCE_SECONDS)
    return line.road.reset()


async def _files_here(client: Client, case: str) -> list[int]:
    with contextlib.suppress(NotFoundError):
        view = await client.show_case(case)
        states = [state for statement in view.statements for state in statement.attachments]
        return [state.place for state in states if state.place == attachment_pb2.ATTACHMENT_PLACE_HERE]
    return []


def _request() -> desk_pb2.Draft:
    """Return the request of an example, without its photograph."""
    draft = read_draft(read_document(_EXAMPLE), Album(_EXAMPLE.parent))
    del draft.parts[:]
    for item in draft.content.trace_request.items:
        del item.object.photograph[:]
    return draft


def _found(folder: Path) -> Town:
    town = found_town(
        folder / "town", {US: (POC, POLICE), THEM: (POC, POLICE)}, UNUSED_RELAY, reachable=(THEM,)
    )
    forget_relay(town, US, THEM)
    return town


async def measure(run: Run) -> Measured:
    """Play the case and send the photographs over the slow line."""
    async with open_line(run.folder) as line:
        line.road.weather = NEARER
        nearer, _ = await line.connect()
        line.road.weather = SLOW
        case = await play_case(line)
        photographs = await send_photographs(line, run.folder)
    figures = {
        "connect_seconds": nearer.seconds,
        "connect_far_seconds": case.connect.seconds,
        "connect_bytes": case.connect.bytes,
        "again_bytes": case.again.bytes,
        "again_seconds": case.again.seconds,
        "start_bytes": case.start.bytes,
        "request_bytes": case.request.up,
        "request_both_bytes": case.request.bytes,
        "request_seconds": case.request.seconds,
        "case_bytes": case.case,
        "photographs_bytes": photographs.bytes,
        "photographs_seconds": photographs.seconds,
    }
    return Measured({f"slow_{name}": value for name, value in figures.items()})


PART = Part(
    "slow-line",
    "64 kbit/s, 800 ms each way where nothing else is said; bytes with TLS, without TCP and IP; three desks a side",
    seconds=150,
    measure=measure,
    rows=(
        Row(
            "slow_connect_seconds",
            "cold connect to the other's papers, 800 ms there and back (s)",
            "≤ 6",
        ),
        Row("slow_connect_far_seconds", "  800 ms each way: four exchanges alone take 6.4 (s)"),
        Row("slow_connect_bytes", "  its papers with it (bytes)"),
        Row("slow_again_bytes", "the same by who has the papers, to the other's first frame (bytes)"),
        Row("slow_again_seconds", "  800 ms each way (s)"),
        Row("slow_start_bytes", "a node starts that has met the other: its stream, asking for heads (bytes)"),
        Row("slow_request_bytes", "request without photograph: sent for it (bytes)", "≤ 12,288"),
        Row("slow_request_both_bytes", "  with receipt and proofs, both directions (bytes)"),
        Row("slow_request_seconds", "  on an open stream (s)"),
        Row("slow_case_bytes", "whole case: request, acknowledgement, answer, closure (bytes)", "≤ 61,440"),
        Row("slow_photographs_bytes", "three photographs of 150 KiB, cut halfway (bytes)", "≤ 614,400"),
        Row("slow_photographs_seconds", "  until they are there (s)"),
    ),
)

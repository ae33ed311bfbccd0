"""Two hundred destinations beside one, and what a dead one among them costs the others.

Rooms of a real node with its courier send to a `sink`, one process that is all destinations. Mail is sealed beforehand
and the streams are open; then all of it is let go, and what is measured is the time until every receipt is kept. The
dead one takes connections and never says a word, so that nobody learns quickly that it is dead.

Runs of a few seconds differ by more than the goals leave where others share the machine: rounds are longer and twice
as many as elsewhere, and one of full length goes before them that is not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from sqlite3 import connect

from bench.network import SENDING, UNUSED_RELAY, forget_relay
from bench.processes import start
from bench.receipts import Receipts
from bench.report import median
from bench.rows import Measured, Part, Row, Run
from bench.sender import open_rooms, seal
from bench.sink import MEMBERS, SENDER, read_papers
from bench.workload import make_draft
from fakes.house import POC, Identities
from fakes.town import POLICE, Town, found_town
from tracepost.node.bootstrap.rooms import Rooms
from tracepost.protocol.evidence import ListedKey
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import Member, MemberType
from tracepost.wire.v1.post_pb2 import Announcement

DESTINATIONS = 200
_MESSAGES = 12_000
_POLL_SECONDS = 0.002
_DEAD = MemberId("xdd")


async def measure(run: Run) -> Measured:
    """Return messages per second to one, to all, and to all while one more is dead."""
    messages = run.share(_MESSAGES)
    count = min(DESTINATIONS, messages // 4)
    async with _open(run.folder, count) as (rooms, store, names):
        numbers = itertools.count(1_000_000)
        sending = _Sending(rooms, store, numbers)
        await sending.run(names, messages)  # streams open, caches fill, frames come to their length
        made = []
        for _ in range(2 * run.rounds):
            one = await sending.run(names[:1], messages)
            many = await sending.run(names, messages)
            dead = await sending.run(names, messages, dead=max(1, messages // count))
            made.append(_compare(one, many, dead))
    figures = {name: median([one[name] for one in made]) for name in made[0]}
    return Measured({**figures, "destinations": count}, made)


def _compare(one: float, many: float, dead: float) -> dict[str, float]:
    return {
        "destinations_one_rps": one,
        "destinations_rps": many,
        "destinations_ratio": many / one,
        "destinations_dead_rps": dead,
        "destinations_dead_ratio": dead / many,
    }


class _Sending:
    def __init__(self, rooms: Rooms, store: Path, numbers: itertools.count[int]) -> None:
        self._rooms = rooms
        self._store = store
        self._numbers = numbers

    async def run(self, to: Sequence[str], messages: int, dead: int = 0) -> float:
        """Seal so many messages in turns to each of `to`, and `dead` to the dead one; return how many a second came."""
        drafts = [make_draft(next(self._numbers), to[n % len(to)]) for n in range(messages)]
        drafts += [make_draft(next(self._numbers), _DEAD) for _ in range(dead)]
        await seal(self._rooms, drafts)
        connection = connect(f"file:{self._store}?mode=ro", uri=True, isolation_level=None)
        with Receipts(connection, _POLL_SECONDS) as receipts:
            begun = time.perf_counter()
            await self._rooms.mail.courier.look()
            await receipts.wait(messages)
            return messages / (time.perf_counter() - begun)


@contextlib.asynccontextmanager
async def _open(folder: Path, count: int) -> AsyncIterator[tuple[Rooms, Path, list[str]]]:
    """Start the sink, found the sender, introduce them; give the sender's rooms, its store and the destinations."""
    (folder / "count").write_text(str(count))
    async with start(["serve-sink", str(folder)]) as sink, _deaf_port() as port:
        await sink.read_line()
        members = json.loads((folder / MEMBERS).read_text())
        dead = Identities.make(_DEAD, (POC,))
        town = await asyncio.to_thread(_found, folder, [*map(_listed, members), _listed_dead(dead)])
        _tell_sink(folder, town)
        await sink.read_line()
        papers = [Announcement.FromString(one) for one in read_papers(folder)]
        papers.append(dead.announcement(int(time.time()), reachable_at=f"127.0.0.1:{port}"))
        place = town.place(SENDING)
        async with open_rooms(place) as rooms:
            for one in papers:
                await rooms.mail.announcing.take_by_hand(one)
            courier = asyncio.create_task(rooms.mail.courier.run())
            try:
                yield rooms, place / "store.sqlite", [one["member"] for one in members]
            finally:
                courier.cancel()
                await asyncio.gather(courier, return_exceptions=True)


def _found(folder: Path, elsewhere: Sequence[Member]) -> Town:
    town = found_town(
        folder / "town", {SENDING: (POC, POLICE)}, UNUSED_RELAY, reachable=(SENDING,), elsewhere=elsewhere
    )
    forget_relay(town, SENDING)
    return town


def _tell_sink(folder: Path, town: Town) -> None:
    resident = town.residents[SENDING]
    told = {"member": SENDING, "log_key": resident.log_key, "root": resident.authority.pem.decode()}
    part = folder / "sender.part"
    part.write_text(json.dumps(told))
    part.rename(folder / SENDER)


def _listed(told: dict[str, str]) -> Member:
    return _member(told["member"], b64decode(told["root"]), told["log_key"])


def _listed_dead(dead: Identities) -> Member:
    return _member(_DEAD, dead.authority.der, dead.log_key.vkey)


def _member(name: str, root: bytes, log_key: str) -> Member:
    return Member(MemberId(name), MemberType.STATE, (root,), (ListedKey(log_key),), (), bytes(32))


@contextlib.asynccontextmanager
async def _deaf_port() -> AsyncIterator[int]:
    """Listen on a port, take connections and say nothing."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        await writer.wait_closed()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in held:
            writer.transport.abort()


PART = Part(
    "destinations",
    "a real node's courier to one process of 200 identities that verifies and receipts without rules and rows",
    seconds=420,
    measure=measure,
    rows=(
        Row("destinations", "destinations"),
        Row("destinations_one_rps", "sealed mail to one of them, receipted (/s)"),
        Row("destinations_rps", "  to all in turns (/s)"),
        Row("destinations_ratio", "  all to one", "≥ 0.8"),
        Row("destinations_dead_rps", "  while one more is dead (/s)"),
        Row("destinations_dead_ratio", "  to none dead", "≥ 0.95"),
    ),
)

"""The sending side of the post alone: a real store with mail sealed beforehand, sent when told.

Everything is the node's own but the courier: drafts go through the sending pipeline into the
outbox, a `Line` puts them on a `Post.Deliver` stream, verifies the receipts and keeps them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from bench.network import RECEIVING, SEALING, Network
from bench.workload import make_draft
from fakes.town import PASSPHRASE
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.bootstrap.keys import load_keys, unix_clock
from tracepost.node.bootstrap.rooms import Rooms
from tracepost.node.bootstrap.tls import make_own_head
from tracepost.node.config import load_config
from tracepost.node.handlers.case.office import Officer
from tracepost.node.own_papers import load_own_papers
from tracepost.node.policies.in_force import load_policies
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId
from tracepost.wire.v1 import desk_pb2
from tracepost.wire.v1.post_pb2 import Announcement

_BATCH = 64
_PEER = MemberId(RECEIVING)


class Sender:
    """Seals mail into its outbox, then delivers it."""

    def __init__(self, rooms: Rooms, address: str) -> None:
        self._rooms = rooms
        self._address = address

    async def seal(self, first: int, count: int) -> None:
        """Submit so many requests, numbered from `first`; none leaves yet."""
        for start in range(first, first + count, _BATCH):
            end = min(start + _BATCH, first + count)
            await seal(self._rooms, [make_draft(number, RECEIVING) for number in range(start, end)])

    async def deliver(self, count: int) -> float:
        """Send what waits; return how many seconds it took until `count` receipts were kept."""
        rooms = self._rooms
        line = rooms.mail.make_line(_PEER, lambda tx: tx.outbox.queues_with(_PEER))
        arrived, kept = asyncio.Event(), 0
        tell = line.stream.outgoing.put_stored

        def count_receipt(envelope_id: EnvelopeId) -> None:
            nonlocal kept
            kept += 1
            tell(envelope_id)
            if kept == count:
                arrived.set()

        line.stream.outgoing.put_stored = count_receipt  # type: ignore[method-assign]
        begun = time.perf_counter()
        stream = asyncio.create_task(
            line.stream.dial(rooms.switchboard.dial(_PEER, self._address, "Deliver"))
        )
        waiting = asyncio.create_task(arrived.wait())
        await asyncio.wait({stream, waiting}, return_when=asyncio.FIRST_COMPLETED)
        seconds = time.perf_counter() - begun
        if not arrived.is_set():
            stream.result()
        stream.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await stream
        return seconds


@contextlib.asynccontextmanager
async def open_sender(network: Network) -> AsyncIterator[Sender]:
    """Open the rooms of XAC in this process, with the papers of the receiving node."""
    async with open_rooms(network.town.place(SEALING)) as rooms:
        await rooms.mail.announcing.take_by_hand(await network.receiving.client.export_papers())
        await network.receiving.client.import_papers(_own(rooms))
        ports = network.town.residents[RECEIVING].ports
        yield Sender(rooms, f"127.0.0.1:{ports.post}")


@contextlib.asynccontextmanager
async def open_rooms(folder: Path) -> AsyncIterator[Rooms]:
    """Open the rooms of a node in this process, desks unlocked; mail is sealed and waits until it is told to go."""
    config = load_config(folder / "node.toml")
    keys = load_keys(config)
    for desk in config.desks:
        await asyncio.to_thread(keys.ring.unlock, desk.desk, PASSPHRASE)
    store = await open_store(f"sqlite:///{config.store_path}", keys.log)
    try:
        clock = unix_clock
        papers = await load_own_papers(config, keys.store, keys.signer, store, clock())
        own_head = make_own_head(config, keys, store, papers)
        policies = await load_policies(store, papers, config.member, clock(), os.urandom)
        rooms = Rooms(config, keys, store, papers, clock, policies=policies, own_head=own_head)
        rooms.desks.sending._wake = lambda _queues: None  # the mail waits
        yield rooms
        rooms.desks.sending.close()
    finally:
        await store.close()


async def seal(rooms: Rooms, drafts: Sequence[desk_pb2.Draft]) -> None:
    """Let an officer submit drafts; none leaves yet."""
    officer = Officer("7", (DeskId("poc"), DeskId("police")))
    for start in range(0, len(drafts), _BATCH):
        answers = await rooms.desks.sending.submit(officer, drafts[start : start + _BATCH])
        assert not any(one.HasField("problem") for one in answers), answers


def _own(rooms: Rooms) -> Announcement:
    return rooms.ground.papers.announcement(MemberId(SEALING))

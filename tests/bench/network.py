"""Three members on loopback ports: two nodes as processes of their own, and a sender in this process.

XAA submits cases and XAB receives them, each a real node. XAC is the rooms of a node without its
courier, so that mail can be sealed first and sent when the clock starts. They know one another
directly; there is no relay on the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, connect
from types import MappingProxyType

from bench.processes import NODE, Child, start
from fakes.town import PASSPHRASE, POC, POLICE, Town, found_town
from tracepost.sdk import Client

SENDING, RECEIVING, SEALING = "xaa", "xab", "xac"
UNUSED_RELAY = "hub"
"""Every town has a relay; nobody dials this one."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node that runs in a process of its own, and a client of it."""

    member: str
    process: Child
    client: Client
    folder: Path

    def open_store(self) -> Connection:
        """Return a connection to its SQLite file that only reads."""
        return connect(f"file:{self.folder / 'store.sqlite'}?mode=ro", uri=True, isolation_level=None)

    def stored(self) -> int:
        """Return how many statements it has stored."""
        with closing(self.open_store()) as store:
            return int(store.execute("SELECT count(*) FROM statement").fetchone()[0])


@dataclass(frozen=True, slots=True)
class Network:
    """The nodes that run, and the folder of the third member."""

    town: Town
    sending: Node
    receiving: Node


@contextlib.asynccontextmanager
async def open_network(
    folder: Path, stores: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Network]:
    """Found the members, start the nodes, introduce everybody but XAC, whose papers come with its mail.

    `stores` has the PostgreSQL databases of members; who is not in it has a file.
    """
    town = await asyncio.to_thread(_found, folder)
    town = town.on(stores)
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(open_node(town, one)) for one in (SENDING, RECEIVING)]
        for one, other in (nodes, nodes[::-1]):
            await one.client.import_papers(await other.client.export_papers())
        yield Network(town, *nodes)


def _found(folder: Path) -> Town:
    states = dict.fromkeys((SENDING, RECEIVING, SEALING), (POC, POLICE))
    town = found_town(folder, states, UNUSED_RELAY, reachable=(SENDING, RECEIVING))
    forget_relay(town, *states)
    return town


def forget_relay(town: Town, *members: str) -> None:
    """Take the relay that every town has out of the settings of these members."""
    for member in members:
        settings = town.place(member) / "node.toml"
        settings.write_text(re.sub(r"\[\[relay]]\n(?:\w+ = .*\n)+", "", settings.read_text()))


@contextlib.asynccontextmanager
async def open_node(town: Town, member: str) -> AsyncIterator[Node]:
    """Run the node of a member as a process, desks unlocked."""
    serving = [str(town.place(member) / "node.toml")]
    async with start(
        serving, NODE
    ) as process:  # makes the store: what is measured is a node as it is restarted
        await process.read_line()
    async with start(serving, NODE) as process:
        await process.read_line()
        async with town.client(member) as client:
            for desk in town.residents[member].desks:
                await client.unlock_desk(desk.desk, PASSPHRASE)
            yield Node(member, process, client, town.place(member))

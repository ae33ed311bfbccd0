"""Three members on loopback ports: two nodes as processes of their own, and a sender in this process.

XAA submits cases and XAB receives them, each a real node. XAC is the rooms of a node without its
courier, so that mail can be sealed first and sent when the clock starts. They know one another
directly; there is no relay on the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.processes import NODE, Child, start
from fakes.town import PASSPHRASE, POC, POLICE, Town, found_town
from tracepost.sdk import Client

SENDING, RECEIVING, SEALING = "xaa", "xab", "xac"
_UNUSED_RELAY = "hub"


@dataclass(frozen=True, slots=True)
class Node:
    """A node that runs in a process of its own, and a client of it."""

    member: str
    process: Child
    client: Client


@dataclass(frozen=True, slots=True)
class Network:
    """The nodes that run, and the folder of the third member."""

    town: Town
    sending: Node
    receiving: Node


@contextlib.asynccontextmanager
async def open_network(folder: Path) -> AsyncIterator[Network]:
    """Found the members, start the nodes, introduce everybody but XAC, whose papers come with its mail."""
    town = await asyncio.to_thread(_found, folder)
    async with contextlib.AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(_open_node(town, one)) for one in (SENDING, RECEIVING)]
        for one, other in (nodes, nodes[::-1]):
            await one.client.import_papers(await other.client.export_papers())
        yield Network(town, *nodes)


def _found(folder: Path) -> Town:
    states = dict.fromkeys((SENDING, RECEIVING, SEALING), (POC, POLICE))
    town = found_town(folder, states, _UNUSED_RELAY, reachable=(SENDING, RECEIVING))
    for member in states:
        settings = town.place(member) / "node.toml"
        settings.write_text(re.sub(r"\[\[relay]]\n(?:\w+ = .*\n)+", "", settings.read_text()))
    return town


@contextlib.asynccontextmanager
async def _open_node(town: Town, member: str) -> AsyncIterator[Node]:
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
            yield Node(member, process, client)

"""The members of a campaign: real daemons, each a process with a folder, on roads that the campaign has in its hand.

    async with open_stage(folder, seed=7) as stage:
        await stage.start_all()
        stage.roads.by_name["xaa>hub"].cut()
        stage.kill("xab")
        await stage.start("xab")

Every node dials the relay on a road of its own. XAB alone can be dialled directly, by all others on one road.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fakes.pki import DOMAIN
from fakes.town import PASSPHRASE, POC, Town, found_town, until
from fakes.witness import HEADS
from faults.checker import TOWN
from faults.daemon import CLOCK, HEADS_VARIABLE, STRIKE, STRINGS_VARIABLE, Deed
from faults.history import HISTORY, History
from faults.network import Roads
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.protocol.errors import TracepostError
from tracepost.sdk import Client

NODES: Final = ("xaa", "xab", "xac")
HUB: Final = "hub"
REACHABLE: Final = "xab"
DESK: Final = "poc"
_PATIENCE_SECONDS: Final = 6.0
_UNLOCK_TRIES: Final = 20


@dataclass
class Stage:
    """The campaign's world.

    Args:
        folder: of the campaign.
        broken: member → what is broken in its build.
        stores: member → address of its database.
    """

    folder: Path
    town: Town
    roads: Roads
    history: History
    stores: Mapping[str, str]
    broken: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, DaemonProcess] = field(default_factory=dict)

    @property
    def members(self) -> tuple[str, ...]:
        """All of them, the relay last."""
        return (*NODES, HUB)

    def place(self, member: str) -> Path:
        """Return the folder of a member."""
        return self.town.place(member)

    async def start_all(self) -> None:
        """Start everybody, and wait until they know one another."""
        await asyncio.gather(*map(self.start, self.members))
        await self.town.meet(*NODES)

    async def start(self, member: str) -> float:
        """Start a member, and unlock its desk; return after how many seconds it served."""
        seconds = await self.processes[member].start(self._environment(member))
        if member != HUB:
            await self._unlock(member)
        return seconds

    def kill(self, member: str) -> None:
        """End a member as a power cut does."""
        self.processes[member].kill()

    def signal(self, member: str, number: signal.Signals) -> None:
        """Send a signal to a member."""
        self.processes[member].signal(number)

    def arm(self, member: str, point: str, count: int, deed: Deed, seconds: float = 0.0) -> None:
        """Have something happen when the store's writer of a member passes a point for the count-th time."""
        order = json.dumps({"point": point, "count": count, "do": deed, "seconds": seconds})
        self._pull(member, STRIKE, order)

    def disarm(self, member: str) -> None:
        """Have nothing happen."""
        (self.place(member) / STRIKE).unlink(missing_ok=True)

    def set_clock_wrong(self, member: str, seconds: int) -> None:
        """Let the clock of a member be wrong by so much from now on."""
        self._pull(member, CLOCK, str(seconds))

    def client(self, member: str) -> Client:
        """Return a new client for an officer of a member; it is dialled by its first call."""
        resident = self.town.residents[member]
        address = f"127.0.0.1:{resident.ports.desk}"
        papers = self.town.papers(member)
        return Client.connect(address, member, DOMAIN, papers, desk=DESK, timeout_seconds=_PATIENCE_SECONDS)

    async def stop_all(self) -> dict[str, int | None]:
        """Ask everybody to leave; return their exit codes."""
        for process in self.processes.values():
            process.signal(signal.SIGCONT)
        codes = await asyncio.gather(*(process.stop() for process in self.processes.values()))
        return dict(zip(self.processes, codes, strict=True))

    def kill_all(self) -> None:
        """End everybody, whatever state they are in."""
        for process in self.processes.values():
            process.kill()

    async def _unlock(self, member: str) -> None:
        for left in reversed(range(_UNLOCK_TRIES)):
            try:
                async with self.client(member) as client:
                    await client.unlock_desk(DESK, PASSPHRASE)
            except TracepostError:
                if not left or not self.processes[member].is_running:
                    raise
                await asyncio.sleep(0.2)
            else:
                return

    def _pull(self, member: str, name: str, told: str) -> None:
        path = self.place(member) / name
        draft = path.with_suffix(".new")
        draft.write_text(told, "ascii")
        draft.replace(path)

    def _environment(self, member: str) -> dict[str, str]:
        return {
            STRINGS_VARIABLE: str(self.place(member)),
            HEADS_VARIABLE: str(self.folder / HEADS),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }


@asynccontextmanager
async def open_stage(
    folder: Path, *, seed: int = 0, broken: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Stage]:
    """Found the members in `folder`, which is made; nobody runs yet. All are gone when the context ends."""
    await asyncio.to_thread(partial(folder.mkdir, parents=True))
    town = await asyncio.to_thread(
        partial(found_town, folder / "town", dict.fromkeys(NODES, (POC,)), HUB, reachable=(REACHABLE,))
    )
    history = History(folder / HISTORY)
    stores = {name: f"sqlite:///{town.place(name) / 'store.sqlite'}" for name in (*NODES, HUB)}
    async with Roads(seed) as roads:
        await _lay_roads(town, roads)
        stage = Stage(folder, town, roads, history, stores, broken)
        stage.processes = {name: _make_process(stage, name) for name in stage.members}
        _write_town(stage)
        try:
            yield stage
        finally:
            stage.kill_all()
            history.close()


def _make_process(stage: Stage, member: str) -> DaemonProcess:
    kind = "relay" if member == HUB else "node"
    settings = stage.place(member) / f"{kind}.toml"
    arguments = ["-m", "faults.daemon", kind, str(settings), stage.broken.get(member, "")]
    return DaemonProcess(member, arguments, stage.place(member) / "daemon.log", f"{kind}-serves")


async def _lay_roads(town: Town, roads: Roads) -> None:
    """Open a road to the relay for each node, and one to the node that can be dialled; write them into settings."""
    hub = town.residents[HUB].ports.post
    door = town.residents[REACHABLE].ports.post
    front = await roads.open(f">{REACHABLE}", ("127.0.0.1", door))
    for name in NODES:
        road = await roads.open(f"{name}>{HUB}", ("127.0.0.1", hub))
        path = town.place(name) / "node.toml"
        told = path.read_text("utf-8").replace(f"127.0.0.1:{hub}", f"127.0.0.1:{road.port}")
        told = told.replace(f'reachable_at = "127.0.0.1:{door}"', f'reachable_at = "127.0.0.1:{front.port}"')
        path.write_text(told, "utf-8")


def _write_town(stage: Stage) -> None:
    members = {
        name: {
            "store": stage.stores[name],
            "relay": name == HUB,
            "log_key": stage.town.residents[name].log_key,
        }
        for name in stage.members
    }
    (stage.folder / TOWN).write_text(json.dumps({"members": members}, indent=1), "utf-8")


async def wait_until_dead(process: DaemonProcess, seconds: float) -> bool:
    """Wait for a process to end by itself; return whether it did."""
    try:
        await until(lambda: not process.is_running, "a process to end", seconds)
    except AssertionError:
        return False
    return True

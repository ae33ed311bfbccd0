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
import signal
import statistics
import subprocess
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast

from fakes.nursery import breed
from fakes.pki import DOMAIN
from fakes.ports import find_port
from fakes.town import PASSPHRASE, POC, Town, found_town, until
from fakes.witness import HEADS
from faults.checker import LOGS, TOWN
from faults.daemon import CLOCK, HEADS_VARIABLE, STRIKE, STRINGS_VARIABLE, Deed
from faults.databases import Pair, export
from faults.disks import Disk, lend_disk, unmount
from faults.history import HISTORY, History
from faults.network import Roads
from faults.papers import Archive
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.protocol.errors import TracepostError, UnreachableError
from tracepost.sdk import Client
from tracepost.wire.v1.post_pb2 import Announcement

NODES: Final = ("xaa", "xab", "xac")
HUB: Final = "hub"
REACHABLE: Final = "xab"
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
DESK: Final = "poc"
_PATIENCE_SECONDS: Final = 6.0
_UNLOCK_TRIES: Final = 20
_START_TRIES: Final = 4
_START_SECONDS: Final = 1.0
_LONGEST: Final = 5.0


@dataclass
class Stage:
    """The campaign's world.

    Args:
        folder: of the campaign.
        broken: member → what is broken in its build.
        stores: member → address of its database.
        archive: old and new papers.
        databases: the servers of the nodes' databases, if they are on PostgreSQL.
        away: members whose officers are sent home.
        resting: members whose officers ask and answer nothing new.
        is_quiet: says of each node whether nothing is unanswered and nothing on its way out.
        lost: addresses of copies of stores whose disks were lost, for the checker.
        on_bench: member that is being looked at, whose heads nobody else ever sees.
        shown: what each node has shown of each case last.
        twins: members that run twice.
        starts: seconds that the latest starts took.
    """

    folder: Path
    town: Town
    roads: Roads
    history: History
    stores: Mapping[str, str]
    broken: Mapping[str, str]
    archive: Archive
    databases: Pair | None
    processes: dict[str, DaemonProcess] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    resting: set[str] = field(default_factory=set)
    is_quiet: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    lost: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    on_bench: str = ""
    shown: defaultdict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    twins: dict[str, Twin] = field(default_factory=dict)
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=8))

    @property
    def members(self) -> tuple[str, ...]:
        """All of them, the relay last."""
        return (*NODES, HUB)

    @property
    def pair(self) -> Pair:
        """The servers of the databases."""
        assert self.databases is not None
        return self.databases

    def place(self, member: str) -> Path:
        """Return the folder of a member."""
        return self.town.place(member)

    def strings(self, member: str) -> Path:
        """Return the folder by which a member's process is told what is to happen: on no disk of its own."""
        return self.folder / "strings" / member

    def logs(self, member: str) -> Path:
        """Return the file of a member's log lines: on no disk of its own."""
        return self.folder / LOGS / f"{member}.log"

    async def start_all(self) -> None:
        """Start everybody, and wait until they know one another."""
        await asyncio.gather(*map(self.start, self.members))
        await self.town.meet(*NODES)
        for member in self.members:
            self.archive.put_new(member)
        for member in NODES:
            crl = Announcement(
                member=member, crl=self.archive.crl_of(member), trust_list=self.archive.lists[2]
            )
            async with self.client(member) as client:
                await client.import_papers(crl)

    async def start(self, member: str) -> float:
        """Start a member, and unlock its desk; return after how many seconds it served."""
        process = self.processes[member]
        seconds = await self._start_patiently(member)
        if member != HUB:
            await self.unlock(member, process)
        return seconds

    async def _start_patiently(self, member: str) -> float:
        """Start a process; on a machine that is very busy it may not serve within a minute, and is tried again."""
        for left in reversed(range(_START_TRIES)):
            try:
                seconds = await self.processes[member].start(self.environment(member))
            except UnreachableError:
                if not left:
                    raise
                self.history.note(member, "slow-start")
            else:
                self.starts.append(seconds)
                return seconds
        raise AssertionError  # one of the tries has ended it

    async def try_to_start(self, member: str) -> str:
        """Start a member that may refuse, to start or to open its desk; return its reason if it did, else nothing.

        Raises:
            TracepostError: it ended without saying why, or does not answer.
        """
        log = self.logs(member)
        seen = log.stat().st_size if log.exists() else 0
        try:
            await self.start(member)
        except UnreachableError:
            raise
        except TracepostError as error:
            serves = self.processes[member].is_running
            reason = f"{error.code}/{error.reason}" if serves else _last_words(log.read_bytes()[seen:])
            if not reason:
                raise
            self.history.note(member, "refused-to-start", reason=reason)
            return reason
        return ""

    def kill(self, member: str) -> None:
        """End a member as a power cut does."""
        if self.processes[member].is_running:
            self.history.note(member, "killed")
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
        (self.strings(member) / STRIKE).unlink(missing_ok=True)

    def set_clock_wrong(self, member: str, seconds: int) -> None:
        """Let the clock of a member be wrong by so much from now on."""
        self._pull(member, CLOCK, str(seconds))

    def client(self, member: str, officer: str = "7", port: int | None = None) -> Client:
        """Return a new client for an officer of a member; it is dialled by its first call."""
        address = f"127.0.0.1:{port or self.town.residents[member].ports.desk}"
        papers = self.town.papers(member, officer)
        return Client.connect(
            address, member, DOMAIN, papers, desk=DESK, timeout_seconds=self.patience(_PATIENCE_SECONDS)
        )

    def write_town(self) -> None:
        """Write down for the checker whose logs and stores there are: of databases, the files that outlive them."""
        members = {
            name: {
                "store": f"sqlite:///{_exported(self, name)}"
                if _is_database(self, name)
                else self.stores[name],
                "relay": name == HUB,
                "lost": self.lost[name],
                "log_keys": self.archive.log_keys(name),
            }
            for name in self.members
        }
        (self.folder / TOWN).write_text(json.dumps({"members": members}, indent=1), "utf-8")

    async def stop_all(self) -> dict[str, int | None]:
        """Ask everybody to leave; return their exit codes."""
        for process in self.processes.values():
            process.signal(signal.SIGCONT)
        codes = await asyncio.gather(*(process.stop() for process in self.processes.values()))
        return dict(zip(self.processes, codes, strict=True))

    def patience(self, seconds: float) -> float:
        """Return how long to wait for what takes so long on a machine that is not busy, by what starts took lately."""
        usual = statistics.median(self.starts) if self.starts else 0.0
        return seconds * min(_LONGEST, max(1.0, usual / _START_SECONDS))

    def have_all_tell(self) -> None:
        """Have every daemon write where it stands behind its log lines."""
        for process in self.processes.values():
            process.signal(signal.SIGUSR1)

    def abandon(self) -> None:
        """End all that would outlive this process; nothing is judged any more."""
        self.kill_all()
        if self.databases is not None:
            self.databases.remove()
        for disk in self.disks.values():
            unmount(disk.folder)

    def kill_all(self) -> None:
        """End everybody, whatever state they are in."""
        for process in self.processes.values():
            process.kill()

    def note_damage(self, member: str, what: str, outcome: str, words: str) -> None:
        """Write down what a member did that was damaged, or could not work."""
        self.history.note(member, "damage", what=what, outcome=outcome, words=words)

    def note_end(self, member: str) -> None:
        """Write down that a member has ended by itself."""
        self.history.note(member, "ended", code=self.processes[member].exit_code)

    def make_twin(self, member: str) -> Twin:
        """Return a second process of a node, on the same folder and other ports, which does not run yet."""
        return Twin(self, member)

    async def unlock(self, member: str, process: DaemonProcess, port: int | None = None) -> None:
        """Open the desk of a node's process."""
        for left in reversed(range(_UNLOCK_TRIES)):
            try:
                async with self.client(member, port=port) as client:
                    await client.unlock_desk(DESK, PASSPHRASE)
            except UnreachableError:
                if not left or not process.is_running:
                    raise
                await asyncio.sleep(0.2)
            else:
                return

    def _pull(self, member: str, name: str, told: str) -> None:
        path = self.strings(member) / name
        draft = path.with_suffix(".new")
        draft.write_text(told, "ascii")
        draft.replace(path)

    def environment(self, member: str) -> dict[str, str]:
        """Return what a process of a member is told beside its settings."""
        heads = f"bench-{HEADS}" if member == self.on_bench else HEADS
        return {
            STRINGS_VARIABLE: str(self.strings(member)),
            HEADS_VARIABLE: str(self.folder / heads),
        }


class BredDaemon(DaemonProcess):
    """A daemon of a campaign; its arguments are those of `faults.daemon`."""

    def _launch(self, environment: Mapping[str, str]) -> Any:
        self.log.touch()
        bred = breed("faults.daemon", self._arguments, environment, self.log)
        self._process = cast("subprocess.Popen[bytes]", bred)
        return bred


class Twin:
    """A second process of a node, by mistake."""

    def __init__(self, stage: Stage, member: str) -> None:
        self._stage = stage
        self._member = member
        ports = stage.town.residents[member].ports
        self.port, post = find_port(), find_port()
        place = stage.place(member)
        told = (place / "node.toml").read_text("utf-8")
        told = told.replace(f'desk = "127.0.0.1:{ports.desk}"', f'desk = "127.0.0.1:{self.port}"')
        told = told.replace(f'post = "127.0.0.1:{ports.post}"', f'post = "127.0.0.1:{post}"')
        settings = place / "twin.toml"
        settings.write_text(told, "utf-8")
        log = stage.logs(f"{member}-twin")
        self._process: DaemonProcess = BredDaemon(
            f"{member}, a second time", ["node", str(settings), ""], log, "node-serves"
        )

    async def start(self) -> None:
        """Start it, and unlock its desk."""
        await self._process.start(self._stage.environment(self._member))
        await self._stage.unlock(self._member, self._process, self.port)

    async def stop(self) -> None:
        """End it."""
        await self._process.stop()


def _last_words(log: bytes) -> str:
    """Return the code and reason with which a daemon says that it stops."""
    lines = [json.loads(line) for line in log.splitlines() if b'"event":"stopped"' in line]
    return f"{lines[-1]['code']}/{lines[-1]['reason']}" if lines else ""


@asynccontextmanager
async def open_stage(
    folder: Path,
    *,
    seed: int = 0,
    broken: Mapping[str, str] = MappingProxyType({}),
    store: str = SQLITE,
    own_disks: bool = False,
) -> AsyncIterator[Stage]:
    """Found the members in `folder`, which is made; nobody runs yet. All are gone when the context ends.

    Args:
        folder: what is left of the campaign, for the checker.
        seed: of the weather on the roads.
        broken: member → what is broken in its build.
        store: of the nodes; the relay keeps a file.
        own_disks: whether each member has a file system of its own.
    """
    await asyncio.to_thread(partial(folder.mkdir, parents=True))
    town = await asyncio.to_thread(
        partial(found_town, folder / "town", dict.fromkeys(NODES, (POC,)), HUB, reachable=(REACHABLE,))
    )
    history = History(folder / HISTORY)
    stores = {name: f"sqlite:///{town.place(name) / 'store.sqlite'}" for name in (*NODES, HUB)}
    async with AsyncExitStack() as stack:
        roads = await stack.enter_async_context(Roads(seed))
        await _lay_roads(town, roads)
        archive = Archive.found(town)
        pair = stack.enter_context(Pair.start(own_disks=own_disks)) if store == POSTGRESQL else None
        if pair is not None:
            stores |= {name: pair.create(name) for name in NODES}
            town = town.on({name: stores[name] for name in NODES})
        stage = Stage(folder, town, roads, history, stores, broken, archive=archive, databases=pair)
        for name in stage.members:
            stage.strings(name).mkdir(parents=True)
        stage.logs(HUB).parent.mkdir()
        stage.processes = {name: _make_process(stage, name) for name in stage.members}
        if own_disks:
            stage.disks = {name: lend_disk(stage.place(name)) for name in stage.members}
        stage.write_town()
        try:
            yield stage
            await asyncio.to_thread(_export_databases, stage)
        finally:
            stage.kill_all()
            for disk in stage.disks.values():
                disk.take_back()
            history.close()


def _export_databases(stage: Stage) -> None:
    stage.kill_all()
    for name in stage.members:
        if _is_database(stage, name):
            export(stage.stores[name], _exported(stage, name))


def _is_database(stage: Stage, member: str) -> bool:
    return stage.databases is not None and member != HUB


def _exported(stage: Stage, member: str) -> Path:
    return stage.folder / f"{member}.sqlite"


def _make_process(stage: Stage, member: str) -> DaemonProcess:
    kind = "relay" if member == HUB else "node"
    settings = stage.place(member) / f"{kind}.toml"
    arguments = [kind, str(settings), stage.broken.get(member, "")]
    return BredDaemon(member, arguments, stage.logs(member), f"{kind}-serves")


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


async def wait_until_dead(process: DaemonProcess, seconds: float) -> bool:
    """Wait for a process to end by itself; return whether it did."""
    try:
        await until(lambda: not process.is_running, "a process to end", seconds)
    except AssertionError:
        return False
    return True

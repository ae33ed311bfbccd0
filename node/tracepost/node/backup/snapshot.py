"""A copy of the store at one moment, as a SQLite file, while the node goes on writing.

SQLite: the online backup interface under one read transaction, so that what is written meanwhile neither gets into
the copy nor makes it begin anew. PostgreSQL: every row under one snapshot (REPEATABLE READ), into the same tables:
only types that both have are used, so one form of backup serves both, is opened without a server, and goes back
into either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from tracepost.node.adapters.sql.migration import all_steps, migrate, program_name
from tracepost.node.adapters.sql.tables import ARCHIVE, LOG, METADATA, SETTING, STATEMENT
from tracepost.protocol.errors import ConfigurationError, StoreError
from tracepost.protocol.evidence import Frontier, LogKey, leaf_data, leaf_hash
from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.evidence_store import LogHead, LogStore

_PAGES_AT_ONCE: Final = 1024
_ROWS_AT_ONCE: Final = 500
_VERSION: Final = text("SELECT version_num FROM alembic_version")

Told = Callable[[int], None]
"""Is told how many bytes or rows more are done."""


def schema_of_program() -> str:
    """Return the number of the newest step of tables that this version knows."""
    return all_steps()[-1].number


def copy_store(url: str, target: Path, told: Told = lambda _: None) -> str:
    """Copy the store at `url` to the new file `target`; return the number of its tables' version.

    Raises:
        ConfigurationError: its tables are of another version than this program's, where rows are copied.
        StoreError: it cannot be read, or `target` not be written.
    """
    try:
        target.touch(mode=0o600, exist_ok=False)
        if make_url(url).get_backend_name() == "sqlite":
            copy_database(Path(str(make_url(url).database)), target, told)
        else:
            _copy_from_server(url, target, told)
        return _schema_of(target)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError("the store cannot be copied", where="store", reason=type(error).__name__) from error


def copy_database(source: Path, target: Path, told: Told = lambda _: None) -> None:
    """Copy a SQLite database that others may write to meanwhile; raise `sqlite3.Error`."""
    with (
        closing(
            sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        ) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        # A read transaction of its own: without it each write of the node would make the copy begin anew.
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        size = old.execute("PRAGMA page_size").fetchone()[0]
        done = 0

        def tell(_status: int, left: int, total: int) -> None:
            nonlocal done
            told((total - left - done) * size)
            done = total - left

        old.backup(new, pages=_PAGES_AT_ONCE, progress=tell)
        old.execute("ROLLBACK")
        new.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        if new.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("the copy is damaged")


def _copy_from_server(url: str, target: Path, told: Told) -> None:
    source, copy = open_engines(url, program_name()), open_engines(f"sqlite:///{target}")
    try:
        assert source.readers is not None  # a server has some
        migrate(copy.writer)
        with source.readers.connect() as reading, copy.writer.begin() as writing:
            if reading.execute(_VERSION).scalar() != schema_of_program():
                raise ConfigurationError(
                    "the database is of another version than this program",
                    where="store",
                    reason="schema-differs",
                    remedy="Use the version of Tracepost that did the last tracepost node migrate.",
                )
            _copy_rows(reading, writing, told)
    finally:
        source.dispose()
        copy.dispose()
    with closing(sqlite3.connect(target)) as one:
        one.execute("PRAGMA journal_mode=DELETE")


def fill_database(source: Path, url: str, told: Told = lambda _: None) -> None:
    """Copy every row of the SQLite file `source` into the empty database at `url`, in one transaction.

    Raises:
        ConfigurationError: it is not empty.
        StoreError: it does not take them; nothing is kept.
    """
    old, new = open_engines(f"sqlite:///{source}"), open_engines(url, program_name())
    try:
        migrate(old.writer)
        require_empty(new)
        if not inspect(new.writer).has_table(STATEMENT.name):
            migrate(new.writer)
        assert old.readers is not None  # a file has some
        with old.readers.connect() as reading, new.writer.begin() as writing:
            _copy_rows(reading, writing, told)
            _set_sequences(writing)
    except SQLAlchemyError as error:
        raise StoreError("the database does not take the backup", reason=type(error).__name__) from error
    finally:
        old.dispose()
        new.dispose()


def require_empty(engines: Engines) -> None:
    """Raise `ConfigurationError` if the database holds anything of a node."""
    there = set(inspect(engines.writer).get_table_names())
    with engines.writer.begin() as connection:
        for one in METADATA.sorted_tables:
            if one.name in there and one is not SETTING and connection.execute(select(one).limit(1)).first():
                raise ConfigurationError(
                    "the database is not empty; nothing is restored over what is there",
                    where="store.url",
                    reason="not-empty",
                    remedy="Make a new database and name it with --database.",
                )


def _copy_rows(reading: Connection, writing: Connection, told: Told) -> None:
    for one in METADATA.sorted_tables:
        writing.execute(one.delete())  # what the steps themselves wrote there
        rows = reading.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(one))
        for some in rows.partitions():
            writing.execute(one.insert(), [row._asdict() for row in some])
            told(len(some))


def _set_sequences(connection: Connection) -> None:
    """Let numbers that the server gives begin behind those that are there."""
    if connection.dialect.name != "postgresql":
        return
    for one in METADATA.sorted_tables:
        column = one.autoincrement_column
        if column is not None:
            connection.execute(
                text(
                    f"SELECT setval(s, (SELECT max({column.name}) FROM {one.name}))"  # noqa: S608 - our own names
                    f" FROM pg_get_serial_sequence('{one.name}', '{column.name}') AS s"
                    f" WHERE s IS NOT NULL AND EXISTS (SELECT 1 FROM {one.name})"
                )
            )


def _schema_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as one:
        return str(one.execute(str(_VERSION)).fetchone()[0])


# ── looking at a copy ───────────────────────────────────────────────────────────────


def read_log(path: Path, key: LogKey, earlier: Sequence[LogKey]) -> LogHead:
    """Return the head with which the log in a copy ends, after recomputing it from every entry.

    Raises:
        StoreError: the log in it is damaged.
    """
    engines = open_engines(f"sqlite:///{path}")
    try:
        before = None
        for one in sorted(earlier, key=lambda one: one.origin.epoch):
            before = LogStore(engines, LOG, one, before)
        log = LogStore(engines, LOG, key, before)
        assert engines.readers is not None  # a file has some
        _recompute(engines.readers, key.origin.epoch, log.head)
        return log.head
    finally:
        engines.dispose()


def _recompute(engine: Engine, epoch: int, head: LogHead) -> None:
    entry, frontier = LOG.entry, Frontier()
    lines = select(entry).where(entry.c.epoch == epoch).order_by(entry.c.number)
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(lines):
            frontier.append(leaf_hash(leaf_data(row.preimage, row.salt)))
    if (frontier.size, frontier.root()) != (head.size, head.root):
        raise StoreError("the log does not give its head", where="store", reason="log-damaged")


def upgrade_copy(path: Path) -> None:
    """Bring a copy that an older version made to the tables of this one; raise `ConfigurationError`, `StoreError`."""
    engines = open_engines(f"sqlite:///{path}")
    try:
        migrate(engines.writer)
    except SQLAlchemyError as error:
        raise StoreError("the store in the backup is damaged", reason=type(error).__name__) from error
    finally:
        engines.dispose()


def archives_in(path: Path) -> dict[str, str]:
    """Return the archive files that a copy names, with their SHA-256."""
    with closing(sqlite3.connect(path)) as one:
        rows = one.execute(f"SELECT name, sha256 FROM {ARCHIVE.name}")  # noqa: S608 - our own name
        return {name: digest.hex() for name, digest in rows}


def count_rows(path: Path, tables: Sequence[Table]) -> dict[str, int]:
    """Return how many rows these tables of a copy have."""
    with closing(sqlite3.connect(path)) as one:
        count: Any = lambda table: one.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # noqa: E731, S608
        return {table.name: count(table) for table in tables}

"""Connections to the store, set up so that "committed" means "on the disk".

A store has one engine for its single writer and one for its readers. On SQLite
the journal is a write-ahead log with `synchronous=FULL`: a commit returns after
its fsync, and readers see the last commit without waiting for the writer. Freed
pages are overwritten, so that a deleted key wrap is gone from the file as well.
Parameters never appear in errors or logs.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, Table, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from tracepost.protocol.errors import ConfigurationError, StoreError
from tracepost.serving.storage.rows import let_writes_wait, say
from tracepost.serving.storage.writer import unknown_outcome

MEMORY = "sqlite://"
BELL: Final = "tracepost"
"""The channel on which a process tells the others of its database that it wrote."""

_READERS = 4
_BUSY_MS = 10_000
_WRITER_CACHE_KIB = 2 * 1024
_READER_CACHE_KIB = 512
_CHECKPOINT_PAGES = 4096
# What the address itself says comes first. A server that is gone is noticed within ten seconds or so.
_CONNECTION: dict[str, object] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# One of the processes on a database writes at a time. The lock ends with the transaction, after what was
# committed is visible; each statement behind it has a snapshot of its own. The number is "tracepost", cut.
_TAKE_TURN: Final = "SELECT pg_advisory_xact_lock(8390880596402168933)"
_END_TURN: Final = "SELECT pg_notify(%s, %s), set_config('synchronous_commit', 'off', true)"
_SETTLE: Final = "SELECT pg_logical_emit_message(true, 'tracepost', '')"
_SETTLE_SECONDS: Final = 5.0
_WARNING: Final = "WARNING"
_DURABLE: Final = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)
# What these see stays, also after VACUUM.
_OLD_SNAPSHOTS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE backend_xmin IS NOT NULL"
    " AND pid <> pg_backend_pid() AND datname = current_database()"
)
# Who stops in the middle of a transaction (a frozen process, a cut line) must not stop the others for long.
_WRITER_OPTIONS: Final = "-c idle_in_transaction_session_timeout=20s -c tcp_keepalives_idle=10"


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one store: `writer` for its one writing thread, `readers` for all the others.

    `readers` is None where a second connection would not see the data: a database in memory.
    `is_shared` says that other processes may write to it as well, in turn.
    """

    writer: Engine
    readers: Engine | None
    is_shared: bool = False
    settler: Engine | None = None
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    """Of this opening, among the processes on one database."""
    _claims: ExitStack = field(default_factory=ExitStack)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        for engine in (self.writer, self.readers, self.settler):
            if engine is not None:
                event.listen(engine, "checkin", self._give_back)

    def claim(self) -> None:
        """Be the one process that uses this store, until `dispose`. Does nothing where several may.

        Raises:
            ConfigurationError: another process uses it.
        """
        path = self.writer.url.database
        if self.is_shared or self.readers is None or path is None:
            return
        # Not the database itself: SQLite's own locks on it end when any descriptor of it is closed.
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._claims.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(
                "another process uses this store",
                where=path,
                reason="store-in-use",
                remedy="Stop that one first. Several processes share one store on PostgreSQL only.",
            ) from error

    def end_turn(self, connection: Connection) -> None:
        """Let the others on this database go on as soon as the COMMIT is done, and know that something is new.

        The COMMIT does not wait for the disk then, so that theirs need not wait for ours: `settle` does.
        """
        if self.is_shared:
            say(connection, _END_TURN, BELL, self.name)

    def settle(self, connection: Connection) -> None:
        """Return when all that the server of `connection` has committed until now is durable; no transaction is open.

        The write-ahead log is written, and replicated, in one order: what is committed here comes after all that.
        On the same session, for after a failover another server may lack what this one had.

        Raises:
            StoreError: it is not known.
        """
        if not self.is_shared:
            return
        driver: Any = connection.connection.driver_connection
        try:
            is_settled = _is_settled(driver, _SETTLE)
        except connection.dialect.loaded_dbapi.Error as error:
            connection.invalidate()
            raise unknown_outcome() from error
        if not is_settled:
            connection.invalidate()
            raise unknown_outcome()

    def forget_deleted(self, tables: Iterable[Table]) -> bool:
        """Let the files forget what was deleted from `tables`; return whether nobody stood in the way.

        SQLite overwrites what is deleted (`secure_delete`): there the write-ahead log is emptied, in which
        pages stand as they were. PostgreSQL keeps old versions of rows until VACUUM, which is done here; what it
        keeps besides, and for how long, is told in deploy/postgresql.md.
        """
        if self.is_shared:
            return self._vacuum(tables)
        if self.readers is None:
            return True
        connection = self.writer.raw_connection()
        try:
            busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
        return not busy

    def _vacuum(self, tables: Iterable[Table]) -> bool:
        names = ", ".join(table.name for table in tables)
        # Not on the writer: nobody waits for it, and it is no transaction.
        engine = create_engine(self.writer.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            is_read = connection.exec_driver_sql(_OLD_SNAPSHOTS).scalar()
            connection.exec_driver_sql(f"VACUUM {names}")
            return not is_read

    def dispose(self) -> None:
        """Close every connection: those that wait in a pool now, and each that is still in use when it comes back."""
        self._ended.set()
        self.writer.dispose()
        if self.readers is not None:
            self.readers.dispose()
        if self.settler is not None:
            self.settler.dispose()
        self._claims.close()

    def _give_back(self, connection: Any, _record: Any) -> None:
        """A pool that was disposed of takes connections back and closes none of them."""
        if self._ended.is_set() and connection is not None:
            connection.close()


def open_engines(url: str, program: str = "tracepost") -> Engines:
    """Return the engines for `url`: `sqlite:///path`, `sqlite://` (memory) or `postgresql+psycopg://`.

    A server is told the name of the `program`, and shows it to its operator.

    Raises ConfigurationError for any other kind of database and for a file that cannot
    be made. A database file is created readable by its owner only.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql_engines(parsed, program)
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError("the store is SQLite or PostgreSQL", where="database url")
    if parsed.database in (None, "", ":memory:"):
        return Engines(_memory_engine(), None)
    return _file_engines(parsed)


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise ConfigurationError("not the address of a database", where="database url") from error


def _postgresql_engines(url: URL, program: str) -> Engines:
    """Return engines for a server; each statement of the writer sees all that was committed before it."""
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        writer = _pooled(url, program, 1, {"isolation_level": "READ COMMITTED"}, _WRITER_OPTIONS)
        readers = _pooled(url, program, _READERS, snapshot)
        settler = _pooled(url, program, 1, {"isolation_level": "AUTOCOMMIT"})
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the driver for PostgreSQL is not installed: {error.name}",
            where="database url",
            remedy="Install it: pip install 'tracepost[postgresql]'.",
        ) from error
    for engine in (writer, readers, settler):
        event.listen(engine, "connect", _wait_for_the_disk)
    let_writes_wait(writer)
    event.listen(writer, "begin", _take_turn)
    return Engines(writer, readers, is_shared=True, settler=settler)


def _pooled(url: URL, program: str, size: int, options: dict[str, object], settings: str = "") -> Engine:
    arguments = {**_CONNECTION, "application_name": program, **({"options": settings} if settings else {})}
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=-1,
        pool_pre_ping=True,
        hide_parameters=True,
        execution_options=options,
        connect_args={name: value for name, value in arguments.items() if name not in url.query},
    )


def _memory_engine() -> Engine:
    engine = create_engine(
        MEMORY, poolclass=StaticPool, hide_parameters=True, connect_args={"check_same_thread": False}
    )
    _prepare(engine, _writer_pragmas(), "BEGIN IMMEDIATE")
    return engine


def _file_engines(url: URL) -> Engines:
    try:
        Path(str(url.database)).touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError(
            f"the store's file cannot be made: {error.strerror}", where="database url"
        ) from error
    writer, readers = _file_engine(url, 1), _file_engine(url, _READERS)
    _prepare(writer, _writer_pragmas(), "BEGIN IMMEDIATE")
    _prepare(readers, _reader_pragmas(), "BEGIN")
    return Engines(writer, readers)


def _file_engine(url: URL, size: int) -> Engine:
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=-1,  # a reader may need a second connection, for a block of the log, to let go its first
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )


def _writer_pragmas() -> list[str]:
    return [
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA fullfsync=ON",  # macOS: fsync alone does not reach the platter
        "PRAGMA secure_delete=ON",
        f"PRAGMA busy_timeout={_BUSY_MS}",
        f"PRAGMA cache_size=-{_WRITER_CACHE_KIB}",
        f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}",
    ]


def _reader_pragmas() -> list[str]:
    return [
        "PRAGMA query_only=ON",
        f"PRAGMA busy_timeout={_BUSY_MS}",
        f"PRAGMA cache_size=-{_READER_CACHE_KIB}",
    ]


def _prepare(engine: Engine, pragmas: list[str], begin: str) -> None:
    """Let SQLAlchemy, not the driver, say when a transaction begins.

    The driver begins one by itself only before a write and breaks savepoints by that
    (SQLAlchemy manual, "Serializable isolation / Savepoints / Transactional DDL").
    """
    event.listen(engine, "connect", _opener(pragmas))
    event.listen(engine, "begin", _beginner(begin))


def _opener(pragmas: list[str]) -> Callable[[Any, Any], None]:
    def prepare_connection(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    return prepare_connection


def _wait_for_the_disk(connection: Any, _record: Any) -> None:
    """Wait at each COMMIT until it is durable, whatever the database's own default is; and once before anything else.

    A primary that comes back shows what it had committed before its standby had it, and nobody was answered for
    that. Should it be lost again, it was never there: so nothing is read of a server before all that it shows now
    is durable. Whoever connects to it once more is a new connection.
    """
    try:
        connection.execute(_DURABLE)
        is_settled = _is_settled(connection, _SETTLE, _SETTLE_SECONDS)
    except BaseException:
        connection.close()
        raise
    if not is_settled:
        connection.close()
        raise StoreError(
            "the database server shows more than its standby has, and the standby does not follow",
            where="store",
            reason="standby-behind",
            remedy="Bring the standby back, or say which server is one: see deploy/postgresql.md.",
        )


def _is_settled(driver: Any, statement: str, seconds: float | None = None) -> bool:
    """Commit a small write; return whether the server waited until it was durable, as it is to, for `seconds` at most.

    A wait for the standby that is cancelled, by us or by somebody's hand, ends as if all was well, with a warning.
    No setting of the server ends it.
    """
    heard: list[str] = []

    def hear(notice: Any) -> None:
        heard.append(notice.severity_nonlocalized)  # it can be read now only

    impatience = threading.Timer(seconds, driver.cancel) if seconds is not None else None
    driver.add_notice_handler(hear)
    try:
        if impatience is not None:
            impatience.daemon = True
            impatience.start()
        driver.execute(statement if driver.autocommit else f"{statement}; COMMIT", prepare=False)
    finally:
        if impatience is not None:
            impatience.cancel()
            impatience.join()
        driver.remove_notice_handler(hear)
    return _WARNING not in heard


def _take_turn(connection: Connection) -> None:
    say(connection, _TAKE_TURN)


def _beginner(begin: str) -> Callable[[Connection], None]:
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return begin_transaction

"""The node's store on a SQL database: opens it, brings it up to date, runs units of work.

    store = await open_store("sqlite:////var/lib/tracepost/store.sqlite", log_key)
    await store.write(lambda tx: tx.audit.append([event]))
    await store.close()

Writes go through one `GroupWriter`; reads run in a small pool of threads, each on a
snapshot of its own. A store in memory has one connection, so its reads queue with the
writes: it is the twin that tests and trials use.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from tracepost.node.adapters.sql.addresses import SqlAddresses
from tracepost.node.adapters.sql.archive import SqlArchive
from tracepost.node.adapters.sql.attachments import SqlAttachments
from tracepost.node.adapters.sql.cases import SqlCaseDesks, SqlCases
from tracepost.node.adapters.sql.deletion import SqlEnclosures, SqlTombstones
from tracepost.node.adapters.sql.editions import SqlEditions
from tracepost.node.adapters.sql.ends import ENDS_STEP, keep_ends_apart
from tracepost.node.adapters.sql.incoming import SqlInbox, SqlPredecessors, SqlQuarantine
from tracepost.node.adapters.sql.migration import open_up_to_date, program_name, read_schema
from tracepost.node.adapters.sql.numbers import SqlNumbers
from tracepost.node.adapters.sql.office import SqlAuditTrail, SqlDrafts, SqlPolicies, SqlSettings
from tracepost.node.adapters.sql.outgoing import SqlDispatches, SqlOutbox, SqlReceipts
from tracepost.node.adapters.sql.papers import (
    SqlCertificates,
    SqlDirectory,
    SqlPeers,
    SqlRevocationLists,
    SqlTrustLists,
)
from tracepost.node.adapters.sql.pouches import SqlPouches
from tracepost.node.adapters.sql.registers import SqlRegisters
from tracepost.node.adapters.sql.resumption import SqlResumption
from tracepost.node.adapters.sql.sealed import SqlBlindIndex, SqlBodies, SqlWraps
from tracepost.node.adapters.sql.staff import (
    SqlCaseOfficers,
    SqlDeletions,
    SqlDeputies,
    SqlEmergencies,
    SqlOfficers,
    SqlPasskeys,
    SqlReleases,
)
from tracepost.node.adapters.sql.statements import SqlStatements, StatementNumbers
from tracepost.node.adapters.sql.tables import (
    BLIND_ENTRY,
    BODY,
    INDEXED_WRAP,
    LEASE,
    LOG,
    RELEASE_LETTER,
    WRAP,
)
from tracepost.node.adapters.sql.telling import SqlTelling
from tracepost.node.ports.statements import ArchiveFiles
from tracepost.node.ports.store import Tx
from tracepost.protocol.errors import StoreError
from tracepost.protocol.evidence import LogKey, LogLine
from tracepost.serving.storage.bell import Bell
from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.evidence_store import LogStore
from tracepost.serving.storage.leases import SqlLeases
from tracepost.serving.storage.writer import Faults, GroupWriter, no_faults

T = TypeVar("T")

_READER_THREADS = 4
_EMPTIED = (WRAP, BODY, RELEASE_LETTER, BLIND_ENTRY, INDEXED_WRAP)
"""Where keys and sealed parts are deleted or emptied."""


class SqlStore:
    """`ports.Store` on SQLite or PostgreSQL."""

    def __init__(
        self,
        engines: Engines,
        log_key: LogKey,
        faults: Faults = no_faults,
        archive: ArchiveFiles | None = None,
        earlier: Sequence[LogKey] = (),
    ) -> None:
        """Take over `engines`, whose database is up to date; `earlier` are keys of our logs that ended.

        Raises:
            StoreError: the evidence log in it is damaged.
        """
        self._engines = engines
        self._archive = archive
        before = None
        for key in sorted(earlier, key=lambda key: key.origin.epoch):
            before = LogStore(engines, LOG, key, before)
        self._log = LogStore(engines, LOG, log_key, before)
        self._epoch = log_key.origin.epoch
        self._check: Callable[[Tx], None] | None = None
        self._news = asyncio.Event()
        self._bell: Bell | None = None
        self._writer = GroupWriter(
            engines.writer,
            log=self._log,
            faults=faults,
            first=self._guard,
            last=engines.end_turn,
            settle=engines.settle,
        )
        self._readers = ThreadPoolExecutor(_READER_THREADS, thread_name_prefix="store-reader")

    @property
    def evidence(self) -> LogStore:
        """See `ports.Store`."""
        return self._log

    @property
    def is_shared(self) -> bool:
        """See `ports.Store`."""
        return self._engines.is_shared

    async def changed(self) -> None:
        """See `ports.Store`."""
        if self.is_shared and self._bell is None:
            loop = asyncio.get_running_loop()
            self._bell = Bell(self._engines, partial(_wake, loop, self._news))
        await self._news.wait()
        self._news.clear()

    def guard(self, check: Callable[[Tx], None]) -> None:
        """See `ports.Store`."""
        self._check = check

    def watch(self, watch: Callable[[float | None], None]) -> None:
        """See `ports.Store`."""
        self._writer.watch = watch

    async def write(
        self, job: Callable[[Tx], T], *, label: str = "", then: Callable[[T], None] | None = None
    ) -> T:
        """See `ports.Store`."""

        def write(connection: Connection) -> T:
            numbers = StatementNumbers(connection)
            result = job(self._begin(connection, numbers, writable=True))
            numbers.check()
            return result

        return await self._writer.write(write, label=label, then=then)

    async def read(self, job: Callable[[Tx], T]) -> T:
        """See `ports.Store`."""
        engine = self._engines.readers
        if engine is None:
            return await self._writer.write(lambda connection: self._look_only(connection, job))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._read, engine, job)

    async def scrub(self) -> bool:
        """See `ports.Store`."""
        try:
            return await asyncio.to_thread(self._engines.forget_deleted, _EMPTIED)
        except SQLAlchemyError as error:
            raise StoreError("the store could not be cleaned", reason=type(error).__name__) from error

    async def close(self) -> None:
        """See `ports.Store`."""
        await asyncio.to_thread(self._close)

    def _read(self, engine: Engine, job: Callable[[Tx], T]) -> T:
        try:
            with engine.connect() as connection:
                return self._look(connection, job)
        except SQLAlchemyError as error:
            raise StoreError("the store could not be read", reason=type(error).__name__) from error

    def _look(self, connection: Connection, job: Callable[[Tx], T]) -> T:
        return job(self._begin(connection, StatementNumbers(connection), writable=False))

    def _look_only(self, connection: Connection, job: Callable[[Tx], T]) -> T:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            return self._look(connection, job)
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")

    def _guard(self, connection: Connection) -> None:
        if self._check is not None:
            self._look(connection, self._check)

    def _close(self) -> None:
        if self._bell is not None:
            self._bell.close()
        self._writer.close()
        self._readers.shutdown()
        self._engines.dispose()

    def _begin(self, connection: Connection, numbers: StatementNumbers, *, writable: bool) -> Tx:
        return Tx(
            statements=SqlStatements(connection, numbers),
            outbox=SqlOutbox(connection, numbers, self._epoch),
            dispatches=SqlDispatches(connection, numbers, self._epoch),
            receipts=SqlReceipts(connection),
            numbers=SqlNumbers(connection),
            pouches=SqlPouches(connection),
            inbox=SqlInbox(connection, numbers),
            resumption=SqlResumption(connection),
            quarantine=SqlQuarantine(connection),
            predecessors=SqlPredecessors(connection),
            bodies=SqlBodies(connection, self._archive),
            wraps=SqlWraps(connection, numbers),
            blind_index=SqlBlindIndex(connection),
            registers=SqlRegisters(connection),
            cases=SqlCases(connection),
            enclosures=SqlEnclosures(connection),
            tombstones=SqlTombstones(connection),
            case_desks=SqlCaseDesks(connection),
            peers=SqlPeers(connection),
            directory=SqlDirectory(connection),
            certificates=SqlCertificates(connection),
            revocation_lists=SqlRevocationLists(connection),
            trust_lists=SqlTrustLists(connection),
            policies=SqlPolicies(connection),
            officers=SqlOfficers(connection),
            deputies=SqlDeputies(connection),
            passkeys=SqlPasskeys(connection),
            emergencies=SqlEmergencies(connection),
            deletions=SqlDeletions(connection),
            case_officers=SqlCaseOfficers(connection),
            releases=SqlReleases(connection),
            drafts=SqlDrafts(connection),
            attachments=SqlAttachments(connection),
            audit=SqlAuditTrail(connection),
            settings=SqlSettings(connection),
            addresses=SqlAddresses(connection),
            telling=SqlTelling(connection),
            archive=SqlArchive(connection),
            leases=SqlLeases(connection, LEASE),
            editions=SqlEditions(connection),
            log=_TransactionLog(connection, self._log, writable=writable),
        )


class _TransactionLog:
    """`ports.LogWriter` for one unit of work."""

    def __init__(self, connection: Connection, log: LogStore, *, writable: bool) -> None:
        self._connection = connection
        self._log = log
        self._writable = writable

    def append(self, lines: Sequence[LogLine]) -> list[int]:
        if not self._writable:
            raise StoreError("a reading job cannot append to the log")
        return self._log.append(self._connection, lines)

    def lines(self, numbers: Sequence[int]) -> dict[int, LogLine]:
        return self._log.read_lines(self._connection, numbers)


def _wake(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(news.set)


async def open_store(
    url: str,
    log_key: LogKey,
    *,
    faults: Faults = no_faults,
    archive: ArchiveFiles | None = None,
    earlier: Sequence[LogKey] = (),
) -> SqlStore:
    """Open the store at `url` (see `open_engines`) with the tables of this version (see `migration`).

    `earlier` are the keys of our logs that ended, which still prove what stands in them.

    Raises:
        ConfigurationError: no database of a kind we know, one of a version that does not fit, or a file
            that another process uses.
        StoreError: the database cannot be opened, or its evidence log is damaged.
    """
    return await asyncio.to_thread(_open, url, log_key, faults, archive, earlier)


def _open(
    url: str, log_key: LogKey, faults: Faults, archive: ArchiveFiles | None, earlier: Sequence[LogKey]
) -> SqlStore:
    engines = open_engines(url, program_name())
    try:
        engines.claim()
        open_up_to_date(engines.writer)
        if engines.is_shared and read_schema(engines.writer).floor >= ENDS_STEP:
            keep_ends_apart(engines.writer)
        return SqlStore(engines, log_key, faults, archive, earlier)
    except SQLAlchemyError as error:
        engines.dispose()
        raise StoreError("the database cannot be opened", reason=type(error).__name__) from error
    except Exception:
        engines.dispose()
        raise

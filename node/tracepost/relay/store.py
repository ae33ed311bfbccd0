"""The relay's store: one writer with its evidence log, readers beside it. SQLite, or PostgreSQL.

A relay has in memory who is connected, what they announced, which heads are believed; so one process of it works
at a time. A file has one process anyway. On PostgreSQL a lease says which: the others stand by, and one of them goes
on when it runs out. Who was frozen and comes back late finds at its next transaction that another has it, and
writes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Self, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from tracepost.protocol.errors import ConfigurationError, StoreError
from tracepost.protocol.evidence import LogKey
from tracepost.relay.tables import LEASE, LOG, METADATA, SCHEMA_VERSION, STORE
from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.evidence_store import LogStore
from tracepost.serving.storage.leases import SqlLeases
from tracepost.serving.storage.rows import insert_new, upsert_rows
from tracepost.serving.storage.writer import Faults, GroupWriter, no_faults

T = TypeVar("T")

_VERSION = "schema-version"
_PROGRAM = "tracepost relay"
_DUTY = "duty"
_BACK = "store-back"
OFF_DUTY: Final = "off-duty"


class RelayStore:
    """Durable jobs and reads. `write` returns when what the job did is on the disk and its head signed."""

    def __init__(self, engines: Engines, log: LogStore, faults: Faults = no_faults) -> None:
        self.log = log
        self._engines = engines
        self._on_duty = False
        self._writer = GroupWriter(
            engines.writer,
            log=log,
            faults=faults,
            first=self._guard,
            last=engines.end_turn,
            settle=engines.settle,
        )

    @classmethod
    def open(cls, url: str, key: LogKey, faults: Faults = no_faults, earlier: Sequence[LogKey] = ()) -> Self:
        """Open the store at `url`, making its tables if it is new; `earlier` are keys of our logs that ended.

        Raises:
            ConfigurationError: its tables are of another version, or another process uses it.
            StoreError: its log is damaged.
        """
        engines = open_engines(url, _PROGRAM)
        try:
            engines.claim()
            with engines.writer.begin() as connection:
                METADATA.create_all(connection)
            _check_version(engines)
            before = None
            for ended in earlier:
                before = LogStore(engines, LOG, ended, before)
            log = LogStore(engines, LOG, key, before)
            return cls(engines, log, faults)
        except SQLAlchemyError as error:
            engines.dispose()
            raise StoreError("the database cannot be opened", reason=type(error).__name__) from error
        except BaseException:
            engines.dispose()
            raise

    @property
    def is_shared(self) -> bool:
        """Whether several processes may open it."""
        return self._engines.is_shared

    async def take_duty(self, seconds: int) -> bool:
        """Be the process that works, for so long from now on; say whether it is so.

        Raises:
            StoreError: it was this one and is another now (`off-duty`), or the store does not answer.
        """
        if not self.is_shared:
            return True
        names, holder = [_DUTY], self._engines.name

        def take(connection: Connection) -> bool:
            return bool(SqlLeases(connection, LEASE).take(names, holder, seconds * 1000))

        was, self._on_duty = self._on_duty, await self._writer.write(take, label="duty")
        if self._on_duty and not was:
            await asyncio.to_thread(self.log.refresh)  # to where the process before came
        return self._on_duty

    async def leave_duty(self) -> None:
        """Let another process work at once."""
        if self._on_duty:
            holder = self._engines.name
            await self._writer.write(lambda c: SqlLeases(c, LEASE).give_up([_DUTY], holder), label="duty")
            self._on_duty = False

    def _guard(self, connection: Connection) -> None:
        if self._on_duty and not SqlLeases(connection, LEASE).has(_DUTY, self._engines.name):
            raise StoreError("another process of this relay works now", where="store", reason=OFF_DUTY)

    def watch(self, watch: Callable[[float | None], None]) -> None:
        """Tell `watch`, on the writer's thread, how long each transaction took; None: the database failed it."""
        self._writer.watch = watch

    async def write(self, job: Callable[[Connection], T], *, label: str) -> T:
        """Run `job` in the writer's next transaction; `label` names it at fault points."""
        return await self._writer.write(job, label=label)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run `query` beside the writer, on what was committed last; raise `StoreError`."""
        if self._engines.readers is None:
            return await self._writer.write(query)
        return await asyncio.to_thread(self._read, query)

    async def look(self) -> None:
        """See whether the store answers; raise `StoreError` if it does not."""
        await self.read(lambda connection: connection.execute(select(STORE)).all())

    async def note_back(self, now: int) -> None:
        """Write down that the store takes what is written, at `now` in unix seconds; raise `StoreError`."""
        await self.write(
            lambda connection: upsert_rows(connection, STORE, [(_BACK, now)]), label="store-back"
        )

    def read_now(self, query: Callable[[Connection], T]) -> T:
        """Do the same as `read`, blocking; for the time before the event loop runs."""
        return _look(self._engines.writer, query)

    def close(self) -> None:
        """Finish what is queued and close the store."""
        self._writer.close()
        self._engines.dispose()

    def _read(self, query: Callable[[Connection], T]) -> T:
        assert self._engines.readers is not None  # asked by the caller
        return _look(self._engines.readers, query)


def _look(engine: Engine, query: Callable[[Connection], T]) -> T:
    try:
        with engine.connect() as connection:
            return query(connection)
    except SQLAlchemyError as error:
        raise StoreError("the store could not be read", reason=type(error).__name__) from error


def _check_version(engines: Engines) -> None:
    with engines.writer.connect() as connection, connection.begin():
        insert_new(connection, STORE, [(_VERSION, SCHEMA_VERSION)])
        found = connection.execute(select(STORE.c.value).where(STORE.c.name == _VERSION)).scalar_one()
    if found != SCHEMA_VERSION:
        raise ConfigurationError(
            "the store was made by another version of the relay", where="store", reason="schema-version"
        )

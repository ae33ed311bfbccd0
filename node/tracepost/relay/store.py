"""The relay's store: one writer with its evidence log, readers beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Connection, select

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.evidence import LogKey
from tracepost.relay.tables import LOG, METADATA, SCHEMA_VERSION, STORE
from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.evidence_store import LogStore
from tracepost.serving.storage.rows import insert_new
from tracepost.serving.storage.writer import Faults, GroupWriter, no_faults

T = TypeVar("T")

_VERSION = "schema-version"


class RelayStore:
    """Durable jobs and reads. `write` returns when what the job did is on the disk and its head signed."""

    def __init__(self, engines: Engines, log: LogStore, writer: GroupWriter) -> None:
        self.log = log
        self._engines = engines
        self._writer = writer

    @classmethod
    def open(cls, url: str, key: LogKey, faults: Faults = no_faults) -> Self:
        """Open the store at `url`, making its tables if it is new.

        Raises:
            ConfigurationError: its tables are of another version, or another process uses it.
            StoreError: its log is damaged.
        """
        engines = open_engines(url)
        try:
            engines.claim()
            METADATA.create_all(engines.writer)
            _check_version(engines)
            log = LogStore(engines, LOG, key)
            return cls(engines, log, GroupWriter(engines.writer, log=log, faults=faults))
        except BaseException:
            engines.dispose()
            raise

    async def write(self, job: Callable[[Connection], T], *, label: str) -> T:
        """Run `job` in the writer's next transaction; `label` names it at fault points."""
        return await self._writer.write(job, label=label)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run `query` beside the writer, on what was committed last."""
        if self._engines.readers is None:
            return await self._writer.write(query)
        return await asyncio.to_thread(self._read, query)

    def read_now(self, query: Callable[[Connection], T]) -> T:
        """Do the same as `read`, blocking; for the time before the event loop runs."""
        with self._engines.writer.connect() as connection:
            return query(connection)

    def close(self) -> None:
        """Finish what is queued and close the store."""
        self._writer.close()
        self._engines.dispose()

    def _read(self, query: Callable[[Connection], T]) -> T:
        assert self._engines.readers is not None  # asked by the caller
        with self._engines.readers.connect() as connection:
            return query(connection)


def store_url(path: Path) -> str:
    """Return the URL of the SQLite store at `path`."""
    return f"sqlite:///{path}"


def _check_version(engines: Engines) -> None:
    with engines.writer.connect() as connection, connection.begin():
        insert_new(connection, STORE, [(_VERSION, SCHEMA_VERSION)])
        found = connection.execute(select(STORE.c.value).where(STORE.c.name == _VERSION)).scalar_one()
    if found != SCHEMA_VERSION:
        raise ConfigurationError(
            "the store was made by another version of the relay", where="store", reason="schema-version"
        )

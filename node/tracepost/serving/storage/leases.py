"""Leases: which process does what only one of them may do at a time. By the clock of the database."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Delete,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    delete,
    select,
    text,
)

from tracepost.serving.storage.rows import change_rows, find_rows, one_of, upsert_rows

_NOW = {
    "postgresql": text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"),
    "sqlite": text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
}


def define_lease_table(metadata: MetaData) -> Table:
    """Add the table of leases to `metadata`; `until` is in milliseconds of the database's clock."""
    return Table(
        "lease",
        metadata,
        Column("name", String, primary_key=True),
        Column("holder", String, nullable=False),
        Column("until", BigInteger, nullable=False),
    )


class SqlLeases:
    """Leases in `table`. Writers come one after another, so what is read here is so until the COMMIT."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection = connection
        self._table = table

    def take(self, names: Collection[str], holder: str, milliseconds: int) -> frozenset[str]:
        """Give `holder` for so long those of `names` that nobody else has now; return which it has.

        What it has already is prolonged.
        """
        now = int(self._connection.execute(_NOW[self._connection.dialect.name]).scalar_one())
        held = {row.name: row for row in find_rows(self._connection, _find(self._table), names)}
        free = [n for n in set(names) if n not in held or held[n].holder == holder or held[n].until <= now]
        rows = [(name, holder, now + milliseconds) for name in sorted(free)]
        upsert_rows(self._connection, self._table, rows)
        return frozenset(free)

    def give_up(self, names: Collection[str], holder: str) -> None:
        """Let others have at once those of `names` that `holder` has."""
        change_rows(self._connection, _give_up(self._table), names, of_holder=holder)

    def has(self, name: str, holder: str) -> bool:
        """Say whether `holder` was the last to take `name`, and so nobody else since."""
        found = find_rows(self._connection, _find(self._table), [name])
        return any(row.holder == holder for row in found)


@lru_cache
def _find(table: Table) -> Select[Any]:
    return select(table).where(one_of(table.c.name))


@lru_cache
def _give_up(table: Table) -> Delete:
    return delete(table).where(one_of(table.c.name), table.c.holder == bindparam("of_holder"))

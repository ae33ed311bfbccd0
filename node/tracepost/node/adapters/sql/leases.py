"""Leases: which process does what only one of them may do at a time. By the clock of the database."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, select, text

from tracepost.node.adapters.sql.tables import LEASE
from tracepost.serving.storage.rows import change_rows, find_rows, one_of, upsert_rows

_NOW = {
    "postgresql": text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"),
    "sqlite": text("SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"),
}
_LEASES = select(LEASE).where(one_of(LEASE.c.name))
_GIVE_UP = delete(LEASE).where(one_of(LEASE.c.name), LEASE.c.holder == bindparam("of_holder"))


class SqlLeases:
    """`ports.Leases` in SQL. Writers come one after another, so what is read here is so until the COMMIT."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, names: Collection[str], holder: str, milliseconds: int) -> frozenset[str]:
        """See `ports.Leases`."""
        now = int(self._connection.execute(_NOW[self._connection.dialect.name]).scalar_one())
        held = {row.name: row for row in find_rows(self._connection, _LEASES, names)}
        free = [n for n in set(names) if n not in held or held[n].holder == holder or held[n].until <= now]
        upsert_rows(self._connection, LEASE, [(name, holder, now + milliseconds) for name in sorted(free)])
        return frozenset(free)

    def give_up(self, names: Collection[str], holder: str) -> None:
        """See `ports.Leases`."""
        change_rows(self._connection, _GIVE_UP, names, of_holder=holder)

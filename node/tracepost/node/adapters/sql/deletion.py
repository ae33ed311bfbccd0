"""What is enclosed in what, what was deleted, and what is to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from sqlalchemy import Connection, delete, select, update

from tracepost.node.adapters.sql.tables import ENCLOSURE, KEEPING, TOMBSTONE
from tracepost.node.records.statements import Tombstone
from tracepost.protocol.ids import StatementDigest
from tracepost.serving.storage.rows import change_rows, find_rows, insert_new, one_of

_CARRIERS = select(ENCLOSURE).where(one_of(ENCLOSURE.c.statement))
_TOMBSTONES = select(TOMBSTONE).where(one_of(TOMBSTONE.c.statement))
_SETTLE = update(TOMBSTONE).where(one_of(TOMBSTONE.c.statement)).values(owed_to="")
_FORGET_DAYS = delete(KEEPING).where(one_of(KEEPING.c.statement))
_VALUES = attrgetter(*(column.name for column in TOMBSTONE.columns))


class SqlEnclosures:
    """`ports.Enclosures` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, enclosed: Mapping[StatementDigest, Iterable[StatementDigest]]) -> None:
        """See `ports.Enclosures`."""
        rows = [(one, carrier) for carrier, some in enclosed.items() for one in some]
        insert_new(self._connection, ENCLOSURE, sorted(set(rows)))

    def carriers(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, list[StatementDigest]]:
        """See `ports.Enclosures`."""
        found: dict[StatementDigest, list[StatementDigest]] = {}
        for row in find_rows(self._connection, _CARRIERS, digests):
            found.setdefault(row.statement, []).append(row.carrier)
        return found


class SqlTombstones:
    """`ports.Tombstones` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, tombstones: Sequence[Tombstone]) -> None:
        """See `ports.Tombstones`."""
        insert_new(self._connection, TOMBSTONE, [_VALUES(one) for one in tombstones])
        change_rows(self._connection, _FORGET_DAYS, [one.statement for one in tombstones])

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, Tombstone]:
        """See `ports.Tombstones`."""
        return {row.statement: Tombstone(*row) for row in find_rows(self._connection, _TOMBSTONES, digests)}

    def unsettled(self) -> list[Tombstone]:
        """See `ports.Tombstones`."""
        query = select(TOMBSTONE).where(TOMBSTONE.c.owed_to > "").order_by(TOMBSTONE.c.deleted_at)
        return [Tombstone(*row) for row in self._connection.execute(query)]

    def settle(self, digests: Sequence[StatementDigest]) -> None:
        """See `ports.Tombstones`."""
        change_rows(self._connection, _SETTLE, digests)

    def keep_until(self, days: Mapping[StatementDigest, str]) -> None:
        """See `ports.Tombstones`."""
        insert_new(self._connection, KEEPING, list(days.items()))

    def overdue(self, today: str, limit: int) -> list[StatementDigest]:
        """See `ports.Tombstones`."""
        query = select(KEEPING.c.statement).where(KEEPING.c.until < today).order_by(KEEPING.c.until)
        return list(self._connection.execute(query.limit(limit)).scalars())

"""The address book in SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from tracepost.node.adapters.sql.tables import ADDRESS
from tracepost.serving.storage.rows import upsert_rows


class SqlAddresses:
    """`ports.Addresses` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, id_: str, entry: bytes) -> None:
        """See `ports.Addresses`."""
        upsert_rows(self._connection, ADDRESS, [(id_, entry)])

    def find(self, id_: str) -> bytes | None:
        """See `ports.Addresses`."""
        return self._connection.execute(select(ADDRESS.c.entry).where(ADDRESS.c.id == id_)).scalar()

    def all(self) -> Sequence[bytes]:
        """See `ports.Addresses`."""
        return list(self._connection.execute(select(ADDRESS.c.entry).order_by(ADDRESS.c.id)).scalars())

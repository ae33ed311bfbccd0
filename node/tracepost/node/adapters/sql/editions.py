"""Numbers by which a process sees that another one changed what it has in memory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from tracepost.node.adapters.sql.tables import (
    CERTIFICATE,
    DEPUTY,
    DIRECTORY_ENTRY,
    LOG_CONTRADICTION,
    OFFICER,
    POLICY,
    REVOCATION_LIST,
    TRUST_LIST,
)
from tracepost.node.records.papers import Edition, PolicyState
from tracepost.serving.storage.rows import read_rows


def _one(value: ColumnElement[Any]) -> Any:
    return select(func.coalesce(value, 0)).scalar_subquery()


_POLICY = select(func.coalesce(func.max(POLICY.c.version), 0)).where(POLICY.c.state == PolicyState.ACTIVATED)
_PAPERS = (
    _one(func.max(TRUST_LIST.c.sequence)),
    _one(func.count(REVOCATION_LIST.c.number)),
    _one(func.max(CERTIFICATE.c.number)),
    _one(func.sum(DIRECTORY_ENTRY.c.sequence)),
    _one(func.count(LOG_CONTRADICTION.c.sha256)),
)
_STAFF = (
    _one(func.sum(OFFICER.c.first_seen)),
    _one(func.sum(OFFICER.c.left_at)),
    _one(func.sum(OFFICER.c.not_after)),
    _one(func.sum(DEPUTY.c.approved_at)),
    _one(func.sum(DEPUTY.c.ended_at)),
)
_ALL = select(*_PAPERS, *_STAFF, _POLICY.scalar_subquery())


class SqlEditions:
    """`ports.Editions` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self) -> Edition:
        """See `ports.Editions`."""
        numbers = tuple(map(int, self._connection.execute(_ALL).one()))
        return Edition(numbers[: len(_PAPERS)], numbers[len(_PAPERS) : -1], numbers[-1])

    def policy(self) -> int:
        """See `ports.Editions`."""
        [row] = read_rows(self._connection, _POLICY)
        return int(row[0])

"""Mail beyond what another member knows of: for one that was put back from a backup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, not_, select

from tracepost.node.adapters.sql.tables import RECEIVED, SENT
from tracepost.node.ports.mail import RoadKey
from tracepost.node.records.mail import MailState
from tracepost.protocol.ids import EnvelopeId, MemberId

_ACCEPTED: Final = (MailState.DELIVERED, MailState.HELD, MailState.TAKEN_UP, MailState.SET_ASIDE)


class SqlResumption:
    """`ports.Resumption` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def delivered_beyond(
        self, to: MemberId, held: Mapping[RoadKey, int], after: int, limit: int
    ) -> list[tuple[int, EnvelopeId]]:
        """See `ports.Resumption`."""
        ours = and_(SENT.c.to_member == to, SENT.c.state == MailState.DELIVERED)
        return self._find(SENT, ours, held, after, limit)

    def accepted_beyond(
        self, of: MemberId, given: Mapping[RoadKey, int], after: int, limit: int
    ) -> list[tuple[int, EnvelopeId]]:
        """See `ports.Resumption`."""
        theirs = and_(RECEIVED.c.from_member == of, RECEIVED.c.state.in_(_ACCEPTED))
        return self._find(RECEIVED, theirs, given, after, limit)

    def _find(
        self, table: Table, which: ColumnElement[bool], known: Mapping[RoadKey, int], after: int, limit: int
    ) -> list[tuple[int, EnvelopeId]]:
        query = (
            select(table.c.number, table.c.id)
            .where(which, table.c.number > after, *(not_(_is_known(table, *one)) for one in known.items()))
            .order_by(table.c.number)
            .limit(limit)
        )
        return [(row.number, row.id) for row in self._connection.execute(query)]


def _is_known(table: Table, road: RoadKey, seq: int) -> ColumnElement[bool]:
    via, lane, epoch = road
    columns: Any = table.c
    return and_(columns.via == via, columns.lane == lane, columns.epoch == epoch, columns.seq <= seq)

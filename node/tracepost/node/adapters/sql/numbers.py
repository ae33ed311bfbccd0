"""Which numbers were given on each road, and which arrived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, or_, select

from tracepost.node.adapters.sql.tables import COUNTER, POUCHED, RECEIPT, RECEIVED, REFUSED, SENT, WATERMARK
from tracepost.node.records.mail import GivenNumber, MailState, Mark, Queue, ReceiptKind
from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.serving.storage.rows import read_rows, upsert_rows

RoadKey = tuple[MemberId, str, Lane, int]
"""The other member, the road, the lane and the epoch."""

_MARKS_BY = (
    select(WATERMARK)
    .where(WATERMARK.c.from_member == bindparam("member"))
    .where(
        or_(
            WATERMARK.c.via == bindparam("begin"),
            and_(WATERMARK.c.to_member == bindparam("begin"), WATERMARK.c.via == DIRECT),
        )
    )
    .order_by(*WATERMARK.primary_key)
)
_ANSWERED = (MailState.DELIVERED, MailState.REFUSED)
_KEPT = (
    exists().where(RECEIPT.c.envelope_id == SENT.c.id, RECEIPT.c.kind == ReceiptKind.CUSTODY).label("kept")
)
_POUCHED = exists().where(POUCHED.c.envelope_id == SENT.c.id).label("pouched")
_GIVEN = select(COUNTER).order_by(COUNTER.c.to_member, COUNTER.c.via, COUNTER.c.lane.desc(), COUNTER.c.epoch)
_UNANSWERED = (
    select(SENT.c.to_member, SENT.c.via, SENT.c.lane, SENT.c.epoch, SENT.c.seq, _KEPT, _POUCHED)
    .where(SENT.c.state.in_([state for state in MailState if state not in _ANSWERED]))
    .order_by(SENT.c.to_member, SENT.c.via, SENT.c.lane.desc(), SENT.c.epoch, SENT.c.seq)
)
_ROAD = (RECEIVED.c.from_member, RECEIVED.c.via, RECEIVED.c.lane, RECEIVED.c.epoch)
_TAKEN = select(*_ROAD, func.max(RECEIVED.c.seq).label("last")).group_by(*_ROAD).order_by(*_ROAD)


class SqlNumbers:
    """`ports.Numbers` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def given(self, to: MemberId | None) -> dict[RoadKey, int]:
        """See `ports.Numbers`."""
        query = _GIVEN.where(*_is(COUNTER.c.to_member, to))
        return {
            (MemberId(row.to_member), row.via, Lane(row.lane), row.epoch): row.next_seq - 1
            for row in self._connection.execute(query)
        }

    def unanswered(self, to: MemberId | None, limit: int) -> list[tuple[Queue, int, GivenNumber]]:
        """See `ports.Numbers`."""
        query = _UNANSWERED.where(*_is(SENT.c.to_member, to)).limit(limit)
        return [
            (
                Queue(MemberId(row.to_member), row.via, Lane(row.lane)),
                row.epoch,
                GivenNumber(row.seq, bool(row.kept), bool(row.pouched)),
            )
            for row in self._connection.execute(query)
        ]

    def taken(self, of: MemberId | None) -> dict[RoadKey, int]:
        """See `ports.Numbers`."""
        rows = self._connection.execute(_TAKEN.where(*_is(RECEIVED.c.from_member, of)))
        return {_key(row): row.last for row in rows}

    def holes(self, of: MemberId | None, limit: int) -> list[tuple[RoadKey, int, int]]:
        """See `ports.Numbers`."""
        before = func.lag(RECEIVED.c.seq, 1, 0).over(partition_by=_ROAD, order_by=RECEIVED.c.seq)
        numbered = select(*_ROAD, RECEIVED.c.seq, before.label("before"))
        steps = numbered.where(*_is(RECEIVED.c.from_member, of)).subquery()
        wide = select(steps).where(steps.c.seq > steps.c.before + 1)
        order = (steps.c.from_member, steps.c.via, steps.c.lane.desc(), steps.c.epoch, steps.c.seq)
        rows = self._connection.execute(wide.order_by(*order).limit(limit))
        return [(_key(row), row.before + 1, row.seq - 1) for row in rows]

    def keep_marks(self, marks: Sequence[Mark]) -> None:
        """See `ports.Numbers`."""
        senders = {mark.from_member for mark in marks}
        known = {_road_of(one): one for sender in senders for one in self.marks(sender)}
        newer: dict[tuple[Any, ...], Mark] = {}
        for mark in marks:
            before = newer.get(_road_of(mark)) or known.get(_road_of(mark))
            if before is None or (before.at, before.seq) <= (mark.at, mark.seq):
                newer[_road_of(mark)] = mark
        rows = [(*_road_of(one), one.seq, one.at, one.proof) for one in newer.values()]
        upsert_rows(self._connection, WATERMARK, rows)

    def marks(self, from_member: MemberId | None) -> list[Mark]:
        """See `ports.Numbers`."""
        query = select(WATERMARK).where(*_is(WATERMARK.c.from_member, from_member))
        rows = self._connection.execute(query.order_by(*WATERMARK.primary_key))
        return list(map(_mark, rows))

    def marks_by(self, from_member: MemberId, begin: MemberId) -> list[Mark]:
        """See `ports.Numbers`."""
        return list(map(_mark, read_rows(self._connection, _MARKS_BY, member=from_member, begin=begin)))

    def refused(self, of: MemberId | None) -> list[int]:
        """See `ports.Numbers`."""
        query = select(REFUSED.c.log_number).where(*_is(REFUSED.c.from_member, of))
        return list(self._connection.execute(query.order_by(REFUSED.c.log_number)).scalars())


def _mark(row: Any) -> Mark:
    return Mark(**row._asdict() | {"lane": Lane(row.lane)})


def _road_of(mark: Mark) -> tuple[Any, ...]:
    return mark.from_member, mark.to_member, mark.via, int(mark.lane), mark.epoch


def _is(column: Any, member: MemberId | None) -> tuple[ColumnElement[bool], ...]:
    return () if member is None else (column == member,)


def _key(row: Any) -> RoadKey:
    return MemberId(row.from_member), row.via, Lane(row.lane), row.epoch

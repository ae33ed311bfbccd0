"""Which attachments our mail names, and where each is."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select, update

from tracepost.node.adapters.sql.tables import ATTACHMENT, RECEIVED, SENT
from tracepost.node.records.mail import Journey, MailState
from tracepost.node.records.statements import AttachmentRecord, Direction
from tracepost.protocol.ids import DIRECT, EnvelopeId, StatementDigest
from tracepost.serving.storage.rows import change_rows, find_rows, insert_new, one_of, upsert_rows

_VALUES = attrgetter(*(column.name for column in ATTACHMENT.columns))
_WAITING = ATTACHMENT.c.passage == Journey.WAITING
_LEAVING = (
    select(ATTACHMENT)
    .join(SENT, SENT.c.id == ATTACHMENT.c.envelope_id)
    .where(_WAITING, ATTACHMENT.c.direction == Direction.OURS)
    .where(
        or_(
            SENT.c.state == MailState.DELIVERED,
            and_(SENT.c.state == MailState.WITH_RELAY, SENT.c.via != DIRECT),
        )
    )
    .order_by(ATTACHMENT.c.changed_at, ATTACHMENT.c.address)
)
_COMING = (
    select(ATTACHMENT)
    .join(RECEIVED, RECEIVED.c.id == ATTACHMENT.c.envelope_id)
    .where(_WAITING, ATTACHMENT.c.direction == Direction.THEIRS)
    .where(RECEIVED.c.state.in_((MailState.DELIVERED, MailState.TAKEN_UP)))
    .order_by(ATTACHMENT.c.changed_at, ATTACHMENT.c.address)
)
_ENDED_MAIL = select(SENT.c.id).where(
    SENT.c.state.in_((MailState.EXPIRED, MailState.REFUSED, MailState.REPLACED))
)
_BY_STATEMENT = select(ATTACHMENT).where(one_of(ATTACHMENT.c.statement))

_AGAIN = (
    update(ATTACHMENT)
    .where(one_of(ATTACHMENT.c.envelope_id), ATTACHMENT.c.direction == Direction.OURS)
    .where(ATTACHMENT.c.passage == Journey.DONE)
    .values(passage=Journey.WAITING, changed_at=bindparam("at"))
)
_FORGET = delete(ATTACHMENT).where(one_of(ATTACHMENT.c.statement))


class SqlAttachments:
    """`ports.Attachments` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, records: Sequence[AttachmentRecord]) -> None:
        """See `ports.Attachments`."""
        insert_new(self._connection, ATTACHMENT, [_VALUES(record) for record in records])

    def put(self, record: AttachmentRecord) -> None:
        """See `ports.Attachments`."""
        upsert_rows(self._connection, ATTACHMENT, [_VALUES(record)])

    def bring_again(self, ids: Sequence[EnvelopeId], at: int) -> None:
        """See `ports.Attachments`."""
        change_rows(self._connection, _AGAIN, ids, at=at)

    def find(self, envelope_id: EnvelopeId, address: bytes) -> AttachmentRecord | None:
        """See `ports.Attachments`."""
        query = select(ATTACHMENT).where(
            ATTACHMENT.c.envelope_id == envelope_id, ATTACHMENT.c.address == address
        )
        row = self._connection.execute(query).first()
        return None if row is None else _record(row)

    def leaving(self) -> list[AttachmentRecord]:
        """See `ports.Attachments`."""
        return [_record(row) for row in self._connection.execute(_LEAVING)]

    def coming(self) -> list[AttachmentRecord]:
        """See `ports.Attachments`."""
        return [_record(row) for row in self._connection.execute(_COMING)]

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[AttachmentRecord]:
        """See `ports.Attachments`."""
        found = (_record(row) for row in find_rows(self._connection, _BY_STATEMENT, digests))
        return sorted(found, key=attrgetter("address", "member"))

    def give_up(self, now: int) -> int:
        """See `ports.Attachments`."""
        over = or_(ATTACHMENT.c.deliver_by < now, ATTACHMENT.c.envelope_id.in_(_ENDED_MAIL))
        change = update(ATTACHMENT).where(_WAITING, over)
        return self._connection.execute(change.values(passage=Journey.FAILED, changed_at=now)).rowcount

    def forget(self, digests: Sequence[StatementDigest]) -> None:
        """See `ports.Attachments`."""
        change_rows(self._connection, _FORGET, digests)

    def named(self) -> frozenset[bytes]:
        """See `ports.Attachments`."""
        query = select(ATTACHMENT.c.address).where(ATTACHMENT.c.passage != Journey.FAILED).distinct()
        return frozenset(self._connection.execute(query).scalars())


def _record(row: Row[Any]) -> AttachmentRecord:
    # Not `**row._asdict()`: `find_rows` gives what the driver gives, in the same order.
    values = list(row)
    values[2], values[7] = Direction(values[2]), Journey(values[7])
    return AttachmentRecord(*values)

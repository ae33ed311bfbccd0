"""Mail for us: accepted, refused, held, waiting for what came before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from tracepost.node.adapters.sql.ends import part_columns
from tracepost.node.adapters.sql.statements import StatementNumbers
from tracepost.node.adapters.sql.tables import BODY, RECEIVED, REFUSED, STATEMENT
from tracepost.node.records.mail import (
    Answer,
    ArrivedMail,
    HeldMail,
    HeldUsage,
    MailState,
    ReceivedMail,
    RefusedMail,
)
from tracepost.protocol.envelope import CheckedEnvelope, Lane
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest
from tracepost.serving.storage.rows import (
    change_rows,
    find_rows,
    insert_new,
    insert_rows,
    next_number,
    one_of,
)

_REFUSED_VALUES = attrgetter(*(column.name for column in REFUSED.columns))
_IN_ORDER = attrgetter("received_at", "log_number")

_ANSWERS = {
    accepted: select(table.c.id, table.c.log_number).where(one_of(table.c.id))
    for accepted, table in ((True, RECEIVED), (False, REFUSED))
}
_ENTER_AGAIN = tuple(
    update(table).where(table.c.id == bindparam("its_id")).values(log_number=bindparam("entered"))
    for table in (RECEIVED, REFUSED)
)
_BY_ID = select(RECEIVED).where(one_of(RECEIVED.c.id))
_BY_STATEMENT = select(RECEIVED).where(one_of(RECEIVED.c.statement_number))
_BY_PREDECESSOR = select(RECEIVED).where(one_of(RECEIVED.c.waiting_for))
# Said as a range, "is not null" is looked up in the index; said plainly, SQLite reads the whole table.
_OVERDUE = select(RECEIVED).where(
    RECEIVED.c.waiting_for > b"", RECEIVED.c.received_at < bindparam("received_before")
)
_MOVE = (
    update(RECEIVED)
    .where(one_of(RECEIVED.c.id))
    .values(state=bindparam("to_state"), changed_at=bindparam("at"))
)
_STOP_WAITING = update(RECEIVED).where(one_of(RECEIVED.c.id)).values(waiting_for=None)
_HELD = (
    select(RECEIVED, STATEMENT.c.kind, STATEMENT.c.thread)
    .join_from(RECEIVED, STATEMENT, STATEMENT.c.number == RECEIVED.c.statement_number)
    .where(RECEIVED.c.state == MailState.HELD)
    .order_by(RECEIVED.c.received_at, RECEIVED.c.log_number)
)
_HELD_USAGE = (
    select(RECEIVED.c.from_member, func.count().label("mails"), func.sum(RECEIVED.c.size).label("total"))
    .where(RECEIVED.c.state == MailState.HELD, one_of(RECEIVED.c.from_member))
    .group_by(RECEIVED.c.from_member)
)


class SqlInbox:
    """`ports.Inbox` in SQL."""

    def __init__(self, connection: Connection, numbers: StatementNumbers) -> None:
        self._connection = connection
        self._numbers = numbers

    def answered(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Answer]:
        """See `ports.Inbox`."""
        return {
            row.id: Answer(accepted, row.log_number)
            for accepted, query in _ANSWERS.items()
            for row in find_rows(self._connection, query, ids)
        }

    def enter_again(self, numbers: Mapping[EnvelopeId, int]) -> None:
        """See `ports.Inbox`."""
        rows = [{"its_id": id_, "entered": number} for id_, number in numbers.items()]
        for change in _ENTER_AGAIN if rows else ():
            self._connection.execute(change, rows)

    def accept(self, mails: Sequence[ArrivedMail]) -> None:
        """See `ports.Inbox`."""
        first = next_number(self._connection, BODY)
        statements = self._numbers.give([mail.statement for mail in mails])
        numbered = list(enumerate(mails, first))
        rows = [_received_row(number, mail, statements[mail.statement]) for number, mail in numbered]
        insert_rows(self._connection, RECEIVED, rows)
        bodies = [self._body_row(number, mail.envelope) for number, mail in numbered]
        insert_rows(self._connection, BODY, bodies)

    def _body_row(self, number: int, envelope: CheckedEnvelope) -> tuple[Any, ...]:
        slots, body, *ends = part_columns(self._connection, envelope.slots, envelope.body)
        return (number, envelope.header_bytes, slots, envelope.proof, body, *ends)

    def refuse(self, mails: Sequence[RefusedMail]) -> None:
        """See `ports.Inbox`."""
        insert_new(self._connection, REFUSED, [_REFUSED_VALUES(mail) for mail in mails])

    def find(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, ReceivedMail]:
        """See `ports.Inbox`."""
        return {row.id: _received_mail(row) for row in find_rows(self._connection, _BY_ID, ids)}

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[ReceivedMail]:
        """See `ports.Inbox`."""
        numbers = self._numbers.find(digests).values()
        return _read_in_order(find_rows(self._connection, _BY_STATEMENT, numbers))

    def last_number(self) -> int:
        """See `ports.Inbox`."""
        return next_number(self._connection, RECEIVED) - 1

    def move(self, ids: Sequence[EnvelopeId], state: MailState, at: int) -> None:
        """See `ports.Inbox`."""
        change_rows(self._connection, _MOVE, ids, to_state=state, at=at)


class SqlQuarantine:
    """`ports.Quarantine` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def held(self) -> list[HeldMail]:
        """See `ports.Quarantine`."""
        rows = self._connection.execute(_HELD)
        return [HeldMail(_received_mail(row), row.kind, row.thread) for row in rows]

    def usage(self, members: Sequence[MemberId]) -> Mapping[MemberId, HeldUsage]:
        """See `ports.Quarantine`."""
        usage = dict.fromkeys(members, HeldUsage(0, 0))
        rows = find_rows(self._connection, _HELD_USAGE, members)
        return usage | {row.from_member: HeldUsage(row.mails, int(row.total)) for row in rows}


class SqlPredecessors:
    """`ports.Predecessors` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting_for(self, digests: Sequence[StatementDigest]) -> list[ReceivedMail]:
        """See `ports.Predecessors`."""
        return _read_in_order(find_rows(self._connection, _BY_PREDECESSOR, digests))

    def overdue(self, received_before: int) -> list[ReceivedMail]:
        """See `ports.Predecessors`."""
        return _read_in_order(self._connection.execute(_OVERDUE, {"received_before": received_before}))

    def stop_waiting(self, ids: Sequence[EnvelopeId]) -> None:
        """See `ports.Predecessors`."""
        change_rows(self._connection, _STOP_WAITING, ids)


def _read_in_order(rows: Iterable[Any]) -> list[ReceivedMail]:
    return sorted(map(_received_mail, rows), key=_IN_ORDER)


def _received_row(number: int, mail: ArrivedMail, statement_number: int) -> tuple[Any, ...]:
    address = mail.envelope.header.address
    road = address.road
    return (
        number,
        mail.envelope.id,
        address.from_member,
        road.via,
        int(address.lane),
        road.epoch,
        road.seq,
        address.deliver_by,
        mail.statement,
        statement_number,
        mail.log_number,
        len(mail.envelope.body),
        mail.state,
        mail.reason,
        mail.waiting_for,
        mail.received_at,
        mail.received_at,
    )


def _received_mail(row: Any) -> ReceivedMail:
    return ReceivedMail(
        id=row.id,
        from_member=row.from_member,
        via=row.via,
        lane=Lane(row.lane),
        epoch=row.epoch,
        seq=row.seq,
        deliver_by=row.deliver_by,
        statement=row.statement,
        log_number=row.log_number,
        size=row.size,
        state=MailState(row.state),
        reason=row.reason,
        waiting_for=row.waiting_for,
        received_at=row.received_at,
        changed_at=row.changed_at,
    )

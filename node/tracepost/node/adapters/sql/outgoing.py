"""Mail of ours: numbers, queue, news of it, receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from tracepost.node.adapters.sql.ends import part_columns, read_parts
from tracepost.node.adapters.sql.statements import StatementNumbers
from tracepost.node.adapters.sql.tables import BODY, COUNTER, LOG, POUCHED, RECEIPT, SENT, STATEMENT
from tracepost.node.records.mail import (
    MailState,
    NumberRun,
    Queue,
    QueueAge,
    QueueDepth,
    QueuedMail,
    ReceiptKind,
    ReceiptRecord,
    SentMail,
    Settlement,
    WaitingMail,
    WrittenMail,
)
from tracepost.node.records.statements import Direction
from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DIRECT, DeskId, EnvelopeId, MemberId, StatementDigest
from tracepost.serving.storage.evidence_store import stored_line
from tracepost.serving.storage.rows import (
    change_rows,
    chunks,
    count_new,
    find_rows,
    insert_rows,
    next_number,
    one_of,
)

_RECEIPT_VALUES = attrgetter(*(column.name for column in RECEIPT.columns))
_UNDELIVERED = (MailState.QUEUED, MailState.WITH_RELAY)
_RISES_FROM = {
    MailState.WITH_RELAY: (MailState.QUEUED,),
    MailState.REPLACED: _UNDELIVERED,
    MailState.EXPIRED: _UNDELIVERED,
    MailState.DELIVERED: (*_UNDELIVERED, MailState.REPLACED, MailState.EXPIRED),
    MailState.REFUSED: (*_UNDELIVERED, MailState.REPLACED, MailState.EXPIRED),
}

_TAKE = (
    update(COUNTER)
    .where(*(column == bindparam(f"its_{column.name}") for column in COUNTER.primary_key))
    .values(next_seq=COUNTER.c.next_seq + bindparam("count"))
    .returning(COUNTER.c.next_seq)
)
_CHOOSE = (
    select(SENT.c.id, SENT.c.size)
    .where(SENT.c.state == MailState.QUEUED)
    .where(*(SENT.c[name] == bindparam(name) for name in ("to_member", "via", "lane")))
    .where(tuple_(SENT.c.epoch, SENT.c.seq) > tuple_(bindparam("epoch"), bindparam("seq")))
    .where(SENT.c.not_before <= bindparam("now"))
    .order_by(SENT.c.epoch, SENT.c.seq)
    .limit(bindparam("most"))
)
# The log may be of a later epoch than the mail's own number: what a log said that ended was entered anew.
_ENTRY_OF_SENT = (LOG.entry.c.epoch == SENT.c.log_epoch) & (LOG.entry.c.number == SENT.c.log_number)
_PARTS = (
    select(SENT, LOG.entry.c.salt, LOG.entry.c.preimage, *(c for c in BODY.c if c is not BODY.c.number))
    .select_from(SENT.join(BODY, BODY.c.number == SENT.c.number).join(LOG.entry, _ENTRY_OF_SENT))
    .where(one_of(SENT.c.id))
)
_POSTPONE = update(SENT).where(one_of(SENT.c.id)).values(not_before=bindparam("until"))
_QUEUE_KEY = (SENT.c.to_member, SENT.c.via, SENT.c.lane)
_IN_POUCH = exists().where(POUCHED.c.envelope_id == SENT.c.id)
_DEPTHS = (
    select(
        *_QUEUE_KEY,
        SENT.c.state,
        func.count().label("mails"),
        func.sum(case((_IN_POUCH, 1), else_=0)).label("in_pouch"),
    )
    .where(SENT.c.state.in_(_UNDELIVERED))
    .group_by(*_QUEUE_KEY, SENT.c.state)
    .order_by(SENT.c.lane.desc(), SENT.c.to_member, SENT.c.via)
)
_AGES = (
    select(
        SENT.c.to_member,
        SENT.c.lane,
        SENT.c.state,
        func.count().label("mails"),
        func.min(SENT.c.queued_at).label("oldest"),
    )
    .where(SENT.c.state.in_(_UNDELIVERED))
    .group_by(SENT.c.to_member, SENT.c.lane, SENT.c.state)
    .order_by(SENT.c.to_member, SENT.c.lane.desc(), SENT.c.state)
)
_QUEUES_WITH = (
    select(COUNTER.c.to_member, COUNTER.c.via, COUNTER.c.lane)
    .distinct()
    .where(
        or_(
            COUNTER.c.via == bindparam("peer"),
            and_(COUNTER.c.via == DIRECT, COUNTER.c.to_member == bindparam("peer")),
        )
    )
    .where(
        exists().where(
            SENT.c.state == MailState.QUEUED,
            SENT.c.to_member == COUNTER.c.to_member,
            SENT.c.via == COUNTER.c.via,
            SENT.c.lane == COUNTER.c.lane,
        )
    )
    .order_by(COUNTER.c.lane.desc(), COUNTER.c.to_member)
)
# SQLite takes more than a dozen keys for a reason to go by the index of states instead, which is to look at all mail
# that waits; a state in a function can be looked up by nothing.
_STATE_OF_ROW = func.coalesce(SENT.c.state, "")
_SETTLE = {
    state: update(SENT)
    .where(one_of(SENT.c.id), _STATE_OF_ROW.in_(before))
    .values(state=state, reason=bindparam("why"), changed_at=bindparam("at"), not_before=bindparam("due"))
    for state, before in _RISES_FROM.items()
}
_IN_CUSTODY = (
    select(SENT.c.number, SENT.c.id)
    .where(SENT.c.state == MailState.WITH_RELAY, SENT.c.via == bindparam("relay"))
    .where(SENT.c.number > bindparam("after"))
    .order_by(SENT.c.number)
    .limit(bindparam("most"))
)
_OVERDUE = (
    select(SENT.c.id)
    .where(SENT.c.state == MailState.WITH_RELAY, SENT.c.not_before < bindparam("now"))
    .order_by(SENT.c.not_before)
    .limit(bindparam("most"))
)
_CUSTODY_OF = select(SENT).where(one_of(SENT.c.id), _STATE_OF_ROW == MailState.WITH_RELAY)
_RECLAIM = (
    update(SENT)
    .where(one_of(SENT.c.id), _STATE_OF_ROW == MailState.WITH_RELAY)
    .values(state=MailState.QUEUED, reason="", not_before=0, changed_at=bindparam("at"))
)
_LATE = (
    select(SENT.c.id)
    .where(SENT.c.state.in_(_UNDELIVERED), SENT.c.deliver_by < bindparam("now"))
    .order_by(SENT.c.deliver_by)
    .limit(bindparam("most"))
)
_OTHER = SENT.alias("other")
_DEAD = (
    select(SENT)
    .where(SENT.c.state.in_((MailState.EXPIRED, MailState.REFUSED)))
    .where(
        ~exists().where(
            _OTHER.c.statement_number == SENT.c.statement_number,
            _OTHER.c.to_member == SENT.c.to_member,
            _OTHER.c.number != SENT.c.number,
            or_(
                _OTHER.c.state.in_((*_UNDELIVERED, MailState.DELIVERED)),
                # Of several that ended, the last stands for them.
                and_(
                    _OTHER.c.state.in_((MailState.EXPIRED, MailState.REFUSED)),
                    _OTHER.c.number > SENT.c.number,
                ),
            ),
        )
    )
    .order_by(SENT.c.changed_at.desc(), SENT.c.number.desc())
    .limit(bindparam("most"))
)
_IS_DELIVERED, _OTHER_IS_DELIVERED = (t.c.state == MailState.DELIVERED for t in (SENT, _OTHER))
_STANDS_FOR_IT = and_(
    _OTHER.c.statement_number == SENT.c.statement_number,
    _OTHER.c.to_member == SENT.c.to_member,
    or_(
        and_(_OTHER_IS_DELIVERED, ~_IS_DELIVERED),
        and_(_OTHER.c.number > SENT.c.number, or_(_OTHER_IS_DELIVERED, ~_IS_DELIVERED)),
    ),
)
_AFTER_ALL: Final = 2**62
# Of a desk with no more mail than this, all numbers are read, and of their mail a page: to go through all mail for the
# next page of a desk that seldom writes is to read the mail of the others.
_SELDOM: Final = 5000
# In the text, not beside it: only so is it seen that the index of what is ours will do.
_IS_OURS = STATEMENT.c.direction == literal(Direction.OURS, literal_execute=True)
_NUMBERS_BY_DESK = (
    select(SENT.c.number)
    .join(STATEMENT, STATEMENT.c.number == SENT.c.statement_number)
    .where(STATEMENT.c.desk == bindparam("by_desk"), _IS_OURS)
    .limit(_SELDOM + 1)
)
_STANDING_OF = select(SENT, _IN_POUCH.label("in_pouch")).where(
    one_of(SENT.c.number), ~exists().where(_STANDS_FOR_IT)
)
_BY_DESK = exists().where(
    STATEMENT.c.number == SENT.c.statement_number, _IS_OURS, STATEMENT.c.desk == bindparam("by_desk")
)
_WRITTEN = (
    select(SENT, _IN_POUCH.label("in_pouch"))
    .where(SENT.c.number < bindparam("before"), _BY_DESK, ~exists().where(_STANDS_FOR_IT))
    .order_by(SENT.c.number.desc())
    .limit(bindparam("most"))
)
_UNSETTLED = (
    select(SENT)
    .where(SENT.c.state.in_(_UNDELIVERED), SENT.c.number > bindparam("after"))
    .order_by(SENT.c.number)
    .limit(bindparam("most"))
)
_ENTER_AGAIN = (
    update(SENT)
    .where(SENT.c.id == bindparam("its_id"))
    .values(log_number=bindparam("entered"), log_epoch=bindparam("in_epoch"))
)
_BY_ID = select(SENT).where(one_of(SENT.c.id))
_BY_STATEMENT = select(SENT).where(one_of(SENT.c.statement_number))
_RECEIPTS = select(RECEIPT).where(one_of(RECEIPT.c.envelope_id))


class SqlOutbox:
    """`ports.Outbox` in SQL. Numbers run in `epoch`, that of our log."""

    def __init__(self, connection: Connection, numbers: StatementNumbers, epoch: int) -> None:
        self._connection = connection
        self._numbers = numbers
        self._epoch = epoch

    def take_numbers(self, queue: Queue, count: int) -> NumberRun:
        """See `ports.Outbox`."""
        key = (queue.to_member, queue.via, int(queue.lane), self._epoch)
        names = (f"its_{column.name}" for column in COUNTER.primary_key)
        values = dict(zip(names, key, strict=True), count=count)
        after = self._connection.execute(_TAKE, values).scalar()
        if after is None:
            insert_rows(self._connection, COUNTER, [(*key, 1 + count)])
            after = 1 + count
        return NumberRun(self._epoch, after - count)

    def queue(self, mails: Sequence[QueuedMail]) -> None:
        """See `ports.Outbox`."""
        first = next_number(self._connection, BODY)
        statements = self._numbers.give([mail.statement for mail in mails])
        numbered = list(enumerate(mails, first))
        rows = [_sent_row(number, mail, statements[mail.statement]) for number, mail in numbered]
        insert_rows(self._connection, SENT, rows)
        insert_rows(self._connection, BODY, [self._body_row(number, mail) for number, mail in numbered])

    def _body_row(self, number: int, mail: QueuedMail) -> tuple[Any, ...]:
        slots, body, *ends = part_columns(self._connection, mail.slots, mail.body)
        return (number, mail.header, slots, b"", body, *ends)

    def waiting(
        self, queue: Queue, after: tuple[int, int], now: int, limit: int, size_limit: int
    ) -> list[WaitingMail]:
        """See `ports.Outbox`."""
        return self._load(list(self._choose(queue, after, now, limit, size_limit)))

    def load(self, ids: Sequence[EnvelopeId]) -> list[WaitingMail]:
        """See `ports.Outbox`."""
        return [mail for mail in self._load(ids) if mail.body]

    def postpone(self, ids: Sequence[EnvelopeId], until: int) -> None:
        """See `ports.Outbox`."""
        change_rows(self._connection, _POSTPONE, ids, until=until)

    def in_custody(self, via: str, after: int, limit: int) -> list[tuple[int, EnvelopeId]]:
        """See `ports.Outbox`."""
        rows = self._connection.execute(_IN_CUSTODY, {"relay": via, "after": after, "most": limit})
        return [(row.number, row.id) for row in rows]

    def queues_with(self, peer: MemberId) -> list[Queue]:
        """See `ports.Outbox`."""
        rows = self._connection.execute(_QUEUES_WITH, {"peer": peer})
        return [Queue(MemberId(to), via, Lane(lane)) for to, via, lane in rows]

    def depths(self) -> list[QueueDepth]:
        """See `ports.Outbox`."""
        rows = groupby(self._connection.execute(_DEPTHS), key=_queue)
        return [_depth(queue, list(states)) for queue, states in rows]

    def ages(self) -> list[QueueAge]:
        """See `ports.Outbox`."""
        return [
            QueueAge(MemberId(row.to_member), Lane(row.lane), MailState(row.state), row.mails, row.oldest)
            for row in self._connection.execute(_AGES)
        ]

    def _load(self, ids: Sequence[EnvelopeId]) -> list[WaitingMail]:
        found = {row.id: row for row in find_rows(self._connection, _PARTS, ids)}
        return [_waiting_mail(found[id_]) for id_ in ids if id_ in found]

    def _choose(
        self, queue: Queue, after: tuple[int, int], now: int, limit: int, size_limit: int
    ) -> Iterator[EnvelopeId]:
        """Yield what is to go next, found without touching bodies."""
        epoch, seq = after
        names = {"to_member": queue.to_member, "via": queue.via, "lane": int(queue.lane)}
        bounds = {"epoch": epoch, "seq": seq, "now": now, "most": limit}
        total = 0
        for place, row in enumerate(self._connection.execute(_CHOOSE, names | bounds).all()):
            total += row.size
            if place and total > size_limit:
                return
            yield row.id


class SqlDispatches:
    """`ports.Dispatches` in SQL."""

    def __init__(self, connection: Connection, numbers: StatementNumbers, epoch: int) -> None:
        self._connection = connection
        self._numbers = numbers
        self._epoch = epoch

    def settle(self, settlements: Sequence[Settlement], at: int) -> int:
        """See `ports.Dispatches`."""
        alike = attrgetter("state", "reason", "due")
        return sum(
            change_rows(
                self._connection, _SETTLE[state], [item.id for item in some], why=reason, at=at, due=due
            )
            for (state, reason, due), some in groupby(sorted(settlements, key=alike), key=alike)
        )

    def reclaim(self, ids: Sequence[EnvelopeId], at: int) -> dict[Queue, tuple[int, int]]:
        """See `ports.Dispatches`."""
        lowest: dict[Queue, tuple[int, int]] = {}
        for row in find_rows(self._connection, _CUSTODY_OF, ids):
            place = (row.epoch, row.seq)
            lowest[_queue(row)] = min(place, lowest.get(_queue(row), place))
        change_rows(self._connection, _RECLAIM, ids, at=at)
        return lowest

    def overdue(self, now: int, limit: int) -> list[EnvelopeId]:
        """See `ports.Dispatches`."""
        return list(self._connection.execute(_OVERDUE, {"now": now, "most": limit}).scalars())

    def expire(self, now: int, limit: int) -> list[EnvelopeId]:
        """See `ports.Dispatches`."""
        late = list(self._connection.execute(_LATE, {"now": now, "most": limit}).scalars())
        change_rows(self._connection, _SETTLE[MailState.EXPIRED], late, why="", at=now, due=0)
        return late

    def dead(self, limit: int, only: EnvelopeId | None = None) -> list[SentMail]:
        """See `ports.Dispatches`."""
        query = _DEAD if only is None else _DEAD.where(SENT.c.id == only)
        return [_sent_mail(row) for row in self._connection.execute(query, {"most": limit})]

    def written_by(
        self, desk: DeskId, states: Sequence[MailState], before: int | None, limit: int
    ) -> list[WrittenMail]:
        """See `ports.Dispatches`."""
        newest = _AFTER_ALL if before is None else before
        numbers = list(self._connection.execute(_NUMBERS_BY_DESK, {"by_desk": desk}).scalars())
        if len(numbers) <= _SELDOM:
            earlier = sorted((one for one in numbers if one < newest), reverse=True)
            rows = self._find_standing(earlier, states, limit)
        else:
            query = _WRITTEN.where(SENT.c.state.in_(states)) if states else _WRITTEN
            named = {"by_desk": desk, "before": newest, "most": limit}
            rows = list(self._connection.execute(query, named))
        return [WrittenMail(row.number, _sent_mail(row), bool(row.in_pouch)) for row in rows]

    def _find_standing(
        self, numbers: Sequence[int], states: Sequence[MailState], limit: int
    ) -> list[Row[Any]]:
        """Return the first of these mails that `written_by` tells of, in their order."""
        rows: list[Row[Any]] = []
        for some in chunks(numbers, 2 * limit):  # twice: some are stood for by others
            found = {row.number: row for row in find_rows(self._connection, _STANDING_OF, some)}
            here = (found[one] for one in some if one in found)
            rows += [row for row in here if not states or row.state in states]
            if len(rows) >= limit:
                break
        return rows[:limit]

    def find(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SentMail]:
        """See `ports.Dispatches`."""
        return {row.id: _sent_mail(row) for row in find_rows(self._connection, _BY_ID, ids)}

    def unsettled(self, after: int, limit: int) -> list[tuple[int, SentMail]]:
        """See `ports.Dispatches`."""
        rows = self._connection.execute(_UNSETTLED, {"after": after, "most": limit})
        return [(row.number, _sent_mail(row)) for row in rows]

    def enter_again(self, numbers: Mapping[EnvelopeId, int]) -> None:
        """See `ports.Dispatches`."""
        rows = [
            {"its_id": id_, "entered": number, "in_epoch": self._epoch} for id_, number in numbers.items()
        ]
        if rows:
            self._connection.execute(_ENTER_AGAIN, rows)

    def of_statements(self, digests: Sequence[StatementDigest]) -> list[SentMail]:
        """See `ports.Dispatches`."""
        numbers = self._numbers.find(digests).values()
        found = map(_sent_mail, find_rows(self._connection, _BY_STATEMENT, numbers))
        return sorted(found, key=attrgetter("queued_at", "log_number"))


class SqlReceipts:
    """`ports.Receipts` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, receipts: Sequence[ReceiptRecord]) -> int:
        """See `ports.Receipts`."""
        return count_new(self._connection, RECEIPT, [_RECEIPT_VALUES(receipt) for receipt in receipts])

    def of(self, ids: Sequence[EnvelopeId]) -> list[ReceiptRecord]:
        """See `ports.Receipts`."""
        found = map(_receipt, find_rows(self._connection, _RECEIPTS, ids))
        return sorted(found, key=attrgetter("stored_at", "kind", "from_member"))


def _sent_row(number: int, mail: QueuedMail, statement_number: int) -> tuple[Any, ...]:
    queue = mail.queue
    return (
        number,
        mail.id,
        queue.to_member,
        queue.via,
        int(queue.lane),
        mail.epoch,
        mail.seq,
        mail.deliver_by,
        mail.statement,
        statement_number,
        mail.log_number,
        len(mail.body),
        MailState.QUEUED,
        "",
        0,
        mail.queued_at,
        mail.queued_at,
        mail.epoch,
    )


def _waiting_mail(row: Row[Any]) -> WaitingMail:
    parts = read_parts(row)
    return WaitingMail(
        id=row.id,
        epoch=row.epoch,
        seq=row.seq,
        deliver_by=row.deliver_by,
        log_number=row.log_number,
        line=stored_line(row.salt, row.preimage),
        header=parts.header,
        slots=parts.slots,
        body=parts.body,
    )


def _sent_mail(row: Row[Any]) -> SentMail:
    return SentMail(
        id=row.id,
        queue=_queue(row),
        epoch=row.epoch,
        seq=row.seq,
        deliver_by=row.deliver_by,
        statement=row.statement,
        log_number=row.log_number,
        size=row.size,
        state=MailState(row.state),
        reason=row.reason,
        queued_at=row.queued_at,
        changed_at=row.changed_at,
    )


def _queue(row: Row[Any]) -> Queue:
    return Queue(row.to_member, row.via, Lane(row.lane))


def _depth(queue: Queue, rows: Sequence[Row[Any]]) -> QueueDepth:
    counts = {row.state: row.mails for row in rows}
    queued, with_relay = (counts.get(state, 0) for state in _UNDELIVERED)
    return QueueDepth(queue, queued, with_relay, sum(row.in_pouch for row in rows))


def _receipt(row: Row[Any]) -> ReceiptRecord:
    values = row._asdict()
    return ReceiptRecord(**values | {"kind": ReceiptKind(values["kind"])})

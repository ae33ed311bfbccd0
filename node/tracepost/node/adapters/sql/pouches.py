"""Which pouches went and came, what lies in them, and what is owed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select

from tracepost.node.adapters.sql.tables import POUCH, POUCH_PART, POUCHED, POUCHED_WORD, SENT
from tracepost.node.records.mail import MailState
from tracepost.node.records.pouches import Owed, OwedKind, PouchRecord, Way
from tracepost.protocol.errors import BusyError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.serving.storage.rows import change_rows, insert_new, insert_rows, one_of, upsert_rows

_UNDELIVERED = (MailState.QUEUED, MailState.WITH_RELAY)
_WAITING = (
    select(SENT.c.id)
    .where(
        or_(
            and_(SENT.c.to_member == bindparam("peer"), SENT.c.state.in_(_UNDELIVERED)),
            and_(SENT.c.via == bindparam("peer"), SENT.c.state == MailState.QUEUED),
        )
    )
    .where(SENT.c.deliver_by > bindparam("now"))
    .order_by(SENT.c.lane.desc(), SENT.c.to_member, SENT.c.via, SENT.c.epoch, SENT.c.seq)
)
_NEW = ~exists().where(POUCHED.c.envelope_id == SENT.c.id, POUCHED.c.member == bindparam("peer"))
_LAST = select(func.max(POUCH.c.number)).where(
    POUCH.c.member == bindparam("peer"), POUCH.c.way == Way.WENT.value
)
_PARTS_HERE = (
    select(POUCH_PART.c.member, POUCH_PART.c.number, func.count().label("parts"))
    .group_by(POUCH_PART.c.member, POUCH_PART.c.number)
    .subquery()
)
_UNANSWERED = (
    select(POUCHED.c.member, POUCHED.c.number, func.count().label("mails"))
    .select_from(POUCHED.join(SENT, SENT.c.id == POUCHED.c.envelope_id))
    .where(SENT.c.state.in_(_UNDELIVERED))
    .group_by(POUCHED.c.member, POUCHED.c.number)
    .subquery()
)
_ALL = (
    select(POUCH, _PARTS_HERE.c.parts.label("parts_here"), _UNANSWERED.c.mails.label("unanswered"))
    .select_from(
        POUCH.outerjoin(
            _PARTS_HERE,
            and_(
                POUCH.c.way == Way.CAME.value,
                _PARTS_HERE.c.member == POUCH.c.member,
                _PARTS_HERE.c.number == POUCH.c.number,
            ),
        ).outerjoin(
            _UNANSWERED,
            and_(
                POUCH.c.way == Way.WENT.value,
                _UNANSWERED.c.member == POUCH.c.member,
                _UNANSWERED.c.number == POUCH.c.number,
            ),
        )
    )
    .order_by(POUCH.c.member, POUCH.c.way.desc(), POUCH.c.number.desc())
)
_OWED = (
    select(POUCHED_WORD)
    .where(POUCHED_WORD.c.member == bindparam("peer"))
    .order_by(POUCHED_WORD.c.kind, POUCHED_WORD.c.key)
)
_SETTLED = delete(POUCHED_WORD).where(
    POUCHED_WORD.c.member == bindparam("peer"),
    POUCHED_WORD.c.kind == bindparam("of_kind"),
    one_of(POUCHED_WORD.c.key),
)


class SqlPouches:
    """`ports.Pouches` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, peer: MemberId, now: int, *, only_new: bool) -> list[EnvelopeId]:
        """See `ports.Pouches`."""
        query = _WAITING.where(_NEW) if only_new else _WAITING
        return list(self._connection.execute(query, {"peer": peer, "now": now}).scalars())

    def next_number(self, peer: MemberId) -> int:
        """See `ports.Pouches`."""
        return 1 + (self._connection.execute(_LAST, {"peer": peer}).scalar() or 0)

    def keep_went(self, record: PouchRecord, ids: Sequence[EnvelopeId]) -> None:
        """See `ports.Pouches`."""
        if record.number < self.next_number(record.member):
            raise BusyError(
                "another pouch for this member was made meanwhile",
                reason="pouch-made",
                remedy="Make it again.",
            )
        insert_rows(self._connection, POUCH, [_row(record)])
        upsert_rows(self._connection, POUCHED, [(id_, record.member, record.number) for id_ in ids])

    def keep_came(self, record: PouchRecord, part: int) -> None:
        """See `ports.Pouches`."""
        upsert_rows(self._connection, POUCH, [_row(record)])
        insert_new(self._connection, POUCH_PART, [(record.member, record.number, part)])

    def all(self, member: MemberId | None) -> list[PouchRecord]:
        """See `ports.Pouches`."""
        query = _ALL if member is None else _ALL.where(POUCH.c.member == member)
        return [_record(row) for row in self._connection.execute(query)]

    def owe(self, owed: Sequence[Owed]) -> None:
        """See `ports.Pouches`."""
        rows = {(one.member, one.kind.value, one.key): one.data for one in owed}
        upsert_rows(self._connection, POUCHED_WORD, [(*key, data) for key, data in rows.items()])

    def owed(self, peer: MemberId) -> list[Owed]:
        """See `ports.Pouches`."""
        rows = self._connection.execute(_OWED, {"peer": peer})
        return [Owed(MemberId(row.member), OwedKind(row.kind), row.key, row.data) for row in rows]

    def settle(self, peer: MemberId, kind: OwedKind, keys: Collection[bytes]) -> None:
        """See `ports.Pouches`."""
        change_rows(self._connection, _SETTLED, keys, peer=peer, of_kind=kind.value)


def _row(record: PouchRecord) -> tuple[Any, ...]:
    return (
        record.member,
        record.way.value,
        record.number,
        record.parts,
        record.envelopes,
        record.made_at,
        record.taken_at,
        record.head,
        record.head_size,
    )


def _record(row: Any) -> PouchRecord:
    values = row._asdict()
    counts = {name: values.pop(name) or 0 for name in ("parts_here", "unanswered")}
    return PouchRecord(**values | counts | {"way": Way(row.way)})

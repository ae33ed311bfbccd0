"""What waits at our desks, and tellings that have not gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from tracepost.node.adapters.sql.tables import TELLING, WAITING_ITEM
from tracepost.node.records.telling import DATED, NO_DESK, Step, TellingMail, WaitingItem
from tracepost.protocol.ids import DeskId
from tracepost.serving.storage.rows import change_rows, find_rows, insert_new, insert_rows, one_of

_ITEM = WAITING_ITEM.c
_ITEM_VALUES = attrgetter(*(column.name for column in WAITING_ITEM.columns))
_MAIL_VALUES = attrgetter(*(column.name for column in TELLING.columns))
_FIND = select(WAITING_ITEM).where(_ITEM.desk == bindparam("of_desk"), one_of(_ITEM.item))
_SETTLE = delete(WAITING_ITEM).where(_ITEM.desk == bindparam("of_desk"), one_of(_ITEM.item))
_KNOW = (
    update(WAITING_ITEM)
    .where(_ITEM.desk == bindparam("of_desk"), one_of(_ITEM.item))
    .values(step=int(Step.KNOWN))
)
_DONE = delete(TELLING).where(one_of(TELLING.c.id))


class SqlTelling:
    """`ports.Telling` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, items: Sequence[WaitingItem]) -> None:
        """See `ports.Telling`."""
        first = {(one.desk, one.item): one for one in reversed(items)}
        insert_new(self._connection, WAITING_ITEM, [_ITEM_VALUES(one) for one in first.values()])

    def find(self, desk: DeskId, items: Collection[str]) -> dict[str, WaitingItem]:
        """See `ports.Telling`."""
        rows = find_rows(self._connection, _FIND, list(items), of_desk=desk)
        return {row.item: _item(row) for row in rows}

    def undecided(self) -> list[WaitingItem]:
        """See `ports.Telling`."""
        return self._items(_ITEM.desk != NO_DESK, _ITEM.thread == "")

    def early(self) -> list[WaitingItem]:
        """See `ports.Telling`."""
        return self._items(_ITEM.desk == NO_DESK)

    def dated(self) -> list[WaitingItem]:
        """See `ports.Telling`."""
        return self._items(_ITEM.thread == DATED)

    def _items(self, *which: Any) -> list[WaitingItem]:
        query = select(WAITING_ITEM).where(*which).order_by(_ITEM.since, _ITEM.desk, _ITEM.item)
        return [_item(row) for row in self._connection.execute(query)]

    def know(self, desk: DeskId, items: Collection[str]) -> None:
        """See `ports.Telling`."""
        change_rows(self._connection, _KNOW, items, of_desk=desk)

    def settle(self, desk: DeskId, items: Collection[str]) -> None:
        """See `ports.Telling`."""
        change_rows(self._connection, _SETTLE, items, of_desk=desk)

    def settle_case(self, desk: DeskId, thread: str, until: int) -> None:
        """See `ports.Telling`."""
        which = (_ITEM.desk == desk, _ITEM.thread == thread, _ITEM.since <= until)
        self._connection.execute(delete(WAITING_ITEM).where(*which))

    def forget_seen(self, before: int) -> None:
        """See `ports.Telling`."""
        seen = (_ITEM.step == int(Step.SEEN), _ITEM.since < before)
        self._connection.execute(delete(WAITING_ITEM).where(*seen))

    def keep_desks(self, desks: Collection[DeskId]) -> None:
        """See `ports.Telling`."""
        here = sorted({*desks, NO_DESK})
        self._connection.execute(delete(WAITING_ITEM).where(_ITEM.desk.not_in(here)))
        self._connection.execute(delete(TELLING).where(TELLING.c.desk.not_in(here)))

    def waits(self, desk: DeskId, step: Step, *, told_before: int) -> frozenset[bool]:
        """See `ports.Telling`."""
        which = (_ITEM.desk == desk, _ITEM.step == int(step), _ITEM.told_at < told_before)
        return frozenset(
            map(bool, self._connection.execute(select(_ITEM.urgent).where(*which).distinct()).scalars())
        )

    def tell(self, desk: DeskId, step: Step, *, urgent: bool, told_before: int, at: int) -> None:
        """See `ports.Telling`."""
        which = (
            _ITEM.desk == desk,
            _ITEM.step == int(step),
            _ITEM.urgent.is_(urgent),
            _ITEM.told_at < told_before,
        )
        self._connection.execute(
            update(WAITING_ITEM).where(*which).values(step=int(Step(step + 1)), told_at=at)
        )

    def send(self, mails: Sequence[TellingMail]) -> None:
        """See `ports.Telling`."""
        insert_rows(self._connection, TELLING, [_MAIL_VALUES(one) for one in mails])

    def unsent(self) -> list[TellingMail]:
        """See `ports.Telling`."""
        rows = self._connection.execute(select(TELLING).order_by(TELLING.c.made_at, TELLING.c.id))
        return [TellingMail(**_plain(row, "urgent", "deputy")) for row in rows]

    def postpone(self, id_: str, tries: int, not_before: int) -> None:
        """See `ports.Telling`."""
        later = update(TELLING).where(TELLING.c.id == id_).values(tries=tries, not_before=not_before)
        self._connection.execute(later)

    def done(self, ids: Collection[str]) -> None:
        """See `ports.Telling`."""
        change_rows(self._connection, _DONE, ids)


def _item(row: Any) -> WaitingItem:
    values = _plain(row, "urgent")
    return WaitingItem(**values | {"step": Step(values["step"])})


def _plain(row: Row[Any], *booleans: str) -> dict[str, Any]:
    values = row._asdict()
    return values | {name: bool(values[name]) for name in booleans}

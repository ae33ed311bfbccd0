"""The book of pouches in a database: which went and came, what lies in them, and what is owed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Delete,
    Index,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
)

from tracepost.protocol.errors import BusyError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.serving.pouch_records import Owed, OwedKind, PouchRecord, Way
from tracepost.serving.storage.rows import change_rows, insert_new, insert_rows, one_of, upsert_rows


@dataclass(frozen=True)
class PouchTables:
    """The tables of a book, and the statements on them; these are built once."""

    pouch: Table
    part: Table
    pouched: Table
    """The last pouch in which each envelope went, and to whom."""
    word: Table
    """What is to be said in the next pouch."""

    @classmethod
    def define(cls, metadata: MetaData) -> Self:
        """Add the tables to `metadata`."""
        return cls(_pouch(metadata), _part(metadata), _pouched(metadata), _word(metadata))

    @cached_property
    def last_number(self) -> Select[Any]:
        """The number of the last pouch that was made for `peer`."""
        went = (self.pouch.c.member == bindparam("peer"), self.pouch.c.way == Way.WENT.value)
        return select(func.max(self.pouch.c.number)).where(*went)

    @cached_property
    def owed(self) -> Select[Any]:
        """What is owed to `peer`."""
        query = select(self.word).where(self.word.c.member == bindparam("peer"))
        return query.order_by(self.word.c.kind, self.word.c.key)

    @cached_property
    def settled(self) -> Delete:
        """Forgets what was said to `peer`, by its keys."""
        which = (self.word.c.member == bindparam("peer"), self.word.c.kind == bindparam("of_kind"))
        return delete(self.word).where(*which, one_of(self.word.c.key))

    def all_with(self, unanswered: Select[Any]) -> Select[Any]:
        """Return the query for all pouches, by member, newest first; `unanswered` finds the ids of such mail."""
        pouch, part, pouched = self.pouch, self.part, self.pouched
        keys = part.c.member, part.c.number
        here = select(*keys, func.count().label("parts")).group_by(*keys).subquery()
        keys = pouched.c.member, pouched.c.number
        lying = select(*keys, func.count().label("mails")).where(pouched.c.envelope_id.in_(unanswered))
        left = lying.group_by(*keys).subquery()
        return (
            select(pouch, here.c.parts.label("parts_here"), left.c.mails.label("unanswered"))
            .select_from(
                pouch.outerjoin(here, _is_of(pouch, here, Way.CAME)).outerjoin(
                    left, _is_of(pouch, left, Way.WENT)
                )
            )
            .order_by(pouch.c.member, pouch.c.way.desc(), pouch.c.number.desc())
        )


class PouchBook:
    """The book on one connection.

    A number is given once; what came twice is here once.
    """

    def __init__(self, connection: Connection, tables: PouchTables, all_: Select[Any]) -> None:
        """Use `all_`, made by `PouchTables.all_with`."""
        self._connection = connection
        self._tables = tables
        self._all = all_

    def next_number(self, peer: MemberId) -> int:
        """Return the number of the next pouch to `peer`."""
        return 1 + (self._connection.execute(self._tables.last_number, {"peer": peer}).scalar() or 0)

    def keep_went(self, record: PouchRecord, ids: Sequence[EnvelopeId]) -> None:
        """Keep that a pouch was made in which these envelopes lie; raise `BusyError` for a number that was used."""
        if record.number < self.next_number(record.member):
            raise BusyError(
                "another pouch for this member was made meanwhile",
                reason="pouch-made",
                remedy="Make it again.",
            )
        insert_rows(self._connection, self._tables.pouch, [_row(record)])
        rows = [(id_, record.member, record.number) for id_ in ids]
        upsert_rows(self._connection, self._tables.pouched, rows)

    def keep_came(self, record: PouchRecord, part: int) -> None:
        """Keep that one file of a pouch was taken in. Idempotent, but for the time.

        Who puts back a store gives numbers again: a number is that of the newest pouch that came with it.
        """
        kept_at = self._find_made_at(record)
        if kept_at > record.made_at:
            return
        if kept_at < record.made_at:
            self._forget_parts(record.member, record.number)
        upsert_rows(self._connection, self._tables.pouch, [_row(record)])
        insert_new(self._connection, self._tables.part, [(record.member, record.number, part)])

    def _find_made_at(self, record: PouchRecord) -> int:
        """Return when the pouch was made that is kept with this number; 0: none is."""
        table = self._tables.pouch
        query = select(table.c.made_at).where(
            table.c.member == record.member,
            table.c.way == record.way.value,
            table.c.number == record.number,
        )
        return self._connection.execute(query).scalar() or 0

    def _forget_parts(self, member: MemberId, number: int) -> None:
        table = self._tables.part
        self._connection.execute(delete(table).where(table.c.member == member, table.c.number == number))

    def has_part(self, member: MemberId, number: int, part: int) -> bool:
        """Say whether this file of a pouch was taken in."""
        table = self._tables.part
        query = select(table.c.part).where(
            table.c.member == member, table.c.number == number, table.c.part == part
        )
        return self._connection.execute(query).first() is not None

    def all(self, member: MemberId | None) -> list[PouchRecord]:
        """Return the pouches to and from one member, or all, by member, newest first."""
        query = self._all if member is None else self._all.where(self._tables.pouch.c.member == member)
        return [_record(row) for row in self._connection.execute(query)]

    def owe(self, owed: Sequence[Owed]) -> None:
        """Note what is to be said in the next pouch. The same thing twice is owed once."""
        rows = {(one.member, one.kind.value, one.key): one.data for one in owed}
        upsert_rows(self._connection, self._tables.word, [(*key, data) for key, data in rows.items()])

    def owed(self, peer: MemberId) -> list[Owed]:
        """Return what is owed to `peer`, by kind and key."""
        rows = self._connection.execute(self._tables.owed, {"peer": peer})
        return [Owed(MemberId(row.member), OwedKind(row.kind), row.key, row.data) for row in rows]

    def settle(self, peer: MemberId, kind: OwedKind, keys: Collection[bytes]) -> None:
        """Note that these things were said. Idempotent."""
        change_rows(self._connection, self._tables.settled, keys, peer=peer, of_kind=kind.value)


def _is_of(pouch: Table, counted: Any, way: Way) -> Any:
    return and_(
        pouch.c.way == way.value, counted.c.member == pouch.c.member, counted.c.number == pouch.c.number
    )


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


def _pouch(metadata: MetaData) -> Table:
    return Table(
        "pouch",
        metadata,
        Column("member", String, primary_key=True),
        Column("way", String, primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("parts", BigInteger, nullable=False),
        Column("envelopes", BigInteger, nullable=False),
        Column("made_at", BigInteger, nullable=False),
        Column("taken_at", BigInteger, nullable=False),
        Column("head", String, nullable=False),
        Column("head_size", BigInteger, nullable=False),
    )


def _part(metadata: MetaData) -> Table:
    return Table(
        "pouch_part",
        metadata,
        Column("member", String, primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("part", BigInteger, primary_key=True, autoincrement=False),
    )


def _pouched(metadata: MetaData) -> Table:
    return Table(
        "pouched",
        metadata,
        Column("envelope_id", LargeBinary, primary_key=True),
        Column("member", String, primary_key=True),
        Column("number", BigInteger, nullable=False),
        Index(None, "member", "number"),
    )


def _word(metadata: MetaData) -> Table:
    return Table(
        "pouched_word",
        metadata,
        Column("member", String, primary_key=True),
        Column("kind", String, primary_key=True),
        Column("key", LargeBinary, primary_key=True),
        Column("data", LargeBinary, nullable=False),
    )

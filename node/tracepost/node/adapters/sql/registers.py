"""Extracts of the State's own records: sealed records and the keyed hashes by which they are found."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from sqlalchemy import Connection, and_, bindparam, delete, func, select

from tracepost.node.adapters.sql.tables import REGISTER, REGISTER_MARK, REGISTER_RECORD
from tracepost.node.records.statements import RegisterInForce, RegisterRecord
from tracepost.protocol.ids import DeskId
from tracepost.serving.storage.rows import find_rows, insert_new, insert_rows, one_of, upsert_rows

_IN_FORCE_VALUES = attrgetter(*(column.name for column in REGISTER.columns))
_OF_DESK = select(REGISTER).where(REGISTER.c.desk == bindparam("desk")).order_by(REGISTER.c.source)
_HIGHEST = select(func.max(REGISTER_RECORD.c.generation)).where(
    REGISTER_RECORD.c.desk == bindparam("desk"), REGISTER_RECORD.c.source == bindparam("source")
)
_OTHERS = [
    delete(table).where(
        table.c.desk == bindparam("of_desk"),
        table.c.source == bindparam("of_source"),
        table.c.generation != bindparam("but"),
    )
    for table in (REGISTER_MARK, REGISTER_RECORD)
]
_GIVEN_UP = [
    delete(table).where(
        table.c.desk == bindparam("of_desk"),
        table.c.source == bindparam("of_source"),
        table.c.generation == bindparam("only"),
    )
    for table in (REGISTER_MARK, REGISTER_RECORD)
]
_RECORD_OF_MARK = and_(
    REGISTER_RECORD.c.desk == REGISTER_MARK.c.desk,
    REGISTER_RECORD.c.source == REGISTER_MARK.c.source,
    REGISTER_RECORD.c.generation == REGISTER_MARK.c.generation,
    REGISTER_RECORD.c.number == REGISTER_MARK.c.number,
)
_REGISTER_OF_MARK = and_(
    REGISTER.c.desk == REGISTER_MARK.c.desk,
    REGISTER.c.source == REGISTER_MARK.c.source,
    REGISTER.c.generation == REGISTER_MARK.c.generation,
)
_FOUND = (
    select(REGISTER_RECORD)
    .select_from(REGISTER_MARK.join(REGISTER, _REGISTER_OF_MARK).join(REGISTER_RECORD, _RECORD_OF_MARK))
    .where(REGISTER_MARK.c.desk == bindparam("desk"), one_of(REGISTER_MARK.c.keyed_hash))
)


class SqlRegisters:
    """`ports.Registers` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def next_generation(self, desk: DeskId, source: str) -> int:
        """See `ports.Registers`."""
        highest = self._connection.execute(_HIGHEST, {"desk": desk, "source": source}).scalar() or 0
        known = [one.generation for one in self.in_force(desk) if one.source == source]
        return int(max(highest, *known, 0)) + 1

    def keep(self, records: Sequence[RegisterRecord]) -> None:
        """See `ports.Registers`."""
        rows = [(one.desk, one.source, one.generation, one.number, one.sealed) for one in records]
        insert_rows(self._connection, REGISTER_RECORD, rows)
        marks = [
            (one.desk, keyed_hash, one.source, one.generation, one.number)
            for one in records
            for keyed_hash in one.keyed_hashes
        ]
        insert_new(self._connection, REGISTER_MARK, marks)

    def put_in_force(self, register: RegisterInForce) -> None:
        """See `ports.Registers`."""
        upsert_rows(self._connection, REGISTER, [_IN_FORCE_VALUES(register)])
        values = {"of_desk": register.desk, "of_source": register.source, "but": register.generation}
        for change in _OTHERS:
            self._connection.execute(change, values)

    def give_up(self, desk: DeskId, source: str, generation: int) -> None:
        """See `ports.Registers`."""
        for change in _GIVEN_UP:
            self._connection.execute(change, {"of_desk": desk, "of_source": source, "only": generation})

    def in_force(self, desk: DeskId) -> list[RegisterInForce]:
        """See `ports.Registers`."""
        return [RegisterInForce(*row) for row in self._connection.execute(_OF_DESK, {"desk": desk})]

    def find(self, desk: DeskId, keyed_hashes: Sequence[bytes]) -> list[RegisterRecord]:
        """See `ports.Registers`."""
        rows = {
            (row.source, row.number): RegisterRecord(
                row.desk, row.source, row.generation, row.number, row.sealed
            )
            for row in find_rows(self._connection, _FOUND, keyed_hashes, desk=desk)
        }
        return [rows[key] for key in sorted(rows)]

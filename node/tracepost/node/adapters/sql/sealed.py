"""What is sealed at rest: bodies, the wraps that open them, and the blind index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    select,
    update,
)

from tracepost.node.adapters.sql.archive import SqlArchive
from tracepost.node.adapters.sql.ends import part_columns, read_parts, read_slots
from tracepost.node.adapters.sql.statements import StatementNumbers
from tracepost.node.adapters.sql.tables import (
    ARCHIVED_BODY,
    BLIND_ENTRY,
    BODY,
    INDEXED_WRAP,
    OWN_BODY,
    RECEIVED,
    SENT,
    STATEMENT,
    STORAGE_EPOCH,
    TOMBSTONE,
    WRAP,
)
from tracepost.node.ports.statements import ArchiveFiles
from tracepost.node.records.statements import (
    BlindEntry,
    Cover,
    SealedParts,
    Unindexed,
    UnwrappedStatement,
    WrapRecord,
)
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import DeskId, EnvelopeId, StatementDigest
from tracepost.protocol.sealing import SealedStorageEpoch
from tracepost.serving.storage.rows import (
    change_rows,
    find_rows,
    insert_new,
    insert_rows,
    next_number,
    one_of,
)

_PARTS = [
    select(table.c.id, BODY).join(BODY, BODY.c.number == table.c.number).where(one_of(table.c.id))
    for table in (RECEIVED, SENT, OWN_BODY)
]
_COVERS = [
    select(table.c.id, BODY.c.header, BODY.c.slots, BODY.c.proof, BODY.c.slots_end)
    .join(BODY, BODY.c.number == table.c.number)
    .where(one_of(table.c.id))
    for table in (RECEIVED, SENT)
]
_WRAPS = (
    select(STATEMENT.c.digest, WRAP.c.envelope_id, WRAP.c.desk, WRAP.c.epoch_id, WRAP.c.wrap)
    .join(WRAP, WRAP.c.statement_number == STATEMENT.c.number)
    .where(one_of(STATEMENT.c.digest), WRAP.c.desk == bindparam("desk"))
)
_EPOCHS = select(STORAGE_EPOCH).where(one_of(STORAGE_EPOCH.c.id))
_HELD_BY_DESK = and_(
    WRAP.c.statement_number == RECEIVED.c.statement_number,
    WRAP.c.desk == bindparam("desk"),
    WRAP.c.envelope_id == RECEIVED.c.id,
)
_MISSING = (
    select(RECEIVED.c.number, RECEIVED.c.statement, RECEIVED.c.id)
    .select_from(RECEIVED.outerjoin(WRAP, _HELD_BY_DESK))
    .where(RECEIVED.c.number > bindparam("after"))
    .where(WRAP.c.desk.is_(None))
    .where(~exists().where(TOMBSTONE.c.statement == RECEIVED.c.statement))
    .order_by(RECEIVED.c.number)
    .limit(bindparam("most"))
)
_DELETE_GIVEN = delete(WRAP).where(
    one_of(WRAP.c.statement_number),
    WRAP.c.desk == bindparam("of_desk"),
    WRAP.c.envelope_id.in_(select(OWN_BODY.c.id)),
)
_NUMBERS = [
    select(table.c.id, table.c.number).where(one_of(table.c.id)) for table in (RECEIVED, SENT, OWN_BODY)
]
_EMPTY = update(BODY).where(one_of(BODY.c.number)).values(slots=b"", body=b"", slots_end=None, body_end=None)
_FORGET_ARCHIVED = delete(ARCHIVED_BODY).where(one_of(ARCHIVED_BODY.c.number))
_WRAPPED = select(WRAP.c.envelope_id).where(one_of(WRAP.c.statement_number))
_DELETE_WRAPS = delete(WRAP).where(one_of(WRAP.c.statement_number))
_BLIND = (
    select(BLIND_ENTRY)
    .where(BLIND_ENTRY.c.desk == bindparam("desk"), one_of(BLIND_ENTRY.c.keyed_hash))
    .order_by(BLIND_ENTRY.c.keyed_hash, BLIND_ENTRY.c.statement, BLIND_ENTRY.c.path)
)
_LOOKED_THROUGH = and_(
    INDEXED_WRAP.c.statement_number == WRAP.c.statement_number,
    INDEXED_WRAP.c.desk == WRAP.c.desk,
    INDEXED_WRAP.c.envelope_id == WRAP.c.envelope_id,
)
_UNINDEXED = (
    select(WRAP.c.statement_number, STATEMENT.c.digest, WRAP.c.envelope_id, WRAP.c.desk)
    .select_from(
        WRAP.join(STATEMENT, STATEMENT.c.number == WRAP.c.statement_number).outerjoin(
            INDEXED_WRAP, _LOOKED_THROUGH
        )
    )
    .where(WRAP.c.statement_number > bindparam("after"), WRAP.c.desk == bindparam("desk"))
    .where(INDEXED_WRAP.c.desk.is_(None))
    .order_by(WRAP.c.statement_number, WRAP.c.envelope_id)
    .limit(bindparam("most"))
)
_DELETE_BLIND = delete(BLIND_ENTRY).where(one_of(BLIND_ENTRY.c.statement))
_DELETE_BLIND_OF_DESK = delete(BLIND_ENTRY).where(
    one_of(BLIND_ENTRY.c.statement), BLIND_ENTRY.c.desk == bindparam("of_desk")
)
_FORGET_INDEXED = delete(INDEXED_WRAP).where(
    one_of(INDEXED_WRAP.c.statement_number), INDEXED_WRAP.c.desk == bindparam("of_desk")
)
_BLIND_VALUES = attrgetter(*(column.name for column in BLIND_ENTRY.columns))


class SqlBodies:
    """`ports.Bodies` in SQL."""

    def __init__(self, connection: Connection, files: ArchiveFiles | None = None) -> None:
        self._connection = connection
        self._files = files

    def keep(self, bodies: Mapping[EnvelopeId, SealedParts]) -> None:
        """See `ports.Bodies`."""
        numbered = list(enumerate(bodies.items(), next_number(self._connection, BODY)))
        insert_rows(self._connection, OWN_BODY, [(number, name) for number, (name, _) in numbered])
        insert_rows(self._connection, BODY, [self._row(number, item) for number, (_, item) in numbered])

    def _row(self, number: int, item: SealedParts) -> tuple[Any, ...]:
        slots, body, *ends = part_columns(self._connection, item.slots, item.body)
        return (number, item.header, slots, item.proof, body, *ends)

    def load(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, SealedParts]:
        """See `ports.Bodies`."""
        found = {
            row.id: read_parts(row) for query in _PARTS for row in find_rows(self._connection, query, ids)
        }
        return found | self._archived([id_ for id_, one in found.items() if not one.body])

    def empty(self, ids: Sequence[EnvelopeId]) -> None:
        """See `ports.Bodies`."""
        for query in _NUMBERS:
            numbers = [row.number for row in find_rows(self._connection, query, ids)]
            change_rows(self._connection, _EMPTY, numbers)
            change_rows(self._connection, _FORGET_ARCHIVED, numbers)

    def covers(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Cover]:
        """See `ports.Bodies`."""
        found = {
            row.id: Cover(row.header, read_slots(row), row.proof)
            for query in _COVERS
            for row in find_rows(self._connection, query, ids)
        }
        archived = self._archived([id_ for id_, one in found.items() if not one.slots])
        return found | {id_: Cover(one.header, one.slots, one.proof) for id_, one in archived.items()}

    def _archived(self, emptied: Sequence[EnvelopeId]) -> dict[EnvelopeId, SealedParts]:
        """Return those of these that lie in archives; the others were deleted."""
        places = SqlArchive(self._connection).places(emptied) if emptied else {}
        if places and self._files is None:
            raise StoreError("no archive folder is known", reason="archive-missing")
        return {id_: self._files.read(id_, place) for id_, place in places.items() if self._files}


class SqlWraps:
    """`ports.Wraps` in SQL."""

    def __init__(self, connection: Connection, numbers: StatementNumbers) -> None:
        self._connection = connection
        self._numbers = numbers

    def keep(self, wraps: Sequence[WrapRecord], epochs: Sequence[SealedStorageEpoch], stored_at: int) -> None:
        """See `ports.Wraps`."""
        rows = {item.id: (item.id, item.member, item.desk, stored_at, item.sealed) for item in epochs}
        insert_new(self._connection, STORAGE_EPOCH, list(rows.values()))
        numbers = self._numbers.give([wrap.statement for wrap in wraps])
        of_desks = [
            (numbers[wrap.statement], wrap.desk, wrap.envelope_id or b"", wrap.epoch_id, wrap.wrap)
            for wrap in wraps
        ]
        insert_new(self._connection, WRAP, of_desks)

    def of(self, desk: DeskId, digests: Sequence[StatementDigest]) -> list[WrapRecord]:
        """See `ports.Wraps`."""
        rows = find_rows(self._connection, _WRAPS, digests, desk=desk)
        return [
            WrapRecord(row.digest, row.envelope_id or None, row.desk, row.epoch_id, row.wrap) for row in rows
        ]

    def epochs(self, ids: Sequence[bytes]) -> dict[bytes, SealedStorageEpoch]:
        """See `ports.Wraps`."""
        rows = find_rows(self._connection, _EPOCHS, ids)
        return {row.id: SealedStorageEpoch(row.member, row.desk, row.id, row.sealed) for row in rows}

    def missing(self, desk: DeskId, after: int, limit: int) -> list[UnwrappedStatement]:
        """See `ports.Wraps`."""
        values = {"desk": desk, "after": after, "most": limit}
        return [UnwrappedStatement(*row) for row in self._connection.execute(_MISSING, values)]

    def bodies_of(self, digests: Sequence[StatementDigest]) -> list[EnvelopeId]:
        """See `ports.Wraps`."""
        numbers = list(self._numbers.find(digests).values())
        named = (row.envelope_id for row in find_rows(self._connection, _WRAPPED, numbers))
        return list(dict.fromkeys(EnvelopeId(name) for name in named if name))

    def delete(self, digests: Sequence[StatementDigest]) -> None:
        """See `ports.Wraps`."""
        change_rows(self._connection, _DELETE_WRAPS, self._numbers.find(digests).values())
        change_rows(self._connection, _DELETE_BLIND, digests)

    def delete_given(self, desk: DeskId, digests: Sequence[StatementDigest]) -> None:
        """See `ports.Wraps`."""
        numbers = self._numbers.find(digests).values()
        change_rows(self._connection, _DELETE_GIVEN, numbers, of_desk=desk)
        # What the desk holds still is entered anew.
        change_rows(self._connection, _DELETE_BLIND_OF_DESK, digests, of_desk=desk)
        change_rows(self._connection, _FORGET_INDEXED, numbers, of_desk=desk)


class SqlBlindIndex:
    """`ports.BlindIndex` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, entries: Sequence[BlindEntry], entered: Sequence[Unindexed]) -> None:
        """See `ports.BlindIndex`."""
        insert_new(self._connection, BLIND_ENTRY, [_BLIND_VALUES(entry) for entry in entries])
        keys = [(one.number, one.desk, one.envelope_id or b"") for one in entered]
        insert_new(self._connection, INDEXED_WRAP, keys)

    def missing(self, desk: DeskId, after: int, limit: int) -> list[Unindexed]:
        """See `ports.BlindIndex`."""
        values = {"desk": desk, "after": after, "most": limit}
        rows = self._connection.execute(_UNINDEXED, values)
        return [
            Unindexed(row.statement_number, row.digest, row.envelope_id or None, row.desk) for row in rows
        ]

    def find(self, desk: DeskId, keyed_hashes: Sequence[bytes]) -> list[BlindEntry]:
        """See `ports.BlindIndex`."""
        return [BlindEntry(*row) for row in find_rows(self._connection, _BLIND, keyed_hashes, desk=desk)]

    def delete(self, digests: Sequence[StatementDigest]) -> None:
        """See `ports.BlindIndex`."""
        change_rows(self._connection, _DELETE_BLIND, digests)

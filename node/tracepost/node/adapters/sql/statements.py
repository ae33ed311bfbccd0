"""Statements: kept once, for ever, by digest and by (issuer, jti); numbered for the other tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from tracepost.node.adapters.sql.tables import STATEMENT, STATEMENT_CONFLICT
from tracepost.node.records.statements import Admission, Direction, StatementConflict, StatementRecord
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId
from tracepost.serving.storage.rows import (
    change_rows,
    find_rows,
    insert_new,
    insert_rows,
    next_number,
    one_of,
)

Name = tuple[MemberId, str]

_FIELDS = [column for column in STATEMENT.columns if column.name != "number"]
_VALUES = attrgetter(*(column.name for column in _FIELDS))
_CONFLICT_VALUES = attrgetter(*(column.name for column in STATEMENT_CONFLICT.columns))

_NUMBERS = select(STATEMENT.c.digest, STATEMENT.c.number).where(one_of(STATEMENT.c.digest))
_OWNERS = select(STATEMENT.c.jti, STATEMENT.c.digest).where(
    STATEMENT.c.iss == bindparam("iss"), one_of(STATEMENT.c.jti)
)
_CONFLICTS_ABOUT = tuple(
    select(STATEMENT_CONFLICT).where(one_of(side))
    for side in (STATEMENT_CONFLICT.c.kept, STATEMENT_CONFLICT.c.other)
)
_BY_DIGEST = select(*_FIELDS).where(one_of(STATEMENT.c.digest))
_IN_THREADS = select(*_FIELDS).where(one_of(STATEMENT.c.thread), STATEMENT.c.in_effect)
_AFTER = (
    select(STATEMENT)
    .where(STATEMENT.c.number > bindparam("after"))
    .order_by(STATEMENT.c.number)
    .limit(bindparam("most"))
)
_PUT_IN_EFFECT = update(STATEMENT).where(one_of(STATEMENT.c.digest)).values(in_effect=True)


_STRIP = (
    update(STATEMENT)
    .where(STATEMENT.c.digest == bindparam("of_digest"))
    .values(admin_json=bindparam("clear_part"))
)


class StatementNumbers:
    """The numbers of statements, within one unit of work.

    What belongs to a statement may be written before it; it then has its number from
    here, and `check` sees at the end that the statement came.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[StatementDigest, int] = {}
        self._awaited: set[StatementDigest] = set()
        self._next = 0

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, int]:
        """Return the numbers of those of these statements that are here."""
        return {row.digest: row.number for row in find_rows(self._connection, _NUMBERS, digests)}

    def give(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, int]:
        """Return the numbers of these statements, which are here or are going to be."""
        self._known.update(self.find([digest for digest in digests if digest not in self._known]))
        for digest in digests:
            if digest not in self._known:
                self._awaited.add(digest)
                self._known[digest] = self._take_next()
        return {digest: self._known[digest] for digest in digests}

    def give_new(self, digests: Sequence[StatementDigest]) -> list[int]:
        """Return numbers for statements that are inserted now."""
        self._awaited.difference_update(digests)
        for digest in digests:
            if digest not in self._known:
                self._known[digest] = self._take_next()
        return [self._known[digest] for digest in digests]

    def check(self) -> None:
        """Raise StoreError if something was written for a statement that did not come."""
        if self._awaited:
            raise StoreError("mail or wraps were kept without their statement")

    def _take_next(self) -> int:
        number = self._next or next_number(self._connection, STATEMENT)
        self._next = number + 1
        return number


class SqlStatements:
    """`ports.Statements` in SQL."""

    def __init__(self, connection: Connection, numbers: StatementNumbers) -> None:
        self._connection = connection
        self._numbers = numbers

    def admit(self, records: Sequence[StatementRecord]) -> list[Admission]:
        """See `ports.Statements`."""
        owners = self._owners(records)
        new: list[StatementRecord] = []
        admissions: list[Admission] = []
        for record in records:
            owner = owners.setdefault((record.iss, record.jti), None)
            if owner is None:
                owners[record.iss, record.jti] = record.digest
                new.append(record)
            admissions.append(_judge(owner, record.digest))
        numbers = self._numbers.give_new([record.digest for record in new])
        rows = [(number, *_VALUES(record)) for number, record in zip(numbers, new, strict=True)]
        insert_rows(self._connection, STATEMENT, rows)
        self._note_conflicts(owners, records, admissions)
        return admissions

    def find(self, digests: Sequence[StatementDigest]) -> dict[StatementDigest, StatementRecord]:
        """See `ports.Statements`."""
        return {row.digest: _record(row) for row in find_rows(self._connection, _BY_DIGEST, digests)}

    def after(self, number: int, limit: int) -> list[tuple[int, StatementRecord]]:
        """See `ports.Statements`."""
        rows = self._connection.execute(_AFTER, {"after": number, "most": limit}).mappings()
        found = [dict(row) for row in rows]
        return [(values.pop("number"), _of_values(values)) for values in found]

    def last_number(self) -> int:
        """See `ports.Statements`."""
        return next_number(self._connection, STATEMENT) - 1

    def in_threads(self, threads: Sequence[ThreadId]) -> list[StatementRecord]:
        """See `ports.Statements`."""
        found = map(_record, find_rows(self._connection, _IN_THREADS, threads))
        return sorted(found, key=attrgetter("thread", "iat", "digest"))

    def put_in_effect(self, digests: Sequence[StatementDigest]) -> None:
        """See `ports.Statements`."""
        change_rows(self._connection, _PUT_IN_EFFECT, digests)

    def strip(self, clear_parts: Mapping[StatementDigest, bytes]) -> None:
        """See `ports.Statements`."""
        rows = [{"of_digest": digest, "clear_part": part} for digest, part in clear_parts.items()]
        if rows:
            self._connection.execute(_STRIP, rows)

    def conflicts(self, after: int, limit: int) -> list[StatementConflict]:
        """See `ports.Statements`."""
        table = STATEMENT_CONFLICT
        query = select(table).where(table.c.seen_at >= after).order_by(table.c.seen_at, table.c.other)
        return [StatementConflict(*row) for row in self._connection.execute(query.limit(limit))]

    def conflicts_about(self, digests: Sequence[StatementDigest]) -> list[StatementConflict]:
        """See `ports.Statements`."""
        rows = [row for query in _CONFLICTS_ABOUT for row in find_rows(self._connection, query, digests)]
        return list(dict.fromkeys(StatementConflict(*row) for row in rows))

    def _owners(self, records: Iterable[StatementRecord]) -> dict[Name, StatementDigest | None]:
        """Return which digest each (iss, jti) of `records` belongs to, as far as it belongs to one."""
        jtis: dict[MemberId, list[str]] = {}
        for record in records:
            jtis.setdefault(record.iss, []).append(record.jti)
        owners: dict[Name, StatementDigest | None] = {}
        for iss, wanted in jtis.items():
            rows = find_rows(self._connection, _OWNERS, wanted, iss=iss)
            owners.update(((iss, row.jti), row.digest) for row in rows)
        return owners

    def _note_conflicts(
        self,
        owners: dict[Name, StatementDigest | None],
        records: Sequence[StatementRecord],
        admissions: Sequence[Admission],
    ) -> None:
        conflicts = [
            StatementConflict(
                kept, record.digest, record.iss, record.jti, record.stored_at, record.envelope_id
            )
            for record, admission in zip(records, admissions, strict=True)
            if admission is Admission.CONFLICT and (kept := owners[record.iss, record.jti])
        ]
        insert_new(self._connection, STATEMENT_CONFLICT, [_CONFLICT_VALUES(item) for item in conflicts])


def _judge(owner: StatementDigest | None, digest: StatementDigest) -> Admission:
    if owner is None:
        return Admission.NEW
    return Admission.KNOWN if owner == digest else Admission.CONFLICT


def _record(row: Any) -> StatementRecord:
    return _of_values(row._asdict())


def _of_values(values: dict[str, Any]) -> StatementRecord:
    values["direction"] = Direction(values["direction"])
    values["in_effect"] = bool(values["in_effect"])
    return StatementRecord(**values)

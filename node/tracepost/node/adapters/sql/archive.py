"""What of old cases lies in archives: which envelopes, where, and the key of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update

from tracepost.node.adapters.sql.ends import part_columns
from tracepost.node.adapters.sql.tables import (
    ARCHIVE,
    ARCHIVED_BODY,
    BODY,
    CASE,
    OWN_BODY,
    RECEIVED,
    SENT,
    STATEMENT,
    WRAP,
)
from tracepost.node.records.cases import CaseState
from tracepost.node.records.mail import MailState
from tracepost.node.records.statements import ArchivePlace, SealedParts, WrittenArchive
from tracepost.protocol.ids import EnvelopeId, ThreadId
from tracepost.serving.storage.rows import change_rows, find_rows, insert_rows, one_of

_SENT_ENDED = (MailState.DELIVERED, MailState.REFUSED, MailState.EXPIRED, MailState.REPLACED)
_RECEIVED_ENDED = (MailState.DELIVERED, MailState.TAKEN_UP, MailState.SET_ASIDE)


def _old(query: Select[Any]) -> Select[Any]:
    """Return `query`, of what is joined with statements, for bodies that lie here still of cases that are over."""
    return (
        query.join(CASE, CASE.c.thread == STATEMENT.c.thread)
        .where(CASE.c.state == CaseState.CLOSED, CASE.c.last_event_at < bindparam("before"))
        .where(func.length(BODY.c.body) > 0)
    )


_OLD = [
    _old(
        select(table.c.number, table.c.id, func.length(BODY.c.body))
        .select_from(table)
        .join(BODY, BODY.c.number == table.c.number)
        .join(STATEMENT, STATEMENT.c.number == table.c.statement_number)
        .where(table.c.state.in_(ended))
    )
    for table, ended in ((RECEIVED, _RECEIVED_ENDED), (SENT, _SENT_ENDED))
] + [
    _old(
        select(OWN_BODY.c.number, OWN_BODY.c.id, func.length(BODY.c.body))
        .select_from(OWN_BODY)
        .join(BODY, BODY.c.number == OWN_BODY.c.number)
        .join(WRAP, WRAP.c.envelope_id == OWN_BODY.c.id)
        .join(STATEMENT, STATEMENT.c.number == WRAP.c.statement_number)
        .distinct()
    )
]
_OF_THREAD = [
    select(table.c.id)
    .join(STATEMENT, STATEMENT.c.number == table.c.statement_number)
    .join(ARCHIVED_BODY, ARCHIVED_BODY.c.number == table.c.number)
    .where(STATEMENT.c.thread == bindparam("of_thread"))
    for table in (RECEIVED, SENT)
] + [
    select(OWN_BODY.c.id)
    .join(ARCHIVED_BODY, ARCHIVED_BODY.c.number == OWN_BODY.c.number)
    .join(WRAP, WRAP.c.envelope_id == OWN_BODY.c.id)
    .join(STATEMENT, STATEMENT.c.number == WRAP.c.statement_number)
    .where(STATEMENT.c.thread == bindparam("of_thread"))
    .distinct()
]
_PLACES = [
    select(table.c.id, ARCHIVED_BODY)
    .join(ARCHIVED_BODY, ARCHIVED_BODY.c.number == table.c.number)
    .where(one_of(table.c.id))
    for table in (RECEIVED, SENT, OWN_BODY)
]
_NUMBERS = [
    select(table.c.id, table.c.number).where(one_of(table.c.id)) for table in (RECEIVED, SENT, OWN_BODY)
]
_EMPTY = update(BODY).where(one_of(BODY.c.number)).values(slots=b"", body=b"", slots_end=None, body_end=None)
_FILL = (
    update(BODY)
    .where(BODY.c.number == bindparam("at_number"))
    .values(
        slots=bindparam("its_slots"),
        body=bindparam("its_body"),
        slots_end=bindparam("its_slots_end"),
        body_end=bindparam("its_body_end"),
    )
)
_FORGET = delete(ARCHIVED_BODY).where(one_of(ARCHIVED_BODY.c.number))


class SqlArchive:
    """`ports.Archive` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def old(self, before: int, limit: int, size_limit: int) -> list[EnvelopeId]:
        """See `ports.Archive`."""
        chosen: list[EnvelopeId] = []
        total = 0
        for _number, id_, size in self._find_old(before, limit):
            total += size
            if len(chosen) >= limit or (chosen and total > size_limit):
                break
            chosen.append(EnvelopeId(bytes(id_)))
        return chosen

    def move(self, written: WrittenArchive, before: int, at: int) -> int:
        """See `ports.Archive`."""
        old = {bytes(id_) for _number, id_, _size in self._find_old(before, None)}
        moved = [id_ for id_ in written.places if bytes(id_) in old]
        numbers = self._numbers(moved)
        rows = [(numbers[id_], *_row(written.places[id_])) for id_ in moved]
        insert_rows(self._connection, ARCHIVED_BODY, rows)
        change_rows(self._connection, _EMPTY, list(numbers.values()))
        insert_rows(self._connection, ARCHIVE, [(written.name, written.sha256, len(moved), at)])
        return len(moved)

    def places(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, ArchivePlace]:
        """See `ports.Archive`."""
        return {
            EnvelopeId(bytes(row.id)): ArchivePlace(row.archive, row.place, row.length, bytes(row.key))
            for query in _PLACES
            for row in find_rows(self._connection, query, ids)
        }

    def of_case(self, thread: ThreadId) -> list[EnvelopeId]:
        """See `ports.Archive`."""
        values = {"of_thread": thread}
        return [
            EnvelopeId(bytes(id_))
            for query in _OF_THREAD
            for id_ in self._connection.execute(query, values).scalars()
        ]

    def give_back(self, parts: Iterable[tuple[EnvelopeId, SealedParts]]) -> None:
        """See `ports.Archive`."""
        given = dict(parts)
        numbers = self._numbers(list(given))
        names = ("its_slots", "its_body", "its_slots_end", "its_body_end")
        rows = [
            {"at_number": numbers[id_]}
            | dict(zip(names, part_columns(self._connection, one.slots, one.body), strict=True))
            for id_, one in given.items()
        ]
        if rows:
            self._connection.execute(_FILL, rows)
        change_rows(self._connection, _FORGET, list(numbers.values()))

    def files(self) -> dict[str, bytes]:
        """See `ports.Archive`."""
        query = select(ARCHIVE.c.name, ARCHIVE.c.sha256)
        return {row.name: bytes(row.sha256) for row in self._connection.execute(query)}

    def unused(self) -> list[str]:
        """See `ports.Archive`."""
        used = select(ARCHIVED_BODY.c.archive)
        return list(
            self._connection.execute(select(ARCHIVE.c.name).where(ARCHIVE.c.name.not_in(used))).scalars()
        )

    def forget(self, names: Sequence[str]) -> None:
        """See `ports.Archive`."""
        change_rows(self._connection, delete(ARCHIVE).where(one_of(ARCHIVE.c.name)), names)

    def _find_old(self, before: int, limit: int | None) -> Iterator[tuple[int, bytes, int]]:
        for query in _OLD:
            for row in self._connection.execute(query.limit(limit), {"before": before}):
                yield row.number, row.id, row[2]

    def _numbers(self, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, int]:
        return {
            EnvelopeId(bytes(row.id)): row.number
            for query in _NUMBERS
            for row in find_rows(self._connection, query, ids)
        }


def _row(place: ArchivePlace) -> tuple[str, int, int, bytes]:
    return place.archive, place.offset, place.length, place.key

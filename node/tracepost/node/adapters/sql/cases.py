"""Cases: what lists are made from, in pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    select,
    update,
)

from tracepost.node.adapters.sql.tables import CASE, CASE_DESK, CASE_KEY, STATEMENT
from tracepost.node.records.cases import CaseDesk, CaseFilter, CasePage, CaseRecord, CaseState
from tracepost.node.records.staff import StatementToGive
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import DeskId, ThreadId, decode_b64, encode_b64, parse_thread
from tracepost.serving.storage.rows import (
    change_rows,
    find_rows,
    insert_new,
    one_of,
    upsert_rows,
)

_MEMBER, _FILE_NUMBER, _KIND, _ASKS = "member", "file-number", "kind", "asks"
_SHORTEST_BEGINNING = 8
_RESOLVE_LIMIT = 20
_TIMES_END = 1 << 63
_FORGET_NUMBERS = delete(CASE_KEY).where(one_of(CASE_KEY.c.thread), CASE_KEY.c.kind == "file-number")
_BY_THREAD = select(CASE).where(one_of(CASE.c.thread))
_ON_CASES = select(CASE_DESK).where(one_of(CASE_DESK.c.thread), CASE_DESK.c.taken_off_at.is_(None))
_TAKE_OFF = (
    update(CASE_DESK)
    .where(CASE_DESK.c.thread == bindparam("on_thread"), one_of(CASE_DESK.c.desk))
    .where(CASE_DESK.c.taken_off_at.is_(None))
    .values(taken_off_at=bindparam("at"))
)

_TO_GIVE = (
    select(
        STATEMENT.c.number,
        STATEMENT.c.digest,
        CASE_DESK.c.desk,
        CASE_DESK.c.put_by,
        CASE_DESK.c.put_at,
    )
    .join(CASE_DESK, CASE_DESK.c.thread == STATEMENT.c.thread)
    .where(CASE_DESK.c.taken_off_at.is_(None), STATEMENT.c.in_effect)
    .where(STATEMENT.c.number > bindparam("after"))
    .order_by(STATEMENT.c.number, CASE_DESK.c.desk)
    .limit(bindparam("most"))
)


class SqlCases:
    """`ports.Cases` in SQL. A page token names the last case of the page before."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, cases: Sequence[CaseRecord]) -> None:
        """See `ports.Cases`."""
        newest = {case.thread: case for case in cases}
        upsert_rows(self._connection, CASE, [_row(case) for case in newest.values()])
        keys = {key for case in newest.values() for key in _keys(case)}
        insert_new(self._connection, CASE_KEY, sorted(keys))

    def find(self, threads: Sequence[ThreadId]) -> dict[ThreadId, CaseRecord]:
        """See `ports.Cases`."""
        return {row.thread: _case(row) for row in find_rows(self._connection, _BY_THREAD, threads)}

    def list(self, chosen: CaseFilter, page_size: int, page_token: str) -> CasePage:
        """See `ports.Cases`."""
        query = select(CASE).where(*_conditions(chosen))
        if page_token:
            last_event_at, thread = _read_token(page_token)
            same_time = (CASE.c.last_event_at == last_event_at) & (CASE.c.thread < thread)
            query = query.where((CASE.c.last_event_at < last_event_at) | same_time)
        query = query.order_by(CASE.c.last_event_at.desc(), CASE.c.thread.desc()).limit(page_size + 1)
        cases = [_case(row) for row in self._connection.execute(query)]
        page = tuple(cases[:page_size])
        return CasePage(page, _write_token(page[-1]) if len(cases) > page_size else "")

    def forget_numbers(self, threads: Sequence[ThreadId]) -> None:
        """See `ports.Cases`."""
        change_rows(self._connection, _FORGET_NUMBERS, threads)

    def resolve(self, text: str) -> Sequence[ThreadId]:
        """See `ports.Cases`."""
        key = CASE_KEY.c
        # Others choose their file numbers: none of these makes a case's own name ambiguous.
        if self._connection.execute(select(CASE.c.thread).where(CASE.c.thread == text)).scalar():
            return [ThreadId(text)]
        queries = [select(key.thread).where(key.kind == _FILE_NUMBER, key.value == text.casefold())]
        if len(text) >= _SHORTEST_BEGINNING:
            queries.append(select(CASE.c.thread).where(*_begins(CASE.c.thread, text)))
        found = {
            ThreadId(thread)
            for query in queries
            for thread in self._connection.execute(query.limit(_RESOLVE_LIMIT)).scalars()
        }
        return sorted(found)


class SqlCaseDesks:
    """`ports.CaseDesks` in SQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, desks: Sequence[CaseDesk]) -> None:
        """See `ports.CaseDesks`."""
        newest = {(one.thread, one.desk): one for one in desks}
        rows = [(one.thread, one.desk, one.put_by, one.put_at, None) for one in newest.values()]
        upsert_rows(self._connection, CASE_DESK, rows)

    def take_off(self, thread: ThreadId, desks: Sequence[DeskId], at: int) -> None:
        """See `ports.CaseDesks`."""
        change_rows(self._connection, _TAKE_OFF, desks, on_thread=thread, at=at)

    def of(self, threads: Sequence[ThreadId]) -> dict[ThreadId, frozenset[DeskId]]:
        """See `ports.CaseDesks`."""
        desks: dict[ThreadId, set[DeskId]] = {}
        for row in find_rows(self._connection, _ON_CASES, threads):
            desks.setdefault(ThreadId(row.thread), set()).add(DeskId(row.desk))
        return {thread: frozenset(some) for thread, some in desks.items()}

    def standing(self, thread: ThreadId) -> list[CaseDesk]:
        """See `ports.CaseDesks`."""
        found = [
            CaseDesk(ThreadId(row.thread), DeskId(row.desk), row.put_by, row.put_at)
            for row in find_rows(self._connection, _ON_CASES, [thread])
        ]
        return sorted(found, key=attrgetter("desk"))

    def to_give(self, after: int, limit: int) -> list[StatementToGive]:
        """See `ports.CaseDesks`."""
        rows = self._connection.execute(_TO_GIVE, {"after": after, "most": limit})
        return [StatementToGive(*row) for row in rows]


def _conditions(chosen: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if chosen.state is not None:
        yield CASE.c.state == chosen.state
    if chosen.of_desks is not None:
        on = CASE_DESK.c
        here = on.desk.in_(chosen.of_desks) & (on.thread == CASE.c.thread) & on.taken_off_at.is_(None)
        yield exists().where(here)
    key = CASE_KEY.c
    if chosen.asks is not None:
        asked = (key.kind == _ASKS, key.value.in_(chosen.asks)) if chosen.asks else (key.kind == _ASKS,)
        yield CASE.c.thread.in_(select(key.thread).where(*asked))
    if chosen.with_member is not None:
        # Most cases are with a few members: walk the list and look at each.
        mine = (key.kind == _MEMBER, key.value == chosen.with_member, key.thread == CASE.c.thread)
        yield exists().where(*mine)
    if chosen.holds_kind:
        # Few cases hold what is listed so: find them, then sort.
        holding = (key.kind == _KIND, key.value == chosen.holds_kind)
        yield CASE.c.thread.in_(select(key.thread).where(*holding))
    if chosen.file_number:
        # Few cases have the number: find them, then sort.
        begins = _begins(key.value, chosen.file_number.casefold())
        yield CASE.c.thread.in_(select(key.thread).where(key.kind == _FILE_NUMBER, *begins))


def _begins(column: ColumnElement[str], beginning: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return a range of text instead of LIKE, which folds letters in one database and not in the other."""
    return column >= beginning, column < beginning + "\U0010ffff"


def _keys(case: CaseRecord) -> Iterator[tuple[str, str, str]]:
    for member in case.members:
        yield _MEMBER, member, case.thread
    for number in case.file_numbers:
        yield _FILE_NUMBER, number.casefold(), case.thread
    for kind in case.kinds:
        yield _KIND, kind, case.thread
    for custodian in case.asks:
        yield _ASKS, custodian, case.thread


def _row(case: CaseRecord) -> tuple[Any, ...]:
    return (
        case.thread,
        case.state,
        case.opened_at,
        case.last_event_at,
        orjson.dumps(case.members).decode(),
        orjson.dumps(case.file_numbers).decode(),
        case.summary,
    )


def _case(row: Row[Any]) -> CaseRecord:
    return CaseRecord(
        thread=row.thread,
        state=CaseState(row.state),
        opened_at=row.opened_at,
        last_event_at=row.last_event_at,
        members=tuple(orjson.loads(row.members)),
        file_numbers=tuple(orjson.loads(row.file_numbers)),
        summary=row.summary,
    )


def _write_token(last: CaseRecord) -> str:
    return encode_b64(f"{last.last_event_at} {last.thread}".encode())


def _read_token(token: str) -> tuple[int, ThreadId]:
    """Return what a page token names; raise `InvalidInputError`: who asks may have made it up."""
    try:
        time, _, thread = decode_b64(token, "page_token").decode().partition(" ")
        return _require_time(int(time)), parse_thread(thread)
    except (ValueError, InvalidInputError):
        raise InvalidInputError("not a page token of this node", where="page_token") from None


def _require_time(time: int) -> int:
    if not 0 <= time < _TIMES_END:
        raise ValueError("no database keeps such a time")
    return time

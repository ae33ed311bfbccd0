"""Many rows in one statement: a frame of 256 envelopes costs a few statements, not 256.

Both databases take `INSERT … VALUES (…), (…)` and `ON CONFLICT` in the same words;
SQLAlchemy Core writes them, once per table and row count. Row counts are powers of two,
so that a handful of texts stays prepared. Queries by keys are built once, at import. The
texts go to the driver itself, and what it raises leaves as SQLAlchemy's error.

On a server that is elsewhere each statement is a way there and back, while the others on it wait for their turn:
there what is inserted waits for the next statement that asks for something, and goes with it (`let_writes_wait`).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Engine,
    Select,
    Table,
    Update,
    bindparam,
    event,
    exc,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
Values = tuple[Any, ...]
"""One row: a value for each column of the table in its order, without a column that numbers itself."""

Parameters = Values | dict[str, Any]

KEY_LIMIT = 512
"""Keys in one `IN (…)`: callers with more of them ask in `chunks`."""

_ROW_LIMIT = 256
_WAITING: Final = "tracepost-waiting"
_PARAMETER_LIMIT = 30_000  # SQLite takes 32,766 in one statement, PostgreSQL 65,535


@dataclass(frozen=True, slots=True)
class _Form:
    """What an insert does beside inserting; part of the key under which its text is kept."""

    skip_known: bool = False
    update_on: tuple[str, ...] = ()


def let_writes_wait(engine: Engine) -> None:
    """Let what is inserted on connections of `engine`, a psycopg one, go to the server with what is asked next.

    All is sent before a COMMIT, and in the order in which it was said. What the server refuses of it is raised
    then, so who wants to know asks by `send_waiting`.
    """
    event.listen(engine, "connect", _begin_waiting)
    event.listen(engine, "before_cursor_execute", _send_before)
    event.listen(engine, "commit", send_waiting)
    event.listen(engine, "rollback", forget_waiting)


def send_waiting(connection: Connection) -> None:
    """Send what waits, and see that it was taken."""
    waiting = connection.info.get(_WAITING)
    if waiting:
        sent = waiting[:]
        waiting.clear()
        _send(connection, sent).close()


def forget_waiting(connection: Connection) -> None:
    """Let what waits be as if it had not been said: its transaction, or the part to which it belongs, is undone."""
    if not connection.invalidated:  # one that was lost has forgotten it
        connection.info.get(_WAITING, []).clear()


def say(connection: Connection, sql: str, *parameters: Any) -> None:
    """Let the driver execute a statement that gives nothing back."""
    _write(connection, sql, parameters)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert `rows`; a known key is an error."""
    _execute(connection, table, _Form(), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert those of `rows` whose keys are new."""
    _execute(connection, table, _Form(skip_known=True), rows)


def count_new(connection: Connection, table: Table, rows: Sequence[Values]) -> int:
    """Do the same, at once, and return how many were new."""
    return sum(_count(connection, *one) for one in _inserts(connection, table, _Form(skip_known=True), rows))


def upsert_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert `rows`; where the primary key is known, replace the rest. No key may occur twice in `rows`."""
    key = tuple(column.name for column in table.primary_key)
    _execute(connection, table, _Form(update_on=key), rows)


def one_of(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that `column` is one of the keys, for a statement given to `find_rows`.

    Such a statement is built once, at import: building it costs more than running it.
    """
    return column.in_(bindparam("keys", expanding=True))


def find_rows(
    connection: Connection, query: Select[Any], keys: Collection[Any], **values: Any
) -> Iterator[Any]:
    """Yield the rows that `query` finds for `keys`, as many keys as there may be; `values` fill the rest.

    Rows hold what the driver gives: a boolean is a number on SQLite.
    """
    for some in chunks(list(keys)):
        padded = _pad(some)
        named = values | {f"keys_{place}": key for place, key in enumerate(padded, 1)}
        text = _query_text(connection.dialect, query, len(padded), tuple(values))
        with closing(_run(connection, text.sql, text.bind(named))) as cursor:
            yield from map(_row_type(tuple(one[0] for one in cursor.description)), cursor.fetchall())


def read_rows(connection: Connection, query: Select[Any], **values: Any) -> list[Any]:
    """Return the rows that `query` finds with these values. It is built once, at import.

    Rows hold what the driver gives, as with `find_rows`.
    """
    text = _query_text(connection.dialect, query, 0, tuple(values))
    with closing(_run(connection, text.sql, text.bind(values))) as cursor:
        return [*map(_row_type(tuple(one[0] for one in cursor.description)), cursor.fetchall())]


def change_rows(connection: Connection, change: Update | Delete, keys: Collection[Any], **values: Any) -> int:
    """Do `change` to the rows of `keys`; return how many rows there were."""
    return sum(connection.execute(change, {"keys": some, **values}).rowcount for some in chunks(list(keys)))


def next_number(connection: Connection, table: Table) -> int:
    """Return the number after the highest in column `number` of `table`, 1 if it is empty.

    It stays free for the rest of the transaction: a store has one writer.
    """
    text = _query_text(connection.dialect, _highest_number(table), 0, ())
    with closing(_run(connection, text.sql, ())) as cursor:
        [highest] = cursor.fetchone()
    return 1 if highest is None else int(highest) + 1


def chunks(items: Sequence[T], size: int = KEY_LIMIT) -> Iterator[Sequence[T]]:
    """Yield `items` in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _pad(keys: Sequence[T]) -> list[T]:
    """Return `keys` and the last of them again, up to a power of two: so few texts, and nothing more is found."""
    length = 1 << (len(keys) - 1).bit_length()
    return [*keys, *[keys[-1]] * (length - len(keys))]


@lru_cache(maxsize=64)
def _highest_number(table: Table) -> Select[Any]:
    return select(func.max(table.c.number))


def _execute(connection: Connection, table: Table, form: _Form, rows: Sequence[Values]) -> None:
    for sql, parameters in _inserts(connection, table, form, rows):
        _write(connection, sql, parameters)


def _inserts(
    connection: Connection, table: Table, form: _Form, rows: Sequence[Values]
) -> Iterator[tuple[str, Parameters]]:
    for part in _powers_of_two(rows, len(table.columns)):
        sql, names = _text(connection.dialect, table, form, len(part))
        values = tuple(chain.from_iterable(part))
        yield sql, dict(zip(names, values, strict=True)) if names else values


def _write(connection: Connection, sql: str, parameters: Parameters) -> None:
    waiting = connection.info.get(_WAITING)
    if waiting is None:
        _run(connection, sql, parameters).close()
    else:
        waiting.append((sql, parameters))


def _count(connection: Connection, sql: str, parameters: Parameters) -> int:
    with closing(_run(connection, sql, parameters)) as cursor:
        return int(cursor.rowcount)


def _run(connection: Connection, sql: str, parameters: Parameters) -> Any:
    """Return the driver's own cursor of a statement in the transaction of `connection`.

    A result of SQLAlchemy's costs more than SQLite takes for all that these statements do (measured, ADR 0026).
    """
    if not connection.in_transaction():
        connection.begin()
    waiting = connection.info.get(_WAITING)
    if not waiting:
        return _send(connection, [(sql, parameters)])
    sent = [*waiting, (sql, parameters)]
    waiting.clear()
    return _send(connection, sent)


def _send(connection: Connection, statements: Sequence[tuple[str, Parameters]]) -> Any:
    """Give statements to the driver; return the cursor of the last, when all are done."""
    cursors = [connection.connection.cursor() for _ in statements]
    error: Any = _execute_all(connection, cursors, statements)
    if error is None:
        for cursor in cursors[:-1]:
            cursor.close()
        return cursors[-1]
    # What came before the one that failed has a result.
    failed = next((n for n, one in enumerate(cursors[:-1]) if one.pgresult is None), len(cursors) - 1)
    is_lost = connection.dialect.is_disconnect(error, connection.connection.driver_connection, cursors[-1])
    for cursor in cursors:
        cursor.close()
    if is_lost:
        connection.invalidate(error)
    like = _error_like(type(error))
    raise like(
        statements[failed][0], None, error, hide_parameters=True, connection_invalidated=is_lost
    ) from error


def _execute_all(
    connection: Connection, cursors: Sequence[Any], statements: Sequence[tuple[str, Parameters]]
) -> Exception | None:
    """Execute each statement by its cursor, several in one go; return the first error of the driver's."""
    first: Exception | None = None
    errors: type[Exception] = connection.dialect.loaded_dbapi.Error
    driver: Any = connection.connection.driver_connection
    try:
        with _pipeline(driver) if len(statements) > 1 else nullcontext():
            try:
                for cursor, (sql, parameters) in zip(cursors, statements, strict=True):
                    cursor.execute(sql, parameters)
            except errors as error:  # leaving says of all that followed that they were not done
                first = error
    except errors as error:
        first = first or error
    return first


@contextmanager
def _pipeline(driver: Any) -> Iterator[None]:
    """Send what is executed inside in one go.

    The driver's own way out ends with a request to flush, after which the server no longer counts how long a
    transaction stands idle: so who stopped in the middle of one would stop the others for ever.
    """
    with driver.pipeline() as pipeline:
        pipeline._exit_gen = partial(_leave, pipeline)  # noqa: SLF001 - there is no other way out
        yield


def _leave(pipeline: Any) -> Iterator[Any]:
    try:
        yield from pipeline._sync_gen()  # noqa: SLF001 - as above
    finally:
        yield from pipeline._fetch_gen(flush=False)  # noqa: SLF001 - as above


def _begin_waiting(_connection: Any, record: Any) -> None:
    record.info[_WAITING] = []


def _send_before(connection: Connection, *_: Any) -> None:
    send_waiting(connection)


def _error_like(kind: type[BaseException]) -> type[DBAPIError]:
    """Return SQLAlchemy's error for one of a driver: both have the names of PEP 249."""
    found = (getattr(exc, one.__name__, None) for one in kind.__mro__)
    return next((one for one in found if isinstance(one, type) and issubclass(one, DBAPIError)), DBAPIError)


@lru_cache(maxsize=256)
def _row_type(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    """Return what makes a row, with its columns by name, of what the driver gives."""
    row: Any = namedtuple("Row", names)  # type: ignore[misc] # the names are known when a query has run
    make: Callable[[Sequence[Any]], Any] = row._make
    return make


def _powers_of_two(rows: Sequence[Values], width: int) -> Iterator[Sequence[Values]]:
    largest = _ROW_LIMIT
    while largest * width > _PARAMETER_LIMIT:
        largest //= 2
    start = 0
    while left := len(rows) - start:
        size = min(largest, 1 << (left.bit_length() - 1))
        yield rows[start : start + size]
        start += size


@dataclass(frozen=True, slots=True)
class _QueryText:
    """A query as the driver takes it: its text, the order of its parameters, and those with a value already."""

    sql: str
    order: tuple[str, ...] | None
    fixed: dict[str, Any]

    def bind(self, values: dict[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        named = self.fixed | values
        return named if self.order is None else tuple(named[name] for name in self.order)


@lru_cache(maxsize=1024)
def _query_text(dialect: Dialect, query: Select[Any], count: int, names: tuple[str, ...]) -> _QueryText:
    unknown = dict.fromkeys(names) | {"keys": [None] * count}
    state = query.compile(dialect=dialect).construct_expanded_state(unknown)
    order = None if state.positiontup is None else tuple(state.positiontup)
    return _QueryText(state.statement, order, dict(state.parameters))


@lru_cache(maxsize=512)
def _text(dialect: Dialect, table: Table, form: _Form, count: int) -> tuple[str, tuple[str, ...]]:
    """Return the statement and, for a driver that wants names, the parameter names in row order."""
    columns = [column.name for column in table.columns if column is not table.autoincrement_column]
    compiled = _statement(dialect.name, table, form, columns, count).compile(dialect=dialect)
    if compiled.positional:
        return str(compiled), ()
    return str(compiled), tuple(f"{column}_m{row}" for row in range(count) for column in columns)


def _statement(dialect_name: str, table: Table, form: _Form, columns: list[str], count: int) -> Any:
    insert = postgresql.insert if dialect_name == "postgresql" else sqlite.insert
    statement: Any = insert(table).values([dict.fromkeys(columns) for _ in range(count)])
    if form.skip_known:
        statement = statement.on_conflict_do_nothing()
    if form.update_on:
        changed = {name: statement.excluded[name] for name in columns if name not in form.update_on}
        statement = statement.on_conflict_do_update(index_elements=list(form.update_on), set_=changed)
    return statement

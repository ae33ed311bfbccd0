"""Many rows in one statement: a frame of 256 envelopes costs a few statements, not 256.

Both databases take `INSERT … VALUES (…), (…)` and `ON CONFLICT` in the same words;
SQLAlchemy Core writes them, once per table and row count. Row counts are powers of two,
so that a handful of texts stays prepared. Queries by keys are built once, at import.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Select,
    Table,
    Update,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Values = tuple[Any, ...]
"""One row: a value for each column of the table in its order, without a column that numbers itself."""

KEY_LIMIT = 512
"""Keys in one `IN (…)`: callers with more of them ask in `chunks`."""

_ROW_LIMIT = 256
_PARAMETER_LIMIT = 30_000  # SQLite takes 32,766 in one statement, PostgreSQL 65,535


@dataclass(frozen=True, slots=True)
class _Form:
    """What an insert does beside inserting; part of the key under which its text is kept."""

    skip_known: bool = False
    update_on: tuple[str, ...] = ()


def insert_rows(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Insert `rows`; a known key is an error."""
    _execute(connection, table, _Form(), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Values]) -> int:
    """Insert those of `rows` whose keys are new; return how many."""
    return _execute(connection, table, _Form(skip_known=True), rows)


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
        yield from connection.exec_driver_sql(text.sql, text.bind(named))


def change_rows(connection: Connection, change: Update | Delete, keys: Collection[Any], **values: Any) -> int:
    """Do `change` to the rows of `keys`; return how many rows there were."""
    return sum(connection.execute(change, {"keys": some, **values}).rowcount for some in chunks(list(keys)))


def next_number(connection: Connection, table: Table) -> int:
    """Return the number after the highest in column `number` of `table`, 1 if it is empty.

    It stays free for the rest of the transaction: a store has one writer.
    """
    text = _query_text(connection.dialect, _highest_number(table), 0, ())
    highest = connection.exec_driver_sql(text.sql).scalar()
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


def _execute(connection: Connection, table: Table, form: _Form, rows: Sequence[Values]) -> int:
    count = 0
    for part in _powers_of_two(rows, len(table.columns)):
        sql, names = _text(connection.dialect, table, form, len(part))
        values = tuple(chain.from_iterable(part))
        parameters = dict(zip(names, values, strict=True)) if names else values
        count += connection.exec_driver_sql(sql, parameters).rowcount
    return count


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

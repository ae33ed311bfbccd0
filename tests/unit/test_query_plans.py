"""Queries of the node's store find their rows by an index, however large the store is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, Delete, Select, Update, create_engine, make_url, select

from tracepost.node.adapters.sql import cases, incoming, office, outgoing, papers, sealed, statements
from tracepost.node.adapters.sql.tables import CASE, METADATA
from tracepost.node.records.cases import CaseFilter, CaseState
from tracepost.protocol.ids import MemberId
from tracepost.serving.storage.rows import KEY_LIMIT

Query = Select[Any] | Update | Delete


def queries_of(module: ModuleType) -> Iterator[tuple[str, Query]]:
    """Yield the statements that `module` builds at import, by name."""
    for name, value in vars(module).items():
        found = value if isinstance(value, list) else [value]
        found = list(value.values()) if isinstance(value, Mapping) else found
        for place, item in enumerate(found):
            if isinstance(item, Select | Update | Delete):
                yield f"{module.__name__.rpartition('.')[2]}.{name}.{place}", item


QUERIES = [
    pytest.param(query, id=name)
    for module in (cases, incoming, office, outgoing, papers, sealed, statements)
    for name, query in queries_of(module)
]


def plan(connection: Connection, query: Query, keys: int = 2) -> list[str]:
    compiled = query.compile(dialect=connection.dialect)
    values = {name: 1 for name, value in compiled.params.items() if value is None}
    state = compiled.construct_expanded_state(compiled.params | values | {"keys": list(range(keys))})
    parameters = tuple(state.parameters[name] for name in state.positiontup or ())
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {state.statement}", parameters)
    return [str(row.detail) for row in rows]


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_by_key_reads_a_whole_table(connection: Connection, query: Query) -> None:
    assert [step for step in plan(connection, query) if step.startswith("SCAN")] == []


@pytest.mark.parametrize("query", QUERIES)
def test_many_keys_are_found_the_way_a_few_are(connection: Connection, query: Query) -> None:
    """Not by what else is asked of a row: the receipts of a frame would have all mail looked at that waits."""
    assert plan(connection, query, KEY_LIMIT) == plan(connection, query)


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_can_be_put_to_postgresql_as_well(query: Query) -> None:
    assert str(query.compile(dialect=make_url("postgresql+psycopg://").get_dialect()()))


def test_the_mail_of_a_desk_that_seldom_writes_is_found_by_its_statements(connection: Connection) -> None:
    statements, mails = plan(connection, outgoing._NUMBERS_BY_DESK)
    assert "COVERING INDEX ix_statement_desk_direction_number (desk=?" in statements
    assert "COVERING INDEX ix_sent_mail_statement_number" in mails
    assert "INTEGER PRIMARY KEY" in plan(connection, outgoing._STANDING_OF)[0]


@pytest.mark.parametrize(
    "chosen", [CaseFilter(), CaseFilter(CaseState.CLOSED), CaseFilter(with_member=MemberId("xab"))]
)
def test_a_page_of_cases_is_not_sorted_anew(connection: Connection, chosen: CaseFilter) -> None:
    query = select(CASE).where(*cases._conditions(chosen))
    query = query.order_by(CASE.c.last_event_at.desc(), CASE.c.thread.desc()).limit(5)
    assert [step for step in plan(connection, query) if "TEMP B-TREE" in step] == []

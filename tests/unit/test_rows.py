"""Texts that go to the driver itself: in the transaction, with rows by name, and with SQLAlchemy's errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, select
from sqlalchemy.exc import IntegrityError, OperationalError

from tracepost.serving.storage.engine import Engines, open_engines
from tracepost.serving.storage.rows import count_new, find_rows, insert_rows, next_number, one_of

METADATA = MetaData()
PAPER = Table(
    "paper",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("title", String, nullable=False),
    Column("content", LargeBinary, nullable=True),
)
_BY_TITLE = select(PAPER.c.number, PAPER.c.title, PAPER.c.content).where(one_of(PAPER.c.title))


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[Engines]:
    made = open_engines(f"sqlite:///{tmp_path / 'store.sqlite'}")
    METADATA.create_all(made.writer)
    yield made
    made.dispose()


def test_rows_have_their_columns_by_name(engines: Engines) -> None:
    with engines.writer.begin() as connection:
        assert next_number(connection, PAPER) == 1
        insert_rows(
            connection, PAPER, [(n, f"paper {n}", bytes([n]) if n % 2 else None) for n in range(1, 8)]
        )
        found = list(find_rows(connection, _BY_TITLE, ["paper 3", "paper 4", "no paper"]))
        assert [(one.number, one.title, one.content) for one in found] == [
            (3, "paper 3", b"\x03"),
            (4, "paper 4", None),
        ]
        assert count_new(connection, PAPER, [(7, "again", None), (8, "paper 8", None)]) == 1
        assert next_number(connection, PAPER) == 9


def test_what_is_rolled_back_was_in_the_transaction(engines: Engines) -> None:
    with engines.writer.connect() as connection:
        insert_rows(connection, PAPER, [(1, "a", None)])
        assert connection.in_transaction()
        connection.rollback()
        assert list(find_rows(connection, _BY_TITLE, ["a"])) == []


def test_a_reader_sees_one_snapshot(engines: Engines) -> None:
    assert engines.readers is not None
    with engines.readers.connect() as reader:
        assert list(find_rows(reader, _BY_TITLE, ["a"])) == []
        with engines.writer.begin() as connection:
            insert_rows(connection, PAPER, [(1, "a", None)])
        assert list(find_rows(reader, _BY_TITLE, ["a"])) == []
        reader.rollback()
        assert [one.number for one in find_rows(reader, _BY_TITLE, ["a"])] == [1]


def test_errors_of_the_driver_leave_as_those_of_sqlalchemy_without_values(engines: Engines) -> None:
    assert engines.readers is not None
    with engines.writer.begin() as connection:
        insert_rows(connection, PAPER, [(1, "a secret", None)])
        with pytest.raises(IntegrityError) as caught:
            insert_rows(connection, PAPER, [(1, "another secret", None)])
        assert "secret" not in str(caught.value)
        assert not caught.value.connection_invalidated
        assert [one.title for one in find_rows(connection, _BY_TITLE, ["a secret"])] == ["a secret"]
    with engines.readers.connect() as reader, pytest.raises(OperationalError, match="readonly"):
        insert_rows(reader, PAPER, [(2, "b", None)])

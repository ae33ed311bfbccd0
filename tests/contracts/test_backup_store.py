"""What every store gives to a backup and takes from one: all rows of one moment, and the log that ends there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from contracts.conftest import make_store
from contracts.records import accept, dispatch
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.adapters.sql.tables import AUDIT_EVENT, METADATA, SETTING
from tracepost.node.backup.snapshot import copy_store, fill_database, read_log, schema_of_program
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.errors import ConfigurationError, StoreError
from tracepost.protocol.evidence import LogKey
from tracepost.serving.storage.engine import open_engines


@pytest.fixture(params=["sqlite-file", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "empty"
    folder.mkdir()
    yield from make_store(request, folder)


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all that stands in a store, but for what the steps of its tables note."""
    engines = open_engines(url)
    try:
        with engines.writer.begin() as connection:
            found = {
                one.name: sorted((tuple(row) for row in connection.execute(select(one))), key=repr)
                for one in METADATA.sorted_tables
                if one is not SETTING
            }
    finally:
        engines.dispose()
    return found


async def filled(url: str, key: LogKey) -> SqlStore:
    store = await open_store(url, key)
    await store.write(lambda tx: accept(tx, range(8)))
    await store.write(lambda tx: dispatch(tx, range(1000, 1005)))
    await store.write(lambda tx: tx.audit.append([AuditEvent(1, "officer-7.xaa", "look", "x", "done")]))
    return store


async def test_a_copy_has_every_row_and_gives_the_head_of_the_log_while_the_node_goes_on(
    lasting_url: str, key: LogKey, tmp_path: Path
) -> None:
    store = await filled(lasting_url, key)
    before, head = rows(lasting_url), store.evidence.head
    copy = tmp_path / "copy.sqlite"
    assert copy_store(lasting_url, copy) == schema_of_program()
    await store.write(lambda tx: accept(tx, range(20, 30)))  # the node serves on
    assert rows(f"sqlite:///{copy}") == before
    assert read_log(copy, key, []) == head
    assert store.evidence.head.size > head.size
    await store.close()


async def test_a_copy_goes_into_either_database_and_the_node_goes_on_from_it(
    lasting_url: str, empty_url: str, key: LogKey, tmp_path: Path
) -> None:
    store = await filled(lasting_url, key)
    head = store.evidence.head
    await store.close()
    copy = tmp_path / "copy.sqlite"
    copy_store(lasting_url, copy)
    fill_database(copy, empty_url)
    assert rows(empty_url) == rows(lasting_url)
    again = await open_store(empty_url, key)
    assert again.evidence.head == head
    await again.write(lambda tx: accept(tx, range(40, 42)))
    await again.write(lambda tx: tx.audit.append([AuditEvent(2, "officer-7.xaa", "look", "y", "done")]))
    await again.close()
    numbers = [row[0] for row in rows(empty_url)[AUDIT_EVENT.name]]
    assert len(numbers) == len(set(numbers)), "numbers that the database gives go on behind the old ones"


async def test_nothing_is_filled_over_what_is_there(lasting_url: str, key: LogKey, tmp_path: Path) -> None:
    store = await filled(lasting_url, key)
    await store.close()
    copy = tmp_path / "copy.sqlite"
    copy_store(lasting_url, copy)
    before = rows(lasting_url)
    with pytest.raises(ConfigurationError) as refused:
        fill_database(copy, lasting_url)
    assert refused.value.reason == "not-empty"
    assert rows(lasting_url) == before


async def test_a_copy_in_which_an_entry_was_changed_is_found_out(
    lasting_url: str, key: LogKey, tmp_path: Path
) -> None:
    store = await filled(lasting_url, key)
    await store.close()
    copy = tmp_path / "copy.sqlite"
    copy_store(lasting_url, copy)
    engines = open_engines(f"sqlite:///{copy}")
    with engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE log_entry SET salt = zeroblob(32) WHERE number = 1")
    engines.dispose()
    with pytest.raises(StoreError) as refused:
        read_log(copy, key, [])
    assert refused.value.reason == "log-damaged"

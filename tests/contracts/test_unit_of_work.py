"""The contract of `ports.Store` and `ports.Tx` as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, text

from contracts.records import (
    EPOCH,
    NOW,
    QUEUE,
    US,
    accept,
    arrived,
    digest,
    dispatch,
    envelope_id,
    received_line,
    sent_line,
    statement,
    wrap,
)
from tracepost.node.adapters.sql.migration import migrate
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.adapters.sql.tables import METADATA, SETTING
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import NumberRun
from tracepost.protocol.errors import BusyError, ConfigurationError, NotFoundError, StoreError
from tracepost.protocol.evidence import LogKey, LogVerifier, Received, verify_proof
from tracepost.serving.storage.engine import open_engines
from tracepost.serving.storage.rows import upsert_rows


def fail_after(tx: Tx) -> None:
    dispatch(tx, [1, 2])
    raise NotFoundError("changed my mind")


async def test_what_one_write_does_is_kept_together(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1, 2, 3]))
    found = await store.read(lambda tx: tx.inbox.find([envelope_id(1), envelope_id(3)]))
    assert found.keys() == {envelope_id(1), envelope_id(3)}
    assert store.evidence.head.size == 3


async def test_a_head_is_given_to_who_keeps_it_before_anybody_sees_it(store: Store) -> None:
    given: list[tuple[str, int]] = []
    await store.write(lambda tx: accept(tx, [1, 2, 3]))
    first = store.evidence.head
    store.evidence.call_before_showing(lambda note: given.append((note, store.evidence.head.size)))
    await store.write(lambda tx: accept(tx, [4, 5]))
    assert given == [(first.note, 3), (store.evidence.head.note, 3)]
    assert store.evidence.head.size == 5


async def test_a_write_that_fails_leaves_no_row_no_number_and_no_log_entry(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.write(fail_after)
    assert await store.read(lambda tx: tx.dispatches.find([envelope_id(1)])) == {}
    assert store.evidence.head.size == 0
    assert await store.write(lambda tx: tx.outbox.take_numbers(QUEUE, 1)) == NumberRun(1, 1)


async def test_many_writers_at_once_get_different_numbers_and_places(store: Store) -> None:
    def job(number: int) -> Any:
        return lambda tx: (tx.outbox.take_numbers(QUEUE, 1), tx.log.append([sent_line(number)]))

    answers = await asyncio.gather(*(store.write(job(number)) for number in range(100)))
    assert sorted(run.first for run, _ in answers) == list(range(1, 101))
    assert sorted(places[0] for _, places in answers) == list(range(100))


async def test_a_job_that_fails_among_others_takes_only_its_own_with_it(store: Store) -> None:
    writes = [store.write(partial(dispatch, numbers=[number])) for number in range(10, 20)]
    answers = await asyncio.gather(*writes, store.write(fail_after), return_exceptions=True)
    assert sum(isinstance(answer, NotFoundError) for answer in answers) == 1
    mails = await store.read(lambda tx: tx.outbox.waiting(QUEUE, (0, 0), NOW, 256, 1 << 20))
    assert [mail.seq for mail in mails] == list(range(1, 11))
    assert store.evidence.head.size == 10


async def test_reads_run_beside_writes_and_see_none_half(store: Store) -> None:
    def count(tx: Tx) -> tuple[int, int]:
        pair = [envelope_id(number) for number in range(60)]
        return len(tx.inbox.find(pair)), len(tx.bodies.load(pair))

    writes = [store.write(partial(accept, numbers=[first, first + 1])) for first in range(0, 60, 2)]
    reads = [store.read(count) for _ in range(30)]
    await asyncio.gather(*writes)
    for mails, bodies in await asyncio.gather(*reads):
        assert mails == bodies
        assert mails % 2 == 0
    assert await store.read(count) == (60, 60)


async def test_a_reading_job_can_neither_write_nor_append(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.read(lambda tx: tx.settings.put("a", b"b"))
    with pytest.raises(StoreError):
        await store.read(lambda tx: tx.log.append([sent_line(1)]))
    assert store.evidence.head.size == 0
    await store.write(lambda tx: tx.settings.put("a", b"c"))


async def test_mail_or_wraps_without_their_statement_are_not_kept(store: Store) -> None:
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.inbox.accept([arrived(1)]))
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.wraps.keep([wrap(1)], [EPOCH], NOW))
    assert await store.read(lambda tx: tx.inbox.find([envelope_id(1)])) == {}


async def test_a_statement_may_come_after_its_mail_in_the_same_unit_of_work(store: Store) -> None:
    def job(tx: Tx) -> None:
        tx.wraps.keep([wrap(2), wrap(1)], [EPOCH], NOW)
        tx.inbox.accept([arrived(1), arrived(2)])
        tx.statements.admit([statement(3), statement(1), statement(2)])

    await store.write(job)
    found = await store.read(lambda tx: tx.inbox.of_statements([digest(2)]))
    assert [mail.id for mail in found] == [envelope_id(2)]
    wraps = await store.read(lambda tx: tx.wraps.of(wrap(1).desk, [digest(1), digest(2), digest(3)]))
    assert set(wraps) == {wrap(1), wrap(2)}


async def test_proofs_of_what_was_kept_verify(store: Store, key: LogKey) -> None:
    await store.write(lambda tx: accept(tx, list(range(40))))
    proofs = store.evidence.prove([(number, received_line(number)) for number in range(40)])
    proved = [verify_proof(proof, LogVerifier([key.vkey])) for proof in proofs]
    assert [item.index for item in proved] == list(range(40))
    entries = [item.entry for item in proved]
    assert [entry.id for entry in entries if isinstance(entry, Received)] == list(map(envelope_id, range(40)))
    lines = await store.read(lambda tx: tx.log.lines([3, 7, 99]))
    assert lines == {3: received_line(3), 7: received_line(7)}


async def test_after_closing_nothing_is_taken(url: str, key: LogKey) -> None:
    store = await open_store(url, key)
    await store.close()
    with pytest.raises(BusyError):
        await store.write(lambda tx: tx.settings.put("a", b"b"))


async def test_a_frame_of_any_length_costs_a_few_statements(store: SqlStore) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        statements.append(sql)

    event.listen(store._engines.writer, "before_cursor_execute", note)
    costs = []
    for first, count in ((0, 16), (1000, 64), (2000, 256)):
        statements.clear()
        await store.write(partial(accept, numbers=range(first, first + count)))
        costs.append(len(statements))
    assert max(costs) < 25, statements


# --- opening


def test_a_connection_that_is_in_use_when_the_store_closes_is_closed_when_it_comes_back(
    lasting_url: str,
) -> None:
    engines = open_engines(lasting_url)
    assert engines.readers is not None
    late = engines.readers.connect()
    driver = late.connection.driver_connection
    assert driver is not None
    engines.dispose()
    late.execute(text("SELECT 1"))
    late.close()
    with pytest.raises(engines.readers.dialect.loaded_dbapi.Error):
        driver.cursor()


async def test_what_was_kept_is_there_after_a_restart(lasting_url: str, key: LogKey) -> None:
    url = lasting_url
    store = await open_store(url, key)
    await store.write(lambda tx: dispatch(tx, [1, 2]))
    head = store.evidence.head
    await store.close()
    again = await open_store(url, key)
    assert again.evidence.head == head
    assert len(await again.read(lambda tx: tx.outbox.waiting(QUEUE, (0, 0), NOW, 10, 1 << 20))) == 2
    assert await again.write(lambda tx: tx.outbox.take_numbers(QUEUE, 1)) == NumberRun(1, 3)
    await again.close()


def test_the_migrations_make_the_tables_that_the_store_uses(url: str) -> None:
    engines = open_engines(url)
    for _ in range(2):
        migrate(engines.writer)
    with engines.writer.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engines.dispose()
    assert differences == []


def test_a_database_of_a_newer_version_is_not_opened(url: str) -> None:
    engines = open_engines(url)
    migrate(engines.writer)
    with engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        upsert_rows(connection, SETTING, [("schema-floor", b"9999")])
    with pytest.raises(ConfigurationError, match="newer version"):
        migrate(engines.writer)
    engines.dispose()


async def test_a_file_that_is_no_database_is_not_opened(tmp_path: Path, key: LogKey) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"not a database at all" * 400)
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{path}", key)


@pytest.mark.parametrize(
    "url", ["mysql://localhost/x", "no address", "sqlite:////nowhere/at/all/store.sqlite"]
)
async def test_other_databases_and_places_are_refused(url: str, key: LogKey) -> None:
    with pytest.raises(ConfigurationError):
        await open_store(url, key)


async def test_errors_name_no_value(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1, iss=US)]))
    await store.write(lambda tx: tx.inbox.accept([arrived(1)]))
    with pytest.raises(StoreError) as caught:
        await store.write(lambda tx: tx.inbox.accept([arrived(1)]))
    assert "proof" not in f"{caught.value!r}{caught.value.__cause__}"


async def test_of_jobs_that_share_a_transaction_only_that_fails_which_says_a_key_again(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1, iss=US)]))
    await store.write(lambda tx: tx.inbox.accept([arrived(1)]))

    def say(name: str, again: bool) -> Callable[[Tx], None]:
        def job(tx: Tx) -> None:
            tx.audit.append([AuditEvent(NOW, "node", "test", name, "ok")])
            if again:
                tx.inbox.accept([arrived(1)])

        return job

    names = [f"job-{number}" for number in range(9)]
    done = await asyncio.gather(
        *(store.write(say(name, number % 3 == 1)) for number, name in enumerate(names)),
        return_exceptions=True,
    )
    assert [isinstance(one, StoreError) for one in done] == [number % 3 == 1 for number in range(9)]
    kept = await store.read(lambda tx: tx.audit.about(names))
    assert [one.event.subject for one in kept] == [n for number, n in enumerate(names) if number % 3 != 1]

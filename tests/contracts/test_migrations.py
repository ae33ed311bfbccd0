"""An upgrade does not stop the service: what a step may change, and old code on the new tables."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url

from contracts.records import NOW, QUEUE, accept, digest, dispatch, envelope_id
from fakes.postgres import Databases, connect
from fakes.town import until
from tracepost.node.adapters.sql import migration
from tracepost.node.adapters.sql.migration import Step, all_steps, migrate, open_up_to_date
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.node.records.statements import SealedParts
from tracepost.protocol.errors import BusyError, ConfigurationError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.ids import EnvelopeId
from tracepost.serving.storage.engine import Engines, open_engines

ROOT = Path(__file__).parents[2]
VERSIONS = "node/tracepost/node/adapters/sql/migrations/versions"

# The version before, on tables of this one: it writes and reads all that a node does with mail.
OLD = """
import asyncio, sys
from contracts.records import NOW, QUEUE, accept, dispatch, envelope_id
from tracepost.node.adapters.sql import store as sql
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.ids import EnvelopeId

# Versions before the first that knew of steps refuse every table they do not know; their code is what is meant.
if not hasattr(sql, "open_up_to_date"):
    sql.migrate = lambda engine: None

async def main():
    store = await sql.open_store(sys.argv[1], LogKey.from_skey(sys.argv[2]))
    await store.write(lambda tx: accept(tx, range(3)))
    await store.write(lambda tx: dispatch(tx, range(1000, 1003)))
    found = await store.read(lambda tx: tx.inbox.find([envelope_id(n) for n in range(103)]))
    mails = await store.read(lambda tx: tx.outbox.waiting(QUEUE, (0, 0), NOW, 99, 1 << 20))
    print(len(found), len(mails), store.evidence.head.size)
    await store.close()

asyncio.run(main())
"""


@pytest.fixture
def bare(databases: Databases) -> Iterator[str]:
    """A database without tables."""
    url = databases.create()
    yield url
    databases.drop(url)


@pytest.fixture
def engines(bare: str) -> Iterator[Engines]:
    engines = open_engines(bare)
    yield engines
    engines.dispose()


def describe(connection: Connection) -> dict[str, Any]:
    """Return tables with their columns and what must be unique in them."""
    found = inspect(connection)
    return {
        name: (
            {one["name"]: one for one in found.get_columns(name)},
            sorted(str(one["column_names"]) for one in found.get_unique_constraints(name))
            + sorted(str(one["column_names"]) for one in found.get_indexes(name) if one["unique"]),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def losses(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield what a version that knows the tables of `before` cannot do with those of `after`."""
    for table, (columns, unique) in before.items():
        if table not in after:
            yield f"table {table} is gone"
            continue
        for name, one in columns.items():
            other = after[table][0].get(name)
            if other is None or str(other["type"]) != str(one["type"]) or other["nullable"] < one["nullable"]:
                yield f"{table}.{name} is another"
        for name, one in after[table][0].items():
            if name not in columns and not one["nullable"] and one["default"] is None:
                yield f"{table}.{name} must be given"
        if unique != after[table][1]:
            yield f"what is unique in {table} is other than before"


def test_no_step_takes_anything_away_that_is_not_called_a_post_step(engines: Engines) -> None:
    """Step by step on PostgreSQL: a pre step adds, and what it adds needs not be given."""
    with engines.writer.begin() as connection:
        before: dict[str, Any] = {}
        for step in all_steps():
            migration._upgrade(connection, [step])
            after = describe(connection)
            if not step.is_post:
                assert list(losses(before, after)) == [], step.number
            before = after


def test_a_step_that_takes_something_away_is_seen(engines: Engines) -> None:
    migrate(engines.writer)
    with engines.writer.begin() as connection:
        before = describe(connection)
        connection.exec_driver_sql("ALTER TABLE address DROP COLUMN entry")
        connection.exec_driver_sql("ALTER TABLE pouch ADD COLUMN colour text NOT NULL DEFAULT ''")
        connection.exec_driver_sql("ALTER TABLE pouch ADD COLUMN size text NOT NULL")
        connection.exec_driver_sql("DROP TABLE lease")
        found = set(losses(before, describe(connection)))
        connection.rollback()
    assert found == {"address.entry is another", "pouch.size must be given", "table lease is gone"}


def test_the_version_before_works_on_these_tables_beside_this_one(
    bare: str, engines: Engines, key: LogKey, tmp_path: Path
) -> None:
    """The code of the commit before the newest step, on the tables of this one, in turn with this code."""
    old = _check_out(_commit_before_newest_step(), tmp_path / "old")
    with engines.writer.begin() as connection:  # a database that the version before has made
        migration._upgrade(connection, all_steps()[:-1])
    migrate(engines.writer)

    async def here(first: int) -> None:
        store = await open_store(bare, key)
        await store.write(lambda tx: accept(tx, range(100, 103)))
        await store.write(lambda tx: dispatch(tx, range(first, first + 3)))
        await store.close()

    asyncio.run(here(2000))
    path = os.pathsep.join(str(old / part) for part in ("proto", "node", "tests"))
    done = subprocess.run(
        [sys.executable, "-c", OLD, bare, key.to_skey()],
        env=os.environ | {"PYTHONPATH": path},
        cwd=old,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == ["6", "6", "12"]

    async def again() -> None:
        store = await open_store(bare, key)
        assert store.evidence.head.size == 12
        ids = [envelope_id(number) for number in (*range(3), *range(100, 103))]
        assert len(await store.read(lambda tx: tx.inbox.find(ids))) == 6
        mails = await store.read(lambda tx: tx.outbox.waiting(QUEUE, (0, 0), NOW, 99, 1 << 20))
        assert [mail.seq for mail in mails] == list(range(1, 7))
        assert await store.read(lambda tx: list(tx.statements.find([digest(1001)])))
        await store.close()

    asyncio.run(again())


def _commit_before_newest_step() -> str:
    newest = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", VERSIONS).strip()
    assert newest, "the history is needed, to test the version before"
    return f"{newest}^"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _check_out(commit: str, folder: Path) -> Path:
    command_ = ["git", "archive", "--format=tar", commit, "proto", "node", "tests/contracts", "tests/fakes"]
    done = subprocess.run(command_, cwd=ROOT, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_a_database_that_this_version_makes_keeps_ends_apart_and_is_none_for_older_ones(
    bare: str, engines: Engines, key: LogKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, parts = envelope_id(1), SealedParts(b"", bytes(4000), bytes(1996), b"")

    async def keep(store: SqlStore, own: EnvelopeId) -> None:
        await store.write(lambda tx: tx.bodies.keep({own: parts}))
        assert (await store.read(lambda tx: tx.bodies.load([own])))[own] == parts
        await store.write(lambda tx: tx.bodies.empty([own]))
        assert not (await store.read(lambda tx: tx.bodies.load([own])))[own].slots

    async def write_and_read() -> None:
        for time in range(2):  # the second time the database is there already
            store = await open_store(bare, key)
            if not time:
                await store.write(lambda tx: dispatch(tx, [1], size=7000))
            [mail] = await store.read(lambda tx: tx.outbox.load([one]))
            assert (mail.slots, mail.body) == (b"slots", bytes(7000))
            assert (await store.read(lambda tx: tx.bodies.covers([one])))[one].slots == b"slots"
            assert (await store.read(lambda tx: tx.bodies.load([one])))[one].body == bytes(7000)
            await keep(store, envelope_id(2 + time))
            await store.close()

    asyncio.run(write_and_read())
    with engines.writer.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT length(body), length(body_end), slots_end FROM body ORDER BY number"
        )
        assert tuple(rows.first() or ()) == (3 * 1996, 1012, None)
    older = [step for step in all_steps() if step.number < "0021"]
    monkeypatch.setattr(migration, "all_steps", lambda: older)
    with pytest.raises(ConfigurationError) as caught:
        open_up_to_date(engines.writer)
    assert caught.value.reason == "schema-too-new"


# --- the order of an upgrade


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Step]:
    """This program as its next version: one step that adds a table, and then one that takes one away."""
    folder = tmp_path / "migrations"
    shutil.copytree(migration._FOLDER, folder)
    newest = all_steps()[-1].number
    for number, name, work in (
        ("9001", "colours", 'op.create_table("colour", sa.Column("name", sa.String(), primary_key=True))'),
        ("9002", "post_addresses", 'op.drop_table("address")'),
    ):
        text = f'import sqlalchemy as sa\nfrom alembic import op\nrevision = "{number}"\n'
        text += f'down_revision = "{newest}"\ndef upgrade():\n    {work}\n'
        (folder / "versions" / f"{number}_{name}.py").write_text(text)
        newest = number
    monkeypatch.setattr(migration, "_FOLDER", folder)
    return all_steps()


def test_a_program_opens_a_database_only_with_the_steps_that_it_needs(
    engines: Engines, next_version: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = migration._FOLDER, Path(migration.__file__).parent / "migrations"
    monkeypatch.setattr(migration, "_FOLDER", there)
    open_up_to_date(engines.writer)  # an empty one is filled
    monkeypatch.setattr(migration, "_FOLDER", here)
    with pytest.raises(ConfigurationError, match="lacks steps") as caught:
        open_up_to_date(engines.writer)
    assert caught.value.reason == "schema-too-old"
    assert "--pre" in caught.value.what_to_do
    with pytest.raises(ConfigurationError, match="other kind come first"):
        migrate(engines.writer, pre=False)
    assert migrate(engines.writer, post=False) == ["9001"]
    open_up_to_date(engines.writer)
    monkeypatch.setattr(migration, "_FOLDER", there)
    open_up_to_date(engines.writer)  # what was added does not disturb the version before
    monkeypatch.setattr(migration, "_FOLDER", here)
    assert migrate(engines.writer, pre=False) == ["9002"]
    open_up_to_date(engines.writer)
    monkeypatch.setattr(migration, "_FOLDER", there)
    with pytest.raises(ConfigurationError, match="newer version") as caught:
        open_up_to_date(engines.writer)
    assert caught.value.reason == "schema-too-new"


def test_an_empty_database_is_filled_whichever_kind_of_steps_is_asked_for(
    engines: Engines, next_version: list[Step]
) -> None:
    assert migrate(engines.writer, post=False) == [step.number for step in next_version]
    open_up_to_date(engines.writer)


def test_a_post_step_waits_until_no_older_version_is_connected(
    bare: str, engines: Engines, next_version: list[Step]
) -> None:
    with pytest.MonkeyPatch.context() as here:
        here.setattr(migration, "_FOLDER", Path(migration.__file__).parent / "migrations")
        migrate(engines.writer)
    migrate(engines.writer, post=False)
    older = open_engines(bare, "tracepost schema 0016")
    with older.writer.connect(), pytest.raises(BusyError, match="older version"):
        migrate(engines.writer)
    older.dispose()
    asyncio.run(
        until(lambda: _count_others(bare) == 1, "the server to notice that the older version has gone")
    )
    assert migrate(engines.writer) == ["9002"]


def _count_others(url: str) -> object:
    """Return how many of our processes are connected to a database: here, this one."""
    with connect(make_url(url)) as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> ''"
        return connection.execute(asked).fetchall()[0][0]


def test_a_file_is_brought_up_to_date_by_the_one_process_that_opens_it(
    tmp_path: Path, next_version: list[Step]
) -> None:
    engines = open_engines(f"sqlite:///{tmp_path / 'store.sqlite'}")
    for _ in range(2):
        open_up_to_date(engines.writer)
    with engines.writer.connect() as connection:
        assert migration._read_version(connection) == "9002"
    engines.dispose()

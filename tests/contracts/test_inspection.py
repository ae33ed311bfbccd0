"""A flipped bit in a log that is at rest is found by who reads it again, on each kind of store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, create_engine, select, update

from fakes.postgres import Databases
from tracepost.protocol.errors import StoreError
from tracepost.protocol.evidence import LogKey, Origin, generate_log_key, prepare_line
from tracepost.protocol.ids import MemberId
from tracepost.relay.store import RelayStore
from tracepost.relay.tables import LOG
from tracepost.serving.log_keys import first_entry
from tracepost.serving.storage.inspection import ROUND_IN, Inspection, Tile
from tracepost.serving.telemetry import Meter

SIZE = 600
TILES = 4  # three of hashes of entries, one of hashes of the two full ones


@pytest.fixture(scope="module")
def key() -> LogKey:
    return generate_log_key(Origin(MemberId("hub"), "tracepost.example", 1))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, key: LogKey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A log of some tiles."""
    databases: Databases | None = None
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path_factory.mktemp('log') / 'store.sqlite'}"
    else:
        databases = request.getfixturevalue("databases")
        made = databases.create()
    with closing(RelayStore.open(made, key)) as store:

        def fill(connection: Connection) -> None:
            line = first_entry("", 1)
            store.log.append(connection, [prepare_line(line, os.urandom) for _ in range(SIZE)])

        asyncio.run(store.write(fill, label="fill"))
    yield made
    if databases is not None:
        databases.drop(made)


def look_everywhere(store: RelayStore) -> Inspection:
    inspection = Inspection(store.log, lambda below: below - 1)
    for _ in range(ROUND_IN):
        inspection.look()
    return inspection


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_whole_log_is_read_in_a_round_and_nothing_is_found(url: str, key: LogKey) -> None:
    with closing(RelayStore.open(url, key)) as store:
        inspection = look_everywhere(store)
    assert inspection.looked_at >= TILES
    assert inspection.damaged == {}


@pytest.mark.parametrize(
    ("column", "where", "found"),
    [
        ("entry.preimage", {"number": 300}, {Tile(0, 1): "entries-differ"}),
        ("block.hashes", {"level": 0, "block": 2}, {Tile(0, 2): "entries-differ"}),
        (
            "block.hashes",
            {"level": 0, "block": 0},
            {Tile(0, 0): "entries-differ", Tile(1, 0): "hashes-differ"},
        ),
        (
            "block.hashes",
            {"level": 1, "block": 0},
            {Tile(0, 2): "root-differs", Tile(1, 0): "hashes-differ"},
        ),
    ],
    ids=["entry", "last tile", "first tile", "tile above"],
)
def test_a_flipped_bit_is_found_told_and_gone_when_it_is_mended(
    url: str, key: LogKey, column: str, where: dict[str, int], found: dict[Tile, str]
) -> None:
    meter = Meter("relay")
    with closing(RelayStore.open(url, key)) as store:  # it was whole when the daemon started
        table, _, column = column.partition(".")
        place = getattr(LOG, table)
        condition = [place.c[name] == value for name, value in where.items()]
        engine = create_engine(url)
        with engine.begin() as connection:
            whole = bytes(connection.execute(select(place.c[column]).where(*condition)).scalar_one())
            connection.execute(
                update(place).where(*condition).values({column: flipped(whole, len(whole) // 2)})
            )
        inspection = look_everywhere(store)
        inspection.show(meter)
        assert inspection.damaged == found
        assert _shown(meter.registry) == len(found)
        with engine.begin() as connection:
            connection.execute(update(place).where(*condition).values({column: whole}))
        engine.dispose()
        for _ in range(TILES):
            inspection.look()
        assert inspection.damaged == {}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "column"), [("log_entry", "preimage"), ("log_entry", "salt"), ("log_block", "hashes")]
)
def test_a_flipped_bit_that_makes_a_text_of_bytes_is_told_and_ends_nothing(
    url: str, key: LogKey, table: str, column: str
) -> None:
    """One bit in the head of a row of SQLite does that; PostgreSQL has the type in the table."""
    with closing(RelayStore.open(url, key)) as store:
        engine = create_engine(url)
        with engine.begin() as connection:
            kept = connection.exec_driver_sql(f"SELECT rowid, {column} FROM {table} WHERE rowid = 2").one()
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = 'text' WHERE rowid = 2")
        assert "unreadable" in look_everywhere(store).damaged.values()
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = ? WHERE rowid = 2", (kept[1],))
        engine.dispose()
        assert look_everywhere(store).damaged == {}


def test_a_store_that_is_away_for_a_moment_is_no_damage(
    url: str, key: LogKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(RelayStore.open(url, key)) as store:
        inspection, read_block = Inspection(store.log, lambda _: 0), store.log.read_block
        monkeypatch.setattr(store.log, "read_block", _away)
        inspection.look()
        assert inspection.damaged == {}
        inspection.look()
        assert inspection.damaged == {Tile(0, 0): "unreadable"}, "an hour later it is"
        monkeypatch.setattr(store.log, "read_block", read_block)
        inspection.look()
        assert inspection.damaged == {}, "and it is known at once that it is over"


def _away(_level: int, _index: int) -> bytes:
    raise StoreError


def _shown(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("tracepost_relay_log_tiles_damaged")

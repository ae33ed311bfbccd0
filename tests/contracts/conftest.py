"""Every test in this folder runs on each database that a node may have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from contracts.records import US
from fakes.postgres import Databases
from tracepost.node.adapters.sql.migration import migrate
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.protocol.evidence import LogKey, Origin, generate_log_key
from tracepost.serving.storage.engine import open_engines


@pytest.fixture
def key() -> LogKey:
    return generate_log_key(Origin(US, "tracepost.example", 1))


@pytest.fixture(params=["sqlite-file", "sqlite-memory", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from make_store(request, tmp_path)


@pytest.fixture(params=["sqlite-file", "postgresql"])
def lasting_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store that outlives its process."""
    yield from make_store(request, tmp_path)


@pytest.fixture
async def store(url: str, key: LogKey) -> AsyncIterator[SqlStore]:
    store = await open_store(url, key)
    yield store
    await store.close()


def make_store(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """Yield the address of a store that is empty."""
    if request.param == "postgresql":
        databases: Databases = request.getfixturevalue("databases")
        url = databases.create("node", update)
        yield url
        databases.drop(url)
    else:
        yield "sqlite://" if request.param == "sqlite-memory" else f"sqlite:///{folder / 'store.sqlite'}"


def update(url: str) -> None:
    """Bring a database to the tables of a node."""
    engines = open_engines(url)
    migrate(engines.writer)
    engines.dispose()

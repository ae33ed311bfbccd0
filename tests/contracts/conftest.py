"""Every test in this folder runs on each database that a node may have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.records import US
from tracepost.node.adapters.sql.store import SqlStore, open_store
from tracepost.protocol.evidence import LogKey, Origin, generate_log_key


@pytest.fixture
def key() -> LogKey:
    return generate_log_key(Origin(US, "tracepost.example", 1))


@pytest.fixture(params=["sqlite-file", "sqlite-memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "sqlite://" if request.param == "sqlite-memory" else f"sqlite:///{tmp_path / 'store.sqlite'}"


@pytest.fixture
async def store(url: str, key: LogKey) -> AsyncIterator[SqlStore]:
    store = await open_store(url, key)
    yield store
    await store.close()

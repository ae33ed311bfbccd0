"""Waiting for receipts by looking into the store of the node that keeps them."""

from __future__ import annotations

import asyncio
import time
from sqlite3 import Connection
from typing import Self

from bench.network import Node

_POLL_SECONDS = 0.0002
_PATIENCE_SECONDS = 120.0


class Receipts:
    """Counts the receipts that a node keeps: a receipt here is a stored case there."""

    def __init__(self, store: Connection, poll_seconds: float = _POLL_SECONDS) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._before = self._count()

    @classmethod
    def of(cls, node: Node) -> Self:
        """Return what counts the receipts that `node` keeps from now on."""
        return cls(node.open_store())

    async def wait(self, count: int) -> None:
        """Wait until so many more are kept than at the beginning."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while self._count() < self._before + count:
            assert time.monotonic() < ends, "the receipts do not come"
            await asyncio.sleep(self._poll_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def _count(self) -> int:
        # Rows are only ever added, so the last one's number is their count, found without counting.
        return int(self._store.execute("SELECT coalesce(max(rowid), 0) FROM receipt").fetchone()[0])

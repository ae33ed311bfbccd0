"""What a message takes in the store of each end, its receipt and its part of the evidence log with it.

Two real nodes; stores are measured after some messages and again after many more, so that what a store takes when it is
new does not count. SQLite: pages in use after a checkpoint. PostgreSQL: tables with their indexes and what is kept
outside their rows; its write-ahead log, which comes and goes, is left out.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from bench.network import RECEIVING, SENDING, Network, open_network
from bench.operations import weigh_envelope
from bench.rows import CannotRunError, Measured, Part, Row, Run
from bench.workload import make_draft
from fakes.postgres import NoPostgresError, serve
from fakes.town import Town, until

_MESSAGES = 1_500
_FEWER = 5
_POSTGRESQL: Final = (
    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


async def measure(run: Run) -> Measured:
    """Return bytes stored per message at both ends, on both stores, and how they stand to the envelope."""
    count = run.share(_MESSAGES)
    envelope = await weigh_envelope(run.folder / "envelope")
    figures: dict[str, float] = {"stored_envelope_bytes": envelope}
    async with open_network(run.folder / "sqlite") as network:
        figures |= await _grow(network, count, "sqlite", envelope)
    try:
        with serve() as databases:
            stores = {member: databases.create() for member in (SENDING, RECEIVING)}
            async with open_network(run.folder / "postgresql", stores) as network:
                figures |= await _grow(network, count, "postgresql", envelope)
            for url in stores.values():
                databases.drop(url)
    except NoPostgresError as error:
        raise CannotRunError(str(error)) from error
    return Measured(figures)


async def _grow(network: Network, count: int, store: str, envelope: int) -> dict[str, float]:
    """Send some messages, then many more; return by how much each store grew for one of these."""
    await _send(network, 0, count // _FEWER)
    before = [_size(network.town, member) for member in (SENDING, RECEIVING)]
    await _send(network, count // _FEWER, count)
    after = [_size(network.town, member) for member in (SENDING, RECEIVING)]
    sender, receiver = ((large - small) / count for small, large in zip(before, after, strict=True))
    return {
        f"stored_{store}_sender_bytes": sender,
        f"stored_{store}_receiver_bytes": receiver,
        f"stored_{store}_sender_ratio": sender / envelope,
        f"stored_{store}_receiver_ratio": receiver / envelope,
    }


async def _send(network: Network, first: int, count: int) -> None:
    before = _receipts(network.town)
    drafts = [make_draft(number, RECEIVING) for number in range(first, first + count)]
    async for answer in network.sending.client.submit_many(drafts):
        assert not answer.HasField("problem"), answer.problem
    await until(partial(_all_came, network.town, before + count), "the receipts")


def _all_came(town: Town, count: int) -> bool:
    return _receipts(town) >= count


def _receipts(town: Town) -> int:
    [(count,)] = town.ask(SENDING, "SELECT count(*) FROM receipt")
    return int(count)


def _size(town: Town, member: str) -> int:
    if town.residents[member].store:
        [(size,)] = town.ask(member, _POSTGRESQL)
        return int(size)
    return _size_of_file(town.place(member) / "store.sqlite")


def _size_of_file(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=10)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size, pages, free = (
            int(store.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_size", "page_count", "freelist_count")
        )
    return size * (pages - free)


PART = Part(
    "storage",
    "growth of the stores of two real nodes per message: sealed parts, rows, receipts, evidence log",
    seconds=50,
    measure=measure,
    rows=(
        Row("stored_envelope_bytes", "envelope (bytes)"),
        Row("stored_sqlite_sender_bytes", "SQLite, sender: a message takes (bytes)"),
        Row("stored_sqlite_sender_ratio", "  to the envelope", "≤ 1.5"),
        Row("stored_sqlite_receiver_bytes", "SQLite, receiver (bytes)"),
        Row("stored_sqlite_receiver_ratio", "  to the envelope", "≤ 1.5"),
        Row("stored_postgresql_sender_bytes", "PostgreSQL, sender (bytes)"),
        Row("stored_postgresql_sender_ratio", "  to the envelope", "≤ 1.5"),
        Row("stored_postgresql_receiver_bytes", "PostgreSQL, receiver (bytes)"),
        Row("stored_postgresql_receiver_ratio", "  to the envelope", "≤ 1.5"),
    ),
)

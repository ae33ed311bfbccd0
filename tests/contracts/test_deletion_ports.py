"""The contracts of `ports.Enclosures` and `Tombstones`, and of what is destroyed in other ports."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from contracts.records import NOW, POC, THEM, digest, name, statement, thread, together, wrap
from tracepost.node.ports.store import Store
from tracepost.node.records.statements import Direction, SealedParts, Tombstone
from tracepost.protocol.ids import EnvelopeId


def tombstone(number: int, **changes: str) -> Tombstone:
    made = Tombstone(digest(number), THEM, f"jti-{number}", "share/1", thread(1), NOW, "officer-7", "why", 3)
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_a_statement_stands_in_all_that_enclose_it(store: Store) -> None:
    kept = {digest(1): {digest(2), digest(3)}, digest(4): {digest(2)}}
    for _ in range(2):
        await store.write(lambda tx: tx.enclosures.keep(kept))
    found = await store.read(lambda tx: tx.enclosures.carriers([digest(2), digest(3), digest(9)]))
    assert {one: set(some) for one, some in found.items()} == {
        digest(2): {digest(1), digest(4)},
        digest(3): {digest(1)},
    }


async def test_the_first_word_on_a_deletion_stays(store: Store) -> None:
    await store.write(lambda tx: tx.tombstones.keep([tombstone(1)]))
    await store.write(lambda tx: tx.tombstones.keep([tombstone(1, reason="another"), tombstone(2)]))
    found = await store.read(lambda tx: tx.tombstones.find([digest(1), digest(2), digest(3)]))
    assert found == {digest(1): tombstone(1), digest(2): tombstone(2)}


async def test_who_is_owed_word_is_listed_until_it_is_given(store: Store) -> None:
    await store.write(lambda tx: tx.tombstones.keep([tombstone(1, owed_to="xaa"), tombstone(2)]))
    assert [one.owed_to for one in await store.read(lambda tx: tx.tombstones.unsettled())] == ["xaa"]
    for _ in range(2):
        await store.write(lambda tx: tx.tombstones.settle([digest(1)]))
    assert await store.read(lambda tx: tx.tombstones.unsettled()) == []


async def test_what_is_overdue_is_told_until_it_is_deleted(store: Store) -> None:
    days = {digest(1): "2030-01-02", digest(2): "2030-01-01", digest(3): "2030-01-03"}
    await store.write(lambda tx: tx.tombstones.keep_until(days))
    await store.write(lambda tx: tx.tombstones.keep_until({digest(1): "2040-01-01"}))
    overdue = await store.read(lambda tx: tx.tombstones.overdue("2030-01-03", 10))
    assert overdue == [digest(2), digest(1)]
    assert await store.read(lambda tx: tx.tombstones.overdue("2030-01-03", 1)) == [digest(2)]
    await store.write(lambda tx: tx.tombstones.keep([tombstone(2)]))
    assert await store.read(lambda tx: tx.tombstones.overdue("2030-01-03", 10)) == [digest(1)]


async def test_a_body_is_emptied_and_its_cover_stays(store: Store) -> None:
    one, other = EnvelopeId(name("body", 1)), EnvelopeId(name("body", 2))
    parts = SealedParts(b"header", b"slots", b"body", b"proof")
    await store.write(lambda tx: tx.bodies.keep({one: parts, other: parts}))
    for _ in range(2):
        await store.write(lambda tx: tx.bodies.empty([one, EnvelopeId(name("body", 9))]))
    found = await store.read(lambda tx: tx.bodies.load([one, other]))
    assert found == {one: SealedParts(b"header", b"", b"", b"proof"), other: parts}


async def test_what_the_daemon_had_read_is_replaced(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1), statement(2)]))
    await store.write(lambda tx: tx.statements.strip({digest(1): b"{}"}))
    found = await store.read(lambda tx: tx.statements.find([digest(1), digest(2)]))
    assert found == {digest(1): replace(statement(1), admin_json=b"{}"), digest(2): statement(2)}


async def test_the_bodies_that_wraps_open_are_named(store: Store) -> None:
    ours = replace(statement(2), direction=Direction.OURS)
    await store.write(
        together(
            lambda tx: tx.statements.admit([statement(1), ours]),
            lambda tx: tx.wraps.keep([wrap(1), replace(wrap(2), envelope_id=None)], [], NOW),
        )
    )
    named = await store.read(lambda tx: tx.wraps.bodies_of([digest(1), digest(2)]))
    assert named == [wrap(1).envelope_id]
    assert await store.read(lambda tx: tx.wraps.of(POC, [digest(1)])) != []


async def test_a_store_that_nobody_reads_is_scrubbed(store: Store) -> None:
    for _ in range(600):  # PostgreSQL may be looking after its tables just then
        if await store.scrub():
            return
        await asyncio.sleep(0.1)
    pytest.fail("somebody reads it all the time")

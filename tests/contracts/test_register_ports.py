"""Extracts of the State's own records: one takes the place of another, all of it or nothing."""

from __future__ import annotations

from contracts.records import NODE, NOW, POC
from tracepost.node.adapters.sql.store import SqlStore as Store
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import RegisterInForce, RegisterRecord
from tracepost.protocol.ids import DeskId


def record(number: int, generation: int = 1, source: str = "stock", desk: DeskId = POC) -> RegisterRecord:
    hashes = (b"h%d" % number, b"all")
    return RegisterRecord(desk, source, generation, number, b"sealed %d" % number, hashes)


def register(generation: int = 1, source: str = "stock", desk: DeskId = POC) -> RegisterInForce:
    return RegisterInForce(desk, source, generation, 2, NOW, "officer-7", b"mac", b"e" * 16, b"wrap")


def keep(tx: Tx, generation: int = 1, source: str = "stock", desk: DeskId = POC) -> None:
    tx.registers.keep([record(n, generation, source, desk) for n in (1, 2)])
    tx.registers.put_in_force(register(generation, source, desk))


async def found(store: Store, *hashes: bytes, desk: DeskId = POC) -> list[tuple[str, int, int, bytes]]:
    records = await store.read(lambda tx: tx.registers.find(desk, hashes))
    assert all(not one.keyed_hashes for one in records)
    return [(one.source, one.generation, one.number, one.sealed) for one in records]


async def test_records_in_force_are_found_by_their_desk(store: Store) -> None:
    await store.write(keep)
    await store.write(lambda tx: keep(tx, desk=NODE))
    assert await found(store, b"h1", b"h9") == [("stock", 1, 1, b"sealed 1")]
    assert len(await found(store, b"all")) == 2
    assert await store.read(lambda tx: tx.registers.in_force(POC)) == [register()]


async def test_what_is_not_in_force_is_not_found(store: Store) -> None:
    await store.write(lambda tx: tx.registers.keep([record(1)]))
    assert await found(store, b"h1") == []
    assert await store.read(lambda tx: tx.registers.in_force(POC)) == []


async def test_an_extract_takes_the_place_of_the_one_before_it_from_its_source_alone(store: Store) -> None:
    await store.write(keep)
    await store.write(lambda tx: keep(tx, source="lost"))
    generation = await store.read(lambda tx: tx.registers.next_generation(POC, "stock"))
    assert generation == 2

    def replace(tx: Tx) -> None:
        tx.registers.keep([record(7, generation)])
        tx.registers.put_in_force(register(generation))

    await store.write(replace)
    assert await found(store, b"all") == [
        ("lost", 1, 1, b"sealed 1"),
        ("lost", 1, 2, b"sealed 2"),
        ("stock", 2, 7, b"sealed 7"),
    ]


async def test_what_was_given_up_leaves_what_is_in_force(store: Store) -> None:
    await store.write(keep)
    await store.write(lambda tx: tx.registers.keep([record(1, 2)]))
    for _ in range(2):
        await store.write(lambda tx: tx.registers.give_up(POC, "stock", 2))
    assert await found(store, b"h1") == [("stock", 1, 1, b"sealed 1")]
    assert await store.read(lambda tx: tx.registers.next_generation(POC, "stock")) == 2

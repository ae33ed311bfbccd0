"""The contract of `ports.Pouches`, and of `Outbox.load` and what `Numbers` says of pouches."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from contracts.conftest import update
from contracts.records import HUB, NOW, QUEUE, THEM, THIRD, dispatch, envelope_id
from fakes.postgres import Databases
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.mail import MailState, Queue, Settlement
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import BusyError
from tracepost.protocol.evidence import LogKey
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.serving.pouch_records import Owed, OwedKind, PouchRecord, Way

RELAY = MemberId(HUB)
WENT = PouchRecord(THEM, Way.WENT, 1, 1, 2, NOW, head="log", head_size=7)
CAME = PouchRecord(THEM, Way.CAME, 4, 3, 5, NOW - 9, NOW)


async def waiting(store: Store, peer: MemberId = THEM, *, only_new: bool = False) -> list[EnvelopeId]:
    return await store.read(lambda tx: tx.pouches.waiting(peer, NOW, only_new=only_new))


def keep_came(tx: Tx, part: int, at: int) -> None:
    tx.pouches.keep_came(replace(CAME, taken_at=at), part)


async def test_all_that_a_member_has_not_answered_goes_with_it_whatever_its_road(store: Store) -> None:
    queues = {1: QUEUE, 2: Queue(THEM, "direct", Lane.ROUTINE), 3: Queue(THEM, HUB, Lane.URGENT)}
    for number, queue in queues.items():
        await store.write(partial(dispatch, numbers=[number], queue=queue))
    await store.write(lambda tx: dispatch(tx, [4], queue=Queue(THIRD, HUB, Lane.ROUTINE)))
    assert await waiting(store) == [envelope_id(3), envelope_id(2), envelope_id(1)]
    assert await waiting(store, RELAY) == [envelope_id(3), envelope_id(1), envelope_id(4)]

    news = [Settlement(envelope_id(1), MailState.WITH_RELAY), Settlement(envelope_id(2), MailState.DELIVERED)]
    await store.write(lambda tx: tx.dispatches.settle(news, NOW))
    assert await waiting(store) == [envelope_id(3), envelope_id(1)]
    assert await waiting(store, RELAY) == [envelope_id(3), envelope_id(4)]


async def test_mail_that_is_too_late_goes_in_no_pouch(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1]))
    assert await store.read(lambda tx: tx.pouches.waiting(THEM, NOW + 2000, only_new=False)) == []


async def test_what_went_is_left_out_only_where_that_is_asked_and_only_for_whom_it_went_to(
    store: Store,
) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2]))
    await store.write(lambda tx: tx.pouches.keep_went(WENT, [envelope_id(1)]))
    assert await waiting(store) == [envelope_id(1), envelope_id(2)]
    assert await waiting(store, only_new=True) == [envelope_id(2)]
    assert await waiting(store, RELAY, only_new=True) == [envelope_id(1), envelope_id(2)]


async def test_a_pouch_counts_what_of_it_is_unanswered_until_a_later_one_has_it_too(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2]))
    both = [envelope_id(1), envelope_id(2)]
    await store.write(lambda tx: tx.pouches.keep_went(WENT, both))
    delivered = [Settlement(envelope_id(2), MailState.DELIVERED)]
    await store.write(lambda tx: tx.dispatches.settle(delivered, NOW))
    assert await store.read(lambda tx: tx.pouches.all(THEM)) == [replace(WENT, unanswered=1)]
    again = replace(WENT, number=2)
    await store.write(lambda tx: tx.pouches.keep_went(again, both[:1]))
    assert await store.read(lambda tx: tx.pouches.all(None)) == [replace(again, unanswered=1), WENT]


async def test_numbers_are_given_once(store: Store) -> None:
    assert await store.read(lambda tx: tx.pouches.next_number(THEM)) == 1
    await store.write(lambda tx: tx.pouches.keep_went(replace(WENT, number=6), []))
    await store.write(lambda tx: tx.pouches.keep_came(replace(CAME, number=9), 1))
    assert await store.read(lambda tx: tx.pouches.next_number(THEM)) == 7
    assert await store.read(lambda tx: tx.pouches.next_number(THIRD)) == 1
    with pytest.raises(BusyError):
        await store.write(lambda tx: tx.pouches.keep_went(replace(WENT, number=6), []))


async def test_files_of_a_pouch_that_came_are_counted_once_each(store: Store) -> None:
    for part, at in ((3, NOW), (1, NOW + 1), (3, NOW + 2)):
        await store.write(partial(keep_came, part=part, at=at))
    assert await store.read(lambda tx: tx.pouches.all(None)) == [
        replace(CAME, taken_at=NOW + 2, parts_here=2)
    ]
    assert await store.read(lambda tx: tx.pouches.all(THIRD)) == []


async def test_a_number_that_was_given_again_is_that_of_the_newer_pouch(store: Store) -> None:
    """A sender whose store was put back counts again; the time tells which pouch is newer."""
    newer = replace(CAME, parts=2, envelopes=1, made_at=CAME.made_at + 5, taken_at=NOW + 1)
    await store.write(lambda tx: tx.pouches.keep_came(replace(CAME, number=3), 1))
    for part in (1, 2, 3):
        await store.write(partial(keep_came, part=part, at=NOW))
    await store.write(lambda tx: tx.pouches.keep_came(newer, 1))
    other = replace(CAME, number=3, parts_here=1)
    assert await store.read(lambda tx: tx.pouches.all(THEM)) == [replace(newer, parts_here=1), other]
    await store.write(partial(keep_came, part=2, at=NOW + 2))
    assert await store.read(lambda tx: tx.pouches.all(THEM)) == [replace(newer, parts_here=1), other]


async def test_what_is_owed_is_owed_once_until_it_is_said(store: Store) -> None:
    first = Owed(THEM, OwedKind.RECEIPT, bytes(32))
    proof = Owed(THEM, OwedKind.CONSISTENCY, b"k" * 32, b"proof")
    other = Owed(THIRD, OwedKind.RECEIPT, bytes(32))
    for _ in range(2):
        await store.write(lambda tx: tx.pouches.owe([first, proof, other, first]))
    assert await store.read(lambda tx: tx.pouches.owed(THEM)) == [proof, first]
    await store.write(lambda tx: tx.pouches.settle(THEM, OwedKind.RECEIPT, [first.key, b"unknown"]))
    assert await store.read(lambda tx: tx.pouches.owed(THEM)) == [proof]
    assert await store.read(lambda tx: tx.pouches.owed(THIRD)) == [other]


async def test_mail_is_loaded_whatever_became_of_it_in_the_order_that_is_asked_for(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2]))
    await store.write(
        lambda tx: tx.dispatches.settle([Settlement(envelope_id(1), MailState.WITH_RELAY)], NOW)
    )
    wanted = [envelope_id(2), envelope_id(9), envelope_id(1)]
    loaded = await store.read(lambda tx: tx.outbox.load(wanted))
    assert [mail.id for mail in loaded] == [envelope_id(2), envelope_id(1)]
    await store.write(lambda tx: tx.bodies.empty([envelope_id(1)]))
    assert [m.id for m in await store.read(lambda tx: tx.outbox.load(wanted))] == [envelope_id(2)]


async def test_a_number_says_whether_its_envelope_lies_in_a_pouch(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2]))
    await store.write(lambda tx: tx.pouches.keep_went(WENT, [envelope_id(2)]))
    found = await store.read(lambda tx: tx.numbers.unanswered(THEM, 10))
    assert [(number.seq, number.kept, number.pouched) for _, _, number in found] == [
        (1, False, False),
        (2, False, True),
    ]


async def test_of_two_processes_that_pack_for_one_member_the_second_is_told_and_loses_nothing(
    databases: Databases, key: LogKey
) -> None:
    url = databases.create("node", update)
    first, second = await open_store(url, key), await open_store(url, key)
    try:
        await first.write(lambda tx: dispatch(tx, [1, 2]))
        owed = [Owed(THEM, OwedKind.RECEIPT_STORED, bytes(32))]
        await second.write(lambda tx: tx.pouches.owe(owed))
        numbers = [await one.read(lambda tx: tx.pouches.next_number(THEM)) for one in (first, second)]
        assert numbers == [1, 1]
        await first.write(lambda tx: tx.pouches.keep_went(WENT, [envelope_id(1)]))

        def note(tx: Tx) -> None:
            tx.pouches.settle(THEM, OwedKind.RECEIPT_STORED, [bytes(32)])
            tx.pouches.keep_went(WENT, [envelope_id(2)])

        with pytest.raises(BusyError) as told:
            await second.write(note)
        assert told.value.reason == "pouch-made"
        assert await waiting(second, only_new=True) == [envelope_id(2)]
        assert await second.read(lambda tx: tx.pouches.owed(THEM)) == owed
        await second.write(lambda tx: tx.pouches.keep_went(replace(WENT, number=2), [envelope_id(2)]))
        assert await waiting(first, only_new=True) == []
    finally:
        await first.close()
        await second.close()
        databases.drop(url)

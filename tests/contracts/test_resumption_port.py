"""What every store knows of mail beyond what another member holds: `ports.Resumption`."""

from __future__ import annotations

from contracts.records import HUB, NOW, THEM, THIRD, accept, dispatch, envelope_id
from tracepost.node.adapters.sql.store import SqlStore
from tracepost.node.ports.mail import RoadKey
from tracepost.node.post.resuming import keep_owed, read_owed
from tracepost.node.records.mail import MailState, Queue, Settlement
from tracepost.protocol.envelope import Lane
from tracepost.protocol.ids import DIRECT, EnvelopeId

ROAD = (HUB, int(Lane.ROUTINE), 1)
URGENT = Queue(THEM, DIRECT, Lane.URGENT)


async def delivered(store: SqlStore, *numbers: int) -> None:
    news = [Settlement(envelope_id(number), MailState.DELIVERED) for number in numbers]
    await store.write(lambda tx: tx.dispatches.settle(news, NOW))


def ids(found: list[tuple[int, EnvelopeId]]) -> list[EnvelopeId]:
    return [id_ for _, id_ in found]


async def test_mail_that_we_delivered_beyond_a_number_is_found_by_road_in_our_order(store: SqlStore) -> None:
    await store.write(lambda tx: dispatch(tx, range(5)))
    await store.write(lambda tx: dispatch(tx, [9], URGENT))
    await delivered(store, 0, 1, 2, 4, 9)

    async def find(held: dict[RoadKey, int], after: int = 0, limit: int = 9) -> list[tuple[int, EnvelopeId]]:
        return await store.read(lambda tx: tx.resumption.delivered_beyond(THEM, held, after, limit))

    assert ids(await find({})) == [envelope_id(number) for number in (0, 1, 2, 4, 9)]
    assert ids(await find({ROAD: 2})) == [envelope_id(number) for number in (2, 4, 9)], (
        "3 is on its way still"
    )
    assert ids(await find({ROAD: 5, (DIRECT, int(Lane.URGENT), 1): 1})) == []
    assert ids(await find({(HUB, int(Lane.ROUTINE), 2): 5})) == ids(await find({})), "another epoch"
    first = await find({ROAD: 1}, 0, 2)
    assert ids(first) == [envelope_id(1), envelope_id(2)]
    assert ids(await find({ROAD: 1}, first[-1][0], 2)) == [envelope_id(4), envelope_id(9)]
    assert await store.read(lambda tx: tx.resumption.delivered_beyond(THIRD, {}, 0, 9)) == []


async def test_mail_that_we_accepted_beyond_a_number_is_found_in_the_same_way(store: SqlStore) -> None:
    await store.write(lambda tx: accept(tx, range(4)))
    found = await store.read(lambda tx: tx.resumption.accepted_beyond(THEM, {ROAD: 2}, 0, 9))
    assert ids(found) == [envelope_id(2), envelope_id(3)]
    assert await store.read(lambda tx: tx.resumption.accepted_beyond(THIRD, {}, 0, 9)) == []


async def test_who_is_to_be_asked_is_known_until_he_answered(store: SqlStore) -> None:
    assert await store.read(read_owed) == frozenset()
    await store.write(lambda tx: keep_owed(tx, [THEM, THIRD]))
    await store.write(lambda tx: keep_owed(tx, read_owed(tx) - {THEM}))
    assert await store.read(read_owed) == {THIRD}

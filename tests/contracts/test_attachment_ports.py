"""The contract of `ports.Attachments`."""

from __future__ import annotations

from dataclasses import replace

from contracts.records import (
    HUB,
    NOW,
    QUEUE,
    THEM,
    THIRD,
    US,
    accept,
    digest,
    dispatch,
    envelope_id,
    held,
    name,
    statement,
)
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.mail import Journey, MailState, Queue, Settlement
from tracepost.node.records.statements import AttachmentRecord, Direction

DIRECT = replace(QUEUE, via="direct")
ADDRESS, OTHER = name("attachment", 1), name("attachment", 2)


def ours(number: int, *, queue: Queue = QUEUE, address: bytes = ADDRESS) -> AttachmentRecord:
    return AttachmentRecord(
        envelope_id=envelope_id(number),
        address=address,
        direction=Direction.OURS,
        statement=digest(number),
        member=queue.to_member,
        via=queue.via,
        deliver_by=NOW + 1000,
        passage=Journey.WAITING,
        size=None,
        reason="",
        changed_at=NOW,
    )


def theirs(number: int, *, address: bytes = ADDRESS) -> AttachmentRecord:
    return replace(ours(number, address=address), direction=Direction.THEIRS, member=THEM)


async def leaving(store: Store) -> list[AttachmentRecord]:
    return await store.read(lambda tx: tx.attachments.leaving())


async def coming(store: Store) -> list[AttachmentRecord]:
    return await store.read(lambda tx: tx.attachments.coming())


async def settle(store: Store, number: int, state: MailState) -> None:
    await store.write(lambda tx: tx.dispatches.settle([Settlement(envelope_id(number), state, "")], NOW))


async def test_the_first_record_of_an_attachment_of_an_envelope_stays(store: Store) -> None:
    await store.write(lambda tx: tx.attachments.keep([theirs(1)]))
    await store.write(lambda tx: tx.attachments.keep([replace(theirs(1), size=5), theirs(1, address=OTHER)]))
    found = await store.read(lambda tx: tx.attachments.find(envelope_id(1), ADDRESS))
    assert found == theirs(1)
    assert await store.read(lambda tx: tx.attachments.find(envelope_id(2), ADDRESS)) is None


async def test_what_is_known_now_takes_the_place_of_what_was(store: Store) -> None:
    done = replace(theirs(1), passage=Journey.DONE, size=70_000, reason="busy", changed_at=NOW + 9)
    await store.write(lambda tx: tx.attachments.keep([theirs(1)]))
    await store.write(lambda tx: tx.attachments.put(done))
    assert await store.read(lambda tx: tx.attachments.of_statements([digest(1)])) == [done]


async def test_nothing_leaves_before_the_other_side_has_the_mail(store: Store) -> None:
    def send(tx: Tx) -> None:
        dispatch(tx, [1])
        dispatch(tx, [2], DIRECT)
        tx.attachments.keep([ours(1), ours(2, queue=DIRECT)])

    await store.write(send)
    assert await leaving(store) == []
    await settle(store, 1, MailState.WITH_RELAY)
    await settle(store, 2, MailState.WITH_RELAY)  # a direct road has no relay: not yet
    assert await leaving(store) == [ours(1)]
    await settle(store, 2, MailState.DELIVERED)
    await settle(store, 1, MailState.DELIVERED)
    assert {one.envelope_id for one in await leaving(store)} == {envelope_id(1), envelope_id(2)}
    await store.write(lambda tx: tx.attachments.put(replace(ours(1), passage=Journey.DONE)))
    assert await leaving(store) == [ours(2, queue=DIRECT)]


async def test_what_a_relay_has_lost_is_brought_again(store: Store) -> None:
    def send(tx: Tx) -> None:
        dispatch(tx, [1, 2])
        accept(tx, [5])
        done = [replace(one, passage=Journey.DONE) for one in (ours(1), ours(2), theirs(5))]
        tx.attachments.keep(done)

    await store.write(send)
    await settle(store, 1, MailState.WITH_RELAY)
    await store.write(lambda tx: tx.attachments.bring_again([envelope_id(1), envelope_id(5)], NOW + 3))
    assert await leaving(store) == [replace(ours(1), changed_at=NOW + 3)]
    assert await coming(store) == []


async def test_nothing_comes_of_mail_that_is_held_until_it_is_taken_up(store: Store) -> None:
    def receive(tx: Tx) -> None:
        accept(tx, [1])
        tx.statements.admit([statement(2)])
        tx.inbox.accept([held(2)])
        tx.attachments.keep([theirs(1), theirs(2)])

    await store.write(receive)
    assert await coming(store) == [theirs(1)]
    await store.write(lambda tx: tx.inbox.move([envelope_id(2)], MailState.TAKEN_UP, NOW))
    assert {one.envelope_id for one in await coming(store)} == {envelope_id(1), envelope_id(2)}


async def test_what_is_late_or_refused_is_given_up(store: Store) -> None:
    def send(tx: Tx) -> None:
        dispatch(tx, [1, 2, 3])
        tx.attachments.keep([ours(1), replace(ours(2), deliver_by=NOW - 1), ours(3)])
        tx.attachments.keep([replace(ours(4), passage=Journey.DONE, deliver_by=NOW - 1, via="")])

    await store.write(send)
    await settle(store, 1, MailState.REFUSED)
    assert await store.write(lambda tx: tx.attachments.give_up(NOW)) == 2
    found = await store.read(lambda tx: tx.attachments.of_statements([digest(n) for n in range(1, 5)]))
    assert {one.envelope_id: one.passage for one in found} == {
        envelope_id(1): Journey.FAILED,
        envelope_id(2): Journey.FAILED,
        envelope_id(3): Journey.WAITING,
        envelope_id(4): Journey.DONE,
    }


async def test_files_are_named_by_all_but_what_was_given_up(store: Store) -> None:
    records = [ours(1), replace(theirs(2), address=OTHER, passage=Journey.DONE)]
    gone = replace(theirs(3), address=name("attachment", 3), passage=Journey.FAILED)
    await store.write(lambda tx: tx.attachments.keep([*records, gone]))
    assert await store.read(lambda tx: tx.attachments.named()) == {ADDRESS, OTHER}


async def test_what_is_forgotten_keeps_no_file_but_that_of_another_statement(store: Store) -> None:
    both = [ours(1), replace(theirs(2), passage=Journey.DONE), ours(3, address=OTHER)]
    await store.write(lambda tx: tx.attachments.keep(both))
    await store.write(lambda tx: tx.attachments.forget([digest(1), digest(3)]))
    assert await store.read(lambda tx: tx.attachments.named()) == {ADDRESS}
    assert await store.read(lambda tx: tx.attachments.of_statements([digest(1), digest(3)])) == []


async def test_the_attachments_of_a_statement_are_those_of_all_its_envelopes(store: Store) -> None:
    to_third = replace(ours(1), envelope_id=envelope_id(9), member=THIRD)
    own = replace(ours(1), envelope_id=envelope_id(8), member=US, via="", passage=Journey.DONE)
    await store.write(lambda tx: tx.attachments.keep([ours(1), to_third, own, ours(2)]))
    found = await store.read(lambda tx: tx.attachments.of_statements([digest(1)]))
    assert {one.member for one in found} == {US, THEM, THIRD}
    assert {one.via for one in found} == {HUB, ""}

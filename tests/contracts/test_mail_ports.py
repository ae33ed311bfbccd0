"""The contracts of `ports.Outbox`, `Dispatches`, `Receipts`, `Inbox`, `Quarantine` and `Predecessors`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from contracts.records import (
    HUB,
    NOW,
    QUEUE,
    THEM,
    THIRD,
    US,
    accept,
    arrived,
    digest,
    dispatch,
    envelope_id,
    held,
    queued,
    received_line,
    sent_line,
    statement,
    thread,
    together,
)
from tracepost.node.adapters.sql import outgoing
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.mail import (
    Answer,
    ArrivedMail,
    HeldUsage,
    MailState,
    Mark,
    NumberRun,
    Queue,
    QueueAge,
    QueueDepth,
    ReceiptKind,
    ReceiptRecord,
    RefusedMail,
    Settlement,
    WaitingMail,
    WrittenMail,
)
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import DeskId, MemberId

URGENT = Queue(THEM, HUB, Lane.URGENT)
DIRECT = Queue(THEM, "direct", Lane.ROUTINE)
WITH_RELAY, DELIVERED = MailState.WITH_RELAY, MailState.DELIVERED
REFUSED, EXPIRED = MailState.REFUSED, MailState.EXPIRED


async def waiting(
    store: Store, queue: Queue = QUEUE, after: tuple[int, int] = (0, 0), limit: int = 256, size: int = 1 << 20
) -> list[WaitingMail]:
    return await store.read(lambda tx: tx.outbox.waiting(queue, after, NOW, limit, size))


async def state_of(store: Store, number: int) -> MailState:
    return (await store.read(lambda tx: tx.dispatches.find([envelope_id(number)])))[envelope_id(number)].state


async def settle(store: Store, *news: Settlement) -> int:
    return await store.write(lambda tx: tx.dispatches.settle(news, NOW))


# --- outbox


async def test_numbers_run_apart_for_each_addressee_road_and_lane(store: Store) -> None:
    def take(tx: Tx) -> list[NumberRun]:
        wanted = ((QUEUE, 3), (QUEUE, 2), (URGENT, 1), (DIRECT, 1), (Queue(THIRD, HUB, Lane.ROUTINE), 1))
        return [tx.outbox.take_numbers(queue, count) for queue, count in wanted]

    assert [run.first for run in await store.write(take)] == [1, 4, 1, 1, 1]
    assert await store.write(lambda tx: tx.outbox.take_numbers(QUEUE, 10)) == NumberRun(1, 6)


async def test_mail_waits_in_the_order_of_its_numbers_with_all_that_sending_needs(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [5, 3]))
    await store.write(lambda tx: dispatch(tx, [4]))
    mails = await waiting(store)
    assert [(mail.epoch, mail.seq, mail.id) for mail in mails] == [
        (1, 1, envelope_id(5)),
        (1, 2, envelope_id(3)),
        (1, 3, envelope_id(4)),
    ]
    assert [mail.line for mail in mails] == [sent_line(5), sent_line(3), sent_line(4)]
    assert [mail.log_number for mail in mails] == [0, 1, 2]
    assert (mails[0].header, mails[0].slots, mails[0].body) == (b"header 5", b"slots", bytes(64))
    assert mails[0].deliver_by == NOW + 1005


async def test_mail_is_fetched_from_a_place_on_and_no_more_than_asked(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, range(10), size=1000))
    assert [mail.seq for mail in await waiting(store, after=(1, 4))] == [5, 6, 7, 8, 9, 10]
    assert [mail.seq for mail in await waiting(store, after=(1, 4), limit=2)] == [5, 6]
    assert [mail.seq for mail in await waiting(store, size=3500)] == [1, 2, 3]
    assert [mail.seq for mail in await waiting(store, size=10)] == [1]
    assert await waiting(store, after=(2, 0)) == []


async def test_queues_are_apart(store: Store) -> None:
    for number, queue in ((1, QUEUE), (2, URGENT), (3, DIRECT)):
        await store.write(partial(dispatch, numbers=[number], queue=queue))
    assert [mail.id for mail in await waiting(store, URGENT)] == [envelope_id(2)]
    assert [mail.id for mail in await waiting(store, DIRECT)] == [envelope_id(3)]


async def test_postponed_mail_comes_back_when_its_time_has_come(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2]))
    await store.write(lambda tx: tx.outbox.postpone([envelope_id(1)], NOW + 60))
    assert [mail.seq for mail in await waiting(store)] == [2]
    later = await store.read(lambda tx: tx.outbox.waiting(QUEUE, (0, 0), NOW + 60, 10, 1 << 20))
    assert [mail.seq for mail in later] == [1, 2]


async def test_a_number_is_never_used_twice(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1]))

    def reuse(tx: Tx) -> None:
        tx.statements.admit([statement(2, iss=US)])
        tx.outbox.queue([queued(2, 1)])

    with pytest.raises(StoreError):
        await store.write(reuse)
    assert await store.read(lambda tx: tx.statements.find([digest(2)])) == {}


async def test_depths_show_what_is_not_delivered_with_urgent_lanes_first(store: Store) -> None:
    for numbers, queue in (([1, 2, 3], QUEUE), ([4], URGENT), ([5], DIRECT)):
        await store.write(partial(dispatch, numbers=numbers, queue=queue))
    news = [Settlement(envelope_id(1), WITH_RELAY), Settlement(envelope_id(5), DELIVERED)]
    await store.write(lambda tx: tx.dispatches.settle(news, NOW))
    depths = await store.read(lambda tx: tx.outbox.depths())
    assert depths == [QueueDepth(URGENT, 1, 0), QueueDepth(QUEUE, 2, 1)]


async def test_ages_tell_since_when_the_oldest_undelivered_mail_of_each_lane_waits(store: Store) -> None:
    """What was delivered is not in them, and roads are not told apart."""
    for numbers, queue in (([1, 2, 3], QUEUE), ([4], URGENT), ([5], DIRECT)):
        await store.write(partial(dispatch, numbers=numbers, queue=queue))
    news = [Settlement(envelope_id(1), WITH_RELAY), Settlement(envelope_id(4), DELIVERED)]
    await store.write(lambda tx: tx.dispatches.settle(news, NOW + 5))
    ages = await store.read(lambda tx: tx.outbox.ages())
    assert ages == [
        QueueAge(THEM, Lane.ROUTINE, MailState.QUEUED, 3, NOW),
        QueueAge(THEM, Lane.ROUTINE, WITH_RELAY, 1, NOW),
    ]


async def test_queues_are_found_by_who_is_at_the_other_end_of_the_stream(store: Store) -> None:
    third = Queue(THIRD, HUB, Lane.ROUTINE)
    for numbers, queue in (([1, 2], QUEUE), ([4], URGENT), ([5], DIRECT), ([6], third)):
        await store.write(partial(dispatch, numbers=numbers, queue=queue))
    await settle(store, Settlement(envelope_id(6), DELIVERED))

    async def queues(peer: str) -> list[Queue]:
        return await store.read(lambda tx: tx.outbox.queues_with(MemberId(peer)))

    assert await queues(HUB) == [URGENT, QUEUE]
    assert await queues(THEM) == [DIRECT]
    assert await queues(THIRD) == []
    await settle(store, Settlement(envelope_id(4), WITH_RELAY))
    assert await queues(HUB) == [QUEUE]


# --- dispatches


async def test_delivered_mail_leaves_its_queue(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2, 3]))
    news = [Settlement(envelope_id(1), WITH_RELAY), Settlement(envelope_id(2), DELIVERED)]
    assert await store.write(lambda tx: tx.dispatches.settle(news, NOW + 9)) == 2
    assert [mail.seq for mail in await waiting(store)] == [3]
    mail = (await store.read(lambda tx: tx.dispatches.find([envelope_id(2)])))[envelope_id(2)]
    assert (mail.state, mail.changed_at, mail.queue, mail.size) == (DELIVERED, NOW + 9, QUEUE, 64)


@pytest.mark.parametrize(
    ("news", "state"),
    [
        ([WITH_RELAY, DELIVERED, WITH_RELAY], DELIVERED),
        ([DELIVERED, REFUSED], DELIVERED),
        ([REFUSED, DELIVERED], REFUSED),
        ([DELIVERED, EXPIRED], DELIVERED),
        ([EXPIRED, WITH_RELAY], EXPIRED),
        ([EXPIRED, DELIVERED], DELIVERED),
        ([WITH_RELAY, EXPIRED, REFUSED], REFUSED),
        ([MailState.REPLACED, EXPIRED, WITH_RELAY], MailState.REPLACED),
        ([WITH_RELAY, MailState.REPLACED, DELIVERED], DELIVERED),
    ],
)
async def test_news_in_any_order_never_takes_a_state_back(
    store: Store, news: list[MailState], state: MailState
) -> None:
    await store.write(lambda tx: dispatch(tx, [1]))
    for one in news:
        await settle(store, Settlement(envelope_id(1), one))
    assert await state_of(store, 1) is state


async def test_the_same_news_again_and_news_of_unknown_mail_change_nothing(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1]))
    news = [Settlement(envelope_id(1), REFUSED, "conflict"), Settlement(envelope_id(7), DELIVERED)]
    assert await store.write(lambda tx: tx.dispatches.settle(news, NOW)) == 1
    assert await store.write(lambda tx: tx.dispatches.settle(news, NOW)) == 0
    mail = (await store.read(lambda tx: tx.dispatches.find([envelope_id(1)])))[envelope_id(1)]
    assert (mail.state, mail.reason) == (REFUSED, "conflict")


async def test_mail_expires_after_its_date_unless_it_was_delivered(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2, 3]))
    await store.write(lambda tx: tx.dispatches.settle([Settlement(envelope_id(2), DELIVERED)], NOW))
    now = NOW + 1000 + 3
    assert await store.write(lambda tx: tx.dispatches.expire(now, 10)) == [envelope_id(1)]
    assert await store.write(lambda tx: tx.dispatches.expire(now, 10)) == []
    assert [await state_of(store, number) for number in (1, 2, 3)] == [EXPIRED, DELIVERED, MailState.QUEUED]


async def test_mail_with_a_relay_is_listed_by_relay_from_a_number_on(store: Store) -> None:
    for numbers, queue in (([1, 2, 3], QUEUE), ([4], URGENT), ([5], DIRECT)):
        await store.write(partial(dispatch, numbers=numbers, queue=queue))
    for number in (1, 3, 4):
        await settle(store, Settlement(envelope_id(number), WITH_RELAY, due=NOW + number))
    kept = await store.read(lambda tx: tx.outbox.in_custody(HUB, 0, 10))
    assert [id_ for _, id_ in kept] == [envelope_id(1), envelope_id(3), envelope_id(4)]
    assert await store.read(lambda tx: tx.outbox.in_custody(HUB, kept[0][0], 1)) == [kept[1]]
    assert await store.read(lambda tx: tx.outbox.in_custody("other", 0, 10)) == []


async def test_only_mail_with_a_relay_is_reclaimed_and_waits_again(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2, 3, 4]))
    news = [Settlement(envelope_id(n), WITH_RELAY, due=NOW + 60) for n in (2, 3)]
    await settle(store, *news, Settlement(envelope_id(4), DELIVERED))
    ids = [envelope_id(number) for number in (4, 3, 2, 9)]
    assert await store.write(lambda tx: tx.dispatches.reclaim(ids, NOW + 5)) == {QUEUE: (1, 2)}
    assert [mail.seq for mail in await waiting(store)] == [1, 2, 3]
    assert await store.write(lambda tx: tx.dispatches.reclaim(ids, NOW + 6)) == {}
    assert await settle(store, Settlement(envelope_id(2), WITH_RELAY)) == 1


async def test_a_relay_is_relied_on_until_the_mail_is_due(store: Store) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2, 3]))
    await settle(store, *(Settlement(envelope_id(n), WITH_RELAY, due=NOW + 90 - n) for n in (1, 2, 3)))
    await settle(store, Settlement(envelope_id(3), DELIVERED))

    async def overdue(now: int, limit: int = 10) -> list[object]:
        return list(await store.read(lambda tx: tx.dispatches.overdue(now, limit)))

    assert await overdue(NOW + 88) == []
    assert await overdue(NOW + 90) == [envelope_id(2), envelope_id(1)]
    assert await overdue(NOW + 90, 1) == [envelope_id(2)]


async def test_mail_is_dead_when_it_ended_and_no_other_envelope_of_it_lives(store: Store) -> None:
    def send(tx: Tx) -> None:
        tx.statements.admit([statement(n, iss=US) for n in (1, 2, 3)])
        for number, of in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 3)):
            run = tx.outbox.take_numbers(QUEUE, 1)
            tx.outbox.queue([replace(queued(number, run.first, number), statement=digest(of))])

    async def dead(limit: int = 10, only: int = 0) -> list[object]:
        named = envelope_id(only) if only else None
        return [mail.id for mail in await store.read(lambda tx: tx.dispatches.dead(limit, named))]

    await store.write(send)
    assert await dead() == []
    for number, state in ((1, EXPIRED), (3, EXPIRED), (4, DELIVERED), (5, REFUSED)):
        await store.write(
            partial(settle_at, news=Settlement(envelope_id(number), state, "why"), at=NOW + number)
        )
    assert await dead() == [envelope_id(5)]  # 2 goes still, 4 has arrived
    await store.write(partial(settle_at, news=Settlement(envelope_id(2), EXPIRED), at=NOW + 9))
    assert await dead() == [envelope_id(2), envelope_id(5)]  # the last of several stands for them
    assert await dead(1) == [envelope_id(2)]
    assert await dead(1, only=5) == [envelope_id(5)]
    assert await dead(1, only=4) == []


@pytest.mark.parametrize("seldom", [outgoing._SELDOM, 0])
async def test_what_a_desk_sent_is_told_newest_first_and_once_for_each_addressee(
    store: Store, monkeypatch: pytest.MonkeyPatch, seldom: int
) -> None:
    """The same of a desk that seldom writes, and of one whose mail is most of all."""
    monkeypatch.setattr(outgoing, "_SELDOM", seldom)

    def send(tx: Tx) -> None:
        of_police = replace(statement(3, iss=US), desk=DeskId("police"))
        tx.statements.admit([statement(1, iss=US), statement(2, iss=US), of_police])
        for number, of in ((1, 1), (2, 1), (3, 2), (4, 3), (5, 2)):
            run = tx.outbox.take_numbers(QUEUE, 1)
            tx.outbox.queue([replace(queued(number, run.first, number), statement=digest(of))])

    async def written(*states: MailState, before: int | None = None, limit: int = 10) -> list[WrittenMail]:
        desk = statement(1, iss=US).desk
        return await store.read(lambda tx: tx.dispatches.written_by(desk, states, before, limit))

    await store.write(send)
    assert [one.mail.id for one in await written()] == [envelope_id(5), envelope_id(2)]
    await settle(store, Settlement(envelope_id(1), DELIVERED), Settlement(envelope_id(3), EXPIRED))
    first, second = await written()  # the delivered one stands for its statement, else the last
    assert [first.mail.id, second.mail.id] == [envelope_id(5), envelope_id(1)]
    assert await written(before=first.number) == [second]
    assert await written(limit=1) == [first]
    assert await written(DELIVERED) == [second]
    assert await written(EXPIRED) == []
    assert await written(limit=10, before=second.number) == []
    assert not first.in_pouch


def settle_at(tx: Tx, news: Settlement, at: int) -> None:
    tx.dispatches.settle([news], at)


async def test_mail_that_nobody_receipted_is_found_and_proved_by_another_entry_of_the_log(
    store: Store,
) -> None:
    await store.write(lambda tx: dispatch(tx, [1, 2, 3]))
    await settle(store, Settlement(envelope_id(1), DELIVERED), Settlement(envelope_id(2), WITH_RELAY))
    first = await store.read(lambda tx: tx.dispatches.unsettled(0, 1))
    rest = await store.read(lambda tx: tx.dispatches.unsettled(first[0][0], 9))
    assert [mail.id for _, mail in (*first, *rest)] == [envelope_id(2), envelope_id(3)]
    again = received_line(99)
    [number] = await store.write(lambda tx: tx.log.append([again]))
    await store.write(lambda tx: tx.dispatches.enter_again({envelope_id(3): number}))
    [mail] = await waiting(store)
    assert (mail.log_number, mail.line, mail.seq) == (number, again, 3)


async def test_the_envelopes_of_a_statement_are_found_for_all_its_addressees(store: Store) -> None:
    def send(tx: Tx) -> None:
        tx.statements.admit([statement(1, iss=US)])
        for number, queue in ((1, QUEUE), (2, Queue(THIRD, HUB, Lane.ROUTINE))):
            run = tx.outbox.take_numbers(queue, 1)
            tx.outbox.queue([replace(queued(number, run.first, number, queue=queue), statement=digest(1))])

    await store.write(send)
    mails = await store.read(lambda tx: tx.dispatches.of_statements([digest(1), digest(9)]))
    assert [(mail.queue.to_member, mail.id) for mail in mails] == [
        (THEM, envelope_id(1)),
        (THIRD, envelope_id(2)),
    ]


# --- receipts


async def test_the_first_receipt_of_a_kind_is_kept_as_it_came(store: Store) -> None:
    custody = ReceiptRecord(envelope_id(1), ReceiptKind.CUSTODY, THIRD, "", 7, NOW, b"custody")
    received = ReceiptRecord(envelope_id(1), ReceiptKind.RECEIVED, THEM, "accepted", 3, NOW + 1, b"received")
    again = replace(received, proof=b"again", stored_at=NOW + 2)
    assert await store.write(lambda tx: tx.receipts.keep([custody, received, again])) == 2
    assert await store.write(lambda tx: tx.receipts.keep([again])) == 0
    assert await store.read(lambda tx: tx.receipts.of([envelope_id(1)])) == [custody, received]


# --- numbers


async def test_numbers_that_we_gave_are_told_by_road_and_those_not_answered_one_by_one(store: Store) -> None:
    for numbers, queue in (([1, 2, 3, 4], QUEUE), ([5], URGENT), ([6], Queue(THIRD, HUB, Lane.ROUTINE))):
        await store.write(partial(dispatch, numbers=numbers, queue=queue))
    await settle(store, Settlement(envelope_id(2), DELIVERED), Settlement(envelope_id(3), REFUSED))
    await settle(store, Settlement(envelope_id(4), WITH_RELAY), Settlement(envelope_id(6), EXPIRED))
    kept = ReceiptRecord(envelope_id(4), ReceiptKind.CUSTODY, MemberId(HUB), "", 7, NOW, b"custody")
    await store.write(lambda tx: tx.receipts.keep([kept]))
    given = await store.read(lambda tx: tx.numbers.given(THEM))
    assert given == {(THEM, HUB, Lane.URGENT, 1): 1, (THEM, HUB, Lane.ROUTINE, 1): 4}
    assert len(await store.read(lambda tx: tx.numbers.given(None))) == 3
    open_ones = await store.read(lambda tx: tx.numbers.unanswered(THEM, 10))
    assert [(queue, one.seq, one.kept) for queue, _, one in open_ones] == [
        (URGENT, 1, False),
        (QUEUE, 1, False),
        (QUEUE, 4, True),
    ]
    assert len(await store.read(lambda tx: tx.numbers.unanswered(None, 10))) == 4
    assert len(await store.read(lambda tx: tx.numbers.unanswered(None, 2))) == 2


async def test_numbers_that_did_not_come_are_told_in_runs(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [3, 4, 8, 9, 11]))  # each has the number after its own
    key = (THEM, HUB, Lane.ROUTINE, 1)
    assert await store.read(lambda tx: tx.numbers.taken(THEM)) == {key: 12}
    assert await store.read(lambda tx: tx.numbers.taken(THIRD)) == {}
    holes = [(key, 1, 3), (key, 6, 8), (key, 11, 11)]
    assert await store.read(lambda tx: tx.numbers.holes(None, 10)) == holes
    assert await store.read(lambda tx: tx.numbers.holes(THEM, 2)) == holes[:2]
    refusals = [RefusedMail(envelope_id(20 + n), THEM, "statement", n, NOW) for n in (5, 2)]
    await store.write(lambda tx: tx.inbox.refuse(refusals))
    assert await store.read(lambda tx: tx.numbers.refused(THEM)) == [2, 5]
    assert await store.read(lambda tx: tx.numbers.refused(THIRD)) == []


async def test_the_newest_mark_of_a_road_stays_whatever_order_they_come_in(store: Store) -> None:
    mark = Mark(MemberId(THEM), US, HUB, Lane.ROUTINE, 1, seq=4, at=NOW, proof=b"four")
    later = replace(mark, seq=9, at=NOW + 60, proof=b"nine")
    other = replace(mark, lane=Lane.URGENT, seq=2)
    await store.write(lambda tx: tx.numbers.keep_marks([later, mark, other]))
    await store.write(lambda tx: tx.numbers.keep_marks([mark]))
    assert await store.read(lambda tx: tx.numbers.marks(MemberId(THEM))) == [later, other]
    assert await store.read(lambda tx: tx.numbers.marks(US)) == []
    await store.write(lambda tx: tx.numbers.keep_marks([replace(later, at=NOW + 90)]))
    assert [one.at for one in await store.read(lambda tx: tx.numbers.marks(None))] == [NOW + 90, NOW]


async def test_marks_are_found_by_whom_their_road_begins_with(store: Store) -> None:
    by_hub = Mark(US, THEM, HUB, Lane.ROUTINE, 1, seq=4, at=NOW, proof=b"by hub")
    straight = replace(by_hub, via=DIRECT.via, lane=Lane.URGENT, proof=b"straight")
    to_third = replace(straight, to_member=THIRD)
    theirs = replace(by_hub, from_member=MemberId(THEM), to_member=US)
    await store.write(lambda tx: tx.numbers.keep_marks([by_hub, straight, to_third, theirs]))

    async def begin(member: str) -> list[Mark]:
        return await store.read(lambda tx: tx.numbers.marks_by(US, MemberId(member)))

    assert await begin(HUB) == [by_hub]
    assert await begin(THEM) == [straight]
    assert await begin(THIRD) == [to_third]
    assert await begin(US) == []


# --- inbox


async def test_accepted_and_refused_mail_is_answered_the_same_way_again(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1, 2]))
    refusal = RefusedMail(envelope_id(3), THEM, "statement", 2, NOW)
    await store.write(lambda tx: tx.inbox.refuse([refusal]))
    await store.write(lambda tx: tx.inbox.refuse([replace(refusal, log_number=99)]))
    ids = [envelope_id(number) for number in (1, 2, 3, 4)]
    assert await store.read(lambda tx: tx.inbox.answered(ids)) == {
        envelope_id(1): Answer(accepted=True, log_number=0),
        envelope_id(2): Answer(accepted=True, log_number=1),
        envelope_id(3): Answer(accepted=False, log_number=2),
    }
    assert await store.read(lambda tx: tx.inbox.find([envelope_id(3)])) == {}


async def test_an_answer_can_stand_in_the_log_once_more(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1, 2]))
    await store.write(lambda tx: tx.inbox.refuse([RefusedMail(envelope_id(3), THEM, "statement", 2, NOW)]))
    await store.write(lambda tx: tx.inbox.enter_again({envelope_id(2): 7, envelope_id(3): 8}))
    found = await store.read(lambda tx: tx.inbox.answered([envelope_id(n) for n in (1, 2, 3)]))
    assert [found[envelope_id(n)].log_number for n in (1, 2, 3)] == [0, 7, 8]


async def test_received_mail_is_kept_with_what_its_header_says(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1]))
    mail = (await store.read(lambda tx: tx.inbox.find([envelope_id(1)])))[envelope_id(1)]
    assert (mail.from_member, mail.via, mail.lane, mail.epoch, mail.seq) == (THEM, HUB, Lane.ROUTINE, 1, 2)
    assert (mail.state, mail.size, mail.statement, mail.received_at) == (DELIVERED, 4096, digest(1), NOW + 1)


async def test_an_envelope_is_never_accepted_twice(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1]))
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.inbox.accept([arrived(1)]))


# --- quarantine


async def keep(store: Store, *mails: ArrivedMail) -> None:
    numbers = [int.from_bytes(mail.envelope.body[:8]) for mail in mails]
    records = [statement(number) for number in numbers]
    await store.write(together(lambda tx: tx.statements.admit(records), lambda tx: tx.inbox.accept(mails)))


async def test_held_mail_is_listed_with_its_kind_and_thread(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [9]))
    await keep(store, held(2), held(1))
    found = await store.read(lambda tx: tx.quarantine.held())
    assert [(item.mail.id, item.mail.reason, item.kind, item.thread) for item in found] == [
        (envelope_id(1), "clock-ahead", "trace.request/1", thread(1)),
        (envelope_id(2), "clock-ahead", "trace.request/1", thread(2)),
    ]


async def test_the_quota_counts_held_mail_of_each_member_until_an_officer_decides(store: Store) -> None:
    await keep(store, held(1, size=8192), held(2), held(3, sender=THIRD))
    usage = await store.read(lambda tx: tx.quarantine.usage([THEM, THIRD, US]))
    assert usage == {THEM: HeldUsage(2, 12288), THIRD: HeldUsage(1, 4096), US: HeldUsage(0, 0)}
    await store.write(lambda tx: tx.inbox.move([envelope_id(1)], MailState.TAKEN_UP, NOW + 50))
    await store.write(lambda tx: tx.inbox.move([envelope_id(3)], MailState.SET_ASIDE, NOW + 51))
    usage = await store.read(lambda tx: tx.quarantine.usage([THEM, THIRD]))
    assert usage == {THEM: HeldUsage(1, 4096), THIRD: HeldUsage(0, 0)}
    mail = (await store.read(lambda tx: tx.inbox.find([envelope_id(1)])))[envelope_id(1)]
    assert (mail.state, mail.changed_at) == (MailState.TAKEN_UP, NOW + 50)


# --- predecessors


async def test_mail_waits_for_its_predecessor_and_is_found_by_it(store: Store) -> None:
    waits = replace(arrived(2), waiting_for=digest(1))
    await keep(store, waits)
    found = await store.read(lambda tx: tx.predecessors.waiting_for([digest(1), digest(5)]))
    assert [(mail.id, mail.waiting_for) for mail in found] == [(envelope_id(2), digest(1))]
    assert await store.read(lambda tx: tx.predecessors.overdue(NOW + 2)) == []
    overdue = await store.read(lambda tx: tx.predecessors.overdue(NOW + 3))
    assert [mail.id for mail in overdue] == [envelope_id(2)]
    for _ in range(2):
        await store.write(lambda tx: tx.predecessors.stop_waiting([envelope_id(2)]))
    assert await store.read(lambda tx: tx.predecessors.waiting_for([digest(1)])) == []
    assert await store.read(lambda tx: tx.predecessors.overdue(NOW + 99)) == []

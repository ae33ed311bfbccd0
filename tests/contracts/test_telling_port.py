"""The contract of `ports.Telling`, and of walking through statements by their numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.records import NOW, POC, digest, statement
from tracepost.node.ports.store import Store
from tracepost.node.records.telling import DATED, NO_DESK, Step, TellingMail, WaitingItem
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import DeskId

POLICE = DeskId("police")
ALL = 1 << 62


def item(
    name: str, desk: DeskId = POC, *, urgent: bool = False, thread: str = "t", since: int = NOW
) -> WaitingItem:
    return WaitingItem(desk, name, thread, since, urgent)


def mail(name: str, desk: DeskId = POC, made_at: int = NOW) -> TellingMail:
    return TellingMail(name, desk, "a@b.example", urgent=True, deputy=False, made_at=made_at)


async def test_of_an_item_that_is_known_what_is_known_stays(store: Store) -> None:
    seen = replace(item("a", since=NOW - 9), step=Step.SEEN)
    await store.write(lambda tx: tx.telling.add([seen, item("b", POLICE)]))
    await store.write(lambda tx: tx.telling.add([item("a"), item("a"), item("b")]))
    found = await store.read(lambda tx: tx.telling.find(POC, ["a", "b", "c"]))
    assert found == {"a": seen, "b": item("b")}


async def test_items_are_taken_on_step_by_step(store: Store) -> None:
    await store.write(
        lambda tx: tx.telling.add([item("a"), item("b", urgent=True), item("c", POLICE, urgent=True)])
    )
    assert await store.read(lambda tx: tx.telling.waits(POC, Step.NEW, told_before=ALL)) == {False, True}
    await store.write(lambda tx: tx.telling.tell(POC, Step.NEW, urgent=True, told_before=ALL, at=NOW))
    assert await store.read(lambda tx: tx.telling.waits(POC, Step.NEW, told_before=ALL)) == {False}
    assert await store.read(lambda tx: tx.telling.waits(POC, Step.TOLD, told_before=NOW)) == frozenset()
    assert await store.read(lambda tx: tx.telling.waits(POC, Step.TOLD, told_before=NOW + 1)) == {True}
    assert await store.read(lambda tx: tx.telling.waits(POLICE, Step.NEW, told_before=ALL)) == {True}
    await store.write(
        lambda tx: tx.telling.tell(POC, Step.TOLD, urgent=True, told_before=NOW + 1, at=NOW + 2)
    )
    found = await store.read(lambda tx: tx.telling.find(POC, ["b"]))
    assert found["b"] == replace(item("b", urgent=True), step=Step.PASSED_ON, told_at=NOW + 2)


async def test_what_is_settled_is_forgotten_and_nothing_else(store: Store) -> None:
    rows = [
        item("a"),
        item("b", since=NOW + 1),
        item("a", POLICE),
        item("c", thread="u"),
        item("d", thread=""),
    ]
    await store.write(lambda tx: tx.telling.add([*rows, item("e", NO_DESK)]))
    await store.write(lambda tx: tx.telling.settle_case(POC, "t", NOW))
    names = ["a", "b", "c", "d"]
    assert sorted(await store.read(lambda tx: tx.telling.find(POC, names))) == ["b", "c", "d"]
    await store.write(lambda tx: tx.telling.settle(POC, ["c", "nothing"]))
    assert sorted(await store.read(lambda tx: tx.telling.find(POC, names))) == ["b", "d"]
    assert await store.read(lambda tx: tx.telling.undecided()) == [item("d", thread="")]
    assert await store.read(lambda tx: tx.telling.early()) == [item("e", NO_DESK)]
    assert await store.read(lambda tx: tx.telling.find(POLICE, names)) == {"a": item("a", POLICE)}


async def test_what_has_a_day_stays_when_it_is_known_and_is_told_no_more(store: Store) -> None:
    dated = item("due:t", thread=DATED, since=NOW - 9)
    await store.write(lambda tx: tx.telling.add([dated, item("due:t", POLICE, thread=DATED), item("a")]))
    await store.write(lambda tx: tx.telling.know(POC, ["due:t", "overdue:t"]))
    known = replace(dated, step=Step.KNOWN)
    assert await store.read(lambda tx: tx.telling.dated()) == [known, item("due:t", POLICE, thread=DATED)]
    assert await store.read(lambda tx: tx.telling.find(POC, ["a"])) == {"a": item("a")}
    assert await store.read(lambda tx: tx.telling.undecided()) == []
    await store.write(lambda tx: tx.telling.settle_case(POC, "t", NOW))
    await store.write(lambda tx: tx.telling.forget_seen(NOW + 9))
    await store.write(lambda tx: tx.telling.tell(POC, Step.NEW, urgent=False, told_before=ALL, at=NOW))
    assert await store.read(lambda tx: tx.telling.find(POC, ["due:t"])) == {"due:t": known}
    await store.write(lambda tx: tx.telling.settle(POC, ["due:t"]))
    assert await store.read(lambda tx: tx.telling.find(POC, ["due:t"])) == {}


async def test_what_was_seen_is_forgotten_when_it_is_old(store: Store) -> None:
    rows = [replace(item(str(n), since=NOW + n), step=step) for n, step in enumerate(Step)]
    await store.write(lambda tx: tx.telling.add(rows))
    await store.write(lambda tx: tx.telling.forget_seen(NOW + 3))
    assert len(await store.read(lambda tx: tx.telling.find(POC, "0123"))) == 4
    await store.write(lambda tx: tx.telling.forget_seen(NOW + 4))
    assert sorted(await store.read(lambda tx: tx.telling.find(POC, "0123"))) == ["0", "1", "2"]


async def test_tellings_stay_until_they_are_done(store: Store) -> None:
    await store.write(lambda tx: tx.telling.send([mail("b", made_at=NOW + 1), mail("a"), mail("c", POLICE)]))
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.telling.send([mail("a")]))
    await store.write(lambda tx: tx.telling.postpone("a", 2, NOW + 60))
    late = replace(mail("a"), tries=2, not_before=NOW + 60)
    assert await store.read(lambda tx: tx.telling.unsent()) == [
        late,
        mail("c", POLICE),
        mail("b", made_at=NOW + 1),
    ]
    await store.write(lambda tx: tx.telling.done(["b", "nothing"]))
    await store.write(lambda tx: tx.telling.add([item("x"), item("x", POLICE), item("x", NO_DESK)]))
    await store.write(lambda tx: tx.telling.keep_desks([POLICE]))
    assert await store.read(lambda tx: tx.telling.unsent()) == [mail("c", POLICE)]
    kept = await store.read(
        lambda tx: [*tx.telling.find(POLICE, ["x"]), *tx.telling.early(), *tx.telling.find(POC, ["x"])]
    )
    assert kept == ["x", item("x", NO_DESK)]


async def test_statements_are_walked_through_by_their_numbers(store: Store) -> None:
    assert await store.read(lambda tx: (tx.statements.last_number(), tx.statements.after(0, 9))) == (0, [])
    records = [replace(statement(n), in_effect=n != 2) for n in (1, 2, 3)]
    await store.write(lambda tx: tx.statements.admit(records))
    walked = await store.read(lambda tx: tx.statements.after(0, 2))
    assert [(number, one.digest, one.in_effect) for number, one in walked] == [
        (1, digest(1), True),
        (2, digest(2), False),
    ]
    assert await store.read(lambda tx: tx.statements.after(2, 9)) == [(3, records[2])]
    assert await store.read(lambda tx: tx.statements.last_number()) == 3

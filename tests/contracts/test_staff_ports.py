"""The contracts of `ports.Officers`, `ports.Passkeys` and `ports.Releases`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.records import NOW, POC, THEM, THIRD, digest, statement, thread, together, wrap
from tracepost.node.ports.store import Store
from tracepost.node.records.cases import CaseDesk
from tracepost.node.records.staff import (
    CaseOfficer,
    DeletionRecord,
    DeletionState,
    DeputyRecord,
    EmergencyRecord,
    EmergencyState,
    ForwardedStatement,
    OfficerRecord,
    PasskeyRecord,
    ReleaseRecord,
    ReleaseState,
    UnsentLetter,
)
from tracepost.node.records.statements import SealedParts
from tracepost.protocol.envelope import Lane
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import DeskId, EnvelopeId

POLICE = DeskId("police")
LETTERS = [UnsentLetter(THEM, b"slots", b"body"), UnsentLetter(THIRD, b"others", b"")]


def officer(number: str, *desks: str) -> OfficerRecord:
    return OfficerRecord(
        number, tuple(DeskId(d) for d in desks), b"c" * 32, (1 << 152, 7), NOW + 9, NOW, NOW + 1
    )


def release(number: int, state: ReleaseState = ReleaseState.WAITING_FOR_SECOND_OFFICER) -> ReleaseRecord:
    return ReleaseRecord(
        statement=digest(number),
        thread=thread(number),
        kind="trace.request/1",
        to=(THEM, THIRD),
        desk=DeskId("police"),
        deciding_desk=DeskId("poc"),
        officer="7",
        state=state,
        lane=Lane.URGENT,
        exercise=True,
        deliver_by=NOW + 50,
        written_at=NOW + number,
        until=0,
        conditions=b"s" * 32,
        decision=b"d" * 32,
        forwarded=(ForwardedStatement(digest(9), b"e" * 32),),
    )


async def test_an_officer_is_replaced_by_what_is_known_later(store: Store) -> None:
    left = replace(officer("7", "poc", "police"), left_at=NOW, successor="8", shut_before=NOW)
    for one in (officer("7", "poc"), officer("10", "police"), left):
        await store.write(lambda tx, one=one: tx.officers.put(one))  # type: ignore[misc]
    assert await store.read(lambda tx: tx.officers.all()) == [officer("10", "police"), left]


async def test_a_passkey_is_kept_until_it_is_dropped(store: Store) -> None:
    one = PasskeyRecord(b"a" * 32, "7", b"c" * 32, (1 << 152, 7), NOW + 9, NOW + 1, "an.endorsement.text")
    two = replace(one, digest=b"b" * 32, endorsed_at=NOW)
    for passkey in (one, two, one):
        await store.write(lambda tx, passkey=passkey: tx.passkeys.put(passkey))  # type: ignore[misc]
    assert await store.read(lambda tx: tx.passkeys.all()) == [two, one]
    for _ in range(2):
        await store.write(lambda tx: tx.passkeys.drop([one.digest]))
        assert await store.read(lambda tx: tx.passkeys.all()) == [two]


async def test_what_waits_is_kept_with_its_letters_in_order(store: Store) -> None:
    await store.write(lambda tx: tx.releases.keep(release(1), LETTERS))
    assert await store.read(lambda tx: tx.releases.find([digest(1), digest(2)])) == {digest(1): release(1)}
    assert await store.read(lambda tx: tx.releases.letters(digest(1))) == LETTERS
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.releases.keep(release(1), []))


@pytest.mark.parametrize("state", ReleaseState)
async def test_letters_are_destroyed_as_soon_as_nothing_may_go(store: Store, state: ReleaseState) -> None:
    await store.write(lambda tx: tx.releases.keep(release(1), LETTERS))
    await store.write(lambda tx: tx.releases.keep(release(2), LETTERS))
    decided = replace(release(1, state), decided_by="officer-8", decided_at=NOW, words=b"w", log_number=3)
    await store.write(lambda tx: tx.releases.put(decided))
    assert await store.read(lambda tx: tx.releases.find([digest(1)])) == {digest(1): decided}
    left = await store.read(lambda tx: tx.releases.letters(digest(1)))
    assert left == (LETTERS if state.is_unsent else [])
    assert await store.read(lambda tx: tx.releases.letters(digest(2))) == LETTERS


async def test_lists_show_what_is_open_and_what_was_written_since_in_order(store: Store) -> None:
    for number, state in enumerate(reversed(ReleaseState), 1):
        await store.write(lambda tx, n=number, s=state: tx.releases.keep(release(n, s), []))  # type: ignore[misc]
    shown = await store.read(lambda tx: tx.releases.open())
    assert [one.state for one in shown] == [state for state in reversed(ReleaseState) if state.is_open]
    since = await store.read(lambda tx: tx.releases.since(NOW + 7))
    assert [one.statement for one in since] == [digest(n) for n in range(7, len(ReleaseState) + 1)]


async def test_what_a_desk_is_to_be_given_is_found_by_number_while_it_is_on_the_case(store: Store) -> None:
    records = [statement(1), replace(statement(2), in_effect=False), statement(3)]
    for record in records:
        here = replace(record, thread=thread(1))
        await store.write(lambda tx, one=here: tx.statements.admit([one]))  # type: ignore[misc]
    put = CaseDesk(thread(1), POC, "officer-7", NOW)
    await store.write(lambda tx: tx.case_desks.put([put]))
    found = await store.read(lambda tx: tx.case_desks.to_give(0, 10))
    assert [(one.statement, one.desk, one.put_by, one.put_at) for one in found] == [
        (digest(1), POC, "officer-7", NOW),
        (digest(3), POC, "officer-7", NOW),
    ]
    assert await store.read(lambda tx: tx.case_desks.to_give(found[0].number, 10)) == found[1:]
    assert await store.read(lambda tx: tx.case_desks.to_give(0, 1)) == found[:1]
    assert await store.read(lambda tx: tx.case_desks.standing(thread(1))) == [put]
    await store.write(lambda tx: tx.case_desks.take_off(thread(1), [POC], NOW + 1))
    assert await store.read(lambda tx: tx.case_desks.to_give(0, 10)) == []
    assert await store.read(lambda tx: tx.case_desks.standing(thread(1))) == []


async def test_only_the_keys_of_copies_that_were_given_are_deleted(store: Store) -> None:
    """Not those that came with the mail, nor those of other desks or statements."""
    name = EnvelopeId(b"n" * 32)
    given = [replace(wrap(n, desk), envelope_id=name) for n in (1, 2) for desk in (POC, POLICE)]
    await store.write(
        together(
            lambda tx: tx.statements.admit([statement(1), statement(2)]),
            lambda tx: tx.bodies.keep({name: SealedParts(b"", b"", b"copy", b"")}),
            lambda tx: tx.wraps.keep([wrap(1), *given], [], NOW),
        )
    )
    await store.write(lambda tx: tx.wraps.delete_given(POC, [digest(1)]))
    left = await store.read(lambda tx: tx.wraps.of(POC, [digest(1), digest(2)]))
    assert [(one.statement, one.envelope_id) for one in left] == [
        (digest(1), wrap(1).envelope_id),
        (digest(2), name),
    ]
    assert len(await store.read(lambda tx: tx.wraps.of(POLICE, [digest(1)]))) == 1


async def test_an_appointment_is_replaced_by_its_end_and_none_is_forgotten(store: Store) -> None:
    first = DeputyRecord(1, "9", POC, "2031-05-01", "2031-05-09", "officer-7", NOW)
    second = replace(first, number=2, desk=POLICE)
    ended = replace(first, approved_by="officer-8", approved_at=NOW, ended_by="officer-9", ended_at=NOW + 1)
    for one in (second, first, ended):
        await store.write(lambda tx, one=one: tx.deputies.put(one))  # type: ignore[misc]
    assert await store.read(lambda tx: tx.deputies.all()) == [ended, second]


async def test_a_case_has_one_officer_the_last_one(store: Store) -> None:
    given = [CaseOfficer(thread(n), "7", "officer-8", NOW + n) for n in (1, 2)]
    later = CaseOfficer(thread(1), "9", "officer-7", NOW + 5)
    await store.write(lambda tx: tx.case_officers.put(given))
    await store.write(lambda tx: tx.case_officers.put([later]))
    found = await store.read(lambda tx: tx.case_officers.of([thread(1), thread(2), thread(3)]))
    assert found == {thread(1): later, thread(2): given[1]}
    assert await store.read(lambda tx: tx.case_officers.by_officer("7")) == [given[1]]
    assert await store.read(lambda tx: tx.case_officers.by_officer("9")) == [later]


async def test_a_reading_against_a_refusal_is_replaced_by_what_came_of_it(store: Store) -> None:
    asked = EmergencyRecord(
        1, POC, "7", (digest(1), digest(2)), EmergencyState.PROPOSED, NOW, "why", words=b"w"
    )
    granted = replace(
        asked,
        state=EmergencyState.GRANTED,
        decided_by="officer-8",
        decided_at=NOW,
        until=NOW + 9,
        words=b"ww",
    )
    for one in (replace(asked, number=2), asked, granted):
        await store.write(lambda tx, one=one: tx.emergencies.put(one))  # type: ignore[misc]
    assert await store.read(lambda tx: tx.emergencies.all()) == [granted, replace(asked, number=2)]


async def test_a_deletion_is_kept_as_it_was_put(store: Store) -> None:
    asked = DeletionRecord(
        2, POC, "7", (digest(1), digest(2)), DeletionState.DELAYED, NOW, "why", until=NOW + 9
    )
    done = replace(asked, state=DeletionState.DONE, decided_by="officer-8", decided_at=NOW, words=b"w")
    for one in (asked, replace(asked, number=1), done):
        await store.write(lambda tx, one=one: tx.deletions.put(one))  # type: ignore[misc]
    assert await store.read(lambda tx: tx.deletions.all()) == [replace(asked, number=1), done]

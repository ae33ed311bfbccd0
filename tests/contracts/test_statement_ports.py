"""The contracts of `ports.Statements`, `Bodies`, `Wraps` and `BlindIndex`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.records import (
    EPOCH,
    NODE,
    NOW,
    POC,
    THEM,
    THIRD,
    accept,
    arrived,
    digest,
    dispatch,
    envelope,
    envelope_id,
    name,
    receive,
    statement,
    thread,
    together,
    wrap,
)
from tracepost.node.ports.store import Store
from tracepost.node.records.statements import Admission, BlindEntry, Cover, SealedParts, StatementConflict
from tracepost.protocol.errors import StoreError
from tracepost.protocol.ids import EnvelopeId, StatementDigest

NEW, KNOWN, CONFLICT = Admission.NEW, Admission.KNOWN, Admission.CONFLICT


async def test_a_statement_is_new_once_and_known_ever_after(store: Store) -> None:
    assert await store.write(lambda tx: tx.statements.admit([statement(1), statement(2)])) == [NEW, NEW]
    assert await store.write(lambda tx: tx.statements.admit([statement(2), statement(3)])) == [KNOWN, NEW]
    found = await store.read(lambda tx: tx.statements.find([digest(1), digest(3), digest(9)]))
    assert found == {digest(1): statement(1), digest(3): statement(3)}


async def test_the_same_jti_for_another_digest_is_a_conflict_and_both_digests_are_kept(store: Store) -> None:
    other = replace(statement(1), digest=StatementDigest(name("other", 1)), stored_at=NOW + 5)
    await store.write(lambda tx: tx.statements.admit([statement(1)]))
    for _ in range(2):
        assert await store.write(lambda tx: tx.statements.admit([other])) == [CONFLICT]
    assert await store.read(lambda tx: tx.statements.find([other.digest])) == {}
    conflicts = await store.read(lambda tx: tx.statements.conflicts(NOW, 10))
    assert conflicts == [
        StatementConflict(digest(1), other.digest, THEM, "jti-1", NOW + 5, other.envelope_id)
    ]
    for side in (digest(1), other.digest):
        assert await store.read(lambda tx, side=side: tx.statements.conflicts_about([side])) == conflicts  # type: ignore[misc]
    assert await store.read(lambda tx: tx.statements.conflicts_about([digest(9)])) == []
    assert await store.read(lambda tx: tx.statements.conflicts(NOW + 6, 10)) == []


async def test_within_one_frame_the_first_of_a_name_is_kept(store: Store) -> None:
    other = replace(statement(1), digest=StatementDigest(name("other", 1)))
    frame = [statement(1), other, statement(1), statement(2)]
    assert await store.write(lambda tx: tx.statements.admit(frame)) == [NEW, CONFLICT, KNOWN, NEW]
    assert await store.read(lambda tx: tx.statements.find([digest(1)])) == {digest(1): statement(1)}


async def test_two_members_may_use_one_jti(store: Store) -> None:
    theirs = replace(statement(1), iss=THIRD, digest=StatementDigest(name("theirs", 1)))
    assert await store.write(lambda tx: tx.statements.admit([statement(1), theirs])) == [NEW, NEW]


async def test_the_statements_of_a_thread_come_in_the_order_of_their_time(store: Store) -> None:
    late = replace(statement(1), iat=NOW + 100, in_reply_to=digest(2))
    early = replace(statement(2), thread=thread(1), iat=NOW + 1)
    unrelated = replace(statement(3), thread=thread(3))
    await store.write(lambda tx: tx.statements.admit([late, early, unrelated]))
    assert await store.read(lambda tx: tx.statements.in_threads([thread(1)])) == [early, late]


async def test_a_held_statement_belongs_to_no_case_until_it_is_put_in_effect(store: Store) -> None:
    held = replace(statement(1), in_effect=False)
    await store.write(lambda tx: tx.statements.admit([held]))
    assert await store.read(lambda tx: tx.statements.in_threads([thread(1)])) == []
    for _ in range(2):
        await store.write(lambda tx: tx.statements.put_in_effect([digest(1)]))
    assert await store.read(lambda tx: tx.statements.in_threads([thread(1)])) == [statement(1)]


async def test_more_digests_than_one_statement_takes_are_found(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(number) for number in range(1300)]))
    found = await store.read(lambda tx: tx.statements.find([digest(number) for number in range(1300)]))
    assert len(found) == 1300


# --- bodies


async def test_parts_come_back_as_they_were_kept(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1]))
    await store.write(lambda tx: dispatch(tx, [2], size=128))
    own = EnvelopeId(name("own", 3))
    await store.write(lambda tx: tx.bodies.keep({own: SealedParts(b"", b"", b"own body", b"")}))
    found = await store.read(lambda tx: tx.bodies.load([envelope_id(1), envelope_id(2), own, envelope_id(4)]))
    assert found == {
        envelope_id(1): SealedParts(b"header", b"slots", envelope(1).body, b"proof"),
        envelope_id(2): SealedParts(b"header 2", b"slots", bytes(128), b""),
        own: SealedParts(b"", b"", b"own body", b""),
    }


async def test_what_lies_round_a_body_is_read_without_it(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1]))
    await store.write(lambda tx: dispatch(tx, [2]))
    found = await store.read(lambda tx: tx.bodies.covers([envelope_id(1), envelope_id(2), envelope_id(3)]))
    assert found == {
        envelope_id(1): Cover(b"header", b"slots", b"proof"),
        envelope_id(2): Cover(b"header 2", b"slots", b""),
    }


async def test_a_body_of_our_own_is_never_rewritten(store: Store) -> None:
    own = EnvelopeId(name("own", 3))
    await store.write(lambda tx: tx.bodies.keep({own: SealedParts(b"", b"", b"first", b"")}))
    with pytest.raises(StoreError):
        await store.write(lambda tx: tx.bodies.keep({own: SealedParts(b"", b"", b"second", b"")}))


# --- wraps


async def test_a_desk_finds_its_own_wraps_and_their_epochs(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1), statement(2)]))
    await store.write(lambda tx: tx.wraps.keep([wrap(1), wrap(2), wrap(1, NODE)], [EPOCH, EPOCH], NOW))
    digests = [digest(1), digest(2)]
    assert await store.read(lambda tx: tx.wraps.of(NODE, digests)) == [wrap(1, NODE)]
    assert set(await store.read(lambda tx: tx.wraps.of(POC, digests))) == {wrap(1), wrap(2)}
    assert await store.read(lambda tx: tx.wraps.epochs([EPOCH.id, b"other"])) == {EPOCH.id: EPOCH}


async def test_a_wrap_that_is_known_stays_as_it_is(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1)]))
    first, second = replace(wrap(1), wrap=b"first"), replace(wrap(1), wrap=b"second")
    await store.write(lambda tx: tx.wraps.keep([first], [EPOCH], NOW))
    await store.write(lambda tx: tx.wraps.keep([second, second], [EPOCH], NOW))
    [found] = await store.read(lambda tx: tx.wraps.of(POC, [digest(1)]))
    assert found.wrap == b"first"


async def test_each_envelope_of_a_statement_has_keys_of_its_own_and_so_has_our_own_copy(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1)]))
    wraps = [replace(wrap(1), envelope_id=name, wrap=b"w") for name in (None, envelope_id(1), envelope_id(2))]
    await store.write(lambda tx: tx.wraps.keep(wraps, [EPOCH], NOW))
    found = await store.read(lambda tx: tx.wraps.of(POC, [digest(1)]))
    assert {one.envelope_id for one in found} == {None, envelope_id(1), envelope_id(2)}


async def test_a_desk_is_told_what_it_does_not_hold_yet_page_by_page(store: Store) -> None:
    await store.write(lambda tx: receive(tx, [1, 3]))
    await store.write(lambda tx: dispatch(tx, [2]))
    await store.write(lambda tx: receive(tx, [4, 5]))
    await store.write(lambda tx: tx.wraps.keep([wrap(3), wrap(1, NODE)], [EPOCH], NOW))
    page = await store.read(lambda tx: tx.wraps.missing(POC, 0, 2))
    assert [item.statement for item in page] == [digest(1), digest(4)]
    assert [item.envelope_id for item in page] == [envelope_id(1), envelope_id(4)]
    rest = await store.read(lambda tx: tx.wraps.missing(POC, page[-1].number, 2))
    assert [item.statement for item in rest] == [digest(5)]
    assert await store.read(lambda tx: tx.inbox.last_number()) == rest[0].number


async def test_a_second_envelope_of_a_statement_that_a_desk_holds_is_missing_again(store: Store) -> None:
    await store.write(lambda tx: receive(tx, [1]))
    await store.write(lambda tx: tx.wraps.keep([wrap(1)], [EPOCH], NOW))
    again = replace(arrived(2), statement=digest(1))
    await store.write(lambda tx: tx.inbox.accept([again]))
    [missing] = await store.read(lambda tx: tx.wraps.missing(POC, 0, 9))
    assert (missing.statement, missing.envelope_id) == (digest(1), envelope_id(2))


async def test_before_the_first_envelope_the_last_number_is_none(store: Store) -> None:
    assert await store.read(lambda tx: tx.inbox.last_number()) == 0


async def test_deleted_wraps_are_gone_for_every_desk(store: Store) -> None:
    await store.write(lambda tx: tx.statements.admit([statement(1), statement(2)]))
    await store.write(lambda tx: tx.wraps.keep([wrap(1), wrap(1, NODE), wrap(2)], [EPOCH], NOW))
    await store.write(lambda tx: tx.wraps.delete([digest(1)]))
    assert await store.read(lambda tx: tx.wraps.of(POC, [digest(1), digest(2)])) == [wrap(2)]
    assert await store.read(lambda tx: tx.wraps.of(NODE, [digest(1)])) == []
    assert digest(1) in await store.read(lambda tx: tx.statements.find([digest(1)]))


# --- blind index


async def test_marks_are_found_by_the_desk_whose_hash_it_is(store: Store) -> None:
    entries = [
        BlindEntry(POC, b"h1", digest(1), "items.0.mark.0"),
        BlindEntry(POC, b"h1", digest(2), "items.3.mark.1"),
        BlindEntry(NODE, b"h1", digest(3), "items.0.mark.0"),
        BlindEntry(POC, b"h2", digest(1), "items.1.mark.0"),
    ]
    for _ in range(2):
        await store.write(lambda tx: tx.blind_index.keep(entries, []))
    found = await store.read(lambda tx: tx.blind_index.find(POC, [b"h1", b"h9"]))
    assert sorted(item.path for item in found) == ["items.0.mark.0", "items.3.mark.1"]
    await store.write(lambda tx: tx.blind_index.delete([digest(1)]))
    assert [
        item.statement for item in await store.read(lambda tx: tx.blind_index.find(POC, [b"h1", b"h2"]))
    ] == [digest(2)]


async def test_keys_wait_to_be_entered_until_they_were_also_those_that_come_later(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1, 2]))
    await store.write(lambda tx: tx.wraps.keep([wrap(1), wrap(1, NODE), wrap(2)], [EPOCH], NOW))
    first = await store.read(lambda tx: tx.blind_index.missing(POC, 0, 9))
    assert [(one.statement, one.envelope_id, one.desk) for one in first] == [
        (digest(1), envelope_id(1), POC),
        (digest(2), envelope_id(2), POC),
    ]
    assert await store.read(lambda tx: tx.blind_index.missing(POC, 0, 1)) == first[:1]
    assert await store.read(lambda tx: tx.blind_index.missing(POC, first[0].number, 9)) == first[1:]
    for _ in range(2):
        await store.write(lambda tx: tx.blind_index.keep([], first))
    assert await store.read(lambda tx: tx.blind_index.missing(POC, 0, 9)) == []
    again = replace(wrap(1), envelope_id=None)
    await store.write(lambda tx: tx.wraps.keep([again], [EPOCH], NOW))
    [later] = await store.read(lambda tx: tx.blind_index.missing(POC, 0, 9))
    assert (later.statement, later.envelope_id) == (digest(1), None)


async def test_who_may_not_open_a_statement_any_more_does_not_find_it_either(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1]))
    entry = BlindEntry(POC, b"h1", digest(1), "items.0.mark.0")
    await store.write(lambda tx: tx.wraps.keep([wrap(1)], [EPOCH], NOW))
    await store.write(lambda tx: tx.blind_index.keep([entry], []))
    await store.write(lambda tx: tx.wraps.delete([digest(1)]))
    assert await store.read(lambda tx: tx.blind_index.find(POC, [b"h1"])) == []


async def test_a_second_envelope_with_the_same_statement_is_kept_beside_the_first(store: Store) -> None:
    await store.write(lambda tx: accept(tx, [1]))
    again = replace(arrived(2), statement=digest(1))
    await store.write(
        together(lambda tx: tx.statements.admit([statement(1)]), lambda tx: tx.inbox.accept([again]))
    )
    mails = await store.read(lambda tx: tx.inbox.of_statements([digest(1)]))
    assert [mail.id for mail in mails] == [envelope_id(1), envelope_id(2)]

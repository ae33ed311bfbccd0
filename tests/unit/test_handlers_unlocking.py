"""To unlock a desk: its keys come into memory, and it gets its own keys of what came meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from fakes import messages as m
from fakes.house import CUSTOMS, NO_CONTEXT, PASSPHRASE, POC, POLICE, House, Street, draft, open_street
from tracepost.node.adapters.sql.sealed import SqlBodies, SqlWraps
from tracepost.node.desk_keys import DeskBundle
from tracepost.node.handlers.desks import unlocking
from tracepost.node.handlers.sealed.opening import Opener
from tracepost.node.records.statements import Cover, UnwrappedStatement, WrapRecord
from tracepost.protocol.errors import (
    LockedDeskError,
    NotFoundError,
    PermissionError_,
    SealingError,
    WrongPassphraseError,
)
from tracepost.protocol.ids import DeskId, EnvelopeId, decode_b64, parse_digest
from tracepost.protocol.sealing import OpenSlot, generate_desk_key
from tracepost.wire.v1 import desk_pb2

PARTS = [m.PICTURE, m.SCENE]


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, POLICE)}) as street:
        yield street


async def send(street: Street, count: int = 1) -> list[str]:
    """XAA asks XAB `count` times; return the digests."""
    drafts = [draft(m.rich_request(f"T-{n}"), to=["xab"], parts=PARTS) for n in range(count)]
    sent = await street["xaa"].submit(*drafts)
    await street.carry()
    return [one.statement for one in sent]


async def unlock(house: House, desk: str, passphrase: bytes = PASSPHRASE) -> int:
    asked = desk_pb2.UnlockDeskRequest(desk=desk, passphrase=passphrase)
    return (await house.as_officer(desk).UnlockDesk(asked, NO_CONTEXT)).rewrapped


async def lock(house: House, desk: str) -> None:
    await house.as_officer(desk).LockDesk(desk_pb2.LockDeskRequest(desk=desk), NO_CONTEXT)


async def show(house: House, desk: str, case: str = "T-0") -> desk_pb2.StatementView:
    view = await house.as_officer(desk).ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)
    return view.statements[0]


async def wraps(house: House, desk: str, digests: list[str]) -> list[WrapRecord]:
    named = [parse_digest(one) for one in digests]
    return await house.store.read(lambda tx: tx.wraps.of(DeskId(desk), named))


async def test_a_locked_desk_is_unlocked_by_its_passphrase(street: Street) -> None:
    house = street["xab"]
    await lock(house, "police")
    with pytest.raises(LockedDeskError):
        house.ring.secrets(DeskId("police"))
    await unlock(house, "police")
    assert house.ring.secrets(DeskId("police")).opening


async def test_a_wrong_passphrase_unlocks_nothing(street: Street) -> None:
    house = street["xab"]
    await lock(house, "police")
    with pytest.raises(WrongPassphraseError):
        await unlock(house, "police", b"another passphrase")
    assert DeskId("police") not in house.ring.unlocked()


async def test_an_officer_unlocks_and_locks_desks_of_the_certificate_alone(street: Street) -> None:
    desk = street["xab"].as_officer("poc")
    with pytest.raises(PermissionError_):
        await desk.UnlockDesk(desk_pb2.UnlockDeskRequest(desk="police", passphrase=PASSPHRASE), NO_CONTEXT)
    with pytest.raises(PermissionError_):
        await desk.LockDesk(desk_pb2.LockDeskRequest(desk="police"), NO_CONTEXT)
    with pytest.raises(PermissionError_):
        await desk.LockDesk(desk_pb2.LockDeskRequest(desk="node"), NO_CONTEXT)


async def test_what_came_while_it_was_locked_is_wrapped_for_the_desk(street: Street) -> None:
    house = street["xab"]
    await lock(house, "police")
    digests = await send(street, 3)
    assert await wraps(house, "police", digests) == []
    assert await unlock(house, "police") == 3
    assert len(await wraps(house, "police", digests)) == 3
    assert (await show(house, "police")).content.trace_request.persons


async def test_it_is_wrapped_once(street: Street) -> None:
    house = street["xab"]
    await send(street, 2)
    assert await unlock(house, "police") == 2
    assert await unlock(house, "police") == 0


async def test_it_is_done_in_batches(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlocking, "_BATCH", 2)
    digests = await send(street, 5)
    assert await unlock(street["xab"], "police") == 5
    assert len(await wraps(street["xab"], "police", digests)) == 5


async def test_what_comes_while_a_desk_is_unlocked_is_wrapped_without_another_unlock(street: Street) -> None:
    house = street["xab"]
    digests = await send(street, 3)
    assert await house.rooms.unlocking.keep_up() == 6  # two desks, three messages
    assert len(await wraps(house, "poc", digests)) == len(await wraps(house, "police", digests)) == 3
    assert await unlock(house, "police") == 0


async def test_nothing_is_wrapped_for_a_desk_that_is_locked(street: Street) -> None:
    house = street["xab"]
    await lock(house, "police")
    digests = await send(street)
    assert await house.rooms.unlocking.keep_up() == 1
    assert await wraps(house, "police", digests) == []


async def test_a_desk_that_is_locked_meanwhile_ends_its_part_alone(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = street["xab"]
    digests = await send(street)
    await lock(house, "poc")
    monkeypatch.setattr(house.ring, "unlocked", lambda: frozenset({DeskId("poc"), DeskId("police")}))
    assert await house.rooms.unlocking.keep_up() == 1
    assert len(await wraps(house, "police", digests)) == 1


async def test_beside_the_daily_work_only_a_few_are_wrapped_in_one_transaction(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlocking, "_SMALL_BATCH", 2)
    sizes: list[int] = []
    honest = SqlWraps.keep

    def keep(port: SqlWraps, kept: Sequence[WrapRecord], *rest: Any) -> None:
        sizes.append(len(kept))
        honest(port, kept, *rest)

    await send(street, 5)
    monkeypatch.setattr(SqlWraps, "keep", keep)
    await street["xab"].rooms.unlocking.keep_up()
    assert sizes == [2, 2, 1, 2, 2, 1]


async def test_a_flood_is_wrapped_in_several_rounds(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlocking, "_SMALL_BATCH", 2)
    monkeypatch.setattr(unlocking, "_ROUND", 3)
    house = street["xab"]
    await lock(house, "poc")
    digests = await send(street, 5)
    assert [await house.rooms.unlocking.keep_up() for _ in range(3)] == [3, 2, 0]
    assert len(await wraps(house, "police", digests)) == 5


async def test_it_goes_on_from_where_it_was(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round without new mail must not walk through all mail of years."""
    house = street["xab"]
    await lock(house, "poc")
    begun: list[int] = []
    honest = SqlWraps.missing

    def missing(port: SqlWraps, desk: DeskId, after: int, limit: int) -> list[UnwrappedStatement]:
        begun.append(after)
        return honest(port, desk, after, limit)

    monkeypatch.setattr(SqlWraps, "missing", missing)
    for _ in range(2):
        await send(street, 2)
        await house.rooms.unlocking.keep_up()
    await house.rooms.unlocking.keep_up()
    assert begun == [0, 2, 4]


async def test_a_wrapped_message_no_longer_needs_its_slot_key(street: Street) -> None:
    """So that a desk's mail key can be changed and, after the overlap, retired."""
    house = street["xab"]
    await send(street)
    await unlock(house, "police")
    bundle = house.identities.bundles[DeskId("police")]
    house.ring.hold(DeskBundle(bundle.desk, (generate_desk_key(),), bundle.storage, bundle.index_key))
    assert not (await show(house, "police")).HasField("problem")


async def test_wraps_need_the_desks_own_storage_key(street: Street) -> None:
    house = street["xab"]
    await send(street)
    await unlock(house, "police")
    bundle = house.identities.bundles[DeskId("police")]
    house.ring.hold(DeskBundle(bundle.desk, bundle.opening, (generate_desk_key(),), bundle.index_key))
    assert (await show(house, "police")).problem.code == "sealing"


async def test_a_desk_without_rights_gets_an_empty_wrap_and_is_not_asked_again(tmp_path: Path) -> None:
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, CUSTOMS)}) as street:
        digests = await send(street, 2)
        assert await unlock(street["xab"], "customs") == 0
        assert len(await wraps(street["xab"], "customs", digests)) == 2
        missing = await street["xab"].store.read(lambda tx: tx.wraps.missing(DeskId("customs"), 0, 10))
        assert missing == []


def older(bundle: DeskBundle) -> DeskBundle:
    """Return what a key store holds that was restored from before the desk's newest mail key."""
    return DeskBundle(bundle.desk, (generate_desk_key(),), bundle.storage, bundle.index_key)


async def test_keys_older_than_our_entry_say_nothing_of_what_is_not_for_them(street: Street) -> None:
    house = street["xab"]
    digests = await send(street)
    bundle = house.identities.bundles[DeskId("police")]
    house.ring.hold(older(bundle))
    await house.rooms.unlocking.keep_up()
    assert (await show(house, "police")).problem.reason == "no-slot-for-this-desk"
    assert await wraps(house, "police", digests) == []
    assert await street.queued(house) == []  # its author is not to blame
    house.ring.hold(bundle)
    assert await unlock(house, "police") == 1
    assert (await show(house, "police")).content.trace_request.persons


async def test_an_empty_wrap_is_not_believed_where_the_slot_opens(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been written by a node that held an older key."""
    house = street["xab"]
    [digest] = await send(street)
    bundle = house.identities.bundles[DeskId("police")]
    with monkeypatch.context() as patch:
        patch.setattr(Opener, "has_announced_key", lambda *_: True)
        house.ring.hold(older(bundle))
        await house.rooms.unlocking.keep_up()
    assert len(await wraps(house, "police", [digest])) == 1
    assert (await show(house, "police")).problem.reason == "no-slot-for-this-desk"
    house.ring.hold(bundle)
    told = await show(house, "police")
    assert told.content.trace_request.persons
    assert not told.HasField("problem")
    assert await street.queued(house) == []


async def test_a_slot_that_does_not_hold_is_in_the_audit_trail(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = street["xab"]
    [digest] = await send(street)
    honest = SqlBodies.covers

    def damaged(bodies: SqlBodies, ids: Sequence[EnvelopeId]) -> dict[EnvelopeId, Cover]:
        return {
            name: Cover(cover.header, cover.slots[:-40] + bytes(40), cover.proof)
            for name, cover in honest(bodies, ids).items()
        }

    monkeypatch.setattr(SqlBodies, "covers", damaged)
    for _ in range(2):
        assert await unlock(house, "police") == 0
    about = await house.store.read(lambda tx: tx.audit.about([digest]))
    assert [(one.event.actor, one.event.action) for one in about] == [("police", "does-not-open")]


async def test_a_slot_that_did_not_hold_is_tried_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = street["xab"]
    digests = await send(street)
    with monkeypatch.context() as patch:
        patch.setattr(unlocking, "find_slot", refuse_slot)
        assert await unlock(house, "police") == 0
    assert await wraps(house, "police", digests) == []
    assert await unlock(house, "police") == 1


def refuse_slot(*_: object, **__: object) -> OpenSlot:
    raise SealingError(reason="content-does-not-open")


async def test_locking_forgets_what_was_opened(street: Street) -> None:
    house = street["xab"]
    await send(street)
    await show(house, "police")
    secrets = house.ring.secrets(DeskId("police"))
    assert secrets.epochs._secrets
    await lock(house, "police")
    assert not secrets.epochs._secrets
    assert (await show(house, "police")).desk_locked


async def test_both_are_in_the_audit_trail(street: Street) -> None:
    house = street["xab"]
    await lock(house, "police")
    await unlock(house, "police")
    about = await house.store.read(lambda tx: tx.audit.about(["police"]))
    assert [(one.event.actor, one.event.action) for one in about] == [
        ("officer-7", "lock"),
        ("officer-7", "unlock"),
    ]


async def test_a_desk_that_is_not_here_is_refused(street: Street) -> None:
    with pytest.raises((NotFoundError, PermissionError_)):
        await (
            street["xab"]
            .as_officer("poc")
            .UnlockDesk(desk_pb2.UnlockDeskRequest(desk="nowhere", passphrase=PASSPHRASE), NO_CONTEXT)
        )


async def test_the_wraps_say_nothing_of_what_they_open(street: Street) -> None:
    house = street["xab"]
    digests = await send(street)
    await unlock(house, "police")
    [wrap] = await wraps(house, "police", digests)
    assert decode_b64(digests[0], "") not in wrap.wrap

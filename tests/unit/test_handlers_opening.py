"""A statement that came in several envelopes: all of them together are what a desk holds of it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.adversary import Forger, Parcel, disclose
from fakes.house import NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.desk_keys import DeskBundle
from tracepost.node.records.mail import MailState
from tracepost.protocol.casefile import read_casefile
from tracepost.protocol.envelope import envelope_id
from tracepost.protocol.ids import DeskId, EnvelopeId, encode_b64
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.sealing import SealedBody, generate_desk_key
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2

GROUND = "seen in a shop window"


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with open_street(tmp_path, "xaa", "xab", desks={"xab": (POC, POLICE)}) as street:
        yield street


def sign(street: Street) -> Statement:
    """Return a request of XAA with a field of LAW_ENFORCEMENT."""
    return Forger(street["xaa"], street["xab"]).sign(m.request("T-1", ground_text=GROUND))


def pack(street: Street, signed: Statement) -> Parcel:
    """Return the statement sealed as an honest node seals it."""
    return Forger(street["xaa"], street["xab"]).pack(signed)


def spine_only(parcel: Parcel) -> Parcel:
    """Give every desk what the daemon reads, and no more."""
    parcel.entitled = [frozenset({0}) & entitled for entitled in parcel.entitled]
    return parcel


def broken(sealed: SealedBody) -> SealedBody:
    """Return a body of which the daemon's compartment opens and no other."""
    body = sealed.body[: sealed.keys[1].offset].ljust(len(sealed.body), b"\x00")
    return dataclasses.replace(sealed, body=body, sha256=hashlib.sha256(body).digest())


async def deliver(street: Street, parcel: Parcel) -> EnvelopeId:
    envelope = await Forger(street["xaa"], street["xab"]).post(parcel)
    assert len((await street.deliver(street["xaa"], [envelope], "xab")).receipts) == 1
    return envelope_id(envelope.header)


async def read(street: Street, signed: Statement, desk: str = "police") -> desk_pb2.StatementView:
    asked = desk_pb2.ShowCaseRequest(case=signed.claims.thread)
    view = await street["xab"].as_officer(desk).ShowCase(asked, NO_CONTEXT)
    return next(v for v in view.statements if v.statement == encode_b64(signed.digest))


async def wraps(house: House, signed: Statement) -> set[EnvelopeId | None]:
    """Return which envelopes the police of `house` hold wrapped keys of."""
    held = await house.store.read(lambda tx: tx.wraps.of(DeskId("police"), [signed.digest]))
    return {one.envelope_id for one in held}


async def test_what_was_withheld_at_first_is_read_when_it_comes(street: Street) -> None:
    """messages.md, section 1: it can be asked for later."""
    signed = sign(street)
    await deliver(street, spine_only(pack(street, signed)))
    assert not (await read(street, signed)).content.trace_request.ground_text
    await deliver(street, pack(street, signed))
    told = await read(street, signed)
    assert told.content.trace_request.ground_text == GROUND
    assert not told.hidden
    assert not told.HasField("problem")


async def test_what_came_first_is_kept_when_the_second_has_less(street: Street) -> None:
    signed = sign(street)
    await deliver(street, pack(street, signed))
    await deliver(street, spine_only(pack(street, signed)))
    assert (await read(street, signed)).content.trace_request.ground_text == GROUND


async def test_each_envelope_is_wrapped_and_needs_no_slot_key_then(street: Street) -> None:
    house, signed = street["xab"], sign(street)
    names = {await deliver(street, spine_only(pack(street, signed)))}
    assert await house.rooms.unlocking.keep_up() == 2
    names.add(await deliver(street, pack(street, signed)))
    assert await house.rooms.unlocking.keep_up() == 2
    assert await wraps(house, signed) == names
    bundle = house.identities.bundles[DeskId("police")]
    house.ring.hold(DeskBundle(bundle.desk, (generate_desk_key(),), bundle.storage, bundle.index_key))
    assert (await read(street, signed)).content.trace_request.ground_text == GROUND


async def test_our_own_copy_is_wrapped_without_an_envelope(street: Street) -> None:
    house = street["xaa"]
    [sent] = await house.submit(draft(m.request("T-1", ground_text=GROUND), to=["xab"]))
    [record] = await house.store.read(lambda tx: tx.statements.in_threads([sent.thread]))  # type: ignore[list-item]
    held = await house.store.read(lambda tx: tx.wraps.of(DeskId("police"), [record.digest]))
    assert [one.envelope_id for one in held] == [None]


@pytest.mark.parametrize("order", [["broken", "whole"], ["whole", "broken"]])
async def test_an_envelope_that_does_not_open_takes_nothing_away(street: Street, order: list[str]) -> None:
    """Else its author could make a statement unreadable that he regrets."""
    signed = sign(street)
    for one in order:
        parcel = pack(street, signed)
        if one == "broken":
            parcel.rewrite = broken
        await deliver(street, parcel)
    told = await read(street, signed)
    assert told.content.trace_request.ground_text == GROUND
    assert told.problem.reason == "compartment-does-not-open"


async def test_an_envelope_with_what_was_not_signed_takes_nothing_away(street: Street) -> None:
    signed = sign(street)
    await deliver(street, pack(street, signed))
    parcel = pack(street, signed)
    made_up = disclose("ground_text", "something else", Sensitivity.LAW_ENFORCEMENT).encoded
    parcel.compartments[1] = dataclasses.replace(parcel.compartments[1], disclosures=(made_up,))
    await deliver(street, parcel)
    told = await read(street, signed)
    assert told.content.trace_request.ground_text == GROUND
    assert told.problem.reason == "disclosure-unreferenced"


async def test_what_an_officer_set_aside_is_not_read(street: Street) -> None:
    house, signed = street["xab"], sign(street)
    await deliver(street, spine_only(pack(street, signed)))
    name = await deliver(street, pack(street, signed))
    await house.store.write(lambda tx: tx.inbox.move([name], MailState.SET_ASIDE, street.clock()))
    assert not (await read(street, signed)).content.trace_request.ground_text


async def test_later_envelopes_push_no_earlier_one_out(street: Street) -> None:
    signed = sign(street)
    await deliver(street, spine_only(pack(street, signed)))
    await deliver(street, pack(street, signed))
    for _ in range(8):
        await deliver(street, spine_only(pack(street, signed)))
    assert (await read(street, signed)).content.trace_request.ground_text == GROUND


async def test_photographs_and_exports_are_those_of_all_envelopes(street: Street) -> None:
    house = street["xab"]
    signed = Forger(street["xaa"], house).sign(m.rich_request("T-1"))
    parcel = pack(street, signed)
    await deliver(street, spine_only(pack(street, signed)))
    place = next(i for i, c in enumerate(parcel.compartments) if i and 2 in readers_of(parcel, i))
    parcel.compartments[place] = dataclasses.replace(parcel.compartments[place], parts=(m.PICTURE,))
    await deliver(street, parcel)
    digest = hashlib.sha256(m.PICTURE).digest()
    desk = house.as_officer("police")
    wanted = desk_pb2.FetchPartRequest(case=signed.claims.thread, sha256=digest)
    assert (await desk.FetchPart(wanted, NO_CONTEXT)).content == m.PICTURE
    asked = desk_pb2.ExportCaseRequest(case=signed.claims.thread, format="EXPORT_FORMAT_TRACEPOST")
    data = b"".join([chunk.data async for chunk in desk.ExportCase(asked, NO_CONTEXT)])
    [filed] = [s for s in read_casefile(data).statements if s.parts]
    assert list(filed.parts) == [m.PICTURE]
    assert len(filed.envelopes) == 2


def readers_of(parcel: Parcel, compartment: int) -> set[int]:
    """Return the slots that open a compartment."""
    return {number for number, entitled in enumerate(parcel.entitled) if compartment in entitled}

"""Entries about an envelope: made from its address, and compared with it.

The address is what the envelope's header says: parties, road, lane and number. An entry repeats it,
so that a log alone still shows every number that was given, long after the header is deleted.
"""

from __future__ import annotations

from typing import Literal

from tracepost.protocol.envelope import Address
from tracepost.protocol.evidence.entry import (
    Custody,
    Received,
    Sent,
    receipt_commitment,
    sent_commitment,
)
from tracepost.protocol.ids import EnvelopeId, StatementDigest


def sent_on(address: Address, envelope: EnvelopeId, statement: StatementDigest, time: int) -> Sent:
    """Return what a sender's log says of an envelope with this address (`time` in unix seconds)."""
    return Sent(
        id=envelope,
        statement=sent_commitment(envelope, statement),
        to_member=address.to_member,
        via=address.road.via,
        lane=address.lane,
        epoch=address.road.epoch,
        seq=address.road.seq,
        time=time,
    )


def received_on(
    address: Address,
    envelope: EnvelopeId,
    statement: StatementDigest | None,
    time: int,
    *,
    verdict: Literal["accepted", "refused"] = "accepted",
    reason: bytes = b"",
) -> Received:
    """Return what an addressee's log says of an envelope; `statement` is None if none could be read."""
    return Received(
        id=envelope,
        statement=receipt_commitment(envelope, statement) if statement else b"",
        verdict=verdict,
        reason=reason,
        time=time,
        from_member=address.from_member,
        via=address.road.via,
        lane=address.lane,
        epoch=address.road.epoch,
        seq=address.road.seq,
    )


def custody_on(address: Address, envelope: EnvelopeId, time: int) -> Custody:
    """Return what a relay's log says of an envelope that it keeps until its `deliver_by`."""
    return Custody(
        id=envelope,
        until=address.deliver_by,
        time=time,
        from_member=address.from_member,
        to_member=address.to_member,
        via=address.road.via,
        lane=address.lane,
        epoch=address.road.epoch,
        seq=address.road.seq,
    )


def is_on(entry: Sent | Received | Custody, address: Address) -> bool:
    """Say whether an entry names parties, road, lane and number as the address does."""
    if not isinstance(entry, Received) and entry.to_member != address.to_member:
        return False
    if not isinstance(entry, Sent) and entry.from_member != address.from_member:
        return False
    road = address.road
    expected = (road.via, address.lane, road.epoch, road.seq)
    return (entry.via, entry.lane, entry.epoch, entry.seq) == expected

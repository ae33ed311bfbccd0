"""Attachments at a relay: who may bring and fetch, what counts in whose quota, and when all of it is forgotten."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.members import Network
from fakes.postgres import Databases
from tracepost.protocol.envelope import CheckedEnvelope, parse_envelope
from tracepost.protocol.errors import BusyError, NotFoundError, QuotaError, TracepostError
from tracepost.protocol.evidence import Origin, generate_log_key
from tracepost.protocol.ids import MemberId
from tracepost.protocol.revocation import Revocations
from tracepost.protocol.trustlist import load_first
from tracepost.relay.carriage import Carriage
from tracepost.relay.mailboxes import Mailboxes
from tracepost.relay.reception import Situation, receive_receipt
from tracepost.relay.store import RelayStore
from tracepost.relay.trust import TrustState
from tracepost.relay.usage import Quota, Side, read_usage
from tracepost.serving.storage.blobs import Blobs
from tracepost.serving.storage.engine import MEMORY
from tracepost.wire.v1.post_pb2 import AttachmentPiece, AttachmentRequest

XAA, XAB, XAC, HUB = (MemberId(name) for name in ("xaa", "xab", "xac", "hub"))
NOW = int(time.time())
DATA = os.urandom(100_000)
ADDRESS = hashlib.sha256(DATA).digest()


class Rig:
    """A relay's store and files, and members that use them."""

    def __init__(self, folder: Path, quota: Quota, url: str = MEMORY) -> None:
        self.network = Network("xaa", "xab", "xac", "hub")
        self.store = RelayStore.open(url, generate_log_key(Origin(HUB, "tracepost.example", 1)))
        self.boxes = Mailboxes(self.store.log, per_sender=quota, per_mailbox=quota, random=os.urandom)
        self.folder = folder
        self.carriage = Carriage(self.store, Blobs(folder, 1 << 30), per_sender=quota, per_mailbox=quota)

    @property
    def files(self) -> list[str]:
        return [path.name for path in self.folder.rglob("*") if path.is_file()]

    async def mail(self, sender: str, to: str, *, deliver_by: int = NOW + 1000) -> CheckedEnvelope:
        """Take an envelope into custody that names the attachment."""
        made = self.network[sender].envelope(to, via="hub", attachments=(ADDRESS,), deliver_by=deliver_by)
        envelope = parse_envelope(made, now=None)
        await self.store.write(lambda c: self.boxes.keep(c, [envelope], NOW), label="keep")
        return envelope

    async def push(self, sender: MemberId, envelope: CheckedEnvelope, data: bytes = DATA) -> int:
        """Bring the attachment; return from which byte on the relay wanted it."""

        async def pieces() -> AsyncIterator[AttachmentPiece]:
            yield AttachmentPiece(envelope_id=envelope.id, address=ADDRESS, total_bytes=len(DATA))
            yield AttachmentPiece(data=data)

        positions = [one async for one in self.carriage.take(sender, pieces())]
        assert positions[-1].complete
        return positions[0].offset

    async def fetch(self, addressee: MemberId, envelope: CheckedEnvelope, offset: int = 0) -> bytes:
        request = AttachmentRequest(envelope_id=envelope.id, address=ADDRESS, offset=offset)
        return b"".join([piece.data async for piece in self.carriage.give(addressee, request)])

    async def confirm(self, addressee: MemberId, envelope: CheckedEnvelope) -> None:
        await self.carriage.forget(addressee, AttachmentRequest(envelope_id=envelope.id, address=ADDRESS))

    async def receive(self, envelope: CheckedEnvelope, *, refused: bool = False) -> None:
        """Let the addressee's receipt pass."""
        data, fingerprint = self.network.trust_list()
        trust = TrustState(load_first(data, fingerprint=fingerprint), Revocations())
        by = self.network[envelope.header.to_member]
        wire = by.receipt(envelope.to_wire(), refused=refused)
        receipt = receive_receipt(wire, Situation(by.id, HUB, trust, NOW))
        await self.store.write(lambda c: self.boxes.take_receipts(c, [receipt]), label="receive")

    async def usage(self) -> dict[Any, tuple[int, int]]:
        return {key: counts for key, counts in (await self.store.read(read_usage)).items() if any(counts)}


@pytest.fixture(params=["memory", "postgresql"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A relay that keeps what it knows of attachments on each database that it may have."""
    folder, quota = tmp_path / "attachments", Quota(1000, 1 << 30)
    if request.param == "memory":
        made = Rig(folder, quota)
        yield made
        made.store.close()
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.create("relay", make_tables)
    made = Rig(folder, quota, url)
    yield made
    made.store.close()
    databases.drop(url)


def make_tables(url: str) -> None:
    RelayStore.open(url, generate_log_key(Origin(HUB, "tracepost.example", 1))).close()


async def refusal_of(call: Any, kind: type[TracepostError]) -> str:
    with pytest.raises(kind) as refusal:
        await call
    return refusal.value.reason


async def test_the_addressee_fetches_what_the_sender_brought_from_any_byte_on(rig: Rig) -> None:
    envelope = await rig.mail("xaa", "xab")
    assert await refusal_of(rig.fetch(XAB, envelope), BusyError) == "not-here-yet"
    assert await rig.push(XAA, envelope) == 0
    assert await rig.fetch(XAB, envelope) == DATA
    assert await rig.fetch(XAB, envelope, 70_000) == DATA[70_000:]
    assert await rig.push(XAA, envelope) == len(DATA)


async def test_it_outlives_the_receipt_of_its_envelope_and_goes_when_it_is_confirmed(rig: Rig) -> None:
    envelope = await rig.mail("xaa", "xab")
    await rig.receive(envelope)
    await rig.push(XAA, envelope)
    assert await rig.usage() == {(XAA, Side.SENDER): (0, len(DATA)), (XAB, Side.MAILBOX): (0, len(DATA))}
    await rig.confirm(XAC, envelope)
    assert await rig.fetch(XAB, envelope) == DATA
    await rig.confirm(XAB, envelope)
    assert await rig.usage() == {}
    assert rig.files == []
    assert await refusal_of(rig.fetch(XAC, envelope), NotFoundError) == "not-named"
    await rig.confirm(XAB, envelope)


async def test_a_sender_that_ended_before_it_noted_that_it_was_brought_brings_it_again(rig: Rig) -> None:
    """It waits until `deliver_by`, as what the addressee has not fetched does."""
    envelope = await rig.mail("xaa", "xab", deliver_by=NOW + 10)
    await rig.push(XAA, envelope)
    await rig.receive(envelope)
    await rig.confirm(XAB, envelope)
    assert await refusal_of(rig.push(XAC, envelope), NotFoundError) == "not-named"
    assert await rig.push(XAA, envelope) == 0
    assert await rig.push(XAA, envelope) == len(DATA)
    assert await rig.usage() == {(XAA, Side.SENDER): (0, len(DATA)), (XAB, Side.MAILBOX): (0, len(DATA))}
    assert await rig.fetch(XAB, envelope) == DATA
    await rig.carriage.expire(NOW + 11)
    assert await rig.usage() == {}
    assert await refusal_of(rig.push(XAA, envelope), NotFoundError) == "not-named"


async def test_who_had_it_and_lost_it_may_let_it_be_brought_again(rig: Rig) -> None:
    envelope = await rig.mail("xaa", "xab")
    await rig.push(XAA, envelope)
    await rig.receive(envelope)
    await rig.confirm(XAB, envelope)
    assert await refusal_of(rig.fetch(XAB, envelope), BusyError) == "not-here-yet"
    assert await refusal_of(rig.push(XAC, envelope), NotFoundError) == "not-named"
    assert await rig.push(XAA, envelope) == 0
    assert await rig.usage() == {(XAA, Side.SENDER): (0, len(DATA)), (XAB, Side.MAILBOX): (0, len(DATA))}
    assert await rig.fetch(XAB, envelope) == DATA
    await rig.confirm(XAB, envelope)
    assert await rig.usage() == {}
    assert rig.files == []


async def test_its_sender_is_told_that_the_addressee_has_it_and_nobody_else_is(rig: Rig) -> None:
    envelope = await rig.mail("xaa", "xab")
    await rig.push(XAA, envelope)
    assert not await rig.carriage.is_fetched(XAA, envelope.id, ADDRESS)
    await rig.confirm(XAB, envelope)
    assert await rig.carriage.is_fetched(XAA, envelope.id, ADDRESS)
    assert not await rig.carriage.is_fetched(XAC, envelope.id, ADDRESS)
    refused = await rig.mail("xaa", "xac")
    await rig.receive(refused, refused=True)
    assert not await rig.carriage.is_fetched(XAA, refused.id, ADDRESS)


async def test_a_file_for_two_is_brought_once_and_kept_until_both_have_it(rig: Rig) -> None:
    first, second = await rig.mail("xaa", "xab"), await rig.mail("xaa", "xac")
    assert await rig.push(XAA, first) == 0
    assert await rig.push(XAA, second) == len(DATA)
    await rig.confirm(XAB, first)
    assert await rig.fetch(XAC, second) == DATA
    await rig.confirm(XAC, second)
    assert rig.files == []


async def test_naming_what_another_member_brought_gives_nobody_anything(rig: Rig) -> None:
    theirs = await rig.mail("xaa", "xab")
    await rig.push(XAA, theirs)
    ours = await rig.mail("xac", "xab")
    assert await refusal_of(rig.fetch(XAB, ours), BusyError) == "not-here-yet"
    assert await refusal_of(rig.push(XAC, theirs), NotFoundError) == "not-named"
    assert await rig.push(XAC, ours) == 0


async def test_of_mail_that_the_addressee_refuses_nothing_is_kept(rig: Rig) -> None:
    envelope = await rig.mail("xaa", "xab")
    await rig.push(XAA, envelope)
    await rig.receive(envelope, refused=True)
    assert await rig.usage() == {}
    assert await refusal_of(rig.fetch(XAB, envelope), NotFoundError) == "not-named"


async def test_what_was_not_fetched_in_time_goes(rig: Rig) -> None:
    envelope = await rig.mail("xaa", "xab", deliver_by=NOW + 10)
    await rig.push(XAA, envelope)
    await rig.receive(envelope)
    await rig.carriage.expire(NOW + 10)
    assert await rig.fetch(XAB, envelope) == DATA
    for path in rig.folder.rglob("*"):
        os.utime(path, (NOW - 7200, NOW - 7200))
    await rig.carriage.expire(NOW + 11)
    assert await rig.usage() == {}
    assert rig.files == []


@pytest.mark.parametrize("side", ["sender", "mailbox"])
async def test_a_side_without_room_takes_it_later(tmp_path: Path, side: str) -> None:
    rig = Rig(tmp_path / "attachments", Quota(1000, 150_000))
    try:
        first = await rig.mail("xaa", "xab")
        sender, to = ("xaa", "xac") if side == "sender" else ("xac", "xab")
        second = await rig.mail(sender, to)
        await rig.push(XAA, first)
        assert await refusal_of(rig.push(MemberId(sender), second), QuotaError) == "mail-quota"
        await rig.confirm(XAB, first)
        await rig.push(MemberId(sender), second)
    finally:
        rig.store.close()

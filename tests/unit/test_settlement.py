"""What a node tells the bringer of receipts that it has stored, and which receipts and mail it believes."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType

import pytest

from fakes.casefiles import Log
from fakes.house import House, Street, draft, open_street
from fakes.messages import request
from tracepost.protocol.envelope import envelope_id, parse_header
from tracepost.protocol.evidence import Head, ListedKey, LogVerifier, received_on
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1.envelope_pb2 import LogProof
from tracepost.wire.v1.post_pb2 import Receipt


def end_key(house: House, ended: House, size: int, root: bytes) -> None:
    """Let `house` hold a trust list in which the log key of `ended` has ended."""
    listed = ListedKey(ended.identities.log_key.vkey, until_size=size, final_root=root)
    state = house.papers._state
    verifiers = MappingProxyType({**state.verifiers, ended.member: LogVerifier([listed])})
    house.papers._state = dataclasses.replace(state, verifiers=verifiers)


def head_of(proof: bytes, house: House) -> Head:
    """Return the head under which a log proof of `house` stands."""
    verifier = LogVerifier([house.identities.log_key.vkey])
    return verifier.open(LogProof.FromString(proof).checkpoint)


async def reasons(house: House, subject: bytes) -> list[str]:
    """Return what the audit trail of `house` says of an envelope."""
    about = await house.store.read(lambda tx: tx.audit.about([subject.hex()]))
    return [one.event.outcome for one in about]


class TestEndedKey:
    """A log key that was stolen and has ended (proto/README.md, chapter 8)."""

    @pytest.fixture
    async def street(self, tmp_path: Path) -> AsyncIterator[Street]:
        async with open_street(tmp_path, "xaa", "xab") as street:
            await street["xaa"].submit(draft(request("T-1"), to=["xab"]))
            yield street

    async def test_its_thief_clears_no_outbox(self, street: Street) -> None:
        sender, addressee = street["xaa"], street["xab"]
        end_key(sender, addressee, 100, b"\x07" * 32)
        [envelope] = await street.queued(sender)
        name = envelope_id(envelope.header)
        [sent] = (await sender.store.read(lambda tx: tx.dispatches.find([name]))).values()
        entry = received_on(parse_header(envelope.header).address, name, sent.statement, street.clock())
        forged = Log(addressee.identities.log_key).prove(entry)
        receipt = Receipt(envelope_id=name, from_member="xab", to_member="xaa", proof=forged)
        assert await street.settle(sender, [receipt], "xab") == []
        assert await street.queued(sender) == [envelope]
        assert await reasons(sender, name) == ["old-head-of-ended-key"]

    async def test_a_receipt_under_its_last_head_is_believed(self, street: Street) -> None:
        sender, addressee = street["xaa"], street["xab"]
        [envelope] = await street.queued(sender)
        [receipt] = (await addressee.mailroom.receive([envelope], sender.member)).receipts
        last = head_of(receipt.proof, addressee)
        end_key(sender, addressee, last.size, last.root)
        assert await street.settle(sender, [receipt], "xab") == [receipt.envelope_id]
        assert await street.queued(sender) == []

    async def test_mail_under_an_older_head_is_turned_away_and_under_its_last_one_taken(
        self, street: Street
    ) -> None:
        sender, addressee = street["xaa"], street["xab"]
        [envelope] = await street.queued(sender)
        last = head_of(envelope.proof, sender)
        end_key(addressee, sender, last.size + 1, bytes(32))
        reply = await addressee.mailroom.receive([envelope], sender.member)
        assert (reply.receipts, [status.code for status in reply.statuses]) == ([], ["evidence"])
        outcome = "evidence/old-head-of-ended-key"
        assert await reasons(addressee, envelope_id(envelope.header)) == [outcome]
        end_key(addressee, sender, last.size, last.root)
        assert len((await addressee.mailroom.receive([envelope], sender.member)).receipts) == 1


async def test_only_the_addressees_word_is_told_as_stored(tmp_path: Path) -> None:
    """A relay would take the word on its custody receipt for the one on the delivery receipt, and forget that."""
    async with open_street(tmp_path, "xaa", "xab", relays=["hub"]) as street:
        sender, receiver = street["xaa"], street["xab"]
        sender.roads["xab"] = "hub"
        await sender.submit(draft(request("T-1"), to=["xab"]))
        [envelope] = await street.queued(sender)
        assert await street.settle(sender, [street._custody(envelope, "hub")], "hub") == []
        reply = await receiver.mailroom.receive([envelope], MemberId("hub"))
        stored = await street.settle(sender, reply.receipts, "hub")
        assert stored == [receipt.envelope_id for receipt in reply.receipts]

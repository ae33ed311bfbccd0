"""What a node tells the bringer of receipts that it has stored."""

from __future__ import annotations

from pathlib import Path

from fakes.house import draft, open_street
from fakes.messages import request
from tracepost.protocol.ids import MemberId


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

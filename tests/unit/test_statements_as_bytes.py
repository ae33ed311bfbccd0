"""A statement lies in a body as bytes where its addressee says that it opens them, and as texts where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fakes import house
from fakes.house import House, draft, open_street
from fakes.messages import request
from tracepost.node import directory_entry
from tracepost.protocol import sealing
from tracepost.protocol.envelope import parse_envelope
from tracepost.protocol.ids import DeskId
from tracepost.wire.v1 import envelope_pb2

READER = DeskId("police")


def spine(envelope: envelope_pb2.Envelope, reader: House) -> envelope_pb2.Compartment:
    """Return the first compartment as it was sealed."""
    checked, secrets = parse_envelope(envelope, now=None), reader.ring.secrets(READER)
    header = checked.header
    slot = sealing.find_slot(
        checked.slots, secrets.opening, header.from_member, header.to_member, header.body_sha256
    )
    return envelope_pb2.Compartment.FromString(sealing.open_compartments(checked.body, slot.keys.values())[0])


@pytest.mark.parametrize("opens_bytes", [True, False])
async def test_an_addressee_gets_the_form_that_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, opens_bytes: bool
) -> None:
    """A node of before, whose entry does not say so, reads what comes, and answers can be read."""
    plain = directory_entry.write_entry

    def write(*arguments: Any) -> Any:
        entry = plain(*arguments)
        entry.opens_bytes = opens_bytes
        return entry

    monkeypatch.setattr(house, "write_entry", write)
    async with open_street(tmp_path, "xaa", "xab") as street:
        [sent] = await street["xaa"].submit(draft(request(), to=["xab"]))
        [envelope] = await street.queued(street["xaa"])
        sealed = spine(envelope, street["xab"])
        assert (bool(sealed.jws), len(sealed.jws_segments)) == ((False, 3) if opens_bytes else (True, 0))
        [reply] = await street.carry()
        assert [receipt.from_member for receipt in reply.receipts] == ["xab"]
        assert sent.thread

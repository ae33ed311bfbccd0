"""An exhibit says what its signer disclosed, and is shown as such."""

from __future__ import annotations

import pytest
from rich.console import Console

from fakes.casefiles import World
from tracepost.cli.render.case import statement_sheet
from tracepost.protocol.errors import StatementError
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, share_pb2, terms_pb2, trace_pb2, weapon_pb2


def exhibit(keep: str = "") -> share_pb2.Exhibit:
    world = World("xaa", "xab", "xac")
    item = weapon_pb2.Item(id="1", object=weapon_pb2.Object(make="ROSSI"))
    request = trace_pb2.TraceRequest(
        file_number="F-1",
        ground_text="seized",
        items=[item],
        handling_instructions=[terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT],
    )
    signed = world.sign("xaa", ["xab"], request)
    return world.exhibit(signed, lambda path: path != keep)


def shown(one: share_pb2.Exhibit) -> str:
    referral = trace_pb2.Referral(requester="xaa", exhibits=[one])
    view = desk_pb2.StatementView(kind="trace.referral/1", content=desk_pb2.Content(referral=referral))
    console = Console(width=200)
    with console.capture() as capture:
        console.print(statement_sheet(view))
    return capture.get()


def test_an_exhibit_is_read_with_what_it_discloses() -> None:
    read = read_exhibit(exhibit(keep="ground_text"))
    assert (read.claims.iss, read.claims.kind) == ("xaa", "trace.request/1")
    assert isinstance(read.message, trace_pb2.TraceRequest)
    assert read.message.items[0].object.make == "ROSSI"
    assert not read.message.HasField("ground_text")


def test_handling_instructions_of_an_exhibit_stand_on_the_sheet_too() -> None:
    sheet = shown(exhibit(keep="ground_text"))
    assert "!! DO NOT ALERT !!" in sheet
    assert "ROSSI" in sheet
    assert "left out by the forwarder: 1 field" in sheet


def test_an_exhibit_whose_signature_does_not_hold_is_said_to_be_so() -> None:
    damaged = exhibit()
    damaged.jws = damaged.jws[:-4] + ("AAAA" if not damaged.jws.endswith("AAAA") else "BBBB")
    with pytest.raises(StatementError):
        read_exhibit(damaged)
    assert "does not verify" in shown(damaged)
    with pytest.raises(StatementError):
        read_exhibit(share_pb2.Exhibit())

"""Members that are no states run the same node, and read what their competences let them read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tracepost.cli.demonstration.network import Network
from tracepost.protocol.errors import PermissionError_
from tracepost.sdk import Cover
from tracepost.sdk.exhibits import read_exhibit
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, trace_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"
PANEL, MISSION = "un-panel-xyz", "un-mission-xyz"


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    made = Network.create(tmp_path / "network", ("xaa", "xab", PANEL, MISSION), None)
    async with made:
        await made.start()
        yield made


async def test_a_panel_and_a_peace_operation_get_a_request_of_which_only_the_frame_was_sealed_to_them(
    network: Network,
) -> None:
    draft = read_draft(read_document(EXAMPLES / "import-mark.json"), Album(EXAMPLES))
    draft.to[:] = [PANEL, MISSION]
    async with network.client("xaa") as officer:
        sent = await officer.submit(draft)
        assert {one.to for one in sent.unsent} == {PANEL, MISSION}
        lines = await officer.list_directory()
    assert {line.member: line.member_type for line in lines} == {
        "xaa": "state",
        "xab": "state",
        PANEL: "panel",
        MISSION: "peace-operation",
    }
    for member, desk in ((PANEL, "experts"), (MISSION, "embargo")):
        view = await _arrived(network, member, desk, sent.thread)
        told = view.statements[0].content.trace_request
        assert told.file_number == draft.content.trace_request.file_number
        assert not told.items[0].HasField("object")
        assert not told.HasField("circumstances")


async def test_a_panel_reads_of_what_is_passed_on_what_its_author_consented_to_and_no_more(
    network: Network,
) -> None:
    """Though the author laid no restriction on it: a panel reads by consent alone."""
    draft = read_draft(read_document(EXAMPLES / "import-mark.json"), Album(EXAMPLES))
    draft.ClearField("restrictions")
    async with network.client("xaa") as officer:
        asked = await officer.submit(draft)
    await _arrived(network, "xab", "poc", asked.thread)
    with pytest.raises(PermissionError_) as refused:
        await _share(network, asked)
    assert refused.value.reason == "no-consent"
    granted = trace_pb2.Consent(
        step=trace_pb2.CONSENT_STEP_DECIDED,
        decision=trace_pb2.CONSENT_DECISION_GRANTED,
        third_party=PANEL,
        statement_digest=asked.statement,
        field_paths=["items.0.object.make", "items.0.object.country_of_manufacture"],
        purpose=draft.purpose,
    )
    async with network.client("xaa") as officer:
        said = await officer.consent(asked.thread, granted)
    await _arrived(network, "xab", "poc", asked.thread, said.statement)
    sent = await _share(network, asked)
    view = await _arrived(network, PANEL, "experts", sent.thread)
    [exhibit] = [
        one
        for statement in view.statements
        for one in statement.content.share.exhibits
        if one.statement_digest == asked.statement
    ]
    shown = read_exhibit(exhibit).message
    assert isinstance(shown, trace_pb2.TraceRequest)
    assert {field.name for field, _value in shown.items[0].object.ListFields()} == {
        "make",
        "country_of_manufacture",
    }


async def _share(network: Network, asked: desk_pb2.Submission) -> desk_pb2.Submission:
    choice = onward_pb2.ShareChoice(statement=asked.statement)
    message = share_pb2.Share(reason=share_pb2.SHARE_REASON_MANDATE)
    async with network.client("xab") as officer:
        return await officer.share(asked.thread, message, Cover(to=(PANEL,), shared=(choice,)))


async def _arrived(
    network: Network, member: str, desk: str, thread: str, statement: str = ""
) -> desk_pb2.CaseView:
    async with network.client(member, desk) as officer, asyncio.timeout(180):
        while True:
            async for case in officer.list_cases():
                if case.thread == thread:
                    view = await officer.show_case(thread)
                    if not statement or any(one.statement == statement for one in view.statements):
                        return view
            await asyncio.sleep(0.05)

"""Members that are no states run the same node, and read what their competences let them read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tracepost.cli.demonstration.network import Network
from tracepost.sdk.intake.documents import Album, read_document, read_draft
from tracepost.wire.v1 import desk_pb2

EXAMPLES = Path(__file__).parents[2] / "examples"
PANEL, MISSION = "un-panel-xyz", "un-mission-xyz"


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    made = Network.create(tmp_path / "network", ("xaa", PANEL, MISSION), None)
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
        PANEL: "panel",
        MISSION: "peace-operation",
    }
    for member, desk in ((PANEL, "experts"), (MISSION, "embargo")):
        view = await _arrived(network, member, desk, sent.thread)
        told = view.statements[0].content.trace_request
        assert told.file_number == draft.content.trace_request.file_number
        assert not told.items[0].HasField("object")
        assert not told.HasField("circumstances")


async def _arrived(network: Network, member: str, desk: str, thread: str) -> desk_pb2.CaseView:
    async with network.client(member, desk) as officer, asyncio.timeout(30):
        while True:
            async for case in officer.list_cases():
                if case.thread == thread:
                    return await officer.show_case(thread)
            await asyncio.sleep(0.05)

"""Which cases a desk sees that is not on every case: those that it was put on, and no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.adversary import Forger
from fakes.house import CUSTOMS, NO_CONTEXT, POC, POLICE, House, Street, draft, open_street
from tracepost.node.records.cases import CaseDesk
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId, ThreadId
from tracepost.protocol.schema import Field, JsonValue, Sensitivity
from tracepost.wire.v1 import desk_pb2, report_pb2

AT = 1_800_000_000


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA has asked XAB twice; customs of XAB were put on the first case."""
    desks = {"xab": (POC, POLICE, CUSTOMS)}
    async with open_street(tmp_path, "xaa", "xab", desks=desks) as street:
        [sent, _] = [
            (await street["xaa"].submit(draft(m.request(name), to=["xab"])))[0] for name in ("T-1", "T-2")
        ]
        await street.carry()
        put = CaseDesk(ThreadId(sent.thread), DeskId("customs"), "officer-7", AT)
        await street["xab"].store.write(lambda tx: tx.case_desks.put([put]))
        yield street


async def list_as(house: House, desk: str) -> list[str]:
    told = await house.as_officer(desk).ListCases(desk_pb2.ListCasesRequest(), NO_CONTEXT)
    return sorted(one.their_file_number for one in told.cases)


class TestPutOnACase:
    """messages.md, section 1: a case has a list of desks that were put on it."""

    async def test_a_desk_lists_the_cases_that_it_is_on(self, street: Street) -> None:
        assert await list_as(street["xab"], "customs") == ["T-1"]
        assert await list_as(street["xab"], "poc") == ["T-1", "T-2"]

    async def test_it_reads_the_administrative_data_of_them(self, street: Street) -> None:
        [shown] = (await show(street["xab"], "T-1")).statements
        assert shown.content.trace_request.file_number == "T-1"

    async def test_it_reads_no_other(self, street: Street) -> None:
        house = street["xab"].as_officer("customs")
        with pytest.raises(PermissionError_):
            await show(street["xab"], "T-2")
        with pytest.raises(PermissionError_):
            async for _ in house.ExportCase(desk_pb2.ExportCaseRequest(case="T-2"), NO_CONTEXT):
                pass
        with pytest.raises(PermissionError_):
            await house.ExplainPolicy(desk_pb2.ExplainPolicyRequest(what="T-2"), NO_CONTEXT)

    async def test_it_is_told_the_story_of_its_cases_alone(self, street: Street) -> None:
        house = street["xab"].as_officer("customs")
        assert (await house.ShowTimeline(desk_pb2.ShowTimelineRequest(case="T-1"), NO_CONTEXT)).events
        with pytest.raises(PermissionError_):
            await house.ShowTimeline(desk_pb2.ShowTimelineRequest(case="T-2"), NO_CONTEXT)

    async def test_what_belongs_to_no_case_is_not_for_it(self, street: Street) -> None:
        house = street["xab"].as_officer("customs")
        with pytest.raises(PermissionError_):
            await house.ListHeld(desk_pb2.ListHeldRequest(), NO_CONTEXT)
        with pytest.raises(PermissionError_):
            await house.ListAudit(desk_pb2.ListAuditRequest(), NO_CONTEXT)

    async def test_taken_off_it_sees_the_case_no_more(self, street: Street) -> None:
        house = street["xab"]
        [thread] = await house.store.read(lambda tx: tx.cases.resolve("T-1"))
        await house.store.write(lambda tx: tx.case_desks.take_off(thread, [DeskId("customs")], AT + 1))
        assert await list_as(house, "customs") == []
        with pytest.raises(PermissionError_):
            await show(house, "T-1")


async def show(house: House, case: str) -> desk_pb2.CaseView:
    return await house.as_officer("customs").ShowCase(desk_pb2.ShowCaseRequest(case=case), NO_CONTEXT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("readers.0", {"path": "items", "units": "many", "desks": 5}),
        ("readers.0", "everybody"),
        ("exhibits.0.jws", "no statement"),
        ("exhibits.0.restrictions.0", {"code": 7, "until": []}),
        ("named_desks", {"xab": "poc"}),
    ],
)
async def test_fields_that_a_kind_does_not_know_keep_nobody_from_reading_the_case(
    tmp_path: Path, path: str, value: JsonValue
) -> None:
    async with open_street(tmp_path, "xaa", "xab") as street:
        [sent] = await street["xaa"].submit(draft(m.request("T-1"), to=["xab"]))
        await street.carry()
        forger = Forger(street["xaa"], street["xab"])
        signed = forger.sign_fields(
            "error/1", [Field(path, Sensitivity.ADMINISTRATIVE, value)], thread=ThreadId(sent.thread)
        )
        reply = await street.deliver(street["xaa"], [await forger.post(forger.pack(signed))], "xab")
        assert len(reply.receipts) == 1
        asked = desk_pb2.ShowCaseRequest(case=sent.thread)
        view = await street["xab"].as_officer("poc").ShowCase(asked, NO_CONTEXT)
        assert view.statements
        assert not any(one.HasField("problem") for one in view.statements)
        count = report_pb2.MakeReportRequest(from_day="2020-01-01", to_day="2040-01-01")
        assert (await street["xab"].as_officer("poc").MakeReport(count, NO_CONTEXT)).cells

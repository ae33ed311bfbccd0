"""How single statements are to be handled, told beside them: to whom the case is open, and to whom it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import CUSTOMS, POC, POLICE, House, Street, draft, open_street
from tracepost.node.handlers.case.handling import read_handling
from tracepost.node.handlers.case.office import OwnDesk
from tracepost.node.ports.store import Tx
from tracepost.protocol.ids import DeskId, ThreadId
from tracepost.wire.v1 import terms_pb2

DO_NOT_ALERT = terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    """XAA asks XAB, which refers the request to XAC; customs of both were put on no case."""
    desks = {"xab": (POC, POLICE, CUSTOMS), "xac": (POC, POLICE, CUSTOMS)}
    async with open_street(tmp_path, "xaa", "xab", "xac", desks=desks) as street:
        yield street


async def ask_and_refer(street: Street) -> ThreadId:
    request = m.request("T-1", referral_consents=["xac"], handling_instructions=[DO_NOT_ALERT])
    [asked] = await street["xaa"].submit(draft(request, to=["xab"]))
    await street.carry()
    referral = m.referral("xaa", asked.thread, asked.statement)
    [sent] = await street["xab"].submit(draft(referral, to=["xac"], case=asked.thread, desk="police"))
    assert not sent.HasField("problem"), sent.problem
    await street.carry()
    return ThreadId(asked.thread)


async def handling(house: House, thread: ThreadId, desk: OwnDesk) -> dict[str, list[int]]:
    """Return what is told beside each statement of a case, by kind."""

    def read(tx: Tx) -> dict[str, list[int]]:
        records = tx.statements.in_threads([thread])
        told = read_handling(tx, house.office, house.gate, [desk], records)
        return {one.kind: list(told[one.digest]) for one in records}

    return await house.store.read(read)


async def test_a_desk_that_reads_the_case_is_told_what_any_of_it_says(street: Street) -> None:
    thread = await ask_and_refer(street)
    police = street["xac"].office.desk(DeskId("police"))
    assert await handling(street["xac"], thread, police) == {"trace.referral/1": [DO_NOT_ALERT]}


async def test_a_desk_that_does_not_is_told_what_a_statement_says_of_itself_and_of_nothing_enclosed(
    street: Street,
) -> None:
    thread = await ask_and_refer(street)
    customs = [street[name].office.desk(DeskId("customs")) for name in ("xab", "xac")]
    at_xab = await handling(street["xab"], thread, customs[0])
    asked = at_xab.pop("trace.request/1")
    assert (asked, set(map(tuple, at_xab.values()))) == ([DO_NOT_ALERT], {()})
    assert "trace.referral/1" in at_xab
    assert await handling(street["xac"], thread, customs[1]) == {"trace.referral/1": []}

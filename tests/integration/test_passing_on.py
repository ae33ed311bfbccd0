"""Three real nodes and a relay: what is passed on is told of, withdrawn, confirmed and deleted, over kill -9."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.errors import UnreachableError
from tracepost.sdk.drafts import Cover
from tracepost.wire.v1 import desk_pb2, onward_pb2, share_pb2, terms_pb2, trace_pb2, weapon_pb2

XAA, XAB, XAC = "xaa", "xab", "xac"
CANARY = "canary-intended-use"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {XAA: (POC, POLICE), XAB: (POC, POLICE), XAC: (POC, POLICE)}
    town = found_town(folder, states, "hub")

    async def meet() -> None:
        async with town.running("hub", XAA, XAB, XAC):
            await town.meet(XAA, XAB, XAC)

    asyncio.run(meet())
    return town


def question() -> trace_pb2.TraceRequest:
    mark = weapon_pb2.Mark(role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen="AB 1234")
    thing = weapon_pb2.Object(make="Zastava", model="M70", mark=[mark])
    item = weapon_pb2.Item(
        id="1", kind="ITEM_KIND_WEAPON", illicit_grounds=["ILLICIT_GROUND_NATIONAL_LAW"], object=thing
    )
    return trace_pb2.TraceRequest(
        file_number="PASS-1",
        items=[item],
        urgency="URGENCY_ROUTINE",
        guarantees_restrictions=True,
        intended_use_detail=CANARY,
    )


async def ask(town: Town) -> desk_pb2.Submission:
    cover = Cover(
        to=(XAB,),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client(XAA) as officer:
        return await officer.submit_request(question(), cover)


async def pass_on(town: Town, case: str, statement: str) -> desk_pb2.Submission:
    chosen = (onward_pb2.ShareChoice(statement=statement),)
    async with town.client(XAB) as officer:
        share = share_pb2.Share(reason="SHARE_REASON_CASE")
        return await officer.share(case, share, Cover(to=(XAC,), shared=chosen))


def has(town: Town, member: str, kind: str, count: int = 1) -> Any:
    return lambda: (
        len(town.ask(member, f"SELECT 1 FROM statement WHERE kind = '{kind}' AND in_effect")) >= count
    )


async def states(town: Town, case: str) -> dict[str, int]:
    async with town.client(XAA) as officer:
        found = (await officer.list_holders(case)).holders
    return {one.member: one.state for one in found if one.of_member == XAA}


async def test_it_is_told_of_withdrawn_and_confirmed_by_everybody(founded: Town, tmp_path: Path) -> None:
    town = founded.copy(tmp_path / "town")
    async with town.running("hub", XAA, XAB, XAC):
        for member in (XAA, XAB, XAC):
            await town.unlock(member)
        sent = await ask(town)
        await until(has(town, XAB, "trace.request/1"), "the request")
        await pass_on(town, sent.thread, sent.statement)
        await until(has(town, XAA, "release.notice/1"), "the notice")
        await until(has(town, XAC, "share/1"), "the share")
        async with town.client(XAA) as officer:
            asked = trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_ASKED", deletion_asked=True)
            withdrawal = await officer.withdraw(sent.thread, asked, Cover(to=(XAB,)))
        await until(has(town, XAB, "trace.withdrawal/1"), "the withdrawal")
        await pass_on(town, sent.thread, withdrawal.statement)
        await until(has(town, XAC, "share/1", 2), "the withdrawal at the third")
        gone = trace_pb2.Withdrawal(step="WITHDRAWAL_STEP_DELETED", deleted_at="2030-01-01T10:00:00Z")
        for member, to in ((XAC, (XAB, XAA)), (XAB, (XAA,))):
            async with town.client(member) as officer:
                await officer.withdraw(sent.thread, gone, Cover(to=to))
        await until(has(town, XAA, "trace.withdrawal/1", 3), "both confirmations")
        deleted = onward_pb2.HOLDER_STATE_DELETED
        assert await states(town, sent.thread) == {XAB: deleted, XAC: deleted}


@pytest.mark.parametrize("moment", ["before-commit:delete:1", "after-commit:delete:1", "after-sign:delete:1"])
async def test_a_kill_while_it_is_deleted_leaves_all_of_it_or_nothing(
    founded: Town, tmp_path: Path, moment: str, request: pytest.FixtureRequest
) -> None:
    town = founded.copy(tmp_path / "town")
    xab = town.process(XAB)
    request.addfinalizer(xab.abandon)
    async with town.running("hub", XAA):
        await xab.start(fault=moment)
        await town.unlock(XAA)
        await town.unlock(XAB)
        sent = await ask(town)
        await until(has(town, XAB, "trace.request/1"), "the request")
        with pytest.raises(UnreachableError):
            await delete(town, sent.statement)
        await xab.killed()
        is_gone = bool(town.ask(XAB, "SELECT 1 FROM tombstone"))
        assert is_gone == (not moment.startswith("before"))
        assert bool(town.ask(XAB, "SELECT 1 FROM body WHERE length(body) > 0")) != is_gone
        await xab.start()
        await town.unlock(XAB)
        await delete(town, sent.statement)
        assert await xab.stop() == 0
    folder = town.place(XAB)
    found = [one.name for one in folder.rglob("*") if one.is_file() and CANARY.encode() in one.read_bytes()]
    assert found == []


async def delete(town: Town, statement: str) -> onward_pb2.DeleteStatementsResponse:
    asked = onward_pb2.DeleteStatementsRequest(statements=[statement], reason="sent in error")
    async with town.client(XAB, desk="police") as officer:
        return await officer.delete_statements(asked)

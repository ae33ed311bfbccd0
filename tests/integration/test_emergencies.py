"""Reading against a refusal, with real nodes: kill -9 before and after each write.

emergency-ask     before   after   told      it is asked
emergency-grant   before   after   told      granted, in the log, and the provider's notice is in the queue: or nothing
emergency-look    before   after   told      nothing is shown that the log does not say
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import TracepostError
from tracepost.sdk.office import make_emergency, make_emergency_word
from tracepost.wire.v1 import office_pb2

MOMENTS = ("before-commit", "after-commit", "after-sign")
WRITES = ("emergency-ask", "emergency-grant", "emergency-look")
GRANTED = office_pb2.EMERGENCY_STATE_GRANTED


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states and a relay; xab holds a request of xaa."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder, states, "hub", reachable=("xab",))

    async def send() -> None:
        async with town.running("hub", *states):
            await town.meet(*states)
            await town.unlock("xaa")
            async with town.client("xaa", desk="police") as officer:
                sent = await officer.submit(draft(m.request("T-1"), to=["xab"], desk="police"))
                assert not sent.HasField("problem"), sent.problem
            await until(lambda: count(town, "received_mail") == 1, "the request to arrive")

    asyncio.run(send())
    return town


def count(town: Town, table: str, where: str = "1") -> int:
    [(number,)] = town.ask("xab", f"SELECT count(*) FROM {table} WHERE {where}")
    return int(number)


async def asked(town: Town) -> office_pb2.Emergency:
    async with town.client("xab", desk="police") as first:
        found = await first.office.list_emergencies()
        if found.emergencies:
            return found.emergencies[0]
        [statement] = (await first.show_case("T-1")).statements
        request = make_emergency(
            [statement.statement],
            "police",
            "A life is in danger.",
            officer="7",
            papers=town.papers("xab"),
            now=found.clock,
        )
        return await first.office.ask_emergency(request)


async def grant(town: Town) -> office_pb2.Emergency:
    async with town.client("xab", officer="9", desk="police") as second:
        found = await second.office.list_emergencies()
        [one] = found.emergencies
        if one.state == GRANTED:
            return one
        word = make_emergency_word(one, Decision.APPROVED, town.papers("xab", "9"), found.clock)
        return await second.office.decide_emergency(word)


async def look(town: Town) -> office_pb2.EmergencyView:
    async with town.client("xab", desk="police") as first:
        return await first.office.show_emergency(1)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("write", WRITES)
async def test_a_kill_at_this_point_grants_nothing_by_halves(
    write: str, moment: str, founded: Town, tmp_path: Path
) -> None:
    """SIGKILL at the point, restart, the same again: a grant and its notice are there together or not at all."""
    town = founded.copy(tmp_path / "town")
    victim = town.process("xab")
    steps = dict(zip(WRITES, (asked, grant, look), strict=True))
    done = moment != "before-commit"
    try:
        await victim.start(fault=f"{moment}:{write}:1")
        await town.unlock("xab")
        for name, step in steps.items():
            if name == write:
                with pytest.raises(TracepostError):
                    await step(town)
                break
            await step(town)
        await victim.killed()
        is_granted = WRITES.index(write) + done > 1
        assert count(town, "emergency", "state = 'GRANTED'") == is_granted
        assert count(town, "sent_mail") == is_granted, "the provider's notice, with the grant"
        assert count(town, "audit_event", "action = 'break-glass'") == (write == "emergency-look" and done)
        await victim.start()
        await town.unlock("xab")
        for step in steps.values():
            await step(town)
        assert count(town, "emergency", "state = 'GRANTED'") == 1
        assert count(town, "emergency") == 1
        assert count(town, "sent_mail") == 1
        looks = 2 if write == "emergency-look" and done else 1
        assert count(town, "audit_event", "action = 'break-glass' AND log_number IS NOT NULL") == looks
    finally:
        victim.abandon()

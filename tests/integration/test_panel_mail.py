"""A panel and a peace operation with real nodes: who reads what they ask and tell, and what they read themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from google.protobuf import json_format

from fakes.channels import decision, documented, panel_reply, panel_request, texts_to_print
from fakes.town import MISSION, OPERATION, PANEL, POC, POLICE, Town, found_town, until
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk import Cover
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

HUB, XAA, XAB, XAC = "hub", "xaa", "xab", "xac"
EXPERTS, PEACE = "un-panel-xyz", "un-mission-xyz"
TYPES = {EXPERTS: MemberType.PANEL, PEACE: MemberType.PEACE_OPERATION}
DESKS = {
    XAA: (POC, POLICE, MISSION),
    XAB: (dataclasses.replace(POC, copied_on_panel_mail=True), POLICE, MISSION),
    XAC: (POC, POLICE),
    EXPERTS: (PANEL,),
    PEACE: (OPERATION,),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder: Path = tmp_path_factory.mktemp("panel") / "town"
    return found_town(folder, DESKS, HUB, types=TYPES)


@asynccontextmanager
async def awake(town: Town, *members: str) -> AsyncIterator[None]:
    async with town.running(HUB, *members):
        await town.meet(*members)
        for member in members:
            await town.unlock(member)
        yield


def cover(*to: str) -> Cover:
    return Cover(
        to=to,
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        legal_basis=terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
    )


async def arrive(town: Town, member: str, sent: desk_pb2.Submission, number: int = 1) -> None:
    question = f"SELECT count(*) FROM statement WHERE thread = '{sent.thread}' AND in_effect"
    await until(lambda: town.ask(member, question) == [(number,)], f"mail to arrive at {member}")


async def seen(town: Town, member: str, desk: str, case: str) -> list[str]:
    async with town.client(member, desk=desk) as officer:
        statements = (await officer.show_case(case)).statements
    return [json_format.MessageToJson(one.content, ensure_ascii=False) for one in statements]


SAID = {"АБ 1234", "canary-question", "canary-embargo-context"}


async def test_a_request_goes_to_the_mission_and_to_who_wants_a_copy(town: Town) -> None:
    """A State without such a desk gets it where its requests are judged; nobody learns who else was asked."""
    async with awake(town, EXPERTS, XAA, XAB, XAC):
        cases: dict[str, str] = {}
        async with town.client(EXPERTS, desk="experts") as panel:
            with pytest.raises(InvalidMessageError):
                await panel.ask_as_panel(panel_request(), cover(XAA, XAB))
            for member in (XAA, XAB, XAC):
                sent = await panel.ask_as_panel(panel_request(), cover(member))
                await arrive(town, member, sent)
                cases[member] = sent.thread
        read = {
            (member, desk): {
                word for word in SAID if word in (await seen(town, member, desk, cases[member]))[0]
            }
            for member, desks in ((XAA, ("poc", "police", "mission")), (XAB, ("poc", "police", "mission")))
            for desk in desks
        }
        (judged,) = await seen(town, XAC, "poc", cases[XAC])
        async with town.client(XAA, officer="10", desk="mission") as mission:
            listed = [one.thread async for one in mission.list_cases()]
    assert len(set(cases.values())) == 3
    assert read == {
        (XAA, "poc"): set(),
        (XAA, "police"): set(),
        (XAA, "mission"): SAID,
        (XAB, "poc"): SAID,
        (XAB, "police"): set(),
        (XAB, "mission"): SAID,
    }
    assert all(word in judged for word in SAID)
    assert listed == [cases[XAA]]


async def test_a_mission_answers_and_decides_what_may_be_printed(town: Town) -> None:
    told = panel_reply("1", companies=[trace_pb2.Company(role="COMPANY_ROLE_BROKER", name="canary-broker")])
    async with (
        awake(town, EXPERTS, XAA),
        town.client(EXPERTS, desk="experts") as panel,
        town.client(XAA, officer="10", desk="mission") as mission,
    ):
        asked = await panel.ask_as_panel(panel_request(), cover(XAA))
        await arrive(town, XAA, asked)
        answered = await mission.reply_to_panel(asked.thread, told)
        await arrive(town, EXPERTS, asked, 2)
        *_, answer = await seen(town, EXPERTS, "experts", asked.thread)
        assert "canary-explanation" in answer
        assert "canary-broker" in answer
        await panel.ask_as_panel(
            texts_to_print(answered.statement, p1="one", p2="two"), cover(XAA), asked.thread
        )
        await arrive(town, XAA, asked, 3)
        *_, put = await seen(town, XAA, "mission", asked.thread)
        assert '"text": "one"' in put
        await mission.reply_to_panel(asked.thread, decision(p1="DENIED", p2="another text"))
        await arrive(town, EXPERTS, asked, 4)
        *_, decided = (await panel.show_case(asked.thread)).statements
    reply = decided.content.panel_reply
    assert [(one.text_id, one.decision) for one in reply.publication] == [("p1", 3), ("p2", 2)]
    assert [(one.text_id, one.text) for one in reply.texts] == [("p2", "another text")]


async def test_silence_means_something_only_after_proof_of_delivery(town: Town) -> None:
    async with awake(town, EXPERTS, XAA), town.client(EXPERTS, desk="experts") as panel:
        reached = await panel.ask_as_panel(panel_request(file_number="P-reached"), cover(XAA))
        await arrive(town, XAA, reached)
        waiting = await panel.ask_as_panel(panel_request(file_number="P-waiting"), cover(XAC))

        async def silent(case: str) -> tuple[list[str], list[str]]:
            summary = (await panel.show_case(case)).summary
            return list(summary.no_reply_recorded), [one.member for one in summary.delivery_not_proved]

        on_its_way = "SELECT 1 FROM sent_mail WHERE state <> 'DELIVERED' AND to_member = 'xaa'"
        await until(lambda: not town.ask(EXPERTS, on_its_way), "the receipt")
        assert await silent(reached.thread) == ([XAA], [])
        assert await silent(waiting.thread) == ([], [XAC])


async def test_what_a_peace_operation_documents_is_read_by_states_and_panels(town: Town) -> None:
    async with awake(town, EXPERTS, PEACE, XAA):
        async with town.client(PEACE, desk="embargo") as observer:
            sent = await observer.document(
                documented(verifier="VERIFIER_ROLE_MILITARY_OBSERVER", summary="canary-summary"),
                cover(XAA, EXPERTS),
            )
        await arrive(town, XAA, sent)
        await arrive(town, EXPERTS, sent)
        for member, desk in ((XAA, "poc"), (XAA, "mission"), (XAA, "police"), (EXPERTS, "experts")):
            (shown,) = await seen(town, member, desk, sent.thread)
            assert "АБ 1234" in shown, (member, desk)
            assert "canary-summary" in shown, (member, desk)
        async with town.client(XAA) as point:
            with pytest.raises(InvalidMessageError):
                await point.document(documented(), cover(EXPERTS))

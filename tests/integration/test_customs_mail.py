"""Customs mail through real nodes: a service that is a member itself and has one customs desk, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from google.protobuf import json_format

from fakes.channels import seizure
from fakes.messages import request
from fakes.town import CUSTOMS, POC, POLICE, SERVICE, Town, found_town, until
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk import Client, Cover
from tracepost.sdk.attachments import hand_in, prepare_file, take_out
from tracepost.wire.v1 import attachment_pb2, desk_pb2, seizure_pb2, terms_pb2, trace_pb2

HUB, XAA, XAB, XAC = "hub", "xaa", "xab", "xac-customs"
MEMBERS = (HUB, XAA, XAB, XAC)
ASSISTANCE = terms_pb2.LEGAL_BASIS_CUSTOMS_ASSISTANCE


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    desks = {XAA: (POC, POLICE, CUSTOMS), XAB: (POC, POLICE, CUSTOMS), XAC: (SERVICE,)}
    types = {XAC: MemberType.ORGANISATION}
    return found_town(tmp_path_factory.mktemp("customs") / "town", desks, HUB, types=types)


@asynccontextmanager
async def awake(town: Town) -> AsyncIterator[None]:
    async with town.running(*MEMBERS):
        await town.meet(XAA, XAB, XAC)
        for member in (XAA, XAB, XAC):
            await town.unlock(member)
        yield


def cover(*to: str, **more: object) -> Cover:
    values = {"purpose": terms_pb2.PURPOSE_BORDER_CONTROL, "legal_basis": ASSISTANCE, **more}
    return Cover(to=to, **values)  # type: ignore[arg-type]  # a test knows the fields


async def arrive(town: Town, member: str, sent: desk_pb2.Submission, number: int = 1) -> None:
    question = f"SELECT count(*) FROM statement WHERE thread = '{sent.thread}' AND in_effect"
    await until(lambda: town.ask(member, question) == [(number,)], f"mail to arrive at {member}")


async def see(town: Town, member: str, desk: str, case: str) -> list[desk_pb2.StatementView]:
    async with town.client(member, desk=desk) as officer:
        return list((await officer.show_case(case)).statements)


def said(one: desk_pb2.StatementView) -> str:
    return json_format.MessageToJson(one.content, ensure_ascii=False)


def full_notice() -> seizure_pb2.SeizureNotice:
    return seizure(
        container_numbers=["CSQU3054383"],
        exact_place="canary-exact-place",
        companies=[trace_pb2.Company(role="COMPANY_ROLE_CONSIGNOR", name="canary-company")],
        persons=[trace_pb2.Person(role="PERSON_ROLE_CONSIGNEE", name="canary-person")],
        contacts=[terms_pb2.Contact(name="canary-officer")],
        handling_instructions=["HANDLING_INSTRUCTION_CALL_BEFORE_ACTING"],
    )


async def test_a_notice_reaches_customs_desks_and_each_reads_what_is_its_own(town: Town) -> None:
    """Customs read what was seized and how it was carried; companies and persons are for others."""
    async with awake(town):
        async with town.client(XAB, desk="customs") as customs:
            sent = await customs.notify_seizure(full_notice(), cover(XAA, XAC))
        await arrive(town, XAA, sent)
        await arrive(town, XAC, sent)
        seen = {
            (member, desk): said((await see(town, member, desk, sent.thread))[0])
            for member, desk in ((XAA, "poc"), (XAA, "police"), (XAA, "customs"), (XAC, "customs"))
        }
        async with town.client(XAC, desk="customs") as officer:
            listed = [one.thread async for one in officer.list_cases()]
    words = {"АБ 1234", "canary-border-point", "CSQU3054383", "canary-exact-place"}
    words |= {"canary-company", "canary-person", "canary-officer", "Customs of XAB"}
    read = {who: {word for word in words if word in text} for who, text in seen.items()}
    assert read[XAC, "customs"] == read[XAA, "customs"]
    assert read[XAC, "customs"] == {"АБ 1234", "canary-border-point", "CSQU3054383", "Customs of XAB"}
    assert read[XAA, "poc"] == read[XAC, "customs"] | {"canary-company", "canary-officer"}
    assert read[XAA, "police"] == words
    assert listed == [sent.thread]


async def test_what_nobody_there_may_read_is_said_to_be_withheld(town: Town) -> None:
    async with awake(town):
        async with town.client(XAB, desk="customs") as customs:
            sent = await customs.notify_seizure(full_notice(), cover(XAC))
            preview = await customs.notify_seizure(full_notice(), cover(XAC, preview=True))
        await arrive(town, XAC, sent)
        (shown,) = await see(town, XAC, "customs", sent.thread)
    unsent = {one.path.split(".")[0] for one in sent.unsent}
    assert unsent == {"exact_place", "companies", "persons", "contacts"}
    assert {one.path for one in shown.content.seizure_notice.withheld} == unsent
    (reading,) = [one for one in preview.readings if one.desk == "customs"]
    assert "container_numbers" in reading.paths
    assert not unsent & {path.split(".")[0] for path in reading.paths}
    assert not preview.thread


async def test_a_customs_desk_follows_the_case_that_it_was_told_of(town: Town) -> None:
    """Whoever is told acknowledges, asks back and is answered; the customs desks of both sides read it."""
    async with awake(town):
        async with town.client(XAB, desk="customs") as customs:
            sent = await customs.notify_seizure(seizure(), cover(XAA))
        await arrive(town, XAA, sent)
        async with town.client(XAA, desk="customs") as officer:
            needed = trace_pb2.NeededInformation(item_id="1", code="INFORMATION_CODE_PACKAGING")
            question = trace_pb2.InformationRequest(needed=[needed], explanation="canary-explanation")
            await officer.ask(sent.thread, question)
        await arrive(town, XAB, sent, 2)
        *_, asked = await see(town, XAB, "customs", sent.thread)
    assert asked.content.information_request.explanation == "canary-explanation"


async def test_a_customs_desk_sees_no_case_that_was_not_written_for_it(town: Town) -> None:
    async with awake(town):
        async with town.client(XAB) as officer:
            asked = await officer.submit_request(request("T-1"), cover(XAA))
        await arrive(town, XAA, asked)
        async with town.client(XAA, officer="10", desk="customs") as customs:
            assert asked.thread not in [one.thread async for one in customs.list_cases()]
            with pytest.raises(PermissionError_):
                await customs.show_case(asked.thread)


async def test_a_file_beside_a_notice_reaches_a_customs_desk(town: Town, tmp_path: Path) -> None:
    """The one desk there is on no case of its own accord: the notice is written for it, and so is the file."""
    path = tmp_path / "x-ray.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 300_000)
    file, notice = prepare_file(path), seizure()
    notice.items[0].attachments.append(file.as_attachment())
    async with awake(town):
        async with town.client(XAB, desk="customs") as customs:
            await hand_in(customs, file)
            sent = await customs.notify_seizure(notice, cover(XAA))
        await arrive(town, XAA, sent)
        async with town.client(XAA, officer="10", desk="customs") as officer, asyncio.timeout(180):
            while not await _is_here(officer, sent.thread):  # noqa: ASYNC110 - a node answers, only
                await asyncio.sleep(0.05)
            saved = await take_out(officer, sent.thread, file.address, tmp_path / "out.pdf")
    assert saved.path.read_bytes() == path.read_bytes()


async def _is_here(officer: Client, case: str) -> bool:
    (shown,) = (await officer.show_case(case)).statements
    return [one.place for one in shown.attachments] == [attachment_pb2.ATTACHMENT_PLACE_HERE]

"""A second officer's word with real nodes: kill -9 before and after each write, strangers, and the command line.

submit            before   after   told      the message waits, once
release           before   after   told      it is sent once, on a word that is in the log
release-refuse    before   after   told      it is never sent
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.house import draft
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import TracepostError
from tracepost.sdk import Client, OfficerPapers
from tracepost.sdk.attachments import hand_in, prepare_file, take_out
from tracepost.sdk.office import make_word
from tracepost.wire.v1 import attachment_pb2, desk_pb2, office_pb2

WAITING = desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER
OPENED = "action = 'open'"
PDF = b"%PDF-1.7\n"
MOMENTS = ("before-commit", "after-commit", "after-sign")
WRITES = ("submit", "release", "release-refuse")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states and a relay; a second officer is asked, and both officers of the police desk have called."""
    folder: Path = tmp_path_factory.mktemp("founded") / "town"
    states = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder, states, "hub", reachable=("xab",), release='second_officer = "required"')

    async def meet() -> None:
        async with town.running("hub", *states):
            await town.meet(*states)
            for officer in ("7", "9"):
                async with town.client("xaa", officer=officer, desk="police") as client:
                    await client.get_status()
            await until(lambda: len(town.ask("xaa", "SELECT number FROM officer")) == 2, "both to be known")

    asyncio.run(meet())
    return town


def guarded() -> desk_pb2.Draft:
    request = m.request("T-1")
    request.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
    return draft(request, to=["xab"], desk="police", idempotency_key="T-1")


async def say(town: Town, statement: str, decision: Decision) -> office_pb2.ReleaseLine:
    async with town.client("xaa", officer="9", desk="police") as second:
        view = await second.office.show_release(statement)
        word = make_word(view, decision, town.papers("xaa", "9"), "because")
        return await second.office.decide_release(word)


async def submit(town: Town) -> desk_pb2.Submission:
    async with town.client("xaa", desk="police") as first:
        return await first.submit(guarded())


def count(town: Town, table: str, member: str = "xaa") -> int:
    [(number,)] = town.ask(member, f"SELECT count(*) FROM {table}")
    return int(number)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("write", WRITES)
async def test_a_kill_at_this_point_sends_nothing_without_a_word_and_loses_nothing(
    write: str, moment: str, founded: Town, tmp_path: Path
) -> None:
    """SIGKILL at the point, restart, the same again: sent once and only on a word, or never."""
    town = founded.copy(tmp_path / "town")
    victim = town.process("xaa")
    decision = Decision.REFUSED if write == "release-refuse" else Decision.APPROVED
    try:
        await victim.start(fault=f"{moment}:{write}:1")
        async with town.running("hub", "xab"):
            await town.unlock("xaa")
            sent = None if write == "submit" else await submit(town)
            with pytest.raises(TracepostError):
                await (submit(town) if sent is None else say(town, sent.statement, decision))
            await victim.killed()
            if write == "submit" or moment == "before-commit":
                assert count(town, "sent_mail") == 0
            await victim.start()
            await town.unlock("xaa")
            again = await submit(town)
            assert again.release_state == WAITING
            assert count(town, "release") == 1
            if write == "submit" or moment == "before-commit":
                assert count(town, "release_letter") == 1
                assert count(town, "sent_mail") == 0
                await say(town, again.statement, decision)
            assert count(town, "release_letter") == 0
            if decision is Decision.REFUSED:
                assert count(town, "sent_mail") == 0
            else:
                await until(lambda: count(town, "received_mail", "xab") == 1, "it to arrive")
                assert count(town, "sent_mail") == 1
    finally:
        victim.abandon()


async def reason_of(call: Awaitable[object]) -> str:
    with pytest.raises(TracepostError) as refusal:
        await call
    return refusal.value.reason


async def test_the_second_officer_opens_all_that_goes_with_it_and_nobody_else(
    founded: Town, tmp_path: Path
) -> None:
    """Photographs and files of mail that waits: for the officer whose word it waits for, logged."""
    town = founded.copy(tmp_path / "town")
    path = tmp_path / "register.pdf"
    path.write_bytes(PDF + os.urandom(70_000))
    file, picture = prepare_file(path), hashlib.sha256(m.PICTURE).digest()
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        asked = guarded()
        asked.content.trace_request.items[0].attachments.append(file.as_attachment())
        asked.content.trace_request.items[0].object.photograph.add(
            sha256=picture, media_type="image/jpeg", view="PHOTOGRAPH_VIEW_SERIAL", size=len(m.PICTURE)
        )
        asked.parts.append(m.PICTURE)
        out = tmp_path / "out"
        async with (
            town.client("xaa", desk="police") as first,
            town.client("xaa", officer="9", desk="police") as second,
            town.client("xaa", officer="8", desk="poc") as other,
        ):
            await hand_in(first, file)
            sent = await first.submit(asked)
            assert sent.release_state == WAITING, sent.problem
            name = sent.statement
            view = await second.office.show_release(name)
            [state] = view.shown.attachments
            assert (state.address, state.place) == (file.address, attachment_pb2.ATTACHMENT_PLACE_HERE)
            assert (await second.fetch_part("", picture, release=name)).content == m.PICTURE
            saved = await take_out(second, "", file.address, out, release=name)
            assert saved.path.read_bytes() == path.read_bytes()
            looks = town.ask("xaa", f"SELECT actor, subject, log_number FROM audit_event WHERE {OPENED}")
            assert {(actor, subject) for actor, subject, _ in looks} == {("officer-9", name)}
            assert all(number is not None for *_, number in looks)
            for who, reason in ((first, "not-yours-to-decide"), (other, "unknown-release")):
                assert await reason_of(who.fetch_part("", picture, release=name)) == reason
                taken = take_out(who, "", file.address, tmp_path / "none", release=name)
                assert await reason_of(taken) == reason
            assert await reason_of(second.fetch_part(sent.thread, picture)) == "unknown-case"
            await second.office.decide_release(
                make_word(view, Decision.REFUSED, town.papers("xaa", "9"), "because")
            )
            assert await reason_of(second.fetch_part("", picture, release=name)) == "not-yours-to-decide"


async def test_a_peer_and_a_stranger_are_refused(founded: Town, tmp_path: Path) -> None:
    """Officers of another member do not even come in."""
    town = founded.copy(tmp_path / "town")
    async with town.running("hub", "xaa"):
        papers = town.papers("xab")
        strange = OfficerPapers(papers.certificate_chain, papers.key, town.papers("xaa").root)
        address = f"127.0.0.1:{town.residents['xaa'].ports.desk}"
        async with Client.connect(address, "xaa", "tracepost.example", strange) as client:
            for call in (client.office.list_officers, client.office.list_releases):
                with pytest.raises(TracepostError):
                    await call()

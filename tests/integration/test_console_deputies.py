"""An officer who stands in for another desk finds it in the console while he does, marked as such, and then no more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from html import unescape

import pytest
import pytest_asyncio
from starlette.responses import Response

from fakes import messages as m
from fakes.console_visits import Answer, Counter, visiting
from fakes.deputies import appoint, dismiss
from fakes.house import draft
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.console import app
from tracepost.console.app import make_app
from tracepost.console.refusals import Refusal
from tracepost.console.rooms import Page, Room, rooms_of
from tracepost.console.visit import Visit
from tracepost.wire.v1 import office_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "sign_ins_per_minute = 600\npages_per_minute = 6000"
NARRATIVE = "canary-narrative"
"""Read by desks for law enforcement alone."""
ANOTHER_DESK = "The page with this form was shown for another desk than the one that you are at now."


@dataclass(frozen=True)
class Scene:
    """XAB, which XAA asked: officer 7 sits at both desks, 8 at the point of contact, 9 at the police's."""

    town: Town
    console: Counter
    thread: str

    async def appoint(self) -> office_pb2.Deputy:
        """Let officer 8 stand in for the police from yesterday on, on the words of two others."""
        return await appoint(self.town, "xab", "8", "police")

    async def end(self, deputy: office_pb2.Deputy) -> None:
        await dismiss(self.town, "xab", deputy)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("deputies")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder / "town", desks, "hub")
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        for member in desks:
            await town.unlock(member)
        asked = m.request("T-1")
        asked.circumstances.narrative = NARRATIVE
        async with town.client("xaa") as client:
            thread = (await client.submit(draft(asked, to=["xab"]))).thread
        question = "SELECT 1 FROM statement WHERE in_effect"
        await until(lambda: town.ask("xab", question), "the request at xab")
        for officer, desk in (("8", "poc"), ("9", "police")):
            async with town.client("xab", officer=officer, desk=desk) as client:
                await client.show_case(thread)  # who has called is known, and can be appointed
        async with visiting(town, "xab", folder / "console", session=LIMITS) as console:
            yield Scene(town, console, thread)


def marked(page: Answer, until_day: str) -> bool:
    return f"You stand in for desk police, until {until_day}." in page.words.replace("\u2068", "").replace(
        "\u2069", ""
    )


async def test_he_finds_the_desk_when_the_node_is_asked_after_two_have_appointed_him_and_writes_for_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        app, "JUDGED_S", 0.0
    )  # as if the half minute were over: he is at his own desk meanwhile
    officer = await scene.console.sign_in("8")
    assert (await officer.post("/desk", {"desk": "police"})).status == 403
    assert NARRATIVE not in (await officer.get(f"/cases/{scene.thread}")).text
    deputy = await scene.appoint()
    own = await officer.get("/")
    assert 'name="desk" value="police"' in own.text
    assert deputy.until_day in own.words
    assert not marked(own, deputy.until_day), "he is at his own desk still"
    inbox = await officer.follow(await officer.post("/desk", {"desk": "police"}))
    assert marked(inbox, deputy.until_day)
    assert f"/cases/{scene.thread}" in inbox.text
    case = await officer.get(f"/cases/{scene.thread}")
    assert NARRATIVE in case.text
    assert marked(case, deputy.until_day)

    answer = await officer.post("/drafts/begin", {"guide": "status", "case": scene.thread})
    number = answer.headers["location"].split("/")[2]
    said = {"content.status.state": "UNDER_TRACE", "content.status.note": "In the red books."}
    assert (await officer.post(f"/drafts/{number}/say", said)).status == 303
    await officer.post("/desk", {"desk": "poc"})
    page = await officer.get(f"/drafts/{number}/check")
    assert marked(page, deputy.until_day), "also where he is at another desk, for which this draft is not"
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen is not None, page.words
    await officer.follow(await officer.post(f"/drafts/{number}/send", {"seen": unescape(seen.group(1))}))
    async with scene.town.client("xab", desk="police") as client:
        [sent] = [
            one for one in (await client.show_case(scene.thread)).statements if one.from_member == "xab"
        ]
    assert (sent.kind, sent.from_desk) == ("trace.status/1", "police")
    await scene.end(deputy)


async def test_when_it_ends_the_next_page_says_so_and_nothing_of_the_desk_is_left(scene: Scene) -> None:
    deputy = await scene.appoint()
    officer = await scene.console.sign_in("8")
    await officer.follow(await officer.post("/desk", {"desk": "police"}))
    answer = await officer.post("/drafts/begin", {"guide": "request"})
    begun = answer.headers["location"]
    number = begun.split("/")[2]
    assert (await officer.get(begun)).status == 200
    listed = await officer.get("/drafts")
    assert f"/drafts/{number}/" in listed.text
    await scene.end(deputy)
    told = await officer.get(f"/cases/{scene.thread}")
    assert told.status == 403
    assert "You no longer stand in for the desk that you were at." in told.words
    assert NARRATIVE not in told.text
    for address in (begun, f"/drafts/{number}/check"):
        assert (await officer.get(address)).status == 404
    own = await officer.get(f"/cases/{scene.thread}")
    assert own.status == 200
    assert NARRATIVE not in own.text
    for page in (own, await officer.get("/"), await officer.get("/drafts")):
        assert "police" not in re.sub("<main.*</main>", "", page.text, flags=re.DOTALL)
        assert number not in page.text
    refused = await officer.post("/desk", {"desk": "police"})
    assert refused.status == 403


async def test_a_page_that_was_open_when_it_ended_sends_nothing(scene: Scene) -> None:
    deputy = await scene.appoint()
    officer = await scene.console.sign_in("8")
    await officer.follow(await officer.post("/desk", {"desk": "police"}))
    answer = await officer.post("/drafts/begin", {"guide": "status", "case": scene.thread})
    number = answer.headers["location"].split("/")[2]
    said = {"content.status.state": "UNDER_TRACE", "content.status.note": "Too late."}
    assert (await officer.post(f"/drafts/{number}/say", said)).status == 303
    page = await officer.get(f"/drafts/{number}/check")
    seen = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert seen is not None
    before = scene.town.ask("xab", "SELECT count(*) FROM statement")
    await scene.end(deputy)
    for status in (403, 404):
        answer = await officer.post(f"/drafts/{number}/send", {"seen": unescape(seen.group(1))})
        assert answer.status == status, answer.words
    assert scene.town.ask("xab", "SELECT count(*) FROM statement") == before


async def test_a_picture_that_is_asked_for_when_it_ended_leaves_the_notice_to_the_next_page(
    scene: Scene,
) -> None:
    deputy = await scene.appoint()
    officer = await scene.console.sign_in("8")
    await officer.follow(await officer.post("/desk", {"desk": "police"}))
    assert NARRATIVE in (await officer.get(f"/cases/{scene.thread}")).text
    await scene.end(deputy)
    for picture in (f"/cases/{scene.thread}/thumbnails/{'0' * 64}", f"/drafts/{'0' * 32}/picture/{'0' * 64}"):
        assert (await officer.get(picture)).status == 403
    told = await officer.get("/")
    assert told.status == 403
    assert "You no longer stand in for the desk that you were at." in told.words
    assert (await officer.get("/")).status == 200


async def test_a_form_that_was_open_when_it_ended_does_nothing_for_his_own_desk(scene: Scene) -> None:
    deputy = await scene.appoint()
    officer = await scene.console.sign_in("8")
    page = await officer.follow(await officer.post("/desk", {"desk": "police"}))
    shown = officer.token
    assert page.status == 200
    await scene.end(deputy)
    assert (await officer.get("/")).status == 403
    drafts = (await officer.get("/drafts")).words
    for path, said in (
        ("/drafts/begin", {"guide": "request"}),
        ("/waiting/held", {"envelope": "00" * 16, "decision": "take-up"}),
        ("/bulk", {"text": "A123"}),
    ):
        answer = await officer.post(path, said, token=shown)
        assert answer.status == 403, (path, answer.words)
        assert ANOTHER_DESK in answer.words, path
    assert (await officer.get("/drafts")).words == drafts


async def test_a_form_shown_before_the_desk_was_changed_elsewhere_acts_for_no_other_desk(
    scene: Scene,
) -> None:
    officer = await scene.console.sign_in("7")
    await officer.follow(await officer.post("/desk", {"desk": "poc"}))
    answer = await officer.post("/drafts/begin", {"guide": "status", "case": scene.thread})
    number = answer.headers["location"].split("/")[2]
    shown = officer.token
    await officer.follow(await officer.post("/desk", {"desk": "police"}))
    answer = await officer.post("/drafts/begin", {"guide": "request"}, token=shown)
    assert answer.status == 403
    assert ANOTHER_DESK in answer.words
    said = {"content.status.state": "UNDER_TRACE", "content.status.note": "In the red books."}
    kept = await officer.post(f"/drafts/{number}/say", said, token=shown)
    assert kept.status == 303, "what he wrote is kept: a draft belongs to the desk that it was begun for"
    assert (await officer.post("/sign-out", {}, token=shown)).status == 303


async def test_a_page_that_is_read_while_he_goes_to_another_desk_is_of_the_desk_that_it_was_asked_at(
    scene: Scene,
) -> None:
    at_it, gone = asyncio.Event(), asyncio.Event()

    async def show_slowly(visit: Visit) -> Response:
        at_it.set()
        await gone.wait()
        seen = str(await visit.client.show_case(scene.thread))
        return visit.page("error.html", told=Refusal("", seen, ""), where="")

    house = scene.console.house
    rooms = [*rooms_of(house.settings), Room((Page("/slow", show_slowly),))]
    officer = await scene.console.sign_in("7")
    await officer.follow(await officer.post("/desk", {"desk": "poc"}))
    tab = replace(officer, app=make_app(house, rooms))
    reading = asyncio.create_task(tab.get("/slow"))
    await at_it.wait()
    await officer.post("/desk", {"desk": "police"})
    gone.set()
    page = await reading
    assert "desk poc" in page.words
    assert scene.thread in page.text, "it was read"
    assert NARRATIVE not in page.text, "but not for the other desk"
    answer = await officer.post("/drafts/begin", {"guide": "request"}, token=tab.token)
    assert answer.status == 403
    assert ANOTHER_DESK in answer.words


async def test_the_trail_of_an_officer_holds_what_was_decided_about_him_and_all_that_he_did(
    scene: Scene,
) -> None:
    deputy = await scene.appoint()
    officer = await scene.console.sign_in("8")
    await officer.post("/desk", {"desk": "police"})
    await officer.get(f"/cases/{scene.thread}")
    rows = [
        [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall("<td.*?</td>", row, re.DOTALL)]
        for row in re.findall("<tr.*?</tr>", (await officer.get("/trail?officer=8")).text, re.DOTALL)
    ]
    told = {tuple(row[2:]) for row in rows if row}
    days = f"police {deputy.from_day} {deputy.until_day}"
    assert ("officer-9", "deputy approved", "officer-8", days) in told
    assert {(who, desk) for who, what, _subject, desk in told if what == "opened by an officer"} >= {
        ("officer-8", "police")
    }
    assert not [who for who, *_rest in told if who.startswith("officer-7.")]
    await scene.end(deputy)

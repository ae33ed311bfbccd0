"""Officers ask at their console whether an object is in another State's records, and say whether it is in theirs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from fakes.console import Console, browsing, running_console
from fakes.pages_by_hand import Said, hand_of
from fakes.pages_in_languages import Walk
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.wire.v1 import check_pb2, desk_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
PAGE_BYTES = 50 * 1024
MARK = "AB 4711"
C, R = "content.object_check", "content.object_check_reply"


@dataclass(frozen=True)
class Scene:
    """Two States with a console each."""

    town: Town
    asking: Console
    asked: Console
    browser: Browser

    async def view(self, member: str, case: str) -> desk_pb2.CaseView:
        async with self.town.client(member, desk="police") as client:
            return await client.show_case(case)

    async def arrive(self, member: str, kind: str, case: str) -> None:
        """Wait until a member holds a statement of a kind in a case, and it counts there."""
        question = f"SELECT 1 FROM statement WHERE kind = '{kind}' AND thread = '{case}' AND in_effect"
        await until(lambda: self.town.ask(member, question), f"{kind} at {member}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("checks")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder / "town", desks, "hub")
    async with (
        town.running("hub", *desks),
        running_console(town, "xaa", folder / "console-xaa", session=LIMITS) as asking,
        running_console(town, "xab", folder / "console-xab", session=LIMITS) as asked,
        browsing() as browser,
    ):
        for member in desks:
            await town.unlock(member)
        await town.meet(*desks)
        yield Scene(town, asking, asked, browser)


def question_pages(number: str) -> list[tuple[str, Said]]:
    mark = f"{C}.items.0.mark.0"
    return [
        (
            "to",
            {
                "to": "xab",
                f"{C}.file_number": number,
                "purpose": "CRIMINAL_INVESTIGATION",
                "legal_basis": "ITI",
            },
        ),
        ("item/0", {f"{C}.items.0.make": "Zastava", f"{C}.items.0.calibre_as_marked": "7.62x39"}),
        (
            "mark/0-0",
            {
                f"{mark}.role": "MANUFACTURER_SERIAL",
                f"{mark}.text_as_seen": MARK,
                f"~{mark}.text_as_seen": MARK,
            },
        ),
    ]


async def test_an_object_is_asked_about_and_the_answer_is_shown_to_who_asked(scene: Scene) -> None:
    async with hand_of(scene.asking, scene.browser, desk="police") as (officer, _page):
        assert 'value="object-check"' in await (await officer.get("/drafts")).text()
        number = await officer.write("object-check", "", question_pages("C-1"))
        text = await officer.check(number)
        assert "xab/police" in text
        assert len(text) < PAGE_BYTES
        await officer.send(number)
    async with scene.town.client("xaa", desk="police") as client:
        [case] = [one.thread async for one in client.list_cases(file_number="C-1")]
    await scene.arrive("xab", "object.check/1", case)
    asked = (await scene.view("xab", case)).statements[0].content.object_check.items[0]
    assert (asked.mark[0].normalised, asked.calibre) == ("AB4711", "7.62x39mm")
    async with hand_of(scene.asked, scene.browser, desk="police") as (officer, _page):
        number = await officer.begin("check-reply", case)
        hit = {f"{R}.outcomes.0.result": "HIT"}
        assert (await officer.post(f"/drafts/{number}/outcome/0", hit)).status == 303
        refused = await (await officer.get(f"/drafts/{number}/check")).text()
        assert 'name="seen"' not in refused, "with a hit stands whom to ask for more"
        office = {f"{R}.follow_up.organisation": "Firearms registry", f"{R}.follow_up.telephone": "+999 1"}
        assert (await officer.post(f"/drafts/{number}/about", office)).status == 303
        await officer.check(number)
        await officer.send(number)
    await scene.arrive("xaa", "object.check-reply/1", case)
    reply = (await scene.view("xaa", case)).statements[-1].content.object_check_reply
    assert (reply.automatic, reply.outcomes[0].result) == (False, check_pb2.CHECK_RESULT_HIT)
    async with hand_of(scene.asking, scene.browser, desk="police") as (officer, page):
        shown = await (await officer.get(f"/cases/{case}")).text()
        assert "Firearms registry" in shown
        walk = Walk()
        walk.seen[f"/cases/{case}"] = None
        await walk.judge(page.context, [MARK])


async def test_who_waits_for_another_state_reminds_it_and_the_list_counts_it(scene: Scene) -> None:
    async with hand_of(scene.asking, scene.browser, desk="police") as (officer, _page):
        await officer.send(await officer.write("object-check", "", question_pages("C-2")))
        async with scene.town.client("xaa", desk="police") as client:
            [case] = [one.thread async for one in client.list_cases(file_number="C-2")]
        assert 'value="remind"' in await (await officer.get(f"/write/{case}")).text()
        for reminder in ("1", "2"):
            number = await officer.begin("remind", case)
            text = await (await officer.get(f"/drafts/{number}/say")).text()
            (box,) = re.findall(r'<input[^>]* name="content.status.reminder_number"[^>]*>', text)
            assert f' value="{reminder}"' in box
            said = {"content.status.state": "REMINDER", "content.status.reminder_number": reminder}
            assert (await officer.post(f"/drafts/{number}/say", said)).status == 303
            await officer.check(number)
            await officer.send(number)
        assert "2 reminders to them" in await (await officer.get("/inbox/them")).text()
    came = f"SELECT 1 FROM statement WHERE kind = 'trace.status/1' AND thread = '{case}' AND in_effect"
    await until(lambda: len(scene.town.ask("xab", came)) == 2, "both reminders at xab")
    statuses = [one.content.status for one in (await scene.view("xab", case)).statements]
    assert {one.reminder_number for one in statuses if one.reminder_number} == {1, 2}

"""Officers write in the console, in a real browser between two real nodes, and others who mean no good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser, Page, expect

from fakes.console import Console, browsing, running_console
from fakes.pages_by_hand import POISON, Hand
from fakes.pages_written import (
    ITEM,
    MARK,
    errors,
    fill,
    go_on,
    main_of,
    picture,
    press,
    write_request,
)
from fakes.pki import Issued
from fakes.town import POC, POLICE, Town, found_town
from tracepost.console import app
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.steps import Way
from tracepost.console.forms.uploads import UPLOAD_BYTES
from tracepost.protocol.identity import Role
from tracepost.wire.v1.post_pb2 import Announcement

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_MS = 180_000

PAGE_BYTES = 50 * 1024
SERIAL = "3811-B046"
LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
COLOUR = "rgb(244, 228, 255)"
"""Of a page of an exercise, and of no other."""


@dataclass(frozen=True)
class Scene:
    """Two members, each with a node and a console, and a browser."""

    town: Town
    asking: Console
    asked: Console
    browser: Browser
    photograph: Path
    large: Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("writing")
    town = found_town(folder / "town", {"xaa": (POC, POLICE), "xab": (POC, POLICE)}, "hub")
    photograph = folder / "..serial.jpg"
    Image.effect_noise((640, 360), 40).convert("RGB").save(photograph, quality=70)
    large = folder / "large.jpg"
    Image.effect_noise((1200, 900), 60).convert("RGB").save(large, quality=92)
    assert large.stat().st_size > 300 * 1024
    async with (
        town.running("hub", "xaa", "xab"),
        running_console(town, "xaa", folder / "console-xaa", session=LIMITS) as asking,
        running_console(town, "xab", folder / "console-xab", session=LIMITS) as asked,
        browsing() as browser,
    ):
        await town.unlock("xaa")
        await town.unlock("xab")
        await town.meet("xaa", "xab")
        yield Scene(town, asking, asked, browser, photograph, large)


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page."""
    found = await Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


async def arrival(town: Town, member: str, thread: str, kind: str) -> None:
    """Wait until a member's node has a statement of this kind in a case."""
    async with town.client(member) as client, asyncio.timeout(120):
        while True:
            held = [one.thread async for one in client.list_cases()]
            if thread in held and kind in {one.kind for one in (await client.show_case(thread)).statements}:
                return
            await asyncio.sleep(0.05)


async def thread_of(town: Town, member: str, number: str) -> str:
    """Return the case that bears a member's own file number."""
    async with town.client(member) as client:
        [thread] = [one.thread async for one in client.list_cases() if one.our_file_number == number]
        return thread


async def test_a_small_photograph_travels_inside_a_request_and_a_large_one_beside_it(scene: Scene) -> None:
    town = scene.town
    async with scene.asking.visit(scene.browser, officer="7") as window:
        page = await scene.asking.sign_in(window)
        await write_request(page, [scene.photograph, scene.large], number="T-2026-1")
        assert await errors(page) == []
        text = await main_of(page).inner_text()
        assert [one for one in (SERIAL, "xab/poc", "xab/police") if one not in text] == []
        await picture(page, "request-check")
        await press(page, "Sign and send")
        await picture(page, "request-sent")
    thread = await thread_of(town, "xaa", "T-2026-1")
    await arrival(town, "xab", thread, "trace.request/1")
    async with town.client("xab", desk="police") as client:
        asked = (await client.show_case(thread)).statements[0].content.trace_request
        part = await client.fetch_part(thread, asked.items[0].object.photograph[0].sha256)
    assert part.content.startswith(b"\xff\xd8")
    (beside,) = asked.items[0].attachments
    assert beside.media_type == "image/jpeg"
    assert beside.content_size > 300 * 1024


async def begin(page: Page, thread: str, guide: str) -> None:
    await page.goto(f"/write/{thread}")
    await fill(page, {"guide": guide})
    await press(page, "Continue")


# ---------------------------------------------------------------- who means no good


@asynccontextmanager
async def hand(scene: Scene, officer: str | Issued = "7") -> AsyncIterator[tuple[Hand, Page]]:
    async with scene.asking.visit(scene.browser, officer=officer) as window:
        page = await scene.asking.sign_in(window)
        yield Hand(window.request, scene.asking.origin), page


async def test_what_is_typed_into_any_field_is_shown_and_never_obeyed(scene: Scene) -> None:
    async with hand(scene) as (writer, page):
        number = await writer.begin()
        guide = GUIDES["request"]
        pages = {"item": (0,), "thing": (0,), "mark": (0, 0)}
        for kind in ("AMMUNITION", "WEAPON"):
            for step in guide.steps:
                if step.way is not Way.FORM:
                    continue
                numbers = pages.get(step.slug, ())
                said = {ask.path.format(*numbers): POISON for ask in step.asks}
                said |= {f"{name}~{box}": POISON for name in said for box in "ymd"}
                said |= {f"~{name}": POISON for name in said}
                said |= {f"{ITEM}.kind": kind} if step.slug == "item" else {}
                path = f"/drafts/{number}/{step.slug}" + (
                    f"/{'-'.join(map(str, numbers))}" if numbers else ""
                )
                answer = await writer.post(path, said)
                shown = await answer.text()
                assert answer.status in {303, 422}, (path, shown)
                assert "<script>window.hit" not in shown
                assert "<img src=x" not in shown
                assert len(shown) < PAGE_BYTES
        for path in ("check", "items", "marks/0", "mark/0-0", "found"):
            await page.goto(f"/drafts/{number}/{path}")
            assert await page.evaluate("window.hit") is None
            assert await page.locator("img[src=x]").count() == 0
        assert POISON.split("{{")[1] in await page.content()
        await page.goto("/drafts")
        assert await page.evaluate("window.hit") is None


async def test_a_form_from_elsewhere_or_with_a_strange_token_does_nothing(scene: Scene) -> None:
    async with hand(scene) as (writer, _page), hand(scene, "8") as (other, _other_page):
        number = await writer.begin()
        for token in ("", "x", await other.token()):
            assert (await writer.post(f"/drafts/{number}/delete", {}, token=token)).status == 403
        elsewhere = await writer.post(f"/drafts/{number}/delete", {}, origin="https://elsewhere.example")
        assert elsewhere.status == 403
        assert (await writer.get(f"/drafts/{number}/to")).status == 200


async def test_the_draft_of_another_officer_is_not_there_by_its_number(scene: Scene) -> None:
    async with hand(scene) as (writer, _page), hand(scene, "8") as (other, _other_page):
        number = await writer.begin()
        for path in ("to", "check", "sent", "item/0", f"picture/{'0' * 64}"):
            assert (await other.get(f"/drafts/{number}/{path}")).status == 404
        for path, said in (
            ("to", {"to": "xab"}),
            ("send", {}),
            ("delete", {}),
            ("remove", {"step": "items"}),
        ):
            assert (await other.post(f"/drafts/{number}/{path}", said)).status == 404
        for guess in ("../drafts", "0" * 32, "%00", "1 OR 1=1"):
            assert (await other.get(f"/drafts/{guess}/to")).status in {400, 404}
        assert (await writer.get(f"/drafts/{number}/to")).status == 200


async def test_who_is_revoked_reads_no_draft_any_more(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "JUDGED_S", 0.0)
    authority = scene.town.residents["xaa"].authority
    doomed = authority.issue(Role.OFFICER, officer="41", desks=["poc"])
    async with hand(scene, doomed) as (writer, _page), scene.town.client("xaa") as officer:
        number = await writer.begin()
        assert (await writer.get("/drafts")).status == 200
        crl = authority.crl([doomed.certificate], number=9)
        await officer.import_papers(Announcement(member="xaa", crl=crl))
        assert (await writer.get("/drafts")).status == 403
        assert (await writer.get(f"/drafts/{number}/to")).status == 303, "and he is signed out"


async def test_addresses_of_entries_that_nobody_added_are_not_there(scene: Scene) -> None:
    async with hand(scene) as (writer, _page):
        number = await writer.begin()
        for path in (
            "item/1",
            "item/99",
            "mark/0-1",
            "mark/5-0",
            "item/-1",
            "item/0-0",
            "item/9999",
            "nothing",
        ):
            assert (await writer.get(f"/drafts/{number}/{path}")).status == 404, path


async def test_files_that_are_too_large_no_photographs_or_named_like_paths_change_nothing(
    scene: Scene,
) -> None:
    before = set(scene.asking.folder.rglob("*"))
    async with hand(scene) as (writer, _page):
        number = await writer.begin()
        await writer.post(f"/drafts/{number}/item/0", {f"{ITEM}.kind": "WEAPON"})
        path = f"/drafts/{number}/photograph/0"
        noise = b"PK\x03\x04" + bytes(2000)
        for name, content in (("a.jpg", noise), ("b.jpg", b"MZ" + bytes(99)), ("c.jpg", b"\xff\xd8\xff\xe0")):
            refused = await writer.upload(path, name, content)
            assert refused.status == 422
            assert "JPEG or PNG" in await refused.text() or "damaged" in await refused.text()
        assert (await writer.upload(path, "large.jpg", bytes(UPLOAD_BYTES))).status == 413
        good = scene.photograph.read_bytes()
        for name in ("../../../../tmp/hit.jpg", "/etc/passwd", "..\\..\\hit.jpg", "<img src=x>.jpg"):
            assert (await writer.upload(path, name, good)).status == 303
        shown = await (await writer.get(f"/drafts/{number}/photographs/0")).text()
        assert "hit.jpg" not in shown
        assert "passwd" not in shown
    assert set(scene.asking.folder.rglob("*")) - before <= {scene.asking.folder / "drafts.sqlite-journal"}


async def test_a_second_press_sends_nothing_and_finds_the_case(scene: Scene) -> None:
    async with hand(scene) as (writer, page):
        await write_request(page, [scene.photograph], number="T-TWICE")
        number = page.url.split("/")[4]
        token, shown = await writer.token(), await writer.shown(number)
        both = await asyncio.gather(
            *(writer.post(f"/drafts/{number}/send", shown, token=token) for _press in range(2))
        )
        assert {one.headers.get("location") for one in both} == {f"/drafts/{number}/sent"}
        again = await writer.post(f"/drafts/{number}/send", {})
        assert again.headers["location"] == f"/drafts/{number}/sent"
        async with scene.town.client("xaa") as client:
            numbers = [one.our_file_number async for one in client.list_cases()]
        assert numbers.count("T-TWICE") == 1
        assert "T-TWICE" not in await (await writer.get("/drafts")).text()


async def test_typings_that_differ_are_shown_with_what_to_do_and_pages_are_accessible(scene: Scene) -> None:
    async with hand(scene) as (writer, page):
        number = await writer.begin()
        await writer.post(f"/drafts/{number}/item/0", {f"{ITEM}.kind": "WEAPON"})
        await page.goto(f"/drafts/{number}/mark/0-0")
        await go_on(
            page,
            {
                f"{MARK}.0.role": "MANUFACTURER_SERIAL",
                f"{MARK}.0.text_as_seen": "AB1284",
                f"~{MARK}.0.text_as_seen": "AB12B4",
            },
        )
        assert await errors(page) == [
            "The two typings differ at sign 5. Look once more and correct the wrong one."
        ]
        assert await page.locator(f'input[name="{MARK}.0.text_as_seen"]').input_value() == "AB1284"
        await picture(page, "mark-typed-differently")
        assert await violations(page) == []
        for path in ("to", "items", "thing/0", "marks/0", "photographs/0", "found", "handling", "check"):
            await page.goto(f"/drafts/{number}/{path}")
            assert await violations(page) == [], path


async def test_while_a_mark_is_typed_its_typings_are_compared_and_look_alikes_pointed_out(
    scene: Scene,
) -> None:
    async with hand(scene) as (writer, page):
        number = await writer.begin()
        await writer.post(f"/drafts/{number}/item/0", {f"{ITEM}.kind": "WEAPON"})
        await page.goto(f"/drafts/{number}/mark/0-0")
        region, role = page.locator("[data-typed]"), page.locator(f'select[name="{MARK}.0.role"]')
        first, again = (page.locator(f'input[name="{sign}{MARK}.0.text_as_seen"]') for sign in ("", "~"))
        await role.select_option("MANUFACTURER_SERIAL")
        await first.press_sequentially("AB1234")
        await expect(region).to_have_text(
            "Look once more at signs that are easily taken for others: B 1 2.", timeout=PATIENCE_MS
        )
        await again.press_sequentially("AB12")
        await expect(region).not_to_contain_text("differ", timeout=PATIENCE_MS)
        await again.press("Tab")
        await expect(region).to_contain_text("The two typings differ at sign 5.", timeout=PATIENCE_MS)
        await again.press("End")
        await again.press_sequentially("3")
        await expect(region).not_to_contain_text("differ", timeout=PATIENCE_MS)
        await again.press_sequentially("5")
        await expect(region).to_contain_text("The two typings differ at sign 6.", timeout=PATIENCE_MS)
        await again.press("Backspace")
        await again.press_sequentially("4")
        await expect(region).to_contain_text("The two typings are the same.", timeout=PATIENCE_MS)
        assert await violations(page) == []
        await role.select_option("PROOF")
        await expect(region).to_be_empty(timeout=PATIENCE_MS)


async def test_what_waits_for_an_officer_has_a_page_and_a_guessed_message_is_not_there(scene: Scene) -> None:
    async with hand(scene) as (writer, page):
        await page.goto("/waiting")
        assert (await main_of(page).inner_text()).count("There is none.") == 2
        assert await violations(page) == []
        for guess in ("x", "A" * 43, "..%2f..", "<script>"):
            assert (await writer.get(f"/waiting/release/{guess}")).status in {400, 404}, guess
        refused = await writer.post("/waiting/held", {"envelope": "0" * 64, "decision": "take-up"})
        assert refused.status in {400, 404}


async def test_an_exercise_is_begun_by_a_box_and_every_page_of_it_says_so(scene: Scene) -> None:
    async with scene.asking.visit(scene.browser, officer="7") as window:
        page = await scene.asking.sign_in(window)
        await page.goto("/drafts")
        assert await violations(page) == []
        assert not await band_of(page)
        await write_request(page, [], number="DRILL-1", exercise=True)
        assert await errors(page) == []
        assert "EXERCISE" in await band_of(page)
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == COLOUR
        assert await violations(page) == []
        await picture(page, "exercise-check")
        await press(page, "Sign and send")
        assert "EXERCISE" in await band_of(page)
        thread = await thread_of(scene.town, "xaa", "DRILL-1")
        for address in (f"/cases/{thread}", f"/write/{thread}"):
            await page.goto(address)
            assert "EXERCISE" in await band_of(page)
        await picture(page, "exercise-case")
        for exercise in (True, False):
            await page.goto("/search")
            if exercise:
                await page.locator('input[name="exercise"]').check()
            await page.locator('input[name="mark"]').fill(SERIAL)
            await press(page, "Search for the mark")
            assert bool(await band_of(page)) == exercise
            assert (thread in await main_of(page).inner_text()) == exercise
            assert await violations(page) == []
    async with scene.town.client("xaa") as client:
        assert (await client.show_case(thread)).summary.exercise
    await arrival(scene.town, "xab", thread, "trace.request/1")
    async with scene.asked.visit(scene.browser, officer="7") as window:
        page = await scene.asked.sign_in(window)
        await begin(page, thread, "acknowledge")
        assert "EXERCISE" in await band_of(page)
        await page.goto("/drafts")
        assert not await band_of(page)
        assert "EXERCISE" in await main_of(page).inner_text()


async def band_of(page: Page) -> str:
    """Return what the band of an exercise says on a page; empty where there is none."""
    return " ".join(await page.locator(".console-exercise__band").all_inner_texts())

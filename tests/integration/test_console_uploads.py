"""Photographs and files sent to a console over a line that breaks: piece by piece, and by who means no good."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, Route, expect
from structlog.testing import capture_logs

from fakes.console import Console, browsing, follow, running_console
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.pages_by_hand import Hand
from fakes.town import POC, POLICE, found_town, until
from tracepost.console.forms.drafts import PHOTOGRAPH_BYTES
from tracepost.console.forms.uploads import UPLOAD_BYTES
from tracepost.console.pages.uploads import PIECE_BYTES

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
PATIENCE_MS = 180_000
KIND = "content.trace_request.items.0.kind"


@dataclass
class Scene:
    """XAA's console, asked without a browser and by one; a photograph of several pieces."""

    counter: Counter
    console: Console
    browser: Browser
    photograph: Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("uploads")
    town = found_town(folder / "town", {"xaa": (POC, POLICE)}, "hub")
    photograph = folder / "weapon.jpg"
    Image.effect_noise((700, 520), 60).convert("RGB").save(photograph, quality=70)
    assert 2 * PIECE_BYTES < photograph.stat().st_size < PHOTOGRAPH_BYTES
    async with (
        town.running("hub", "xaa"),
        running_console(town, "xaa", folder / "console", session=LIMITS) as console,
        visiting(town, "xaa", folder / "counter", session=LIMITS) as counter,
        browsing() as browser,
    ):
        await town.unlock("xaa")
        yield Scene(counter, console, browser, photograph)


async def announce(officer: Visitor, content: bytes, *, token: str | None = None) -> Answer:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    length, named = str(len(content)), f"sha-256=:{digest}:"
    return await officer.ask("POST", "/uploads", token=token, upload_length=length, repr_digest=named)


async def piece(officer: Visitor, address: str, offset: int, content: bytes) -> Answer:
    return await officer.ask("PATCH", address, content, upload_offset=str(offset))


async def bring(officer: Visitor, content: bytes) -> str:
    """Bring a whole file in pieces; return its number."""
    begun = await announce(officer, content)
    address = begun.headers["location"]
    for offset in range(int(begun.headers["upload-offset"]), len(content), PIECE_BYTES):
        answer = await piece(officer, address, offset, content[offset : offset + PIECE_BYTES])
        assert (answer.status, answer.body) == (204, b"")
    return address.removeprefix("/uploads/")


async def draft_of(officer: Visitor) -> str:
    """Begin a request with one weapon; return the number of its draft."""
    await officer.get("/drafts")
    answer = await officer.post("/drafts/begin", {"guide": "request"})
    draft = answer.headers["location"].split("/")[2]
    assert (await officer.post(f"/drafts/{draft}/item/0", {KIND: "WEAPON"})).status == 303
    return draft


def pictures(text: str) -> list[str]:
    """Return the digests of the photographs that a page shows."""
    return re.findall(r"/picture/([0-9a-f]{64})", text)


async def test_a_photograph_that_came_in_pieces_ends_where_one_from_the_form_does(scene: Scene) -> None:
    officer, content = await scene.counter.sign_in("7"), scene.photograph.read_bytes()
    draft = await draft_of(officer)
    path = f"/drafts/{draft}/photograph/0"
    number = await bring(officer, content)
    refused = await officer.post(path, {"upload": number})
    assert (refused.status, "Say what the photograph shows." in refused.words) == (422, True)
    again = await announce(officer, content)
    assert again.headers["upload-offset"] == str(len(content)), "what was refused need not travel again"
    in_pieces = await officer.follow(await officer.post(path, {"view": "LEFT", "upload": number}))
    by_form = await officer.follow(await officer.post(path, {"view": "LEFT"}, [("file", ("a.jpg", content))]))
    assert pictures(by_form.text) == pictures(in_pieces.text) * 2
    assert (await officer.ask("HEAD", f"/uploads/{number}")).status == 404, "taken, and gone"
    gone = await officer.post(path, {"view": "LEFT", "upload": number})
    assert (gone.status, "not here any more" in gone.words) == (422, True)


async def test_a_table_that_came_in_pieces_is_taken_and_not_twice(scene: Scene) -> None:
    officer = await scene.counter.sign_in("7")
    table = b"serial;manufacturer\r\nA12345;ROSSI\r\n"
    await officer.get("/bulk")
    taken = await officer.post("/bulk", {"upload": await bring(officer, table)})
    again = await officer.post("/bulk", {"upload": await bring(officer, table)})
    result = taken.headers["location"].partition("?")[0]
    assert again.headers["location"] == f"{result}?again=yes"


async def test_a_wrong_piece_is_refused_with_the_right_offset(scene: Scene) -> None:
    officer, content = await scene.counter.sign_in("7"), bytes(1000)
    begun = await announce(officer, content)
    address = begun.headers["location"]
    assert (begun.status, begun.headers["upload-offset"]) == (201, "0")
    await piece(officer, address, 0, content[:400])
    for offset in (0, 399, 401):
        wrong = await piece(officer, address, offset, content[400:500])
        assert (wrong.status, wrong.headers["upload-offset"]) == (409, "400")
    assert (await piece(officer, address, 400, bytes(601))).status == 413
    assert (await officer.ask("HEAD", address)).headers["upload-offset"] == "400"
    assert (await piece(officer, address, 400, b"x" * 600)).status == 422
    assert (await officer.ask("HEAD", address)).status == 404, "of another file nothing is kept"


async def test_pieces_and_files_have_a_size(scene: Scene) -> None:
    officer = await scene.counter.sign_in("7")
    address = (await announce(officer, bytes(PIECE_BYTES + 1))).headers["location"]
    assert (await piece(officer, address, 0, bytes(PIECE_BYTES + 1))).status == 413
    digest = f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"
    for length, status in ((str(UPLOAD_BYTES + 1), 413), ("0", 413), ("-1", 400), ("1e3", 400), ("", 400)):
        answer = await officer.ask("POST", "/uploads", upload_length=length, repr_digest=digest)
        assert answer.status == status, length
    assert (await officer.ask("POST", "/uploads", upload_length="9", repr_digest="md5=:AA==:")).status == 400


async def test_another_officer_finds_no_file_of_his_colleague(scene: Scene) -> None:
    owner, other = await scene.counter.sign_in("7"), await scene.counter.sign_in("8")
    content = bytes(range(200))
    whole, half = await bring(owner, content), (await announce(owner, content * 2)).headers["location"]
    assert (await other.ask("HEAD", half)).status == 404
    assert (await piece(other, half, 0, content)).status == 404
    assert (await announce(other, content)).headers["upload-offset"] == "0"
    draft = await draft_of(other)
    refused = await other.post(f"/drafts/{draft}/photograph/0", {"view": "LEFT", "upload": whole})
    assert (refused.status, "not here any more" in refused.words) == (422, True)
    assert (await owner.ask("HEAD", half)).headers["upload-offset"] == "0"


async def test_pieces_are_taken_from_pages_of_ours_alone(scene: Scene) -> None:
    officer, stranger = await scene.counter.sign_in("7"), await scene.counter.sign_in("8")
    content = b"of nobody else"
    for token in ("", "00", stranger.token):
        assert (await announce(officer, content, token=token)).status == 403
    address = (await announce(officer, content)).headers["location"]
    for token in ("", "00", stranger.token):
        refused = await officer.ask("PATCH", address, content, token=token, upload_offset="0")
        assert refused.status == 403
    refused = await officer.ask("PATCH", address, content, upload_offset="0", origin="https://xyz.example")
    assert refused.status == 403
    assert (await officer.ask("HEAD", address)).headers["upload-offset"] == "0"


async def test_who_is_not_signed_in_is_led_to_the_door_and_signing_out_destroys_what_came(
    scene: Scene,
) -> None:
    officer, content = await scene.counter.sign_in("7"), bytes(range(100))
    address = (await announce(officer, content)).headers["location"]
    await piece(officer, address, 0, content[:50])
    assert (await officer.post("/sign-out", {})).status == 303
    assert (await piece(officer, address, 50, content[50:])).headers["location"].startswith("/sign-in")
    back = await scene.counter.sign_in("7")
    assert (await back.ask("HEAD", address)).status == 404
    assert (await announce(back, content)).headers["upload-offset"] == "0"


async def test_pieces_do_not_count_among_the_pages_of_an_officer(scene: Scene, tmp_path: Path) -> None:
    async with visiting(scene.counter.town, "xaa", tmp_path / "counter") as counter:
        officer, content = await counter.sign_in("7"), bytes(320)
        address = (await announce(officer, content)).headers["location"]
        for offset in range(len(content)):
            assert (await piece(officer, address, offset, content[:1])).status == 204
        assert (await officer.get("/")).status == 200


async def test_who_signs_out_is_out_also_when_the_disk_fails(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "counter"
    async with visiting(scene.counter.town, "xaa", folder) as counter:
        officer = await counter.sign_in("7")
        with closing(sqlite3.connect(folder / "drafts.sqlite")) as disk:
            disk.execute("DROP TABLE upload")
        with capture_logs() as lines:
            answer = await officer.post("/sign-out", {})
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in")
        assert (await officer.get("/")).headers["location"].startswith("/sign-in")
    assert [one for one in lines if one["event"] == "uploads-not-forgotten"] == [
        {"event": "uploads-not-forgotten", "log_level": "error", "fault": "OperationalError"}
    ]


# ---------------------------------------------------------------- a browser on a line that breaks


@dataclass
class Line:
    """What went over the line of a page: bytes of pieces that arrived, and what becomes of the next ones."""

    fates: list[str]
    arrived: list[int] = field(default_factory=list)

    async def carry(self, route: Route) -> None:
        if route.request.method != "PATCH":
            return await route.continue_()
        fate = self.fates.pop(0) if self.fates else "arrives"
        if fate == "lost":
            return await route.abort("connectionreset")
        if fate == "too many":
            return await route.fulfill(status=429)
        answer = await route.fetch()
        assert answer.status == 204, "each piece begins where the console is"
        self.arrived.append(len(route.request.post_data_buffer or b""))
        if fate == "unanswered":
            return await route.abort("connectionreset")
        return await route.fulfill(response=answer)


@asynccontextmanager
async def at_photographs(scene: Scene) -> AsyncIterator[tuple[Hand, Page, str]]:
    """Give an officer's hand, his page of photographs, and its draft."""
    async with scene.console.visit(scene.browser, officer="7") as window:
        page, hand = await scene.console.sign_in(window), Hand(window.request, scene.console.origin)
        draft = await hand.begin()
        await hand.post(f"/drafts/{draft}/item/0", {KIND: "WEAPON"})
        await page.goto(f"/drafts/{draft}/photographs/0")
        yield hand, page, draft


async def choose(page: Page, photograph: Path) -> None:
    await page.locator("input[name=view][value=LEFT]").check()
    await page.locator("input[type=file]").set_input_files(photograph)


async def test_a_photograph_survives_cuts_and_a_page_that_is_loaded_again(scene: Scene) -> None:
    """Lost pieces, lost answers, a page closed in the middle: each byte arrives once, the photograph is the same."""
    content = scene.photograph.read_bytes()
    async with at_photographs(scene) as (hand, page, draft):
        line = Line(["arrives", "lost", "unanswered", *["lost"] * 1000])
        await page.route("**/uploads/**", line.carry)
        await choose(page, scene.photograph)
        await page.get_by_role("button", name="Add the photograph").click()
        await until(lambda: len(line.arrived) == 2, "the piece whose answer is lost")
        await expect(page.locator("progress")).to_have_js_property(
            "value", sum(line.arrived), timeout=PATIENCE_MS
        )
        await expect(page.get_by_role("status")).to_contain_text("No connection", timeout=PATIENCE_MS)
        assert 0 < sum(line.arrived) < len(content)
        await page.reload()
        line.fates.clear()
        await choose(page, scene.photograph)
        await follow(page, page.get_by_role("button", name="Add the photograph"))
        assert sum(line.arrived) == len(content), "no byte arrived twice"
        shown = pictures(await page.content())
        by_form = await hand.upload(f"/drafts/{draft}/photograph/0", "weapon.jpg", content)
        assert by_form.status == 303
        await page.reload()
        assert len(shown) == 1
        assert pictures(await page.content()) == shown * 2


async def test_what_the_pieces_are_refused_for_the_form_tells(scene: Scene, tmp_path: Path) -> None:
    none = tmp_path / "none.jpg"
    none.write_bytes(b"no photograph" * 10_000)
    async with at_photographs(scene) as (_hand, page, _draft):
        for status in (None, 404, 413, 500):
            if status:
                await page.unroute("**/uploads")
                await page.route("**/uploads", partial(_refuse, status=status))
            await choose(page, none)
            await follow(page, page.get_by_role("button", name="Add the photograph"))
            await expect(page.locator(".govuk-error-summary")).to_contain_text("JPEG or PNG")


async def _refuse(route: Route, *, status: int) -> None:
    await route.fulfill(status=status)


async def test_who_sends_too_fast_waits_and_his_pieces_grow_no_smaller(scene: Scene) -> None:
    size = scene.photograph.stat().st_size
    async with at_photographs(scene) as (_hand, page, _draft):
        line = Line(["arrives", "too many", "too many", "arrives"])
        await page.route("**/uploads/**", line.carry)
        await choose(page, scene.photograph)
        await follow(page, page.get_by_role("button", name="Add the photograph"))
        assert line.arrived == [min(PIECE_BYTES, size - at) for at in range(0, size, PIECE_BYTES)]


async def test_whose_page_is_too_old_is_told_to_open_it_anew_and_can_choose_again(scene: Scene) -> None:
    async with at_photographs(scene) as (_hand, page, _draft):
        await page.route("**/uploads", partial(_refuse, status=403))
        await choose(page, scene.photograph)
        await page.get_by_role("button", name="Add the photograph").click()
        await expect(page.get_by_role("status")).to_contain_text("open this page anew", timeout=PATIENCE_MS)
        await expect(page.locator("input[type=file]")).to_be_enabled()


async def test_who_was_signed_out_is_told_so_and_his_file_is_not_sent_in_vain(scene: Scene) -> None:
    async with at_photographs(scene) as (_hand, page, draft):
        await page.context.clear_cookies()
        await choose(page, scene.photograph)
        await page.get_by_role("button", name="Add the photograph").click()
        await expect(page.get_by_role("status")).to_contain_text("You are signed out", timeout=PATIENCE_MS)
        assert page.url.endswith(f"/drafts/{draft}/photographs/0")

"""An officer without a mouse, in a real browser: he signs in, opens a case, answers it and sends, by keys alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from fakes import messages as m
from fakes.console import Console, browsing, running_console
from fakes.house import draft
from fakes.town import POC, POLICE, Town, found_town, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
PATIENCE_MS = 180_000
MOST_STOPS = 300
ONE = "content.response.answers.0"

PLAIN = """() => {
  window.look = (one) => [one, ...(one.labels ?? [])].flatMap((part) => [null, "::before"].map((pseudo) => {
    const style = getComputedStyle(part, pseudo);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor].join();
  })).join(";");
  window.plain = new Map();
  for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) {
    if (one !== document.activeElement) window.plain.set(one, window.look(one));
  }
  window.stops = [];
}"""
"""Remembers how each thing looks that is not focused."""

STOP = """() => {
  const one = document.activeElement;
  if (one === document.body || one === document.documentElement) return {left: true};
  const before = window.stops.at(-1), seen = window.stops.includes(one);
  window.stops.push(one);
  const order = before ? before.compareDocumentPosition(one) : Node.DOCUMENT_POSITION_FOLLOWING;
  const box = (one.labels?.[0] ?? one).getBoundingClientRect();
  return {
    left: false, seen, name: one.outerHTML.slice(0, 200),
    follows: Boolean(order & Node.DOCUMENT_POSITION_FOLLOWING),
    shown: !window.plain.has(one) || window.plain.get(one) !== window.look(one),
    on_screen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
"""Tells of what is focused: where it stands, and whether it is seen to be."""


@dataclass
class Keys:
    """One who has a keyboard and no mouse."""

    page: Page

    async def look(self) -> None:
        """Look at a page that has just come."""
        await self.page.evaluate(PLAIN)

    async def tab(self, key: str = "Tab") -> dict[str, Any]:
        """Go to the next stop; it is seen, and on the screen."""
        await self.page.keyboard.press(key)
        stop: dict[str, Any] = await self.page.evaluate(STOP)
        if not stop["left"]:
            assert stop["shown"], f"nothing shows the focus of {stop['name']}"
            assert stop["on_screen"], f"focused out of sight: {stop['name']}"
        return stop

    async def go(self, selector: str) -> None:
        """Press Tab until what `selector` names is focused; stops come in the order of the page."""
        for _ in range(MOST_STOPS):
            stop = await self.tab()
            assert not stop["left"], f"the page ends before {selector}"
            assert stop["follows"], f"out of order: {stop['name']}"
            if await self._is_at(selector):
                return
        pytest.fail(f"never came to {selector}")

    async def _is_at(self, selector: str) -> bool:
        said: bool = await self.page.evaluate("(one) => document.activeElement.matches(one)", selector)
        return said

    async def choose(self, name: str, value: str) -> None:
        """Choose one of several answers: Space takes the first, arrows go on."""
        if not await self._is_at(f'[name="{name}"]'):
            await self.go(f'[name="{name}"]')
        await self.page.keyboard.press("Space")
        for _ in range(MOST_STOPS):
            if await self.page.evaluate("() => document.activeElement.value") == value:
                break
            await self.page.keyboard.press("ArrowDown")
        assert await self.page.locator(f'[name="{name}"][value="{value}"]').is_checked()

    async def follow(self, selector: str) -> None:
        """Go to a link or a button, press Enter, and look at the page behind it."""
        await self.go(selector)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")
        await self.look()


@dataclass(frozen=True)
class Scene:
    """XAA has asked XAB, which has a console."""

    town: Town
    console: Console
    browser: Browser

    async def ask(self, number: str) -> str:
        """Let XAA ask XAB; return the case."""
        async with self.town.client("xaa") as client:
            case: str = (await client.submit(draft(m.request(number), to=["xab"]))).thread
        question = f"SELECT 1 FROM statement WHERE thread = '{case}' AND in_effect"
        await until(lambda: self.town.ask("xab", question), "the request at xab")
        return case


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("keyboard")
    town = found_town(folder / "town", {"xaa": (POC, POLICE), "xab": (POC, POLICE)}, "hub")
    async with (
        town.running("hub", "xaa", "xab"),
        running_console(town, "xab", folder / "console", session=LIMITS) as console,
        browsing() as browser,
    ):
        for member in ("xaa", "xab"):
            await town.unlock(member)
        await town.meet("xaa", "xab")
        yield Scene(town, console, browser)


@pytest.mark.parametrize(("tongue", "number"), [("en", "K-1"), ("ar", "K-2")])
async def test_an_answer_is_written_and_sent_by_keys_alone(scene: Scene, tongue: str, number: str) -> None:
    case = await scene.ask(number)
    async with scene.console.visit(scene.browser, officer="8", locale=tongue) as window:
        page = await window.new_page()
        keys = Keys(page)
        await page.goto("/sign-in")
        await keys.look()
        await keys.follow("form[action='/sign-in/certificate'] button")
        await keys.tab()
        await page.keyboard.press("Enter")
        await keys.look()
        await keys.go("main a, main button, main [tabindex]")
        before = await page.evaluate("() => window.stops.length")
        assert before == 1, "who skips to the content is in it with the next stop"
        await page.goto("/")
        await keys.look()
        await keys.follow(f"a[href='/cases/{case}']")
        await keys.follow(f"a[href='/write/{case}']")
        await keys.choose("guide", "answer")
        await keys.follow("main button")
        await keys.follow("main form button")  # nothing is said yet
        await refused(keys, "content.response.final")
        await keys.choose("content.response.final", "yes")
        await keys.follow("main form button")
        await keys.follow(".govuk-summary-list__actions a")
        await keys.choose(f"{ONE}.identification", "CONFIRMED")
        await keys.choose(f"{ONE}.reach", "FIRST_RECIPIENT")
        await keys.choose(f"{ONE}.stopped_because_full", "NEVER_RECORDED")
        await keys.choose(f"{ONE}.evidential_use", "LEAD_ONLY")
        await keys.follow("main form button")
        await expect(page).to_have_url(re.compile("/event/0-0"), timeout=PATIENCE_MS)
        await keys.follow("main form button")  # no event
        await keys.follow("main form button")  # and no person
        await keys.follow("main form[action$='/answers'] button")
        await keys.go("summary")
        await page.keyboard.press("Space")
        assert await page.locator("details").first.get_attribute("open") is not None
        await keys.follow("form[action$='/send'] button")
        await expect(page).to_have_url(re.compile("/sent$"), timeout=PATIENCE_MS)
        assert f"/cases/{case}" in await page.content()
    question = f"SELECT 1 FROM statement WHERE kind = 'trace.response/1' AND thread = '{case}' AND in_effect"
    await until(lambda: scene.town.ask("xaa", question), "the answer at xaa")


async def refused(keys: Keys, name: str) -> None:
    """See that what is wrong is said before all else, and that its line leads into its box."""
    page = keys.page
    summary = page.locator(".govuk-error-summary")
    await expect(summary).to_be_visible(timeout=PATIENCE_MS)
    assert await page.evaluate(
        "() => document.querySelector('main a, main button, main input').closest('.govuk-error-summary') !== null"
    ), "it stands before all else"
    await keys.go(".govuk-error-summary a")
    await page.keyboard.press("Enter")
    await page.wait_for_function("(name) => document.activeElement.name === name", arg=name)
    await keys.look()


@pytest.mark.parametrize("tongue", ["en", "ar"])
async def test_no_page_holds_who_goes_through_it_and_he_comes_back_the_way_he_went(
    scene: Scene, tongue: str
) -> None:
    case = await scene.ask(f"K-{tongue}")
    async with scene.console.visit(scene.browser, officer="8", locale=tongue) as window:
        page = await scene.console.sign_in(window)
        keys = Keys(page)
        for address in ("/", f"/cases/{case}", f"/write/{case}", "/drafts", "/search"):
            await page.goto(address)
            await keys.look()
            forth = await walked(keys, "Tab")
            back = await walked(keys, "Shift+Tab")
            assert len(forth) > 10, address
            assert back == forth[-2::-1] or back == forth[::-1], address


async def walked(keys: Keys, key: str) -> list[str]:
    """Return where a key leads until the page ends or begins anew."""
    names = list[str]()
    await keys.page.evaluate("() => { window.stops = []; }")
    for _ in range(MOST_STOPS):
        stop = await keys.tab(key)
        if stop["left"] or stop["seen"]:
            return names
        names.append(stop["name"])
    pytest.fail("the page never ends")

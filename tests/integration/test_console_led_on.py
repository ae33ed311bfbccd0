"""A link on another site leads to the console: the cookie of who is signed in stays behind, as browsers have it.

Such a request comes here without cookies, and says where it came from (Fetch Metadata). What a real browser does with
it is in `tests/acceptance/test_console.py`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.town import POC, found_town
from tracepost.console.rooms import rooms_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASE = "/cases/0190a7a0-0000-7000-8000-000000000000"
LINK = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
_ADDRESSES = (f"192.0.2.{number}" for number in itertools.cycle(range(1, 255)))
LANGUAGES = ("ar", "es", "fr", "ru", "zh-Hans")


@dataclass
class Scene:
    """XAA's console beside its node, and an officer who is signed in."""

    console: Counter
    officer: Visitor

    async def led_here(self, path: str, method: str = "GET", **said: str) -> Answer:
        """Return what his browser is answered when another site's page leads it to `path`."""
        kept_back = Visitor(
            self.console.app, self.console.origin, self.officer.chain, address=next(_ADDRESSES)
        )
        return await kept_back.ask(method, path, b"", token=None, **{**LINK, **said})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("led")
    town = found_town(folder / "town", {"xaa": (POC,)}, "hub")
    async with town.running("hub", "xaa"):
        await town.unlock("xaa")
        async with visiting(town, "xaa", folder / "console") as console:
            yield Scene(console, await console.sign_in("8"))


def links_of(page: Answer) -> list[str]:
    """Return where the page itself leads; its frame leads to other languages and to the beginning."""
    [main] = re.findall(r"<main.*?</main>", page.text, re.DOTALL)
    return re.findall(r'href="([^"]*)"', main)


async def test_a_link_to_the_inbox_goes_on_by_itself_and_nothing_is_kept_or_forgotten(scene: Scene) -> None:
    page = await scene.led_here("/")
    assert page.status == 200
    assert re.findall(r'<meta http-equiv="refresh" content="([^"]*)">', page.text) == ["0; url=/"]
    assert links_of(page) == ["/"]
    assert "set-cookie" not in page.headers
    assert "<form" not in page.text
    assert "Waiting for us" in (await scene.officer.get("/")).words, "he is signed in still"


@pytest.mark.parametrize("path", [CASE, f"{CASE}/paper", "/sent?after=17", '/search?a="><script>b</script>'])
async def test_any_other_page_is_opened_by_the_officer_alone(scene: Scene, path: str) -> None:
    page = await scene.led_here(path)
    assert page.status == 200
    assert "http-equiv" not in page.text
    assert "<script>b" not in page.text
    [address] = links_of(page)
    assert address.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">") == path
    assert "set-cookie" not in page.headers
    assert "Officer 8" not in page.words


async def test_only_a_link_is_led_on_and_all_else_stays_at_the_door(scene: Scene) -> None:
    for said in (
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"},
        {"sec_fetch_mode": "cors", "sec_fetch_dest": "empty"},
        {"sec_fetch_dest": "iframe"},
    ):
        answer = await scene.led_here(CASE, **said)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in"), said
        assert "tracepost-session" not in answer.headers.get("set-cookie", ""), said


async def test_no_form_of_another_site_does_anything(scene: Scene) -> None:
    """Wherever a form can be sent to: without a session nothing is read of it, and no page leads it on."""
    brought = [
        (method, re.sub(r"\{[a-z0-9]+\}", "x", page.path))
        for room in rooms_of(scene.console.house.settings)
        for page in room.pages
        for method in page.methods
        if method != "GET" and page.signed_in
    ]
    assert ("POST", "/sign-out") in brought
    for method, path in brought:
        answer = await scene.led_here(path, method)
        assert (answer.status, answer.headers.get("location")) == (303, "/sign-in"), (method, path)
    assert (await scene.officer.get("/")).status == 200, "he is signed in still"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_is_led_here_reads_it_in_his_language(scene: Scene, language: str) -> None:
    for path in ("/", CASE):
        page = await scene.led_here(path, accept_language=language)
        assert re.search(rf'<html[^>]* lang="{language}"', page.text)
        assert "Go on to Tracepost" not in page.words
        assert "A link on another site" not in page.words

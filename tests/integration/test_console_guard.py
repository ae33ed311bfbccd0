"""What is asked of every page of a console that takes something: a token of its own pages, from its own origin."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from fakes.console_visits import Visitor, visiting
from fakes.hostile_pages import foreign_in
from fakes.town import POC, found_town
from tracepost.console.app import make_app
from tracepost.console.rooms import Page, all_rooms
from tracepost.locale import Language, languages
from tracepost.locale.words import words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAKING = [
    (method, page)
    for room in all_rooms()
    for page in room.pages
    for method in page.methods
    if method not in {"GET", "HEAD"}
]
NAMED = [
    (method, page)
    for room in all_rooms()
    for page in room.pages
    for method in page.methods
    if method != "HEAD" and "{" in page.path and not page.is_raw
]
HOSTILE = (
    "..",
    "..\\..\\etc",
    "..%2f..%2fetc",
    '"><xss onxss=1>',
    "a\r\nset-cookie: xss=1",
    "\0",
    "' OR 1=1--",
    "9" * 5000,
)
each_that_takes = pytest.mark.parametrize(
    ("method", "page"), TAKING, ids=[f"{method} {page.path}" for method, page in TAKING]
)


@dataclass(frozen=True)
class Gate:
    """A console with all its pages, those too that its settings leave out; an officer, and somebody unknown."""

    officer: Visitor
    stranger: Visitor

    def who(self, page: Page) -> Visitor:
        """Return who may come to a page."""
        return self.officer if page.signed_in else self.stranger


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gate(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gate]:
    folder = tmp_path_factory.mktemp("guard")
    town = found_town(folder / "town", {"xaa": (POC,)}, "hub")
    async with town.running("hub", "xaa"):
        limits = "sign_ins_per_minute = 100\npages_per_minute = 5000"
        async with visiting(town, "xaa", folder / "console", session=limits) as console:
            officer = await console.sign_in("7")
            whole = make_app(console.house, all_rooms())
            officer.app = whole
            stranger = Visitor(whole, console.origin)
            await stranger.get("/sign-in")
            yield Gate(officer, stranger)


def address_of(page: Page) -> str:
    return re.sub(r"\{[^}]*\}", "0", page.path)


@each_that_takes
async def test_nothing_is_taken_without_the_token_of_a_page(gate: Gate, method: str, page: Page) -> None:
    who = gate.who(page)
    for token in ("", "somebody's", f"{who.token}x"):
        answer = await who.ask(method, address_of(page), token=token)
        assert answer.status == 403
        assert "The page that sent the form is too old." in answer.words


@each_that_takes
async def test_nothing_is_taken_from_a_page_of_another_origin(gate: Gate, method: str, page: Page) -> None:
    who = gate.who(page)
    answer = await who.ask(method, address_of(page), origin="https://elsewhere.example")
    assert answer.status == 403
    assert "The form was not sent from a page of this console." in answer.words


@each_that_takes
async def test_what_is_too_large_is_not_taken_whatever_it_says_of_its_length(
    gate: Gate, method: str, page: Page
) -> None:
    who, address = gate.who(page), address_of(page)
    told = await who.ask(method, address, content_length=str(page.body_bytes + 1))
    assert told.status == 413
    if not page.is_raw:  # such a page counts what it reads (test_console_uploads.py)
        form, body = "application/x-www-form-urlencoded", b"a=" + b"b" * page.body_bytes
        untold = await who.ask(method, address, body, content_length="1", content_type=form)
        assert untold.status == 413


@pytest.mark.parametrize(("method", "page"), NAMED, ids=[f"{method} {page.path}" for method, page in NAMED])
async def test_no_address_of_somebodys_making_opens_anything(gate: Gate, method: str, page: Page) -> None:
    """Paths, markup, signs that end a line, and names longer than any."""
    who = gate.who(page)
    for hostile in HOSTILE:
        address = hostile.join(re.split(r"\{[^}]*\}", page.path))
        answer = await (who.get(address) if method == "GET" else who.post(address, {}))
        assert 400 <= answer.status < 500 or page.path == "/language/{language}", (hostile, answer.status)
        assert foreign_in(answer.text) == [], hostile
        assert all("xss" not in one and "etc" not in one for one in answer.headers.values()), answer.headers


@pytest.mark.parametrize("spoken", languages(), ids=lambda one: one.tag)
async def test_a_page_that_is_not_there_is_told_in_the_language_of_the_officer(
    gate: Gate, spoken: Language
) -> None:
    words = words_of(spoken.tag)
    gate.officer.language = words.tag
    for path in (
        "/nothing",
        "/drafts/0/check",
        "/cases/0190a7a0-0000-7000-8000-000000000000",
        "/inbox/nothing",
    ):
        answer = await gate.officer.get(path)
        assert answer.status in {400, 404}
        remedies = [words.coded("remedy", code) for code in ("not-found", "invalid-input")]
        assert any(one in answer.words for one in remedies), answer.words
        said = ("There is no such", "names no case")
        assert any(one in answer.words for one in said) == (words.tag == "en"), answer.words
    gate.officer.language = "en"

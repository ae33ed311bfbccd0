"""A second officer's word by passkey in a real browser: added, endorsed where his key is, and asked for its word.

The device is Chromium's virtual authenticator; what it signs is judged by a real node.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from fakes import messages as m
from fakes.authenticator import authenticator
from fakes.console import Console, browsing, follow, running_console
from fakes.house import draft
from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, found_town, until
from tracepost.protocol.approval import Decision
from tracepost.protocol.ids import decode_b64
from tracepost.sdk.office import make_emergency
from tracepost.sdk.passkeys import endorse, read_request
from tracepost.sdk.policies import make_decision, make_proposal
from tracepost.wire.v1 import desk_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

APPROVE = "form:has(input[value=approved]) button"
REFUSE = "form:has(input[value=refused]) button"
FORBIDS = '@id("no-narrative") forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");'
_NUMBERS = count(1)


@dataclass
class Scene:
    """XAA's console, at which officer 7 writes, and 8 has a passkey that speaks for him."""

    console: Console
    browser: Browser
    page: Page
    """Of officer 8, whose browser has the device."""

    async def wait_for_word(self) -> str:
        """Write a message as officer 7; return its digest."""
        message = m.request(f"T-2026-{next(_NUMBERS)}")
        message.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
        async with self.console.town.client("xaa") as officer:
            return (await officer.submit(draft(message, to=["xab"]))).statement

    async def say(self) -> desk_pb2.Submission:
        """Write a message as officer 7 that goes at once."""
        async with self.console.town.client("xaa") as officer:
            sent = await officer.submit(draft(m.request(f"T-2026-{next(_NUMBERS)}"), to=["xab"]))
        assert not sent.HasField("problem"), sent.problem
        return sent

    async def ask_to_read(self) -> str:
        """Ask as officer 7 to read two messages against a refusal; return the page of it."""
        statements = sorted([(await self.say()).statement, (await self.say()).statement])
        async with self.console.town.client("xaa") as officer:
            made = await officer.office.ask_emergency(
                make_emergency(
                    statements,
                    "poc",
                    "A life is in danger.",
                    officer="7",
                    papers=self.console.town.papers("xaa"),
                    now=(await officer.office.list_emergencies()).clock,
                )
            )
        return f"/waiting/break-glass/{made.number}"

    async def ask_to_delete(self) -> str:
        """Ask as officer 7, without scripts, to delete a message; return the page of it."""
        sent = await self.say()
        await until(lambda: self.has_come(sent.statement), "it to arrive")
        await until(lambda: self._is_at_rest(sent.statement), "it to be on its way no longer")
        async with self.console.visit(self.browser, officer="7", script=False) as window:
            page = await self.console.sign_in(window)
            await page.goto(f"/cases/{sent.thread}/delete")
            await page.locator("input[name=statement]").first.check()
            await page.locator("#reason").fill("kept too long")
            await follow(page, page.locator("main form button"))
            await follow(page, page.locator("main form button"))
            assert "/waiting/deletion/" in page.url, await page.inner_text("main")
            return page.url.removeprefix(self.console.origin)

    def _is_at_rest(self, statement: str) -> bool:
        digest = decode_b64(statement, "statement").hex().upper()
        waiting = "state IN ('QUEUED', 'WITH_RELAY')"
        question = f"SELECT 1 FROM sent_mail WHERE hex(statement) = '{digest}' AND {waiting}"
        return not self.console.town.ask("xaa", question)

    async def propose(self) -> str:
        """Propose policies as officer 7, after one that waits was refused; return the page of the version."""
        async with self.console.town.client("xaa") as officer:
            papers, view = self.console.town.papers("xaa"), await officer.show_policies(with_text=True)
            for one in view.versions:
                if one.state == desk_pb2.POLICY_STATE_PROPOSED:
                    await officer.decide_policy(make_decision(one, Decision.REFUSED, papers, view.clock))
            proposal = make_proposal(view, FORBIDS, "a try", papers, domain=DOMAIN, now=view.clock)
            return f"/waiting/policy/{(await officer.propose_policy(proposal)).version}"

    def has_come(self, statement: str) -> bool:
        digest = decode_b64(statement, "statement").hex().upper()
        question = f"SELECT 1 FROM statement WHERE hex(digest) = '{digest}'"
        return bool(self.console.town.ask("xab", question))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("words")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    rule = 'second_officer = "required"'
    town = found_town(folder / "town", desks, "hub", reachable=("xab",), release=rule)
    async with town.running("hub", *desks):
        await town.meet(*desks)
        await town.unlock("xaa")
        async with (
            running_console(town, "xaa", folder / "console", session="pages_per_minute = 6000") as console,
            browsing() as browser,
            console.visit(browser, officer="8") as window,
        ):
            page = await console.sign_in(window)
            await authenticator(page)
            await endorse_new(console, page, folder / "passkey.json")
            yield Scene(console, browser, page)


async def endorse_new(console: Console, page: Page, file: Path) -> str:
    """Add a passkey, and let it speak for officer 8 by the file that its page gives; return its name."""
    await page.goto("/passkeys")
    await follow(page, page.locator("button[data-passkey=create]"))
    async with page.expect_download() as coming:
        await page.locator("form[action='/passkeys/file'] button").last.click()
    await (await coming.value).save_as(file)
    asked, papers = read_request(await asyncio.to_thread(file.read_bytes)), console.town.papers("xaa", "8")
    said = endorse(asked, papers, domain=DOMAIN, now=int(time.time()))
    async with console.town.client("xaa", officer="8") as client:
        made = await client.office.endorse_passkey(said)
    await page.reload()
    mine = page.locator("li", has_text=made.credential[:12])
    assert "It gives your word as second officer until" in await mine.inner_text()
    return made.credential


async def test_a_touch_lets_mail_go_and_the_page_names_the_entry_in_the_log(scene: Scene) -> None:
    statement, page = await scene.wait_for_word(), scene.page
    await page.goto("/waiting")
    await follow(page, page.locator(f"a[href='/waiting/release/{statement}']"))
    assert not scene.has_come(statement)
    await follow(page, page.locator(APPROVE))
    assert "Entry in our log" in await page.inner_text("main")
    assert "officer-8" in await page.inner_text("main")
    await until(lambda: scene.has_come(statement), "it to arrive")


async def test_a_touch_stops_mail_when_it_is_said_why(scene: Scene) -> None:
    statement, page = await scene.wait_for_word(), scene.page
    await page.goto(f"/waiting/release/{statement}")
    reason = page.locator("#reason")
    await reason.evaluate("one => one.addEventListener('invalid', () => (one.dataset.asked = 'yes'))")
    await page.locator(REFUSE).click()
    assert await reason.get_attribute("data-asked") == "yes"  # the script asked for it, and not for a touch
    await page.locator("#reason").fill("not needed")
    await follow(page, page.locator(REFUSE))
    assert "Decided by" in await page.inner_text("main")
    assert await page.locator("button[data-passkey]").count() == 0
    await page.goto("/waiting")
    assert await page.locator(f"a[href='/waiting/release/{statement}']").count() == 0
    assert not scene.has_come(statement)


async def test_who_wrote_it_is_offered_no_approval(scene: Scene) -> None:
    statement = await scene.wait_for_word()
    async with scene.console.visit(scene.browser, officer="7") as window:
        page = await scene.console.sign_in(window)
        await page.goto(f"/waiting/release/{statement}")
        assert "This is your own" in await page.inner_text("main")
        assert await page.locator(APPROVE).count() == 0


async def test_without_scripts_the_page_says_how_the_word_is_given(scene: Scene) -> None:
    statement = await scene.wait_for_word()
    async with scene.console.visit(scene.browser, officer="8", script=False) as window:
        page = await scene.console.sign_in(window)
        await page.goto(f"/waiting/release/{statement}")
        assert not await page.locator(APPROVE).is_visible()
        assert f"tracepost release approve {statement}" in await page.inner_text("main")


async def test_a_request_about_two_messages_takes_two_touches(scene: Scene) -> None:
    path, page = await scene.ask_to_read(), scene.page
    await page.goto("/waiting")
    await follow(page, page.locator(f"a[href='{path}']"))
    assert "It is asked 2 times" in await page.inner_text("main")
    await follow(page, page.locator(APPROVE))
    assert "officer-8" in await page.inner_text("main")
    assert await page.locator("button[data-passkey]").count() == 0
    async with scene.console.visit(scene.browser, officer="7") as window:
        asker = await scene.console.sign_in(window)
        await asker.goto(path)
        await follow(asker, asker.locator(f"a[href='{path}/read']"))
        assert await asker.locator("#said > article").count() == 2


async def test_a_deletion_is_asked_without_scripts_and_takes_the_touch_of_another(scene: Scene) -> None:
    path, page = await scene.ask_to_delete(), scene.page
    await page.goto(path)
    assert "A restore brings them back." in await page.inner_text("main")
    await follow(page, page.locator(APPROVE))
    assert "This is what is left of it here." in await page.inner_text("main")


async def test_a_touch_refuses_a_proposal_of_policies(scene: Scene) -> None:
    path, page = await scene.propose(), scene.page
    await page.goto(path)
    assert "reads no longer" in await page.inner_text("main")
    await follow(page, page.locator(REFUSE))
    assert "officer-8" in await page.inner_text("main")
    assert await page.locator("button[data-passkey]").count() == 0


async def test_a_passkey_that_was_taken_back_meanwhile_says_nothing(scene: Scene, tmp_path: Path) -> None:
    """In a window of its own, with another device: the others go on with theirs."""
    statement, town = await scene.wait_for_word(), scene.console.town
    async with scene.console.visit(scene.browser, officer="8") as window:
        page = await scene.console.sign_in(window)
        await authenticator(page)
        name = await endorse_new(scene.console, page, tmp_path / "passkey.json")
        await page.goto(f"/waiting/release/{statement}")
        async with town.client("xaa", officer="8") as client:
            await client.office.end_passkey(name)
        await follow(page, page.locator(APPROVE))
        assert "There is a problem" in await page.inner_text("main")
    assert not scene.has_come(statement)


async def test_a_passkey_that_is_removed_loses_its_word(scene: Scene, tmp_path: Path) -> None:
    async with scene.console.visit(scene.browser, officer="8") as window:
        page = await scene.console.sign_in(window)
        await authenticator(page)
        name = await endorse_new(scene.console, page, tmp_path / "passkey.json")
        async with scene.console.town.client("xaa", officer="8") as client:
            before = {one.credential for one in await client.office.list_passkeys()}
            await follow(
                page, page.locator(f"form:has(input[value='{name[:12]}']) button", has_text="Remove")
            )
            assert {one.credential for one in await client.office.list_passkeys()} == before - {name}
        assert name in before

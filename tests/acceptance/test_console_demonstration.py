"""The story of `make demo`, told by officers at their consoles in a browser: from the seizure of six weapons to the
closure of the case, in English without scripts and in Arabic with them.

What an officer does is done at a console, and each scene looks at what stands on the other side's page. Pictures of the
scenes are kept below `build/console/demonstration`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import pytest
from google.protobuf.message import Message
from playwright.async_api import Browser, Page

from fakes.command_line import CommandLine, write_profile
from fakes.console import Console, browsing, follow, running_console
from fakes.inquiry import SCAN, address
from fakes.messages_typed import Typist
from fakes.pages_by_hand import all_pages_of
from fakes.pages_written import errors, fill, picture, press
from fakes.town import POC, POLICE, Process, Town, found_town, until
from tracepost.cli.demonstration import material, messages
from tracepost.console.forms.answers import Answers, texts_of
from tracepost.console.forms.guides import GUIDES
from tracepost.locale.words import Words, words_of
from tracepost.wire.v1 import desk_pb2, trace_pb2

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]

STATES = ("xaa", "xab", "xac", "xad")
SILENT = "xad"
LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
DEALER = "paper:dealer"
SERIALS = ("254903", "ЛЯ 36", "9252146", "TJY24???", "226815", "64W704989")
CLOSED = [
    "trace.request/1",
    "trace.acknowledgement/1",
    "trace.redirect/1",
    "trace.response/1",
    "trace.information-request/1",
    "trace.information-supply/1",
    "trace.response/1",
    "trace.closure/1",
]
"""What was said in the case between XAA and XAB, in this order."""


@dataclass
class Story:
    """The case, and who plays: nodes in processes of their own, consoles, and an officer's page at each desk."""

    town: Town
    folder: Path
    browser: Browser
    words: Words
    stack: AsyncExitStack
    nodes: dict[str, Process] = field(default_factory=dict)
    consoles: dict[str, Console] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    case: str = ""
    pictures: int = 0

    # ── what officers do ──────────────────────────────────────────────────────────

    async def write(
        self, who: str, guide: str, told: Answers, *, parts: Sequence[bytes] = (), scan: bytes = b""
    ) -> str:
        """Write a message at somebody's console; return the case that it is in."""
        page = self.pages[who]
        if GUIDES[guide].opens:
            await page.goto("/drafts")
            await follow(page, page.locator(f'button[name="guide"][value="{guide}"]'))
        else:
            await page.goto(f"/write/{self.case}")
            await fill(page, {"guide": guide})
            await press(page, "Continue")
        await Typist(page, GUIDES[guide], told, parts, scan).type()
        return await self.send(who)

    async def send(self, who: str) -> str:
        """Sign and send what stands on a last page; return the case that it is in."""
        page = self.pages[who]
        assert await errors(page) == []
        await self.take_picture(who, "check")
        await press(page, "Sign and send")
        way = await page.locator('main a[href^="/cases/"]').get_attribute("href")
        assert way is not None, "it says where it is"
        return way.rpartition("/")[2]

    # ── what stands on pages ──────────────────────────────────────────────────────

    async def read(self, who: str, scene: str, path: str = "") -> str:
        """Return the words of a page, the case's with all pages of its lists; a picture is kept."""
        page = self.pages[who]
        await page.goto(path or f"/cases/{self.case}")
        await self.take_picture(who, scene)
        first = await page.request.get(page.url)
        texts = [await one.text() for one in await all_pages_of(page.request, first)]
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", " ".join(texts))).split())

    async def outcomes(self, who: str, item: str) -> list[list[str]]:
        """Return the rows of an item in the case that a page shows: who answered, and what came of it."""
        rows = await self.pages[who].locator("h2#items + div tbody tr").all()
        told = [await one.locator("td").all_inner_texts() for one in rows]
        return [row[1:] for row in told if row[0] == item]

    async def standing(self, who: str) -> str:
        """Return whose turn it is, on the case's page that is shown."""
        return await self.pages[who].locator("main .govuk-tag").first.inner_text()

    async def take_picture(self, who: str, scene: str) -> None:
        self.pictures += 1
        name = f"{self.pictures:02}-{scene}-{who.replace('/', '-')}"
        await picture(self.pages[who], f"demonstration/{name}")

    # ── nodes ─────────────────────────────────────────────────────────────────────

    async def arrived(self, member: str, kind: str, *, count: int = 1) -> None:
        """Wait until so many statements of a kind count in the case at a member."""
        asked = f"SELECT 1 FROM statement WHERE kind = '{kind}' AND in_effect AND thread = '{self.case}'"
        await until(lambda: len(self.town.ask(member, asked)) >= count, f"{kind} at {member}")

    async def sit_down(self, who: str, officer: str = "8") -> None:
        """Have an officer sign in at the console of his State, and keep his page."""
        tag, console = self.words.tag, self.consoles[who.partition("/")[0]]
        spoken = {"locale": tag, "extra_http_headers": {"accept-language": tag}}
        visit = console.visit(self.browser, officer=officer, script=tag != "en", **spoken)
        self.pages[who] = await console.sign_in(await self.stack.enter_async_context(visit))


@asynccontextmanager
async def staged(folder: Path, tag: str) -> AsyncIterator[Story]:
    """Give the story before its first scene: XAA and XAB work, XAC is off, and XAD has gone away for good."""
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE), "xac": (POC, POLICE), SILENT: (POC,)}
    town = found_town(folder / "town", desks, "hub")
    await town.introduce(*STATES)
    async with town.running("hub"), browsing() as browser, AsyncExitStack() as stack:
        story = Story(town, folder, browser, words_of(tag), stack)
        for member in ("xaa", "xab", "xac"):
            story.nodes[member] = town.process(member)
            stack.callback(story.nodes[member].abandon)
        for member in ("xaa", "xab"):
            await start(story, member)
        async with town.client("xab") as officer:
            await officer.keep_address(address(DEALER, competences=["COMPETENCE_INDUSTRY_LIAISON"]))
        await story.sit_down("xab/police", "9")
        yield story


async def start(story: Story, member: str) -> None:
    """Start the node of a State and open its desks; have the officer of its point of contact sit down."""
    await story.nodes[member].start()
    await story.town.unlock(member)
    folder = story.folder / f"console-{member}"
    console = running_console(story.town, member, folder, session=LIMITS)
    story.consoles[member] = await story.stack.enter_async_context(console)
    await story.sit_down(member)


def told(message: Message, content: str, **more: Sequence[str]) -> Answers:
    """Return what is told by a message of the demonstration; `more` are answers that only pages have."""
    return texts_of(message, f"content.{content}").having(
        {name if name == "to" else f"~{name}": said for name, said in more.items()}
    )


@pytest.mark.parametrize("tag", ["en", "ar"])
async def test_six_seized_weapons_are_traced_and_the_case_is_closed(tag: str, tmp_path: Path) -> None:
    async with staged(tmp_path, tag) as story:
        await ask(story)
        await acknowledge(story)
        await name_the_next_state(story)
        await answer_item_by_item(story)
        await settle_by_a_better_photograph(story)
        await close(story)
        await verify(story)


# ── scenes ───────────────────────────────────────────────────────────────────────────


async def ask(story: Story) -> None:
    """XAA asks XAB about six weapons, with photographs; XAB's desks see what the law of each allows."""
    draft = material.read_request()
    cover = {
        "to": ["xab"],
        "purpose": ["CRIMINAL_INVESTIGATION"],
        "legal_basis": ["ITI"],
        "~restrictions": ["NO_ONWARD_RELEASE"],
    }
    asked = texts_of(draft.content, "content").having(cover)
    story.case = await story.write("xaa", "request", asked, parts=draft.parts)
    await story.arrived("xab", "trace.request/1")
    office = await story.read("xab", "asked")
    assert [one for one in SERIALS if one not in office] == []
    assert story.words.coded("HandlingInstruction", "DO_NOT_CONTACT_OWNER") in office
    assert await story.standing("xab") == story.words.coded("CaseState", "WAITING_FOR_US")
    assert material.EXACT_PLACE not in office, "of that only desks for law enforcement read"
    assert material.EXACT_PLACE in await story.read("xab/police", "asked")
    await story.read("xab", "photographs", f"/cases/{story.case}/files")
    shown = story.pages["xab"].locator("main img")
    assert await shown.count() == len(draft.parts)


async def acknowledge(story: Story) -> None:
    """XAB says under which number it has six items, and on which terms."""
    said = messages.acknowledgement("", messages.FILE_NUMBER_XAB, "Tracing office", 6, "tracing@xab.example")
    await story.write("xab", "acknowledge", told(said, "acknowledgement"))
    await story.arrived("xaa", "trace.acknowledgement/1")
    page = await story.read("xaa", "acknowledged")
    assert messages.FILE_NUMBER_XAB in page
    assert "tracing@xab.example" in page
    assert await story.standing("xaa") == story.words.coded("CaseState", "WAITING_FOR_THEM")


async def name_the_next_state(story: Story) -> None:
    """XAB names whom to ask about the first weapon; nothing goes there."""
    await story.write("xab", "redirect", told(messages.redirection(), "redirect"))
    await story.arrived("xaa", "trace.redirect/1")
    assert "1994-05" in await story.read("xaa", "redirected")
    [row] = await story.outcomes("xaa", "1")
    assert "xac" in row


async def answer_item_by_item(story: Story) -> None:
    """XAB answers five items, each with another outcome, and asks for a better photograph of the fourth."""
    answers = messages.answers()
    for one in answers.answers:
        one.stopped_because_full = one.stopped_because_full or one.stopped_because
    await story.write("xab", "answer", told(answers, "response"))
    await story.arrived("xaa", "trace.response/1")
    page = await story.read("xaa", "answered")
    for one in answers.answers:
        outcome = next(row for row in await story.outcomes("xaa", one.item_id) if row[1])
        reach = trace_pb2.Reach.Name(one.reach).removeprefix("REACH_")
        assert outcome[2] == story.words.coded("Reach", reach)
    assert all(one.explanation in page for one in answers.answers if one.explanation)
    assert await story.pages["xaa"].locator("#supply svg[role=img]").count() == 1
    needed = {"needed": ["PHOTOGRAPH_OF_MARK"], "needed_for": ["4"]}
    asked = told(messages.better_photograph_asked(), "information_request", **needed)
    await story.write("xab", "ask", asked)
    await story.arrived("xaa", "trace.information-request/1")
    assert messages.better_photograph_asked().explanation in await story.read("xaa", "asked-back")
    assert await story.standing("xaa") == story.words.coded("CaseState", "WAITING_FOR_US")


async def settle_by_a_better_photograph(story: Story) -> None:
    """XAA gives the photograph, on which the serial can be read; a dealer's book settles the item."""
    better, request = material.better_picture(), material.read_request().content.trace_request
    supply = messages.better_photograph(better, material.item_of(request, "4"))
    said = told(supply, "information_supply", supplied=["PHOTOGRAPH_OF_MARK"])
    await story.write("xaa", "supply", said, parts=[better.content])
    await story.arrived("xab", "trace.information-supply/1")
    assert material.SERIAL_READ_AT_LAST in await story.read("xab", "supplied")
    await ask_the_dealer(story)
    settled = messages.settled()
    settled.answers[0].stopped_because_full = settled.answers[0].stopped_because
    await story.write("xab", "answer", told(settled, "response"))
    await story.arrived("xaa", "trace.response/1", count=2)
    page = await story.read("xaa", "settled")
    assert settled.answers[0].explanation in page
    assert "ledger, page 12" not in page, "what a dealer told XAB stays there"


async def ask_the_dealer(story: Story) -> None:
    """XAB asks a dealer on paper, prints the slip, and keys in what came back."""
    enquiry = Answers(
        {
            "content.enquiry.step": ("ASKED",),
            "content.enquiry.custodian.id": (DEALER,),
            "content.enquiry.item_ids": ("4",),
        }
    )
    await story.write("xab", "enquire", enquiry)
    assert address(DEALER).name in await story.read("xab", "asked-inside")
    finding = trace_pb2.Response(answers=messages.settled().answers)
    finding.answers[0].stopped_because_full = finding.answers[0].stopped_because
    said = texts_of(finding, "content.finding").having(
        {
            "~on_paper": ["yes"],
            "content.finding.final": ["yes"],
            "content.finding.found_in": ["ledger, page 12"],
            "content.finding.transcribed.kept_by": ["Registry of the office"],
        }
    )
    await story.write("xab", "finding", said, scan=SCAN)
    assert "ledger, page 12" in await story.read("xab", "found")


async def close(story: Story) -> None:
    """XAA closes with an outcome for each item; both sides' cases are closed."""
    closure = messages.closure([])
    await story.write("xaa", "close", told(closure, "closure"))
    await story.arrived("xab", "trace.closure/1")
    assert closure.preventive_action in await story.read("xab", "closed")
    for who in ("xaa", "xab"):
        await story.read(who, "closed")
        assert await story.standing(who) == story.words.coded("CaseState", "CLOSED")


async def verify(story: Story) -> None:
    """The case is closed at both nodes, and what XAA's officer exports is proved with nobody to ask."""
    for member in ("xaa", "xab"):
        async with story.town.client(member) as client:
            view = await client.show_case(story.case)
        assert view.summary.state == desk_pb2.CASE_STATE_CLOSED
        kinds = [one.kind for one in view.statements if one.kind in CLOSED]
        assert kinds == CLOSED
    line = CommandLine(write_profile(story.town, "xaa", "8", "poc"), story.folder / "line")
    file, trust = story.folder / "case.tracepost", story.town.place("xaa") / "trust.json"
    exported = await asyncio.to_thread(line.run, "trace", "export", story.case, "--out", str(file))
    assert exported.exit_code == 0, exported.output
    proved = await asyncio.to_thread(line.run, "verify", str(file), "--trust", str(trust))
    assert proved.exit_code == 0, proved.output

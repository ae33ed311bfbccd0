"""Every page and every guided form of the officers' console, in every language: no fault for axe-core, no script.

`WALKS` is the table of all pages: each method and address of the application, with each status with which it answers
in HTML or leads on, and the walk on which an officer comes past it. `fakes.guides_written.TELLINGS` is that of all
guided forms. What the program has and a table has not fails here: routes are asked of the application, steps of the
registry of guides.

Officers are `fakes.pages_passed.Walker`s, who know no script: they press only what stands on the page that they see,
in its forms as they stand, and go through each form to its end, where it is sent. Each page that comes is kept as HTML
in each language, the refused forms and errors too, and is shown to a browser without its scripts, for

- axe-core, all rules; colours, which a stylesheet gives, in one language for each of the two stylesheets;
- what does nothing without scripts: a visible button, box or link that sends nothing and leads nowhere.

A passkey and a file that goes in pieces need scripts, and a page that has them says or does the same without.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.routing import Route

from fakes.console import browsing
from fakes.console_visits import Visitor
from fakes.deputies import appoint, dismiss
from fakes.devices import Device
from fakes.given_words import answered, let_speak
from fakes.guides_written import TELLINGS
from fakes.notices_written import SERIAL
from fakes.pages_in_languages import faults_in
from fakes.pages_passed import Passed, Walker, routes_of
from fakes.pki import DOMAIN
from fakes.provider import running_provider
from fakes.small_town import CAREFUL, EXPERTS, PICTURE, Street, small_town
from tracepost.console.assets_room import asset_routes
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.steps import Way
from tracepost.console.rendering import asset_path
from tracepost.locale import languages
from tracepost.protocol.errors import UnreachableError
from tracepost.sdk import Client
from tracepost.sdk.policies import make_proposal
from tracepost.serving.limits import CallLimiter

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(1800)]

FILES = {Way.PHOTOGRAPHS: ("a.jpg", PICTURE), Way.SCAN: ("a.pdf", b"%PDF-1.7 of a letter")}
NOBODYS = "0190a7a0-0000-7000-8000-000000000000"
FORBIDS = '@id("no-narrative") forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");'
CROSSING = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
NUMBERS = re.compile(
    r"content\.\w+(?:\.response)?\.|<span class=\"govuk-caption-l\">[^<]*</span>|[0-9a-f-]{32,}|[A-Za-z0-9_-]{43}"
)
"""Of drafts, cases and messages, tokens, and for which message a field is: in these, pages of one step differ."""
ADDRESSES = (f"192.0.2.{number}" for number in itertools.cycle(range(1, 255)))
"""Of those who come: each has a minute's pages of his own before he has signed in."""
TAGS = tuple(one.bcp47 for one in languages())
MARKS = (SERIAL, "АБ 1234", "AB 4711")
"""Those that are written in forms, and those of the cases of the town."""
BAND = "console-exercise__band"
TABLE = b"serial;obliterated;manufacturer;type;calibre;country of origin;colour\r\n"
GOOD, BAD = b"A12345;N;ROSSI;revolver;.38 Special;BRA;red\r\n", b"A1;perhaps;x;revolver;.38;Atlantis;red\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def street(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    folder = tmp_path_factory.mktemp("pages")
    with running_provider(folder / "provider") as provider, pytest.MonkeyPatch.context() as patch:
        # Nobody else reads a page in six languages within a second; how often one may ask is judged elsewhere.
        patch.setattr(CallLimiter, "admit", lambda *_given, **_named: None)
        async with small_town(folder, provider) as street:
            yield street


@dataclass
class Glass:
    """A browser, and the pages in which it found no fault: what differs in nothing but numbers is looked at once."""

    browser: Browser
    sheets: Mapping[str, str]
    seen: set[str] = field(default_factory=set)

    async def faults(self, passed: Passed) -> list[str]:
        """Return what is wrong with the pages that were come past."""
        fresh = {NUMBERS.sub("", text): (called, tag, text) for called, tag, text in passed.texts}
        found = await faults_in(
            self.browser,
            [one for plain, one in fresh.items() if plain not in self.seen],
            self.sheets,
            MARKS,
        )
        self.seen |= set() if found else {*fresh}
        return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def glass(street: Street) -> AsyncIterator[Glass]:
    console = street.consoles["xaa"]
    nobody = Visitor(console.app, console.origin)
    names = [asset_path(one) for one in ("console.css", "console.rtl.css")]
    sheets = {name: (await nobody.get(name)).text for name in names}
    async with browsing() as browser:
        yield Glass(browser, sheets)


@dataclass(frozen=True)
class Tour:
    """A walk, or some: where officers come from, and what they came past."""

    street: Street
    passed: Passed = field(default_factory=Passed)

    async def officer(self, walk: str, member: str, number: str, desk: str = "") -> Walker:
        """Return an officer who has signed in, and sits at `desk`."""
        visitor = await self.street.consoles[member].sign_in(number, address=next(ADDRESSES))
        if desk:
            assert (await visitor.post("/desk", {"desk": desk})).status == 303
            await visitor.get("/")
        return Walker(visitor, self.passed, walk)

    def stranger(self, walk: str) -> Walker:
        """Return somebody at the door of XAA, whose browser shows no certificate."""
        console = self.street.consoles["xaa"]
        return Walker(Visitor(console.app, console.origin, address=next(ADDRESSES)), self.passed, walk)


# ── the door ─────────────────────────────────────────────────────────────────────────


async def the_door(tour: Tour) -> None:
    """Open to everybody: no certificate, a passkey that is none, a link from elsewhere, a language."""
    nobody = tour.stranger("the door")
    await nobody.get("/")
    await nobody.post("/sign-in/certificate", {})
    await nobody.get("/sign-in")
    await nobody.press("/sign-in/passkey")
    await nobody.ask("GET", "/", b"", **CROSSING)
    nobody.walk += ", by a link to a case"
    await nobody.ask("GET", f"/cases/{NOBODYS}", b"", **CROSSING)
    nobody.once = True
    await nobody.get("/language/xx")
    nobody.visitor.language = "fr"
    await nobody.get("/language/fr?back=/sign-in")
    officer = await tour.officer("the door, of who is signed in", "xaa", "7")
    await officer.get("/")
    await officer.press("/desk", {})
    await officer.get("/sign-in")
    officer.once = True
    await officer.press("/sign-out")
    officer.visitor.cookies.clear()
    await officer.get("/sign-in?ended=1")
    await officer.press("/sign-in/certificate")


async def an_account(tour: Tour) -> None:
    """Linked by who signed in with his certificate, and signed in with; once in each language."""
    for one in languages():
        officer = await tour.officer("an account", "xaa", "8")
        officer.once, officer.visitor.language = True, one.bcp47
        await officer.get("/account")
        await vouched(tour, officer, "/account/begin", f"account-{one.tag}")
        await officer.get("/account")
        await officer.press("/account/link")
        visitor = tour.stranger("an account, signed in with")
        visitor.once, visitor.visitor.language = True, one.bcp47
        await visitor.get("/sign-in")
        await vouched(tour, visitor, "/sign-in/provider", f"account-{one.tag}")
        await visitor.get("/account")
        await officer.press("/account/unlink")
        visitor = tour.stranger("an account, of nobody")
        visitor.once, visitor.visitor.language = True, one.bcp47
        await visitor.get("/sign-in")
        await vouched(tour, visitor, "/sign-in/provider", "nobody")


async def vouched(tour: Tour, who: Walker, action: str, subject: str) -> None:
    """Go to the provider and come back as `subject`."""
    led = await who.press(action)
    found = re.search(r'content="0; url=([^"]+)"', led.text)
    assert found is not None, led.words
    back = await tour.street.provider.vouch(found.group(1).replace("&amp;", "&"), subject)
    await who.get(back.partition(tour.street.consoles["xaa"].origin)[2])


async def passkeys(tour: Tour) -> None:
    """None, one that is none, one that speaks for him elsewhere alone, and a file of none."""
    officer = await tour.officer("passkeys", "xaa", "9")
    await officer.get("/passkeys")
    await officer.press("/passkeys/register")
    await let_speak(tour.street.town, "xaa", "9", Device(tour.street.consoles["xaa"].origin))
    officer.walk = "passkeys, with one"
    await officer.get("/passkeys")
    await officer.post("/passkeys/file", {"passkey": "nobody's"})
    await officer.get("/passkeys")
    officer.once = True
    await officer.press("/passkeys/remove")


# ── lists ────────────────────────────────────────────────────────────────────────────


async def lists(tour: Tour) -> None:
    """The inbox, what was sent, search, directory, trail and statistics, with lines in them."""
    case = await tour.street.case("answered")
    officer = await tour.officer("lists", "xaa", "8")
    async with tour.street.town.client("xaa") as client:
        await client.office.assign_case(case, "8")
        [number] = [one.our_file_number async for one in client.list_cases() if one.thread == case]
    for address in ("/", "/inbox/own", "/inbox/us", "/inbox/them", "/inbox/closed", "/directory", "/trail"):
        await officer.get(address)
    await officer.get("/directory/xab")
    await officer.get("/directory/nobody")
    await officer.get("/inbox/nothing")
    await officer.get("/inbox/us")
    await officer.press("/inbox/us/file")
    await officer.get("/search")
    await officer.press("/search/mark", {"mark": ""})
    await officer.press("/search/mark", {"mark": "АБ 1234"})
    await officer.press("/search/mark/file")
    await officer.press("/search/number", {"number": ""})
    await officer.press("/search/number", {"number": number})
    await officer.press("/search/number/file")
    officer.walk = "lists, with hits"
    await officer.get("/trail")
    officer.walk = "lists, of one officer"
    await officer.press("/trail", {"officer": "8"})
    await officer.get("/search")
    await officer.press("/search/mark", {"mark": "АБ 1234"})
    await officer.get("/search")
    await officer.press("/search/number", {"number": number})
    await officer.get("/statistics")
    await officer.press("/statistics/count", {"first": "never"})
    await officer.get("/statistics")
    await officer.press("/statistics/count", {"private": "yes"})
    await officer.press("/statistics/file")
    for address in ("/sent", "/sent/not-received", "/sent/not-delivered", "/sent/nothing"):
        await officer.get(address)
    await officer.post("/sent/again", {"envelope": "none"})
    await officer.post("/sent/again", {"envelope": "0" * 64})


async def an_inner_desk(tour: Tour) -> None:
    """What it is not given, and where it has nothing."""
    officer = await tour.officer("an inner desk", "xab", "10")
    case = await tour.street.case("asked")
    for address in ("/", f"/cases/{case}", "/trail", f"/cases/{case}/holders", "/waiting"):
        await officer.get(address)


async def a_panel(tour: Tour) -> None:
    """Its inbox, what States told it, and what was passed on to it."""
    case = await tour.street.case("replied")
    expert = await tour.officer("a panel", EXPERTS, "8")
    for address in ("/", f"/cases/{case}", f"/cases/{case}/panel", "/drafts", f"/write/{case}"):
        await expert.get(address)


# ── a case ───────────────────────────────────────────────────────────────────────────


async def a_case(tour: Tour) -> None:
    """With answers, photographs and files; who has it, its paper, and one that there is not."""
    case = await tour.street.case("rich")
    officer = await tour.officer("a case", "xaa", "8")
    await officer.get(f"/cases/{case}")
    for address in ("files", "holders", "paper", "break-glass", "delete"):
        assert officer.links(f"/cases/{case}/{address}"), address
        await officer.get(f"/cases/{case}/{address}")
        await officer.get(f"/cases/{case}")
    await officer.get(f"/cases/{case}/files")
    links = [officer.links(f"/{part}/")[0] for part in ("photographs", "originals", "attachments")]
    for address in (*links, links[0].replace("/photographs/", "/thumbnails/")):
        await officer.get(address)
    for part in ("thumbnails", "photographs", "originals", "attachments"):
        await officer.get(f"/cases/{case}/{part}/{'0' * 64}")
    await officer.get(f"/cases/{case}")
    await officer.get(officer.links(f"/cases/{case}/paper/")[0])
    await officer.get(f"/cases/{NOBODYS}")
    await officer.get("/cases/no-number")


async def paper(tour: Tour) -> None:
    """A case, its file with the proofs, a statement, a letter for who gets it and for the own file, and blank forms."""
    case = await tour.street.case("answered")
    officer = await tour.officer("paper", "xab", "8")
    await officer.get(f"/cases/{case}/export")
    await officer.press("/export")
    await officer.get(f"/cases/{case}/paper")
    await officer.press("/paper")
    await officer.get(f"/cases/{case}")
    statement = officer.links(f"/cases/{case}/paper/")[0]
    await officer.get(statement)
    await officer.press(statement)
    await officer.get("/forms")
    await officer.press("/forms")
    await officer.post("/forms", {"kind": "nothing"})
    await officer.get(f"/cases/{NOBODYS}/paper")
    await officer.get(f"/cases/{case}/paper/{'A' * 43}")
    officer.walk = "paper, of a slip"
    case = await tour.street.case("enquired")
    await officer.get(f"/cases/{case}")
    await officer.get(officer.links(f"/cases/{case}/paper/")[0])


# ── what waits for a second officer ──────────────────────────────────────────────────


async def second_word(who: Walker, path: str, decision: str, device: Device) -> None:
    """Look at what waits, give a word that nobody signed, and a true one."""
    await who.get("/waiting")
    await who.get(path)
    await who.press(f"{path}/word")
    page = await who.get(path)
    who.once = True
    await who.post(f"{path}/word", answered(page, decision, device))
    who.once = False
    await who.get(path)
    await who.get("/waiting")


async def ask_to_read(asker: Walker, place: str, device: Device) -> str:
    """Ask to read what the policies refuse; return where that waits."""
    await asker.get(place)
    page = await asker.press(place, {"statement": "", "reason": "A life is in danger."})
    sent = asker.form("/ask").filled({}) | {"credential": []}
    del sent["form_token"]
    asker.once = True
    await asker.post(f"{place}/ask", {**sent, **answered(page, "approved", device)})
    asker.once = False
    assert asker.path.startswith("/waiting/break-glass/"), asker.page.words
    return asker.path


async def ask_to_delete(asker: Walker, place: str) -> str:
    """Ask that a message is deleted; return where that waits."""
    await asker.get(place)
    await asker.press(place, {"statement": "", "reason": "kept too long"})
    asker.once = True
    await asker.press("/ask")
    asker.once = False
    assert asker.path.startswith("/waiting/deletion/"), asker.page.words
    return asker.path


async def break_glass(tour: Tour) -> None:
    """Asked for in a case, decided by another officer, read; also by who took nothing with him."""
    case = await tour.street.case("rich")
    devices = {number: Device(tour.street.consoles["xab"].origin) for number in ("7", "8")}
    for number, device in devices.items():
        await let_speak(tour.street.town, "xab", number, device)
    asker = await tour.officer("break-glass", "xab", "8")
    second = await tour.officer("break-glass, the second", "xab", "7")
    place = f"/cases/{case}/break-glass"
    await asker.get(place)
    await asker.press(place)
    await asker.press(place, {"statement": "", "reason": "A life is in danger."})
    await asker.press("/ask")
    path = await ask_to_read(asker, place, devices["8"])
    await asker.get(path)
    await asker.get("/waiting")
    await second_word(second, path, "approved", devices["7"])
    asker.walk = "break-glass, approved"
    await asker.get(path)
    await asker.get(f"{path}/read")
    for link in asker.links("/photographs/")[:1]:
        await asker.get(link)
        await asker.get(link.replace("/photographs/", "/originals/"))
    await second.get(f"{path}/read")
    await asker.get(f"{path}/photographs/{'0' * 64}")
    await asker.get(f"{path}/originals/{'0' * 64}")
    await asker.get("/waiting/break-glass/9999")
    await asker.post("/waiting/break-glass/9999/word", {"decision": "approved", "time": "1"})


async def deletion(tour: Tour) -> None:
    """Asked for in a case, and decided by another officer of the desk; what is left of the case."""
    case, device = await tour.street.case("rich"), Device(tour.street.consoles["xab"].origin)
    await let_speak(tour.street.town, "xab", "7", device)
    asker = await tour.officer("deletion", "xab", "9")
    second = await tour.officer("deletion, the second", "xab", "7", "police")
    place = f"/cases/{case}/delete"
    await asker.get(place)
    await asker.press(place)
    await asker.press(place, {"statement": "", "reason": "kept too long"})
    await asker.post(f"{place}/ask", {})
    path = await ask_to_delete(asker, place)
    await asker.get(path)
    await second_word(second, path, "approved", device)
    asker.walk = "deletion, done"
    for address in (path, f"/cases/{case}", place, "/waiting/deletion/9999"):
        await asker.get(address)
    await asker.post("/waiting/deletion/9999/word", {"decision": "approved", "time": "1"})


async def a_policy(tour: Tour) -> None:
    """Proposed at the command line, refused by another officer."""
    device = Device(tour.street.consoles[CAREFUL].origin)
    await let_speak(tour.street.town, CAREFUL, "9", device)
    async with tour.street.town.client(CAREFUL) as officer:
        view, papers = await officer.show_policies(), tour.street.town.papers(CAREFUL)
        proposal = make_proposal(view, FORBIDS, "a try", papers, domain=DOMAIN, now=view.clock)
        path = f"/waiting/policy/{(await officer.propose_policy(proposal)).version}"
    await (await tour.officer("a policy, its own", CAREFUL, "7")).get(path)
    second = await tour.officer("a policy", CAREFUL, "9")
    await second_word(second, path, "refused", device)
    await second.get("/waiting/policy/9999")
    await second.post("/waiting/policy/9999/word", {"decision": "approved", "time": "1"})


async def a_release(tour: Tour) -> None:
    """Mail of ours that waits, with all that it encloses, let go by another officer."""
    device = Device(tour.street.consoles[CAREFUL].origin)
    await let_speak(tour.street.town, CAREFUL, "8", device)
    sent = await tour.street.write_all(CAREFUL)
    path = f"/waiting/release/{sent.statement}"
    author = await tour.officer("a release, its own", CAREFUL, "7")
    await author.get(path)
    await author.get("/sent")
    second = await tour.officer("a release", CAREFUL, "8")
    await second.get(path)
    for part in ("thumbnails", "photographs", "originals", "attachments"):
        links = [
            one for one in re.findall(r'(?:href|src)="([^"]*)"', second.page.text) if f"{path}/{part}/" in one
        ]
        shown = second.page
        await second.get(links[0])
        await second.get(f"{path}/{part}/{'0' * 64}")
        second.page = shown
    await second_word(second, path, "approved", device)
    await second.get(f"/waiting/release/{'A' * 43}")
    await second.post(f"/waiting/release/{'A' * 43}/word", {"decision": "approved", "time": "1"})
    await second.post("/waiting/held", {"envelope": "0" * 64, "decision": "take-up"})
    await second.post("/waiting/held", {"envelope": "0" * 64})


async def held_mail(tour: Tour) -> None:
    """Mail of others that nobody expected, of an exercise too: one is taken up, another set aside."""
    await tour.street.unexpected()
    await tour.street.unexpected(exercise=True)
    officer = await tour.officer("held mail", CAREFUL, "8")
    await officer.get("/waiting")
    assert "EXERCISE" in officer.page.words
    officer.walk = "held mail, taken up"
    await officer.press("/waiting/held", {"decision": "take-up"})
    assert officer.path.startswith("/cases/"), officer.page.words
    await officer.get("/waiting")
    officer.walk = "held mail, set aside"
    await officer.press("/waiting/held", {"decision": "set-aside"})
    assert officer.path == "/waiting"


# ── writing ──────────────────────────────────────────────────────────────────────────


async def drafts(tour: Tour) -> None:
    """A draft with an item, a photograph that is none, and a scan that is none; changed, sent too early, deleted."""
    officer = await tour.officer("drafts", "xaa", "8")
    await officer.get("/drafts")
    number = await officer.begin("request")
    head = f"/drafts/{number}"
    await officer.get(f"{head}/item/0")
    await officer.press(f"{head}/item/0", {"content.trace_request.items.0.kind": "WEAPON"})
    await officer.get(f"{head}/photographs/0")
    await officer.press("/photograph/0")
    await officer.get(f"{head}/photographs/0")
    officer.once = True
    await officer.press("/photograph/0", {"view": "LEFT"}, [("file", FILES[Way.PHOTOGRAPHS])])
    officer.once = False
    [picture] = re.findall(rf'src="({head}/picture/[0-9a-f]+)"', officer.page.text)
    await officer.get(picture)
    await officer.get(f"{head}/picture/{'0' * 64}")
    await officer.get(f"{head}/photographs/0")
    await officer.press("/drop-photograph")
    await officer.get(f"{head}/items")
    await officer.press("/items")
    await officer.press("/remove")
    await officer.post(f"{head}/send", {"seen": "x.y"})
    await officer.get("/drafts")
    await officer.get(f"{head}/nothing")
    await officer.get(f"{head}/mark/9-9")
    await officer.get(f"/drafts/{'0' * 32}/to")
    await officer.post("/drafts/begin", {"guide": "nothing"})
    case = await tour.street.case("asked")
    await officer.get(f"/write/{case}")
    await officer.get(f"/write/{NOBODYS}")
    await officer.begin("transcribe", case)
    letter = officer.path.rpartition("/")[0]
    await officer.get(f"{letter}/scan")
    await officer.press("/scan")
    await officer.get(f"{letter}/check")
    await officer.press("/delete")
    officer.walk = "drafts, of which one is sent"
    back = {".step": "ASKED", ".deletion_asked": "yes", ".reason": "DUPLICATE"}
    await officer.write("withdraw", case, back, FILES)
    await officer.post(officer.form("/send").action, {"seen": "not what was shown"})
    await officer.press("/send")
    await officer.get(officer.path)


async def a_spreadsheet(tour: Tour) -> None:
    """A table with a good row and a bad one; one that is none."""
    officer = await tour.officer("a spreadsheet", "xaa", "8")
    await officer.get("/bulk")
    await officer.press("/bulk/template")
    await officer.press("/bulk")
    officer.once = True
    await officer.press("/bulk", {}, [("file", ("weapons.csv", TABLE + GOOD + BAD))])
    officer.once = False
    result = officer.path
    await officer.get(result)
    await officer.press("/refused")
    await officer.get("/bulk")
    await officer.get(result)
    await officer.press("/delete")
    await officer.get(result)


async def pieces(tour: Tour) -> None:
    """What a script alone does: a file in pieces. It is asked of no page, and the form takes the file whole."""
    officer = await tour.officer("pieces", "xaa", "8")
    await officer.get("/drafts")
    digest = base64.b64encode(hashlib.sha256(PICTURE).digest()).decode()
    begun = await officer.ask(
        "POST", "/uploads", upload_length=str(len(PICTURE)), repr_digest=f"sha-256=:{digest}:"
    )
    address = begun.headers["location"]
    await officer.ask("HEAD", address)
    await officer.ask("PATCH", address, PICTURE, upload_offset="0")


# ── wherever an officer is told what he is at ────────────────────────────────────────


def unmarked(passed: Passed, walk: str, mark: str) -> list[str]:
    """Return the pages on which something does not stand, of those in English on walks whose name begins so."""
    pages = {called: text for called, tag, text in passed.texts if called.startswith(walk) and tag == "en"}
    assert pages, walk
    return [called for called, text in pages.items() if mark not in text]


async def by_a_list(officer: Walker, path: str) -> None:
    """Come past a list that is looked at elsewhere."""
    officer.page, officer.path = await officer.visitor.get(path), path


async def an_exercise(tour: Tour) -> None:
    """All that is read, written and searched in one wears its band and colour, and in lists its row says so."""
    case = await tour.street.case("practised")
    officer = await tour.officer("an exercise", "xaa", "8")
    for address in ("/files", "/holders", "/paper", "/break-glass", "/delete", ""):
        await officer.get(f"/cases/{case}{address}")
    await officer.get(officer.links(f"/cases/{case}/paper/")[0])
    await officer.go_through("remind", case, {".state": "REMINDER"}, FILES)
    await by_a_list(officer, "/search")
    await officer.press("/search/mark", {"mark": "АБ 1234", "exercise": "yes"})
    await by_a_list(officer, "/drafts")
    await officer.press("/drafts/begin", {"guide": "request", "exercise": "yes"})
    await officer.get(f"{officer.path.rpartition('/')[0]}/check")
    await by_a_list(officer, "/bulk")
    officer.once = True
    await officer.press("/bulk", {"exercise": "yes"}, [("file", ("weapons.csv", TABLE + GOOD + BAD))])
    officer.once = False
    await officer.get(officer.path)
    assert unmarked(tour.passed, "an exercise", BAND) == []
    for address in ("/", "/inbox/them", "/sent", "/drafts", "/bulk"):
        await rows_say_so(officer, address)


async def an_exercise_of_a_panel(tour: Tour) -> None:
    """What it asks in one."""
    case = await tour.street.case("practised by a panel")
    expert = await tour.officer("an exercise of a panel", EXPERTS, "8")
    for address in ("", "/panel", "/holders"):
        await expert.get(f"/cases/{case}{address}")
    assert unmarked(tour.passed, "an exercise of a panel", BAND) == []
    await rows_say_so(expert, "/")


async def an_exercise_that_waits(tour: Tour) -> None:
    """What takes a second officer's word in one: what is read though the policies refuse, deleted, or let go."""
    case, device = await tour.street.case("practised"), Device(tour.street.consoles["xab"].origin)
    await let_speak(tour.street.town, "xab", "8", device)
    asker = await tour.officer("an exercise that waits", "xab", "8")
    second = await tour.officer("an exercise that waits, for a second", "xab", "7")
    third = await tour.officer("an exercise that waits, to be deleted", "xab", "9")
    await second.get(await ask_to_read(asker, f"/cases/{case}/break-glass", device))
    path = await ask_to_delete(third, f"/cases/{case}/delete")
    beside = await tour.officer("an exercise that waits, for one beside", "xab", "7", "police")
    await beside.get(path)
    for one in (second, beside):
        await rows_say_so(one, "/waiting")
    path = f"/waiting/release/{(await tour.street.write_all(CAREFUL, exercise=True)).statement}"
    for number in ("7", "8"):
        officer = await tour.officer(f"an exercise that waits, of {number}", CAREFUL, number)
        await officer.get(path)
    await rows_say_so(officer, "/waiting")
    assert unmarked(tour.passed, "an exercise that waits", BAND) == []


async def rows_say_so(officer: Walker, path: str) -> None:
    """Look at a list in which a row is of an exercise."""
    officer.walk, walk = f"rows of {officer.walk}", officer.walk
    await officer.get(path)
    assert "EXERCISE" in officer.page.words, path
    officer.walk = walk


async def a_deputy(tour: Tour) -> None:
    """He stands in for a desk: at his own, there, and once it has ended; then each page says what is left to him."""
    town, case = tour.street.town, await tour.street.case("rich")
    for number, desk in (("8", "poc"), ("9", "police")):
        async with town.client("xab", officer=number, desk=desk) as client:
            await client.show_case(case)  # who has called is known, and can be appointed
    deputy = await appoint(town, "xab", "8", "police")
    officer = await tour.officer("at his own desk, a deputy", "xab", "8")
    await officer.get("/")
    officer.walk = "a deputy"
    await officer.press("/desk")
    for address in ("/", "/drafts", "/sent", "/waiting", "/search", "/directory", "/trail", "/statistics"):
        await officer.get(address)
    for address in ("/holders", "/files", "/paper", "/break-glass", "/delete", ""):
        await officer.get(f"/cases/{case}{address}")
    await officer.go_through("status", case, {".state": "UNDER_TRACE"}, FILES)
    assert unmarked(tour.passed, "a deputy", "You stand in for desk") == []
    leaving = [await tour.officer("no deputy any more", "xab", "8", "police") for _ in languages()]
    await dismiss(town, "xab", deputy)
    for one, left in zip(languages(), leaving, strict=True):
        left.once, left.visitor.language = True, one.bcp47
        await left.get("/")


# ── errors ───────────────────────────────────────────────────────────────────────────


async def errors(tour: Tour) -> None:
    """No such page, not asked so, an old form, one that is too large, too many pages, a node away, a fault of ours."""
    officer = await tour.officer("errors", "xaa", "8")
    await officer.get("/nowhere")
    await officer.get("/sign-out")
    officer.visitor.token = "00" * 64
    await officer.ask("POST", "/sign-out")
    await officer.get("/drafts")
    await officer.post("/bulk", {}, [("file", ("weapons.csv", b"a" * 4_000_000))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Client, "list_directory", failing(UnreachableError("the line broke", reason="node-cut"))
        )
        await officer.get("/directory")
        patch.setattr(Client, "list_directory", failing(ZeroDivisionError()))
        await officer.get("/directory")
        patch.setattr(tour.street.consoles["xaa"].house.limits, "_clock", lambda: 0.0)
        await officer.get("/directory")


def failing(error: Exception) -> Callable[..., Awaitable[None]]:
    async def fail(*_given: object, **_named: object) -> None:
        raise error

    return fail


Walk = Callable[[Tour], Awaitable[None]]
WALKS: Mapping[Walk, Sequence[str]] = {
    the_door: (
        "GET / 200",
        "GET / 303",
        "GET /cases/{case} 200",
        "GET /language/{language} 303",
        "GET /language/{language} 404",
        "GET /sign-in 200",
        "POST /desk 303",
        "POST /sign-in/certificate 303",
        "POST /sign-in/certificate 400",
        "POST /sign-in/passkey 400",
        "POST /sign-out 303",
    ),
    an_account: (
        "GET /account 200",
        "GET /sign-in 200",
        "GET /sign-in/provider/back 200",
        "GET /sign-in/provider/back 400",
        "POST /account/begin 200",
        "POST /account/link 303",
        "POST /account/unlink 303",
        "POST /sign-in/provider 200",
    ),
    passkeys: (
        "GET /passkeys 200",
        "POST /passkeys/file 404",
        "POST /passkeys/register 400",
        "POST /passkeys/remove 303",
    ),
    lists: (
        "GET / 200",
        "GET /directory 200",
        "GET /directory/{member} 200",
        "GET /directory/{member} 404",
        "GET /inbox/own 200",
        "GET /inbox/{state} 200",
        "GET /inbox/{state} 400",
        "GET /search 200",
        "GET /sent 200",
        "GET /sent/{list} 200",
        "GET /sent/{list} 400",
        "GET /statistics 200",
        "GET /trail 200",
        "POST /inbox/{state}/file 200",
        "POST /search/mark 200",
        "POST /search/mark 400",
        "POST /search/mark/file 200",
        "POST /search/number 200",
        "POST /search/number 400",
        "POST /search/number/file 200",
        "POST /sent/again 303",
        "POST /sent/again 400",
        "POST /statistics/count 200",
        "POST /statistics/count 400",
        "POST /statistics/file 200",
    ),
    an_inner_desk: (
        "GET / 200",
        "GET /cases/{case} 403",
        "GET /cases/{case}/holders 403",
        "GET /trail 403",
        "GET /waiting 200",
    ),
    a_panel: (
        "GET / 200",
        "GET /cases/{case} 200",
        "GET /cases/{case}/panel 200",
        "GET /drafts 200",
        "GET /write/{case} 200",
    ),
    a_case: (
        "GET /cases/{case} 200",
        "GET /cases/{case} 400",
        "GET /cases/{case} 404",
        "GET /cases/{case}/attachments/{digest} 200",
        "GET /cases/{case}/attachments/{digest} 404",
        "GET /cases/{case}/break-glass 200",
        "GET /cases/{case}/delete 200",
        "GET /cases/{case}/files 200",
        "GET /cases/{case}/holders 200",
        "GET /cases/{case}/originals/{digest} 200",
        "GET /cases/{case}/originals/{digest} 404",
        "GET /cases/{case}/paper 200",
        "GET /cases/{case}/paper/{statement} 200",
        "GET /cases/{case}/photographs/{digest} 200",
        "GET /cases/{case}/photographs/{digest} 404",
        "GET /cases/{case}/thumbnails/{digest} 200",
        "GET /cases/{case}/thumbnails/{digest} 404",
    ),
    paper: (
        "GET /cases/{case} 200",
        "GET /cases/{case}/export 200",
        "GET /cases/{case}/paper 200",
        "GET /cases/{case}/paper 404",
        "GET /cases/{case}/paper/{statement} 200",
        "GET /cases/{case}/paper/{statement} 404",
        "GET /forms 200",
        "POST /cases/{case}/export 200",
        "POST /cases/{case}/paper 200",
        "POST /cases/{case}/paper/{statement} 200",
        "POST /forms 200",
        "POST /forms 400",
    ),
    break_glass: (
        "GET /cases/{case}/break-glass 200",
        "GET /waiting 200",
        "GET /waiting/break-glass/{number} 200",
        "GET /waiting/break-glass/{number} 404",
        "GET /waiting/break-glass/{number}/originals/{digest} 200",
        "GET /waiting/break-glass/{number}/originals/{digest} 404",
        "GET /waiting/break-glass/{number}/photographs/{digest} 200",
        "GET /waiting/break-glass/{number}/photographs/{digest} 404",
        "GET /waiting/break-glass/{number}/read 200",
        "GET /waiting/break-glass/{number}/read 403",
        "POST /cases/{case}/break-glass 200",
        "POST /cases/{case}/break-glass 422",
        "POST /cases/{case}/break-glass/ask 303",
        "POST /cases/{case}/break-glass/ask 422",
        "POST /waiting/break-glass/{number}/word 303",
        "POST /waiting/break-glass/{number}/word 404",
        "POST /waiting/break-glass/{number}/word 422",
    ),
    deletion: (
        "GET /cases/{case} 200",
        "GET /cases/{case}/delete 200",
        "GET /waiting 200",
        "GET /waiting/deletion/{number} 200",
        "GET /waiting/deletion/{number} 404",
        "POST /cases/{case}/delete 200",
        "POST /cases/{case}/delete 422",
        "POST /cases/{case}/delete/ask 303",
        "POST /cases/{case}/delete/ask 422",
        "POST /waiting/deletion/{number}/word 303",
        "POST /waiting/deletion/{number}/word 404",
        "POST /waiting/deletion/{number}/word 422",
    ),
    a_policy: (
        "GET /waiting 200",
        "GET /waiting/policy/{number} 200",
        "GET /waiting/policy/{number} 404",
        "POST /waiting/policy/{number}/word 303",
        "POST /waiting/policy/{number}/word 404",
        "POST /waiting/policy/{number}/word 422",
    ),
    a_release: (
        "GET /sent 200",
        "GET /waiting 200",
        "GET /waiting/release/{statement} 200",
        "GET /waiting/release/{statement} 404",
        "GET /waiting/release/{statement}/attachments/{digest} 200",
        "GET /waiting/release/{statement}/attachments/{digest} 404",
        "GET /waiting/release/{statement}/originals/{digest} 200",
        "GET /waiting/release/{statement}/originals/{digest} 404",
        "GET /waiting/release/{statement}/photographs/{digest} 200",
        "GET /waiting/release/{statement}/photographs/{digest} 404",
        "GET /waiting/release/{statement}/thumbnails/{digest} 200",
        "GET /waiting/release/{statement}/thumbnails/{digest} 404",
        "POST /waiting/held 400",
        "POST /waiting/held 404",
        "POST /waiting/release/{statement}/word 303",
        "POST /waiting/release/{statement}/word 404",
        "POST /waiting/release/{statement}/word 422",
    ),
    held_mail: (
        "GET /cases/{case} 200",
        "GET /waiting 200",
        "POST /waiting/held 303",
    ),
    drafts: (
        "GET /drafts 200",
        "GET /drafts/{draft}/picture/{sha256} 200",
        "GET /drafts/{draft}/picture/{sha256} 404",
        "GET /drafts/{draft}/{step} 200",
        "GET /drafts/{draft}/{step} 303",
        "GET /drafts/{draft}/{step} 404",
        "GET /drafts/{draft}/{step}/{numbers} 200",
        "GET /drafts/{draft}/{step}/{numbers} 404",
        "GET /write/{case} 200",
        "GET /write/{case} 404",
        "POST /drafts/begin 303",
        "POST /drafts/begin 404",
        "POST /drafts/{draft}/delete 303",
        "POST /drafts/{draft}/drop-photograph 303",
        "POST /drafts/{draft}/photograph/{numbers} 303",
        "POST /drafts/{draft}/photograph/{numbers} 422",
        "POST /drafts/{draft}/remove 303",
        "POST /drafts/{draft}/scan 422",
        "POST /drafts/{draft}/send 303",
        "POST /drafts/{draft}/send 422",
        "GET /drafts/{draft}/sent 200",
        "POST /drafts/{draft}/{step} 422",
        "POST /drafts/{draft}/{step}/{numbers} 303",
    ),
    a_spreadsheet: (
        "GET /bulk 200",
        "GET /bulk/{result} 200",
        "GET /bulk/{result} 404",
        "POST /bulk 303",
        "POST /bulk 422",
        "POST /bulk/template 200",
        "POST /bulk/{result}/delete 303",
        "POST /bulk/{result}/refused 200",
    ),
    pieces: (
        "HEAD /uploads/{upload} 204",
        "PATCH /uploads/{upload} 204",
        "POST /uploads 201",
    ),
    an_exercise: (
        "GET / 200",
        "GET /bulk 200",
        "GET /bulk/{result} 200",
        "GET /cases/{case} 200",
        "GET /cases/{case}/break-glass 200",
        "GET /cases/{case}/delete 200",
        "GET /cases/{case}/files 200",
        "GET /cases/{case}/holders 200",
        "GET /cases/{case}/paper 200",
        "GET /cases/{case}/paper/{statement} 200",
        "GET /drafts 200",
        "GET /drafts/{draft}/sent 200",
        "GET /drafts/{draft}/{step} 200",
        "GET /inbox/{state} 200",
        "GET /sent 200",
        "POST /bulk 303",
        "POST /drafts/begin 303",
        "POST /search/mark 200",
    ),
    an_exercise_of_a_panel: (
        "GET / 200",
        "GET /cases/{case} 200",
        "GET /cases/{case}/panel 200",
    ),
    an_exercise_that_waits: (
        "GET /waiting 200",
        "GET /waiting/break-glass/{number} 200",
        "GET /waiting/deletion/{number} 200",
        "GET /waiting/release/{statement} 200",
    ),
    a_deputy: (
        "GET / 200",
        "GET / 403",
        "GET /cases/{case} 200",
        "GET /drafts 200",
        "GET /sent 200",
        "GET /trail 200",
        "GET /waiting 200",
        "POST /desk 303",
        "POST /drafts/{draft}/send 303",
    ),
    errors: (
        "GET /directory 429",
        "GET /directory 500",
        "GET /directory 503",
        "GET nowhere 404",
        "GET nowhere 405",
        "POST /bulk 413",
        "POST /sign-out 403",
    ),
}
"""Walk → method, address and status of each page that an officer comes past on it; 303 leads on to another page."""


async def test_every_page_of_the_application_stands_in_the_table(street: Street) -> None:
    assets = {one.path for one in asset_routes() if isinstance(one, Route)}
    there = {
        f"{method} {one.path}"
        for one in routes_of(street.consoles["xaa"].app)
        for method in (one.methods or set()) - ({"HEAD"} if "GET" in (one.methods or set()) else set())
        if one.path not in assets
    }
    told = {line.rpartition(" ")[0] for lines in WALKS.values() for line in lines}
    by_guides = {"POST /drafts/{draft}/{step}", "POST /drafts/{draft}/{step}/{numbers}"}
    assert (told | by_guides) ^ there == {"GET nowhere"}


async def test_what_needs_a_script_and_what_nobody_can_read_is_seen(street: Street, glass: Glass) -> None:
    tour = Tour(street)
    await tour.stranger("the door").get("/sign-in")
    planted = '<a href="#">on</a><button type="button">go</button><img src="x"><p class="no">dim</p></main>'
    style = "<style>.no { color: #aaa }</style></head>"
    tour.passed.texts[:] = [
        (called, tag, text.replace("</main>", planted).replace("</head>", style))
        for called, tag, text in tour.passed.texts
    ]
    found = "\n".join(await glass.faults(tour.passed))
    assert found.count('nothing: <a href="#">') == found.count("nothing: <button") == 6
    assert (found.count("image-alt: "), found.count("color-contrast: ")) == (6, 2)


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
async def test_pages_that_an_officer_comes_past_without_scripts_have_no_fault_in_any_language(
    street: Street, glass: Glass, walk: Walk
) -> None:
    tour = Tour(street)
    await walk(tour)
    assert {*WALKS[walk]} - tour.passed.answers == set()
    assert await glass.faults(tour.passed) == []


@pytest.mark.parametrize("guide", GUIDES)
async def test_a_form_is_gone_through_to_its_end_without_scripts_and_no_page_of_it_has_a_fault_in_any_language(
    street: Street, glass: Glass, guide: str
) -> None:
    tour = Tour(street)
    for one in TELLINGS:
        if one.guide == guide:
            case = await street.case(one.case) if one.case else ""
            officer = await tour.officer(guide, one.at, one.officer)
            await officer.go_through(guide, case, one.said, FILES)
    assert tour.passed.steps == {(guide, step.slug) for step in GUIDES[guide].steps}
    typed = any(SERIAL in one.said.values() for one in TELLINGS if one.guide == guide)
    assert not typed or {tag for _, tag, text in tour.passed.texts if SERIAL in text} == {*TAGS}
    assert await glass.faults(tour.passed) == []

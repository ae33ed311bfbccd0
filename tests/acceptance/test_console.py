"""The officers' console in a real browser, beside a real node that holds a case in which everything is said.

Who comes in and how long he stays; what each desk is shown, searched for what is not for it; that every page is whole
without scripts, light, and accessible as far as axe-core can tell.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import APIResponse, Browser, Error, Page, Request

from fakes.authenticator import authenticator
from fakes.canaries import Mint, Place
from fakes.canary_search import Search
from fakes.command_line import text_of_pdf
from fakes.console import HOST, Console, browsing, follow, running_console
from fakes.correspondence import Correspondence, request, second_request
from fakes.entitled import Eyes
from fakes.office_day import beginning_like, most_like
from fakes.pages_by_hand import Hand, all_pages_of, hand_of
from fakes.pages_in_languages import told_of
from fakes.pki import DAY
from fakes.provider import ProviderAtWork, running_provider
from fakes.town import CUSTOMS, MISSION, OPERATION, PANEL, POC, POLICE, found_town
from tracepost.console.forms.correction import CORRECTED, CORRECTING
from tracepost.console.forms.guides import GUIDES
from tracepost.console.rooms import all_rooms
from tracepost.console.visit import LANGUAGE_COOKIE, SESSION_COOKIE
from tracepost.node.config import DeskSettings
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId
from tracepost.protocol.schema import INNER_KINDS, Sensitivity
from tracepost.protocol.trustlist import MemberType
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2
from tracepost.wire.v1.directory_pb2 import Competence
from tracepost.wire.v1.post_pb2 import Announcement

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXPERTS, PEACE = "un-panel-xyz", "un-op-xyz"
FIRST_PAGE_BYTES, LATER_PAGE_BYTES = 100 * 1024, 50 * 1024
LANGUAGES = ("en", "ar", "es", "fr", "ru", "zh-Hans")
MAKERS = DeskSettings(DeskId("makers"), competences=("INDUSTRY_LIAISON",), outward=False)
ARMY = DeskSettings(DeskId("army"), competences=("RECORDS_CUSTODY",), outward=False)
LICENCES = DeskSettings(DeskId("licences"), competences=("LICENSING",))
BORDER = DeskSettings(DeskId("border"), competences=("BORDER",))
LABORATORY = DeskSettings(DeskId("laboratory"), competences=("FORENSIC",))
OFFICES = (POC, POLICE, CUSTOMS, MISSION, MAKERS, ARMY, LICENCES, BORDER, LABORATORY)
"""The desks of XAB, one of each competence that a State has; officers 8, 9, 10 and so on sit at one each."""


@dataclass
class Scene:
    """A console of XAB beside its node, a browser, and the case."""

    console: Console
    browser: Browser
    writing: Correspondence
    case: str
    secret: str
    """Another, with a handling instruction."""
    panel: Console
    """Of a panel of experts."""
    operation: Console
    """Of a peace operation."""
    asked_by_panel: str
    """The case in which it asked XAB, and put a text before it."""
    answered: str
    """A case in which XAB answered, and"""
    own: str
    """one in which it asked: both as an officer types it, so that it can be corrected."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("console")
    with running_provider(folder / "provider") as provider:
        async with found_scene(folder, provider) as found:
            yield found


@asynccontextmanager
async def found_scene(folder: Path, provider: ProviderAtWork) -> AsyncIterator[Scene]:
    """Run the members, say everything in a case of theirs, and open the consoles; XAB's takes accounts."""
    desks = {
        "xaa": (POC, POLICE),
        "xab": OFFICES,
        "xac": (POC, POLICE),
        EXPERTS: (PANEL,),
        PEACE: (OPERATION,),
    }
    types = {EXPERTS: MemberType.PANEL, PEACE: MemberType.PEACE_OPERATION}
    town = found_town(folder / "town", desks, "hub", reachable=("xab",), types=types)
    writing = Correspondence(town, Mint())
    async with town.running("hub", *desks):
        await town.meet(*desks)
        for member in desks:
            await town.unlock(member)
        case = await writing.full_case("xaa", "xab", third="xac")
        await writing.put_on("xab", case, *(desk.desk for desk in OFFICES[2:]))
        asked_by_panel = await writing.with_panel(EXPERTS, "xab")
        await put_anew(writing, asked_by_panel)
        await writing.document(EXPERTS, PEACE)
        answered, own = await answer_plainly(writing), await ask_plainly(writing)
        asked = request("xaa-secret")
        asked.handling_instructions.append(terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT)
        secret = await writing.say("xaa", asked, None, to="xab")
        rules = "sign_ins_per_minute = 100\npages_per_minute = 6000"
        with_accounts = rules + provider.settings
        async with (
            running_console(town, "xab", folder / "console", session=with_accounts) as console,
            running_console(town, EXPERTS, folder / "console-panel", session=rules) as panel,
            running_console(town, PEACE, folder / "console-peace", session=rules) as operation,
            browsing() as browser,
        ):
            yield Scene(
                console,
                browser,
                writing,
                case,
                secret.thread,
                panel,
                operation,
                asked_by_panel,
                answered,
                own,
            )


async def put_anew(writing: Correspondence, case: str) -> None:
    """Have the panel put its text before XAB once more: that is to be decided on."""
    reply = writing.sent[case, "panel.reply/1"].statement
    mandate = terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION
    await writing.say(EXPERTS, second_request(reply), case, to="xab", desk="experts", legal_basis=mandate)


async def answer_plainly(writing: Correspondence) -> str:
    """Have XAB answer XAA with one canary; return the case."""
    case = (await writing.say("xaa", a_rifle("xaa-plain"), None, to="xab", planted=False)).thread
    place = Place("trace.response/1", "answers.0.explanation", Sensitivity.LAW_ENFORCEMENT)
    answer = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NOT_STOPPED,
        explanation=writing.canary("xab", "xaa", case, place),
    )
    said = trace_pb2.Response(answers=[answer], final=True)
    await writing.say("xab", said, case, to="xaa", planted=False)
    return case


async def ask_plainly(writing: Correspondence) -> str:
    """Have XAB ask XAA with one canary; return the case."""
    asked = a_rifle("xab-plain")
    place = Place("trace.request/1", "items.0.object.make", Sensitivity.OBJECT)
    asked.items[0].object.make = writing.canary("xab", "xaa", "", place)
    number = writing.mint.said
    case = (await writing.say("xab", asked, None, to="xaa", planted=False)).thread
    writing.has_opened(number, case)
    return case


def a_rifle(number: str) -> trace_pb2.TraceRequest:
    """Return a request about one weapon."""
    asked = request(number)
    asked.items[0].kind = weapon_pb2.ITEM_KIND_WEAPON
    asked.items[0].object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="AB 1234")
    return asked


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(scene: Scene) -> AsyncIterator[Page]:
    """A page at which the officer of the point of contact has signed in."""
    async with scene.console.visit(scene.browser, officer="8") as window:
        yield await scene.console.sign_in(window)


async def violations(page: Page, part: str | None = None) -> list[str]:
    """Return what axe-core finds wrong with a page, or with that `part` of a long one."""
    found = await Axe().run(page, context=part)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


# ── the door ─────────────────────────────────────────────────────────────────────────


async def test_the_door_is_open_to_everybody_and_says_what_is_missing(scene: Scene) -> None:
    async with scene.console.visit(scene.browser) as window:
        page = await window.new_page()
        for address in ("/", f"/cases/{scene.case}", "/inbox/us"):
            await page.goto(address)
            assert page.url.endswith("/sign-in"), address
        assert "showed no officer's certificate" in await page.inner_text("main")
        assert await violations(page) == []


async def test_an_officer_signs_in_with_his_certificate_and_sees_his_inbox(page: Page) -> None:
    await page.goto("/")
    assert "Officer 8" in await page.inner_text("header")
    assert "Waiting for us" in await page.inner_text("main")
    assert await page.locator("main a[href^='/cases/']").count() >= 2


async def test_cookies_are_for_this_host_alone_and_not_for_scripts(page: Page) -> None:
    [cookie] = [one for one in await page.context.cookies() if one["name"] == SESSION_COOKIE]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    assert SESSION_COOKIE not in await page.evaluate("document.cookie")


async def test_a_page_loads_nothing_from_elsewhere_and_is_kept_by_nobody(page: Page) -> None:
    answer = await page.goto("/")
    assert answer is not None
    headers = answer.headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
    assert "server" not in headers


async def test_a_stolen_cookie_is_worth_nothing_without_the_certificate(scene: Scene, page: Page) -> None:
    cookies = await page.context.cookies()
    for officer in (None, "9"):
        async with scene.console.visit(scene.browser, officer=officer) as thief:
            await thief.add_cookies(cookies)  # type: ignore[arg-type] # what one gives is what the other takes
            stolen = await thief.new_page()
            await stolen.goto(f"/cases/{scene.case}")
            assert stolen.url.endswith("/sign-in?ended=1"), officer
    await page.goto(f"/cases/{scene.case}")
    assert page.url.endswith(scene.case), "he works on"


async def test_nobody_works_in_a_session_that_another_has_chosen(scene: Scene) -> None:
    async with scene.console.visit(scene.browser, officer="8") as window:
        await window.add_cookies(
            [
                {
                    "name": SESSION_COOKIE,
                    "value": "chosen-by-another",
                    "url": scene.console.origin,
                    "secure": True,
                }
            ]
        )
        page = await scene.console.sign_in(window)
        [cookie] = [one for one in await window.cookies() if one["name"] == SESSION_COOKIE]
        assert cookie["value"] != "chosen-by-another"
        assert len(cookie["value"]) >= 43
        first = cookie["value"]
        await page.goto("/sign-in")
        await follow(page, page.locator("header form[action='/sign-out'] button"))
        await scene.console.sign_in(window)
        [cookie] = [one for one in await window.cookies() if one["name"] == SESSION_COOKIE]
        assert cookie["value"] != first


async def test_a_form_of_another_page_or_without_its_token_is_refused(scene: Scene, page: Page) -> None:
    token = await page.locator("header form[action='/sign-out'] input[name=form_token]").input_value()
    send = page.context.request.post
    attempts: tuple[tuple[dict[str, str | float | bool], str | None], ...] = (
        ({}, None),
        ({"form_token": "00" * 64}, None),
        ({"form_token": token}, "https://elsewhere.example"),
        ({"form_token": token}, "null"),
    )
    for form, origin in attempts:
        headers = {"origin": origin} if origin else {}
        answer = await send("/sign-out", form=form, headers=headers, max_redirects=0)
        assert answer.status == 403, (form, origin)
    await page.goto("/")
    assert page.url == scene.console.origin + "/", "he is signed in still"


async def test_forms_of_any_size_are_bounded(page: Page) -> None:
    answer = await page.context.request.post("/sign-out", data=b"a=" + b"b" * 2_000_000, max_redirects=0)
    assert answer.status == 413


async def test_who_is_taken_off_the_rolls_is_out_at_his_next_page(scene: Scene) -> None:
    resident = scene.console.town.residents["xab"]
    doomed = resident.authority.issue(Role.OFFICER, officer="31", desks=["poc"])
    async with scene.console.visit(scene.browser, officer=doomed) as window:
        page = await scene.console.sign_in(window)
        async with scene.console.town.client("xab") as officer:
            crl = resident.authority.crl([doomed.certificate], number=7)
            await officer.import_papers(Announcement(member="xab", crl=crl))
        answer = await page.goto(f"/cases/{scene.case}")
        assert answer is not None
        assert answer.status == 403
        assert "What was said" not in await page.content()
        await page.goto("/")
        assert "/sign-in" in page.url


async def test_an_expired_certificate_does_not_open_the_door(scene: Scene) -> None:
    authority = scene.console.town.residents["xab"].authority
    now = int(time.time())
    late = authority.issue(
        Role.OFFICER, officer="32", desks=["poc"], not_before=now - 2 * DAY, not_after=now - DAY
    )
    async with scene.console.visit(scene.browser, officer=late) as window:
        page = await window.new_page()
        told = await told_at_the_door(page)
    assert re.search("ERR_|SSL|alert|disconnected|hang up|client-certificate error", told), told
    assert "Sign in" not in told


async def told_at_the_door(page: Page) -> str:
    """Return why the door did not open, or what the page says.

    A window's own proxy shows its certificate; when it hears of a refusal it hangs up, or says so in a page.
    """
    try:
        await page.goto("/sign-in")
    except Error as refused:
        return str(refused)
    return await page.inner_text("body")


async def test_an_officer_goes_to_another_of_his_desks_and_to_no_other(scene: Scene) -> None:
    async with scene.console.visit(scene.browser, officer="7") as window:
        page = await scene.console.sign_in(window)
        assert await page.inner_text("header strong") == "poc"
        await follow(page, page.get_by_role("button", name="go to desk police"))
        assert await page.inner_text("header strong") == "police"
    async with scene.console.visit(scene.browser, officer="8") as window:
        page = await scene.console.sign_in(window)
        token = await page.locator("header input[name=form_token]").first.input_value()
        answer = await window.request.post("/desk", form={"form_token": token, "desk": "police"})
        assert answer.status == 403


@pytest.mark.parametrize("script", [True, False])
async def test_a_link_on_another_site_leads_who_is_signed_in_to_his_inbox(
    scene: Scene, *, script: bool
) -> None:
    async with scene.console.visit(scene.browser, officer="8", script=script) as window:
        page = await scene.console.sign_in(window)
        await come_by_link(page, scene.console.origin)
        await page.locator("header form[action='/sign-out']").wait_for()
        assert page.url == f"{scene.console.origin}/"
        assert "Waiting for us" in await page.inner_text("main")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_link_on_another_site_to_a_case_is_opened_by_the_officer_alone(
    scene: Scene, language: str
) -> None:
    async with scene.console.visit(scene.browser, officer="8", locale=language) as window:
        page = await scene.console.sign_in(window)
        await come_by_link(page, f"{scene.console.origin}/cases/{scene.case}")
        way = page.locator(f"main a[href='/cases/{scene.case}']")
        await way.wait_for()
        assert await page.locator("html").get_attribute("lang") == language
        assert await page.locator("header form").count() == 0
        assert await violations(page) == []
        await follow(page, way)
        assert await page.locator("header form[action='/sign-out']").count() == 1


async def come_by_link(page: Page, address: str) -> None:
    """Follow a link from a page of no site, as from a mail."""
    await page.goto(f"data:text/html,<a href='{address}'>here</a>")
    await page.locator("a").click()


# ── passkeys ─────────────────────────────────────────────────────────────────────────


async def test_an_officer_adds_a_passkey_and_comes_in_with_it_until_his_certificate_ends(
    scene: Scene,
) -> None:
    authority = scene.console.town.residents["xab"].authority
    issued = authority.issue(Role.OFFICER, officer="33", desks=["poc"])
    async with scene.console.visit(scene.browser, officer=issued) as window:
        page = await scene.console.sign_in(window)
        device = await authenticator(page)
        await page.goto("/passkeys")
        assert await violations(page) == []
        await page.locator("button[data-passkey=create]").click()
        await page.locator("form[action='/passkeys/remove']").wait_for()
        made = await device.send("WebAuthn.getCredentials", {"authenticatorId": device.id})
        [credential] = made["credentials"]
    async with scene.console.visit(scene.browser) as window:
        page = await window.new_page()
        device = await authenticator(page)
        await device.send("WebAuthn.addCredential", {"authenticatorId": device.id, "credential": credential})
        await sign_in_with_passkey(page)
        await page.wait_for_url("**/")
        assert "Officer 33" in await page.inner_text("header")
        await page.goto(f"/cases/{scene.case}")
        assert "What was said" in await page.inner_text("main")
        await page.goto("/passkeys")
        assert await page.locator("button[data-passkey=create]").count() == 0, "a passkey makes no passkeys"
        async with scene.console.town.client("xab") as officer:
            crl = authority.crl([issued.certificate], number=8)
            await officer.import_papers(Announcement(member="xab", crl=crl))
        await page.goto("/")
        await sign_in_with_passkey(page)
        await page.wait_for_url("**/sign-in/passkey")
        assert "Officer 33" not in await page.inner_text("header")


async def test_a_passkey_that_is_not_known_here_opens_nothing(scene: Scene) -> None:
    async with scene.console.visit(scene.browser) as window:
        page = await window.new_page()
        device = await authenticator(page)
        await device.send("WebAuthn.addCredential", {"authenticatorId": device.id, "credential": stranger()})
        await sign_in_with_passkey(page)
        await page.wait_for_url("**/sign-in/passkey")
        assert "Officer" not in await page.inner_text("header")
        await page.goto("/")
        assert page.url.endswith("/sign-in")


async def sign_in_with_passkey(page: Page) -> None:
    await page.goto("/sign-in")
    await page.locator("button[data-passkey=get]").click()


def stranger() -> dict[str, Any]:
    """Return a passkey for this host that nobody registered here."""
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {
        "credentialId": base64.b64encode(b"a credential of nobody").decode(),
        "isResidentCredential": True,
        "rpId": HOST,
        "privateKey": base64.b64encode(der).decode(),
        "userHandle": base64.b64encode(b"xab/8").decode(),
        "signCount": 1,
    }


# ── the pages ────────────────────────────────────────────────────────────────────────


async def test_a_case_shows_what_was_said_what_happened_and_how_to_handle_it(
    scene: Scene, page: Page
) -> None:
    await page.goto(f"/cases/{scene.case}")
    text = await page.inner_text("main")
    for words in (
        "The line of supply",
        "What was said",
        "What happened, and where it is proved",
        "Who has looked",
        "Items",
    ):
        assert words in text
    log = await page.locator("td.console-code").all_inner_texts()
    assert any(re.fullmatch(r"\S*xab\S* #\d+", one) for one in log), "it is said in whose log it is proved"


async def test_handling_instructions_stand_in_bold_above_all_else(scene: Scene, page: Page) -> None:
    await page.goto("/")
    assert "do not alert" in (await page.locator("main th strong").first.inner_text()).lower()
    await page.goto(f"/cases/{scene.secret}")
    band = page.locator("main > .console-handling")
    assert "do not alert" in (await band.inner_text()).lower()
    assert await band.evaluate("one => getComputedStyle(one).fontWeight") == "700"
    assert await band.evaluate("one => one.compareDocumentPosition(document.querySelector('h1')) & 4") == 4


async def test_every_view_of_a_case_is_a_logged_read_by_this_console(scene: Scene, page: Page) -> None:
    await page.goto(f"/cases/{scene.case}")
    async with scene.console.town.client("xab") as officer:
        trail = await officer.list_audit(page_size=1000)
    assert ("officer-8.xab via console", "ShowCase") in {(one.actor, one.subject) for one in trail}


async def test_a_case_of_nobody_and_an_address_of_another_form_are_not_found(page: Page) -> None:
    for address, status in (
        ("/cases/0190a7a0-0000-7000-8000-000000000000", 404),
        ("/cases/..%2f..%2fetc", 404),
        ("/cases/xab-1", 400),
        ("/nowhere", 404),
    ):
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status == status, address
        assert "Traceback" not in await page.content()


ADDRESSES = ("/", "/inbox/closed", "/statistics", "/cases/{secret}", "/nowhere")
SHORT = ("/search", "/directory", "/directory/xaa", "/waiting", "/account")
"""What shows nothing of a case until something is asked for."""
LONG = (
    "/trail",
    "/inbox/own",
    "/sent",
    "/sent/not-received",
    "/sent/not-delivered",
    "/cases/{case}/files",
    "/cases/{case}/holders",
    "/cases/{case}/break-glass",
    "/cases/{case}/delete",
)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_no_page_has_a_fault_that_axe_can_see(scene: Scene, page: Page, address: str) -> None:
    await page.goto(address.format(secret=scene.secret))
    assert await violations(page) == []


async def test_statements_of_many_kinds_have_no_fault_that_axe_can_see(scene: Scene, page: Page) -> None:
    await page.goto(f"/cases/{scene.case}")
    assert await violations(page, "#supply") == []
    assert await violations(page, "nav.govuk-pagination") == []
    assert await violations(page, "main > article:nth-of-type(-n+4)") == []


@pytest.mark.parametrize("language", ["ru", "ar"])
async def test_pages_are_in_the_language_that_was_chosen(scene: Scene, page: Page, language: str) -> None:
    await page.goto(f"/cases/{scene.case}")
    await follow(page, page.locator(f"footer a[lang={language}]"))
    assert page.url.endswith(f"/cases/{scene.case}")
    root = page.locator("html")
    assert await root.get_attribute("lang") == language
    assert await root.get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    await page.goto("/")
    assert await violations(page) == []
    await page.context.clear_cookies(name=LANGUAGE_COOKIE)


async def test_the_language_switch_leads_to_no_other_host(page: Page) -> None:
    for back in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"):
        answer = await page.context.request.get(f"/language/fr?back={back}", max_redirects=0)
        assert answer.headers["location"] == "/"


async def test_statistics_what_is_printed_and_later_pages_have_no_fault_in_any_language(scene: Scene) -> None:
    addresses = [
        "/statistics",
        "/forms",
        "/bulk",
        f"/cases/{scene.case}/paper",
        f"/cases/{scene.case}?said=2",
    ]
    async with scene.console.visit(scene.browser, officer="8") as window:
        await scene.console.sign_in(window)
        told = await told_of(window, addresses, ())
    assert len(told) == 6 * len(addresses)
    assert [(one["tag"], one["faults"]) for one in told if one["faults"] or one["status"] != 200] == []


async def test_pages_are_whole_without_scripts(scene: Scene) -> None:
    async with scene.console.visit(scene.browser, officer="8", script=False) as window:
        page = await scene.console.sign_in(window)
        await follow(page, page.locator("main a[href^='/cases/']").first)
        assert "What was said" in await page.inner_text("main")
        await follow(page, page.locator("footer a[lang=es]"))
        assert await page.locator("html").get_attribute("lang") == "es"
        await follow(page, page.locator("header form[action='/sign-out'] button"))


async def test_pages_are_light(scene: Scene) -> None:
    async with scene.console.visit(scene.browser, officer="8") as window:
        page = await window.new_page()
        first = await weight_of(page, "/sign-in")
        assert 5_000 < first <= FIRST_PAGE_BYTES
        assert 1_000 < await weight_to_provider(page) <= LATER_PAGE_BYTES
        await page.goto("/sign-in")
        await follow(page, page.locator("form[action='/sign-in/certificate'] button"))
        for address in weighed(scene.case):
            assert 1_000 < await weight_of(page, address) <= LATER_PAGE_BYTES, address


ELSEWHERE = frozenset({"digest", "draft", "number", "numbers", "result", "sha256", "statement", "step"})
"""Parts of addresses of what there is none of yet, of files, and of guided forms; other tests come past those."""


def weighed(case: str) -> list[str]:
    """Return the addresses of all pages that an officer is shown, and a later page of what was said in the case."""
    named = {"case": case, "member": "xaa", "state": "us", "list": "not-received"}
    shown = [
        page.path for room in all_rooms() for page in room.pages if "GET" in page.methods and page.signed_in
    ]
    parts = {path: set(re.findall("{([a-z0-9]+)}", path)) for path in shown}
    assert set().union(*parts.values()) == named.keys() | ELSEWHERE, (
        "a new kind of page: say how it is reached"
    )
    pages = [path.format_map(named) for path in shown if parts[path] <= named.keys()]
    return [*pages, f"/cases/{case}?said=2"]


async def weight_of(page: Page, address: str) -> int:
    """Return the bytes that came for a page and all that belongs to it, and came from this console alone."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("requestfinished", note)
    answer = await page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, address
    page.remove_listener("requestfinished", note)
    assert {re.sub(r"^(https://[^/]*).*", r"\1", one.url) for one in asked} == {
        re.sub(r"(https://[^/]*).*", r"\1", page.url)
    }
    sizes = [await one.sizes() for one in asked]
    return sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)


async def weight_to_provider(page: Page) -> int:
    """Return the bytes of the page that leads from the door to the provider of accounts."""
    token = await page.locator("form[action='/sign-in/provider'] input[name=form_token]").input_value()
    answer = await page.context.request.post("/sign-in/provider", form={"form_token": token})
    assert answer.status == 200, await told_by(answer)
    return len(await answer.body())


# ── what each desk is shown ──────────────────────────────────────────────────────────


def canaries_in(scene: Scene, content: bytes) -> Iterator[Place | bytes]:
    """Yield whose canaries stand in what a browser was sent; what is like a canary and nobody's, as it stands."""
    for mint in (scene.writing.mint, scene.writing.heads):
        search = Search(mint)
        for text, place in search.marks(content):
            yield place or most_like(mint, text) or text
        yield from (place for digest, place in mint.digests.items() if digest.hex().encode() in content)


@pytest.mark.parametrize(("officer", "desk"), [(str(number), desk) for number, desk in enumerate(OFFICES, 8)])
async def test_no_page_shows_a_desk_what_is_not_for_it(
    scene: Scene, officer: str, desk: DeskSettings
) -> None:
    eyes, seen = Eyes("xab", desk), set[Place | bytes]()
    async with scene.console.visit(scene.browser, officer=officer) as window:
        page = await scene.console.sign_in(window)
        cases = await cases_of(page)
        assert bool(cases) == (desk is not MAKERS)
        lists = ("/inbox/us", "/inbox/them", "/inbox/closed")
        sent = ("/inbox/own", "/sent", "/sent/not-received", "/sent/not-delivered")
        parts = ("files", "holders", "paper", "break-glass", "delete")
        of_cases = [f"{case}/{part}" for case in cases for part in parts]
        for address in ("/", "/statistics", *lists, *sent, *cases, *SHORT, "/trail", *of_cases):
            answer = await window.request.get(address)
            refused = (address in (*lists, "/statistics") and desk is MAKERS) or (
                address.endswith(("/trail", "/holders")) and not desk.on_every_case
            )
            assert answer.status == (403 if refused else 200), await told_by(answer)
            content = b"".join([await one.body() for one in await all_pages_of(window.request, answer)])
            seen |= set(canaries_in(scene, content))
            for part in photographs_in(content):
                answer = await window.request.get(part)
                assert answer.status == 200, await told_by(answer)
                seen |= set(canaries_in(scene, await answer.body()))
        seen |= await canaries_in_files(scene, page, refused=desk is MAKERS)
        seen |= await canaries_in_print(scene, page, eyes)
    assert [str(one) for one in seen if isinstance(one, bytes) or not scene.writing.may(eyes, one)] == []
    wanted = {
        place
        for place in scene.writing.places(scene.case)
        if scene.writing.may(eyes, place) and (desk.on_every_case or place.kind not in INNER_KINDS)
    }
    assert bool(wanted) == (desk is not MAKERS)
    assert {str(one) for one in wanted - seen} == set()


FORMS = {
    "poc": {"trace.response/1", "trace.request/1"},
    "mission": {"panel.request/1"},
    "experts": {"panel.reply/1"},
}
"""Of which messages the forms of a desk show a canary: the answer or item that is corrected, a text to be printed."""


@pytest.mark.parametrize(("officer", "desk"), [(str(number), desk) for number, desk in enumerate(OFFICES, 8)])
async def test_no_form_shows_a_desk_what_is_not_for_it(
    scene: Scene, officer: str, desk: DeskSettings
) -> None:
    async with hand_of(scene.console, scene.browser, officer) as (hand, _page):
        seen = set[Place | bytes]()
        for guide, case in (
            ("consent", scene.case),
            ("correct-answer", scene.answered),
            ("correct-item", scene.own),
            ("panel-reply", scene.asked_by_panel),
        ):
            seen |= await canaries_in_form(scene, hand, guide, case)
    judge(scene, Eyes("xab", desk), seen, FORMS.get(desk.desk, set()))


async def test_no_page_shows_a_panel_what_is_not_for_it(scene: Scene) -> None:
    async with hand_of(scene.panel, scene.browser) as (hand, page):
        seen = set[Place | bytes]()
        cases = await cases_of(page)
        assert f"/cases/{scene.asked_by_panel}" in cases
        parts = [f"{case}{part}" for case in cases for part in ("", "/panel", "/files", "/paper")]
        for address in (
            "/",
            "/drafts",
            "/sent",
            "/inbox/us",
            "/inbox/them",
            f"/write/{scene.asked_by_panel}",
            *parts,
        ):
            answer = await hand.get(address)
            assert answer.status == 200, await told_by(answer)
            for one in await all_pages_of(hand.asked, answer):
                seen |= set(canaries_in(scene, await one.body()))
        for guide in ("panel-ask", "panel-print"):
            seen |= await canaries_in_form(scene, hand, guide, scene.asked_by_panel)
    judge(scene, Eyes(EXPERTS, PANEL, MemberType.PANEL), seen, FORMS["experts"])


async def test_no_page_shows_a_peace_operation_what_is_not_for_it(scene: Scene) -> None:
    async with hand_of(scene.operation, scene.browser) as (hand, page):
        seen = set[Place | bytes]()
        cases = await cases_of(page)
        parts = [f"{case}{part}" for case in cases for part in ("", "/files", "/paper")]
        for address in ("/", "/sent", "/inbox/us", "/inbox/them", *parts):
            answer = await hand.get(address)
            assert answer.status == 200, await told_by(answer)
            for one in await all_pages_of(hand.asked, answer):
                seen |= set(canaries_in(scene, await one.body()))
    judge(scene, Eyes(PEACE, OPERATION, MemberType.PEACE_OPERATION), seen, {"panel.documented-item/1"})


async def test_a_desk_of_every_competence_looks() -> None:
    """A competence that is new in the schema is given to a desk here, or this fails."""
    looking = {one for desk in (*OFFICES, PANEL, OPERATION) for one in desk.competences}
    assert looking == {name.removeprefix("COMPETENCE_") for name in Competence.keys()[1:]}


def judge(scene: Scene, eyes: Eyes, seen: set[Place | bytes], wanted: set[str]) -> None:
    """Find nothing that is not for a desk, and something of each kind of message that is `wanted`."""
    assert [str(one) for one in seen if isinstance(one, bytes) or not scene.writing.may(eyes, one)] == []
    assert wanted <= {one.kind for one in seen if isinstance(one, Place) and one.path != "file_number"}


async def canaries_in_form(scene: Scene, hand: Hand, guide: str, case: str) -> set[Place | bytes]:
    """Begin a message in a case, where the desk may, and look at its pages; return the canaries in them."""
    begun = await hand.post("/drafts/begin", {"guide": guide, "case": case})
    if begun.status != 303:
        assert begun.status in (403, 404), await told_by(begun)
        return set(canaries_in(scene, await begun.body()))
    head, found = begun.headers["location"].rpartition("/")[0], set[Place | bytes]()
    if guide in CORRECTING:
        which = await (await hand.get(f"{head}/which")).text()
        await hand.post(
            f"{head}/which", {CORRECTED: re.findall(rf'name="{CORRECTED}"[^>]* value="([^"]+)"', which)[:1]}
        )
    for step in GUIDES[guide].steps:
        numbers = f"/{'-'.join('0' * step.depth)}" if step.depth else ""
        answer = await hand.get(f"{head}/{step.slug}{numbers}")
        assert answer.status in (200, 303, 404, 422), await told_by(answer)
        content = await answer.body()
        found |= set(canaries_in(scene, content))
        for picture in re.findall(r'src="(/drafts/[^"]*/picture/[^"]*)"', content.decode()):
            found |= set(canaries_in(scene, await (await hand.get(picture)).body()))
    return found


async def canaries_in_files(scene: Scene, page: Page, *, refused: bool) -> set[Place | bytes]:
    """Take away all that can be taken away; return the canaries in it."""
    token = await page.locator("header form[action='/sign-out'] input[name=form_token]").input_value()
    [mark, *_] = [
        text
        for text, place in scene.writing.mint.made.items()
        if place.said == 1 and place.path == "items.0.object.mark.0.text_as_seen"
    ]
    found = set[Place | bytes]()
    for path, fields in (
        *((f"/inbox/{state}/file", {}) for state in ("us", "them", "closed")),
        ("/search/mark/file", {"mark": mark}),
        ("/statistics/file", {"first": "2026-01-01", "last": "2026-12-31", "private": "yes"}),
    ):
        form: dict[str, str | float | bool] = {"form_token": token, **fields}
        answer = await page.context.request.post(path, form=form)
        assert answer.status == (403 if refused else 200), await told_by(answer)
        found |= set(canaries_in(scene, await answer.body()))
    return found


async def canaries_in_print(scene: Scene, page: Page, eyes: Eyes) -> set[Place | bytes]:
    """Print the case, where the desk may; return the canaries in the text of the PDF.

    One that a page's end cut is left out where it begins like one that is for the desk.
    """
    token = await page.locator("header form[action='/sign-out'] input[name=form_token]").input_value()
    form: dict[str, str | float | bool] = {"form_token": token, "language": "en"}
    answer = await page.context.request.post(f"/cases/{scene.case}/paper", form=form)
    content = await answer.body()
    if answer.status != 200:
        assert answer.status == 403, await told_by(answer)
        return set(canaries_in(scene, content))
    found = set(canaries_in(scene, text_of_pdf(content)))
    assert found, "it is a case in which everything is said"
    mints = (scene.writing.mint, scene.writing.heads)
    return {
        one
        for one in found
        if isinstance(one, Place)
        or not any(scene.writing.may(eyes, like) for like in beginning_like(mints, one))
    }


async def told_by(answer: APIResponse) -> str:
    """Return what is to be known of an answer that should have been another: which page it was, and what it says."""
    words = re.sub(r"<[^>]*>", " ", (await answer.body()).decode(errors="replace"))
    return f"{answer.status} {answer.url}: {' '.join(words.split())}"


def photographs_in(content: bytes) -> list[str]:
    """Return the addresses of two photographs that a page has, as they were sent: they hold canaries too."""
    return re.findall(r'href="(/cases/[^"]*/originals/[^"]*)"', content.decode())[:2]


async def cases_of(page: Page) -> list[str]:
    """Return the addresses of all cases that the lists name."""
    found: dict[str, None] = {}
    for state in ("us", "them", "closed"):
        await page.goto(f"/inbox/{state}")
        links = await page.locator("main a[href^='/cases/']").evaluate_all(
            "all => all.map(one => one.pathname)"
        )
        found |= dict.fromkeys(links)
    return list(found)

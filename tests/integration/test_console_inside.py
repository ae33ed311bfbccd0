"""Officers ask inside their State, write to States that are no members, and pass on what others wrote, in a console."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from fakes.canaries import Mint, Place
from fakes.canary_search import Search
from fakes.console import Console, browsing, follow, running_console
from fakes.correspondence import Correspondence, request
from fakes.entitled import Eyes
from fakes.inquiry import ARMY, address
from fakes.pages_by_hand import POISON, errors_of, hand_of
from fakes.pages_in_languages import Walk
from fakes.pages_written import errors, fill, go_on, press
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.console import drafting
from tracepost.console.pages import writing_check
from tracepost.protocol.errors import UnreachableError
from tracepost.sdk import Client
from tracepost.sdk.drafts import Cover
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, terms_pb2, trace_pb2, weapon_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
SCAN = b"%PDF-1.7 of a ledger's page " + bytes(1000)
FOUND = {
    "identification": "CONFIRMED",
    "reach": "FIRST_RECIPIENT",
    "stopped_because_full": "LOST_OR_STOLEN",
    "evidential_use": "LEAD_ONLY",
}


@dataclass(frozen=True)
class Scene:
    """Two members with a console each, and a third; XAA asked XAB, with a canary in every field."""

    town: Town
    asking: Console
    asked: Console
    browser: Browser
    writing: Correspondence
    case: str

    async def view(self, member: str, desk: str = "poc") -> desk_pb2.CaseView:
        async with self.town.client(member, desk=desk) as client:
            return await client.show_case(self.case)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("inside")
    states = {"xaa": (POC, POLICE), "xab": (POC, POLICE, ARMY), "xac": (POC, POLICE)}
    town = found_town(folder / "town", states, "hub")
    async with (
        town.running("hub", "xaa", "xab", "xac"),
        running_console(town, "xaa", folder / "console-xaa", session=LIMITS) as asking,
        running_console(town, "xab", folder / "console-xab", session=LIMITS) as console,
        browsing() as browser,
    ):
        for member in states:
            await town.unlock(member)
        await town.meet(*states)
        writing = Correspondence(town, Mint())
        asked = request("xaa-T-1")
        asked.handling_instructions.append(terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT)
        sent = await writing.say("xaa", asked, None, to="xab")
        async with town.client("xaa", desk="poc") as client:
            await client.keep_address(address("letter:xyz-office", point_of_contact=True, competences=[]))
        async with town.client("xab", desk="poc") as client:
            await client.keep_address(address("paper:archive"))
        yield Scene(town, asking, console, browser, writing, sent.thread)


def answered(head: str, index: int = 0) -> dict[str, str]:
    return {f"{head}.answers.{index}.{name}": value for name, value in FOUND.items()}


def content_of(path: Path) -> bytes:
    """Return what a file says; nothing of one that has just gone, such as the journal of a store."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except FileNotFoundError:
        return b""


def said(view: desk_pb2.CaseView, kind: str) -> desk_pb2.StatementView:
    return next(one for one in reversed(view.statements) if one.kind == kind)


def first_of(view: desk_pb2.CaseView) -> inquiry_pb2.EnquirySummary:
    return view.summary.enquiries[0]


async def test_a_slip_goes_to_an_own_desk_and_what_it_finds_comes_back(scene: Scene) -> None:
    async with hand_of(scene.asked, scene.browser, "8") as (poc, page):
        number = await poc.write(
            "enquire",
            scene.case,
            [
                ("about", {"content.enquiry.step": "ASKED"}),
                ("whom", {"content.enquiry.to_desk": "army"}),
                (
                    "search",
                    {
                        "content.enquiry.where_to_look.0.source": "LEDGER",
                        "content.enquiry.where_to_look.0.from_year": "1990",
                        "content.enquiry.note": "Look in the red books too.",
                    },
                ),
            ],
        )
        text = await poc.check(number)
        assert "It goes to no other member." in text
        assert "console-handling" in text, "the instructions of the case stand on the page of a draft"
        await page.goto(f"/drafts/{number}/whom")
        assert (await Axe().run(page)).response["violations"] == []
        offered = await page.locator('input[name="content.enquiry.custodian.id"]').get_attribute("value")
        assert offered == "paper:archive"
        await poc.send(number)
    async with hand_of(scene.asked, scene.browser, "10") as (army, page):
        await page.goto(f"/write/{scene.case}")
        offered = await page.locator('input[name="guide"]').evaluate_all("all => all.map(one => one.value)")
        assert offered == ["finding"], "who was asked inside says what it found, and nothing to other members"
        number = await army.write(
            "finding",
            scene.case,
            [
                (
                    "about",
                    {
                        "~on_paper": "no",
                        "content.finding.final": "yes",
                        "content.finding.enquiry_digest": first_of(await scene.view("xab", "army")).enquiry,
                    },
                ),
                ("answer/0", answered("content.finding")),
            ],
        )
        await army.check(number)
        await army.send(number)
    finding = said(await scene.view("xab", "army"), "trace.finding/1").content.finding
    answer = finding.answers[0]
    assert answer.stopped_because == trace_pb2.STOPPED_BECAUSE_OTHER
    assert answer.stopped_because_full == trace_pb2.STOPPED_BECAUSE_LOST_OR_STOLEN
    assert not finding.HasField("transcribed")
    standing = {one.to_desk: one.standing for one in (await scene.view("xab")).summary.enquiries}
    assert standing["army"] in (
        inquiry_pb2.ENQUIRY_STANDING_ANSWERED,
        inquiry_pb2.ENQUIRY_STANDING_IN_PART,
    )


async def test_a_custodian_on_paper_is_asked_and_reminded_and_his_paper_is_keyed_in(scene: Scene) -> None:
    async with hand_of(scene.asked, scene.browser, "8") as (poc, page):
        number = await poc.write(
            "enquire",
            scene.case,
            [("whom", {"content.enquiry.custodian.id": "paper:archive"}), ("search", {})],
        )
        await poc.check(number)
        await poc.send(number)
        asked = next(one for one in (await scene.view("xab")).summary.enquiries if one.custodian_id)
        number = await poc.write(
            "enquire",
            scene.case,
            [
                ("about", {"content.enquiry.step": "REMINDER"}),
                ("which", {"content.enquiry.enquiry_digest": asked.enquiry}),
            ],
        )
        await poc.send(number)
        number = await poc.write(
            "finding",
            scene.case,
            [
                (
                    "about",
                    {
                        "content.finding.enquiry_digest": asked.enquiry,
                        "~on_paper": "yes",
                        "content.finding.final": "yes",
                    },
                ),
                ("paper", {"content.finding.transcribed.kept_by": "Registry of the office"}),
                ("answer/0", answered("content.finding")),
            ],
        )
        missing = await (await poc.get(f"/drafts/{number}/check")).text()
        assert "Choose the scan" in errors_of(missing)
        await page.goto(f"/drafts/{number}/scan")
        assert (await Axe().run(page)).response["violations"] == []
        taken = await poc.upload(f"/drafts/{number}/scan", "../../page.pdf", SCAN, "application/pdf")
        assert taken.status == 303
        assert hashlib.sha256(SCAN).hexdigest() in await poc.check(number)
        await poc.send(number)
    view = await scene.view("xab")
    finding = said(view, "trace.finding/1").content.finding
    assert finding.transcribed.scan_sha256 == hashlib.sha256(SCAN).digest()
    assert next(one for one in view.summary.enquiries if one.custodian_id).reminders == 1
    kept = [path.name for path in scene.asked.folder.rglob("*") if SCAN[:24] in content_of(path)]
    assert kept == [], "the scan is kept nowhere"


async def test_a_letter_repeats_the_request_and_the_answer_on_paper_is_keyed_in(scene: Scene) -> None:
    async with hand_of(scene.asking, scene.browser, "8") as (poc, _page):
        about = {"content.letter.correspondent.id": "letter:xyz-office"}
        number = await poc.write(
            "letter",
            scene.case,
            [("about", {**about, "~says": "request", "content.letter.channel": "LETTER"})],
        )
        assert "Office letter:xyz-office" in await poc.check(number)
        await poc.send(number)
        head = "content.letter.response"
        number = await poc.write(
            "transcribe",
            scene.case,
            [
                ("about", {**about, "~says": "refusal"}),
                ("refusal", {"content.letter.refusal.ground": "NATIONAL_SECURITY"}),
                ("about", {**about, "~says": "response", "content.letter.references.0.number": "XYZ-7"}),
                ("response", {f"{head}.final": "yes"}),
                ("answer/0", answered(head)),
            ],
        )
        assert (await poc.upload(f"/drafts/{number}/scan", "letter.pdf", SCAN)).status == 303
        assert "National security" not in await poc.check(number), "what another answer made void does not go"
        await poc.send(number)
    letters = [
        one.content.letter for one in (await scene.view("xaa")).statements if one.kind == "trace.letter/1"
    ]
    out, back = letters
    assert out.direction == inquiry_pb2.LETTER_DIRECTION_OUTGOING
    assert out.request.items
    assert (back.response.final, back.references[0].number) == (True, "XYZ-7")
    assert not back.HasField("refusal")
    assert back.transcribed.scan_sha256 == hashlib.sha256(SCAN).digest()


async def test_a_choice_that_nobody_offered_is_refused_by_the_node_in_words(scene: Scene) -> None:
    async with hand_of(scene.asked, scene.browser, "8") as (poc, _page):
        number = await poc.write(
            "enquire", scene.case, [("whom", {"content.enquiry.to_desk": "nobody"}), ("search", {})]
        )
        for said_whom in ({"content.enquiry.to_desk": "poc"}, {}):
            await poc.post(f"/drafts/{number}/whom", said_whom)
            assert errors_of(await (await poc.get(f"/drafts/{number}/check")).text())
        assert "Sign and send" not in await (await poc.get(f"/drafts/{number}/check")).text()


# ---------------------------------------------------------------- passing on


def canaries_in(scene: Scene, content: str | bytes) -> set[Place]:
    """Return the canaries that stand in what somebody was shown."""
    raw = content.encode() if isinstance(content, str) else content
    found = [place for _text, place in Search(scene.writing.mint).marks(raw)]
    assert None not in found, "a canary that is cut off"
    return {one for one in found if one is not None}


async def test_who_is_shown_a_share_reads_what_its_preview_said_and_nothing_else(scene: Scene) -> None:
    request = (await scene.view("xab", "police")).statements[0].statement
    async with scene.asked.visit(scene.browser, officer="9") as window:
        page = await scene.asked.sign_in(window)
        await page.goto(f"/write/{scene.case}")
        await fill(page, {"guide": "share"})
        await press(page, "Continue")
        await go_on(
            page, {"to": "xac", "content.share.reason": "CASE", "content.share.text": "For your file."}
        )
        assert request in await page.locator('input[name="~statements"]').evaluate_all(
            "all => all.map(one => one.value)"
        )
        await go_on(
            page,
            {
                "~statements": request,
                "~classes": ["ADMINISTRATIVE", "OBJECT"],
                "~without": "items.*.object.make",
            },
        )
        assert await errors(page) == []
        for reader in await page.locator("details summary").all():
            await reader.click()
        shown = await page.content()
        told = {
            desk: canaries_in(scene, await page.locator("details", has_text=f"xac/{desk}").inner_text())
            for desk in ("poc", "police")
        }
        await press(page, "Sign and send")
    eyes = Eyes("xab", POLICE)
    assert [str(one) for one in canaries_in(scene, shown) if not scene.writing.may(eyes, one)] == []
    await until(lambda: scene.town.ask("xac", "SELECT 1 FROM statement WHERE kind = 'share/1'"), "the share")
    for desk, seen in told.items():
        async with scene.town.client("xac", desk=desk) as client:
            [case] = [one.thread async for one in client.list_cases()]
            came = await client.show_case(case)
        said_text = [one.content.share.text for one in came.statements]
        assert said_text == ["For your file."]
        assert seen
        assert canaries_in(scene, came.SerializeToString()) == seen
        assert not any(one.path.endswith("object.make") for one in seen)


async def test_a_share_of_what_the_case_does_not_hold_is_refused_and_nothing_typed_is_obeyed(
    scene: Scene,
) -> None:
    async with hand_of(scene.asked, scene.browser, "9") as (police, _page):
        number = await police.write(
            "share",
            scene.case,
            [
                ("to", {"to": "xac", "content.share.reason": "CASE"}),
                ("what", {"~statements": "A" * 43, "~without": POISON}),
            ],
        )
        for said_what in (
            {"~statements": "A" * 43},
            {"~statements": POISON},
            {"~statements": "A" * 43, "~without": POISON},
        ):
            await police.post(f"/drafts/{number}/what", said_what)
            text = await (await police.get(f"/drafts/{number}/check")).text()
            assert errors_of(text), said_what
            assert "Sign and send" not in text
            assert "<script>window.hit" not in text


async def test_what_its_author_holds_back_goes_on_when_he_has_consented_and_no_sooner(scene: Scene) -> None:
    town, walk = scene.town, Walk()
    bound = terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_NO_ONWARD_RELEASE)
    async with town.client("xaa", desk="poc") as client:
        sent = await client.submit_request(about_a_rifle("xaa-T-2"), cover_to("xab", bound))
    await until(lambda: town.ask("xab", held(sent.thread, "trace.request/1")), "the request")
    async with scene.asked.visit(scene.browser, officer="9") as window:
        page = await scene.asked.sign_in(window)
        await page.goto(f"/write/{sent.thread}")
        await fill(page, {"guide": "status"})
        await press(page, "Continue")
        begun = page.url
        assert await page.locator('input[name="to"]').count() == 0, "there is one other alone"
        share = await written(
            page,
            sent.thread,
            "share",
            {"to": "xac", "content.share.reason": "CASE"},
            {"~statements": sent.statement},
        )
        assert "It cannot be sent: 1 consent is missing." in await page.inner_text("main")
        assert "xaa" in await page.locator("main .govuk-error-message").inner_text(), "who has not consented"
        assert await page.get_by_role("button", name="Sign and send").count() == 0
        await follow(page, page.get_by_role("button", name="Ask for its consent"))
        consent = page.url
        assert await page.locator('input[name="content.consent.third_party"]:checked').input_value() == "xac"
        await go_on(page, {"content.consent.text": "The rifle came from there."})
        assert await errors(page) == []
        await press(page, "Sign and send")
        await until(lambda: town.ask("xaa", held(sent.thread, "trace.consent/1")), "the question")
        async with hand_of(scene.asking, scene.browser, "9") as (_hand, other):
            await other.goto(f"/write/{sent.thread}")
            await fill(other, {"guide": "consent"})
            await press(other, "Continue")
            chosen = other.locator('input[name="content.consent.step"]:checked')
            assert await chosen.input_value() == "DECIDED"
            await go_on(other, {"content.consent.decision": "GRANTED"})
            assert await errors(other) == []
            await press(other, "Sign and send")
        await until(lambda: len(town.ask("xab", held(sent.thread, "trace.consent/1"))) == 2, "the consent")
        await page.goto(share)
        assert "consent: xaa → xac" in await page.inner_text("main")
        told = "A notice goes with it, to members whose statements you pass on: xaa"
        assert told in await page.inner_text("main")
        walk.seen |= dict.fromkeys(urlsplit(one).path for one in (consent, share))
        await walk.judge(window)
        await press(page, "Sign and send")
        await until(lambda: town.ask("xac", held(sent.thread, "share/1")), "the share")
        await page.goto(f"/write/{sent.thread}")
        await fill(page, {"guide": "status"})
        await press(page, "Continue")
        assert await page.locator('input[name="to"]:checked').input_value() == "xaa", (
            "who asked, of two others"
        )
        await page.goto(begun)
        assert await page.locator('input[name="to"]').count() == 2, "there are two by now"
        assert await page.locator('input[name="to"]:checked').count() == 0
        await page.goto(begun.replace("/say", "/check"))
        assert len(await errors(page)) == 2, "to whom, and what"
        await page.goto(begun)
        await go_on(page, {"to": "xaa", "content.status.state": "UNDER_TRACE"})
        await press(page, "Sign and send")
    await until(lambda: town.ask("xaa", held(sent.thread, "trace.status/1")), "the status")
    async with town.client("xac", desk="police") as client:
        came = (await client.show_case(sent.thread)).statements
    shown = [read_exhibit(exhibit).message for one in came for exhibit in one.content.share.exhibits]
    assert [one.items[0].object.make for one in shown if isinstance(one, trace_pb2.TraceRequest)] == [
        "Zastava"
    ]


def held(thread: str, kind: str) -> str:
    return f"SELECT 1 FROM statement WHERE kind = '{kind}' AND thread = '{thread}'"


async def written(page: Page, case: str, guide: str, *pages: Mapping[str, str | list[str]]) -> str:
    """Fill the pages of a message in a case; return the address of its check."""
    await page.goto(f"/write/{case}")
    await fill(page, {"guide": guide})
    await press(page, "Continue")
    for said_here in pages:
        await go_on(page, said_here)
    assert await errors(page) == []
    return page.url


async def test_what_is_sent_is_what_was_shown_and_a_lost_answer_is_asked_for_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = scene.town
    async with town.client("xaa", desk="poc") as client:
        sent = await client.submit_request(about_a_rifle("xaa-T-4"), cover_to("xab"))
    await until(lambda: town.ask("xab", held(sent.thread, "trace.request/1")), "the request")
    head = "content.clarification"

    async def texts() -> list[str]:
        async with town.client("xab", desk="poc") as client:
            view = await client.show_case(sent.thread)
        return [
            one.content.clarification.text for one in view.statements if one.content.HasField("clarification")
        ]

    async with hand_of(scene.asked, scene.browser, "8") as (poc, _page):
        first = {f"{head}.step": "QUESTION", f"{head}.code": "OTHER", f"{head}.text": "As shown."}
        number = await poc.write("clarify", sent.thread, [("say", first)])
        seen = await poc.shown(number)
        second = {**first, f"{head}.text": "In another window."}
        assert (await poc.post(f"/drafts/{number}/say", second)).status == 303
        for old in (seen, {}, {"seen": "x.y"}):
            refused = await poc.post(f"/drafts/{number}/send", old)
            shown = await refused.text()
            assert refused.status == 422
            assert "no longer what you were shown" in errors_of(shown)
            assert "In another window." in shown
        assert await texts() == []
        seen = await poc.shown(number)
        lost: list[str] = []

        class Losing:
            """The officer's client, of which one answer to what was sent does not arrive."""

            def __init__(self, client: Client) -> None:
                self._client = client

            def __getattr__(self, name: str) -> object:
                return getattr(self._client, name)

            async def submit(self, draft: desk_pb2.Draft) -> desk_pb2.Submission:
                submission = await self._client.submit(draft)
                if not draft.preview and not lost:
                    lost.append(submission.statement)
                    raise UnreachableError("the line broke")
                return submission

        monkeypatch.setattr(writing_check, "client_at", lambda *at: Losing(drafting.client_at(*at)))
        unanswered = await poc.post(f"/drafts/{number}/send", seen)
        shown = await unanswered.text()
        assert unanswered.status == 422
        assert seen["seen"] in shown, "the button is there, and sends what was shown"
        await poc.send(number)
        assert len(lost) == 1
        assert await texts() == ["In another window."], "and once"


async def test_what_was_said_is_explained_corrected_and_taken_back_and_its_holder_says_so(
    scene: Scene,
) -> None:
    town = scene.town
    async with town.client("xaa", desk="poc") as client:
        sent = await client.submit_request(about_a_rifle("xaa-T-3"), cover_to("xab"))
    case = sent.thread
    await until(lambda: town.ask("xab", held(case, "trace.request/1")), "the request")
    async with hand_of(scene.asking, scene.browser, "8") as (poc, _page):
        head = "content.amendment"
        number = await poc.write(
            "amend",
            case,
            [
                (
                    "say",
                    {
                        f"{head}.amends_digest": sent.statement,
                        f"{head}.reason": "NEW_INFORMATION",
                        f"{head}.effect": "ADD",
                        f"{head}.handling_instructions": "DO_NOT_ALERT",
                        f"{head}.referral_consents": "xac",
                    },
                )
            ],
        )
        await poc.check(number)
        await poc.send(number)
        head = "content.withdrawal"
        number = await poc.write(
            "withdraw",
            case,
            [
                (
                    "say",
                    {f"{head}.step": "ASKED", f"{head}.deletion_asked": "yes", f"{head}.reason": "DUPLICATE"},
                )
            ],
        )
        await poc.check(number)
        await poc.send(number)
        await until(lambda: town.ask("xab", held(case, "trace.withdrawal/1")), "the withdrawal")
    async with hand_of(scene.asked, scene.browser, "8") as (poc, _page):
        number = await poc.begin("withdraw", case)
        for said_here in ({f"{head}.step": "KEPT_BY_LAW"}, {f"{head}.step": "ASKED"}):
            answer = await poc.post(f"/drafts/{number}/say", said_here)
            assert answer.status == 422, (
                "the law that keeps it, and whether it is to be deleted, are asked for"
            )
        law = {
            f"{head}.step": "KEPT_BY_LAW",
            f"{head}.kept_under": "Archives act",
            f"{head}.deletion_asked": "yes",
        }
        assert (await poc.post(f"/drafts/{number}/say", law)).status == 303
        await poc.check(number)
        head = "content.clarification"
        asked = await poc.write(
            "clarify",
            case,
            [("say", {f"{head}.step": "QUESTION", f"{head}.code": "OTHER", f"{head}.text": "Why?"})],
        )
        await poc.check(asked)
        await poc.send(asked)
        await poc.send(number)
    await until(lambda: town.ask("xaa", held(case, "trace.clarification/1")), "the question")
    await until(lambda: len(town.ask("xaa", held(case, "trace.withdrawal/1"))) == 2, "the holder's word")
    async with town.client("xaa", desk="police") as client:
        told = [one for one in (await client.show_case(case)).statements if one.from_member == "xab"]
    [kept] = [one.content.withdrawal for one in told if one.kind == "trace.withdrawal/1"]
    assert (kept.step, kept.kept_under) == (trace_pb2.WITHDRAWAL_STEP_KEPT_BY_LAW, "Archives act")
    assert not kept.HasField("deletion_asked"), "what another answer made void does not go"
    async with town.client("xab", desk="poc") as client:
        amended = said(await client.show_case(case), "trace.amendment/1").content.amendment
    assert (amended.amends_digest, list(amended.referral_consents)) == (sent.statement, ["xac"])
    assert amended.handling_instructions == [terms_pb2.HANDLING_INSTRUCTION_DO_NOT_ALERT]


async def test_one_answer_and_one_item_are_corrected_and_the_preview_says_what_each_desk_sees_as_changed(
    scene: Scene,
) -> None:
    town = scene.town
    async with town.client("xaa", desk="poc") as client:
        sent = await client.submit_request(about_a_rifle("xaa-T-4"), cover_to("xab"))
    case = sent.thread
    await until(lambda: town.ask("xab", held(case, "trace.request/1")), "the request")
    told = trace_pb2.Answer(
        item_id="1",
        identification=trace_pb2.IDENTIFICATION_CONFIRMED,
        reach=trace_pb2.REACH_FIRST_RECIPIENT,
        stopped_because=trace_pb2.STOPPED_BECAUSE_NEVER_RECORDED,
        explanation="Sold in 1990.",
    )
    async with town.client("xab", desk="poc") as client:
        answered = await client.respond(case, trace_pb2.Response(answers=[told], final=True))
    await until(lambda: town.ask("xaa", held(case, "trace.response/1")), "the answer")
    async with hand_of(scene.asked, scene.browser, "8") as (poc, page):
        head = "content.amendment.answers.0"
        number = await poc.begin("correct-answer", case)
        chosen = {"~corrected": f"{answered.statement}/answers.0"}
        assert (await poc.post(f"/drafts/{number}/which", {"~corrected": "x/1"})).status == 422
        assert (await poc.post(f"/drafts/{number}/which", chosen)).status == 303
        await page.goto(f"/drafts/{number}/check")
        assert "nothing is changed yet" in await page.content()
        await page.goto(f"/drafts/{number}/answer/0")
        box = page.locator(f'[name="{head}.explanation"]')
        assert await box.input_value() == "Sold in 1990."
        await box.fill("Sold in 1991.")
        await press(page, "Save and continue")
        assert await errors(page) == []
        why = {"content.amendment.reason": "TRANSCRIPTION_ERROR"}
        assert (await poc.post(f"/drafts/{number}/why", why)).status == 303
        text = await poc.check(number)
        desks = {one.split("<")[0]: one for one in text.split('<span class="console-code">')[1:]}
        for desk in ("xaa/poc", "xaa/police"):
            changed = (
                desks[desk].partition("What this desk will see as changed")[2].partition("All that it")[0]
            )
            assert "Sold in 1991." in changed
            assert "Sold in 1990." in changed
        assert "Sold in 1991." not in desks["xaa/node"]
        other = await poc.begin("correct-answer", case)
        assert (await poc.post(f"/drafts/{other}/which", chosen)).status == 303
        await poc.send(number)
        await until(lambda: town.ask("xab", held(case, "trace.amendment/1")), "the correction")
        told_of = errors_of(await (await poc.get(f"/drafts/{other}/check")).text())
        assert "corrected or taken back meanwhile" in told_of, "what a colleague corrected is not undone"
        assert (await poc.post(f"/drafts/{other}/which", chosen)).status == 303
        begun_anew = await (await poc.get(f"/drafts/{other}/check")).text()
        assert "meanwhile" not in errors_of(begun_anew)
        assert "Sold in 1991." in begun_anew
    async with hand_of(scene.asking, scene.browser, "9") as (police, _):
        head = "content.amendment.items.0"
        number = await police.begin("correct-item", case)
        assert (
            await police.post(f"/drafts/{number}/which", {"~corrected": f"{sent.statement}/items.0"})
        ).status == 303
        thing = {f"{head}.object.make": "Zavodi"}
        assert (await police.post(f"/drafts/{number}/thing/0", thing)).status == 303
        assert (await police.post(f"/drafts/{number}/why", why)).status == 303
        await police.check(number)
        await police.send(number)
    await until(lambda: len(town.ask("xaa", held(case, "trace.amendment/1"))) == 2, "both corrections")
    async with town.client("xaa", desk="poc") as client:
        view = await client.show_case(case)
    amended = [one for one in view.statements if one.content.HasField("amendment")]
    by_member = {one.from_member: one.content.amendment for one in amended}
    assert by_member["xab"].answers[0].explanation == "Sold in 1991."
    assert list(by_member["xab"].changed_paths) == ["answers.0"]
    (item,) = by_member["xaa"].items
    assert (item.object.make, item.object.mark[0].text_as_seen) == ("Zavodi", "AB 1234")
    assert list(by_member["xaa"].changed_paths) == ["items.0"]


def about_a_rifle(number: str) -> trace_pb2.TraceRequest:
    """Return a request about one rifle with a serial number, and without a canary."""
    asked = request(number)
    thing = asked.items[0]
    thing.kind, thing.object.make = weapon_pb2.ITEM_KIND_WEAPON, "Zastava"
    thing.object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen="AB 1234")
    return asked


def cover_to(member: str, *restrictions: terms_pb2.Restriction) -> Cover:
    return Cover(
        to=(member,),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
        restrictions=restrictions,
    )

"""A panel and a Permanent Mission at their consoles: asked, answered, put to print, decided; and the inbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from fakes.channels import panel_reply, panel_request, texts_to_print
from fakes.console import Console, browsing, follow, running_console
from fakes.correspondence import request
from fakes.pages_by_hand import POISON, Hand, Said, errors_of, hand_of
from fakes.pages_in_languages import Walk
from fakes.town import MISSION, PANEL, POC, POLICE, Town, found_town, until
from tracepost.protocol.trustlist import MemberType
from tracepost.sdk.drafts import Cover
from tracepost.wire.v1 import desk_pb2, onward_pb2, panel_pb2, share_pb2, terms_pb2, weapon_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXPERTS = "un-panel-xyz"
LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
PAGE_BYTES = 50 * 1024
MARK = "AB 4711"
R, A = "content.panel_request", "content.panel_reply"


@dataclass(frozen=True)
class Scene:
    """A panel and two States; the panel and the first State have a console each."""

    town: Town
    panel: Console
    state: Console
    browser: Browser

    async def view(self, member: str, desk: str, case: str) -> desk_pb2.CaseView:
        async with self.town.client(member, desk=desk) as client:
            return await client.show_case(case)

    async def arrive(self, member: str, kind: str, case: str, number: int = 1) -> None:
        """Wait until a member holds so many statements of a kind in a case, and they count there."""
        where = f"kind = '{kind}' AND thread = '{case}' AND in_effect"
        question = f"SELECT count(*) FROM statement WHERE {where}"
        await until(lambda: self.town.ask(member, question) == [(number,)], f"{kind} at {member}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("panel")
    desks = {EXPERTS: (PANEL,), "xaa": (POC, POLICE, MISSION), "xab": (POC, POLICE)}
    town = found_town(folder / "town", desks, "hub", types={EXPERTS: MemberType.PANEL})
    async with (
        town.running("hub", *desks),
        running_console(town, EXPERTS, folder / "console-panel", session=LIMITS) as panel,
        running_console(town, "xaa", folder / "console-xaa", session=LIMITS) as state,
        browsing() as browser,
    ):
        for member in desks:
            await town.unlock(member)
        await town.meet(*desks)
        yield Scene(town, panel, state, browser)


def question_pages(number: str, *to: str) -> list[tuple[str, Said]]:
    item, mark = f"{R}.items.0", f"{R}.items.0.object.mark.0"
    return [
        ("to", {"to": to}),
        (
            "mandate",
            {
                f"{R}.file_number": number,
                f"{R}.panel": "Panel XYZ",
                f"{R}.mandate_resolution": "S/RES/9999 (2025)",
                **day(f"{R}.reply_by", "2099", "1", "15"),
            },
        ),
        ("item/0", {f"{item}.kind": "WEAPON"}),
        ("thing/0", {f"{item}.object.category": "ASSAULT_RIFLE", f"{item}.object.make": "Zastava"}),
        (
            "mark/0-0",
            {
                f"{mark}.role": "MANUFACTURER_SERIAL",
                f"{mark}.text_as_seen": MARK,
                f"~{mark}.text_as_seen": MARK,
            },
        ),
        (
            "seen",
            {
                f"{R}.question": "Who received it first?",
                f"{R}.embargo_context": "Seen with an armed group.",
                f"{R}.observed_country": "XAD",
            },
        ),
        ("publication", {f"{R}.publication_intent": "WITHOUT_SOURCE", f"{R}.confidentiality": "REPORT"}),
    ]


def day(path: str, year: str, month: str, of_month: str) -> dict[str, str]:
    return {f"{path}~y": year, f"{path}~m": month, f"{path}~d": of_month}


async def light(hand: Hand, path: str) -> str:
    """Return a page, which is there and light."""
    answer = await hand.get(path)
    text = await answer.text()
    assert answer.status == 200, path
    assert len(text) < PAGE_BYTES, path
    return text


D = "content.documented_item"


@pytest.mark.timeout(1500)  # each page is looked at in six languages
async def test_what_a_panel_documented_is_told_with_how_far_it_is_verified(scene: Scene) -> None:
    pages = [
        (page, {path.replace(R, D): said for path, said in fields.items()})
        for page, fields in question_pages("D-1", "xaa")
        if page not in ("mandate", "seen", "publication")
    ]
    mandate = {f"{D}.documented_by": "Panel XYZ", f"{D}.mandate_resolution": "S/RES/9999 (2025)"}
    pages += [
        ("mandate", {f"{D}.file_number": "D-1", **mandate}),
        (
            "seen",
            {
                f"{D}.custody_context": "CACHE",
                **day(f"{D}.documented_on", "2026", "3", ""),
                f"{D}.country": "XAD",
            },
        ),
        (
            "verified",
            {
                f"{D}.verification": "PHYSICALLY_INSPECTED",
                f"{D}.verifier": "PANEL_EXPERT",
                f"{D}.confidentiality": "COMMITTEE",
            },
        ),
    ]
    async with hand_of(scene.panel, scene.browser) as (expert, _page):
        assert 'value="documented"' in await light(expert, "/drafts")
        number = await expert.write("documented", "", pages)
        assert "xaa/mission" in await expert.check(number), "who would read it"
        paths = [
            f"/drafts/{number}/{one}"
            for one in ("to", "mandate", "items", "item/0", "seen", "verified", "check")
        ]
        for path in paths:
            await light(expert, path)
        await expert.send(number)
    async with scene.town.client(EXPERTS, desk="experts") as client:
        [case] = [one.thread async for one in client.list_cases(file_number="D-1")]
    await scene.arrive("xaa", "panel.documented-item/1", case)
    told = (await scene.view("xaa", "mission", case)).statements[0].content.documented_item
    assert told.verification == panel_pb2.VERIFICATION_PHYSICALLY_INSPECTED
    assert told.items[0].object.mark[0].text_as_seen == MARK
    async with hand_of(scene.state, scene.browser, "10") as (mission, _page):
        assert 'value="documented"' not in await light(mission, "/drafts")


async def asked_by_panel(scene: Scene, number: str, to: str) -> str:
    """Return the case in which the panel asked a State, by its client."""
    async with scene.town.client(EXPERTS, desk="experts") as client:
        sent = await client.ask_as_panel(panel_request(file_number=number), cover(to))
    await scene.arrive(to, "panel.request/1", sent.thread)
    return sent.thread


def cover(
    to: str, *restrictions: terms_pb2.Restriction, shared: tuple[onward_pb2.ShareChoice, ...] = ()
) -> Cover:
    return Cover(
        to=(to,),
        purpose=terms_pb2.PURPOSE_EMBARGO_MONITORING,
        legal_basis=terms_pb2.LEGAL_BASIS_SECURITY_COUNCIL_RESOLUTION,
        restrictions=restrictions,
        shared=shared,
    )


@pytest.mark.timeout(1500)  # each page is looked at in six languages
async def test_a_panel_asks_and_a_mission_answers_and_decides_what_is_printed(scene: Scene) -> None:
    async with hand_of(scene.panel, scene.browser) as (expert, page):
        offered = await light(expert, "/drafts")
        assert ('value="panel-ask"' in offered, 'value="request"' in offered) == (True, False)
        assert 'href="/bulk"' not in offered, "tables bring in requests, which its node refuses to a panel"
        number = await expert.write("panel-ask", "", question_pages("P-1", "xaa"))
        text = await expert.check(number)
        assert "xaa/mission" in text, "who would read it"
        for one in ("to", "mandate", "items", "item/0", "mark/0-0", "seen", "publication", "check"):
            await light(expert, f"/drafts/{number}/{one}")
        await expert.send(number)
    async with scene.town.client(EXPERTS, desk="experts") as client:
        [case] = [one.thread async for one in client.list_cases(file_number="P-1")]
    await scene.arrive("xaa", "panel.request/1", case)
    async with hand_of(scene.state, scene.browser, "10") as (mission, page):
        offered = await light(mission, f"/write/{case}")
        assert ('value="panel-reply"' in offered, 'value="answer"' in offered) == (True, False)
        answer = f"{A}.answers.0"
        number = await mission.write(
            "panel-reply",
            case,
            [
                (
                    "about",
                    {"~replies": "answer", f"{A}.file_number": "M-1", f"{A}.confidentiality": "REPORT"},
                ),
                ("final", {f"{A}.final": "yes"}),
                (
                    "answer/0",
                    {
                        f"{answer}.identification": "CONFIRMED",
                        f"{answer}.reach": "FIRST_RECIPIENT",
                        f"{answer}.stopped_because_full": "WITHHELD",
                        f"{answer}.withholding_ground": "NATIONAL_SECURITY",
                        f"{answer}.explanation": "Delivered to our army in 1987.",
                    },
                ),
                ("event/0-0", {}),
            ],
        )
        text = await mission.check(number)
        assert f"{EXPERTS}/experts" in text, "exactly what the panel will see stands there"
        assert text.count("Delivered to our army in 1987.") == 2
        assert "/persons/" not in text, "a panel is told of no person"
        await mission.send(number)
    await scene.arrive(EXPERTS, "panel.reply/1", case)
    async with hand_of(scene.panel, scene.browser) as (expert, page):
        inbox, told = await light(expert, "/"), await light(expert, f"/cases/{case}/panel")
        assert ("1/1" in inbox, f"/cases/{case}/panel" in inbox) == (True, True)
        assert "withheld: item 1: national security" in told
        assert "Delivered to our army" not in inbox + told, "what was told is read in the case"
        number = await expert.begin("panel-print", case)
        reply = (await scene.view(EXPERTS, "experts", case)).statements[-1].statement
        words = f"The rifle was delivered in 1987. {POISON}"
        source = f"{R}.excerpts.0"
        said = {f"{source}.text_id": "p1", f"{source}.statement_digest": reply, f"{R}.texts.0.text": words}
        about = {
            f"{R}.file_number": "P-1",
            f"{R}.panel": "Panel XYZ",
            f"{R}.mandate_resolution": "S/RES/9999 (2025)",
            f"{R}.publication_intent": "WITHOUT_SOURCE",
            f"{R}.confidentiality": "REPORT",
        }
        for path, page_said in (
            ("text/0", {**said, f"{source}.field_paths": "answers.0"}),
            ("about", about),
        ):
            assert (await expert.post(f"/drafts/{number}/{path}", page_said)).status == 303
        await expert.check(number)
        await page.goto(f"/drafts/{number}/text/0")
        assert await page.evaluate("window.hit") is None
        await expert.send(number)
    await scene.arrive("xaa", "panel.request/1", case, 2)
    async with hand_of(scene.state, scene.browser, "10") as (mission, page):
        number = await mission.begin("panel-reply", case)
        shown = await light(mission, f"/drafts/{number}/text/0")
        assert "p1: The rifle was delivered in 1987." in shown
        decided = {
            f"{A}.publication.0.text_id": "p1",
            f"{A}.publication.0.decision": "CHANGED",
            f"{A}.publication.0.attribution": "NOT_NAMED",
        }
        refused = await mission.post(f"/drafts/{number}/text/0", decided)
        assert refused.status == 422, "what may be printed instead is given word by word"
        decided[f"{A}.texts.0.text"] = "The rifle was delivered to a State."
        assert (await mission.post(f"/drafts/{number}/text/0", decided)).status == 303
        texts = {"~replies": "texts", f"{A}.file_number": "M-1", f"{A}.confidentiality": "REPORT"}
        assert (await mission.post(f"/drafts/{number}/about", texts)).status == 303
        await mission.check(number)
        await mission.send(number)
    await scene.arrive(EXPERTS, "panel.reply/1", case, 2)
    decision = (await scene.view(EXPERTS, "experts", case)).statements[-1].content.panel_reply
    assert [(one.text_id, one.decision) for one in decision.publication] == [
        ("p1", panel_pb2.PUBLICATION_CONSENT_CHANGED)
    ]
    assert [(one.text_id, one.text) for one in decision.texts] == [
        ("p1", "The rifle was delivered to a State.")
    ]
    assert not decision.answers, "a decision on texts repeats no answer"


async def test_two_states_are_not_asked_in_one_case(scene: Scene) -> None:
    async with hand_of(scene.panel, scene.browser) as (expert, _page):
        number = await expert.write("panel-ask", "", question_pages("P-2", "xaa", "xab"))
        text = await (await expert.get(f"/drafts/{number}/check")).text()
        assert "one member" in errors_of(text)
        assert 'name="seen"' not in text


async def answered(scene: Scene, number: str) -> tuple[str, str]:
    """Return a case in which the panel asked XAA, and the reply; by their clients."""
    case = await asked_by_panel(scene, number, "xaa")
    async with scene.town.client("xaa", officer="10", desk="mission") as client:
        sent = await client.reply_to_panel(case, panel_reply())
    await scene.arrive(EXPERTS, "panel.reply/1", case)
    return case, sent.statement


async def put_to_print(scene: Scene, case: str, reply: str, **texts: str) -> None:
    """Have the panel put texts before XAA, by its client."""
    async with scene.town.client(EXPERTS, desk="experts") as client:
        await client.ask_as_panel(texts_to_print(reply, **texts), cover("xaa"), case)


async def test_a_text_under_the_name_of_another_is_refused_at_its_field(scene: Scene) -> None:
    case, reply = await answered(scene, "P-5")
    await put_to_print(scene, case, reply, p1="The rifle was sold.")
    async with hand_of(scene.panel, scene.browser) as (expert, _page):
        number = await expert.begin("panel-print", case)
        for index, name, status in ((0, "p1", 422), (0, "p2", 303), (1, "p2", 422), (1, "p3", 303)):
            source = f"{R}.excerpts.{index}"
            said = {
                f"{R}.texts.{index}.text": f"Text {index}",
                f"{source}.text_id": name,
                f"{source}.statement_digest": reply,
                f"{source}.field_paths": "answers.0",
            }
            answer = await expert.post(f"/drafts/{number}/text/{index}", said)
            text = await answer.text()
            assert answer.status == status, name
            assert ("Choose another one" in errors_of(text)) == (status == 422)
            assert (f'href="#{source}.text_id"' in text) == (status == 422)


async def test_words_that_were_put_meanwhile_are_shown_before_a_decision_goes(scene: Scene) -> None:
    case, reply = await answered(scene, "P-6")
    await put_to_print(scene, case, reply, p1="The rifle was sold.")
    await scene.arrive("xaa", "panel.request/1", case, 2)
    decided = {
        f"{A}.publication.0.text_id": "p1",
        f"{A}.publication.0.decision": "GRANTED",
        f"{A}.publication.0.attribution": "NAMED",
    }
    about = {"~replies": "texts", f"{A}.file_number": "M-6", f"{A}.confidentiality": "REPORT"}
    async with hand_of(scene.state, scene.browser, "10") as (mission, _page):
        number = await mission.write("panel-reply", case, [("text/0", decided), ("about", about)])
        shown = await mission.shown(number)
        await put_to_print(scene, case, reply, p1="The rifle was stolen.")
        await scene.arrive("xaa", "panel.request/1", case, 3)
        answer = await mission.post(f"/drafts/{number}/send", shown)
        text = await answer.text()
        assert answer.status == 422
        assert "no longer what you were shown" in errors_of(text)
        assert "The rifle was stolen." in text
        await mission.send(number)
    await scene.arrive(EXPERTS, "panel.reply/1", case, 2)


async def test_the_inbox_opens_no_case_and_the_page_of_a_case_opens_that_one(scene: Scene) -> None:
    case, _reply = await answered(scene, "P-7")
    async with hand_of(scene.panel, scene.browser) as (expert, _page):
        before = opened(scene)
        assert "P-7" in await light(expert, "/")
        assert opened(scene) == before
        await light(expert, f"/cases/{case}/panel")
        assert opened(scene) == before + 1


def opened(scene: Scene) -> int:
    """Return how often officers of the panel have opened a case by a console, as its node's trail says."""
    question = "SELECT count(*) FROM audit_event WHERE subject = 'ShowCase' AND actor LIKE '% via console'"
    [(count,)] = scene.town.ask(EXPERTS, question)
    return int(count)


async def test_a_state_refuses_with_a_ground_and_its_page_says_it(scene: Scene) -> None:
    case = await asked_by_panel(scene, "P-3", "xaa")
    async with hand_of(scene.state, scene.browser, "10") as (mission, _page):
        about = {"~replies": "refusal", f"{A}.file_number": "M-3", f"{A}.confidentiality": "PANEL_ONLY"}
        number = await mission.begin("panel-reply", case)
        assert (await mission.post(f"/drafts/{number}/about", about)).status == 303
        assert (await mission.post(f"/drafts/{number}/refusal", {})).status == 422, "a ground is named"
        ground = {f"{A}.refusal_ground": "CONFIDENTIALITY_LAW"}
        assert (await mission.post(f"/drafts/{number}/refusal", ground)).status == 303
        await mission.send(number)
    await scene.arrive(EXPERTS, "panel.reply/1", case)
    async with hand_of(scene.panel, scene.browser) as (_expert, page):
        await page.goto(f"/cases/{case}/panel")
        [row] = await page.locator("tr", has_text="withheld: the answer").all_inner_texts()
        assert "xaa" in row


async def test_who_is_silent_is_told_only_after_proof_of_delivery(scene: Scene) -> None:
    await asked_by_panel(scene, "P-4", "xab")
    on_its_way = "SELECT 1 FROM sent_mail WHERE state <> 'DELIVERED' AND to_member = 'xab'"
    await until(lambda: not scene.town.ask(EXPERTS, on_its_way), "the receipt")
    async with hand_of(scene.panel, scene.browser) as (_expert, page):
        [row] = await page.locator("tr", has_text="P-4").all_inner_texts()
        assert "no reply recorded" in row
        assert "0/1" in row


async def test_what_was_passed_on_is_there_until_its_last_day(scene: Scene) -> None:
    asked = request("xaa-T-9")
    thing = asked.items[0]
    thing.kind = weapon_pb2.ITEM_KIND_WEAPON
    thing.object.mark.add(role=weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL, text_as_seen=MARK)
    to_xab = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    last_day = terms_pb2.Restriction(code=terms_pb2.RESTRICTION_CODE_DELETE_AFTER, until="2098-03-04")
    async with scene.town.client("xaa", desk="poc") as client:
        sent = await client.submit_request(asked, to_xab)
        choice = onward_pb2.ShareChoice(statement=sent.statement, fields=["object"])
        message = share_pb2.Share(reason=share_pb2.SHARE_REASON_MANDATE, file_number="S-9")
        shared = await client.share(sent.thread, message, cover(EXPERTS, last_day, shared=(choice,)))
    await scene.arrive(EXPERTS, "share/1", shared.thread)
    async with hand_of(scene.panel, scene.browser) as (_expert, page):
        await page.goto("/")
        told = f"/cases/{shared.thread}/panel"
        await follow(page, page.locator(f'a[href="{told}"]', has_text="What was passed on to you"))
        [row] = await page.locator("tr", has_text="2098-03-04").all_inner_texts()
        assert ("xaa" in row, "embargo monitoring" in row) == (True, True)
        walk = Walk()
        walk.seen.update({"/": None, told: None})
        await walk.judge(page.context, [MARK])


async def test_an_officer_of_a_state_has_the_inbox_of_a_state_and_asks_as_no_panel(scene: Scene) -> None:
    async with hand_of(scene.state, scene.browser, "8") as (officer, page):
        assert "Inbox of the panel" not in await page.content()
        offered = await light(officer, "/drafts")
        assert ('value="panel-ask"' in offered, 'href="/bulk"' in offered) == (False, True)
        number = await officer.write("panel-ask", "", question_pages("P-8", "xab"))
        refused = await (await officer.get(f"/drafts/{number}/check")).text()
        assert errors_of(refused), "the node refuses who is no panel"
        assert 'name="seen"' not in refused

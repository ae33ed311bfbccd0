"""What officers of two States say in a case at their consoles, and of a third where it is sent on to: it is filled in,
shown before it goes, refused where a rule is broken, and the case stands on each side as the message leaves it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.house import draft
from fakes.pages_by_hand import errors_of
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.locale.words import words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = "pages_per_minute = 6000\nsign_ins_per_minute = 600"
STATES = ("xaa", "xab", "xac")
LATER = (datetime.now(UTC) + timedelta(days=90)).strftime("%Y-%m-%d")
OVER = "2020-01-31"
C = "content"
US, THEM = "waiting for us", "waiting for them"


def day(path: str, said: str) -> dict[str, str]:
    """Return what the three boxes of a date say."""
    year, month, of_month = said.split("-")
    return {f"{path}~y": year, f"{path}~m": month, f"{path}~d": of_month}


def field_error(answer: Answer, path: str) -> str:
    """Return what stands at a field that was refused; the summary on top leads to it."""
    assert answer.status == 422, (answer.status, answer.words)
    assert f'href="#{path}"' in answer.text
    found = re.search(rf'id="{re.escape(path)}-error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None, errors_of(answer.text)
    return " ".join(re.sub("<[^>]+>", "", found.group(1)).split())


@dataclass
class Scene:
    """Three States with a console each; XAA asks XAB, and an officer of each point of contact is signed in."""

    town: Town
    consoles: Mapping[str, Counter]
    officers: dict[str, Visitor] = field(default_factory=dict)

    async def ask(self, number: str) -> str:
        """Let XAA ask XAB; return the case."""
        async with self.town.client("xaa") as client:
            case: str = (await client.submit(draft(m.request(number), to=["xab"]))).thread
        await self.arrive("xab", "trace.request/1", case)
        return case

    async def arrive(self, member: str, kind: str, case: str, *, of: str = "") -> None:
        """Wait until a statement of a kind counts in a case of a member."""
        question = f"SELECT 1 FROM statement WHERE kind = '{kind}' AND thread = '{case}' AND in_effect"
        author = f" AND iss = '{of}'" if of else ""
        await until(lambda: self.town.ask(member, question + author), f"{kind} at {member}")

    async def case(self, member: str, case: str) -> str:
        """Return the words of a case's page, up to what was said in it."""
        page = await self.officers[member].get(f"/cases/{case}")
        return page.words.partition("What was said")[0]

    async def said(self, member: str, case: str) -> str:
        """Return the words of a case's page from what was said in it."""
        return (await self.officers[member].get(f"/cases/{case}")).words.partition("What was said")[2]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("messages")
    town = found_town(folder / "town", dict.fromkeys(STATES, (POC, POLICE)), "hub")
    async with (
        town.running("hub", *STATES),
        visiting(town, "xaa", folder / "console-xaa", session=LIMITS) as asking,
        visiting(town, "xab", folder / "console-xab", session=LIMITS) as asked,
        visiting(town, "xac", folder / "console-xac", session=LIMITS) as third,
    ):
        for member in STATES:
            await town.unlock(member)
        await town.meet(*STATES)
        scene = Scene(town, {"xaa": asking, "xab": asked, "xac": third})
        for member, console in scene.consoles.items():
            scene.officers[member] = await console.sign_in("8")
        yield scene


async def test_what_is_missing_is_asked_for_and_given_and_the_case_waits_for_whose_turn_it_is(
    scene: Scene,
) -> None:
    case, asked, asking = await scene.ask("T-1"), scene.officers["xab"], scene.officers["xaa"]
    assert 'value="supply"' not in (await asking.get(f"/write/{case}")).text, "nothing was asked for yet"
    message = await asked.begin("ask", case)
    nothing = await asked.post(f"{message}/say", day(f"{C}.information_request.reply_by", OVER))
    assert field_error(nothing, "~needed") == "Error: What you need: this is needed."
    assert "that day is over" in field_error(nothing, f"{C}.information_request.reply_by")
    said = {
        "~needed": ["PHOTOGRAPH_OF_MARK", "CIRCUMSTANCES"],
        "~needed_for": "1",
        f"{C}.information_request.explanation": "The stamp is worn.",
        **day(f"{C}.information_request.reply_by", LATER),
    }
    preview = await asked.write(message, "say", said)
    assert "xaa/poc : 4 fields" in preview.words
    assert "item id: 1; code: photograph of mark" in preview.words
    await asked.send(message)
    await scene.arrive("xaa", "trace.information-request/1", case)
    assert THEM in await scene.case("xab", case)
    for member in ("xaa", "xab"):
        assert f"due on {LATER}" in await scene.case(member, case)
    assert US in await scene.case("xaa", case)
    assert "The stamp is worn." in await scene.said("xaa", case)

    supply = await asking.begin("supply", case)
    page = await asking.get(f"{supply}/say")
    assert page.words.index("Photograph of mark (asked for)") < page.words.index("Photograph of weapon")
    nothing = await asking.post(f"{supply}/say", {})
    assert "choose what you give" in field_error(nothing, "~supplied")
    both = {"~supplied": "PHOTOGRAPH_OF_MARK", "~not_available": ["PHOTOGRAPH_OF_MARK", "CIRCUMSTANCES"]}
    assert "Choose it once." in field_error(await asking.post(f"{supply}/say", both), "~not_available")
    told = {"~supplied": "PHOTOGRAPH_OF_MARK", "~later": "CIRCUMSTANCES"}
    assert (await asking.post(f"{supply}/say", told)).headers["location"] == f"{supply}/items"
    item, mark = f"{C}.information_supply.items.0", f"{C}.information_supply.items.0.object.mark.0"
    await asking.write(supply, "which-item/0", {f"{item}.id": "1", f"{item}.kind": "WEAPON"})
    serial = {f"{mark}.role": "MANUFACTURER_SERIAL", f"{mark}.text_as_seen": "AB 12345"}
    once = await asking.post(f"{supply}/mark/0-0", serial)
    assert "a second time" in field_error(once, f"~{mark}.text_as_seen")
    await asking.write(supply, "mark/0-0", serial | {f"~{mark}.text_as_seen": "AB 12345"})
    assert "AB 12345" in (await asking.get(f"{supply}/check")).words
    await asking.send(supply)
    await scene.arrive("xab", "trace.information-supply/1", case)
    assert US in await scene.case("xaa", case), "something comes later still"
    assert "AB 12345" in await scene.said("xab", case)

    supply = await asking.begin("supply", case)
    preview = await asking.write(supply, "say", {"~not_available": "CIRCUMSTANCES"})
    assert "state: not available" in preview.words, "of no item, so no page of items comes between"
    await asking.send(supply)
    came = f"SELECT 1 FROM statement WHERE kind = 'trace.information-supply/1' AND thread = '{case}' AND in_effect"
    await until(lambda: len(scene.town.ask("xab", came)) == 2, "both at xab")
    assert THEM in await scene.case("xaa", case)
    assert US in await scene.case("xab", case)


async def test_a_delay_gives_a_day_that_both_sides_see_and_the_asked_side_still_owes(scene: Scene) -> None:
    case, asked = await scene.ask("T-2"), scene.officers["xab"]
    message = await asked.begin("delay", case)
    new, said = f"{C}.delay.new_date", {f"{C}.delay.ground": "CAPACITY"}
    assert "give a new date" in field_error(await asked.post(f"{message}/say", said), new)
    assert "that day is over" in field_error(await asked.post(f"{message}/say", said | day(new, OVER)), new)
    preview = await asked.write(message, "say", said | day(new, LATER))
    assert f"New date {LATER}" in preview.words
    await asked.send(message)
    await scene.arrive("xaa", "trace.delay/1", case)
    for member, standing in (("xaa", THEM), ("xab", US)):
        head = await scene.case(member, case)
        assert standing in head
        assert f"due on {LATER}" in head
        assert LATER in (await scene.officers[member].get("/")).words


async def test_a_refusal_says_why_or_that_it_cannot_and_ends_what_is_owed(scene: Scene) -> None:
    case, asked = await scene.ask("T-3"), scene.officers["xab"]
    message, reason = await asked.begin("refuse", case), f"{C}.refusal.reason_text"
    ground = {f"{C}.refusal.ground": "NATIONAL_SECURITY"}
    assert "say why, or that the reasons cannot be told" in field_error(
        await asked.post(f"{message}/say", ground), reason
    )
    strange = ground | {f"{C}.refusal.reasons_cannot_be_told": "yes", f"{C}.refusal.item_ids": "99"}
    check = await asked.write(message, "say", strange)
    assert errors_of(check.text).startswith("Items: ")
    assert "this case has no item 99." in check.words
    assert 'name="seen"' not in check.text
    await asked.write(message, "say", ground | {reason: "Stock of the armed forces."})
    await asked.send(message)
    await scene.arrive("xaa", "trace.refusal/1", case)
    assert US in await scene.case("xaa", case), "who asked closes it, or asks what it means"
    assert "withheld (ITI 22)" in await scene.case("xaa", case)
    assert "unspecified" not in await scene.case("xaa", case)
    assert THEM in await scene.case("xab", case)
    assert "Stock of the armed forces." in await scene.said("xaa", case)


async def test_a_redirect_names_whom_to_ask_and_nothing_goes_there(scene: Scene) -> None:
    case, asked = await scene.ask("T-4"), scene.officers["xab"]
    message, one = await asked.begin("redirect", case), f"{C}.redirect.redirections.0"
    await asked.write(message, "about", {})
    refused = await asked.post(f"{message}/redirection/0", {f"{one}.reason": "EXPORTED_TO"})
    assert "name the member or the country to ask" in field_error(refused, f"{one}.ask_member")
    abroad = {f"{one}.reason": "EXPORTED_TO", f"{one}.ask_member": "xac", f"{one}.event_on~y": "1994"}
    await asked.write(message, "redirection/0", abroad)
    assert "xac/poc" not in (await asked.get(f"{message}/check")).words
    await asked.send(message)
    await scene.arrive("xaa", "trace.redirect/1", case)
    head = await scene.case("xaa", case)
    assert US in head
    assert "exported, ask there xac" in head
    assert "1994" in await scene.said("xaa", case)
    assert (await scene.officers["xac"].get(f"/cases/{case}")).status == 404


async def test_a_request_is_handed_on_once_its_author_consents_and_the_third_state_answers(
    scene: Scene,
) -> None:
    case, asked, asking = await scene.ask("T-5"), scene.officers["xab"], scene.officers["xaa"]
    message = await asked.begin("refer", case)
    page = await asked.get(f"{message}/say")
    chosen = re.search(rf'<input[^>]*name="{C}.referral.item_ids"[^>]*>', page.text)
    assert chosen is not None
    assert "checked" in chosen.group(0), "all items, until the officer leaves one out"
    nothing = await asked.post(f"{message}/say", {})
    for path in ("to", f"{C}.referral.item_ids", f"{C}.referral.reason", f"{C}.referral.mode"):
        assert field_error(nothing, path)
    said = {"to": "xac", f"{C}.referral.item_ids": "1", f"{C}.referral.reason": "EXPORTED_TO"}
    check = await asked.write(message, "say", said | {f"{C}.referral.mode": "HAND_OVER"})
    assert "xaa has not consented" in errors_of(check.text)
    assert "tracepost trace" not in check.words, "there is a button for it"
    assert 'name="seen"' not in check.text
    try:
        asked.language = "fr"
        assert (
            words_of("fr").gettext("A member whose data this is has not consented that it is passed on.")
            in (await asked.get(f"{message}/check")).words
        )
    finally:
        asked.language = "en"
    question = await _begun_by_button(asked, check)
    await _consent(asked, question, {f"{C}.consent.step": "ASKED"})
    await scene.arrive("xaa", "trace.consent/1", case, of="xab")
    assert US in await scene.case("xaa", case)
    answer = await asking.begin("consent", case)
    await _consent(asking, answer, {f"{C}.consent.step": "DECIDED", f"{C}.consent.decision": "GRANTED"})
    await scene.arrive("xab", "trace.consent/1", case, of="xaa")
    preview = await asked.get(f"{message}/check")
    assert "xac/poc" in preview.words
    await asked.send(message)

    await scene.arrive("xac", "trace.referral/1", case)
    third = scene.officers["xac"]
    assert US in await scene.case("xac", case)
    assert "0/1" in (await third.get("/")).words, "nobody has answered for XAC"
    assert "Zastava" in await scene.said("xac", case)
    reply, one = await third.begin("answer", case), f"{C}.response.answers.0"
    about = await third.get(f"{reply}/about")
    assert re.search(r'<input[^>]*name="to"[^>]*value="xaa"[^>]*checked', about.text), "to who asked"
    await third.write(reply, "about", {"to": "xaa", f"{C}.response.final": "yes"})
    lost = await third.post(
        f"{reply}/answer/0",
        {
            f"{one}.identification": "CONFIRMED",
            f"{one}.reach": "MAKER",
            f"{one}.stopped_because_full": "EXPORTED",
        },
    )
    assert "name the member or the country to ask" in field_error(lost, f"{one}.ask_member")
    await third.write(
        reply,
        "answer/0",
        {
            f"{one}.identification": "CONFIRMED",
            f"{one}.reach": "FIRST_RECIPIENT",
            f"{one}.stopped_because_full": "NEVER_RECORDED",
            f"{one}.evidential_use": "LEAD_ONLY",
        },
    )
    await third.send(reply)
    await scene.arrive("xaa", "trace.response/1", case)
    assert THEM in await scene.case("xac", case)
    assert "1 xac confirmed first recipient" in await scene.case("xaa", case)


async def _begun_by_button(officer: Visitor, page: Answer) -> str:
    """Press the button beside what is missing; return the draft of the question that it begins."""
    fields = dict(re.findall(r'name="(guide|case|statement|third_party)" value="([^"]*)"', page.text))
    answer = await officer.post("/drafts/begin", fields)
    assert answer.status == 303, answer.words
    return answer.headers["location"].removesuffix("/say")


async def _consent(officer: Visitor, draft: str, said: Mapping[str, str]) -> None:
    """Send what a page about a consent has already, with what is said."""
    page = await officer.get(f"{draft}/say")
    known = re.findall(rf'name="({C}\.consent\.[a-z_]+)" type="[a-z]+" value="([^"]*)" checked', page.text)
    fields = {name: value for name, value in known if name not in said}
    assert {f"{C}.consent.statement_digest", f"{C}.consent.third_party"} <= fields.keys()
    await officer.write(draft, "say", fields | {f"{C}.consent.purpose": "CRIMINAL_INVESTIGATION", **said})
    await officer.send(draft)

"""Reading against a refusal at a console without a browser: asked, decided by another officer, read, and told.

XAB's own policies forbid its police what XAA wrote; officers 9 of the police, and 7 and 8 have a device each. The node
is real, and so are the approvals that the devices sign.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import pytest
import pytest_asyncio
from PIL import Image

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.devices import Device
from fakes.given_words import answered, asked_on, let_speak, say
from fakes.house import draft
from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.approval import Decision
from tracepost.protocol.ids import encode_b64
from tracepost.sdk.policies import make_decision, make_proposal
from tracepost.wire.v1 import share_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORBIDS = '@id("no-narrative") forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");'
NARRATIVE = m.Words().criminal_justice
PAGE_BYTES = 50 * 1024
REASON = "A life is in danger <b>now</b>."
_NUMBERS = count(1)


def photograph(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(content, "JPEG")
    return content.getvalue()


PICTURE, SCENE = photograph("navy"), photograph("maroon")


@dataclass
class Office:
    """XAB's console beside its node."""

    town: Town
    console: Counter
    devices: dict[str, Device]

    async def case(self, messages: int = 1) -> str:
        """Return a case in which XAA asked so often what the police of XAB may not read."""
        name = f"T-2026-{next(_NUMBERS)}"
        async with self.town.client("xaa", desk="police") as officer:
            thread = ""
            for _one in range(messages):
                request = m.rich_request(name)
                request.items[0].object.ClearField("covert_mark")
                for named, content in (
                    (request.items[0].object.photograph[0], PICTURE),
                    (request.circumstances.scene_photographs[0], SCENE),
                ):
                    named.sha256, named.size = hashlib.sha256(content).digest(), len(content)
                said = draft(request, to=["xab"], desk="police", parts=[PICTURE, SCENE])
                if thread:
                    said.thread = thread
                sent = await officer.submit(said)
                assert not sent.HasField("problem"), sent.problem
                thread = sent.thread
        question = f"SELECT 1 FROM statement WHERE thread = '{thread}'"
        await until(lambda: len(self.town.ask("xab", question)) == messages, "it to arrive")
        return thread

    async def sign_in(self, officer: str, language: str = "en") -> Visitor:
        return await self.console.sign_in(officer, language=language)

    async def ask(self, case: str) -> str:
        """Ask as officer 9 to read all of a case; return the page of the request."""
        asker, place = await self.sign_in("9"), f"/cases/{case}/break-glass"
        form = {"statement": offered(await asker.get(place)), "reason": REASON}
        page = await asker.post(place, form)
        assert page.status == 200, page.words
        answer = await asker.post(f"{place}/ask", {**form, **answered(page, "approved", self.devices["9"])})
        assert answer.status == 303, answer.words
        return answer.headers["location"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("break-glass")
    states = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder / "town", states, "hub", reachable=("xaa", "xab"))
    async with town.running("hub", *states):
        await town.meet(*states)
        for member in states:
            await town.unlock(member)
        await forbid(town)
        rules = "sign_ins_per_minute = 200\npages_per_minute = 5000"
        async with visiting(town, "xab", folder / "console", session=rules) as console:
            devices = {number: Device(console.origin) for number in ("7", "8", "9")}
            for number, device in devices.items():
                await let_speak(town, "xab", number, device)
            yield Office(town, console, devices)


async def forbid(town: Town) -> None:
    """Put policies of XAB's own in force, by two officers."""
    async with town.client("xab") as first, town.client("xab", officer="8") as second:
        view = await first.show_policies()
        proposal = make_proposal(
            view, FORBIDS, "no narrative", town.papers("xab"), domain=DOMAIN, now=view.clock
        )
        await first.propose_policy(proposal)
        view = await second.show_policies(with_text=True)
        word = make_decision(view.versions[0], Decision.APPROVED, town.papers("xab", "8"), view.clock)
        await second.decide_policy(word)


def offered(page: Answer) -> list[str]:
    """Return the messages that a page lets choose."""
    return re.findall(r'name="statement" value="([^"]+)"', page.text)


async def waits(visitor: Visitor, path: str) -> bool:
    """Say whether a request stands among what waits."""
    rows = (await visitor.get("/waiting")).text.partition("What became of what was asked")[0]
    return path in rows


async def test_who_asks_is_shown_what_it_does_and_who_will_be_told(office: Office) -> None:
    case = await office.case()
    asker, place = await office.sign_in("9"), f"/cases/{case}/break-glass"
    assert f'href="{place}"' in (await asker.get(f"/cases/{case}")).text
    assert NARRATIVE not in (await asker.get(f"/cases/{case}")).text
    page = await asker.get(place)
    assert page.sent <= PAGE_BYTES
    [statement] = offered(page)
    shown = await asker.post(place, {"statement": statement, "reason": REASON})
    assert shown.sent <= PAGE_BYTES
    assert "officer-9 may read these messages for 24 hours" in shown.words
    assert "Told of it at once, by a notice in the case: xaa." in shown.words
    assert REASON in shown.words
    assert "<b>now" not in shown.text
    assert f'tracepost emergency ask {statement} --reason "…"' in shown.words
    assert "Passkeys need scripts; your certificate does not." in shown.words


async def test_without_a_message_or_a_reason_nothing_is_asked(office: Office) -> None:
    case, other = await office.case(), await office.case()
    asker, place = await office.sign_in("9"), f"/cases/{case}/break-glass"
    [statement], [elsewhere] = (
        offered(await asker.get(place)),
        offered(await asker.get(f"/cases/{other}/break-glass")),
    )
    for form in (
        {"reason": REASON},
        {"statement": statement},
        {"statement": statement, "reason": "one line\nand another"},
        {"statement": statement, "reason": "x" * 401},
        {"statement": elsewhere, "reason": REASON},
        {"statement": "x", "reason": REASON},
    ):
        answer = await asker.post(place, form)
        assert (answer.status, "There is a problem" in answer.words) == (422, True), form
        assert (await asker.post(f"{place}/ask", form)).status == 422, form
    assert asked_on(await asker.get(place)) == {}


async def test_two_officers_let_one_of_them_read_it_and_its_author_is_told(office: Office) -> None:
    case = await office.case(messages=2)
    path = await office.ask(case)
    second, asker = await office.sign_in("8"), await office.sign_in("9")
    listed = (await second.get("/waiting")).words
    assert "Read against a refusal" in listed
    assert "yours to decide" in listed
    page = await second.get(path)
    assert page.sent <= PAGE_BYTES
    assert REASON in page.words
    assert NARRATIVE not in page.text, "who decides reads nothing by it"
    assert "Told of it at once, by a notice in the case: xaa." in page.words
    assert [len(asked) for _time, asked in asked_on(page).values()] == [2, 2]
    done = await second.follow(await say(second, path, "approved", office.devices["8"]))
    assert "Decided by officer-8" in done.words
    assert "Told xaa" in done.words
    assert asked_on(done) == {}
    assert not await waits(second, path)
    assert path in (await second.get("/waiting")).text, "it stands among what was decided"
    assert f"{path}/read" not in done.text
    assert (await second.get(f"{path}/read")).status == 403
    await read_as_granted(asker, path, case)
    await author_is_told(office.town, case)


async def read_as_granted(asker: Visitor, path: str, case: str) -> None:
    assert f'href="{path}/read"' in (await asker.get(path)).text
    shown = await asker.get(f"{path}/read")
    assert NARRATIVE in shown.text
    pictures = re.findall(rf'href="({path}/photographs/[0-9a-f]+)"', shown.text)
    assert pictures
    picture = await asker.get(pictures[0])
    assert (picture.status, picture.headers["content-type"]) == (200, "image/jpeg")
    original = await asker.get(pictures[0].replace("/photographs/", "/originals/"))
    assert original.body in (PICTURE, SCENE)
    looks = (await asker.get(f"/cases/{case}")).text
    assert NARRATIVE not in looks, "in the case itself it stays refused"


async def author_is_told(town: Town, case: str) -> None:
    question = f"SELECT 1 FROM statement WHERE thread = '{case}' AND kind = 'release.notice/1'"
    await until(lambda: town.ask("xaa", question), "the notice to arrive")
    async with town.client("xaa") as author:
        view = await author.show_case(case)
    notices = [s.content.release_notice for s in view.statements if s.content.HasField("release_notice")]
    assert [one.reason for one in notices] == [share_pb2.NOTICE_REASON_BREAK_GLASS] * len(notices)
    assert sum(len(one.releases) for one in notices) == 2


async def test_a_refusal_ends_it_and_who_asked_takes_it_back(office: Office) -> None:
    refused, back = await office.ask(await office.case()), await office.ask(await office.case())
    second, asker = await office.sign_in("8"), await office.sign_in("9")
    await second.follow(await say(second, refused, "refused", office.devices["8"]))
    page = await asker.get(back)
    assert "This is your own, so another officer decides." in page.words
    assert set(asked_on(page)) == {"refused"}
    await asker.follow(await say(asker, back, "refused", office.devices["9"]))
    for path in (refused, back):
        assert not await waits(second, path)
        assert (await asker.get(f"{path}/read")).status == 403


async def test_who_asks_does_not_approve_it_himself(office: Office) -> None:
    path = await office.ask(await office.case())
    asker, second = await office.sign_in("9"), await office.sign_in("8")
    theirs = answered(await second.get(path), "approved", office.devices["8"])
    await asker.get(path)
    assert (await asker.post(f"{path}/word", theirs)).status == 422
    assert await waits(second, path)
    assert "tracepost emergency approve" not in (await asker.get(path)).words


async def test_a_word_is_for_one_request_one_decision_and_each_of_its_messages(office: Office) -> None:
    path, other = await office.ask(await office.case(messages=2)), await office.ask(await office.case())
    second, device = await office.sign_in("8"), office.devices["8"]
    approved = answered(await second.get(path), "approved", device)
    one = answered(await second.get(other), "approved", device)
    await second.get(path)
    for target, form in (
        (other, approved),
        (path, one),
        (path, {**approved, "decision": "refused"}),
        (path, {**approved, "decision": ""}),
        (path, {**approved, "time": str(int(approved["time"]) + 1)}),
        (path, {**approved, "credential": f"[{one['credential'][1:-1]},{one['credential'][1:-1]}]"}),
        (path, {**approved, "credential": ""}),
    ):
        answer = await second.post(f"{target}/word", form)
        assert (answer.status, "There is a problem" in answer.words) == (422, True), (target, form)
    assert await waits(second, path)
    assert await waits(second, other)


async def test_a_word_opens_once(office: Office) -> None:
    """The same words would do for another request about the same: they are about messages, and carry no number."""
    case = await office.case()
    place, asker, second = f"/cases/{case}/break-glass", await office.sign_in("9"), await office.sign_in("8")
    form = {"statement": offered(await asker.get(place)), "reason": REASON}
    page = await asker.post(place, form)
    asking = {**form, **answered(page, "approved", office.devices["9"])}
    first = (await asker.post(f"{place}/ask", asking)).headers["location"]
    words = answered(await second.get(first), "approved", office.devices["8"])
    assert (await second.post(f"{first}/word", words)).status == 303
    stale = await second.post(f"{first}/word", words)
    assert (stale.status, "It was decided on" in stale.words) == (422, True)
    again = (await asker.post(f"{place}/ask", asking)).headers["location"]
    assert again != first
    fresh = answered(await second.get(again), "approved", office.devices["8"])
    for replayed in (words, fresh):
        assert (await second.post(f"{again}/word", replayed)).status == 422
    assert (await asker.get(f"{again}/read")).status == 403


async def test_what_is_asked_is_what_was_shown(office: Office) -> None:
    """The form is changed between the page and the touch: another message, or another desk's officer."""
    case, other = await office.case(), await office.case()
    asker, place = await office.sign_in("9"), f"/cases/{case}/break-glass"
    form = {"statement": offered(await asker.get(place)), "reason": REASON}
    asking = answered(await asker.post(place, form), "approved", office.devices["9"])
    beside = f"/cases/{other}/break-glass"
    swapped = {"statement": offered(await asker.get(beside)), "reason": REASON}
    assert (await asker.post(f"{beside}/ask", {**swapped, **asking})).status == 422
    everybody = await office.sign_in("7")
    await everybody.get(place)
    assert (await everybody.post(f"{place}/ask", {**form, **asking})).status == 422
    assert (await asker.post(f"{place}/ask", {**form, **asking}, token="of another page")).status == 403


async def test_who_has_no_request_there_is_shown_none(office: Office) -> None:
    visitor = await office.sign_in("8")
    for path in ("/waiting/break-glass/999999", "/waiting/break-glass/0", "/waiting/break-glass/x"):
        assert (await visitor.get(path)).status == 404, path
        assert (await visitor.get(f"{path}/read")).status in {403, 404}, path
        digest = "0" * 64
        assert (await visitor.get(f"{path}/photographs/{digest}")).status in {403, 404}, path
    answer = await visitor.post("/waiting/break-glass/999999/word", {"decision": "approved", "time": "1"})
    assert answer.status == 404


async def test_a_page_of_a_word_says_where_it_is_given_without_a_passkey(office: Office) -> None:
    path = await office.ask(await office.case())
    number = path.rpartition("/")[2]
    lost = Device(office.console.origin)
    await let_speak(office.town, "xab", "7", lost)
    async with office.town.client("xab", officer="7") as client:
        for one in await client.office.list_passkeys():
            await client.office.end_passkey(one.credential)
    page = await (await office.sign_in("7")).get(path)
    assert asked_on(page) == {}
    assert "To give your word here, let a passkey speak for you." in page.words
    assert f"tracepost emergency approve {number}" in page.words
    await let_speak(office.town, "xab", "7", office.devices["7"])


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh-Hans"])
async def test_pages_are_in_the_language_of_who_reads_them(office: Office, language: str) -> None:
    case = await office.case()
    path = await office.ask(case)
    second, asker = await office.sign_in("8", language), await office.sign_in("9", language)
    for page in (
        await second.get("/waiting"),
        await second.get(path),
        await asker.get(f"/cases/{case}/break-glass"),
    ):
        assert page.status == 200
        for english in (
            "Read against a refusal",
            "Waits for",
            "How it stands",
            "an approval does",
            "may read",
        ):
            assert english not in page.words
    assert encode_b64(office.devices["8"].credential) in unquoted(await second.get(path))


def unquoted(page: Answer) -> str:
    return str(asked_on(page))

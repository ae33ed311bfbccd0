"""Deleting at a console without a browser: asked in a case, decided by another officer of the desk, and what is left.

At XAB, whose settings ask for no second officer: what a console asks to delete waits for one all the same. Officer 9 is
of the police, 8 of the point of contact and 7 of both; the node is real.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import pytest
import pytest_asyncio

from fakes import messages as m
from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.devices import Device
from fakes.given_words import answered, asked_on, let_speak, say
from fakes.house import draft
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.console.paging import ROWS
from tracepost.protocol.approval import Decision
from tracepost.sdk.office import make_deletion_word

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "somebody whom nobody else is called like"
REASON = "kept too long <b>here</b>"
PAGE_BYTES = 50 * 1024
_NUMBERS = count(1)


@dataclass
class Office:
    """XAB's console beside its node."""

    town: Town
    console: Counter
    devices: dict[str, Device]

    async def case(self) -> str:
        """Return a case in which XAA asked about somebody."""
        message = m.request(f"T-2026-{next(_NUMBERS)}")
        message.persons.add(role="PERSON_ROLE_SUSPECT", name=NAME)
        async with self.town.client("xaa", desk="police") as officer:
            sent = await officer.submit(draft(message, to=["xab"], desk="police"))
        assert not sent.HasField("problem"), sent.problem
        question = f"SELECT 1 FROM statement WHERE thread = '{sent.thread}'"
        await until(lambda: self.town.ask("xab", question), "it to arrive")
        return sent.thread

    async def ask(self, case: str) -> str:
        """Ask as officer 9 to delete what is in a case; return the page of the request."""
        asker, place = await self.console.sign_in("9"), f"/cases/{case}/delete"
        form = {"statement": offered(await asker.get(place)), "reason": REASON}
        assert (await asker.post(place, form)).status == 200
        answer = await asker.post(f"{place}/ask", form)
        assert answer.status == 303, answer.words
        assert answer.headers["location"].startswith("/waiting/deletion/")
        return answer.headers["location"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("deletion")
    states = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(folder / "town", states, "hub", reachable=("xab",))
    async with town.running("hub", *states):
        await town.meet(*states)
        for member in states:
            await town.unlock(member)
        rules = "sign_ins_per_minute = 200\npages_per_minute = 5000"
        async with visiting(town, "xab", folder / "console", session=rules) as console:
            devices = {number: Device(console.origin) for number in ("7", "8", "9")}
            for number, device in devices.items():
                await let_speak(town, "xab", number, device)
            yield Office(town, console, devices)


def offered(page: Answer) -> list[str]:
    """Return the messages that a page lets choose."""
    return re.findall(r'name="statement" value="([^"]+)"', page.text)


async def second_of(office: Office, language: str = "en") -> Visitor:
    """Return officer 7 at the desk of the police."""
    visitor = await office.console.sign_in("7", language=language)
    assert (await visitor.post("/desk", {"desk": "police"})).status == 303
    await visitor.get("/waiting")
    return visitor


async def waits(visitor: Visitor, path: str) -> bool:
    rows = (await visitor.get("/waiting")).text.partition("What became of what was asked")[0]
    return f'href="{path}"' in rows


async def test_nothing_goes_by_a_console_alone_and_two_officers_leave_a_trace_of_it(office: Office) -> None:
    case = await office.case()
    path = await office.ask(case)
    asker, second = await office.console.sign_in("9"), await second_of(office)
    assert NAME in (await asker.get(f"/cases/{case}")).text
    assert "yours to decide" in (await second.get("/waiting")).words
    page = await second.get(path)
    assert page.sent <= PAGE_BYTES
    assert REASON in page.words
    assert "<b>here" not in page.text
    assert "A restore brings them back." in page.words
    done = await second.follow(await say(second, path, "approved", office.devices["7"]))
    assert "Decided by officer-7" in done.words
    assert re.search(r">#\d+<", done.text), "the entry of our log"
    assert "This is what is left of it here." in done.words
    assert asked_on(done) == {}
    assert not await waits(second, path)
    assert NAME not in (await asker.get(f"/cases/{case}")).text
    again = await asker.get(f"/cases/{case}/delete")
    assert "There is nothing left to delete." in again.words
    assert "All that was said in this case is shown" in (await asker.get(f"/cases/{case}/break-glass")).words


async def test_who_asks_is_shown_what_it_does_before(office: Office) -> None:
    case = await office.case()
    asker, place = await office.console.sign_in("9"), f"/cases/{case}/delete"
    assert f'href="{place}"' in (await asker.get(f"/cases/{case}")).text
    page = await asker.get(place)
    assert page.sent <= PAGE_BYTES
    shown = await asker.post(place, {"statement": offered(page), "reason": REASON, "copies": "yes"})
    assert "What is left is the digest of each" in shown.words
    assert "passed on, whole" in shown.words
    assert "<b>here" not in shown.text
    for form in (
        {"reason": REASON},
        {"statement": offered(page)},
        {"statement": "x", "reason": REASON},
        {"statement": offered(page), "reason": "x" * 201},
    ):
        for way in (place, f"{place}/ask"):
            answer = await asker.post(way, form)
            assert (answer.status, "There is a problem" in answer.words) == (422, True), (way, form)
    assert f"and {ROWS} at most" in (await asker.post(place, {"reason": REASON})).words, (
        "no more are on a page"
    )


async def test_a_refusal_keeps_it_and_who_asked_takes_it_back(office: Office) -> None:
    case = await office.case()
    refused, back = await office.ask(case), await office.ask(case)
    asker, second = await office.console.sign_in("9"), await second_of(office)
    await second.follow(await say(second, refused, "refused", office.devices["7"]))
    assert set(asked_on(await asker.get(back))) == {"refused"}
    await asker.follow(await say(asker, back, "refused", office.devices["9"]))
    assert not await waits(second, refused)
    assert not await waits(second, back)
    assert NAME in (await asker.get(f"/cases/{case}")).text


async def test_only_another_officer_of_the_desk_decides(office: Office) -> None:
    path = await office.ask(await office.case())
    second, asker, poc = (
        await second_of(office),
        await office.console.sign_in("9"),
        await office.console.sign_in("8"),
    )
    theirs = answered(await second.get(path), "approved", office.devices["7"])
    assert not await waits(poc, path)
    assert (await poc.get(path)).status == 404
    assert (await poc.post(f"{path}/word", theirs)).status == 404
    await asker.get(path)
    assert (await asker.post(f"{path}/word", theirs)).status == 422
    assert await waits(second, path)


async def test_a_word_is_for_one_request_and_one_decision(office: Office) -> None:
    path, other = await office.ask(await office.case()), await office.ask(await office.case())
    second = await second_of(office)
    approved = answered(await second.get(path), "approved", office.devices["7"])
    for target, form in (
        (other, approved),
        (path, {**approved, "decision": "refused"}),
        (path, {**approved, "time": str(int(approved["time"]) + 1)}),
        (path, {**approved, "credential": "[]"}),
    ):
        answer = await second.post(f"{target}/word", form)
        assert (answer.status, "There is a problem" in answer.words) == (422, True), (target, form)
    assert await waits(second, path)
    assert await waits(second, other)


async def test_what_was_decided_meanwhile_stays_so(office: Office) -> None:
    case = await office.case()
    path = await office.ask(case)
    second, number = await second_of(office), int(path.rpartition("/")[2])
    approved = answered(await second.get(path), "approved", office.devices["7"])
    async with office.town.client("xab", officer="7", desk="police") as client:
        listed = await client.office.list_deletions()
        [asked] = [one for one in listed.deletions if one.number == number]
        word = make_deletion_word(asked, Decision.REFUSED, office.town.papers("xab"), listed.clock)
        await client.office.decide_deletion(word)
    answer = await second.post(f"{path}/word", approved)
    assert (answer.status, "It was decided on" in answer.words) == (422, True)
    assert NAME in (await second.get(f"/cases/{case}")).text


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ru", "zh-Hans"])
async def test_pages_are_in_the_language_of_who_reads_them(office: Office, language: str) -> None:
    case = await office.case()
    path, asker = await office.ask(case), await office.console.sign_in("9", language=language)
    form = {"statement": offered(await asker.get(f"/cases/{case}/delete")), "reason": "because"}
    second = await second_of(office, language)
    for page in (
        await second.get(path),
        await asker.get(f"/cases/{case}/delete"),
        await asker.post(f"/cases/{case}/delete", form),
    ):
        assert page.status == 200
        for english in (
            "Delete from this node",
            "A restore brings them back",
            "an approval does",
            "in one line",
        ):
            assert english not in page.words

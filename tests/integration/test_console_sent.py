"""What became of a desk's mail, in a console asked without a browser: on the way, received, answered, not delivered.

The other State's node is at home or not; mail that was to be delivered within seconds is dead, and goes once more.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes import messages as m
from fakes.console_visits import Answer, Counter, visiting
from fakes.house import draft
from fakes.town import CUSTOMS, POC, POLICE, Town, found_town, until
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.sdk.office import make_word
from tracepost.wire.v1 import terms_pb2

PAGE_BYTES = 50 * 1024
LIMITS = "sign_ins_per_minute = 100\npages_per_minute = 5000"
LANGUAGES = ("ar", "es", "fr", "ru", "zh-Hans")
RECEIVED = "Received: their node gave a receipt."


@dataclass
class Scene:
    """XAA and XAB have met; XAA's officers 7 and 8 sit at both of its desks, 9 at that of customs alone."""

    town: Town
    folder: Path

    async def ask(self, number: str, *, deliver_by: int | None = None) -> str:
        """Ask XAB; return the case."""
        cover = Cover(
            to=("xab",),
            purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
            legal_basis=terms_pb2.LEGAL_BASIS_ITI,
            deliver_by=deliver_by,
        )
        async with self.town.client("xaa") as client:
            return (await client.submit(build_draft(m.request(number), cover))).thread

    async def ask_in_haste(self, number: str) -> str:
        """Ask by mail that is to be delivered within seconds; in more, where they are over before it is signed."""
        for seconds in (3, 20, 60):
            with suppress(InvalidInputError):
                return await self.ask(number, deliver_by=int(time.time()) + seconds)
        raise AssertionError("nothing is signed within a minute")

    def states(self) -> list[str]:
        return sorted(state for (state,) in self.town.ask("xaa", "SELECT state FROM sent_mail"))


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 0.2)
    return Scene(
        found_town(tmp_path / "town", {"xaa": (POC, CUSTOMS), "xab": (POC, CUSTOMS)}, "hub"),
        tmp_path / "console",
    )


def rows_of(page: Answer) -> list[str]:
    """Return what stands in each row, without its tags."""
    assert page.status == 200, page.words
    rows = re.findall(r"<tbody.*?</tbody>", page.text, re.DOTALL)
    told = (one for part in rows for one in re.findall(r"<tr.*?</tr>", part, re.DOTALL))
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in told]


@asynccontextmanager
async def at_work(scene: Scene) -> AsyncIterator[Counter]:
    """Have XAB met, and gone home again; give the console of XAA, whose node and relay go on."""
    async with scene.town.running("hub", "xaa"):
        async with scene.town.running("xab"):
            await scene.town.meet("xaa", "xab")
        await scene.town.unlock("xaa")
        async with visiting(scene.town, "xaa", scene.folder, session=LIMITS) as console:
            yield console


async def test_a_message_is_at_the_relay_then_received_then_answered(scene: Scene) -> None:
    async with at_work(scene) as console:
        officer, customs = await console.sign_in("8"), await console.sign_in("9")
        assert "There is none." in (await officer.get("/sent")).words
        case = await scene.ask("T-1")
        await until(lambda: scene.states() == ["WITH_RELAY"], "the relay to keep it")
        for path in ("/sent", "/sent/not-received"):
            page = await officer.get(path)
            [row] = rows_of(page)
            assert "At the relay" in row
            assert "T-1" in row
            assert f'href="/cases/{case}"' in page.text
            assert rows_of(await customs.get(path)) == [], "another desk wrote it"
        assert rows_of(await officer.get("/sent/not-delivered")) == []
        async with scene.town.running("xab"):
            await until(lambda: scene.states() == ["DELIVERED"], "the receipt")
            [row] = rows_of(await officer.get("/sent"))
            assert RECEIVED in row
            assert rows_of(await officer.get("/sent/not-received")) == []
            await scene.town.unlock("xab")
            async with scene.town.client("xab") as client:
                await client.acknowledge(case, m.acknowledgement(), Cover(to=("xaa",)))
            came = "SELECT 1 FROM statement WHERE in_effect AND direction = 'THEIRS'"
            await until(lambda: scene.town.ask("xaa", came), "the reply")
        [row] = rows_of(await officer.get("/sent"))
        assert "acknowledgement" in row


async def test_what_was_not_delivered_is_sent_once_more_and_once_alone(scene: Scene) -> None:
    async with at_work(scene) as console:
        officer, customs = await console.sign_in("8"), await console.sign_in("9")
        await scene.ask_in_haste("T-1")
        await until(lambda: scene.states() == ["EXPIRED"], "it to expire")
        page = await officer.get("/sent/not-delivered")
        [row] = rows_of(page)
        assert "Not delivered in time." in row
        [envelope] = re.findall(r'name="envelope" value="([0-9a-f]{64})"', page.text)
        await customs.get("/sent")
        assert (await customs.post("/sent/again", {"envelope": envelope})).status == 303
        assert (await officer.post("/sent/again", {"envelope": envelope}, token="00" * 64)).status == 403
        assert (await officer.post("/sent/again", {"envelope": "x"})).status == 400
        assert scene.states() == ["EXPIRED"], "nobody else sends it"
        for _time in range(2):
            again = await officer.post("/sent/again", {"envelope": envelope})
            assert (again.status, again.headers["location"]) == (303, "/sent")
        assert len(scene.states()) == 2
        assert rows_of(await officer.get("/sent/not-delivered")) == []
        async with scene.town.running("xab"):
            await until(lambda: "DELIVERED" in scene.states(), "one of the envelopes to come")
        [row] = rows_of(await officer.get("/sent"))
        assert RECEIVED in row


async def test_many_messages_come_a_page_at_a_time_in_each_language(scene: Scene) -> None:
    async with at_work(scene) as console:
        officer = await console.sign_in("8")
        numbers = [f"T-{number}-of-27" for number in range(27)]
        for number in numbers:
            await scene.ask(number)
        first = await officer.get("/sent")
        [older] = re.findall(r'href="(/sent\?after=[0-9]+)"', first.text)
        second = await officer.get(older)
        rows = [*rows_of(first), *rows_of(second)]
        assert [len(rows_of(first)), len(rows_of(second))] == [25, 2]
        assert [next(one for one in numbers if one in row) for row in rows] == numbers[::-1]
        assert first.sent <= PAGE_BYTES
        assert "/sent?after=" not in second.text
        for language in LANGUAGES:
            answer = await (await console.sign_in("8", language=language)).get("/sent")
            assert len(rows_of(answer)) == 25
            assert "At the relay" not in answer.words
            assert "Still here" not in answer.words
        for wrong in ("/sent?after=x", "/sent?after=-1", f"/sent?after={'9' * 19}", "/sent/again", "/sent/x"):
            assert (await officer.get(wrong)).status == 400, wrong


async def test_what_waits_for_a_second_officer_or_never_went_is_told(tmp_path: Path) -> None:
    desks = {"xaa": (POC, CUSTOMS), "xab": (POC, POLICE)}
    town = found_town(tmp_path / "town", desks, "hub", release='second_officer = "required"')
    scene = Scene(town, tmp_path / "console")
    async with at_work(scene) as console:
        message = m.request("T-1")
        message.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
        async with town.client("xaa") as writer:
            sent = await writer.submit(draft(message, to=["xab"]))
        officer = await console.sign_in("8")
        for path in ("/sent", "/sent/not-received"):
            page = await officer.get(path)
            assert len(rows_of(page)) == 1
            assert "Waiting here before it goes" in page.words
            assert f'href="/waiting/release/{sent.statement}"' in page.text
        async with town.client("xaa") as writer:
            view = await writer.office.show_release(sent.statement)
            word = make_word(view, Decision.REFUSED, town.papers("xaa", "7"), "written twice")
            await writer.office.decide_release(word)
        assert rows_of(await officer.get("/sent")) == []
        page = await officer.get("/sent/not-delivered")
        [row] = rows_of(page)
        assert "Never sent" in page.words
        assert "written twice" in row


async def test_who_is_given_a_case_finds_it_among_his_own(scene: Scene) -> None:
    async with at_work(scene) as console:
        first, second = await scene.ask("T-1"), await scene.ask("T-2")
        officer = await console.sign_in("8")
        assert "No case." in (await officer.get("/inbox/own")).words
        async with scene.town.client("xaa") as client:
            await client.office.assign_case(second, "8")
        assert 'href="/inbox/own"' in (await officer.get("/")).text
        page = await officer.get("/inbox/own")
        assert [first in page.text, second in page.text] == [False, True]
        assert rows_of(await officer.get("/inbox/own?cases=2")) == rows_of(page)
        assert (await officer.get("/inbox/own?cases=x")).status == 400
        assert rows_of(await (await console.sign_in("9")).get("/inbox/own")) == []

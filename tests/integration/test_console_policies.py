"""The member's own policies at a console without a browser: what is proposed, what would change, approved by another.

Officer 7 proposes at the command line; 8 decides at the console. The node is real.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from fakes.console_visits import Counter, visiting
from fakes.devices import Device
from fakes.given_words import answered, asked_on, let_speak, say
from fakes.pki import DOMAIN
from fakes.town import POC, POLICE, Town, found_town
from tracepost.protocol.approval import Decision
from tracepost.sdk.policies import make_decision, make_proposal
from tracepost.wire.v1 import desk_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORBIDS = '@id("no-narrative") forbid (principal, action, resource == Class::"CRIMINAL_JUSTICE");'
NOTE = "nobody needs it <b>here</b>"
PAGE_BYTES = 50 * 1024


@dataclass
class Office:
    """XAA's console beside its node; officers 7 and 8 have a device each."""

    town: Town
    console: Counter
    devices: dict[str, Device]

    async def propose(self, text: str = FORBIDS) -> str:
        """Propose a text as officer 7; return the page of the version."""
        async with self.town.client("xaa") as officer:
            view = await officer.show_policies()
            papers = self.town.papers("xaa")
            proposal = make_proposal(view, text, NOTE, papers, domain=DOMAIN, now=view.clock)
            made = await officer.propose_policy(proposal)
        return f"/waiting/policy/{made.version}"

    async def refuse(self, path: str) -> None:
        """Refuse a version as officer 9 at the command line."""
        async with self.town.client("xaa", officer="9", desk="police") as officer:
            view = await officer.show_policies(with_text=True)
            [one] = [version for version in view.versions if path.endswith(f"/{version.version}")]
            word = make_decision(one, Decision.REFUSED, self.town.papers("xaa", "9"), view.clock)
            await officer.decide_policy(word)

    async def state(self, path: str) -> str:
        async with self.town.client("xaa") as officer:
            view = await officer.show_policies()
        [one] = [version for version in view.versions if path.endswith(f"/{version.version}")]
        return desk_pb2.PolicyState.Name(one.state)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("policies")
    town = found_town(folder / "town", {"xaa": (POC, POLICE)}, "hub")
    async with town.running("hub", "xaa"):
        rules = "sign_ins_per_minute = 200\npages_per_minute = 5000"
        async with visiting(town, "xaa", folder / "console", session=rules) as console:
            devices = {number: Device(console.origin) for number in ("7", "8")}
            for number, device in devices.items():
                await let_speak(town, "xaa", number, device)
            yield Office(town, console, devices)


async def test_a_second_officer_is_shown_what_changes_and_puts_it_in_force(office: Office) -> None:
    path, second = await office.propose(), await office.console.sign_in("8")
    assert f'href="{path}"' in (await second.get("/waiting")).text
    assert "yours to decide" in (await second.get("/waiting")).words
    page = await second.get(path)
    assert page.sent <= PAGE_BYTES
    assert NOTE in page.words
    assert "<b>here" not in page.text
    assert "reads no longer" in page.words
    assert "no-narrative" in page.words
    done = await second.follow(await say(second, path, "approved", office.devices["8"]))
    assert "In force since" in done.words
    assert re.search(r"Entry in our log #\d+", done.words)
    assert asked_on(done) == {}
    assert await office.state(path) == "POLICY_STATE_IN_FORCE"


async def test_who_proposed_it_withdraws_it_and_does_not_approve_it(office: Office) -> None:
    path = await office.propose()
    own, second = await office.console.sign_in("7"), await office.console.sign_in("8")
    theirs = answered(await second.get(path), "approved", office.devices["8"])
    for language in ("ar", "es", "fr", "ru", "zh-Hans"):
        told = await (await office.console.sign_in("8", language=language)).get(path)
        assert told.status == 200
        for english in ("What would change", "Our own policies", "reads no longer", "an approval does"):
            assert english not in told.words
    page = await own.get(path)
    assert "This is your own, so another officer decides." in page.words
    assert set(asked_on(page)) == {"refused"}
    assert (await own.post(f"{path}/word", theirs)).status == 422
    assert await office.state(path) == "POLICY_STATE_PROPOSED"
    await own.follow(await say(own, path, "refused", office.devices["7"]))
    assert await office.state(path) == "POLICY_STATE_WITHDRAWN"


async def test_a_word_is_for_the_text_that_was_shown(office: Office) -> None:
    """The proposal is refused and another one made, between the page and the touch."""
    path, second = await office.propose(), await office.console.sign_in("8")
    shown = answered(await second.get(path), "approved", office.devices["8"])
    await office.refuse(path)
    stale = await second.post(f"{path}/word", shown)
    assert (stale.status, "It was decided on" in stale.words) == (422, True)
    other = await office.propose()
    for form in (shown, {**shown, "decision": "refused"}, {**shown, "credential": ""}):
        assert (await second.post(f"{other}/word", form)).status == 422
    assert await office.state(other) == "POLICY_STATE_PROPOSED"
    await office.refuse(other)


async def test_a_version_that_there_is_not_is_not_found(office: Office) -> None:
    visitor = await office.console.sign_in("8")
    for path in ("/waiting/policy/9999", "/waiting/policy/0", "/waiting/policy/x"):
        assert (await visitor.get(path)).status == 404
        assert (await visitor.post(f"{path}/word", {"decision": "approved", "time": "1"})).status == 404

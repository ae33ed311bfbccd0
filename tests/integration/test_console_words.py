"""A second officer's word by passkey, at a console without a browser: his, on what is shown, and on nothing else.

The device is one in software; what it answers goes through the console's form to a real node.
"""

from __future__ import annotations

import hashlib
import html
import math
import re
import time
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
from fakes.pki import DOMAIN
from fakes.ports import find_port
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.console import app
from tracepost.console.passkeys import Passkey
from tracepost.console.serving import read_console_papers
from tracepost.console.visit import SESSION_COOKIE
from tracepost.protocol.approval import Decision, of_statement
from tracepost.protocol.certificate import load_certificate, read_identity
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import decode_b64, encode_b64, parse_digest
from tracepost.sdk import Client, OfficerPapers
from tracepost.sdk.approvals import certificates_of
from tracepost.sdk.carrying import ConsoleConnection
from tracepost.sdk.office import make_word
from tracepost.sdk.passkeys import ask_word, endorse

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
_NUMBERS = count(1)


@dataclass
class Queue:
    """XAA's console beside its node; officers 7 and 8 have a device each, that of 8 speaks for him."""

    town: Town
    console: Counter
    device: Device

    async def wait_for_word(self) -> str:
        """Write a message as officer 7; return its page."""
        message = m.request(f"T-2026-{next(_NUMBERS)}")
        message.persons.add(role="PERSON_ROLE_SUSPECT", name="somebody")
        async with self.town.client("xaa") as officer:
            sent = await officer.submit(draft(message, to=["xab"]))
        return f"/waiting/release/{sent.statement}"

    async def endorse(self, officer: str, device: Device) -> None:
        await let_speak(self.town, "xaa", officer, device)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def queue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Queue]:
    folder = tmp_path_factory.mktemp("words")
    desks = {"xaa": (POC, POLICE), "xab": (POC, POLICE)}
    town = found_town(
        folder / "town", desks, "hub", reachable=("xab",), release='second_officer = "required"'
    )
    rules = "sign_ins_per_minute = 100\npages_per_minute = 5000"
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        async with visiting(town, "xaa", folder / "console", session=rules) as console:
            made = Queue(town, console, Device(console.origin))
            await made.endorse("8", made.device)
            yield made


async def still_waits(visitor: Visitor, path: str) -> bool:
    listed = (await visitor.get("/waiting")).text
    return path in listed and not entry_on(await visitor.get(path))


def entry_on(page: Answer) -> str:
    """Return the entry in the log that a page names; empty: none."""
    found = re.search(r"Entry in our log (#\d+)", page.words)
    return found.group(1) if found else ""


async def test_by_passkey_mail_goes_and_the_page_says_where_the_log_tells_it(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8"), await queue.wait_for_word()
    page = await second.get(path)
    assert page.sent <= PAGE_BYTES
    assert asked_on(page)["approved"][1][0]["allowCredentials"][0]["id"] == encode_b64(
        queue.device.credential
    )
    assert asked_on(page)["approved"][1][0]["userVerification"] == "required"
    done = await second.follow(await say(second, path, "approved", queue.device))
    assert re.fullmatch(r"#\d+", entry_on(done)), done.words
    assert "Decided by officer-8" in done.words
    assert asked_on(done) == {}
    statement = path.rpartition("/")[2]
    digest = decode_b64(statement, "statement").hex()
    await until(
        lambda: queue.town.ask("xab", f"SELECT 1 FROM statement WHERE hex(digest) = '{digest.upper()}'"),
        "it to arrive",
    )


async def test_a_word_by_passkey_stops_mail_for_ever(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8"), await queue.wait_for_word()
    done = await second.follow(await say(second, path, "refused", queue.device, reason="not needed"))
    assert "Decided by officer-8" in done.words
    assert entry_on(done) == ""
    assert path not in (await second.get("/waiting")).text


async def test_a_refusal_says_why(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8"), await queue.wait_for_word()
    answer = await say(second, path, "refused", queue.device)
    assert (answer.status, await still_waits(second, path)) == (422, True)
    assert "There is a problem" in answer.words


async def test_the_reason_of_a_refusal_is_there_still_where_the_word_was_not_taken(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8"), await queue.wait_for_word()
    stranger = Device("https://elsewhere.example", queue.device.key, queue.device.credential)
    reason = 'not "needed" <here>'
    answer = await say(second, path, "refused", stranger, reason=reason)
    assert answer.status == 422
    [typed] = re.findall(r'<input[^>]* name="reason"[^>]* value="([^"]*)"', answer.text)
    assert html.unescape(typed) == reason


async def test_who_wrote_it_takes_it_back_by_passkey_and_cannot_let_it_go(queue: Queue) -> None:
    own, path = Device(queue.console.origin), await queue.wait_for_word()
    await queue.endorse("7", own)
    writer, second = await queue.console.sign_in("7"), await queue.console.sign_in("8")
    assert "Approve with a passkey" not in (await writer.get(path)).words
    answer = await writer.post(f"{path}/word", answered(await second.get(path), "approved", queue.device))
    assert answer.status == 422
    # The very word that would let it go, made by who wrote it: the node refuses.
    page = await writer.get(path)
    said_at, _ = asked_on(page)["refused"]
    asked = approve_challenge(queue, path, int(said_at))
    told = {"decision": "approved", "time": said_at, "credential": f"[{own.answer(asked)}]"}
    assert (await writer.post(f"{path}/word", told)).status == 403
    assert await still_waits(second, path)
    taken = await writer.follow(await say(writer, path, "refused", own, reason="a mistake"))
    assert "Decided by officer-7" in taken.words


def approve_challenge(queue: Queue, path: str, now: int) -> bytes:
    """Return the challenge by which officer 7 would let mail go."""
    [leaf, *_] = certificates_of(queue.town.papers("xaa", "7"))
    subject = of_statement(parse_digest(path.rpartition("/")[2]))
    return ask_word(subject, Decision.APPROVED, leaf, now).challenge


async def test_a_passkey_s_word_is_for_one_message_one_decision_and_one_time(queue: Queue) -> None:
    second = await queue.console.sign_in("8")
    path, other = await queue.wait_for_word(), await queue.wait_for_word()
    approved = answered(await second.get(path), "approved", queue.device)
    later = str(int(approved["time"]) + 1)
    for target, form in (
        (other, approved),
        (path, {**approved, "decision": "refused", "reason": "because"}),
        (path, {**approved, "time": later}),
        (path, {**approved, "time": "soon"}),
        (path, {**approved, "decision": "perhaps"}),
        (path, {**approved, "credential": ""}),
        (path, {**approved, "credential": "[]"}),
        (path, {**approved, "credential": f"[{Device(queue.console.origin).answer(bytes(32))}]"}),
        (path, {**approved, "credential": f"{approved['credential'][:-1]},{{}}]"}),
        (path, {**approved, "credential": "[" * 50_000}),
    ):
        answer = await second.post(f"{target}/word", form)
        assert answer.status == 422, answer.words
        assert "There is a problem" in answer.words
    assert await still_waits(second, path)
    assert await still_waits(second, other)


async def test_a_word_from_another_site_or_without_the_page_is_none(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8"), await queue.wait_for_word()
    phished = Device("https://elsewhere.example", queue.device.key, queue.device.credential)
    answer = await say(second, path, "approved", phished)
    assert answer.status == 422
    form = answered(await second.get(path), "approved", queue.device)
    assert (await second.post(f"{path}/word", form, token="of another page")).status == 403
    assert await still_waits(second, path)


async def test_what_was_decided_meanwhile_stays_so_and_the_page_says_it(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8"), await queue.wait_for_word()
    form = answered(await second.get(path), "approved", queue.device)
    async with queue.town.client("xaa", officer="8") as client:
        view = await client.office.show_release(path.rpartition("/")[2])
        word = make_word(view, Decision.REFUSED, queue.town.papers("xaa", "8"), "because")
        await client.office.decide_release(word)
    answer = await second.post(f"{path}/word", form)
    assert answer.status == 422
    assert "It was decided on, or cannot be done any more as you were shown it." in answer.words
    assert asked_on(answer) == {}


async def test_a_passkey_that_was_taken_back_says_nothing(queue: Queue) -> None:
    lost, path = Device(queue.console.origin), await queue.wait_for_word()
    await queue.endorse("8", lost)
    second = await queue.console.sign_in("8")
    form = answered(await second.get(path), "approved", lost)
    async with queue.town.client("xaa", officer="8") as client:
        await client.office.end_passkey(encode_b64(lost.credential))
    assert (await second.post(f"{path}/word", form)).status == 422
    assert await still_waits(second, path)


async def test_who_removes_a_passkey_ends_it_under_each_certificate_and_whoever_came_in_with_it(
    queue: Queue,
) -> None:
    lost, house, town = Device(queue.console.origin), queue.console.house, queue.town
    resident = town.residents["xaa"]
    earlier = resident.authority.issue(Role.OFFICER, officer="8", desks=["poc"])
    papers = OfficerPapers(earlier.chain_pem, earlier.key_pem, resident.authority.pem)
    said = endorse(lost.request("8"), papers, domain=DOMAIN, now=int(time.time()))
    address = f"127.0.0.1:{resident.ports.desk}"
    async with Client.connect(address, "xaa", DOMAIN, papers, desk="poc", timeout_seconds=60) as client:
        await client.office.endorse_passkey(said)
    await queue.endorse("8", lost)
    certificates = certificates_of(town.papers("xaa", "8"))
    house.passkeys.add(Passkey(lost.credential, lost.cose, 0, "8", tuple(certificates), int(time.time())))
    second = await queue.console.sign_in("8")
    async with town.client("xaa", officer="8") as client:
        token = house.sessions.begin(
            read_identity(load_certificate(certificates[0]), DOMAIN),
            POC.desk,
            tuple(certificates),
            client,
            None,
            status=await client.get_status(),
            began_with=lost.credential,
        )
        assert house.sessions.find(token, None) is not None
        await second.get("/passkeys")
        answer = await second.post("/passkeys/remove", {"passkey": encode_b64(lost.credential)[:12]})
        assert answer.status == 303, answer.words
        assert house.sessions.find(token, None) is None
        assert house.passkeys.find(lost.credential) is None
        left = {one.credential for one in await client.office.list_passkeys()}
    assert encode_b64(lost.credential) not in left


async def test_a_passkey_whose_word_could_not_be_ended_says_so_and_can_be_removed_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "JUDGED_S", math.inf)  # the node was asked just now, and is away then
    lost, house = Device(queue.console.origin), queue.console.house
    await queue.endorse("8", lost)
    certificates = tuple(certificates_of(queue.town.papers("xaa", "8")))
    house.passkeys.add(Passkey(lost.credential, lost.cose, 0, "8", certificates, int(time.time())))
    name = encode_b64(lost.credential)
    second = await queue.console.sign_in("8")
    session = house.sessions.find(second.cookies[SESSION_COOKIE], hashlib.sha256(certificates[0]).digest())
    assert session is not None
    settings = house.settings
    nobody = f"127.0.0.1:{find_port()}"
    papers = read_console_papers(settings)
    async with ConsoleConnection(nobody, settings.member, settings.domain, papers) as away:
        house.sessions.seat(session, session.desk, away.client_for(certificates, session.desk))
        answer = await second.post("/passkeys/remove", {"passkey": name[:12]})
    assert answer.status == 503
    assert "Its word could not be ended at the node." in answer.words
    assert house.passkeys.find(lost.credential) is None, "it lets nobody in"
    house.sessions.seat(session, session.desk, session.client)
    page = await second.get("/passkeys")
    assert f"Remove passkey {name[:12]}" in page.words
    assert "It lets nobody in here, and still gives your word" in page.words
    assert (await second.post("/passkeys/remove", {"passkey": name[:12]})).status == 303
    assert name[:12] not in (await second.get("/passkeys")).words


async def test_a_refusal_is_told_in_the_words_of_who_reads_it(queue: Queue) -> None:
    second, path = await queue.console.sign_in("8", language="fr"), await queue.wait_for_word()
    answer = await say(second, path, "refused", queue.device)
    assert (answer.status, "Dites pourquoi vous refusez." in answer.words) == (422, True)
    phished = Device("https://elsewhere.example", queue.device.key, queue.device.credential)
    answer = await say(second, path, "approved", phished)
    assert "Ce n'est pas la réponse d'une clé d'accès qui parle pour vous." in answer.words
    form = {**answered(await second.get(path), "approved", queue.device), "time": "soon"}
    answer = await second.post(f"{path}/word", form)
    assert "Votre parole n'a pas été acceptée (no-decision)." in answer.words

"""Sign-in by an account at a provider, at a console without a browser: who is let in, and all who are not.

The provider is a process of its own that is asked over TLS; where it is crooked, it signs with its own key.
"""

from __future__ import annotations

import asyncio
import html
import itertools
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from fakes.console_visits import Answer, Counter, Visitor, visiting
from fakes.pki import Issued
from fakes.ports import find_port
from fakes.provider import ACCESS_TOKEN, NAME, SECRET, ProviderAtWork, running_provider
from fakes.town import POC, POLICE, Town, found_town
from tracepost.console import provider as provider_module
from tracepost.console.accounts import FILE_NAME
from tracepost.console.pages.account import ASKING_COOKIE
from tracepost.console.visit import SESSION_COOKIE
from tracepost.protocol.identity import Role
from tracepost.wire.v1.post_pb2 import Announcement

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE_BYTES = 50 * 1024
BACK = "/sign-in/provider/back"
RULES = "sign_ins_per_minute = 10000\npages_per_minute = 10000"
_ADDRESSES = (f"192.0.2.{number}" for number in itertools.cycle(range(1, 255)))
_REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')


@dataclass
class Scene:
    """XAA's console beside its node, and the provider at which its officers have accounts."""

    town: Town
    console: Counter
    provider: ProviderAtWork

    async def officer(self, number: str) -> Visitor:
        return await self.console.sign_in(number)

    def stranger(self) -> Visitor:
        return Visitor(self.console.app, self.console.origin, address=next(_ADDRESSES))

    async def link(self, officer: Visitor, subject: str) -> Answer:
        """Link an account as the pages lead; return the answer to the confirmation."""
        page = await self.to_confirm(officer, subject)
        found = re.search(r'name="account" value="([0-9a-f]+)"', page.text)
        assert found is not None, page.words
        return await officer.post("/account/link", {"account": found.group(1)})

    async def to_confirm(self, officer: Visitor, subject: str) -> Answer:
        await officer.get("/account")
        sent = await officer.post("/account/begin", {})
        back = await self.provider.vouch(led_to(sent), subject)
        answer = await officer.get(path_of(back))
        assert led_to(answer) == "/account", answer.words
        return await officer.get("/account")

    async def sign_in(self, visitor: Visitor, subject: str) -> Answer:
        return await visitor.get(path_of(await self.way_back(visitor, subject)))

    async def way_back(self, visitor: Visitor, subject: str) -> str:
        """Return where the provider leads the visitor's browser, who has signed in there."""
        await visitor.get("/sign-in")
        return await self.provider.vouch(led_to(await visitor.post("/sign-in/provider", {})), subject)


def led_to(answer: Answer) -> str:
    """Return where a page leads on by itself."""
    found = _REFRESH.search(answer.text)
    assert found is not None, (answer.status, answer.words)
    return html.unescape(found.group(1))


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def chain_of(issued: Issued) -> tuple[str, ...]:
    head = "-----BEGIN CERTIFICATE-----"
    return tuple(f"{head}{one}" for one in issued.chain_pem.decode().split(head)[1:])


def events_of(logs: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the console logged of accounts; its node is of this process, and goes on writing lines of its own."""
    return [one["event"] for one in logs if one["event"].startswith(("account-", "provider-"))]


async def is_signed_in(visitor: Visitor) -> bool:
    return (await visitor.get("/")).status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("account")
    town = found_town(folder / "town", {"xaa": (POC, POLICE)}, "hub")
    with running_provider(folder / "provider") as provider:
        async with town.running("hub", "xaa"):
            await town.meet("xaa")
            await town.unlock("xaa")
            async with visiting(
                town, "xaa", folder / "console", session=RULES + provider.settings
            ) as console:
                yield Scene(town, console, provider)


@pytest.fixture
def scene(shared: Scene) -> Scene:
    """The same, and the provider is honest."""
    shared.provider.behave()
    return shared


async def newcomer(scene: Scene, number: str) -> Visitor:
    """Return an officer with a certificate of his own who has signed in with it."""
    issued = scene.town.residents["xaa"].authority.issue(Role.OFFICER, officer=number, desks=["poc"])
    return await entering(scene, issued)


async def entering(scene: Scene, issued: Issued) -> Visitor:
    visitor = scene.stranger()
    visitor.chain = chain_of(issued)
    await visitor.get("/sign-in")
    answer = await visitor.post("/sign-in/certificate", {})
    assert answer.status == 303, answer.words
    return visitor


# ── who comes in ─────────────────────────────────────────────────────────────────────


async def test_an_officer_links_his_account_and_comes_in_with_it_and_without_his_certificate(
    scene: Scene,
) -> None:
    officer = await newcomer(scene, "40")
    assert (await scene.link(officer, "account-40")).status == 303
    page = await officer.get("/account")
    assert "account-40" in page.words
    assert page.sent <= PAGE_BYTES
    visitor = scene.stranger()
    answer = await scene.sign_in(visitor, "account-40")
    assert led_to(answer) == "/"
    assert "Officer 40" in (await visitor.get("/")).words
    assert ASKING_COOKIE not in {name for name, value in visitor.cookies.items() if value}


async def test_whoever_came_in_by_an_account_links_no_account_and_adds_no_passkey(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "41"), "account-41")
    visitor = scene.stranger()
    await scene.sign_in(visitor, "account-41")
    page = await visitor.get("/account")
    assert "/account/begin" not in page.text
    for address in ("/account/begin", "/account/link", "/passkeys/register"):
        assert (await visitor.post(address, {"credential": "{}"})).status == 403, address
    assert "data-passkey" not in (await visitor.get("/passkeys")).text


async def test_an_account_that_nobody_linked_opens_nothing(scene: Scene) -> None:
    visitor = scene.stranger()
    answer = await scene.sign_in(visitor, "account-of-nobody")
    assert (answer.status, SESSION_COOKIE in visitor.cookies) == (400, False)
    assert "not linked" in answer.words


async def test_an_account_is_one_officers_and_another_cannot_take_it(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "42"), "account-42")
    assert "linked to another officer" in (await scene.link(await newcomer(scene, "43"), "account-42")).words
    visitor = scene.stranger()
    await scene.sign_in(visitor, "account-42")
    assert "Officer 42" in (await visitor.get("/")).words


async def test_a_session_ends_when_its_account_is_unlinked_or_replaced(scene: Scene) -> None:
    officer = await newcomer(scene, "44")
    for act in ("unlink", "replace"):
        await scene.link(officer, "account-44")
        visitor = scene.stranger()
        await scene.sign_in(visitor, "account-44")
        assert await is_signed_in(visitor)
        if act == "unlink":
            await officer.get("/account")
            await officer.post("/account/unlink", {})
        else:
            await scene.link(officer, "account-44-new")
        assert not await is_signed_in(visitor), act
        assert "not linked" in (await scene.sign_in(scene.stranger(), "account-44")).words


async def test_an_account_opens_nothing_once_its_certificate_is_revoked_and_is_free_for_another(
    scene: Scene,
) -> None:
    resident = scene.town.residents["xaa"]
    doomed = resident.authority.issue(Role.OFFICER, officer="45", desks=["poc"])
    await scene.link(await entering(scene, doomed), "account-45")
    visitor = scene.stranger()
    await scene.sign_in(visitor, "account-45")
    async with scene.town.client("xaa") as officer:
        crl = resident.authority.crl([doomed.certificate], number=int(time.time()))
        await officer.import_papers(Announcement(member="xaa", crl=crl))
    late = scene.stranger()
    answer = await scene.sign_in(late, "account-45")
    assert (answer.status, SESSION_COOKIE in late.cookies) == (400, False), answer.words
    assert (await scene.link(await newcomer(scene, "46"), "account-45")).status == 303
    successor = scene.stranger()
    await scene.sign_in(successor, "account-45")
    assert "Officer 46" in (await successor.get("/")).words


async def test_what_is_kept_are_links_and_no_secrets(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "47"), "account-47")
    kept = scene.provider.folder.parent / "console" / FILE_NAME
    assert kept.stat().st_mode & 0o077 == 0
    assert "account-47" in kept.read_text()
    assert ACCESS_TOKEN not in kept.read_text()


# ── who does not ─────────────────────────────────────────────────────────────────────

CROOKED: dict[str, dict[str, Any]] = {
    "nonce": {"claims": {"nonce": "of-another-sign-in"}},
    "issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "audience": {"claims": {"aud": ["another-client"]}},
    "one audience more": {"claims": {"aud": ["tracepost-console", "another-client"]}},
    "authorized party": {"claims": {"azp": "another-client"}},
    "expired": {"claims": {"exp": 1}},
    "no end": {"claims": {"exp": None}},
    "an end that is no number": {"claims": {"exp": "never"}},
    "an end that is true": {"claims": {"exp": True}},
    "an end beyond all numbers": {"claims": {"exp": 10**400}},
    "made long ago": {"claims": {"iat": 1}},
    "signed in long ago": {"claims": {"auth_time": 1}},
    "not told when he signed in": {"claims": {"auth_time": None}},
    "nobody": {"claims": {"sub": ""}},
    "a subject that is no text": {"claims": {"sub": ["account-50"]}},
    "half a sign": {"claims": {"sub": "\ud800", "nonce": "\ud800"}},
    "no signature": {"signs": "nothing"},
    "public key as secret": {"signs": "public-key-as-secret"},
    "a key of nobody under the name of theirs": {"signs": "another-key"},
    "a key of its own": {"signs": "a-key-in-the-head"},
    "another state": {"leads_back_with": {"state": "of-another-browser"}},
    "no state": {"leads_back_with": {"state": None}},
    "mixed up": {"leads_back_with": {"iss": "https://elsewhere.example"}},
    "no issuer where one was promised": {"leads_back_with": {"iss": None}},
    "an invented code": {"leads_back_with": {"code": "invented"}},
    "an error": {"leads_back_with": {"code": None, "error": "access_denied"}},
    "a huge answer": {"answers": {"token": "huge"}},
    "a huge list of keys": {"answers": {"keys": "huge"}},
    "an answer that is too deep": {"answers": {"keys": "deep"}},
    "sent elsewhere with the secret": {"answers": {"token": "elsewhere"}},
}


@pytest.mark.parametrize("way", CROOKED)
async def test_an_answer_that_proves_nothing_lets_nobody_in(scene: Scene, way: str) -> None:
    number = str(100 + list(CROOKED).index(way))
    await scene.link(await newcomer(scene, number), f"account-{number}")
    scene.provider.behave(**CROOKED[way])
    visitor = scene.stranger()
    with capture_logs() as logs:
        answer = await scene.sign_in(visitor, f"account-{number}")
    assert (answer.status, SESSION_COOKIE in visitor.cookies) == (400, False), answer.words
    assert events_of(logs) == ["account-refused"]
    for secret in (SECRET, ACCESS_TOKEN, f"account-{number}"):
        assert secret not in answer.text + str(logs)
    scene.provider.behave()
    await scene.sign_in(visitor, f"account-{number}")
    assert await is_signed_in(visitor), "the next one holds"


async def test_a_way_back_is_good_once_and_in_the_browser_that_was_sent(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "51"), "account-51")
    visitor, thief = scene.stranger(), scene.stranger()
    back = path_of(await scene.way_back(visitor, "account-51"))
    for query in (back, BACK, f"{BACK}?code=x&state=y"):
        answer = await thief.get(query)
        assert (answer.status, SESSION_COOKIE in thief.cookies) == (400, False)
    cookies = dict(visitor.cookies)
    await visitor.get(back)
    assert await is_signed_in(visitor)
    again = Visitor(scene.console.app, scene.console.origin, cookies=cookies)
    assert (await again.get(back)).status == 400
    assert SESSION_COOKIE not in again.cookies


async def test_the_way_back_of_another_does_not_sign_a_victim_in(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "52"), "account-52")
    victim, attacker = scene.stranger(), scene.stranger()
    await scene.way_back(victim, "account-of-nobody")
    answer = await victim.get(path_of(await scene.way_back(attacker, "account-52")))
    assert (answer.status, SESSION_COOKIE in victim.cookies) == (400, False)


async def test_nobody_works_in_a_session_that_another_has_chosen(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "53"), "account-53")
    visitor = scene.stranger()
    visitor.cookies[SESSION_COOKIE] = "chosen-by-another"
    await scene.sign_in(visitor, "account-53")
    assert visitor.cookies[SESSION_COOKIE] != "chosen-by-another"
    assert await is_signed_in(visitor)


async def test_the_way_back_leads_to_the_inbox_and_to_no_other_host(scene: Scene) -> None:
    await scene.link(await newcomer(scene, "54"), "account-54")
    visitor = scene.stranger()
    back = path_of(await scene.way_back(visitor, "account-54"))
    elsewhere = quote("https://elsewhere.example", safe="")
    answer = await visitor.get(f"{back}&back={elsewhere}&redirect_uri={elsewhere}&next={elsewhere}")
    assert led_to(answer) == "/"
    assert "elsewhere" not in answer.text


async def test_an_account_is_linked_by_who_was_shown_it_in_his_own_session(scene: Scene) -> None:
    officer, colleague = await newcomer(scene, "55"), await newcomer(scene, "56")
    page = await scene.to_confirm(officer, "account-55")
    shown = re.search(r'name="account" value="([0-9a-f]+)"', page.text)
    assert shown is not None
    assert "account-55" not in (await colleague.get("/account")).text
    assert (await colleague.post("/account/link", {"account": shown.group(1)})).status == 400
    assert (await officer.post("/account/link", {"account": "00" * 32})).status == 400
    assert (await officer.post("/account/link", {"account": shown.group(1)})).status == 400, "it was taken"
    assert await is_signed_in(officer), "and he works on"


async def test_who_links_an_account_proves_himself_at_the_provider_anew(scene: Scene) -> None:
    officer = await newcomer(scene, "57")
    await officer.get("/account")
    sent = led_to(await officer.post("/account/begin", {}))
    assert parse_qs(urlsplit(sent).query)["prompt"] == ["login"]
    scene.provider.behave(claims={"auth_time": int(time.time()) - 3600})
    answer = await officer.get(path_of(await scene.provider.vouch(sent, "account-57")))
    assert answer.status == 400
    assert "account-57" not in (await officer.get("/account")).text


async def test_the_provider_is_asked_for_a_code_with_a_challenge_and_for_no_name(scene: Scene) -> None:
    visitor = scene.stranger()
    await visitor.get("/sign-in")
    asked = parse_qs(urlsplit(led_to(await visitor.post("/sign-in/provider", {}))).query)
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (
        ["code"],
        ["openid"],
        ["S256"],
    )
    assert asked["redirect_uri"] == [f"{scene.console.origin}{BACK}"]
    assert asked["max_age"] == ["900"]
    assert {len(asked[name][0]) for name in ("state", "nonce", "code_challenge")} == {43}


UNFIT: dict[str, dict[str, Any]] = {
    "another issuer": {"itself": {"issuer": "https://elsewhere.example"}},
    "no code flow": {"itself": {"response_types_supported": ["id_token"]}},
    "no challenge": {"itself": {"code_challenge_methods_supported": ["plain"]}},
    "secrets sign": {"itself": {"id_token_signing_alg_values_supported": ["HS256", "none"]}},
    "a page without TLS": {"itself": {"authorization_endpoint": "http://elsewhere.example/"}},
    "a script as its page": {"itself": {"authorization_endpoint": "javascript:alert(1)"}},
    "a port beyond all ports": {"itself": {"token_endpoint": "https://elsewhere.example:99999/"}},
    "half an address": {"itself": {"token_endpoint": "https://[::1"}},
    "keys without TLS": {"itself": {"jwks_uri": "http://elsewhere.example/"}},
    "huge": {"answers": {"itself": "huge"}},
    "broken": {"answers": {"itself": "broken"}},
    "elsewhere": {"answers": {"itself": "elsewhere"}},
}


@pytest.mark.parametrize("way", UNFIT)
async def test_a_provider_that_does_not_fit_says_so_on_the_page_and_in_the_log(
    scene: Scene, way: str
) -> None:
    scene.provider.behave(**UNFIT[way])
    visitor = scene.stranger()
    await visitor.get("/sign-in")
    with capture_logs() as logs:
        answer = await visitor.post("/sign-in/provider", {})
    assert answer.status == 503
    assert "cannot be used just now" in answer.words
    assert events_of(logs) == ["provider-unusable"]
    assert (await scene.officer("7")).cookies[SESSION_COOKIE], "with a certificate one comes in as ever"


async def test_a_provider_that_never_answers_costs_nobody_else_anything(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_module, "_CALL_S", 1.0)
    scene.provider.behave(answers={"itself": "never"})
    visitor = scene.stranger()
    await visitor.get("/sign-in")
    waiting = asyncio.create_task(visitor.post("/sign-in/provider", {}))
    officer = await newcomer(scene, "58")
    assert await is_signed_in(officer)
    assert (await waiting).status == 503


async def test_few_ask_the_provider_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_module, "_CALLS", 0)
    visitor = scene.stranger()
    await visitor.get("/sign-in")
    assert (await visitor.post("/sign-in/provider", {})).status == 429


async def test_a_provider_that_is_away_says_so_and_the_door_is_open(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("away")
    away = scene.provider.settings.replace(scene.provider.issuer, f"https://127.0.0.1:{find_port()}")
    async with visiting(scene.town, "xaa", folder / "console", session=RULES + away) as console:
        visitor = Visitor(console.app, console.origin)
        await visitor.get("/sign-in")
        answer = await visitor.post("/sign-in/provider", {})
        assert answer.status == 503
        assert "cannot be used just now" in answer.words
        assert (await console.sign_in("7")).cookies[SESSION_COOKIE]


async def test_without_its_section_nothing_of_it_exists(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("plain")
    async with visiting(scene.town, "xaa", folder / "console", session=RULES) as console:
        officer = await console.sign_in("7")
        assert "/account" not in (await officer.get("/")).text
        for address in ("/account", BACK):
            assert (await officer.get(address)).status == 404, address
        for address in ("/account/begin", "/account/link", "/account/unlink", "/sign-in/provider"):
            assert (await officer.post(address, {})).status == 404, address
        assert "provider" not in (await Visitor(console.app, console.origin).get("/sign-in")).text


async def test_the_door_names_the_account_as_officers_know_it(scene: Scene) -> None:
    assert f"Sign in with {NAME}" in (await scene.stranger().get("/sign-in")).words

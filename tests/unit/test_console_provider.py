"""What a console can use of a provider's settings and files, and what it keeps while an officer is there."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from fakes.console import web_papers
from fakes.town import until
from tracepost.console.accounts import Account, Accounts, LinkedAccount
from tracepost.console.kept_once import KeptOnce
from tracepost.console.provider import Provider
from tracepost.console.settings import OidcSettings, read_settings
from tracepost.protocol.errors import ConfigurationError, IdentityError, StoreError, UnreachableError
from tracepost.protocol.settings import Section

ORIGIN = "https://console.xaa.example"
PLAIN = {
    "member": "xaa",
    "domain": "tracepost.example",
    "node": "127.0.0.1:7443",
    "origin": ORIGIN,
    "listen": "127.0.0.1:8443",
}
OIDC = {"issuer": "https://id.xaa.example/", "client_id": "tracepost", "name": "Ministry account"}


def parsed(folder: Path, **said: Any) -> OidcSettings:
    settings = read_settings(Section({**PLAIN, "oidc": {**OIDC, **said}}), folder).oidc
    assert settings is not None
    return settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "oidc.secret").write_text("secret\n")
    (tmp_path / "oidc.secret").chmod(0o600)
    (tmp_path / "ca.pem").write_bytes(web_papers("localhost").chain_pem)
    return tmp_path


def test_without_its_section_there_is_no_provider(tmp_path: Path) -> None:
    assert read_settings(Section(PLAIN), tmp_path).oidc is None


def test_settings_that_can_work_are_taken_as_they_are_written(folder: Path) -> None:
    settings = parsed(folder, ca="ca.pem", acr_values=["card", "phrh"], max_age_minutes=5)
    assert settings.issuer == "https://id.xaa.example/"
    assert (settings.acr_values, settings.max_age_seconds) == (("card", "phrh"), 300)
    Provider(settings, ORIGIN, lambda: 0.0)


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "http://id.xaa.example"},
        {"issuer": "https://id.xaa.example?tenant=1"},
        {"issuer": "id.xaa.example"},
        {"issuer": "https://[::1"},
        {"issuer": "https://id.xaa.example:99999"},
        {"issuer": "https://somebody@id.xaa.example"},
        {"client_id": ""},
        {"name": ""},
        {"acr_value": ["card"]},
        {"acr_values": "card"},
        {"acr_values": ["two words"]},
        {"max_age_minutes": 0},
        {"ca": 1},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused_and_named(folder: Path, said: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        parsed(folder, **said)
    assert next(iter(said)) in refusal.value.where


@pytest.mark.parametrize("fault", ["missing", "readable", "empty", "two lines", "no certificates", "no file"])
def test_files_that_cannot_work_are_refused_with_what_to_do_and_without_the_secret(
    folder: Path, fault: str
) -> None:
    secret, ca = folder / "oidc.secret", folder / "ca.pem"
    match fault:
        case "missing":
            secret.unlink()
        case "readable":
            secret.chmod(0o644)
        case "empty":
            secret.write_text("\n")
        case "two lines":
            secret.write_text("secret\nsecret\n")
        case "no certificates":
            ca.write_text("secret")
        case "no file":
            ca.unlink()
    with pytest.raises(ConfigurationError) as refusal:
        Provider(parsed(folder, ca="ca.pem"), ORIGIN, lambda: 0.0)
    assert refusal.value.what_to_do
    assert "secret\n" not in str(refusal.value)


@pytest.mark.asyncio
async def test_a_provider_at_a_name_that_no_host_can_have_is_away(folder: Path) -> None:
    provider = Provider(parsed(folder, issuer="https://xn--a.example"), ORIGIN, lambda: 0.0)
    with pytest.raises(UnreachableError):
        await provider.begin("cookie", links_for=None)


@pytest.mark.asyncio
async def test_a_provider_whose_name_nobody_answers_holds_no_thread_of_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, answered, ask = list[str](), threading.Event(), socket.getaddrinfo

    def look_up(host: str, *rest: Any, **more: Any) -> Any:
        if host == "id.xaa.example":
            begun.append(host)
            answered.wait()
            raise socket.gaierror(socket.EAI_AGAIN, "the name is not answered")
        return ask(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    provider = Provider(parsed(folder), ORIGIN, lambda: 0.0)
    asking = [asyncio.create_task(provider.begin(str(one), links_for=None)) for one in range(20)]
    try:
        await until(lambda: begun, "the name to be asked for")
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(lambda: "a draft") == "a draft"
    finally:
        answered.set()
    for one in asking:
        with pytest.raises(UnreachableError):
            await one


def test_what_is_kept_is_for_its_holder_for_a_while_and_once() -> None:
    now = [1000.0]
    kept: KeptOnce[str] = KeptOnce(600, lambda: now[0])
    kept.keep(b"mine", "first")
    kept.keep(b"mine", "second")
    kept.keep(b"late", "third")
    assert kept.take(b"another") is None
    assert kept.look(b"mine") == "second"
    assert (kept.take(b"mine"), kept.take(b"mine")) == ("second", None)
    now[0] += 600
    assert (kept.look(b"late"), kept.take(b"late")) == (None, None)


def linked(subject: str, officer: str) -> LinkedAccount:
    return LinkedAccount(
        Account("https://id.xaa.example", subject), officer, (b"certificate",), 1_800_000_000
    )


def test_an_officer_has_one_account_and_an_account_one_officer(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path, lambda: 0.0)
    assert accounts.link(linked("first", "7")) is None
    assert accounts.link(linked("second", "7")) == linked("first", "7"), "whose sessions are to end"
    assert accounts.link(linked("third", "8")) is None
    with pytest.raises(IdentityError):
        accounts.link(linked("second", "8"))
    for known in (accounts, Accounts(tmp_path, lambda: 0.0)):
        assert (known.of("7"), known.of("8")) == (linked("second", "7"), linked("third", "8"))
        assert known.find(Account("https://id.xaa.example", "first")) is None
        assert known.find(Account("https://elsewhere.example", "second")) is None
    accounts.unlink(linked("second", "8"))
    assert accounts.of("7") is not None
    accounts.unlink(linked("second", "7"))
    assert Accounts(tmp_path, lambda: 0.0).of("7") is None


def test_a_file_of_accounts_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"half": ')
    with pytest.raises(ConfigurationError):
        Accounts(tmp_path, lambda: 0.0)


def test_what_the_disk_does_not_take_is_not_changed_here_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    accounts = Accounts(tmp_path, lambda: 0.0)
    accounts.link(linked("first", "7"))
    monkeypatch.setattr(os, "fsync", sync)
    with pytest.raises(StoreError) as refusal:
        accounts.link(linked("second", "7"))
    assert refusal.value.what_to_do
    with pytest.raises(StoreError):
        accounts.unlink(linked("first", "7"))
    for known in (accounts, Accounts(tmp_path, lambda: 0.0)):
        assert known.of("7") == linked("first", "7")


def test_a_file_that_a_stopped_console_began_is_written_anew_for_its_owners_eyes_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "accounts.new").write_text("half")
    (tmp_path / "accounts.new").chmod(0o644)
    Accounts(tmp_path, lambda: 0.0).link(linked("first", "7"))
    assert (tmp_path / "accounts.json").stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir()] == ["accounts.json"]

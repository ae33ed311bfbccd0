"""The console's parts without a browser: sessions end, limits hold, forms' tokens are ours, settings are read."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from starlette.formparsers import MultiPartParser

from fakes.pki import DOMAIN, make_root
from fakes.ports import find_port
from tracepost.console import accounts, passkeys, tls
from tracepost.console.app import JUDGED_S, require_known
from tracepost.console.forms.uploads import UPLOAD_BYTES
from tracepost.console.installation import init_console, install_papers
from tracepost.console.limits import Limits
from tracepost.console.pages import home
from tracepost.console.pages.door import is_own_path
from tracepost.console.passkeys import Passkey, Passkeys
from tracepost.console.serving import open_house, read_console_papers, serve_console
from tracepost.console.sessions import FormTokens, Sessions
from tracepost.console.settings import CONFIG_NAME, SessionRules, load_settings, read_settings
from tracepost.console.visit import Visit
from tracepost.locale import choose
from tracepost.locale.words import words_of
from tracepost.protocol.certificate import read_identity
from tracepost.protocol.errors import (
    ConfigurationError,
    IdentityError,
    LimitError,
    StoreError,
    TracepostError,
    UnreachableError,
)
from tracepost.protocol.identity import Role
from tracepost.protocol.ids import DeskId
from tracepost.protocol.settings import Section
from tracepost.sdk import OfficerPapers
from tracepost.sdk.carrying import ConsoleConnection
from tracepost.wire.v1 import desk_pb2

RULES = SessionRules(idle_seconds=900, longest_seconds=8 * 3600)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "console.md"
SHOWN = b"\x01" * 32


@dataclasses.dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def begin(sessions: Sessions, *, bound_to: bytes | None = SHOWN, began_with: bytes | None = None) -> str:
    issued = make_root("xaa").issue(Role.OFFICER, officer="7", desks=["poc"])
    officer = read_identity(issued.certificate, DOMAIN)
    client: Any = None
    judged = desk_pb2.NodeStatus()
    return sessions.begin(
        officer, DeskId("poc"), (issued.der,), client, bound_to, status=judged, began_with=began_with
    )


def test_a_session_ends_when_nothing_is_asked_for_a_while() -> None:
    clock = Clock()
    sessions = Sessions(RULES, clock)
    token = begin(sessions)
    clock.now += 899
    assert sessions.find(token, SHOWN) is not None
    clock.now += 899
    assert sessions.find(token, SHOWN) is not None, "each page counts anew"
    clock.now += 900
    assert sessions.find(token, SHOWN) is None
    clock.now -= 900
    assert sessions.find(token, SHOWN) is None, "and it does not come back"


def test_a_session_ends_with_the_day_however_busy() -> None:
    clock = Clock()
    sessions = Sessions(RULES, clock)
    token = begin(sessions)
    for _ in range(8 * 6 - 1):
        clock.now += 600
        assert sessions.find(token, SHOWN) is not None
    clock.now += 600
    assert sessions.find(token, SHOWN) is None


def test_a_session_is_bound_to_the_certificate_that_began_it() -> None:
    sessions = Sessions(RULES, Clock())
    bound, free = begin(sessions), begin(sessions, bound_to=None)
    assert bound != free
    assert sessions.find(bound, None) is None
    assert sessions.find(bound, b"\x02" * 32) is None
    assert sessions.find(bound, SHOWN) is not None
    assert sessions.find(free, None) is not None


def test_who_is_signed_out_is_out_everywhere() -> None:
    sessions = Sessions(RULES, Clock())
    first, second = begin(sessions), begin(sessions)
    sessions.end_of("7")
    assert (sessions.find(first, SHOWN), sessions.find(second, SHOWN)) == (None, None)


def test_who_came_in_with_a_passkey_that_is_removed_is_out_and_nobody_else() -> None:
    sessions = Sessions(RULES, Clock())
    by_certificate, stolen = begin(sessions), begin(sessions, bound_to=None, began_with=b"stolen")
    other = begin(sessions, bound_to=None, began_with=b"other")
    sessions.end_with(b"stolen")
    assert sessions.find(stolen, None) is None
    assert sessions.find(by_certificate, SHOWN) is not None
    assert sessions.find(other, None) is not None


def passkey(credential: bytes, officer: str, public_key: bytes = b"key") -> Passkey:
    return Passkey(credential, public_key, 0, officer, (b"certificate",), 1_800_000_000)


def test_a_passkey_takes_the_place_of_nobody_elses(tmp_path: Path) -> None:
    kept = Passkeys(tmp_path)
    kept.add(passkey(b"one", "7"))
    for officer in ("8", "7"):
        with pytest.raises(IdentityError):
            kept.add(passkey(b"one", officer, b"another key"))
    for known in (kept, Passkeys(tmp_path)):
        found = known.find(b"one")
        assert found is not None
        assert (found.officer, found.public_key) == ("7", b"key")


def test_a_passkey_that_was_removed_does_not_come_back_when_it_is_used(tmp_path: Path) -> None:
    kept = Passkeys(tmp_path)
    used = passkey(b"one", "7")
    kept.add(used)
    assert kept.remove("8", used.label) == []
    assert kept.remove("7", used.label) == [b"one"]
    with pytest.raises(IdentityError):
        kept.note_use(dataclasses.replace(used, count=1))
    assert kept.find(b"one") is None
    assert Passkeys(tmp_path).find(b"one") is None


def test_a_passkey_that_the_disk_does_not_let_go_lets_in_as_before_and_one_that_it_does_not_take_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    kept, one, other = Passkeys(tmp_path), passkey(b"one", "7"), passkey(b"other", "7")
    kept.add(one)
    monkeypatch.setattr(os, "fsync", sync)
    for act in (lambda: kept.remove("7", one.label), lambda: kept.add(other)):
        with pytest.raises(StoreError):
            act()
    for known in (kept, Passkeys(tmp_path)):
        assert (known.find(b"one"), known.find(b"other")) == (one, None)


def test_a_large_upload_is_not_written_to_the_disk() -> None:
    assert MultiPartParser.spool_max_size > UPLOAD_BYTES


def test_a_secret_is_not_in_what_is_logged_of_a_session() -> None:
    sessions = Sessions(RULES, Clock())
    session = sessions.find(begin(sessions), SHOWN)
    assert session is not None
    assert session.secret.hex() not in repr(session)
    assert repr(session.secret) not in repr(session)


def test_too_many_in_a_minute_wait_and_others_do_not() -> None:
    clock = Clock()
    limits = Limits(clock)
    for _ in range(10):
        limits.admit(("sign-in", "10.0.0.1"), 10)
    with pytest.raises(LimitError):
        limits.admit(("sign-in", "10.0.0.1"), 10)
    limits.admit(("sign-in", "10.0.0.2"), 10)
    clock.now += 30
    for _ in range(4):
        limits.admit(("sign-in", "10.0.0.1"), 10)
    clock.now += 3600
    for _ in range(10):
        limits.admit(("sign-in", "10.0.0.1"), 10)
    with pytest.raises(LimitError):
        limits.admit(("sign-in", "10.0.0.1"), 10)


def test_a_token_of_a_form_holds_for_its_holder_alone_and_never_looks_the_same() -> None:
    tokens = FormTokens()
    one, again = tokens.make(b"secret"), tokens.make(b"secret")
    assert one != again
    assert tokens.shown_for(one, b"secret") == ""
    assert tokens.shown_for(again, b"secret") == ""
    assert tokens.shown_for(one, b"another") is None
    assert FormTokens().shown_for(one, b"secret") is None, "nor after the console started anew"
    for bad in ("", "00", "zz" * 64, one[:-2], one + "00", "00" * 64):
        assert tokens.shown_for(bad, b"secret") is None, bad


def test_a_token_of_a_form_says_the_desk_that_its_page_was_shown_for_and_no_other() -> None:
    tokens = FormTokens()
    police, poc = (tokens.make(b"secret", desk) for desk in ("police", "poc"))
    assert tokens.shown_for(police, b"secret") == "police"
    assert tokens.shown_for(poc, b"secret") == "poc"
    proof = 2 * 2 * 32
    for forged in (police[:proof] + poc[proof:], police[:proof], police[:-2], police + "00"):
        assert tokens.shown_for(forged, b"secret") is None, forged


@pytest.mark.parametrize("path", ["/", "/cases/0190a7a0-0000-7000-8000-000000000000"])
def test_a_path_of_ours_is_gone_back_to(path: str) -> None:
    assert is_own_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "/a\r\nb", "javascript:1"],
)
def test_no_other_address_is(path: str) -> None:
    assert not is_own_path(path)


GOOD = {
    "member": "xaa",
    "domain": DOMAIN,
    "node": "127.0.0.1:7443",
    "origin": "https://console.xaa.example:8443",
    "listen": "0.0.0.0:8443",
}


def test_settings_have_the_defaults_that_are_told() -> None:
    settings = read_settings(Section(GOOD), Path("/somewhere"))
    assert settings.session == SessionRules()
    assert (settings.host, settings.listen) == ("console.xaa.example", ("0.0.0.0", 8443))
    assert settings.web_certificate == settings.certificate == Path("/somewhere/console.pem")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"origin": "http://console.example"}, "origin"),
        ({"origin": "https://console.example/path"}, "origin"),
        ({"origin": "https://[console.example"}, "origin"),
        ({"origin": "https://console.example:99999"}, "origin"),
        ({"origin": "https://somebody@console.example"}, "origin"),
        ({"listen": "8443"}, "listen"),
        ({"listen": "host:99999"}, "listen"),
        ({"node": ""}, "node"),
        ({"session": {"idle_minutes": 0}}, "session.idle_minutes"),
        ({"session": {"idle_minutes": "15"}}, "session.idle_minutes"),
        ({"papers": "x"}, "papers"),
        ({"web": {"certificate": 1}}, "web.certificate"),
        ({"colour": "red"}, "colour"),
        ({"papers": {"rot": "root.pem"}}, "papers.rot"),
        ({"session": {"idle_seconds": 60}}, "session.idle_seconds"),
        ({"member": "nobody knows"}, "member"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(change: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_settings(Section({**GOOD, **change}), Path())
    assert caught.value.where == where


def test_a_console_is_made_and_takes_its_papers_and_no_others(tmp_path: Path) -> None:
    authority, folder = make_root("xaa"), tmp_path / "console"
    request = x509.load_der_x509_csr(init_console(folder, **{k: str(v) for k, v in GOOD.items()}))
    assert request.is_signature_valid
    assert (folder / "console.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError):
        init_console(folder, **{k: str(v) for k, v in GOOD.items()})
    key = load_key(folder / "console.key")
    for wrong in (
        authority.issue(Role.NODE, key=key),
        make_root("xab").issue(Role.CONSOLE, key=key),
        authority.issue(Role.CONSOLE),
    ):
        with pytest.raises(TracepostError):
            install_papers(folder, wrong.chain_pem, authority.pem)
    install_papers(folder, authority.issue(Role.CONSOLE, key=key).chain_pem, authority.pem)
    assert read_console_papers(load_settings(folder / CONFIG_NAME)).root == authority.pem


@pytest.mark.asyncio
async def test_two_consoles_do_not_share_a_folder(tmp_path: Path) -> None:
    authority, folder = make_root("xaa"), tmp_path / "console"
    init_console(folder, **{k: str(v) for k, v in GOOD.items()})
    own = authority.issue(Role.CONSOLE, key=load_key(folder / "console.key"))
    install_papers(folder, own.chain_pem, authority.pem)
    settings = load_settings(folder / CONFIG_NAME)
    papers = read_console_papers(settings)
    async with open_house(settings, papers):
        with pytest.raises(ConfigurationError) as refusal:
            async with open_house(settings, papers):
                pytest.fail("both are open")
        assert refusal.value.reason == "folder-in-use"
    async with open_house(settings, papers):
        pass  # the first one is gone


@pytest.mark.asyncio
async def test_all_that_a_console_keeps_is_named_where_its_backup_is_told(tmp_path: Path) -> None:
    authority, folder = make_root("xaa"), tmp_path / "console"
    init_console(folder, **{k: str(v) for k, v in GOOD.items()})
    own = authority.issue(Role.CONSOLE, key=load_key(folder / "console.key"))
    install_papers(folder, own.chain_pem, authority.pem)
    settings = load_settings(folder / CONFIG_NAME)
    async with open_house(settings, read_console_papers(settings)):
        pass
    kept = {path.name for path in folder.iterdir() if path.is_file()} | {
        passkeys.FILE_NAME,
        accounts.FILE_NAME,
    }
    table = PAGE.read_text("utf-8").partition("## Backup")[2].partition("\n## ")[0]
    assert {name for name in kept if f"`{name}`" not in table} == set()
    assert "drafts.sqlite" in kept


@pytest.mark.asyncio
async def test_the_node_is_asked_for_pages_too_that_need_nothing_of_it() -> None:
    clock, authority = Clock(), make_root("xaa")
    page = home.ROOM.pages[0]
    sessions, own = Sessions(RULES, clock), authority.issue(Role.CONSOLE)
    papers = OfficerPapers(own.chain_pem, own.key_pem, authority.pem)
    session = sessions.find(begin(sessions), SHOWN)
    assert session is not None
    async with ConsoleConnection(f"127.0.0.1:{find_port()}", "xaa", DOMAIN, papers) as nobody:
        session = dataclasses.replace(session, client=nobody.client_for(session.certificates, "poc"))
        house: Any = SimpleNamespace(clock=clock)
        request: Any = None
        visit = Visit(request, house, words_of(choose([])), "", session=session)
        clock.now += JUDGED_S - 1
        await require_known(visit, page)
        clock.now += 1
        for _ in range(2):
            with pytest.raises(UnreachableError):
                await require_known(visit, page)


@pytest.mark.asyncio
async def test_a_connection_that_brings_no_request_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "HEAD_S", 0.2)
    authority, folder = make_root("xaa"), tmp_path / "console"
    init_console(folder, **{**GOOD, "listen": "127.0.0.1:0"})
    own = authority.issue(Role.CONSOLE, key=load_key(folder / "console.key"))
    install_papers(folder, own.chain_pem, authority.pem)
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_console(folder / CONFIG_NAME, stop=stop, ready=port.set_result))
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        await asyncio.wait((port, serving), return_when=asyncio.FIRST_COMPLETED)
        assert port.done(), serving.exception()
        for begun in (b"", b"GET / HTTP/1.1\r\nhost: "):
            reader, writer = await asyncio.open_connection("127.0.0.1", port.result(), ssl=anybody)
            writer.write(begun)
            async with asyncio.timeout(60):
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""
            writer.transport.abort()
    finally:
        stop.set()
        await serving


def load_key(path: Path) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(path.read_bytes(), None)

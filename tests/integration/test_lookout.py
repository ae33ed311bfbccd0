"""A relay tells a member's technical contact that its node is not seen, or its mail waits, and when that is over."""

from __future__ import annotations

import asyncio
import base64
import json
import select
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fakes.letterbox import Letterbox, elsewhere, guarded_letterbox, letterbox, web_letterbox
from fakes.messages import request
from fakes.ports import find_port
from fakes.settings_files import read_whole
from fakes.town import POC, Town, found_town, until
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.settings import Section
from tracepost.relay.bootstrap import RunningRelay, open_relay
from tracepost.relay.contacts import technical_mailbox
from tracepost.relay.settings import load_settings
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.serving.notices import NO_NOTICES, Notice, NoticeSettings, Notifier, is_mailbox, read_notices
from tracepost.wire.v1 import terms_pb2

HOUR = 3600
CONTACT = "duty-room@xab.example"
NOTICE = Notice("relay hub", "unseen", "Tracepost: the node of xab is not seen", "Since noon.\n", "xab", 12)


def by_web(address: str) -> NoticeSettings:
    """Return the settings of a daemon that tells a web address."""
    return read_notices(Section({"webhook": address}, "notices"))


class Clock:
    """The relay's; everybody else goes by the machine's."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two states that have met; xab names an office that looks after its node."""
    town = found_town(tmp_path_factory.mktemp("founded") / "town", {"xaa": (POC,), "xab": (POC,)}, "hub")
    with (town.place("xab") / "node.toml").open("a") as settings:
        settings.write(
            f'\n[[contact]]\nfunction = "technical"\norganisation = "Computing centre"\nmailbox = "{CONTACT}"\n'
        )
    asyncio.run(town.introduce("xaa", "xab"))
    return town


@pytest.fixture
def box() -> Iterator[Letterbox]:
    """Keeps what is said of members; what the relay says of its own papers is put aside."""
    with letterbox() as box:
        box.aside = "what ends"
        yield box


@pytest.fixture
def town(founded: Town, tmp_path: Path, box: Letterbox) -> Town:
    town = founded.copy(tmp_path / "town")
    with (town.place("hub") / "relay.toml").open("a") as settings:
        settings.write(
            f'\n[notices]\nsmtp = "127.0.0.1:{box.port}"\nsender = "tracepost@hub.example"\ntls = "none"\n'
            'to = ["operator@hub.example"]\n'
        )
    return town


@asynccontextmanager
async def relay_of(town: Town, clock: Clock) -> AsyncIterator[RunningRelay]:
    relay = await open_relay(load_settings(town.place("hub") / "relay.toml"), clock=clock)
    try:
        yield relay
    finally:
        await relay.close()


async def ask(town: Town) -> None:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client("xaa") as client:
        await client.submit(build_draft(request("SECRET-FILE-7"), cover))


def is_connected(relay: RunningRelay, member: str) -> bool:
    return any(line.member == member for line in relay.parts.switchboard.all())


def is_dialled(server: socket.socket) -> bool:
    """Say whether somebody waits for what a server says that never says anything."""
    return bool(select.select([server], [], [], 0)[0])


def about_xab(box: Letterbox) -> list[str]:
    return [subject for subject in box.subjects if "xab" in subject]


async def test_a_node_that_is_not_seen_and_mail_that_waits_are_told_once_and_so_is_their_end(
    town: Town, box: Letterbox
) -> None:
    clock = Clock()
    async with relay_of(town, clock) as relay:
        look = relay.house.lookout.look
        async with town.running("xaa"):
            async with town.running("xab"):
                await until(lambda: is_connected(relay, "xab") and is_connected(relay, "xaa"), "both")
                await look()
            await until(lambda: not is_connected(relay, "xab"), "xab to go")
            await town.unlock("xaa")
            await ask(town)
            await until(lambda: town.ask("hub", "SELECT 1 FROM mail WHERE state = 0"), "the mail")
            clock.ahead = 4 * HOUR - 900  # what was done since took some of it too
            await look()
            assert box.mails == []
            clock.ahead = 5 * HOUR
            await look()
            await look()
            assert box.subjects == ["Tracepost: the node of xab is not seen"]
            assert box.recipients == [[CONTACT, "operator@hub.example"]]
            clock.ahead = 25 * HOUR
            await look()
            assert box.subjects[1:] == ["Tracepost: mail for xab waits"]
        # What was told is written down: after a start it is not told again, and its end is.
    async with relay_of(town, clock) as relay:
        await relay.house.lookout.look()
        assert len(about_xab(box)) == 2
        clock.ahead += 24 * HOUR
        await relay.house.lookout.look()
        assert sorted(about_xab(box)[2:]) == sorted(about_xab(box)[:2]), "once a day while it lasts"
        clock.ahead = 0  # both nodes go by today's clock
        async with town.running("xab"):
            await until(lambda: not town.ask("hub", "SELECT 1 FROM mail WHERE state = 0"), "xab to fetch it")
            await relay.house.lookout.look()
        assert sorted(about_xab(box)[4:]) == [
            "Tracepost: mail for xab waits no more",
            "Tracepost: the node of xab is back",
        ]
    told = "".join(m.as_string() for m, to in zip(box.mails, box.recipients, strict=True) if CONTACT in to)
    assert "xaa" not in told, "nobody is told with whom a member exchanges mail"
    assert "SECRET" not in told


async def test_what_of_the_relays_own_papers_ends_is_told_to_its_operator_once(
    town: Town, box: Letterbox
) -> None:
    """The certificates of this town last thirty days."""
    clock = Clock()
    async with relay_of(town, clock) as relay:
        await relay.house.lookout.look()
    async with relay_of(town, clock) as relay:
        await relay.house.lookout.look()
        assert len(box.put_aside) == 1, "what was told is written down"
        clock.ahead = 25 * 24 * HOUR
        await relay.house.lookout.look()
    assert [str(mail["To"]) for mail in box.put_aside] == ["operator@hub.example"] * 2
    assert "certificate node" in box.put_aside[0].get_content()


async def test_a_mail_server_that_is_away_is_tried_again(town: Town, box: Letterbox) -> None:
    path = town.place("hub") / "relay.toml"
    nobody = find_port()
    path.write_text(path.read_text().replace(f":{box.port}", f":{nobody}"))
    clock = Clock()
    async with relay_of(town, clock) as relay, town.running("xab"):
        await until(lambda: is_connected(relay, "xab"), "xab")
        await relay.house.lookout.look()
    clock.ahead = 5 * HOUR
    async with relay_of(town, clock) as relay:
        assert box.mails == []
    path.write_text(path.read_text().replace(f":{nobody}", f":{box.port}"))
    async with relay_of(town, clock):
        await until(lambda: box.mails, "the mail")
    assert len(box.mails) == 1


async def test_a_relay_starts_and_keeps_house_while_a_mail_server_is_silent(
    town: Town, box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Housekeeping goes on: mail expires, certificates are renewed, the page is shown."""
    monkeypatch.setattr(
        "tracepost.serving.notices._WITHIN_S", 10_000.0
    )  # who waited for it would wait for ever
    path = town.place("hub") / "relay.toml"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        path.write_text(path.read_text().replace(f":{box.port}", f":{silent.getsockname()[1]}"))
        clock = Clock()
        async with relay_of(town, clock) as relay, town.running("xab"):
            await until(lambda: is_connected(relay, "xab"), "xab")
            await relay.house.keep_house()
        clock.ahead = 5 * HOUR
        async with asyncio.timeout(180), relay_of(town, clock) as relay:
            await until(lambda: is_dialled(silent), "the notice to be on its way")
            await relay.house.keep_house()
            shown = {metric.name for metric in relay.house.lookout._page.collect()}
            assert "tracepost_relay_member_seen_timestamp_seconds" in shown, "before anybody was told"


@pytest.mark.parametrize(
    "answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200\r\nContent-Length: much\r\n\r\n", b""]
)
async def test_whatever_a_web_address_answers_the_notice_did_not_go_and_nothing_else_happens(
    tmp_path: Path, answer: bytes
) -> None:
    server = await asyncio.start_server(partial(_answer_with, answer), "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        went = await Notifier(by_web(address), tmp_path).send(NOTICE, [])
    assert went == answer.startswith(b"HTTP")


async def _answer_with(answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"}")
    writer.write(answer)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_a_web_address_that_sends_us_elsewhere_has_not_taken_the_notice(tmp_path: Path) -> None:
    """Whoever follows comes without the words, to a place that somebody else chose."""
    asked: list[str] = []
    with elsewhere(asked) as address:
        assert not await Notifier(by_web(address), tmp_path).send(NOTICE, [])
    assert asked == ["POST /tracepost"]


async def test_what_went_by_one_road_goes_by_the_other_alone_and_a_server_that_is_away_is_left_alone(
    tmp_path: Path,
) -> None:
    box, now = Letterbox(), [0.0]
    with web_letterbox(box) as address, letterbox() as post:
        table = {"smtp": f"127.0.0.1:{post.port}", "sender": "a@hub.example", "tls": "none"}
        notifier = Notifier(
            read_notices(Section({**table, "webhook": address}, "notices")), tmp_path, lambda: now[0]
        )
        there = notifier._settings
        notifier._settings = replace(there, smtp=f"127.0.0.1:{find_port()}")
        assert not await notifier.send(NOTICE, [CONTACT])
        notifier._settings = there
        assert not await notifier.send(NOTICE, [CONTACT]), "it is left alone"
        now[0] = 301.0
        assert await notifier.send(NOTICE, [CONTACT])
        assert (len(box.posts), len(post.mails)) == (1, 1)


@pytest.mark.parametrize(
    "mailbox",
    [
        "a@b.example, c@d.example",
        "<@",
        "a@b.example (c",
        '"@b',
        "a:b@c;",
        "a@b.example\r\nBcc: c@d.example",
        "a@[b",
    ],
)
def test_what_is_not_one_plain_address_is_no_mailbox(mailbox: str) -> None:
    """A member writes it; a relay writes to it, to nobody else, and does not fail over it."""
    assert not is_mailbox(mailbox)
    entry = base64.urlsafe_b64encode(
        json.dumps(
            ["salt", "contact_points.0", {"function": "CONTACT_FUNCTION_TECHNICAL", "mailbox": mailbox}]
        ).encode()
    )
    assert technical_mailbox(f"a.b.c~{entry.decode().rstrip('=')}~") == ""


async def test_a_mail_server_with_a_certificate_and_a_login_is_believed_by_its_authority(
    tmp_path: Path,
) -> None:
    (tmp_path / "word").write_text("correct horse\n")
    with guarded_letterbox(tmp_path, "hub", "correct horse") as box:
        table: dict[str, Any] = {
            "smtp": f"127.0.0.1:{box.port}",
            "sender": "tracepost@hub.example",
            "login": "hub",
            "password_file": "word",
        }
        stranger = Notifier(read_notices(Section(table, "notices")), tmp_path)
        assert not await stranger.send(NOTICE, [CONTACT]), "its authority is not known"
        known = Notifier(read_notices(Section({**table, "ca_file": "ca.pem"}, "notices")), tmp_path)
        assert await known.send(NOTICE, [CONTACT])
        assert box.subjects == [NOTICE.subject]


async def test_a_web_address_gets_the_same_for_machines(tmp_path: Path) -> None:
    box = Letterbox()
    with web_letterbox(box) as address:
        assert await Notifier(by_web(address), tmp_path).send(NOTICE, [])
    assert box.posts == [
        {"daemon": "relay hub", "kind": "unseen", "member": "xab", "since": 12, "words": NOTICE.subject}
    ]
    assert not await Notifier(by_web(address), tmp_path).send(NOTICE, []), "it is gone"


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"smtp": "mail.example"}, "notices.smtp"),
        ({"smtp": "mail.example:25"}, "notices.sender"),
        ({"smtp": 25}, "notices.smtp"),
        ({"to": ["nobody"]}, "notices.to"),
        ({"to": "a@b.example"}, "notices.to"),
        ({"to": ["a@b.example\nBcc: c@d.example"]}, "notices.to"),
        ({"tls": "perhaps"}, "notices.tls"),
        ({"login": "hub"}, "notices.login"),
        (
            {
                "smtp": "mail.example:25",
                "sender": "a@b.example",
                "tls": "none",
                "login": "a",
                "password_file": "b",
            },
            "notices.tls",
        ),
        ({"smtp": "mail.example:99999", "sender": "a@b.example"}, "notices.smtp"),
        ({"webhook": "file:///etc/passwd"}, "notices.webhook"),
        ({"pager": "1"}, "notices.pager"),
    ],
)
def test_a_wrong_setting_is_named(section: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_whole(section, "notices", read_notices)
    assert refusal.value.where == where


def test_nothing_said_is_nobody_told() -> None:
    assert read_notices(Section({}, "notices")) == NO_NOTICES
    assert not NO_NOTICES.is_on


@pytest.mark.parametrize("entry", ["", "a.b.c", "a.b.c~!~W10~bnVsbA~", "a~" + "W" * 5000])
def test_an_entry_that_names_nobody_or_is_none_names_nobody(entry: str) -> None:
    assert technical_mailbox(entry) == ""

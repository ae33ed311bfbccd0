"""A log over HTTP: read, checked and proved by who has its key; its heads are cosigned by relay and peer."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from fakes import messages as m
from fakes.house import draft
from fakes.members import FakeLog
from fakes.ports import find_port
from fakes.terminal import CliRunner
from fakes.town import PASSPHRASE, POC, Town, found_town, list_again, until
from tracepost.cli.app import app
from tracepost.node.bootstrap.tls import show_witness_keys
from tracepost.node.config import load_config
from tracepost.protocol.evidence import (
    Contradiction,
    LogVerifier,
    PolicyActivated,
    Submission,
    WitnessKey,
    peek_head,
)
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustContent
from tracepost.relay import bootstrap
from tracepost.relay.installation import load_witness_keys
from tracepost.relay.settings import load_settings
from tracepost.sdk.tiles import TiledLog
from tracepost.serving import witnessed
from tracepost.wire.v1.post_pb2 import Announcement


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let heads be given often, also again where a witness did not answer in time."""
    monkeypatch.setattr(witnessed, "EVERY_S", 0.2)
    monkeypatch.setattr(witnessed, "AGAIN_S", 2.0)


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Nodes of this process do not log into what a command prints."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


def fetch(address: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """Ask over HTTP without any library of ours."""
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET" if body is None else "POST", path, body)
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


def served_town(folder: Path) -> tuple[Town, str]:
    """Found a town whose xaa serves its log, and knows relay and peer as witnesses; return where."""
    town = found_town(folder, {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    peer = show_witness_keys(load_config(town.place("xab") / "node.toml"))
    address = f"127.0.0.1:{find_port()}"
    settings = town.place("xaa") / "node.toml"
    lines = f'\n[log]\nserve = "{address}"\nwitnesses = {json.dumps(peer)}\nquorum = 1\n'
    settings.write_text(settings.read_text() + lines)
    return town, address


async def test_witnesses_and_quorum_come_with_the_trust_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relay and peer are listed, and two are asked for; a key that ended counts for nothing any more."""
    hasten(monkeypatch)
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    xab = [WitnessKey(one) for one in show_witness_keys(load_config(town.place("xab") / "node.toml"))]
    hub = [WitnessKey(one.vkey) for one in load_witness_keys(load_settings(town.place("hub") / "relay.toml"))]

    async def state(number: int, hub_keys: list[WitnessKey]) -> tuple[list[str], bool]:
        keys = {"xab": xab, "hub": hub_keys}

        def name(content: TrustContent) -> TrustContent:
            members = (replace(one, witness_keys=tuple(keys.get(one.id, ()))) for one in content.members)
            return replace(content, members=tuple(members), witness_quorum=2)

        listed = list_again(town, {}, sequence=number, change=name)
        async with town.client("xaa") as officer:
            await officer.import_papers(Announcement(member="xaa", trust_list=listed))
            await officer.unlock_desk("poc", PASSPHRASE)
            await officer.submit(draft(m.request(f"T-{number}"), to=["xab"]))
            async with asyncio.timeout(180):
                status = await officer.get_status()
                while len(status.log_witnesses) != (2 if hub_keys is hub else 1):
                    await asyncio.sleep(0.2)
                    status = await officer.get_status()
            return list(status.log_witnesses), status.quorum_missing

    async with town.running("hub", "xab", "xaa"):
        await town.meet("xaa", "xab")
        both = [f"{name}.tracepost.example/witness" for name in ("hub", "xab")]
        assert await state(2, hub) == (both, False)
        ended = [WitnessKey(one.vkey, until=1) for one in hub]
        assert await state(3, ended) == (both[1:], True)


async def test_a_relays_heads_are_cosigned_by_members_that_can_be_dialled_and_by_nobody_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch)
    monkeypatch.setattr(bootstrap, "_WITNESSED_EVERY_S", 0.2)
    town = found_town(tmp_path / "town", {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xab"])
    xab = [WitnessKey(one) for one in show_witness_keys(load_config(town.place("xab") / "node.toml"))]

    def name(content: TrustContent) -> TrustContent:
        members = (
            replace(one, witness_keys=tuple(xab) if one.id == "xab" else ()) for one in content.members
        )
        return replace(content, members=tuple(members), witness_quorum=1)

    relay = await bootstrap.open_relay(load_settings(town.place("hub") / "relay.toml"))
    try:
        async with town.running("xab", "xaa"):
            await town.meet("xaa", "xab")
            async with town.client("xab") as officer:
                await officer.unlock_desk("poc", PASSPHRASE)
                await officer.submit(draft(m.request("T-1"), to=["xaa"]))
                await until(lambda: relay.witnessed.newest.size > 0, "a head was given")
                assert (relay.witnessed.newest.witnesses, relay.witnessed.quorum) == (frozenset(), 0)
                listed = list_again(town, {}, sequence=2, change=name)
                await officer.import_papers(Announcement(member="xab", trust_list=listed))
                await until(lambda: relay.witnessed.quorum == 1, "the new list")
                await officer.submit(draft(m.request("T-2"), to=["xaa"]))
                xab_alone = frozenset({"xab.tracepost.example/witness"})
                await until(lambda: relay.witnessed.newest.witnesses == xab_alone, "a cosignature")
                await until(lambda: not relay.witnessed.is_short, "as many as are asked for")
    finally:
        await relay.close()


def run(*words: str) -> tuple[int, dict[str, object]]:
    found = CliRunner().invoke(app, ["log", *words, "--json"])
    return found.exit_code, json.loads(found.stdout or "{}")


async def test_a_log_is_read_and_proved_over_http_and_a_peer_cosigns_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasten(monkeypatch)
    town, address = served_town(tmp_path / "town")
    url, key = f"http://{address}", town.residents["xaa"].log_key
    async with town.running("hub", "xab", "xaa"):
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        async with town.client("xaa") as officer:
            await officer.submit(draft(m.request("T-1"), to=["xab"]))
        await until(lambda: town.ask("xaa", "SELECT 1 FROM receipt"), "the receipt")
        verifier = LogVerifier([key, *show_witness_keys(load_config(town.place("xab") / "node.toml"))])

        async def witnessed_head() -> bool:
            status, headers, note = await asyncio.to_thread(fetch, address, "/checkpoint")
            assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
            [(size,)] = town.ask("xaa", "SELECT count(*) FROM log_entry")
            head = verifier.open(note.decode())
            return bool(head.cosignatures) and head.size == size

        async with asyncio.timeout(180):
            while not await witnessed_head():  # noqa: ASYNC110 - the log is asked, it tells nobody
                await asyncio.sleep(0.2)
        checked = await asyncio.to_thread(TiledLog(url, [key]).check)
        assert checked.salted >= 2, "what was signed and sent"
        assert {entry.ENTRY for _, entry in checked.papers} >= {"certificate/1", "directory/1"}
        code, headers, tile = await asyncio.to_thread(fetch, address, f"/tile/0/000.p/{checked.head.size}")
        assert (code, len(tile)) == (200, 32 * checked.head.size)
        assert "immutable" in headers["cache-control"]
        for path in (
            "/tile/0/000",
            "/tile/0/001.p/1",
            "/tile/64/000",
            "/tile/0/x000",
            "/../keys",
            "/tile/0/000.p/256",
        ):
            assert (await asyncio.to_thread(fetch, address, path))[0] == 404, path
        code, found = await asyncio.to_thread(run, "verify", url, "--key", key)
        assert (code, found["size"]) == (0, checked.head.size)
        code, proof = await asyncio.to_thread(run, "proof", url, "1", "--key", key)
        assert (code, proof["index"]) == (0, 1)
        assert (await asyncio.to_thread(run, "verify", url))[0] == 3, "nobody's word without a key"
        assert (await asyncio.to_thread(run, "verify", url, "--key", town.residents["xab"].log_key))[0] == 7
        async with town.client("xaa") as officer:
            status = await officer.get_status()
        assert (list(status.log_witnesses), status.quorum_missing) == (
            ["xab.tracepost.example/witness"],
            False,
        )
        await cosigns(town, address)


async def cosigns(town: Town, address: str) -> None:
    """A log of xab that nobody has seen is cosigned over HTTP, from its beginning and no further."""
    stranger = FakeLog(MemberId("xzz"))
    body = Submission(0, (), stranger.consistency(0).checkpoint).encode()
    assert (await asyncio.to_thread(fetch, address, "/add-checkpoint", body))[0] == 404
    assert (await asyncio.to_thread(fetch, address, "/add-checkpoint"))[0] == 405
    assert (await asyncio.to_thread(fetch, address, "/add-checkpoint", b"noise"))[0] == 400
    held = "SELECT note, size FROM peer_head WHERE member = 'xab'"
    grown = "SELECT count(*) FROM log_entry"
    await until(lambda: town.ask("xaa", held)[0][1] == town.ask("xab", grown)[0][0], "the last head of xab")
    [(note, size)] = town.ask("xaa", held)
    status, headers, body = await asyncio.to_thread(
        fetch, address, "/add-checkpoint", Submission(size - 1, (), note).encode()
    )
    assert (status, headers["content-type"], body) == (409, "text/x.tlog.size", b"%d\n" % size)
    status, _, lines = await asyncio.to_thread(
        fetch, address, "/add-checkpoint", Submission(size, (), note).encode()
    )
    assert status == 200
    keys = show_witness_keys(load_config(town.place("xaa") / "node.toml"))
    head = LogVerifier([town.residents["xab"].log_key, *keys]).open(peek_note(note) + lines.decode())
    assert len(head.cosignatures) == 2, "by both keys of the witness"


def peek_note(note: str) -> str:
    assert peek_head(note).size
    return note


def test_evidence_is_judged_by_who_has_the_key_of_the_log(tmp_path: Path) -> None:
    one, other = FakeLog(MemberId("xaa")), FakeLog(MemberId("xaa"))
    other.key = one.key
    for number, log in enumerate((one, other)):
        log.prove(m_entry(number))
    path = tmp_path / "evidence.json"
    path.write_bytes(Contradiction((one.consistency(0).checkpoint, other.consistency(0).checkpoint)).encode())
    code, found = run("audit", str(path), "--key", one.key.vkey)
    assert (code, found["verdict"], found["sizes"]) == (0, "two-faces", [1, 1])
    other.prove(m_entry(7))
    path.write_bytes(Contradiction((one.consistency(0).checkpoint, other.consistency(0).checkpoint)).encode())
    assert run("audit", str(path), "--key", one.key.vkey)[0] == 7


def m_entry(number: int) -> PolicyActivated:
    return PolicyActivated(sha256=number.to_bytes(32), artefact=b"", time=1)

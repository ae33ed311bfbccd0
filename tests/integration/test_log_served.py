"""A log over HTTP: read, checked and proved by who has its key; its heads are cosigned by relay and peer."""

from __future__ import annotations

import asyncio
import http.client
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fakes import messages as m
from fakes.house import draft
from fakes.members import FakeLog
from fakes.town import POC, Town, found_town, until
from tracepost.cli.app import app
from tracepost.node import witnessed
from tracepost.node.bootstrap.tls import show_witness_keys
from tracepost.node.config import load_config
from tracepost.protocol.evidence import Contradiction, LogVerifier, PolicyActivated, Submission, peek_head
from tracepost.protocol.ids import MemberId
from tracepost.sdk.tiles import TiledLog


def fetch(address: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    """Ask over HTTP without any library of ours."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET" if body is None else "POST", path, body)
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


def served_town(folder: Path) -> tuple[Town, str]:
    """Found a town whose xaa serves its log, and knows relay and peer as witnesses; return where."""
    town = found_town(folder, {"xaa": [POC], "xab": [POC]}, "hub", reachable=["xaa", "xab"])
    peer = show_witness_keys(load_config(town.place("xab") / "node.toml"))
    address = f"127.0.0.1:{town.residents['xaa'].ports.post + 1}"
    settings = town.place("xaa") / "node.toml"
    lines = f'\n[log]\nserve = "{address}"\nwitnesses = {json.dumps(peer)}\nquorum = 1\n'
    settings.write_text(settings.read_text() + lines)
    return town, address


def run(*words: str) -> tuple[int, dict[str, object]]:
    found = CliRunner().invoke(app, ["log", *words, "--json"])
    return found.exit_code, json.loads(found.stdout or "{}")


async def test_a_log_is_read_and_proved_over_http_and_a_peer_cosigns_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessed, "EVERY_S", 0.2)
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

        for _ in range(100):
            if await witnessed_head():
                break
            await asyncio.sleep(0.2)
        assert await witnessed_head()
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
    [(note, size)] = town.ask("xaa", "SELECT note, size FROM peer_head WHERE member = 'xab'")
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

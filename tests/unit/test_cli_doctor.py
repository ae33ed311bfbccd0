"""`tracepost doctor`: each finding says how it is and what to do."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from fakes.desk_server import FakeDesk, desk_server
from fakes.pki import DAY, make_root
from fakes.terminal import CliRunner
from tracepost.cli import examination
from tracepost.cli.app import app
from tracepost.cli.commands.doctor import _sheet
from tracepost.cli.findings import Finding, Level
from tracepost.cli.machine import _look_at_backups
from tracepost.node.from_outside import dial
from tracepost.protocol.errors import BusyError
from tracepost.protocol.identity import Role
from tracepost.sdk.handshake import Negotiated
from tracepost.wire.v1 import desk_pb2


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who waits at a screen gives up sooner than a machine that runs many tests comes to its turn."""
    monkeypatch.setattr("tracepost.sdk.handshake._SECONDS", 120.0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        running.status = desk_pb2.NodeStatus(
            member="xaa",
            version="0.1.0",
            clock=int(time.time()),
            escrow_tried=True,
            disk_free_bytes=10**12,
            desks=[desk_pb2.DeskStatus(desk="poc", unlocked=True)],
            papers=[desk_pb2.ExpiringPaper(name="trust list", expires_at=int(time.time()) + 90 * DAY)],
            peers=[desk_pb2.PeerStatus(member="xab", via="relay", last_contact=int(time.time()))],
        )
        yield running


def findings(desk: FakeDesk, exit_code: int = 0) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["doctor", "--json", "--profile", str(desk.profile)])
    assert result.exit_code == exit_code, result.output
    found = json.loads(result.stdout)["findings"]
    assert all(one["remedy"] or one["level"] == "ok" for one in found), "what is not well says what to do"
    return {one["subject"]: one for one in found}


def test_a_node_that_is_well_is_told_line_by_line(desk: FakeDesk) -> None:
    found = findings(desk)
    assert found["TLS"]["words"] == "TLSv1.3, X25519MLKEM768"
    assert found["certificate"]["words"] == "officer-7.xaa, poc"
    for subject in ("profile", "node", "clock", "desk poc", "peer xab", "key escrow", "trust list expires"):
        assert found[subject]["level"] == "ok"


def test_a_person_sees_a_table(desk: FakeDesk) -> None:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["doctor", "--profile", str(desk.profile)])
    assert "X25519MLKEM768" in result.stdout
    assert "Traceback" not in result.output


def test_what_wants_a_hand_is_a_warning_and_what_is_broken_a_failure(desk: FakeDesk) -> None:
    status = desk.status
    status.clock -= 400
    status.escrow_tried = False
    status.held = 2
    status.disk_free_bytes = 10**8
    status.unwritable.append("attachments")
    status.desks[0].unlocked = False
    status.peers[0].last_problem = "unreachable"
    status.papers[0].expires_at = int(time.time()) + 3 * DAY
    found = findings(desk, exit_code=5)
    assert {
        one["level"]
        for one in found.values()
        if one["subject"] in {"clock", "key escrow", "disk of the node", "folders of the node"}
    } == {"fail"}
    assert "attachments" in found["folders of the node"]["words"]
    for subject in ("held mail", "desk poc", "peer xab", "trust list expires"):
        assert found[subject]["level"] == "warn"


def test_what_is_wrong_with_logs_and_the_post_is_told(desk: FakeDesk) -> None:
    status = desk.status
    status.dead_letters, status.maintenance_since = 3, int(time.time())
    status.quorum_missing, status.policy_base_changed = True, True
    status.blocked.append("xad")
    status.peers[0].log_contradicts = True
    found = findings(desk, exit_code=5)
    assert found["log of xab"]["level"] == "fail"
    for subject in ("log", "dead letters", "maintenance", "own policies"):
        assert found[subject]["level"] == "warn"
    assert found["blocked members"]["words"] == "xad"


@pytest.mark.parametrize(
    ("apart", "level"), [((2, -3), "ok"), ((2, 200), "warn"), ((-100, -90), "warn"), ((400, 500), "fail")]
)
def test_a_clock_is_judged_by_those_of_all_others(desk: FakeDesk, apart: tuple[int, int], level: str) -> None:
    """If one differs it is his; if all do it is ours."""
    desk.status.peers.append(desk_pb2.PeerStatus(member="hub", last_contact=int(time.time())))
    for peer, seconds in zip(desk.status.peers, apart, strict=True):
        peer.clock_offset_seconds = seconds
    found = findings(desk, exit_code=5 if level == "fail" else 0)["clock against others"]
    assert found["level"] == level
    assert ("NTP" in found["remedy"]) is (min(map(abs, apart)) >= 60)


def test_a_silent_peer_with_mail_waiting_is_a_warning(desk: FakeDesk) -> None:
    desk.status.peers[0].queued = 3
    desk.status.peers[0].last_contact = int(time.time()) - 3 * DAY
    assert findings(desk)["peer xab"]["level"] == "warn"


def test_a_log_whose_disk_has_changed_it_is_a_failure(desk: FakeDesk) -> None:
    desk.status.log_size, desk.status.log_damaged, desk.status.head_unchecked = 600, 2, True
    assert findings(desk, exit_code=5)["log"]["level"] == "fail"


def test_a_node_that_does_not_answer_is_a_failure_with_the_way_out(desk: FakeDesk) -> None:
    desk.refuse["GetStatus"] = BusyError(remedy="Wait a minute.")
    assert findings(desk, exit_code=5)["node"]["remedy"] == "Wait a minute."


def test_without_a_profile_there_is_one_finding(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--json", "--profile", str(tmp_path / "none.toml")])
    assert result.exit_code == 5
    (only,) = json.loads(result.stdout)["findings"]
    assert (only["subject"], only["level"]) == ("profile", "fail")


def test_an_expired_certificate_is_a_failure(tmp_path: Path) -> None:
    root = make_root("xaa")
    now = int(time.time())
    with desk_server(tmp_path, root) as desk:
        old = root.issue(
            Role.OFFICER, officer="7", desks=("poc",), not_before=now - 9 * DAY, not_after=now - DAY
        )
        (tmp_path / "officer.pem").write_bytes(old.chain_pem)
        (tmp_path / "officer.key").write_bytes(old.key_pem)
        found = findings(desk, exit_code=5)
    assert found["certificate expires"]["level"] == "fail"
    assert found["certificate"]["level"] == "fail"


@pytest.mark.parametrize(
    ("negotiated", "takes_tls12", "level"),
    [
        (Negotiated("TLSv1.3", "X25519MLKEM768"), False, Level.OK),
        (Negotiated("TLSv1.3", "X25519"), False, Level.WARN),
        (Negotiated("TLSv1.2", "X25519"), False, Level.FAIL),
        (None, False, Level.FAIL),
        (Negotiated("TLSv1.3", "X25519MLKEM768"), True, Level.FAIL),
    ],
)
def test_tls_is_judged_by_what_was_seen(
    negotiated: Negotiated | None, takes_tls12: bool, level: Level
) -> None:
    finding = examination._look_at_tls(negotiated, takes_tls12=takes_tls12)
    assert finding.level is level


def test_what_strangers_call_themselves_is_shown_as_it_is_and_orders_nothing() -> None:
    """A device on the way names its issuer as it likes."""
    strange = Finding("road to peer xab", Level.FAIL, "CN=[/bold] \x1b]0;all is well\x07", "see [red]there")
    shown = io.StringIO()
    Console(file=shown, width=200).print(_sheet([strange]))
    assert "CN=[/bold]" in shown.getvalue()
    assert "see [red]there" in shown.getvalue()
    assert not {"\x1b", "\x07"} & set(shown.getvalue())


@pytest.mark.parametrize("address", [f"{'a' * 70}.example:7110", "..:1"])
def test_an_address_that_is_none_is_told_and_ends_nothing(address: str) -> None:
    assert dial(address, "node.xab.tracepost.example").problem == "no such address"


def test_a_folder_of_backups_that_cannot_be_looked_at_is_told(tmp_path: Path) -> None:
    config = SimpleNamespace(folder=tmp_path, member="xaa", backup=SimpleNamespace(folder="far" * 100))
    found = _look_at_backups(config, int(time.time()))
    assert found.level is Level.FAIL
    assert "file server" in found.remedy

"""Founding a member with the commands that operators use: authority, steward, node, relay, trust list."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fakes.desk_server import FakeDesk, desk_server
from fakes.ports import find_port
from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.evidence import generate_log_key, parse_origin
from tracepost.protocol.trustlist import decode_member, parse_list
from tracepost.wire.v1 import post_pb2

DOMAIN = "tracepost.example"
PASSPHRASE = "a long enough passphrase"
SETTINGS = """
member = "xaa"
domain = "tracepost.example"

[listen]
post = "127.0.0.1:7100"
desk = "127.0.0.1:7101"

[office]
name = "Firearms Tracing Office"
languages = ["en"]

[[desk]]
id = "poc"
point_of_contact = true
competences = ["LAW_ENFORCEMENT"]
"""


@dataclass
class Operator:
    """Runs commands in a folder, with the passphrase in a file."""

    folder: Path

    @property
    def secret(self) -> list[str]:
        return ["--passphrase-file", str(self.folder / "passphrase")]

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, *arguments: str, exit_code: int = 0) -> Result:
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, list(arguments))
        assert result.exit_code == exit_code, result.output
        assert PASSPHRASE not in result.output
        return result

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)


def write_secret(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    write_secret(tmp_path / "passphrase", PASSPHRASE)
    (tmp_path / "settings.toml").write_text(SETTINGS)
    return Operator(tmp_path)


@pytest.fixture
def authority(operator: Operator) -> Operator:
    arguments = ["--member", "xaa", "--domain", DOMAIN, *operator.secret]
    made = operator.json("ca", "init", operator.path("ca"), *arguments)
    assert len(made["fingerprint"]) == 43
    return operator


def found_node(operator: Operator) -> Any:
    given = ["--passphrase", f"poc={operator.path('passphrase')}"]
    return operator.json(
        "node", "init", operator.path("node"), "--settings", operator.path("settings.toml"), *given
    )


def certify(operator: Operator, made: Any) -> None:
    """By files, as where no network leads to the authority."""
    ca, node = operator.path("ca"), operator.path("node")
    for name, request in made["requests"].items():
        chain = operator.path(f"{name}.pem")
        if not name.startswith("desk-"):
            operator.json("ca", "issue", ca, request, f"--{name}", "--out", chain, *operator.secret)
        else:
            challenge, answer = operator.path(f"{name}.challenge"), operator.path(f"{name}.answer")
            who = ["--desk", name.removeprefix("desk-")]
            operator.json("ca", "issue", ca, request, *who, "--out", challenge, *operator.secret)
            given = ["--passphrase", f"poc={operator.path('passphrase')}"]
            operator.json("node", "answer", node, name, challenge, "--out", answer, *given)
            operator.json("ca", "finish", ca, answer, "--out", chain, *operator.secret)
        operator.json("node", "install", node, "--certificate", f"{name}={chain}")


def trust_list(operator: Operator, log_key: str) -> tuple[str, str]:
    part, payload = operator.path("xaa.part"), operator.path("payload.json")
    operator.json("ca", "trust-part", operator.path("ca"), "--log-key", log_key, "--competence", "law_enforcement",
                  "--policy-sha256", "00" * 32, "--out", part)  # fmt: skip
    stewards = []
    for name in ("one", "two"):
        operator.json("ca", "steward", "init", operator.path(name), "--id", name, *operator.secret)
        stewards += ["--steward", str(Path(operator.path(name)) / "steward.json")]
    drafted = operator.json("trust", "draft", "--member", part, *stewards, "--domain", DOMAIN, "--sequence", "1",
                            "--out", payload)  # fmt: skip
    operator.json("trust", "sign", payload, "--steward", operator.path("one"), "--out", operator.path("1.sig"),
                  *operator.secret)  # fmt: skip
    operator.json("ca", "steward", "sign", operator.path("two"), payload, "--out", operator.path("2.sig"),
                  *operator.secret)  # fmt: skip
    signatures = [operator.path("1.sig"), operator.path("2.sig")]
    operator.json("trust", "join", payload, *signatures, "--out", operator.path("trust.json"))
    return operator.path("trust.json"), drafted["fingerprint"]


def test_a_member_is_founded_from_nothing_with_commands_alone(authority: Operator) -> None:
    made = found_node(authority)
    assert set(made["requests"]) == {"node", "statement", "desk-node", "desk-poc"}
    assert len(made["shares"]) == 3
    certify(authority, made)
    trust, fingerprint = trust_list(authority, made["log_key"])
    authority.json("node", "install", authority.path("node"), "--trust", trust, "--fingerprint", fingerprint)
    for number, share in enumerate(made["shares"][:2]):
        (authority.folder / f"share{number}").write_text(share)
    shares = [f"--share-file={authority.path(f'share{number}')}" for number in range(2)]
    assert authority.json("node", "escrow", authority.path("node"), *shares)["shares"] == 2
    steps = authority.json("node", "migrate", authority.path("node"), "--pre")["done"]
    assert steps[:2] == ["0001", "0002"]
    assert authority.json("node", "migrate", authority.path("node"), "--post")["done"] == []
    assert authority.json("node", "archive", authority.path("node"), "--older-than", "365")["moved"] == 0
    assert authority.json("node", "archive", authority.path("node"))["archives"] == 0
    authority.run("node", "migrate", authority.path("node"), exit_code=InvalidInputError.exit_code)
    authority.json("node", "papers", authority.path("node"), "--out", authority.path("papers"))
    papers = post_pb2.Announcement.FromString(Path(authority.path("papers")).read_bytes())
    assert (papers.member, len(papers.certificates)) == ("xaa", 4)


def test_the_shares_of_the_escrow_are_shown_to_a_person_once(operator: Operator) -> None:
    given = ["--passphrase", f"poc={operator.path('passphrase')}"]
    settings = ["--settings", operator.path("settings.toml")]
    shown = operator.run("node", "init", operator.path("node"), *settings, *given).stdout
    assert "share 3" in shown
    assert "they are shown once" in shown
    operator.run("node", "init", operator.path("node"), *settings, *given, exit_code=5)


def test_certificates_are_listed_revoked_and_published(authority: Operator) -> None:
    made = found_node(authority)
    ca = authority.path("ca")
    issued = authority.json(
        "ca",
        "issue",
        ca,
        made["requests"]["node"],
        "--node",
        "--out",
        authority.path("n.pem"),
        *authority.secret,
    )
    authority.json("ca", "revoke", ca, issued["serial"], "--reason", "superseded", *authority.secret)
    (row,) = authority.json("ca", "list", ca)["certificates"]
    assert (row["label"], row["state"], row["reason"]) == ("node", "revoked", "superseded")
    assert "revoked" in authority.run("ca", "list", ca).stdout
    assert authority.json("ca", "crl", ca, "--out", authority.path("crl.der"), *authority.secret)["bytes"] > 0
    authority.json("ca", "restore", ca, "--crl", authority.path("crl.der"), *authority.secret)
    authority.run("ca", "revoke", ca, "nonsense", *authority.secret, exit_code=4)


def test_an_authority_says_what_it_is_for(authority: Operator) -> None:
    ca = authority.path("ca")
    authority.run("ca", "token", ca, exit_code=4)
    authority.run("ca", "token", ca, "--node", "--statement", exit_code=4)
    assert authority.json("ca", "token", ca, "--officer", "7", "--at", "poc")["token"].startswith("tp1.")
    write_secret(authority.folder / "wrong", "another passphrase")
    wrong = ["--passphrase-file", authority.path("wrong")]
    authority.run("ca", "crl", ca, "--out", authority.path("x"), *wrong, exit_code=5)


def test_a_trust_list_is_shown_and_believed_only_by_its_anchor(authority: Operator) -> None:
    made = found_node(authority)
    trust, fingerprint = trust_list(authority, made["log_key"])
    assert authority.run("trust", "fingerprint", trust).stdout.strip() == fingerprint
    shown = authority.json("trust", "show", trust)
    assert (shown["fingerprint"], shown["signed_by"], shown["sequence"]) == (fingerprint, ["one", "two"], 1)
    assert "one (signed)" in authority.run("trust", "show", trust).stdout
    assert authority.json("trust", "verify", trust, "--fingerprint", fingerprint)["freshness"] == "fresh"
    authority.json("trust", "verify", trust, "--previous", trust)
    authority.run("trust", "verify", trust, exit_code=4)
    authority.run("trust", "verify", trust, "--fingerprint", "0" * 64, exit_code=7)


def test_a_steward_ends_a_log_key_at_the_last_head_that_somebody_has_seen(authority: Operator) -> None:
    made = found_node(authority)
    ca, part, out = authority.path("ca"), authority.path("part"), authority.path("ended")
    authority.json("ca", "trust-part", ca, "--from", made["member"], "--out", part)
    head, damaged = authority.folder / "head", authority.folder / "damaged"
    key = generate_log_key(parse_origin(made["log_key"].partition("+")[0]))
    head.write_text(key.sign_checkpoint(key.origin, 7, bytes(32)), encoding="utf-8")
    damaged.write_bytes(b"\xff")
    end = ["trust", "end-log-key", part, "--out", out, "--head"]
    authority.run(*end, str(head), exit_code=7)  # by a key that is not the member's
    authority.run(*end, str(damaged), exit_code=4)
    listed = json.loads(Path(part).read_bytes())
    Path(part).write_text(json.dumps({**listed, "log_keys": [{"key": key.vkey}]}), encoding="utf-8")
    assert authority.json(*end, str(head))["ended"] == [key.vkey]
    (ended,) = decode_member(Path(out).read_bytes()).log_keys
    assert (ended.until_size, ended.final_root) == (7, bytes(32))


def test_a_list_short_of_signatures_is_not_written(authority: Operator) -> None:
    made = found_node(authority)
    trust_list(authority, made["log_key"])
    short = authority.path("short.json")
    one = [authority.path("payload.json"), authority.path("1.sig")]
    authority.run("trust", "join", *one, "--out", short, exit_code=7)
    assert not Path(short).exists()


def test_a_relay_is_founded_and_installed(operator: Operator) -> None:
    ca, relay = operator.path("hubca"), operator.path("relay")
    operator.json(
        "ca", "init", ca, "--member", "hub", "--domain", DOMAIN, "--type", "relay", *operator.secret
    )
    made = operator.json(
        "relay", "init", relay, "--member", "hub", "--domain", DOMAIN, "--post", "127.0.0.1:7200"
    )
    assert made["log_key"].startswith("hub.tracepost.example/log/1+")
    from tracepost.protocol.ids import decode_b64

    (operator.folder / "relay.csr").write_bytes(decode_b64(made["request"], "request"))
    chain = operator.path("relay.pem")
    operator.json("ca", "issue", ca, operator.path("relay.csr"), "--node", "--out", chain, *operator.secret)
    operator.json("relay", "install", relay, "--certificate", chain)
    operator.run("relay", "init", relay, "--member", "hub", "--domain", DOMAIN, "--post", "x:1", exit_code=5)


def test_a_certificate_is_taken_back_by_the_name_it_was_issued_for(authority: Operator) -> None:
    request, ca = found_node(authority)["requests"]["node"], authority.path("ca")
    chain = authority.path("n.pem")
    serials = {
        authority.json("ca", "issue", ca, request, "--node", "--out", chain, *authority.secret)["serial"]
        for _again in range(2)
    }
    done = authority.json("ca", "revoke", ca, "node", "--reason", "superseded", *authority.secret)
    assert {one["serial"] for one in done["revoked"]} == serials
    assert Path(done["crl"]).is_file()
    authority.run("ca", "revoke", ca, "node", *authority.secret, exit_code=4)


def test_what_the_trust_list_is_to_name_comes_from_the_paper_of_the_node_or_from_options(
    authority: Operator,
) -> None:
    made = found_node(authority)
    ca, out = authority.path("ca"), ["--out", authority.path("part")]
    authority.json("ca", "trust-part", ca, "--from", made["member"], *out)
    part = decode_member(Path(authority.path("part")).read_bytes())
    assert ([one.vkey for one in part.log_keys], part.competences) == (
        [made["log_key"]],
        ("law_enforcement",),
    )
    assert len(part.base_policy_sha256) == 32
    authority.run("ca", "trust-part", ca, *out, exit_code=4)
    authority.run("ca", "trust-part", ca, "--from", made["requests"]["node"], *out, exit_code=4)


def test_a_wrong_setting_or_passphrase_is_refused_before_anything_is_made(operator: Operator) -> None:
    """A folder that was begun cannot be begun again: its shares were never shown."""
    settings = operator.folder / "settings.toml"
    write_secret(operator.folder / "short", "short")
    folder = operator.path("node")
    given = ["--settings", str(settings), "--passphrase", f"poc={operator.path('passphrase')}"]
    short = ["--settings", str(settings), "--passphrase", f"poc={operator.path('short')}"]
    operator.run("node", "init", folder, *short, exit_code=4)
    operator.run("node", "init", folder, *given, "--threshold", "4", "--shares", "3", exit_code=4)
    for right, wrong in (
        ("LAW_ENFORCEMENT", "POLICE"),
        ("competences", "competence"),
        ("[office]", "[offices]"),
    ):
        settings.write_text(SETTINGS.replace(right, wrong))
        operator.run("node", "init", folder, *given, exit_code=5)
    assert not Path(folder).exists()
    settings.write_text(SETTINGS)
    operator.run("node", "init", folder, *given)


def test_only_a_revocation_list_of_the_own_authority_is_installed(authority: Operator) -> None:
    """Anything else would keep the node from starting."""
    certify(authority, found_node(authority))
    node, other = authority.path("node"), authority.path("other")
    authority.json("ca", "init", other, "--member", "xab", "--domain", DOMAIN, *authority.secret)
    authority.run("node", "install", node, "--crl", f"{other}/published/crl.der", exit_code=4)
    authority.run("node", "install", node, "--crl", authority.path("settings.toml"), exit_code=4)
    authority.run("node", "install", node, exit_code=4)
    own = authority.path("ca/published/crl.der")
    authority.run("node", "install", node, "--crl", own)
    assert Path(node, "keys", "crl.der").read_bytes() == Path(own).read_bytes()


def test_an_officer_enrols_by_hand_with_the_fingerprint_of_the_authority(authority: Operator) -> None:
    ca, folder, chain = authority.path("ca"), authority.path("officer"), authority.path("o.pem")
    asked = ["enrol", "--out", folder, "--node", "127.0.0.1:7101"]
    made = authority.json(*asked, *authority.secret)
    who = ["--officer", "7", "--at", "poc", "--out", chain]
    authority.json("ca", "issue", ca, made["request"], *who, *authority.secret)
    taken = [*asked, "--certificate", chain, *authority.secret]
    authority.run(*taken, exit_code=4)
    authority.run(*taken, "--fingerprint", "A" * 43, exit_code=7)
    believed = authority.json("ca", "fingerprint", ca)["fingerprint"]
    assert authority.json(*taken, "--fingerprint", believed)["identity"] == "officer-7.xaa"
    authority.run(*asked, *authority.secret, exit_code=4)


def test_a_token_and_a_key_are_one_line_however_narrow_the_screen_is(authority: Operator) -> None:
    """Cut in two they are worth nothing in a file."""
    arguments = ["ca", "node-tokens", authority.path("ca"), "--desk", "poc"]
    printed = CliRunner(env={"COLUMNS": "40"}).invoke(app, arguments).stdout
    assert [line.split()[0] for line in printed.splitlines()] == [
        "node",
        "statement",
        "desk-node",
        "desk-poc",
    ]


# ---------------------------------------------------------------- enrolment over the network


@contextmanager
def serving_authority(operator: Operator) -> Iterator[str]:
    """`tracepost ca serve` as a process of its own, which logs into `ca.log`."""
    address = f"127.0.0.1:{find_port()}"
    arguments = ["ca", "serve", operator.path("ca"), "--listen", address, "--log", operator.path("ca.log")]
    daemon = subprocess.Popen([sys.executable, "-m", "tracepost.cli", *arguments, *operator.secret])
    try:
        _wait_for(address, daemon)
        yield address
    finally:
        daemon.terminate()
        assert daemon.wait(120) == 0


def _wait_for(address: str, daemon: subprocess.Popen[bytes]) -> None:
    host, _, port = address.rpartition(":")
    for _attempt in range(2400):
        assert daemon.poll() is None, "the authority ended"
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the authority does not listen")


def test_an_authority_that_serves_writes_its_log_lines_into_the_file_that_is_named(
    authority: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving_authority(authority) as address:
        pass
    lines = [json.loads(line) for line in (authority.folder / "ca.log").read_text().splitlines()]
    assert {line["daemon"] for line in lines} == {"ca"}
    assert [line["port"] for line in lines if line["event"] == "listening"] == [int(address.split(":")[1])]
    assert '"event"' not in capfd.readouterr().err


def test_one_that_cannot_serve_tells_where_the_reason_stands(authority: Operator) -> None:
    log = authority.path("ca.log")
    write_secret(authority.folder / "wrong", "another long enough passphrase")
    wrong = ["--passphrase-file", authority.path("wrong"), "--log", log]
    arguments = ["ca", "serve", authority.path("ca"), "--listen", "127.0.0.1:0", *wrong]
    command = [sys.executable, "-m", "tracepost.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "ca.log" in done.stdout.replace("\n", "")
    assert "stopped" in Path(log).read_text()


def test_officers_and_nodes_enrol_with_tokens_over_the_network(authority: Operator) -> None:
    found_node(authority)
    ca = authority.path("ca")
    officer = authority.json("ca", "token", ca, "--officer", "7", "--at", "poc")["token"]
    write_secret(authority.folder / "token", officer)
    who = {
        "node": ["--node"],
        "statement": ["--statement"],
        "desk-node": ["--desk", "node"],
        "desk-poc": ["--desk", "poc"],
    }
    lines = [
        f"{name} {authority.json('ca', 'token', ca, *options)['token']}" for name, options in who.items()
    ]
    (authority.folder / "tokens").write_text("\n".join(lines))
    with serving_authority(authority) as address:
        enrolled = authority.json(
            "enrol", address, "--out", authority.path("officer"), "--node", "127.0.0.1:7101",
            "--token-file", authority.path("token"), *authority.secret,
        )  # fmt: skip
        given = ["--tokens", authority.path("tokens"), "--passphrase", f"poc={authority.path('passphrase')}"]
        assert authority.json("node", "enrol", authority.path("node"), address, *given)["installed"] == list(
            who
        )
    assert (enrolled["identity"], enrolled["desks"]) == ("officer-7.xaa", ["poc"])
    assert b"ENCRYPTED" in Path(authority.path("officer/officer.key")).read_bytes()
    from tracepost.cli.profile import read_profile

    profile = read_profile(Path(enrolled["profile"]))
    assert (profile.member, profile.domain, profile.desk, profile.address) == (
        "xaa",
        DOMAIN,
        "poc",
        "127.0.0.1:7101",
    )


# ---------------------------------------------------------------- the node's own verbs


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


def test_a_desk_is_unlocked_with_a_passphrase_that_no_argument_shows(
    desk: FakeDesk, operator: Operator
) -> None:
    profile = ["--profile", str(desk.profile)]
    assert operator.json("node", "unlock", "poc", *operator.secret, *profile)["rewrapped"] == 3
    assert desk.unlocked == {"poc": PASSPHRASE.encode()}
    operator.json("node", "lock", "poc", *profile)
    assert desk.unlocked == {}
    result = operator.run("node", "unlock", "poc", *profile, exit_code=4)
    assert "--passphrase-file" in result.stderr


def test_status_and_audit_are_shown(desk: FakeDesk, operator: Operator) -> None:
    profile = ["--profile", str(desk.profile)]
    desk.status.member, desk.status.held = "xaa", 2
    desk.status.desks.add(desk="poc", competences=["COMPETENCE_LAW_ENFORCEMENT"])
    desk.status.peers.add(member="xab", via="hub", last_problem="\x1b[2Jbad")
    desk.status.papers.add(name="CRL", expires_at=1_800_000_000)
    shown = operator.run("node", "status", *profile).stdout
    for words in ("locked", "law enforcement", "2 messages are held.", "never tried"):
        assert words in shown
    assert "\x1b[2J" not in shown
    assert operator.json("node", "audit", "--after", "6", *profile)["events"][0]["number"] == "7"
    operator.run("node", "audit", *profile)


def test_papers_are_carried_by_hand_in_both_directions(desk: FakeDesk, operator: Operator) -> None:
    profile = ["--profile", str(desk.profile)]
    desk.directory = [desk_pb2_line()]
    assert "xab" in operator.run("directory", "list", *profile).stdout
    operator.json("directory", "export", operator.path("own"), *profile)
    assert operator.json("directory", "import", operator.path("own"), *profile)["taken"] == [
        "directory",
        "crl",
    ]
    assert desk.imported[0].member == "xaa"
    operator.run("directory", "import", operator.path("settings.toml"), *profile, exit_code=4)


def desk_pb2_line() -> Any:
    from tracepost.wire.v1 import desk_pb2

    return desk_pb2.DirectoryLine(member="xab", member_type="state", name="Office", known=False)


def test_a_newer_trust_list_is_given_to_the_node(desk: FakeDesk, authority: Operator) -> None:
    made = found_node(authority)
    trust, _fingerprint = trust_list(authority, made["log_key"])
    authority.json("trust", "load", trust, "--profile", str(desk.profile))
    assert parse_list(desk.imported[0].trust_list).payload

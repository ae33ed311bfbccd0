"""What a person is told to do fits the command that was given and what went wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from fakes.desk_server import MEMBER, FakeDesk, desk_server, write_profile
from fakes.pki import DOMAIN, make_root
from fakes.terminal import CliRunner
from tracepost.ca import Passphrase, init_authority, officer_profile
from tracepost.cli.app import app
from tracepost.cli.remedies import BY_REASON, what_to_do
from tracepost.node.handlers.case.office import Officer
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, PermissionError_, all_errors
from tracepost.protocol.ids import DeskId
from tracepost.sdk import Client, OfficerPapers
from tracepost.sdk.failures import UNKNOWN_CALL, Far, as_our_error

FOR_MAIL = ("queued", "ask the sender")
FOR_CASES = ("trace list", "directory list")
SECRET = "a long enough passphrase"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with desk_server(tmp_path) as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    init_authority(
        tmp_path / "ca", Passphrase(SECRET.encode()), member="xaa", domain="tracepost.example"
    ).close()
    write_secret(tmp_path / "secret", SECRET)
    return tmp_path / "ca"


def write_secret(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text)


def error_of(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code, "the command must fail"
    found: dict[str, Any] = json.loads(result.stderr)["error"]
    return found


def remedy_at(desk: FakeDesk, *arguments: str) -> str:
    return str(error_of(*arguments, "--profile", str(desk.profile))["remedy"])


def broken_call(status: grpc.StatusCode, details: str) -> grpc.aio.AioRpcError:
    nothing = grpc.aio.Metadata()
    return grpc.aio.AioRpcError(status, nothing, nothing, details=details)


# ---------------------------------------------------------------- the way to the node


def test_a_node_that_refuses_our_certificate_is_no_matter_of_mail(desk: FakeDesk, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write_profile(other, make_root("xaa"), desk.address)
    (other / "root.pem").write_bytes((tmp_path / "root.pem").read_bytes())
    told = error_of("trace", "list", "--profile", str(other / "profile.toml"))
    assert told["reason"] == "node-closed"
    assert "does not take your certificate" in told["remedy"]
    assert "tracepost enrol" in told["remedy"]
    assert not any(words in told["remedy"] for words in FOR_MAIL)


def test_a_node_that_is_off_has_sent_nothing(desk: FakeDesk) -> None:
    desk.profile.write_text(desk.profile.read_text().replace(desk.address, "127.0.0.1:1"))
    remedy = remedy_at(desk, "trace", "list")
    assert remedy.startswith("Nothing was sent.")
    assert not any(words in remedy for words in FOR_MAIL)


def test_who_does_not_prove_to_be_the_node_is_compared_with_the_profile(
    desk: FakeDesk, tmp_path: Path
) -> None:
    (tmp_path / "root.pem").write_bytes(make_root("xaa").pem)
    assert "the profile" in remedy_at(desk, "trace", "list")
    desk.profile.write_text(desk.profile.read_text().replace('"xaa"', '"xab"'))
    assert "the profile" in remedy_at(desk, "trace", "list")


def test_the_examination_says_the_same_as_the_command(desk: FakeDesk) -> None:
    desk.profile.write_text(desk.profile.read_text().replace(desk.address, "127.0.0.1:1"))
    result = CliRunner().invoke(app, ["doctor", "--json", "--profile", str(desk.profile)])
    remedies = {one["subject"]: one["remedy"] for one in json.loads(result.stdout)["findings"]}
    assert remedies["node"] == remedy_at(desk, "trace", "list")


@pytest.mark.parametrize("far", Far)
@pytest.mark.parametrize(
    ("status", "details"),
    [
        (grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded"),
        (grpc.StatusCode.UNAVAILABLE, "Socket closed"),
    ],
)
def test_a_call_without_an_answer_may_have_been_done(far: Far, status: grpc.StatusCode, details: str) -> None:
    error = as_our_error(broken_call(status, details), "somewhere:1", far)
    assert error.reason == f"{far}-cut"
    assert what_to_do(error) == BY_REASON["unreachable", f"{far}-cut"]


def test_an_authority_that_does_not_know_a_call_is_not_called_a_node() -> None:
    error = as_our_error(broken_call(grpc.StatusCode.UNIMPLEMENTED, ""), "somewhere:1", Far.AUTHORITY)
    assert "authority" in error.message


async def test_of_a_node_that_is_older_than_passkeys_none_speaks(desk: FakeDesk) -> None:
    folder = desk.profile.parent
    papers = OfficerPapers.read(folder / "officer.pem", folder / "officer.key", folder / "root.pem")
    async with Client.connect(desk.address, MEMBER, DOMAIN, papers) as client:
        assert await client.office.list_passkeys() == []
        with pytest.raises(ConfigurationError) as refused:
            await client.office.end_passkey("one")
    assert refused.value.reason == UNKNOWN_CALL


# ---------------------------------------------------------------- which desk acts


def test_an_officer_of_several_desks_is_told_the_option_that_names_one(desk: FakeDesk) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Officer("7", (DeskId("poc"), DeskId("police"))).choose_desk("")
    desk.refuse["ListCases"] = refused.value
    assert "--desk" in remedy_at(desk, "trace", "list")


def test_a_desk_that_the_certificate_does_not_name_is_no_question_of_consent(desk: FakeDesk) -> None:
    with pytest.raises(PermissionError_) as refused:
        Officer("7", (DeskId("poc"),)).choose_desk("police")
    desk.refuse["ListCases"] = refused.value
    remedy = remedy_at(desk, "trace", "list")
    assert "--desk" in remedy
    assert "consent" not in remedy


# ---------------------------------------------------------------- the authority


@pytest.mark.parametrize("named", ["officer-9", "0123456789abcdef"])
def test_a_certificate_that_the_authority_did_not_issue_is_looked_up_there(
    authority: Path, named: str
) -> None:
    secret = ["--passphrase-file", str(authority.parent / "secret")]
    told = error_of("ca", "revoke", str(authority), named, *secret)
    assert told["code"] == "not-found"
    assert "tracepost ca list" in told["remedy"]
    assert not any(words in told["remedy"] for words in FOR_CASES)


def test_an_authority_that_cannot_be_reached_has_no_mail(authority: Path) -> None:
    from tracepost.ca import open_authority

    opened = open_authority(authority, None)
    write_secret(authority.parent / "token", opened.new_token(officer_profile("7", ["poc"])))
    opened.close()
    folder, node = str(authority.parent / "officer"), ["--node", "127.0.0.1:7101", "--no-passphrase"]
    token = ["--token-file", str(authority.parent / "token")]
    told = error_of("enrol", "127.0.0.1:1", "--out", folder, *node, *token)
    assert told["code"] == "unreachable"
    assert "tracepost ca serve" in told["remedy"]
    assert not any(words in told["remedy"] for words in FOR_MAIL)


# ---------------------------------------------------------------- the table


def test_every_remedy_by_reason_is_for_a_code_that_there_is() -> None:
    assert {code for code, _reason in BY_REASON} <= {error.code for error in all_errors()}


def test_the_reason_speaks_before_the_error_and_the_error_before_its_kind() -> None:
    known = InvalidInputError(remedy="Of the error.", reason="which-desk")
    assert what_to_do(known) == BY_REASON["invalid-input", "which-desk"]
    assert what_to_do(InvalidInputError(remedy="Of the error.")) == "Of the error."
    assert what_to_do(InvalidInputError()) == "Correct the named place and send it again."


def test_no_error_of_the_road_promises_that_mail_is_queued() -> None:
    """A command that did not reach the node left nothing there to be queued."""
    assert not [error for error in all_errors() if "stays queued" in what_to_do(error())]

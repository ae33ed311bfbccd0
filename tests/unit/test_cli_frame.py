"""What all commands have in common: JSON, words, exit codes, and no traceback ever."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from fakes.pki import make_root
from fakes.terminal import CliRunner
from tracepost.cli.app import app, build
from tracepost.cli.exits import exit_code_page
from tracepost.cli.passphrases import PassphraseSource
from tracepost.cli.profile import read_profile
from tracepost.cli.profile_file import find_profile
from tracepost.cli.render.fields import moment
from tracepost.cli.verb import Result, as_internal, describe, verb
from tracepost.locale.values import printable
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, all_errors

ROOT = Path(__file__).parents[2]
SECRET = "unmistakable-secret"


def commands(
    group: typer.Typer = app, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    for command in group.registered_commands:
        yield (*path, command.name or ""), command.callback
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, (*path, inner.name or ""))


COMMANDS = dict(commands())


# ---------------------------------------------------------------- every command


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_json(path: tuple[str, ...]) -> None:
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, [*path, "--help"])
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert inspect.getdoc(COMMANDS[path])


def test_the_verbs_of_the_case_are_all_there() -> None:
    wanted = (
        "submit list show ack ask supply respond refuse delay redirect refer clarify amend withdraw close consent "
        "remind held timeline export part"
    )
    assert set(wanted.split()) <= {path[1] for path in COMMANDS if path[0] == "trace"}


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_option_takes_a_secret_as_its_value(path: tuple[str, ...]) -> None:
    """Arguments are seen by every user of the machine."""
    names = inspect.signature(COMMANDS[path]).parameters  # type: ignore[arg-type]
    assert not {name for name in names if name in {"passphrase", "password", "secret", "token", "share"}}


def test_an_unknown_option_or_a_missing_argument_is_exit_code_2() -> None:
    for arguments in (["trace", "list", "--nonsense"], ["trace", "show"], ["nonsense"]):
        assert CliRunner().invoke(app, arguments).exit_code == 2


def test_a_wrong_code_names_those_that_there_are() -> None:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["trace", "list", "--state", "nonsense"])
    assert result.exit_code == 2
    assert "waiting-for-us" in result.stderr


def test_a_wrong_code_inside_a_value_is_a_slip_too_and_no_error_of_the_program() -> None:
    ended = CliRunner().invoke(
        app, ["trace", "enquire", "CASE", "--to-desk", "army", "--look-in", "stock:1990-2020"]
    )
    assert ended.exit_code == 2
    assert "ledger" in ended.output


@pytest.mark.parametrize("place", [["{}", "--json"], ["--json", "{}"]], ids=["before", "after"])
@pytest.mark.parametrize("digest", ["-tAbcdefgh_12", "-p" + "r" * 41, "--" + "A" * 41, "-" * 43])
def test_a_digest_that_begins_with_a_dash_is_a_value_wherever_it_stands(
    digest: str, place: list[str], tmp_path: Path
) -> None:
    """Base64url: one digest in 64 does. A wrong option is told as such all the same."""
    arguments = [one.format(digest) for one in place]
    absent = ["--profile", str(tmp_path / "profile.toml")]
    ended = CliRunner().invoke(app, ["policy", "explain", *arguments, *absent])
    assert json.loads(ended.stderr)["error"]["code"] == ConfigurationError.code
    assert CliRunner().invoke(app, ["policy", "explain", "-tAbcdefgh_12", "--nonsense"]).exit_code == 2


def test_a_verb_that_is_said_is_put_together_alone_and_a_slip_is_told_of_all() -> None:
    def verbs(*words: str) -> set[tuple[str, ...]]:
        return {path for path, _ in commands(build(*words))}

    assert verbs("trace", "list") == {("trace", "list")}
    assert verbs("trace", "lisst") == verbs("trace") > {("trace", "list"), ("trace", "show")}
    assert verbs("ca", "steward") == verbs("ca")
    assert verbs("ca", "init") >= {("ca", "init"), ("ca", "steward", "init")}
    assert verbs("doctor", "list") == {("doctor",)}


def test_the_version_is_shown() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, len(result.stdout.split("."))) == (0, 3)


def test_the_program_starts_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tracepost.cli", "trust", "show", "/nonexistent", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    assert json.loads(done.stderr)["error"]["code"] == "invalid-input"


# ---------------------------------------------------------------- results and errors


def failing(fault: BaseException) -> typer.Typer:
    small = typer.Typer()

    @verb(small, "fail")
    def fail() -> Result:
        """Fail."""
        raise fault

    @verb(small, "other")
    async def other() -> Result:
        """Succeed."""
        return Result({"grüße": 1}, None, 8)

    return small


def test_a_foreign_error_is_an_error_of_this_program_and_its_text_is_not_shown() -> None:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(failing(ValueError(SECRET)), ["fail"])
    assert result.exit_code == 1
    assert "An error of this program." in result.stderr
    assert "ValueError" in result.stderr
    assert SECRET not in result.output
    assert "Traceback" not in result.output


def test_leaving_by_the_keyboard_has_its_own_code() -> None:
    assert CliRunner().invoke(failing(KeyboardInterrupt()), ["fail"]).exit_code == 130


def test_a_result_may_end_with_a_code_of_its_own() -> None:
    result = CliRunner().invoke(failing(ValueError()), ["other", "--json"])
    assert (result.exit_code, json.loads(result.stdout)) == (8, {"grüße": 1})


def test_every_error_of_the_table_is_told_with_exit_code_and_what_to_do() -> None:
    for error in all_errors():
        fault = error(where="here")
        result = CliRunner(env={"COLUMNS": "200"}).invoke(failing(fault), ["fail"])
        assert result.exit_code == error.exit_code != 0
        assert "here" in result.stderr
        assert describe(fault)["code"] == error.code
        assert describe(fault)["remedy"].endswith("."), "every error says what to do next"


def test_the_place_of_a_foreign_error_is_the_innermost() -> None:
    with pytest.raises(ValueError, match="Expecting") as refused:
        json.loads("{")
    assert "json.decoder" in as_internal(refused.value).where


def test_exit_codes_in_the_documentation_are_those_of_the_table() -> None:
    page = ROOT / "docs" / "exit-codes.md"
    assert page.read_text("utf-8") == exit_code_page(), "python -m tracepost.cli.exits > docs/exit-codes.md"


# ---------------------------------------------------------------- profile and secrets


def profile(folder: Path, text: str) -> Path:
    path = folder / "profile.toml"
    path.write_text(text, "utf-8")
    return path


WHOLE = 'address="a:1"\nmember="xaa"\ndomain="d"\ncertificate="c.pem"\nkey="k"\nroot="r"\n'


def test_a_profile_reads_its_paths_from_its_own_folder(tmp_path: Path) -> None:
    found = read_profile(profile(tmp_path, WHOLE + 'desk="poc"\n'))
    assert (found.certificate, found.desk) == (tmp_path / "c.pem", "poc")


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        WHOLE.replace('root="r"\n', ""),
        WHOLE + 'colour="red"\n',
        WHOLE.replace('"xaa"', '"X A A"'),
        WHOLE.replace('"a:1"', "1"),
    ],
)
def test_a_profile_that_is_not_right_is_told_by_its_path(tmp_path: Path, text: str) -> None:
    path = profile(tmp_path, text)
    with pytest.raises(ConfigurationError) as refused:
        read_profile(path)
    assert str(path) in refused.value.where


def test_the_profile_is_found_by_option_environment_or_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("TRACEPOST_PROFILE", raising=False)
    assert find_profile(None) == tmp_path / "tracepost" / "profile.toml"
    monkeypatch.setenv("TRACEPOST_PROFILE", "/some/where.toml")
    assert find_profile(None) == Path("/some/where.toml")
    assert find_profile(Path("given.toml")) == Path("given.toml")
    with pytest.raises(ConfigurationError, match="no profile"):
        read_profile(tmp_path / "none.toml")


def test_a_passphrase_comes_from_a_file_or_a_descriptor_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_bytes(b"open sesame\r\n")
    assert PassphraseSource(file).read("") == b"open sesame"
    with file.open("rb") as stream:
        assert PassphraseSource(descriptor=stream.fileno()).read("") == b"open sesame"


def test_a_passphrase_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"open sesame")
    file.chmod(0o640)
    with pytest.raises(ConfigurationError) as refused:
        PassphraseSource(file).read("")
    assert "chmod 600" in refused.value.what_to_do


def test_nobody_at_the_keyboard_is_told_and_not_waited_for(tmp_path: Path) -> None:
    for source in (PassphraseSource(), PassphraseSource(tmp_path / "none"), PassphraseSource(descriptor=987)):
        with pytest.raises(InvalidInputError):
            source.read("Passphrase")
    (tmp_path / "empty").touch(0o600)
    with pytest.raises(InvalidInputError):
        PassphraseSource(tmp_path / "empty").read("")


def test_an_encrypted_key_is_opened_with_what_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization

    from fakes.desk_server import write_profile
    from tracepost.sdk import OfficerPapers

    write_profile(tmp_path, make_root("xaa"), "x:1")
    key = serialization.load_pem_private_key((tmp_path / "officer.key").read_bytes(), None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )
    (tmp_path / "officer.key").write_bytes(encrypted)
    certificate, key_file, root = (tmp_path / name for name in ("officer.pem", "officer.key", "root.pem"))
    assert b"PRIVATE" in OfficerPapers.read(certificate, key_file, root, lambda: b"open sesame").key
    for wrong in (lambda: b"wrong", None):
        with pytest.raises(ConfigurationError):
            OfficerPapers.read(certificate, key_file, root, wrong)


# ---------------------------------------------------------------- what is shown


@given(st.text())
def test_no_control_character_reaches_the_terminal(text: str) -> None:
    assert all(sign.isprintable() or sign == "\n" for sign in printable(text))


def test_moments_are_shown_as_people_write_them() -> None:
    assert moment("2026-11-01T10:00:05Z") == "2026-11-01 10:00 UTC"
    assert moment("soon") == "soon"

"""Help and slips on the command line in six languages: what typer says of its own is said in the user's words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from typer import rich_utils
from typer.main import get_command

from tracepost.cli import words
from tracepost.cli.app import build
from tracepost.cli.usage import OPTIONS, SLIPS, TITLES, in_words
from tracepost.locale import tags
from tracepost.locale.words import words_of

LANGUAGES = tuple(tag for tag in tags() if tag != "en")
SIGNS_OF_DIRECTION = re.compile("[\u2068\u2069]")

LINES = (
    (["trace", "show"], "Missing argument 'CASE'."),
    (["trace", "shw"], "No such command 'shw'. Did you mean 'show'?"),
    (["trace", "q"], "No such command 'q'."),
    (["--language", "fr"], "Missing command."),
    (["trace", "show", "--hlp"], "No such option: --hlp (Possible options: --help)"),
    (["trace", "show", "--qqq"], "No such option: --qqq"),
    (["trace", "show", "x", "--json=3"], "Option '--json' does not take a value."),
    (["trace", "show", "--profile"], "Option '--profile' requires an argument."),
    (["trace", "list", "more", "words"], "Got unexpected extra argument(s) (more words)"),
    (
        ["demo", "--story", "nope"],
        "Invalid value for '--story': Value error, 'nope' is not one of 'request', 'channels'.",
    ),
    (
        ["expiring", "--within", "x"],
        (
            "Invalid value for '--within': Input should be a valid integer, unable to parse string as an integer"
        ),
    ),
    (
        ["expiring", "--within", "-4"],
        "Invalid value for '--within': Input should be greater than or equal to 0",
    ),
    (
        ["trust", "draft", "--days", "999"],
        "Invalid value for '--days': Input should be less than or equal to 90",
    ),
    (["officer", "passkey", "nope"], "No such command 'nope'."),
)


@pytest.fixture
def speaks(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What a language sets is set back after the test."""
    for name in (*TITLES, "REQUIRED_LONG_STRING", "highlighter"):
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    monkeypatch.setattr(rich_utils, "FORCE_TERMINAL", False)  # no colours, whatever machine runs this
    monkeypatch.setattr(rich_utils, "MAX_WIDTH", None)
    return monkeypatch


def _run(speaks: pytest.MonkeyPatch, tag: str, arguments: list[str], columns: int = 200) -> Result:
    speaks.setattr(words, "WORDS", words_of(tag))
    first = next((one for one in arguments if not one.startswith("-") and one != "fr"), "demo")
    program: Any = get_command(build(first))
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(program, arguments, prog_name="tracepost")


@pytest.mark.parametrize(("arguments", "english"), LINES, ids=[" ".join(line) for line, _said in LINES])
class TestSlips:
    def test_in_english_it_is_as_typer_says_it(
        self, speaks: pytest.MonkeyPatch, arguments: list[str], english: str
    ) -> None:
        result = _run(speaks, "en", arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"│ {english} " in result.stderr

    @pytest.mark.parametrize("tag", LANGUAGES)
    def test_in_another_language_nothing_of_it_is_english(
        self, speaks: pytest.MonkeyPatch, arguments: list[str], english: str, tag: str
    ) -> None:
        result = _run(speaks, tag, arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        said = SIGNS_OF_DIRECTION.sub("", result.stderr)
        assert english not in said
        for part in (
            "Usage:",
            "Try '",
            "Invalid",
            "Input should",
            "Value error",
            "Missing",
            "No such",
            "Got ",
        ):
            assert part not in said
        for value in re.findall(r"'[^']+'|--\w+", english):
            assert value in said
        assert words_of(tag).gettext("Error") in said


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize(
    "arguments", [["--help"], ["trace", "--help"], ["trace", "show", "--help"], ["demo", "--help"]]
)
def test_help_has_no_word_of_the_library_left_in_english(
    speaks: pytest.MonkeyPatch, arguments: list[str], tag: str
) -> None:
    result = _run(speaks, tag, arguments)
    said, ours = SIGNS_OF_DIRECTION.sub("", result.stdout), words_of(tag).gettext
    assert result.exit_code == 0
    for english in ("Usage:", "Commands", "[required]", "[default:", *OPTIONS):
        assert english not in said
    for english in ("Usage: ", "Options", "Show this message and exit."):
        assert ours(english) in said


@pytest.mark.parametrize("tag", tags())
def test_required_and_default_are_said_beside_the_option(speaks: pytest.MonkeyPatch, tag: str) -> None:
    ours = words_of(tag).gettext
    assert f"[{ours('required')}]" in _run(speaks, tag, ["trace", "show", "--help"]).stdout
    assert ours("[default: {}]").format("request") in _run(speaks, tag, ["demo", "--help"]).stdout


@pytest.mark.parametrize("tag", tags())
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_frames_are_closed_on_the_right_in_every_script(
    speaks: pytest.MonkeyPatch, tag: str, columns: int
) -> None:
    for arguments in (["trace", "--help"], ["trace", "show", "--hlp"], ["demo", "--story", "nope"]):
        result = _run(speaks, tag, arguments, columns)
        lines = [line for line in result.output.splitlines() if line.startswith(("╭", "│", "╰"))]
        assert {cell_len(line) for line in lines} == {columns}


@pytest.mark.parametrize("columns", [60, 80])
def test_chinese_has_no_spaces_and_is_not_cut_off_at_the_edge(
    speaks: pytest.MonkeyPatch, columns: int
) -> None:
    for arguments in (["--help"], ["trace", "--help"], ["node", "--help"]):
        assert "…" not in _run(speaks, "zh_Hans", arguments, columns).stdout


@pytest.mark.parametrize("slip", SLIPS)
def test_each_slip_is_told_apart_from_all_others(slip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter text that stood before a longer one would swallow its end."""
    monkeypatch.setattr(words, "WORDS", words_of("fr"))
    names = ("name", "names", "value", "choices", "path", "least", "most", "slip")
    filled = dict.fromkeys(names, "'x'")
    assert in_words(slip.format(**filled)) == words_of("fr").gettext(slip).format(**filled)


@pytest.mark.parametrize("text", ["", "no text of typer", "{name}", "No such desk: {0}"])
def test_what_is_no_slip_is_left_as_it_is(text: str) -> None:
    assert in_words(text) == text

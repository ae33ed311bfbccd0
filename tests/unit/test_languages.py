"""Who is spoken to in which language: wishes, environment, profile; plurals and figures of each."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tracepost.cli.language import chosen_language, first_words
from tracepost.locale import FOLDER, choose, has, language, languages, tags, wishes_of_browser
from tracepost.locale.figures import day, moment, number, percent
from tracepost.locale.values import value_words
from tracepost.locale.words import Words, words_of
from tracepost.protocol.jsonvalue import JsonValue


class TestChoosing:
    @pytest.mark.parametrize(
        ("wish", "tag"),
        [
            ("fr", "fr"),
            ("fr_CA.UTF-8", "fr"),
            ("AR-eg", "ar"),
            ("zh", "zh_Hans"),
            ("zh-CN", "zh_Hans"),
            ("zh_Hans_SG", "zh_Hans"),
            ("zh-TW", "en"),
            ("tlh", "en"),
            ("", "en"),
            ("../../etc", "en"),
        ],
    )
    def test_a_wish_finds_its_language(self, wish: str, tag: str) -> None:
        assert choose([wish]) == tag

    def test_the_first_that_we_have_wins(self) -> None:
        assert choose(["tlh", "", "es-MX", "fr"]) == "es"
        assert not has("tlh")

    def test_a_browser_weighs_its_wishes(self) -> None:
        assert wishes_of_browser("da, fr;q=0.3, ar;q=0.8, *;q=0.1, xx;q=no") == ["da", "ar", "fr"]
        assert choose(wishes_of_browser("da, fr;q=0.3, ar;q=0.8")) == "ar"

    def test_option_environment_profile_machine(self, tmp_path: Path) -> None:
        profile = tmp_path / "profile.toml"
        profile.write_text('language = "ru"\n')
        said = ["--language", "ar", "trace", "list", "--profile", str(profile)]
        machine = {"LANG": "es_ES.UTF-8"}
        assert chosen_language(said, {"TRACEPOST_LANGUAGE": "fr"}) == "ar"
        assert chosen_language(said[2:], {"TRACEPOST_LANGUAGE": "fr"} | machine) == "fr"
        assert chosen_language(said[2:], machine) == "ru"
        assert chosen_language(["trace", "list", "--profile", str(tmp_path / "none")], machine) == "es"
        assert chosen_language(["--profile", str(tmp_path / "none")], {"LANG": "C", "LANGUAGE": "es"}) == "en"

    def test_the_verb_is_found_behind_the_language(self) -> None:
        assert first_words(["--language", "fr", "trace", "list", "--open"]) == ["trace", "list"]
        assert first_words(["--language=fr", "doctor"]) == ["doctor"]
        assert first_words(["--help", "trace"]) == []


class TestDirection:
    def test_arabic_is_written_from_right_to_left(self) -> None:
        assert language("ar").direction == "rtl"
        assert {spoken.tag for spoken in languages() if spoken.direction == "rtl"} == {"ar"}

    def test_languages_call_themselves_by_their_names(self) -> None:
        assert language("fr").name == "français"
        assert language("zh_Hans").bcp47 == "zh-Hans"
        assert tags()[0] == "en"


class TestFigures:
    def test_dates_as_people_write_them(self) -> None:
        assert day("2027-03-31", "fr") == "31 mars 2027"
        assert day("2027-03", "zh_Hans") == "2027年3月"
        assert day("2027", "ar") == "2027"
        assert day("spring 2027", "es") == "spring 2027"
        assert moment("2027-03-31T20:00:00+02:00", "en") == "March 31, 2027, 18:00 UTC"
        assert moment(0, "es") == "1 de enero de 1970, 00:00 UTC"

    def test_numbers_keep_digits_that_everybody_reads(self) -> None:
        assert number(12345.5, "ru") == "12\xa0345,5"
        assert number(1234, "ar") == "1,234"
        assert percent(0.25, "es") == "25\xa0%"


def test_a_word_that_a_language_lacks_is_english() -> None:
    assert words_of("fr").gettext("A text that nobody translated") == "A text that nobody translated"
    assert isinstance(words_of("zh-CN"), Words)
    assert words_of("zh-CN").tag == "zh-Hans"
    assert words_of("ar").kind("new.kind/9").endswith("(new.kind/9)")


def test_the_command_line_refuses_a_language_that_it_lacks_and_lists_those_it_has() -> None:
    listed = _cli("--languages")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(tags())
    refused = _cli("--language", "tlh", "doctor", "--help")
    assert refused.returncode == 2
    assert "zh_Hans" in refused.stderr


def _cli(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tracepost.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_value_among_words_from_the_right_keeps_the_order_of_its_signs() -> None:
    """Unicode would show `3811-B046` as `B046-3811` there; U+2068 and U+2069 set it apart, and nothing else changes."""
    value: JsonValue = {"text_as_seen": "3811-B046"}
    assert value_words(value, words_of("ar")).endswith(": \u20683811-B046\u2069")
    assert value_words(value, words_of("fr")).endswith(": 3811-B046")
    assert words_of("ar").alone("") == ""


def test_every_text_that_is_marked_is_in_the_catalogue() -> None:
    """What gathers the texts does not look into every corner of a line of code, such as an f-string: this does."""
    with (FOLDER / "en" / "LC_MESSAGES" / "tracepost.po").open("rb") as opened:
        known = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(opened) if one.id}
    lacking = {
        f"{path.name}:{call.lineno} {call.args[0].value!r}"
        for path in sorted(FOLDER.parent.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and (call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")) == "_"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value not in known
    }
    assert lacking == set()

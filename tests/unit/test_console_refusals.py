"""What an officer is told of an error is in his language: of what the console refuses, and of what a node does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracepost.console
import tracepost.node
import tracepost.protocol
import tracepost.sdk
import tracepost.serving
from tracepost.console.pages.trail import _row
from tracepost.console.refusals import BY_REASON, refusal_of
from tracepost.locale import tags
from tracepost.locale.words import words_of
from tracepost.protocol.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionError_,
    all_errors,
)
from tracepost.wire.v1 import desk_pb2

OTHERS = [tag for tag in tags() if tag != "en"]
OF_OFFICERS = {one.__name__ for one in all_errors()} - {"ConfigurationError", "InternalError"}
SAID_OTHERWISE = {"answers.py", "questions.py"}
"""Modules whose faults are said beside a field, by their reason."""
TO_SCRIPTS = {"it is a whole number", "it is a digest by SHA-256"}


def modules(package: object) -> Iterator[Path]:
    for folder in package.__path__:  # type: ignore[attr-defined]
        yield from Path(folder).rglob("*.py")


def literals() -> Iterator[tuple[str, str]]:
    """Yield what is raised for officers in plain words that are not marked for translation, with its module."""
    for path in modules(tracepost.console):
        for one in ast.walk(ast.parse(path.read_text())):
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in OF_OFFICERS:
                remedies = [word.value for word in one.keywords if word.arg == "remedy"]
                for said in (*one.args, *remedies):
                    if isinstance(said, ast.Constant | ast.JoinedStr):
                        yield path.name, ast.unparse(said)


def test_all_that_the_console_refuses_is_marked_for_translation() -> None:
    left = {(name, said) for name, said in literals() if ast.literal_eval(said) not in TO_SCRIPTS}
    assert {one for one in left if one[0] not in SAID_OTHERWISE} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_page_that_is_not_there_is_told_in_the_language_of_the_officer(language: str) -> None:
    english = NotFoundError("There is no such page.", where="address")
    told, plain = refusal_of(english, words_of(language)), refusal_of(english, words_of("en"))
    assert plain.says == "There is no such page."
    assert all((told.kind, told.says, told.remedy))
    assert {told.kind, told.says, told.remedy}.isdisjoint({plain.kind, plain.says, plain.remedy})


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(("code", "reason"), BY_REASON)
def test_what_a_node_refuses_is_told_by_its_reason(code: str, reason: str, language: str) -> None:
    kind = next(one for one in all_errors() if one.code == code)
    english = kind("words of the node", reason=reason, remedy="a remedy that names a command")
    told = refusal_of(english, words_of(language))
    assert told.says == words_of(language).gettext(BY_REASON[code, reason]) != BY_REASON[code, reason]
    assert told.remedy == words_of(language).coded("remedy", code)


def test_in_english_the_node_speaks_for_itself() -> None:
    said = PermissionError_(
        "nobody releases what he wrote", reason="own-message", remedy="Ask another officer."
    )
    told = refusal_of(said, words_of("en"))
    assert (told.says, told.remedy) == ("nobody releases what he wrote", "Ask another officer.")


def test_what_nothing_is_known_of_stays_in_english_with_the_remedy_of_its_kind() -> None:
    told = refusal_of(InvalidInputError("a new rule", reason="new", remedy="Do so."), words_of("fr"))
    assert (told.says, told.remedy) == ("a new rule", words_of("fr").coded("remedy", "invalid-input"))


def test_each_reason_is_one_that_is_raised_somewhere() -> None:
    packages = (tracepost.node, tracepost.protocol, tracepost.sdk, tracepost.serving)
    said = "".join(path.read_text() for package in packages for path in modules(package))
    assert {reason for _code, reason in BY_REASON if f'"{reason}"' not in said} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_the_audit_trail_says_what_was_done_and_how_it_ended_in_words(language: str) -> None:
    words = words_of(language)
    done = desk_pb2.AuditEvent(number=1, action="passkey-endorse", outcome="ok")
    refused = desk_pb2.AuditEvent(
        number=2, action="call", subject="Submit", outcome="not-allowed/own-message"
    )
    assert _row(words, done)[3:] == (words.gettext("passkey endorsed"), "", words.gettext("done"))
    *_, action, subject, outcome = _row(words, refused)
    assert (action, subject) == (words.gettext("asked the node"), "Submit")
    assert outcome.startswith(words.coded("error", "not-allowed"))
    assert words.gettext("Nobody releases what he wrote himself.") in outcome


def test_the_audit_trail_tells_who_lets_read_against_a_refusal_from_who_reads() -> None:
    words = words_of("en")
    acts = ("break-glass-ask", "break-glass-grant", "break-glass")
    told = [_row(words, desk_pb2.AuditEvent(number=1, action=one))[3] for one in acts]
    assert told == ["asked to overrule the gate", "gate overruled for a day", "Read against a refusal"]


def test_what_the_trail_has_no_words_for_is_shown_as_it_stands_there() -> None:
    event = desk_pb2.AuditEvent(number=1, action="a-new-act", outcome=f"{ConflictError.code}/new")
    assert _row(words_of("en"), event)[3:] == (
        "a new act",
        "",
        f"{words_of('en').coded('error', 'conflict')} (new)",
    )

"""The protocol in prose says what the code does, where a machine can compare the two."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracepost.protocol.certificate import ARC
from tracepost.protocol.envelope import SIZE_CLASSES_KIB, SLOT_LENGTHS, SUITE
from tracepost.protocol.errors import all_errors
from tracepost.protocol.evidence.entry import RECEIPT_LABEL
from tracepost.protocol.schema import RAISES, SAID_BY, Sensitivity

HOUSE = Path(__file__).resolve().parents[2]
README = HOUSE / "proto" / "README.md"
PROTOCOL = HOUSE / "proto" / "tracepost" / "protocol"
TEXT = README.read_text(encoding="utf-8")

# A reason in a table of steps is written `so-and-so` in its last column.
REASON_COLUMN = re.compile(r"^\|(?:[^|]*\|){2,3} ((?:`[a-z0-9-]+`(?:, )?)+) \|$", re.MULTILINE)


def error_rows() -> list[str]:
    return [
        f"| `{kind.code}` | {kind.grpc_status} | {kind.exit_code} | {(kind.__doc__ or '').splitlines()[0]} |"
        for kind in all_errors()
    ]


def test_every_error_has_its_row() -> None:
    chapter = TEXT.partition("## 15. Errors")[2].partition("## 16.")[0]
    assert [line for line in chapter.splitlines() if line.startswith("| `")] == error_rows()


@pytest.mark.parametrize("text", [SUITE, ARC, RECEIPT_LABEL.decode(), ", ".join(map(str, SIZE_CLASSES_KIB))])
def test_names_and_numbers_are_those_of_the_code(text: str) -> None:
    assert text in TEXT


def test_the_slot_adds_up() -> None:
    assert SLOT_LENGTHS[SUITE] == 8 + 1168 + 16 + 848 == 2040


def test_the_table_of_raises_is_that_of_the_schema() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (`.*`) \|$", TEXT, re.MULTILINE)
    told = {Sensitivity(name): set(re.findall(r"`([A-Z_]+)`", higher)) for name, higher in rows}
    assert {name: {one.value for one in RAISES[name]} for name in told} == told
    assert {Sensitivity.OBJECT, Sensitivity.LAW_ENFORCEMENT, Sensitivity.CONTACT} <= told.keys()
    everything = set(Sensitivity)
    assert RAISES[Sensitivity.PUBLIC] == everything - {Sensitivity.PUBLIC}
    assert RAISES[Sensitivity.ADMINISTRATIVE] == everything - {Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE}


def test_the_table_of_who_says_what_is_that_of_the_schema() -> None:
    chapter = TEXT.partition("**Who says what.**")[2].partition("**The end")[0]
    rows = re.findall(r"^\| `([a-z./0-9-]+)` \| ([A-Z_, ]+) \|$", chapter, re.MULTILINE)
    assert {kind: set(types.split(", ")) for kind, types in rows} == {k: t for k, t in SAID_BY.items() if t}


def test_every_reason_in_a_table_of_steps_is_one_of_the_code() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in PROTOCOL.rglob("*.py"))
    named = {reason for row in REASON_COLUMN.findall(TEXT) for reason in re.findall(r"`([a-z0-9-]+)`", row)}
    assert len(named) > 90
    assert {reason for reason in named if f'"{reason}"' not in code} == set()


def test_every_folder_of_vectors_is_there() -> None:
    for folder in re.findall(r"^\| `(tests/vectors/[a-z]+)` \|", TEXT, re.MULTILINE):
        assert (HOUSE / folder / "generate.py").exists(), folder

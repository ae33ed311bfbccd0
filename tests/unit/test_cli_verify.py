"""`tracepost verify`: what is proved is printed, and without an anchor nothing is."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from fakes.terminal import CliRunner, Result
from tracepost.cli.app import app
from tracepost.protocol.errors import all_errors

VECTORS = Path(__file__).parents[1] / "vectors" / "casefile"
CASE, TRUST = VECTORS / "case.tracepost", VECTORS / "trust.json"
EXPECTED: Any = json.loads((VECTORS / "expected.json").read_text("utf-8"))


def run(*arguments: str) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify", *arguments])
    assert "Traceback" not in result.output
    return result


def fingerprint() -> str:
    shown = CliRunner().invoke(app, ["trust", "fingerprint", str(TRUST)])
    return shown.stdout.strip()


def test_a_case_is_proved_by_a_trust_list_or_its_fingerprint() -> None:
    for anchor in (["--trust", str(TRUST)], ["--fingerprint", fingerprint()]):
        result = run(str(CASE), *anchor)
        assert result.exit_code == 0, result.output
        assert "3 statements are proved." in result.stdout


def test_a_person_sees_who_when_by_whose_log_and_what_is_not_shown() -> None:
    shown = run(str(CASE), "--trust", str(TRUST)).stdout
    for words in (
        "signed by xaa",
        "existed before",
        "by the log of",
        "withheld",
        "acknowledgement",
        "left out",
    ):
        assert words in shown


def test_a_machine_gets_the_whole_report() -> None:
    answer = json.loads(run(str(CASE), "--trust", str(TRUST), "--json").stdout)
    assert answer["anchored"]
    assert [one["number"] for one in answer["report"]["statements"]] == [1, 2, 3]
    assert answer["report"]["statements"][0]["shown"]["signer"]["member"] == "xaa"


def test_without_an_anchor_it_is_nobodys_word_for_who() -> None:
    result = run(str(CASE))
    assert result.exit_code == 3
    assert "nobody's word for who" in result.stdout
    assert "signed by xaa" in result.stdout
    answer = json.loads(run(str(CASE), "--json").stdout)
    assert (answer["anchored"], answer["error"]["code"]) == (False, "no-anchor")


def test_another_list_or_fingerprint_is_refused() -> None:
    assert run(str(CASE), "--fingerprint", "00" * 32).exit_code == 7
    assert run(str(CASE), "--trust", str(CASE)).exit_code == 7
    assert run(str(CASE), "--trust", "/nonexistent").exit_code == 4
    assert run("/nonexistent").exit_code == 4


def test_any_byte_flipped_ends_with_one_of_our_errors(tmp_path: Path) -> None:
    data = CASE.read_bytes()
    codes = {error.exit_code for error in all_errors()} - {1}
    draw = random.Random(2)
    places = [*range(40), *(draw.randrange(len(data)) for _ in range(60))]
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 1 << draw.randrange(8)
        path = tmp_path / "damaged.tracepost"
        path.write_bytes(damaged)
        assert run(str(path), "--trust", str(TRUST)).exit_code in codes


@pytest.mark.parametrize("data", [b"", b"TRACEPOST\x00\x01", b"nonsense" * 100])
def test_what_is_no_case_file_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.tracepost"
    path.write_bytes(data)
    assert run(str(path)).exit_code == 7

"""The demonstration, run as the README says, and what it leaves behind."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracepost.protocol.casefile import read_casefile
from tracepost.protocol.errors import TracepostError, all_errors

TRACEPOST = Path(sys.executable).with_name("tracepost")
OUR_EXIT_CODES = {error.exit_code for error in all_errors()}
ITEM_COUNT = 6
STEP = 97  # a prime: flipped bytes fall into every part of the file


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "out"
    done = run("demo", "--out", str(out), timeout=560)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return out


def run(*arguments: str, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(TRACEPOST), *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )


def test_the_exported_case_verifies_against_the_trust_list(demo: Path) -> None:
    done = run("verify", str(demo / "case.tracepost"), "--trust", str(demo / "trust.json"), "--json")
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


def test_without_an_anchor_it_exits_with_3_and_says_so(demo: Path) -> None:
    done = run("verify", str(demo / "case.tracepost"))
    assert done.returncode == 3
    assert "Traceback" not in done.stdout + done.stderr


def test_a_changed_file_exits_with_one_of_our_errors(demo: Path, tmp_path: Path) -> None:
    whole = (demo / "case.tracepost").read_bytes()
    changed = tmp_path / "changed.tracepost"
    changed.write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    done = run("verify", str(changed), "--trust", str(demo / "trust.json"))
    assert done.returncode in OUR_EXIT_CODES - {0, 1}
    assert "Traceback" not in done.stdout + done.stderr


def test_any_flipped_byte_is_refused_by_a_typed_error(demo: Path) -> None:
    whole = (demo / "case.tracepost").read_bytes()
    positions = [*range(64), *range(64, len(whole), max(STEP, len(whole) // 400))]
    for position in positions:
        flipped = bytearray(whole)
        flipped[position] ^= 0x40
        with pytest.raises(TracepostError):
            read_casefile(bytes(flipped))


def test_every_statement_of_the_case_is_exported_with_chain_and_key(demo: Path) -> None:
    statements = sorted((demo / "sd-jwt").glob("*.sd-jwt"))
    assert len(statements) > ITEM_COUNT
    for path in statements:
        assert beside(path, ".pem").read_text().startswith("-----BEGIN CERTIFICATE-----")
        assert json.loads(beside(path, ".jwk.json").read_text())["crv"] == "P-256"


@pytest.mark.foreign
def test_foreign_libraries_verify_them_also_with_disclosures_dropped(
    demo: Path, run_foreign: Callable[[str, Any], Any]
) -> None:
    requests = []
    for path in sorted((demo / "sd-jwt").glob("*.sd-jwt")):
        compact, jwk = path.read_text().strip(), json.loads(beside(path, ".jwk.json").read_text())
        jws, *disclosures = compact.split("~")[:-1]
        for shown in (disclosures, disclosures[::2], []):
            requests.append({"compact": "~".join([jws, *shown, ""]), "jwk": jwk, "now": 4_000_000_000})
    answers = run_foreign("verify_sd_jwt.mjs", requests)
    assert requests
    assert [a for a in answers if "refused" in a] == []


@pytest.fixture
def run_foreign() -> Callable[[str, Any], Any]:
    """The runner of tests/foreign: installs the Node.js packages, or skips with a reason."""
    spec = importlib.util.spec_from_file_location(
        "foreign", Path(__file__).parents[1] / "foreign" / "conftest.py"
    )
    assert spec is not None
    assert spec.loader is not None
    foreign = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(foreign)
    runner: Callable[[str, Any], Any] = foreign.make_runner()
    return runner


def beside(statement: Path, ending: str) -> Path:
    return statement.with_name(statement.name.removesuffix(".sd-jwt") + ending)

"""The benchmark runs and says what it promises to say. How fast anything is, is no test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[1] / "bench" / "run.py"

FIGURES = {
    "echo_unary_rps",
    "echo_unary_rps_one_caller",
    "echo_unary_p50_ms_one_caller",
    "post_rps",
    "post_ratio",
    "case_rps",
    "case_ratio",
    "case_unary_rps",
    "case_unary_ratio",
    "latency_p50_ms",
    "latency_p50_echoes",
    "latency_p99_ms",
    "latency_p99_echoes",
    "memory_mb",
    "memory_messages",
    "sign_us",
    "seal_us",
    "open_us",
    "verify_us",
    "envelope_bytes",
    "envelope_with_photographs_bytes",
    "gate_share",
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a run with a few messages prints and writes."""
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    ran = subprocess.run(
        [sys.executable, str(BENCH), "--messages", "48", "--rounds", "2", "--out", str(path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, json.loads(path.read_text())


def test_every_promised_figure_is_there_and_is_a_positive_number(outcome: tuple[str, dict[str, Any]]) -> None:
    _, report = outcome
    results = report["results"]
    assert results.keys() >= FIGURES
    assert [name for name, value in results.items() if not value > 0] == []


def test_rounds_machine_and_targets_stand_beside_the_figures(outcome: tuple[str, dict[str, Any]]) -> None:
    _, report = outcome
    assert len(report["rounds"]) == report["plan"]["rounds"] == 2
    assert report["machine"].keys() >= {"cpu", "cores", "memory_gib", "python", "packages"}
    assert report["targets"].keys() == {"post_ratio", "case_ratio", "memory_mb", "gate_share"}
    assert (report["plan"]["fields"], report["plan"]["values_bytes"]) == (40, 4096)


def test_all_messages_of_all_rounds_are_stored_at_the_receiver(outcome: tuple[str, dict[str, Any]]) -> None:
    _, report = outcome
    plan = report["plan"]
    each = plan["post"] + plan["case"] + plan["unary"] + plan["latency"]
    assert report["results"]["memory_messages"] >= plan["rounds"] * each


def test_the_table_names_machine_and_targets(outcome: tuple[str, dict[str, Any]]) -> None:
    printed, report = outcome
    assert report["machine"]["python"] in printed
    assert all(target in printed for target in report["targets"].values())

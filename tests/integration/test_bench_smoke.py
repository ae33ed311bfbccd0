"""The benchmark runs and says what it promises to say. How fast anything is, is no test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from bench.memory import slope_of
from bench.parts import PARTS
from bench.report import write_report
from bench.rows import CannotRunError, Measured, Part, Row, Run, run_part

BENCH = Path(__file__).parents[1] / "bench" / "run.py"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a run with a few messages prints and writes."""
    return _run(tmp_path_factory.mktemp("bench"), "post,operations,gate,log,log-stored,destinations,curve")


def _run(folder: Path, only: str) -> tuple[str, dict[str, Any]]:
    path = folder / "bench.json"
    few = ["--messages", "32", "--rounds", "1", "--only", only]
    ran = subprocess.run(
        [sys.executable, str(BENCH), *few, "--out", str(path)],
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, json.loads(path.read_text("utf-8"))


def test_every_row_of_the_parts_that_ran_has_its_figure(outcome: tuple[str, dict[str, Any]]) -> None:
    _, report = outcome
    rows = {row.figure for part in PARTS if part.name in report["parts"] for row in part.rows}
    assert report["results"].keys() >= rows
    growth = "memory_mb_per_100k"  # flat is 0, and may shrink
    refused = {name for name in rows if name.startswith("curve_refused_at_")}  # none is right
    assert [name for name in sorted(rows - refused - {growth}) if not report["results"][name] > 0] == []
    assert [name for name in sorted(refused) if report["results"][name] < 0] == []


def test_rounds_machine_and_goals_stand_beside_the_figures(outcome: tuple[str, dict[str, Any]]) -> None:
    _, report = outcome
    assert report["machine"].keys() >= {"cpu", "cores", "memory_gib", "python", "packages", "load_average"}
    assert (report["plan"]["fields"], report["plan"]["values_bytes"]) == (40, 4096)
    assert [len(rounds) for rounds in report["rounds"].values()] == [1, 2], "to many, twice as many rounds"
    for row in (row for part in PARTS for row in part.rows if row.goal and part.name in report["parts"]):
        judged = report["goals"][row.figure]
        assert judged["goal"] == row.goal
        assert judged["met"] == row.is_met(report["results"][row.figure])


def test_all_messages_are_stored_at_the_receiver(outcome: tuple[str, dict[str, Any]]) -> None:
    _, report = outcome
    plan = report["parts"]["post"]["plan"]
    each = plan["post"] + plan["case"] + plan["unary"] + plan["latency"]
    assert report["results"]["memory_messages"] >= plan["rounds"] * each


def test_the_table_names_machine_parts_and_goals(outcome: tuple[str, dict[str, Any]]) -> None:
    printed, report = outcome
    assert report["machine"]["python"] in printed
    assert all(name in printed for name in report["parts"])
    assert all(judged["goal"] in printed for judged in report["goals"].values())


def test_a_part_that_cannot_run_says_why_and_its_goals_are_not_met(tmp_path: Path) -> None:
    def lacks(_: Run) -> Awaitable[Measured]:
        raise CannotRunError("the library is missing")

    part = Part("peers", "side by side", 1, lacks, (Row("peers_ratio", "ratio", "≥ 1"),))
    outcome = run_part(part, Run(tmp_path, 8, 1))
    assert (outcome.found, outcome.why_not) == (None, "the library is missing")
    write_report({}, {}, [outcome], tmp_path / "bench.json")
    report = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert report["goals"] == {"peers_ratio": {"goal": "≥ 1", "figure": None, "met": False}}
    assert report["parts"]["peers"]["why_not_run"] == "the library is missing"


def test_a_part_that_fails_is_told_and_costs_the_others_nothing(tmp_path: Path) -> None:
    def fails(_: Run) -> Awaitable[Measured]:
        raise AssertionError("the receipts do not come")

    outcome = run_part(Part("post", "real nodes", 1, fails, ()), Run(tmp_path, 8, 1))
    assert outcome.failed
    assert "the receipts do not come" in outcome.why_not


@pytest.mark.parametrize(
    ("goal", "reaches", "misses"), [("≥ 0.8", 0.8, 0.79), ("≤ 2", 2.0, 2.01), ("< 150", 149.9, 150.0)]
)
def test_a_goal_is_met_from_its_bound_on(goal: str, reaches: float, misses: float) -> None:
    row = Row("figure", "words", goal)
    assert row.is_met(reaches)
    assert not row.is_met(misses)


def test_memory_grows_by_the_slope_of_its_later_half() -> None:
    """What a node takes while it warms up is no growth."""
    warm = [(0, 100.0), (40_000, 140.0)]
    assert slope_of([*warm, *((n, 150.0) for n in (50_000, 75_000, 100_000))]) == 0
    assert slope_of([*warm, *((n, 100 + n / 10_000) for n in (50_000, 75_000, 100_000))]) == pytest.approx(10)

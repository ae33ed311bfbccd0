"""How figures are summed up, written and shown. A goal stands beside its figure and decides nothing."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.rows import Outcome, Row

_WIDTH = 120
_WORDS_OF_A_GOAL = {True: "met", False: "missed"}


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def write_report(
    machine: Mapping[str, object], plan: Mapping[str, object], outcomes: Sequence[Outcome], path: Path
) -> None:
    """Write machine, plan, figures and goals of all parts that ran as JSON."""
    report = {
        "machine": machine,
        "plan": plan,
        "results": {
            name: value for one in outcomes if one.found for name, value in one.found.figures.items()
        },
        "rounds": {one.part.name: one.found.rounds for one in outcomes if one.found and one.found.rounds},
        "parts": {one.part.name: _describe(one) for one in outcomes},
        "goals": _goals(outcomes),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")


def print_table(machine: Mapping[str, Any], plan: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
    """Print all rows, with the machine above them and what was missed below."""
    console = Console(width=_WIDTH)
    load = ", ".join(map(str, machine["load_average"]))
    console.print(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Python {machine['python']},"
        f" grpcio {machine['packages']['grpcio']}; load before {load}; {plan['rounds']} rounds, medians;"
        f" requests of {plan['fields']} fields, {plan['values_bytes']} bytes of values"
    )
    for outcome in outcomes:
        console.print(_table(outcome))
    for outcome in outcomes:
        if outcome.found is None:
            console.print(f"{outcome.part.name}: NOT RUN: {outcome.why_not}; its goals are not met")
    missed = [name for name, goal in _goals(outcomes).items() if not goal["met"]]
    console.print(f"goals missed: {', '.join(missed) or 'none'}")


def shown(value: float) -> str:
    """Return a figure as the table has it."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.4f}"


def _table(outcome: Outcome) -> Table:
    title = f"\n{outcome.part.name} ({outcome.seconds:.0f} s): {outcome.part.how}"
    last = "gives, and lacks" if any(row.gives for row in outcome.part.rows) else ""
    table = Table("", "figure", "rounds", "goal", last, title=title, title_justify="left", title_style="")
    for column in table.columns[1:4]:
        column.justify = "right"
    for row in _table_rows(outcome):
        table.add_row(*row)
    return table


def _table_rows(outcome: Outcome) -> Iterator[tuple[str, str, str, str, str]]:
    part, found = outcome.part, outcome.found
    for row in part.rows:
        if found is None:
            yield row.words, "not run", "", row.goal, "missed" if row.goal else ""
        elif row.figure in found.figures:
            value = found.figures[row.figure]
            each = " ".join(shown(one[row.figure]) for one in found.rounds if row.figure in one)
            said = _WORDS_OF_A_GOAL[row.is_met(value)] if row.goal else row.gives
            yield row.words, shown(value), each, row.goal, said


def _goals(outcomes: Sequence[Outcome]) -> dict[str, dict[str, object]]:
    return {row.figure: _judge(row, one) for one in outcomes for row in one.part.rows if row.goal}


def _judge(row: Row, outcome: Outcome) -> dict[str, object]:
    value = outcome.found.figures.get(row.figure) if outcome.found else None
    return {"goal": row.goal, "figure": value, "met": value is not None and row.is_met(value)}


def _describe(outcome: Outcome) -> dict[str, object]:
    more = outcome.found.more if outcome.found else {}
    told = {"how": outcome.part.how, "seconds": round(outcome.seconds, 1), "why_not_run": outcome.why_not}
    return {**told, **more}

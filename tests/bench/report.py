"""How figures are summed up, written and shown. A target stands beside its figure and decides nothing."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

TARGETS = {"post_ratio": "≥ 0.6", "case_ratio": "≥ 0.25", "memory_mb": "< 150", "gate_share": "≤ 0.05"}

_WORDS = {
    "echo_unary_rps": "bare unary echo, 64 callers (/s)",
    "echo_unary_rps_one_caller": "bare unary echo, 1 caller (/s)",
    "echo_unary_p50_ms_one_caller": "bare unary echo, 1 caller, p50 (ms)",
    "post_rps": "post: sealed mail verified, durable, logged, receipted (/s)",
    "post_ratio": "  to the echo",
    "post_receiver_cpu_us": "  receiving node, time of a core per message (µs)",
    "post_sender_cpu_us": "  sending side, time of a core per message (µs)",
    "post_ratio_ceiling": "  to the echo, if all cores did nothing else",
    "case_rps": "case: SubmitMany to the peer's stored case (/s)",
    "case_ratio": "  to the echo",
    "case_unary_rps": "case: Submit by 64 callers (/s)",
    "case_unary_ratio": "  to the echo",
    "latency_p50_ms": "Submit to receipt, 1 caller, p50 (ms)",
    "latency_p50_echoes": "  in echoes",
    "latency_p99_ms": "Submit to receipt, 1 caller, p99 (ms)",
    "latency_p99_echoes": "  in echoes",
    "memory_mb": "memory of the receiving node (MB)",
    "memory_sender_mb": "memory of the submitting node (MB)",
    "memory_messages": "  messages stored by then",
    "sign_us": "statement of 40 fields: sign (µs)",
    "seal_us": "  seal to three desks, wrap for two (µs)",
    "open_us": "  open at a desk (µs)",
    "verify_us": "  verify (µs)",
    "gate_share": "share of the gate in a delivery, one process",
    "gate_us": "  time in the gate (µs)",
    "gate_delivery_us": "  time in all (µs)",
    "envelope_bytes": "envelope of a request (bytes)",
    "envelope_with_photographs_bytes": "  with three photographs (bytes)",
}


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def write_report(report: Mapping[str, object], path: Path) -> None:
    """Write the report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**report, "targets": TARGETS}, indent=2) + "\n")


def print_table(report: Mapping[str, Any]) -> None:
    """Print the report as a table, with the machine above it."""
    machine, plan = report["machine"], report["plan"]
    console = Console()
    console.print(
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB, Python {machine['python']},"
        f" grpcio {machine['packages']['grpcio']}; {plan['rounds']} rounds, medians;"
        f" requests of {plan['fields']} fields, {plan['values_bytes']} bytes of values"
    )
    table = Table("", "figure", "rounds", "target")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, words in _WORDS.items():
        each = [_shown(one[name]) for one in report["rounds"] if name in one]
        table.add_row(words, _shown(report["results"][name]), " ".join(each), TARGETS.get(name, ""))
    console.print(table)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value >= 0.1 else f"{value:.4f}"

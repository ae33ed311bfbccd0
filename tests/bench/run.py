"""`make bench`: how fast this is on this machine, beside a bare gRPC echo in the same run.

    python tests/bench/run.py --out build/bench.json
    BENCH_MESSAGES=3000 python tests/bench/run.py --out build/bench.json      # a quick look

Only ratios within one run mean anything: see `rounds` for what is measured, `report` for how it
is shown. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# The folder of `bench` and `fakes`, in place of this file's own; gRPC is loaded by `serving` first,
# which leaves it TLS 1.3 only.
sys.path[0] = str(Path(__file__).parents[1])

import tracepost.serving  # noqa: E402, F401
from bench import echo, rounds  # noqa: E402
from bench.gate_share import measure_gate_share  # noqa: E402
from bench.machine import describe_machine  # noqa: E402
from bench.operations import measure_operations  # noqa: E402
from bench.report import print_table, write_report  # noqa: E402

MESSAGES = 100_000
ROUNDS = 3


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark, or one of its processes; return the exit code."""
    if arguments[:1] == ["serve-echo"]:
        asyncio.run(echo.serve(Path(arguments[1])))
        return 0
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(prefix="tracepost-bench-") as folder:
        report = asyncio.run(_measure(Path(folder), options.messages, options.rounds))
    write_report(report, options.out)
    print_table(report)
    return 0


async def _measure(folder: Path, messages: int, number: int) -> dict[str, object]:
    plan = rounds.Plan.for_messages(messages, number)
    measured = await rounds.measure_rounds(folder, plan)
    operations = await measure_operations(folder / "operations", min(400, messages))
    gate = await measure_gate_share(folder / "gate", min(400, messages))
    return {
        "machine": describe_machine(),
        "plan": plan.as_json(),
        "results": {**measured.results, **operations, **gate},
        "rounds": measured.rounds,
    }


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Tracepost on this machine.")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"), help="the report, JSON")
    parser.add_argument(
        "--messages",
        type=int,
        default=int(os.environ.get("BENCH_MESSAGES", MESSAGES)),
        help="messages that the receiving node has stored in the end (BENCH_MESSAGES)",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

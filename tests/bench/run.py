"""`make bench`: how fast this is on this machine, beside a bare gRPC echo in the same run.

    python tests/bench/run.py --out build/bench.json
    python tests/bench/run.py --only destinations,storage        # some parts alone
    BENCH_MESSAGES=3000 python tests/bench/run.py                # a quick look
    python tests/bench/run.py --memory 1000000                   # memory over a million messages; takes a disk

Only ratios within one run mean anything: `parts` has what is measured, each with its rows and goals;
`report` shows it. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

# The folder of `bench` and `fakes`, in place of this file's own; gRPC is loaded by `serving` first,
# which leaves it TLS 1.3 only.
sys.path[0] = str(Path(__file__).parents[1])
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # else it tells of every stream that ends

import structlog  # noqa: E402

import tracepost.serving  # noqa: E402, F401
from bench import console_main, echo, sink  # noqa: E402
from bench.machine import describe_machine  # noqa: E402
from bench.parts import PARTS  # noqa: E402
from bench.report import print_table, write_report  # noqa: E402
from bench.rows import Outcome, Part, Run, run_part  # noqa: E402
from bench.workload import FIELDS, VALUES_BYTES  # noqa: E402

MESSAGES = 100_000
ROUNDS = 3

_PROCESSES: Mapping[str, Callable[[Path], Awaitable[None]]] = {
    "serve-echo": echo.serve,
    "serve-sink": sink.serve,
    "serve-console": console_main.serve,
}


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark, or one of its processes; return the exit code."""
    if arguments and arguments[0] in _PROCESSES:
        asyncio.run(_run_process(arguments[0], Path(arguments[1])))
        return 0
    options = _parse(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    machine = describe_machine()
    plan = {
        "messages": options.messages,
        "rounds": options.rounds,
        "fields": FIELDS,
        "values_bytes": VALUES_BYTES,
    }
    outcomes = [_run(part, options) for part in _chosen(options)]
    write_report(machine, plan, outcomes, options.out)
    print_table(machine, plan, outcomes)
    return int(any(one.failed for one in outcomes))


async def _run_process(name: str, folder: Path) -> None:
    await _PROCESSES[name](folder)


def _chosen(options: argparse.Namespace) -> list[Part]:
    if options.memory and not options.only:
        return [part for part in PARTS if part.name == "memory"]
    return [p for p in PARTS if (p.name in options.only if options.only else not p.asked_for)]


def _run(part: Part, options: argparse.Namespace) -> Outcome:
    sys.stderr.write(f"{part.name}: about {part.seconds} s\n")
    with tempfile.TemporaryDirectory(prefix=f"tracepost-bench-{part.name}-") as folder:
        run = Run(Path(folder), options.messages, options.rounds, options.long, options.memory)
        return run_part(part, run)


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    known = {part.name for part in PARTS}
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(
            f"no part {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    return names


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
    parser.add_argument("--only", type=_names, default=[], help="parts to run, with commas between")
    parser.add_argument("--long", action="store_true", help="long forms where there are any")
    parser.add_argument("--memory", type=int, default=0, help="store so many messages and follow the memory")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

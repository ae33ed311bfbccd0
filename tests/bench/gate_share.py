"""The gate's share of a delivery: time in the gate over time in all, of one run in one process.

A delivery is what an officer's draft goes through until its receipt is back: prepared, signed, sealed and kept
by one node, verified, kept and receipted by another. The first messages of a run ask the policies; later ones
get what was decided. Both are in the figure.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.rows import Measured, Part, Row, Run
from bench.workload import make_draft
from fakes.house import open_street
from tracepost.node.gate import Gate

_SENDER, _RECEIVER = "xaa", "xab"
_ASKED = ("decide", "readable", "require", "digest")
_AT_ONCE = 32


async def measure(run: Run) -> Measured:
    """Return the share, and its two parts in µs per delivery."""
    count = run.share(400)
    async with open_street(run.folder, _SENDER, _RECEIVER) as street:
        meter = _Meter()
        for name in (_SENDER, _RECEIVER):
            meter.attach(street[name].gate)
        began = time.perf_counter()
        for start in range(0, count, _AT_ONCE):
            drafts = [make_draft(number, _RECEIVER) for number in range(start, min(start + _AT_ONCE, count))]
            answers = await street[_SENDER].submit(*drafts)
            assert not any(one.HasField("problem") for one in answers), answers
            await street.carry()
        whole = time.perf_counter() - began
    figures = {
        "gate_share": meter.seconds / whole,
        "gate_us": meter.seconds / count * 1e6,
        "gate_delivery_us": whole / count * 1e6,
    }
    return Measured(figures)


class _Meter:
    """Adds up the time that questions to gates take; one that asks another counts once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def attach(self, gate: Gate) -> None:
        """Time what `gate` is asked from now on."""
        for name in _ASKED:
            setattr(gate, name, self._timed(getattr(gate, name)))

    def _timed(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any) -> Any:
            began = time.perf_counter()
            self._depth += 1
            try:
                return ask(*arguments)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.perf_counter() - began

        return timed


PART = Part(
    "gate",
    "one process holds both ends",
    seconds=5,
    measure=measure,
    rows=(
        Row("gate_share", "share of the gate in a delivery", "≤ 0.05"),
        Row("gate_us", "  time in the gate (µs)"),
        Row("gate_delivery_us", "  time in all (µs)"),
    ),
)

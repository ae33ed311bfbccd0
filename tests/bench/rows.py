"""A benchmark is a list of parts, and a part is a few rows: name, words, goal, and how its figures are measured.

    PART = Part(
        "gate",
        "one process, both ends; time in the gate over time in all",
        seconds=10,
        measure=measure,                              # async (Run) -> Measured
        rows=(Row("gate_share", "share of the gate in a delivery", "≤ 0.05"),),
    )

A goal stands beside its figure and fails nothing. A part that cannot run on this machine raises `CannotRunError`: it
says so in the table, and its goals are not met.
"""

from __future__ import annotations

import asyncio
import operator
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_SIGNS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "≥": operator.ge,
    "≤": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}


class CannotRunError(Exception):
    """A part of the benchmark lacks something here; the text says what."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: its name in the report, what it says in the table, and its goal ("≥ 0.8"), if it has one.

    `gives` is what the thing measured gives and lacks, where things are compared that are not alike.
    """

    figure: str
    words: str
    goal: str = ""
    gives: str = ""

    def is_met(self, value: float) -> bool:
        """Say whether a figure reaches the goal; a row without one is always met."""
        sign, _, bound = self.goal.partition(" ")
        return not self.goal or _SIGNS[sign](value, float(bound.replace(",", "")))


@dataclass(frozen=True, slots=True)
class Run:
    """What all parts of one run share.

    Args:
        folder: of the part alone, empty at first.
        messages: how many the receiving node of the part `post` holds in the end; other parts scale by it.
        rounds: how often each thing is measured, in turns.
        long: whether the long forms are asked for.
        memory: how many messages the long form of the part `memory` stores; 0: it was not asked for.
    """

    folder: Path
    messages: int
    rounds: int
    long: bool = False
    memory: int = 0

    def share(self, whole: int) -> int:
        """Return `whole` of a full run, fewer of a short one, never less than 8."""
        return max(8, min(whole, self.messages))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a part found: its figures, those of each round, and what else belongs into the report."""

    figures: Mapping[str, float]
    rounds: Sequence[Mapping[str, float]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that are measured together.

    Args:
        name: by which it is run alone.
        how: how it is measured and what it leaves out, in a sentence.
        seconds: what it takes on two quiet cores, about.
        measure: runs it.
        rows: in the order of the table.
        asked_for: whether it runs only when it is named.
    """

    name: str
    how: str
    seconds: int
    measure: Callable[[Run], Awaitable[Measured]]
    rows: tuple[Row, ...]
    asked_for: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part went: what it found, or why it could not run, or that it failed, and how long it took."""

    part: Part
    found: Measured | None
    why_not: str
    seconds: float
    failed: bool = False


def run_part(part: Part, run: Run) -> Outcome:
    """Run a part to its end; one that cannot run here says why, and one that fails costs the others nothing."""
    begun, found, why_not, failed = time.monotonic(), None, "", False
    try:
        found = asyncio.run(_measure(part, run))
    except CannotRunError as error:
        why_not = str(error)
    except Exception as error:  # noqa: BLE001 - what the other parts found is told all the same
        traceback.print_exc()
        why_not, failed = f"it failed: {type(error).__name__}: {error}", True
    return Outcome(part, found, why_not, time.monotonic() - begun, failed)


async def _measure(part: Part, run: Run) -> Measured:
    return await part.measure(run)

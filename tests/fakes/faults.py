"""Faults at named points: the process dies, or the step fails, exactly there.

A child process of a test takes its fault from TRACEPOST_FAULT=point:count, for instance
"before-commit:3" or "after-commit:accept:1": at the count-th passing of the point it is
killed by SIGKILL, as by a power cut. Daemons in service never read that variable.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from tracepost.serving.storage.writer import Faults, no_faults

VARIABLE = "TRACEPOST_FAULT"


class FaultError(Exception):
    """A step failed because the test wanted it to."""


class FaultAt:
    """Calls `strike` at the count-th passing of `point`; remembers every point passed."""

    def __init__(self, point: str, count: int, strike: Callable[[], None]) -> None:
        self.passed: list[str] = []
        self._point = point
        self._count = count
        self._strike = strike

    def __call__(self, point: str) -> None:
        self.passed.append(point)
        if point == self._point and self.passed.count(point) == self._count:
            self._strike()


def kill() -> None:
    """Die as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """Raise a FaultError."""
    raise FaultError


def faults_from_environment() -> Faults:
    """Return the killing fault that TRACEPOST_FAULT names, or none."""
    point, _, count = os.environ.get(VARIABLE, "").rpartition(":")
    return FaultAt(point, int(count), kill) if point else no_faults

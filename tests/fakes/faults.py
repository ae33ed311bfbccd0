"""Faults at named points: the process dies, or the step fails, exactly there.

A child process of a test takes its fault from TRACEPOST_FAULT=point:count, for instance
"before-commit:3" or "after-commit:accept:1": at the count-th passing of the point it is
killed by SIGKILL, as by a power cut; with "halt:" before the point it stops there (SIGSTOP), so that it
can be looked at before it is killed. Daemons in service never read that variable.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from tracepost.serving.storage.writer import Faults, no_faults

VARIABLE = "TRACEPOST_FAULT"
HALT = "halt:"
HALTED_VARIABLE = "TRACEPOST_HALTED"
"""The file that is there when the process has come to the point where it stops."""


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


def halt() -> None:
    """Stand still until somebody ends this process, and say so before."""
    Path(os.environ[HALTED_VARIABLE]).touch()
    while True:  # who is woken has nothing to do
        os.kill(os.getpid(), signal.SIGSTOP)


def fail() -> None:
    """Raise a FaultError."""
    raise FaultError


def faults_from_environment() -> Faults:
    """Return the fault that TRACEPOST_FAULT names, or none."""
    point, _, count = os.environ.get(VARIABLE, "").rpartition(":")
    if point.startswith(HALT):
        return FaultAt(point.removeprefix(HALT), int(count), halt)
    return FaultAt(point, int(count), kill) if point else no_faults

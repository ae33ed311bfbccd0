"""The time, as an argument: an authority asks its clock, tests bring their own."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Gives unix seconds."""


def wall_clock() -> int:
    """Return the time of this machine, unix seconds."""
    return int(time.time())

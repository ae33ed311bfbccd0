"""What keeps a campaign from hanging: it says what it begins, and if that takes far too long, everything is ended.

with Watch() as watch:
    watch.call_before_the_end(stage.abandon)
    watch.step("kill"); ...
    watch.step("coming to rest", 180)
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

STUCK: Final = 70
"""Exit code of a campaign that hung."""

_LIMIT_SECONDS: Final = 300.0


class Watch:
    """One campaign's. Its clock is a thread of its own: what hangs may hold the event loop."""

    def __init__(self) -> None:
        self._last_acts: list[Callable[[], None]] = []
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rest()

    def call_before_the_end(self, act: Callable[[], None]) -> None:
        """Have something done before everything is ended: what would outlive this process is ended."""
        self._last_acts.append(act)

    def step(self, name: str, seconds: float = 0.0) -> None:
        """Begin a step, which takes so many seconds by itself and must not take five minutes more."""
        self._rest()
        limit = seconds + _LIMIT_SECONDS
        self._timer = threading.Timer(limit, self._end, (name, time.monotonic()))
        self._timer.daemon = True
        self._timer.start()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _end(self, name: str, began: float) -> None:
        sys.stdout.write(f"stuck in {name!r} for {time.monotonic() - began:.0f} s; it stands at:\n")
        sys.stdout.flush()
        faulthandler.dump_traceback(sys.stdout)
        for act in self._last_acts:
            with suppress(Exception):
                act()
        sys.stdout.write("VERDICT: none, for the campaign did not come to its end\n")
        sys.stdout.flush()
        os._exit(STUCK)

"""A daemon as a campaign runs it: the program's own `serve_node` or `serve_relay`, with two strings to pull.

    TRACEPOST_STRINGS=folder python -m faults.daemon node node.toml ""

    folder/strike.json   {"point": "before-commit:receive", "count": 3, "do": "kill"}: what happens when the writer
                         of the store passes that point for the third time from now; see `Deed`
    folder/clock         seconds by which its clock is wrong

Points are those of `serving.storage.writer`, and the names of what is written those of `fakes.fault_main`. The last
argument names what is broken in this build, out of `faults.sabotage.BUILDS` and joined by "+"; it may be empty.
"""

from __future__ import annotations

import asyncio
import enum
import errno
import json
import os
import signal
import sys
import time
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import tracepost.serving  # noqa: F401 - first, before anything loads gRPC: it leaves TLS 1.3 only
from fakes import faults
from fakes.fault_main import name_writes
from fakes.witness import written_down
from faults.sabotage import BUILDS
from tracepost.node.bootstrap import node as node_bootstrap
from tracepost.relay import bootstrap as relay_bootstrap

STRINGS_VARIABLE: Final = "TRACEPOST_STRINGS"
HEADS_VARIABLE: Final = "TRACEPOST_HEADS"
STRIKE: Final = "strike.json"
CLOCK: Final = "clock"


class Deed(enum.StrEnum):
    """What a strike does."""

    KILL = "kill"
    STALL = "stall"
    FAIL = "fail"


class Strikes:
    """Looks at every point whether somebody wants something to happen there. Used by the writer's thread."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STRIKE
        self._order = ""
        self._left = 0

    def __call__(self, point: str) -> None:
        """Pass a point."""
        order = self._read()
        if not order or order["point"] not in (point, "*"):
            return
        self._left -= 1
        if self._left <= 0:
            self._path.unlink(missing_ok=True)
            self._order = ""
            _do(Deed(order["do"]), float(order.get("seconds", 0)))

    def _read(self) -> dict[str, Any] | None:
        try:
            order = self._path.read_text("ascii")
        except FileNotFoundError:
            return None
        told: dict[str, Any] = json.loads(order)
        if order != self._order:
            self._order, self._left = order, int(told["count"])
        return told


def _do(deed: Deed, seconds: float) -> None:
    if deed is Deed.KILL:
        faults.kill()
    elif deed is Deed.STALL:
        time.sleep(seconds)
    else:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


class WrongClock:
    """The machine's clock, wrong by what a file says."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CLOCK

    def __call__(self) -> int:
        """Return unix seconds."""
        try:
            wrong = int(self._path.read_text("ascii"))
        except FileNotFoundError:
            wrong = 0
        return int(time.time()) + wrong


def tell_where_it_stands(*_: object) -> None:
    """Print what every task waits for: where the daemon's lines go."""
    for task in asyncio.all_tasks():
        sys.stderr.write(f"{task.get_name()}: {' > '.join(_steps(task.get_coro()))}\n")


def _steps(coroutine: object) -> Iterator[str]:
    """Yield where a coroutine stands, and what it waits for; those of gRPC are not of Python."""
    while isinstance(coroutine, types.CoroutineType) and coroutine.cr_frame is not None:
        code = coroutine.cr_code
        yield f"{Path(code.co_filename).name}:{coroutine.cr_frame.f_lineno} {code.co_name}"
        coroutine = coroutine.cr_await
    yield type(coroutine).__name__


def main(arguments: Sequence[str]) -> int:
    """Run a daemon: `node` or `relay`, its settings, and what is broken in it. SIGUSR1 has it tell where it stands."""
    kind, settings, broken = arguments
    signal.signal(signal.SIGUSR1, tell_where_it_stands)
    folder = Path(os.environ[STRINGS_VARIABLE])
    for one in filter(None, broken.split("+")):
        BUILDS[one]()
    serve = node_bootstrap.serve_node if kind == "node" else relay_bootstrap.serve_relay
    with written_down(Path(os.environ[HEADS_VARIABLE])):
        return serve(Path(settings), clock=WrongClock(folder), faults=name_writes(Strikes(folder)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

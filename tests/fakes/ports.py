"""Ports for what tests start: each process that asks has a range of its own, as long as it lives.

Workers of one run, several runs and campaigns may work beside one another. They lie below those of
`demonstration.ports` and below those that the kernel gives to connections.
"""

from __future__ import annotations

import fcntl
import itertools
import random
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

_FIRST_PORT = 10_000
_RANGES = 33
_PORTS = 300


def find_port() -> int:
    """Return a port that nobody listens on, and that nobody else is given soon."""
    with socket.socket() as probe:
        bind(probe)
        return int(probe.getsockname()[1])


def bind(probe: socket.socket) -> None:
    """Bind to a port that no connection of anybody gets from the kernel until a server listens on it."""
    for port in _ports_in_turn():
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return


@cache
def _ports_in_turn() -> Iterator[int]:
    """Return all of our range once before one is given again: two members of a town would have the same."""
    first = _FIRST_PORT + _PORTS * _range_of_our_own()[0]
    return itertools.cycle(random.sample(range(first, first + _PORTS), _PORTS))


@cache
def _range_of_our_own() -> tuple[int, IO[bytes]]:
    """Return the number of a range that no other process has, and the file that is locked for it until we end."""
    for number in range(_RANGES):
        lock = (Path(tempfile.gettempdir()) / f"tracepost-test-ports-{number}").open("wb")
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return number, lock
        lock.close()
    raise RuntimeError(f"{_RANGES} processes hold ports for tests: end some of them")

"""What the programs share: payloads in turns until the time is over, and the rate told at the end."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def read_payloads(folder: Path) -> Iterator[bytes]:
    """Return the payloads of a run, over and over."""
    payloads = [one.encode() for one in json.loads((folder / "payloads.json").read_text("utf-8"))]
    return itertools.cycle(payloads)


@contextmanager
def durable_file(folder: Path) -> Iterator[Callable[[bytes], None]]:
    """Give what writes a message to a file of this process and waits for the disk."""
    descriptor = os.open(folder / f"kept-{os.getpid()}", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def keep(message: bytes) -> None:
        os.write(descriptor, message)
        os.fdatasync(descriptor)

    try:
        yield keep
    finally:
        os.close(descriptor)


def tell_rate(step: Callable[[bytes], None], folder: Path, seconds: float) -> None:
    """Do `step` for payload after payload; print how many a second it did."""
    payloads = read_payloads(folder)
    step(next(payloads))
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        step(next(payloads))
        count += 1
    tell(count / (time.perf_counter() - begun))


def tell(rps: float) -> None:
    """Print a rate for who started this program."""
    sys.stdout.write(json.dumps({"rps": rps}) + "\n")

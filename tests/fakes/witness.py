"""Writes down every head that a log key signs, whatever becomes of the process afterwards.

    with written_down(folder / HEADS): ...
    notes = read_heads(folder / HEADS)

A line is a signed note as JSON, written with one call to the system, so that SIGKILL loses none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tracepost.protocol.evidence import LogKey, Origin

HEADS: Final = "heads.txt"


@contextmanager
def written_down(path: Path) -> Iterator[None]:
    """Write down the heads that are signed in this process while the context lasts."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sign = LogKey.sign_checkpoint

    def sign_and_write(self: LogKey, origin: Origin, size: int, root: bytes) -> str:
        note = sign(self, origin, size, root)
        os.write(descriptor, json.dumps(note).encode("ascii") + b"\n")
        return note

    LogKey.sign_checkpoint = sign_and_write  # type: ignore[method-assign]
    try:
        yield
    finally:
        LogKey.sign_checkpoint = sign  # type: ignore[method-assign]
        os.close(descriptor)


def read_heads(path: Path) -> list[str]:
    """Return the notes that were written down, each once, in the order in which they were first signed."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return list(dict.fromkeys(json.loads(line) for line in lines))

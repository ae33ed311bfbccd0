"""Files that a command reads and writes; what the system says of them becomes an error of ours."""

from __future__ import annotations

import os
from pathlib import Path

from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError, LimitError

_LIMIT_BYTES = 256 * 1024 * 1024


def read_bytes(path: Path) -> bytes:
    """Return the content of `path`; raise `InvalidInputError` or `LimitError` (256 MiB)."""
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise LimitError(_("The file is larger than 256 MiB."), where=str(path))
        return path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be read."), where=str(path)) from fault


def write_bytes(path: Path, data: bytes, *, secret: bool = False) -> None:
    """Write `data` to `path`, with its folders; a secret is for its owner's eyes only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if secret else 0o644)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be written."), where=str(path)) from fault

"""A list that a console keeps in a file of JSON: whole, or as it was before."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from tracepost.locale.words import later as _
from tracepost.protocol.errors import StoreError

_log = structlog.get_logger()


def read_list(path: Path) -> list[dict[str, Any]]:
    """Return what a file holds, nothing where there is none; raise `OSError` or `ValueError`, if it cannot be read."""
    if not path.exists():
        return []
    told = json.loads(path.read_text("utf-8"))
    if not isinstance(told, list):
        raise ValueError("it is no list")
    return told


def write_whole(path: Path, told: Sequence[dict[str, Any]]) -> None:
    """Put `told` in the place of what the file held, for its owner's eyes alone.

    Raises:
        StoreError: the disk does not take it.
    """
    try:
        _replace(path, json.dumps(told, indent=1).encode())
    except OSError as fault:
        _log.error("list-not-kept", file=path.name, fault=fault.strerror)
        raise StoreError(
            _("The disk of this console did not take it. Nothing was changed."),
            where=path.name,
            reason="list-not-kept",
            remedy=_("Tell your operator, then try again."),
        ) from fault


def _replace(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)  # of a console that was stopped while it wrote
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Put the new name on the disk: what was taken back is not to be there again after a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

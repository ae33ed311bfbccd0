"""A list that a console keeps in a file of JSON: whole, or as it was before."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def read_list(path: Path) -> list[dict[str, Any]]:
    """Return what a file holds, nothing where there is none; raise `OSError` or `ValueError`, if it cannot be read."""
    if not path.exists():
        return []
    told = json.loads(path.read_text("utf-8"))
    if not isinstance(told, list):
        raise ValueError("it is no list")
    return told


def write_whole(path: Path, told: Sequence[dict[str, Any]]) -> None:
    """Put `told` in the place of what the file held, for its owner's eyes alone."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(told, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

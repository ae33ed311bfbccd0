"""Which files this process holds open."""

from __future__ import annotations

import os
from pathlib import Path


def is_open(path: Path) -> bool:
    """Say whether this process has a descriptor of `path`."""
    names = []
    for descriptor in Path("/dev/fd").iterdir():
        try:
            names.append(os.path.realpath(descriptor))
        except OSError:  # the one that lists them
            continue
    return str(path.resolve()) in names

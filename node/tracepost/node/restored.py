"""The mark in the folder of a node that came from a backup: it does not serve before it was caught up.

What others hold of its log may be beyond the backup, and those who could tell may be away: so a restored node is
not started on nobody's word, as another is. `tracepost log recover` takes the mark away.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tracepost.protocol.errors import LogBehindError
from tracepost.serving.storage.durable_file import replace_file

MARK: Final = "restored.json"


@dataclass(frozen=True, slots=True)
class RestoredMark:
    """When the backup was made and put back (unix seconds), and how far its log went."""

    made: int
    restored: int
    log_size: int


def write_mark(folder: Path, mark: RestoredMark) -> None:
    """Keep the mark; raise `StoreError`."""
    replace_file(folder / MARK, json.dumps(asdict(mark)).encode("ascii"))


def is_marked(folder: Path) -> bool:
    """Say whether the node of `folder` came from a backup and was not caught up."""
    return (folder / MARK).exists()


def clear_mark(folder: Path) -> None:
    """Take the mark away: the node was caught up. Idempotent."""
    (folder / MARK).unlink(missing_ok=True)


def require_caught_up(folder: Path) -> None:
    """Raise `LogBehindError` if the node of `folder` came from a backup and was not caught up."""
    if is_marked(folder):
        raise LogBehindError(
            "this node was restored from a backup and not caught up yet",
            where="store",
            reason="restored",
            remedy="Catch up with what others know: tracepost log recover FOLDER.",
        )

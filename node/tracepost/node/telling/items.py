"""How what waits is named, and how far the store was looked through for it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Final

from tracepost.node.ports.store import Tx
from tracepost.protocol.ids import StatementDigest, ThreadId, encode_b64, parse_digest

_KEPT: Final = "told"
_STATEMENT: Final = "statement:"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the store was looked through: up to which statement, and when; -1: never."""

    statement: int = -1
    at: int = 0


def read_progress(tx: Tx) -> Progress:
    """Return how far the store was looked through."""
    kept = tx.settings.get(_KEPT)
    return Progress(**json.loads(kept)) if kept else Progress()


def item_of(digest: StatementDigest) -> str:
    """Return the name of a statement as an item."""
    return _STATEMENT + encode_b64(digest)


def item_of_case(thread: ThreadId) -> str:
    """Return the name of a case as an item: that a desk was put on it."""
    return f"case:{thread}"


def item_of_due(thread: str) -> str:
    """Return the name of a case as an item: that its day is near."""
    return f"due:{thread}"


def item_of_overdue(thread: str) -> str:
    """Return the name of a case as an item: that its day has passed."""
    return f"overdue:{thread}"


def items_of_days(thread: str) -> tuple[str, str]:
    """Return the names of what may be said of a case by the calendar."""
    return item_of_due(thread), item_of_overdue(thread)


def thread_of(item: str) -> str:
    """Return the case that an item of `items_of_days` names."""
    return item.partition(":")[2]


def digest_of(item: str) -> StatementDigest:
    """Return the statement that an item names."""
    return parse_digest(item.removeprefix(_STATEMENT))


def keep_progress(tx: Tx, progress: Progress) -> None:
    """Keep how far the store was looked through."""
    tx.settings.put(_KEPT, json.dumps(asdict(progress)).encode())

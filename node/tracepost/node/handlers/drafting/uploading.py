"""Who may hand in a file, and how much: before any byte of it is kept.

An officer hands in files for mail that a desk of his writes to other members; who sits at inner desks alone, that
nobody oversees, writes none. What he hands in and no message names yet counts against a quota of his own, so that
one officer cannot take the room of all. Counted is what he announced, for as long as the node keeps such a file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.errors import PermissionError_, QuotaError
from tracepost.wire.v1.post_pb2 import AttachmentPiece

UNNAMED_LIFE_S = 86400
"""So long a file is kept that no message names."""

_SETTING = "handed-in"
_FILES = 1000  # of one officer, that no message names yet

_Books = dict[str, dict[str, list[int]]]
"""By officer and address in hexadecimal: bytes, and when it was last begun or gone on with (unix seconds)."""


class Uploading:
    """One per process; used on the event loop."""

    def __init__(self, *, office: Office, store: Store, clock: Callable[[], int], quota_bytes: int) -> None:
        self._office = office
        self._store = store
        self._clock = clock
        self._quota_bytes = quota_bytes

    async def admit(self, officer: Officer, first: AttachmentPiece) -> None:
        """Let an officer hand in what `first` announces, and write that down.

        Raises:
            PermissionError_: no desk of his writes to other members.
            QuotaError: with this he would have handed in too much that no message names.
        """
        if not any(self._may_write(desk) for desk in officer.desks):
            raise PermissionError_(
                "none of your desks writes mail that a file could go with", where="desk", reason="inner-desk"
            )
        await self._store.write(lambda tx: self._count(tx, officer, first), label="hand-in")

    def _may_write(self, desk: str) -> bool:
        return any(one.desk == desk and (one.outward or one.under) for one in self._office.desks)

    def _count(self, tx: Tx, officer: Officer, first: AttachmentPiece) -> None:
        now, address = self._clock(), first.address.hex()
        named = {one.hex() for one in tx.attachments.named()}
        books = _still_counted(_read(tx), named, now)
        if address in named:  # it is here, or is waited for: no room of his
            return
        own = books.setdefault(officer.label, {})
        is_new = address not in own
        own[address] = [first.total_bytes, now]
        if sum(size for size, _ in own.values()) > self._quota_bytes or len(own) > _FILES:
            raise QuotaError(
                "you have handed in too much that no message names",
                reason="officer-quota",
                remedy="Send the messages that these files are for, or wait a day.",
            )
        tx.settings.put(_SETTING, orjson.dumps(books))
        if is_new:
            tx.audit.append([AuditEvent(now, officer.label, "hand-in", address, str(first.total_bytes))])


def _read(tx: Tx) -> _Books:
    stored = tx.settings.get(_SETTING)
    books: Any = orjson.loads(stored) if stored else {}
    return dict(books)


def _still_counted(books: _Books, named: set[str], now: int) -> _Books:
    kept = {
        officer: {a: one for a, one in own.items() if a not in named and one[1] > now - UNNAMED_LIFE_S}
        for officer, own in books.items()
    }
    return {officer: own for officer, own in kept.items() if own}

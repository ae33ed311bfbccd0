"""Whether the logs of members only grow, as far as the heads they show to this relay tell.

The newest head of each log that was proved is kept. A later head is believed to continue
the log when a consistency proof from the kept one comes with it (RFC 6962, 2.1.2); without
one it is not kept, so that the proof can still be given. Of all heads shown lately, two of
one size must have one root. A contradiction ends the stream and is in the audit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import Head, LogVerifier, verify_consistency
from tracepost.relay.tables import HEADS
from tracepost.serving.storage.rows import upsert_rows
from tracepost.wire.v1.post_pb2 import ConsistencyProof

_SHOWN_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class SeenHead:
    """Size and root of a log at the newest head that is believed."""

    size: int
    root: bytes


class HeadBook:
    """The newest head of every log, by its origin. Used by one thread."""

    def __init__(self, known: dict[str, SeenHead]) -> None:
        self._known = known
        self._shown: OrderedDict[tuple[str, int], SeenHead] = OrderedDict()

    def newest(self, origin: str) -> SeenHead | None:
        """Return the head that is kept of this log."""
        return self._known.get(origin)

    def see(self, head: Head) -> bool:
        """Take a head that a log key signed; say whether it is the first of its log, and so kept.

        Raises:
            EvidenceError: another head of the same size is known.
        """
        origin, seen = str(head.origin), SeenHead(head.size, head.root)
        known = self._known.get(origin)
        shown = known if known is not None and known.size == head.size else self._shown_at(origin, seen)
        if shown != seen:
            raise EvidenceError("the log shows two heads of one size", where="head", reason="equivocation")
        if known is None:
            self._known[origin] = seen
        return known is None

    def _shown_at(self, origin: str, seen: SeenHead) -> SeenHead:
        """Return the head of this size that was shown first, remembering it."""
        while len(self._shown) >= _SHOWN_REMEMBERED:
            self._shown.popitem(last=False)
        return self._shown.setdefault((origin, seen.size), seen)

    def prove(self, proof: ConsistencyProof, verifier: LogVerifier) -> Head | None:
        """Take the proof that a newer head continues the log; return it, if it is the one kept now.

        A proof that does not begin at the kept head says nothing here.

        Raises:
            EvidenceError: the checkpoint does not open, or the newer head does not continue the log.
        """
        head = verifier.open(proof.checkpoint)
        known = self._known.get(str(head.origin))
        if known is None or proof.old_size != known.size or head.size <= known.size:
            return head if self.see(head) else None
        try:
            verify_consistency(known.size, known.root, head.size, head.root, list(proof.path))
        except EvidenceError as error:
            raise EvidenceError(
                "the newer head does not continue the log", where="head", reason="inconsistent"
            ) from error
        self._known[str(head.origin)] = SeenHead(head.size, head.root)
        return head


def keep_heads(connection: Connection, heads: Iterable[Head]) -> None:
    """Store the heads that are kept now."""
    newest = {str(head.origin): head for head in sorted(heads, key=lambda head: head.size)}
    upsert_rows(connection, HEADS, [(origin, head.size, head.root) for origin, head in newest.items()])


def read_heads(connection: Connection) -> HeadBook:
    """Return the book of the heads that are stored."""
    rows = connection.execute(select(HEADS))
    return HeadBook({row.origin: SeenHead(row.size, row.root) for row in rows})

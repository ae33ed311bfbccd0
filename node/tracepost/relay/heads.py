"""Whether the logs of members only grow, as far as the heads they show to this relay tell.

The longest head of each log that was proved is believed. Any other is open until a consistency proof
(RFC 6962, 2.1.2) shows that it is of one log with it; the relay asks for that on the member's own stream. Of
all heads known, two of one size must have one root. A contradiction ends the stream, is kept as evidence that
anyone can check, and nothing of that log is taken any more until the stewards have ended its key.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import (
    Contradiction,
    Head,
    LogVerifier,
    Submission,
    WitnessReply,
    judge_submission,
    peek_head,
    verify_consistency,
)
from tracepost.protocol.ids import MemberId
from tracepost.relay.tables import BELIEVED, CONTRADICTIONS, HEADS
from tracepost.serving.storage.rows import insert_new, upsert_rows
from tracepost.wire.v1.post_pb2 import ConsistencyProof, ConsistencyRequest

_OPEN_LIMIT = 4096
QUESTIONS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class SeenHead:
    """Size and root of a log at a head that is known, and the note that says so, if it is at hand."""

    size: int
    root: bytes
    note: str = field(default="", compare=False)


class HeadBook:
    """The heads of every log, by its origin. Used by one thread."""

    def __init__(self, known: dict[str, SeenHead], contradicted: Collection[str] = ()) -> None:
        self._known = known
        self._open: defaultdict[str, OrderedDict[int, SeenHead]] = defaultdict(OrderedDict)
        self._contradicted = set(contradicted)
        self._found: list[tuple[str, Contradiction]] = []

    def newest(self, origin: str) -> SeenHead | None:
        """Return the head that is believed of this log."""
        return self._known.get(origin)

    def longest(self, origin: str) -> SeenHead | None:
        """Return the longest head that its key was seen to sign, proved or not."""
        known = self._known.get(origin)
        heads = self._open[origin].values() if origin in self._open else ()
        return max([*([known] if known else []), *heads], key=_size, default=None)

    def take_found(self) -> list[tuple[str, Contradiction]]:
        """Return the contradictions found since the last time, by origin."""
        found, self._found = self._found, []
        return found

    def see(self, head: Head, note: str = "") -> bool:
        """Take a head that a log key signed in `note`; say whether it is the first of its log, and so believed.

        Raises:
            EvidenceError: another head of the same size is known, or the log has contradicted itself.
        """
        origin, seen = str(head.origin), SeenHead(head.size, head.root, note)
        self._refuse_contradicted(origin)
        known = self._known.setdefault(origin, seen)
        if known is seen:
            return True
        other = known if known.size == head.size else self._open[origin].setdefault(head.size, seen)
        if other != seen:
            self._convict(origin, (other.note, note))
            raise EvidenceError("the log shows two heads of one size", where="head", reason="equivocation")
        while len(self._open[origin]) > _OPEN_LIMIT:
            self._open[origin].popitem(last=False)
        return False

    def prove(self, proof: ConsistencyProof, verifier: LogVerifier) -> Head | None:
        """Take a proof that two heads are of one log; return the newer, if it is the one believed now.

        A proof between heads of which none is the believed one says nothing here.

        Raises:
            EvidenceError: the checkpoint does not open, or the newer head does not continue the log.
        """
        head = verifier.open(proof.checkpoint)
        origin = str(head.origin)
        if self.see(head, proof.checkpoint):
            return head
        known = self._known[origin]
        older = known if proof.old_size == known.size else self._open[origin].get(proof.old_size)
        if older is None or known.size not in (older.size, head.size) or older.size == head.size:
            return None
        try:
            verify_consistency(older.size, older.root, head.size, head.root, list(proof.path))
        except EvidenceError as error:
            self._convict(origin, (older.note, proof.checkpoint), tuple(proof.path))
            raise EvidenceError(
                "the newer head does not continue the log", where="head", reason="inconsistent"
            ) from error
        self._open[origin].pop(older.size, None)
        if head.size <= known.size:
            return None
        del self._open[origin][head.size]
        self._known[origin] = SeenHead(head.size, head.root, proof.checkpoint)
        return head

    def witness(self, submission: Submission, verifier: LogVerifier) -> Head | WitnessReply:
        """Take a head that is to be cosigned; return it, believed now, or the answer that refuses it.

        Raises:
            EvidenceError: the log contradicts itself.
        """
        origin = str(peek_head(submission.checkpoint).origin)
        known = self._known.get(origin)
        found = judge_submission(submission, verifier, (known.size, known.root) if known else None)
        if isinstance(found, WitnessReply):
            return found
        self.see(found, submission.checkpoint)
        self._open[origin].pop(found.size, None)
        self._known[origin] = SeenHead(found.size, found.root, submission.checkpoint)
        return found

    def questions(self, member: MemberId) -> list[ConsistencyRequest]:
        """Return what the member is to prove of its logs: one question per open head."""
        prefix = f"{member}."
        return [
            question
            for origin, heads in self._open.items()
            if heads and origin.startswith(prefix) and origin not in self._contradicted
            for question in self._ask(origin, member)
        ]

    def _ask(self, origin: str, member: MemberId) -> list[ConsistencyRequest]:
        known, longest = self._known[origin], self.longest(origin)
        assert longest is not None  # there are open ones
        older = [known, *list(self._open[origin].values())[:QUESTIONS_AT_ONCE]]
        return [
            ConsistencyRequest(member=member, old_size=one.size, checkpoint=longest.note)
            for one in older
            if one.size != longest.size and longest.note
        ]

    def _refuse_contradicted(self, origin: str) -> None:
        if origin in self._contradicted:
            raise EvidenceError("the log contradicts itself", where="head", reason="equivocation")

    def _convict(self, origin: str, notes: tuple[str, str], path: tuple[bytes, ...] = ()) -> None:
        self._contradicted.add(origin)
        self._found.append((origin, Contradiction(notes, path)))


def keep_heads(connection: Connection, heads: Mapping[str, SeenHead]) -> None:
    """Store the heads that are believed now, by origin."""
    rows = [(origin, head.size, head.root, head.note) for origin, head in heads.items()]
    upsert_rows(connection, BELIEVED, rows)


def keep_contradictions(
    connection: Connection, found: Iterable[tuple[str, Contradiction]], now: int
) -> list[tuple[bytes, bytes]]:
    """Store evidence; return digest and bytes of each."""
    kept = [(origin, one.encode()) for origin, one in found]
    rows = [(hashlib.sha256(data).digest(), origin, now, data) for origin, data in kept]
    insert_new(connection, CONTRADICTIONS, rows)
    return [(digest, data) for digest, _, _, data in rows]


def read_heads(connection: Connection) -> HeadBook:
    """Return the book of the heads that are stored."""
    known = {row.origin: SeenHead(row.size, row.root) for row in connection.execute(select(HEADS))}
    for row in connection.execute(select(BELIEVED)):
        known[row.origin] = SeenHead(row.size, row.root, row.note)
    contradicted = connection.execute(select(CONTRADICTIONS.c.origin)).scalars()
    return HeadBook(known, list(contradicted))


def _size(head: SeenHead) -> int:
    return head.size

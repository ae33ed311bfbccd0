"""Two heads that cannot both be of one log, as a file that anyone can check with the log's public key.

    {"format": "tracepost/contradiction/1", "heads": [<note>, <note>], "path": [<base64>, …]}

The heads are signed notes of one log, the shorter first. Judging them, in this order:

1. Form: JSON without white space, these names in this order, two notes, at most 64 hashes.
2. Both heads open (steps of `note` and `checkpoint`), and are of one log.
3. `TWO_FACES`: they have one size and different roots.
4. `REWRITTEN`: the path leads to the root of the longer one, and from another beginning than the
   shorter one says. The log's owner gave it: it proves what the log begins with now.
5. Else they prove nothing by themselves; `UNPROVED` says that nobody has shown that the longer one
   continues the shorter one. The owner of the log is to show it, to anybody.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import Enum

import orjson

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence.checkpoint import Head, LogVerifier
from tracepost.protocol.evidence.merkle import roots_of_path, verify_consistency

CONTRADICTION_LIMIT = 32768
_FORMAT = "tracepost/contradiction/1"
_PATH_LIMIT = 64


class Verdict(Enum):
    """What two heads prove against the log that signed them."""

    TWO_FACES = "two-faces"
    REWRITTEN = "rewritten"
    UNPROVED = "unproved"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two signed heads of one log, and what its owner gave as proof that the one continues the other."""

    notes: tuple[str, str]
    path: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Return the file."""
        path = [base64.b64encode(one).decode("ascii") for one in self.path]
        return orjson.dumps({"format": _FORMAT, "heads": list(self.notes), "path": path})

    def judge(self, verifier: LogVerifier) -> tuple[Verdict, Head, Head]:
        """Return what the heads prove, and the heads, the shorter first.

        Raises:
            EvidenceError: a head does not open, they are of two logs, or they agree.
        """
        first, second = (verifier.open(note) for note in self.notes)
        if first.origin != second.origin:
            raise _refuse("the heads are of two logs", "two-logs", 2)
        older, newer = sorted((first, second), key=lambda head: head.size)
        if older.size == newer.size:
            if older.root == newer.root:
                raise _refuse("the heads are the same", "heads-agree", 3)
            return Verdict.TWO_FACES, older, newer
        return self._judge_path(older, newer), older, newer

    def _judge_path(self, older: Head, newer: Head) -> Verdict:
        """Do steps 4 and 5."""
        try:
            verify_consistency(older.size, older.root, newer.size, newer.root, self.path)
        except EvidenceError:
            pass
        else:
            raise _refuse("the longer head continues the shorter one", "heads-agree", 4)
        try:
            before, after = roots_of_path(older.size, newer.size, self.path)
        except EvidenceError:
            return Verdict.UNPROVED
        return Verdict.REWRITTEN if after == newer.root and before != older.root else Verdict.UNPROVED


def parse_contradiction(data: bytes) -> Contradiction:
    """Return what the file `data` says; nothing is verified.

    Raises:
        EvidenceError: step 1.
    """
    try:
        document = orjson.loads(data if len(data) <= CONTRADICTION_LIMIT else b"")
        notes, path = document["heads"], [_decode(one) for one in document["path"]]
        found = Contradiction((notes[0], notes[1]), tuple(path))
        exact = found.encode() == data
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, KeyError, IndexError, TypeError, ValueError):
        exact = False
    if not exact or len(found.path) > _PATH_LIMIT:
        raise _refuse("not a file of contradicting heads", "contradiction-form", 1)
    return found


def _decode(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)


def _refuse(message: str, reason: str, step: int) -> EvidenceError:
    return EvidenceError(message, where=f"contradiction step {step}", reason=reason)

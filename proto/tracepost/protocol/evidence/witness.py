"""What a witness does with a head that it is given (C2SP tlog-witness, `add-checkpoint`).

    old <size>
    <base64 of a hash of the consistency proof>     any number up to 63
    <empty line>
    <signed note of the newer head>

Judging it, in this order, with the status of HTTP that the answer has:

    400  it is not of this form, or the old size is beyond the new one
    404  the origin is of no log that the witness knows
    403  no key that it knows of this log signed the head
    409  the old size is not that of the head it holds; the answer says which it holds
    409  the size is that of the head it holds, and the root is another: the log contradicts itself
    422  the proof does not lead from the head it holds to the new one
    200  the head is kept, durably, before the answer leaves: a cosignature by each key of the witness

What is not done here: keeping the head. Asking and keeping is one transaction, or two requests at once could
roll the witness back.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence.checkpoint import Head, LogVerifier
from tracepost.protocol.evidence.merkle import EMPTY_ROOT, HASH_LENGTH, verify_consistency
from tracepost.protocol.evidence.note import NoteSigner

SUBMISSION_LIMIT = 16384
_PATH_LIMIT = 63
_SIZE_TYPE = "text/x.tlog.size"
_TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Submission:
    """A head that a witness is to cosign, and the proof from the head that it holds; nothing is checked."""

    old_size: int
    path: tuple[bytes, ...]
    checkpoint: str

    def encode(self) -> bytes:
        """Return the body of the request."""
        lines = [f"old {self.old_size}", *(base64.b64encode(one).decode("ascii") for one in self.path), ""]
        return ("\n".join(lines) + "\n" + self.checkpoint).encode("utf-8")


@dataclass(frozen=True, slots=True)
class WitnessReply:
    """An answer: a status of HTTP, and what comes with it."""

    status: int
    body: bytes = b""
    content_type: str = _TEXT_TYPE


def parse_submission(body: bytes) -> Submission:
    """Return what a request says; raise `EvidenceError` (status 400)."""
    try:
        text = body.decode("utf-8") if len(body) <= SUBMISSION_LIMIT else ""
        head, separator, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        size = first.removeprefix("old ")
        path = tuple(base64.b64decode(line, validate=True) for line in lines)
        found = Submission(int(size), path, checkpoint)
    except (ValueError, binascii.Error):
        raise _malformed() from None
    is_path = len(path) <= _PATH_LIMIT and all(len(one) == HASH_LENGTH for one in path)
    if not separator or found.encode() != body or found.old_size < 0 or not is_path:
        raise _malformed()
    return found


def judge_submission(
    submission: Submission, verifier: LogVerifier, held: tuple[int, bytes] | None
) -> Head | WitnessReply:
    """Return the head to be kept and cosigned, or the answer that refuses it.

    Args:
        submission: the request.
        verifier: the keys of the log.
        held: size and root of the head that the witness holds of this log; None for none.
    """
    try:
        head = verifier.open(submission.checkpoint, live=True)
    except EvidenceError:
        return WitnessReply(403, b"no known key of this log signed the head\n")
    if submission.old_size > head.size:
        return WitnessReply(400, b"the old size is beyond the new one\n")
    size, root = held or (0, EMPTY_ROOT)
    if submission.old_size != size:
        return WitnessReply(409, f"{size}\n".encode(), _SIZE_TYPE)
    if head.size == size and head.root != root:
        return WitnessReply(409, f"{size}\n".encode(), _SIZE_TYPE)
    try:
        verify_consistency(size, root, head.size, head.root, submission.path)
    except EvidenceError:
        return WitnessReply(422, b"the proof does not lead from the old head to the new one\n")
    return head


def cosign(checkpoint: str, keys: Sequence[NoteSigner], time: int) -> WitnessReply:
    """Return the cosignatures of a head that is kept; `time` in unix seconds."""
    return WitnessReply(200, "".join(key.cosignature(checkpoint, time) for key in keys).encode("utf-8"))


def _malformed() -> EvidenceError:
    return EvidenceError("not a request to a witness", reason="submission-form")

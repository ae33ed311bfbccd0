"""Log proofs: that an entry stands in a member's log. They are what receipts are made of.

Verifying a proof, in this order:

1. Form: a LogProof within its limits.
2. Head: the checkpoint opens (steps of `note` and `checkpoint`).
3. Entry: the preimage is one entry of this protocol, in its one encoding.
4. Salt: 16 bytes for an entry about messages, none for a public paper.
5. Path: from the leaf at its index to the root of the head.

What is not done here: whether the key may speak for the member now (trust list), and whether
the entry is about the envelope in question (`envelope`, `casefile`, the receiving node).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence.checkpoint import Head, LogVerifier
from tracepost.protocol.evidence.entry import (
    PREIMAGE_LIMIT,
    SALT_LENGTH,
    Entry,
    LogLine,
    is_clear,
    leaf_data,
    parse_entry,
)
from tracepost.protocol.evidence.merkle import PATH_LIMIT, leaf_hash, verify_inclusion
from tracepost.protocol.evidence.note import NOTE_LIMIT
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1.envelope_pb2 import LogProof

PROOF_LIMIT = 16384


@dataclass(frozen=True, slots=True)
class ProvedEntry:
    """An entry that stands in a log under a head signed by that log."""

    entry: Entry
    index: int
    head: Head

    @property
    def member(self) -> MemberId:
        """The member whose log says it."""
        return self.head.origin.member


def make_proof(line: LogLine, index: int, path: Sequence[bytes], checkpoint: str) -> LogProof:
    """Return the proof of `line`, leaf number `index` under the head in `checkpoint`."""
    return LogProof(salt=line.salt, preimage=line.preimage, index=index, path=path, checkpoint=checkpoint)


def verify_proof(data: bytes, verifier: LogVerifier, *, live: bool = False) -> ProvedEntry:
    """Return the entry that the serialized LogProof `data` proves.

    Args:
        data: the proof.
        verifier: the keys of the log.
        live: whether something is to be done on it now (`checkpoint`, step 6), not an old case file read.

    Raises:
        EvidenceError: with the step that failed.
    """
    proof = _parse(data)
    head = verifier.open(proof.checkpoint, live=live)
    entry = _read_entry(proof)
    leaf = leaf_hash(leaf_data(proof.preimage, proof.salt))
    try:
        verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
    except EvidenceError as error:
        raise EvidenceError(error.message, where="proof step 5", reason=error.reason) from error
    return ProvedEntry(entry, proof.index, head)


def _parse(data: bytes) -> LogProof:
    try:
        proof = LogProof.FromString(data) if len(data) <= PROOF_LIMIT else LogProof()
    except DecodeError:
        proof = LogProof()
    fits = 0 < len(proof.preimage) <= PREIMAGE_LIMIT and 0 < len(proof.checkpoint) <= NOTE_LIMIT
    if not fits or not proof.HasField("index") or len(proof.path) > PATH_LIMIT:
        raise _refuse("not a log proof within its limits", "proof-form", 1)
    return proof


def _read_entry(proof: LogProof) -> Entry:
    try:
        entry = parse_entry(proof.preimage)
    except EvidenceError as error:
        raise _refuse(error.message, error.reason, 3) from error
    if len(proof.salt) != (0 if is_clear(entry) else SALT_LENGTH):
        raise _refuse("the salt is not that of this kind of entry", "salt-length", 4)
    return entry


def _refuse(message: str, reason: str, step: int) -> EvidenceError:
    return EvidenceError(message, where=f"proof step {step}", reason=reason)

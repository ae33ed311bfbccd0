"""What a case file says of statements that its exporter has deleted (steps 8 and 10 to 12).

The entry in the exporter's log proves that this digest was deleted there, when, and why: by its author's last
day, by an officer, or on the word of two. Who wrote it, its name and its kind are the exporter's word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from tracepost.protocol.casefile.deliveries import LogReader
from tracepost.protocol.casefile.refusal import refuse, within
from tracepost.protocol.casefile.report import Deletion, DeletionCause
from tracepost.protocol.evidence import Opened
from tracepost.protocol.ids import MemberId, StatementDigest, parse_digest
from tracepost.wire.v1.casefile_pb2 import FiledDeletion

DELETE_AFTER = "delete-after"
"""Why the exporter's housekeeping deletes; the entry has its SHA-256 as `decision`."""

_ACTION = "delete"


def read_deletions(
    filed: Iterable[FiledDeletion], exporter: MemberId, present: Collection[StatementDigest], logs: LogReader
) -> tuple[Deletion, ...]:
    """Return what is proved of deletions; raise `VerificationError` (steps 8 and 10 to 12)."""
    seen = set(present)
    found = []
    for number, one in enumerate(filed, 1):
        with within(f"deletion {number}"):
            read = _read(one, exporter, logs)
            if read.statement in seen:
                raise refuse(8, "statement-twice", "a statement is deleted twice, or is there all the same")
            seen.add(read.statement)
            found.append(read)
    return tuple(found)


def _read(filed: FiledDeletion, exporter: MemberId, logs: LogReader) -> Deletion:
    proved = logs.open(filed.proof)
    entry, digest = proved.entry, parse_digest(filed.statement_digest, "statement_digest")
    if not isinstance(entry, Opened) or entry.action != _ACTION:
        raise refuse(11, "other-entry", "the entry does not say that something was deleted")
    if proved.member != exporter:
        raise refuse(11, "other-member", "the entry is not of the log of the member that exported")
    if entry.statement != digest:
        raise refuse(11, "other-statement", "the entry says that another statement was deleted")
    return Deletion(
        statement=digest,
        issuer=MemberId(filed.issuer),
        jti=filed.jti,
        kind=filed.kind,
        at=entry.time,
        by=proved.member,
        cause=_cause(entry),
    )


def _cause(entry: Opened) -> DeletionCause:
    if entry.decision == hashlib.sha256(DELETE_AFTER.encode()).digest():
        return DeletionCause.DELETE_AFTER
    return DeletionCause.TWO_OFFICERS if entry.approvals else DeletionCause.OFFICER

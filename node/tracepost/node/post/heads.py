"""Heads of other members' logs: what mail and receipts show is noted, and two that differ are kept.

Two heads of one log and size with different roots prove that the log was rewritten, or shows
different faces to different readers. Nothing is believed under either; both stay as evidence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tracepost.node.ports import Tx
from tracepost.node.records import AuditEvent, PeerHead
from tracepost.protocol.evidence import Head
from tracepost.protocol.ids import MemberId
from tracepost.wire.v1.envelope_pb2 import LogProof

SPLIT_LOG = "split-log"

HeadName = tuple[str, int, bytes]
"""Origin, size and root, whoever witnessed it."""


def name_of(head: Head) -> HeadName:
    """Return what two heads must have in common to be one."""
    return str(head.origin), head.size, head.root


def note_heads(
    tx: Tx, proved: Iterable[tuple[Head, bytes]], brought_by: MemberId, now: int
) -> Collection[HeadName]:
    """Note the heads of verified log proofs, given with the serialized proofs that show them.

    Returns:
        Those that contradict another head of their log and size; the audit trail has them.
    """
    shown = {name_of(head): (head, proof) for head, proof in proved}
    split = tx.peers.keep_heads([_record(*one, now) for one in shown.values()])
    tx.audit.append([_event(head, brought_by, now) for head in split])
    return {(head.origin, head.size, head.root) for head in split}


def _record(head: Head, proof: bytes, now: int) -> PeerHead:
    note = LogProof.FromString(proof).checkpoint
    return PeerHead(str(head.origin), head.origin.member, head.size, head.root, note, now)


def _event(head: PeerHead, brought_by: MemberId, now: int) -> AuditEvent:
    return AuditEvent(now, brought_by, SPLIT_LOG, head.origin, f"size-{head.size}")

"""Watermarks at a relay: members' words on how many numbers they gave, kept for the addressees of their roads.

The newest of each road is shown on every stream of its addressee, and at once where one is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from tracepost.protocol.errors import EvidenceError
from tracepost.protocol.evidence import LogVerifier, Watermark, verify_proof
from tracepost.protocol.ids import MemberId
from tracepost.relay.tables import MARKS
from tracepost.serving.storage.rows import upsert_rows
from tracepost.wire.v1.post_pb2 import RoadMark


@dataclass(frozen=True, slots=True)
class ProvedMark:
    """A mark whose proof holds, about a road by this relay."""

    sender: MemberId
    entry: Watermark
    mark: RoadMark = field(repr=False)


def receive_mark(wire: RoadMark, peer: MemberId, own: MemberId, verifier: LogVerifier) -> ProvedMark:
    """Return `wire` as a proved mark of `peer`; raise `EvidenceError`."""
    proved = verify_proof(wire.proof, verifier)
    entry = proved.entry
    if proved.member != peer or wire.from_member != peer or not isinstance(entry, Watermark):
        raise EvidenceError("the mark is of another log", where="mark", reason="other-entry")
    if entry.via != own:
        raise EvidenceError("the road goes by another relay", where="mark", reason="other-road")
    return ProvedMark(peer, entry, wire)


def keep_marks(connection: Connection, marks: Iterable[ProvedMark]) -> None:
    """Keep each in the place of an earlier one of its road."""
    newest = {_road(one): one for one in sorted(marks, key=lambda one: one.entry.time)}
    rows = [(*road, one.mark.proof) for road, one in newest.items()]
    upsert_rows(connection, MARKS, rows)


def read_marks(connection: Connection, addressee: MemberId) -> Sequence[RoadMark]:
    """Return the newest mark of each road to `addressee`."""
    rows = connection.execute(select(MARKS).where(MARKS.c.to_member == addressee))
    return [RoadMark(from_member=row.from_member, proof=row.proof) for row in rows]


def _road(one: ProvedMark) -> tuple[str, str, int, int]:
    return one.sender, one.entry.to_member, int(one.entry.lane), one.entry.epoch

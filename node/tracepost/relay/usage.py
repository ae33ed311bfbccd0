"""How much of the relay's store each member uses, on either side, and how much it may."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tracepost.protocol.ids import MemberId
from tracepost.relay.tables import USAGE
from tracepost.serving.storage.rows import chunks, upsert_rows


class Side(enum.IntEnum):
    """Whose use of the store is counted."""

    SENDER = 0
    MAILBOX = 1


@dataclass(frozen=True, slots=True)
class Quota:
    """How much may wait on one side of one member."""

    envelopes: int
    size_bytes: int


class Usage:
    """What waits now, of the members of one batch; written back with the batch by `save`."""

    def __init__(self, connection: Connection, members: Iterable[MemberId]) -> None:
        self._counts: dict[tuple[str, int], list[int]] = {}
        for some in chunks(sorted(set(members))):
            for row in connection.execute(select(USAGE).where(USAGE.c.member.in_(some))):
                self._counts[row.member, row.side] = [row.envelopes, row.bytes]
        self._changed: set[tuple[str, int]] = set()

    def has_room(self, member: MemberId, side: Side, size: int, quota: Quota) -> bool:
        """Say whether one thing of `size` bytes more may wait."""
        envelopes, size_bytes = self._counts.get((member, side), (0, 0))
        return envelopes < quota.envelopes and size_bytes + size <= quota.size_bytes

    def add(self, member: MemberId, side: Side, envelopes: int, size: int) -> None:
        """Count so many envelopes and bytes more, or less."""
        counts = self._counts.setdefault((member, side), [0, 0])
        counts[0] += envelopes
        counts[1] += size
        self._changed.add((member, side))

    def save(self, connection: Connection) -> None:
        """Write back what changed."""
        upsert_rows(connection, USAGE, [(*key, *self._counts[key]) for key in sorted(self._changed)])


def read_usage(connection: Connection) -> dict[tuple[MemberId, Side], tuple[int, int]]:
    """Return envelopes and bytes that wait, by member and side; for metrics."""
    rows = connection.execute(select(USAGE))
    return {(MemberId(row.member), Side(row.side)): (row.envelopes, row.bytes) for row in rows}

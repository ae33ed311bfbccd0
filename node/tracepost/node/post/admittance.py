"""With whom mail is exchanged now: with nobody during maintenance, and never with a member that is blocked here.

Both are this node's own affair: the other side is told that it is to come back later, and no more. What is
queued stays queued; mail that relays bring of a blocked member is put off, without a receipt. So nothing is
lost when the block is lifted.

The facts are in the store (`Settings`); each process keeps them in memory and looks again now and then.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Final

from tracepost.node.ports.store import Store, Tx
from tracepost.protocol.errors import BusyError
from tracepost.protocol.ids import MemberId

COME_BACK_S: Final = 900
_BLOCKS: Final = "post.blocks"
_MAINTENANCE: Final = "post.maintenance"


class BlockState(enum.StrEnum):
    """Where a block stands; names as in `delivery.proto`."""

    PROPOSED = "PROPOSED"
    BLOCKED = "BLOCKED"
    LIFTED = "LIFTED"


@dataclass(frozen=True, slots=True)
class Block:
    """A member that is blocked here, or is to be; times are unix seconds, officers as labels."""

    member: MemberId
    state: BlockState
    reason: str
    proposed_by: str
    proposed_at: int
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Whether no mail is taken: since when, until when (0: until somebody says so), and who said so."""

    since: int = 0
    until: int = 0
    by: str = ""

    def is_on(self, now: int) -> bool:
        """Say whether it lasts at `now`."""
        return bool(self.since) and (not self.until or now < self.until)


def read_blocks(tx: Tx) -> dict[MemberId, Block]:
    """Return the blocks that are in force or proposed, by member."""
    rows = json.loads(tx.settings.get(_BLOCKS) or b"[]")
    blocks = [Block(**row | {"state": BlockState(row["state"])}) for row in rows]
    return {block.member: block for block in blocks}


def write_blocks(tx: Tx, blocks: Iterable[Block]) -> None:
    """Put these in the place of what there was."""
    tx.settings.put(_BLOCKS, json.dumps([asdict(one) for one in blocks]).encode())


def read_maintenance(tx: Tx) -> Maintenance:
    """Return what was said of maintenance last."""
    return Maintenance(**json.loads(tx.settings.get(_MAINTENANCE) or b"{}"))


def write_maintenance(tx: Tx, maintenance: Maintenance) -> None:
    """Put this in the place of what was said."""
    tx.settings.put(_MAINTENANCE, json.dumps(asdict(maintenance)).encode())


class Admittance:
    """One per process. Asking is from memory, and safe from any thread.

    `changed` is called, and `told` whether the post is closed, when there is a difference.
    """

    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._blocked: frozenset[MemberId] = frozenset()
        self._maintenance = Maintenance()
        self._told: tuple[bool, frozenset[MemberId]] = (False, frozenset())
        self.changed: Callable[[], None] = lambda: None
        self.told: Callable[[bool], Awaitable[None]] = _tell_nobody

    async def load(self) -> None:
        """Read what is in the store; tell if it makes a difference."""
        blocks, maintenance = await self._store.read(lambda tx: (read_blocks(tx), read_maintenance(tx)))
        self._blocked = frozenset(m for m, block in blocks.items() if block.state is BlockState.BLOCKED)
        self._maintenance = maintenance
        now = (self.is_closed, self._blocked)
        if now != self._told:
            self._told = now
            self.changed()
            await self.told(self.is_closed)

    @property
    def is_closed(self) -> bool:
        """Whether no mail is exchanged with anybody."""
        return self._maintenance.is_on(self._clock())

    @property
    def maintenance(self) -> Maintenance:
        """What was said of it last; over when its time is over."""
        return self._maintenance if self.is_closed else replace(self._maintenance, since=0)

    @property
    def blocked(self) -> frozenset[MemberId]:
        """Members that are blocked here."""
        return self._blocked

    def admits(self, member: MemberId) -> bool:
        """Say whether mail is exchanged with `member` now."""
        return not self.is_closed and member not in self._blocked

    def require(self, member: MemberId) -> None:
        """Raise `BusyError` unless mail is exchanged with `member` now; it does not say for whose sake."""
        if not self.admits(member):
            raise BusyError("no mail is taken now", reason="closed", remedy="It is tried again by itself.")

    def come_back_s(self) -> int:
        """Return in how many seconds who was put off should come again."""
        left = self._maintenance.until - self._clock() if self._maintenance.until else COME_BACK_S
        return min(max(left, 30), COME_BACK_S)


async def _tell_nobody(_closed: bool) -> None:
    pass

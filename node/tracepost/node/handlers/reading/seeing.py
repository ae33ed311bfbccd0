"""That a desk has opened a case: from then on nobody is told that this waits there.

Opening is noted once for each thing that waits, so a case that nobody was to be told of costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.node.records.telling import NO_DESK, Step, WaitingItem
from tracepost.node.telling.items import item_of, item_of_case, items_of_days, read_progress
from tracepost.node.telling.noted import noted_desks
from tracepost.protocol.ids import DeskId, ThreadId

_LATE_S: Final = 60


class Seeing:
    """One per process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def note(self, desk: DeskId, thread: ThreadId, opened: Sequence[StatementRecord]) -> None:
        """Note that an officer of the desk has these statements of a case before him."""
        names = [*(item_of(one.digest) for one in opened), item_of_case(thread)]

        def look(tx: Tx) -> tuple[list[str], list[tuple[str, int]], list[str]]:
            if desk not in noted_desks(tx):
                return [], [], []
            return *_find(tx, desk, names, opened), _find_dated(tx, desk, thread)

        over, early, dated = await self._store.read(look)
        if not over and not early and not dated:
            return

        def keep(tx: Tx) -> None:
            tx.telling.settle(desk, over)
            tx.telling.know(desk, dated)
            tx.telling.add([WaitingItem(desk, one, thread, now, False, Step.SEEN) for one, now in early])

        await self._store.write(keep, label="seen")


def _find(
    tx: Tx, desk: DeskId, names: Sequence[str], opened: Sequence[StatementRecord]
) -> tuple[list[str], list[tuple[str, int]]]:
    """Return what waits, and what would: statements that were not noted yet, with the time of their coming."""
    noted = tx.telling.find(desk, names)
    held = tx.telling.find(NO_DESK, names)
    looked_at = read_progress(tx).at
    early = [
        (item_of(one.digest), max(one.stored_at, looked_at))
        for one in opened
        if item_of(one.digest) in held or one.stored_at >= looked_at - _LATE_S
    ]
    over = [name for name, one in noted.items() if one.step is not Step.SEEN]
    return over, [(name, at) for name, at in early if name not in noted]


def _find_dated(tx: Tx, desk: DeskId, thread: ThreadId) -> list[str]:
    """Return what is noted of the case because of its day, and was not opened since."""
    noted = tx.telling.find(desk, items_of_days(thread))
    return [name for name, one in noted.items() if one.step is not Step.KNOWN]

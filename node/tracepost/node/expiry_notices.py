"""Tells the node's operator by mail what ends soon: once for each step on the way to the end (`serving.expiry`).

A mail is sent when a step is reached, at most one a day, and lists all that is on its way. Which steps were told is
kept in the store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tracepost.node.expiring import Expiries
from tracepost.node.ports.store import Store, Tx
from tracepost.serving.expiry import DAY_S, is_news, notice_of, steps_of
from tracepost.serving.notices import Notifier

_KEPT: Final = "notices.expiry"


class ExpiryNotices:
    """One per process; `tell` is done by one process at a time, in its housekeeping."""

    def __init__(
        self,
        expiries: Expiries,
        store: Store,
        notifier: Notifier,
        to: Sequence[str],
        clock: Callable[[], int],
    ) -> None:
        self._expiries = expiries
        self._store = store
        self._notifier = notifier
        self._to = to
        self._clock = clock
        self._not_before = 0

    async def tell(self) -> None:
        """Send a mail if something has reached a step that was not told."""
        now = self._clock()
        if now < self._not_before:
            return
        expiries, told = await self._store.read(lambda tx: (self._expiries.all(tx, now), _read(tx)))
        steps = steps_of(expiries, now)
        if not is_news(steps, told):
            return
        if await self._notifier.send(notice_of("node", self._expiries.us, expiries, now), self._to):
            self._not_before = now + DAY_S
            await self._store.write(lambda tx: tx.settings.put(_KEPT, json.dumps(steps).encode()))


def _read(tx: Tx) -> Mapping[str, int]:
    kept: Mapping[str, int] = json.loads(tx.settings.get(_KEPT) or b"{}")
    return kept

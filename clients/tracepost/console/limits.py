"""How often one address or officer may ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from tracepost.locale.words import later as _
from tracepost.protocol.errors import LimitError

_REMEMBERED = 20_000


class Limits:
    """A bucket for each who asks: full at first, refilled evenly over a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, ...], tuple[float, float]] = OrderedDict()

    def admit(self, who: tuple[str, ...], per_minute: int) -> None:
        """Count one for `who`; raise `LimitError` when there were too many."""
        now = self._clock()
        left, at = self._buckets.pop(who, (float(per_minute), now))
        left = min(float(per_minute), left + (now - at) * per_minute / 60) - 1
        self._buckets[who] = (max(left, -1.0), now)
        while len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        if left < 0:
            raise LimitError(_("Too many requests in a short time."), where="requests", reason="rate")

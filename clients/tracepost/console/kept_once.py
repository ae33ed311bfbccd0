"""What is kept for whoever holds a secret: one thing, for a while, to be taken once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

_MOST: Final = 10_000

Thing = TypeVar("Thing")


class KeptOnce(Generic[Thing]):
    """At most ten thousand at once: then the oldest goes."""

    def __init__(self, lasts_s: float, clock: Callable[[], float]) -> None:
        self._lasts_s = lasts_s
        self._clock = clock
        self._kept: OrderedDict[bytes, tuple[Thing, float]] = OrderedDict()

    def keep(self, whose: bytes, thing: Thing) -> None:
        """Keep it for the holder of the secret `whose`; what was kept for him before is gone."""
        self._kept.pop(_digest(whose), None)
        self._kept[_digest(whose)] = thing, self._clock()
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def look(self, whose: bytes) -> Thing | None:
        """Return what is kept for him, and keep it."""
        thing, kept_at = self._kept.get(_digest(whose), (None, 0.0))
        return thing if self._clock() - kept_at < self._lasts_s else None

    def take(self, whose: bytes) -> Thing | None:
        """Return what is kept for him, for the only time."""
        thing = self.look(whose)
        self._kept.pop(_digest(whose), None)
        return thing


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()

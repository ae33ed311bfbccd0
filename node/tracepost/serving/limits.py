"""How often: token buckets per caller and method. How much at once: calls that are being worked on."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tracepost.protocol.errors import BusyError, QuotaError

_REMEMBERED_BUCKETS = 10_000

OVERLOAD = "overload"
"""Reason of `busy`: nothing was done of the call, and it may come again in a moment."""


@dataclass(slots=True)
class TokenBucket:
    """Holds up to `burst` tokens and gains `per_second` of them each second."""

    per_second: float
    burst: float
    tokens: float
    filled_at: float

    def take(self, now: float) -> bool:
        """Take a token, if there is one at `now` (seconds); say whether there was."""
        self._fill(now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def count(self, now: float) -> float:
        """Return how many tokens there are at `now`; fewer than none after a large one was let through."""
        self._fill(now)
        return self.tokens

    def charge(self, now: float) -> float:
        """Take a token at `now`, on credit if need be; return the seconds until the debt is paid."""
        self._fill(now)
        self.tokens -= 1
        return max(0.0, -self.tokens / self.per_second)

    def _fill(self, now: float) -> None:
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.per_second)
        self.filled_at = now


class CallLimiter:
    """One bucket per key, the longest unused forgotten first; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: OrderedDict[tuple[str, ...], TokenBucket] = OrderedDict()

    def admit(self, key: tuple[str, ...], *, per_minute: int, burst: int) -> None:
        """Take a token for `key`; raise `QuotaError` where none is left."""
        now = self._monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._add(key, TokenBucket(per_minute / 60, burst, burst, now))
        self._buckets.move_to_end(key)
        if not bucket.take(now):
            raise QuotaError("too many calls in a short time", reason="rate")

    def frame_bucket(self, per_second: int) -> TokenBucket:
        """Return a full bucket for the frames of one stream."""
        return TokenBucket(per_second, per_second, per_second, self._monotonic())

    def _add(self, key: tuple[str, ...], bucket: TokenBucket) -> TokenBucket:
        while len(self._buckets) >= _REMEMBERED_BUCKETS:
            self._buckets.popitem(last=False)
        self._buckets[key] = bucket
        return bucket


class CallsInHand:
    """How many unary calls are being worked on: of one caller, and of all. What is too many is told to come again.

    One connection has at most 256 calls on the way (`ServerOptions`); more wait at the caller. So a caller is told this
    who has several connections, or when many callers come at once, and all of them hear it rather than wait in vain.
    """

    def __init__(self, of_one: int = 256, of_all: int = 1024) -> None:
        self._of_one = of_one
        self._of_all = of_all
        self._in_hand = Counter[tuple[str, ...]]()

    def enter(self, who: tuple[str, ...]) -> None:
        """Count one call more of `who`; raise `BusyError` where there are too many. Then nothing is counted."""
        if self._in_hand[who] >= self._of_one or self._in_hand.total() >= self._of_all:
            raise BusyError(
                "more calls came than are worked on at once",
                reason=OVERLOAD,
                remedy="Nothing was done of this one. Try again in a few seconds.",
            )
        self._in_hand[who] += 1

    def leave(self, who: tuple[str, ...]) -> None:
        """Count one call less of `who`."""
        self._in_hand[who] -= 1
        if not self._in_hand[who]:
            del self._in_hand[who]

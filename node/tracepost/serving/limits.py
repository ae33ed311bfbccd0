"""How often: token buckets per caller and method."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tracepost.protocol.errors import QuotaError

_REMEMBERED_BUCKETS = 10_000


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

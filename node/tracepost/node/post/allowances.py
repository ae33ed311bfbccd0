"""How much one member may bring in a while; what is beyond it is put off, with the time to come back at."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tracepost.protocol.ids import MemberId
from tracepost.serving.limits import TokenBucket

_MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one member may bring: envelopes and bytes in a minute, and what may be held of it for an officer."""

    envelopes_per_minute: int = 200_000
    bytes_per_minute: int = 4 * 1024**3
    held_mails: int = 1000
    held_bytes: int = 64 * 1024**2


class Allowances:
    """One per process; `monotonic` gives seconds. A minute's worth may come at once."""

    def __init__(self, allowance: Allowance, monotonic: Callable[[], float]) -> None:
        self._allowance = allowance
        self._monotonic = monotonic
        self._buckets: dict[MemberId, tuple[TokenBucket, TokenBucket]] = {}

    def take(self, member: MemberId, size: int) -> int:
        """Count an envelope of `size` bytes; return 0 if it is within what `member` may bring.

        Else it is not counted, and the answer is in how many seconds there is room for it.
        """
        now = self._monotonic()
        mails, space = self._buckets.get(member) or self._begin(member, now)
        wait = max(_lacking(mails, 1, now), _lacking(space, min(size, space.burst), now))
        if wait:
            return max(1, math.ceil(wait))
        mails.tokens -= 1
        space.tokens -= size
        return 0

    def _begin(self, member: MemberId, now: float) -> tuple[TokenBucket, TokenBucket]:
        def full(per_minute: int) -> TokenBucket:
            return TokenBucket(per_minute / _MINUTE_S, per_minute, per_minute, now)

        made = full(self._allowance.envelopes_per_minute), full(self._allowance.bytes_per_minute)
        self._buckets[member] = made
        return made


def _lacking(bucket: TokenBucket, tokens: float, now: float) -> float:
    """Return in how many seconds `bucket` has so many tokens."""
    return max(0.0, (tokens - bucket.count(now)) / bucket.per_second)

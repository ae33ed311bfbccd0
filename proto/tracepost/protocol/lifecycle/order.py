"""The one order of a case: a statement after what it replies to, then by time, then by name.

Clocks of members differ, so `iat` alone would put a quick answer before its question.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from tracepost.protocol.ids import StatementDigest


class Placed(Protocol):
    """What the order of a case looks at: every form of a statement has it. `iat` in unix seconds."""

    @property
    def digest(self) -> StatementDigest:
        """The statement's digest."""

    @property
    def in_reply_to(self) -> StatementDigest | None:
        """The statement that it replies to."""

    @property
    def iat(self) -> int:
        """When it was issued, by its issuer's clock."""

    @property
    def jti(self) -> str:
        """Its name."""


P = TypeVar("P", bound=Placed)


def in_order(events: Iterable[P]) -> list[P]:
    """Return each statement once, in the order of the case, whatever the order of `events`."""
    by_digest = {event.digest: event for event in events}
    places = _Places(by_digest)
    return sorted(by_digest.values(), key=lambda event: (*places.of(event), event.jti, event.digest))


class _Places(Generic[P]):
    """Time and depth of each statement: never earlier than what it replies to, and deeper."""

    def __init__(self, by_digest: dict[StatementDigest, P]) -> None:
        self._by_digest = by_digest
        self._known: dict[StatementDigest, tuple[int, int]] = {}

    def of(self, event: P) -> tuple[int, int]:
        """Return the place of `event`."""
        chain = self._chain_to_known(event)
        for member in reversed(chain):
            before = self._known.get(member.in_reply_to) if member.in_reply_to else None
            time, depth = before or (member.iat, -1)
            self._known[member.digest] = max(time, member.iat), depth + 1
        return self._known[event.digest]

    def _chain_to_known(self, event: P) -> list[P]:
        # A loop would need a hash that contains itself; the walk ends all the same.
        chain: dict[StatementDigest, P] = {}
        following: P | None = event
        while following and following.digest not in chain and following.digest not in self._known:
            chain[following.digest] = following
            following = self._by_digest.get(following.in_reply_to) if following.in_reply_to else None
        return list(chain.values())

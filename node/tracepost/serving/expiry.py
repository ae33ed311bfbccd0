"""Something that ends on some day, and the steps on the way there at which people are told.

What people renew is told 30, 7 and 1 day before, and when it is over; what renews itself, or comes from others, only
when it should have been renewed: 3 days before, and when it is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tracepost.protocol.ids import MemberId
from tracepost.serving.notices import Notice

DAY_S: Final = 86400
_BY_PEOPLE: Final = (30, 7, 1, 0)
_BY_ITSELF: Final = (3, 0)
_RENEWED: Final = frozenset({"trust list", "revocation list", "directory entry"})
_BEFORE_ALL: Final = _BY_PEOPLE[0] + 1
_TOLD_APART: Final = frozenset({"certificate", "trust list"})


@dataclass(frozen=True, slots=True)
class Expiry:
    """One thing that ends at `at` (unix seconds): its kind, and which of them; `of_member` is whose it is."""

    paper: str
    which: str
    of_member: MemberId
    at: int

    @property
    def name(self) -> str:
        """How it is called to people."""
        return f"{self.paper} {self.which}".strip()

    @property
    def key(self) -> str:
        """What tells it from one that takes its place."""
        return f"{self.name} {self.at}"

    @property
    def label(self) -> str:
        """How it is called on a metrics page: certificates by their keys, all else by its kind."""
        return (self.name if self.paper in _TOLD_APART else self.paper).replace(" ", "-")

    def step(self, now: int) -> int | None:
        """Return the last step that was reached on the way to the end, in days; None before the first."""
        steps = _BY_ITSELF if self.paper in _RENEWED else _BY_PEOPLE
        return min((days for days in steps if self.at - now <= days * DAY_S), default=None)


def steps_of(expiries: Sequence[Expiry], now: int) -> dict[str, int]:
    """Return the step of everything that is on its way, by key."""
    return {one.key: step for one in expiries if (step := one.step(now)) is not None}


def is_news(steps: Mapping[str, int], told: Mapping[str, int]) -> bool:
    """Say whether something has reached a step that was not told."""
    return any(step < told.get(key, _BEFORE_ALL) for key, step in steps.items())


def soonest(expiries: Sequence[Expiry]) -> dict[tuple[str, str], float]:
    """Return when each kind of paper of each member ends first, for a metrics page."""
    found: dict[tuple[str, str], float] = {}
    for one in expiries:
        key = (one.label, one.of_member)
        found[key] = min(one.at, found.get(key, one.at))
    return found


def notice_of(daemon: str, us: MemberId, expiries: Sequence[Expiry], now: int) -> Notice:
    """Return the notice that lists all that is on its way, the next first."""
    near = sorted((one for one in expiries if one.step(now) is not None), key=lambda one: (one.at, one.name))
    over = sum(one.at <= now for one in near)
    words = f"{over} over, {len(near) - over} soon" if over else f"{len(near)} soon"
    lines = "".join(f"{_day(one.at)}  {one.name}{'  (over)' if one.at <= now else ''}\n" for one in near)
    return Notice(
        f"{daemon} {us}",
        "expiring",
        f"Tracepost: what ends at the {daemon} of {us}: {words}",
        f"At the {daemon} of {us} these end:\n\n{lines}",
        us,
        near[0].at,
    )


def _day(at: int) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%d")

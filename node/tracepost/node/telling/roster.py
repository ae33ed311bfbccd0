"""Who is told that something waits at a desk, by the desk's own calendar and clock; pure.

A duty is a row of the roster: addresses, days of the week, and hours by the clock on the desk's wall. One that ends
before it begins, or when it does, runs past midnight, and belongs to the day on which it begins. The clock on the
wall may show an hour twice, or leave one out: who is on duty at that hour is told twice as long, or not on that day.

Urgent matters are told at any hour: to who is on duty, and where nobody is, to whose duty comes next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

DAY_MINUTES: Final = 24 * 60
_WEEK_MINUTES: Final = 7 * DAY_MINUTES
EVERY_DAY: Final = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Duty:
    """A row of the roster.

    Args:
        to: mail addresses.
        days: of the week, 0 for Monday.
        begins: minutes after midnight.
        ends: minutes after midnight, 1440 at the end of the day.
        urgent_only: it is told of what is urgent alone.
        deputy: it is told of what nobody has opened, and of nothing else.
    """

    to: tuple[str, ...]
    days: frozenset[int] = EVERY_DAY
    begins: int = 0
    ends: int = DAY_MINUTES
    urgent_only: bool = False
    deputy: bool = False

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.ends - self.begins) % DAY_MINUTES or DAY_MINUTES

    def starts_in(self, minute: int) -> int:
        """Return in how many minutes it begins next, 0 while it lasts; `minute` counts from Monday's midnight."""
        return min(self._gap(day, minute) for day in self.days)

    def _gap(self, day: int, minute: int) -> int:
        since = (minute - day * DAY_MINUTES - self.begins) % _WEEK_MINUTES
        return 0 if since < self.minutes else _WEEK_MINUTES - since


@dataclass(frozen=True, slots=True)
class Roster:
    """The duties of a desk; without any the desk is told at every hour, by its web address."""

    zone: ZoneInfo
    duties: tuple[Duty, ...] = ()

    def told(self, at: int, *, urgent: bool) -> tuple[str, ...] | None:
        """Return who is told at `at` (unix seconds) of something new; None: nobody is there, it waits.

        Empty, where there are no duties at all.
        """
        rows = [one for one in self.duties if not one.deputy]
        if not self.duties:
            return ()
        there = self._there(at, [one for one in rows if urgent or not one.urgent_only])
        if there or not urgent:
            return _addresses(there) if there else None
        return _addresses(self._next(at, rows or self.duties))

    def passed_on(self, at: int, deputies: Sequence[str], *, urgent: bool) -> tuple[str, ...] | None:
        """Return who is told at `at` of what nobody has opened; None: nobody is there.

        `deputies` are the addresses of officers who act for the desk today. Where there is none, neither here nor in
        the roster, whoever is on duty by now is told again.
        """
        rows = [one for one in self.duties if one.deputy]
        if not rows and not deputies:
            return self.told(at, urgent=urgent)
        there = self._there(at, [one for one in rows if urgent or not one.urgent_only])
        hours = not self.duties or self._there(at, [one for one in self.duties if not one.urgent_only])
        if urgent and not there and not deputies:
            there = self._next(at, rows)
        found = tuple(dict.fromkeys((*deputies, *_addresses(there)))) if urgent or hours else ()
        return found or None

    def _there(self, at: int, rows: Iterable[Duty]) -> list[Duty]:
        minute = self._minute(at)
        return [one for one in rows if one.starts_in(minute) == 0]

    def _next(self, at: int, rows: Sequence[Duty]) -> list[Duty]:
        minute = self._minute(at)
        first = min(one.starts_in(minute) for one in rows)
        return [one for one in rows if one.starts_in(minute) == first]

    def _minute(self, at: int) -> int:
        """Return the minutes since Monday's midnight by the clock on the wall."""
        wall = dt.datetime.fromtimestamp(at, tz=self.zone)
        return wall.weekday() * DAY_MINUTES + wall.hour * 60 + wall.minute


def _addresses(rows: Iterable[Duty]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for one in rows for address in one.to))

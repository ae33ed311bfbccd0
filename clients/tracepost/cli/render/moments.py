"""Moments and how long ago they were, as a person reads them."""

from __future__ import annotations

import datetime as dt


def moment_of(seconds: int) -> str:
    """Return a time in unix seconds as `2027-01-31T18:00:00Z`."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def span_of(seconds: int) -> str:
    """Return a number of seconds as `23 h 59 min`."""
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes:02} min"

"""Dates, moments and numbers as people of a language write them, by the rules of CLDR (Babel).

For pages and paper. The command line keeps to ISO dates, which are the same for everybody and can be copied into a
command; so it runs without Babel. Digits are 0 to 9 in every language: serial numbers, file numbers and dates are
compared across languages. Moments are UTC and say so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent


def day(text: str, tag: str) -> str:
    """Return a date of the wire (`2027`, `2027-03` or `2027-03-31`) as people write it; other text as it stands."""
    try:
        if len(text) == len("2027-03"):
            return format_skeleton("yMMMM", date.fromisoformat(f"{text}-01"), locale=tag)
        return format_date(date.fromisoformat(text), "long", locale=tag) if len(text) > len("2027") else text
    except ValueError:
        return text


def moment(at: int | str, tag: str) -> str:
    """Return a moment (unix seconds, or RFC 3339 text) as `31 March 2027, 18:00 UTC`; other text as it stands."""
    try:
        seen = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else datetime.fromisoformat(at)
    except ValueError:
        return str(at)
    seen = seen.astimezone(UTC)
    return f"{format_date(seen.date(), 'long', locale=tag)}, {seen:%H:%M} UTC"


def number(value: int | float, tag: str) -> str:
    """Return a number with the separators of the language: `12,345.5`, `12 345,5`."""
    return format_decimal(value, locale=tag, numbering_system="latn")


def percent(share: float, tag: str) -> str:
    """Return a share (0.25) as a percentage of whole numbers."""
    return format_percent(share, locale=tag, numbering_system="latn")

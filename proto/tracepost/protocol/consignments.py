"""Numbers of containers, air waybills and parcels: each carries a digit by which a slip of the pen shows.

    >>> container_digit("CSQU305438")
    '3'
    >>> check_container_number("CSQU3054383")
    >>> check_parcel_number("RR473124829GB")

Sources: ISO 6346 (freight containers), IATA Resolution 600a (air waybills), UPU S10 (postal items).
Not done here: whether such a container, waybill or parcel exists.
"""

from __future__ import annotations

import re
import string
from typing import Final

from tracepost.protocol.errors import InvalidInputError

# ISO 6346: letters count from 10 on and leave out the multiples of 11.
_LETTER_VALUES: Final = dict(
    zip(string.ascii_uppercase, (n for n in range(10, 39) if n % 11), strict=True),
)
_S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)

_CONTAINER: Final = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}\Z")
_WAYBILL: Final = re.compile(r"([0-9]{3})-?([0-9]{8})\Z")
_PARCEL: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}\Z")


def container_digit(first_ten: str) -> str:
    """Return the check digit of a container by the four letters and six digits before it (ISO 6346, annex A)."""
    values = (_LETTER_VALUES[sign] if sign in _LETTER_VALUES else int(sign) for sign in first_ten)
    return str(sum(value << place for place, value in enumerate(values)) % 11 % 10)


def waybill_digit(first_seven: str) -> str:
    """Return the check digit of an air waybill by the first seven digits of its serial number (IATA 600a)."""
    return str(int(first_seven) % 7)


def parcel_digit(first_eight: str) -> str:
    """Return the check digit of a postal item by the eight digits of its serial number (UPU S10)."""
    left = 11 - sum(w * int(digit) for w, digit in zip(_S10_WEIGHTS, first_eight, strict=True)) % 11
    return {10: "0", 11: "5"}.get(left, str(left))


def check_container_number(text: str, where: str = "container") -> None:
    """Raise `InvalidInputError` unless `text` is a container number with its check digit (ISO 6346)."""
    if not _CONTAINER.match(text):
        raise _malformed(where, "a container number is four letters, the last U, J or Z, and seven digits")
    if container_digit(text[:10]) != text[10]:
        raise _mistyped(where)


def check_air_waybill(text: str, where: str = "waybill") -> None:
    """Raise `InvalidInputError` unless `text` is an air waybill number with its check digit (IATA 600a)."""
    found = _WAYBILL.match(text)
    if not found:
        raise _malformed(where, "an air waybill number is three digits of the airline and eight more")
    if waybill_digit(found[2][:7]) != found[2][7]:
        raise _mistyped(where)


def check_parcel_number(text: str, where: str = "parcel") -> None:
    """Raise `InvalidInputError` unless `text` is the number of a postal item with its check digit (UPU S10)."""
    if not _PARCEL.match(text):
        raise _malformed(where, "a parcel number is two letters, nine digits and two letters")
    if parcel_digit(text[2:10]) != text[10]:
        raise _mistyped(where)


def _malformed(where: str, words: str) -> InvalidInputError:
    return InvalidInputError(words, where=where, reason="malformed")


def _mistyped(where: str) -> InvalidInputError:
    return InvalidInputError(
        "the check digit does not fit the number",
        where=where,
        reason="check-digit",
        remedy="Read the number again from the container, waybill or label: one of its characters is wrong.",
    )

"""Whether a weapon that was found belongs to a lot that was told of: delivered under an exemption, or diverted.

    find_matches(Sought.of(item), notice.lots)      # [LotMatch(lot_id="1", basis=..., confidence=..., differs=())]

A lot names ranges, single numbers, lots of production or crates; a find has marks. Numbers are compared in
the form of `vocabulary.normalise_mark`; "?" holds the place of a character that cannot be read, so that such
a number fits possibly and never certainly. A serial number alone certainly means nothing: makers do not
coordinate their numbers, and what a find and a lot say of make, model and calibre counts (ISACS 05.31).

    1000 to 1999 holds 1500, not 15000 and not A1500; AB0998 to AB1002 holds AB1000

Not done here: confusable characters, which belong to the search.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.vocabulary import normalise_mark
from tracepost.wire.v1 import lot_pb2, terms_pb2, weapon_pb2

_SERIAL_ROLES = frozenset(
    {
        weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
        weapon_pb2.MARK_ROLE_PROPERTY,
        weapon_pb2.MARK_ROLE_CONTROL_COMPONENT,
        weapon_pb2.MARK_ROLE_UNKNOWN,
    }
)
_FORM = re.compile(r"(?P<head>.*?)(?P<digits>[0-9?]+)(?P<tail>[^0-9?]*)")
_UNREADABLE = "?"


class Basis(enum.Enum):
    """What a find and a lot have in common."""

    SERIAL_LISTED = "serial-listed"
    SERIAL_IN_RANGE = "serial-in-range"
    LOT_NUMBER = "lot-number"
    CRATE_NUMBER = "crate-number"


@dataclass(frozen=True, slots=True)
class Sought:
    """What a find shows, as it was read; empty texts where nothing is known."""

    serials: tuple[str, ...] = ()
    lot_numbers: tuple[str, ...] = ()
    crate_numbers: tuple[str, ...] = ()
    make: str = ""
    model: str = ""
    calibre: str = ""

    @classmethod
    def of(cls, item: weapon_pb2.Item) -> Sought:
        """Return what `item` shows."""
        thing, rounds, box = item.object, item.ammunition, item.packaging
        marks = [*thing.mark, *(mark for part in thing.part for mark in part.mark)]
        return cls(
            serials=tuple(m.text_as_seen for m in marks if m.role in _SERIAL_ROLES and m.text_as_seen),
            lot_numbers=tuple(text for text in (rounds.lot_number, box.lot_number) if text),
            crate_numbers=(box.crate_number,) if box.crate_number else (),
            make=thing.make,
            model=thing.model,
            calibre=thing.calibre or rounds.calibre,
        )


@dataclass(frozen=True, slots=True)
class LotMatch:
    """That a find may belong to a lot. `differs` names what both say and say differently."""

    lot_id: str
    basis: Basis
    confidence: terms_pb2.Confidence
    differs: tuple[str, ...] = ()


# ---------------------------------------------------------------- matching


def find_matches(sought: Sought, lots: Iterable[lot_pb2.ArmsLot]) -> list[LotMatch]:
    """Return the lots that a find may belong to, the surest first, in the order of the message among equals."""
    matches = [match for lot in lots for match in _matches(sought, lot)]
    return sorted(matches, key=lambda match: match.confidence)


def _matches(sought: Sought, lot: lot_pb2.ArmsLot) -> Iterator[LotMatch]:
    best: dict[Basis, bool] = {}
    for basis, exact in _bases(sought, lot):
        best[basis] = best.get(basis, False) or exact
    differs = tuple(name for name in _DESCRIBED if _differ(getattr(sought, name), getattr(lot, name)))
    agrees = any(_agree(getattr(sought, name), getattr(lot, name)) for name in _DESCRIBED)
    for basis, exact in best.items():
        yield LotMatch(lot.id, basis, _confidence(exact=exact, agrees=agrees, differs=bool(differs)), differs)


_DESCRIBED = ("make", "model", "calibre")


def _bases(sought: Sought, lot: lot_pb2.ArmsLot) -> Iterator[tuple[Basis, bool]]:
    """Yield what is in common, each with whether it is so without a doubt about the number itself."""
    for serial in sought.serials:
        for listed in lot.serials:
            if _same(serial, listed):
                yield Basis.SERIAL_LISTED, _UNREADABLE not in serial
        for one in lot.serial_ranges:
            held = range_holds(one, serial)
            if held:
                yield Basis.SERIAL_IN_RANGE, held is Held.YES and one.complete
    pairs = ((Basis.LOT_NUMBER, sought.lot_numbers, lot.lot_numbers),)
    for basis, found, told in (*pairs, (Basis.CRATE_NUMBER, sought.crate_numbers, lot.crate_numbers)):
        if any(_same(one, other) for one in found for other in told):
            yield basis, False  # numbers of lots and crates are used again


def _confidence(*, exact: bool, agrees: bool, differs: bool) -> terms_pb2.Confidence:
    if differs or not (exact or agrees):
        return terms_pb2.CONFIDENCE_POSSIBLE
    return terms_pb2.CONFIDENCE_CERTAIN if exact and agrees else terms_pb2.CONFIDENCE_PROBABLE


def _differ(one: str, other: str) -> bool:
    return bool(one and other) and normalise_mark(one) != normalise_mark(other)


def _agree(one: str, other: str) -> bool:
    return bool(one and other) and normalise_mark(one) == normalise_mark(other)


def _same(one: str, other: str) -> bool:
    """Say whether two numbers can be one; "?" is any character."""
    left, right = normalise_mark(one), normalise_mark(other)
    return (
        bool(left)
        and len(left) == len(right)
        and all(a == b or _UNREADABLE in (a, b) for a, b in zip(left, right, strict=True))
    )


# ---------------------------------------------------------------- ranges


class Held(enum.Enum):
    """Whether a range holds a number; false in a condition where it does not."""

    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"

    def __bool__(self) -> bool:
        return self is not Held.NO


@dataclass(frozen=True, slots=True)
class _Form:
    """A number taken apart: what stands before and after its last digits; "?" may be any of them."""

    head: str
    digits: str
    tail: str

    @property
    def least(self) -> int:
        return int(self.digits.replace(_UNREADABLE, "0"))

    @property
    def most(self) -> int:
        return int(self.digits.replace(_UNREADABLE, "9"))


def range_holds(one: weapon_pb2.SerialRange, serial: str) -> Held:
    """Say whether `one` holds `serial`, both ends included.

    PERHAPS: a character cannot be read, or the number has another width than both ends have. A range
    whose ends are no numbers of one form holds its ends alone.
    """
    first, last, found = _form(one.from_serial), _form(one.to_serial), _form(serial)
    if not (first and last and found) or (first.head, first.tail) != (last.head, last.tail):
        ends = (one.from_serial, one.to_serial)
        return Held.PERHAPS if any(_same(serial, end) for end in ends) else Held.NO
    if (found.head, found.tail) != (first.head, first.tail):
        return Held.NO
    if found.most < first.least or last.most < found.least:
        return Held.NO
    wide = len(found.digits) in (len(first.digits), len(last.digits))
    within = first.most <= found.least and found.most <= last.least
    return Held.YES if wide and within else Held.PERHAPS


def _form(text: str) -> _Form | None:
    found = _FORM.fullmatch(normalise_mark(text))
    return _Form(**found.groupdict()) if found else None


# ---------------------------------------------------------------- rules


def check_lots(lots: Sequence[lot_pb2.ArmsLot], where: str = "lots") -> None:
    """Raise `InvalidMessageError` unless each lot says something by which its arms are found again."""
    for index, lot in enumerate(lots):
        place = f"{where}.{index}"
        if not any(getattr(lot, name) for name in _TELLING):
            raise _refusal(place, "nothing-to-find", "a lot names a type, a number, a lot or a crate")
        for number, one in enumerate(lot.serial_ranges):
            _check_range(one, f"{place}.serial_ranges.{number}")


_TELLING = (*_DESCRIBED, "serial_ranges", "serials", "lot_numbers", "crate_numbers", "headstamp")


def _check_range(one: weapon_pb2.SerialRange, where: str) -> None:
    first, last = _form(one.from_serial), _form(one.to_serial)
    if not (first and last) or (first.head, first.tail) != (last.head, last.tail):
        return  # a series that goes on under another letter
    if last.most < first.least:
        raise _refusal(where, "backwards", "a range ends after it begins")


def _refusal(where: str, reason: str, words: str) -> InvalidMessageError:
    return InvalidMessageError(words, where=where, reason=reason)

"""Whether two descriptions are of one object: never by a serial alone.

    match = compare_objects(seized, recorded)
    match.grade, match.make, match.model, match.calibre

Serials are not unique: makers do not coordinate them, and one maker repeats them across models. So a
match says how well the marks agree, and beside it whether make, model and calibre agree, differ, or
cannot be compared. Names in two scripts cannot be compared. What follows from it, an officer decides.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tracepost.protocol.calibres import calibre_codes
from tracepost.protocol.marks import Grade, compare_marks, fold_mark
from tracepost.protocol.vocabulary import normalise_mark, script_of
from tracepost.wire.v1 import weapon_pb2


class Agreement(enum.StrEnum):
    """What is said of a feature by both descriptions."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Match:
    """How well two descriptions agree; `grade` is that of their best pair of marks."""

    grade: Grade
    make: Agreement
    model: Agreement
    calibre: Agreement

    @property
    def is_plain(self) -> bool:
        """Whether the same signs stand on both, and nothing else speaks against it."""
        differs = Agreement.DIFFERS in (self.make, self.model, self.calibre)
        return self.grade is not Grade.CONFUSABLE and not differs

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Smaller for the better of two matches: the same signs first, then what else agrees."""
        features = (self.make, self.model, self.calibre)
        against = features.count(Agreement.DIFFERS) * len(features) - features.count(Agreement.AGREES)
        return self.grade is Grade.CONFUSABLE, against, self.grade.rank


IDENTIFYING: Final = frozenset(
    {
        weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL,
        weapon_pb2.MARK_ROLE_IMPORT,
        weapon_pb2.MARK_ROLE_PROPERTY,
        weapon_pb2.MARK_ROLE_REGIONAL,
        weapon_pb2.MARK_ROLE_CONTROL_COMPONENT,
        weapon_pb2.MARK_ROLE_ELECTRONIC,
        weapon_pb2.MARK_ROLE_OTHER,
        weapon_pb2.MARK_ROLE_UNKNOWN,
        weapon_pb2.MARK_ROLE_UNSPECIFIED,
    }
)
"""Roles of marks that may stand on one object alone; thousands bear the same make, model or proof."""

_UNREADABLE: Final = "?"


def identifying_marks(thing: weapon_pb2.Object) -> tuple[str, ...]:
    """Return the marks by which an object can be known, as seen, each once; none that is read in part."""
    return tuple(
        dict.fromkeys(text for text in _marks(thing) if normalise_mark(text) and _UNREADABLE not in text)
    )


def compare_objects(one: weapon_pb2.Object, other: weapon_pb2.Object) -> Match | None:
    """Return how well two objects agree; None where no mark of one is a mark of the other."""
    grade = _best(identifying_marks(one), identifying_marks(other))
    if grade is None:
        return None
    return Match(
        grade,
        _compare_names(one.make, other.make),
        _compare_names(one.model, other.model),
        _compare_calibres(one, other),
    )


def _marks(thing: weapon_pb2.Object) -> Iterator[str]:
    marks = [*thing.mark, *(mark for part in thing.part for mark in part.mark)]
    yield from (mark.text_as_seen or mark.normalised for mark in marks if mark.role in IDENTIFYING)
    yield from (one.value for one in thing.electronic_identifier)


def _best(ours: Iterable[str], theirs: tuple[str, ...]) -> Grade | None:
    pairs = (compare_marks(one, other) for one in ours for other in theirs)
    return min((grade for grade in pairs if grade is not None), key=lambda grade: grade.rank, default=None)


def _compare_names(one: str, other: str) -> Agreement:
    plain = [fold_mark(normalise_mark(name)) for name in (one, other)]
    if not all(plain):
        return Agreement.UNKNOWN
    if plain[0] in plain[1] or plain[1] in plain[0]:
        return Agreement.AGREES
    return Agreement.DIFFERS if script_of(one) == script_of(other) else Agreement.UNKNOWN


def _compare_calibres(one: weapon_pb2.Object, other: weapon_pb2.Object) -> Agreement:
    ours, theirs = _calibres(one), _calibres(other)
    if ours and theirs:
        return Agreement.AGREES if ours & theirs else Agreement.DIFFERS
    same = _as_marked(one) and _as_marked(one) == _as_marked(other)
    return Agreement.AGREES if same else Agreement.UNKNOWN


def _calibres(thing: weapon_pb2.Object) -> frozenset[str]:
    return frozenset({thing.calibre} if thing.calibre else calibre_codes(thing.calibre_as_marked))


def _as_marked(thing: weapon_pb2.Object) -> str:
    return normalise_mark(thing.calibre_as_marked)

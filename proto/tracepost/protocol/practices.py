"""Which marking practices of a State hold on a day, and which were replaced (ITI 31(b))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracepost.wire.v1 import practice_pb2

KIND = "practice.marking/1"


@dataclass(frozen=True, slots=True)
class ToldPractice:
    """A practice as a statement tells it; `statement` is its digest in text, `told_at` RFC 3339."""

    statement: str
    told_at: str
    practice: practice_pb2.MarkingPractice


def standing_practices(told: Sequence[ToldPractice]) -> list[ToldPractice]:
    """Return what none of its author's own has replaced, the one that began last first.

    All of `told` are of one author.
    """
    replaced = {one.practice.replaces_digest for one in told}
    standing = [one for one in told if one.statement not in replaced]
    return sorted(standing, key=lambda one: (one.practice.valid_from, one.told_at), reverse=True)


def holds_on(one: practice_pb2.MarkingPractice, day: str) -> bool:
    """Say whether marks made on `day`, YYYY-MM-DD, are made like this."""
    return one.valid_from <= day and (not one.valid_until or day <= one.valid_until)

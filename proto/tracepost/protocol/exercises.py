"""Exercises and what is real never meet: not in a case, not as reply, not inside one another (ADR 0034).

An exercise is a statement whose signed claims say `exercise`; the header of its envelope says the same in
clear. The first statement of a case says for all of it whether it is one.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["EXERCISE_IN_REAL", "REAL_IN_EXERCISE", "find_mixing"]

EXERCISE_IN_REAL = "exercise-in-real"
REAL_IN_EXERCISE = "real-in-exercise"


def find_mixing(exercise: bool, beside: Iterable[bool]) -> str:
    """Return why a statement may not stand with others; empty, if it may.

    Args:
        exercise: what the statement says of itself.
        beside: what each of the others says: those of its case, what it replies to, what it encloses.

    >>> find_mixing(True, [True, True])
    ''
    >>> find_mixing(True, [True, False])
    'exercise-in-real'
    >>> find_mixing(False, [True])
    'real-in-exercise'
    """
    if all(other == exercise for other in beside):
        return ""
    return EXERCISE_IN_REAL if exercise else REAL_IN_EXERCISE

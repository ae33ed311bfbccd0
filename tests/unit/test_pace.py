"""How often something that can wait goes over a line."""

from __future__ import annotations

import pytest

from tracepost.serving.pace import Pace, rest_after


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("took", "rest"), [(0.0, 5.0), (0.01, 5.0), (1.6, 32.0), (100.0, 60.0)])
def test_a_line_is_left_alone_twenty_times_as_long_as_it_was_busy(took: float, rest: float) -> None:
    assert rest_after(took, 5.0, 60.0) == rest


def test_the_next_question_waits_as_long_as_the_line_that_answered_asks_for() -> None:
    watch = Watch()
    pace = Pace(5.0, 60.0, watch)
    assert pace.due_in() == 0.0
    pace.asked()
    assert pace.due_in() == 5.0
    watch.now += 2.0
    pace.answered()
    assert pace.due_in() == 38.0
    watch.now += 38.0
    assert pace.due_in() == 0.0


def test_what_comes_unasked_or_after_the_first_answer_tells_nothing_about_the_line() -> None:
    watch = Watch()
    pace = Pace(5.0, 60.0, watch)
    pace.answered()
    pace.asked()
    watch.now += 0.1
    pace.answered()
    watch.now += 50.0
    pace.answered()
    pace.asked()
    assert pace.due_in() == 5.0

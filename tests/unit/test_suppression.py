"""Small numbers are kept back, and no sum gives them away."""

from __future__ import annotations

import doctest
import itertools
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracepost.protocol import suppression
from tracepost.protocol.suppression import suppress

Cells = Mapping[str, frozenset[str]]
Counts = Mapping[str, int]


def value(cell: frozenset[str], counts: Counts) -> int:
    return sum(counts.get(kind, 0) for kind in cell)


def parts(**counts: int) -> tuple[dict[str, frozenset[str]], dict[str, int]]:
    """Return a total and its parts."""
    cells = {name: frozenset({name}) for name in counts}
    return cells | {"all": frozenset(counts)}, counts


def test_the_example_in_the_docstring_holds() -> None:
    cells = {"asked": frozenset({"a", "b"}), "answered": frozenset({"a"}), "refused": frozenset({"b"})}
    assert suppress(cells, {"a": 9, "b": 2}, 5) == {"refused", "answered"}
    assert doctest.testmod(suppression).failed == 0


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 9, "b": 7}, set()),
        ({"a": 9, "b": 0}, set()),
        ({"a": 9, "b": 4}, {"a", "b"}),
        ({"a": 9, "b": 4, "c": 6}, {"b", "c"}),
        ({"a": 3, "b": 4, "c": 6}, {"a", "b"}),
        ({"a": 3, "b": 0}, {"a", "all"}),
        ({"a": 0, "b": 0}, set()),
    ],
)
def test_what_is_kept_back_of_a_total_and_its_parts(counts: dict[str, int], hidden: set[str]) -> None:
    assert suppress(*parts(**counts), smallest=5) == hidden


def test_nothing_is_kept_back_where_every_number_is_told() -> None:
    assert suppress(*parts(a=1, b=2), smallest=1) == frozenset()


def test_a_second_way_to_add_up_gives_nothing_away() -> None:
    """Rows and columns of one table: hiding one cell of a row is not enough."""
    cells = {f"{r}{c}": frozenset({f"{r}{c}"}) for r in "ab" for c in "xy"}
    cells |= {r: frozenset({f"{r}x", f"{r}y"}) for r in "ab"}
    cells |= {c: frozenset({f"a{c}", f"b{c}"}) for c in "xy"}
    assert suppress(cells, {"ax": 2, "ay": 9, "bx": 8, "by": 7}, 5) == {"ax", "ay", "bx", "by"}


# ── for all tables ───────────────────────────────────────────────────────────────────


KINDS = "abcde"


@st.composite
def tables(draw: st.DrawFn) -> tuple[Cells, Counts, int]:
    """Cells over five kinds, each kind a cell of its own or only part of sums."""
    counts = {kind: draw(st.integers(0, 7)) for kind in KINDS}
    sums = draw(st.lists(st.sets(st.sampled_from(KINDS), min_size=1), max_size=6))
    cells = {f"s{n}": frozenset(kinds) for n, kinds in enumerate(sums)}
    return cells, counts, draw(st.integers(1, 5))


def test_what_is_told_by_the_others_anyhow_is_not_kept_back() -> None:
    """First the answered are, for the refused on one ground; then the other ground is, and protects it alone."""
    cells = {
        "asked": frozenset("abc"),
        "answered": frozenset("a"),
        "refused": frozenset("bc"),
        "by law": frozenset("b"),
        "no record": frozenset("c"),
    }
    hidden = suppress(cells, {"a": 2, "b": 6, "c": 1}, smallest=2)
    assert hidden == {"by law", "no record"}


@given(tables())
def test_every_small_number_is_kept_back_and_no_zero(table: tuple[Cells, Counts, int]) -> None:
    cells, counts, smallest = table
    hidden = suppress(cells, counts, smallest)
    for cell, kinds in cells.items():
        if 0 < value(kinds, counts) < smallest:
            assert cell in hidden
        if value(kinds, counts) == 0:
            assert cell not in hidden


@given(tables(), tables())
def test_tables_that_count_different_things_are_kept_back_each_as_if_alone(
    one: tuple[Cells, Counts, int], other: tuple[Cells, Counts, int]
) -> None:
    (cells, counts, smallest), (others, other_counts, _) = one, other
    both = dict(cells) | {
        name.upper(): frozenset(kind.upper() for kind in kinds) for name, kinds in others.items()
    }
    upper = {kind.upper(): count for kind, count in other_counts.items()}
    alone = suppress(cells, counts, smallest) | {
        name.upper() for name in suppress(others, other_counts, smallest)
    }
    assert suppress(both, dict(counts) | upper, smallest) == alone


@pytest.mark.parametrize("names", ["abd d cd cf def a ace abcdef", "ad ac bd ace a abef df ef abcf abcdef"])
def test_the_same_is_kept_back_in_whatever_order_cells_come(names: str) -> None:
    counts = dict.fromkeys("bcdef", 7) | {"a": 2}
    orders = [random.Random(seed).sample(names.split(), len(names.split())) for seed in range(50)]
    hidden = {suppress({name: frozenset(name) for name in order}, counts, 5) for order in orders}
    assert len(hidden) == 1


SAME_IN_EACH_PROCESS = """
from tracepost.protocol.suppression import suppress
for names in ("abd d cd cf def a ace abcdef", "ad ac bd ace a abef df ef abcf abcdef"):
    cells = {name: frozenset(name) for name in names.split()}
    print(sorted(suppress(cells, dict.fromkeys("bcdef", 7) | {"a": 2}, 5)))
"""


def test_the_same_is_kept_back_in_each_process() -> None:
    """Python orders what is in a set anew in each process."""
    said = {
        subprocess.run(
            [sys.executable, "-c", SAME_IN_EACH_PROCESS],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(1, 7)
    }
    assert len(said) == 1, said


@given(tables())
@settings(max_examples=300, deadline=None)
def test_what_is_told_leaves_more_than_one_answer(table: tuple[Cells, Counts, int]) -> None:
    """For each small number there are other counts, none below zero, that give all that is told."""
    cells, counts, smallest = table
    hidden = suppress(cells, counts, smallest)
    for cell in hidden:
        if 0 < value(cells[cell], counts) < smallest:
            answers = (value(cells[cell], other) for other in explanations(cells, counts, hidden))
            assert are_many(answers), (cell, cells, counts, hidden)


@given(st.fixed_dictionaries({kind: st.integers(0, 7) for kind in KINDS}), st.integers(3, 5))
@settings(max_examples=300, deadline=None)
def test_bounds_leave_more_than_one_answer_for_each_small_part_of_a_total(
    counts: Counts, smallest: int
) -> None:
    """What is kept back is one at least, and below the smallest where it is small; or nothing around it is told."""
    cells, _ = parts(**counts)
    hidden = suppress(cells, counts, smallest)
    small = {cell for cell in hidden if value(cells[cell], counts) < smallest}
    for cell in small:
        numbers = (
            value(cells[cell], other)
            for other in explanations(cells, counts, hidden)
            if all(value(cells[one], other) >= 1 for one in hidden)
            and all(value(cells[one], other) < smallest for one in small)
        )
        assert are_many(numbers) or not told_with(cell, cells, counts, hidden), (cell, counts, hidden)


def are_many(numbers: Iterable[int]) -> bool:
    """Say whether two of the numbers differ; look no further then."""
    return any(one != other for one, other in itertools.pairwise(numbers))


def told_with(cell: str, cells: Cells, counts: Counts, hidden: frozenset[str]) -> list[str]:
    """Return the cells above zero that are told and count anything that this one counts."""
    there = {kind for kind in cells[cell] if counts.get(kind)}
    return [one for one in cells if one not in hidden and cells[one] & there]


def test_six_that_are_one_each_are_not_given_away_by_a_sum_of_six() -> None:
    cells = {name: frozenset({name}) for name in "abcdefg"}
    cells |= {"some": frozenset("abcdef"), "all": frozenset("abcdefg")}
    hidden = suppress(cells, dict.fromkeys("abcdef", 1) | {"g": 9}, 5)
    assert hidden == {*"abcdef", "g", "some"}


def test_two_that_are_as_large_as_may_be_are_not_given_away_by_their_sum() -> None:
    assert suppress(*parts(a=4, b=4, c=9, d=9), smallest=5) == {"a", "b", "c"}
    assert suppress(*parts(a=4, b=3, c=9, d=9), smallest=5) == {"a", "b"}


def explanations(cells: Cells, counts: Counts, hidden: frozenset[str]) -> Iterator[Counts]:
    """Yield all counts that agree with what is told, each number up to what is told of its sums."""
    told = [(kinds, value(kinds, counts)) for cell, kinds in cells.items() if cell not in hidden]
    used = frozenset[str]().union(*cells.values())
    limits = {k: min((v for kinds, v in told if k in kinds), default=8 * (k in used)) for k in KINDS}
    return (dict(zip(KINDS, numbers, strict=True)) for numbers in _numbers(KINDS, told, limits))


Told = list[tuple[frozenset[str], int]]


def _numbers(kinds: str, told: Told, limits: Counts) -> Iterator[tuple[int, ...]]:
    """Yield the numbers of these kinds that give what is left of each sum that is told, in order."""
    if not kinds:
        yield ()
        return
    first, others = kinds[0], kinds[1:]
    for number in _possible(first, others, told, limits[first]):
        left = [(of, total - number * (first in of)) for of, total in told]
        yield from ((number, *rest) for rest in _numbers(others, left, limits))


def _possible(kind: str, others: str, told: Told, limit: int) -> Iterable[int]:
    """Return what a kind may be: no more than any sum of it has left; all of that where it is the last in it."""
    sums = [(total, of.isdisjoint(others)) for of, total in told if kind in of]
    most = min([limit, *(total for total, _ in sums)])
    exact = {total for total, is_last in sums if is_last}
    return range(most + 1) if not exact else exact if exact == {most} else ()

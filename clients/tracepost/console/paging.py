"""Long lists, a page at a time: whole without scripts, and of a case nothing but a page's number in an address.

leaf = leaf_of(visit, "items", rows)                  # "?items=2" asks for its second page
{{ pages_of(leaf, _("Items")) }}                      # in a template, below the rows
{{ later_of("/sent?after=" ~ token, _("Older messages")) }}     # where the node names the next page itself
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from starlette.datastructures import URL

from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError

Row = TypeVar("Row")

ROWS: Final = 25
"""Of most lists, on a page."""


@dataclass(frozen=True, slots=True)
class Leaf(Generic[Row]):
    """One page of a list; `name` says which list it is of, where an officer's page shows several."""

    name: str
    rows: Sequence[Row]
    number: int
    count: int
    address: URL

    def href(self, number: int) -> str:
        """Return where the page with this number is; the other lists stay where they are."""
        whole = self.address.include_query_params(**{self.name: number})
        return f"{whole.path}?{whole.query}#{self.name}"

    def numbers(self) -> Iterator[int]:
        """Yield the numbers that are offered: the ends, this one and its neighbours; 0 stands for those between."""
        near = {1, self.number - 1, self.number, self.number + 1, self.count}
        before = 0
        for number in sorted(near & set(range(1, self.count + 1))):
            if number > before + 1:
                yield 0
            yield number
            before = number


def leaf_of(
    visit: Visit,
    name: str,
    rows: Sequence[Row],
    at_once: int = ROWS,
    weigh: Callable[[Row], int] = lambda _row: 1,
) -> Leaf[Row]:
    """Return the page of a list that the address asks for; its last, where there are not so many any more.

    Args:
        visit: who asks.
        name: of the list, as the address writes it.
        rows: the whole list.
        at_once: what a page holds, in what `weigh` counts; a heavier row stands on a page of its own.
        weigh: how much of a page a row takes.

    Raises:
        InvalidInputError: the address asks for no number of a page.
    """
    return leaf_at(visit.request.url, name, rows, number_asked(visit, name), at_once=at_once, weigh=weigh)


def number_asked(visit: Visit, name: str) -> int:
    """Return which page of a list the address asks for; raise `InvalidInputError` for what is no number of one."""
    asked = visit.request.query_params.get(name, "1")
    if not re.fullmatch("[1-9][0-9]{0,5}", asked):
        raise InvalidInputError(_("There is no such page."), where="address")
    return int(asked)


def leaf_at(
    address: URL,
    name: str,
    rows: Sequence[Row],
    number: int,
    *,
    at_once: int = ROWS,
    weigh: Callable[[Row], int] = lambda _row: 1,
) -> Leaf[Row]:
    """Return the page with a number; `address`: where the list can be asked for, if not where this page was."""
    starts = list(starts_of(map(weigh, rows), at_once))
    number = min(number, len(starts))
    end = starts[number] if number < len(starts) else len(rows)
    return Leaf(name, rows[starts[number - 1] : end], number, len(starts), address)


def starts_of(weights: Iterable[int], at_most: int) -> Iterator[int]:
    """Yield where each page begins, so that none weighs more than `at_most` unless one row alone does."""
    yield 0
    weight = 0
    for place, one in enumerate(weights):
        if place and weight + one > at_most:
            yield place
            weight = 0
        weight += one

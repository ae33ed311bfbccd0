"""Settings as an operator might write them: sections alone, and files with something wrong in one place."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from tracepost.protocol.settings import Section

T = TypeVar("T")

WRONG: tuple[object, ...] = (
    3, -1, 0, 10**9, 2.5, True, "x", "", [], [1], ["x"], [""], {}, {"x": 1}, [{}], [{"x": 1}], [["x"]], [{}, 3],
    dt.date(1979, 5, 27),
)  # fmt: skip
"""Values of every type that TOML knows; each is wrong in most places."""


def read_whole(table: object, where: str, read: Callable[[Section], T]) -> T:
    """Return what `read` makes of a section, of which nothing may be left unread."""
    section = Section(table, where)
    found = read(section)
    section.end()
    return found


def spoil(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield `table` with each of `WRONG` in each of its places."""
    for path in _paths(table):
        for wrong in WRONG:
            spoiled = copy.deepcopy(dict(table))
            place: Any = spoiled
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = wrong
            yield spoiled


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in steps:
        yield from _paths(part, (*path, step))

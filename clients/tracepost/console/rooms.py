"""What a module of `pages/` says of itself, and how all of them are found."""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Final

from starlette.responses import Response

from tracepost.console import pages
from tracepost.console.settings import ConsoleSettings
from tracepost.console.visit import Visit

KIB: Final = 1024
SIGN_OUT: Final = "/sign-out"

Endpoint = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One address. What is brought to it has passed the guard: its token was ours, its size within `body_bytes`.

    Args:
        path: as Starlette writes it: "/cases/{case}"; opaque ids at most, nothing of a case.
        endpoint: answers a visit.
        methods: of HTTP. POST and PATCH bring something.
        signed_in: False: open to anybody; only the door's own pages are.
        body_bytes: the most that a form brings.
        is_raw: what comes is no form: the page reads it, and its token stands in a header.
        is_piece: many of it make one file: it does not count among the officer's pages.
        is_picture: it stands within another page: nobody reads what it answers in words.
        of_any_desk: its form does the same at whichever of his desks the officer sits, whatever its page was shown for.
    """

    path: str
    endpoint: Endpoint
    methods: tuple[str, ...] = ("GET",)
    signed_in: bool = True
    body_bytes: int = 256 * KIB
    is_raw: bool = False
    is_piece: bool = False
    is_picture: bool = False
    of_any_desk: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu on every page: its words (marked by `locale.words.later`), address and place.

    `of_every_case`: offered to whom the node tells what concerns all cases; it refuses the others.
    """

    title: str
    path: str
    order: int = 100
    of_every_case: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """The pages of one module, their entries in the menu, and what they offer in a case: paths with `{case}`.

    `is_open`: says by the settings whether a console has this room at all.
    """

    pages: tuple[Page, ...]
    menu: tuple[Entry, ...] = ()
    in_cases: tuple[Entry, ...] = ()
    is_open: Callable[[ConsoleSettings], bool] = lambda _settings: True


@cache
def all_rooms() -> list[Room]:
    """Return the `ROOM` of every module of `pages` that has one, in order of their names."""
    names = sorted(found.name for found in pkgutil.iter_modules(pages.__path__))
    modules = [import_module(f"{pages.__name__}.{name}") for name in names]
    return [module.ROOM for module in modules if hasattr(module, "ROOM")]


def rooms_of(settings: ConsoleSettings) -> list[Room]:
    """Return the rooms that a console with these settings has."""
    return [room for room in all_rooms() if room.is_open(settings)]


@cache
def actions_in_cases() -> list[Entry]:
    """Return what all rooms offer on the page of a case."""
    return sorted((entry for room in all_rooms() for entry in room.in_cases), key=lambda entry: entry.order)


def menu_of(rooms: list[Room]) -> list[Entry]:
    """Return the entries of all rooms in the order in which they are shown."""
    return sorted(
        (entry for room in rooms for entry in room.menu), key=lambda entry: (entry.order, entry.path)
    )

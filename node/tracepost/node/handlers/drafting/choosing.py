"""Which fields of a statement an officer chose to pass on, in words: `tracepost trace share --fields …`.

    object                     a class: all fields of it
    items.0.object             a field, or all below it; `*` stands for anything between two dots
    item:3                     an item by its id: what was asked about it, and what was answered
    item:A-*/object.mark       the marks of every item whose id begins so

Nothing chosen is everything. What binds the receiver is never left out by a choice: handling
instructions, what the author withheld and why, and the ids of the items of which something is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Disclosure

_LISTS = {"items": "id", "answers": "item_id"}
_BINDING = re.compile(
    r"handling_instructions|withheld\.[0-9]+|named_desks|readers\.[0-9]+|restrictions\.[0-9]+|conditions\.[0-9]+"
)
_ITEM = re.compile(r"item:([^/]+)(?:/(.+))?")
_PATH = re.compile(r"[a-z*][a-z0-9_*]*(\.[a-z0-9_*]+)*")

_Test = Callable[[Disclosure, Mapping[str, str]], bool]
"""Says whether a field is meant, given the item id of each place (`items.0` → `3`)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is passed on of a statement; no `fields`: all of it, but for what is `without`."""

    fields: tuple[_Test, ...] = ()
    without: tuple[_Test, ...] = ()

    def select(self, disclosures: Sequence[Disclosure]) -> frozenset[str]:
        """Return the paths of what is chosen of `disclosures`, all those of one statement that are at hand."""
        ids = _item_ids(disclosures)
        chosen = {d.path for d in disclosures if not d.is_counter and self._is_chosen(d, ids)}
        places = {_place(path) for path in chosen}
        bound = {d.path for d in disclosures if _binds(d.path, places)}
        return frozenset(chosen | bound)

    def _is_chosen(self, one: Disclosure, ids: Mapping[str, str]) -> bool:
        wanted = not self.fields or any(test(one, ids) for test in self.fields)
        return wanted and not any(test(one, ids) for test in self.without)


EVERYTHING = Choice()


def read_choice(fields: Iterable[str], without: Iterable[str], where: str) -> Choice:
    """Return the choice that an officer wrote down; raise `InvalidInputError` for what is no field, class or item."""
    return Choice(
        tuple(_read(text, f"{where}.fields") for text in fields),
        tuple(_read(text, f"{where}.without") for text in without),
    )


def _read(text: str, where: str) -> _Test:
    name = text.upper().replace("-", "_")
    if name in Sensitivity.__members__:
        return lambda one, _ids: one.sensitivity == name
    if found := _ITEM.fullmatch(text):
        return _of_item(found[1], found[2] or "")
    if _PATH.fullmatch(text):
        return _at(text)
    raise InvalidInputError(
        "this names no class, no field and no item",
        where=where,
        reason="unknown-choice",
        remedy="Name a class (object), a field (items.0.object.make, items.*.object) or an item (item:1).",
    )


def _at(pattern: str) -> _Test:
    steps = pattern.split(".")
    return lambda one, _ids: _matches(one.path.split("."), steps)


def _of_item(item_id: str, below: str) -> _Test:
    steps = below.split(".") if below else []

    def test(one: Disclosure, ids: Mapping[str, str]) -> bool:
        place = _place(one.path)
        if place not in ids or not fnmatchcase(ids[place], item_id):
            return False
        return _matches(one.path.split(".")[2:], steps)

    return test


def _matches(path: Sequence[str], steps: Sequence[str]) -> bool:
    return len(path) >= len(steps) and all(map(fnmatchcase, path, steps))


def _place(path: str) -> str:
    """Return the element of `items` or `answers` that a field stands in, as a path; empty for none."""
    parts = path.split(".")
    return ".".join(parts[:2]) if len(parts) > 2 and parts[0] in _LISTS else ""


def _item_ids(disclosures: Iterable[Disclosure]) -> dict[str, str]:
    names = {f"{place}.{key}" for place, key in _LISTS.items()}
    return {_place(d.path): str(d.value) for d in disclosures if re.sub(r"\.[0-9]+\.", ".", d.path) in names}


def _binds(path: str, places: Iterable[str]) -> bool:
    place, _, name = path.rpartition(".")
    is_id = place in places and _LISTS.get(place.partition(".")[0]) == name
    return is_id or _BINDING.fullmatch(path) is not None

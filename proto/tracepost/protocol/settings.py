"""What operators write in settings files, asked for by name: of its type, with its place, and nothing left unread.

    settings = parse_toml(path.read_bytes(), where=str(path))
    name = settings.text("member")
    for desk in settings.sections("desk"):
        outward = desk.flag("outward", default=True)
    settings.end()              # refuses what nobody asked for: a slip of the pen is no silent default

Of several sections of one name the place tells the number, from 1: `desk.2.outward`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar

from tracepost.protocol.errors import ConfigurationError, InvalidInputError

T = TypeVar("T")
_MOST: Final = 2**31


def parse_toml(data: bytes, where: str) -> Section:
    """Return the settings of a TOML file; raise `ConfigurationError`, which names it as `where`."""
    try:
        return Section(tomllib.loads(data.decode("utf-8")))
    except ValueError as error:  # no TOML, or no UTF-8
        raise ConfigurationError(f"this is not TOML: {error}", where=where) from error


class Section:
    """One table of a settings file."""

    def __init__(self, table: object, where: str = "", kind: str = "") -> None:
        """Hold `table`, which stands at `where`; raise `ConfigurationError` if it is none.

        `kind` is the place without numbers.
        """
        if not isinstance(table, Mapping):
            raise ConfigurationError("a section is needed here", where=where)
        self.table: Mapping[str, Any] = table
        self.where = where
        self._kind = kind or where
        self._asked: set[str] = set()
        self._parts: list[Section] = []

    # ── values ───────────────────────────────────────────────────────────────────────

    def has(self, name: str) -> bool:
        """Say whether the setting is there."""
        self._asked.add(name)
        return name in self.table

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without `default` it must be there and not be empty."""
        value = self._value(name, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.refusal(name, "a text is needed here")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty where it is left out."""
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.refusal(name, "a list of texts is needed here")
        return tuple(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self.refusal(name, "true or false is meant")
        return value

    def number(self, name: str, default: int, *, least: int = 1, most: int = _MOST) -> int:
        """Return a whole number from `least` to `most`."""
        value = self._value(name, default)
        if type(value) is not int or not least <= value <= most:
            up_to = f"from {least} to {most}" if most < _MOST else f"from {least} on"
            raise self.refusal(name, f"a whole number {up_to} is needed here")
        return value

    def choice(self, name: str, known: Collection[str], default: str) -> str:
        """Return one of the words of `known`."""
        value = self.text(name, default)
        if value not in known:
            raise self.refusal(name, f"one of these is needed here: {', '.join(known)}")
        return value

    def choices(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """Return some of the words of `known`."""
        values = self.texts(name)
        if not set(values) <= set(known):
            raise self.refusal(name, f"these are known here: {', '.join(known)}")
        return values

    def read(self, name: str, parse: Callable[[str], T], default: str | None = None) -> T:
        """Return what `parse` makes of a text; `InvalidInputError` and `ValueError` refuse it with its place."""
        return self._parsed(name, parse, self.text(name, default))

    def read_all(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """Return what `parse` makes of each of some texts; see `read`."""
        return tuple(self._parsed(name, parse, one) for one in self.texts(name))

    def taken(self, names: Collection[str]) -> dict[str, Any]:
        """Return what is there of `names` as it was written, for a reader that checks it himself."""
        self._asked.update(names)
        return {name: self.table[name] for name in names if name in self.table}

    def _parsed(self, name: str, parse: Callable[[str], T], text: str) -> T:
        try:
            return parse(text)
        except InvalidInputError as error:
            raise self.refusal(name, error.message) from error
        except ValueError as error:
            raise self.refusal(name, str(error)) from error

    def _value(self, name: str, default: object) -> Any:
        self._asked.add(name)
        return self.table.get(name, default)

    # ── sections ─────────────────────────────────────────────────────────────────────

    def section(self, name: str) -> Section:
        """Return the section of this name; an empty one where it is left out."""
        return self._part(self._value(name, {}), name, "")

    def sections(self, name: str) -> list[Section]:
        """Return the sections of this name, `[[name]]` each; none where they are left out."""
        rows = self._value(name, [])
        if not isinstance(rows, list):
            raise self.refusal(name, f"sections are needed here: [[{_join(self._kind, name)}]]")
        numbers = [f".{number}" for number in range(1, len(rows) + 1)] if len(rows) > 1 else [""]
        return [self._part(row, name, number) for row, number in zip(rows, numbers, strict=False)]

    def _part(self, value: object, name: str, number: str) -> Section:
        part = Section(value, _join(self.where, name) + number, _join(self._kind, name))
        self._parts.append(part)
        return part

    # ── what is not right ────────────────────────────────────────────────────────────

    def refusal(self, name: str, message: str, remedy: str = "") -> ConfigurationError:
        """Return the error that refuses a setting of this section."""
        return ConfigurationError(message, where=_join(self.where, name), remedy=remedy)

    def end(self) -> None:
        """Refuse a setting, here or in a part, that nobody has asked for; raise `ConfigurationError`."""
        for name in sorted(self.table.keys() - self._asked):
            known = ", ".join(sorted(self._asked))
            raise self.refusal(name, "there is no such setting", f"These are known here: {known}.")
        for part in self._parts:
            part.end()

    def asked(self) -> dict[str, set[str]]:
        """Return which settings were asked for, by section; "" is the top."""
        asked = {self._kind: set(self._asked)}
        for part in self._parts:
            for kind, names in part.asked().items():
                asked.setdefault(kind, set()).update(names)
        return asked


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name

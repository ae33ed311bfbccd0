"""Any message of the wire as sheets for a page: labelled lines, tables, sheets within sheets, in the visitor's words.

It shows what the node gave and nothing else: what a desk may not see is not in the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from tracepost.locale.words import Words
from tracepost.protocol.errors import TracepostError
from tracepost.sdk import message_of
from tracepost.sdk.exhibits import read_exhibit
from tracepost.wire.v1 import desk_pb2, share_pb2, weapon_pb2

HANDLING: Final = "handling_instructions"
_ABOVE: Final = frozenset({HANDLING})
_DIGEST_BYTES: Final = 32
_OPAQUE: Final = re.compile(r"jws|key|.*_disclosures|issuer_certificates")
_FIRST_COLUMNS: Final = ("role", "text_as_seen", "symbol", "script", "location", "component", "legibility")
_MARK_COLUMNS: Final = {name: number for number, name in enumerate(_FIRST_COLUMNS)}


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled value; `code`: an id or digest, which keeps its own direction."""

    label: str
    texts: tuple[str, ...]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a caption."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A message: its heading, empty at the top; its lines; its tables; the messages within it."""

    heading: str
    lines: tuple[Line, ...] = ()
    grids: tuple[Grid, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    handling: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lines or self.grids or self.sheets)


class Shower:
    """Makes sheets in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def statement(self, statement: desk_pb2.StatementView) -> Sheet:
        """Return what a statement says, as far as the desk may see it; its handling instructions stand apart."""
        message = message_of(statement.content)
        return self.sheet(message, "", _ABOVE) if message is not None else Sheet("")

    def sheet(self, message: Message, heading: str, skip: frozenset[str] = frozenset()) -> Sheet:
        """Return every field of `message` that is present."""
        lines: list[Line] = []
        grids: list[Grid] = []
        sheets: list[Sheet] = []
        for field, value in message.ListFields():
            if field.name in skip:
                continue
            if field.message_type is None:
                lines.append(self._line(field, value))
            elif field.message_type is weapon_pb2.Mark.DESCRIPTOR:
                grids.append(self._marks(field, _many(value)))
            else:
                sheets.extend(self._within(field, _many(value)))
        return Sheet(heading, tuple(lines), tuple(grids), tuple(sheets))

    def words_of(self, message: Message, field: str) -> str:
        """Return the words of the enum `field`, empty when it is absent."""
        described: Any = message.DESCRIPTOR.fields_by_name[field].enum_type
        return self._enum(described, getattr(message, field)) if message.HasField(field) else ""

    def codes_of(self, message: Message, field: str) -> list[str]:
        """Return the codes of the repeated enum `field`, without their prefix."""
        described: Any = message.DESCRIPTOR.fields_by_name[field].enum_type
        return [_code(described, number) for number in getattr(message, field)]

    def hidden(self, one: desk_pb2.ClassCount) -> str:
        """Return what is not shown of a class, and how many fields it is."""
        _ = self._words.gettext
        known = one.HasField("of_class")
        of_class = self.words_of(one, "of_class") if known else f"{_('unknown class')} {one.class_name}"
        if not one.exact:
            return f"{of_class}, {_('an unknown number of fields')}"
        return f"{of_class}, {self._words.plural('{n} field', '{n} fields', one.fields)}"

    def problem(self, statement: desk_pb2.StatementView) -> str:
        """Return in words what the node found wrong with a statement; empty where it found nothing."""
        return printable(f"{statement.problem.words} {statement.problem.where}".strip())

    def _within(self, field: FieldDescriptor, values: list[Message]) -> Iterator[Sheet]:
        label = self._words.coded("field", field.name)
        for number, value in enumerate(values, 1):
            if isinstance(value, weapon_pb2.Item):
                yield self._item(value)
            elif isinstance(value, share_pb2.Exhibit):
                yield self._exhibit(value)
            else:
                yield self.sheet(value, label if len(values) == 1 else f"{label} {number}")

    def _item(self, item: weapon_pb2.Item) -> Sheet:
        heading = f"{self._words.gettext('item')} {item.id}: {self.words_of(item, 'kind')}"
        outer = self.sheet(item, heading, frozenset({"id", "kind", "object"}))
        inner = self.sheet(item.object, "") if item.HasField("object") else Sheet("")
        return Sheet(
            heading, outer.lines + inner.lines, outer.grids + inner.grids, outer.sheets + inner.sheets
        )

    def _exhibit(self, exhibit: share_pb2.Exhibit) -> Sheet:
        """Show what another member wrote and somebody passed on; only if its signature holds."""
        _ = self._words.gettext
        try:
            read = read_exhibit(exhibit)
        except TracepostError as fault:
            return Sheet(f"{_('an exhibit that does not verify')}: {fault.message}")
        heading = f"{_('exhibit')}: {self._words.kind(read.claims.kind)}, {read.claims.iss}, {when(read.claims.iat)}"
        if read.message is None:
            return Sheet(heading)
        shown = self.sheet(read.message, heading, _ABOVE)
        has_handling = HANDLING in read.message.DESCRIPTOR.fields_by_name
        handling = self.codes_of(read.message, HANDLING) if has_handling else []
        return Sheet(heading, shown.lines, shown.grids, shown.sheets, tuple(handling))

    def _marks(self, field: FieldDescriptor, marks: list[Any]) -> Grid:
        words = self._words
        present = {field.name: field for mark in marks for field, _value in mark.ListFields()}
        used = sorted(present, key=lambda name: _MARK_COLUMNS.get(name, len(_MARK_COLUMNS)))
        rows = tuple(tuple(self._cell(present[name], mark) for name in used) for mark in marks)
        return Grid(words.coded("field", field.name), tuple(words.coded("field", one) for one in used), rows)

    def _cell(self, field: FieldDescriptor, mark: Message) -> str:
        present = {one.name: value for one, value in mark.ListFields()}
        if field.name not in present:
            return ""
        if field.message_type is None:
            return "\n".join(self._line(field, present[field.name]).texts)
        within = [self.sheet(one, "") for one in _many(present[field.name])]
        return "\n".join(
            f"{line.label}: {', '.join(map(self._words.alone, line.texts))}"
            for sheet in within
            for line in sheet.lines
        )

    def _line(self, field: FieldDescriptor, value: Any) -> Line:
        label = self._words.coded("field", field.name)
        values = list(value) if field.is_repeated else [value]
        if _OPAQUE.fullmatch(field.name):
            return Line(label, (self._bytes(sum(len(one) for one in values)),))
        return Line(label, tuple(self._one(field, one) for one in values), isinstance(values[0], bytes))

    def _one(self, field: FieldDescriptor, value: Any) -> str:
        if field.enum_type is not None:
            return self._enum(field.enum_type, value)
        if isinstance(value, bool):
            return self._words.gettext("yes") if value else self._words.gettext("no")
        if isinstance(value, bytes):
            return value.hex() if len(value) == _DIGEST_BYTES else self._bytes(len(value))
        return printable(moment(value) if field.name.endswith("_at") else str(value))

    def _bytes(self, count: int) -> str:
        return self._words.plural("{n} byte", "{n} bytes", count)

    def _enum(self, described: EnumDescriptor, number: int) -> str:
        return self._words.coded(described.name, _code(described, number))


def _many(value: Any) -> list[Any]:
    return [value] if isinstance(value, Message) else list(value)


def _code(described: EnumDescriptor, number: int) -> str:
    value = described.values_by_number.get(number)
    return (
        value.name.removeprefix(described.values[0].name.removesuffix("UNSPECIFIED"))
        if value
        else str(number)
    )


def when(unix_seconds: int) -> str:
    """Return a moment as people write it, UTC."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def moment(rfc3339: str) -> str:
    """Return the moment of an RFC 3339 text as people write it; the text itself when it is none."""
    try:
        return when(int(datetime.fromisoformat(rfc3339).timestamp()))
    except ValueError:
        return rfc3339


def printable(text: str) -> str:
    """Return `text` without control characters: another member wrote it."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)


def union(codes: Iterable[Iterable[str]]) -> list[str]:
    """Return each code once, in the order in which they come."""
    return list(dict.fromkeys(code for some in codes for code in some))

"""Any message of the wire as labelled lines: the words of fields and codes come from the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracepost.cli.words import WORDS, _, coded, plural
from tracepost.locale.values import enum_code, printable, value_words
from tracepost.protocol.jsonvalue import JsonValue

_DIGEST_BYTES = 32
_BOLD = frozenset({"handling", "handling_instructions"})
# Signed forms: told by their length; what they say is shown beside (render/case.py).
_OPAQUE = re.compile(r"jws|key|.*_disclosures|issuer_certificates")


def enum_words(enum: EnumDescriptor, number: int) -> str:
    """Return the user's words for an enum value."""
    return coded(enum.name, enum_code(enum, number))


def code_of(message: Message, field: str) -> str:
    """Return the words of the enum `field` of `message`, empty when it is absent."""
    enum: Any = message.DESCRIPTOR.fields_by_name[field].enum_type
    return enum_words(enum, getattr(message, field)) if message.HasField(field) else ""


def codes_of(message: Message, field: str) -> list[str]:
    """Return the words of each value of the repeated enum `field`."""
    enum: Any = message.DESCRIPTOR.fields_by_name[field].enum_type
    return [enum_words(enum, number) for number in getattr(message, field)]


def bound_fields(paths: Iterable[str]) -> str:
    """Return which fields a restriction binds, to stand behind its name; nothing where it binds all."""
    named = ", ".join(paths)
    return f" {_('on')} {printable(named)}" if named else ""


def when(unix_seconds: int) -> str:
    """Return a moment as people write it, UTC."""
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def moment(rfc3339: str) -> str:
    """Return the moment of an RFC 3339 text as people write it; the text itself when it is none."""
    try:
        return when(int(datetime.fromisoformat(rfc3339).timestamp()))
    except ValueError:
        return rfc3339


def sheet(message: Message, skip: frozenset[str] = frozenset()) -> RenderableType:
    """Return every present field of `message`, labelled, nested messages below their label."""
    return Group(*_lines(message, skip))


def _lines(message: Message, skip: frozenset[str]) -> Iterator[RenderableType]:
    grid = _grid()
    nested = []
    for field, value in message.ListFields():
        if field.name in skip:
            continue
        if field.message_type is None:
            grid.add_row(_label(field), _scalar(field, value))
        else:
            nested.append((field, value))
    if grid.row_count:
        yield grid
    for field, value in nested:
        yield from _nested(field, [value] if isinstance(value, Message) else list(value))


def _nested(field: FieldDescriptor, values: list[Message]) -> Iterator[RenderableType]:
    for number, value in enumerate(values, start=1):
        heading = _label(field) if len(values) == 1 else Text(f"{_label(field)} {number}", style="cyan")
        yield heading
        yield Padding(sheet(value), (0, 0, 0, 2))


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold", max_width=32)
    grid.add_column(overflow="fold")
    return grid


def _label(field: FieldDescriptor) -> Text:
    return Text(coded("field", field.name), style="cyan")


def _scalar(field: FieldDescriptor, value: Any) -> Text:
    values = value if field.is_repeated else [value]
    if _OPAQUE.fullmatch(field.name):
        return Text(plural("{n} byte", "{n} bytes", sum(len(one) for one in values)), style="dim")
    text = "\n".join(_one(field, one) for one in values)
    return Text(text, style="bold" if field.name in _BOLD else "")


def _one(field: FieldDescriptor, value: Any) -> str:
    if field.enum_type is not None:
        return enum_words(field.enum_type, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, bytes):
        return value.hex() if len(value) == _DIGEST_BYTES else plural("{n} byte", "{n} bytes", len(value))
    return printable(moment(value) if field.name.endswith("_at") else str(value))


def json_words(value: JsonValue) -> str:
    """Return a disclosed value in the user's words: codes and the names of fields by the catalogue."""
    return value_words(value, WORDS)

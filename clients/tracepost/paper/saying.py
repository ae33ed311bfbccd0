"""What a signed value says in words: codes by the catalogue, days and numbers as the language writes them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from tracepost.paper.words import Words
from tracepost.protocol.jsonvalue import JsonValue
from tracepost.protocol.schema import KINDS

_IN_TIME = re.compile(r".*_(on|at|by|until|date)|dated|until|as_of")
_JOINERS = "\u200c\u200d"


def field_at(kind: str, path: str) -> FieldDescriptor | None:
    """Return the field of a kind of message that stands at `path`; None for one of a newer schema."""
    if kind not in KINDS:
        return None
    described: Any = KINDS[kind].DESCRIPTOR
    field: FieldDescriptor | None = None
    for name in path.split("."):
        if not name.isdigit():
            field = described.fields_by_name.get(name) if described is not None else None
            if field is None:
                return None
            described = field.message_type
    return field


def members_of(field: FieldDescriptor | None) -> Mapping[str, FieldDescriptor]:
    """Return the fields of the message that a field holds, by name; none where it holds no message."""
    inside: Any = field.message_type.fields_by_name if field is not None and field.message_type else {}
    return dict(inside)


def name_of(path: str) -> str:
    """Return the name of the field at `path`, without its index."""
    return [part for part in path.split(".") if not part.isdigit()][-1]


def say(words: Words, field: FieldDescriptor | None, value: JsonValue, name: str = "") -> tuple[str, ...]:
    """Return what `value` says, a paragraph for each element or member."""
    if isinstance(value, list):
        if all(not isinstance(one, dict | list) for one in value):
            return (_joined(words, [text for one in value for text in say(words, field, one, name)]),)
        return tuple(text for one in value for text in say(words, field, one, name))
    if isinstance(value, dict):
        return tuple(_members(words, field, value))
    return (_scalar(words, field, value, name),)


def _members(words: Words, field: FieldDescriptor | None, value: dict[str, JsonValue]) -> Iterator[str]:
    inside = members_of(field)
    for member, one in value.items():
        told = say(words, inside.get(member), one, member)
        yield f"{words.field(member)}: {'; '.join(map(words.alone, told))}"


def _joined(words: Words, texts: list[str]) -> str:
    between = {"zh": "、", "ar": "، "}.get(words.tag[:2], "; ")
    return between.join(map(words.alone, texts)) if len(texts) > 1 else "".join(texts)


def _scalar(words: Words, field: FieldDescriptor | None, value: JsonValue, name: str) -> str:
    if isinstance(value, bool):
        return words._("yes") if value else words._("no")
    if isinstance(value, int):
        return words.number(value)
    text = str(value)
    if field is not None and field.enum_type is not None:
        return code_words(words, field.enum_type, text)
    if field is not None and field.type == FieldDescriptor.TYPE_BYTES:
        return hexadecimal(text)
    return _text(words, text, name) if field is not None else printable(text)


def _text(words: Words, text: str, name: str) -> str:
    if _IN_TIME.fullmatch(name):
        return words.moment(text) if "T" in text else words.date(text)
    return printable(text)


def code_words(words: Words, enum: EnumDescriptor, code: str) -> str:
    """Return the words of a code by its whole name, such as URGENCY_URGENT."""
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return words.coded(enum.name, code.removeprefix(prefix))


def hexadecimal(text: str) -> str:
    """Return what stands there in base64 as hexadecimal digits in groups; any other text as it is."""
    try:
        digits = base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError):
        return printable(text)
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def printable(text: str) -> str:
    """Return `text` without what would change the text around it: control and direction signs of another's hand."""
    return "".join(sign if sign.isprintable() or sign in "\n" + _JOINERS else "\ufffd" for sign in text)

"""Disclosed values in words: codes and names of fields by the catalogue, the rest as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import EnumDescriptor

from tracepost.locale.words import Words
from tracepost.protocol.jsonvalue import JsonValue
from tracepost.protocol.schema import KINDS


def enum_prefix(enum: EnumDescriptor) -> str:
    """Return the prefix that the values of an enum share: `MailState` has `MAIL_STATE_`."""
    return enum.values[0].name.removesuffix("UNSPECIFIED")


def enum_code(enum: EnumDescriptor, number: int) -> str:
    """Return the code of an enum value without the enum's prefix; the number when it is unknown here."""
    value = enum.values_by_number.get(number)
    return str(number) if value is None else value.name.removeprefix(enum_prefix(enum))


def value_words(value: JsonValue, words: Words) -> str:
    """Return a disclosed value in words, without control characters: another member may have written it."""
    if isinstance(value, Mapping):
        parts = (
            f"{words.coded('field', name)}: {words.alone(value_words(one, words))}"
            for name, one in value.items()
        )
        return "; ".join(parts)
    if isinstance(value, list | tuple):
        return ", ".join(words.alone(value_words(one, words)) for one in value)
    if isinstance(value, bool):
        return words.gettext("yes") if value else words.gettext("no")
    enum = _enums().get(value) if isinstance(value, str) else None
    if enum is not None:
        return words.coded(enum.name, str(value).removeprefix(enum_prefix(enum)))
    return printable(str(value))


def printable(text: str) -> str:
    """Return `text` without control characters: another member wrote it, and a terminal obeys escapes."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\ufffd" for sign in text)


@cache
def _enums() -> Mapping[str, EnumDescriptor]:
    """Return the enum of each value of the messages that a statement may hold, by the value's whole name."""
    found: dict[str, EnumDescriptor] = {}
    waiting, seen = [one.DESCRIPTOR for one in KINDS.values()], set[str]()
    while waiting:
        message = waiting.pop()
        for field in message.fields if message.full_name not in seen else ():
            if field.enum_type is not None:
                enum: Any = field.enum_type
                found |= dict.fromkeys(enum.values_by_name, enum)
            elif field.message_type is not None:
                waiting.append(field.message_type)
        seen.add(message.full_name)
    return found

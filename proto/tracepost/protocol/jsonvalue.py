"""How a value of the wire schema stands in signed JSON: one codec for each protobuf type.

    string   as it is, never normalised        bool    true, false
    enum     its full name                     bytes   base64 with padding (RFC 4648, section 4)
    uint32, uint64   a number below 2**53 (RFC 7493, section 2.2)
    list     a JSON array, never empty

Decoding is strict: each value has one form, and no other type is taken for it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from tracepost.protocol.errors import InvalidMessageError

JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue] | None"

_LARGEST_INTEGER: Final = 2**53 - 1


class UnknownNameError(InvalidMessageError):
    """An enum name is in no code list of this version."""

    def __init__(self, known: list[int]) -> None:
        self.known = known
        super().__init__(reason="unknown-name")


@dataclass(frozen=True, slots=True)
class Codec:
    """Both directions of one type. `decode` raises `InvalidMessageError` without a place."""

    encode: Callable[[Any], JsonValue]
    decode: Callable[[JsonValue], Any]


def codec_of(described: FieldDescriptor) -> Codec:
    """Return the codec of a field that holds no message; of its whole list where it is repeated."""
    codec = _codec_of_one(described)
    return _codec_of_list(codec) if described.is_repeated else codec


def wrong_type() -> InvalidMessageError:
    """Return the error for a value that no version of the schema can mean."""
    return InvalidMessageError("the value is not of the field's type", reason="type")


def _codec_of_one(described: FieldDescriptor) -> Codec:
    match described.type:
        case FieldDescriptor.TYPE_STRING:
            return Codec(_same, _decode_string)
        case FieldDescriptor.TYPE_BOOL:
            return Codec(_same, _decode_bool)
        case FieldDescriptor.TYPE_BYTES:
            return Codec(_encode_bytes, _decode_bytes)
        case FieldDescriptor.TYPE_ENUM:
            return _codec_of_enum(described.enum_type)
        case FieldDescriptor.TYPE_UINT32 | FieldDescriptor.TYPE_UINT64:
            return Codec(_same, _decode_integer)
        case _:
            raise TypeError(f"{described.full_name}: the wire schema has no such type")


def _same(value: Any) -> Any:
    return value


def _encode_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decode_bytes(value: JsonValue) -> bytes:
    text = _decode_string(value)
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise wrong_type() from None
    if _encode_bytes(data) != text:
        raise wrong_type()
    return data


def _decode_string(value: JsonValue) -> str:
    if type(value) is not str:
        raise wrong_type()
    return value


def _decode_bool(value: JsonValue) -> bool:
    if type(value) is not bool:
        raise wrong_type()
    return value


def _decode_integer(value: JsonValue) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST_INTEGER:
        raise wrong_type()
    return value


def _codec_of_enum(described: EnumDescriptor | None) -> Codec:
    assert described is not None
    names = {number: value.name for number, value in described.values_by_number.items()}
    numbers = {name: number for number, name in names.items()}

    def encode(value: int) -> JsonValue:
        if value not in names:
            raise InvalidMessageError("the value is in no code list", reason="enum.defined_only")
        return names[value]

    def decode(value: JsonValue) -> int:
        name = _decode_string(value)
        if name not in numbers:
            raise UnknownNameError([])
        return numbers[name]

    return Codec(encode, decode)


def _codec_of_list(one: Codec) -> Codec:
    def encode(values: Iterable[Any]) -> JsonValue:
        return [one.encode(value) for value in values]

    def decode(values: JsonValue) -> list[Any]:
        if type(values) is not list or not values:
            raise wrong_type()
        try:
            return [one.decode(value) for value in values]
        except UnknownNameError:
            raise UnknownNameError(list(_known(values, one))) from None

    return Codec(encode, decode)


def _known(values: list[JsonValue], one: Codec) -> Iterator[int]:
    for value in values:
        try:
            yield one.decode(value)
        except UnknownNameError:
            continue

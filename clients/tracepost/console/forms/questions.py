"""One field of a message as a question on a page: shape, rule and class come from the wire schema.

    >>> question_of("content.trace_request.circumstances.found_on").shape
    <Shape.PARTIAL_DATE: 'partial-date'>
    >>> question_of("to").shape
    <Shape.MEMBERS: 'members'>

A path is that of a field in `desk_pb2.Draft`; a number in it stands for any entry of a list.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from tracepost.protocol.errors import InvalidInputError
from tracepost.wire.buf.validate import validate_pb2
from tracepost.wire.v1 import desk_pb2, options_pb2

_MEMBER: Final = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_DAY: Final = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_PARTIAL: Final = "^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"
_LONG: Final = 300
_DIGITS: Final = re.compile(r"[0-9]+")


class Shape(enum.StrEnum):
    """What is typed or chosen."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    CODE = "code"
    CODES = "codes"
    DATE = "date"
    PARTIAL_DATE = "partial-date"
    NUMBER = "number"
    YES_NO = "yes-no"
    COUNTRY = "country"
    COUNTRIES = "countries"
    MEMBER = "member"
    MEMBERS = "members"
    DIGEST = "digest"


_MANY: Final = frozenset({Shape.CODES, Shape.LINES, Shape.COUNTRIES, Shape.MEMBERS})
_BY_PATTERN: Final = {_DAY: Shape.DATE, _PARTIAL: Shape.PARTIAL_DATE, "^[A-Z]{3}$": Shape.COUNTRY}


ENDED: Final = "~ended"
"""Which items of a notice of a loss are no longer sought."""
NOTICE: Final = "~notice"
"""The notice of another whose items were seen; no page asks for it."""
_NEEDED: Final = "content.information_request.needed.0.code"
PAGE_FIELDS: Final = MappingProxyType(
    {
        "~restrictions": ("content.acknowledgement.restrictions_accepted", Shape.CODES),
        "~delete_after": ("content.trace_request.reply_by", Shape.DATE),
        "~missing": (_NEEDED, Shape.CODES),
        "~needed": (_NEEDED, Shape.CODES),
        "~needed_for": ("content.delay.item_ids", Shape.LINES),
        "~supplied": (_NEEDED, Shape.CODES),
        "~later": (_NEEDED, Shape.CODES),
        "~not_available": (_NEEDED, Shape.CODES),
        "~on_paper": ("content.finding.final", Shape.YES_NO),
        "~statements": ("content.delay.item_ids", Shape.LINES),
        "~classes": ("content.delay.item_ids", Shape.LINES),
        "~without": ("content.delay.item_ids", Shape.LINES),
        ENDED: ("content.delay.item_ids", Shape.LINES),
        NOTICE: ("content.delay.item_ids", Shape.LINE),
        "~corrected": ("content.delay.item_ids", Shape.LINE),
        "~says": ("content.letter.references.0.number", Shape.LINE),
        "~replies": ("content.letter.references.0.number", Shape.LINE),
    }
)
"""What a page asks in one and a message says in several places: like which field, and how."""


@dataclass(frozen=True, slots=True)
class Question:
    """A field as it is asked for.

    Args:
        path: where it stands in a draft.
        name: of the field, under which the catalogues have its words.
        shape: how it is answered.
        required: whether the schema wants it, of a list: at least one entry.
        limit: most characters; 0: no limit of its own.
        enum: name of its code list, empty for none, and `codes` its codes without prefix.
        sensitivity: class of the disclosure that it is, or is a part of, "OBJECT".
    """

    path: str
    name: str
    shape: Shape
    required: bool
    limit: int
    enum: str
    codes: tuple[str, ...]
    sensitivity: str
    descriptor: FieldDescriptor

    @property
    def is_many(self) -> bool:
        """Whether there may be several answers."""
        return self.shape in _MANY


def field_at(root: Any, path: str) -> FieldDescriptor:
    """Return the field at `path` below `root`; raise `InvalidInputError` when there is none."""
    descriptor: Any = root
    found: Any = None
    for step in path.split("."):
        if _DIGITS.fullmatch(step):
            continue
        found = descriptor.fields_by_name.get(step) if descriptor is not None else None
        if found is None:
            raise InvalidInputError("No message has this field.", where=path[:200], reason="no-such-field")
        descriptor = found.message_type
    assert found is not None
    field: FieldDescriptor = found
    return field


@lru_cache(maxsize=4096)
def question_of(path: str) -> Question:
    """Return the field at `path` of a draft as a question; raise `InvalidInputError` when it is none.

    What a page asks and no field says, such as "~restrictions", is asked like the field in `PAGE_FIELDS`.
    """
    if path in PAGE_FIELDS:
        like, shape = PAGE_FIELDS[path]
        return replace(question_of(like), path=path, name=path[1:], shape=shape, required=False)
    field = field_at(desk_pb2.Draft.DESCRIPTOR, path)
    if field.message_type is not None:
        raise InvalidInputError("This field holds others.", where=path[:200], reason="no-such-field")
    rules = _rules_of(field)
    codes: Any = field.enum_type
    return Question(
        path=path,
        name=field.name,
        shape=_shape_of(field),
        required=_is_required(field),
        limit=rules.string.max_len,
        enum=codes.name if codes is not None else "",
        codes=tuple(codes_of(field)) if codes is not None else (),
        sensitivity=_class_of(field),
        descriptor=field,
    )


def codes_of(field: FieldDescriptor) -> list[str]:
    """Return the codes that the list of `field` allows here, without their prefix, in the order of the schema."""
    codes: Any = field.enum_type
    shut_out = {0, *_rules_of(field).enum.not_in}
    return [one.name.removeprefix(prefix_of(codes)) for one in codes.values if one.number not in shut_out]


def prefix_of(codes: Any) -> str:
    """Return what the names of a code list begin with."""
    return str(codes.values[0].name.removesuffix("UNSPECIFIED"))


def _option(field: FieldDescriptor, extension: Any) -> Any:
    return field.GetOptions().Extensions[extension]


def _is_required(field: FieldDescriptor) -> bool:
    rules = _option(field, validate_pb2.field)
    return bool(rules.required or rules.repeated.min_items)


def _rules_of(field: FieldDescriptor) -> Any:
    """Return the rules of a field, of one entry where it is a list."""
    rules = _option(field, validate_pb2.field)
    return rules.repeated.items if field.is_repeated else rules


def _shape_of(field: FieldDescriptor) -> Shape:
    if field.enum_type is not None:
        return Shape.CODES if field.is_repeated else Shape.CODE
    kinds = {
        FieldDescriptor.TYPE_BOOL: Shape.YES_NO,
        FieldDescriptor.TYPE_BYTES: Shape.DIGEST,
        FieldDescriptor.TYPE_STRING: _shape_of_text(field),
    }
    return kinds.get(field.type, Shape.NUMBER)


def _shape_of_text(field: FieldDescriptor) -> Shape:
    said = _rules_of(field).string
    if said.pattern == _MEMBER:
        return Shape.MEMBERS if field.is_repeated else Shape.MEMBER
    if field.is_repeated:
        return Shape.COUNTRIES if said.pattern == "^[A-Z]{3}$" else Shape.LINES
    return _BY_PATTERN.get(said.pattern, Shape.TEXT if said.max_len > _LONG else Shape.LINE)


def _class_of(field: FieldDescriptor) -> str:
    return options_pb2.Sensitivity.Name(_option(field, options_pb2.sensitivity)).removeprefix("SENSITIVITY_")

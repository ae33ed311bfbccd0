"""What the descriptors of the wire schema say: kinds, disclosure units, classes, rules.

A signed statement holds a message as a flat list of disclosure units, each with a path and
one sensitivity class. This module takes a message apart into units and puts units together
into a message; it knows no kind by name and keeps no list of fields of its own.

    items.0.object.make       a scalar is a unit
    questions                 a list of scalars is one unit
    items.0.object.mark.2     a message with the option `disclosed_as_one` is one unit: a JSON object
    items, items.0            containers are walked and are no units

The JSON form of values is in `jsonvalue`. Units and code names that this schema does not know
are handed back, never dropped.

    >>> from tracepost.wire.v1 import trace_pb2
    >>> request = trace_pb2.TraceRequest(file_number="T-1")
    >>> [(unit.path, unit.sensitivity.value, unit.value) for unit in flatten(request)]
    [('file_number', 'ADMINISTRATIVE', 'T-1')]
    >>> assemble("trace.request/1", flatten(request)).message == request
    True

Not done here: who may read a class (the gate), and raising the class of a unit (its author).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tracepost.protocol.errors import InternalError, InvalidMessageError
from tracepost.protocol.jsonvalue import Codec, JsonValue, UnknownNameError, codec_of, wrong_type
from tracepost.wire.buf.validate import validate_pb2
from tracepost.wire.v1 import (
    assistance_pb2,
    ballistic_pb2,
    check_pb2,
    directory_pb2,
    diversion_pb2,
    embargo_pb2,
    flow_pb2,
    inquiry_pb2,
    loss_pb2,
    mandate_pb2,
    options_pb2,
    panel_pb2,
    practice_pb2,
    seizure_pb2,
    share_pb2,
    statistics_pb2,
    trace_pb2,
)

__all__ = [
    "INNER_KINDS",
    "KINDS",
    "OPENING_KINDS",
    "RAISES",
    "RESERVED_KINDS",
    "SAID_BY",
    "UNITS",
    "WRITTEN_FOR",
    "Assembled",
    "Field",
    "JsonValue",
    "Sensitivity",
    "assemble",
    "declared_class",
    "find_breaches",
    "flatten",
    "kind_of",
    "validate",
    "validate_fields",
]

PATH_LIMIT: Final = 200

_INDEX = re.compile(r"(?<=\.)(?:0|[1-9][0-9]{0,4})(?=\.|\Z)")
_LIST_LIMIT: Final = 4096
_ABSENCE: Final = frozenset({"required", "repeated.min_items"})
_ITEM_IDS: Final = frozenset({"id", "item_id"})


class Sensitivity(enum.StrEnum):
    """The nine classes of a disclosure unit; `proto/tracepost/wire/v1/options.proto` tells them."""

    PUBLIC = "PUBLIC"
    ADMINISTRATIVE = "ADMINISTRATIVE"
    OBJECT = "OBJECT"
    LAW_ENFORCEMENT = "LAW_ENFORCEMENT"
    COMMERCIAL = "COMMERCIAL"
    CONTACT = "CONTACT"
    CRIMINAL_JUSTICE = "CRIMINAL_JUSTICE"
    PERSONAL = "PERSONAL"
    NATIONAL_SECURITY = "NATIONAL_SECURITY"

    # That of `Enum` is a function in Python, and every field of a message is looked up by its class.
    __hash__ = str.__hash__


class Field(NamedTuple):
    """One disclosure unit: where it stands, its class, what it says (never shown by `repr`)."""

    path: str
    sensitivity: Sensitivity
    value: JsonValue

    def __repr__(self) -> str:
        return f"Field(path={self.path!r}, sensitivity={self.sensitivity!r})"


@dataclass(frozen=True, slots=True)
class Assembled:
    """A message put together, and the units, or parts of units, that this schema does not know."""

    message: Message = field(repr=False)
    unknown: tuple[Field, ...]


# ---------------------------------------------------------------- plans, made once per message type


@dataclass(slots=True)
class _Step:
    """What to do with one field: `inner` for a message, `codec` for all else, no class for a container."""

    name: str
    repeated: bool
    limit: int
    sensitivity: Sensitivity | None
    codec: Codec | None
    inner: _Plan | None

    def encode(self, value: Any, path: str) -> JsonValue:
        """Return the JSON form of the field's value, which stands at `path`; raise `InvalidMessageError`."""
        assert self.codec is not None
        try:
            return self.codec.encode(value)
        except InvalidMessageError as error:
            raise _placed(error, path) from None


@dataclass(slots=True)
class _Plan:
    """The steps of a message: by descriptor to take it apart, by name to build it."""

    by_descriptor: dict[FieldDescriptor, _Step] = field(default_factory=dict)
    by_name: dict[str, _Step] = field(default_factory=dict)


def _plan_of(descriptor: Descriptor, known: dict[str, _Plan]) -> _Plan:
    if descriptor.full_name not in known:
        plan = known[descriptor.full_name] = _Plan()
        for described in descriptor.fields:
            step = _step_of(described, known)
            plan.by_descriptor[described] = plan.by_name[step.name] = step
    return known[descriptor.full_name]


def _step_of(described: FieldDescriptor, known: dict[str, _Plan]) -> _Step:
    message_type = described.message_type
    return _Step(
        name=described.name,
        repeated=described.is_repeated,
        limit=_option(described, validate_pb2.field).repeated.max_items or _LIST_LIMIT,
        sensitivity=_class_of(_option(described, options_pb2.sensitivity)),
        codec=codec_of(described) if message_type is None else None,
        inner=_plan_of(message_type, known) if message_type is not None else None,
    )


def _option(described: Any, extension: Any) -> Any:
    return described.GetOptions().Extensions[extension]


def _class_of(number: int) -> Sensitivity | None:
    name = options_pb2.Sensitivity.Name(number).removeprefix("SENSITIVITY_")
    return Sensitivity(name) if name in Sensitivity.__members__ else None


_MODULES: Final = (
    trace_pb2,
    check_pb2,
    share_pb2,
    directory_pb2,
    diversion_pb2,
    embargo_pb2,
    seizure_pb2,
    inquiry_pb2,
    mandate_pb2,
    loss_pb2,
    flow_pb2,
    ballistic_pb2,
    practice_pb2,
    panel_pb2,
    assistance_pb2,
    statistics_pb2,
)


def _kinds() -> Iterator[tuple[str, type[Message]]]:
    for module in _MODULES:
        for descriptor in module.DESCRIPTOR.message_types_by_name.values():
            kind = _option(descriptor, options_pb2.kind)
            if kind:
                yield kind, GetMessageClass(descriptor)


def _opening_kinds() -> Iterator[str]:
    return (kind for kind, descriptor in _described() if _option(descriptor, options_pb2.opens_case))


def _units(plan: _Plan, prefix: str = "") -> Iterator[tuple[str, Sensitivity]]:
    for step in plan.by_name.values():
        path = f"{prefix}{step.name}" + (".*" if step.repeated and step.inner else "")
        if step.sensitivity is not None:
            yield path, step.sensitivity
        elif step.inner is not None:
            yield from _units(step.inner, f"{path}.")


def _described() -> Iterator[tuple[str, Any]]:
    return ((kind, type_.DESCRIPTOR) for kind, type_ in KINDS.items())


def _plans() -> Mapping[str, _Plan]:
    known: dict[str, _Plan] = {}
    return {kind: _plan_of(descriptor, known) for kind, descriptor in _described()}


def _raises() -> Mapping[Sensitivity, frozenset[Sensitivity]]:
    public, administrative, object_, police, trade, contact, justice, personal, secret = Sensitivity
    none: set[Sensitivity] = set()
    table = {
        public: {administrative, object_, police, trade, contact, justice, personal, secret},
        administrative: {object_, police, trade, contact, justice, personal, secret},
        object_: {police, trade, justice, personal, secret},
        police: {justice, secret},
        trade: {justice, secret},
        contact: {justice, secret},
        justice: none,
        personal: none,
        secret: none,
    }
    return MappingProxyType({lower: frozenset(higher) for lower, higher in table.items()})


KINDS: Final[Mapping[str, type[Message]]] = MappingProxyType(dict(_kinds()))
"""Kind of a statement → class of its message."""

OPENING_KINDS: Final = frozenset(_opening_kinds())
"""Kinds that may open a case; all others belong to one that is there."""
INNER_KINDS: Final = frozenset(
    kind for kind, type_ in KINDS.items() if _option(type_.DESCRIPTOR, options_pb2.inner)
)
"""Kinds whose statements are for desks of their own member; they never travel."""

WRITTEN_FOR: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {kind: frozenset(_option(descriptor, options_pb2.written_for)) for kind, descriptor in _described()}
)
"""Kind → competences of the desks that it is written for, which are on its case."""

SAID_BY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {kind: frozenset(_option(descriptor, options_pb2.said_by)) for kind, descriptor in _described()}
)
"""Kind → types of members that may say it, "PEACE_OPERATION"; none: all that have desks."""

RESERVED_KINDS: Final = frozenset(
    kind for kind, descriptor in _described() if _option(descriptor, options_pb2.reserved)
)
"""Kinds that go only to the desks that they are written for, where the addressee has such."""

_PLANS: Final = _plans()

UNITS: Final[Mapping[str, Mapping[str, Sensitivity]]] = MappingProxyType(
    {kind: MappingProxyType(dict(_units(plan))) for kind, plan in _PLANS.items()}
)
"""Kind → path of every unit, `*` for an index → declared class."""

RAISES: Final = _raises()
"""Class → classes that an author may raise a unit to. No ladder: by default the readers of the
higher are among the readers of the lower, which a test derives from the base policy."""

_KIND_OF_NAME: Final = {type_.DESCRIPTOR.full_name: kind for kind, type_ in KINDS.items()}


# ---------------------------------------------------------------- reading


def kind_of(message: Message) -> str:
    """Return the kind under which a statement carries `message`; raise `InvalidMessageError` if none does."""
    kind = _KIND_OF_NAME.get(message.DESCRIPTOR.full_name)
    if kind is None:
        raise InvalidMessageError("no statement carries this message", reason="no-kind")
    return kind


@lru_cache(maxsize=16384)
def declared_class(kind: str, path: str) -> Sensitivity | None:
    """Return the class that the schema gives the unit at `path`; None: no such unit is known here."""
    if len(path) > PATH_LIMIT or "*" in path:
        return None
    return UNITS.get(kind, {}).get(_INDEX.sub("*", path))


def flatten(message: Message) -> list[Field]:
    """Return every unit that is present in `message`, with its declared class, in schema order.

    Raises:
        InvalidMessageError: no statement carries the message, or a value is in no code list.
    """
    units: list[Field] = []
    _take_apart(_PLANS[kind_of(message)], message, "", units)
    return units


def _take_apart(plan: _Plan, message: Message, prefix: str, units: list[Field]) -> None:
    steps = plan.by_descriptor
    for described, value in message.ListFields():
        step = steps[described]
        path = prefix + step.name
        if step.codec is not None:
            units.append(Field(path, _certain(step), step.encode(value, path)))
        elif step.repeated:
            for index, element in enumerate(value):
                _take_message_apart(step, element, f"{path}.{index}", units)
        else:
            _take_message_apart(step, value, path, units)


def _take_message_apart(step: _Step, message: Message, path: str, units: list[Field]) -> None:
    inner = step.inner
    assert inner is not None
    if step.sensitivity is None:
        _take_apart(inner, message, f"{path}.", units)
    else:
        units.append(Field(path, step.sensitivity, _unit_value(inner, message, path)))


def _unit_value(plan: _Plan, message: Message, path: str) -> dict[str, JsonValue]:
    steps = plan.by_descriptor
    unit: dict[str, JsonValue] = {}
    for described, value in message.ListFields():
        step = steps[described]
        unit[step.name] = step.encode(value, path)
    return unit


def _certain(step: _Step) -> Sensitivity:
    assert step.sensitivity is not None
    return step.sensitivity


# ---------------------------------------------------------------- building


def assemble(kind: str, fields: Iterable[Field]) -> Assembled:
    """Return the message that `fields`, in any order, are units of.

    An element that is not disclosed but has disclosed ones behind it is an empty message, so
    that indexes hold. What this schema does not know is in `unknown`: a unit with another path;
    a unit whose code, or one of whose codes, has another name (the codes that are known are in
    the message as well); a member of a unit, under the unit's path and its own name.

    Raises:
        InvalidMessageError: the kind is unknown, a path comes twice, an index is beyond the
            list's limit, or a value is not of the field's type.
    """
    if kind not in KINDS:
        raise InvalidMessageError("the kind is not known here", where="kind", reason="unknown-kind")
    building = _Building(KINDS[kind](), _PLANS[kind])
    seen: set[str] = set()
    for unit in fields:
        if unit.path in seen:
            raise InvalidMessageError("the same field comes twice", where=unit.path, reason="duplicate-path")
        seen.add(unit.path)
        place = _place_of(kind, unit.path)
        if place is None:
            building.unknown.append(unit)
        else:
            building.put(unit, place)
    return Assembled(building.message, tuple(building.unknown))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a unit stands: the path of its container, its field there, its index if that is a list."""

    container: str
    step: _Step
    index: int | None


@lru_cache(maxsize=16384)
def _place_of(kind: str, path: str) -> _Place | None:
    if declared_class(kind, path) is None:
        return None
    head, _, leaf = path.rpartition(".")
    index = int(leaf) if leaf.isdecimal() else None
    if index is not None:
        head, _, leaf = head.rpartition(".")
    plan = _PLANS[kind]
    for name in head.split(".") if head else ():
        inner = plan if name.isdecimal() else plan.by_name[name].inner
        assert inner is not None
        plan = inner
    return _Place(head, plan.by_name[leaf], index)


class _Building:
    """A message under construction. Paths given to it are paths of units of its kind."""

    def __init__(self, message: Message, plan: _Plan) -> None:
        self.message = message
        self.unknown: list[Field] = []
        self._containers: dict[str, tuple[Any, _Plan]] = {"": (message, plan)}

    def put(self, unit: Field, place: _Place) -> None:
        """Put `unit` where its path says, which is `place`."""
        container, _ = self._container(place.container)
        step = place.step
        if step.inner is None:
            self._set(container, step, unit)
        elif place.index is None:
            member = getattr(container, step.name)
            member.SetInParent()
            self._fill(member, step.inner, unit)
        else:
            self._fill(_element(container, step, place.index, place.container), step.inner, unit)

    def _container(self, path: str) -> tuple[Any, _Plan]:
        found = self._containers.get(path)
        if found is None:
            found = self._containers[path] = self._open(path)
        return found

    def _open(self, path: str) -> tuple[Any, _Plan]:
        head, _, leaf = path.rpartition(".")
        index = int(leaf) if leaf.isdecimal() else None
        if index is not None:
            head, _, leaf = head.rpartition(".")
        container, plan = self._container(head)
        step = plan.by_name[leaf]
        assert step.inner is not None
        if index is None:
            return getattr(container, leaf), step.inner
        return _element(container, step, index, head), step.inner

    def _fill(self, message: Any, plan: _Plan, unit: Field) -> None:
        if type(unit.value) is not dict:
            raise _placed(wrong_type(), unit.path)
        for name, value in unit.value.items():
            member = Field(f"{unit.path}.{name}", unit.sensitivity, value)
            step = plan.by_name.get(name)
            if step is None:
                self.unknown.append(member)
            else:
                self._set(message, step, member)

    def _set(self, message: Any, step: _Step, unit: Field) -> None:
        assert step.codec is not None
        try:
            value = step.codec.decode(unit.value)
        except UnknownNameError as error:
            self.unknown.append(unit)
            value = error.known
            if not value:
                return
        except InvalidMessageError as error:
            raise _placed(error, unit.path) from None
        try:
            if step.repeated:
                getattr(message, step.name).extend(value)
            else:
                setattr(message, step.name, value)
        except (TypeError, ValueError):  # beyond 32 bits, or a lone surrogate: its text would name the value
            raise _placed(wrong_type(), unit.path) from None


def _element(container: Any, step: _Step, index: int, path: str) -> Any:
    """Return element number `index` of a list in the container at `path`, with empty ones before it."""
    if index >= step.limit:
        where = f"{path}.{step.name}" if path else step.name
        raise InvalidMessageError("the list is too long", where=where, reason="repeated.max_items")
    elements = getattr(container, step.name)
    while len(elements) <= index:
        elements.add()
    return elements[index]


def _placed(error: InvalidMessageError, path: str) -> InvalidMessageError:
    return InvalidMessageError(error.message, where=path, reason=error.reason)


# ---------------------------------------------------------------- rules


def validate(message: Message) -> None:
    """Check a whole message, of a statement or of a call, against the rules of its schema.

    Raises:
        InvalidMessageError: `where` is the path of the first field that breaks a rule, `reason`
            the rule's id. The value is not told.
    """
    _refuse_first(_violations(message, fail_fast=True))
    _refuse_repeated_items(message)


def validate_fields(message: Message) -> None:
    """Check what is present of a message of which fields were withheld; raise like `validate`."""
    _refuse_first([found for found in _violations(message) if found.proto.rule_id not in _ABSENCE])
    _refuse_repeated_items(message)


def find_breaches(message: Message) -> list[InvalidMessageError]:
    """Return every breach of a rule in a message, of a statement or of a call, as `validate` would raise it."""
    return [_breach_of(found) for found in _violations(message)]


def _violations(message: Message, *, fail_fast: bool = False) -> list[Any]:
    from protovalidate import CompilationError, EvaluationError

    try:
        return list(_validator().collect_violations(message, fail_fast=fail_fast))
    except (CompilationError, EvaluationError):
        raise InternalError("a rule of the schema cannot be applied", where="schema") from None


@cache
def _validator() -> Any:
    """Return what applies the rules, loaded with the first message: a verb that checks none starts sooner."""
    from protovalidate import Validator

    return Validator()


def _refuse_first(violations: list[Any]) -> None:
    if violations:
        raise _breach_of(violations[0])


def _breach_of(violation: Any) -> InvalidMessageError:
    found = violation.proto
    where = ".".join(_path_parts(found.field)) if found.field else ""
    return InvalidMessageError(
        f"the field breaks its rule: {found.message}", where=where, reason=found.rule_id
    )


def _path_parts(path: Any) -> Iterator[str]:
    for element in path.elements:
        yield element.field_name
        if element.subscript is not None:
            yield str(element.subscript.value)


def _refuse_repeated_items(message: Message) -> None:
    # Answers are bound to items by id: two of one name would make an answer mean either.
    kind = _KIND_OF_NAME.get(message.DESCRIPTOR.full_name)
    for step in _PLANS[kind].by_name.values() if kind else ():
        for key in _ITEM_IDS & step.inner.by_name.keys() if step.inner and step.sensitivity is None else ():
            ids = [getattr(entry, key) for entry in getattr(message, step.name) if entry.HasField(key)]
            if len(ids) != len(set(ids)):
                raise InvalidMessageError(
                    "two entries have the same item id", where=step.name, reason="repeated.unique"
                )

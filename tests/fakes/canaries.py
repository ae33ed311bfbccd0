"""Canaries: text that cannot occur by chance, one for every classed field above ADMINISTRATIVE.

    mint = Mint()
    request = TraceRequest(file_number="T-1", items=[Item(id="1")])
    parts = plant(request, mint)                 # walks the schema; returns the photographs it named
    finds = Search(mint).folder(tmp_path / "hub")
    assert not finds

A canary is a mark that is the same for the whole run, and a random tail of its own: the search looks
for the mark in every form that it knows, and names the field by the tail. Digests of photographs have
no mark and are looked for one by one. Capitals and digits only, so that a normalised mark is itself.

Strings whose rules leave no room for a canary (a date, a country) get a plausible value, and the
field is remembered in `Mint.narrow`: the test names every one of them.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tracepost.protocol.schema import UNITS, Sensitivity, kind_of
from tracepost.wire.buf.validate import validate_pb2
from tracepost.wire.v1 import options_pb2

MARK_LENGTH: Final = 12
LENGTH: Final = 26
ITEM: Final = "1"
"""The one item that planted messages are about."""

_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CLEAR: Final = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})
_ITEM_FIELDS: Final = frozenset({"id", "item_id"})
_APART: Final = frozenset(
    {"tracepost.wire.v1.Exhibit", "tracepost.wire.v1.Attachment", "tracepost.wire.v1.SceneAttachment"}
)
"""Exhibits are made by the node from statements that it holds. An attachment names a file that was handed in
before: its canaries are in the file (tests/acceptance/test_attachments.py)."""

_PHOTOGRAPHS: Final = frozenset({"tracepost.wire.v1.Photograph", "tracepost.wire.v1.ScenePhotograph"})
_PHOTOGRAPH_BYTES: Final = 1500

_NARROW_SAMPLES: Final = (
    "1907-03-29",
    "1907",
    "XAB",
    "QX-Q7Z",
    "QXZU7391845",
    "QX473124829XA",
    "999-12345675",
    "qx-Q7",
    "Q7",
    "1907-03-29T04:05:06Z",
)
"""What goes into a string that cannot hold a canary: the first of these that its rules admit."""


_OF_THE_NODE = frozenset({"source_digest"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a canary was planted: a field, or something that is none, such as the name of a file."""

    kind: str
    path: str
    sensitivity: Sensitivity | None
    said: int = 0
    """Number of the statement, where several of a kind are told apart (`Mint.said`)."""

    def __str__(self) -> str:
        return f"{self.kind} {self.path} ({self.sensitivity or 'no field'})"


def noise(canary: bytes) -> bytes:
    """Return a photograph that nothing can open, with a canary at both ends."""
    return b"\xff\xd8\xff\xe0" + canary + secrets.token_bytes(_PHOTOGRAPH_BYTES) + canary


@dataclass
class Mint:
    """Makes canaries and remembers where each was planted.

    Args:
        around: what stands around a canary where a field has room for it.
        camera: makes a photograph that holds a canary.
    """

    mark: str = field(default_factory=lambda: _draw(MARK_LENGTH))
    said: int = 0
    """Number of the statement that is written now; it stands in the places of its canaries."""
    made: dict[str, Place] = field(default_factory=dict)
    """Canary → its place."""
    digests: dict[bytes, Place] = field(default_factory=dict)
    """SHA-256 of a photograph → its place."""
    narrow: set[str] = field(default_factory=set)
    """Fields of text, `Message.field`, that cannot hold a canary."""
    speechless: set[str] = field(default_factory=set)
    """Fields that are no text: codes, numbers, yes or no."""
    around: str = "Ж{} Ψ"
    camera: Callable[[bytes], bytes] = noise
    surrounded: set[str] = field(default_factory=set)
    """Canaries that stand in a field with what is around them."""

    def text(self, place: Place) -> str:
        """Return a new canary for `place`."""
        canary = self.mark + _draw(LENGTH - MARK_LENGTH)
        self.made[canary] = place
        return canary

    def digest(self, place: Place) -> bytes:
        """Return a canary that looks like a SHA-256: 32 bytes."""
        return self.text(place).encode("ascii") + secrets.token_bytes(32 - LENGTH)

    def photograph(self, place: Place) -> bytes:
        """Return a photograph that holds a canary; its digest is looked for as well."""
        content = self.camera(self.text(place).encode("ascii"))
        self.digests[hashlib.sha256(content).digest()] = place
        return content


def plant(message: Message, mint: Mint) -> list[bytes]:
    """Put a canary into every classed field of `message` above ADMINISTRATIVE; return its photographs.

    What is set stays. Of the clear fields those are filled that the schema requires.
    """
    planting = _Planting(mint, kind_of(message))
    planting.fill(message, "")
    return planting.photographs


def classed_units(kind: str) -> frozenset[str]:
    """Return the paths (`*` for an index) of the units of `kind` above ADMINISTRATIVE."""
    return frozenset(path for path, sensitivity in UNITS[kind].items() if sensitivity not in _CLEAR)


class _Planting:
    """Fills one message."""

    def __init__(self, mint: Mint, kind: str) -> None:
        self.photographs: list[bytes] = []
        self._mint = mint
        self._kind = kind

    def fill(self, message: Message, path: str) -> None:
        """Fill all fields of `message`, which stands at `path` of its statement."""
        if message.DESCRIPTOR.full_name in _PHOTOGRAPHS:
            self._take_photograph(message, path.removesuffix("."))
        fields: Any = message.DESCRIPTOR.fields  # of the C implementation, by another name
        for described in fields:
            if described.message_type is not None and described.message_type.full_name in _APART:
                continue
            if _is_wanted(described):
                self._fill_field(message, described, f"{path}{described.name}")

    def _fill_field(self, message: Any, described: FieldDescriptor, path: str) -> None:
        if described.message_type is None:
            self._fill_value(message, described, path)
        elif described.is_repeated:
            elements = getattr(message, described.name)
            if not elements:
                elements.add()
            for index, element in enumerate(elements):
                self.fill(element, f"{path}.{index}.")
        else:
            inner = getattr(message, described.name)
            inner.SetInParent()
            self.fill(inner, f"{path}.")

    def _fill_value(self, message: Any, described: FieldDescriptor, path: str) -> None:
        rules = _rules(described)
        if described.is_repeated and not getattr(message, described.name):
            getattr(message, described.name).append(self._value(described, rules.repeated.items, path))
        elif not described.is_repeated and not message.HasField(described.name):
            value = self._value(described, rules, path)
            if value is not None:
                setattr(message, described.name, value)

    def _value(self, described: FieldDescriptor, rules: validate_pb2.FieldRules, path: str) -> object:
        """Return what goes into a field; None for a clear one that only its author can know."""
        if described.type == FieldDescriptor.TYPE_STRING:
            return self._text(described, rules.string, path)
        if described.type == FieldDescriptor.TYPE_BYTES:
            return self._mint.digest(self._place(path, described))
        if _class_of(described) not in _CLEAR:
            self._mint.speechless.add(name_of(described))
        if described.enum_type is not None:
            return next(v.number for v in described.enum_type.values if v.number not in rules.enum.not_in)
        return True if described.type == FieldDescriptor.TYPE_BOOL else max(1, rules.uint32.gte)

    def _text(self, described: FieldDescriptor, rules: validate_pb2.StringRules, path: str) -> str | None:
        if _class_of(described) in _CLEAR:
            return ITEM if described.name in _ITEM_FIELDS else _first(_NARROW_SAMPLES, rules)
        trial = _draw(LENGTH)
        around = self._mint.around.format(trial)
        wide = (around, trial, f"{trial}@xaa.example")
        room = _first((*wide, *_NARROW_SAMPLES, *getattr(rules, "in")), rules)
        assert room is not None, f"{name_of(described)}: a new rule of the schema needs a new sample"
        if trial in room:
            canary = self._mint.text(self._place(path, described))
            if room == around:
                self._mint.surrounded.add(canary)
            return room.replace(trial, canary)
        self._mint.narrow.add(name_of(described))
        return room

    def _place(self, path: str, described: FieldDescriptor) -> Place:
        return Place(self._kind, path, _class_of(described), self._mint.said)

    def _take_photograph(self, message: Any, path: str) -> None:
        content = self._mint.photograph(self._place(path, message.DESCRIPTOR.fields_by_name["sha256"]))
        message.sha256, message.size = hashlib.sha256(content).digest(), len(content)
        self.photographs.append(content)


def _is_wanted(described: FieldDescriptor) -> bool:
    """Say whether a field is classed, holds fields that are, or must be there; what only a node writes is not."""
    if described.name in _OF_THE_NODE:
        return False
    sensitivity = _class_of(described)
    holds_some = sensitivity is None and any(map(_is_wanted, _fields_within(described)))
    return holds_some or sensitivity not in {None, *_CLEAR} or _rules(described).required


def _fields_within(described: FieldDescriptor) -> Iterator[FieldDescriptor]:
    if described.message_type is not None and described.message_type.full_name not in _APART:
        yield from described.message_type.fields


def _class_of(described: FieldDescriptor) -> Sensitivity | None:
    """Return the class of a field; None for a container, whose fields have theirs."""
    number = _option(described, options_pb2.sensitivity)
    name = options_pb2.Sensitivity.Name(number).removeprefix("SENSITIVITY_")
    return Sensitivity(name) if name in Sensitivity.__members__ else None


def _rules(described: FieldDescriptor) -> validate_pb2.FieldRules:
    rules: validate_pb2.FieldRules = _option(described, validate_pb2.field)
    return rules


def _option(described: FieldDescriptor, extension: Any) -> Any:
    return described.GetOptions().Extensions[extension]


def _first(candidates: tuple[str, ...], rules: validate_pb2.StringRules) -> str | None:
    """Return the first of `candidates` that `rules` admit."""
    return next((text for text in candidates if _admits(rules, text)), None)


def _admits(rules: validate_pb2.StringRules, text: str) -> bool:
    listed = getattr(rules, "in")
    return (
        (not rules.HasField("max_len") or len(text) <= rules.max_len)
        and (not rules.pattern or re.search(rules.pattern, text) is not None)
        and (not rules.email or re.fullmatch(r"[A-Z0-9]+@[a-z.]+", text) is not None)
        and (not listed or text in listed)
    )


def name_of(described: FieldDescriptor) -> str:
    """Return a field as `Message.field`."""
    assert described.containing_type is not None
    return f"{described.containing_type.name}.{described.name}"


def _draw(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))

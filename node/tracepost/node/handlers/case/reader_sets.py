"""Which desks alone may read a field, where the sender says so: narrower than its class, never wider (ADR 0012).

The sender names desks for a path. It is signed, in the ADMINISTRATIVE field `readers` of the message, one entry
for each class below the path, with the number of disclosures there: so a desk that is not named can still prove
that of the rest nothing was stripped. Naming gives no right: a named desk reads what its class lets it read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from google.protobuf.message import Message

from tracepost.node.handlers.case.thread import CLEAR_CLASSES, read_clear_part
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.consent import is_within
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.schema import Field, JsonValue, Sensitivity
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import options_pb2, terms_pb2

FIELD = "readers"
EVERY_DESK = ""
"""Stands for a desk that nothing is kept from: the one that wrote the message."""

_LIMIT = 64  # of the schema


@dataclass(frozen=True, slots=True)
class Only:
    """The desks, `member/desk`, that alone are to read the `units` fields of one class at or below `path`."""

    path: str
    desks: frozenset[str]
    of_class: str
    units: int

    def keeps_from(self, desk: str) -> bool:
        """Say whether it is kept from a desk."""
        return desk != EVERY_DESK and desk not in self.desks


UNTOUCHED = CLEAR_CLASSES | {Sensitivity.NATIONAL_SECURITY}
"""Classes of which no field has readers of its own: the daemon lives on them, or the statement names its desks."""
NOTHING: tuple[Only, ...] = ()


def say_readers(message: Message, asked: Sequence[terms_pb2.FieldReaders], fields: Sequence[Field]) -> bool:
    """Write into a message who alone reads what; return whether anything is so.

    Args:
        message: of a draft; what it says itself counts beside `asked`.
        asked: paths and desks, as the officer names them.
        fields: all fields of the message with their effective classes.

    Raises:
        InvalidInputError: the kind cannot say it, a path is of no field that could be kept from a desk, or
            two paths lie one within the other.
    """
    if FIELD not in message.DESCRIPTOR.fields_by_name:
        if asked:
            raise _refuse("this kind of message names no readers", "no-readers")
        return False
    said: Any = message
    wanted = {one.path: frozenset(one.desks) for one in (*said.readers, *asked)}
    if not wanted:  # nearly always
        return False
    if any(is_within(below, (above,)) for above, below in pairwise(sorted(wanted))):
        raise _refuse("two of the paths lie one within the other", "readers-overlap")
    del said.readers[:]
    for path, desks in sorted(wanted.items()):
        said.readers.extend(_entries(path, desks, fields))
    if len(said.readers) > _LIMIT:
        raise _refuse(f"at most {_LIMIT} fields have readers of their own", "too-many")
    return True


def check_readers(message: Message, readings: Mapping[str, frozenset[Sensitivity]]) -> None:
    """Raise `InvalidInputError` unless every desk that is named is known and may read the class.

    Args:
        message: with what `say_readers` wrote.
        readings: what each desk of the addressees, and of ours, may read.
    """
    said: Any = message
    for one in said.readers:
        for desk in one.desks:
            if desk not in readings:
                raise _refuse("a desk is named that no addressee shows", "reader-unknown")
            if _class_of(one) not in readings[desk]:
                raise _refuse("a desk is named that may not read the field", "reader-not-competent")


def only_in(statement: Statement) -> tuple[Only, ...]:
    """Return what a statement of ours keeps to some desks."""
    return tuple(read_only(d.value) for d in statement.disclosures if d.path.startswith(f"{FIELD}."))


def only_of(fields: Iterable[Field]) -> tuple[Only, ...]:
    """Return what these fields of a message keep to some desks."""
    return tuple(read_only(one.value) for one in fields if one.path.startswith(f"{FIELD}."))


def is_for(only: Sequence[Only], path: str, of_class: Sensitivity, desk: str) -> bool:
    """Say whether the field at `path`, of this class, is not kept from a desk."""
    named = readers_at(only, path) if only and of_class not in UNTOUCHED else None
    return named is None or desk in named


def only_by(record: StatementRecord) -> tuple[Only, ...]:
    """Return what a stored statement keeps to some desks, as the daemon has read it."""
    return _only_by(record.admin_json)


def kept_from(only: Iterable[Only], desk: str) -> Counter[str]:
    """Return how many fields of each class are said to be for others than `desk`."""
    counts = Counter[str]()
    for one in only:
        if one.keeps_from(desk):
            counts[one.of_class] += one.units
    return counts


def readers_at(only: Sequence[Only], path: str) -> frozenset[str] | None:
    """Return the desks that alone are to read the field at `path`; None: all that its class lets."""
    return next((one.desks for one in only if is_within(path, (one.path,))), None)


@lru_cache(maxsize=4096)
def _only_by(clear_part: bytes) -> tuple[Only, ...]:
    fields = read_clear_part(clear_part).fields
    return tuple(read_only(one.value) for one in fields if one.path.startswith(f"{FIELD}."))


def read_only(value: JsonValue) -> Only:
    """Return what one entry of the field `readers` says, as it was signed."""
    said: Any = value if isinstance(value, dict) else {}
    of_class = str(said.get("of_class", "")).removeprefix("SENSITIVITY_")
    desks, units = said.get("desks"), said.get("units")
    # A kind that knows no readers may hold anything under this name, and nobody has looked at it.
    return Only(
        str(said.get("path", "")),
        frozenset(map(str, desks)) if isinstance(desks, list) else frozenset(),
        of_class,
        units if type(units) is int else 0,
    )


def _entries(path: str, desks: frozenset[str], fields: Iterable[Field]) -> list[terms_pb2.FieldReaders]:
    counts = Counter(f.sensitivity for f in fields if is_within(f.path, (path,)))
    classes = [c for c in Sensitivity if counts[c] and c not in UNTOUCHED]
    if not classes:
        raise _refuse("there is no field here that could be kept from a desk", "nothing-to-read")
    return [
        terms_pb2.FieldReaders(path=path, desks=sorted(desks), of_class=f"SENSITIVITY_{c}", units=counts[c])
        for c in classes
    ]


def _class_of(one: terms_pb2.FieldReaders) -> Sensitivity:
    return Sensitivity(options_pb2.Sensitivity.Name(one.of_class).removeprefix("SENSITIVITY_"))


def _refuse(words: str, reason: str) -> InvalidInputError:
    return InvalidInputError(words, where=FIELD, reason=reason)

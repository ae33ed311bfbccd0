"""Messages that obey the rules of their schema and mean nothing, for Hypothesis.

    @given(message=messages(trace_pb2.Response, {Sensitivity.ADMINISTRATIVE}))

Rules are read from the descriptors. Item ids, members and digests come from small sets, so that the
messages of a case are about one another; `DIGEST` stands for one that the test puts in.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import strategies as st

from tracepost.protocol.schema import Sensitivity
from tracepost.wire.buf.validate import validate_pb2
from tracepost.wire.v1 import options_pb2

DIGEST = "A" * 43

_FEW = 3
_COMMON = {
    "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$": ["1", "2", "3"],
    "^[a-z][a-z0-9]*(-[a-z0-9]+)*$": ["xaa", "xab", "xac"],
    "^[A-Za-z0-9_-]{43}$": [DIGEST, "B" * 43],
}

Values = st.SearchStrategy[Any]


def messages(type_: type[Message], classes: Collection[Sensitivity]) -> st.SearchStrategy[Message]:
    """Return messages of a type with fields of these classes, and what must be there around them."""
    wanted = frozenset(f"SENSITIVITY_{one.value}" for one in classes) | {"SENSITIVITY_STRUCTURE"}
    return _dicts(type_.DESCRIPTOR, wanted).map(lambda values: type_(**values))


@lru_cache(maxsize=512)
def _dicts(descriptor: Descriptor, wanted: frozenset[str]) -> Values:
    fields = [f for f in descriptor.fields if _class_of(f) in wanted]
    required = {f.name: _values(f, wanted) for f in fields if _is_required(f)}
    optional = {f.name: _values(f, wanted) for f in fields if f.name not in required}
    names = (
        st.lists(st.sampled_from(sorted(optional)), max_size=_FEW, unique=True) if optional else st.just([])
    )
    return names.flatmap(lambda chosen: st.fixed_dictionaries(required | {n: optional[n] for n in chosen}))


def _class_of(field: FieldDescriptor) -> str:
    return options_pb2.Sensitivity.Name(_option(field, options_pb2.sensitivity))


def _rules(field: FieldDescriptor) -> Any:
    return _option(field, validate_pb2.field)


def _option(field: FieldDescriptor, extension: Any) -> Any:
    return field.GetOptions().Extensions[extension]


def _is_required(field: FieldDescriptor) -> bool:
    rules = _rules(field)
    return bool(rules.required or rules.repeated.min_items)


def _values(field: FieldDescriptor, wanted: frozenset[str]) -> Values:
    rules = _rules(field)
    if not field.is_repeated:
        return _one(field, rules, wanted)
    least = int(rules.repeated.min_items)
    return st.lists(_one(field, rules.repeated.items, wanted), min_size=least, max_size=least + 1)


def _one(field: FieldDescriptor, rules: Any, wanted: frozenset[str]) -> Values:
    if field.message_type is not None:
        return _dicts(field.message_type, wanted)
    if field.enum_type is not None:
        return st.sampled_from([v.number for v in field.enum_type.values if v.number])
    if field.type == FieldDescriptor.TYPE_STRING:
        return _texts(rules.string)
    if field.type == FieldDescriptor.TYPE_BYTES:
        length = int(rules.bytes.len or 1)
        return st.binary(min_size=length, max_size=length)
    return st.booleans() if field.type == FieldDescriptor.TYPE_BOOL else st.integers(0, _most(rules))


def _texts(rules: Any) -> Values:
    if rules.pattern in _COMMON:
        return st.sampled_from(_COMMON[rules.pattern])
    if rules.pattern:
        return st.from_regex(rules.pattern.replace("$", r"\Z"), alphabet=st.characters(codec="ascii"))
    least, most = int(rules.min_len), int(rules.max_len or 20)
    return st.text(min_size=least, max_size=min(most, least + 10))


def _most(rules: Any) -> int:
    return int(rules.uint32.lte or rules.int32.lte or rules.uint64.lte or rules.int64.lte or 100)

"""A restriction in a message, and the same as the clear claims carry it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracepost.protocol.statement import Restriction
from tracepost.wire.v1 import terms_pb2

_CODES: Mapping[str, Any] = dict(terms_pb2.RestrictionCode.items())


def restriction_of(one: terms_pb2.Restriction) -> Restriction:
    """Return what a message says as a claim: its paths sorted, each once."""
    return Restriction(
        code=terms_pb2.RestrictionCode.Name(one.code),
        until=one.until or None,
        detail=one.detail or None,
        field_paths=tuple(sorted(set(one.field_paths))),
    )


def show_restriction(one: Restriction) -> terms_pb2.Restriction:
    """Return a claim as a message says it; a code of a newer schema, which none can say, is left out."""
    return terms_pb2.Restriction(
        code=_CODES.get(one.code), until=one.until, detail=one.detail, field_paths=one.field_paths
    )

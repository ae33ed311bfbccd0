"""A restriction in a message, and the same as the clear claims carry it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from tracepost.protocol.statement import Restriction
from tracepost.wire.v1 import terms_pb2

_DELETE_AFTER = "RESTRICTION_CODE_DELETE_AFTER"
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


def strictest(restrictions: Iterable[Restriction]) -> tuple[Restriction, ...]:
    """Return what binds as much as all of these together, one for each code and each set of fields.

    Of days on which it is to be deleted the first counts, of the ends of the others the last, or that there is none.
    """
    found: dict[tuple[str, tuple[str, ...]], Restriction] = {}
    for one in restrictions:
        before = found.setdefault((one.code, one.field_paths), one)
        found[one.code, one.field_paths] = replace(before, until=_stricter(one.code, before.until, one.until))
    return tuple(found.values())


def _stricter(code: str, one: str | None, other: str | None) -> str | None:
    if code == _DELETE_AFTER:
        return min(filter(None, (one, other)), default=None)
    return max(one, other) if one and other else None

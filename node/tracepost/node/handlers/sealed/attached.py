"""The attachments that the fields of a statement name, its own and those of the exhibits in it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tracepost.node.handlers.sealed.compartments import CONTAINERS, disclosed_values
from tracepost.protocol.envelope import MAX_ATTACHMENTS
from tracepost.protocol.errors import LimitError
from tracepost.protocol.schema import Field, JsonValue, Sensitivity
from tracepost.protocol.statement import Disclosure

_DIGESTS: Final = ("address", "key", "content_sha256")
_EXHIBITS: Final = "exhibits."


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment as a field names it: what opens it and what its content must be.

    `is_shown` says that somebody else wrote the field, and we show it.
    """

    address: bytes = field(repr=False)
    key: bytes = field(repr=False)
    size: int
    content_sha256: bytes = field(repr=False)
    media_type: str
    sensitivity: Sensitivity
    is_shown: bool


def attached_in(disclosures: Iterable[Disclosure | Field]) -> tuple[Attached, ...]:
    """Return what these fields name, each address once; a field that is not well formed names nothing."""
    telling = [one for one in disclosures if type(one.value) in CONTAINERS]
    found = {one.address: one for disclosure in telling for one in _named(disclosure)}
    return tuple(found.values())


def addresses_of(attached: Iterable[Attached]) -> tuple[bytes, ...]:
    """Return the addresses as a header names them; raise `LimitError` if they are more than it may."""
    addresses = tuple(sorted(one.address for one in attached))
    if len(addresses) > MAX_ATTACHMENTS:
        raise LimitError(
            f"a message names at most {MAX_ATTACHMENTS} attachments",
            where="attachments",
            reason="too-many-attachments",
            remedy="Send them with several messages of the case.",
        )
    return addresses


def _named(disclosure: Disclosure | Field) -> Iterator[Attached]:
    is_shown = disclosure.path.startswith(_EXHIBITS)
    for value in disclosed_values(disclosure.path, disclosure.value):
        one = _read(value, disclosure.sensitivity, is_shown=is_shown)
        if one is not None:
            yield one


def _read(value: JsonValue, sensitivity: Sensitivity, *, is_shown: bool) -> Attached | None:
    # A person has an address too.
    if not isinstance(value, dict) or "content_sha256" not in value:
        return None
    digests = [_bytes_of(value.get(name)) for name in _DIGESTS]
    size, media_type = value.get("content_size"), value.get("media_type")
    if any(len(one) != 32 for one in digests) or type(size) is not int or not isinstance(media_type, str):
        return None
    address, key, content = digests
    return Attached(address, key, size, content, media_type, sensitivity, is_shown)


def _bytes_of(text: JsonValue) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""

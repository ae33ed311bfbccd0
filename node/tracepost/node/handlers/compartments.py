"""Who reads what: a statement cut into compartments, one per distinct set of readers.

The desks that matter are those of the addressee (they get slots) and our own (they get storage
wraps). The gate says which classes each may read; classes with the same readers share a
compartment. Compartment 0, the spine, holds the signed core; whoever reads anything reads it.
What no desk of the addressee may read does not travel.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.schema import JsonValue, Sensitivity
from tracepost.protocol.sealing import Compartment
from tracepost.protocol.statement import Disclosure, Statement

Reading = frozenset[Sensitivity]
"""The classes that a desk may read."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Compartments and, for each desk in order, the indexes of those that it may open."""

    compartments: tuple[Compartment, ...]
    entitled: tuple[frozenset[int], ...]


def cut(statement: Statement, parts: Mapping[bytes, bytes], readings: Sequence[Reading]) -> Cut:
    """Return `statement` and its photographs (by SHA-256) cut for desks that read as `readings` says."""
    disclosures = _by_class(statement.disclosures)
    groups, entitled = _group(tuple(disclosures), tuple(readings))
    compartments = tuple(
        _fill(statement.jws if not index else None, classes, disclosures, parts)
        for index, classes in enumerate(groups)
    )
    return Cut(compartments, entitled)


# Most messages of a desk hold the same classes for the same readers.
@lru_cache(maxsize=1024)
def _group(
    classes: tuple[Sensitivity, ...], readings: tuple[Reading, ...]
) -> tuple[tuple[tuple[Sensitivity, ...], ...], tuple[frozenset[int], ...]]:
    """Return the classes of each compartment, the spine first, and for each reading its compartments."""
    readers = {c: frozenset(i for i, may in enumerate(readings) if c in may) for c in classes}
    # Where nothing is ADMINISTRATIVE, which every daemon reads, the public part is what brings it the spine.
    public_is_spare = Sensitivity.ADMINISTRATIVE in readers
    counted = [who for c, who in readers.items() if c is not Sensitivity.PUBLIC or not public_is_spare]
    spine = frozenset[int]().union(*counted)
    groups: dict[frozenset[int], list[Sensitivity]] = {spine: []}
    for sensitivity, who in readers.items():
        groups.setdefault(spine if sensitivity is Sensitivity.PUBLIC else who, []).append(sensitivity)
    readable = [who for who in groups if who]
    entitled = tuple(
        frozenset(index for index, who in enumerate(readable) if desk in who) for desk in range(len(readings))
    )
    return tuple(tuple(groups[who]) for who in readable), entitled


def unread_by(statement: Statement, readings: Sequence[Reading]) -> frozenset[Sensitivity]:
    """Return the classes of `statement` that none of these desks may read."""
    readable = frozenset[Sensitivity]().union(*readings)
    return frozenset(statement.classes) - readable


def match_parts(disclosures: Iterable[Disclosure], supplied: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the supplied photographs by digest; raise `InvalidInputError` for a missing or unnamed one."""
    by_digest = {hashlib.sha256(part).digest(): part for part in supplied}
    named = {digest for d in disclosures if not isinstance(d.value, str) for digest in part_digests(d)}
    if named - by_digest.keys():
        raise InvalidInputError(
            "a photograph that a field names is not there", where="parts", reason="part-missing"
        )
    if by_digest.keys() - named:
        raise InvalidInputError(
            "a photograph is not named by any field", where="parts", reason="part-unnamed"
        )
    return by_digest


def part_digests(disclosure: Disclosure) -> list[bytes]:
    """Return the SHA-256 of the photographs that a field, or an exhibit's fields within it, are about."""
    return list(named_parts(disclosure))


def named_parts(disclosure: Disclosure) -> dict[bytes, str]:
    """Return the media types of the photographs that a field is about, by their SHA-256.

    A field that is not well formed is about none: what others signed or show is judged elsewhere.
    """
    values = disclosed_values(disclosure.path, disclosure.value)
    return {digest: media_type for value in values for digest, media_type in _named(value)}


def disclosed_values(path: str, value: JsonValue) -> Iterator[JsonValue]:
    """Yield the value of a field, or those of the fields inside it: what is enclosed may enclose others."""
    if isinstance(value, list) and _EXHIBITED.match(path):
        for text in value:
            yield from disclosed_values(*_read_shown(text))
    else:
        yield value


_EXHIBITED = re.compile(r"exhibits\.\d+\.[a-z_]+_disclosures\Z")


def _read_shown(text: JsonValue) -> tuple[str, JsonValue]:
    """Return path and value of a disclosure within an exhibit; nothing if it is none."""
    try:
        shown = orjson.loads(decode_b64(str(text), "exhibits"))
    except (InvalidInputError, orjson.JSONDecodeError):
        return "", None
    return (str(shown[1]), shown[2]) if isinstance(shown, list) and len(shown) == 3 else ("", None)


def _named(value: JsonValue) -> Iterator[tuple[bytes, str]]:
    if isinstance(value, dict):
        digest, media_type = value.get("sha256"), value.get("media_type")
        if isinstance(digest, str) and isinstance(media_type, str) and _SHA256.match(digest):
            yield base64.b64decode(digest), media_type


_SHA256 = re.compile(r"[A-Za-z0-9+/]{43}=\Z")


def _by_class(disclosures: Iterable[Disclosure]) -> dict[Sensitivity, list[Disclosure]]:
    groups: dict[Sensitivity, list[Disclosure]] = {}
    for one in disclosures:
        groups.setdefault(one.sensitivity, []).append(one)
    return groups


def _fill(
    jws: str | None,
    classes: Iterable[Sensitivity],
    disclosures: Mapping[Sensitivity, list[Disclosure]],
    parts: Mapping[bytes, bytes],
) -> Compartment:
    chosen = [d for c in classes for d in disclosures[c]]
    digests = dict.fromkeys(digest for d in chosen for digest in part_digests(d)) if parts else ()
    return Compartment(jws, tuple(d.encoded for d in chosen), tuple(parts[d] for d in digests if d in parts))

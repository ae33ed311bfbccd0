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

from tracepost.node.handlers.case.reader_sets import EVERY_DESK, NOTHING, UNTOUCHED, Only, only_in, readers_at
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import decode_b64
from tracepost.protocol.schema import JsonValue, Sensitivity
from tracepost.protocol.sealing import Compartment
from tracepost.protocol.statement import Disclosure, Statement

Reading = frozenset[Sensitivity]
"""The classes that a desk may read."""

COMPARTMENTS_LIMIT = 16
"""Of a body (protocol.md, section 3)."""

_Shelf = tuple[Sensitivity, frozenset[str] | None]
"""Fields of one class that have the same readers of their own, if they have any."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Compartments and, for each desk in order, the indexes of those that it may open."""

    compartments: tuple[Compartment, ...]
    entitled: tuple[frozenset[int], ...]


def cut(
    statement: Statement,
    parts: Mapping[bytes, bytes],
    readings: Sequence[Reading],
    desks: Sequence[str] = (),
    inside: Sequence[Only] = NOTHING,
) -> Cut:
    """Return `statement` and its photographs (by SHA-256) cut for desks that read as `readings` says.

    Args:
        statement: to be cut.
        parts: photographs.
        readings: what each desk may read.
        desks: their names, `member/desk`, in the same order; empty: fields have no readers of their own.
        inside: what of the statements that it encloses is kept to some of these desks.

    Raises:
        InvalidInputError: there are more sets of readers than a body has compartments.
    """
    only = (*only_in(statement), *inside) if desks else NOTHING
    disclosures = _by_shelf(statement.disclosures, only)
    groups, entitled = _group(tuple(disclosures), tuple(readings), tuple(desks) if only else ())
    if len(groups) > COMPARTMENTS_LIMIT:
        raise InvalidInputError(
            f"fields have more than {COMPARTMENTS_LIMIT} different sets of readers",
            where="readers",
            reason="too-many-reader-sets",
            remedy="Name the same desks for more of the fields, or send two messages.",
        )
    compartments = tuple(
        _fill(statement.jws if not index else None, shelves, disclosures, parts)
        for index, shelves in enumerate(groups)
    )
    return Cut(compartments, entitled)


# Most messages of a desk hold the same classes for the same readers.
@lru_cache(maxsize=1024)
def _group(
    shelves: tuple[_Shelf, ...], readings: tuple[Reading, ...], desks: tuple[str, ...]
) -> tuple[tuple[tuple[_Shelf, ...], ...], tuple[frozenset[int], ...]]:
    """Return the shelves of each compartment, the spine first, and for each reading its compartments."""
    readers = {one: frozenset(_readers(one, readings, desks)) for one in shelves}
    # Where nothing is ADMINISTRATIVE, which every daemon reads, the public part is what brings it the spine.
    public_is_spare = (Sensitivity.ADMINISTRATIVE, None) in readers
    counted = [who for (c, _), who in readers.items() if c is not Sensitivity.PUBLIC or not public_is_spare]
    spine = frozenset[int]().union(*counted)
    groups: dict[frozenset[int], list[_Shelf]] = {spine: []}
    for shelf, who in readers.items():
        groups.setdefault(spine if shelf[0] is Sensitivity.PUBLIC else who, []).append(shelf)
    readable = [who for who in groups if who]
    entitled = tuple(
        frozenset(index for index, who in enumerate(readable) if desk in who) for desk in range(len(readings))
    )
    return tuple(tuple(groups[who]) for who in readable), entitled


def _readers(shelf: _Shelf, readings: Sequence[Reading], desks: Sequence[str]) -> Iterator[int]:
    of_class, named = shelf
    for index, may in enumerate(readings):
        if of_class in may and (named is None or desks[index] == EVERY_DESK or desks[index] in named):
            yield index


def unread_by(
    statement: Statement, readings: Sequence[Reading], desks: Sequence[str] = ()
) -> frozenset[Sensitivity]:
    """Return the classes of `statement` that none of these desks may read, or not all of; see `cut`."""
    readable = frozenset[Sensitivity]().union(*readings)
    unread = frozenset(statement.classes) - readable
    for one in only_in(statement) if desks else ():
        if not any(one.of_class in may and d in one.desks for d, may in zip(desks, readings, strict=True)):
            unread |= {Sensitivity(one.of_class)}
    return unread


def match_parts(disclosures: Iterable[Disclosure], supplied: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the supplied photographs by digest; raise `InvalidInputError` for a missing or unnamed one."""
    by_digest = {hashlib.sha256(part).digest(): part for part in supplied}
    named = {digest for d in disclosures if type(d.value) in CONTAINERS for digest in part_digests(d)}
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


CONTAINERS = frozenset({dict, list})
"""What the value of a field is if it names a photograph or a file, or encloses what does; nearly none are."""

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


def _by_shelf(disclosures: Iterable[Disclosure], only: Sequence[Only]) -> dict[_Shelf, list[Disclosure]]:
    groups: dict[_Shelf, list[Disclosure]] = {}
    for one in disclosures:
        is_narrow = bool(only) and not one.is_counter and one.sensitivity not in UNTOUCHED
        named = readers_at(only, one.path) if is_narrow else None
        groups.setdefault((one.sensitivity, named), []).append(one)
    return groups


def _fill(
    jws: str | None,
    shelves: Iterable[_Shelf],
    disclosures: Mapping[_Shelf, list[Disclosure]],
    parts: Mapping[bytes, bytes],
) -> Compartment:
    chosen = [d for one in shelves for d in disclosures[one]]
    digests = dict.fromkeys(digest for d in chosen for digest in part_digests(d)) if parts else ()
    return Compartment(jws, tuple(d.encoded for d in chosen), tuple(parts[d] for d in digests if d in parts))

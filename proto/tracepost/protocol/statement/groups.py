"""The groups of a statement: which digest stands in which class, and which path may.

The payload's `message` has one member for each class, holding one `_sd` array. Each
array is sorted, so that it tells nothing of the order of fields, and filled with random
digests to whole eights, so that it tells little of their number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import TypeGuard

from tracepost.protocol.schema import RAISES, JsonValue, Sensitivity
from tracepost.protocol.statement.steps import GROUPS
from tracepost.protocol.statement.values import COUNTER_PATH

Classify = Callable[[str, str], Sensitivity | None]
"""Returns the declared class of a path in a kind, or None if the path is not known here."""

GROUP_MULTIPLE = 8
RESERVED_NAMES = frozenset({"_sd", "..."})  # RFC 9901, 4.2.1 and 4.2.4.2

_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\.(?:[a-z][a-z0-9_]*|0|[1-9][0-9]{0,4}))*\Z")
_PATH_LENGTH_LIMIT = 200
_CLASS_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}\Z")
_UNKNOWN_LIMIT = 16
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_DIGEST_CHARACTERS = 43
_DIGEST_LENGTH = {_DIGEST_CHARACTERS}
_TEXT: set[type] = {str}
_LAST_CHARACTERS = frozenset("AEIMQUYcgkosw048")  # 43 characters hold 258 bits: the last two are zero


_CLASSES = {sensitivity.value: sensitivity for sensitivity in Sensitivity}
_ORDER = {sensitivity: number for number, sensitivity in enumerate(Sensitivity)}


def padding_for(number: int) -> int:
    """Return how many random digests fill a group of `number` digests to whole eights."""
    return -number % GROUP_MULTIPLE


def in_order(classes: Iterable[Sensitivity]) -> tuple[Sensitivity, ...]:
    """Return the classes in the order of the schema."""
    return tuple(sorted(classes, key=_ORDER.__getitem__))


def write_groups(digests: Mapping[Sensitivity, Iterable[str]]) -> dict[str, JsonValue]:
    """Return the claim `message` for the digests of each class."""
    return {sensitivity.value: {"_sd": [*sorted(digests[sensitivity])]} for sensitivity in digests}


def read_groups(message: JsonValue) -> tuple[dict[Sensitivity, list[str]], dict[str, list[str]]]:
    """Return the digests of each class, in the order of the classes, and of classes that are not known here.

    Raises:
        StatementError: step 8.
    """
    if not isinstance(message, dict):
        raise GROUPS("group-form", "the claim message is not an object")
    unknown = {} if message.keys() <= _CLASSES.keys() else _read_unknown(message)
    groups = {_CLASSES[name]: _read_group(message[name]) for name in _CLASSES if name in message}
    digests = list(chain.from_iterable([*groups.values(), *unknown.values()]))
    if not _are_digests(digests):
        raise GROUPS("group-form", "a digest is not the base64url of 32 bytes")
    if len(set(digests)) != len(digests):
        raise GROUPS("digest-twice", "a digest stands in the payload twice")
    return groups, unknown


# The same few hundred paths come in every statement; asked only after the signature was verified.
@lru_cache(maxsize=8192)
def is_path(text: str) -> bool:
    """Return whether `text` is a field path such as `items.0.mark.2`."""
    return len(text) <= _PATH_LENGTH_LIMIT and _PATH.match(text) is not None


@lru_cache(maxsize=8192)
def may_stand(classify: Classify, kind: str, path: str, sensitivity: Sensitivity) -> bool:
    """Return whether a field of `kind` may stand in the group of `sensitivity`.

    It may in its declared class and in those that class may be raised to. A path that is
    not known here keeps the class in which it was signed.
    """
    declared = None if path == COUNTER_PATH else classify(kind, path)
    return declared is None or declared is sensitivity or sensitivity in RAISES.get(declared, ())


def _read_unknown(message: Mapping[str, JsonValue]) -> dict[str, list[str]]:
    names = message.keys() - _CLASSES.keys()
    if len(names) > _UNKNOWN_LIMIT or not all(map(_CLASS_NAME.match, names)):
        raise GROUPS("class-form", "a group is not named like a class")
    return {name: _read_group(message[name]) for name in names}


def _read_group(group: JsonValue) -> list[str]:
    digests = group["_sd"] if isinstance(group, dict) and group.keys() == {"_sd"} else None
    if not isinstance(digests, list) or not digests or len(digests) % GROUP_MULTIPLE:
        raise GROUPS("group-form", "a group is not one _sd array of whole eights")
    if not _are_texts(digests):
        raise GROUPS("group-form", "a digest is not the base64url of 32 bytes")
    return digests


def _are_texts(values: list[JsonValue]) -> TypeGuard[list[str]]:
    return set(map(type, values)) == _TEXT


def _are_digests(texts: list[str]) -> bool:
    joined = "".join(texts)
    return (
        joined.isascii()
        and set(map(len, texts)) <= _DIGEST_LENGTH
        and not joined.encode("ascii").translate(None, _ALPHABET)
        and _LAST_CHARACTERS.issuperset(joined[_DIGEST_CHARACTERS - 1 :: _DIGEST_CHARACTERS])
    )

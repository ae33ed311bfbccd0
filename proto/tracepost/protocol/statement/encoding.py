"""base64url and JSON as statements use them: strict, and made for many small texts at once.

A statement has a disclosure for each field, so the usual one-by-one coding would cost
more than the signature. Two shortcuts keep every check:

- base64url is coded for all texts in one pass, and what was decoded is encoded again:
  only the one right spelling gives the same text back (no padding, no spare bits).
- JSON that is written again byte for byte as it came has no name twice, because a
  parsed object has each name once. Only JSON in another spelling is read a second
  time, name by name.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

import orjson

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.schema import JsonValue

Refuse = Callable[[str, str], TracepostError]
"""Makes the error for a reason code and a message; whoever checks decides which error."""

DEPTH_LIMIT = 8
LEVEL_OF_VALUES = 2  # a disclosed value stands inside [salt, path, value]
PLAIN_TYPES: frozenset[type] = frozenset({str, bool, type(None)})
INTEGER_LIMIT = 2**53 - 1  # RFC 7493, 2.2: beyond it other readers round

_FROM_URL = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"===", b"==", b"=")  # one character alone is no base64, whatever follows
_CONTAINERS = (list, dict)
_NONE: frozenset[str] = frozenset()


def encode_each(parts: Iterable[bytes]) -> list[str]:
    """Return the base64url text of each part, without padding (RFC 7515, section 2)."""
    lines = b"".join(map(binascii.b2a_base64, parts)).replace(b"=", b"")
    return lines.replace(b"+", b"-").replace(b"/", b"_").decode("ascii").split("\n")[:-1]


def decode_each(texts: Sequence[str], refuse: Refuse) -> list[bytes]:
    """Return the bytes of each strict base64url text; raise what `refuse` makes of any other."""
    if not texts:
        return []
    try:
        joined = "\n".join(texts).encode("ascii")
        plain = joined.translate(_FROM_URL)
        parts = [binascii.a2b_base64(line + _PADDING[len(line) % 4]) for line in plain.split(b"\n")]
    except (UnicodeEncodeError, binascii.Error):
        raise refuse("not-base64url", "not base64url") from None
    respelled = b"".join(map(binascii.b2a_base64, parts)).replace(b"=", b"")
    if len(parts) != len(texts) or respelled != plain + b"\n" or b"+" in joined or b"/" in joined:
        raise refuse("not-base64url", "not strict base64url")
    return parts


def decode_one(text: str, refuse: Refuse) -> bytes:
    """Return the bytes of one strict base64url text, which may be long; raise as `decode_each` does."""
    try:
        letters = text.encode("ascii")
        plain = letters.replace(b"-", b"+").replace(b"_", b"/")
        data = binascii.a2b_base64(plain + _PADDING[len(plain) % 4])
    except (UnicodeEncodeError, binascii.Error):
        raise refuse("not-base64url", "not base64url") from None
    respelled = binascii.b2a_base64(data, newline=False).rstrip(b"=")
    if respelled != plain or b"+" in letters or b"/" in letters:
        raise refuse("not-base64url", "not strict base64url")
    return data


def digest_each(texts: Sequence[str]) -> list[str]:
    """Return the base64url SHA-256 of each ASCII text (RFC 9901, 4.2.3)."""
    return encode_each([sha256(text.encode("ascii")).digest() for text in texts])


def read_json_each(raws: Sequence[bytes], refuse: Refuse) -> list[JsonValue]:
    """Return the JSON value in each UTF-8 text, no name twice; raise what `refuse` makes of any other.

    What the values are is for `check_value` to judge.
    """
    try:
        values: list[JsonValue] = [orjson.loads(raw) for raw in raws]
    except orjson.JSONDecodeError:
        raise refuse("not-json", "not JSON") from None
    for raw, value in zip(raws, values, strict=True):
        if b"{" in raw and not _is_canonical(value, raw):
            check_value(value, refuse)
            _check_names_once(raw, refuse)
    return values


def check_value(value: object, refuse: Refuse, reserved: frozenset[str] = _NONE, level: int = 1) -> None:
    """Raise what `refuse` makes of a value that a statement may not hold, standing at `level`."""
    if type(value) in PLAIN_TYPES:
        return
    if not isinstance(value, _CONTAINERS):
        _check_integer(value, refuse)
        return
    if level > DEPTH_LIMIT:
        raise refuse("too-deep", f"JSON nested deeper than {DEPTH_LIMIT} levels")
    inner: Iterable[object] = value
    if isinstance(value, dict):
        _check_names(value, refuse, reserved)
        inner = value.values()
    if not PLAIN_TYPES.issuperset(map(type, inner)):
        for one in inner:
            if type(one) not in PLAIN_TYPES:
                check_value(one, refuse, reserved, level + 1)


def _check_integer(value: object, refuse: Refuse) -> None:
    if not isinstance(value, int) or not -INTEGER_LIMIT <= value <= INTEGER_LIMIT:
        raise refuse("not-an-integer", "a number is not an integer of at most 53 bits")


def _check_names(value: dict[str, object], refuse: Refuse, reserved: frozenset[str]) -> None:
    if not reserved.isdisjoint(value):
        raise refuse("reserved-name", "a name that RFC 9901 reserves stands inside a disclosed value")


def _is_canonical(value: JsonValue, raw: bytes) -> bool:
    try:
        return orjson.dumps(value) == raw
    except orjson.JSONEncodeError:  # nested too deep to be written again
        return False


def _check_names_once(raw: bytes, refuse: Refuse) -> None:
    try:
        json.loads(raw, object_pairs_hook=_require_names_once)
    except (ValueError, RecursionError):
        # What orjson has read and json refuses stands behind a name that comes again.
        raise refuse("duplicate-member", "an object has a name twice") from None


def _require_names_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError
    return names

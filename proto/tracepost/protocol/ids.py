"""Names of members, desks, statements and envelopes: parsed once, then trusted by type."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import NewType

from tracepost.protocol.errors import InvalidInputError

MemberId = NewType("MemberId", str)
DeskId = NewType("DeskId", str)
ThreadId = NewType("ThreadId", str)
StatementDigest = NewType("StatementDigest", bytes)
EnvelopeId = NewType("EnvelopeId", bytes)

NODE_DESK = DeskId("node")
DIRECT = "direct"

_LABEL = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_LABEL_LIMIT = 40
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def parse_member(text: str) -> MemberId:
    """Return `text` as a member id such as `ken` or `un-panel-som`; raise `InvalidInputError`.

    No member is called `direct`: on a road that word means that there is no relay.
    """
    if text == DIRECT:
        raise InvalidInputError("no member is called direct", where="member id")
    return MemberId(_parse_label(text, "member id"))


def parse_desk(text: str) -> DeskId:
    """Return `text` as a desk id such as `poc`; raise `InvalidInputError`."""
    return DeskId(_parse_label(text, "desk id"))


def parse_thread(text: str) -> ThreadId:
    """Return `text` as a thread id, a lower-case UUID; raise `InvalidInputError`."""
    if not _UUID.match(text):
        raise InvalidInputError("a thread id is a lower-case UUID with hyphens", where="thread")
    return ThreadId(text)


def new_uuid7(unix_ms: int, random: bytes) -> str:
    """Return a UUIDv7 (RFC 9562, 5.7) from milliseconds since 1970 and ten random bytes."""
    if len(random) != 10:
        raise ValueError("ten random bytes are needed")
    value = (unix_ms & (1 << 48) - 1) << 80 | int.from_bytes(random)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def encode_b64(data: bytes) -> str:
    """Return `data` as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_b64(text: str, where: str) -> bytes:
    """Return the bytes of strict base64url `text`: no padding, no spare bits, no other characters."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        data = None
    if data is None or encode_b64(data) != text:
        raise InvalidInputError("not strict base64url", where=where)
    return data


def parse_digest(text: str, where: str = "in_reply_to") -> StatementDigest:
    """Return the statement digest that `text` holds as base64url; raise `InvalidInputError`."""
    data = decode_b64(text, where)
    if len(data) != 32:
        raise InvalidInputError("a statement digest has 32 bytes", where=where)
    return StatementDigest(data)


# The same few members and desks are named in every message; what is refused is not kept.
@lru_cache(maxsize=4096)
def _parse_label(text: str, what: str) -> str:
    if len(text) > _LABEL_LIMIT or not _LABEL.match(text):
        raise InvalidInputError(
            f"a {what} has lower-case letters, digits and single hyphens, at most {_LABEL_LIMIT}", where=what
        )
    return text

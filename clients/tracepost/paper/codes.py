"""What stands in the QR code of a page, and in the groups of letters beside it.

A line of a page is one signed field: statement, path, value. Its tag is a keyed digest of path and value, and the key
is the digest of the statement: whoever holds the statement can make the tag of each of its fields, and whoever holds
only the code can test no guess with it. Nothing but opaque ids and such digests stands in a code.

    document   digest of the tags of all lines, in no order: it does not depend on how they are laid out
    page       digest of the document, of the page before, of the number of the page and of the tags on it, in order

    TRACEPOST1:CC…   base45 (RFC 9285) of
        form 1 byte · thread 16 · page 2 · pages 2 · document 16 · page before 16 · page 16 · 3 bytes for each line

    >>> code = PageCode(Form.LETTER, "01890000-0000-7000-8000-000000000000", 1, 1, bytes(16), bytes(16), bytes(16), ())
    >>> parse_code(write_code(code)) == code
    True
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import struct
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import islice
from typing import Final

from tracepost.paper.told import Told, canonical
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.schema import Field

PREFIX: Final = "TRACEPOST1:"
TAG_BYTES: Final = 3
GROUPS_BYTES: Final = 10
_DIGEST_BYTES: Final = 16
_HEAD: Final = struct.Struct(">B16sHH16s16s16s")
_BASE45: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_GROUPS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})
_DOCUMENT, _PAGE, _LINE = b"tracepost paper document 1", b"tracepost paper page 1", b"tracepost paper line 1"


class Form(enum.IntEnum):
    """What a document is."""

    CASE = 1
    STATEMENT = 2
    SLIP = 3
    LETTER = 4


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One signed field on paper. `mac` are 32 bytes that only this field of this statement has."""

    told: Told
    field: Field
    mac: bytes = dataclass_field(init=False, repr=False)

    def __post_init__(self) -> None:
        content = b"\x00".join((_LINE, self.field.path.encode(), canonical(self.field.value)))
        object.__setattr__(self, "mac", hmac.digest(self.told.digest, content, "sha256"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and other.mac == self.mac

    def __hash__(self) -> int:
        return hash(self.mac)

    @property
    def tag(self) -> bytes:
        """The beginning of `mac`, as it stands in a code."""
        return self.mac[:TAG_BYTES]


@dataclass(frozen=True, slots=True)
class PageCode:
    """What the code of a page says. `before` is the digest of the page before, of the document on the first."""

    form: Form
    thread: str
    page: int
    pages: int
    document: bytes
    before: bytes
    digest: bytes
    tags: tuple[bytes, ...]


def document_digest(form: Form, thread: str, lines: Iterable[Line]) -> bytes:
    """Return the digest of a document, which depends on what is in it and not on its layout."""
    macs = sorted({line.mac for line in lines})
    return _digest(_DOCUMENT, bytes([form]), uuid.UUID(thread).bytes, *macs)


def page_digest(code: PageCode, lines: Iterable[Line]) -> bytes:
    """Return the digest that a page with these lines, in their order, must have."""
    place = struct.pack(">HH", code.page, code.pages)
    head = (_PAGE, bytes([code.form]), uuid.UUID(code.thread).bytes, code.document, code.before, place)
    return _digest(*head, *(line.mac for line in lines))


def _digest(*parts: bytes) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(struct.pack(">I", len(part)) + part)
    return whole.digest()[:_DIGEST_BYTES]


def page_codes(form: Form, thread: str, pages: Sequence[Sequence[Line]]) -> Iterator[PageCode]:
    """Yield the code of each page, given the lines on it."""
    document = before = document_digest(form, thread, (line for page in pages for line in page))
    for number, lines in enumerate(pages, 1):
        tags = tuple(line.tag for line in lines)
        bare = PageCode(form, thread, number, len(pages), document, before, b"", tags)
        before = page_digest(bare, lines)
        yield PageCode(form, thread, number, len(pages), document, bare.before, before, tags)


def write_code(code: PageCode) -> str:
    """Return a code as a QR code holds it: in the 45 characters of its alphanumeric mode."""
    thread = uuid.UUID(code.thread).bytes
    head = _HEAD.pack(code.form, thread, code.page, code.pages, code.document, code.before, code.digest)
    return PREFIX + _base45(head + b"".join(code.tags))


def parse_code(text: str) -> PageCode:
    """Return what a code says; raise `InvalidInputError`."""
    data = _from_base45(text.strip().removeprefix(PREFIX)) if text.strip().startswith(PREFIX) else None
    if data is None or len(data) < _HEAD.size or (len(data) - _HEAD.size) % TAG_BYTES:
        raise InvalidInputError("this is no code of a page of ours", where="paper", reason="no-code")
    form, thread, page, pages, document, before, digest = _HEAD.unpack_from(data)
    if form not in set(Form):
        raise InvalidInputError("the code is of a newer version", where="paper", reason="no-code")
    rest = iter(data[_HEAD.size :])
    tags = tuple(iter(lambda: bytes(islice(rest, TAG_BYTES)), b""))
    return PageCode(Form(form), str(uuid.UUID(bytes=thread)), page, pages, document, before, digest, tags)


def write_groups(digest: bytes) -> str:
    """Return the beginning of a digest as people read it aloud: four groups of four."""
    number = int.from_bytes(digest[:GROUPS_BYTES])
    letters = "".join(_GROUPS[number >> shift & 31] for shift in range(GROUPS_BYTES * 8 - 5, -1, -5))
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def parse_groups(text: str) -> bytes:
    """Return the bytes of groups that somebody typed in; I, L and O are taken for 1, 1 and 0."""
    letters = text.upper().translate(_MISREAD)
    if len(letters) != GROUPS_BYTES * 8 // 5 or any(one not in _GROUPS for one in letters):
        raise InvalidInputError(
            "a code has four groups of four letters and figures", where="paper", reason="no-code"
        )
    number = 0
    for one in letters:
        number = number << 5 | _GROUPS.index(one)
    return number.to_bytes(GROUPS_BYTES)


def _base45(data: bytes) -> str:
    letters = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            letters.append(_BASE45[digit])
    return "".join(letters)


def _from_base45(text: str) -> bytes | None:
    if any(one not in _BASE45 for one in text) or len(text) % 3 == 1:
        return None
    data = bytearray()
    for at in range(0, len(text), 3):
        some = text[at : at + 3]
        number = sum(_BASE45.index(one) * 45**place for place, one in enumerate(some))
        if number >= 256 ** (len(some) - 1):
            return None
        data += number.to_bytes(len(some) - 1)
    return bytes(data)

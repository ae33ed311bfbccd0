"""What an attachment may be, and whether its content is what its media type says.

A type is believed only by the content: the first bytes, and for two types the whole. Programs are
refused under whatever name they come; so is everything that is not in the list.

    check = MediaCheck("image/jpeg")
    for some in content: check.update(some)
    check.finish()

`recognise` names the type of a file by its beginning. Refusals are `InvalidInputError`s with the reason
`media-type` (not in the list), `program`, or `other-media-type`; the content is never told.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from tracepost.protocol.errors import InvalidInputError

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
TIFF: Final = "image/tiff"
PDF: Final = "application/pdf"
MP4: Final = "video/mp4"
TEXT: Final = "text/plain"
X3P: Final = "application/x3p+zip"
"""Surface topography (ISO 25178-72): a zip with `main.xml` in it. No registry has a name for it."""

MEDIA_TYPES: Final = (JPEG, PNG, TIFF, PDF, MP4, X3P, TEXT)

HEAD_BYTES: Final = 16
"""How much of a file `recognise` looks at."""

_ZIP: Final = b"PK\x03\x04"
# Windows, ELF, Mach-O in its four forms, Java and Mach-O of several kinds, scripts, WebAssembly, Android.
_PROGRAMS: Final = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
    b"\0asm",
    b"dex\n",
)
_MAGIC: Final = (
    (JPEG, re.compile(rb"\xff\xd8\xff")),
    (PNG, re.compile(rb"\x89PNG\r\n\x1a\n")),
    (TIFF, re.compile(rb"II[*+]\0|MM\0[*+]")),
    (PDF, re.compile(rb"%PDF-[12]\.")),
    (MP4, re.compile(rb"[\s\S]{4}ftyp")),
    (X3P, re.compile(re.escape(_ZIP))),
)
# What a text does not hold: control characters but tab, line feed, form feed, carriage return.
_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
# A record of the zip's directory whose name is main.xml: 46 bytes, the name's length at 28.
_MAIN_XML: Final = re.compile(rb"PK\x01\x02[\s\S]{24}\x08\x00[\s\S]{16}main\.xml")
_MAIN_XML_BYTES: Final = 54


def recognise(head: bytes) -> str:
    """Return the media type of a file that begins with `head` (`HEAD_BYTES` of it, if it has so many).

    A zip counts as X3P and what has no mark of its own as text, until `MediaCheck` has seen the whole.
    Raises `InvalidInputError` for a program.
    """
    if head.startswith(_PROGRAMS):
        raise InvalidInputError(
            "a program is never attached",
            where="media_type",
            reason="program",
            remedy="Attach what is to be looked at, not what is to be run.",
        )
    return next((name for name, magic in _MAGIC if magic.match(head)), TEXT)


class MediaCheck:
    """Compares a content with the media type that is claimed for it, as it comes."""

    def __init__(self, media_type: str) -> None:
        if media_type not in MEDIA_TYPES:
            raise InvalidInputError(
                "a file of this kind is not attached", where="media_type", reason="media-type"
            )
        self._media_type = media_type
        self._head = b""
        self._judged = False
        self._text = codecs.getincrementaldecoder("utf-8")()
        self._tail = b""
        self._has_main = False

    def update(self, content: bytes) -> None:
        """Look at more of the content; raise `InvalidInputError` as soon as it is of another kind."""
        if not self._judged:
            # Held back until the beginning is there: what it is comes before what is wrong with it.
            self._head += content
            if len(self._head) >= HEAD_BYTES:
                self._judge()
        else:
            self._look_into(content, final=False)

    def finish(self) -> None:
        """Say that this was all; raise `InvalidInputError` if something is missing."""
        if not self._judged:
            self._judge()
        self._look_into(b"", final=True)
        if self._media_type == X3P and not self._has_main:
            raise _other()

    def _judge(self) -> None:
        head, self._head, self._judged = self._head, b"", True
        if recognise(head[:HEAD_BYTES]) != self._media_type:
            raise _other()
        self._look_into(head, final=False)

    def _look_into(self, content: bytes, *, final: bool) -> None:
        if self._media_type == TEXT:
            self._read(content, final=final)
        elif self._media_type == X3P:
            self._look_for_main(content)

    def _read(self, content: bytes, *, final: bool) -> None:
        try:
            text = self._text.decode(content, final)
        except UnicodeDecodeError:
            raise _other() from None
        if _NO_TEXT.search(text):
            raise _other()

    def _look_for_main(self, content: bytes) -> None:
        seen = self._tail + content
        self._has_main = self._has_main or _MAIN_XML.search(seen) is not None
        self._tail = seen[-(_MAIN_XML_BYTES - 1) :]


def _other() -> InvalidInputError:
    return InvalidInputError(
        "the content is not of the media type that is named",
        where="media_type",
        reason="other-media-type",
        remedy="Attach a JPEG, PNG, TIFF, PDF, MP4, X3P or UTF-8 text file, under its own kind.",
    )

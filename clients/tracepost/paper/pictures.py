"""Photographs that another member sent, made anew: for a browser or a page it is our own JPEG and none of their bytes.

What is decoded is bounded before: bytes, pixels, and how often a JPEG goes over its own picture. A few kilobytes can
say that they are a picture of gigabytes, or have one drawn ten thousand times.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from typing import Final

from PIL import Image, ImageFile

from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError, LimitError, NotFoundError
from tracepost.sdk.enclosures import MOST_PHOTOGRAPHS
from tracepost.sdk.intake.photographs import MAX_PART_BYTES, strip_photograph

MAX_PIXELS: Final = 25_000_000
MAX_PNG_PIXELS: Final = 8_000_000
"""A PNG is unfolded whole even for a small copy, and one with holes is laid on white."""
MAX_PAGE_BYTES: Final = 160 * 1024
"""What a photograph on a page weighs at most, as JPEG."""
_PAGE_SIDE: Final = 1000
"""Pixels of its longer side: 300 to an inch, as it is set."""
_PAGE_QUALITIES: Final = (80, 60, 40, 20, 5)
_MAX_SCANS: Final = 64
_SCAN: Final = b"\xff\xda"
_FORMATS: Final = ("JPEG", "PNG")
_PNG: Final = "image/png"

_AS_IT_WAS_SENT: Final = _(
    "Take it as it was sent, and look at it on a machine where a dangerous file does no harm; "
    "or ask its sender for another copy."
)


def make_anew(make: Callable[[Image.Image], bytes], content: bytes) -> bytes:
    """Return what `make` makes of a photograph, once its own head has said that it is small enough.

    Raises:
        InvalidInputError: it is no photograph, or more than is decoded.
    """
    bare = _judged(content)
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # importing WeasyPrint sets it, for all of the process
    try:
        with Image.open(io.BytesIO(bare), formats=_FORMATS) as picture:
            if picture.width * picture.height > _most(Image.MIME.get(picture.format or "", "")):
                raise _too_large()
            return make(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise _too_large() from fault
    except (OSError, SyntaxError, ValueError) as fault:
        raise _damaged() from fault


def _judged(content: bytes) -> bytes:
    """Return the bare picture without decoding it; raise `InvalidInputError` for one that is not decoded at all."""
    if len(content) > MAX_PART_BYTES:
        raise _too_large()
    try:
        bare, (width, height), media_type = strip_photograph(content, "photograph")
    except InvalidInputError as fault:
        raise _damaged() from fault
    if width * height > _most(media_type) or bare.count(_SCAN) > _MAX_SCANS:
        raise _too_large()
    return bare


def _most(media_type: str) -> int:
    return MAX_PNG_PIXELS if media_type == _PNG else MAX_PIXELS


def plain(picture: Image.Image) -> Image.Image:
    """Return the picture on white where it lets through what is behind it; no copy is made that can be spared."""
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    above = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    ground = Image.new("RGB", above.size, "white")
    ground.paste(above, mask=above)
    return ground


def as_jpeg(picture: Image.Image, quality: int) -> bytes:
    """Return a JPEG with nothing in it beside the picture."""
    made = io.BytesIO()
    picture.load()  # a PNG may say more of itself behind its pixels
    picture.info.clear()  # nothing that the old file said of itself goes into the new one
    picture.save(made, "JPEG", quality=quality)
    return made.getvalue()


def light_jpeg(picture: Image.Image, qualities: Iterable[int], most_bytes: int) -> bytes:
    """Return a JPEG of the first of these qualities that is not heavier than `most_bytes`, else of the last."""
    made = b""
    for quality in qualities:
        made = as_jpeg(picture, quality)
        if len(made) <= most_bytes:
            break
    return made


# ── for a page ───────────────────────────────────────────────────────────────────────


class Album:
    """The photographs that a document may show, made anew for a page; so many and so large as a file can bear.

    Each is decoded once and stands on the page once, however often it is named. One album is for one document.

    Args:
        given: what the node gave out, each as it was sent; a message names it by its digest.
    """

    def __init__(self, given: Iterable[bytes] = ()) -> None:
        self._given = {hashlib.sha256(content).digest(): content for content in given}
        self._placed = set[bytes]()
        self._refused = dict[bytes, InvalidInputError]()

    def place(self, sha256: bytes) -> bytes | None:
        """Return the JPEG of a photograph for a page; None if it was placed before.

        Raises:
            NotFoundError: it was not given out.
            LimitError: the document shows as many as it can.
            InvalidInputError: it cannot be decoded.
        """
        if sha256 in self._placed:
            return None
        if sha256 not in self._given:
            raise NotFoundError("the photograph was not given out", where="paper", reason="no-part")
        if len(self._placed) >= MOST_PHOTOGRAPHS:
            raise LimitError("the document shows as many photographs as it can", where="paper")
        jpeg = self._make(sha256)
        self._placed.add(sha256)
        return jpeg

    def _make(self, sha256: bytes) -> bytes:
        if sha256 in self._refused:
            raise self._refused[sha256].with_traceback(None)
        try:
            return make_anew(_for_page, self._given[sha256])
        except InvalidInputError as fault:
            self._refused[sha256] = fault
            raise


def _for_page(picture: Image.Image) -> bytes:
    picture.draft("RGB", (_PAGE_SIDE, _PAGE_SIDE))
    picture.thumbnail((_PAGE_SIDE, _PAGE_SIDE), Image.Resampling.LANCZOS)
    return light_jpeg(plain(picture), _PAGE_QUALITIES, MAX_PAGE_BYTES)


def _too_large() -> InvalidInputError:
    return InvalidInputError(
        _(
            "The photograph is not opened here: unfolded it would be far larger than a photograph is. "
            "Such a file can be made to stop a computer."
        ),
        reason="picture-too-large",
        remedy=_AS_IT_WAS_SENT,
    )


def _damaged() -> InvalidInputError:
    return InvalidInputError(
        _("The photograph cannot be shown: it is damaged, or it is no JPEG or PNG."),
        reason="no-picture",
        remedy=_AS_IT_WAS_SENT,
    )

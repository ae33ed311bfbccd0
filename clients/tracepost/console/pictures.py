"""Photographs that another member sent, made anew for a browser: it is given our own JPEG and none of their bytes.

What is decoded is bounded before: bytes, pixels, and how often a JPEG goes over its own picture. A few kilobytes can
say that they are a picture of gigabytes, or have one drawn ten thousand times.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from PIL import Image, ImageFile

from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.intake.photographs import MAX_PART_BYTES, strip_photograph

SIDE: Final = 96
"""Pixels of the longer side of a small copy."""
MAX_SMALL_BYTES: Final = 4 * 1024
"""What a small copy weighs at most: so many stand on one page."""
MAX_PIXELS: Final = 25_000_000
MAX_PNG_PIXELS: Final = 8_000_000
"""A PNG is unfolded whole even for a small copy, and one with holes is laid on white."""
_FAIR, _SMALL = 90, (55, 35, 20, 8)
_MAX_SCANS: Final = 64
_SCAN: Final = b"\xff\xda"
_FORMATS: Final = ("JPEG", "PNG")
_PNG: Final = "image/png"
_SMALL_ONES: Final = ThreadPoolExecutor(2, "small-pictures")  # so many are in memory at once, whoever asks
_WHOLE_ONES: Final = ThreadPoolExecutor(1, "whole-pictures")

_AS_IT_WAS_SENT: Final = _(
    "Take it as it was sent, and look at it on a machine where a dangerous file does no harm; "
    "or ask its sender for another copy."
)


async def make_small(content: bytes) -> bytes:
    """Return a small JPEG of a photograph; raise `InvalidInputError` for what is none, or more than is decoded."""
    return await _made(_SMALL_ONES, _small, content)


async def make_fair(content: bytes) -> bytes:
    """Return a JPEG of a photograph in its own size, with nothing beside the picture; raise `InvalidInputError`."""
    return await _made(_WHOLE_ONES, _fair, content)


async def _made(hands: ThreadPoolExecutor, make: Callable[[Image.Image], bytes], content: bytes) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(hands, _decoded, make, content)


def _decoded(make: Callable[[Image.Image], bytes], content: bytes) -> bytes:
    """Hand the picture to `make` once its own head has said that it is small enough."""
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


def _small(picture: Image.Image) -> bytes:
    picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
    picture.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    plain = _plain(picture)
    made = b""
    for quality in _SMALL:
        made = _jpeg(plain, quality)
        if len(made) <= MAX_SMALL_BYTES:
            break
    return made


def _fair(picture: Image.Image) -> bytes:
    return _jpeg(_plain(picture), _FAIR)


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture on white where it lets through what is behind it; no copy is made that can be spared."""
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    above = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    ground = Image.new("RGB", above.size, "white")
    ground.paste(above, mask=above)
    return ground


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    made = io.BytesIO()
    picture.load()  # a PNG may say more of itself behind its pixels
    picture.info.clear()  # nothing that the old file said of itself goes into the new one
    picture.save(made, "JPEG", quality=quality)
    return made.getvalue()


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

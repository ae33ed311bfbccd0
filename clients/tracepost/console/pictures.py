"""Photographs for a browser, made anew (`tracepost.paper.pictures`), a few at a time whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from PIL import Image

from tracepost.paper.pictures import as_jpeg, light_jpeg, make_anew, plain

SIDE: Final = 96
"""Pixels of the longer side of a small copy."""
MAX_SMALL_BYTES: Final = 4 * 1024
"""What a small copy weighs at most: so many stand on one page."""
_FAIR, _SMALL = 90, (55, 35, 20, 8)
_SMALL_ONES: Final = ThreadPoolExecutor(2, "small-pictures")  # so many are in memory at once, whoever asks
_WHOLE_ONES: Final = ThreadPoolExecutor(1, "whole-pictures")


async def make_small(content: bytes) -> bytes:
    """Return a small JPEG of a photograph; raise `InvalidInputError` for what is none, or more than is decoded."""
    return await _made(_SMALL_ONES, _small, content)


async def make_fair(content: bytes) -> bytes:
    """Return a JPEG of a photograph in its own size, with nothing beside the picture; raise `InvalidInputError`."""
    return await _made(_WHOLE_ONES, _fair, content)


async def _made(hands: ThreadPoolExecutor, make: Callable[[Image.Image], bytes], content: bytes) -> bytes:
    return await asyncio.get_running_loop().run_in_executor(hands, make_anew, make, content)


def _small(picture: Image.Image) -> bytes:
    picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
    picture.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return light_jpeg(plain(picture), _SMALL, MAX_SMALL_BYTES)


def _fair(picture: Image.Image) -> bytes:
    return as_jpeg(plain(picture), _FAIR)

"""Photographs of others, made anew for a browser: what comes out, and what is never decoded."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import subprocess
import sys
import threading

import pytest
from PIL import Image, ImageFile, PngImagePlugin

from fakes.hostile_pictures import png, png_bomb
from tracepost.console.pictures import MAX_SMALL_BYTES, SIDE, make_fair, make_small
from tracepost.paper.pictures import MAX_PIXELS, MAX_PNG_PIXELS
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk.intake.photographs import MAX_PART_BYTES

WRITTEN = b"written by the camera"


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def photograph(size: tuple[int, int] = (640, 400), kind: str = "JPEG", **options: object) -> bytes:
    return saved(Image.new("RGB", size, "navy"), kind, **options)


def made(content: bytes, *, small: bool = False) -> Image.Image:
    result = asyncio.run((make_small if small else make_fair)(content))
    picture = Image.open(io.BytesIO(result))
    picture.load()
    assert picture.format == "JPEG"
    return picture


def reason_of(content: bytes) -> set[str]:
    """Return why a photograph is refused, small and whole."""
    reasons = set()
    for make in (make_small, make_fair):
        with pytest.raises(InvalidInputError) as refused:
            asyncio.run(make(content))
        assert refused.value.what_to_do.startswith("Take it as it was sent")
        reasons.add(refused.value.reason)
    return reasons


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_is_made_anew_whole_and_small(kind: str) -> None:
    content = photograph(kind=kind)
    assert made(content).size == (640, 400)
    assert made(content, small=True).size == (SIDE, SIDE * 400 // 640)
    red, green, blue = made(content, small=True).convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert blue > 100, "it shows what was there"
    assert max(red, green) < 60


def test_nothing_that_a_camera_wrote_is_in_what_is_made() -> None:
    exif = Image.Exif()
    exif[0x010E] = WRITTEN.decode()
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", WRITTEN.decode())
    profile = b"\0" * 128 + WRITTEN
    for content in (
        photograph(exif=exif, comment=WRITTEN, icc_profile=profile),
        photograph(kind="PNG", exif=exif, pnginfo=told),
    ):
        assert WRITTEN in content
        for make in (make_fair, make_small):
            result = asyncio.run(make(content))
            assert WRITTEN not in result
            assert not {"exif", "comment", "icc_profile"} & Image.open(io.BytesIO(result)).info.keys()


def test_the_small_copy_of_any_photograph_is_light() -> None:
    """Noise is what cannot be packed; a photograph is lighter."""
    noise = Image.frombytes("RGB", (200, 200), os.urandom(200 * 200 * 3))
    content = saved(noise, "PNG")
    assert len(content) < MAX_PART_BYTES
    assert len(asyncio.run(make_small(content))) <= MAX_SMALL_BYTES


def test_what_lets_light_through_stands_on_white() -> None:
    clear = saved(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG")
    assert made(clear).convert("RGB").getpixel((20, 20)) == (255, 255, 255)
    for mode, half in (("RGBA", (0, 0, 0, 128)), ("LA", (0, 128))):
        grey = made(saved(Image.new(mode, (40, 40), half), "PNG")).convert("L").tobytes()
        assert 123 < min(grey) <= max(grey) < 131, mode


def test_other_colours_and_shapes_are_made_too() -> None:
    for mode in ("1", "L", "P", "CMYK"):
        kind = "JPEG" if mode == "CMYK" else "PNG"
        assert made(saved(Image.new(mode, (300, 3)), kind), small=True).size == (SIDE, 1), mode
    assert made(photograph((1, 1))).size == (1, 1)


# ── what is never decoded ────────────────────────────────────────────────────────────


def test_a_picture_of_gigabytes_in_few_bytes_is_refused() -> None:
    bomb = png_bomb(30_000)
    assert len(bomb) < MAX_PART_BYTES, "it fits into a message"
    assert reason_of(bomb) == {"picture-too-large"}


def test_the_bound_is_on_pixels_and_not_on_one_side() -> None:
    wide = saved(Image.new("1", (MAX_PNG_PIXELS, 1)), "PNG")
    assert made(wide, small=True).size == (SIDE, 1)
    assert reason_of(saved(Image.new("1", (MAX_PNG_PIXELS + 1, 1)), "PNG")) == {"picture-too-large"}
    side = int(MAX_PIXELS**0.5)
    square = saved(Image.new("L", (side, side)), "JPEG", progressive=True)
    assert made(square, small=True).size == (SIDE, SIDE)
    more = saved(Image.new("L", (side + 1, side)), "JPEG", progressive=True)
    assert len(more) < MAX_PART_BYTES
    assert reason_of(more) == {"picture-too-large"}


_PEAK = """
import asyncio, sys
from tracepost.console.pictures import make_fair
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
content = sys.stdin.buffer.read()
asyncio.run(make_fair(content))
print(peak())
"""


def peak_of(content: bytes) -> int:
    """Return the most kilobytes of memory that a process has held which makes a photograph anew."""
    done = subprocess.run([sys.executable, "-c", _PEAK], input=content, capture_output=True, check=True)
    return int(done.stdout)


def test_a_picture_that_lets_light_through_lies_in_memory_twice_and_no_more() -> None:
    large = saved(Image.new("RGBA", (MAX_PNG_PIXELS // 2000, 2000), (9, 9, 9, 128)), "PNG")
    tiny = saved(Image.new("RGBA", (8, 8), (9, 9, 9, 128)), "PNG")
    once = MAX_PNG_PIXELS * 4 // 1024
    assert len(large) < MAX_PART_BYTES
    assert peak_of(large) - peak_of(tiny) < 3 * once


def test_one_whole_photograph_is_in_memory_at_a_time() -> None:
    async def many() -> None:
        await asyncio.gather(*(make_fair(photograph((1500, 1500))) for _ in range(4)))

    asyncio.run(many())
    names = [one.name for one in threading.enumerate() if one.name.startswith("whole-pictures")]
    assert len(names) == 1


def test_a_photograph_that_tells_two_sizes_is_measured_by_the_one_that_is_decoded() -> None:
    """A second frame header behind the scan says that all is small; the decoder believes the first."""
    content = photograph((64, 64))
    at = content.index(b"\xff\xc0")
    frame = content[at : at + 2 + int.from_bytes(content[at + 2 : at + 4])]
    large = frame[:5] + struct.pack(">HH", 20_000, 20_000) + frame[9:]
    two = content[:at] + large + content[at + len(frame) : -2] + frame + b"\xff\xd9"
    assert reason_of(two) == {"picture-too-large"}


def test_a_photograph_that_is_drawn_a_thousand_times_is_refused() -> None:
    content = photograph(progressive=True)
    last = content.rindex(b"\xff\xda")
    assert made(content).size == (640, 400)
    many = content[:last] + content[last:-2] * 1_000 + b"\xff\xd9"
    assert len(many) < MAX_PART_BYTES
    assert reason_of(many) == {"picture-too-large"}


def test_more_bytes_than_a_message_carries_are_refused() -> None:
    assert reason_of(photograph() + bytes(MAX_PART_BYTES)) == {"picture-too-large"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_that_ends_too_early_is_refused_anywhere(kind: str) -> None:
    content = photograph(kind=kind)
    for end in (0, 1, 8, 30, len(content) // 2, len(content) - 3):
        assert reason_of(content[:end]) == {"no-picture"}, end


@pytest.mark.parametrize("lenient", [False, True])
def test_a_png_with_other_bytes_in_the_place_of_its_pixels_is_refused(
    monkeypatch: pytest.MonkeyPatch, *, lenient: bool
) -> None:
    """Also where another library, as WeasyPrint does, has asked Pillow to take what is damaged."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    assert reason_of(png(100, b"these are no packed rows")) == {"no-picture"}


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "BMP", "ICO", "PDF", "EPS"])
def test_what_a_photograph_never_is_reaches_no_decoder(kind: str) -> None:
    assert reason_of(photograph((32, 32), kind)) == {"no-picture"}


def test_what_is_no_picture_at_all_is_refused() -> None:
    for content in (b"", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", os.urandom(500)):
        assert reason_of(content) == {"no-picture"}

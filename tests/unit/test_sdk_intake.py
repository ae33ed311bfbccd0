"""Photographs and JSON: the copy that travels has the picture and nothing else; a file says what it says."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tracepost.protocol.errors import InvalidInputError, LimitError, TracepostError
from tracepost.sdk.intake.documents import Album, is_draft, read_document, read_draft, read_message
from tracepost.sdk.intake.photographs import MAX_PART_BYTES, prepare_photograph, read_photograph
from tracepost.wire.v1 import desk_pb2, trace_pb2, weapon_pb2

SECRET = b"48.8584 N 2.2945 E"


def picture(width: int = 40, height: int = 30) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    for place in range(min(width, height)):
        image.putpixel((place, place), (place % 256, 0, 0))
    return image


def jpeg(**more: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    exif[0x0110] = "CAMERA 1"
    exif.get_ifd(0x8825)[1] = SECRET.decode()  # GPS
    out = io.BytesIO()
    picture().save(out, "JPEG", exif=exif, comment=SECRET, icc_profile=SECRET, **more)
    return out.getvalue()


def png() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", SECRET.decode())
    words.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    out = io.BytesIO()
    picture().save(out, "PNG", pnginfo=words, exif=b"Exif\x00\x00" + SECRET)
    return out.getvalue()


def pixels(data: bytes) -> list[Any]:
    return list(Image.open(io.BytesIO(data)).convert("RGB").getdata())


@pytest.mark.parametrize(
    "data", [jpeg(), jpeg(progressive=True), png()], ids=["jpeg", "progressive jpeg", "png"]
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_copy_shows_the_same_picture_and_nothing_that_the_camera_wrote(data: bytes) -> None:
    assert SECRET in data
    photograph = prepare_photograph(data)
    assert SECRET not in photograph.content
    assert b"CAMERA" not in photograph.content
    assert b"Exif" not in photograph.content
    assert pixels(photograph.content) == pixels(data)
    assert (photograph.width, photograph.height) == (40, 30)
    assert photograph.original_sha256 == hashlib.sha256(data).digest()
    assert photograph.sha256 == hashlib.sha256(photograph.content).digest() != photograph.original_sha256


@pytest.mark.parametrize("data", [jpeg(), png()], ids=["jpeg", "png"])
def test_what_follows_the_end_of_the_picture_stays_behind(data: bytes) -> None:
    assert SECRET not in prepare_photograph(data + SECRET).content


def test_colours_told_by_adobe_are_kept() -> None:
    out = io.BytesIO()
    picture().convert("CMYK").save(out, "JPEG")
    copy = prepare_photograph(out.getvalue()).content
    assert Image.open(io.BytesIO(copy)).mode == "CMYK"


@pytest.mark.parametrize("data", [b"GIF89a", b"", b"\xff\xd8", jpeg()[:200], png()[:60], b"\xff\xd8\x00\x00"])
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        prepare_photograph(data)


def test_a_flipped_bit_in_a_png_is_seen() -> None:
    data = bytearray(png())
    data[20] ^= 1
    with pytest.raises(InvalidInputError):
        prepare_photograph(bytes(data))


def test_a_photograph_over_the_limit_says_what_to_do() -> None:
    out = io.BytesIO()
    Image.effect_noise((700, 700), 100).save(out, "PNG")
    assert len(out.getvalue()) > MAX_PART_BYTES
    with pytest.raises(LimitError) as refused:
        prepare_photograph(out.getvalue(), "big.png")
    assert (refused.value.where, refused.value.reason) == ("big.png", "photograph-too-large")
    assert "pixels" in refused.value.what_to_do


def test_a_missing_photograph_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_photograph(tmp_path / "none.jpg")
    assert refused.value.where == "none.jpg"


@given(st.binary(max_size=300), st.sampled_from([b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b""]))
def test_whatever_the_bytes_only_errors_of_ours_come_out(data: bytes, start: bytes) -> None:
    with contextlib.suppress(TracepostError):
        prepare_photograph(start + data)


# ---------------------------------------------------------------- JSON


def written(folder: Path, document: Any) -> Path:
    path = folder / "request.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return path


def test_a_photograph_names_its_file_and_the_rest_is_filled_in(tmp_path: Path) -> None:
    (tmp_path / "left.jpg").write_bytes(jpeg())
    document = {
        "to": ["xab"],
        "content": {
            "trace_request": {
                "items": [
                    {
                        "object": {
                            "mark": [{"role": "MARK_ROLE_MAKE", "photograph_file": "left.jpg"}],
                            "photograph": [{"view": "PHOTOGRAPH_VIEW_LEFT", "file": "left.jpg"}],
                        }
                    }
                ]
            }
        },
    }
    path = written(tmp_path, document)
    draft = read_draft(read_document(path), Album(tmp_path))
    thing = draft.content.trace_request.items[0].object
    (part,) = draft.parts
    assert SECRET not in part
    assert thing.photograph[0].sha256 == thing.mark[0].photograph_sha256 == hashlib.sha256(part).digest()
    assert thing.photograph[0].original_sha256 == hashlib.sha256(jpeg()).digest()
    assert (thing.photograph[0].media_type, thing.photograph[0].size) == ("image/jpeg", len(part))


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "a/../../b.png", ".hidden.png", ""])
def test_a_photograph_outside_the_folder_is_not_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError):
        Album(tmp_path).take(name)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"nope": 1}, "TraceRequest.nope"),
        ({"urgency": "SECRET"}, "TraceRequest.urgency"),
        (
            {"items": [{"object": {"mark": [{"role": "SECRET"}]}}]},
            "TraceRequest.items[0].object.mark[0].role",
        ),
        ({"guarantees_restrictions": "SECRET"}, "TraceRequest.guarantees_restrictions"),
        ({"items": [{"id": 5}]}, "items.id"),
    ],
)
def test_a_fault_in_the_json_is_told_by_its_place_and_never_by_its_value(document: Any, where: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_message(document, trace_pb2.TraceRequest, Album(Path()))
    assert refused.value.where == where
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1, "a": 2}', "nonsense", "[" * 100_000])
def test_a_file_that_is_not_one_json_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInputError):
        read_document(written(tmp_path, text))
    with pytest.raises(InvalidInputError):
        read_document(tmp_path / "missing.json")


def test_a_draft_is_told_from_a_message() -> None:
    assert is_draft({"content": {}})
    assert not is_draft({"items": []})
    draft = read_draft(
        {"to": ["xab"], "content": {"closure": {"code": "CLOSURE_CODE_ANSWERED"}}}, Album(Path())
    )
    assert isinstance(draft, desk_pb2.Draft)
    assert draft.content.closure.code == trace_pb2.CLOSURE_CODE_ANSWERED
    assert weapon_pb2.MARK_ROLE_MAKE

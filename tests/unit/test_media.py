"""Media types: by the content, and no program under any name."""

from __future__ import annotations

import io
import zipfile

import pytest

from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.media import JPEG, MEDIA_TYPES, MP4, PDF, PNG, TEXT, TIFF, X3P, MediaCheck, recognise


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "content of this entry " * 50)
    return file.getvalue()


SAMPLES = {
    JPEG: b"\xff\xd8\xff\xe0" + bytes(100) + b"\xff\xd9",
    PNG: b"\x89PNG\r\n\x1a\n" + bytes(100),
    TIFF: b"II*\0" + bytes(100),
    PDF: b"%PDF-1.7\n" + bytes(100),
    MP4: b"\0\0\0\x20ftypisom" + bytes(100),
    X3P: zipped("main.xml", "bindata/data.bin", "md5checksum.hex"),
    TEXT: "A register, Кириллица too.\n\tLine two\r\n".encode() * 20,
}
PROGRAMS = [
    b"MZ\x90\0",
    b"\x7fELF\x02\x01",
    b"#!/bin/sh\n",
    b"\xca\xfe\xba\xbe\0\0",
    b"\xcf\xfa\xed\xfe",
    b"\0asm\1",
]


def judge(media_type: str, content: bytes, step: int = 1000) -> None:
    check = MediaCheck(media_type)
    for start in range(0, len(content), step):
        check.update(content[start : start + step])
    check.finish()


def refusal_of(media_type: str, content: bytes, step: int = 1000) -> str:
    with pytest.raises(InvalidInputError) as refusal:
        judge(media_type, content, step)
    return refusal.value.reason


def test_there_is_a_sample_of_each() -> None:
    assert SAMPLES.keys() == set(MEDIA_TYPES)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_content_of_its_type_is_taken_in_any_pieces(media_type: str, step: int) -> None:
    assert recognise(SAMPLES[media_type][:16]) == media_type
    judge(media_type, SAMPLES[media_type], step)


@pytest.mark.parametrize("claimed", MEDIA_TYPES)
@pytest.mark.parametrize("real", MEDIA_TYPES)
def test_a_content_of_another_type_is_refused(claimed: str, real: str) -> None:
    if claimed != real:
        assert refusal_of(claimed, SAMPLES[real]) == "other-media-type"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program[:4].hex())
@pytest.mark.parametrize("claimed", MEDIA_TYPES)
def test_a_program_is_refused_under_any_name(program: bytes, claimed: str) -> None:
    assert refusal_of(claimed, program + bytes(40)) == "program"
    assert refusal_of(claimed, program, step=1) == "program"


@pytest.mark.parametrize("name", ["application/zip", "text/html", "application/x-msdownload", ""])
def test_a_type_that_is_not_in_the_list_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        MediaCheck(name)
    assert refusal.value.reason == "media-type"


@pytest.mark.parametrize(
    "names", [("word/document.xml",), ("other-main.xml",), ("main.xml.exe",), ("sub/main.xml",)]
)
def test_a_zip_without_main_xml_is_no_x3p(names: tuple[str, ...]) -> None:
    assert refusal_of(X3P, zipped(*names)) == "other-media-type"


def test_the_words_main_xml_in_a_content_make_no_x3p() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme", "PK\x01\x02 main.xml main.xml")
    assert refusal_of(X3P, file.getvalue()) == "other-media-type"


@pytest.mark.parametrize("text", [b"a\0b", b"\x1b[31m", b"\xff\xfe", b"cut in the middle \xd0", b"\x9b31m"])
def test_what_a_terminal_would_obey_or_nobody_can_read_is_no_text(text: bytes) -> None:
    assert refusal_of(TEXT, b"a long enough beginning " + text) == "other-media-type"


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_beginning_alone_is_not_enough(media_type: str) -> None:
    if media_type != TEXT:
        assert refusal_of(media_type, SAMPLES[media_type][:2]) == "other-media-type"

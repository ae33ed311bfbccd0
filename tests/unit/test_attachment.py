"""Attachments: what was sealed opens whole, from any chunk on, and nothing else opens."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors.attachment import generate

from tracepost.protocol.attachment import (
    CHUNK_BYTES,
    MAX_CONTENT_BYTES,
    AttachmentOpener,
    AttachmentSealer,
    chunk_of,
    content_offset,
    sealed_offset,
    sealed_size,
)
from tracepost.protocol.envelope import MAX_ATTACHMENT_BYTES
from tracepost.protocol.errors import InvalidInputError, LimitError, SealingError, TracepostError

KEY = bytes(range(32))


def load(group: str) -> list[Any]:
    cases = json.loads((generate.HERE / "attachments.json").read_text(encoding="utf-8"))[group]
    return [pytest.param(case, id=str(case.get("name", case["size"])).replace(" ", "-")) for case in cases]


def seal(content: bytes, steps: list[int], key: bytes = KEY) -> bytes:
    sealer = AttachmentSealer(key, len(content))
    return b"".join([*(sealer.update(some) for some in cut(content, steps)), sealer.finish()])


def open_(sealed: bytes, size: int, steps: list[int], key: bytes = KEY) -> bytes:
    opener = AttachmentOpener(key, size)
    content = b"".join(opener.update(some) for some in cut(sealed, steps))
    opener.finish()
    return content


def cut(data: bytes, steps: list[int]) -> Iterator[bytes]:
    at, number = 0, 0
    while at < len(data):
        step = steps[number % len(steps)]
        yield data[at : at + step]
        at, number = at + step, number + 1


class TestVectors:
    def test_they_are_what_the_generator_makes(self) -> None:
        assert generate.write_vectors() == (generate.HERE / "attachments.json").read_text(encoding="utf-8")

    @pytest.mark.parametrize("case", load("accepted"))
    def test_accepted(self, case: dict[str, Any]) -> None:
        content, key = generate.noise(case["seed"], case["size"]), generate.key_of(case["seed"])
        assert hashlib.sha256(content).hexdigest() == case["content_sha256"]
        sealed = seal(content, [40_000], key)
        assert hashlib.sha256(sealed).hexdigest() == case["address"]
        assert open_(sealed, case["size"], [50_000], key) == content

    @pytest.mark.parametrize("case", load("refused"))
    def test_refused(self, case: dict[str, Any]) -> None:
        key, size, sealed = generate.spoil(case)
        for step in (10_000, 1 << 20):
            with pytest.raises(SealingError) as refusal:
                open_(sealed, size, [step], key)
            assert refusal.value.reason == case["reason"]

    def test_sizes(self) -> None:
        document = json.loads((generate.HERE / "attachments.json").read_text(encoding="utf-8"))
        assert {size: sealed_size(size) for size, _ in document["sizes"]} == dict(document["sizes"])


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 4 * CHUNK_BYTES),
    out_steps=st.lists(st.integers(1000, 200_000), min_size=1, max_size=4),
    in_steps=st.lists(st.integers(1000, 200_000), min_size=1, max_size=4),
)
def test_what_is_sealed_in_any_pieces_opens_in_any_pieces(
    size: int, out_steps: list[int], in_steps: list[int]
) -> None:
    content = os.urandom(size)
    sealed = seal(content, out_steps)
    assert len(sealed) == sealed_size(size)
    assert open_(sealed, size, in_steps) == content


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 5 * CHUNK_BYTES), data=st.data())
def test_sealing_and_opening_go_on_at_any_chunk(size: int, data: st.DataObject) -> None:
    content = os.urandom(size)
    sealed = seal(content, [CHUNK_BYTES])
    chunk = data.draw(st.integers(0, chunk_of(size - 1)))
    sealer = AttachmentSealer(KEY, size, first_chunk=chunk)
    rest = sealer.update(content[content_offset(chunk) :]) + sealer.finish()
    assert sealed[sealed_offset(chunk) :] == rest
    opener = AttachmentOpener(KEY, size, first_chunk=chunk)
    assert opener.update(rest) == content[content_offset(chunk) :]
    opener.finish()


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 3 * CHUNK_BYTES), data=st.data())
def test_a_stream_that_is_spoilt_anywhere_gives_nothing_but_the_beginning(
    size: int, data: st.DataObject
) -> None:
    content = os.urandom(size)
    sealed = bytearray(seal(content, [CHUNK_BYTES]))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    opener, came = AttachmentOpener(KEY, size), b""
    with pytest.raises(SealingError):  # noqa: PT012 - what came before the refusal is what is looked at
        for some in cut(bytes(sealed), [30_000]):
            came += opener.update(some)
    assert content.startswith(came)
    assert len(came) <= content_offset(place // (CHUNK_BYTES + 16)) or size <= len(came)


@given(st.integers(1, MAX_CONTENT_BYTES - 1))
def test_sizes_rise_and_waste_little(size: int) -> None:
    assert sealed_size(size) <= sealed_size(size + 1) <= MAX_ATTACHMENT_BYTES
    assert sealed_size(size) <= max(CHUNK_BYTES + 16, size * 1.13 + 100)


def test_the_largest_is_the_largest_that_a_relay_takes() -> None:
    assert sealed_size(MAX_CONTENT_BYTES) == MAX_ATTACHMENT_BYTES


def test_sizes_of_one_class_cannot_be_told_apart() -> None:
    assert len({sealed_size(size) for size in range(299_700_000, 299_700_010)}) == 1


@pytest.mark.parametrize(
    ("size", "kind"), [(0, InvalidInputError), (-1, InvalidInputError), (MAX_CONTENT_BYTES + 1, LimitError)]
)
def test_no_attachment_has_this_size(size: int, kind: type[TracepostError]) -> None:
    for make in (AttachmentSealer, AttachmentOpener):
        with pytest.raises(kind):
            make(KEY, size)


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        AttachmentSealer(KEY[:31], 5)
    assert refusal.value.reason == "attachment-key"


@pytest.mark.parametrize("content", [b"1234", b"123456"])
def test_a_file_that_changes_while_it_is_sealed_is_refused(content: bytes) -> None:
    sealer = AttachmentSealer(KEY, 5)
    with pytest.raises(InvalidInputError) as refusal:
        _ = sealer.update(content) + sealer.finish()
    assert refusal.value.reason == "file-changed"

"""Makes the golden vectors of attachments: python tests/vectors/attachment/generate.py

The content of a case of `size` bytes is the first `size` bytes of SHAKE-256 over its `seed` (UTF-8), its
key the first 32 of SHAKE-256 over the seed and "/key". `address` is the SHA-256 of the ciphertext, which
is too long to stand here. A refused case says what is done to that ciphertext, or to what is known of it,
before it is opened, and the reason of the refusal; the steps of `done` are, in their order:

    ["flip", at]              the lowest bit of byte `at` is turned
    ["cut", length]           the first `length` bytes are left
    ["take", [[from, to], …]] these ranges of bytes, one after the other
    ["add", hex]              these bytes follow
    ["size", size]            the statement names this size
    ["key", seed]             the key is that of another seed
    ["seal", [[last, hex, zeros, hex], …]]  instead: these chunks, sealed in this order; `last` is the flag of
                              the nonce, the chunk is bytes, so many zeros, bytes

Sizes are in bytes, of the content. `sizes` has pairs of a content's size and that of its ciphertext.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tracepost.protocol.attachment import CHUNK_BYTES, AttachmentSealer, sealed_size

HERE = Path(__file__).resolve().parent
CHUNK = CHUNK_BYTES + 16
TWO = 100_000  # content of a case with two chunks
SIZES = (1, 65528, 65529, 100_000, 1_000_000, 314_572_800, 2_147_483_647, 2_147_483_648)

Case = dict[str, Any]


def noise(name: str, length: int) -> bytes:
    """Return the bytes that a seed stands for."""
    return hashlib.shake_256(name.encode()).digest(length)


def key_of(seed: str) -> bytes:
    """Return the key of a seed."""
    return noise(f"{seed}/key", 32)


def seal(seed: str, size: int) -> bytes:
    """Return the ciphertext of a case."""
    sealer = AttachmentSealer(key_of(seed), size)
    return sealer.update(noise(seed, size)) + sealer.finish()


def write_vectors() -> str:
    """Return the file's text."""
    document = {
        "about": "attachments: proto/README.md, chapter 5; generate.py says how to read this",
        "sizes": [[size, sealed_size(size)] for size in SIZES],
        "accepted": [_accepted(f"accepted {size}", size) for size in (1, 65527, 65528, 65529, TWO, 300_000)],
        "refused": list(_refused()),
    }
    return json.dumps(document, indent=1) + "\n"


def _accepted(seed: str, size: int) -> Case:
    sealed = seal(seed, size)
    return {
        "seed": seed,
        "size": size,
        "content_sha256": hashlib.sha256(noise(seed, size)).hexdigest(),
        "address": hashlib.sha256(sealed).hexdigest(),
    }


def _refused() -> Iterator[Case]:
    whole = len(seal("refused", TWO))

    def case(name: str, reason: str, *done: list[Any]) -> Case:
        return {"name": name, "seed": "refused", "size": TWO, "done": list(done), "reason": reason}

    yield case("a bit of the first chunk is turned", "broken-chunk", ["flip", 20])
    yield case("a bit of the last tag is turned", "broken-chunk", ["flip", whole - 1])
    yield case("the chunks change places", "broken-chunk", ["take", [[CHUNK, whole], [0, CHUNK]]])
    yield case(
        "the first chunk comes twice", "broken-chunk", ["take", [[0, CHUNK], [0, CHUNK], [CHUNK, whole]]]
    )
    yield case("another key", "broken-chunk", ["key", "another"])
    yield case("nothing comes", "cut-short", ["cut", 0])
    yield case("it ends in the first chunk", "cut-short", ["cut", CHUNK - 1])
    yield case("it ends between the chunks", "cut-short", ["cut", CHUNK])
    yield case("a byte is missing at the end", "cut-short", ["cut", whole - 1])
    yield case("a byte follows", "too-long", ["add", "00"])
    yield case("a chunk follows", "too-long", ["take", [[0, whole], [0, CHUNK]]])
    # Of the same class: only the size inside tells.
    yield case("another size of the same class is named", "other-size", ["size", TWO - 1])
    yield case("a size of one chunk is named", "broken-chunk", ["size", 60_000])
    yield case("a size of more chunks is named", "other-size", ["size", 200_000])
    begins, padded = ((5).to_bytes(8) + b"12345").hex(), CHUNK_BYTES - 8 - 5
    yield {
        "name": "something is hidden behind the content",
        "seed": "refused",
        "size": 5,
        "done": [["seal", [[True, begins, padded - 1, b"!".hex()]]]],
        "reason": "padding",
    }
    yield {
        "name": "the last chunk is empty",
        "seed": "refused",
        "size": 5,
        "done": [["seal", [[False, begins, padded, ""], [True, "", 0, ""]]]],
        "reason": "broken-chunk",
    }


def spoil(case: Case) -> tuple[bytes, int, bytes]:
    """Return key, named size and ciphertext of a refused case, as its `done` says."""
    key, size = key_of(case["seed"]), case["size"]
    sealed = seal(case["seed"], size)
    for verb, what in case["done"]:
        if verb == "flip":
            sealed = sealed[:what] + bytes([sealed[what] ^ 1]) + sealed[what + 1 :]
        elif verb == "cut":
            sealed = sealed[:what]
        elif verb == "take":
            sealed = b"".join(sealed[start:end] for start, end in what)
        elif verb == "add":
            sealed += bytes.fromhex(what)
        elif verb == "size":
            size = what
        elif verb == "key":
            key = key_of(what)
        elif verb == "seal":
            sealed = b"".join(_seal_chunk(key, number, chunk) for number, chunk in enumerate(what))
    return key, size, sealed


def _seal_chunk(key: bytes, number: int, chunk: tuple[bool, str, int, str]) -> bytes:
    last, begins, zeros, ends = chunk
    cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"tracepost/v1/attachment").derive(key))
    plain = bytes.fromhex(begins) + bytes(zeros) + bytes.fromhex(ends)
    return cipher.encrypt(number.to_bytes(11) + bytes([last]), plain, None)


if __name__ == "__main__":
    (HERE / "attachments.json").write_text(write_vectors(), encoding="utf-8")

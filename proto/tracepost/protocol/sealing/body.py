"""The body: compartments, each encrypted under its own key, padded to a size class (steps 8 to 11)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from isal import isal_zlib

from tracepost.protocol.envelope import SIZE_CLASSES_KIB, SUITE
from tracepost.protocol.errors import SealingError
from tracepost.protocol.sealing.keys import SECRET_LENGTH, Random, length_prefixed
from tracepost.protocol.sealing.refusal import refuse
from tracepost.protocol.statement.encoding import decode_each, encode_each
from tracepost.wire.v1 import envelope_pb2

MAX_COMPARTMENTS: Final = 16
INFLATE_LIMIT: Final = 32 * 1024 * 1024
"""Bytes that the compartments of one message may inflate to, together."""
MAX_JWS: Final = 4 * 1024 * 1024
MAX_DISCLOSURES: Final = 16384
MAX_PARTS: Final = 1200
MAX_PART: Final = 204_800

ZERO_NONCE: Final = bytes(12)
"""For keys that are used once."""

_RAW_DEFLATE: Final = -15
_SEGMENTS_LIMIT: Final = 3
_AAD: Final = tuple(length_prefixed(SUITE.encode(), index.to_bytes(4)) for index in range(MAX_COMPARTMENTS))


@dataclass(frozen=True, slots=True)
class CompartmentKey:
    """Where compartment `index` lies in the body (bytes) and the key that opens it."""

    index: int
    key: bytes = field(repr=False)
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class SealedBody:
    """Encrypted compartments, padded to a size class, and their keys by index."""

    body: bytes = field(repr=False)
    keys: tuple[CompartmentKey, ...]
    size_class_kib: int
    sha256: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Compartment:
    """What one reader set may read.

    `jws` is the statement without disclosures and stands in the first compartment
    only; `parts` are photographs, named by digest in a disclosed field.
    """

    jws: str | None = field(default=None, repr=False)
    disclosures: tuple[str, ...] = field(default=(), repr=False)
    parts: tuple[bytes, ...] = field(default=(), repr=False)


def pack_compartment(compartment: Compartment, *, as_bytes: bool = False) -> bytes:
    """Return the plaintext of `compartment` for `seal_body`; raise `SealingError` over a limit.

    `as_bytes`: for an addressee that opens bytes, texts stand as what they are base64url of. Deflate finds a
    fifth more in them: digests are base64url within base64url otherwise.
    """
    _check_limits(compartment)
    texts: dict[str, Any] = {"jws": compartment.jws, "disclosures": compartment.disclosures}
    wire = envelope_pb2.Compartment(parts=compartment.parts, **((as_bytes and _decode(compartment)) or texts))
    return wire.SerializeToString(deterministic=True)


def unpack_compartment(plaintext: bytes) -> Compartment:
    """Return the compartment that `plaintext` holds (step 11); raise `SealingError`."""
    wire = envelope_pb2.Compartment()
    try:
        wire.ParseFromString(plaintext)
    except DecodeError:
        raise refuse(11, "not-a-compartment") from None
    _check_counts(wire)
    jws = wire.jws if wire.HasField("jws") else None
    disclosures = tuple(wire.disclosures)
    if wire.jws_segments or wire.disclosure_bytes:
        if jws is not None or disclosures:
            raise refuse(11, "not-a-compartment")
        jws = ".".join(encode_each(wire.jws_segments)) if wire.jws_segments else None
        disclosures = tuple(encode_each(wire.disclosure_bytes))
    compartment = Compartment(jws, disclosures, tuple(wire.parts))
    _check_limits(compartment)
    return compartment


def seal_body(compartments: Sequence[bytes], random: Random) -> SealedBody:
    """Return the body that holds `compartments`, each under a fresh key.

    Raises:
        SealingError: there are none, more than sixteen, or more than fits the
            largest size class.

    """
    if not 1 <= len(compartments) <= MAX_COMPARTMENTS:
        raise SealingError("a body has one to sixteen compartments", where="body", reason="bad-compartments")
    secrets = random(SECRET_LENGTH * len(compartments))
    keys, pieces, offset = [], [], 0
    for index, plaintext in enumerate(compartments):
        key = secrets[SECRET_LENGTH * index : SECRET_LENGTH * (index + 1)]
        ciphertext = _encrypt(index, key, plaintext)
        keys.append(CompartmentKey(index, key, offset, len(ciphertext)))
        pieces.append(ciphertext)
        offset += len(ciphertext)
    size_class_kib = _size_class(offset)
    body = b"".join([*pieces, random(size_class_kib * 1024 - offset)])
    return SealedBody(body, tuple(keys), size_class_kib, hashlib.sha256(body).digest())


def open_compartment(body: bytes, key: CompartmentKey, limit: int = INFLATE_LIMIT) -> bytes:
    """Return the plaintext of one compartment, at most `limit` bytes (steps 8 to 10).

    Raises:
        SealingError: a step refuses.

    """
    end = key.offset + key.length
    if end > len(body):
        raise refuse(8, "beyond-the-body", key.index)
    try:
        deflated = AESGCM(key.key).decrypt(ZERO_NONCE, memoryview(body)[key.offset : end], _AAD[key.index])
    except InvalidTag:
        raise refuse(9, "compartment-does-not-open", key.index) from None
    return _inflate(deflated, key.index, limit)


def open_compartments(body: bytes, keys: Iterable[CompartmentKey]) -> dict[int, bytes]:
    """Return the plaintexts of several compartments by index; the limit holds for all together."""
    plaintexts: dict[int, bytes] = {}
    left = INFLATE_LIMIT
    for key in keys:
        plaintexts[key.index] = open_compartment(body, key, left)
        left -= len(plaintexts[key.index])
    return plaintexts


def _decode(compartment: Compartment) -> dict[str, Any]:
    """Return the fields of a compartment whose texts stand as bytes; none, if a text is not strict base64url."""
    try:
        segments = compartment.jws.split(".") if compartment.jws is not None else []
        return {
            "jws_segments": decode_each(segments, _not_strict),
            "disclosure_bytes": decode_each(compartment.disclosures, _not_strict),
        }
    except SealingError:
        return {}


def _not_strict(reason: str, words: str) -> SealingError:
    return SealingError(words, reason=reason)


def _encrypt(index: int, key: bytes, plaintext: bytes) -> bytes:
    return AESGCM(key).encrypt(ZERO_NONCE, _deflate(plaintext), _AAD[index])


def _deflate(plaintext: bytes) -> bytes:
    """Deflate what is ours: in a third of zlib's time, measured. What others deflated is left to zlib."""
    return isal_zlib.compress(plaintext, isal_zlib.ISAL_BEST_COMPRESSION, _RAW_DEFLATE)


def _size_class(length: int) -> int:
    for kib in SIZE_CLASSES_KIB:
        if length <= kib * 1024:
            return kib
    raise SealingError("the body is larger than the largest size class", where="body", reason="too-large")


def _inflate(deflated: bytes, index: int, limit: int) -> bytes:
    """Step 10; stops at the first byte over the limit."""
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        plaintext = stream.decompress(deflated, limit + 1)
    except zlib.error:
        raise refuse(10, "not-deflated", index) from None
    if len(plaintext) > limit:
        raise refuse(10, "inflates-too-far", index)
    if not stream.eof:
        raise refuse(10, "cut-off", index)
    if stream.unused_data:
        raise refuse(10, "something-follows", index)
    return plaintext


def _check_counts(wire: envelope_pb2.Compartment) -> None:
    """Step 11, before anything is made of what came: 30 KB of a body can be sixteen million empty texts."""
    if max(len(wire.disclosures), len(wire.disclosure_bytes)) > MAX_DISCLOSURES:
        raise refuse(11, "too-many-disclosures")
    if len(wire.parts) > MAX_PARTS:
        raise refuse(11, "too-many-parts")
    if len(wire.jws_segments) > _SEGMENTS_LIMIT:
        raise refuse(11, "not-a-compartment")


def _check_limits(compartment: Compartment) -> None:
    """Step 11."""
    if len(compartment.jws or "") > MAX_JWS:
        raise refuse(11, "statement-too-large")
    if len(compartment.disclosures) > MAX_DISCLOSURES:
        raise refuse(11, "too-many-disclosures")
    if len(compartment.parts) > MAX_PARTS:
        raise refuse(11, "too-many-parts")
    if not all(1 <= len(part) <= MAX_PART for part in compartment.parts):
        raise refuse(11, "part-too-large")

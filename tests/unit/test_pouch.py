"""The file of a pouch: what is refused at which step, and that nothing else comes out of a damaged one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography import x509
from vectors.identity.generate import NODE, TIME, XAA, key_of
from vectors.pouch import generate

from tracepost.protocol.errors import LimitError, PouchError, VerificationError
from tracepost.protocol.ids import EnvelopeId, MemberId
from tracepost.protocol.pouch import (
    OPENING_BYTES,
    MailCheck,
    Pouch,
    beginning_length,
    read_beginning,
    read_frame,
    require_digest,
    require_ours,
    verify_pouch,
    write_beginning,
)
from tracepost.protocol.statement import KeySigner
from tracepost.wire.v1.post_pb2 import Frame

DOCUMENT = json.loads((generate.HERE / "pouches.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = DOCUMENT["cases"]
ROOT = x509.load_pem_x509_certificate(DOCUMENT["root"].encode())


@dataclass(frozen=True)
class Revoked:
    """Every certificate of xaa is, from a moment on."""

    at: int

    def is_revoked(self, _member: MemberId, _serial: int, at: int) -> bool:
        return at >= self.at


def file_of(case: dict[str, Any]) -> bytes:
    if "file" in case:
        data = bytearray(base64.b64decode(case["file"]))
    else:
        data = bytearray(file_of(next(one for one in CASES if one["name"] == case["of"])))
    for offset, some in case.get("patch", ()):
        new = bytes.fromhex(some)
        data[offset : offset + len(new)] = new
    return bytes(data[: len(data) - case.get("cut", 0)]) + bytes.fromhex(case.get("more", ""))


def read(
    data: bytes, *, us: str = "xab", now: int = TIME, revoked: Revoked | None = None
) -> tuple[Pouch, list[Frame], list[EnvelopeId]]:
    """Read a file as a node does."""
    beginning = data[: beginning_length(data[:OPENING_BYTES])]
    untrusted = read_beginning(beginning, len(data))
    pouch = verify_pouch(untrusted, [ROOT], domain=DOCUMENT["domain"], revoked=revoked, now=now)
    require_ours(pouch, MemberId(us))
    check = MailCheck(pouch.manifest)
    found: list[Frame] = []
    ids: list[EnvelopeId] = []
    for place in pouch.places:
        some = data[place.offset : place.offset + place.section.length]
        if place.is_frame:
            found.append(read_frame(place, some))
            ids += check.take(found[-1])
        else:
            require_digest(place, hashlib.sha256(some).digest())
    check.finish()
    return pouch, found, ids


def test_the_vectors_are_those_of_the_generator() -> None:
    assert generate.write_vectors() == (generate.HERE / "pouches.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_vector_has_its_verdict(case: dict[str, Any]) -> None:
    revoked = Revoked(case["revoked"]) if "revoked" in case else None
    if case["verdict"] == "accepted":
        pouch, _, ids = read(file_of(case), us=case["us"], now=case["now"], revoked=revoked)
        assert len(ids) == case["envelopes"]
        assert sum(not place.is_frame for place in pouch.places) == case.get("attachments", 0)
        return
    with pytest.raises(VerificationError) as refusal:
        read(file_of(case), us=case["us"], now=case["now"], revoked=revoked)
    assert refusal.value.code == case.get("error", "pouch")
    assert refusal.value.reason == case["reason"]
    assert refusal.value.where.replace(",", " ").split()[:2] == ["step", str(case["step"])]
    assert case.get("envelope", "") in refusal.value.where


def flipped(data: bytes) -> Sequence[tuple[int, bytes]]:
    """Return the sound file with one bit flipped in every seventh byte, and in each at the borders of its regions."""
    borders = {*range(16), *range(generate.BEGINNING - 66, generate.BEGINNING + 2), *range(-33, 0)}
    places = {place % len(data) for place in (*borders, *range(0, len(data), 7))}
    return [(at, data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]) for at in sorted(places)]


def test_no_bit_can_be_changed_anywhere() -> None:
    """Each is refused by an error of our own; parsing is never what stops it."""
    assert [at for at, data in flipped(generate.SOUND) if is_read(data)] == []


def is_read(data: bytes) -> bool:
    try:
        read(data)
    except VerificationError:
        return False
    return True


def test_no_cut_is_taken() -> None:
    for length in (*range(60), *range(60, len(generate.SOUND), 97)):
        with pytest.raises(PouchError):
            read(generate.SOUND[:length])


def test_what_is_written_is_what_is_read() -> None:
    """The second writer, in the vectors, knows nothing of this one."""
    signer = KeySigner(key_of(NODE.name), NODE.sign(XAA))
    whole = read_beginning(generate.SOUND[: generate.BEGINNING], len(generate.SOUND))
    written = write_beginning(whole.manifest, signer.sign)
    assert written[:-64] == generate.SOUND[: generate.BEGINNING - 64]
    pouch, found, _ = read(written + generate.SOUND[generate.BEGINNING :])
    assert (pouch.from_member, [len(one.envelopes) for one in found]) == ("xaa", [0, 2])


def test_a_list_beyond_the_limit_is_not_written() -> None:
    long = generate.manifest([])
    long.certificates.append(bytes(9 * 1024 * 1024))
    with pytest.raises(LimitError):
        write_beginning(long, lambda _: bytes(64))

"""Foreign software seals slots, bodies and wraps that we open, and opens what we seal.

The script is a second implementation: @hpke/core with X-Wing, Node's own AES-GCM, HMAC and
deflate, and the layout written down once more from the prose. What must be refused is in
tests/vectors/sealing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

import pytest
from vectors.sealing import generate

from tracepost.protocol.ids import DeskId, MemberId, decode_b64, encode_b64
from tracepost.protocol.sealing import (
    EpochBook,
    SealedStorageEpoch,
    generate_desk_key,
    open_compartments,
    open_slot,
    open_wrap,
    seal_body,
    seal_slots,
    unpack_compartment,
)

pytestmark = pytest.mark.foreign

RunScript = Callable[[str, Any], Any]
US, THEM = MemberId("xaa"), MemberId("un-panel-xad")
DIGEST = generate.DIGEST
LONG = b"0123456789abcdef" * 4096


def b64(text: str) -> bytes:
    return decode_b64(text, "answer")


def test_what_foreign_software_seals_we_open(run_script: RunScript) -> None:
    keys = [generate_desk_key() for _ in range(3)]
    contents = [generate.PLAINTEXTS, [b"", LONG], [b"%d" % n for n in range(16)]]
    request = [
        {
            "desk_key": encode_b64(key.public),
            "from": US,
            "to": THEM,
            "not_after": generate.NOW + n,
            "statement_digest": encode_b64(DIGEST),
            "plaintexts": [encode_b64(plaintext) for plaintext in plaintexts],
        }
        for n, (key, plaintexts) in enumerate(zip(keys, contents, strict=True))
    ]
    sealed = run_script("seal_epoch.mjs", {"seal": request})["seal"]
    for n, (key, plaintexts, answer) in enumerate(zip(keys, contents, sealed, strict=True)):
        body = b64(answer["body"])
        opened = open_slot(b64(answer["slot"]), key, US, THEM, hashlib.sha256(body).digest())
        assert (opened.statement_digest, opened.not_after) == (DIGEST, generate.NOW + n)
        assert list(open_compartments(body, opened.keys.values()).values()) == plaintexts


def test_what_we_seal_foreign_software_opens(run_script: RunScript) -> None:
    """From the 32-byte seed of the X-Wing draft, which gives both the same public key."""
    keys = [generate_desk_key() for _ in range(3)]
    entitled = [frozenset({0}), frozenset({0, 1, 2}), frozenset[int]()]
    body = seal_body([*generate.PLAINTEXTS[:2], LONG], os.urandom)
    desks = [(key.public, indexes) for key, indexes in zip(keys, entitled, strict=True)]
    slots = seal_slots(US, THEM, desks, body, DIGEST, epochs=EpochBook(), now=generate.NOW, random=os.urandom)
    request = [
        {
            "seed": encode_b64(key.seed()),
            "slot": encode_b64(slots[2040 * n : 2040 * (n + 1)]),
            "body": encode_b64(body.body),
            "from": US,
            "to": THEM,
        }
        for n, key in enumerate(keys)
    ]
    plaintexts = [*generate.PLAINTEXTS[:2], LONG]
    for key, indexes, answer in zip(
        keys, entitled, run_script("seal_epoch.mjs", {"open": request})["open"], strict=True
    ):
        assert b64(answer["public_key"]) == key.public
        assert b64(answer["statement_digest"]) == DIGEST
        assert {int(index): b64(text) for index, text in answer["plaintexts"].items()} == {
            index: plaintexts[index] for index in indexes
        }


def test_what_foreign_software_wraps_we_open(run_script: RunScript) -> None:
    key, epoch_id = generate_desk_key(), os.urandom(16)
    request = {
        "storage_key": encode_b64(key.public),
        "member": THEM,
        "desk": "poc",
        "epoch_id": encode_b64(epoch_id),
        "subject": encode_b64(generate.SUBJECT),
        "statement_digest": encode_b64(DIGEST),
        "keys": [[each.index, encode_b64(each.key), each.offset, each.length] for each in generate.BODY.keys],
    }
    (answer,) = run_script("seal_epoch.mjs", {"wrap": [request]})["wrap"]
    epoch = SealedStorageEpoch(THEM, DeskId("poc"), epoch_id, b64(answer["sealed_epoch"]))
    opened = open_wrap(b64(answer["wrap"]), epoch, key, generate.SUBJECT)
    assert tuple(opened.keys.values()) == generate.BODY.keys
    plaintexts = open_compartments(generate.BODY.body, opened.keys.values())
    assert unpack_compartment(plaintexts[0]).jws == "header.payload.signature"

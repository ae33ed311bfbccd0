"""Makes the golden vectors of sealing: python tests/vectors/sealing/generate.py

    slots.json          slots to be opened by a desk's key, steps 1 to 7
    compartments.json   compartments of a body, steps 8 to 11
    wraps.json          wraps at rest, steps 12, 13 and 4 to 7

Bytes are base64url without padding. Keys are 32-byte X-Wing seeds, fixed and worthless. The
vectors are open-only: HPKE draws its own randomness, so running this again gives other slots and
wraps with the same verdicts, and no test compares them. A refusal names its step and reason.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.protocol.envelope import SUITE
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, encode_b64
from tracepost.protocol.sealing import (
    Compartment,
    CompartmentKey,
    DeskPrivateKey,
    EpochBook,
    OpenSlot,
    Random,
    SealedStorageEpoch,
    StorageBook,
    open_slot,
    open_wrap,
    pack_compartment,
    seal_body,
    seal_slots,
    seal_to_key,
    seal_wrap,
)
from tracepost.protocol.sealing.keys import expand, length_prefixed
from tracepost.wire.v1 import envelope_pb2

HERE = Path(__file__).resolve().parent
NOW = 1_790_000_000
END = (NOW + 600).to_bytes(8)
US, THEM, OTHER = MemberId("xaa"), MemberId("xab"), MemberId("xac")
DIGEST = StatementDigest(hashlib.sha256(b"a statement").digest())
PLAINTEXTS = [
    pack_compartment(Compartment(jws="header.payload.signature", disclosures=("d1", "d2"))),
    pack_compartment(Compartment(disclosures=("d3",), parts=(b"a photograph",))),
    pack_compartment(Compartment(disclosures=("d4",))),
]

Case = dict[str, object]
Content = envelope_pb2.SlotContent


def noise(name: str, length: int = 32) -> bytes:
    """Return bytes that look random and are the same every time."""
    return hashlib.shake_256(name.encode()).digest(length)


def stream(name: str) -> Random:
    """Return a source of bytes that gives the same ones every time."""
    count = 0

    def draw(length: int) -> bytes:
        nonlocal count
        count += 1
        return noise(f"{name} {count}", length)

    return draw


NODE, POC, STRANGER = (DeskPrivateKey(noise(f"desk key of {name}")) for name in ("node", "poc", "a stranger"))
BODY = seal_body(PLAINTEXTS, stream("body"))
OTHER_BODY = seal_body(PLAINTEXTS, stream("another body"))


def flipped(data: bytes, position: int) -> bytes:
    """Return `data` with one bit changed."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


# ── slots ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SlotCase:
    """A slot and what the desk believes about it."""

    slot: bytes
    key: DeskPrivateKey = NODE
    from_member: str = US
    to_member: str = THEM
    body: bytes = BODY.body

    def write(self, name: str) -> Case:
        """Return the case as the vectors write it, without verdict."""
        return {
            "name": name,
            "slot": encode_b64(self.slot),
            "key": encode_b64(self.key.seed()),
            "from": self.from_member,
            "to": self.to_member,
            "body_sha256": encode_b64(hashlib.sha256(self.body).digest()),
        }


def slots_of(body: bytes, name: str) -> list[bytes]:
    """Return the slots of node (first compartment), poc (all) and a desk without rights."""
    sealed = replace(BODY, body=body, sha256=hashlib.sha256(body).digest())
    entitled = [
        (NODE.public, frozenset({0})),
        (POC.public, frozenset({0, 1, 2})),
        (STRANGER.public, frozenset[int]()),
    ]
    slots = seal_slots(US, THEM, entitled, sealed, DIGEST, epochs=EpochBook(), now=NOW, random=stream(name))
    return [slots[start : start + 2040] for start in range(0, len(slots), 2040)]


NODE_SLOT, POC_SLOT, EMPTY_SLOT = slots_of(BODY.body, "slots")


def forge_slot(
    padded: bytes,
    *,
    purpose: str = "epoch",
    sealed_to: DeskPrivateKey = NODE,
    named: DeskPrivateKey = NODE,
    ends: tuple[bytes, bytes] = (END, END),
    members: tuple[tuple[str, str], tuple[str, str]] = ((US, THEM), (US, THEM)),
) -> bytes:
    """Return a slot with any content, as somebody who writes his own software could seal it.

    `ends` and `members` are what the epoch is sealed with, then what is sent or derived.
    """
    secret, nonce = noise("a forged secret"), noise("a forged nonce", 16)
    from_member, to_member = (member.encode() for member in members[0])
    sealed = seal_to_key(sealed_to.public, purpose, (from_member, to_member, named.public, ends[0]), secret)
    from_member, to_member = (member.encode() for member in members[1])
    info = length_prefixed(b"tracepost/v1/slot", from_member, to_member, named.public, BODY.sha256, nonce)
    return ends[1] + sealed + nonce + AESGCM(expand(secret, info)).encrypt(bytes(12), padded, None)


def pad(content: bytes, length: int | None = None, filler: bytes = b"\x00") -> bytes:
    """Return `content` as it stands in a slot, with a wrong length or other filler if asked."""
    return ((len(content) if length is None else length).to_bytes(4) + content).ljust(832, filler)


def content_of(keys: Iterable[CompartmentKey], digest: bytes | None = DIGEST) -> bytes:
    """Return a serialized SlotContent with these keys in this order."""
    content = Content() if digest is None else Content(statement_digest=digest)
    for key in keys:
        content.compartments.add(index=key.index, key=key.key, offset=key.offset, length=key.length)
    return content.SerializeToString(deterministic=True)


def many_keys(count: int) -> list[CompartmentKey]:
    """Return keys of `count` compartments that stand one after another."""
    return [CompartmentKey(index, noise(f"key {index}"), 20 * index, 20) for index in range(count)]


def bad_contents() -> dict[str, tuple[int, str, bytes]]:
    """Return SlotContents that steps 4 to 7 refuse, by name, with step and reason."""
    good, one = content_of(BODY.keys), BODY.keys[0]
    missing_index = Content(statement_digest=DIGEST)
    missing_index.compartments.add(key=one.key, offset=0, length=20)
    last = 16 * 1024 * 1024
    return {
        "noise for a content": (4, "not-a-slot-content", noise("content", 100)),
        "an unknown field in the content": (4, "not-canonical", good + b"\x7a\x01x"),
        "a digest said twice": (4, "not-canonical", good + b"\x0a\x20" + bytes(32)),
        "nothing at all": (5, "names-no-statement", b""),
        "no statement digest": (5, "names-no-statement", content_of(BODY.keys, None)),
        "a statement digest of 31 bytes": (5, "names-no-statement", content_of(BODY.keys, DIGEST[:31])),
        "seventeen compartments": (6, "too-many-compartments", content_of(many_keys(17))),
        "compartment sixteen": (6, "bad-index", content_of([replace(one, index=16)])),
        "one compartment twice": (6, "bad-index", content_of([one, replace(BODY.keys[1], index=0)])),
        "falling indexes": (6, "bad-index", content_of(reversed(BODY.keys))),
        "a compartment without index": (6, "bad-index", missing_index.SerializeToString(deterministic=True)),
        "a key of 31 bytes": (6, "not-a-key", content_of([replace(one, key=bytes(31))])),
        "an offset beyond the largest body": (7, "in-no-body", content_of([replace(one, offset=last)])),
        "an end beyond the largest body": (
            7,
            "in-no-body",
            content_of([replace(one, offset=last - 19, length=20)]),
        ),
        "a compartment shorter than its tag": (7, "in-no-body", content_of([replace(one, length=15)])),
        "two compartments that overlap": (
            7,
            "compartments-overlap",
            content_of([one, replace(BODY.keys[1], offset=one.offset + one.length - 1)]),
        ),
        "two compartments in one place": (
            7,
            "compartments-overlap",
            content_of([one, replace(one, index=1)]),
        ),
    }


def write_opened(opened: OpenSlot) -> Case:
    """Return what a slot or wrap gives, as the vectors write it."""
    keys = [[key.index, encode_b64(key.key), key.offset, key.length] for key in opened.keys.values()]
    return {
        "statement_digest": encode_b64(opened.statement_digest),
        "keys": keys,
        "not_after": opened.not_after,
    }


def open_slot_case(name: str, case: SlotCase) -> Case:
    """Return a case of a slot that opens."""
    opened = open_slot(
        case.slot,
        case.key,
        MemberId(case.from_member),
        MemberId(case.to_member),
        hashlib.sha256(case.body).digest(),
    )
    return case.write(name) | {"verdict": "opened"} | write_opened(opened)


def refused(case: Case, step: int, reason: str) -> Case:
    """Return `case` with the verdict that `step` refuses it."""
    return case | {"verdict": "refused", "step": step, "reason": reason}


def sound_slots() -> list[Case]:
    """Return slots that open."""
    sixteen = content_of(many_keys(16))
    largest = [replace(key, offset=2**24 - 20 * (16 - key.index)) for key in many_keys(16)]
    return [
        open_slot_case("node reads the first compartment", SlotCase(NODE_SLOT)),
        open_slot_case("poc reads three compartments", SlotCase(POC_SLOT, POC)),
        open_slot_case(
            "a desk without rights has a real slot with nothing in it", SlotCase(EMPTY_SLOT, STRANGER)
        ),
        open_slot_case("sixteen compartments", SlotCase(forge_slot(pad(sixteen)))),
        open_slot_case(
            "sixteen compartments at the end of the largest body",
            SlotCase(forge_slot(pad(content_of(largest)))),
        ),
    ]


def epoch_refusals() -> list[Case]:
    """Return what steps 1 and 2 refuse."""
    good = pad(content_of(BODY.keys))
    late = (NOW + 601).to_bytes(8)
    cases = {
        "the key of another desk": SlotCase(NODE_SLOT, POC),
        "a forged from": SlotCase(NODE_SLOT, from_member=OTHER),
        "another to": SlotCase(NODE_SLOT, to_member=OTHER),
        "from and to exchanged": SlotCase(NODE_SLOT, from_member=THEM, to_member=US),
        "the boundary between from and to moved": SlotCase(NODE_SLOT, from_member="xaax", to_member="ab"),
        "a desk key substituted": SlotCase(forge_slot(good, sealed_to=STRANGER, named=STRANGER)),
        "sealed to us for another desk": SlotCase(forge_slot(good, named=STRANGER)),
        "an epoch of another sender": SlotCase(forge_slot(good, members=((OTHER, THEM), (US, THEM)))),
        "an epoch of another addressee": SlotCase(forge_slot(good, members=((US, OTHER), (US, THEM)))),
        "an epoch made longer": SlotCase(forge_slot(good, ends=(END, late))),
        "an epoch of another purpose": SlotCase(forge_slot(good, purpose="storage-epoch")),
        "a flipped bit in not_after": SlotCase(flipped(NODE_SLOT, 7)),
        "a flipped bit in the ML-KEM ciphertext": SlotCase(flipped(NODE_SLOT, 8)),
        "a flipped bit in the X25519 share": SlotCase(flipped(NODE_SLOT, 8 + 1088)),
        "a flipped bit in the sealed secret": SlotCase(flipped(NODE_SLOT, 8 + 1120)),
        "a flipped bit in the tag of the secret": SlotCase(flipped(NODE_SLOT, 8 + 1167)),
        "an X25519 share of zeros": SlotCase(NODE_SLOT[:1096] + bytes(32) + NODE_SLOT[1128:]),
        "noise for a slot": SlotCase(noise("slot", 2040)),
        "zeros for a slot": SlotCase(bytes(2040)),
    }
    lengths = {
        "an empty slot": b"",
        "a truncated slot": NODE_SLOT[:-1],
        "a byte after the slot": NODE_SLOT + b"x",
    }
    return [
        *[refused(SlotCase(slot).write(name), 1, "wrong-length") for name, slot in lengths.items()],
        *[refused(case.write(name), 2, "epoch-does-not-open") for name, case in cases.items()],
    ]


def content_refusals() -> list[Case]:
    """Return what steps 3 to 7 refuse."""
    good = content_of(BODY.keys)
    stripped = BODY.body[BODY.keys[0].length :] + bytes(BODY.keys[0].length)
    cases = {
        "a slot moved to another envelope": SlotCase(NODE_SLOT, body=OTHER_BODY.body),
        "a body from which a compartment was stripped": SlotCase(NODE_SLOT, body=stripped),
        "a flipped bit in the padding of the body": SlotCase(NODE_SLOT, body=flipped(BODY.body, 4095)),
        "a flipped bit in r": SlotCase(flipped(NODE_SLOT, 1176)),
        "a flipped bit in the content": SlotCase(flipped(NODE_SLOT, 1192)),
        "a flipped bit in the tag of the content": SlotCase(flipped(NODE_SLOT, 2039)),
        "the content of another slot of the epoch": SlotCase(NODE_SLOT[:1192] + POC_SLOT[1192:]),
        "an epoch for us, a content derived for another": SlotCase(
            forge_slot(pad(good), members=((US, THEM), (US, OTHER)))
        ),
    }
    paddings = {
        "a length beyond the slot": pad(good, 829),
        "the largest length": pad(good, 2**32 - 1),
        "a length that cuts the content": pad(good, len(good) - 1),
        "something in the padding": pad(good, filler=b"\x01"),
    }
    return [
        *[refused(case.write(name), 3, "content-does-not-open") for name, case in cases.items()],
        *[
            refused(SlotCase(forge_slot(padded)).write(name), 4, "bad-padding")
            for name, padded in paddings.items()
        ],
        *[
            refused(SlotCase(forge_slot(pad(content))).write(name), step, reason)
            for name, (step, reason, content) in bad_contents().items()
        ],
    ]


# ── compartments ─────────────────────────────────────────────────────────────────────


def write_compartment(name: str, body: bytes, key: CompartmentKey) -> Case:
    """Return a compartment as the vectors write it, without verdict."""
    return {
        "name": name,
        "body": encode_b64(body),
        "key": [key.index, encode_b64(key.key), key.offset, key.length],
    }


def forge_compartment(name: str, deflated: bytes, step: int, reason: str) -> Case:
    """Return a refused compartment that opens and holds `deflated`."""
    key = noise("a forged compartment key")
    aad = length_prefixed(SUITE.encode(), (0).to_bytes(4))
    body = AESGCM(key).encrypt(bytes(12), deflated, aad)
    return refused(write_compartment(name, body, CompartmentKey(0, key, 0, len(body))), step, reason)


def deflate(plaintext: bytes) -> bytes:
    """Return `plaintext` as small as raw deflate makes it."""
    return zlib.compress(plaintext, 9, -15)


def sound_compartments() -> list[Case]:
    """Return compartments that open."""
    return [
        write_compartment(f"compartment {key.index} of three", BODY.body, key)
        | {"verdict": "opened", "plaintext": encode_b64(plaintext)}
        for key, plaintext in zip(BODY.keys, PLAINTEXTS, strict=True)
    ]


def place_refusals() -> list[Case]:
    """Return what steps 8 and 9 refuse."""
    body, (one, two, _) = BODY.body, BODY.keys
    beyond = {
        "an offset beyond the body": (body, replace(one, offset=4096)),
        "an end beyond the body": (body, replace(one, length=4097)),
        "a body that was cut short": (body[: one.length - 1], one),
        "no body": (b"", one),
    }
    closed = {
        "a flipped bit at the start": (flipped(body, one.offset), one),
        "a flipped bit in the tag": (flipped(body, one.offset + one.length - 1), one),
        "another key": (body, replace(one, key=two.key)),
        "one compartment in the place of another": (body, replace(one, index=1)),
        "a compartment a byte too short": (body, replace(one, length=one.length - 1)),
        "a compartment a byte too long": (body, replace(one, length=one.length + 1)),
        "a compartment a byte further on": (body, replace(one, offset=1)),
        "a compartment of another body": (OTHER_BODY.body, one),
    }
    return [
        *[refused(write_compartment(name, *case), 8, "beyond-the-body") for name, case in beyond.items()],
        *[
            refused(write_compartment(name, *case), 9, "compartment-does-not-open")
            for name, case in closed.items()
        ],
    ]


def inflate_refusals() -> list[Case]:
    """Return what steps 10 and 11 refuse."""
    good = deflate(PLAINTEXTS[0])
    wire = envelope_pb2.Compartment
    over = {
        "a statement over 4 MiB": ("statement-too-large", wire(jws="a" * (4 * 1024 * 1024 + 1))),
        "16,385 disclosures": ("too-many-disclosures", wire(disclosures=["d"] * 16385)),
        "1,201 photographs": ("too-many-parts", wire(parts=[b"p"] * 1201)),
        "a photograph over 200 KB": ("part-too-large", wire(parts=[bytes(204_801)])),
        "an empty photograph": ("part-too-large", wire(parts=[b""])),
    }
    return [
        forge_compartment("an inflate bomb", deflate(bytes(32 * 1024 * 1024 + 1)), 10, "inflates-too-far"),
        forge_compartment("noise for deflate", b"\xff" + noise("deflate", 50), 10, "not-deflated"),
        forge_compartment("nothing to inflate", b"", 10, "cut-off"),
        forge_compartment("a deflate stream cut off", good[:-1], 10, "cut-off"),
        forge_compartment("a byte after the deflate stream", good + b"x", 10, "something-follows"),
        forge_compartment("two deflate streams", good + good, 10, "something-follows"),
        forge_compartment(
            "noise for a compartment", deflate(noise("compartment", 50)), 11, "not-a-compartment"
        ),
        forge_compartment(
            "a disclosure that is not UTF-8", deflate(b"\x12\x01\xff"), 11, "not-a-compartment"
        ),
        *[
            forge_compartment(name, deflate(message.SerializeToString()), 11, reason)
            for name, (reason, message) in over.items()
        ],
    ]


# ── wraps ────────────────────────────────────────────────────────────────────────────

DESK = DeskId("poc")
SUBJECT = hashlib.sha256(b"an envelope id").digest()
STORAGE = DeskPrivateKey(noise("storage key of poc"))
_BOOK = StorageBook()
EPOCH = _BOOK.for_desk(THEM, DESK, STORAGE.public, NOW, stream("storage epoch"))
WRAP = seal_wrap(EPOCH, SUBJECT, DIGEST, BODY.keys[:2], stream("wrap"))


@dataclass(frozen=True)
class WrapCase:
    """A wrap, its epoch, and what the desk believes about them."""

    wrap: bytes = WRAP
    epoch: SealedStorageEpoch = EPOCH.stored
    key: DeskPrivateKey = STORAGE
    subject: bytes = SUBJECT

    def write(self, name: str) -> Case:
        """Return the case as the vectors write it, without verdict."""
        return {
            "name": name,
            "wrap": encode_b64(self.wrap),
            "member": self.epoch.member,
            "desk": self.epoch.desk,
            "epoch_id": encode_b64(self.epoch.id),
            "sealed_epoch": encode_b64(self.epoch.sealed),
            "key": encode_b64(self.key.seed()),
            "subject": encode_b64(self.subject),
        }


def forge_wrap(content: bytes) -> bytes:
    """Return a wrap that opens and holds `content`."""
    nonce = noise("a forged wrap", 16)
    info = length_prefixed(b"tracepost/v1/storage", DESK.encode(), SUBJECT, nonce)
    return nonce + AESGCM(expand(EPOCH.secret, info)).encrypt(bytes(12), content, None)


def wrap_cases() -> list[Case]:
    """Return wraps that open and wraps that steps 12, 13 and 4 to 7 refuse."""
    stored = EPOCH.stored
    epochs: Mapping[str, WrapCase] = {
        "the storage key of another desk": WrapCase(key=POC),
        "the epoch of another member": WrapCase(epoch=replace(stored, member=US)),
        "the epoch of another desk": WrapCase(epoch=replace(stored, desk=DeskId("lab"))),
        "an epoch under another id": WrapCase(epoch=replace(stored, id=bytes(16))),
        "a flipped bit in the sealed epoch": WrapCase(
            epoch=replace(stored, sealed=flipped(stored.sealed, 1130))
        ),
        "a truncated sealed epoch": WrapCase(epoch=replace(stored, sealed=stored.sealed[:-1])),
        "an epoch sealed for mail": WrapCase(epoch=replace(stored, sealed=POC_SLOT[8:1176]), key=POC),
    }
    wraps: Mapping[str, WrapCase] = {
        "the wrap of another envelope": WrapCase(subject=bytes(32)),
        "a flipped bit in r": WrapCase(flipped(WRAP, 0)),
        "a flipped bit in the content": WrapCase(flipped(WRAP, 16)),
        "a flipped bit in the tag": WrapCase(flipped(WRAP, len(WRAP) - 1)),
        "a truncated wrap": WrapCase(WRAP[:-1]),
        "a wrap shorter than its parts": WrapCase(WRAP[:20]),
        "no wrap": WrapCase(b""),
    }
    opened = open_wrap(WRAP, stored, STORAGE, SUBJECT)
    return [
        WrapCase().write("two compartments for poc") | {"verdict": "opened"} | write_opened(opened),
        *[refused(case.write(name), 12, "epoch-does-not-open") for name, case in epochs.items()],
        *[refused(case.write(name), 13, "wrap-does-not-open") for name, case in wraps.items()],
        *[
            refused(WrapCase(forge_wrap(content)).write(name), step, reason)
            for name, (step, reason, content) in bad_contents().items()
        ],
    ]


FILES: dict[str, Callable[[], list[Case]]] = {
    "slots.json": lambda: [*sound_slots(), *epoch_refusals(), *content_refusals()],
    "compartments.json": lambda: [*sound_compartments(), *place_refusals(), *inflate_refusals()],
    "wraps.json": wrap_cases,
}

if __name__ == "__main__":
    for file_name, cases in FILES.items():
        vectors = {"about": (__doc__ or "").strip(), "suite": SUITE, "cases": cases()}
        (HERE / file_name).write_text(
            json.dumps(vectors, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )

"""Makes the golden vectors of the envelope: python tests/vectors/envelope/generate.py

    envelope.json   envelopes with their verdict: the id, or the step that refuses and why

Bytes are base64url without padding; `{"zeros": n}` stands for n zero bytes. A case gives the parts
in which its envelope differs from `sound`. `now` is in unix seconds, null for an envelope from an
archive. Running it twice gives the same file; a test compares it with what stands here. Slots and
bodies are noise: nothing here is opened.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from google.protobuf.message import Message

from tracepost.protocol.envelope import (
    CLOCK_SKEW_S,
    DELIVERY_HORIZON_S,
    MAX_ATTACHMENTS,
    MAX_BODY,
    SIZE_CLASSES_KIB,
    Address,
    Lane,
    Road,
    build_envelope,
)
from tracepost.protocol.ids import MemberId, encode_b64
from tracepost.wire.v1 import envelope_pb2

HERE = Path(__file__).resolve().parent
NOW = 1_790_000_000
ADDRESS = Address(
    from_member=MemberId("xaa"),
    to_member=MemberId("un-panel-xad"),
    deliver_by=NOW + 30 * 86400,
    lane=Lane.ROUTINE,
    road=Road("relay-one", 1, 42),
    exercise=False,
)

NOT_REQUIRED = {"suite", "attachments"}  # without a suite there is no layout

Parts = dict[str, bytes]
Case = dict[str, object]


def noise(name: str, length: int) -> bytes:
    """Return `length` bytes that look random and are the same every time."""
    return hashlib.shake_256(name.encode()).digest(length)


SLOTS = noise("slots", 3 * 2040)
BODY = noise("body", 4096)
PROOF = noise("proof", 300)


def sound(address: Address = ADDRESS, slots: bytes = SLOTS, body: bytes = BODY) -> Parts:
    """Return the parts of a whole envelope."""
    header, _ = build_envelope(address, slots, body)
    return {"header": header, "slots": slots, "body": body, "proof": PROOF}


def rewritten(change: Callable[[envelope_pb2.Header], object]) -> Parts:
    """Return a whole envelope whose header was changed and written again."""
    parts = sound()
    header = envelope_pb2.Header.FromString(parts["header"])
    change(header)
    return parts | {"header": header.SerializeToString(deterministic=True)}


def with_header(**fields: str | int | bytes) -> Parts:
    """Return a whole envelope whose header has these values."""
    return rewritten(lambda header: set_fields(header, fields))


def with_road(**fields: str | int) -> Parts:
    """Return a whole envelope whose road has these values."""
    return rewritten(lambda header: set_fields(header.road, fields))


def set_fields(message: Message, fields: Mapping[str, object]) -> None:
    """Give `message` these values."""
    for name, value in fields.items():
        setattr(message, name, value)


def without(name: str, *, of_road: bool = False) -> Parts:
    """Return a whole envelope whose header or road lacks a field."""
    return rewritten(lambda header: (header.road if of_road else header).ClearField(name))


def rebound(slots: bytes = SLOTS, body: bytes = BODY, size_class_kib: int = 4) -> Parts:
    """Return an envelope whose header names these slots and this body, right or wrong."""
    digests = {"slots_sha256": hashlib.sha256(slots).digest(), "body_sha256": hashlib.sha256(body).digest()}
    return with_header(**digests, size_class_kib=size_class_kib) | {"slots": slots, "body": body}


def flipped(data: bytes, position: int) -> bytes:
    """Return `data` with one bit changed."""
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def encode_part(data: bytes) -> object:
    """Return a part as the vectors write it."""
    return encode_b64(data) if any(data) or not data else {"zeros": len(data)}


def encode_parts(parts: Parts) -> dict[str, object]:
    """Return the parts that are not those of the sound envelope, as the vectors write them."""
    return {name: encode_part(data) for name, data in parts.items() if data != sound()[name]}


def accepted(name: str, parts: Parts, now: int | None = NOW) -> Case:
    """Return a case that a receiver takes."""
    return {
        "name": name,
        "now": now,
        "parts": encode_parts(parts),
        "verdict": "accepted",
        "id": encode_b64(hashlib.sha256(parts["header"]).digest()),
    }


def refused(name: str, step: int, reason: str, parts: Parts, now: int | None = NOW) -> Case:
    """Return a case that `step` refuses."""
    return {
        "name": name,
        "now": now,
        "parts": encode_parts(parts),
        "verdict": "refused",
        "step": step,
        "reason": reason,
    }


def sound_cases() -> list[Case]:
    """Return what a receiver takes."""
    direct = dataclasses.replace(ADDRESS, road=Road("direct", 1, 1), lane=Lane.URGENT, exercise=True)
    edge = dataclasses.replace(ADDRESS, deliver_by=NOW + DELIVERY_HORIZON_S + CLOCK_SKEW_S)
    last = dataclasses.replace(ADDRESS, road=Road("direct", 2**32 - 1, 2**53 - 1))
    return [
        accepted("three slots and the smallest body", sound()),
        accepted("urgent, an exercise, on the direct road", sound(direct)),
        accepted("one slot", sound(slots=SLOTS[:2040])),
        accepted("nine slots", sound(slots=noise("nine", 9 * 2040))),
        accepted("the largest body", sound(body=bytes(MAX_BODY))),
        accepted("a size class in the middle", sound(body=bytes(12 * 1024))),
        accepted("the largest numbers of a road", sound(last)),
        accepted("deliver_by at the horizon, with the clock's allowance", sound(edge)),
        accepted("late mail is still a true envelope", sound(), now=NOW + 40 * 86400),
        accepted("from an archive the horizon has no meaning", sound(edge), now=None),
        accepted("an attachment is named", with_attachments(attachments(1))),
        accepted("as many attachments as may be", with_attachments(attachments(MAX_ATTACHMENTS))),
    ]


def part_cases() -> list[Case]:
    """Return what step 1 refuses."""
    return [
        refused("no header", 1, "part-missing-or-short", sound() | {"header": b""}),
        refused("no slots", 1, "part-missing-or-short", sound() | {"slots": b""}),
        refused("no body", 1, "part-missing-or-short", sound() | {"body": b""}),
        refused("no proof", 1, "part-missing-or-short", sound() | {"proof": b""}),
        refused("a header over 4,096 bytes", 1, "part-too-large", sound() | {"header": bytes(4097)}),
        refused("ten slots", 1, "part-too-large", sound() | {"slots": bytes(10 * 2040)}),
        refused("a body over 16 MiB", 1, "part-too-large", sound() | {"body": bytes(MAX_BODY + 1)}),
        refused("a proof over 16 KiB", 1, "part-too-large", sound() | {"proof": bytes(16385)}),
    ]


def header_cases() -> list[Case]:
    """Return what steps 2 and 3 refuse."""
    header = sound()["header"]
    header_fields = [n for n in envelope_pb2.Header.DESCRIPTOR.fields_by_name if n not in NOT_REQUIRED]
    road_fields = envelope_pb2.Road.DESCRIPTOR.fields_by_name
    another_layout = with_header(suite="tp2-unknown")["header"] + b"\x62\x01x"
    return [
        refused("a truncated header", 2, "not-a-header", sound() | {"header": header[:-1]}),
        refused("noise for a header", 2, "not-a-header", sound() | {"header": noise("header", 200)}),
        refused("another suite", 2, "unknown-suite", with_header(suite="tp2-unknown")),
        refused(
            "another suite with a layout of its own", 2, "unknown-suite", sound() | {"header": another_layout}
        ),
        refused("an empty suite", 2, "unknown-suite", with_header(suite="")),
        refused("no suite", 2, "unknown-suite", without("suite")),
        refused("an unknown field", 3, "not-canonical", sound() | {"header": header + b"\x62\x01x"}),
        refused("a field said twice", 3, "not-canonical", sound() | {"header": header + b"\x38\x01"}),
        refused("fields out of order", 3, "not-canonical", sound() | {"header": header[28:] + header[:28]}),
        refused("an unknown field in the road", 3, "not-canonical", rewritten(hide_in_road)),
        refused("a digest of 31 bytes", 3, "not-a-digest", with_header(body_sha256=bytes(31))),
        *[refused(f"no {name}", 3, "field-missing", without(name)) for name in header_fields],
        *[
            refused(f"no {name} of the road", 3, "field-missing", without(name, of_road=True))
            for name in road_fields
        ],
    ]


def attachment_cases() -> list[Case]:
    """Return what step 3 refuses of the attachments that a header names."""
    two = attachments(2)
    return [
        refused("an attachment of 31 bytes", 3, "not-a-digest", with_attachments([bytes(31)])),
        refused("attachments out of order", 3, "attachments-out-of-order", with_attachments(two[::-1])),
        refused("an attachment named twice", 3, "attachments-out-of-order", with_attachments(two[:1] * 2)),
        refused(
            "one attachment too many",
            3,
            "too-many-attachments",
            with_attachments(attachments(MAX_ATTACHMENTS + 1)),
        ),
    ]


def attachments(count: int) -> list[bytes]:
    """Return `count` addresses in ascending order."""
    return sorted(noise(f"attachment {number}", 32) for number in range(count))


def with_attachments(addresses: Sequence[bytes]) -> Parts:
    """Return a whole envelope whose header names these attachments."""
    return rewritten(lambda header: header.attachments.extend(addresses))


def hide_in_road(header: envelope_pb2.Header) -> None:
    """Put a field that the schema does not know into the road."""
    header.road.MergeFromString(b"\x7a\x06hidden")


def meaning_cases() -> list[Case]:
    """Return what steps 4 to 6 refuse in the header alone."""
    return [
        refused("a sender in capitals", 4, "not-a-member-id", with_header(from_member="XAA")),
        refused("no addressee", 4, "not-a-member-id", with_header(to_member="")),
        refused("mail to oneself", 4, "to-itself", with_header(to_member="xaa")),
        refused("lane zero", 5, "unknown-lane", with_header(lane=0)),
        refused("lane seven", 5, "unknown-lane", with_header(lane=7)),
        refused("no way", 5, "not-a-member-id", with_road(via="a way")),
        refused("epoch zero", 5, "number-out-of-range", with_road(epoch=0)),
        refused("number zero", 5, "number-out-of-range", with_road(seq=0)),
        refused("deliver_by zero", 5, "number-out-of-range", with_header(deliver_by=0)),
        refused("size class 5", 6, "unknown-size-class", with_header(size_class_kib=5)),
        refused("size class 0", 6, "unknown-size-class", with_header(size_class_kib=0)),
    ]


def binding_cases() -> list[Case]:
    """Return what steps 6 to 10 refuse between header, slots, body and time."""
    far = dataclasses.replace(ADDRESS, deliver_by=NOW + DELIVERY_HORIZON_S + CLOCK_SKEW_S + 1)
    first, second, third = SLOTS[:2040], SLOTS[2040:4080], SLOTS[4080:]
    moved = noise("slot of another envelope", 2040)
    exchanged = {
        "a flipped bit in the first slot": flipped(SLOTS, 0),
        "a flipped bit in the last slot": flipped(SLOTS, 6119),
        "the slots of another envelope": noise("slots of another envelope", 6120),
        "one slot of another envelope": moved + second + third,
        "two slots exchanged": second + first + third,
        "a slot taken away": second + third,
        "a slot added": SLOTS + moved,
    }
    changed = {
        "a flipped bit in the body": flipped(BODY, 0),
        "a flipped bit in the padding": flipped(BODY, 4095),
        "a stripped compartment": BODY[512:] + bytes(512),
    }
    return [
        refused("a wrong size class", 6, "wrong-size-class", rebound(size_class_kib=8)),
        refused("a truncated body", 6, "wrong-size-class", rebound(body=bytes(8191), size_class_kib=8)),
        refused("a body between two classes", 6, "wrong-size-class", rebound(body=BODY + b"x")),
        refused("a truncated slot", 7, "broken-slots", rebound(slots=SLOTS[:-1])),
        refused("a byte after the last slot", 7, "broken-slots", rebound(slots=SLOTS + b"x")),
        *[refused(name, 8, "other-slots", sound() | {"slots": slots}) for name, slots in exchanged.items()],
        *[refused(name, 9, "other-body", sound() | {"body": body}) for name, body in changed.items()],
        refused("deliver_by a second too far", 10, "deliver-by-too-far", sound(far)),
    ]


def all_vectors() -> dict[str, object]:
    """Return the content of envelope.json."""
    return {
        "about": (__doc__ or "").strip(),
        "size_classes_kib": list(SIZE_CLASSES_KIB),
        "sound": {name: encode_b64(data) for name, data in sound().items()},
        "cases": [
            *sound_cases(),
            *part_cases(),
            *header_cases(),
            *attachment_cases(),
            *meaning_cases(),
            *binding_cases(),
        ],
    }


def write_vectors() -> str:
    """Return the text of envelope.json."""
    return json.dumps(all_vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "envelope.json").write_text(write_vectors(), encoding="utf-8")

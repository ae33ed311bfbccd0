"""What a slot or a wrap holds: the statement it is about and the keys of compartments (steps 4 to 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from tracepost.protocol.envelope import MAX_BODY
from tracepost.protocol.ids import StatementDigest
from tracepost.protocol.sealing.body import MAX_COMPARTMENTS, CompartmentKey
from tracepost.protocol.sealing.keys import SECRET_LENGTH
from tracepost.protocol.sealing.refusal import refuse
from tracepost.wire.v1 import envelope_pb2

_SHORTEST_CIPHERTEXT: Final = 16


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """What a slot or wrap gives its desk: the statement, and keys by compartment index.

    `not_after` (unix seconds) is when the sender's epoch ended; None for a wrap.
    """

    statement_digest: StatementDigest
    keys: Mapping[int, CompartmentKey]
    not_after: int | None = None


def encode_content(statement_digest: StatementDigest, keys: Iterable[CompartmentKey]) -> bytes:
    """Return the serialized SlotContent with `keys` in the order of their index."""
    compartments = [
        envelope_pb2.CompartmentKey(index=each.index, key=each.key, offset=each.offset, length=each.length)
        for each in sorted(keys, key=lambda each: each.index)
    ]
    content = envelope_pb2.SlotContent(statement_digest=statement_digest, compartments=compartments)
    return content.SerializeToString(deterministic=True)


def decode_content(data: bytes, not_after: int | None) -> OpenSlot:
    """Return what `data` gives; raise `SealingError` of steps 4 to 7."""
    wire = envelope_pb2.SlotContent()
    try:
        wire.ParseFromString(data)
    except DecodeError:
        raise refuse(4, "not-a-slot-content") from None
    wire.DiscardUnknownFields()
    if wire.SerializeToString(deterministic=True) != data:
        raise refuse(4, "not-canonical")
    if len(wire.statement_digest) != 32:
        raise refuse(5, "names-no-statement")
    keys = _read_keys(wire.compartments)
    _check_places(keys)
    return OpenSlot(StatementDigest(wire.statement_digest), {key.index: key for key in keys}, not_after)


def _read_keys(compartments: Sequence[envelope_pb2.CompartmentKey]) -> list[CompartmentKey]:
    """Step 6."""
    if len(compartments) > MAX_COMPARTMENTS:
        raise refuse(6, "too-many-compartments")
    keys, last = [], -1
    for each in compartments:
        key = CompartmentKey(each.index, each.key, each.offset, each.length)
        if not each.HasField("index") or not last < key.index < MAX_COMPARTMENTS:
            raise refuse(6, "bad-index")
        if len(key.key) != SECRET_LENGTH:
            raise refuse(6, "not-a-key", key.index)
        keys.append(key)
        last = key.index
    return keys


def _check_places(keys: Iterable[CompartmentKey]) -> None:
    """Step 7."""
    end = 0
    for key in sorted(keys, key=lambda each: each.offset):
        if key.length < _SHORTEST_CIPHERTEXT or key.offset + key.length > MAX_BODY:
            raise refuse(7, "in-no-body", key.index)
        if key.offset < end:
            raise refuse(7, "compartments-overlap", key.index)
        end = key.offset + key.length

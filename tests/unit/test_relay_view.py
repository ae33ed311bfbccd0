"""What a relay learns (proto/README.md, chapter 13): nothing that depends on kind, content or readers."""

from __future__ import annotations

import dataclasses
import json
import os

import pytest
from google.protobuf.message import Message

from fakes.casefiles import NOW, World
from tracepost.protocol.envelope import Address, CheckedEnvelope, Lane, Road, build_envelope, parse_envelope
from tracepost.protocol.evidence import sent_on
from tracepost.protocol.ids import MemberId
from tracepost.protocol.sealing import (
    Compartment,
    DeskPublicKey,
    EpochBook,
    generate_desk_key,
    pack_compartment,
    seal_body,
    seal_slots,
)
from tracepost.protocol.statement import Statement
from tracepost.wire.v1.envelope_pb2 import Envelope, LogProof
from tracepost.wire.v1.trace_pb2 import Acknowledgement, Refusal, TraceRequest
from tracepost.wire.v1.weapon_pb2 import Item, Object

XAA, XAB = MemberId("xaa"), MemberId("xab")
EPOCH_LENGTH = 8 + 1168

Entitled = tuple[frozenset[int], ...]
NOBODY_BUT_NODE: Entitled = (frozenset({0}), frozenset(), frozenset())
ALL_DESKS: Entitled = (frozenset({0}), frozenset({0, 1}), frozenset({0, 1, 2}))

REQUEST = TraceRequest(file_number="T-1", items=[Item(id="1", object=Object(make="Zastava", model="M70"))])


class Sender:
    """Seals and logs as a node does, always at the same second, road and number."""

    def __init__(self) -> None:
        self._world = World("xaa", "xab", relays=("relay",))
        self._epochs = EpochBook()
        self._desks: list[DeskPublicKey] = [generate_desk_key().public for _ in range(3)]

    def sign(self, message: Message) -> Statement:
        return self._world.sign("xaa", ["xab"], message)

    def send(self, statement: Statement, entitled: Entitled) -> CheckedEnvelope:
        spine = Compartment(statement.jws, tuple(one.encoded for one in statement.disclosures))
        count = max(max(indexes, default=0) for indexes in entitled)
        others = [Compartment(disclosures=("A" * 40,))] * count
        body = seal_body([pack_compartment(one) for one in (spine, *others)], os.urandom)
        slots = seal_slots(
            XAA,
            XAB,
            list(zip(self._desks, entitled, strict=True)),
            body,
            statement.digest,
            epochs=self._epochs,
            now=NOW,
            random=os.urandom,
        )
        address = Address(XAA, XAB, NOW + 86400, Lane.ROUTINE, Road("relay", 1, 1), exercise=False)
        header, envelope = build_envelope(address, slots, body.body)
        proof = self._world.prove("xaa", sent_on(address, envelope, statement.digest, NOW))
        return parse_envelope(Envelope(header=header, slots=slots, body=body.body, proof=proof), now=NOW)


@pytest.fixture(scope="module")
def pair() -> tuple[CheckedEnvelope, CheckedEnvelope]:
    sender = Sender()
    asked, answered = sender.sign(REQUEST), sender.sign(Acknowledgement(file_number="B-9"))
    return sender.send(asked, ALL_DESKS), sender.send(answered, NOBODY_BUT_NODE)


def test_headers_differ_in_digests_only(pair: tuple[CheckedEnvelope, CheckedEnvelope]) -> None:
    one, other = (
        dataclasses.replace(envelope.header, slots_sha256=b"", body_sha256=b"") for envelope in pair
    )
    assert one == other
    assert len(pair[0].header_bytes) == len(pair[1].header_bytes)


def test_bodies_differ_in_random_looking_bytes_only(pair: tuple[CheckedEnvelope, CheckedEnvelope]) -> None:
    one, other = (envelope.body for envelope in pair)
    assert len(one) == len(other) == 4096
    assert _looks_random(one, other)


def test_slots_have_one_epoch_and_say_nothing_of_rights(
    pair: tuple[CheckedEnvelope, CheckedEnvelope],
) -> None:
    assert pair[0].slot_count == pair[1].slot_count == 3
    for number in range(3):
        one, other = (envelope.slot(number) for envelope in pair)
        assert len(one) == len(other)
        assert one[:EPOCH_LENGTH] == other[:EPOCH_LENGTH]
        assert _looks_random(one[EPOCH_LENGTH:], other[EPOCH_LENGTH:])


def test_proofs_differ_in_ids_commitments_salts_and_places_only(
    pair: tuple[CheckedEnvelope, CheckedEnvelope],
) -> None:
    one, other = (LogProof.FromString(envelope.proof) for envelope in pair)
    assert len(one.salt) == len(other.salt)
    said, otherwise = (json.loads(proof.preimage) for proof in (one, other))
    differing = [name for name in said if said[name] != otherwise[name]]
    assert (list(said), differing) == (list(otherwise), ["id", "statement"])
    assert len(one.preimage) == len(other.preimage)


def test_one_statement_sent_twice_is_not_seen_to_be_one() -> None:
    sender = Sender()
    statement = sender.sign(Refusal(file_number="B-9"))
    one, other = (sender.send(statement, NOBODY_BUT_NODE) for _ in range(2))
    assert one.id != other.id
    proofs = [json.loads(LogProof.FromString(envelope.proof).preimage) for envelope in (one, other)]
    assert proofs[0]["statement"] != proofs[1]["statement"]
    assert _looks_random(one.body, other.body)


def _looks_random(one: bytes, other: bytes) -> bool:
    """Say whether no 8 bytes stand at the same place in both, nor 16 equal ones in a row."""
    places = range(min(len(one), len(other)) - 8)
    return not any(one[at : at + 8] == other[at : at + 8] for at in places) and not any(
        one[at : at + 16] == one[at : at + 1] * 16 for at in range(len(one) - 16)
    )

"""The envelope: whole or refused, and blind to what it carries."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.envelope import generate

from tracepost.protocol import envelope
from tracepost.protocol.envelope import (
    SIZE_CLASSES_KIB,
    SLOT_LENGTHS,
    SUITE,
    Address,
    Lane,
    Road,
    build_envelope,
    common_suite,
    envelope_id,
    parse_envelope,
    parse_header,
)
from tracepost.protocol.errors import EnvelopeError, TracepostError
from tracepost.protocol.ids import MemberId, decode_b64
from tracepost.wire.v1 import envelope_pb2

VECTORS: dict[str, Any] = json.loads((generate.HERE / "envelope.json").read_text(encoding="utf-8"))
NOW = generate.NOW


def read_part(value: str | dict[str, int]) -> bytes:
    return bytes(value["zeros"]) if isinstance(value, dict) else decode_b64(value, "part")


def read_wire(case: dict[str, Any]) -> envelope_pb2.Envelope:
    parts = {name: read_part(value) for name, value in (VECTORS["sound"] | case["parts"]).items()}
    return envelope_pb2.Envelope(**parts)


def sound_wire() -> envelope_pb2.Envelope:
    return envelope_pb2.Envelope(**generate.sound())


def flip(data: bytes, position: int, bit: int = 0) -> bytes:
    return data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :]


class TestVectors:
    def test_the_generator_gives_what_stands_in_the_file(self) -> None:
        assert generate.write_vectors() == (generate.HERE / "envelope.json").read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        "case", [pytest.param(case, id=case["name"].replace(" ", "-")) for case in VECTORS["cases"]]
    )
    def test_the_verdict_is_as_the_vector_says(self, case: dict[str, Any]) -> None:
        if case["verdict"] == "accepted":
            checked = parse_envelope(read_wire(case), now=case["now"])
            assert checked.id == decode_b64(case["id"], "id")
            return
        with pytest.raises(EnvelopeError) as caught:
            parse_envelope(read_wire(case), now=case["now"])
        assert (caught.value.where.split()[:2], caught.value.reason) == (
            ["step", str(case["step"])],
            case["reason"],
        )

    def test_every_step_has_a_vector_that_it_refuses(self) -> None:
        assert {case["step"] for case in VECTORS["cases"] if "step" in case} == set(range(1, 11))


class TestParsing:
    def test_the_parts_are_kept_as_received(self) -> None:
        wire = sound_wire()
        checked = parse_envelope(wire, now=NOW)
        assert checked.to_wire() == wire
        assert checked.id == hashlib.sha256(wire.header).digest() == envelope_id(wire.header)

    def test_slots_are_cut_at_their_fixed_length(self) -> None:
        checked = parse_envelope(sound_wire(), now=NOW)
        length = SLOT_LENGTHS[SUITE]
        assert checked.slot_count == 3
        assert [checked.slot(index) for index in range(3)] == [
            checked.slots[index * length : (index + 1) * length] for index in range(3)
        ]

    @pytest.mark.parametrize("index", [-1, 3])
    def test_a_slot_that_is_not_there_is_refused(self, index: int) -> None:
        with pytest.raises(EnvelopeError):
            parse_envelope(sound_wire(), now=NOW).slot(index)

    def test_late_is_after_deliver_by(self) -> None:
        checked = parse_envelope(sound_wire(), now=NOW)
        deliver_by = checked.header.address.deliver_by
        assert not checked.is_late(deliver_by)
        assert checked.is_late(deliver_by + 1)

    def test_the_header_alone_can_be_read(self) -> None:
        header = parse_header(generate.sound()["header"])
        assert header.address == generate.ADDRESS
        assert (header.from_member, header.to_member, header.size_class_kib) == ("xaa", "un-panel-xad", 4)

    def test_attachments_are_kept_though_nobody_makes_them_yet(self) -> None:
        addresses = generate.attachments(2)
        wire = envelope_pb2.Envelope(**generate.with_attachments(addresses))
        checked = parse_envelope(wire, now=NOW)
        assert checked.header.attachments == tuple(addresses)
        assert checked.to_wire() == wire
        assert parse_header(generate.sound()["header"]).attachments == ()

    def test_a_field_more_in_the_schema_is_no_field_more_in_the_layout(self) -> None:
        """What a header must have is written down, not read from a schema that grows."""
        known = set(envelope_pb2.Header.DESCRIPTOR.fields_by_name)
        assert known - {"attachments"} == set(envelope._REQUIRED)
        assert set(envelope_pb2.Road.DESCRIPTOR.fields_by_name) == set(envelope._REQUIRED_OF_ROAD)

    def test_a_header_over_its_limit_is_refused_before_it_is_parsed(self) -> None:
        with pytest.raises(EnvelopeError) as caught:
            parse_header(bytes(4097))
        assert caught.value.reason == "part-too-large"

    def test_every_flipped_bit_of_the_header_is_refused_or_is_another_envelope(self) -> None:
        wire = sound_wire()
        own = envelope_id(wire.header)
        for position in range(len(wire.header)):
            for bit in range(8):
                changed = envelope_pb2.Envelope(**generate.sound())
                changed.header = flip(wire.header, position, bit)
                try:
                    assert parse_envelope(changed, now=NOW).id != own
                except EnvelopeError:
                    continue

    @pytest.mark.parametrize("part", ["slots", "body"])
    def test_every_flipped_byte_of_slots_and_body_is_refused(self, part: str) -> None:
        data = generate.sound()[part]
        for position in range(0, len(data), 7):
            wire = envelope_pb2.Envelope(**generate.sound() | {part: flip(data, position)})
            with pytest.raises(EnvelopeError, match="step"):
                parse_envelope(wire, now=NOW)


class TestBuilding:
    @pytest.mark.parametrize("kib", SIZE_CLASSES_KIB)
    def test_what_is_built_is_accepted_in_every_size_class(self, kib: int) -> None:
        header, envelope = build_envelope(generate.ADDRESS, generate.SLOTS, bytes(kib * 1024))
        assert envelope_id(header) == envelope
        assert parse_header(header).size_class_kib == kib

    @pytest.mark.parametrize(
        ("change", "step"),
        [
            ({"suite": "tp0"}, 2),
            ({"to_member": "xaa"}, 4),
            ({"from_member": "Nobody"}, 4),
            ({"road": Road("direct", 0, 1)}, 5),
            ({"road": Road("direct", 1, 1 << 53)}, 5),
            ({"road": Road("", 1, 1)}, 5),
            ({"deliver_by": 0}, 5),
        ],
    )
    def test_no_envelope_is_built_that_a_receiver_would_refuse(
        self, change: dict[str, Any], step: int
    ) -> None:
        address = dataclasses.replace(generate.ADDRESS, **change)
        with pytest.raises(EnvelopeError, match=f"step {step}"):
            build_envelope(address, generate.SLOTS, generate.BODY)

    @pytest.mark.parametrize(
        ("slots", "body", "step"),
        [(0, 4096, 7), (2041, 4096, 7), (20400, 4096, 7), (2040, 4097, 6), (2040, 5120, 6)],
    )
    def test_broken_parts_are_not_put_together(self, slots: int, body: int, step: int) -> None:
        with pytest.raises(EnvelopeError, match=f"step {step}"):
            build_envelope(generate.ADDRESS, bytes(slots), bytes(body))

    def test_nothing_in_clear_depends_on_what_is_inside(self) -> None:
        """Two envelopes of one size class differ in the digests of slots and body only."""
        one, two = (
            parse_header(build_envelope(generate.ADDRESS, bytes([n]) * 4080, bytes([n]) * 4096)[0])
            for n in (1, 2)
        )
        assert (one.slots_sha256, one.body_sha256) != (two.slots_sha256, two.body_sha256)
        assert (one.address, one.size_class_kib) == (two.address, two.size_class_kib)

    def test_contents_are_not_printed(self) -> None:
        checked = parse_envelope(sound_wire(), now=NOW)
        assert "body" not in repr(checked)
        assert len(repr(checked)) < 500


class TestSuites:
    def test_the_suite_is_one_that_all_have_named(self) -> None:
        assert common_suite() == common_suite([SUITE], ["tp2", SUITE]) == SUITE
        assert common_suite([SUITE], ["tp2"]) is None
        assert common_suite([]) is None


LABELS = st.from_regex(r"[a-z][a-z0-9]{0,10}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
ADDRESSES = st.builds(
    Address,
    from_member=LABELS.map(lambda label: MemberId(f"s-{label}")),
    to_member=LABELS.map(lambda label: MemberId(f"un-{label}")),
    deliver_by=st.integers(1, 2**53 - 1),
    lane=st.sampled_from(Lane),
    road=st.builds(Road, LABELS, st.integers(1, 2**32 - 1), st.integers(1, 2**53 - 1)),
    exercise=st.booleans(),
)


class TestFuzz:
    @given(ADDRESSES)
    def test_what_is_built_reads_back(self, address: Address) -> None:
        header, _ = build_envelope(address, generate.SLOTS, generate.BODY)
        assert parse_header(header).address == address

    @given(st.binary(max_size=300), st.data())
    def test_nothing_but_our_errors_comes_out_of_a_header(self, noise: bytes, data: st.DataObject) -> None:
        """And what is accepted has exactly one encoding, hence one id."""
        sound = generate.sound()["header"]
        cut = data.draw(st.integers(0, len(sound)))
        for candidate in (noise, sound[:cut] + noise, noise + sound[cut:], sound[:cut] + noise + sound[cut:]):
            try:
                header = parse_header(candidate)
            except TracepostError:
                continue
            wire = envelope_pb2.Header.FromString(candidate)
            assert wire.SerializeToString(deterministic=True) == candidate
            assert header.address.lane in Lane

    @given(st.binary(max_size=400))
    def test_nothing_but_our_errors_comes_out_of_a_whole(self, noise: bytes) -> None:
        for part in ("header", "slots", "body", "proof"):
            try:
                parse_envelope(envelope_pb2.Envelope(**generate.sound() | {part: noise}), now=NOW)
            except EnvelopeError:
                continue


def test_the_envelope_needs_no_module_that_could_open_it() -> None:
    """A relay imports this module; sealing, statement and schema must not come with it."""
    program = (
        "import sys; import tracepost.protocol.envelope;"
        "print([n for n in sys.modules if n.startswith('tracepost.protocol.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[2] for name in json.loads(done.stdout.replace("'", '"'))}
    assert loaded == {"envelope", "errors", "ids"}

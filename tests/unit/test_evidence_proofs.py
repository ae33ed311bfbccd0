"""Entries and log proofs, and the golden vectors of the evidence log."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.evidence import generate

from tracepost.protocol.envelope import Address, Lane, Road
from tracepost.protocol.errors import EvidenceError, InvalidInputError
from tracepost.protocol.evidence import (
    BlockHashes,
    CrlPublished,
    Custody,
    Entry,
    Frontier,
    ListedKey,
    LogVerifier,
    Opened,
    Prover,
    Received,
    approvals_digest,
    custody_on,
    encode_entry,
    generate_log_key,
    is_clear,
    is_on,
    leaf_hash,
    make_proof,
    parse_entry,
    parse_origin,
    prepare_line,
    receipt_commitment,
    received_on,
    sent_on,
    verify_consistency,
    verify_inclusion,
    verify_proof,
)
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, decode_b64

ID = EnvelopeId(bytes(range(32)))
XAA, XAB = MemberId("xaa"), MemberId("xab")
ADDRESS = Address(XAA, XAB, 9, Lane.ROUTINE, Road("relay", 1, 2), exercise=False)
SENT = sent_on(ADDRESS, ID, StatementDigest(bytes(32)), 1)


def load(name: str) -> Any:
    return json.loads((generate.HERE / name).read_text(encoding="utf-8"))


def check(case: dict[str, Any], act: Callable[[], object]) -> None:
    """Run one vector and compare the outcome with its verdict."""
    if case["verdict"] == "accepted":
        act()
        return
    with pytest.raises(EvidenceError) as refusal:
        act()
    assert (refusal.value.where, refusal.value.reason) == (case["where"], case["reason"])


def by_name(case: dict[str, Any]) -> str:
    return str(case["name"])


def listed(key: str | dict[str, Any]) -> ListedKey:
    if isinstance(key, str):
        return ListedKey(key)
    root = base64.b64decode(key.get("final_root", ""))
    return ListedKey(key["key"], key.get("from_size", 0), key.get("until_size"), root)


class TestVectors:
    """The files say what every implementation must say."""

    def test_they_are_what_the_generator_makes(self) -> None:
        for name, text in generate.make_files().items():
            assert (generate.HERE / name).read_text(encoding="utf-8") == text, f"run the generator: {name}"

    def test_merkle(self) -> None:
        vectors = load("merkle.json")
        frontier, roots = Frontier(), {}
        for number in range(301):
            roots[number] = frontier.root()
            frontier.append(leaf_hash(f"entry {number}".encode()))
        for case in vectors["roots"]:
            assert roots[case["size"]] == decode_b64(case["root"], "root")
        for case in vectors["inclusion"]:
            leaf = leaf_hash(f"entry {case['index']}".encode())
            verify_inclusion(leaf, case["index"], case["size"], _path(case), roots[case["size"]])
        for case in vectors["consistency"]:
            verify_consistency(case["old"], roots[case["old"]], case["new"], roots[case["new"]], _path(case))

    @pytest.mark.parametrize("case", load("notes.json"), ids=by_name)
    def test_notes(self, case: dict[str, Any]) -> None:
        check(case, lambda: LogVerifier(map(listed, case["keys"])).open(case["note"]))

    @pytest.mark.parametrize("case", load("proofs.json"), ids=by_name)
    def test_proofs(self, case: dict[str, Any]) -> None:
        check(case, lambda: verify_proof(decode_b64(case["proof"], "proof"), LogVerifier(case["keys"])))

    def test_every_kind_of_entry_and_every_step_has_a_vector(self) -> None:
        proofs = load("proofs.json")
        kinds = {kind.ENTRY for union in get_args(Entry) for kind in (get_args(union) or (union,))}
        shown = {case["name"].removeprefix("an entry ") for case in proofs if case["verdict"] == "accepted"}
        # the papers that only differ in name are shown by certificate/1
        assert kinds - shown == {"crl/1", "trust-list/1", "directory/1", "contradiction/1", "epoch/1"}
        steps = {case.get("where") for case in [*proofs, *load("notes.json")]}
        expected = {
            "note step 1",
            "note step 2",
            "checkpoint step 2",
            "checkpoint step 3",
            "checkpoint step 4",
            "checkpoint step 5",
        }
        assert expected | {f"proof step {number}" for number in (1, 3, 4, 5)} <= steps


def _path(case: dict[str, Any]) -> list[bytes]:
    return [decode_b64(text, "path") for text in case["path"]]


class TestEntries:
    """An entry has one encoding, and an encoding one entry."""

    def test_the_bytes_are_those_of_the_protocol(self) -> None:
        entry = Received(
            id=ID,
            statement=b"",
            verdict="refused",
            reason=b"\xff",
            time=5,
            from_member=XAA,
            via="direct",
            lane=Lane.URGENT,
            epoch=1,
            seq=2,
        )
        assert encode_entry(entry) == (
            b'{"entry":"received/1","id":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
            b'"statement":"","verdict":"refused","reason":"_w","time":5,"from":"xaa","via":"direct",'
            b'"lane":"urgent","epoch":1,"seq":2}'
        )

    @given(
        st.binary(min_size=32, max_size=32),
        st.integers(0, 2**53 - 1),
        st.text(max_size=40),
        st.integers(0, 2**32),
    )
    def test_what_was_encoded_parses_to_the_same(
        self, digest: bytes, time: int, text: str, number: int
    ) -> None:
        for entry in (
            Custody(
                id=EnvelopeId(digest),
                until=time,
                time=time,
                from_member=XAA,
                to_member=XAB,
                via=text,
                lane=Lane.ROUTINE,
                epoch=number,
                seq=number,
            ),
            Opened(
                statement=StatementDigest(digest),
                desk=text,
                officer=text,
                action=text,
                decision=digest,
                time=time,
                approvals=approvals_digest([digest]),
            ),
        ):
            assert parse_entry(encode_entry(entry)) == entry

    @given(st.binary(max_size=80))
    def test_what_parses_encodes_to_the_same_bytes(self, noise: bytes) -> None:
        for preimage in (noise, generate.SENT[: len(noise)] + noise):
            try:
                entry = parse_entry(preimage)
            except EvidenceError:
                continue
            assert encode_entry(entry) == preimage

    @pytest.mark.parametrize(
        "entry",
        [
            replace(SENT, id=EnvelopeId(bytes(31))),
            replace(SENT, time=-1),
            replace(SENT, time=1 << 53),
            replace(SENT, time=True),
            replace(SENT, statement=b""),
            replace(SENT, lane="routine"),  # type: ignore[arg-type]  # no lane
            Opened(
                statement=StatementDigest(bytes(32)),
                desk="x" * 8192,
                officer="",
                action="",
                decision=bytes(32),
                time=1,
            ),
            CrlPublished(sha256=bytes(32), artefact=b"not this", time=1),
            CrlPublished(sha256=hashlib.sha256(bytes(48001)).digest(), artefact=bytes(48001), time=1),
        ],
    )
    def test_a_value_that_does_not_fit_is_not_written(self, entry: Entry) -> None:
        with pytest.raises(InvalidInputError) as refusal:
            encode_entry(entry)
        assert refusal.value.where == entry.ENTRY

    def test_the_largest_paper_fits(self) -> None:
        paper = CrlPublished(sha256=hashlib.sha256(bytes(48000)).digest(), artefact=bytes(48000), time=1)
        assert parse_entry(encode_entry(paper)) == paper

    def test_messages_are_salted_and_papers_are_clear(self) -> None:
        asked: list[int] = []

        def random(length: int) -> bytes:
            asked.append(length)
            return bytes(length)

        message = prepare_line(SENT, random)
        paper = prepare_line(CrlPublished(sha256=bytes(32), artefact=b"", time=1), random)
        assert asked == [16]
        assert (message.salt, paper.salt) == (bytes(16), b"")
        assert message.leaf == leaf_hash(hashlib.sha256(bytes(16) + message.preimage).digest())
        assert paper.leaf == leaf_hash(paper.preimage)
        assert is_clear(parse_entry(paper.preimage))

    def test_receipts_of_one_statement_to_many_do_not_look_alike(self) -> None:
        statement = StatementDigest(bytes(32))
        one, other = (receipt_commitment(EnvelopeId(bytes([n]) * 32), statement) for n in (1, 2))
        assert one != other
        assert one == hashlib.sha256(b"tracepost/v1/receipt" + b"\x01" * 32 + bytes(32)).digest()

    def test_what_the_sender_says_of_one_statement_to_many_does_not_look_alike_either(self) -> None:
        statement = StatementDigest(bytes(32))
        ids = [EnvelopeId(bytes([number]) * 32) for number in (1, 2)]
        one, other = (sent_on(ADDRESS, id_, statement, 1).statement for id_ in ids)
        assert one != other
        assert one == hashlib.sha256(b"tracepost/v1/sent" + b"\x01" * 32 + bytes(32)).digest()
        assert one != receipt_commitment(ids[0], statement)

    def test_an_entry_is_compared_with_all_that_the_address_says(self) -> None:
        statement = StatementDigest(bytes(32))
        others = [
            replace(ADDRESS, from_member=MemberId("xac")),
            replace(ADDRESS, to_member=MemberId("xac")),
            replace(ADDRESS, lane=Lane.URGENT),
            replace(ADDRESS, road=Road("hub", 1, 2)),
            replace(ADDRESS, road=Road("relay", 2, 2)),
            replace(ADDRESS, road=Road("relay", 1, 3)),
        ]
        differing = {
            type(entry).__name__: [is_on(entry, other) for other in others].count(False)
            for entry in (
                sent_on(ADDRESS, ID, statement, 1),
                received_on(ADDRESS, ID, statement, 1),
                custody_on(ADDRESS, ID, 1),
            )
            if is_on(entry, ADDRESS)
        }
        # the sender does not name itself, nor the addressee
        assert differing == {"Sent": 5, "Received": 5, "Custody": 6}

    def test_approvals_count_once_and_in_any_order(self) -> None:
        one, other = bytes(32), bytes(31) + b"\x01"
        assert approvals_digest([]) == b""
        assert approvals_digest([other, one, other]) == approvals_digest([one, other])
        expected = hashlib.sha256(b"tracepost/v1/approvals" + one + other).digest()
        assert approvals_digest([one, other]) == expected


class TestProofs:
    """A batch is proved under one head; nothing else passes for a proof."""

    def test_a_batch_is_proved_under_one_head(self) -> None:
        key = generate_log_key(parse_origin("xaa.tracepost.example/log/1"))
        blocks, frontier = BlockHashes(lambda _level, _index: b""), Frontier()
        lines = [prepare_line(replace(SENT, time=time), bytes) for time in range(40)]
        for line in lines:
            blocks.add(frontier.append(line.leaf))
        prover = Prover(frontier.size, blocks)
        note = key.sign_checkpoint(key.origin, prover.size, prover.root())
        verifier = LogVerifier([key.vkey])
        for index, line in enumerate(lines):
            data = make_proof(line, index, prover.inclusion_path(index), note).SerializeToString()
            proved = verify_proof(data, verifier)
            assert (proved.entry, proved.index, proved.member) == (replace(SENT, time=index), index, "xaa")

    @given(st.binary(max_size=200), st.integers(0, 400))
    def test_noise_proves_nothing_else_and_only_errors_of_ours_come_out(self, noise: bytes, at: int) -> None:
        good = decode_b64(load("proofs.json")[0]["proof"], "proof")
        verifier = LogVerifier([generate.KEY.vkey])
        for data in (noise, good[:at] + noise + good[at + len(noise) :], good[:at]):
            try:
                proved = verify_proof(data, verifier)
            except EvidenceError:
                continue
            assert proved.entry == generate.ENTRIES["sent/1"]

    def test_a_proof_larger_than_the_limit_is_not_parsed(self) -> None:
        with pytest.raises(EvidenceError) as refusal:
            verify_proof(bytes(16385), LogVerifier([generate.KEY.vkey]))
        assert refusal.value.where == "proof step 1"

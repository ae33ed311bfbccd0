"""Approvals by passkey: a device's word counts where the officer's certificate endorsed it, and nowhere else."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from vectors.approval import by_passkey
from vectors.approval.generate import CERTIFICATE, STATEMENT_DIGEST
from vectors.identity.generate import OFFICER, TIME, key_of

from tracepost.protocol import approval, endorsement
from tracepost.protocol.approval import Act, Decision, Subject, of_statement
from tracepost.protocol.assertion import Assertion
from tracepost.protocol.endorsement import Endorsement
from tracepost.protocol.errors import ApprovalError, InvalidInputError, TracepostError
from tracepost.protocol.identity import Identity, read_identity
from tracepost.protocol.ids import StatementDigest, decode_b64
from tracepost.protocol.statement import KeySigner

FILE = by_passkey.HERE / "by_passkey.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SIGNER = KeySigner(key_of(OFFICER.name), CERTIFICATE)
SUBJECT = of_statement(StatementDigest(STATEMENT_DIGEST))
ENDORSED = Endorsement(
    member="xaa",
    officer="17",
    credential=b"credential",
    key=by_passkey.cose(by_passkey.DEVICE),
    rp_id=by_passkey.HOST,
    origin=by_passkey.ORIGIN,
    since=TIME,
    until=TIME + 60,
)


def identity() -> Identity:
    claimed = read_identity(CERTIFICATE, "tracepost.example")
    return Identity(**{one.name: getattr(claimed, one.name) for one in dataclasses.fields(claimed)})


def verify(text: str, subject: Subject = SUBJECT) -> approval.Approval:
    return approval.verify(text, CERTIFICATE, identity(), subject)


class TestVectors:
    def test_the_generator_gives_what_stands_in_the_file(self) -> None:
        assert by_passkey.write_vectors() == FILE.read_text(encoding="utf-8")

    @pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["name"] for case in VECTORS["cases"]])
    def test_the_verdict_is_as_the_vector_says(self, case: dict[str, Any]) -> None:
        subject = Subject(Act(case["subject"]["of"]), bytes.fromhex(case["subject"]["payload"]))
        if case["verdict"] == "accepted":
            proved = verify(case["approval"], subject)
            assert proved.digest == decode_b64(case["digest"], "digest")
            said = (proved.decision, proved.time, proved.officer)
            assert said == (case["decision"], case["time"], case["officer"])
            return
        with pytest.raises(ApprovalError) as refusal:
            verify(case["approval"], subject)
        assert (refusal.value.where, refusal.value.reason) == (case["where"], case["reason"])

    def test_an_endorsement_is_known_by_its_digest_before_it_is_proved(self) -> None:
        told = VECTORS["endorsement"]
        sound = VECTORS["cases"][0]["approval"]
        assert endorsement.digest_of(told["text"]) == decode_b64(told["digest"], "digest")
        assert approval.peek(sound).endorsement == endorsement.digest_of(told["text"])


class TestMaking:
    def test_what_a_passkey_signs_is_the_digest_that_stands_in_the_log(self) -> None:
        text = endorsement.make(ENDORSED, SIGNER)
        asked = approval.ask_passkey(SUBJECT, Decision.APPROVED, TIME, SIGNER.certificate_sha256)
        client = by_passkey.client(approval.digest_of(asked))
        data = by_passkey.data()
        digest = hashes.Hash(hashes.SHA256())
        digest.update(client)
        signature = by_passkey.DEVICE.sign(data + digest.finalize(), ec.ECDSA(hashes.SHA256()))
        proved = verify(approval.answer_passkey(asked, Assertion(text, data, client, signature)))
        assert proved.digest == approval.digest_of(asked)
        assert (proved.decision, proved.time, proved.officer) == (Decision.APPROVED, TIME, "17")

    def test_what_is_endorsed_is_read_again(self) -> None:
        text = endorsement.make(ENDORSED, SIGNER)
        assert endorsement.read(text) == ENDORSED
        assert endorsement.verify(text, CERTIFICATE, identity()) == ENDORSED

    @pytest.mark.parametrize(
        "unfit",
        [
            dataclasses.replace(ENDORSED, key=b"key"),
            dataclasses.replace(ENDORSED, credential=b""),
            dataclasses.replace(ENDORSED, origin="https://elsewhere.example"),
            dataclasses.replace(ENDORSED, until=TIME - 1),
        ],
    )
    def test_nothing_is_endorsed_that_no_reader_accepts(self, unfit: Endorsement) -> None:
        with pytest.raises(InvalidInputError):
            endorsement.make(unfit, SIGNER)

    def test_certificate_and_passkey_of_one_second_are_told_apart(self) -> None:
        by_certificate = approval.make(SUBJECT, Decision.APPROVED, TIME, SIGNER)
        digests = {verify(by_certificate).digest, verify(by_passkey.approval()).digest}
        assert len(digests) == 2


@given(st.text(max_size=80), st.integers(0, 2000))
def test_only_errors_of_ours_come_out(noise: str, cut: int) -> None:
    sound = by_passkey.approval()
    for text in (sound[:cut] + noise, sound[:cut] + noise + sound[cut:]):
        try:
            approval.peek(text)
            verify(text)
        except TracepostError:
            continue

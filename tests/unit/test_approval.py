"""Approvals: an officer's word on what another is about to do, and on nothing else."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from vectors.approval import generate
from vectors.identity.generate import OFFICER, TIME, XAA, key_of

from tracepost.protocol import approval
from tracepost.protocol.approval import Act, Decision, Subject, of_opening, of_policy, of_statement
from tracepost.protocol.errors import ApprovalError, InternalError, InvalidInputError, TracepostError
from tracepost.protocol.evidence import approvals_digest
from tracepost.protocol.identity import Identity, read_identity
from tracepost.protocol.ids import DeskId, StatementDigest, decode_b64
from tracepost.protocol.statement import KeySigner

VECTORS: dict[str, Any] = json.loads((generate.HERE / "approvals.json").read_text(encoding="utf-8"))
CERTIFICATE = generate.CERTIFICATE
SIGNER = KeySigner(key_of(OFFICER.name), CERTIFICATE)
DIGEST = StatementDigest(bytes(range(32)))


def identity_of(certificate: x509.Certificate) -> Identity:
    """Return whom the certificate shows, as if its path had been proved."""
    claimed = read_identity(certificate, "tracepost.example")
    return Identity(**{one.name: getattr(claimed, one.name) for one in dataclasses.fields(claimed)})


def verify(text: str, subject: Subject, certificate: x509.Certificate = CERTIFICATE) -> approval.Approval:
    return approval.verify(text, certificate, identity_of(certificate), subject)


def made(subject: Subject, decision: Decision = Decision.APPROVED, time: int = TIME) -> str:
    return approval.make(subject, decision, time, SIGNER)


class TestVectors:
    def test_the_generator_gives_what_stands_in_the_file(self) -> None:
        assert generate.write_vectors() == (generate.HERE / "approvals.json").read_text(encoding="utf-8")

    @pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["name"] for case in VECTORS["cases"]])
    def test_the_verdict_is_as_the_vector_says(self, case: dict[str, Any]) -> None:
        subject = Subject(Act(case["subject"]["of"]), bytes.fromhex(case["subject"]["payload"]))
        pem = case.get("certificate", VECTORS["certificate"])
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if case["verdict"] == "accepted":
            proved = verify(case["approval"], subject, certificate)
            assert proved.digest == decode_b64(case["digest"], "digest")
            assert (proved.decision, proved.time, proved.officer) == (
                case["decision"],
                case["time"],
                case["officer"],
            )
            return
        with pytest.raises(ApprovalError) as refusal:
            verify(case["approval"], subject, certificate)
        assert refusal.value.where.startswith(f"step {case['step']}: ")
        assert refusal.value.reason == case["reason"]

    def test_every_step_refuses_something(self) -> None:
        assert {case["step"] for case in VECTORS["cases"] if "step" in case} == set(range(1, 8))

    def test_an_opening_is_bound_to_desk_officer_and_action(self) -> None:
        told = VECTORS["opening"]
        digest = StatementDigest(decode_b64(told["statement"], "statement"))
        subject = of_opening(digest, DeskId(told["desk"]), told["officer"], told["action"])
        assert subject == Subject(Act.OPEN, bytes.fromhex(told["payload"]))
        assert of_opening(digest, DeskId("poc"), told["officer"], told["action"]) != subject


class TestMaking:
    @pytest.mark.parametrize("subject", [of_statement(DIGEST), of_policy(bytes(32))])
    @pytest.mark.parametrize("decision", Decision)
    def test_what_is_made_verifies(self, subject: Subject, decision: Decision) -> None:
        proved = verify(made(subject, decision), subject)
        assert (proved.subject, proved.decision, proved.time) == (subject, decision, TIME)

    def test_it_tells_before_it_is_proved_by_whom_and_when(self) -> None:
        told = approval.peek(made(of_statement(DIGEST)))
        assert (told.certificate_sha256, told.time) == (SIGNER.certificate_sha256, TIME)

    def test_nothing_is_made_that_no_reader_accepts(self) -> None:
        for subject, time in ((Subject(Act.SIGN, bytes(31)), TIME), (of_statement(DIGEST), -1)):
            with pytest.raises(InvalidInputError):
                made(subject, time=time)

    def test_a_signer_of_another_kind_is_told(self) -> None:
        class Odd:
            certificate_sha256 = bytes(32)

            def sign(self, data: bytes) -> bytes:
                return data[:10]

        with pytest.raises(InternalError):
            approval.make(of_statement(DIGEST), Decision.APPROVED, TIME, Odd())

    def test_two_officers_of_one_second_are_two_approvals(self) -> None:
        """The digest names the signer, or four eyes of one second would count as two."""
        key = key_of("another officer")
        other = dataclasses.replace(OFFICER, name="another officer").sign(XAA)
        texts = [
            made(of_statement(DIGEST)),
            approval.make(of_statement(DIGEST), Decision.APPROVED, TIME, KeySigner(key, other)),
        ]
        one, two = (
            verify(text, of_statement(DIGEST), by).digest
            for text, by in zip(texts, (CERTIFICATE, other), strict=True)
        )
        assert len({one, two}) == 2
        assert approvals_digest([one, two]) != approvals_digest([one])

    def test_a_signature_in_another_spelling_is_no_second_approval(self) -> None:
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        text = made(of_statement(DIGEST))
        signed, _, signature = text.rpartition(".")
        raw = decode_b64(signature, "signature")
        mirrored = generate.b64(raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32))
        both = [verify(one, of_statement(DIGEST)).digest for one in (text, f"{signed}.{mirrored}")]
        assert both[0] == both[1]

    def test_the_identity_is_that_of_the_certificate(self) -> None:
        other = dataclasses.replace(identity_of(CERTIFICATE), certificate_sha256=bytes(32))
        with pytest.raises(ApprovalError) as refusal:
            approval.verify(made(of_statement(DIGEST)), CERTIFICATE, other, of_statement(DIGEST))
        assert refusal.value.reason == "other-certificate"


@given(st.text(max_size=80), st.integers(0, 400))
def test_only_errors_of_ours_come_out(noise: str, cut: int) -> None:
    sound = generate.jws()
    for text in (noise, sound[:cut] + noise, sound[:cut] + noise + sound[cut:]):
        try:
            approval.peek(text)
            verify(text, of_statement(StatementDigest(generate.STATEMENT_DIGEST)))
        except TracepostError:
            continue

"""Policy documents: a member's word that these are its own policies, in this version."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from vectors.identity.generate import STATEMENT, TIME, key_of
from vectors.policy import generate

from tracepost.protocol import policy
from tracepost.protocol.errors import InternalError, InvalidInputError, PolicyError, TracepostError
from tracepost.protocol.identity import Identity, read_identity
from tracepost.protocol.ids import MemberId, decode_b64
from tracepost.protocol.policy import PolicyDocument, PolicyVersion
from tracepost.protocol.statement import KeySigner

VECTORS: dict[str, Any] = json.loads((generate.HERE / "documents.json").read_text(encoding="utf-8"))
CERTIFICATE = generate.CERTIFICATE
SIGNER = KeySigner(key_of(STATEMENT.name), CERTIFICATE)
SAID = PolicyVersion(
    MemberId("xaa"), 1, bytes(32), policy.text_digest(generate.TEXT), "17", TIME, "The first one."
)


def identity_of(certificate: x509.Certificate) -> Identity:
    """Return whom the certificate shows, as if its path had been proved."""
    claimed = read_identity(certificate, "tracepost.example")
    return Identity(**{one.name: getattr(claimed, one.name) for one in dataclasses.fields(claimed)})


def verify(
    document: str, text: str = generate.TEXT, certificate: x509.Certificate = CERTIFICATE
) -> PolicyDocument:
    return policy.verify(document, text, certificate, identity_of(certificate))


def as_json(said: PolicyVersion) -> dict[str, Any]:
    return {
        "member": said.member,
        "version": said.version,
        "base": said.base_sha256.hex(),
        "text": said.text_sha256.hex(),
        "proposed_by": said.proposed_by,
        "time": said.time,
        "note": said.note,
    }


class TestVectors:
    def test_the_generator_gives_what_stands_in_the_file(self) -> None:
        assert generate.write_vectors() == (generate.HERE / "documents.json").read_text(encoding="utf-8")

    @pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["name"] for case in VECTORS["cases"]])
    def test_the_verdict_is_as_the_vector_says(self, case: dict[str, Any]) -> None:
        pem = case.get("certificate", VECTORS["certificate"])
        certificate = x509.load_pem_x509_certificate(pem.encode())
        if case["verdict"] == "accepted":
            proved = verify(case["document"], case["text"], certificate)
            assert proved.digest == decode_b64(case["digest"], "digest")
            assert as_json(proved.said) == case["says"]
            return
        with pytest.raises(PolicyError) as refusal:
            verify(case["document"], case["text"], certificate)
        assert refusal.value.where.startswith(f"step {case['step']}: ")
        assert refusal.value.reason == case["reason"]

    def test_every_step_refuses_something(self) -> None:
        assert {case["step"] for case in VECTORS["cases"] if "step" in case} == set(range(1, 9))


class TestSigning:
    def test_what_is_signed_verifies_and_has_the_digest_that_was_approved(self) -> None:
        proved = verify(policy.sign(SAID, SIGNER))
        assert (proved.said, proved.digest) == (SAID, SAID.digest)
        assert policy.peek(proved.document) == SIGNER.certificate_sha256

    def test_the_same_text_in_another_version_has_another_digest(self) -> None:
        """An approval of version 1 is none of the version 3 that goes back to it."""
        assert SAID.digest != dataclasses.replace(SAID, version=3).digest

    @pytest.mark.parametrize(
        "change",
        [{"version": 0}, {"note": "two\nlines"}, {"proposed_by": "a b"}, {"time": -1}, {"text_sha256": b""}],
        ids=str,
    )
    def test_nothing_is_signed_that_no_reader_accepts(self, change: dict[str, Any]) -> None:
        with pytest.raises(InvalidInputError):
            policy.sign(dataclasses.replace(SAID, **change), SIGNER)

    def test_a_signer_of_another_kind_is_told(self) -> None:
        class Odd:
            certificate_sha256 = bytes(32)

            def sign(self, data: bytes) -> bytes:
                return data[:10]

        with pytest.raises(InternalError):
            policy.sign(SAID, Odd())

    def test_the_identity_is_that_of_the_certificate(self) -> None:
        other = dataclasses.replace(identity_of(CERTIFICATE), certificate_sha256=bytes(32))
        with pytest.raises(PolicyError) as refusal:
            policy.verify(policy.sign(SAID, SIGNER), generate.TEXT, CERTIFICATE, other)
        assert refusal.value.reason == "other-certificate"

    def test_a_text_that_is_too_long_is_refused(self) -> None:
        text = " " * (policy.TEXT_LIMIT + 1)
        said = dataclasses.replace(SAID, text_sha256=policy.text_digest(text))
        with pytest.raises(PolicyError) as refusal:
            verify(policy.sign(said, SIGNER), text)
        assert refusal.value.reason == "text-too-large"

    def test_half_a_surrogate_pair_is_no_text(self) -> None:
        with pytest.raises(PolicyError) as refusal:
            verify(policy.sign(SAID, SIGNER), "\udc00")
        assert refusal.value.reason == "other-text"


@given(st.text(max_size=80), st.integers(0, 400))
def test_only_errors_of_ours_come_out(noise: str, cut: int) -> None:
    sound = generate.jws()
    for document in (noise, sound[:cut] + noise, sound[:cut] + noise + sound[cut:]):
        try:
            policy.peek(document)
            verify(document, noise)
        except TracepostError:
            continue

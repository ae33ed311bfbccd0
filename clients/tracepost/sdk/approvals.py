"""An officer's word on what another officer is about to do, signed with the key of his certificate.

word = approve(of_statement(digest), Decision.APPROVED, papers, now)
"""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.protocol import approval
from tracepost.protocol.approval import Decision, Subject
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.statement import KeySigner
from tracepost.sdk.papers import OfficerPapers


def approve(subject: Subject, decision: Decision, papers: OfficerPapers, now: int) -> str:
    """Return what the officer of `papers` says of `subject` at `now` (unix seconds).

    Raises:
        ConfigurationError: the officer's key is not on P-256.
    """
    return approval.make(subject, decision, now, signer_of(papers))


def signer_of(papers: OfficerPapers) -> KeySigner:
    """Return what signs with the officer's own key; raise `ConfigurationError`, if it is not on P-256."""
    key = serialization.load_pem_private_key(papers.key, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigurationError("the officer's key is not on P-256", where="key")
    return KeySigner(key, papers.certificates()[0])


def certificates_of(papers: OfficerPapers) -> list[bytes]:
    """Return the officer's certificates as they go with his word: DER, leaf first."""
    return [certificate.public_bytes(Encoding.DER) for certificate in papers.certificates()]

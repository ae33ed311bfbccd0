"""Statements of others as a referral or share shows them to us: verified before anybody looks at them.

Each is verified like a statement, whoever its audience is; its signer's certificate comes with it
and is proved to a root of the member that it names. The daemon's own desk sees the ADMINISTRATIVE
part of an exhibit, an officer's desk more of it: what is there is verified each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from cryptography import x509
from google.protobuf.message import Message

from tracepost.node.handlers.exhibits import disclosures_of
from tracepost.protocol.errors import StatementError
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import UntrustedStatement, VerifiedExhibit, verify_exhibit
from tracepost.wire.v1 import share_pb2

_WHERE = "exhibits"


class Signers(Protocol):
    """What is asked about who signed. Answers from memory; safe from any thread."""

    def prove_signer(self, der: bytes) -> tuple[x509.Certificate, Identity]:
        """Return a statement certificate, proved to a root of the member that it names.

        Raises `IdentityError`, or `TrustError` if that is no member.
        """

    def check_signer(self, identity: Identity, *, signed_at: int, judged_at: int) -> None:
        """Raise `IdentityError` unless the signer was valid at `signed_at` (unix seconds) and is not
        revoked at `judged_at`.
        """


def verify_exhibits(
    message: Message, signers: Signers, judged_at: int, where: str = _WHERE
) -> list[VerifiedExhibit]:
    """Return the exhibits that `message` shows, verified as far as their fields are there.

    Args:
        message: any message; those without exhibits have none.
        signers: who signs for whom.
        judged_at: unix time at which revocation is judged.
        where: how refusals name the place.

    Raises:
        StatementError, IdentityError, TrustError: one does not verify.
    """
    shown: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    return [_verify(one, signers, judged_at, where) for one in shown]


def _verify(exhibit: share_pb2.Exhibit, signers: Signers, judged_at: int, where: str) -> VerifiedExhibit:
    if not exhibit.issuer_certificates:
        raise StatementError("an exhibit comes without its signer", where=where, reason="no-signer")
    certificate, identity = signers.prove_signer(exhibit.issuer_certificates[0])
    listed = [(one, text) for one in Sensitivity for text in disclosures_of(exhibit, one)]
    untrusted = UntrustedStatement(exhibit.jws, tuple(text for _, text in listed))
    verified = verify_exhibit(untrusted, certificate, issuer=identity.member)
    signers.check_signer(identity, signed_at=verified.claims.iat, judged_at=judged_at)
    if encode_b64(verified.digest) != exhibit.statement_digest:
        raise StatementError("an exhibit is another than it says", where=where, reason="other-exhibit")
    if [one for one, _ in listed] != [d.sensitivity for d in verified.disclosures]:
        raise StatementError("a disclosure is listed for another class", where=where, reason="wrong-list")
    return verified

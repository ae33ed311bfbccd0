"""The papers by which signers are judged: a trust list, certificates and revocation lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509

from tracepost.protocol.casefile.refusal import refuse
from tracepost.protocol.certificate import UNREADABLE
from tracepost.protocol.errors import IdentityError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import (
    Identity,
    Revocations,
    Role,
    certificate_sha256,
    check_revocation,
    load_certificate,
    read_identity,
    verify_identity,
)
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList


@dataclass(frozen=True, slots=True)
class Papers:
    """All that says who is who; `now` in unix seconds."""

    trust: TrustList
    certificates: dict[bytes, x509.Certificate]
    revocations: Revocations
    logs: LogVerifier
    now: int

    @classmethod
    def collect(
        cls, trust: TrustList, certificates: Iterable[bytes], crls: Iterable[bytes], now: int
    ) -> Papers:
        """Parse the papers of a file; raise `VerificationError` (step 5)."""
        known = parse_certificates(certificates)
        return cls(trust, known, _take_in(trust, crls, now), trust.log_verifier(), now)

    def with_certificates(self, more: Iterable[bytes]) -> Papers:
        """Return the papers with certificates that came beside an exhibit."""
        known = {**self.certificates, **parse_certificates(more)}
        return Papers(self.trust, known, self.revocations, self.logs, self.now)

    def leaf(self, sha256: bytes) -> x509.Certificate:
        """Return the certificate that a statement names; raise `CaseFileError` (step 6)."""
        found = self.certificates.get(sha256)
        if found is None:
            raise refuse(
                6, "certificate-missing", "the certificate that the statement names is not in the file"
            )
        return found

    def claimed_member(self, leaf: x509.Certificate) -> MemberId:
        """Return whose certificate the leaf says it is, before anybody vouched for it."""
        return read_identity(leaf, self.trust.domain).member

    def prove_signer(self, leaf: x509.Certificate, at: int) -> Identity:
        """Return who the leaf showed at unix time `at`, revocation aside (step 7)."""
        member = self.trust.member(self.claimed_member(leaf))
        roots = member.root_certificates()
        identity = self._find_path(leaf, roots, at)
        if identity.role is not Role.STATEMENT:
            raise refuse(
                7, "not-a-statement-certificate", "the certificate is not one for signing statements"
            )
        return identity

    def judge_revocation(self, identity: Identity, at: int | None) -> bool:
        """Check that the signer was not revoked at its earliest proven time; return whether it is now.

        A statement whose time nobody proved is judged as of now (step 13).
        """
        check_revocation(identity, at=self.now if at is None else at, revoked=self.revocations)
        return any(
            self.revocations.is_revoked(identity.member, serial, self.now) for serial in identity.path_serials
        )

    def _find_path(self, leaf: x509.Certificate, roots: Sequence[x509.Certificate], at: int) -> Identity:
        above = [one for one in self.certificates.values() if one.subject == leaf.issuer and one != leaf]
        refusal: IdentityError | None = None
        for chain in ([], *([one] for one in above)):
            try:
                return verify_identity(leaf, chain, roots, at=at, domain=self.trust.domain, revoked=None)
            except IdentityError as error:
                refusal = error
        assert refusal is not None  # the empty chain was tried
        raise refusal


def parse_certificates(certificates: Iterable[bytes]) -> dict[bytes, x509.Certificate]:
    """Return certificates by SHA-256 over their DER; raise `VerificationError` (step 5)."""
    return {certificate_sha256(one): one for one in map(_parse_certificate, certificates)}


def _parse_certificate(der: bytes) -> x509.Certificate:
    try:
        certificate = load_certificate(der)
        _ = certificate.subject, certificate.issuer, certificate.extensions  # parsed only when asked for
    except UNREADABLE:
        raise refuse(5, "certificate-form", "a certificate in the file cannot be read") from None
    return certificate


def _take_in(trust: TrustList, crls: Iterable[bytes], now: int) -> Revocations:
    revocations = Revocations()
    for der in crls:
        revocations = _take_in_one(trust, revocations, der, now)
    return revocations


def _take_in_one(trust: TrustList, revocations: Revocations, der: bytes, now: int) -> Revocations:
    for member in trust.members:
        try:
            return revocations.with_crl(
                member.id, der, member.root_certificates(), domain=trust.domain, now=now
            )
        except IdentityError as error:
            if error.reason != "signer":
                raise
        except UNREADABLE:
            raise refuse(5, "crl-form", "a revocation list in the file cannot be read") from None
    raise refuse(5, "crl-signer", "a revocation list is of no member of the trust list")

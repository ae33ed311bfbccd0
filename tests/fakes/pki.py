"""National authorities for tests: real P-256 keys and certificates in the profile of `identity.py`.

    xaa = make_root("xaa")
    node = xaa.issue(Role.NODE)                       # or Role.OFFICER, officer="7", desks=("poc",)
    stolen = xaa.issue(Role.NODE, names=("node.xab.tracepost.example",))
    crl = xaa.crl([stolen.certificate], number=2)

Dates are unix seconds; without them a certificate began a day ago and lasts thirty.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tracepost.protocol.identity import (
    DATA_SIGNING,
    DESK_KEY_EXTENSION,
    OFFICER_EXTENSION,
    PRIVATE_USE,
    TLS_USES,
    Role,
    certificate_sha256,
    dns_name,
    encode_desk_key,
    encode_officer,
    member_name,
)
from tracepost.protocol.ids import DeskId, MemberId

DOMAIN = "tracepost.example"
DAY = 86400
SUITE = "tp1-xwing-sha256-aes256gcm"

_AUTHORITY_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key and the intermediates between it and the root."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    intermediates: tuple[x509.Certificate, ...] = ()

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS #8."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def chain_pem(self) -> bytes:
        """The leaf, then its intermediates."""
        return b"".join(pem(certificate) for certificate in (self.certificate, *self.intermediates))

    @property
    def der(self) -> bytes:
        """The leaf."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def sha256(self) -> bytes:
        """Digest of the leaf, as in x5t#S256."""
        return certificate_sha256(self.certificate)


@dataclass(frozen=True, slots=True)
class Authority:
    """A member's root, or an intermediate under it."""

    member: MemberId
    domain: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return pem(self.certificate)

    @property
    def der(self) -> bytes:
        """The authority's own certificate."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def issue(
        self,
        role: Role,
        *,
        desk: str | None = None,
        desks: Sequence[str] = (),
        officer: str | None = None,
        desk_public_key: bytes = b"",
        names: Sequence[str] | None = None,
        uses: Sequence[x509.ObjectIdentifier] | None = None,
        not_before: int | None = None,
        not_after: int | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> Issued:
        """Return a certificate of `role`; `names` and `uses` replace what the profile asks for."""
        own_key = key or ec.generate_private_key(ec.SECP256R1())
        right_name = dns_name(
            role, self.member, self.domain, desk=DeskId(desk) if desk else None, officer=officer
        )
        builder = self._begin(role.value, own_key.public_key(), not_before, not_after)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names or (right_name,)]),
            critical=False,
        )
        builder = builder.add_extension(
            x509.ExtendedKeyUsage(uses or [PRIVATE_USE[role], *TLS_USES[role]]), critical=False
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(DATA_SIGNING, critical=True)
        if role is Role.DESK:
            papers = encode_desk_key(SUITE, hashlib.sha256(desk_public_key).digest())
            builder = builder.add_extension(
                x509.UnrecognizedExtension(DESK_KEY_EXTENSION, papers), critical=False
            )
        if role is Role.OFFICER:
            papers = encode_officer(officer or "", [DeskId(name) for name in desks])
            builder = builder.add_extension(
                x509.UnrecognizedExtension(OFFICER_EXTENSION, papers), critical=False
            )
        intermediates = (self.certificate,) if self.above else ()
        return Issued(own_key, builder.sign(self.key, hashes.SHA256()), intermediates)

    def intermediate(self) -> Authority:
        """Return an authority under this root."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._begin("issuing", key.public_key(), None, None)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_AUTHORITY_SIGNING, critical=True)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Authority(self.member, self.domain, key, certificate, (self.certificate,))

    def crl(
        self,
        revoked: Iterable[x509.Certificate],
        *,
        number: int = 1,
        revoked_at: int | None = None,
        this_update: int | None = None,
        next_update: int | None = None,
    ) -> bytes:
        """Return a revocation list (DER) that names `revoked`."""
        now = int(time.time())
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(_moment(now - 60 if this_update is None else this_update))
            .next_update(_moment(now + 7 * DAY if next_update is None else next_update))
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        for certificate in revoked:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(certificate.serial_number)
                .revocation_date(_moment(now - 60 if revoked_at is None else revoked_at))
            )
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _begin(
        self,
        subject: str,
        public_key: ec.EllipticCurvePublicKey,
        not_before: int | None,
        not_after: int | None,
    ) -> x509.CertificateBuilder:
        name = f"{subject} {member_name(self.member, self.domain)}"
        builder = _builder(name, self.certificate.subject, public_key, not_before, not_after)
        return builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
        )


def make_root(member: str, domain: str = DOMAIN, *, permitted: str | None = None) -> Authority:
    """Return a new root of `member`, constrained to its names (or to `permitted`)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subtree = member_name(MemberId(member), domain) if permitted is None else permitted
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"root {subtree}")])
    certificate = (
        _builder(f"root {subtree}", name, key.public_key(), None, None)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_AUTHORITY_SIGNING, critical=True)
        .add_extension(x509.NameConstraints([x509.DNSName(subtree)], None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(MemberId(member), domain, key, certificate)


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def _builder(
    subject: str,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    not_before: int | None,
    not_after: int | None,
) -> x509.CertificateBuilder:
    now = int(time.time())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_moment(now - DAY if not_before is None else not_before))
        .not_valid_after(_moment(now + 30 * DAY if not_after is None else not_after))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _moment(unix_seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(unix_seconds, tz=dt.UTC)

"""The certificate profile: what a certificate of a member says of itself.

A certificate shows exactly one thing, in exactly one place: the single DNS name
`<role>.<member>.<domain>`. The role label is `node`, `statement`, `console`, `desk-<desk id>` or
`officer-<number>`. Each role has a private extended key usage of its own; the papers of
a desk (its HPKE key) and of an officer (number and desks) are private extensions, not
critical, so that foreign TLS stacks still read the certificate.

`read_identity` does steps 1-7 of the list in `identity.py`. It proves nothing: the result
says `Claimed` in its type. Both sides use the names and tables here: the authority to
write a certificate, everybody else to read it.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tracepost.protocol.errors import IdentityError, InvalidInputError
from tracepost.protocol.ids import DeskId, MemberId, parse_desk, parse_member

ARC: Final = "2.25.306452582423927194522824094655636104776"
"""Private arc (ITU-T X.667): 2.25 and the integer of UUID e68c9ed9-4089-4ca0-9173-b671f8a4e648."""

MAX_CERTIFICATE_BYTES: Final = 16 * 1024


class Role(enum.StrEnum):
    """What a certificate is for."""

    NODE = "node"
    STATEMENT = "statement"
    DESK = "desk"
    OFFICER = "officer"
    CONSOLE = "console"


PRIVATE_USE: Final[Mapping[Role, x509.ObjectIdentifier]] = MappingProxyType(
    {
        Role.NODE: x509.ObjectIdentifier(f"{ARC}.1"),
        Role.STATEMENT: x509.ObjectIdentifier(f"{ARC}.2"),
        Role.DESK: x509.ObjectIdentifier(f"{ARC}.3"),
        Role.OFFICER: x509.ObjectIdentifier(f"{ARC}.4"),
        Role.CONSOLE: x509.ObjectIdentifier(f"{ARC}.5"),
    }
)
"""The private extended key usage of each role."""

TLS_USES: Final[Mapping[Role, frozenset[x509.ObjectIdentifier]]] = MappingProxyType(
    {
        Role.NODE: frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}),
        Role.STATEMENT: frozenset(),
        Role.DESK: frozenset(),
        Role.OFFICER: frozenset({ExtendedKeyUsageOID.CLIENT_AUTH}),
        Role.CONSOLE: frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}),
    }
)
"""The TLS usages that stand beside it, no more and no fewer."""

DESK_KEY_EXTENSION: Final = x509.ObjectIdentifier(f"{ARC}.10")
OFFICER_EXTENSION: Final = x509.ObjectIdentifier(f"{ARC}.11")
_ROLE_EXTENSIONS: Final[Mapping[Role, x509.ObjectIdentifier]] = MappingProxyType(
    {Role.DESK: DESK_KEY_EXTENSION, Role.OFFICER: OFFICER_EXTENSION}
)

UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises, at loading or later, for what it cannot read."""

_OFFICER_NUMBER = re.compile(r"[0-9]{1,20}\Z")
_SUITE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_ExtensionValue = TypeVar("_ExtensionValue", bound=x509.ExtensionType)
_Der = TypeVar("_Der")


@asn1.sequence
class DeskKey:
    """SEQUENCE { suite UTF8String, sha256 OCTET STRING }: which HPKE key the desk opens its mail with."""

    suite: str
    sha256: bytes


@asn1.sequence
class OfficerPapers:
    """SEQUENCE { number UTF8String, desks SEQUENCE OF UTF8String }: who sits at which desks."""

    number: str
    desks: list[str]


@dataclass(frozen=True, slots=True)
class ClaimedIdentity:
    """What a certificate says of itself: good for finding the member's roots, proof of nothing."""

    member: MemberId
    role: Role
    desk: DeskId | None
    desks: tuple[DeskId, ...]
    officer: str | None
    desk_suite: str | None
    desk_key_sha256: bytes | None
    certificate_sha256: bytes
    serial: int
    not_before: int
    not_after: int

    @property
    def label(self) -> str:
        """The first label of the name, such as `desk-poc`."""
        return role_label(self.role, self.desk, self.officer)


# ── names ────────────────────────────────────────────────────────────────────────────


def role_label(role: Role, desk: DeskId | None = None, officer: str | None = None) -> str:
    """Return the first label of a certificate name; raise `InvalidInputError` if a part is missing."""
    if role is Role.DESK:
        return f"desk-{parse_desk(desk or '')}"
    if role is Role.OFFICER:
        return f"officer-{parse_officer(officer or '')}"
    return role.value


def dns_name(
    role: Role, member: MemberId, domain: str, *, desk: DeskId | None = None, officer: str | None = None
) -> str:
    """Return the one name of a certificate, `<role>.<member>.<domain>`."""
    return f"{role_label(role, desk, officer)}.{member_name(member, domain)}"


def member_name(member: MemberId, domain: str) -> str:
    """Return the DNS subtree that the member's roots are constrained to."""
    return f"{member}.{domain}"


def parse_officer(text: str) -> str:
    """Return `text` as an officer number, 1 to 20 digits; raise `InvalidInputError`.

    A number, since certificates travel to every peer and the name of an officer is CONTACT.
    """
    if not _OFFICER_NUMBER.match(text):
        raise InvalidInputError("an officer number has 1 to 20 digits", where="officer number")
    return text


def certificate_sha256(certificate: x509.Certificate) -> bytes:
    """Return SHA-256 over the DER form, as in `x5t#S256` (RFC 7515, 4.1.8)."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()


def load_certificate(der: bytes) -> x509.Certificate:
    """Parse one certificate from DER; raise `IdentityError` if it is not one or over 16 KiB."""
    if len(der) > MAX_CERTIFICATE_BYTES:
        raise IdentityError("the certificate is too large", where="certificate", reason="too-large")
    return _parsed(lambda: _with_names(x509.load_der_x509_certificate(der)))


def load_chain(pem: bytes) -> list[x509.Certificate]:
    """Parse the certificates of a PEM file, in its order; raise `IdentityError` if there is none."""
    if len(pem) > 8 * MAX_CERTIFICATE_BYTES:
        raise IdentityError("the certificate file is too large", where="certificate", reason="too-large")
    return _parsed(lambda: list(map(_with_names, x509.load_pem_x509_certificates(pem))))


# ── what a certificate says ──────────────────────────────────────────────────────────


def read_identity(certificate: x509.Certificate, domain: str) -> ClaimedIdentity:
    """Check the profile alone (steps 1-7) and return what the certificate claims.

    Raises `IdentityError` with the step. Nobody has vouched for the result: use it to find
    the member's roots, then call `verify_identity`.
    """
    _check_key(certificate)
    name = _only_dns_name(certificate)
    member, role, desk, officer = _parse_name(name, domain)
    _check_uses(certificate, role)
    _check_leaf(certificate)
    desk_key, papers = _role_papers(certificate, role, officer)
    return ClaimedIdentity(
        member=member,
        role=role,
        desk=desk,
        desks=tuple(DeskId(d) for d in papers.desks) if papers else (),
        officer=officer,
        desk_suite=desk_key.suite if desk_key else None,
        desk_key_sha256=desk_key.sha256 if desk_key else None,
        certificate_sha256=certificate_sha256(certificate),
        serial=certificate.serial_number,
        not_before=unix_seconds(certificate.not_valid_before_utc),
        not_after=unix_seconds(certificate.not_valid_after_utc),
    )


def _check_key(certificate: x509.Certificate) -> None:
    where = "step 1 key"
    try:
        version, serial, key = certificate.version, certificate.serial_number, certificate.public_key()
    except UNREADABLE:
        raise IdentityError("the key of the certificate cannot be read", where=where, reason="key") from None
    if version is not x509.Version.v3 or serial <= 0:
        raise IdentityError(
            "a version 3 certificate with a positive serial number is needed", where=where, reason="form"
        )
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise IdentityError("the key of a certificate is P-256", where=where, reason="key-type")


def _only_dns_name(certificate: x509.Certificate) -> str:
    names = _extension(certificate, x509.SubjectAlternativeName, "step 2 one name")
    if names is None or len(list(names)) != 1:
        raise IdentityError("exactly one name is needed", where="step 2 one name", reason="name-count")
    only = next(iter(names))
    if not isinstance(only, x509.DNSName):
        raise IdentityError("the name is not a DNS name", where="step 3 DNS", reason="name-form")
    return only.value


def _parse_name(name: str, domain: str) -> tuple[MemberId, Role, DeskId | None, str | None]:
    try:
        label, member, rest = name.split(".", 2)
        if rest != domain:
            raise InvalidInputError(where="domain")
        return parse_member(member), *_parse_label(label)
    except (ValueError, InvalidInputError):
        raise IdentityError(
            "the name does not read <role>.<member>.<domain>", where="step 4 name", reason="name"
        ) from None


def _parse_label(label: str) -> tuple[Role, DeskId | None, str | None]:
    kind, _, rest = label.partition("-")
    if kind == Role.DESK:
        return Role.DESK, parse_desk(rest), None
    if kind == Role.OFFICER:
        return Role.OFFICER, None, parse_officer(rest)
    return Role(label), None, None


def _check_uses(certificate: x509.Certificate, role: Role) -> None:
    uses = _extension(certificate, x509.ExtendedKeyUsage, "step 5 use")
    found = list(uses) if uses else []
    private = [use for use in found if use in PRIVATE_USE.values()]
    if len(private) > 1:
        raise IdentityError("the certificate has two profiles", where="step 5 use", reason="two-profiles")
    if private != [PRIVATE_USE[role]]:
        raise IdentityError(
            "the certificate lacks the key usage of its role", where="step 5 use", reason="no-profile"
        )
    if sorted(use.dotted_string for use in found) != sorted(
        use.dotted_string for use in {*private, *TLS_USES[role]}
    ):
        raise IdentityError(
            "the certificate has other key usages than its role", where="step 5 use", reason="usage"
        )


def _check_leaf(certificate: x509.Certificate) -> None:
    where = "step 6 leaf"
    basic = _extension(certificate, x509.BasicConstraints, where)
    usage = _extension(certificate, x509.KeyUsage, where)
    if basic is not None and basic.ca:
        raise IdentityError("an authority's certificate shows nobody", where=where, reason="is-ca")
    if usage != DATA_SIGNING:
        raise IdentityError("the key may sign data and nothing else", where=where, reason="key-usage")


DATA_SIGNING: Final = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
"""The key usage of every certificate of a member below its authorities."""


def _role_papers(
    certificate: x509.Certificate, role: Role, officer: str | None
) -> tuple[DeskKey | None, OfficerPapers | None]:
    where = "step 7 role papers"
    for other, oid in _ROLE_EXTENSIONS.items():
        if other is not role and _raw_extension(certificate, oid, where) is not None:
            raise IdentityError("it carries the papers of another role", where=where, reason="spare-papers")
    if role is Role.DESK:
        return decode_desk_key(_papers_of(certificate, DESK_KEY_EXTENSION)), None
    if role is Role.OFFICER:
        papers = decode_officer(_papers_of(certificate, OFFICER_EXTENSION))
        if papers.number != officer:
            raise IdentityError("papers and name differ", where=where, reason="papers")
        return None, papers
    return None, None


def _papers_of(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> bytes:
    value = _raw_extension(certificate, oid, "step 7 role papers")
    if value is None:
        raise IdentityError(
            "the papers of its role are missing", where="step 7 role papers", reason="no-papers"
        )
    return value


def encode_desk_key(suite: str, public_key_sha256: bytes) -> bytes:
    """Return the value of the desk certificate's extension (DER)."""
    return asn1.encode_der(DeskKey(suite=suite, sha256=public_key_sha256))


def decode_desk_key(der: bytes) -> DeskKey:
    """Return suite and digest from a desk certificate's extension; raise `IdentityError`."""
    papers = _papers(DeskKey, der)
    if len(papers.sha256) != 32 or len(papers.suite) > 64 or not _SUITE.match(papers.suite):
        raise _bad_papers()
    return papers


def encode_officer(number: str, desks: Iterable[DeskId]) -> bytes:
    """Return the value of the officer certificate's extension (DER), desks in order."""
    return asn1.encode_der(OfficerPapers(number=number, desks=sorted(desks)))


def decode_officer(der: bytes) -> OfficerPapers:
    """Return number and desks from an officer certificate's extension; raise `IdentityError`."""
    papers = _papers(OfficerPapers, der)
    try:
        desks = [parse_desk(desk) for desk in papers.desks]
    except InvalidInputError:
        raise _bad_papers() from None
    if not desks or desks != sorted(set(desks)):
        raise _bad_papers()
    return papers


def _papers(kind: type[_Der], der: bytes) -> _Der:
    try:
        return asn1.decode_der(kind, der)
    except ValueError:
        raise _bad_papers() from None


def _bad_papers() -> IdentityError:
    return IdentityError("the papers of its role cannot be read", where="step 7 role papers", reason="papers")


def speaks_for(root: x509.Certificate, member: MemberId, domain: str) -> bool:
    """Say whether an authority's certificate is constrained to exactly the names of `member`."""
    try:
        constraints = root.extensions.get_extension_for_class(x509.NameConstraints)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    permitted = constraints.value.permitted_subtrees
    return (
        constraints.critical
        and permitted == [x509.DNSName(member_name(member, domain))]
        and not constraints.value.excluded_subtrees
    )


# ── reading ──────────────────────────────────────────────────────────────────────────


def unix_seconds(moment: dt.datetime) -> int:
    """Return an aware time of a certificate or list as unix seconds."""
    return int(moment.timestamp())


def _extension(
    certificate: x509.Certificate, kind: type[_ExtensionValue], where: str
) -> _ExtensionValue | None:
    try:
        return _extensions(certificate, where).get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _raw_extension(certificate: x509.Certificate, oid: x509.ObjectIdentifier, where: str) -> bytes | None:
    for extension in _extensions(certificate, where):
        if extension.oid == oid and isinstance(extension.value, x509.UnrecognizedExtension):
            return extension.value.value
    return None


def _extensions(certificate: x509.Certificate, where: str) -> x509.Extensions:
    try:
        return certificate.extensions
    except UNREADABLE:
        raise IdentityError(
            "the extensions of the certificate cannot be read", where=where, reason="extensions"
        ) from None


def _with_names(certificate: x509.Certificate) -> x509.Certificate:
    """Return the certificate once its names were read: `cryptography` does that only when they are asked for."""
    _ = certificate.subject, certificate.issuer
    return certificate


def _parsed(load: Callable[[], _Der]) -> _Der:
    try:
        return load()
    except UNREADABLE:
        raise IdentityError("not a certificate", where="certificate", reason="form") from None

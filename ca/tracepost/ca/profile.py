"""Templates: what the certificate of each role says, and for how long.

A profile is the operator's word of who somebody may be; a template turns it into a
certificate that is complete but for the signature. The names, usages and papers come from
the treaty (`tracepost.protocol.identity`): an authority invents nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tracepost.protocol.envelope import SUITE
from tracepost.protocol.identity import (
    DATA_SIGNING,
    DESK_KEY_EXTENSION,
    OFFICER_EXTENSION,
    PRIVATE_USE,
    TLS_USES,
    Role,
    encode_desk_key,
    encode_officer,
    member_name,
    parse_officer,
    role_label,
)
from tracepost.protocol.ids import DeskId, MemberId, parse_desk
from tracepost.protocol.trustlist import MemberType

DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things of an authority live, and how far it dates them back, all in seconds.

    Dating back lets a peer whose clock is slow believe a certificate of this minute.
    """

    root: int = 3650 * DAY_S
    node: int = 365 * DAY_S
    signing: int = 400 * DAY_S
    server: int = 365 * DAY_S
    crl: int = 30 * DAY_S
    token: int = DAY_S
    session: int = DAY_S
    backdate: int = 3600

    def of(self, role: Role) -> int:
        """Return the seconds that a certificate of `role` lives."""
        return self.node if role in (Role.NODE, Role.CONSOLE) else self.signing


@dataclass(frozen=True, slots=True)
class Profile:
    """Who somebody may be: a role, and for desks and officers which."""

    role: Role
    desk: DeskId | None = None
    desks: tuple[DeskId, ...] = ()
    officer: str | None = None

    @property
    def label(self) -> str:
        """The first label of the certificate's name."""
        return role_label(self.role, self.desk, self.officer)


def node_profile() -> Profile:
    """The daemon of a member, on both ends of TLS."""
    return Profile(Role.NODE)


def statement_profile() -> Profile:
    """The key that signs the member's statements."""
    return Profile(Role.STATEMENT)


def desk_profile(desk: str) -> Profile:
    """A desk that opens mail; raise `InvalidInputError` for a bad desk id."""
    return Profile(Role.DESK, desk=parse_desk(desk))


def console_profile() -> Profile:
    """The web console at which officers work; it has no right of its own."""
    return Profile(Role.CONSOLE)


def officer_profile(number: str, desks: Sequence[str]) -> Profile:
    """An officer who sits at these desks; raise `InvalidInputError` for a bad number or desk id."""
    return Profile(
        Role.OFFICER,
        desks=tuple(sorted({parse_desk(desk) for desk in desks})),
        officer=parse_officer(number),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a certificate will say: enough to sign it, now or after a crash.

    `label` stands for the profile in words; times are unix seconds.
    """

    serial: int
    label: str
    profile: Profile | None
    public_key: bytes = field(repr=False)
    desk_key_sha256: bytes | None
    not_before: int
    not_after: int


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs: a root, and the member and domain that it speaks for."""

    root: x509.Certificate
    member: MemberId
    domain: str

    def name(self, label: str) -> str:
        """Return the DNS name of something of this member."""
        return f"{label}.{member_name(self.member, self.domain)}"

    @property
    def key_identifier(self) -> x509.AuthorityKeyIdentifier:
        """What certificates and lists say of the key that signed them."""
        identifier = self.root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier.value)


def root_template(
    member: MemberId, domain: str, key: ec.EllipticCurvePublicKey, *, serial: int, dates: tuple[int, int]
) -> x509.CertificateBuilder:
    """Return a root that speaks for the names of one member and has no authorities below it."""
    name = _subject(member, "authority")
    permitted = [x509.DNSName(member_name(member, domain))]
    return (
        _dated(serial, *dates)
        .subject_name(name)
        .issuer_name(name)
        .public_key(key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_ROOT_USAGE, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def leaf_template(draft: Draft, key: ec.EllipticCurvePublicKey, issuer: Issuer) -> x509.CertificateBuilder:
    """Return the certificate that the draft describes, ready to be signed by the issuer's key."""
    name = x509.DNSName(issuer.name(draft.label))
    builder = (
        _dated(draft.serial, draft.not_before, draft.not_after)
        .subject_name(_subject(issuer.member, draft.label))
        .issuer_name(issuer.root.subject)
        .public_key(key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(DATA_SIGNING, critical=True)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.ExtendedKeyUsage(_uses(draft)), critical=False)
        .add_extension(issuer.key_identifier, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    for oid, value in _papers(draft).items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    return builder


def _uses(draft: Draft) -> list[x509.ObjectIdentifier]:
    if draft.profile is None:
        return [ExtendedKeyUsageOID.SERVER_AUTH]
    tls = sorted(TLS_USES[draft.profile.role], key=lambda use: use.dotted_string)
    return [PRIVATE_USE[draft.profile.role], *tls]


def _papers(draft: Draft) -> Mapping[x509.ObjectIdentifier, bytes]:
    if draft.desk_key_sha256 is not None:
        return {DESK_KEY_EXTENSION: encode_desk_key(SUITE, draft.desk_key_sha256)}
    if draft.profile is not None and draft.profile.officer is not None:
        return {OFFICER_EXTENSION: encode_officer(draft.profile.officer, draft.profile.desks)}
    return {}


def _subject(member: MemberId, label: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, member),
            x509.NameAttribute(NameOID.COMMON_NAME, label),
        ]
    )


def _dated(serial: int, not_before: int, not_after: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .serial_number(serial)
        .not_valid_before(dt.datetime.fromtimestamp(not_before, tz=dt.UTC))
        .not_valid_after(dt.datetime.fromtimestamp(not_after, tz=dt.UTC))
    )


_ROOT_USAGE: Final = x509.KeyUsage(
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

ROLES_OF: Final[Mapping[MemberType, frozenset[Role]]] = MappingProxyType(
    {
        **dict.fromkeys(MemberType, frozenset(Role)),
        # A relay carries mail and can read none: it has no desk to seal to.
        MemberType.RELAY: frozenset({Role.NODE, Role.STATEMENT}),
    }
)
"""Which certificates an authority of each member type issues."""

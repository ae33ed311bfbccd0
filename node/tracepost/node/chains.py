"""Certificates of members and what stands above them: at most one authority between a leaf and a root.

A leaf is proved at its own beginning: one that has run out since still signs for its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from tracepost.protocol.certificate import UNREADABLE
from tracepost.protocol.errors import IdentityError, TrustError
from tracepost.protocol.identity import Identity, read_identity, speaks_for, verify_identity
from tracepost.protocol.trustlist import Member

AUTHORITIES_LIMIT = 8
"""Authorities that one member may have under its roots."""

_WHERE = "step 4: certificates"


def is_authority(certificate: x509.Certificate) -> bool:
    """Say whether a certificate is one that issues others."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return found.value.ca


def check_authority(certificate: x509.Certificate, member: Member, domain: str) -> None:
    """Raise `IdentityError` unless a root of `member` issued this authority.

    What it may issue, and until when, is judged with each leaf.
    """
    own = [root for root in member.root_certificates() if speaks_for(root, member.id, domain)]
    if not any(has_issued(root, certificate) for root in own):
        raise IdentityError("no root of the member issued the authority", where=_WHERE, reason="path")


def prove(
    certificate: x509.Certificate, authorities: Iterable[x509.Certificate], member: Member, domain: str
) -> Identity:
    """Return whom a leaf shows, proved to a root of `member`, by one of `authorities` if it needs one.

    Raises:
        IdentityError: no path, or another profile.
        TrustError: it is another member's.
    """
    begins = read_identity(certificate, domain).not_before
    refusal: IdentityError | None = None
    for chain in ([], *([one] for one in authorities if one.subject == certificate.issuer)):
        try:
            identity = verify_identity(
                certificate, chain, member.root_certificates(), at=begins, domain=domain, revoked=None
            )
        except IdentityError as error:
            refusal = error
            continue
        if identity.member != member.id:
            raise TrustError("a certificate is another member's", where=_WHERE, reason="other-member")
        return identity
    assert refusal is not None  # the empty chain was tried
    raise refusal


def path_of(
    certificate: x509.Certificate,
    authorities: Iterable[x509.Certificate],
    roots: Sequence[x509.Certificate],
) -> list[x509.Certificate]:
    """Return a leaf that was proved, the authority above it if there is one, and their root."""
    path = [certificate]
    for above in (authorities, roots):
        path += [one for one in above if has_issued(one, path[-1])][:1]
    return path


def has_issued(above: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Say whether the key of `above` signed a certificate, and it says so."""
    try:
        certificate.verify_directly_issued_by(above)
    except (InvalidSignature, TypeError, *UNREADABLE):
        return False
    return True

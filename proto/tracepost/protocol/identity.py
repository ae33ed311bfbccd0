"""Certificates: which member, role, desk or officer a certificate shows, and whether it may.

Steps of checking a certificate (`read_identity` does 1-7, `verify_identity` all):

 1. key          version 3, a positive serial number, a P-256 public key
 2. one name     exactly one subject alternative name
 3. DNS          and it is a DNS name (DNS constraints bind no other form: a leaf with
                 only a SPIFFE URI passed them in both verifiers that we measured)
 4. name         reads `<role>.<member>.<domain>`
 5. use          exactly one private extended key usage, the one of the role, and just
                 the TLS usages of that role beside it
 6. leaf         no CA, and its key signs nothing but data
 7. role papers  a desk certificate names suite and digest of the desk's HPKE key, an
                 officer certificate number and desks; no other certificate has these
 8. depth        at most one intermediate
 9. roots        at least one given root says by its name constraint that it speaks for
                 exactly this member; all others are left aside
10. dates        the leaf is valid at the given time
11. path         signatures, dates, constraints and path lengths up to such a root
                 (RFC 5280, section 6, by the verifier of `cryptography`)
12. revocation   no certificate of the path is revoked at the given time

Steps 1-7 are the profile (`certificate.py`); revocation lists are in `revocation.py`. The
names of both are offered here, so that this module is all that a user of certificates needs.

Not done here: choosing the roots (trust list), deciding what a role may do (the gate).

    claimed = read_identity(leaf, "tracepost.example")           # proves nothing yet
    identity = verify_identity(leaf, chain, roots_of[claimed.member], at=now,
                               domain="tracepost.example", revoked=revocations)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from cryptography import x509
from cryptography.x509 import verification

from tracepost.protocol.certificate import (
    ARC,
    DATA_SIGNING,
    DESK_KEY_EXTENSION,
    MAX_CERTIFICATE_BYTES,
    OFFICER_EXTENSION,
    PRIVATE_USE,
    TLS_USES,
    ClaimedIdentity,
    Role,
    certificate_sha256,
    dns_name,
    encode_desk_key,
    encode_officer,
    load_certificate,
    load_chain,
    member_name,
    parse_officer,
    read_identity,
    role_label,
    speaks_for,
    unix_seconds,
)
from tracepost.protocol.errors import IdentityError
from tracepost.protocol.revocation import MAX_CRL_BYTES, CrlHead, Revocations, RevocationView

__all__ = [
    "ARC",
    "DATA_SIGNING",
    "DESK_KEY_EXTENSION",
    "MAX_CERTIFICATE_BYTES",
    "MAX_CRL_BYTES",
    "MAX_INTERMEDIATES",
    "OFFICER_EXTENSION",
    "PRIVATE_USE",
    "TLS_USES",
    "ClaimedIdentity",
    "CrlHead",
    "Identity",
    "RevocationView",
    "Revocations",
    "Role",
    "certificate_sha256",
    "check_revocation",
    "check_validity",
    "dns_name",
    "encode_desk_key",
    "encode_officer",
    "load_certificate",
    "load_chain",
    "member_name",
    "parse_officer",
    "read_identity",
    "role_label",
    "speaks_for",
    "unix_seconds",
    "verify_identity",
]

MAX_INTERMEDIATES: Final = 1


@dataclass(frozen=True, slots=True)
class Identity(ClaimedIdentity):
    """Who a certificate shows, proved by a path to a root of its member.

    `not_before` and `not_after` bound the whole path; `path_serials` are the serial numbers
    of the leaf and its intermediates, for asking later whether one was revoked.
    """

    path_serials: tuple[int, ...] = ()


def verify_identity(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    *,
    at: int,
    domain: str,
    revoked: RevocationView | None,
    revoked_at: int | None = None,
) -> Identity:
    """Prove who the leaf shows (steps 1-12) against the roots of the member that it names.

    `at` is the unix time at which the path must be valid; `revoked_at` the time at which
    revocation is judged, `at` if not given (for a statement: its `iat` and its earliest
    proven time, protocol section 2). Raises `IdentityError` with the step.
    """
    claimed = read_identity(leaf, domain)
    if len(intermediates) > MAX_INTERMEDIATES:
        raise IdentityError("the chain is too deep", where="step 8 depth", reason="chain-too-deep")
    own = [root for root in roots if speaks_for(root, claimed.member, domain)]
    if not own:
        raise IdentityError(
            "no root speaks for the member that the certificate names", where="step 9 roots", reason="no-root"
        )
    _check_dates(claimed, at)
    path = _find_path(leaf, intermediates, own, at)
    identity = _proved(claimed, path)
    check_revocation(identity, at=at if revoked_at is None else revoked_at, revoked=revoked)
    return identity


def check_validity(identity: Identity, *, at: int, revoked: RevocationView | None) -> None:
    """Check dates and revocation (steps 10 and 12) of an identity proved earlier; raise `IdentityError`.

    For connections and caches: a path once found stays found, the calendar and the CRL move on.
    """
    _check_dates(identity, at)
    check_revocation(identity, at=at, revoked=revoked)


def check_revocation(identity: Identity, *, at: int, revoked: RevocationView | None) -> None:
    """Check that no certificate of the path was revoked at unix time `at` (step 12)."""
    if revoked is not None and any(revoked.is_revoked(identity.member, s, at) for s in identity.path_serials):
        raise IdentityError("the certificate is revoked", where="step 12 revocation", reason="revoked")


def _check_dates(claimed: ClaimedIdentity, at: int) -> None:
    where = "step 10 dates"
    if at < claimed.not_before:
        raise IdentityError("the certificate is not yet valid", where=where, reason="not-yet-valid")
    if at > claimed.not_after:
        raise IdentityError("the certificate has expired", where=where, reason="expired")


def _find_path(
    leaf: x509.Certificate,
    intermediates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: int,
) -> list[x509.Certificate]:
    policy = (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(dt.datetime.fromtimestamp(at, tz=dt.UTC))
        .max_chain_depth(MAX_INTERMEDIATES + 1)
        .extension_policies(
            ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=_LEAF_EXTENSIONS
        )
    )
    try:
        return policy.build_client_verifier().verify(leaf, list(intermediates)).chain
    except (verification.VerificationError, ValueError):
        raise IdentityError(
            "no valid path leads to a root of the member", where="step 11 path", reason="path"
        ) from None


# The key usages were judged in step 5; the verifier's own rule knows TLS clients only.
_LEAF_EXTENSIONS: Final = verification.ExtensionPolicy.webpki_defaults_ee().may_be_present(
    x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, None
)


def _proved(claimed: ClaimedIdentity, path: Sequence[x509.Certificate]) -> Identity:
    known = {f.name: getattr(claimed, f.name) for f in fields(claimed)}
    known["not_before"] = max(unix_seconds(c.not_valid_before_utc) for c in path)
    known["not_after"] = min(unix_seconds(c.not_valid_after_utc) for c in path)
    return Identity(**known, path_serials=tuple(c.serial_number for c in path[:-1]))

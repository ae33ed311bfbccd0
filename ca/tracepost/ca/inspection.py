"""Looking at one's own signature before anybody else does (step 6 of issuing).

A certificate goes out only if the same code that peers will use accepts it and reads from it
exactly what the draft meant. The model is SPIRE's `pkg/server/ca`: an authority that checks
its own output turns a template bug into an error message, not into an incident.
"""

from __future__ import annotations

import datetime as dt

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import verification

from tracepost.ca.profile import Draft, Issuer, Profile
from tracepost.protocol.enrolment import SERVER_LABEL
from tracepost.protocol.envelope import SUITE
from tracepost.protocol.errors import IdentityError, InternalError, StoreError
from tracepost.protocol.identity import Revocations, read_identity, unix_seconds, verify_identity

_STEP = "step 6 validation"


def inspect_certificate(certificate: x509.Certificate, draft: Draft, issuer: Issuer) -> None:
    """Check that peers read from the certificate what the draft meant; raise `InternalError`."""
    try:
        agrees = _says_what_was_meant(certificate, draft) and (
            _serves_by_name(certificate, draft, issuer)
            if draft.profile is None
            else _shows_whom_was_meant(certificate, draft, issuer)
        )
    except (IdentityError, verification.VerificationError) as error:
        raise InternalError(
            "our own certificate does not verify", where=_STEP, reason="validation"
        ) from error
    if not agrees:
        raise _wrong("our own certificate says something else")


def inspect_list(crl: bytes, number: int, revoked: frozenset[int], issuer: Issuer) -> None:
    """Check that peers take the list in and learn every revocation from it; raise `InternalError`."""
    try:
        known = Revocations().with_crl(issuer.member, crl, [issuer.root], domain=issuer.domain, now=_FAR)
    except IdentityError as error:
        raise _wrong("our own list does not verify") from error
    if known.number(issuer.member) != number or not all(
        known.is_revoked(issuer.member, serial, _FAR) for serial in revoked
    ):
        raise _wrong("our own list says something else")


_FAR = 2**40  # later than any date of a list: what is checked is its content, not our clock


def _says_what_was_meant(certificate: x509.Certificate, draft: Draft) -> bool:
    return (
        certificate.serial_number == draft.serial
        and unix_seconds(certificate.not_valid_before_utc) == draft.not_before
        and unix_seconds(certificate.not_valid_after_utc) == draft.not_after
        and public_key_der(certificate) == draft.public_key
    )


def _shows_whom_was_meant(certificate: x509.Certificate, draft: Draft, issuer: Issuer) -> bool:
    shown = verify_identity(
        certificate, [], [issuer.root], at=draft.not_before, domain=issuer.domain, revoked=None
    )
    meant = draft.profile
    return (
        meant is not None
        and (shown.member, shown.role, shown.desk) == (issuer.member, meant.role, meant.desk)
        and (shown.desks, shown.officer) == (meant.desks, meant.officer)
        and shown.desk_key_sha256 == draft.desk_key_sha256
        and shown.desk_suite == (SUITE if draft.desk_key_sha256 is not None else None)
    )


def _serves_by_name(certificate: x509.Certificate, draft: Draft, issuer: Issuer) -> bool:
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store([issuer.root]))
        .time(dt.datetime.fromtimestamp(draft.not_before, tz=dt.UTC))
        .build_server_verifier(x509.DNSName(issuer.name(draft.label)))
    )
    return verifier.verify(certificate, [])[-1] == issuer.root


def draft_of(certificate: x509.Certificate, issuer: Issuer) -> Draft:
    """Return the draft of a certificate that we published once; raise `StoreError` if it is not ours."""
    try:
        certificate.verify_directly_issued_by(issuer.root)
        profile, desk_key_sha256 = _profile_of(certificate, issuer)
    except (ValueError, TypeError, InvalidSignature, IdentityError) as error:
        raise StoreError(
            "a published certificate is not ours",
            where="published/certificates",
            reason="foreign-certificate",
        ) from error
    return Draft(
        serial=certificate.serial_number,
        label=profile.label if profile else SERVER_LABEL,
        profile=profile,
        public_key=public_key_der(certificate),
        desk_key_sha256=desk_key_sha256,
        not_before=unix_seconds(certificate.not_valid_before_utc),
        not_after=unix_seconds(certificate.not_valid_after_utc),
    )


def _profile_of(certificate: x509.Certificate, issuer: Issuer) -> tuple[Profile | None, bytes | None]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if list(names) == [x509.DNSName(issuer.name(SERVER_LABEL))]:
        return None, None
    shown = read_identity(certificate, issuer.domain)
    return Profile(shown.role, shown.desk, shown.desks, shown.officer), shown.desk_key_sha256


def public_key_der(signed: x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    """Return the SubjectPublicKeyInfo (DER) of a certificate or request: the name of a key here."""
    return signed.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _wrong(message: str) -> InternalError:
    return InternalError(message, where=_STEP, reason="validation")

"""Policy: what an authority does not sign, whoever asks (step 3 of issuing).

Rules, each with its reason code:

- the member type has this role (`role-of-member-type`)
- an officer sits at one desk at least (`no-desk`)
- the root speaks for this member and outlives the certificate (`root`)
- the request asks for no name or for just this one, and for nothing else (`requested`)
- the P-256 key never served under another name and never in a revoked certificate (`key-reused`)
- the HPKE key never served another desk (`desk-key-reused`)
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography import x509

from tracepost.ca.profile import ROLES_OF, Draft, Issuer, Profile
from tracepost.ca.store import Issued
from tracepost.protocol.certificate import UNREADABLE
from tracepost.protocol.errors import EnrolmentError
from tracepost.protocol.identity import Role, speaks_for, unix_seconds
from tracepost.protocol.trustlist import MemberType

_STEP = "step 3 policy"


def check_profile(profile: Profile, member_type: MemberType) -> None:
    """Check that a member of this type may have such a certificate; raise `EnrolmentError`."""
    if profile.role not in ROLES_OF[member_type]:
        raise _refusal("a member of this type has no such certificate", "role-of-member-type")
    if profile.role is Role.OFFICER and not profile.desks:
        raise _refusal("an officer sits at one desk at least", "no-desk")


def check_root(draft: Draft, issuer: Issuer) -> None:
    """Check that the root may and can vouch for the draft to its end; raise `EnrolmentError`."""
    begins = unix_seconds(issuer.root.not_valid_before_utc)
    ends = unix_seconds(issuer.root.not_valid_after_utc)
    within = begins <= draft.not_before and draft.not_after <= ends
    if not within or not speaks_for(issuer.root, issuer.member, issuer.domain):
        raise _refusal("the root does not reach so far", "root")


def check_request(request: x509.CertificateSigningRequest, name: str) -> None:
    """Check that the request asks for nothing that the profile does not give; raise `EnrolmentError`."""
    try:
        asked = [extension.value for extension in request.extensions]
    except UNREADABLE:
        raise _refusal("the request cannot be read", "requested") from None
    if asked not in ([], [x509.SubjectAlternativeName([x509.DNSName(name)])]):
        raise _refusal("the request asks for more than its profile gives", "requested")


def check_keys(draft: Draft, earlier: Iterable[Issued], revoked: frozenset[int]) -> None:
    """Check the draft's keys against all certificates that used one of them; raise `EnrolmentError`."""
    for issued in earlier:
        before = issued.draft
        if before.public_key == draft.public_key and (
            before.label != draft.label or before.serial in revoked
        ):
            raise _refusal("this key served before", "key-reused")
        if (
            draft.desk_key_sha256 is not None
            and before.desk_key_sha256 == draft.desk_key_sha256
            and before.label != draft.label
        ):
            raise _refusal("this HPKE key served another desk", "desk-key-reused")


def _refusal(message: str, reason: str) -> EnrolmentError:
    return EnrolmentError(message, where=_STEP, reason=reason)

"""Certificate revocation lists: what each member has taken back.

Steps of taking in a list (`Revocations.with_crl`):

CRL 1. form      parses, at most 4 MiB, has number and next update, is whole (neither
                 delta nor partition) and takes nothing back
CRL 2. signer    signed by a root that speaks for exactly this member
CRL 3. time      not issued more than five minutes ahead of us
CRL 4. number    higher than the one held; the same number only with the same signed part

A member's list is signed by its root and names every revoked certificate of the member,
whichever of its authorities issued it; serial numbers are random and do not repeat. What
was revoked once stays revoked here, also if a later list leaves it out.

Not done here: what to do when a list is overdue. Past `next_update` known members go on
with an alarm (protocol, section 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from tracepost.protocol.certificate import UNREADABLE, certificate_sha256, speaks_for, unix_seconds
from tracepost.protocol.errors import IdentityError
from tracepost.protocol.ids import MemberId

MAX_CRL_BYTES: Final = 4 * 1024 * 1024
CLOCK_TOLERANCE_S: Final = 300


class RevocationView(Protocol):
    """What is known of revoked certificates; an immutable answer, safe to share."""

    def is_revoked(self, member: MemberId, serial: int, at: int) -> bool:
        """Say whether the member had revoked this serial number at unix time `at`."""


@dataclass(frozen=True, slots=True)
class CrlHead:
    """The newest list of one root: its number, its digest and when the next is due (unix seconds).

    The digest is over the signed part: an ECDSA signature can be changed into another good one,
    and that must not make another list.
    """

    member: MemberId
    root_sha256: bytes
    number: int
    sha256: bytes
    this_update: int
    next_update: int


@dataclass(frozen=True, slots=True)
class Revocations:
    """All that is known of revoked certificates; each new list makes a new value."""

    heads: tuple[CrlHead, ...] = ()
    _since: Mapping[tuple[MemberId, int], int] = field(default_factory=dict, repr=False)

    def is_revoked(self, member: MemberId, serial: int, at: int) -> bool:
        """Say whether the member had revoked this serial number at unix time `at`."""
        since = self._since.get((member, serial))
        return since is not None and since <= at

    def number(self, member: MemberId) -> int | None:
        """Return the highest CRL number of the member; None if there is no list."""
        return max((h.number for h in self.heads if h.member == member), default=None)

    def next_update(self, member: MemberId) -> int | None:
        """Return when the member's next list is due, unix seconds; None if there is no list."""
        return min((h.next_update for h in self.heads if h.member == member), default=None)

    def with_crl(
        self, member: MemberId, der: bytes, roots: Sequence[x509.Certificate], *, domain: str, now: int
    ) -> Revocations:
        """Return what is known once this list is taken in too (CRL steps 1-4).

        The list that is already held gives back the same value. Raises `IdentityError`.
        """
        crl = _load_crl(der)
        root = _find_crl_signer(crl, [root for root in roots if speaks_for(root, member, domain)])
        head = _head_of(crl, member, root)
        if head.this_update > now + CLOCK_TOLERANCE_S:
            raise IdentityError("the list is issued in the future", where="CRL step 3 time", reason="future")
        held = next((h for h in self.heads if h.root_sha256 == head.root_sha256), None)
        if held is not None and not _is_newer(head, held):
            return self
        since = {(member, e.serial_number): unix_seconds(e.revocation_date_utc) for e in crl}
        return Revocations(
            heads=(*(h for h in self.heads if h is not held), head),
            _since={**since, **self._since},  # what is known already keeps its date
        )


def _load_crl(der: bytes) -> x509.CertificateRevocationList:
    if len(der) > MAX_CRL_BYTES:
        raise IdentityError("the list is too large", where="CRL step 1 form", reason="too-large")
    try:
        crl = x509.load_der_x509_crl(der)
        known = {ExtensionOID.CRL_NUMBER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER}
        whole = {e.oid for e in crl.extensions} <= known and all(_is_final(entry) for entry in crl)
    except UNREADABLE:
        whole = False
    if not whole or crl.next_update_utc is None:
        raise IdentityError("the list cannot be read or is not whole", where="CRL step 1 form", reason="form")
    return crl


def _is_final(entry: x509.RevokedCertificate) -> bool:
    reasons = [e.value for e in entry.extensions if isinstance(e.value, x509.CRLReason)]
    return all(r.reason is not x509.ReasonFlags.remove_from_crl for r in reasons) and not any(
        e.critical for e in entry.extensions
    )


def _find_crl_signer(
    crl: x509.CertificateRevocationList, roots: Sequence[x509.Certificate]
) -> x509.Certificate:
    for root in roots:
        if _is_signed_by(crl, root):
            return root
    raise IdentityError(
        "the list is not signed by a root of the member", where="CRL step 2 signer", reason="signer"
    )


def _is_signed_by(crl: x509.CertificateRevocationList, root: x509.Certificate) -> bool:
    try:
        key = root.public_key()
        return (
            root.subject == crl.issuer
            and isinstance(key, ec.EllipticCurvePublicKey)
            and crl.is_signature_valid(key)
        )
    except UNREADABLE:
        return False


def _head_of(crl: x509.CertificateRevocationList, member: MemberId, root: x509.Certificate) -> CrlHead:
    try:
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        raise IdentityError("the list has no number", where="CRL step 1 form", reason="form") from None
    next_update = crl.next_update_utc
    assert next_update is not None  # CRL step 1
    return CrlHead(
        member=member,
        root_sha256=certificate_sha256(root),
        number=number,
        sha256=hashlib.sha256(crl.tbs_certlist_bytes).digest(),
        this_update=unix_seconds(crl.last_update_utc),
        next_update=unix_seconds(next_update),
    )


def _is_newer(head: CrlHead, held: CrlHead) -> bool:
    if head.number == held.number and head.sha256 == held.sha256:
        return False
    if head.number <= held.number:
        raise IdentityError(
            "the list is older than the one held", where="CRL step 4 number", reason="rolled-back"
        )
    return True

"""Revocation lists: numbered for ever upward, never forgetting an entry.

A revocation is recorded first and listed next; nothing takes one back. The published list is
the authority's memory outside its database: if it knows a higher number, the database came
from a backup and has forgotten revocations. Publishing from it would un-revoke them (step-ca
issue 606), so it is refused until `restore_authority` has taught it what it forgot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tracepost.ca.clock import Clock
from tracepost.ca.inspection import inspect_list
from tracepost.ca.keystore import RootKey
from tracepost.ca.profile import Issuer
from tracepost.ca.publication import PublishedFiles
from tracepost.ca.store import AuthorityStore, ListRow, Revocation, serials
from tracepost.protocol.errors import IdentityError, InvalidInputError, StoreError
from tracepost.protocol.identity import CrlHead, Revocations, unix_seconds

REASONS: dict[str, x509.ReasonFlags] = {
    "unspecified": x509.ReasonFlags.unspecified,
    "key-compromise": x509.ReasonFlags.key_compromise,
    "affiliation-changed": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded,
    "cessation": x509.ReasonFlags.cessation_of_operation,
}
"""Why a certificate is taken back (RFC 5280, 5.3.1). None of them can be taken back in turn."""

_WORDS = {flag: word for word, flag in REASONS.items()}
_ANY_TIME = 2**40


def parse_reason(text: str) -> str:
    """Return `text` as a reason of revocation; raise `InvalidInputError`."""
    if text not in REASONS:
        raise InvalidInputError(f"a reason is one of {', '.join(REASONS)}", where="reason")
    return text


def sign_list(
    row: ListRow, revocations: Sequence[Revocation], issuer: Issuer, key: ec.EllipticCurvePrivateKey
) -> bytes:
    """Return the list with the row's number and dates, DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.root.subject)
        .last_update(_moment(row.this_update))
        .next_update(_moment(row.next_update))
        .add_extension(x509.CRLNumber(row.number), critical=False)
        .add_extension(issuer.key_identifier, critical=False)
    )
    for revocation in revocations:
        builder = builder.add_revoked_certificate(_entry(revocation))
    crl = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return crl.public_bytes(serialization.Encoding.DER)


def read_head(crl: bytes, issuer: Issuer) -> CrlHead:
    """Return number and dates of a list that this issuer signed; raise `StoreError` if it did not."""
    try:
        known = Revocations().with_crl(issuer.member, crl, [issuer.root], domain=issuer.domain, now=_ANY_TIME)
    except IdentityError as error:
        raise StoreError(
            "the published revocation list is not ours", where="published/crl.der", reason="foreign-list"
        ) from error
    return known.heads[0]


def read_revocations(crl: bytes) -> list[Revocation]:
    """Return the entries of a list that `read_head` has accepted."""
    return [
        Revocation(entry.serial_number, unix_seconds(entry.revocation_date_utc), _reason_of(entry))
        for entry in x509.load_der_x509_crl(crl)
    ]


class RevocationLists:
    """The lists of one authority: made one at a time, under the publisher's lock."""

    def __init__(
        self,
        issuer: Issuer,
        key: RootKey,
        store: AuthorityStore,
        files: PublishedFiles,
        *,
        clock: Clock,
        lifetime_s: int,
    ) -> None:
        self._issuer = issuer
        self._key = key
        self._store = store
        self._files = files
        self._clock = clock
        self._lifetime_s = lifetime_s

    def publish(self) -> bytes:
        """Sign and publish the next list and return it (DER); raise `StoreError` from an old database."""
        key = self._key.unlocked()
        with self._files.exclusive():
            self.refuse_forgotten()
            now = self._clock()
            row = self._store.reserve_list(this_update=now, next_update=now + self._lifetime_s)
            revocations = self._store.revocations()
            crl = sign_list(row, revocations, self._issuer, key)
            inspect_list(crl, row.number, serials(revocations), self._issuer)
            self._store.keep_list(row.number, crl)
            self._files.write_list(crl)
        return crl

    def is_due(self) -> bool:
        """Say whether something is recorded that the published list does not show."""
        last, published = self._store.last_list(), self._files.read_list()
        if last is None or published is None or last.crl != published:
            return True
        return not serials(self._store.revocations()) <= serials(read_revocations(published))

    def is_aging(self) -> bool:
        """Say whether half of the last list's life is over."""
        last = self._store.last_list()
        return last is None or self._clock() >= (last.this_update + last.next_update) // 2

    def refuse_forgotten(self) -> None:
        """Raise `StoreError` if the published list is newer than the database."""
        published, last = self._files.read_list(), self._store.last_list()
        if published is None or (last is not None and last.crl == published):
            return
        if last is None or read_head(published, self._issuer).number >= last.number:
            raise old_database()

    def learn(self, crl: bytes) -> None:
        """Take in a list of this authority (DER) that the database has forgotten."""
        head = read_head(crl, self._issuer)
        row = ListRow(head.number, head.this_update, head.next_update, crl)
        self._store.adopt_list(row, read_revocations(crl))


def old_database() -> StoreError:
    """Return the refusal to work with a database that what was published has outrun."""
    return StoreError(
        "the database is older than what this authority has published",
        where="authority database",
        reason="rolled-back",
        remedy="Teach it what it forgot: tracepost ca restore DIRECTORY [--crl NEWEST].",
    )


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(revocation.serial)
        .revocation_date(_moment(revocation.revoked))
    )
    if revocation.reason != "unspecified":  # RFC 5280, 5.3.1: absent rather than unspecified
        builder = builder.add_extension(x509.CRLReason(REASONS[revocation.reason]), critical=False)
    return builder.build()


def _reason_of(entry: x509.RevokedCertificate) -> str:
    reasons = [e.value.reason for e in entry.extensions if isinstance(e.value, x509.CRLReason)]
    return _WORDS.get(reasons[0], "unspecified") if reasons else "unspecified"


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC)

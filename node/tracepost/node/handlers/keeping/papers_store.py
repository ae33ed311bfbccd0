"""Papers at rest: what was taken is kept and logged; at boot it is judged again and taken up.

The store is not believed: every paper is verified anew, as of the time when it came. A directory
entry that has run out since is taken up all the same, for its number must not be forgotten;
whoever would act on it asks `Papers.require_entry`. A certificate that only an earlier trust list
proves still reads old mail. What does not hold any more is left out.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from cryptography import x509

from tracepost.node.chains import has_issued, is_authority
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.papers import (
    CertificateRecord,
    DirectoryRecord,
    RevocationListRecord,
    TrustListRecord,
)
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import IdentityError, InternalError, TracepostError
from tracepost.protocol.evidence import (
    CertificatePublished,
    ClearEntry,
    CrlPublished,
    DirectoryEntryPublished,
    TrustListAccepted,
    prepare_line,
)
from tracepost.protocol.evidence.entry import ARTEFACT_LIMIT
from tracepost.protocol.ids import MemberId
from tracepost.protocol.trustlist import TrustList
from tracepost.wire.v1.post_pb2 import Announcement

Also = Callable[[Tx, Papers], None]
"""Something else that is kept with papers, as they will be."""


def _nothing_else(_tx: Tx, _papers: Papers) -> None:
    """Do nothing: papers alone are kept."""


@dataclass(frozen=True, slots=True)
class AcceptedList:
    """A trust list that was in force from `accepted_at` (unix seconds, 0 for the first) on, verified."""

    trust: TrustList
    accepted_at: int


async def take_and_keep(
    store: Store, papers: Papers, announcement: Announcement, now: int, also: Also = _nothing_else
) -> tuple[str, ...]:
    """Take what is new in `announcement`, keep it, and then put it in force; return as `Papers.take`.

    One at a time. `also` is done in the same unit of work, with the papers as they will be.
    What is raised leaves the papers in force as they were, and those in the store too, unless it is a `StoreError`:
    then the store may have kept them (`Announcing.catch_up`).
    """
    draft = papers.draft()
    taken = await asyncio.to_thread(draft.take, announcement, now)

    def keep(tx: Tx) -> None:
        keep_papers(tx, draft, announcement, taken, now)
        also(tx, draft)

    if taken:
        await store.write(keep, label="papers")
    papers.go_over_to(draft)
    return taken


def keep_papers(tx: Tx, papers: Papers, announcement: Announcement, taken: Sequence[str], now: int) -> None:
    """Keep and log what `papers` has taken of `announcement`; part of one unit of work.

    `taken` is what `Papers.take` returned, `now` the unix time at which it did.
    """
    member = MemberId(announcement.member)
    entries: list[ClearEntry] = []
    if "trust-list" in taken:
        entries.append(_keep_trust_list(tx, papers, now))
    if "crl" in taken:
        entries.append(_keep_crl(tx, papers, member, announcement.crl, now))
    if "certificate" in taken:
        entries += _keep_certificates(tx, member, announcement.certificates, now)
    if "directory" in taken:
        entries.append(_keep_entry(tx, papers, member, now))
    tx.log.append([prepare_line(entry, _no_salt) for entry in entries])


def load_papers(tx: Tx, papers: Papers, lists: Sequence[AcceptedList] = ()) -> list[TracepostError]:
    """Give `papers`, whose trust list is the newest, all else that was kept; return why some was left out.

    Args:
        tx: where it is kept.
        papers: what it is given to.
        lists: all trust lists that were in force, in their order.
    """
    return [error for paper, at in _stored(tx) if (error := _take_up(papers, paper, at, lists))]


def _stored(tx: Tx) -> Iterator[tuple[Announcement, int]]:
    """Yield what was kept, one by one, in the order in which it builds on one another."""
    for crl in tx.revocation_lists.all():
        yield Announcement(member=crl.member, crl=crl.der), crl.received_at
    certificates = sorted(tx.certificates.all(), key=lambda one: one.received_at)
    authorities = [(one, loaded) for one in certificates if (loaded := _load_authority(one.der))]
    for one in certificates:
        above = [record.der for record, loaded in authorities if _is_above(record, loaded, one)]
        yield Announcement(member=one.member, certificates=[one.der, *above]), one.received_at
    for entry in tx.directory.all():
        yield Announcement(member=entry.member, directory_entry=entry.compact), entry.received_at


def _load_authority(der: bytes) -> x509.Certificate | None:
    try:
        loaded = load_certificate(der)
    except IdentityError:  # damaged: it is refused when it is taken up
        return None
    return loaded if is_authority(loaded) else None


def _is_above(record: CertificateRecord, authority: x509.Certificate, one: CertificateRecord) -> bool:
    if record.member != one.member or record.sha256 == one.sha256:
        return False
    try:
        return has_issued(authority, load_certificate(one.der))
    except IdentityError:
        return False


def _take_up(
    papers: Papers, paper: Announcement, at: int, lists: Sequence[AcceptedList]
) -> TracepostError | None:
    try:
        papers.take(paper, at)
    except TracepostError as error:  # one member's paper must not keep the node from booting
        return None if _take_retired(papers, paper, at, lists) else error
    return None


def _take_retired(papers: Papers, paper: Announcement, at: int, lists: Iterable[AcceptedList]) -> bool:
    """Take certificates that the list in force when they came has proved; say whether it was an earlier one."""
    begun = [one.trust for one in lists if one.accepted_at <= at]
    if not paper.certificates or not begun or begun[-1].sequence == papers.version():
        return False
    try:
        papers.take_retired(paper, begun[-1])
    except TracepostError:
        return False
    return True


def _keep_trust_list(tx: Tx, papers: Papers, now: int) -> ClearEntry:
    trust = papers.trust
    fingerprint = bytes.fromhex(trust.fingerprint)
    tx.trust_lists.keep(TrustListRecord(trust.sequence, fingerprint, now, trust.data))
    return TrustListAccepted(_digest(trust.data), _artefact(trust.data), now)


def _keep_crl(tx: Tx, papers: Papers, member: MemberId, der: bytes, now: int) -> ClearEntry:
    number = papers.revocations().number(member) or 0
    tx.revocation_lists.keep([RevocationListRecord(member, _digest(der), number, now, der)])
    return CrlPublished(_digest(der), _artefact(der), now)


def _keep_certificates(tx: Tx, member: MemberId, ders: Sequence[bytes], now: int) -> list[ClearEntry]:
    known = {one.sha256 for one in tx.certificates.all()}
    new = {_digest(der): der for der in ders if _digest(der) not in known}
    tx.certificates.keep([CertificateRecord(sha256, member, now, der) for sha256, der in new.items()])
    return [CertificatePublished(sha256, _artefact(der), now) for sha256, der in new.items()]


def _keep_entry(tx: Tx, papers: Papers, member: MemberId, now: int) -> ClearEntry:
    entry = papers.entry(member)
    if entry is None:
        raise InternalError("an entry was taken and is not there", where="directory")
    tx.directory.keep(DirectoryRecord(member, entry.sequence, entry.expires_at, now, entry.compact))
    data = entry.compact.encode("ascii")
    return DirectoryEntryPublished(_digest(data), _artefact(data), now)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _artefact(data: bytes) -> bytes:
    """Return the paper itself where the log has room for it."""
    return data if len(data) <= ARTEFACT_LIMIT else b""


def _no_salt(_length: int) -> NoReturn:
    raise InternalError("public papers stand in the log without salt", where="log")

"""What lies in a file of a pouch, read without a node: who made it, for whom, how much, and whether that is proved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tracepost.cli.words import _
from tracepost.protocol.envelope import Lane, parse_header
from tracepost.protocol.errors import IdentityError, InvalidInputError, PouchError, TrustError
from tracepost.protocol.evidence import Custody, Received, Sent, verify_proof
from tracepost.protocol.identity import Revocations
from tracepost.protocol.ids import MemberId
from tracepost.protocol.pouch import (
    OPENING_BYTES,
    MailCheck,
    Place,
    UntrustedPouch,
    beginning_length,
    read_beginning,
    read_frame,
    require_digest,
    verify_pouch,
)
from tracepost.protocol.trustlist import TrustList
from tracepost.wire.v1.post_pb2 import Announcement, Frame
from tracepost.wire.v1.pouch_pb2 import PouchManifest

_READ_BYTES: Final = 1024 * 1024


@dataclass(slots=True)
class Contents:
    """What was counted in a file."""

    manifest: PouchManifest
    envelopes: int = 0
    urgent: int = 0
    mail_bytes: int = 0
    receipts: int = 0
    papers: list[str] = field(default_factory=list)
    revocation_lists: list[Announcement] = field(default_factory=list, repr=False)
    attachments: int = 0
    attachment_bytes: int = 0
    proofs: int = 0


def read_pouch(path: Path, trust: TrustList | None, now: int) -> Contents:
    """Read a file to its end; with `trust`, prove who made it and what the logs say of what lies in it.

    Raises:
        InvalidInputError: it cannot be read.
        PouchError, IdentityError, TrustError, EvidenceError: it is damaged, or not what it says.
    """
    try:
        pouch = _read_beginning(path)
        contents = Contents(pouch.manifest)
        check = MailCheck(pouch.manifest)
        for place in pouch.places():
            _take(path, place, contents, check, trust)
        check.finish()
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be read."), where=str(path)) from fault
    if trust is not None:
        _prove(pouch, contents, trust, now)
    return contents


def _read_beginning(path: Path) -> UntrustedPouch:
    with path.open("rb") as file:
        opening = file.read(OPENING_BYTES)
        rest = file.read(beginning_length(opening) - len(opening))
    return read_beginning(opening + rest, path.stat().st_size)


def _take(path: Path, place: Place, contents: Contents, check: MailCheck, trust: TrustList | None) -> None:
    if not place.is_frame:
        digest = hashlib.sha256()
        for some in _bytes_at(path, place):
            digest.update(some)
        require_digest(place, digest.digest())
        contents.attachments += 1
        contents.attachment_bytes += place.section.length
        return
    frame = read_frame(place, b"".join(_bytes_at(path, place)))
    check.take(frame)
    contents.envelopes += len(frame.envelopes)
    contents.urgent += sum(parse_header(one.header).address.lane is Lane.URGENT for one in frame.envelopes)
    contents.mail_bytes += sum(one.ByteSize() for one in frame.envelopes)
    contents.receipts += len(frame.receipts)
    contents.papers += [one.member for one in frame.announcements]
    contents.revocation_lists += [
        Announcement(member=a.member, crl=a.crl) for a in frame.announcements if a.crl
    ]
    if trust is not None:
        contents.proofs += _check_proofs(frame, trust)


def _check_proofs(frame: Frame, trust: TrustList) -> int:
    """Check what the logs say of mail and receipts; return how many proofs hold."""
    for one in frame.envelopes:
        header = parse_header(one.header)
        entry = verify_proof(one.proof, trust.log_verifier(), live=False).entry
        if not isinstance(entry, Sent) or entry.id != hashlib.sha256(one.header).digest():
            raise PouchError(_("The sender's log says nothing of an envelope."), reason="other-entry")
        if entry.to_member != header.to_member:
            raise PouchError(_("The sender's log says nothing of an envelope."), reason="other-member")
    for receipt in frame.receipts:
        said = verify_proof(receipt.proof, trust.log_verifier(), live=False).entry
        if not isinstance(said, Received | Custody) or said.id != receipt.envelope_id:
            raise PouchError(_("A receipt is about something else."), reason="other-entry")
    return len(frame.envelopes) + len(frame.receipts)


def _prove(pouch: UntrustedPouch, contents: Contents, trust: TrustList, now: int) -> None:
    maker = trust.member(pouch.from_member)
    revoked = Revocations()
    for one in contents.revocation_lists:
        with suppress(
            IdentityError, TrustError
        ):  # of a member of a newer list, or none: it revokes nothing here
            roots = trust.member(MemberId(one.member)).root_certificates()
            revoked = revoked.with_crl(MemberId(one.member), one.crl, roots, domain=trust.domain, now=now)
    verify_pouch(pouch, maker.root_certificates(), domain=trust.domain, revoked=revoked, now=now)


def _bytes_at(path: Path, place: Place) -> Iterator[bytes]:
    left = place.section.length
    with path.open("rb") as file:
        file.seek(place.offset)
        while left and (some := file.read(min(_READ_BYTES, left))):
            left -= len(some)
            yield some

"""A file of a pouch that came, judged as a whole before anything of it is kept (`protocol.pouch`, steps 1 to 10).

    pouch = verify_file(path, vouching, us=us, domain=domain, now=now)      # steps 1 to 7
    check_content(path, pouch)                                              # steps 8 to 10
    frame = frame_at(path, place)

Bytes are read again for each step, for a file may be larger than memory. All functions block.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography import x509

from tracepost.protocol.envelope import Lane, parse_header
from tracepost.protocol.errors import PouchError
from tracepost.protocol.identity import RevocationView
from tracepost.protocol.ids import MemberId
from tracepost.protocol.pouch import (
    OPENING_BYTES,
    MailCheck,
    Place,
    Pouch,
    beginning_length,
    read_beginning,
    read_frame,
    require_digest,
    require_ours,
    verify_pouch,
)
from tracepost.serving.pouch_files import PIECE_BYTES
from tracepost.wire.v1.post_pb2 import AttachmentPiece, Frame
from tracepost.wire.v1.pouch_pb2 import PouchSummary


class Vouching(Protocol):
    """Says by which roots the maker of a pouch is proved, and what is revoked."""

    def roots_of(self, member: MemberId) -> Sequence[x509.Certificate]:
        """Return the roots of a member; raise `TrustError` for one that is none."""

    def revocations(self) -> RevocationView:
        """Return what is revoked now."""


def verify_file(path: Path, vouching: Vouching, *, us: MemberId, domain: str, now: int) -> Pouch:
    """Return the file at `path` as one whose maker is proved (steps 1 to 7); `now` in unix seconds.

    Raises:
        PouchError, IdentityError, TrustError: who made it is not shown, or it is for another member.
    """
    total = path.stat().st_size
    with path.open("rb") as file:
        opening = file.read(OPENING_BYTES)
        rest = file.read(beginning_length(opening) - len(opening))
    untrusted = read_beginning(opening + rest, total)
    roots, revoked = vouching.roots_of(untrusted.from_member), vouching.revocations()
    pouch = verify_pouch(untrusted, roots, domain=domain, revoked=revoked, now=now)
    require_ours(pouch, us)
    return pouch


def check_content(path: Path, pouch: Pouch) -> None:
    """Do steps 8 to 10 for the whole file."""
    check = MailCheck(pouch.manifest)
    for place in pouch.places:
        if place.is_frame:
            check.take(frame_at(path, place))
            continue
        digest = hashlib.sha256()
        for some in bytes_of(path, place):
            digest.update(some)
        require_digest(place, digest.digest())
    check.finish()


def frame_at(path: Path, place: Place) -> Frame:
    """Return the frame at its place in a file (steps 8 and 9)."""
    return read_frame(place, b"".join(bytes_of(path, place)))


def bytes_of(path: Path, place: Place, offset: int = 0) -> Iterator[bytes]:
    """Yield the bytes at a place in a file, from `offset` on; raise `PouchError` if they are not there any more."""
    left = place.section.length - offset
    with path.open("rb") as file:
        file.seek(place.offset + offset)
        while left:
            some = file.read(min(PIECE_BYTES, left))
            if not some:
                raise PouchError("the file grew shorter while it was read", where="step 2", reason="length")
            left -= len(some)
            yield some


def count_frame(counts: PouchSummary, frame: Frame) -> None:
    """Add what a frame holds to `counts`."""
    counts.envelopes += len(frame.envelopes)
    counts.urgent += sum(parse_header(one.header).address.lane is Lane.URGENT for one in frame.envelopes)
    counts.receipts += len(frame.receipts)
    counts.papers += len(frame.announcements)


@dataclass(slots=True)
class Rest:
    """The bytes of an attachment from `offset` on, which is known when the first are asked for."""

    path: Path
    place: Place
    offset: int = 0

    async def all_of(self, first: AttachmentPiece) -> AsyncIterator[AttachmentPiece]:
        """Yield the piece that says what comes, then the bytes."""
        yield first
        async for piece in self.pieces():
            yield piece

    async def pieces(self) -> AsyncIterator[AttachmentPiece]:
        """Yield them."""
        pieces = bytes_of(self.path, self.place, self.offset)
        while (some := await asyncio.to_thread(next, pieces, None)) is not None:
            yield AttachmentPiece(data=some)

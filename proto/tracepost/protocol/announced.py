"""Names of papers that are announced: by them a stream says what it has, and is not sent it again.

    papers   SHA-256("tracepost/v1/papers" ‖ SHA-256 of each of entry, CRL and certificates, in ascending order)[:16]
    list     SHA-256("tracepost/v1/papers" ‖ SHA-256 of the trust list)[:16]

Who says that he has what he has not is not sent it; that harms nobody else, so that half a digest is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Final

from tracepost.wire.v1.post_pb2 import Announcement

NAME_LENGTH: Final = 16
HELD_LIMIT: Final = 1024
_LABEL: Final = b"tracepost/v1/papers"


def name_papers(announcement: Announcement) -> bytes:
    """Return the name of entry, CRL and certificates of an announcement, however they are ordered."""
    entry = announcement.directory_entry.encode()
    return _name(paper for paper in (entry, announcement.crl, *announcement.certificates) if paper)


def name_list(trust_list: bytes) -> bytes:
    """Return the name of a signed trust list."""
    return _name([trust_list])


def names_held(trust_list: bytes, papers: Iterable[Announcement]) -> list[bytes]:
    """Return what one has, as it stands in a frame: as many as it has room for, the first first."""
    names = [name_list(trust_list), *(name_papers(one) for one in papers if _says_anything(one))]
    return names[:HELD_LIMIT]


def what_is_missing(announcement: Announcement, held: Collection[bytes]) -> Announcement | None:
    """Return what of an announcement is to be sent to who has `held`; None: nothing."""
    missing = Announcement()
    missing.CopyFrom(announcement)
    if missing.trust_list and name_list(missing.trust_list) in held:
        missing.ClearField("trust_list")
    if name_papers(announcement) in held:
        for field in ("directory_entry", "crl", "certificates"):
            missing.ClearField(field)
    return missing if _says_anything(missing) or missing.trust_list or missing.suites else None


def _says_anything(announcement: Announcement) -> bool:
    return bool(announcement.directory_entry or announcement.crl or announcement.certificates)


def _name(papers: Iterable[bytes]) -> bytes:
    digests = sorted({hashlib.sha256(paper).digest() for paper in papers})
    return hashlib.sha256(_LABEL + b"".join(digests)).digest()[:NAME_LENGTH]

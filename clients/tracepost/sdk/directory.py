"""What a directory entry says, taken out of its signed form; the node proved its signer before it gave it."""

from __future__ import annotations

import hashlib

from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import NotFoundError
from tracepost.protocol.ids import MemberId
from tracepost.protocol.schema import assemble
from tracepost.protocol.statement import parse_compact, peek, verify_exhibit
from tracepost.wire.v1 import directory_pb2, post_pb2

_KIND = "directory.entry/1"


def read_entry(papers: post_pb2.Announcement) -> directory_pb2.DirectoryEntry:
    """Return the directory entry among the papers of a member, as its signature proves it.

    Raises:
        NotFoundError: there is none, or not the certificate that signed it.
        StatementError: the signature does not hold.
    """
    untrusted = parse_compact(papers.directory_entry) if papers.directory_entry else None
    signer = peek(untrusted).certificate_sha256 if untrusted else b""
    leaves = [der for der in papers.certificates if hashlib.sha256(der).digest() == signer]
    if untrusted is None or not leaves:
        raise NotFoundError("There is no directory entry of this member here.", where=papers.member)
    signed = verify_exhibit(untrusted, load_certificate(leaves[0]), issuer=MemberId(papers.member))
    entry = assemble(_KIND, signed.fields()).message
    assert isinstance(entry, directory_pb2.DirectoryEntry)  # KINDS
    return entry

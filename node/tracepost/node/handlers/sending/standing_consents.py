"""Consents given once for all cases: what members declare in their directory entries (messages.md, section 3).

Who relies on one shows the entry that says it, cut down to that: it proves itself, as any exhibit does, and
the receiver need not hold the same entry. It counts as long as the entry lasts that the forwarder held, so a
consent that its author takes back ends for everybody when the entry before lapses, at the latest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.node.papers import EntryView, Papers
from tracepost.protocol import statement
from tracepost.protocol.consent import Grant, Release, Word, covers, standing_grants
from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64
from tracepost.protocol.schema import assemble
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import share_pb2

# What of an entry says that it consents, to whom, how far and how long.
_NEEDED = re.compile(r"member|sequence|expires_at|declarations\.standing_consents\.[0-9]+")


class StandingConsents:
    """The standing consents of the entries that are here. Answers from memory; safe from any thread."""

    def __init__(self, papers: Papers) -> None:
        self._papers = papers

    def find(self, release: Release) -> Grant | None:
        """Return a standing consent that covers `release`."""
        return next((one for one in self.of(release.issuer) if covers(one, release)), None)

    def of(self, author: MemberId) -> tuple[Grant, ...]:
        """Return what the entry of `author` consents to."""
        entry = self._papers.entry(author)
        if entry is None or not entry.message.declarations.standing_consents:
            return ()
        signed = self._open(entry)
        unknown = tuple(one.path for one in assemble(signed.claims.kind, signed.fields()).unknown)
        return standing_grants([Word(signed.digest, signed.claims, entry.message, unknown)])

    def show(
        self, digests: Iterable[StatementDigest], authors: Iterable[MemberId]
    ) -> list[share_pb2.Exhibit]:
        """Return the entries of `authors` with these digests as exhibits, each cut down to what it consents to."""
        wanted = set(digests)
        entries = [entry for one in sorted(set(authors)) if (entry := self._papers.entry(one))]
        opened = [self._open(entry) for entry in entries]
        return [self._exhibit(signed) for signed in opened if signed.digest in wanted]

    def _open(self, entry: EntryView) -> Statement:
        untrusted = statement.parse_compact(entry.compact)
        named = statement.peek(untrusted).certificate_sha256
        certificate = self._papers.certificate_of_old(named, entry.member)
        return statement.verify_exhibit(untrusted, certificate, issuer=entry.member)

    def _exhibit(self, signed: Statement) -> share_pb2.Exhibit:
        member = signed.claims.iss
        certificate = self._papers.certificate_of_old(signed.certificate_sha256, member)
        path = self._papers.path_of(certificate, member)
        kept = [one for one in signed.disclosures if one.is_counter or _NEEDED.fullmatch(one.path)]
        left = {one.path for one in signed.disclosures} - {one.path for one in kept}
        return share_pb2.Exhibit(
            jws=signed.jws,
            issuer_certificates=[one.public_bytes(Encoding.DER) for one in path[:-1]],
            statement_digest=encode_b64(signed.digest),
            dropped=sorted(left),
            public_disclosures=[one.encoded for one in kept],
        )

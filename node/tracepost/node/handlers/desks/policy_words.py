"""What officers said to a version of the policies, or to mail: their approvals, with the certificates that prove them.

They are verified when they are said, and again when they are used. After that the member's log binds them:
its entry `policy/1` has the digest of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from tracepost.node.papers import Papers
from tracepost.protocol import approval
from tracepost.protocol.approval import Approval, Subject, of_policy
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import ApprovalError
from tracepost.protocol.evidence import approvals_digest
from tracepost.protocol.identity import verify_identity
from tracepost.protocol.ids import MemberId, decode_b64, encode_b64

CLOCK_SKEW_S = 300


@dataclass(frozen=True, slots=True)
class Word:
    """An approval as it came, and the officer's certificates, DER, leaf first."""

    approval: str = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Digest of the approval, as in `approval`."""
        return hashlib.sha256(self.approval.rpartition(".")[0].encode("ascii")).digest()


def write_words(words: Iterable[Word]) -> bytes:
    """Return what the store keeps."""
    return orjson.dumps(
        [{"approval": w.approval, "certificates": [encode_b64(c) for c in w.certificates]} for w in words]
    )


def read_words(data: bytes) -> list[Word]:
    """Return what the store kept."""
    return [
        Word(one["approval"], tuple(decode_b64(c, "certificate") for c in one["certificates"]))
        for one in orjson.loads(data)
    ]


def digest_of(words: Iterable[Word]) -> bytes:
    """Return what the log entry says of these approvals."""
    return approvals_digest(word.digest for word in words)


def verify_word(word: Word, document_digest: bytes, papers: Papers, us: MemberId, now: int) -> Approval:
    """Return the approval of an officer of ours of the document with this digest; raise as `verify_word_on`."""
    return verify_word_on(word, of_policy(document_digest), papers, us, now)


def verify_word_on(word: Word, subject: Subject, papers: Papers, us: MemberId, now: int) -> Approval:
    """Return the approval of an officer of ours of `subject`.

    Raises:
        ApprovalError: it does not verify, is about something else, or is not of today's clock.
        IdentityError: the certificate is not one of ours in force, or is revoked `now`.
    """
    leaf, *above = [load_certificate(der) for der in word.certificates]
    said = approval.peek(word.approval)
    if said.time > now + CLOCK_SKEW_S:
        raise ApprovalError(
            "the approval is dated ahead of this node's clock",
            where="approval.time",
            reason="clock",
            remedy="Set both clocks by NTP.",
        )
    identity = verify_identity(
        leaf,
        above,
        papers.roots_of(us),
        at=said.time,
        domain=papers.trust.domain,
        revoked=papers.revocations(),
        revoked_at=now,
    )
    return approval.verify(word.approval, leaf, identity, subject)

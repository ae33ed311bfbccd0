"""Papers of members, and policies of ours."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tracepost.protocol.ids import MemberId


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """A member's directory entry as announced, a compact statement."""

    member: MemberId
    sequence: int
    expires_at: int
    received_at: int
    compact: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate that signatures or desks are known by, DER."""

    sha256: bytes
    member: MemberId
    received_at: int
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RevocationListRecord:
    """A certificate revocation list of a member, DER."""

    member: MemberId
    sha256: bytes
    number: int
    received_at: int
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrustListRecord:
    """A trust list that was accepted."""

    sequence: int
    sha256: bytes
    accepted_at: int
    data: bytes = field(repr=False)


# ── the member's own policies ────────────────────────────────────────────────────────


class PolicyState(enum.StrEnum):
    """What became of a version; the newest that is ACTIVATED is in force."""

    PROPOSED = "PROPOSED"
    ACTIVATED = "ACTIVATED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """A version of the member's own policies: the signed document, the text beside it, who said what to it.

    `set_sha256` is of base and text together when they were last put in force. `words` holds the officers'
    approvals with their certificates, as `handlers.desks.policy_words` writes them. `decided_by` and
    `decided_at` are empty and 0, and there is no `log_number`, until it is decided on.
    """

    version: int
    state: PolicyState
    set_sha256: bytes
    proposed_at: int
    decided_by: str
    decided_at: int
    log_number: int | None
    document: str = field(repr=False)
    text: str = field(repr=False)
    words: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """Numbers that change with what a process has in memory: papers of members, officers, our own policies."""

    papers: tuple[int, ...]
    staff: tuple[int, ...]
    policy: int

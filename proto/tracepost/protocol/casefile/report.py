"""What was proved of a case file, for printing: no disclosed value stands here except grounds of withholding.

Times are unix seconds. Numbers of statements begin at one, in the order of the file.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from tracepost.protocol.errors import NoAnchorError
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, ThreadId
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Restriction, UnknownGroup
from tracepost.protocol.trustlist import Freshness


class Remark(enum.StrEnum):
    """What a reader should know; nothing of it breaks a proof."""

    TIME_UNPROVED = "time-unproved"
    """No log but the signer's own shows when the statement existed."""
    ADDRESSEE_ALONE = "addressee-alone"
    """Only an addressee's log shows when the statement existed, so revocation was judged as of now."""
    NO_REVOCATION_LIST = "no-revocation-list"
    """The file has no revocation list of the signer's authority."""
    REVOKED_LATER = "revoked-later"
    """The signer's certificate was revoked after the statement is proved to have existed."""
    OTHER_THREAD = "other-thread"
    """The statement belongs to another thread than the case."""
    PREDECESSOR_MISSING = "predecessor-missing"
    """The statement that it answers is not in the file."""
    PREDECESSOR_DELETED = "predecessor-deleted"
    """The exporter has deleted the statement that it answers."""
    CONFLICT = "conflict"
    """Another statement in the file has the same issuer and id, and other content."""
    UNKNOWN_KIND = "unknown-kind"
    """The kind is of a newer version; fields are counted and not read."""
    UNKNOWN_FIELDS = "unknown-fields"
    """Some fields are of a newer version."""
    BREAKS_RULES = "breaks-rules"
    """A field breaks the rules of the schema; it is signed all the same."""
    PART_MISSING = "part-missing"
    """A photograph is named and not in the file."""
    EXHIBIT_HIDDEN = "exhibit-hidden"
    """An exhibit was attached and is not shown."""
    DROPPED_BUT_SHOWN = "dropped-but-shown"
    """The forwarder lists as left out what is shown."""
    RESTRICTION_LOST = "restriction-lost"
    """The forwarder did not lay on an exhibit what restricts a statement inside it."""
    CONSENT_MISSING = "consent-missing"
    """The consent that is named is not in the file."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed: the member and its statement certificate, proved by a path to the member's root."""

    member: MemberId
    certificate_sha256: bytes
    serial: int
    not_before: int
    not_after: int
    crl_number: int | None


@dataclass(frozen=True, slots=True)
class Proven:
    """The earliest moment at which somebody else's log shows that the statement existed.

    `alone`: it is the word of one addressee, whom a relay or another addressee does not support.
    """

    time: int
    by: MemberId
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry in the log of `member`: a relay's custody, or the addressee's word."""

    member: MemberId
    entry: str
    verdict: str
    time: int
    log: str
    index: int
    size: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One envelope of the statement. `bound`: sender's and addressee's logs say that it held this statement."""

    envelope: EnvelopeId
    to: MemberId
    via: str
    epoch: int
    seq: int
    sent_at: int | None
    receipts: tuple[Receipt, ...]
    bound: bool


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many fields of a class are shown, of how many; None where the count was not shown."""

    sensitivity: Sensitivity
    shown: int
    total: int | None


@dataclass(frozen=True, slots=True)
class WithheldField:
    """A field that the issuer says it holds back, and on which ground."""

    path: str
    ground: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is proved and disclosed of one signed statement, own or exhibit.

    `unknown` are classes that this version does not know: nothing of them is shown.
    """

    digest: StatementDigest
    kind: str
    jti: str
    thread: ThreadId
    desk: str
    audience: tuple[MemberId, ...]
    signer: Signer
    signed_at: int
    exercise: bool
    restrictions: tuple[Restriction, ...]
    in_reply_to: StatementDigest | None
    classes: tuple[ClassCount, ...]
    unknown: tuple[UnknownGroup, ...]
    withheld: tuple[WithheldField, ...]
    photographs: tuple[bytes, ...] = field(repr=False)
    proven: Proven | None
    exhibits: tuple[ExhibitReport, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class ExhibitReport:
    """A statement of somebody else inside a share or referral, and what the forwarder left out.

    `deliveries` are the envelopes in which it had come to the forwarder, as the logs prove them. `place` is its
    number among the exhibits that stand beside it, from 0.
    """

    shown: Shown
    deliveries: tuple[Delivery, ...]
    dropped: tuple[str, ...]
    restrictions: tuple[Restriction, ...]
    consent: StatementDigest | None
    remarks: tuple[Remark, ...]
    place: int = 0


@dataclass(frozen=True, slots=True)
class StatementReport:
    """One statement of the case. `answers` is the number of the statement that it replies to.

    `parts` are the digests of the photographs in the file.
    """

    number: int
    shown: Shown
    deliveries: tuple[Delivery, ...]
    answers: int | None
    parts: tuple[bytes, ...] = field(repr=False)
    remarks: tuple[Remark, ...] = ()


class DeletionCause(enum.StrEnum):
    """Why a statement was deleted, as the log tells it."""

    DELETE_AFTER = "delete-after"
    """The last day on which its author wanted it kept was over."""
    OFFICER = "officer"
    """An officer deleted it."""
    TWO_OFFICERS = "two-officers"
    """An officer deleted it, and another one approved."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A statement of the case that the exporter deleted, by its log; issuer, jti and kind are its word."""

    statement: StatementDigest
    issuer: MemberId
    jti: str
    kind: str
    at: int
    by: MemberId
    cause: DeletionCause


@dataclass(frozen=True, slots=True)
class CaseReport:
    """All that was proved. Not `anchored`: consistent in itself, nobody's word for who."""

    thread: ThreadId
    exported_by: MemberId
    exported_for_desk: str
    exported_at: int
    anchored: bool
    trust_sequence: int
    trust_fingerprint: str
    trust_freshness: Freshness
    statements: tuple[StatementReport, ...]
    deletions: tuple[Deletion, ...] = ()

    @property
    def missing(self) -> tuple[StatementDigest, ...]:
        """Digests of statements that are answered in the file, are not in it, and nobody says why."""
        shown = {report.shown.digest for report in self.statements}
        shown |= {one.statement for one in self.deletions}
        named = (report.shown.in_reply_to for report in self.statements)
        return tuple(dict.fromkeys(digest for digest in named if digest is not None and digest not in shown))


class UnanchoredCaseError(NoAnchorError):
    """Consistent in itself, nobody's word for who."""

    def __init__(self, report: CaseReport | None, message: str = "") -> None:
        super().__init__(message or type(self).__doc__ or "", where="step 16")
        self.report = report

"""One signed statement: proving it by the papers, and telling what it shows (steps 6, 7, 13 and 15)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from google.protobuf.message import Message

from tracepost.protocol.casefile.deliveries import (
    LogReader,
    earliest_of,
    earliest_proven,
    read_envelope_proofs,
)
from tracepost.protocol.casefile.papers import Papers
from tracepost.protocol.casefile.refusal import refuse, within
from tracepost.protocol.casefile.report import (
    ClassCount,
    ExhibitReport,
    Proven,
    Remark,
    Shown,
    Signer,
    WithheldField,
)
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import StatementDigest, parse_digest
from tracepost.protocol.restricting import restriction_of
from tracepost.protocol.schema import KINDS, Field, Sensitivity, assemble, validate_fields
from tracepost.protocol.statement import (
    Statement,
    UntrustedStatement,
    VerifiedExhibit,
    from_parts,
    peek,
    verify_exhibit,
)
from tracepost.wire.v1.share_pb2 import Exhibit

EXHIBIT_DEPTH_LIMIT = 4

_WITHHELD = re.compile(r"(?:.*\.)?withheld\.[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class ProvedStatement:
    """A statement with the proof of who signed it, revocation aside."""

    statement: VerifiedExhibit
    identity: Identity


def prove(untrusted: UntrustedStatement, papers: Papers) -> ProvedStatement:
    """Return a statement as proved to be of the member of its certificate (steps 6 and 7).

    The audience is not asked: the reader of a case file is nobody's addressee.

    Raises:
        VerificationError: of this module's list, of `statement` or of `identity`.
    """
    leaf = papers.leaf(peek(untrusted).certificate_sha256)
    statement = verify_exhibit(untrusted, leaf, issuer=papers.claimed_member(leaf))
    return ProvedStatement(statement, papers.prove_signer(leaf, statement.claims.iat))


@dataclass(frozen=True, slots=True)
class Examiner:
    """Tells what proved statements show; `proven` has the earliest proven time of each in the file."""

    papers: Papers
    proven: Mapping[StatementDigest, Proven | None]

    def show(self, proved: ProvedStatement, proven: Proven | None, depth: int = 0) -> Shown:
        """Return what is proved and disclosed; raise `VerificationError` (steps 13 and 15)."""
        statement, claims = proved.statement, proved.statement.claims
        fields = statement.fields()
        revoked_later = self.papers.judge_revocation(proved.identity, _judged_at(proven))
        message, remarks = _read_message(claims.kind, fields)
        exhibits = tuple(self._show_exhibits(message, proven, depth))
        return Shown(
            digest=statement.digest,
            kind=claims.kind,
            jti=claims.jti,
            thread=claims.thread,
            desk=claims.desk,
            audience=claims.aud,
            signer=self._signer(proved.identity),
            signed_at=claims.iat,
            exercise=claims.exercise,
            restrictions=claims.restrictions,
            in_reply_to=claims.in_reply_to,
            classes=_count_classes(statement),
            unknown=statement.unknown,
            withheld=tuple(_withheld_fields(fields)),
            photographs=tuple(_named_photographs(fields)),
            proven=proven,
            exhibits=exhibits,
            remarks=(*self._signer_remarks(proved.identity, proven, revoked_later), *remarks),
        )

    def _show_exhibits(
        self, message: Message | None, parent: Proven | None, depth: int
    ) -> Iterator[ExhibitReport]:
        for place, exhibit in enumerate(_exhibits_of(message)):
            if exhibit.HasField("jws"):
                with within(f"exhibit {place + 1}"):
                    yield replace(self._show_exhibit(exhibit, parent, depth + 1), place=place)

    def _show_exhibit(self, exhibit: Exhibit, parent: Proven | None, depth: int) -> ExhibitReport:
        if depth > EXHIBIT_DEPTH_LIMIT:
            raise refuse(15, "exhibits-too-deep", "exhibits stand in exhibits more than four deep")
        papers = self.papers.with_certificates(exhibit.issuer_certificates)
        examiner = Examiner(papers, self.proven)
        disclosed = {one: list(_disclosures_of(exhibit, one)) for one in Sensitivity}
        proved = prove(
            from_parts(exhibit.jws, [text for texts in disclosed.values() for text in texts]), papers
        )
        _check_exhibit(exhibit, proved.statement, disclosed)
        deliveries = read_envelope_proofs(exhibit.proofs, proved.statement, LogReader(papers.logs))
        by_logs = earliest_proven(deliveries, proved.statement.claims.iss)
        shown = examiner.show(proved, self._proven_of(proved.statement.digest, parent, by_logs), depth)
        return ExhibitReport(
            shown=shown,
            deliveries=deliveries,
            dropped=tuple(exhibit.dropped),
            restrictions=tuple(map(restriction_of, exhibit.restrictions)),
            consent=parse_digest(exhibit.consent_digest) if exhibit.HasField("consent_digest") else None,
            remarks=tuple(_exhibit_remarks(exhibit, proved.statement, shown.exhibits)),
        )

    def _proven_of(
        self, digest: StatementDigest, parent: Proven | None, by_logs: Proven | None
    ) -> Proven | None:
        """Return the earliest proven time of an exhibit: its own, or that of the statement that holds it.

        Its own is told by its envelopes in the file, or by the log entries that go along with it.
        """
        return earliest_of(one for one in (self.proven.get(digest), parent, by_logs) if one is not None)

    def _signer(self, identity: Identity) -> Signer:
        return Signer(
            member=identity.member,
            certificate_sha256=identity.certificate_sha256,
            serial=identity.serial,
            not_before=identity.not_before,
            not_after=identity.not_after,
            crl_number=self.papers.revocations.number(identity.member),
        )

    def _signer_remarks(
        self, identity: Identity, proven: Proven | None, revoked_later: bool
    ) -> Iterator[Remark]:
        if proven is None:
            yield Remark.TIME_UNPROVED
        elif proven.alone:
            yield Remark.ADDRESSEE_ALONE
        if self.papers.revocations.number(identity.member) is None:
            yield Remark.NO_REVOCATION_LIST
        if revoked_later:
            yield Remark.REVOKED_LATER


def _judged_at(proven: Proven | None) -> int | None:
    """Return as of when revocation is judged; None is now: one addressee's word moves no key's end."""
    return None if proven is None or proven.alone else proven.time


def _read_message(kind: str, fields: list[Field]) -> tuple[Message | None, list[Remark]]:
    if kind not in KINDS:
        return None, [Remark.UNKNOWN_KIND]
    try:
        assembled = assemble(kind, fields)
        validate_fields(assembled.message)
    except InvalidMessageError:
        return None, [Remark.BREAKS_RULES]
    remarks = [Remark.UNKNOWN_FIELDS] if assembled.unknown else []
    if any(not exhibit.HasField("jws") for exhibit in _exhibits_of(assembled.message)):
        remarks.append(Remark.EXHIBIT_HIDDEN)
    return assembled.message, remarks


def _exhibits_of(message: Message | None) -> Iterable[Exhibit]:
    return getattr(message, "exhibits", ())


def _disclosures_of(exhibit: Exhibit, sensitivity: Sensitivity) -> Iterable[str]:
    listed: Iterable[str] = getattr(exhibit, f"{sensitivity.value.lower()}_disclosures")
    return listed


def _check_exhibit(
    exhibit: Exhibit, statement: Statement, disclosed: Mapping[Sensitivity, list[str]]
) -> None:
    if parse_digest(exhibit.statement_digest, "statement_digest") != statement.digest:
        raise refuse(15, "exhibit-digest", "the exhibit is another statement than the one that is named")
    if any(one.encoded not in disclosed[one.sensitivity] for one in statement.disclosures):
        raise refuse(
            15, "exhibit-class", "a disclosure of the exhibit is listed under another class than signed"
        )


def _exhibit_remarks(
    exhibit: Exhibit, statement: Statement, inside: Iterable[ExhibitReport]
) -> Iterator[Remark]:
    paths = [one.path for one in statement.disclosures]
    if any(path == left or path.startswith(f"{left}.") for left in exhibit.dropped for path in paths):
        yield Remark.DROPPED_BUT_SHOWN
    laid = {*statement.claims.restrictions, *map(restriction_of, exhibit.restrictions)}
    for one in inside:
        # On some fields inside: to be laid on the place where these stand, or on the whole.
        for bound in (*one.shown.restrictions, *one.restrictions):
            if not laid & {bound.lifted(f"exhibits.{one.place}"), replace(bound, field_paths=())}:
                yield Remark.RESTRICTION_LOST
                return


def _count_classes(statement: Statement) -> tuple[ClassCount, ...]:
    return tuple(ClassCount(one, count.shown, count.total) for one, count in statement.counts().items())


def _withheld_fields(fields: Iterable[Field]) -> Iterator[WithheldField]:
    for one in fields:
        if _WITHHELD.match(one.path) and isinstance(one.value, dict):
            yield WithheldField(str(one.value.get("path", "")), str(one.value.get("ground", "")))


def _named_photographs(fields: Iterable[Field]) -> Iterator[bytes]:
    """Yield the digests of photographs that disclosed fields name (`Photograph`, `ScenePhotograph`)."""
    for one in fields:
        named = one.value.get("sha256") if isinstance(one.value, dict) else None
        if isinstance(named, str):
            try:
                yield base64.b64decode(named, validate=True)
            except (binascii.Error, ValueError):
                continue

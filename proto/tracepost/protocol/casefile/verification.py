"""Checking a case file without a network.

Steps, in this order; `container` does the first four:

 1. name        it is a case file, of a version known here              not-a-case-file, version
 2. length      nothing is cut off or added                             length
 3. digest      nothing is damaged                                      digest
 4. content     it parses and is well formed                            content
 5. papers      certificates parse; revocation lists are of members     certificate-form, crl-form,
                of the trust list                                       crl-signer
 6. statements  each verifies (steps of `statement`) by a certificate   certificate-missing
                in the file
 7. signers     each certificate led to a root of its member when it    not-a-statement-certificate
                signed (steps 1 to 11 of `identity`) and is one for
                statements
 8. once        no statement stands in the file twice, nor beside its   statement-twice
                own deletion
 9. envelopes   each goes from the issuer to an addressee, with the     other-parties, exercise
                same exercise flag
10. proofs      each log proof holds (steps of `evidence`) under a key
                that the trust list gives that log
11. entries     each proof is of this envelope on its road, in the      other-entry, other-road,
                right member's log, and the addressee's commitment is   other-member, other-statement
                to this statement; that of a deletion is `opened/1`,
                "delete", of that statement, in the exporter's log
12. heads       no log shows two heads of one size                      split-log
13. revocation  no signer was revoked at the earliest proven time of
                its statement; where only the issuer says when, or one
                addressee alone, none is revoked now (step 12 of
                `identity`)
14. parts       each photograph is named by a disclosed field           stray-part
15. exhibits    each verifies as by 6, 7 and 13, is the statement that  exhibit-digest, exhibit-class,
                is named, lists each field under its signed class, and  exhibits-too-deep
                stands at most four deep
16. anchor      somebody's word for who: a trust list, or the           no-anchor
                fingerprint of the one in the file

What a reader should know beyond that is a `Remark` and breaks no proof.

    case = read_casefile(data)
    report = verify_casefile(case, trust, now=now)       # or trust = anchor_of(case, fingerprint)
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracepost.protocol.casefile.deletions import read_deletions
from tracepost.protocol.casefile.deliveries import LogReader, earliest_proven, read_delivery
from tracepost.protocol.casefile.examination import Examiner, ProvedStatement, prove
from tracepost.protocol.casefile.papers import Papers
from tracepost.protocol.casefile.refusal import refuse, within
from tracepost.protocol.casefile.report import (
    CaseReport,
    Delivery,
    Proven,
    Remark,
    Shown,
    StatementReport,
    UnanchoredCaseError,
)
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId
from tracepost.protocol.statement import parse_compact
from tracepost.protocol.trustlist import TrustList, load_first, load_first_unsafe
from tracepost.wire.v1.casefile_pb2 import CaseFile, FiledStatement


@dataclass(frozen=True, slots=True)
class _Filed:
    """A statement of the file, proved, with what the logs say about it."""

    number: int
    proved: ProvedStatement
    deliveries: tuple[Delivery, ...]
    proven: Proven | None
    parts: tuple[bytes, ...]

    @property
    def digest(self) -> StatementDigest:
        return self.proved.statement.digest

    @property
    def issuer_and_id(self) -> tuple[MemberId, str]:
        claims = self.proved.statement.claims
        return claims.iss, claims.jti


def verify_casefile(case: CaseFile, trust: TrustList | None, *, now: int) -> CaseReport:
    """Return what is proved of `case` (steps 5 to 16).

    Args:
        case: as `read_casefile` returned it.
        trust: the list that the reader believes; None if there is none.
        now: unix seconds, for revocation where no log proves a time.

    Raises:
        VerificationError: a step failed; `where` names statement and step.
        UnanchoredCaseError: all holds together, but by the file's own trust list, which anybody could
            have written; its `report` says what would be proved (None if the file has no list).
    """
    believed = trust or _own_list(case)
    papers = Papers.collect(believed, case.certificates, case.crls, now)
    logs = LogReader(papers.logs)
    filed = _prove_statements(case.statements, papers, logs)
    present = {one.digest for one in filed}
    deletions = read_deletions(case.deletions, MemberId(case.exported_by), present, logs)
    examiner = Examiner(papers, {one.digest: one.proven for one in filed})
    report = CaseReport(
        thread=ThreadId(case.thread),
        exported_by=MemberId(case.exported_by),
        exported_for_desk=case.exported_for_desk,
        exported_at=case.exported_at,
        anchored=trust is not None,
        trust_sequence=believed.sequence,
        trust_fingerprint=believed.fingerprint,
        trust_freshness=believed.freshness(now),
        statements=_report_statements(
            filed, examiner, ThreadId(case.thread), frozenset(one.statement for one in deletions)
        ),
        deletions=deletions,
    )
    if trust is None:
        raise UnanchoredCaseError(report)
    return report


def anchor_of(case: CaseFile, fingerprint: str) -> TrustList:
    """Return the trust list in the file if its fingerprint is the one that the reader was given.

    Raises:
        TrustError: it is another list, or none.
    """
    return load_first(case.trust_list, fingerprint=fingerprint)


def _own_list(case: CaseFile) -> TrustList:
    if not case.trust_list:
        raise UnanchoredCaseError(None, "No anchor was named, and the file brings no trust list of its own.")
    return load_first_unsafe(case.trust_list)


def _prove_statements(statements: Sequence[FiledStatement], papers: Papers, logs: LogReader) -> list[_Filed]:
    proved: list[_Filed] = []
    seen: set[StatementDigest] = set()
    for number, filed in enumerate(statements, 1):
        with within(f"statement {number}"):
            one = _prove_statement(number, filed, papers, logs)
            if one.digest in seen:
                raise refuse(8, "statement-twice", "the same statement stands in the file before")
            seen.add(one.digest)
            proved.append(one)
    return proved


def _prove_statement(number: int, filed: FiledStatement, papers: Papers, logs: LogReader) -> _Filed:
    proved = prove(parse_compact(filed.sd_jwt), papers)
    deliveries = tuple(read_delivery(one, proved.statement, logs) for one in filed.envelopes)
    proven = earliest_proven(deliveries, proved.statement.claims.iss)
    parts = tuple(hashlib.sha256(part).digest() for part in filed.parts)
    return _Filed(number, proved, deliveries, proven, parts)


def _report_statements(
    filed: Sequence[_Filed], examiner: Examiner, thread: ThreadId, deleted: frozenset[StatementDigest]
) -> tuple[StatementReport, ...]:
    numbers = {one.digest: one.number for one in filed}
    ids = Counter(one.issuer_and_id for one in filed)
    reports = []
    for one in filed:
        with within(f"statement {one.number}"):
            shown = examiner.show(one.proved, one.proven)
            named = set(_photographs_of(shown))
            if not named.issuperset(one.parts):
                raise refuse(14, "stray-part", "a photograph is in the file that no disclosed field names")
        remarks = [*_thread_remarks(shown, thread, numbers, deleted), *_part_remarks(one, named)]
        if ids[one.issuer_and_id] > 1:
            remarks.append(Remark.CONFLICT)
        answers = numbers.get(shown.in_reply_to) if shown.in_reply_to else None
        reports.append(StatementReport(one.number, shown, one.deliveries, answers, one.parts, tuple(remarks)))
    return tuple(reports)


def _photographs_of(shown: Shown) -> Iterator[bytes]:
    yield from shown.photographs
    for exhibit in shown.exhibits:
        yield from _photographs_of(exhibit.shown)


def _thread_remarks(
    shown: Shown,
    thread: ThreadId,
    numbers: Mapping[StatementDigest, int],
    deleted: frozenset[StatementDigest],
) -> Iterator[Remark]:
    if shown.thread != thread:
        yield Remark.OTHER_THREAD
    if shown.in_reply_to is not None and shown.in_reply_to not in numbers:
        is_deleted = shown.in_reply_to in deleted
        yield Remark.PREDECESSOR_DELETED if is_deleted else Remark.PREDECESSOR_MISSING
    # A consent given in advance is the request itself, which stands here as an exhibit.
    present = {*numbers, *(exhibit.shown.digest for exhibit in shown.exhibits)}
    if any(exhibit.consent is not None and exhibit.consent not in present for exhibit in shown.exhibits):
        yield Remark.CONSENT_MISSING


def _part_remarks(one: _Filed, named: set[bytes]) -> Iterator[Remark]:
    if named.difference(one.parts):
        yield Remark.PART_MISSING

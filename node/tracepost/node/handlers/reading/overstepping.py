"""Whether others passed on what we wrote beyond what we consented to, as far as their mail tells us.

A node that keeps the rules does not; one that does not keep them is seen here, where its mail says so:

    a notice of release    to whom, on what day, for what use, which fields, on which consents
    a share or referral    that encloses what was shown to others, with something of ours inside

Compared is what the consents said that we gave by then. Nothing is refused for it: it is told to the officer who
looks at the case, and to nobody else. What the mail does not tell, nobody knows here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.thread import claims_of, clear_message, open_thread
from tracepost.node.handlers.sealed.shown_exhibits import (
    NO_ONWARD_RELEASE,
    ShownExhibit,
    Signers,
    verify_exhibits,
)
from tracepost.node.handlers.sending.standing_consents import StandingConsents
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.consent import (
    Grant,
    Release,
    Word,
    find_gap,
    shown_items,
    shown_paths,
    standing_grants,
)
from tracepost.protocol.errors import PermissionError_, TracepostError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Claims, Restriction
from tracepost.wire.v1 import share_pb2

KINDS = frozenset({"release.notice/1", "share/1", "trace.referral/1"})
_CONSENT = "trace.consent/1"
_CLEAR = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE, None})


@dataclass(frozen=True, slots=True)
class _Passing:
    """That `forwarder` showed something of ours to others: to whom, when (unix seconds), for what, on which consents.

    `fields` are the paths above ADMINISTRATIVE that are known to have gone, `items` the items that they are of.
    """

    digest: StatementDigest
    thread: ThreadId
    restrictions: tuple[Restriction, ...]
    forwarder: MemberId
    to: tuple[MemberId, ...]
    at: int
    purpose: str
    consents: tuple[str, ...]
    fields: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()


class Overstepping:
    """Compares. One per process; reads the store, safe from any thread."""

    def __init__(self, us: MemberId, signers: Signers, standing: StandingConsents) -> None:
        self._us = us
        self._signers = signers
        self._standing = standing

    def find(self, tx: Tx, record: StatementRecord, fields: Sequence[Field]) -> PermissionError_ | None:
        """Return what a statement of others, of which `fields` are shown, tells that we did not consent to."""
        if record.direction is not Direction.THEIRS or record.kind not in KINDS:
            return None
        for passing in self._passings(tx, record, fields):
            grants = self._grants(tx, passing) if passing.consents and passing.to else []
            for member in passing.to:
                if gap := self._gap(passing, member, grants):
                    return _told(passing, member, gap)
        return None

    def _passings(self, tx: Tx, record: StatementRecord, fields: Sequence[Field]) -> Iterator[_Passing]:
        try:
            message = schema.assemble(record.kind, fields).message
            if isinstance(message, share_pb2.ReleaseNotice):
                yield from self._noticed(tx, claims_of(record), message)
            else:
                shown = verify_exhibits(message, self._signers, record.stored_at)
                yield from self._enclosed(claims_of(record), shown)
        except TracepostError:  # it does not verify, and that is told
            return

    def _noticed(self, tx: Tx, said: Claims, notice: share_pb2.ReleaseNotice) -> Iterator[_Passing]:
        named = {parse_digest(one.statement_digest): one for one in notice.releases if one.to_members}
        for digest, record in tx.statements.find(list(named)).items():
            if record.iss != self._us:
                continue
            one, claims = named[digest], claims_of(record)
            yield _Passing(
                digest=digest,
                thread=record.thread,
                restrictions=claims.restrictions,
                forwarder=said.iss,
                to=self._others(map(MemberId, one.to_members), said.iss),
                at=said.iat,
                purpose=said.purpose,
                consents=tuple(one.consent_digests),
                fields=_classed(record.kind, one),
            )

    def _enclosed(self, carrier: Claims, shown: Iterable[ShownExhibit]) -> Iterator[_Passing]:
        for one in shown:
            claims = one.statement.claims
            to = self._others(carrier.aud, carrier.iss)
            if claims.iss == self._us and claims.kind != _CONSENT and carrier.iss != self._us and to:
                fields = one.statement.fields()
                yield _Passing(
                    digest=one.statement.digest,
                    thread=claims.thread,
                    restrictions=claims.restrictions,
                    forwarder=carrier.iss,
                    to=to,
                    at=carrier.iat,
                    purpose=carrier.purpose,
                    consents=tuple(filter(None, [one.exhibit.consent_digest])),
                    fields=shown_paths(fields),
                    items=shown_items(f for f in fields if f.sensitivity not in _CLEAR),
                )
            yield from self._enclosed(claims, one.inside)

    def _others(self, to: Iterable[MemberId], forwarder: MemberId) -> tuple[MemberId, ...]:
        return tuple(sorted({*to} - {self._us, forwarder}))

    def _gap(self, passing: _Passing, member: MemberId, grants: Iterable[Grant]) -> str:
        """Return the code of what of it we did not consent to; empty: nothing that is known."""
        if not passing.consents:
            bound = (one.code == NO_ONWARD_RELEASE and not one.field_paths for one in passing.restrictions)
            return "no-consent" if any(bound) else ""
        release = Release(
            digest=passing.digest,
            issuer=self._us,
            thread=passing.thread,
            forwarder=passing.forwarder,
            third_party=member,
            day=instant(passing.at)[:10],
            item_ids=passing.items,
            shown_paths=passing.fields,
            purpose=passing.purpose,
        )
        gaps = [find_gap(grant, release) for grant in grants]
        return "" if "" in gaps else next((gap for gap in gaps if gap != "no-consent"), "no-consent")

    def _grants(self, tx: Tx, passing: _Passing) -> list[Grant]:
        """Return what we had consented to by then, of what is named; standing consents change their name with time."""
        case = open_thread(passing.thread, self._us, tx.statements.in_threads([passing.thread]))
        said = (one for one in case.records if one.iss == self._us and one.iat <= passing.at)
        words = (
            Word(one.digest, claims_of(one), message)
            for one in said
            if (message := clear_message(one)) is not None
        )
        named = [one for one in standing_grants(words) if encode_b64(one.digest) in passing.consents]
        return [*named, *self._standing.of(self._us)]


def _classed(kind: str, release: share_pb2.NoticedRelease) -> frozenset[str]:
    """Return the fields above ADMINISTRATIVE that a notice names; of what it shortens, nothing is known for certain."""
    if release.paths_shortened:
        return frozenset()
    return frozenset(p for p in release.field_paths if schema.declared_class(kind, p) not in _CLEAR)


def _told(passing: _Passing, member: MemberId, gap: str) -> PermissionError_:
    use = passing.purpose.removeprefix("PURPOSE_").lower().replace("_", "-")
    return PermissionError_(
        f"{passing.forwarder} passed on to {member}, for {use}, more than you consented to: {_WORDS[gap]}",
        where=encode_b64(passing.digest),
        reason="beyond-consent",
        remedy=f"Compare it with your consent; take back or withdraw what {member} is not to have.",
    )


_WORDS = {
    "no-consent": "there is no consent of yours for that member by then",
    "other-statement": "the consent is for another statement",
    "other-purpose": "the consent is for another use",
    "consent-ended": "the consent had ended",
    "other-items": "the consent is for other items",
    "other-fields": "the consent is for other fields",
    "other-classes": "the consent is for other classes",
}

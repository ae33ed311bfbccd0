"""Statements of others as a referral or share shows them to us: verified before anybody looks at them.

Each is verified like a statement, whoever its audience is; its signer's certificate comes with it
and is proved to a root of the member that it names. What stands inside an exhibit is verified too.
The daemon's own desk sees the ADMINISTRATIVE part of an exhibit, an officer's desk more of it: what
is there is verified each time, and no field is shown that a consent beside it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography import x509
from google.protobuf.message import Message

from tracepost.node.handlers.case.casebook import instant
from tracepost.protocol import schema
from tracepost.protocol.casefile import LogReader, Proven, earliest_of, earliest_proven, read_envelope_proofs
from tracepost.protocol.consent import (
    Grant,
    Release,
    Word,
    covers,
    is_within,
    lineage_in,
    shown_items,
    shown_paths,
    standing_grants,
)
from tracepost.protocol.errors import IdentityError, StatementError, VerificationError
from tracepost.protocol.evidence import LogVerifier
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.restricting import restriction_of
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import (
    Claims,
    Restriction,
    UntrustedStatement,
    VerifiedExhibit,
    verify_exhibit,
)
from tracepost.wire.v1 import share_pb2, terms_pb2, trace_pb2

WITHDRAWAL = "trace.withdrawal/1"
NO_ONWARD_RELEASE = "RESTRICTION_CODE_NO_ONWARD_RELEASE"
DEPTH_LIMIT = 4

_WHERE = "exhibits"
_UNREADABLE = {
    "unknown-restriction": re.compile(r"(^|\.)(restrictions|conditions)\.[0-9]+(\.|$)"),
    "unknown-handling-instruction": re.compile(r"(^|\.)handling_instructions$"),
}


# What every receiving daemon judges mail by: hidden from it, nobody has judged it.
_JUDGED = re.compile(r"on_behalf_of|mandate_digest|exhibits\.[0-9]+\.(jws|statement_digest|consent_digest)")


def require_judged(fields: Iterable[Field]) -> None:
    """Raise `StatementError` if a field that the daemon judges mail by is in a class that it does not read."""
    for path in unjudged((one.path, one.sensitivity) for one in fields):
        raise not_judged(path)


def unjudged(placed: Iterable[tuple[str, Sensitivity]]) -> Iterator[str]:
    """Yield which of these fields, by path and class, nobody has judged; of an exhibit, all of it."""
    for path, sensitivity in placed:
        if sensitivity not in _OF_DAEMON and _JUDGED.fullmatch(path):
            yield path.rpartition(".")[0] or path


def not_judged(path: str) -> StatementError:
    """Return why a field is not shown, or not sent."""
    return StatementError(
        "it was hidden from this node, which has not judged it", where=path, reason="not-judged"
    )


_OF_DAEMON = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})


class Signers(Protocol):
    """What is asked about who signed. Answers from memory; safe from any thread."""

    def prove_signer(self, ders: Sequence[bytes]) -> tuple[x509.Certificate, Identity]:
        """Return a statement certificate, leaf first, proved to a root of the member that it names.

        Raises `IdentityError`, or `TrustError` if that is no member.
        """

    def check_signer(self, identity: Identity, *, signed_at: int, judged_at: int) -> None:
        """Raise `IdentityError` unless the signer was valid at `signed_at` (unix seconds) and is not
        revoked at `judged_at`.
        """

    def all_logs(self) -> LogVerifier:
        """Return what opens the heads of the logs of all members."""


@dataclass(frozen=True, slots=True)
class ShownExhibit:
    """A verified exhibit, as it was shown, with what it says and what it encloses itself.

    `place` is its number among those that stand beside it, from 0.
    `message` is None for a kind of a newer schema, of which nothing can be said. `proven` is the earliest
    time by which logs prove that it was there, its own or that of what encloses it. `revoked`: its signer
    has been revoked, and nothing proves that it had signed before.
    """

    exhibit: share_pb2.Exhibit
    statement: VerifiedExhibit
    proven: Proven | None
    revoked: bool
    message: Message | None
    unknown: tuple[Field, ...]
    inside: tuple[ShownExhibit, ...]
    place: int = 0

    def walk(self) -> Iterator[ShownExhibit]:
        """Yield this one and all inside it."""
        yield self
        for one in self.inside:
            yield from one.walk()

    def restrictions(self) -> tuple[Restriction, ...]:
        """Return all that binds it: its author's word, what was added, and what binds the statements inside."""
        added = map(restriction_of, self.exhibit.restrictions)
        inner = (r.lifted(f"{_WHERE}.{one.place}") for one in self.inside for r in one.restrictions())
        return tuple(dict.fromkeys((*self.statement.claims.restrictions, *added, *inner)))

    def grants(self) -> tuple[Grant, ...]:
        """Return what this statement, taken alone, consents to; nothing if a limit of that may be withheld."""
        if self.message is None or (isinstance(self.message, trace_pb2.Consent) and not self._is_whole()):
            return ()
        unknown = tuple(one.path for one in self.unknown)
        return standing_grants([Word(self.statement.digest, self.statement.claims, self.message, unknown)])

    def _is_whole(self) -> bool:
        return Sensitivity.ADMINISTRATIVE in self.statement.complete_classes()

    def says_no_onward_release(self) -> bool:
        """Whether its author laid NO_ONWARD_RELEASE on it. A withdrawal follows what it takes back all the same."""
        if self.statement.claims.kind == WITHDRAWAL:
            return False
        return self._is_bound(self.statement.claims.restrictions)

    def _is_bound(self, restrictions: Iterable[Restriction]) -> bool:
        """Say whether one of them is NO_ONWARD_RELEASE, on all of it or on a field that is shown."""
        paths = [one.path for one in self.statement.fields()]
        return any(
            one.code == NO_ONWARD_RELEASE and (not one.field_paths or any(map(one.binds, paths)))
            for one in restrictions
        )

    def is_withheld_from_others(self) -> bool:
        """Whether its author does not want it released onward: by its own word, or by what was added to it.

        What was added because of a statement inside binds for that one, which is asked itself.
        """
        if self.says_no_onward_release():
            return True
        added = self._is_bound(map(restriction_of, self.exhibit.restrictions))
        return added and not any(one.is_withheld_from_others() for one in self.inside)

    def unreadable(self) -> str:
        """Return the code of what in it, or inside it, is too new to be obeyed; empty for nothing."""
        own = find_unreadable(self.statement.claims, self.unknown)
        return own or next((code for one in self.inside if (code := one.unreadable())), "")

    def doubt(self) -> str:
        """Return the code of why it, or what is inside it, is not believed yet; empty for nothing."""
        return "signer-revoked" if any(one.revoked for one in self.walk()) else ""


def find_unreadable(claims: Claims, unknown: Iterable[Field]) -> str:
    """Return the code of a restriction or handling instruction that is too new to be obeyed, or nothing.

    Args:
        claims: what the statement says in clear.
        unknown: its fields that the schema here does not know.
    """
    known = terms_pb2.RestrictionCode.keys()
    if any(one.code not in known for one in claims.restrictions):
        return "unknown-restriction"
    paths = [one.path for one in unknown]
    found = (code for code, pattern in _UNREADABLE.items() if any(map(pattern.search, paths)))
    return next(found, "")


def verify_exhibits(
    message: Message, signers: Signers, judged_at: int, where: str = _WHERE
) -> list[ShownExhibit]:
    """Return the exhibits that `message` shows, verified as far as their fields are there.

    Args:
        message: any message; those without exhibits have none.
        signers: who signs for whom.
        judged_at: unix time at which revocation is judged, where no log proves an earlier one.
        where: how refusals name the place.

    Raises:
        StatementError, IdentityError, TrustError, InvalidMessageError: one does not verify. That a signer
            has been revoked since is for the caller to judge (`ShownExhibit.doubt`).
    """
    shown = _verify_all(message, _Judge(signers, judged_at, where))
    _check_fields(shown, where)
    return shown


def require_signers(shown: Iterable[ShownExhibit]) -> None:
    """Raise `IdentityError` if the signer of an exhibit, or of one inside it, has been revoked since."""
    if any(one.doubt() for one in shown):
        raise IdentityError("the signer of an exhibit is revoked", where=_WHERE, reason="revoked")


def check_lineage(shown: Iterable[ShownExhibit], carrier: Claims, where: str = _WHERE) -> None:
    """Raise `StatementError` if lineage in a referral is shown to whom its author does not let see it.

    Only a desk that reads the lineage can judge this: when the mail came, the daemon saw none of it.

    Args:
        shown: what the carrier encloses, verified.
        carrier: the claims of the carrier.
        where: how the refusal names the place.
    """
    found = [one for outer in shown for one in outer.walk()]
    grants = [grant for one in found for grant in one.grants()]
    for release in (release for one in found for release in _lineage_releases(one, carrier)):
        if not any(covers(grant, release) for grant in grants):
            raise StatementError(
                f"the lineage in a referral is not for {release.third_party}",
                where=where,
                reason="lineage-not-for-them",
            )


def _lineage_releases(one: ShownExhibit, carrier: Claims) -> Iterator[Release]:
    """Yield, for each addressee of the carrier, that it is shown the lineage in a referral of another."""
    said = one.statement.claims
    if not isinstance(one.message, trace_pb2.Referral) or said.iss == carrier.iss:
        return
    fields = one.statement.fields()
    told = lineage_in(one.message, fields)
    answers = {".".join(f.path.split(".")[:2]) for f in told}
    for member in sorted({*carrier.aud} - {said.iss}) if told else ():
        yield Release(
            digest=one.statement.digest,
            issuer=said.iss,
            thread=said.thread,
            forwarder=carrier.iss,
            third_party=member,
            day=instant(carrier.iat)[:10],
            item_ids=shown_items(f for f in fields if is_within(f.path, answers)),
            shown_paths=shown_paths(told),
            purpose=carrier.purpose,
            shown_classes=frozenset(f.sensitivity for f in told),
        )


def disclosures_of(exhibit: share_pb2.Exhibit, sensitivity: Sensitivity) -> Any:
    """Return the list of an exhibit that holds the disclosures of this class."""
    return getattr(exhibit, f"{sensitivity.lower()}_disclosures")


@dataclass(frozen=True, slots=True)
class _Judge:
    """What exhibits are verified by; `where` is how refusals name the place."""

    signers: Signers
    judged_at: int
    where: str


def _verify_all(
    message: Message | None, judge: _Judge, parent: Proven | None = None, *, depth: int = 1
) -> list[ShownExhibit]:
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    found = []
    for place, one in enumerate(exhibits):
        if depth > 1 and not one.HasField("jws"):  # left out by the forwarder
            continue
        if depth > DEPTH_LIMIT:
            raise StatementError("exhibits stand in exhibits too deep", where=judge.where, reason="too-deep")
        verified, proven, revoked = _verify(one, judge, parent)
        assembled = _assemble(verified)
        said = assembled.message if assembled else None
        unknown = assembled.unknown if assembled else ()
        inside = tuple(_verify_all(said, judge, proven, depth=depth + 1))
        found.append(ShownExhibit(one, verified, proven, revoked, said, unknown, inside, place))
    return found


def _assemble(verified: VerifiedExhibit) -> schema.Assembled | None:
    kind = verified.claims.kind
    return schema.assemble(kind, verified.fields()) if kind in schema.KINDS else None


def _verify(
    exhibit: share_pb2.Exhibit, judge: _Judge, parent: Proven | None
) -> tuple[VerifiedExhibit, Proven | None, bool]:
    """Return the statement, by when it was there, and whether its signer was revoked before that."""
    where = judge.where
    if not exhibit.issuer_certificates:
        raise StatementError("an exhibit comes without its signer", where=where, reason="no-signer")
    certificate, identity = judge.signers.prove_signer(exhibit.issuer_certificates)
    listed = [(one, text) for one in Sensitivity for text in disclosures_of(exhibit, one)]
    untrusted = UntrustedStatement(exhibit.jws, tuple(text for _, text in listed))
    verified = verify_exhibit(untrusted, certificate, issuer=identity.member)
    if encode_b64(verified.digest) != exhibit.statement_digest:
        raise StatementError("an exhibit is another than it says", where=where, reason="other-exhibit")
    if [one for one, _ in listed] != [d.sensitivity for d in verified.disclosures]:
        raise StatementError("a disclosure is listed for another class", where=where, reason="wrong-list")
    proven = _find_proven(exhibit, verified, judge, parent)
    # One addressee alone may have an interest in the time: his word moves no key's end (`casefile`).
    at = judge.judged_at if proven is None or proven.alone else min(proven.time, judge.judged_at)
    return verified, proven, _is_revoked(judge.signers, identity, verified.claims.iat, at)


def _find_proven(
    exhibit: share_pb2.Exhibit, verified: VerifiedExhibit, judge: _Judge, parent: Proven | None
) -> Proven | None:
    """Return the earliest proven time; raise `StatementError` where a log is quoted about something else."""
    if not exhibit.proofs:
        return parent
    try:
        deliveries = read_envelope_proofs(exhibit.proofs, verified, LogReader(judge.signers.all_logs()))
    except VerificationError as error:
        raise StatementError(
            "a log entry beside an exhibit is about something else", where=judge.where, reason="other-proof"
        ) from error
    own = earliest_proven(deliveries, verified.claims.iss)
    return earliest_of(one for one in (own, parent) if one is not None)


def _is_revoked(signers: Signers, identity: Identity, signed_at: int, judged_at: int) -> bool:
    """Say whether the signer is revoked; raise `IdentityError` if it was not valid when it signed."""
    try:
        signers.check_signer(identity, signed_at=signed_at, judged_at=judged_at)
    except IdentityError as error:
        if error.reason != "revoked":
            raise
        return True
    return False


def _check_fields(shown: Iterable[ShownExhibit], where: str) -> None:
    """Refuse an exhibit that shows a field which the consent it names leaves out."""
    found = list(shown)
    grants = [grant for one in found for grant in one.grants()]
    for one in found:
        named = [grant for grant in grants if encode_b64(grant.digest) == one.exhibit.consent_digest]
        if not named or named[0].digest == one.statement.digest:
            continue
        fields = one.statement.fields()
        if not any(all(grant.names(f.path, f.sensitivity) for f in fields) for grant in named):
            raise StatementError(
                "a field is shown that the consent leaves out", where=where, reason="beyond-consent"
            )

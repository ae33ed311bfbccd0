"""Enclosing statements of others, or our own, in a referral or a share: fewer fields, the signature whole.

The officer names statements; the node opens them as the officer's desk, through the gate for
`forward`, and encloses what is left: only the items concerned, only the fields consented to.
What is dropped is named, and the counters stay, so that the receiver sees how much is missing.

What its author does not want released onward goes on only with the author's consent for this
receiver (ITI 15(c)), be it the statement itself or one that it encloses: the consent goes along, and
its conditions, and all restrictions of what is inside, are laid on the exhibit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.message import Message

from tracepost.node.gate import Action
from tracepost.node.handlers.casebook import instant
from tracepost.node.handlers.compartments import part_digests
from tracepost.node.handlers.office import Office, Officer
from tracepost.node.handlers.opening import Opened, Opener, load_sealed
from tracepost.node.handlers.shown_exhibits import (
    NO_ONWARD_RELEASE,
    ShownExhibit,
    disclosures_of,
    require_signers,
    verify_exhibits,
)
from tracepost.node.handlers.thread import CLEAR_CLASSES, Thread, open_thread, read_clear_part
from tracepost.node.papers import Papers
from tracepost.node.ports import Tx
from tracepost.node.records import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.consent import Grant, Release, is_within, shown_items, shown_paths
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.statement import Disclosure, Restriction
from tracepost.wire.v1 import desk_pb2, share_pb2, terms_pb2, trace_pb2

_RESTRICTIONS_LIMIT = 64  # of the schema
_EXHIBITS_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Released:
    """A statement that the gate let a desk forward; `decision` is the digest of its table."""

    statement: StatementDigest
    decision: bytes


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Exhibits that were made for a draft, the photographs that go with them, and what the log will say."""

    exhibits: tuple[share_pb2.Exhibit, ...] = ()
    parts: tuple[bytes, ...] = field(default=(), repr=False)
    released: tuple[Released, ...] = ()

    def complete(self, message: Message) -> Message:
        """Return a copy of `message` with the exhibits, and with the consent that allows them."""
        completed: Any = type(message)()
        completed.CopyFrom(message)
        if self.exhibits:
            del completed.exhibits[:]
            completed.exhibits.extend(self.exhibits)
        if isinstance(completed, trace_pb2.Referral) and not completed.consent_digest and self.exhibits:
            completed.consent_digest = self.exhibits[0].consent_digest
        result: Message = completed
        return result


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One statement to enclose, and what of it; no items: all that are consented to.

    `by_consent`: whatever its author says, nothing goes without a consent. `clear_only`: it is a consent
    that goes along to prove itself.
    """

    digest: StatementDigest
    items: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()
    consent: str = ""
    by_consent: bool = False
    clear_only: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """An exhibit, the photographs that it names, and the consents that it rests on."""

    exhibit: share_pb2.Exhibit
    parts: tuple[bytes, ...]
    grants: tuple[Grant, ...]


class Enclosing:
    """Makes exhibits for drafts that need them. Reads the store; safe from any thread."""

    def __init__(self, office: Office, opener: Opener, papers: Papers) -> None:
        self._office = office
        self._opener = opener
        self._papers = papers

    def wanted(self, draft: desk_pb2.Draft) -> bool:
        """Say whether this draft encloses statements."""
        return draft.content.WhichOneof("kind") in ("referral", "share")

    def enclose(
        self, tx: Tx, officer: Officer, draft: desk_pb2.Draft, thread: Thread | None, now: int
    ) -> Enclosed:
        """Return the exhibits of `draft` at `now`, unix seconds.

        Raises what the gate, a consent or the store says against it.
        """
        if not self.wanted(draft):
            return Enclosed()
        to = tuple(MemberId(m) for m in draft.to)
        wanted = (
            _referred(draft.content.referral, thread, to)
            if draft.content.HasField("referral")
            else _shared(draft.content.share)
        )
        desk = self._office.desk(officer.choose_desk(draft.desk))
        counter = _Counter(tx, self._office.member, to, instant(now)[:10], _purpose_of(draft, thread))
        opened: list[Opened] = []
        made: list[_Made] = []
        while wanted:  # the consents that these rest on follow them
            found = load_sealed(tx, _find(tx, wanted), desk.desk)
            some = [self._opener.open(s, desk, Action.FORWARD) for s in found]
            made += [self._exhibit(o, w, counter) for o, w in zip(some, wanted, strict=True)]
            opened += some
            wanted = _proofs(made, {o.record.digest for o in opened})
        if len(made) > _EXHIBITS_LIMIT:
            raise InvalidInputError("too many statements to enclose", where="exhibits", reason="too-many")
        parts = {digest: part for o in opened for digest, part in o.parts.items()}
        kept = {digest for one in made for digest in one.parts}
        released = tuple(Released(o.record.digest, o.decision) for o in opened)
        return Enclosed(tuple(m.exhibit for m in made), tuple(parts[d] for d in sorted(kept)), released)

    def _exhibit(self, opened: Opened, wanted: _Wanted, counter: _Counter) -> _Made:
        signed, record = opened.statement, opened.record
        bound = not wanted.clear_only and (wanted.by_consent or _is_bound(record, self._office.member))
        grants = counter.need(_own_release(record, wanted.items)) if bound else ()
        cut = _Cut(wanted, grants)
        kept = [d for d in signed.disclosures if d.is_counter or cut.keeps(d, signed.disclosures)]
        inside = self._inside(record, kept)
        for one in inside:
            if one.is_withheld_from_others() and one.statement.claims.iss != self._office.member:
                grants = (*grants, *counter.need(_inner_release(one)))
        certificate, _ = self._papers.certificate(signed.certificate_sha256, signed.claims.iss)
        path = self._papers.path_of(certificate, signed.claims.iss)
        exhibit = share_pb2.Exhibit(
            jws=signed.jws,
            issuer_certificates=[c.public_bytes(Encoding.DER) for c in path[:-1]],
            statement_digest=encode_b64(signed.digest),
            consent_digest=(encode_b64(grants[0].digest) if grants else wanted.consent) or None,
            dropped=_name_dropped([d.path for d in signed.disclosures], {d.path for d in kept}),
            restrictions=_added_restrictions(signed.claims.restrictions, inside, grants),
        )
        for one_kept in kept:
            disclosures_of(exhibit, one_kept.sensitivity).append(one_kept.encoded)
        return _Made(exhibit, tuple(p for d in kept for p in part_digests(d)), grants)

    def _inside(self, record: StatementRecord, kept: Iterable[Disclosure]) -> list[ShownExhibit]:
        """Return the statements that go on inside this one, at any depth."""
        if record.kind not in schema.KINDS:
            return []
        fields = [schema.Field(d.path, d.sensitivity, d.value) for d in kept if not d.is_counter]
        message = schema.assemble(record.kind, fields).message
        shown = verify_exhibits(message, self._papers, record.stored_at)
        require_signers(shown)
        if any(one.unreadable() for one in shown):
            raise _too_new()
        return [inner for outer in shown for inner in outer.walk()]


class _Counter:
    """Where consents are asked for: those that stand in the cases that are here."""

    def __init__(self, tx: Tx, us: MemberId, to: Sequence[MemberId], day: str, purpose: str) -> None:
        self._tx = tx
        self._us = us
        self._to = to
        self._day = day
        self._purpose = purpose
        self._threads: dict[ThreadId, Thread] = {}

    def need(self, release: Release) -> tuple[Grant, ...]:
        """Return a consent for each addressee; raise `PermissionError_` where there is none."""
        here = replace(release, forwarder=self._us, day=self._day, purpose=self._purpose)
        asked = [replace(here, third_party=member) for member in self._to]
        return tuple(self._thread(release.thread).need_grant(one) for one in asked)

    def _thread(self, name: ThreadId) -> Thread:
        if name not in self._threads:
            self._threads[name] = open_thread(name, self._us, self._tx.statements.in_threads([name]))
        return self._threads[name]


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which fields go on: what is wanted, as far as every consent allows it."""

    wanted: _Wanted
    grants: tuple[Grant, ...]

    def keeps(self, one: Disclosure, all_of_it: Sequence[Disclosure]) -> bool:
        """Say whether this field goes on."""
        if is_within(one.path, self.wanted.dropped):
            return False
        named = [self.wanted.items, *(grant.item_ids for grant in self.grants)]
        if not all(_of_items(one, all_of_it, items) for items in named if items):
            return False
        if one.sensitivity in CLEAR_CLASSES:
            return True
        limits = [grant.field_paths for grant in self.grants if grant.field_paths]
        return not self.wanted.clear_only and all(is_within(one.path, paths) for paths in limits)


def _find(tx: Tx, wanted: Sequence[_Wanted]) -> list[StatementRecord]:
    found = tx.statements.find([w.digest for w in wanted])
    if any(w.digest not in found for w in wanted):
        raise InvalidInputError(
            "a statement to enclose is not here", where="exhibits", reason="unknown-statement"
        )
    return [found[w.digest] for w in wanted]


def _proofs(made: Iterable[_Made], enclosed: set[StatementDigest]) -> list[_Wanted]:
    """Return the consents that are not enclosed yet, each once."""
    needed = dict.fromkeys(grant.digest for one in made for grant in one.grants)
    return [_Wanted(digest, clear_only=True) for digest in needed if digest not in enclosed]


def _purpose_of(draft: desk_pb2.Draft, thread: Thread | None) -> str:
    """Return what the forwarder will claim that it is for: what the draft says, else what its case is for."""
    if draft.purpose:
        return terms_pb2.Purpose.Name(draft.purpose)
    first = thread.first() if thread else None
    return read_clear_part(first.admin_json).purpose if first else ""


def _referred(referral: trace_pb2.Referral, thread: Thread | None, to: Sequence[MemberId]) -> list[_Wanted]:
    if thread is None or not to:
        raise InvalidInputError("a referral names its case and its addressee", where="to", reason="to-whom")
    request = parse_digest(referral.request_digest, "request_digest")
    return [_Wanted(request, frozenset(referral.item_ids), by_consent=True)]


def _shared(share: share_pb2.Share) -> list[_Wanted]:
    return [
        _Wanted(
            parse_digest(e.statement_digest, f"exhibits.{i}.statement_digest"),
            dropped=tuple(e.dropped),
            consent=e.consent_digest,
        )
        for i, e in enumerate(share.exhibits)
    ]


def _is_bound(record: StatementRecord, us: MemberId) -> bool:
    restrictions = read_clear_part(record.admin_json).restrictions
    return record.iss != us and NO_ONWARD_RELEASE in {r.code for r in restrictions}


def _own_release(record: StatementRecord, items: frozenset[str]) -> Release:
    """Return what is wanted of a statement; what a consent leaves out of it is cut afterwards."""
    return Release(record.digest, record.iss, record.thread, record.iss, record.iss, "", items)


def _inner_release(one: ShownExhibit) -> Release:
    claims, fields = one.statement.claims, one.statement.fields()
    return Release(
        digest=one.statement.digest,
        issuer=claims.iss,
        thread=claims.thread,
        forwarder=claims.iss,
        third_party=claims.iss,
        day="",
        item_ids=shown_items(fields),
        shown_paths=shown_paths(fields),
    )


def _of_items(one: Disclosure, all_of_it: Sequence[Disclosure], items: frozenset[str]) -> bool:
    """Say whether a field is of one of `items`, or of none in particular."""
    if one.path.startswith(("items.", "answers.")):
        return bool(shown_items(_siblings(one, all_of_it)) & items)
    named = one.value.get("item_ids") if isinstance(one.value, dict) else None
    return not isinstance(named, list) or not named or any(item in items for item in named)


def _siblings(one: Disclosure, all_of_it: Sequence[Disclosure]) -> Iterator[schema.Field]:
    element = ".".join(one.path.split(".")[:2])
    for other in all_of_it:
        if is_within(other.path, (element,)):
            yield schema.Field(other.path, other.sensitivity, other.value)


def _name_dropped(paths: Iterable[str], kept: set[str]) -> list[str]:
    """Return what is left out; an element of a list that is left out whole goes by its prefix alone."""
    elements = {_element(path) for path in kept}
    return sorted(
        {path if _element(path) in elements else _element(path) for path in paths if path not in kept}
    )


def _element(path: str) -> str:
    parts = path.split(".")[:2]
    return ".".join(parts) if len(parts) == 2 and parts[1].isdecimal() else path


def _added_restrictions(
    own: Sequence[Restriction], inside: Iterable[ShownExhibit], grants: Iterable[Grant]
) -> list[terms_pb2.Restriction]:
    """Return what binds the receiver beside the author's own restrictions: they only accumulate."""
    known: Mapping[str, Any] = dict(terms_pb2.RestrictionCode.items())
    shown = list(inside)
    signed = [*own, *(r for one in shown for r in one.statement.claims.restrictions)]
    if any(one.code not in known for one in signed):
        raise _too_new()
    added = [
        *(terms_pb2.Restriction(code=known[r.code], until=r.until, detail=r.detail) for r in signed),
        *(r for one in shown for r in one.exhibit.restrictions),
        *(r for grant in grants for r in grant.conditions),
    ]
    named = {one.SerializeToString(deterministic=True): one for one in added}
    for one in added[: len(own)]:
        named.pop(one.SerializeToString(deterministic=True), None)
    if len(named) > _RESTRICTIONS_LIMIT:
        raise InvalidInputError("too many restrictions", where="exhibits", reason="too-many")
    return list(named.values())


def _too_new() -> PermissionError_:
    return PermissionError_(
        "it has a restriction or instruction that this version does not know",
        where="exhibits",
        reason="unknown-restriction",
    )

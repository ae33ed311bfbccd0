"""Enclosing statements of others, or our own, in a referral or a share: fewer fields, the signature whole.

The officer names statements; the node opens them as the officer's desk, through the gate for
`forward`, and encloses what is left: only the items concerned, only the fields consented to.
What is dropped is named, and the counters stay, so that the receiver sees how much is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.message import Message

from tracepost.node.gate import Action
from tracepost.node.handlers.compartments import part_digests
from tracepost.node.handlers.office import Office, Officer
from tracepost.node.handlers.opening import Opened, Opener, load_sealed
from tracepost.node.handlers.thread import Thread, clear_message, read_clear_part
from tracepost.node.papers import Papers
from tracepost.node.ports import Tx
from tracepost.node.records import StatementRecord
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.protocol.ids import MemberId, StatementDigest, encode_b64, parse_digest
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Disclosure
from tracepost.wire.v1 import desk_pb2, share_pb2, terms_pb2, trace_pb2

_NO_ONWARD_RELEASE = "RESTRICTION_CODE_NO_ONWARD_RELEASE"


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

    def complete(self, message: Message, thread: Thread, to: Sequence[MemberId]) -> Message:
        """Return a copy of `message` with the exhibits, and with the consent that allows them."""
        completed: Any = type(message)()
        completed.CopyFrom(message)
        if self.exhibits:
            del completed.exhibits[:]
            completed.exhibits.extend(self.exhibits)
        if isinstance(completed, trace_pb2.Referral) and not completed.consent_digest and to:
            consent = thread.consent_for(to[0], MemberId(completed.requester))
            completed.consent_digest = encode_b64(consent) if consent else ""
        result: Message = completed
        return result


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One statement to enclose: which fields, by whose consent."""

    digest: StatementDigest
    items: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    consent: str = ""


class Enclosing:
    """Makes exhibits for drafts that need them. Reads the store; safe from any thread."""

    def __init__(self, office: Office, opener: Opener, papers: Papers) -> None:
        self._office = office
        self._opener = opener
        self._papers = papers

    def nothing(self) -> Enclosed:
        """Return what a draft without exhibits encloses."""
        return Enclosed()

    def wanted(self, draft: desk_pb2.Draft) -> bool:
        """Say whether this draft encloses statements."""
        return draft.content.WhichOneof("kind") in ("referral", "share")

    def enclose(self, tx: Tx, officer: Officer, draft: desk_pb2.Draft, thread: Thread | None) -> Enclosed:
        """Return the exhibits of `draft`; raise what the gate, the consent or the store says against it."""
        if not self.wanted(draft):
            return Enclosed()
        to = [MemberId(m) for m in draft.to]
        wanted = (
            _referred(draft.content.referral, thread, to)
            if draft.content.HasField("referral")
            else _shared(draft.content.share)
        )
        desk = self._office.desk(officer.choose_desk(draft.desk))
        records = self._find(tx, wanted, thread, to)
        opened = [self._opener.open(s, desk, Action.FORWARD) for s in load_sealed(tx, records, desk.desk)]
        made = [self._exhibit(o, w) for o, w in zip(opened, wanted, strict=True)]
        parts = {digest: part for o in opened for digest, part in o.parts.items()}
        kept = {d for exhibit, digests in made for d in digests}
        released = tuple(Released(o.record.digest, o.decision) for o in opened)
        return Enclosed(tuple(e for e, _ in made), tuple(parts[d] for d in sorted(kept)), released)

    def _find(
        self, tx: Tx, wanted: Sequence[_Wanted], thread: Thread | None, to: Iterable[MemberId]
    ) -> list[StatementRecord]:
        found = tx.statements.find([w.digest for w in wanted])
        missing = [w for w in wanted if w.digest not in found]
        if missing:
            raise InvalidInputError(
                "a statement to enclose is not here", where="exhibits", reason="unknown-statement"
            )
        records = [found[w.digest] for w in wanted]
        for record in records:
            _check_release(record, thread, to, self._office.member)
        return records

    def _exhibit(self, opened: Opened, wanted: _Wanted) -> tuple[share_pb2.Exhibit, list[bytes]]:
        signed = opened.statement
        kept = [d for d in signed.disclosures if d.is_counter or _is_kept(d, signed.disclosures, wanted)]
        dropped = sorted({d.path for d in signed.disclosures} - {d.path for d in kept})
        certificate, _ = self._papers.certificate(signed.certificate_sha256, signed.claims.iss)
        exhibit = share_pb2.Exhibit(
            jws=signed.jws,
            issuer_certificates=[certificate.public_bytes(Encoding.DER)],
            statement_digest=encode_b64(signed.digest),
            consent_digest=wanted.consent or None,
            dropped=dropped,
            restrictions=[_restriction(r.code, r.until, r.detail) for r in signed.claims.restrictions],
        )
        for one in kept:
            disclosures_of(exhibit, one.sensitivity).append(one.encoded)
        return exhibit, [digest for d in kept for digest in part_digests(d)]


def disclosures_of(exhibit: share_pb2.Exhibit, sensitivity: Sensitivity) -> Any:
    """Return the list of an exhibit that holds the disclosures of this class."""
    return getattr(exhibit, f"{sensitivity.lower()}_disclosures")


def _referred(referral: trace_pb2.Referral, thread: Thread | None, to: Sequence[MemberId]) -> list[_Wanted]:
    if thread is None or not to:
        raise InvalidInputError("a referral names its case and its addressee", where="to", reason="to-whom")
    request = parse_digest(referral.request_digest, "request_digest")
    consent = thread.consent_for(to[0], MemberId(referral.requester))
    if consent is None:
        raise PermissionError_(
            f"{referral.requester} has not consented that {to[0]} sees its request",
            where="to",
            reason="no-consent",
            remedy=f"Ask first: tracepost trace consent CASE --ask --third-party {to[0]}.",
        )
    fields = _consented_fields(thread, consent)
    wanted = [_Wanted(request, frozenset(referral.item_ids), fields, (), encode_b64(consent))]
    return wanted if consent == request else [*wanted, _Wanted(consent)]


def _consented_fields(thread: Thread, consent: StatementDigest) -> tuple[str, ...]:
    record = thread.find(consent)
    message = clear_message(record) if record else None
    return tuple(message.field_paths) if isinstance(message, trace_pb2.Consent) else ()


def _shared(share: share_pb2.Share) -> list[_Wanted]:
    return [
        _Wanted(
            parse_digest(e.statement_digest, f"exhibits.{i}.statement_digest"),
            dropped=tuple(e.dropped),
            consent=e.consent_digest,
        )
        for i, e in enumerate(share.exhibits)
    ]


def _check_release(
    record: StatementRecord, thread: Thread | None, to: Iterable[MemberId], us: MemberId
) -> None:
    """ITI 15(c): what another said not to pass on goes on only with its consent for this receiver."""
    restrictions = {r.code for r in read_clear_part(record.admin_json).restrictions}
    if record.iss == us or _NO_ONWARD_RELEASE not in restrictions:
        return
    for member in to:
        if thread is None or thread.consent_for(member, record.iss) is None:
            raise PermissionError_(
                f"{record.iss} has not consented that {member} sees this",
                where="exhibits",
                reason="no-consent",
            )


def _is_kept(one: Disclosure, all_of_it: Sequence[Disclosure], wanted: _Wanted) -> bool:
    if any(one.path == p or one.path.startswith(p + ".") for p in wanted.dropped):
        return False
    if wanted.items and not _of_items(one.path, all_of_it, wanted.items):
        return False
    clear = one.sensitivity in (Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE)
    within = any(one.path == p or one.path.startswith(p + ".") for p in wanted.fields)
    return clear or not wanted.fields or within


def _of_items(path: str, all_of_it: Sequence[Disclosure], items: frozenset[str]) -> bool:
    """Say whether `path` lies outside of items, or in one of `items`."""
    if not path.startswith("items."):
        return True
    index = path.split(".")[1]
    return any(d.path == f"items.{index}.id" and d.value in items for d in all_of_it)


def _restriction(code: str, until: str | None, detail: str | None) -> terms_pb2.Restriction:
    return terms_pb2.Restriction(code=code, until=until, detail=detail)

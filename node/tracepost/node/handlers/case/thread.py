"""A case as its statements tell it: who takes part, what was asked, who consented to what.

Only ADMINISTRATIVE and PUBLIC fields are looked at, so that no desk need be unlocked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson
from google.protobuf.message import Message

from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.consent import Grant, Release, Word, find_gap, standing_grants
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.lifecycle import in_order
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import COUNTER_PATH, Claims, Restriction, Statement
from tracepost.wire.v1 import inquiry_pb2, loss_pb2, office_pb2, panel_pb2, seizure_pb2, trace_pb2

REQUEST = "trace.request/1"
REFERRAL = "trace.referral/1"
SHARE = "share/1"
# Taken also from who does not belong to the case, to whom others passed on what stands in it: it brings nobody in.
_FROM_ANYBODY = frozenset({"release.notice/1", "trace.withdrawal/1"})
_NAMED = 12  # so many fields a refusal names
CLEAR_CLASSES = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})


@dataclass(frozen=True, slots=True)
class ClearPart:
    """What a statement says to the daemon itself: the claims beside its record, and the clear fields.

    `deleted_at` (unix seconds): it was deleted then, and nothing else is left of it; 0, if it was not.
    """

    aud: tuple[MemberId, ...]
    purpose: str
    legal_basis: str
    restrictions: tuple[Restriction, ...]
    exercise: bool
    fields: tuple[Field, ...]
    deleted_at: int = 0


def write_clear_part(statement: Statement) -> bytes:
    """Return the clear part of a statement as it is stored: JSON, no field above ADMINISTRATIVE."""
    claims = statement.claims
    document: dict[str, Any] = {
        "aud": claims.aud,
        "purpose": claims.purpose,
        "legal_basis": claims.legal_basis,
        "restrictions": [[r.code, r.until, r.detail, r.field_paths] for r in claims.restrictions],
        "exercise": claims.exercise,
        "fields": [[f.path, f.sensitivity, f.value] for f in clear_fields(statement)],
    }
    return orjson.dumps(document)


def record_of(
    statement: Statement, *, direction: Direction, in_effect: bool, envelope_id: EnvelopeId, now: int
) -> StatementRecord:
    """Return what lists and the fold need of a statement that is kept in the body of `envelope_id`."""
    claims = statement.claims
    return StatementRecord(
        digest=statement.digest,
        iss=claims.iss,
        jti=claims.jti,
        kind=claims.kind,
        thread=claims.thread,
        in_reply_to=claims.in_reply_to,
        desk=claims.desk,
        iat=claims.iat,
        direction=direction,
        in_effect=in_effect,
        envelope_id=envelope_id,
        stored_at=now,
        admin_json=write_clear_part(statement),
    )


def clear_fields(statement: Statement) -> list[Field]:
    """Return the fields of a statement that the daemon itself may read."""
    return [
        Field(path, sensitivity, value)
        for _, path, value, sensitivity in statement.disclosures
        if sensitivity in CLEAR_CLASSES and path != COUNTER_PATH
    ]


@lru_cache(maxsize=1024)
def read_clear_part(stored: bytes) -> ClearPart:
    """Return the clear part that `write_clear_part` wrote."""
    document = orjson.loads(stored)
    return ClearPart(
        aud=tuple(document["aud"]),
        purpose=document["purpose"],
        legal_basis=document["legal_basis"],
        restrictions=tuple(map(_read_restriction, document["restrictions"])),
        exercise=document["exercise"],
        fields=tuple(Field(path, Sensitivity(c), value) for path, c, value in document["fields"]),
        deleted_at=document.get("deleted_at", 0),
    )


def _read_restriction(stored: Sequence[Any]) -> Restriction:
    code, until, detail, *paths = stored  # without paths, as it was stored before fields could be bound
    return Restriction(code, until, detail, tuple(paths[0]) if paths else ())


def strip_clear_part(stored: bytes, now: int) -> bytes:
    """Return what is left of a clear part when its statement is deleted at `now`: to whom it was, and that."""
    clear = read_clear_part(stored)
    return orjson.dumps(
        {
            "aud": clear.aud,
            "purpose": clear.purpose,
            "legal_basis": clear.legal_basis,
            "restrictions": [],
            "exercise": clear.exercise,
            "fields": [],
            "deleted_at": now,
        }
    )


def claims_of(record: StatementRecord) -> Claims:
    """Return the claims of a stored statement."""
    clear = read_clear_part(record.admin_json)
    return Claims(
        iss=record.iss,
        aud=clear.aud,
        iat=record.iat,
        jti=record.jti,
        kind=record.kind,
        thread=record.thread,
        in_reply_to=record.in_reply_to,
        desk=record.desk,
        purpose=clear.purpose,
        legal_basis=clear.legal_basis,
        restrictions=clear.restrictions,
        exercise=clear.exercise,
    )


def clear_message(record: StatementRecord) -> Message | None:
    """Return the message of a stored statement with its clear fields alone.

    None for an unknown kind, and for one that was deleted.
    """
    if record.kind not in schema.KINDS or read_clear_part(record.admin_json).deleted_at:
        return None
    return schema.assemble(record.kind, read_clear_part(record.admin_json).fields).message


def line_of(record: StatementRecord) -> office_pb2.StatementLine:
    """Return what a list says of a stored statement, whether it was deleted or not."""
    return office_pb2.StatementLine(
        statement=encode_b64(record.digest),
        kind=record.kind,
        from_member=record.iss,
        thread=record.thread,
        exercise=read_clear_part(record.admin_json).exercise or None,
    )


def refuse_release(release: Release, reason: str) -> PermissionError_:
    """Return why something does not go on: who has not consented to what, for what use, and how to ask for just that.

    Named are the fields above ADMINISTRATIVE that would go, or what they stand in; none: they are not known here.
    """
    who, to, paths = release.issuer, release.third_party, sorted(release.shown_paths)
    use = release.purpose.removeprefix("PURPOSE_").lower().replace("_", "-")
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    told = f": {', '.join(paths[:_NAMED])}{more}" if paths else ""
    asked = "".join(f" --path {path}" for path in paths[:_NAMED]) if not more else ""
    named = f" --statement {encode_b64(release.digest)} --for {use}{asked}" if use else ""
    return PermissionError_(
        f"{who} has not consented that {to} sees this{f' for {use}' if use else ''}{told}",
        where="to",
        reason=reason,
        remedy=f"Ask first: tracepost trace consent CASE --ask --third-party {to}{named}.",
        members=(who,),
    )


@dataclass(frozen=True, slots=True)
class Thread:
    """The statements in effect of one case, in its order, as `us` holds them."""

    id: ThreadId
    us: MemberId
    records: tuple[StatementRecord, ...]

    @property
    def requests(self) -> tuple[StatementRecord, ...]:
        """The requests, oldest first. A referral brings the request of another as an exhibit."""
        return tuple(r for r in self.records if r.kind == REQUEST)

    @property
    def asks(self) -> bool:
        """Whether anything is asked in this case: a trace, here or by referral."""
        return any(r.kind in (REQUEST, REFERRAL) for r in self.records)

    @property
    def participants(self) -> frozenset[MemberId]:
        """All that wrote or were addressed."""
        wrote = {r.iss for r in self.records}
        return frozenset(wrote.union(*(read_clear_part(r.admin_json).aud for r in self.records)))

    def others(self) -> tuple[MemberId, ...]:
        """The participants beside us, by id."""
        return tuple(sorted(self.participants - {self.us}))

    def first(self) -> StatementRecord | None:
        """The statement that opened the case here."""
        return self.records[0] if self.records else None

    def find(self, digest: StatementDigest) -> StatementRecord | None:
        """The statement with this digest."""
        return next((r for r in self.records if r.digest == digest), None)

    def item_ids(self) -> frozenset[str]:
        """Ids of all items asked or told about in this case."""
        return frozenset().union(*map(items_of, self.records))

    def grants(self, author: MemberId) -> tuple[Grant, ...]:
        """What `author` consents to now, as far as this case tells it."""
        return standing_grants(_words(self.records, author))

    def need_grant(self, release: Release) -> Grant:
        """Return the newest consent that covers `release`; raise `PermissionError_` if there is none.

        A release that names no items is of those that the consent names.
        """
        gaps = ["no-consent"]
        for grant in reversed(self.grants(release.issuer)):
            gap = find_gap(grant, replace(release, item_ids=release.item_ids or grant.item_ids))
            if not gap:
                return grant
            gaps.append(gap)
        raise refuse_release(release, next((gap for gap in gaps if gap != "no-consent"), "no-consent"))

    @property
    def requesters(self) -> frozenset[MemberId]:
        """Whose case it is. Where we asked, it is ours, whoever asks something in it meanwhile."""
        if any(r.iss == self.us for r in self.requests):
            return frozenset({self.us})
        referred = (MemberId(m.requester) for _, m in self._referrals())
        return frozenset({*(r.iss for r in self.requests), *referred})

    def takes_referral(self, iss: MemberId, requester: str) -> bool:
        """Whether a referral by `iss` is of this case, not of another under the same name."""
        if not self.records or requester in self.requesters:
            return True
        return not self.requesters and self.admits(iss)

    def admits(self, member: MemberId) -> bool:
        """Whether `member` belongs to the case: asked, was asked, or was let in by who asked.

        Whom a statement is addressed to, other than a request or referral, says nothing: else anybody
        in the case could bring in whom he likes. With whom we share something of it, we know ourselves.
        """
        ours = [r for r in self.requests if r.iss == self.us]
        if member in {r.iss for r in self.requests}:
            return True
        if any(member in read_clear_part(r.admin_json).aud for r in ours or self.requests):
            return True
        if any(self._is_let_in(member, r) for r in ours or self.requests) or self._was_shown(member):
            return True
        referrals = [] if ours else list(self._referrals())
        if any(member in (r.iss, m.requester, *read_clear_part(r.admin_json).aud) for r, m in referrals):
            return True
        return not self.requests and not referrals and member in self._correspondents()

    def _was_shown(self, member: MemberId) -> bool:
        shares = (r for r in self.records if r.iss == self.us and r.kind == SHARE)
        return any(member in read_clear_part(r.admin_json).aud for r in shares)

    def _is_let_in(self, member: MemberId, request: StatementRecord) -> bool:
        about = ("", encode_b64(request.digest))
        return any(g.third_party == member and g.about in about for g in self.grants(request.iss))

    def _correspondents(self) -> set[MemberId]:
        """Who writes, and to whom we wrote, where nobody asked for a trace; and who got the notice that we got first.

        A notice to a group is everybody's in it to reply to. What came later names nobody: its author could
        bring in whom he likes into what another opened.
        """
        opening = min(self.records, key=lambda r: r.stored_at, default=None)
        named = [r for r in self.records if r.iss == self.us or r is opening]
        writers = {r.iss for r in self.records if r.kind not in _FROM_ANYBODY}
        return writers.union(*(read_clear_part(r.admin_json).aud for r in named))

    def _referrals(self) -> Iterator[tuple[StatementRecord, trace_pb2.Referral]]:
        for record in self.records:
            message = clear_message(record) if record.kind == REFERRAL else None
            if isinstance(message, trace_pb2.Referral):
                yield record, message


def open_thread(thread: ThreadId, us: MemberId, records: Iterable[StatementRecord]) -> Thread:
    """Return the case of these statements."""
    return Thread(thread, us, tuple(in_order(records)))


def reply_digest(thread: Thread, text: str, addressees: Sequence[MemberId]) -> StatementDigest | None:
    """Return what a draft replies to: the statement it names, else the newest that all addressees hold.

    One of an addressee's own goes before others. A node waits for what a statement replies to, so what
    an addressee never had is not named; who answers a referral names the request that it encloses.
    """
    known = [*_known(thread)]
    if text:
        named = next((k.digest for k in known if encode_b64(k.digest) == text), None)
        if named is None:
            raise InvalidInputError(
                "no such statement in this case", where="in_reply_to", reason="unknown-statement"
            )
        return named
    shared = [k for k in known if k.holders.issuperset(addressees)]
    theirs = [k for k in shared if k.author in addressees]
    return next((k.digest for k in reversed(theirs or shared)), None)


@dataclass(frozen=True, slots=True)
class _Known:
    digest: StatementDigest
    author: MemberId
    holders: frozenset[MemberId]


def _known(thread: Thread) -> Iterator[_Known]:
    """Yield the statements of a case, oldest first, with who has them as far as we know."""
    for record in thread.records:
        message = clear_message(record) if record.kind == REFERRAL else None
        if isinstance(message, trace_pb2.Referral):
            requester = MemberId(message.requester)
            request = parse_digest(message.request_digest, "request_digest")
            yield _Known(request, requester, frozenset({requester, record.iss}))
        holders = {record.iss, *read_clear_part(record.admin_json).aud}
        yield _Known(record.digest, record.iss, frozenset(holders))


def _words(records: Iterable[StatementRecord], author: MemberId) -> Iterator[Word]:
    for record in records:
        message = clear_message(record) if record.iss == author else None
        if message is not None:
            yield Word(record.digest, claims_of(record), message)


# What lists items under ids that the case knows them by. A hit does not: it tells of other things, seen elsewhere.
_LISTING = (
    trace_pb2.TraceRequest,
    trace_pb2.Amendment,
    seizure_pb2.SeizureNotice,
    loss_pb2.LossNotice,
    panel_pb2.PanelRequest,
    panel_pb2.DocumentedItem,
)


def items_of(record: StatementRecord) -> frozenset[str]:
    """Return the ids of the items that a statement asks or tells about."""
    message = clear_message(record)
    if isinstance(message, _LISTING):
        return frozenset(item.id for item in message.items)
    if isinstance(message, inquiry_pb2.Letter):
        return frozenset(item.id for item in message.request.items)
    return frozenset(message.item_ids) if isinstance(message, trace_pb2.Referral) else frozenset()

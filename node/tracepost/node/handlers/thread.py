"""A case as its statements tell it: who takes part, what was asked, who consented to what.

Only ADMINISTRATIVE and PUBLIC fields are looked at, so that no desk need be unlocked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from google.protobuf.message import Message

from tracepost.node.records import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64, parse_digest
from tracepost.protocol.lifecycle import in_order
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Claims, Restriction, Statement
from tracepost.wire.v1 import trace_pb2

REQUEST = "trace.request/1"
REFERRAL = "trace.referral/1"
CLEAR_CLASSES = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})


@dataclass(frozen=True, slots=True)
class ClearPart:
    """What a statement says to the daemon itself: the claims beside its record, and the clear fields."""

    aud: tuple[MemberId, ...]
    purpose: str
    legal_basis: str
    restrictions: tuple[Restriction, ...]
    exercise: bool
    fields: tuple[Field, ...]


def write_clear_part(statement: Statement) -> bytes:
    """Return the clear part of a statement as it is stored: JSON, no field above ADMINISTRATIVE."""
    claims = statement.claims
    document: dict[str, Any] = {
        "aud": claims.aud,
        "purpose": claims.purpose,
        "legal_basis": claims.legal_basis,
        "restrictions": [[r.code, r.until, r.detail] for r in claims.restrictions],
        "exercise": claims.exercise,
        "fields": [
            [f.path, f.sensitivity, f.value] for f in statement.fields() if f.sensitivity in CLEAR_CLASSES
        ],
    }
    return orjson.dumps(document)


@lru_cache(maxsize=4096)
def read_clear_part(stored: bytes) -> ClearPart:
    """Return the clear part that `write_clear_part` wrote."""
    document = orjson.loads(stored)
    return ClearPart(
        aud=tuple(document["aud"]),
        purpose=document["purpose"],
        legal_basis=document["legal_basis"],
        restrictions=tuple(Restriction(*r) for r in document["restrictions"]),
        exercise=document["exercise"],
        fields=tuple(Field(path, Sensitivity(c), value) for path, c, value in document["fields"]),
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
    """Return the message of a stored statement with its clear fields alone; None for an unknown kind."""
    if record.kind not in schema.KINDS:
        return None
    return schema.assemble(record.kind, read_clear_part(record.admin_json).fields).message


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
        """Ids of all items asked about in this case."""
        return frozenset(_item_ids(self.records))

    def consent_for(self, member: MemberId, requester: MemberId) -> StatementDigest | None:
        """The requester's word that `member` may see its request: the request itself, or the newest consent."""
        granted: StatementDigest | None = None
        for record in self.records:
            if record.iss == requester:
                granted = _consent(record, member, granted)
        return granted

    def admits(self, member: MemberId) -> bool:
        """Whether an answer of `member` was to be expected: it takes part, or our request was referred to it."""
        return member in self.participants or self.consent_for(member, self.us) is not None


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


def _consent(
    record: StatementRecord, member: MemberId, before: StatementDigest | None
) -> StatementDigest | None:
    message = clear_message(record)
    if isinstance(message, trace_pb2.TraceRequest | trace_pb2.Amendment):
        return record.digest if member in message.referral_consents else before
    if not isinstance(message, trace_pb2.Consent) or message.third_party != member:
        return before
    if message.step == trace_pb2.CONSENT_STEP_ASKED:
        return before
    decided = message.step == trace_pb2.CONSENT_STEP_DECIDED
    return record.digest if decided and message.decision == trace_pb2.CONSENT_DECISION_GRANTED else None


def _item_ids(records: Iterable[StatementRecord]) -> Iterator[str]:
    for record in records:
        message = clear_message(record)
        if isinstance(message, trace_pb2.TraceRequest | trace_pb2.Amendment):
            yield from (item.id for item in message.items)
        elif isinstance(message, trace_pb2.Referral):
            yield from message.item_ids

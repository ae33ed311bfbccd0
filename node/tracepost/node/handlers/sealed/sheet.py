"""One statement as it is shown: what a desk sees of it, how it came or went, what is hidden or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.thread import CLEAR_CLASSES, claims_of
from tracepost.node.handlers.sealed.shortfalls import Shortfall
from tracepost.node.ports.store import Tx
from tracepost.node.records.mail import ReceivedMail, SentMail
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidMessageError, TracepostError
from tracepost.protocol.ids import StatementDigest, encode_b64
from tracepost.protocol.problems import make_problem
from tracepost.protocol.restricting import show_restriction
from tracepost.protocol.schema import Field
from tracepost.protocol.statement import Statement
from tracepost.wire.v1 import desk_pb2, terms_pb2


@dataclass(frozen=True, slots=True)
class Sight:
    """What a desk sees of one statement; `problem` says why it is less than it might be, or wrong.

    `shortfalls` is what of that its author did, or our store, and not the gate.
    """

    record: StatementRecord
    fields: tuple[Field, ...] = ()
    hidden: tuple[desk_pb2.ClassCount, ...] = ()
    problem: TracepostError | None = None
    locked: bool = False
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def is_classed(self) -> bool:
        """Whether anything above ADMINISTRATIVE is shown."""
        return any(one.sensitivity not in CLEAR_CLASSES for one in self.fields)


@dataclass(frozen=True, slots=True)
class Ways:
    """How the statements of a case came or went, by statement."""

    sent: dict[StatementDigest, list[SentMail]]
    received: dict[StatementDigest, list[ReceivedMail]]


def read_ways(tx: Tx, records: Sequence[StatementRecord]) -> Ways:
    """Return how these statements came or went."""
    digests = [r.digest for r in records]
    sent: dict[StatementDigest, list[SentMail]] = {}
    received: dict[StatementDigest, list[ReceivedMail]] = {}
    for mail in tx.dispatches.of_statements(digests):
        sent.setdefault(mail.statement, []).append(mail)
    for one in tx.inbox.of_statements(digests):
        received.setdefault(one.statement, []).append(one)
    return Ways(sent, received)


def show(sight: Sight, ways: Ways) -> desk_pb2.StatementView:
    """Return the statement as officers are shown it."""
    record, claims = sight.record, claims_of(sight.record)
    content, unknown = _content(record.kind, sight.fields)
    received = ways.received.get(record.digest, [])
    return desk_pb2.StatementView(
        statement=encode_b64(record.digest),
        kind=record.kind,
        from_member=record.iss,
        from_desk=record.desk,
        to=claims.aud,
        issued_at=instant(record.iat),
        in_reply_to=encode_b64(record.in_reply_to) if record.in_reply_to else None,
        purpose=_code(terms_pb2.Purpose, claims.purpose),
        legal_basis=_code(terms_pb2.LegalBasis, claims.legal_basis),
        restrictions=[show_restriction(r) for r in claims.restrictions],
        exercise=claims.exercise,
        content=content,
        hidden=sight.hidden,
        unknown=[_unknown_field(f) for f in unknown],
        dispatches=[_dispatch(m) for m in ways.sent.get(record.digest, [])],
        state=f"MAIL_STATE_{received[-1].state}" if received else None,
        desk_locked=sight.locked or None,
        problem=make_problem(sight.problem) if sight.problem else None,
    )


def _content(kind: str, fields: Sequence[Field]) -> tuple[desk_pb2.Content | None, Iterable[Field]]:
    """Return the message that these fields make, and what of them this version cannot name."""
    if kind not in schema.KINDS:
        return None, fields
    try:
        assembled = schema.assemble(kind, fields)
    except InvalidMessageError:  # the sight tells it as a problem
        return None, fields
    name = _CONTENT.get(assembled.message.DESCRIPTOR.full_name)
    if name is None:
        return None, fields
    content = desk_pb2.Content()
    said: Any = getattr(content, name)
    said.CopyFrom(assembled.message)
    said.SetInParent()
    return content, assembled.unknown


_CONTENT = {f.message_type.full_name: f.name for f in desk_pb2.Content.DESCRIPTOR.fields if f.message_type}


def count_hidden(shown: Statement) -> Iterator[desk_pb2.ClassCount]:
    """Yield how much of each signed class is not shown, as far as its counter tells."""
    for sensitivity, count in shown.counts().items():
        left = count.total - count.shown if count.total is not None else 0
        if left or count.total is None:
            yield desk_pb2.ClassCount(
                of_class=f"SENSITIVITY_{sensitivity}", fields=left, exact=count.total is not None
            )
    for group in shown.unknown:
        known = group.fields is not None
        yield desk_pb2.ClassCount(class_name=group.name, fields=group.fields or 0, exact=known)


def _unknown_field(one: Field) -> desk_pb2.UnknownField:
    return desk_pb2.UnknownField(
        path=one.path, of_class=f"SENSITIVITY_{one.sensitivity}", value_json=orjson.dumps(one.value).decode()
    )


def _dispatch(mail: SentMail) -> desk_pb2.Dispatch:
    return desk_pb2.Dispatch(
        to=mail.queue.to_member,
        envelope_id=mail.id.hex(),
        via=mail.queue.via,
        state=f"MAIL_STATE_{mail.state}",
    )


def _code(codes: Any, name: str) -> Any:
    """Return the code of this name; None for one of a newer schema."""
    return name if name in codes.keys() else None  # noqa: SIM118 - an enum wrapper is no mapping

"""To tell the author of a statement what of it could not be used here: one `error/1` that names all its classes.

An officer is there whenever it is sent: it goes out when a desk reads, or is unlocked. Another follows only
for classes that were not named yet, where another desk misses more. A peer must not decide how much an
officer signs: one call tells of a few statements, the next one of the others. What the audit trail says of
it is written once, however often the statement is read. An `error/1` is never answered by one, so two nodes
cannot go on telling each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracepost.node.handlers.case.office import Officer
from tracepost.node.handlers.case.thread import clear_message
from tracepost.node.handlers.sealed.shortfalls import Shortfall
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.ids import DeskId, MemberId, StatementDigest, encode_b64
from tracepost.wire.v1 import desk_pb2, options_pb2, trace_pb2

ERROR = schema.kind_of(trace_pb2.Error())

# So many statements of an officer's, at most, in one reading or unlocking.
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class _Told:
    """What was said to the author of a statement before: how often, and of which classes."""

    times: int = 0
    classes: frozenset[str] = frozenset()


class Complaints:
    """One per process; used on the event loop."""

    def __init__(self, us: MemberId, sending: Sending, store: Store, clock: Callable[[], int]) -> None:
        self._us = us
        self._sending = sending
        self._store = store
        self._clock = clock
        self._one_after_the_other = asyncio.Lock()

    async def note(self, desk: DeskId, shortfalls: Sequence[Shortfall]) -> None:
        """Write into the audit trail what was found at `desk`, unless it stands there."""
        events = [self._event(desk, one) for one in shortfalls]
        if events and await self._store.read(lambda tx: _fresh(tx, events)):
            await self._store.write(lambda tx: tx.audit.append(_fresh(tx, events)), label="audit")

    async def tell(self, officer: Officer, desk: DeskId, shortfalls: Sequence[Shortfall]) -> None:
        """Write down what was found at `desk`, and send its authors word of what they did.

        What cannot be sent now, for want of the author's papers for instance, or because it is too much at
        once, is tried again at the next reading.
        """
        await self.note(desk, shortfalls)
        faulty = _by_statement(one for one in shortfalls if _is_to_be_told(one))
        async with self._one_after_the_other:
            left, start = _AT_ONCE, 0
            while left and start < len(faulty):
                some = faulty[start : start + _AT_ONCE]
                left -= await self._tell(officer, desk, some, left)
                start += _AT_ONCE

    async def _tell(
        self, officer: Officer, desk: DeskId, faulty: Sequence[Sequence[Shortfall]], most: int
    ) -> int:
        """Tell of `most` of these statements that were not told of; return of how many it could be sent."""
        drafts = await self._store.read(lambda tx: list(self._drafts(tx, desk, faulty))[:most])
        answers = await self._sending.tell(officer, drafts) if drafts else []
        return sum(not answer.HasField("problem") for answer in answers)

    def _event(self, desk: DeskId, one: Shortfall) -> AuditEvent:
        subject = encode_b64(one.record.digest)
        if one.classes:
            return AuditEvent(self._clock(), desk, "incomplete", subject, ",".join(one.classes))
        return AuditEvent(
            self._clock(), desk, "does-not-open", subject, f"{one.error.code}/{one.error.reason}"
        )

    def _drafts(
        self, tx: Tx, desk: DeskId, faulty: Sequence[Sequence[Shortfall]]
    ) -> Iterator[desk_pb2.Draft]:
        """Yield what is still to be told, a draft for each statement."""
        said = tx.statements.in_threads(sorted({some[0].record.thread for some in faulty}))
        told = _told_by(record for record in said if record.iss == self._us)
        for some in faulty:
            before = told.get(encode_b64(some[0].record.digest), _Told())
            classes = [c for c in _classes_of(some) if c not in before.classes]
            if classes or not before.times:
                yield _draft(some[0], desk, classes, before.times)


def _is_to_be_told(one: Shortfall) -> bool:
    return one.is_of_author and one.record.in_effect and one.record.kind != ERROR


def _by_statement(shortfalls: Iterable[Shortfall]) -> list[list[Shortfall]]:
    """Return what is wrong with each statement, the gravest first as it was found."""
    found: dict[StatementDigest, list[Shortfall]] = {}
    for one in shortfalls:
        found.setdefault(one.record.digest, []).append(one)
    return list(found.values())


def _classes_of(shortfalls: Iterable[Shortfall]) -> list[str]:
    """Return the classes that are not whole, each once, as `error/1` names them."""
    return list(dict.fromkeys(f"SENSITIVITY_{c}" for one in shortfalls for c in one.classes))


def _told_by(ours: Iterable[StatementRecord]) -> dict[str, _Told]:
    """Return what statements of ours tell of others, by the digest of the one told of."""
    told: dict[str, _Told] = {}
    for message in (clear_message(record) for record in ours if record.kind == ERROR):
        if isinstance(message, trace_pb2.Error):
            before = told.get(message.statement_digest, _Told())
            named = map(options_pb2.Sensitivity.Name, message.classes)
            told[message.statement_digest] = _Told(before.times + 1, before.classes.union(named))
    return told


def _draft(one: Shortfall, desk: DeskId, classes: Sequence[str], times: int) -> desk_pb2.Draft:
    digest = encode_b64(one.record.digest)
    error = trace_pb2.Error(
        code=one.error.code,
        statement_digest=digest,
        envelope_id=one.copy,
        where=None if classes else one.error.where or None,
        classes=classes,
    )
    return desk_pb2.Draft(
        idempotency_key=f"{ERROR} {digest} {times}",
        to=[one.record.iss],
        thread=one.record.thread,
        in_reply_to=digest,
        desk=desk,
        content=desk_pb2.Content(error=error),
    )


def _fresh(tx: Tx, events: Sequence[AuditEvent]) -> list[AuditEvent]:
    """Return those of `events` that the trail does not tell yet, whenever that was."""
    known = {_said(one.event) for one in tx.audit.about([e.subject for e in events])}
    return [event for event in events if _said(event) not in known]


def _said(event: AuditEvent) -> tuple[str, ...]:
    return event.actor, event.action, event.subject, event.outcome

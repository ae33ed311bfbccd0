"""To tell the author of a statement what of it could not be used here: an `error/1`, once for each class.

An officer is there whenever it is sent: it goes out when a desk reads, or is unlocked. What the audit
trail says of it is written once, however often the statement is read. An `error/1` is never answered
by one, so two nodes cannot go on telling each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

from tracepost.node.handlers.office import Officer
from tracepost.node.handlers.sending import Sending
from tracepost.node.handlers.shortfalls import Shortfall
from tracepost.node.handlers.thread import clear_message
from tracepost.node.ports import Store, Tx
from tracepost.node.records import AuditEvent, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.ids import DeskId, MemberId, encode_b64
from tracepost.wire.v1 import desk_pb2, options_pb2, trace_pb2

ERROR = schema.kind_of(trace_pb2.Error())

_Told = tuple[str, str]
"""A statement and a class of it that its author was told of, as `error/1` names them; no class: the whole."""


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

        What cannot be sent now, for want of the author's papers for instance, is tried again at the next
        reading.
        """
        await self.note(desk, shortfalls)
        to_tell = [one for one in shortfalls if _is_to_be_told(one)]
        if not to_tell:
            return
        async with self._one_after_the_other:
            drafts = await self._store.read(lambda tx: list(self._drafts(tx, desk, to_tell)))
            if drafts:
                await self._sending.submit(officer, drafts)

    def _event(self, desk: DeskId, one: Shortfall) -> AuditEvent:
        subject = encode_b64(one.record.digest)
        if one.classes:
            return AuditEvent(self._clock(), desk, "incomplete", subject, ",".join(one.classes))
        return AuditEvent(
            self._clock(), desk, "does-not-open", subject, f"{one.error.code}/{one.error.reason}"
        )

    def _drafts(self, tx: Tx, desk: DeskId, shortfalls: Iterable[Shortfall]) -> Iterator[desk_pb2.Draft]:
        """Yield what is still to be told, a draft for each statement and class."""
        said = tx.statements.in_threads(sorted({one.record.thread for one in shortfalls}))
        told = {about for record in said if record.iss == self._us for about in _told_by(record)}
        for one in shortfalls:
            for name in [f"SENSITIVITY_{c}" for c in one.classes] or [""]:
                about = (encode_b64(one.record.digest), name)
                if about not in told:
                    told.add(about)
                    yield _draft(one, desk, about)


def _is_to_be_told(one: Shortfall) -> bool:
    return one.is_of_author and one.record.in_effect and one.record.kind != ERROR


def _told_by(record: StatementRecord) -> Iterator[_Told]:
    message = clear_message(record) if record.kind == ERROR else None
    if isinstance(message, trace_pb2.Error):
        for name in map(options_pb2.Sensitivity.Name, message.classes) if message.classes else [""]:
            yield message.statement_digest, name


def _draft(one: Shortfall, desk: DeskId, about: _Told) -> desk_pb2.Draft:
    digest, name = about
    error = trace_pb2.Error(
        code=one.error.code,
        statement_digest=digest,
        envelope_id=one.copy,
        where=None if name else one.error.where or None,
        classes=[name] if name else [],
    )
    return desk_pb2.Draft(
        idempotency_key=f"{ERROR} {digest} {name.removeprefix('SENSITIVITY_')}",
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

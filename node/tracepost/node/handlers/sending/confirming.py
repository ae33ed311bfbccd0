"""To tell an author that what it wanted deleted by a day has been: a `trace.withdrawal/1` with step DELETED.

The node says it for the point of contact, as soon as that desk is unlocked; what cannot be said now is said later.
"""

from __future__ import annotations

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.sending.sending import Sending
from tracepost.node.ports.store import Store
from tracepost.node.records.statements import Tombstone
from tracepost.wire.v1 import desk_pb2, trace_pb2

_AT_ONCE = 32


class Confirming:
    """One per process; used on the event loop."""

    def __init__(self, office: Office, sending: Sending, store: Store) -> None:
        self._office = office
        self._sending = sending
        self._store = store

    async def keep_up(self) -> int:
        """Tell authors what was deleted and they were not told of; return of how many statements it was sent."""
        owed = await self._store.read(lambda tx: tx.tombstones.unsettled()[:_AT_ONCE])
        desk = next((one.desk for one in self._office.desks if one.reader.point_of_contact), None)
        if not owed or desk is None:
            return 0
        drafts = [_draft(one, desk) for one in owed]
        answers = await self._sending.submit(Officer("node", (desk,)), drafts)
        sent = [one.statement for one, a in zip(owed, answers, strict=True) if not a.HasField("problem")]
        if sent:
            await self._store.write(lambda tx: tx.tombstones.settle(sent), label="settle")
        return len(sent)


def _draft(one: Tombstone, desk: str) -> desk_pb2.Draft:
    said = trace_pb2.Withdrawal(step=trace_pb2.WITHDRAWAL_STEP_DELETED, deleted_at=instant(one.deleted_at))
    return desk_pb2.Draft(
        idempotency_key=f"deleted {one.statement.hex()}",
        to=[one.owed_to],
        thread=one.thread,
        desk=desk,
        content=desk_pb2.Content(withdrawal=said),
    )

"""Nothing is released unlogged: who was let see which statement stands in our log before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracepost.node.gate import Action, Gate
from tracepost.node.handlers.office import Office, Officer, OwnDesk
from tracepost.node.ports import Store, Tx
from tracepost.node.records import AuditEvent, Direction, StatementRecord
from tracepost.protocol.evidence import Opened, prepare_line
from tracepost.protocol.ids import DeskId, encode_b64
from tracepost.protocol.sealing import Random


class DisclosureLog:
    """Writes one log entry and one audit event for each statement that is released."""

    def __init__(
        self, *, office: Office, gate: Gate, store: Store, clock: Callable[[], int], random: Random
    ) -> None:
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock
        self._random = random

    async def record(
        self, records: Sequence[StatementRecord], officer: Officer, desk: OwnDesk, action: Action
    ) -> None:
        """Keep durably that `officer` may do `action` with these statements at `desk`; then they may be shown."""
        if not records:
            return
        now = self._clock()
        entries = [self._entry(r, officer, desk, action, now) for r in records]

        def keep(tx: Tx) -> None:
            numbers = tx.log.append([prepare_line(e, self._random) for e in entries])
            tx.audit.append([_audit(e, n) for e, n in zip(entries, numbers, strict=True)])

        await self._store.write(keep, label=f"log-{action}")

    def _entry(
        self, record: StatementRecord, officer: Officer, desk: OwnDesk, action: Action, now: int
    ) -> Opened:
        context = self._office.context(desk, author_of(record))
        decision = bytes.fromhex(self._gate.digest(desk.reader, action, context))
        return Opened(record.digest, desk.desk, officer.label, str(action), decision, now)


def author_of(record: StatementRecord) -> DeskId | None:
    """Return the desk of ours that wrote a statement; None if it is another member's."""
    return record.desk if record.direction is Direction.OURS else None


def _audit(entry: Opened, log_number: int) -> AuditEvent:
    subject = encode_b64(entry.statement)
    return AuditEvent(entry.time, entry.officer, entry.action, subject, entry.desk, log_number)

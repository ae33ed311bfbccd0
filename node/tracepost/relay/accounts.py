"""What a relay writes down about itself: audit events and metrics; of envelopes, counts only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection, delete, func, select

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import MemberId
from tracepost.relay.store import RelayStore
from tracepost.relay.streams import Switchboard
from tracepost.relay.tables import AUDIT
from tracepost.relay.usage import Side, read_usage
from tracepost.serving.interceptors import CallEvent
from tracepost.serving.storage.rows import insert_rows
from tracepost.serving.telemetry import Meter

_AUDIT_LIMIT: Final = 100_000


class RelayAudit:
    """The audit of a relay: calls, and what was refused on them. Durable before it returns."""

    def __init__(self, store: RelayStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def record(self, event: CallEvent) -> None:
        """Keep one call (`Auditor`)."""
        member = event.caller.member if event.caller else ""
        action = event.method.rpartition("/")[2]
        row = (event.at, member, action, event.outcome, event.reason)
        await self._store.write(partial(insert_rows, table=AUDIT, rows=[row]), label="audit")

    async def refused(self, member: MemberId, errors: Sequence[TracepostError]) -> None:
        """Keep what was not accepted of the announcements of `member`."""
        job = partial(note_refusals, now=self._clock(), member=member, errors=errors)
        await self._store.write(job, label="audit")

    async def refused_more(self, member: MemberId, counts: Mapping[tuple[str, str], int]) -> None:
        """Keep how often else things of a pouch of `member` were not accepted, by code and reason."""
        now = self._clock()
        rows = [
            (now, member, "frame", code, f"{reason}, and {count} more")
            for (code, reason), count in counts.items()
        ]
        await self._store.write(partial(insert_rows, table=AUDIT, rows=rows), label="audit")


def note_refusals(
    connection: Connection, now: int, member: MemberId, errors: Sequence[TracepostError]
) -> None:
    """Write down what was not accepted of a frame of `member`, in the transaction that settles it."""
    rows = [(now, member, "frame", error.code, error.reason) for error in errors]
    insert_rows(connection, AUDIT, rows)


def prune_audit(connection: Connection) -> None:
    """Forget all but the newest hundred thousand events."""
    last = connection.execute(select(func.max(AUDIT.c.number))).scalar() or 0
    connection.execute(delete(AUDIT).where(AUDIT.c.number <= last - _AUDIT_LIMIT))


class RelayMetrics:
    """Counts by member; nothing that depends on what is in an envelope."""

    def __init__(self, meter: Meter) -> None:
        self.kept = meter.counter("envelopes_kept", "Envelopes taken into custody.", ("member",))
        self.forwarded = meter.counter("envelopes_forwarded", "Envelopes sent to addressees.", ("member",))
        self.delivered = meter.counter("envelopes_delivered", "Envelopes receipted.", ("member",))
        self.expired = meter.counter("envelopes_expired", "Envelopes that ended undelivered.", ("member",))
        self.refused = meter.counter("things_refused", "Parts of frames refused.", ("member", "code"))
        self._waiting = meter.gauge("envelopes_waiting", "Envelopes that wait in a mailbox.", ("member",))
        self._bytes = meter.gauge("bytes_waiting", "Bytes that wait in a mailbox.", ("member",))
        self._streams = meter.gauge("streams_open", "Streams that are open.")
        self._log_size = meter.gauge("log_entries", "Entries of the relay's own log.")

    def look(self, connection: Connection, switchboard: Switchboard, log_size: int) -> None:
        """Set the gauges to what is stored and open now."""
        for (member, side), (envelopes, size_bytes) in read_usage(connection).items():
            if side is Side.MAILBOX:
                self._waiting.labels(member).set(envelopes)
                self._bytes.labels(member).set(size_bytes)
        self._streams.set(switchboard.count())
        self._log_size.set(log_size)

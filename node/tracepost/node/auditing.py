"""Calls, kept: every audited call and every refusal, in the audit trail of the store."""

from __future__ import annotations

from tracepost.node.ports.store import Store
from tracepost.node.records.cases import AuditEvent
from tracepost.serving.interceptors import CallEvent


class NodeAudit:
    """The auditor of a node's interceptor chain."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def record(self, event: CallEvent) -> None:
        """Keep `event`, durably before it returns."""
        caller = f"{event.caller.label}.{event.caller.member}" if event.caller else "nobody"
        if event.via is not None:
            caller = f"{caller} via {event.via.label}"
        outcome = f"{event.outcome}/{event.reason}" if event.reason else event.outcome
        method = event.method.rsplit("/", 1)[-1]
        kept = AuditEvent(event.at, caller, "call", method, outcome)
        await self._store.write(lambda tx: tx.audit.append([kept]), label="audit")

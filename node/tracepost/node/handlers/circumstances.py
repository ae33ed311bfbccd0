"""How a desk of ours stands to a statement in the store: all that the gate is told of it.

    terms = read_terms(tx, [record.thread])[record.thread]
    may = gate.readable(desk.reader, Action.OPEN, context_of(office, desk, record, terms))

Nobody else makes a `Context` for what is stored, so that no reading forgets a circumstance. What the store
says about the case is read once, beside the statements (`opening.load_sealed`); the rest is in the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracepost.node.gate import Context
from tracepost.node.handlers.inward import FOR_NOBODY, inward_by
from tracepost.node.handlers.naming import named_by
from tracepost.node.handlers.office import Office, OwnDesk
from tracepost.node.ports import Tx
from tracepost.node.records import Direction, StatementRecord
from tracepost.protocol.ids import DeskId, ThreadId


@dataclass(frozen=True, slots=True)
class CaseTerms:
    """What a case says about every statement in it; `desks` of ours were put on it, beside those always on."""

    desks: frozenset[DeskId] = frozenset()

    def admit(self, desk: OwnDesk) -> bool:
        """Say whether a desk of ours is on the case."""
        return desk.on_every_case or desk.desk in self.desks


def read_terms(tx: Tx, threads: Iterable[ThreadId]) -> dict[ThreadId, CaseTerms]:
    """Return the terms of each of these cases."""
    wanted = list(dict.fromkeys(threads))
    desks = tx.case_desks.of(wanted)
    return {thread: CaseTerms(desks.get(thread, frozenset())) for thread in wanted}


def context_of(office: Office, desk: OwnDesk, record: StatementRecord, terms: CaseTerms) -> Context:
    """Return what a stored statement, and its case, say about a desk of ours as its reader."""
    is_ours = record.direction is Direction.OURS
    author, inward = (record.desk, inward_by(record)) if is_ours else (None, FOR_NOBODY)
    context = office.context(desk, author, named_by(record), inward=inward)
    return replace(context, on_case=context.on_case or terms.admit(desk))

"""Which desks of ours a case concerns by what is said in it: they are put on it, once (messages.md, 1).

A seizure notice is written for customs and border desks. The desk sees the case from then on, like one that
an officer put on it; an officer who takes it off is not overruled by the next notice of the same sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracepost.node.handlers.audience import Competences
from tracepost.node.handlers.office import OwnDesk
from tracepost.node.ports import Tx
from tracepost.node.records import CaseDesk, StatementRecord
from tracepost.protocol.ids import NODE_DESK, ThreadId
from tracepost.protocol.schema import WRITTEN_FOR


def put_on_cases(tx: Tx, desks: Sequence[OwnDesk], records: Sequence[StatementRecord], now: int) -> None:
    """Put desks on the cases of statements that are new in effect and written for them.

    Args:
        tx: the transaction that puts the statements into effect.
        desks: all of ours.
        records: the new statements.
        now: unix seconds.
    """
    threads = sorted({r.thread for r in records if WRITTEN_FOR.get(r.kind)})
    if not threads:  # nearly always
        return
    new = {r.digest for r in records}
    earlier = [r for r in tx.statements.in_threads(threads) if r.digest not in new]
    on_case = tx.case_desks.of(threads)
    tx.case_desks.put(
        [
            CaseDesk(thread, desk.desk, NODE_DESK, now)
            for thread in threads
            for desk in _concerned(desks, _written_for(records, thread) - _written_for(earlier, thread))
            if desk.desk not in on_case.get(thread, ())
        ]
    )


def written_in(tx: Tx, threads: Iterable[ThreadId]) -> dict[ThreadId, Competences]:
    """Return the competences of the desks that each of these cases is written for."""
    named = list(threads)
    records = tx.statements.in_threads(named)
    return {thread: _written_for(records, thread) for thread in named}


def _concerned(desks: Iterable[OwnDesk], competences: frozenset[str]) -> Iterator[OwnDesk]:
    open_to = (d for d in desks if d.outward and not d.on_every_case)
    return (d for d in open_to if d.reader.competences & competences)


def _written_for(records: Iterable[StatementRecord], thread: ThreadId) -> Competences:
    none: Competences = frozenset()
    return none.union(*(WRITTEN_FOR.get(r.kind, none) for r in records if r.thread == thread))

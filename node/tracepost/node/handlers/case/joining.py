"""Which desks of ours a case concerns by what is said in it: they are put on it, once (messages.md, 1).

A seizure notice is written for customs and border desks, also where somebody passed it on. The desk sees the
case from then on, like one that an officer put on it; an officer who takes it off is not overruled by the next
notice of the same sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracepost.node.handlers.case.audience import Competences
from tracepost.node.handlers.case.concerned import concerned_by
from tracepost.node.handlers.case.office import OwnDesk
from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseDesk
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.ids import NODE_DESK, ThreadId


def put_on_cases(tx: Tx, desks: Sequence[OwnDesk], records: Sequence[StatementRecord], now: int) -> None:
    """Put desks on the cases of statements that are new in effect and written for them.

    Args:
        tx: the transaction that puts the statements into effect.
        desks: all of ours.
        records: the new statements.
        now: unix seconds.
    """
    threads = sorted({r.thread for r in records if concerned_by([r])})
    if not threads:  # nearly always
        return
    new = {r.digest for r in records}
    earlier = [r for r in tx.statements.in_threads(threads) if r.digest not in new]
    on_case = tx.case_desks.of(threads)
    tx.case_desks.put(
        [
            CaseDesk(thread, desk.desk, NODE_DESK, now)
            for thread in threads
            for desk in _concerned(desks, _in_case(records, thread) - _in_case(earlier, thread))
            if desk.desk not in on_case.get(thread, ())
        ]
    )


def _concerned(desks: Iterable[OwnDesk], competences: frozenset[str]) -> Iterator[OwnDesk]:
    open_to = (d for d in desks if d.outward and not d.on_every_case)
    return (d for d in open_to if d.reader.competences & competences)


def _in_case(records: Iterable[StatementRecord], thread: ThreadId) -> Competences:
    return concerned_by(r for r in records if r.thread == thread)

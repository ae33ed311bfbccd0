"""How single statements are to be handled: for lists that show them outside their case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import case_event
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import is_entitled
from tracepost.node.handlers.case.office import Office, OwnDesk
from tracepost.node.handlers.case.thread import clear_message, read_clear_part
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId
from tracepost.protocol.lifecycle import fold
from tracepost.wire.v1 import desk_pb2, terms_pb2

_OWN: Final = "handling_instructions"
_ENCLOSED: Final = "exhibits."
Instructions = tuple[terms_pb2.HandlingInstruction, ...]


def read_handling(
    tx: Tx, office: Office, gate: Gate, desks: Sequence[OwnDesk], records: Iterable[StatementRecord]
) -> dict[StatementDigest, Instructions]:
    """Return the instructions of each statement: its own, and where one of `desks` may read of all of its case also
    those of what it encloses, and of the case.
    """
    told = list(records)
    of_case = _of_cases(tx, office, gate, desks, {one.thread for one in told})

    def of(record: StatementRecord) -> Instructions:
        is_seen = record.thread in of_case
        own = _own(record, office.member, is_seen=is_seen)
        return tuple(sorted({*of_case.get(record.thread, ()), *own}))

    return {one.digest: of(one) for one in told}


def _own(record: StatementRecord, us: MemberId, *, is_seen: bool) -> Instructions:
    """Return what a statement says, and what it encloses if `is_seen`; most say nothing, and are not put together
    for it.
    """
    paths = [one.path for one in read_clear_part(record.admin_json).fields]
    if is_seen and any(path.startswith(_ENCLOSED) for path in paths):
        return fold([case_event(record)], us=us).handling
    if not any(path.startswith(_OWN) for path in paths):
        return ()
    return tuple(getattr(clear_message(record), _OWN, ()))


def _of_cases(
    tx: Tx, office: Office, gate: Gate, desks: Sequence[OwnDesk], threads: Iterable[ThreadId]
) -> Mapping[ThreadId, Instructions]:
    """Return the instructions of the cases of which one of `desks` may read all."""
    terms = read_terms(tx, sorted(threads))
    seen = [
        thread for thread, one in terms.items() if any(is_entitled(office, gate, desk, one) for desk in desks)
    ]
    summaries = {thread: case.summary for thread, case in tx.cases.find(seen).items()}
    return {
        thread: tuple(desk_pb2.CaseSummary.FromString(summaries.get(thread, b"")).handling) for thread in seen
    }
